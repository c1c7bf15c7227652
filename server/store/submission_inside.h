/*
 * Inside of store/submission*.c: what taking chunks and committing have in common.
 */
#pragma once

#include "store/submission.h"

/* Outcomes of the functions of sql/api/submission.sql, in the order of their numbers. */
enum submission_outcome {
    OUTCOME_DONE,
    OUTCOME_REPLAY,
    OUTCOME_CONFLICT,
    OUTCOME_GAP,
    OUTCOME_CLOSED,
    OUTCOME_DENIED,
    OUTCOME_UNKNOWN,
    OUTCOME_FILE_REFUSED,
    OUTCOME_SAME_FILE,
    OUTCOME_HELD,
    OUTCOME_BUSY,
    OUTCOME_MANY,
    OUTCOME_TOO_LARGE,
};

/* Fails as an outcome says; next_chunk: for OUTCOME_GAP. Always false. */
MUST_USE bool submission_fail_outcome(struct ctx *ctx, enum submission_outcome outcome,
                                      int32_t next_chunk);

/* Parameters that begin with the caller and the submission. */
struct params *submission_params(struct ctx *ctx, const struct submission_act *act);

/* The parameters of every act: at, audit_id, method, certificate, salt. */
void submission_put_audit(struct params *params, const struct submission_act *act);

/* Verdicts as arrays: lines, rules, severities, fields, reasons. */
void submission_put_verdicts(struct params *params, const struct submission_verdicts *verdicts);

/* Adds the rows of a page or of a put function; chunk 0: the rows name their chunk. */
void submission_add_verdicts(struct arena *arena, struct rows *rows, int32_t chunk,
                             struct submission_verdicts *verdicts);

/* Columns by name. */
int16_t submission_int2(const struct rows *rows, const char *column);
int32_t submission_int4(const struct rows *rows, const char *column);
int64_t submission_int8(const struct rows *rows, const char *column);

/* Goes to the only row; CHECKs that there is one. */
void submission_only_row(struct rows *rows);

/* accepted, rejected, quarantined and warned: of a chunk (int4), of a submission (int8). */
struct submission_counts submission_counts_of(const struct rows *rows);
struct submission_counts submission_totals_of(const struct rows *rows);

/* Puts and close, the part that opening and applying have in common. */
struct submission_steps {
    struct db_step steps[RECORD_STEPS_MAX + 3];
    struct rows opened;
    struct rows results[RECORD_STEPS_MAX];
    struct rows closed;
    int count;
    int puts;
};

/* Adds the puts and the close of a chunk behind what is there. */
void submission_steps_add(struct submission_steps *all, struct ctx *ctx,
                          const struct submission_act *act, const struct submission_chunk *chunk);

/* Releases the rows. */
void submission_steps_done(struct submission_steps *all);

/*
 * Runs a function that ends what is older than a day, with ids and salts for some hundred audit
 * rows: (before, audit ids, salts, now), which answers how many it ended.
 */
MUST_USE bool submission_run_expiry(struct ctx *ctx, struct db *db,
                                    const struct statement *statement, int64_t before_us,
                                    int64_t now_us, int *count);
