#include "ops/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
    BUCKET_MAX = 16,
    LABEL_SIZE = 64,
    COLLECTOR_MAX = 8,
    HASH_SLOTS = METRICS_SERIES_MAX * 2,
};

enum kind { COUNTER, GAUGE, HISTOGRAM };

/* A row of the table. */
struct metric_row {
    const char *name;
    const char *help;
    enum kind kind;
    const char *labels[METRIC_LABEL_MAX];
    const int64_t *bounds; /* of a histogram, rising, ended by 0 */
    int64_t unit;          /* what is shown is the value divided by this */
};

/* Bounds in microseconds: around the promises on latency. */
static const int64_t latency_bounds[] = {250,    500,     1000,    2500,     5000,
                                         10000,  25000,   50000,   100000,   250000,
                                         500000, 1000000, 5000000, 30000000, 0};
static const int64_t size_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 0};

enum { MICROSECONDS = 1000000 };

/* clang-format off */
static const struct metric_row metric_rows[METRIC_COUNT] = {
    [METRIC_BUILD_INFO] = {"cix_build_info", "Version of the running server.", GAUGE, {"version"}, NULL, 1},
    [METRIC_START_SECONDS] = {"cix_start_timestamp_seconds", "When the process started.", GAUGE, {NULL}, NULL, 1},
    [METRIC_RPC_STARTED] = {"cix_rpc_started_total", "Calls that began.", COUNTER, {"service", "method"}, NULL, 1},
    [METRIC_RPC_HANDLED] = {"cix_rpc_handled_total", "Calls that ended, by status code.", COUNTER, {"service", "method", "code"}, NULL, 1},
    [METRIC_RPC_SECONDS] = {"cix_rpc_seconds", "Time from the arrival of a call to its status.", HISTOGRAM, {"service", "method"}, latency_bounds, MICROSECONDS},
    [METRIC_QUEUE_DEPTH] = {"cix_queue_depth", "Calls that wait for a worker.", GAUGE, {"method"}, NULL, 1},
    [METRIC_QUEUE_REFUSED] = {"cix_queue_refused_total", "Calls refused because the queue was full.", COUNTER, {"method"}, NULL, 1},
    [METRIC_QUOTA_REFUSED] = {"cix_quota_refused_total", "Calls refused because the member's quota was used up.", COUNTER, {"member"}, NULL, 1},
    [METRIC_BATCH_SIZE] = {"cix_batch_size", "Calls served together.", HISTOGRAM, {"method"}, size_bounds, 1},
    [METRIC_BATCH_SECONDS] = {"cix_batch_seconds", "Time a worker spent on one batch.", HISTOGRAM, {"method"}, latency_bounds, MICROSECONDS},
    [METRIC_BATCH_BISECTS] = {"cix_batch_bisects_total", "Batches split because of a data error.", COUNTER, {"method"}, NULL, 1},
    [METRIC_BATCH_RETRIES] = {"cix_batch_retries_total", "Batches run again after a serialization failure.", COUNTER, {"method"}, NULL, 1},
    [METRIC_GUARD_ACCEPTED] = {"cix_guard_accepted_total", "Connections accepted.", COUNTER, {NULL}, NULL, 1},
    [METRIC_GUARD_VIOLATIONS] = {"cix_guard_violations_total", "Connections closed for breaking a budget of the protocol.", COUNTER, {"reason"}, NULL, 1},
    [METRIC_GUARD_BANS] = {"cix_guard_bans_total", "Bans that began.", COUNTER, {NULL}, NULL, 1},
    [METRIC_GUARD_BANNED] = {"cix_guard_banned", "Bans in force.", GAUGE, {NULL}, NULL, 1},
    [METRIC_GUARD_CONNECTIONS] = {"cix_guard_connections", "Open connections.", GAUGE, {NULL}, NULL, 1},
    [METRIC_GUARD_BYTES] = {"cix_guard_bytes_total", "Bytes of clear text passed on.", COUNTER, {"direction"}, NULL, 1},
    [METRIC_CERTIFICATE_EXPIRES] = {"cix_certificate_expires_timestamp_seconds", "End of validity of a certificate.", GAUGE, {"certificate"}, NULL, 1},
    [METRIC_RELOADS] = {"cix_reloads_total", "Reloads of certificates and settings.", COUNTER, {"outcome"}, NULL, 1},
    [METRIC_DATABASE_UP] = {"cix_database_up", "1 while the database answers.", GAUGE, {NULL}, NULL, 1},
    [METRIC_DATABASE_RESTARTS] = {"cix_database_restarts_total", "Restarts of the private database.", COUNTER, {NULL}, NULL, 1},
    [METRIC_REGISTRY_VERSION] = {"cix_registry_version", "Version of the member registry in force.", GAUGE, {NULL}, NULL, 1},
    [METRIC_MERGE_ROWS] = {"cix_merge_rows_total", "Deltas merged into the roll-ups.", COUNTER, {NULL}, NULL, 1},
    [METRIC_RATING_SUBJECTS] = {"cix_rating_subjects_total", "Subjects that the job rated.", COUNTER, {NULL}, NULL, 1},
    [METRIC_RATING_KEPT] = {"cix_rating_kept_total", "Ratings that differed from the one before and were kept.", COUNTER, {NULL}, NULL, 1},
    [METRIC_RATING_SKIPPED] = {"cix_rating_skipped_total", "Ratings that could not be computed or kept.", COUNTER, {NULL}, NULL, 1},
    [METRIC_RATING_MICROSECONDS] = {"cix_rating_microseconds_total", "Time of the job that rates, for reading and, meanwhile, for the rest.", COUNTER, {"step"}, NULL, 1},
    [METRIC_RATING_LAG] = {"cix_rating_lag_seconds", "For how long the oldest change waits that is not rated yet.", GAUGE, {NULL}, NULL, 1},
    [METRIC_RATING_PASS] = {"cix_rating_pass_timestamp_seconds", "When everybody was rated last.", GAUGE, {NULL}, NULL, 1},
    [METRIC_FLAG_FEED_MISSING] = {"cix_flag_feed_missing", "Numbered listings of a court's feeds that did not come.", GAUGE, {"member"}, NULL, 1},
    [METRIC_DISPUTES_UNANSWERED] = {"cix_disputes_unanswered", "Disputes that are past their last day and have no answer.", GAUGE, {NULL}, NULL, 1},
    [METRIC_PURGED] = {"cix_purged_total", "Items that were over by law and were deleted.", COUNTER, {"kind"}, NULL, 1},
    [METRIC_PURGE_PASS] = {"cix_purge_pass_timestamp_seconds", "When the latest whole purge ended.", GAUGE, {NULL}, NULL, 1},
    [METRIC_JOB_FAILURES] = {"cix_job_failures_total", "Runs of background work that failed.", COUNTER, {"job"}, NULL, 1},
    [METRIC_DROPPED] = {"cix_metrics_dropped_total", "Series that found no room.", COUNTER, {NULL}, NULL, 1},
};
/* clang-format on */

struct series {
    enum metric metric;
    char labels[METRIC_LABEL_MAX][LABEL_SIZE];
    atomic_int_least64_t value; /* the sum of a histogram */
    atomic_int_least64_t count;
    atomic_int_least64_t buckets[BUCKET_MAX];
};

struct collector {
    void (*collect)(void *user);
    void *user;
};

/*
 * Series are only ever added; series_count is published after the entry is complete, so readers
 * need no lock. Entry 0 takes what found no room and is never shown.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct series all_series[METRICS_SERIES_MAX];
static atomic_int series_count = 1;
static int hash_slots[HASH_SLOTS];
static struct collector collectors[COLLECTOR_MAX];
static int collector_count;
static atomic_int_least64_t dropped;

/* Names cut to the size of a label, at a character's border. */
static void copy_label(char *out, const char *text)
{
    size_t size = text == NULL ? 0 : strnlen(text, LABEL_SIZE - 1);
    while (size > 0 && !text_is_utf8(text, size))
        size--;
    memcpy(out, text == NULL ? "" : text, size);
    out[size] = '\0';
}

static size_t hash_of(enum metric metric, char labels[METRIC_LABEL_MAX][LABEL_SIZE])
{
    size_t hash = 5381 + (size_t)metric;
    for (int i = 0; i < METRIC_LABEL_MAX; i++) {
        for (const char *c = labels[i]; *c != '\0'; c++)
            hash = hash * 33 + (unsigned char)*c;
        hash = hash * 33 + 1;
    }
    return hash % HASH_SLOTS;
}

static int add_series(enum metric metric, char labels[METRIC_LABEL_MAX][LABEL_SIZE])
{
    int number = atomic_load(&series_count);
    if (number >= METRICS_SERIES_MAX) {
        atomic_fetch_add(&dropped, 1);
        return 0;
    }
    all_series[number].metric = metric;
    memcpy(all_series[number].labels, labels, sizeof(all_series[number].labels));
    atomic_store(&series_count, number + 1);
    return number;
}

int metrics_series(enum metric metric, const char *first, const char *second, const char *third)
{
    char labels[METRIC_LABEL_MAX][LABEL_SIZE] = {{0}};
    const char *given[METRIC_LABEL_MAX] = {first, second, third};
    for (int i = 0; i < METRIC_LABEL_MAX; i++) {
        CHECK((given[i] == NULL) == (metric_rows[metric].labels[i] == NULL));
        copy_label(labels[i], given[i]);
    }
    size_t slot = hash_of(metric, labels);
    pthread_mutex_lock(&lock);
    while (hash_slots[slot] != 0) {
        const struct series *series = &all_series[hash_slots[slot]];
        if (series->metric == metric && memcmp(series->labels, labels, sizeof(labels)) == 0)
            break;
        slot = (slot + 1) % HASH_SLOTS;
    }
    if (hash_slots[slot] == 0)
        hash_slots[slot] = add_series(metric, labels);
    int number = hash_slots[slot];
    pthread_mutex_unlock(&lock);
    return number;
}

static struct series *series_at(int number)
{
    CHECK(number >= 0 && number < METRICS_SERIES_MAX);
    return &all_series[number];
}

void metrics_add(int number, int64_t amount)
{
    atomic_fetch_add_explicit(&series_at(number)->value, amount, memory_order_relaxed);
}

void metrics_set(int number, int64_t value)
{
    atomic_store_explicit(&series_at(number)->value, value, memory_order_relaxed);
}

void metrics_observe(int number, int64_t value)
{
    struct series *series = series_at(number);
    const int64_t *bounds = metric_rows[series->metric].bounds;
    int bucket = 0;
    while (bounds != NULL && bounds[bucket] != 0 && value > bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->value, value, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->count, 1, memory_order_relaxed);
}

int64_t metrics_value(int number)
{
    struct series *series = series_at(number);
    if (metric_rows[series->metric].kind == HISTOGRAM)
        return atomic_load_explicit(&series->count, memory_order_relaxed);
    return atomic_load_explicit(&series->value, memory_order_relaxed);
}

void metrics_on_scrape(void (*collect)(void *user), void *user)
{
    pthread_mutex_lock(&lock);
    CHECK(collector_count < COLLECTOR_MAX);
    collectors[collector_count++] = (struct collector){collect, user};
    pthread_mutex_unlock(&lock);
}

static void put_label(struct builder *out, const char *name, const char *value)
{
    builder_format(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            builder_text(out, "\\n");
        else if (*value == '"' || *value == '\\')
            builder_format(out, "\\%c", *value);
        else
            builder_put(out, value, 1);
    }
    builder_text(out, "\"");
}

/* "name{a="x",le="0.5"}"; bound: NULL, or the value of the label le. */
static void put_name(struct builder *out, const struct series *series, const char *suffix,
                     const char *bound)
{
    const struct metric_row *row = &metric_rows[series->metric];
    const char *separator = "{";
    builder_format(out, "%s%s", row->name, suffix);
    for (int i = 0; i < METRIC_LABEL_MAX && row->labels[i] != NULL; i++) {
        builder_text(out, separator);
        put_label(out, row->labels[i], series->labels[i]);
        separator = ",";
    }
    if (bound != NULL) {
        builder_text(out, separator);
        put_label(out, "le", bound);
        separator = ",";
    }
    builder_text(out, *separator == ',' ? "} " : " ");
}

/* A whole number divided by the unit, without floating point. text has 48 bytes. */
static void format_unit(int64_t value, int64_t unit, char text[48])
{
    if (unit == 1)
        snprintf(text, 48, "%" PRId64, value);
    else
        snprintf(text, 48, "%" PRId64 ".%06" PRId64, value / unit, value % unit);
}

static void put_histogram(struct builder *out, struct series *series)
{
    const struct metric_row *row = &metric_rows[series->metric];
    char text[48];
    int64_t total = 0;
    int bucket;
    for (bucket = 0; row->bounds[bucket] != 0; bucket++) {
        total += atomic_load_explicit(&series->buckets[bucket], memory_order_relaxed);
        format_unit(row->bounds[bucket], row->unit, text);
        put_name(out, series, "_bucket", text);
        builder_format(out, "%" PRId64 "\n", total);
    }
    total += atomic_load_explicit(&series->buckets[bucket], memory_order_relaxed);
    put_name(out, series, "_bucket", "+Inf");
    builder_format(out, "%" PRId64 "\n", total);
    format_unit(atomic_load_explicit(&series->value, memory_order_relaxed), row->unit, text);
    put_name(out, series, "_sum", NULL);
    builder_format(out, "%s\n", text);
    /* The count is the sum of the buckets read above, so that one exposition agrees with itself. */
    put_name(out, series, "_count", NULL);
    builder_format(out, "%" PRId64 "\n", total);
}

static void put_series(struct builder *out, struct series *series)
{
    if (metric_rows[series->metric].kind == HISTOGRAM) {
        put_histogram(out, series);
        return;
    }
    put_name(out, series, "", NULL);
    builder_format(out, "%" PRId64 "\n",
                   (int64_t)atomic_load_explicit(&series->value, memory_order_relaxed));
}

static void put_metric(struct builder *out, int metric, int count)
{
    static const char *const kind_names[] = {"counter", "gauge", "histogram"};
    const struct metric_row *row = &metric_rows[metric];
    bool has_head = false;
    for (int i = 1; i < count; i++) {
        if ((int)all_series[i].metric != metric)
            continue;
        if (!has_head)
            builder_format(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                           kind_names[row->kind]);
        has_head = true;
        put_series(out, &all_series[i]);
    }
}

const char *metrics_text(struct arena *arena)
{
    struct builder out = {.arena = arena};
    for (int i = 0; i < collector_count; i++)
        collectors[i].collect(collectors[i].user);
    metrics_set(metrics_series(METRIC_DROPPED, NULL, NULL, NULL), atomic_load(&dropped));
    int count = atomic_load(&series_count);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        put_metric(&out, metric, count);
    return out.data;
}

void metrics_reset(void)
{
    pthread_mutex_lock(&lock);
    memset(all_series, 0, sizeof(all_series));
    memset(hash_slots, 0, sizeof(hash_slots));
    memset(collectors, 0, sizeof(collectors));
    atomic_store(&series_count, 1);
    atomic_store(&dropped, 0);
    collector_count = 0;
    pthread_mutex_unlock(&lock);
}
