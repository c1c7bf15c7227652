/*
 * What ratings are computed from: typed calls of sql/api/rating.sql. Role cix_inquire.
 *
 * Both halves travel in one pipeline as two transactions, as those of a report do: the traces are
 * committed before anything of a subject is read.
 */
#pragma once

#include "domain/rating_input.h"
#include "store/inquiry.h"
#include "store/report.h"

/* Facts beside the accounts, as cix.rating_facts gives them. Bits. */
enum rating_fact {
    RATING_FACT_DECEASED = 1,
    RATING_FACT_FROZEN = 2,
    RATING_FACT_CONFLICT = 4,
    RATING_FACT_LISTED = 8,
    RATING_FACT_GRACE = 16,
    RATING_FACT_SUSPENDED = 32,
    RATING_FACT_PERPETRATOR = 64,
};

/* Facts of a subject that is known, as the engine wants them. */
struct rating_facts rating_facts_of(int bits, int birth_year, struct day as_of);

/* What one question is about. */
struct rating_known {
    struct rating_input input; /* of an unknown subject: is_known alone is false */
    uint32_t classes;          /* data classes that member and consent both allow */
    bool is_broken;            /* in a slice: a fact cannot be read, and input is not whole */
    const struct protection *protections; /* which no rating reads; not in a slice */
};

/*
 * Asks and reads in one round trip. Writes outcome and is_served of each question.
 *
 *   known  one a question, in the arena of ctx, as of request->today; of those that are served
 *
 * Effects: an inquiry and an audit row each. Asking again under the same ids leaves no second
 * trace.
 */
MUST_USE bool rating_fetch(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                           struct rating_known **known);

/*
 * The input of a subject whose report was read, the same as rating_fetch gives.
 *
 *   answer  with a subject, and with has_rating; its rows must still be there
 *
 * ERR_INTERNAL / FACT_BROKEN.
 */
MUST_USE bool rating_of_report(struct ctx *ctx, const struct report_answer *answer,
                               struct day as_of, struct rating_input *input);

/* Whom the job that rates again reads: everybody, or those whose data changed. */
enum rating_pass { RATING_PASS_ALL = 1, RATING_PASS_DUE = 2 };

struct rating_ask {
    enum rating_pass pass;
    int64_t after; /* subjects up to this id are not wanted */
    int most;
    struct day today;
};

struct rating_slice {
    struct rating_ask ask; /* what it answers */
    int count;
    struct rating_known *known; /* of count subjects, by id */
    const int64_t *subjects;
    int64_t through; /* up to this id there is nobody else */
    bool is_end;     /* nor behind it */
};

/*
 * The next subjects by id. One of whom a stored fact cannot be read is there and says so: others
 * do not wait for it. Role cix_admin.
 */
MUST_USE bool rating_slice(struct ctx *ctx, struct db *db, const struct rating_ask *ask,
                           struct rating_slice *slice);
