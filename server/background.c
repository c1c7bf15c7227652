#include "background.h"

#include <stdlib.h>

#include "base/text.h"
#include "job/expiry.h"
#include "job/flag_feed.h"
#include "job/job.h"
#include "job/limit.h"
#include "job/purge.h"
#include "job/quality.h"
#include "job/quota.h"
#include "job/rating.h"
#include "job/refusal_count.h"
#include "job/registry_poll.h"
#include "job/rollup.h"
#include "job/standards_poll.h"
#include "observe.h"

enum {
    QUOTA_MS = 500, /* with which a member may spend too much at several servers */
    REFUSALS_MS = 60 * 1000,
    FEEDS_MS = 10 * 1000,
    EXPIRY_MS = 60 * 60 * 1000,
    PURGE_MS = 5000,
    RATING_MS = 2000,
    WORK_MS = 10 * 60 * 1000, /* a look at every account, once a month */
    END_MS = 5000,
    LIST_MAX = 8,
};

enum list { LIST_POLL, LIST_WORK, LIST_PURGE, LIST_RATING, LIST_COUNT };

/* A thread and a connection each. A list waits for its longest slice. */
static const struct {
    const char *application;
    int statement_timeout_ms;
} lists[LIST_COUNT] = {
    [LIST_POLL] = {"cixd poll", 0},
    [LIST_WORK] = {"cixd work", WORK_MS},
    [LIST_PURGE] = {"cixd purge", WORK_MS},
    [LIST_RATING] = {"cixd rating", WORK_MS},
};

struct background {
    struct background_options options;
    struct registry_poll registry;
    struct standards_poll standards;
    struct quota_job quotas;
    struct rollup_job rollup;
    struct refusal_job refusals;
    struct expiry_job expiry;
    struct purge_job purge;
    struct flag_feed_job feeds;
    struct dispute_job disputes;
    struct rating_job ratings;
    struct job jobs[LIST_COUNT][LIST_MAX];
    int job_counts[LIST_COUNT];
    struct jobs *threads[LIST_COUNT];
};

/* What is in force by the database, as far as this build can read it. */
static void install_standards(void *user, uint64_t revision,
                              const struct standard_versions *versions)
{
    struct standards_text *texts = calloc((size_t)versions->count + 1, sizeof(*texts));

    CHECK(texts);
    for (int i = 0; i < versions->count; i++)
        texts[i] = (struct standards_text){.number = versions->items[i].number,
                                           .digest = versions->items[i].digest,
                                           .text = versions->items[i].text};
    standards_load(user, revision, texts, versions->count, observe_standard_unreadable, NULL);
    free(texts);
    observe_standards(revision, versions->count);
}

static void add(struct background *background, enum list list, struct job job)
{
    int *count = &background->job_counts[list];

    CHECK(*count < LIST_MAX);
    background->jobs[list][(*count)++] = job;
}

static void add_polls(struct background *background)
{
    int period_ms = background->options.config->registry_poll_ms;

    background->registry = (struct registry_poll){.install = background->options.install,
                                                  .user = background->options.user};
    background->standards = (struct standards_poll){.install = install_standards,
                                                    .user = background->options.standards};
    add(background, LIST_POLL,
        (struct job){"registry", period_ms, registry_poll_run, &background->registry});
    add(background, LIST_POLL,
        (struct job){"standards", period_ms, standards_poll_run, &background->standards});
    background->quotas = (struct quota_job){.batch = background->options.batch,
                                            .node = background->options.config->node};
    add(background, LIST_POLL, (struct job){"quota", QUOTA_MS, quota_job_run, &background->quotas});
}

/* What a slice of is short. */
static void add_work(struct background *background)
{
    const struct config *config = background->options.config;

    background->rollup = (struct rollup_job){.merged = observe_merge};
    background->refusals.batch = background->options.batch;
    background->feeds = (struct flag_feed_job){.found = observe_flag_feed};
    background->disputes = (struct dispute_job){.counted = observe_disputes};
    const struct job jobs[] = {
        {"rollup", config->merge_ms, rollup_job_run, &background->rollup},
        {"refusals", REFUSALS_MS, refusal_job_run, &background->refusals},
        {"expiry", EXPIRY_MS, expiry_job_run, &background->expiry},
        {"quality", EXPIRY_MS, quality_job_run, NULL},
        {"dispute", EXPIRY_MS, dispute_job_run, &background->disputes},
        {"flag_feed", FEEDS_MS, flag_feed_job_run, &background->feeds},
        {"limit", EXPIRY_MS, limit_job_run, NULL},
        {"flag_sweep", EXPIRY_MS, flag_sweep_job_run, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(jobs); i++)
        add(background, LIST_WORK, jobs[i]);
}

/* What goes on for hours. */
static void add_passes(struct background *background)
{
    background->purge = (struct purge_job){.purged = observe_purge, .passed = observe_purge_pass};
    background->ratings = (struct rating_job){.standards = background->options.standards,
                                              .database_uri = background->options.database_uri,
                                              .statement_timeout_ms = WORK_MS,
                                              .rated = observe_ratings,
                                              .skipped = observe_ratings_skipped,
                                              .behind = observe_rating_behind};
    add(background, LIST_PURGE, (struct job){"purge", PURGE_MS, purge_job_run, &background->purge});
    add(background, LIST_RATING,
        (struct job){"rating", RATING_MS, rating_job_run, &background->ratings});
}

/* The first picture, so that the first connection already finds its member, and what it spent. */
static bool poll_once(struct ctx *ctx, struct background *background)
{
    struct db_options options = {.uri = background->options.database_uri,
                                 .role = DB_ROLE_ADMIN,
                                 .application = "cixd start"};
    bool is_done, has_more = false;
    struct db *db;

    if (!db_open(ctx, &options, &db))
        return false;
    is_done = registry_poll_run(ctx, db, &background->registry, &has_more) &&
              standards_poll_run(ctx, db, &background->standards, &has_more) &&
              quota_job_run(ctx, db, &background->quotas, &has_more);
    db_close(db);
    return is_done;
}

static bool start_lists(struct ctx *ctx, struct background *background)
{
    for (int i = 0; i < LIST_COUNT; i++) {
        struct job_options options = {.database_uri = background->options.database_uri,
                                      .role = DB_ROLE_ADMIN,
                                      .application = lists[i].application,
                                      .statement_timeout_ms = lists[i].statement_timeout_ms,
                                      .jobs = background->jobs[i],
                                      .job_count = background->job_counts[i],
                                      .failed = observe_job_failure};

        if (!jobs_start(ctx, &options, &background->threads[i]))
            return false;
    }
    return true;
}

bool background_start(struct ctx *ctx, const struct background_options *options,
                      struct background **result)
{
    struct background *background = calloc(1, sizeof(*background));

    CHECK(background);
    background->options = *options;
    add_polls(background);
    add_work(background);
    add_passes(background);
    background_limit(background);
    if (!poll_once(ctx, background) || !start_lists(ctx, background)) {
        background_stop(background);
        free(background);
        return false;
    }
    *result = background;
    return true;
}

void background_limit(struct background *background)
{
    const struct config *config = background->options.config;

    background->expiry.staged_days = config->staged_days;
    background->expiry.quarantine_days = config->quarantine_days;
    background->purge.hours = config->purge_hours;
}

bool background_is_well(const struct background *background)
{
    return background && jobs_are_well(background->threads[LIST_POLL]);
}

void background_stop(struct background *background)
{
    for (int i = 0; background && i < LIST_COUNT; i++)
        jobs_stop(background->threads[i]);
}

/* What was refused since the last minute ended, and spent since the last look. */
static void write_last(struct background *background)
{
    struct db_options options = {.uri = background->options.database_uri,
                                 .role = DB_ROLE_ADMIN,
                                 .application = "cixd end",
                                 .statement_timeout_ms = END_MS};
    bool is_done, has_more = true;
    struct db *db = NULL;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    is_done = db_open(&ctx, &options, &db);
    while (is_done && has_more) {
        has_more = false;
        is_done = refusal_job_run(&ctx, db, &background->refusals, &has_more);
    }
    is_done = is_done && quota_job_run(&ctx, db, &background->quotas, &has_more);
    if (!is_done)
        observe_job_failure(NULL, "end", &ctx.error, 1);
    db_close(db);
    arena_done(&arena);
}

void background_free(struct background *background)
{
    if (!background)
        return;
    write_last(background);
    free(background);
}
