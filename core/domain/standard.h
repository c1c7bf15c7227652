/*
 * A rating standard: the published text by which subjects are rated, and what it says once read.
 *
 * The text is lines of words (core/domain/RATING.md describes every line). Reading checks all of
 * it: what was read can be applied without a further check, and writing it again gives the
 * canonical text. A draft is a standard whose cards have no points yet: what fitting starts from.
 * The words for attributes are a closed vocabulary; none of them can name sex, age, marital status,
 * education, ethnicity or region. Nothing here rates: that is rating.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "base/text.h"

enum {
    STANDARD_TEXT_MAX = 256 * 1024,
    STANDARD_NAME_MAX = 40,
    STANDARD_SENTENCE_MAX = 400, /* bytes of one quoted text */
    STANDARD_NOTES_MAX = 16,
    STANDARD_CURRENCIES_MAX = 32,
    STANDARD_GRADES_MAX = 16,
    STANDARD_REASONS_MAX = 64,
    STANDARD_CLAUSES_MAX = 32,
    STANDARD_ATTRIBUTES_MAX = 128,
    STANDARD_CARDS_MAX = 8,
    STANDARD_CONDITIONS_MAX = 4,
    STANDARD_CHARACTERISTICS_MAX = 64, /* of one card */
    STANDARD_ROWS_MAX = 25,            /* with the one of all the rest; missing not counted */
    STANDARD_COLUMNS_MAX = 9,          /* the same for the second attribute of a cross */
    STANDARD_POINTS_MAX = 16384,       /* of all cards together */
    STANDARD_POINT_MOST = 2000,        /* of one cell, either way */
    STANDARD_VALUE_MOST = 1000000000,  /* of an edge, in millions: 10^15 */
    STANDARD_MONTHS_MAX = 24,          /* that an attribute may look back */
    STANDARD_PRODUCTS_MAX = 16,
    STANDARD_PRODUCT_MAX = 8,  /* characters of a business type */
    STANDARD_LOST_MAX = 99999, /* points that one reason of a card can cost: as many are kept */
};

/* Format 1 has one scale: 600 points are 20 good to 1 bad, 40 points more double these odds. */
enum {
    STANDARD_SCORE_MIN = 300,
    STANDARD_SCORE_MAX = 900,
    STANDARD_SCORE_BASE = 600,
    STANDARD_ODDS_BASE = 20,
    STANDARD_DOUBLE_POINTS = 40,
};

/* A value of one month of the subject. Conditions are 0 or 1. RATING.md defines each. */
enum standard_series {
    STANDARD_SERIES_LATE,
    STANDARD_SERIES_BALANCE,
    STANDARD_SERIES_PAID,
    STANDARD_SERIES_DUE,
    STANDARD_SERIES_OVERDUE,
    STANDARD_SERIES_PREVIOUS,
    STANDARD_SERIES_SPEND,
    STANDARD_SERIES_AVAILABLE,
    STANDARD_SERIES_PAYRATE,
    STANDARD_SERIES_USED, /* the first condition */
    STANDARD_SERIES_IDLE,
    STANDARD_SERIES_NOPAY,
    STANDARD_SERIES_UNPAID,
    STANDARD_SERIES_FULL,
    STANDARD_SERIES_LOW,
    STANDARD_SERIES_RISE,
    STANDARD_SERIES_JUMP,
    STANDARD_SERIES_OVER,
    STANDARD_SERIES_HIGH,
    STANDARD_SERIES_LATE1, /* late by at least one month, and so on */
    STANDARD_SERIES_LATE2,
    STANDARD_SERIES_LATE3,
    STANDARD_SERIES_LATE4,
    STANDARD_SERIES_MERCHANT_AMOUNT, /* transactions in one role, then in the other */
    STANDARD_SERIES_MERCHANT_COUNT,
    STANDARD_SERIES_MERCHANT_DAYS,
    STANDARD_SERIES_MERCHANT_REFUNDED,
    STANDARD_SERIES_MERCHANT_CHARGEBACKS,
    STANDARD_SERIES_MERCHANT_TOP1,
    STANDARD_SERIES_MERCHANT_PARTIES,
    STANDARD_SERIES_MERCHANT_STREAK,
    STANDARD_SERIES_MERCHANT_ACTIVE, /* conditions again */
    STANDARD_SERIES_MERCHANT_GROWN,
    STANDARD_SERIES_PAYER_AMOUNT,
    STANDARD_SERIES_PAYER_COUNT,
    STANDARD_SERIES_PAYER_DAYS,
    STANDARD_SERIES_PAYER_REFUNDED,
    STANDARD_SERIES_PAYER_CHARGEBACKS,
    STANDARD_SERIES_PAYER_TOP1,
    STANDARD_SERIES_PAYER_PARTIES,
    STANDARD_SERIES_PAYER_STREAK,
    STANDARD_SERIES_PAYER_ACTIVE,
    STANDARD_SERIES_PAYER_GROWN,
    STANDARD_SERIES_COUNT,
};

/* How a window of months becomes one number, or which number of the subject it is. */
enum standard_measure {
    STANDARD_MEASURE_MAX,
    STANDARD_MEASURE_MIN,
    STANDARD_MEASURE_SUM,
    STANDARD_MEASURE_CHANGE,
    STANDARD_MEASURE_COUNT, /* the first that wants a condition */
    STANDARD_MEASURE_SINCE,
    STANDARD_MEASURE_RUN,
    STANDARD_MEASURE_LIMIT, /* the first without a series */
    STANDARD_MEASURE_ACCOUNTS,
    STANDARD_MEASURE_OPEN_ACCOUNTS,
    STANDARD_MEASURE_OPEN_MEMBERS,
    STANDARD_MEASURE_AGE_MONTHS,
    STANDARD_MEASURE_YOUNG_ACCOUNTS,
    STANDARD_MEASURE_MONTHS,
    STANDARD_MEASURE_INQUIRIES,
    STANDARD_MEASURE_INQUIRING_MEMBERS,
    STANDARD_MEASURE_FIGURE, /* of the latest statement: the first with a figure */
    STANDARD_MEASURE_EARLIER,
    STANDARD_MEASURE_GROWTH,
    STANDARD_MEASURE_TOTAL,
};

/* A figure of an organisation's statement. There is none of a person's income or property. */
enum standard_figure {
    STANDARD_FIGURE_TOTAL_ASSETS,
    STANDARD_FIGURE_CURRENT_ASSETS,
    STANDARD_FIGURE_CASH,
    STANDARD_FIGURE_RECEIVABLES,
    STANDARD_FIGURE_INVENTORY,
    STANDARD_FIGURE_FIXED_ASSETS,
    STANDARD_FIGURE_TOTAL_LIABILITIES,
    STANDARD_FIGURE_CURRENT_LIABILITIES,
    STANDARD_FIGURE_EQUITY,
    STANDARD_FIGURE_REVENUE,
    STANDARD_FIGURE_OPERATING_PROFIT,
    STANDARD_FIGURE_NET_PROFIT,
    STANDARD_FIGURE_OPERATING_CASH_FLOW,
    STANDARD_FIGURE_WORKING_CAPITAL, /* current assets less current liabilities */
    STANDARD_FIGURE_QUICK_ASSETS,    /* current assets less inventory */
    STANDARD_FIGURE_COUNT,
};

/* What an amount is a share of, in basis points. */
enum standard_per {
    STANDARD_PER_NOTHING,
    STANDARD_PER_LIMIT,
    STANDARD_PER_PREVIOUS,
    STANDARD_PER_BEFORE, /* the same sum over as many months before */
    STANDARD_PER_AMOUNT, /* the transactions of the same months, by amount */
    STANDARD_PER_COUNT,  /* and by number */
    STANDARD_PER_FIGURE, /* another figure of the same statement */
};

/* What must hold of the points along the values of an attribute. */
enum standard_direction {
    STANDARD_FREE,
    STANDARD_RISING,
    STANDARD_FALLING,
    STANDARD_AUTO, /* drafts only: fitting chooses rising or falling */
};

struct standard_attribute {
    char name[STANDARD_NAME_MAX + 1];
    int reason; /* number in reasons */
    enum standard_measure measure;
    enum standard_series series;
    bool is_negated; /* of a condition: months in which it does not hold */
    int from, to;    /* months back, 0 the latest; from <= to */
    enum standard_per per;
    enum standard_figure figure, per_figure; /* of a statement */
    enum standard_direction expected; /* of the points in every card; FREE: none is promised */
};

/*
 * One line of a card: an attribute, or two that are crossed, their bins and points. Bin i holds
 * values below edges[i], the last one all the rest; the row after it is for a missing value.
 */
struct standard_characteristic {
    int attribute;
    int by; /* the second attribute of a cross, or -1 */
    enum standard_direction direction;
    int row_count;    /* bins; the row of missing values is one more. 0 in a draft */
    int column_count; /* 1 without a second attribute; else its bins and one for missing */
    int64_t edges[STANDARD_ROWS_MAX - 1];
    int64_t column_edges[STANDARD_COLUMNS_MAX - 1];
    int points_at; /* in points: row by row, (row_count + 1) * column_count */
};

/* The card is for subjects whose attribute lies between low and high, both included. */
struct standard_condition {
    int attribute;
    int64_t low, high;
};

/* How the points of a card were, or are to be, fitted. Rating does not read it. */
struct standard_fitting {
    bool is_given;
    int bins;  /* at most, before neighbours are joined */
    int prior; /* subjects of average risk that are added to each bin */
    int ridge; /* penalty of the regression */
    int keep;  /* characteristics at most */
};

struct standard_card {
    char name[STANDARD_NAME_MAX + 1];
    struct standard_condition conditions[STANDARD_CONDITIONS_MAX];
    int condition_count; /* 0: for everybody who is left */
    struct standard_fitting fitting;
    int32_t base; /* points before any characteristic */
    struct standard_characteristic characteristics[STANDARD_CHARACTERISTICS_MAX];
    int characteristic_count;
};

struct standard_reason {
    char code[8];
    const char *english;
    const char *chinese;
};

struct standard_grade {
    char name[8];
    int lower;  /* lowest score; -1: reached by an override only */
    int pd_bps; /* upper bound of the probability, basis points */
};

struct standard_currency {
    char code[4];
    int64_t numerator, denominator; /* amount of the standard = minor units * n / d, cut to whole */
};

/* Facts that exclude a subject or limit its grade. There is none of being a victim (X002). */
enum standard_fact {
    STANDARD_FACT_NO_FILE,
    STANDARD_FACT_ONLY_INQUIRIES,
    STANDARD_FACT_NO_ACCOUNT,
    STANDARD_FACT_WRONG_KIND,
    STANDARD_FACT_DECEASED,
    STANDARD_FACT_UNDER_AGE,
    STANDARD_FACT_FROZEN,
    STANDARD_FACT_CONFLICT,
    STANDARD_FACT_THIN,         /* fewer months than number */
    STANDARD_FACT_STALE,        /* more months since the latest report than number */
    STANDARD_FACT_HAS_ACCOUNTS, /* as many months as number, or more: not THIN */
    STANDARD_FACT_NO_BEHAVIOUR,
    STANDARD_FACT_THIN_BEHAVIOUR,
    STANDARD_FACT_STALE_BEHAVIOUR,
    STANDARD_FACT_NO_STATEMENT,
    STANDARD_FACT_STALE_STATEMENT,
    STANDARD_FACT_BAD_DEBT,
    STANDARD_FACT_FLAG_LISTED,
    STANDARD_FACT_FLAG_GRACE,
    STANDARD_FACT_FLAG_SUSPENDED,
    STANDARD_FACT_FRAUD_PERPETRATOR,
    STANDARD_FACT_COUNT,
};

/* exclude: the fact ends the rating. override: the grade is at best the one named. */
struct standard_clause {
    enum standard_fact fact;
    int number; /* of THIN, STALE and their like; else 0 */
    int grade;  /* number in grades; -1 excludes */
    int reason;
};

struct standard {
    char id[STANDARD_NAME_MAX + 1];
    int version;
    const char *title[2];   /* English, Chinese */
    const char *outcome[2]; /* what "bad" means */
    const char *fitted;     /* on what, by what */
    const char *notes[STANDARD_NOTES_MAX];
    int note_count;
    int horizon_months;
    uint32_t subjects;   /* bits 1 << enum subject_kind */
    uint32_t accounts;   /* bits 1 << enum account_type whose months are read */
    uint32_t behaviours; /* bits 1 << role whose transactions are read */
    uint32_t statements; /* bits 1 << type of the statements that are read */
    char products[STANDARD_PRODUCTS_MAX][STANDARD_PRODUCT_MAX + 1]; /* business types */
    int product_count; /* 0: accounts of every business type are read */
    struct day valid_from, valid_to;
    int rating_days; /* how long a rating may be used */
    int shift;       /* points added to every score: the level of another book */
    struct standard_currency currencies[STANDARD_CURRENCIES_MAX];
    int currency_count;
    struct standard_grade grades[STANDARD_GRADES_MAX]; /* best first */
    int grade_count;
    struct standard_reason reasons[STANDARD_REASONS_MAX];
    int reason_count;
    struct standard_clause clauses[STANDARD_CLAUSES_MAX]; /* in the order they are tried */
    int clause_count;
    struct standard_attribute attributes[STANDARD_ATTRIBUTES_MAX];
    int attribute_count;
    struct standard_card cards[STANDARD_CARDS_MAX]; /* the first that fits applies */
    int card_count;
    int16_t points[STANDARD_POINTS_MAX];
    int point_count;
    int months; /* that any attribute or exclusion looks back on accounts */
};

/*
 * Reads a standard. What is read can be kept: its canonical text, and every rating that it gives.
 *
 *   text, size  UTF-8, at most STANDARD_TEXT_MAX bytes, as is its canonical text
 *   is_draft    cards may lack bins and points, and directions may be "auto"
 *   standard    its texts live in the arena of ctx; it is written also when reading fails
 *
 * Errors (ERR_INVALID; the message begins with the line): STANDARD_TEXT, STANDARD_SYNTAX,
 * STANDARD_WORD, STANDARD_RANGE, STANDARD_DUPLICATE, STANDARD_MONOTONE, STANDARD_INCOMPLETE.
 */
MUST_USE bool standard_read(struct ctx *ctx, const char *text, size_t size, bool is_draft,
                            struct standard *standard);

/* Writes the canonical text: one way for one meaning, without the comments that were read. */
void standard_write(const struct standard *standard, struct builder *builder);

/* The definition of an attribute in the words of the text, e.g. "max balance 0 5 per limit". */
void standard_write_definition(const struct standard_attribute *attribute, struct builder *builder);

/* The grade of whoever is excluded; no standard defines it. */
#define STANDARD_GRADE_EXCLUDED "NR"

/* The number of an attribute, or -1. */
int standard_attribute_find(const struct standard *standard, const char *name);

/* Points of one cell of a characteristic; row and column from 0, the last ones for missing. */
static inline int standard_points(const struct standard *standard,
                                  const struct standard_characteristic *characteristic, int row,
                                  int column)
{
    return standard
        ->points[characteristic->points_at + row * characteristic->column_count + column];
}

/* Whether the series is 0 or 1 in a month. */
bool standard_series_is_condition(enum standard_series series);

/* The role (code_behaviour_roles) whose transactions the series is of; 0 for accounts. */
int standard_series_role(enum standard_series series);

/* The series of the first role that says the same, e.g. MERCHANT_AMOUNT for PAYER_AMOUNT. */
enum standard_series standard_series_of_merchant(enum standard_series series);

/* Whether the fact is told with a number of months. */
bool standard_fact_has_number(enum standard_fact fact);

/*
 * The index-th fact that every standard ought to speak of (domain.md 4: exclusions and overrides)
 * and this one neither excludes nor caps, from 0; NULL behind the last. Such a standard may be
 * meant so, hence it is taken: who checks it is told.
 */
const char *standard_silent_fact(const struct standard *standard, int index);

/* Words of the text, shared by reader and writer. Answer NULL beyond the last number. */
const char *standard_series_word(enum standard_series series);
const char *standard_measure_word(enum standard_measure measure);
const char *standard_fact_word(enum standard_fact fact);
const char *standard_figure_word(enum standard_figure figure);
const char *standard_per_word(enum standard_per per);
const char *standard_direction_word(enum standard_direction direction);
