/*
 * Credit reports: typed calls of sql/api/report.sql. Role cix_inquire.
 *
 * Both halves travel in one pipeline as two transactions: the traces are committed before anything
 * of a subject is read. Sealed values and rings are views into the rows and live until report_done;
 * the rest lives in the arena of the ctx.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "db/db.h"
#include "store/inquiry.h"
#include "store/protection.h"

struct report_day {
    bool is_present;
    struct day day;
};

/* A value that is sealed under (table, column, record_id), and who gave it. */
struct report_sealed {
    int16_t type; /* of an identifier */
    int32_t member_id;
    int64_t record_id;
    struct bytes sealed;
    int64_t recorded_at_us;
    /* Of identifiers alone. */
    struct bytes
        details;        /* line detail_place of it (identifier_text.h); no data: nothing is told */
    int64_t details_id; /* under which it is sealed */
    int32_t detail_place;
    int16_t verification;
    int16_t verified_by; /* members */
};

struct report_amount {
    bool is_present;
    int64_t minor;
};

/* Places in report_account.details and .latest, in the order of sql/api/report.sql. */
enum report_detail {
    DETAIL_TERM_MONTHS,
    DETAIL_RATE_BPS,
    DETAIL_REPAY_FREQUENCY,
    DETAIL_SECURITY,
    DETAIL_REPAY_METHOD,
    DETAIL_RATE_TYPE,
    DETAIL_COLLATERAL_VALUE,
    DETAIL_SHARED_LIMIT,
    DETAIL_PARENT_ACCOUNT,
    DETAIL_SELLER,
    DETAIL_STATE_AT_TRANSFER,
    DETAIL_CREDITOR,
    DETAIL_PLATFORM,
    DETAIL_REMAINING_TERMS,
    DETAIL_COUNT,
};

enum report_latest {
    LATEST_BILL,
    LATEST_UNBILLED,
    LATEST_OVERDUE_31_60,
    LATEST_OVERDUE_61_90,
    LATEST_OVERDUE_91_180,
    LATEST_OVERDUE_OVER_180,
    LATEST_OVERDRAFT_OVER_180,
    LATEST_LAST_PAID,
    LATEST_PAY_RATIO_BPS,
    LATEST_PROVISION,
    LATEST_RECOVERED,
    LATEST_WRITTEN_OFF,
    LATEST_OVERDUE_PRINCIPAL,
    LATEST_OVERDUE_TERMS,
    LATEST_USED_LIMIT,
    LATEST_PAID_ON, /* days since 1970-01-01, as the other days */
    LATEST_COLLECTION_STAGE,
    LATEST_REPORTED_ON,
    LATEST_CLASSIFIED_ON,
    LATEST_SETTLED_ON,
    LATEST_COUNT,
};

struct report_account {
    int64_t account_id;
    int64_t taken_over_from; /* the seller's account, of the same subject; 0: none */
    int32_t member_id;
    int16_t type;
    const char *business_type;
    const char *currency;
    struct report_amount original_amount;
    struct report_amount credit_limit;
    struct day opened_on;
    struct report_day matures_on;
    struct report_day closed_on;
    const char *region;
    const char *industry;
    int16_t channel;
    const char *dealer_code; /* for the account's member only */
    const char *origin;
    struct optional_int8 details[DETAIL_COUNT];
    bool has_period; /* some month was reported; the fields below mean something */
    struct period last_period;
    int64_t recorded_at_us;
    int16_t account_status;
    int16_t five_category;
    int32_t days_overdue;
    struct report_amount balance;
    struct report_amount overdue_amount;
    bool has_latest; /* the month told something of latest */
    struct optional_int8 latest[LATEST_COUNT];
    struct bytes status_ring; /* domain/ring.h */
    struct bytes month_ring;
};

struct report_flag {
    int64_t id; /* of the exchange */
    struct uuid flag_id;
    int64_t record_id;
    struct bytes sealed_case_no;
    const char *court;
    const char *region;
    struct day filed_on;
    struct day published_on;
    struct report_day expires_on;
    int16_t ground;
    int16_t performance;
    int16_t grade;
    int16_t status;
    const int16_t *restrictions;
    int restriction_count;
    int64_t recorded_at_us;
    const char *basis_unit; /* "" not given */
    struct optional_int8 term_months;
    struct bytes sealed_text; /* domain/flag_text.h; data NULL: nothing */
};

/* An open dispute or statement. */
struct report_annotation {
    int64_t annotation_id; /* that text is bound to */
    int16_t kind;
    int16_t code;
    int16_t target; /* 1 identity 2 account 3 month 4 flag 5 inquiry 6 fact */
    int64_t target_id;
    int32_t period;    /* of a month, struct period's number; else 0 */
    struct bytes text; /* sealed; data NULL: not for this report */
    struct report_day due_on;
    int64_t recorded_at_us;
};

/* A fact, as its kind's table and its sealed text hold it (domain/fact.h). */
struct report_fact {
    int16_t kind; /* enum record_kind */
    int64_t fact_id;
    int64_t record_id; /* that sealed is bound to */
    int32_t member_id;
    int64_t account_id;  /* 0: none */
    struct bytes sealed; /* data NULL: none */
    const char *content; /* lines of name=value */
    const char *origin;  /* "" for none */
    int64_t recorded_at_us;
};

/* Another's account that the subject answers for: the party, and the account's latest month. */
struct report_liability {
    struct report_fact fact;
    struct report_account account; /* attributes and latest month; no rings */
};

/* What is known of one subject. Shared by the answers of one batch that are about it. */
struct report_subject {
    int64_t subject_id;
    int16_t kind;
    int16_t segment;
    int16_t birth_year; /* 0: unknown */
    const char *region;
    const char *industry;
    struct report_sealed *names;
    int name_count;
    struct report_sealed *identifiers;
    int identifier_count;
    struct report_account *accounts;
    int account_count;
    struct report_flag *flags;
    int flag_count;
    struct report_annotation *annotations;
    int annotation_count;
    const struct protection *protections;
    struct report_fact *facts;
    int fact_count;
    struct report_liability *liabilities;
    int liability_count;
};

/* The answer to one question that was granted and served (inquiry.is_served). */
struct report_answer {
    int32_t member_id;                    /* who asked */
    const struct report_subject *subject; /* NULL: nobody was found */
    bool is_narrow;                       /* of others: defaults, public records and flags alone */
    bool shows_flags;                     /* the member may see dishonest-person flags */
    uint32_t fact_classes;                /* data classes of the facts that may be shown */
    bool has_rating;                      /* the member may see ratings, and some standard rates */
    int rating_facts;                     /* bits of enum rating_fact, of all that is known */
    int inquiry_count;                    /* of two years, newest first; at most 10,000 */
    const int64_t *inquiry_at_us;
    const int32_t *inquiry_members;
    const int16_t *inquiry_purposes;
    const int64_t *inquiry_ids;
};

/* The answers to a batch. Zero-initialise; release with report_done. */
struct report_batch {
    struct report_answer *answers; /* one a question */
    struct rows rows;
};

/*
 * The first half of an inquiry, for any product but flag checks: decides, stores consents that came
 * along, writes the traces. Parameters live in the arena; outcomes is what inquiry_outcomes_read
 * takes. Ends with a sync.
 */
struct db_step report_ask_step(struct arena *arena, const struct inquiry_request *request,
                               const struct inquiry_columns *columns, enum inquiry_product product,
                               struct rows *outcomes);

/*
 * Asks and reads in one round trip. Writes outcome and is_served of each question.
 *
 * Effects: an inquiry and an audit row each. Asking again under the same ids leaves no second
 * trace.
 */
MUST_USE bool report_fetch(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                           struct report_batch *batch);
void report_done(struct report_batch *batch);
