/*
 * The rating engine: one subject as a report shows it, and a standard, give a rating.
 *
 * The same in the server, the batch job and the client, to the last point: whole numbers only, no
 * clock, no state, no memory but the caller's. The order of accounts, months, inquiries and facts
 * means nothing. Nothing of a person goes in but what RATING.md lists: not sex, age, marital
 * status, education, ethnicity or region, and no case in which the subject was the victim (X002).
 */
#pragma once

#include "domain/code.h"
#include "domain/fact.h"
#include "domain/record.h"
#include "domain/ring.h"
#include "domain/standard.h"

enum { RATING_REASONS_MAX = 5 };

/* One account as a report shows it. The lists may be in any order. */
struct rating_account {
    enum account_type type;
    const char *business_type; /* NULL: not told, and no standard of some products reads it */
    const char *currency;      /* ISO 4217 */
    struct money_field limit;  /* credit limit, or the amount lent */
    struct day opened_on;
    int64_t member_id; /* any number that tells members apart */
    bool is_closed;
    bool is_bad_debt;          /* by its account status */
    struct period last_period; /* latest month reported */
    const struct ring_status *statuses;
    int status_count;
    const struct ring_month *months;
    int month_count;
};

/* An inquiry for approval (purposes 02, 03, 24, 26) of the past; others are not given. */
struct rating_inquiry {
    struct day made_on;
    int64_t member_id;
};

/* What is known besides accounts. */
struct rating_facts {
    bool is_known;     /* the exchange has the subject */
    bool is_deceased;  /* or deregistered, or without its licence */
    bool is_under_age; /* or may be, by the year of birth */
    bool is_frozen;
    bool is_in_conflict;
    bool is_listed; /* a listing with status LISTED is in force */
    bool is_in_grace;
    bool is_suspended;
    bool is_perpetrator; /* a fraud case that is CONFIRMED, in the role of perpetrator */
};

/*
 * All that is known of a subject as of a day. A count of zero: there is none of it, or the caller
 * has none to give. Of behaviours and statements neither identifier nor consent is read, nor what
 * says where, at night or by what income somebody lives; who gave them does not matter.
 */
struct rating_input {
    struct day as_of;
    enum subject_kind kind;
    struct rating_facts facts;
    const struct rating_account *accounts;
    int account_count;
    const struct rating_inquiry *inquiries;
    int inquiry_count;
    const struct behaviour_record *behaviours; /* months of transactions, of every member */
    int behaviour_count;
    const struct statement_record *statements; /* of every member, old ones too */
    int statement_count;
};

/* A whole number, or nothing to compute it from. */
struct rating_value {
    bool is_present;
    int64_t number;
};

/* What one characteristic of the card gave. */
struct rating_point {
    int attribute; /* number in the standard */
    int by;        /* the second one of a cross, or -1 */
    struct rating_value value;
    struct rating_value by_value; /* when by >= 0 */
    int points;
    int most; /* that the characteristic can give */
};

/* A reason: number in the standard, and how many points its characteristics cost, if it has any. */
struct rating_reason {
    int reason;
    int lost;
};

struct rating {
    bool is_rated;
    int exclusion;      /* number of the reason when not rated */
    int card;           /* number of the card */
    int score;          /* 300..900 */
    int scored_grade;   /* number of the grade that the score has */
    int grade;          /* and the one after overrides */
    int pd_ppm;         /* probability of the outcome that the score means, parts in a million */
    struct day made_on; /* as_of */
    struct day valid_to;
    struct rating_reason
        reasons[RATING_REASONS_MAX]; /* different; overrides, then heaviest first */
    int reason_count;
    struct rating_point points[STANDARD_CHARACTERISTICS_MAX]; /* in the order of the card */
    int point_count;
};

/*
 * Rates one subject as of a day.
 *
 *   standard  as standard_read gave it, not a draft
 *   rating    the whole of it is written
 *
 * Total: every input gives a rating or an exclusion.
 */
void rating_of(const struct standard *standard, const struct rating_input *input,
               struct rating *rating);

/*
 * The same, and the values of all attributes as rating_values gives them, which a rating from its
 * values needs; each is computed once.
 */
void rating_with_values(const struct standard *standard, const struct rating_input *input,
                        struct rating *rating, struct rating_value *values);

/*
 * The values of all attributes, one each, in the order of the standard; also of a draft. Answers
 * the number of the card that applies.
 */
int rating_values(const struct standard *standard, const struct rating_input *input,
                  struct rating_value *values);

/* The row of a characteristic that a value falls into; row_count for a missing one. */
int rating_row(const struct standard_characteristic *line, struct rating_value value);

/* The column of a cross that the second value falls into; 0 without one. */
int rating_column(const struct standard_characteristic *line, struct rating_value value);

/* The score of values that rating_values gave. */
int rating_score(const struct standard *standard, const struct rating_value *values);

/* The first card whose conditions the values meet. */
int rating_card(const struct standard *standard, const struct rating_value *values);

/* The number of the grade of a score. */
int rating_grade(const struct standard *standard, int score);

/* The probability that the scale gives a score, in parts in a million, rounded half up. */
int rating_pd_ppm(int score);
