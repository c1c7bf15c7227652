/*
 * What the parts report, turned into log lines and metrics. No personal data: member codes,
 * methods, reasons and numbers only.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "batch/batch.h"
#include "db/cluster.h"
#include "guard/guard.h"
#include "job/rating_keep.h"
#include "ops/log.h"
#include "rpc/rpc.h"
#include "store/purge.h"

/* Makes the series of every method; before rpc_start. */
void observe_methods(const struct rpc_method *methods, int count);

/* rpc_options.finished: one line and one observation a call. */
void observe_call(void *user, const struct rpc_call *call, enum err code);

/* The observer of batches. */
struct batch_observer observe_batches(void);

/* guard_options.event, and the guard's counters at every scrape. */
void observe_guard(void *user, const struct guard_event *event);
void observe_guard_stats(struct guard *guard);

/* job_options.failed. */
void observe_job_failure(void *user, const char *job, const struct error *error, int in_row);

/* rollup_job.merged. */
void observe_merge(void *user, int64_t deltas);

/* rating_job.rated, skipped and behind. */
void observe_ratings(void *user, int subjects, int written, int64_t read_us, int64_t rate_us);
void observe_ratings_skipped(void *user, const struct rating_skipped *skipped);
void observe_rating_behind(void *user, const struct rating_behind *behind);

/* dispute_job.counted. */
void observe_disputes(void *user, int64_t unanswered);

/* flag_feed_job.found. */
void observe_flag_feed(void *user, const char *code, int64_t missing);

/* purge_job.purged and passed. */
void observe_purge(void *user, const struct purge_slice *slice);
void observe_purge_pass(void *user, int64_t ended_at_us);

/* At every scrape: calls that wait, and whether the database answers. */
void observe_queues(struct batch *batch);
void observe_database(bool is_up);

/* config_reload.changed: a setting that differs from what was in force. */
void observe_setting(const char *key, const char *value, bool is_in_force);
/* The settings stay as they were; observe_reload says why. */
void observe_settings_refused(void);

/* A reload is over; error says why it failed, ERR_NONE that it did not. */
void observe_reload(const struct error *error);

void observe_registry(int64_t version);

/* A new set of rating standards; one that had to be left out of it. */
void observe_standards(uint64_t revision, int count);
void observe_standard_unreadable(void *user, int32_t number, const struct error *error);

void observe_cluster(enum cluster_news news);
void observe_failure(const char *event, const struct error *error);
