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

/* One pass of the job that rates everybody: whose turn it is. Role cix_admin. */
struct rating_pass {
    int16_t kind;      /* 1 all subjects, 2 those whose data changed */
    int64_t through;   /* subjects up to this id are done */
    uint64_t revision; /* of the standards in force */
    struct day today;
};

struct rating_slice {
    int count;
    struct rating_known *known; /* of count subjects, by id */
    const int64_t *subjects;
};

/* The next subjects of a pass, most at most; fewer: the pass comes through with them. */
MUST_USE bool rating_slice(struct ctx *ctx, struct db *db, const struct rating_pass *pass, int most,
                           struct rating_slice *slice);
