#include "fault/crash/checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const char *const temporary_tables =
    "create temporary table journal_chunk (submission_id uuid, number int, records int, accepted "
    "int);"
    "create temporary table journal_inquiry (inquiry_id bigint);";

static const struct statement put_chunks = {
    "put_chunks",
    "insert into journal_chunk select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[])"};
static const struct statement put_inquiries = {
    "put_inquiries", "insert into journal_inquiry select unnest($1::bigint[])"};

/* Each answers one number. */
static const struct statement questions[] = {
    {"lost",
     "select count(*) as n from journal_chunk j where j.accepted >= 0 and not exists ("
     " select from cix.submission_chunk c where c.submission_id = j.submission_id"
     " and c.number = j.number and c.accepted = j.accepted and c.record_count = j.records)"},
    {"doubled", "select count(*) as n from (select from cix.performance_delta"
                " group by member_id, account_id, period having count(*) > 1) d"},
    {"partial", "select count(*) as n from cix.submission_chunk c where 4 * ("
                " select count(*) from cix.performance_delta d"
                " where d.submission_id = c.submission_id and d.chunk = c.number) <> c.accepted"},
    {"forged", "select count(*) as n from cix.performance_delta d where not exists ("
               " select from journal_chunk j where j.submission_id = d.submission_id"
               " and j.number = d.chunk)"},
    {"inquiries_lost", "select count(*) as n from journal_inquiry j where 1 <> ("
                       " select count(*) from cix.inquiry i where i.inquiry_id = j.inquiry_id)"},
    {"rebuilt", "select count(*) as n from cix.rebuild_check()"},
};

__attribute__((noreturn)) static void give_up(const struct ctx *ctx)
{
    fprintf(stderr, "checker: %s (%s)\n", ctx->error.message, ctx->error.reason);
    abort();
}

static void script(struct db *db, const char *sql)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, db, sql))
        give_up(&ctx);
    arena_done(&arena);
}

static void load_chunks(struct ctx *ctx, struct db *db, const struct journal_content *content)
{
    size_t count = (size_t)content->chunk_count;
    struct uuid *ids = arena_array(ctx->arena, count, sizeof(*ids));
    int32_t *numbers = arena_array(ctx->arena, count, sizeof(*numbers));
    int32_t *records = arena_array(ctx->arena, count, sizeof(*records));
    int32_t *accepted = arena_array(ctx->arena, count, sizeof(*accepted));
    struct params params;

    for (size_t i = 0; i < count; i++) {
        ids[i] = content->chunks[i].submission_id;
        numbers[i] = content->chunks[i].number;
        records[i] = content->chunks[i].records;
        accepted[i] = content->chunks[i].accepted;
    }
    params_init(&params, ctx->arena);
    params_uuids(&params, ids, NULL, content->chunk_count);
    params_int4s(&params, numbers, NULL, content->chunk_count);
    params_int4s(&params, records, NULL, content->chunk_count);
    params_int4s(&params, accepted, NULL, content->chunk_count);
    if (!db_run(ctx, db, &put_chunks, &params, NULL))
        give_up(ctx);
}

void checker_load(struct db *db, const struct journal_content *content)
{
    struct params params;
    struct arena arena;
    struct ctx ctx;

    script(db, temporary_tables);
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    load_chunks(&ctx, db, content);
    params_init(&params, &arena);
    params_int8s(&params, content->inquiries, NULL, content->inquiry_count);
    if (!db_run(&ctx, db, &put_inquiries, &params, NULL))
        give_up(&ctx);
    arena_done(&arena);
}

static int64_t answer_of(struct ctx *ctx, struct db *db, const struct statement *question)
{
    static const struct params none;
    struct rows rows = {0};
    int64_t answer;

    if (!db_run(ctx, db, question, &none, &rows))
        give_up(ctx);
    CHECK(rows_next(&rows));
    answer = rows_int8(&rows, rows_column(&rows, "n"));
    rows_done(&rows);
    return answer;
}

void checker_run(struct db *db, struct verdict *verdict)
{
    int64_t *answers[] = {&verdict->lost,   &verdict->doubled,        &verdict->partial,
                          &verdict->forged, &verdict->inquiries_lost, &verdict->rebuilt};
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        *answers[i] = answer_of(&ctx, db, &questions[i]);
    arena_done(&arena);
}

bool verdict_is_clean(const struct verdict *verdict)
{
    static const struct verdict clean;

    return !memcmp(verdict, &clean, sizeof(clean));
}

int checker_prove(struct db *db)
{
    static const struct {
        const char *name;
        const char *sql;
    } plants[] = {
        {"loss",
         "delete from cix.submission_chunk where (submission_id, number) in (select submission_id,"
         " number from journal_chunk where accepted >= 0 limit 1)"},
        {"double",
         "insert into cix.performance_delta select (jsonb_populate_record(d, jsonb_build_object("
         "'delta_id', d.delta_id + 1))).* from cix.performance_delta d limit 1"},
        {"change", "update cix.account set balance = balance + 1 where (subject_id, account_id) in"
                   " (select subject_id, account_id from cix.performance_delta limit 1)"},
        {"forged row",
         "insert into cix.performance_delta select (jsonb_populate_record(d, jsonb_build_object("
         "'period', d.period - 1, 'submission_id', gen_random_uuid()))).*"
         " from cix.performance_delta d limit 1"},
    };
    int found = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(plants); i++) {
        struct verdict verdict;
        script(db, "begin");
        script(db, plants[i].sql);
        checker_run(db, &verdict);
        script(db, "rollback");
        if (verdict_is_clean(&verdict))
            fprintf(stderr, "checker: a planted %s was not found\n", plants[i].name);
        else
            found++;
    }
    return found;
}
