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
    " months int, facts int, facts_from int, accepted int, intent_us bigint, answer_us bigint,"
    " primary key (submission_id, number));"
    "create temporary table journal_fact (submission_id uuid, number int, line int, k int,"
    " value bigint, is_deletion boolean);"
    "create temporary view fact_version as select f.*, p.is_correction,"
    " coalesce(f.restored_by is not null, false) as is_restored, r.value,"
    " case when p.is_file then p.commit_us else j.intent_us end as begun_us,"
    " case when p.is_file then p.committed_us else j.answer_us end as ended_us"
    " from cix.fact f join journal_plan p using (submission_id)"
    " join journal_chunk j on j.submission_id = f.submission_id and j.number = f.chunk"
    " left join lateral (select coalesce(c.row ->> 'amount', c.row ->> 'demanded_amount',"
    " c.row ->> 'amount_at_risk')::bigint as value from"
    " (select cix.fact_row(f.kind, f.subject_id, f.fact_id, f.record_id) as row) c) r on true;"
    "create temporary view fact_put_right as select j.*, p.is_file,"
    " case when p.is_file then p.accepted >= 0 else c.accepted >= 0 end as is_answered,"
    " case when p.is_file then p.committed_us else c.answer_us end as ended_us"
    " from journal_fact j join journal_plan p using (submission_id)"
    " join journal_chunk c using (submission_id, number) where not exists ("
    " select from cix.submission_verdict v where v.submission_id = j.submission_id"
    " and v.chunk = j.number and v.line = j.line and v.severity <= 2);"
    "create temporary table journal_inquiry (inquiry_id bigint);";

static const struct statement put_plans = {
    "put_plans", "insert into journal_plan select * from unnest($1::uuid[], $2::uuid[],"
                 " $3::boolean[], $4::boolean[], $5::boolean[], $6::boolean[], $7::bigint[],"
                 " $8::bigint[], $9::bigint[])"};
static const struct statement put_chunks = {
    "put_chunks", "insert into journal_chunk select * from unnest($1::uuid[], $2::int[],"
                  " $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::bigint[],"
                  " $9::bigint[])"};
static const struct statement put_facts = {
    "put_facts", "insert into journal_fact select * from unnest($1::uuid[], $2::int[], $3::int[],"
                 " $4::int[], $5::bigint[], $6::boolean[])"};
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
    {{"lost_fact_corrections",
      "select count(*) as n from fact_put_right j where j.is_answered and not j.is_deletion"
      " and not exists (select from fact_version f where f.submission_id = j.submission_id"
      " and f.chunk = j.number and f.line = j.line and f.value = j.value)"},
     offsetof(struct verdict, lost)},
    /* A deletion writes nothing when the fact was deleted before: then that version is there. */
    {{"lost_fact_deletions",
      "with shared as (select f.*, max(f.value % 8) over (partition by f.fact_id) as k"
      " from fact_version f where f.fact_id in (select fact_id from fact_version"
      " where value >= 1000000))"
      " select count(*) as n from fact_put_right j where j.is_answered and j.is_deletion"
      " and not exists (select from shared d where d.k = j.k and d.is_deleted"
      " and d.begun_us < j.ended_us and not exists (select from shared r"
      " where r.fact_id = d.fact_id and r.record_id > d.record_id and not r.is_deleted"
      " and r.ended_us > 0 and r.ended_us < (select c.intent_us from journal_chunk c"
      " where c.submission_id = j.submission_id and c.number = j.number)))"},
     offsetof(struct verdict, lost)},
    {{"doubled_lines", "select count(*) as n from (select from cix.performance_delta"
                       " where restored_by is null group by submission_id, chunk, line having "
                       "count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"doubled_facts",
      "select count(*) as n from (select from fact_version where not is_restored"
      " and not is_correction group by member_id, kind, fact_id having count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"doubled_fact_lines",
      "select count(*) as n from (select from fact_version where not is_restored"
      " group by submission_id, chunk, line having count(*) > 1) d"},
     offsetof(struct verdict, doubled)},
    {{"unchained", "select count(*) as n from (select supersedes, lag(record_id)"
                   " over (partition by fact_id order by record_id) as before from cix.fact) v"
                   " where v.supersedes is distinct from v.before"},
     offsetof(struct verdict, unchained)},
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
                 " else j.months - (select count(distinct v.line) from cix.submission_verdict v"
                 " where v.submission_id = j.submission_id and v.chunk = j.number"
                 " and v.line < j.facts_from and v.severity <= 2) end"},
     offsetof(struct verdict, partial)},
    {{"partial_facts",
      "select count(*) as n from journal_chunk j"
      " left join cix.submission_chunk c using (submission_id, number)"
      " left join cix.submission s using (submission_id)"
      " where exists (select from journal_plan p where p.submission_id = j.submission_id"
      " and not p.is_correction) and (select count(*) from cix.fact f"
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
    {{"disordered_facts", "select count(*) as n from fact_version a join fact_version b using"
                          " (fact_id) where a.is_correction and b.is_correction"
                          " and a.record_id > b.record_id and a.ended_us > 0"
                          " and a.ended_us < b.begun_us"},
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
    int32_t *from = arena_array(ctx->arena, (size_t)count, sizeof(*from));
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
        from[i] = plan->is_correction ? counted.months : counted.records;
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
    params_int4s(&params, from, NULL, count);
    params_int4s(&params, accepted, NULL, count);
    params_int8s(&params, intents, NULL, count);
    params_int8s(&params, answers, NULL, count);
    if (!db_run(ctx, db, &put_chunks, &params, NULL))
        give_up(ctx);
}

/* What corrections say of facts. */
static void load_facts(struct ctx *ctx, struct db *db, const struct journal_content *content)
{
    size_t room = (size_t)content->chunk_count * PLAN_SHARED;
    struct uuid *ids = arena_array(ctx->arena, room, sizeof(*ids));
    int32_t *numbers = arena_array(ctx->arena, room, sizeof(*numbers));
    int32_t *lines = arena_array(ctx->arena, room, sizeof(*lines));
    int32_t *persons = arena_array(ctx->arena, room, sizeof(*persons));
    int64_t *values = arena_array(ctx->arena, room, sizeof(*values));
    bool *deletions = arena_array(ctx->arena, room, sizeof(*deletions));
    struct params params;
    int count = 0;

    for (int i = 0; i < content->chunk_count; i++) {
        const struct journal_chunk *chunk = &content->chunks[i];
        const struct plan *plan = &content->plans[chunk->plan].plan;
        struct plan_fact facts[PLAN_SHARED];
        plan_facts(plan, chunk->number, facts);
        for (int k = 0; plan->is_correction && k < PLAN_SHARED; k++) {
            ids[count] = plan->id;
            numbers[count] = chunk->number;
            lines[count] = facts[k].line;
            persons[count] = facts[k].k;
            values[count] = facts[k].value;
            deletions[count++] = facts[k].is_deletion;
        }
    }
    params_init(&params, ctx->arena);
    params_uuids(&params, ids, NULL, count);
    params_int4s(&params, numbers, NULL, count);
    params_int4s(&params, lines, NULL, count);
    params_int4s(&params, persons, NULL, count);
    params_int8s(&params, values, NULL, count);
    params_bools(&params, deletions, count);
    if (!db_run(ctx, db, &put_facts, &params, NULL))
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
    load_facts(&ctx, db, content);
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
    {"lost correction of a fact",
     "delete from cix.fact where record_id in (select f.record_id from fact_version f"
     " join journal_plan p using (submission_id) where f.is_correction and not f.is_deleted"
     " and p.accepted >= 0 limit 1)",
     offsetof(struct verdict, lost)},
    {"lost deletions of a fact",
     "delete from cix.fact where is_deleted and fact_id in (select f.fact_id from fact_version f"
     " join journal_plan p using (submission_id) where f.is_correction and f.is_deleted"
     " and p.accepted >= 0 limit 1)",
     offsetof(struct verdict, lost)},
    {"changed correction of a fact",
     "update cix.account_event set amount = amount + 8 where record_id in (select f.record_id"
     " from fact_version f join journal_plan p using (submission_id) where f.is_correction"
     " and not f.is_deleted and f.kind = 6 and p.accepted >= 0 limit 1)",
     offsetof(struct verdict, lost)},
    {"doubled correction of a fact",
     "insert into cix.fact select (jsonb_populate_record(f, jsonb_build_object('record_id',"
     " f.record_id + 1))).* from cix.fact f where f.record_id in (select record_id"
     " from fact_version where is_correction limit 1)",
     offsetof(struct verdict, doubled)},
    {"broken chain",
     "update cix.fact set supersedes = supersedes + 1 where record_id in (select record_id"
     " from fact_version where is_correction limit 1)",
     offsetof(struct verdict, unchained)},
    {"wrong order of a fact",
     "update cix.fact set record_id = record_id - 1000000000000 where record_id in ("
     "select max(record_id) from fact_version where is_correction)",
     offsetof(struct verdict, disordered)},
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
