#include "store/standard.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/submission_inside.h"

#define COLUMNS                                                                                    \
    "select outcome, standard_no, standard_id, version, digest, state, valid_from, valid_to,"      \
    " loaded_by, loaded_at, published_by, published_at, retired_by, retired_at, retire_reason,"    \
    " content"

static const struct statement revision_statement = {"standard_revision",
                                                    "select cix.standard_revision()"};
static const struct statement in_force_statement = {
    "standard_in_force", "select standard_no, content, digest from cix.standard_in_force()"};
static const struct statement put_statement = {
    "standard_put", "select outcome, standard_no, state"
                    " from cix.standard_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
static const struct statement publish_statement = {
    "standard_publish", "select outcome, standard_no, replaced"
                        " from cix.standard_publish($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct statement retire_statement = {
    "standard_retire", "select outcome, standard_no"
                       " from cix.standard_retire($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct statement list_statement = {
    "standard_list", COLUMNS " from cix.standard_list($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct statement get_statement = {
    "standard_get", COLUMNS " from cix.standard_get($1, $2, $3, $4, $5, $6, $7, $8)"};

/* As sql/api/standard.sql numbers them. */
enum outcome {
    OUTCOME_NEW,
    OUTCOME_SAME,
    OUTCOME_OTHER_TEXT,
    OUTCOME_RETIRED,
    OUTCOME_OVER,
    OUTCOME_NOT_PERMITTED,
    OUTCOME_NONE,
    OUTCOME_SUPERSEDED,
    OUTCOME_FULL,
    OUTCOME_MANY_STORED,
    OUTCOME_EARLY,
};

static bool check_outcome(struct ctx *ctx, int outcome)
{
    switch ((enum outcome)outcome) {
    case OUTCOME_NEW:
    case OUTCOME_SAME:
        return true;
    case OUTCOME_OTHER_TEXT:
        return fail(ctx, ERR_EXISTS, "STANDARD_CONFLICT",
                    "this version of the standard has another text");
    case OUTCOME_RETIRED:
        return fail_precondition(ctx, "STANDARD_RETIRED", "standard",
                                 "this version was retired and stays so");
    case OUTCOME_OVER:
        return fail_precondition(ctx, "STANDARD_OVER", "standard",
                                 "the days on which this version may be used are over");
    case OUTCOME_EARLY:
        return fail_precondition(ctx, "STANDARD_EARLY", "standard",
                                 "the days on which this version may be used have not begun;"
                                 " until then the one in force stays");
    case OUTCOME_SUPERSEDED:
        return fail_precondition(ctx, "STANDARD_SUPERSEDED", "standard",
                                 "a later version of the standard was published before");
    case OUTCOME_FULL:
        return fail(ctx, ERR_EXHAUSTED, "STANDARDS_FULL", "%d standards are in force already",
                    STANDARD_IN_FORCE_MAX);
    case OUTCOME_MANY_STORED:
        return fail(ctx, ERR_EXHAUSTED, "STANDARD_MANY", "%d versions are stored already",
                    STANDARD_STORED_MAX);
    case OUTCOME_NONE:
        return fail(ctx, ERR_NOT_FOUND, "STANDARD_UNKNOWN",
                    "no standard has this name and version");
    case OUTCOME_NOT_PERMITTED:
        break;
    }
    return fail(ctx, ERR_DENIED, "MEMBER_NOT_PERMITTED",
                "the member may not do this with rating standards now");
}

bool standard_revision(struct ctx *ctx, struct db *db, uint64_t *revision)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, &revision_statement, NULL, &rows))
        return false;
    submission_only_row(&rows);
    *revision = (uint64_t)rows_int8(&rows, 0);
    rows_done(&rows);
    return true;
}

static struct bytes copy_bytes(struct arena *arena, const struct rows *rows, const char *column)
{
    struct bytes bytes = rows_bytes(rows, rows_column(rows, column));

    return (struct bytes){arena_copy(arena, bytes.data, bytes.size), bytes.size};
}

static struct digest digest_in(const struct rows *rows)
{
    struct bytes bytes = rows_bytes(rows, rows_column(rows, "digest"));
    struct digest digest = {{0}};

    CHECK(bytes.size == sizeof(digest.bytes));
    memcpy(digest.bytes, bytes.data, bytes.size);
    return digest;
}

bool standard_in_force(struct ctx *ctx, struct db *db, uint64_t *revision,
                       struct standard_versions *versions)
{
    struct rows rows = {0}, first = {0};
    /* The revision is read first: a change in between shows as a newer one at the next poll. */
    const struct db_step steps[] = {
        {&revision_statement, NULL, &first, true},
        {&in_force_statement, NULL, &rows, true},
    };

    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    submission_only_row(&first);
    *revision = (uint64_t)rows_int8(&first, 0);
    rows_done(&first);
    *versions = (struct standard_versions){
        .items = arena_array(ctx->arena, (size_t)rows.count, sizeof(*versions->items))};
    while (rows_next(&rows))
        versions->items[versions->count++] =
            (struct standard_version){.number = submission_int4(&rows, "standard_no"),
                                      .digest = digest_in(&rows),
                                      .state = STANDARD_STATE_PUBLISHED,
                                      .text = copy_bytes(ctx->arena, &rows, "content")};
    rows_done(&rows);
    return true;
}

/* The canonical text of what a text says. */
static bool make_canonical(struct ctx *ctx, struct bytes text, struct standard *standard,
                           struct builder *canonical)
{
    *canonical = (struct builder){.arena = ctx->arena};
    if (!standard_read(ctx, (const char *)text.data, text.size, false, standard))
        return false;
    standard_write(standard, canonical);
    return true;
}

bool standard_put(struct ctx *ctx, struct db *db, const struct submission_act *act,
                  struct bytes text, struct standard_loaded *loaded)
{
    struct standard *standard = arena_alloc(ctx->arena, sizeof(*standard));
    struct builder canonical;
    struct params params;
    struct rows rows = {0};

    if (!make_canonical(ctx, text, standard, &canonical))
        return false;
    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_text(&params, standard->id);
    params_int4(&params, standard->version);
    params_bytes(&params, canonical.data, canonical.size);
    params_day(&params, standard->valid_from);
    params_day(&params, standard->valid_to);
    params_int4(&params, STANDARD_STORED_MAX);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &put_statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    int outcome = submission_int2(&rows, "outcome");
    *loaded = (struct standard_loaded){
        .number = submission_int4(&rows, "standard_no"),
        .id = standard->id,
        .version = standard->version,
        .digest = digest_of(canonical.data, canonical.size),
        .state = (enum standard_state)submission_int2(&rows, "state"),
        .is_new = outcome == OUTCOME_NEW,
    };
    rows_done(&rows);
    return check_outcome(ctx, outcome);
}

/* Parameters that begin with the caller, a name and a version. */
static void begin(struct params *params, struct ctx *ctx, const struct submission_act *act,
                  const char *id, int32_t version)
{
    params_init(params, ctx->arena);
    params_int4(params, act->member_id);
    params_text(params, id);
    params_int4(params, version);
}

bool standard_publish(struct ctx *ctx, struct db *db, const struct submission_act *act,
                      const char *id, int32_t version, struct standard_published *published)
{
    struct params params;
    struct rows rows = {0};

    begin(&params, ctx, act, id, version);
    params_day(&params, clock_day_of(act->now_us));
    params_int4(&params, STANDARD_IN_FORCE_MAX);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &publish_statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    int outcome = submission_int2(&rows, "outcome");
    *published = (struct standard_published){.number = submission_int4(&rows, "standard_no"),
                                             .is_new = outcome == OUTCOME_NEW,
                                             .replaced = submission_int4(&rows, "replaced")};
    rows_done(&rows);
    return check_outcome(ctx, outcome);
}

bool standard_retire(struct ctx *ctx, struct db *db, const struct submission_act *act,
                     const char *id, int32_t version, const char *reason, bool *is_new)
{
    struct params params;
    struct rows rows = {0};

    begin(&params, ctx, act, id, version);
    params_text(&params, reason);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &retire_statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    int outcome = submission_int2(&rows, "outcome");
    *is_new = outcome == OUTCOME_NEW;
    rows_done(&rows);
    return check_outcome(ctx, outcome);
}

static struct standard_step step_of(const struct rows *rows, const char *by, const char *at)
{
    if (rows_is_null(rows, rows_column(rows, at)))
        return (struct standard_step){.is_taken = false};
    return (struct standard_step){.is_taken = true,
                                  .member_id = submission_int4(rows, by),
                                  .at_us = rows_instant_us(rows, rows_column(rows, at))};
}

static struct standard_version version_of(struct arena *arena, const struct rows *rows)
{
    const char *reason = rows_text(rows, rows_column(rows, "retire_reason"));

    return (struct standard_version){
        .number = submission_int4(rows, "standard_no"),
        .id = arena_string(arena, rows_text(rows, rows_column(rows, "standard_id"))),
        .version = submission_int4(rows, "version"),
        .digest = digest_in(rows),
        .state = (enum standard_state)submission_int2(rows, "state"),
        .valid_from = rows_day(rows, rows_column(rows, "valid_from")),
        .valid_to = rows_day(rows, rows_column(rows, "valid_to")),
        .loaded = step_of(rows, "loaded_by", "loaded_at"),
        .published = step_of(rows, "published_by", "published_at"),
        .retired = step_of(rows, "retired_by", "retired_at"),
        .retire_reason = reason ? arena_string(arena, reason) : "",
        .text = copy_bytes(arena, rows, "content"),
    };
}

/* Rows of a list or of one; those that are an outcome alone end it. */
static bool read_versions(struct ctx *ctx, struct rows *rows, struct standard_versions *versions)
{
    int outcome = OUTCOME_NEW;

    *versions = (struct standard_versions){
        .items = arena_array(ctx->arena, (size_t)rows->count, sizeof(*versions->items))};
    while (rows_next(rows) && (outcome = submission_int2(rows, "outcome")) == OUTCOME_NEW)
        versions->items[versions->count++] = version_of(ctx->arena, rows);
    rows_done(rows);
    return check_outcome(ctx, outcome);
}

bool standard_list(struct ctx *ctx, struct db *db, const struct submission_act *act, const char *id,
                   int state, struct standard_versions *versions)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_text(&params, id);
    params_int2(&params, (int16_t)state);
    submission_put_audit(&params, act);
    return db_run(ctx, db, &list_statement, &params, &rows) && read_versions(ctx, &rows, versions);
}

bool standard_get(struct ctx *ctx, struct db *db, const struct submission_act *act, const char *id,
                  int32_t version, struct standard_version *found)
{
    struct params params;
    struct rows rows = {0};
    struct standard_versions versions;

    begin(&params, ctx, act, id, version);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &get_statement, &params, &rows) || !read_versions(ctx, &rows, &versions))
        return false;
    CHECK(versions.count == 1);
    *found = versions.items[0];
    return true;
}
