#include "fault/crash/checker.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const char *const temporary_tables =
    "create temporary table journal_plan (submission_id uuid primary key, "
    "rival_id uuid,"
    " is_file boolean, is_correction boolean, is_earlier boolean, "
    "is_taken_back boolean, accepted bigint,"
    " commit_us bigint, committed_us bigint);"
    "create temporary table journal_chunk (submission_id uuid, number int, "
    "records int,"
    " months int, facts int, accepted int, intent_us bigint, answer_us bigint,"
    " primary key (submission_id, number));"
    "create temporary table journal_inquiry (inquiry_id bigint);";

static const struct statement put_plans = {
    "put_plans", "insert into journal_plan select * from unnest($1::uuid[], $2::uuid[],"
                 " $3::boolean[], $4::boolean[], $5::boolean[], $6::boolean[], $7::bigint[],"
                 " $8::bigint[], $9::bigint[])"};
static const struct statement put_chunks = {
    "put_chunks", "insert into journal_chunk select * from unnest($1::uuid[], $2::int[],"
                  " $3::int[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::bigint[])"};
static const struct statement put_inquiries = {
    "put_inquiries", "insert into journal_inquiry select unnest($1::bigint[])"};

/* Each answers one number. */
static const struct {
    struct statement statement;
    size_t offset; /* of its count in the verdict */
} questions[] = {
    {{"lost_chunks", "select count(*) as n from journal_chunk j join journal_plan p using "
                     "(submission_id)"
                     " where j.accepted >= 0 and not p.is_earlier and not exists ("
                     " select from cix.submission_chunk c where c.submission_id = "
                     "j.submission_id"
                     " and c.number = j.number and c.record_count = j.records"
                     " and (p.is_file or c.accepted = j.accepted))"},
     offsetof(struct verdict, lost)},
    {{"lost_commits", "select count(*) as n from journal_plan p where "
                      "p.accepted >= 0 and not exists ("
                      " select from cix.submission s where s.submission_id = "
                      "p.submission_id and s.state in (2, 5, 6)"
                      " and s.accepted = p.accepted and s.accepted = ("
                      " select sum(c.accepted) from cix.submission_chunk c"
                      " where c.submission_id = s.submission_id))"},
     offsetof(struct verdict, lost)},
    {{"doubled_lines", "select count(*) as n from (select from cix.performance_delta"
                       " where restored_by is null group by submission_id, chunk, line having "
                       "count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"doubled_facts",
      "select count(*) as n from (select from cix.fact"
      " where restored_by is null group by member_id, kind, fact_id having count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"doubled_months", "select count(*) as n from (select from cix.performance_delta d"
                        " join journal_plan p using (submission_id) where not p.is_correction "
                        "and d.restored_by is null"
                        " group by d.member_id, d.account_id, d.period having count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"doubled_files", "select count(*) as n from journal_plan p"
                       " join cix.submission s using (submission_id)"
                       " join cix.submission r on r.submission_id = p.rival_id"
                       " where s.state = 2 and r.state = 2"},
     offsetof(struct verdict, doubled)},
    {{"partial", "select count(*) as n from journal_chunk j"
                 " left join cix.submission_chunk c using (submission_id, number)"
                 " left join cix.submission s using (submission_id)"
                 " where (select count(*) from cix.performance_delta d"
                 " where d.submission_id = j.submission_id and d.chunk = j.number"
                 " and d.restored_by is null) <> case when c.number is null or (s.mode = "
                 "2 and s.state not in (2, 5, 6)) then 0"
                 " else j.months - c.rejected end"},
     offsetof(struct verdict, partial)},
    {{"partial_facts", "select count(*) as n from journal_chunk j"
                       " left join cix.submission_chunk c using (submission_id, number)"
                       " left join cix.submission s using (submission_id)"
                       " where (select count(*) from cix.fact f"
                       " where f.submission_id = j.submission_id and f.chunk = j.number"
                       " and f.restored_by is null)"
                       " <> case when c.number is null or (s.mode = 2 and s.state not in (2, 5, "
                       "6)) then 0"
                       " else j.facts end"},
     offsetof(struct verdict, partial)},
    {{"forged_facts", "select count(*) as n from cix.fact f where not exists ("
                      " select from journal_chunk j where j.submission_id = f.submission_id"
                      " and j.number = f.chunk)"},
     offsetof(struct verdict, forged)},
    {{"forged", "select count(*) as n from cix.performance_delta d where not exists ("
                " select from journal_chunk j where j.submission_id = d.submission_id"
                " and j.number = d.chunk)"},
     offsetof(struct verdict, forged)},
    {{"disordered", "with version as (select d.account_id, d.period, d.delta_id,"
                    " case when p.is_file then p.commit_us else j.intent_us end as begun_us,"
                    " case when p.is_file then p.committed_us else j.answer_us end as "
                    "ended_us"
                    " from cix.performance_delta d join journal_plan p using (submission_id)"
                    " join journal_chunk j on j.submission_id = d.submission_id and j.number "
                    "= d.chunk"
                    " where p.is_correction and d.restored_by is null)"
                    " select count(*) as n from version a join version b using (account_id, "
                    "period)"
                    " where a.delta_id > b.delta_id and a.ended_us > 0 and a.ended_us < "
                    "b.begun_us"},
     offsetof(struct verdict, disordered)},
    {{"not_taken_back", "select count(*) as n from journal_plan p"
                        " join cix.submission s using (submission_id)"
                        " where p.is_taken_back and s.state <> 6"},
     offsetof(struct verdict, shown)},
    {{"shown", "select count(*) as n from cix.account a where exists ("
               " select from cix.performance_delta d join journal_plan p using "
               "(submission_id)"
               " where p.is_taken_back and d.restored_by is null"
               " and d.subject_id = a.subject_id and d.account_id = a.account_id)"},
     offsetof(struct verdict, shown)},
    {{"unfinished", "select count(*) as n from journal_plan p"
                    " where p.accepted < 0 and not p.is_earlier"},
     offsetof(struct verdict, unfinished)},
    {{"inquiries_lost", "select count(*) as n from journal_inquiry j where 1 <> ("
                        " select count(*) from cix.inquiry i where i.inquiry_id = j.inquiry_id)"},
     offsetof(struct verdict, inquiries_lost)},
    {{"rebuilt", "select count(*) as n from cix.rebuild_check()"},
     offsetof(struct verdict, rebuilt)},
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

static void load_plans(struct ctx *ctx, struct db *db, const struct journal_content *content)
{
    int count = content->plan_count;
    struct columns {
        struct uuid *ids, *rivals;
        bool *files, *corrections, *earlier, *taken;
        int64_t *accepted, *commits, *committed;
    } all = {0};
    struct params params;

    all.ids = arena_array(ctx->arena, (size_t)count, sizeof(*all.ids));
    all.rivals = arena_array(ctx->arena, (size_t)count, sizeof(*all.rivals));
    all.files = arena_array(ctx->arena, (size_t)count, sizeof(*all.files));
    all.corrections = arena_array(ctx->arena, (size_t)count, sizeof(*all.corrections));
    all.earlier = arena_array(ctx->arena, (size_t)count, sizeof(*all.earlier));
    all.taken = arena_array(ctx->arena, (size_t)count, sizeof(*all.taken));
    all.accepted = arena_array(ctx->arena, (size_t)count, sizeof(*all.accepted));
    all.commits = arena_array(ctx->arena, (size_t)count, sizeof(*all.commits));
    all.committed = arena_array(ctx->arena, (size_t)count, sizeof(*all.committed));
    for (int i = 0; i < count; i++) {
        const struct journal_plan *plan = &content->plans[i];
        struct plan rival;
        plan_make(plan->plan.seed, plan->plan.client, plan->plan.serial + PLAN_RIVAL, &rival);
        all.ids[i] = plan->plan.id;
        all.rivals[i] = rival.id;
        all.files[i] = plan->plan.mode == CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE;
        all.corrections[i] = plan->plan.is_correction;
        all.earlier[i] = plan->is_earlier;
        all.taken[i] = plan->is_taken_back;
        all.accepted[i] = plan->accepted;
        all.commits[i] = plan->commit_us;
        all.committed[i] = plan->committed_us;
    }
    params_init(&params, ctx->arena);
    params_uuids(&params, all.ids, NULL, count);
    params_uuids(&params, all.rivals, NULL, count);
    params_bools(&params, all.files, count);
    params_bools(&params, all.corrections, count);
    params_bools(&params, all.earlier, count);
    params_bools(&params, all.taken, count);
    params_int8s(&params, all.accepted, NULL, count);
    params_int8s(&params, all.commits, NULL, count);
    params_int8s(&params, all.committed, NULL, count);
    if (!db_run(ctx, db, &put_plans, &params, NULL))
        give_up(ctx);
}

static void load_chunks(struct ctx *ctx, struct db *db, const struct journal_content *content)
{
    int count = content->chunk_count;
    struct uuid *ids = arena_array(ctx->arena, (size_t)count, sizeof(*ids));
    int32_t *numbers = arena_array(ctx->arena, (size_t)count, sizeof(*numbers));
    int32_t *records = arena_array(ctx->arena, (size_t)count, sizeof(*records));
    int32_t *months = arena_array(ctx->arena, (size_t)count, sizeof(*months));
    int32_t *facts = arena_array(ctx->arena, (size_t)count, sizeof(*facts));
    int32_t *accepted = arena_array(ctx->arena, (size_t)count, sizeof(*accepted));
    int64_t *intents = arena_array(ctx->arena, (size_t)count, sizeof(*intents));
    int64_t *answers = arena_array(ctx->arena, (size_t)count, sizeof(*answers));
    struct params params;

    for (int i = 0; i < count; i++) {
        const struct journal_chunk *chunk = &content->chunks[i];
        const struct plan *plan = &content->plans[chunk->plan].plan;
        ids[i] = plan->id;
        numbers[i] = chunk->number;
        struct plan_count counted = plan_count(plan, chunk->number);
        records[i] = counted.records;
        months[i] = counted.months;
        facts[i] = counted.facts;
        accepted[i] = chunk->accepted;
        intents[i] = chunk->intent_us;
        answers[i] = chunk->answer_us;
    }
    params_init(&params, ctx->arena);
    params_uuids(&params, ids, NULL, count);
    params_int4s(&params, numbers, NULL, count);
    params_int4s(&params, records, NULL, count);
    params_int4s(&params, months, NULL, count);
    params_int4s(&params, facts, NULL, count);
    params_int4s(&params, accepted, NULL, count);
    params_int8s(&params, intents, NULL, count);
    params_int8s(&params, answers, NULL, count);
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
    load_plans(&ctx, db, content);
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

static int64_t *count_at(struct verdict *verdict, size_t offset)
{
    return (int64_t *)(void *)((char *)verdict + offset);
}

void checker_run(struct db *db, struct verdict *verdict)
{
    struct arena arena;
    struct ctx ctx;

    *verdict = (struct verdict){.lost = 0};
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        *count_at(verdict, questions[i].offset) += answer_of(&ctx, db, &questions[i].statement);
    arena_done(&arena);
}

bool verdict_is_clean(const struct verdict *verdict)
{
    static const struct verdict clean;

    return !memcmp(verdict, &clean, sizeof(clean));
}

/* Errors, and the count that must show each. */
static const struct {
    const char *name;
    const char *sql;
    size_t offset;
} plants[CHECKER_PLANTS] = {
    {"lost chunk",
     "delete from cix.submission_chunk where (submission_id, number) in "
     "(select submission_id,"
     " number from journal_chunk join journal_plan p using (submission_id)"
     " where p.accepted >= 0 limit 1)",
     offsetof(struct verdict, lost)},
    {"lost commit",
     "update cix.submission set state = 1 where submission_id in (select "
     "submission_id"
     " from journal_plan where accepted >= 0 limit 1)",
     offsetof(struct verdict, lost)},
    {"doubled month",
     "insert into cix.performance_delta select (jsonb_populate_record(d, "
     "jsonb_build_object("
     "'delta_id', d.delta_id + 1))).* from cix.performance_delta d limit 1",
     offsetof(struct verdict, doubled)},
    {"doubled fact",
     "insert into cix.fact select (jsonb_populate_record(f, "
     "jsonb_build_object("
     "'record_id', f.record_id + 1))).* from cix.fact f limit 1",
     offsetof(struct verdict, doubled)},
    {"missing fact",
     "delete from cix.fact where record_id in (select record_id from cix.fact"
     " limit 1)",
     offsetof(struct verdict, partial)},
    {"missing month",
     "delete from cix.performance_delta where delta_id in (select delta_id"
     " from cix.performance_delta limit 1)",
     offsetof(struct verdict, partial)},
    {"forged month",
     "insert into cix.performance_delta select (jsonb_populate_record(d, "
     "jsonb_build_object("
     "'period', d.period - 1, 'submission_id', gen_random_uuid()))).*"
     " from cix.performance_delta d limit 1",
     offsetof(struct verdict, forged)},
    {"wrong order",
     "update cix.performance_delta d set delta_id = delta_id - 1000000000000"
     " where delta_id in (select max(delta_id) from cix.performance_delta"
     " join journal_plan p using (submission_id) where p.is_correction)",
     offsetof(struct verdict, disordered)},
    {"changed state",
     "update cix.account set balance = balance + 1 where (subject_id, "
     "account_id) in"
     " (select subject_id, account_id from cix.performance_delta limit 1)",
     offsetof(struct verdict, rebuilt)},
    {"shown account",
     "update cix.submission set state = 2 where submission_id in (select "
     "submission_id"
     " from journal_plan where accepted >= 0 limit 1);"
     "update journal_plan set is_taken_back = true where submission_id in "
     "(select submission_id"
     " from journal_plan where accepted >= 0 limit 1)",
     offsetof(struct verdict, shown)},
    {"lost inquiry",
     "delete from cix.inquiry where inquiry_id in (select inquiry_id from "
     "journal_inquiry"
     " limit 1)",
     offsetof(struct verdict, inquiries_lost)},
};

int checker_prove(struct db *db)
{
    int found = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(plants); i++) {
        struct verdict verdict;
        script(db, "begin");
        script(db, plants[i].sql);
        checker_run(db, &verdict);
        script(db, "rollback");
        if (!*count_at(&verdict, plants[i].offset))
            fprintf(stderr, "checker: a planted %s was not found\n", plants[i].name);
        else
            found++;
    }
    return found;
}
