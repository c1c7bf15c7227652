/*
 * Inside the engine: the months of all accounts of a subject laid on one another, those of its
 * transactions, its latest statement, and the attributes that are computed from them. Only
 * rating*.c include it.
 */
#pragma once

#include "domain/rating.h"

/* One month of the subject over its accounts. late is -1 when no account tells. */
struct rating_month {
    int late;     /* the worst, in months */
    bool is_idle; /* every account that tells had nothing due */
    struct rating_value balance, paid, due, overdue;
};

/* One month of transactions in one role, over all members. */
struct rating_trade_month {
    bool is_given;
    struct rating_value amount, count;
    struct rating_value refunded, refunded_of; /* of the records that tell refunds */
    struct rating_value chargebacks, chargebacks_of;
    struct rating_value days, parties, streak; /* the largest of a member */
    __int128 top1_weighed;                     /* shares times amounts */
    __int128 top1_of;                          /* amounts that have a share */
};

/* Months of transactions by the calendar, 0 the latest of any role that the standard reads. */
struct rating_trade {
    struct rating_trade_month merchant[STANDARD_MONTHS_MAX + 1];
    struct rating_trade_month payer[STANDARD_MONTHS_MAX + 1];
    int given; /* months of STANDARD_MONTHS_MAX with a record */
    int stale; /* months from the latest to the day of the rating */
};

struct rating_subject {
    const struct standard *standard;
    const struct rating_input *input;
    struct rating_month months[STANDARD_MONTHS_MAX + 1]; /* 0 the latest */
    int month_count;                                     /* of them that an attribute may read */
    int reported;                                        /* months with a status or an amount */
    struct rating_value limit;
    int accounts; /* of the standard's types, with a month */
    int stale;    /* months from the latest report to the day of the rating */
    bool is_bad_debt;
    const struct rating_trade *trade;         /* NULL: none, or the standard reads none */
    const struct statement_record *statement; /* the latest, or NULL */
    const struct statement_record *earlier;   /* the one a year before, or NULL */
};

/*
 * Lays the months together: only what the standard reads.
 *
 *   trade  room for months of transactions; untouched when there are none to read
 */
void rating_subject_read(const struct standard *standard, const struct rating_input *input,
                         struct rating_trade *trade, struct rating_subject *subject);

/* One attribute. */
struct rating_value rating_attribute(const struct standard_attribute *attribute,
                                     const struct rating_subject *subject);

static inline struct rating_value rating_missing(void)
{
    return (struct rating_value){false, 0};
}

static inline struct rating_value rating_number(int64_t number)
{
    return (struct rating_value){true, number};
}

/* ---- Amounts ---- */

enum { RATING_RATIO_MOST = 1000000 }; /* a hundred times the whole, in basis points */

/* part / whole in basis points, cut toward zero, within +-RATING_RATIO_MOST; whole > 0. */
struct rating_value rating_share(__int128 part, __int128 whole);

/* The rate of a currency; NULL when the standard has no amounts in it, or code is NULL. */
const struct standard_currency *rating_currency(const struct standard *standard, const char *code);

/* So many minor units as an amount of the standard, within +-10^15. */
int64_t rating_amount(int64_t minor, const struct standard_currency *currency);

/* Adds a number within +-10^15 to a sum; a sum that leaves 64 bits stays at their end. */
void rating_add(struct rating_value *sum, int64_t number);

/* Cuts a number to +-10^15. */
int64_t rating_clamp(int64_t number);

/* ---- Transactions (rating_trade.c) ---- */

/* Lays months of transactions; false when there is none that the standard reads. */
bool rating_trade_read(const struct standard *standard, const struct rating_input *input,
                       struct rating_trade *trade);

/* The value of a series of transactions in the month that lies so far back. */
struct rating_value rating_trade_value(enum standard_series series,
                                       const struct rating_trade *trade, int back);

/* Sums of transactions per the months before, their amount or their number. */
struct rating_value rating_trade_share(const struct standard_attribute *attribute,
                                       const struct rating_trade *trade);

/* ---- Statements (rating_statement.c) ---- */

/* Finds the latest statement and the one a year before. */
void rating_statement_find(const struct standard *standard, const struct rating_input *input,
                           struct rating_subject *subject);

/* figure, earlier or growth. */
struct rating_value rating_statement_value(const struct standard_attribute *attribute,
                                           const struct rating_subject *subject);
