/*
 * Submissions: typed calls of sql/api/submission.sql. Role cix_submit.
 *
 * What the exchange refuses by its state fails with the reasons of submission.proto. Every call
 * leaves its audit row in the transaction of its work.
 */
#pragma once

#include "base/digest.h"
#include "db/db.h"
#include "domain/file.h"
#include "domain/rule.h"
#include "store/record.h"

enum submission_mode { SUBMISSION_MODE_DAILY = 1, SUBMISSION_MODE_FILE = 2 };
enum submission_state {
    SUBMISSION_STATE_OPEN = 1,
    SUBMISSION_STATE_COMMITTED = 2,
    SUBMISSION_STATE_HELD = 3,
    SUBMISSION_STATE_EXPIRED = 4,
    SUBMISSION_STATE_BACKING_OUT = 5,
    SUBMISSION_STATE_BACKED_OUT = 6,
};

/* Who acts, on which submission, when; and what the audit row needs. */
struct submission_act {
    int32_t member_id;
    struct uuid submission_id;
    int64_t now_us;
    int64_t audit_id;         /* the same when the act is run again */
    int16_t method;           /* audit code */
    struct bytes certificate; /* fingerprint, 32 bytes */
};

/* Records by what became of them. */
struct submission_counts {
    int64_t accepted;
    int64_t rejected;
    int64_t quarantined;
    int64_t warned;
};

/* One verdict. Texts live in the arena or are static. */
struct submission_verdict {
    int32_t chunk;
    int32_t line;
    const char *rule;
    enum severity severity;
    const char *field;  /* path below the record */
    const char *reason; /* "": the rule's own sentence */
};

struct submission_verdicts {
    struct submission_verdict *items;
    int count;
};

/* A record that the rules kept aside, sealed. */
struct submission_aside {
    int32_t line;
    int64_t record_id;
    struct bytes sealed;
};

/* A control total: the amounts of one currency, minor units modulo 2^64. */
struct submission_total {
    const char *currency;
    int64_t amount;
};

/* A further step of a chunk's transaction, behind its opening; statement NULL: none. */
struct submission_extra {
    const struct statement *statement;
    const struct params *params;
};

/* A chunk, checked and sealed. */
struct submission_chunk {
    int32_t number;
    struct digest hash; /* of the message as it arrived */
    int32_t record_count;
    struct submission_total *totals;
    int total_count;
    int64_t records_max;   /* of a submission (F005) */
    int32_t month_count;   /* months of accounts; this and the next two for data quality */
    int32_t fields_due;    /* optional fields of its records */
    int32_t fields_given;  /* of these, given */
    uint32_t data_classes; /* that its records need */
    uint32_t roles;        /* that they need beside contributor or court */
    bool is_staged;        /* mode FILE: kept until the commit, no rows are put */
    int64_t whole_id;      /* the whole message, sealed */
    struct bytes whole;
    struct submission_extra extra;
    struct record_rows rows;
    struct submission_verdicts verdicts; /* found by the server itself */
    struct submission_aside *asides;
    int aside_count;
};

struct submission_chunk_result {
    bool is_replay;
    struct submission_counts counts;
    struct submission_verdicts verdicts; /* by line, then rule */
};

/* What the member said of its file; is_given false: nothing. */
struct submission_declaration {
    bool is_given;
    bool has_hash;
    struct digest file_hash; /* keyed */
    int64_t records;
    struct submission_total *totals;
    int total_count;
    int16_t kind; /* number in Record; 0: several */
};

struct submission_opening {
    enum submission_mode mode;
    struct count_field period;
    struct submission_declaration declared;
    int32_t open_max; /* files of the member that may be open or held */
};

struct submission_opened {
    int32_t next_chunk;
    enum submission_state state;
    bool has_earlier; /* the same file was committed under earlier_id (F004): nothing is open */
    struct uuid earlier_id;
};

/*
 * Opens a submission or finds it. Fails with SUBMISSION_CONFLICT, SUBMISSIONS_OPEN or
 * MEMBER_NOT_PERMITTED.
 */
MUST_USE bool submission_open(struct ctx *ctx, struct db *db, const struct submission_act *act,
                              const struct submission_opening *opening,
                              struct submission_opened *opened);

/*
 * Takes one chunk in one transaction, or answers what an earlier attempt was answered. Fails with
 * CHUNK_GAP, CHUNK_CONFLICT, SUBMISSION_CLOSED, SUBMISSION_UNKNOWN, FILE_TOO_LARGE or
 * MEMBER_NOT_PERMITTED.
 */
MUST_USE bool submission_chunk_put(struct ctx *ctx, struct db *db, const struct submission_act *act,
                                   const struct submission_chunk *chunk,
                                   struct submission_chunk_result *result);

/* A chunk of mode FILE as it lies staged. */
struct submission_staged {
    int32_t number;
    int64_t record_id;
    struct bytes sealed;
    int64_t recorded_at_us;
};

/*
 * Turns a staged chunk into rows again; arena: lives until the chunk is applied. applied (or NULL)
 * is told behind every chunk how many records are in; nothing of them is visible yet.
 */
struct submission_applier {
    bool (*apply)(void *user, struct ctx *ctx, const struct submission_staged *staged,
                  struct submission_chunk *chunk);
    void (*applied)(void *user, int64_t applied, int64_t records);
    void *user;
};

/* How a submission is to be committed. */
struct submission_closing {
    int32_t chunk_count;
    bool is_accepted;         /* a held file, in spite of F006; counts with an explanation only */
    int64_t explanation_id;   /* record that explanation is bound to */
    struct bytes explanation; /* sealed; data NULL: none */
    struct file_limits limits;
    struct submission_act act_of_hold; /* another audit id: a hold is an act of its own */
};

struct submission_closed {
    struct submission_counts totals;
    bool has_earlier; /* the same file was committed under earlier_id; nothing was written */
    struct uuid earlier_id;
};

/*
 * Commits a submission: mode FILE applies all chunks, in one transaction or not at all. Repeated,
 * it answers the same. Fails with CHUNK_GAP, SUBMISSION_UNKNOWN, SUBMISSION_CLOSED (expired),
 * SUBMISSION_BUSY, FILE_REFUSED, FILE_HELD or MEMBER_NOT_PERMITTED, or as apply fails.
 */
MUST_USE bool submission_commit(struct ctx *ctx, struct db *db, const struct submission_act *act,
                                const struct submission_closing *closing,
                                const struct submission_applier *applier,
                                struct submission_closed *closed);

/*
 * Ends open and held files that nobody touched since a day (us), at most some hundred at once;
 * count says how many. Role cix_admin.
 */
MUST_USE bool submission_expire(struct ctx *ctx, struct db *db, int64_t before_us, int64_t now_us,
                                int *count);

/* Where a page of verdicts begins: behind this one. Zero-initialised: at the beginning. */
struct submission_place {
    int32_t chunk;
    int32_t line;
    const char *rule;
    const char *field;
};

struct submission_status {
    enum submission_state state;
    enum submission_mode mode;
    struct count_field period;
    int32_t next_chunk;
    struct submission_counts counts;
    int64_t opened_at_us;
    const char *held_rule; /* "" unless it is held */
    bool has_earlier;      /* it ended, since the same file was committed under earlier_id */
    struct uuid earlier_id;
    struct submission_verdicts verdicts; /* at most page_size */
};

/* Reads a submission and a page of its verdicts. ERR_NOT_FOUND / SUBMISSION_UNKNOWN. */
MUST_USE bool submission_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                              const struct submission_place *after, int32_t page_size,
                              struct submission_status *status);
