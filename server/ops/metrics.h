/*
 * Counters, gauges and histograms, shown in the text format of Prometheus.
 *
 * What can be measured is a static table in metrics.c. A metric with labels has one series for each
 * set of label values; metrics_series finds or makes it once, and the small number that it returns
 * makes the hot path one relaxed atomic addition. Thread-safe. Bounded: beyond METRICS_SERIES_MAX
 * every new series is the same unshown one, and cix_metrics_dropped_total counts them.
 * Label values are members' codes, methods and reasons; never personal data.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { METRICS_SERIES_MAX = 4096, METRIC_LABEL_MAX = 3 };

/* One value for each row of the table in metrics.c, in its order. */
enum metric {
    METRIC_BUILD_INFO,          /* {version} always 1 */
    METRIC_START_SECONDS,       /* when the process started, Unix seconds */
    METRIC_RPC_STARTED,         /* {service, method} */
    METRIC_RPC_HANDLED,         /* {service, method, code} */
    METRIC_RPC_SECONDS,         /* {service, method} histogram, observe microseconds */
    METRIC_QUEUE_DEPTH,         /* {method} calls that wait */
    METRIC_QUEUE_REFUSED,       /* {method} calls refused since the queue was full */
    METRIC_QUOTA_REFUSED,       /* {member} */
    METRIC_BATCH_SIZE,          /* {method} histogram of calls in a batch */
    METRIC_BATCH_SECONDS,       /* {method} histogram, observe microseconds */
    METRIC_BATCH_BISECTS,       /* {method} batches split for a data error */
    METRIC_BATCH_RETRIES,       /* {method} batches run again after a serialization failure */
    METRIC_GUARD_ACCEPTED,      /* connections accepted */
    METRIC_GUARD_VIOLATIONS,    /* {reason} */
    METRIC_GUARD_BANS,          /* bans begun */
    METRIC_GUARD_BANNED,        /* members and addresses banned now */
    METRIC_GUARD_CONNECTIONS,   /* open connections */
    METRIC_GUARD_BYTES,         /* {direction} */
    METRIC_CERTIFICATE_EXPIRES, /* {certificate} Unix seconds */
    METRIC_RELOADS,             /* {outcome} */
    METRIC_DATABASE_UP,         /* 1 while the database answers */
    METRIC_DATABASE_RESTARTS,   /* restarts of the private database */
    METRIC_REGISTRY_VERSION,    /* version of the member registry in force */
    METRIC_MERGE_ROWS,          /* deltas merged into the roll-ups */
    METRIC_RATING_SUBJECTS,     /* that the job rated */
    METRIC_RATING_KEPT,         /* ratings that differed and were kept */
    METRIC_RATING_SKIPPED,      /* that could not be computed or kept */
    METRIC_RATING_MICROSECONDS, /* by step: read, rate */
    METRIC_RATING_LAG,          /* seconds that the oldest change waits to be rated */
    METRIC_RATING_PASS,         /* Unix seconds of the end of the latest pass over all */
    METRIC_FLAG_FEED_MISSING,   /* {member} numbers that a court's feeds lack */
    METRIC_DISPUTES_UNANSWERED, /* past their last day and without an answer */
    METRIC_PURGED,              /* {kind} items that were over and are gone */
    METRIC_PURGE_PASS,          /* Unix seconds of the end of the latest whole pass */
    METRIC_JOB_FAILURES,        /* {job} */
    METRIC_DROPPED,             /* series that found no room */
    METRIC_COUNT
};

/*
 * The series of a metric with these label values, in the order of the table; NULL for labels that
 * the metric has not. Values are copied. Not for the hot path: takes a lock.
 */
int metrics_series(enum metric metric, const char *first, const char *second, const char *third);

/* Adds to a counter or gauge. A counter takes no negative amount. */
void metrics_add(int series, int64_t amount);

/* Sets a gauge, or a counter that is kept elsewhere and never falls. */
void metrics_set(int series, int64_t value);

/* Counts one observation of a histogram, in the unit that the table says. */
void metrics_observe(int series, int64_t value);

/* The current value of a counter or gauge, or the count of a histogram. For tests and the console.
 */
int64_t metrics_value(int series);

/* Called before every exposition, for what others count. At most 8; they stay for ever. */
void metrics_on_scrape(void (*collect)(void *user), void *user);

/* All series as text, version 0.0.4 of the format. Lives in the arena. */
const char *metrics_text(struct arena *arena);

/* Forgets all series and callbacks. For tests. */
void metrics_reset(void);
