#include "observe.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ops/metrics.h"

enum { METHODS = 64, CODES = ERR_INTERNAL + 1 };

/* Names of enum err, as gRPC spells them. */
static const char *const codes[CODES] = {
    [ERR_NONE] = "OK",
    [ERR_INVALID] = "INVALID_ARGUMENT",
    [ERR_NOT_FOUND] = "NOT_FOUND",
    [ERR_EXISTS] = "ALREADY_EXISTS",
    [ERR_DENIED] = "PERMISSION_DENIED",
    [ERR_UNAUTHENTICATED] = "UNAUTHENTICATED",
    [ERR_PRECONDITION] = "FAILED_PRECONDITION",
    [ERR_EXHAUSTED] = "RESOURCE_EXHAUSTED",
    [ERR_ABORTED] = "ABORTED",
    [ERR_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [ERR_UNAVAILABLE] = "UNAVAILABLE",
    [ERR_CANCELLED] = "CANCELLED",
    [ERR_DEADLINE] = "DEADLINE_EXCEEDED",
    [ERR_UNIMPLEMENTED] = "UNIMPLEMENTED",
    [ERR_INTERNAL] = "INTERNAL",
};

/* The series of one method, made once so that a call costs only additions. */
struct method_series {
    const struct rpc_method *method;
    int handled[CODES];
    int started;
    int seconds;
    int batch_size;
    int batch_seconds;
    int bisects;
    int repeats;
    int depth;
    int refused;
};

static struct method_series series[METHODS];
static int series_count;

void observe_methods(const struct rpc_method *methods, int count)
{
    for (int i = 0; i < count && i < METHODS; i++) {
        const char *name = strrchr(methods[i].path, '/') + 1;
        char service[96];
        struct method_series *one = &series[series_count++];
        snprintf(service, sizeof(service), "%.*s", (int)(name - methods[i].path - 2),
                 methods[i].path + 1);
        one->method = &methods[i];
        one->started = metrics_series(METRIC_RPC_STARTED, service, name, NULL);
        one->seconds = metrics_series(METRIC_RPC_SECONDS, service, name, NULL);
        one->batch_size = metrics_series(METRIC_BATCH_SIZE, name, NULL, NULL);
        one->batch_seconds = metrics_series(METRIC_BATCH_SECONDS, name, NULL, NULL);
        one->bisects = metrics_series(METRIC_BATCH_BISECTS, name, NULL, NULL);
        one->repeats = metrics_series(METRIC_BATCH_RETRIES, name, NULL, NULL);
        one->depth = metrics_series(METRIC_QUEUE_DEPTH, name, NULL, NULL);
        one->refused = metrics_series(METRIC_QUEUE_REFUSED, name, NULL, NULL);
        for (int code = 0; code < CODES; code++)
            one->handled[code] = metrics_series(METRIC_RPC_HANDLED, service, name, codes[code]);
    }
}

static struct method_series *series_of(const struct rpc_method *method)
{
    for (int i = 0; i < series_count; i++) {
        if (series[i].method == method)
            return &series[i];
    }
    return NULL;
}

static struct method_series *series_of_row(const struct method *row)
{
    for (int i = 0; i < series_count; i++) {
        if (series[i].method->owner == row)
            return &series[i];
    }
    return NULL;
}

/* What was refused for want of room, by the reason that the caller got. */
static void count_refusal(const struct method_series *one, const struct rpc_call *call)
{
    const char *reason = call->ctx.error.reason;

    if (!strcmp(reason, "OVERLOADED"))
        metrics_add(one->refused, 1);
    if (!strcmp(reason, "QUOTA_EXCEEDED"))
        metrics_add(metrics_series(METRIC_QUOTA_REFUSED, call->peer.member_code, NULL, NULL), 1);
}

void observe_call(void *user, const struct rpc_call *call, enum err code)
{
    struct method_series *one = series_of(call->method);
    int64_t duration_us = clock_monotonic_us() - call->arrived_us;
    enum log_level level = code == ERR_NONE       ? LOG_LEVEL_DEBUG
                           : code == ERR_INTERNAL ? LOG_LEVEL_ERROR
                                                  : LOG_LEVEL_INFO;
    char request_id[37];

    (void)user;
    if (one) {
        metrics_add(one->started, 1);
        metrics_add(one->handled[code], 1);
        metrics_observe(one->seconds, duration_us);
        if (call->ctx.error.code == ERR_EXHAUSTED)
            count_refusal(one, call);
    }
    uuid_format(&call->request_id, request_id);
    log_line(level, "call", log_text("method", call->method->path),
             log_text("member", call->peer.member_code), log_text("code", codes[code]),
             log_text("reason", call->ctx.error.reason), log_int("us", duration_us),
             log_text("request_id", request_id),
             log_text("detail", code == ERR_INTERNAL ? call->ctx.error.message : NULL));
}

static void batch_served(void *user, const struct method *method, int calls, int64_t duration_us)
{
    struct method_series *one = series_of_row(method);

    (void)user;
    if (!one)
        return;
    metrics_observe(one->batch_size, calls);
    metrics_observe(one->batch_seconds, duration_us);
}

static void batch_bisected(void *user, const struct method *method)
{
    struct method_series *one = series_of_row(method);

    (void)user;
    if (one)
        metrics_add(one->bisects, 1);
    log_line(LOG_LEVEL_ERROR, "batch_bisected", log_text("method", method->name));
}

static void batch_repeated(void *user, const struct method *method)
{
    struct method_series *one = series_of_row(method);

    (void)user;
    if (one)
        metrics_add(one->repeats, 1);
    log_line(LOG_LEVEL_WARN, "batch_repeated", log_text("method", method->name));
}

static void database_lost(void *user, enum pool pool, const struct error *error)
{
    static const char *const pools[POOL_COUNT] = {[POOL_REPORT] = "report",
                                                  [POOL_FLAG] = "flag",
                                                  [POOL_SUBMIT] = "submit",
                                                  [POOL_REGULATE] = "regulate"};

    (void)user;
    log_line(LOG_LEVEL_WARN, "database_lost", log_text("pool", pools[pool]),
             log_text("reason", error->reason), log_text("message", error->message));
}

struct batch_observer observe_batches(void)
{
    return (struct batch_observer){.batch_served = batch_served,
                                   .batch_bisected = batch_bisected,
                                   .batch_repeated = batch_repeated,
                                   .database_lost = database_lost};
}

void observe_queues(struct batch *batch)
{
    for (int i = 0; i < series_count; i++)
        metrics_set(series[i].depth, batch_depth(batch, i));
}

void observe_database(bool is_up)
{
    metrics_set(metrics_series(METRIC_DATABASE_UP, NULL, NULL, NULL), is_up);
}

void observe_setting(const char *key, const char *value, bool is_in_force)
{
    if (is_in_force)
        log_line(LOG_LEVEL_INFO, "setting_changed", log_text("key", key), log_text("value", value));
    else
        log_line(LOG_LEVEL_WARN, "setting_needs_restart", log_text("key", key),
                 log_text("value", value));
}

void observe_settings_refused(void)
{
    metrics_add(metrics_series(METRIC_RELOADS, "failed", NULL, NULL), 1);
}

/* Counted by the guard's events: it also reloads by itself when its files change. */
void observe_reload(const struct error *error)
{
    if (error->code == ERR_NONE)
        log_line(LOG_LEVEL_INFO, "reloaded");
    else
        observe_failure("reload_failed", error);
}

static void count_guard(const struct guard_event *event)
{
    if (event->ban_ms > 0)
        metrics_add(metrics_series(METRIC_GUARD_BANS, NULL, NULL, NULL), 1);
    if (event->kind == GUARD_EVENT_RELOADED)
        metrics_add(metrics_series(METRIC_RELOADS, "done", NULL, NULL), 1);
    if (event->kind == GUARD_EVENT_RELOAD_FAILED)
        metrics_add(metrics_series(METRIC_RELOADS, "failed", NULL, NULL), 1);
}

void observe_guard(void *user, const struct guard_event *event)
{
    static const char *const names[] = {
        [GUARD_EVENT_REFUSED] = "connection_refused",
        [GUARD_EVENT_VIOLATION] = "connection_violation",
        [GUARD_EVENT_CLOSED] = "connection_closed",
        [GUARD_EVENT_RELOADED] = "certificates_reloaded",
        [GUARD_EVENT_RELOAD_FAILED] = "certificates_reload_failed",
    };
    bool is_alarm =
        event->kind == GUARD_EVENT_VIOLATION || event->kind == GUARD_EVENT_RELOAD_FAILED;

    (void)user;
    count_guard(event);
    log_line(is_alarm ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, names[event->kind],
             log_text("reason", guard_reason_word(event->reason)),
             log_text("member", event->member_code), log_text("address", event->address),
             log_int("count", (int64_t)event->count), log_int("ban_ms", event->ban_ms),
             log_text("message", *event->message ? event->message : NULL));
}

static void collect_guard(void *user)
{
    struct guard_stats stats;

    guard_stats(user, &stats);
    metrics_set(metrics_series(METRIC_GUARD_ACCEPTED, NULL, NULL, NULL),
                (int64_t)stats.accepted_count);
    metrics_set(metrics_series(METRIC_GUARD_CONNECTIONS, NULL, NULL, NULL), stats.open_count);
    metrics_set(metrics_series(METRIC_GUARD_BANNED, NULL, NULL, NULL), stats.banned_count);
    metrics_set(metrics_series(METRIC_GUARD_BYTES, "received", NULL, NULL),
                (int64_t)stats.received_bytes);
    metrics_set(metrics_series(METRIC_GUARD_BYTES, "sent", NULL, NULL), (int64_t)stats.sent_bytes);
    metrics_set(metrics_series(METRIC_CERTIFICATE_EXPIRES, "server", NULL, NULL),
                stats.certificate_ends_us / 1000000);
    for (int reason = 0; reason < GUARD_REASON_COUNT; reason++) {
        if (stats.reason_counts[reason])
            metrics_set(metrics_series(METRIC_GUARD_VIOLATIONS,
                                       guard_reason_word((enum guard_reason)reason), NULL, NULL),
                        (int64_t)stats.reason_counts[reason]);
    }
}

void observe_guard_stats(struct guard *guard)
{
    metrics_on_scrape(collect_guard, guard);
}

void observe_failure(const char *event, const struct error *error)
{
    log_line(LOG_LEVEL_ERROR, event, log_text("reason", error->reason),
             log_text("message", error->message));
}

/* A job that goes on failing is counted, but not told twice a second. */
void observe_job_failure(void *user, const char *job, const struct error *error, int in_row)
{
    (void)user;
    metrics_add(metrics_series(METRIC_JOB_FAILURES, job, NULL, NULL), 1);
    if (in_row % 100 != 1)
        return;
    log_line(LOG_LEVEL_WARN, "job_failed", log_text("job", job), log_text("reason", error->reason),
             log_text("message", error->message));
}

void observe_merge(void *user, int64_t deltas)
{
    (void)user;
    metrics_add(metrics_series(METRIC_MERGE_ROWS, NULL, NULL, NULL), deltas);
}

void observe_ratings(void *user, int subjects, int written, int64_t read_us, int64_t rate_us)
{
    (void)user;
    metrics_add(metrics_series(METRIC_RATING_SUBJECTS, NULL, NULL, NULL), subjects);
    metrics_add(metrics_series(METRIC_RATING_KEPT, NULL, NULL, NULL), written);
    metrics_add(metrics_series(METRIC_RATING_MICROSECONDS, "read", NULL, NULL), read_us);
    metrics_add(metrics_series(METRIC_RATING_MICROSECONDS, "rate", NULL, NULL), rate_us);
}

/* Ids and codes alone: who it is, is nowhere. */
void observe_ratings_skipped(void *user, const struct rating_skipped *skipped)
{
    (void)user;
    metrics_add(metrics_series(METRIC_RATING_SKIPPED, NULL, NULL, NULL), skipped->count);
    log_line(LOG_LEVEL_ERROR, "ratings_skipped", log_int("count", skipped->count),
             log_int("subject", skipped->subject_id), log_int("standard", skipped->standard_no),
             log_text("message", skipped->error.code == ERR_NONE ? "a stored fact cannot be read"
                                                                 : skipped->error.message));
}

/* An alarm when more is missing than at the last look; the metric shows it until the gaps are
 * closed or accepted. */
void observe_flag_feed(void *user, const char *code, int64_t missing)
{
    int number = metrics_series(METRIC_FLAG_FEED_MISSING, code, NULL, NULL);

    (void)user;
    if (missing > metrics_value(number))
        log_line(LOG_LEVEL_WARN, "flag_feed_gap", log_text("member", code),
                 log_int("missing", missing));
    metrics_set(number, missing);
}

void observe_disputes(void *user, int64_t unanswered)
{
    (void)user;
    metrics_set(metrics_series(METRIC_DISPUTES_UNANSWERED, NULL, NULL, NULL), unanswered);
}

void observe_purge(void *user, const struct purge_slice *slice)
{
    (void)user;
    for (int i = 0; i < slice->count; i++) {
        char kind[8];

        snprintf(kind, sizeof(kind), "%d", slice->counts[i].kind);
        metrics_add(metrics_series(METRIC_PURGED, kind, NULL, NULL), slice->counts[i].items);
    }
}

void observe_rating_behind(void *user, const struct rating_behind *behind)
{
    (void)user;
    metrics_set(metrics_series(METRIC_RATING_LAG, NULL, NULL, NULL), behind->seconds);
    metrics_set(metrics_series(METRIC_RATING_PASS, NULL, NULL, NULL),
                behind->rated_at_us / 1000000);
}

void observe_purge_pass(void *user, int64_t ended_at_us)
{
    (void)user;
    metrics_set(metrics_series(METRIC_PURGE_PASS, NULL, NULL, NULL), ended_at_us / 1000000);
}

void observe_registry(int64_t version)
{
    metrics_set(metrics_series(METRIC_REGISTRY_VERSION, NULL, NULL, NULL), version);
    log_line(LOG_LEVEL_INFO, "registry", log_int("version", version));
}

void observe_standards(uint64_t revision, int count)
{
    log_line(LOG_LEVEL_INFO, "standards", log_int("revision", (int64_t)revision),
             log_int("count", count));
}

void observe_standard_unreadable(void *user, int32_t number, const struct error *error)
{
    (void)user;
    log_line(LOG_LEVEL_ERROR, "standard_unreadable", log_int("number", number),
             log_text("reason", error->reason), log_text("message", error->message));
}

void observe_cluster(enum cluster_news news)
{
    if (news == CLUSTER_DIED)
        log_line(LOG_LEVEL_ERROR, "database_died");
    if (news != CLUSTER_RESTARTED)
        return;
    metrics_add(metrics_series(METRIC_DATABASE_RESTARTS, NULL, NULL, NULL), 1);
    log_line(LOG_LEVEL_WARN, "database_restarted");
}
