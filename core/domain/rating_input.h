/*
 * From what is known of a subject to what the rating engine reads: decided here once, for the rows
 * of the database and for the report that a member got, so that both give the same rating.
 */
#pragma once

#include "base/ctx.h"
#include "domain/rating.h"

/* Inquiries that a rating looks at: the latest of two years, of whatever purpose. */
enum { RATING_INQUIRIES_MAX = 100 };

/* One account as it is stored: without the months of another that it goes on with. */
struct rating_source {
    int64_t account_id;
    int64_t taken_over_from; /* account_id of the one that it goes on with; 0: none */
    enum account_type type;
    const char *business_type;
    const char *currency;
    struct money_field credit_limit;
    struct money_field original_amount;
    struct day opened_on;
    bool has_closing_day;
    int account_status; /* of the latest month, 0: none */
    int64_t member_id;  /* any number that tells members apart */
    struct period last_period;
    struct ring_status *statuses; /* newest first */
    int status_count;
    struct ring_month *months; /* newest first */
    int month_count;
};

/*
 * Accounts for the engine, count at most. An account that was taken over hands its months that are
 * older to the one that goes on with it, over any chain, and is counted no more when both are of
 * one type; a ring of take-overs is cut (transfer.h). Answers how many there are; lists live in the
 * arena or are those of the sources.
 */
int rating_accounts_of(struct arena *arena, const struct rating_source *sources, int count,
                       struct rating_account *accounts);

/* Whether an inquiry of this purpose was for approval: 02, 03, 24, 26. */
bool rating_is_approval(int purpose);

/* Whether somebody may be under 18: the year alone is known, so that whoever becomes 18 in this one
 * still may. birth_year 0: unknown, and taken for an adult's. */
bool rating_is_under_age(int birth_year, struct day as_of);
