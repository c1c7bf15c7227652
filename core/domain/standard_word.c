/* The closed vocabulary of a standard's text. */
#include "domain/standard.h"

#include <string.h>

#include "domain/code.h"

static const char *const series_words[] = {
    [STANDARD_SERIES_LATE] = "late",
    [STANDARD_SERIES_BALANCE] = "balance",
    [STANDARD_SERIES_PAID] = "paid",
    [STANDARD_SERIES_DUE] = "due",
    [STANDARD_SERIES_OVERDUE] = "overdue",
    [STANDARD_SERIES_PREVIOUS] = "previous",
    [STANDARD_SERIES_SPEND] = "spend",
    [STANDARD_SERIES_AVAILABLE] = "available",
    [STANDARD_SERIES_PAYRATE] = "payrate",
    [STANDARD_SERIES_USED] = "used",
    [STANDARD_SERIES_IDLE] = "idle",
    [STANDARD_SERIES_NOPAY] = "nopay",
    [STANDARD_SERIES_UNPAID] = "unpaid",
    [STANDARD_SERIES_FULL] = "full",
    [STANDARD_SERIES_LOW] = "low",
    [STANDARD_SERIES_RISE] = "rise",
    [STANDARD_SERIES_JUMP] = "jump",
    [STANDARD_SERIES_OVER] = "over",
    [STANDARD_SERIES_HIGH] = "high",
    [STANDARD_SERIES_LATE1] = "late1",
    [STANDARD_SERIES_LATE2] = "late2",
    [STANDARD_SERIES_LATE3] = "late3",
    [STANDARD_SERIES_LATE4] = "late4",
    [STANDARD_SERIES_MERCHANT_AMOUNT] = "merchant-amount",
    [STANDARD_SERIES_MERCHANT_COUNT] = "merchant-count",
    [STANDARD_SERIES_MERCHANT_DAYS] = "merchant-days",
    [STANDARD_SERIES_MERCHANT_REFUNDED] = "merchant-refunded",
    [STANDARD_SERIES_MERCHANT_CHARGEBACKS] = "merchant-chargebacks",
    [STANDARD_SERIES_MERCHANT_TOP1] = "merchant-top1",
    [STANDARD_SERIES_MERCHANT_PARTIES] = "merchant-parties",
    [STANDARD_SERIES_MERCHANT_STREAK] = "merchant-streak",
    [STANDARD_SERIES_MERCHANT_ACTIVE] = "merchant-active",
    [STANDARD_SERIES_MERCHANT_GROWN] = "merchant-grown",
    [STANDARD_SERIES_PAYER_AMOUNT] = "payer-amount",
    [STANDARD_SERIES_PAYER_COUNT] = "payer-count",
    [STANDARD_SERIES_PAYER_DAYS] = "payer-days",
    [STANDARD_SERIES_PAYER_REFUNDED] = "payer-refunded",
    [STANDARD_SERIES_PAYER_CHARGEBACKS] = "payer-chargebacks",
    [STANDARD_SERIES_PAYER_TOP1] = "payer-top1",
    [STANDARD_SERIES_PAYER_PARTIES] = "payer-parties",
    [STANDARD_SERIES_PAYER_STREAK] = "payer-streak",
    [STANDARD_SERIES_PAYER_ACTIVE] = "payer-active",
    [STANDARD_SERIES_PAYER_GROWN] = "payer-grown",
};

static const char *const measure_words[] = {
    [STANDARD_MEASURE_MAX] = "max",
    [STANDARD_MEASURE_MIN] = "min",
    [STANDARD_MEASURE_SUM] = "sum",
    [STANDARD_MEASURE_CHANGE] = "change",
    [STANDARD_MEASURE_COUNT] = "count",
    [STANDARD_MEASURE_SINCE] = "since",
    [STANDARD_MEASURE_RUN] = "run",
    [STANDARD_MEASURE_LIMIT] = "limit",
    [STANDARD_MEASURE_ACCOUNTS] = "accounts",
    [STANDARD_MEASURE_OPEN_ACCOUNTS] = "open-accounts",
    [STANDARD_MEASURE_OPEN_MEMBERS] = "open-members",
    [STANDARD_MEASURE_AGE_MONTHS] = "oldest-account",
    [STANDARD_MEASURE_YOUNG_ACCOUNTS] = "new-accounts",
    [STANDARD_MEASURE_MONTHS] = "months",
    [STANDARD_MEASURE_INQUIRIES] = "inquiries",
    [STANDARD_MEASURE_INQUIRING_MEMBERS] = "inquiring-members",
    [STANDARD_MEASURE_FIGURE] = "figure",
    [STANDARD_MEASURE_EARLIER] = "earlier",
    [STANDARD_MEASURE_GROWTH] = "growth",
};

static const char *const fact_words[] = {
    [STANDARD_FACT_NO_FILE] = "no-file",
    [STANDARD_FACT_ONLY_INQUIRIES] = "only-inquiries",
    [STANDARD_FACT_NO_ACCOUNT] = "no-account",
    [STANDARD_FACT_WRONG_KIND] = "wrong-kind",
    [STANDARD_FACT_DECEASED] = "deceased",
    [STANDARD_FACT_UNDER_AGE] = "under-age",
    [STANDARD_FACT_FROZEN] = "frozen",
    [STANDARD_FACT_CONFLICT] = "conflict",
    [STANDARD_FACT_THIN] = "thin",
    [STANDARD_FACT_STALE] = "stale",
    [STANDARD_FACT_HAS_ACCOUNTS] = "has-accounts",
    [STANDARD_FACT_NO_BEHAVIOUR] = "no-behaviour",
    [STANDARD_FACT_THIN_BEHAVIOUR] = "thin-behaviour",
    [STANDARD_FACT_STALE_BEHAVIOUR] = "stale-behaviour",
    [STANDARD_FACT_NO_STATEMENT] = "no-statement",
    [STANDARD_FACT_STALE_STATEMENT] = "stale-statement",
    [STANDARD_FACT_BAD_DEBT] = "bad-debt",
    [STANDARD_FACT_FLAG_LISTED] = "flag-listed",
    [STANDARD_FACT_FLAG_GRACE] = "flag-grace",
    [STANDARD_FACT_FLAG_SUSPENDED] = "flag-suspended",
    [STANDARD_FACT_FRAUD_PERPETRATOR] = "fraud-perpetrator",
};

static const char *const figure_words[] = {
    [STANDARD_FIGURE_TOTAL_ASSETS] = "total-assets",
    [STANDARD_FIGURE_CURRENT_ASSETS] = "current-assets",
    [STANDARD_FIGURE_CASH] = "cash",
    [STANDARD_FIGURE_RECEIVABLES] = "receivables",
    [STANDARD_FIGURE_INVENTORY] = "inventory",
    [STANDARD_FIGURE_FIXED_ASSETS] = "fixed-assets",
    [STANDARD_FIGURE_TOTAL_LIABILITIES] = "total-liabilities",
    [STANDARD_FIGURE_CURRENT_LIABILITIES] = "current-liabilities",
    [STANDARD_FIGURE_EQUITY] = "equity",
    [STANDARD_FIGURE_REVENUE] = "revenue",
    [STANDARD_FIGURE_OPERATING_PROFIT] = "operating-profit",
    [STANDARD_FIGURE_NET_PROFIT] = "net-profit",
    [STANDARD_FIGURE_OPERATING_CASH_FLOW] = "operating-cash-flow",
    [STANDARD_FIGURE_WORKING_CAPITAL] = "working-capital",
    [STANDARD_FIGURE_QUICK_ASSETS] = "quick-assets",
};

/* Per a figure is told by the figure's own word. */
static const char *const per_words[] = {
    [STANDARD_PER_NOTHING] = NULL,        [STANDARD_PER_LIMIT] = "limit",
    [STANDARD_PER_PREVIOUS] = "previous", [STANDARD_PER_BEFORE] = "before",
    [STANDARD_PER_AMOUNT] = "amount",     [STANDARD_PER_COUNT] = "count",
};

static const char *const direction_words[] = {
    [STANDARD_FREE] = "free",
    [STANDARD_RISING] = "rising",
    [STANDARD_FALLING] = "falling",
    [STANDARD_AUTO] = "auto",
};

const char *standard_series_word(enum standard_series series)
{
    return series < ARRAY_LENGTH(series_words) ? series_words[series] : NULL;
}

const char *standard_measure_word(enum standard_measure measure)
{
    return measure < ARRAY_LENGTH(measure_words) ? measure_words[measure] : NULL;
}

const char *standard_fact_word(enum standard_fact fact)
{
    return fact < ARRAY_LENGTH(fact_words) ? fact_words[fact] : NULL;
}

const char *standard_direction_word(enum standard_direction direction)
{
    return direction < ARRAY_LENGTH(direction_words) ? direction_words[direction] : NULL;
}

const char *standard_figure_word(enum standard_figure figure)
{
    return figure < ARRAY_LENGTH(figure_words) ? figure_words[figure] : NULL;
}

const char *standard_per_word(enum standard_per per)
{
    return per < ARRAY_LENGTH(per_words) ? per_words[per] : NULL;
}

enum standard_series standard_series_of_merchant(enum standard_series series)
{
    return series < STANDARD_SERIES_PAYER_AMOUNT
               ? series
               : series - STANDARD_SERIES_PAYER_AMOUNT + STANDARD_SERIES_MERCHANT_AMOUNT;
}

int standard_series_role(enum standard_series series)
{
    if (series < STANDARD_SERIES_MERCHANT_AMOUNT)
        return 0;
    return series < STANDARD_SERIES_PAYER_AMOUNT ? BEHAVIOUR_ROLE_MERCHANT : BEHAVIOUR_ROLE_PAYER;
}

bool standard_series_is_condition(enum standard_series series)
{
    return standard_series_role(series)
               ? standard_series_of_merchant(series) >= STANDARD_SERIES_MERCHANT_ACTIVE
               : series >= STANDARD_SERIES_USED;
}

bool standard_fact_has_number(enum standard_fact fact)
{
    return fact == STANDARD_FACT_THIN || fact == STANDARD_FACT_STALE ||
           fact == STANDARD_FACT_HAS_ACCOUNTS || fact == STANDARD_FACT_THIN_BEHAVIOUR ||
           fact == STANDARD_FACT_STALE_BEHAVIOUR || fact == STANDARD_FACT_STALE_STATEMENT;
}

int standard_attribute_find(const struct standard *standard, const char *name)
{
    for (int i = 0; i < standard->attribute_count; i++) {
        if (strcmp(standard->attributes[i].name, name) == 0)
            return i;
    }
    return -1;
}

/* A cap at the best grade caps nothing. */
static bool speaks_of(const struct standard *standard, enum standard_fact fact)
{
    for (int i = 0; i < standard->clause_count; i++)
        if (standard->clauses[i].fact == fact && standard->clauses[i].grade != 0)
            return true;
    return false;
}

const char *standard_silent_fact(const struct standard *standard, int index)
{
    static const enum standard_fact facts[] = {
        STANDARD_FACT_NO_FILE,           STANDARD_FACT_WRONG_KIND,
        STANDARD_FACT_DECEASED,          STANDARD_FACT_FROZEN,
        STANDARD_FACT_CONFLICT,          STANDARD_FACT_FLAG_LISTED,
        STANDARD_FACT_FRAUD_PERPETRATOR, STANDARD_FACT_UNDER_AGE};

    for (size_t i = 0; i < ARRAY_LENGTH(facts); i++) {
        bool is_meant =
            facts[i] != STANDARD_FACT_UNDER_AGE || standard->subjects & 1U << SUBJECT_KIND_PERSON;

        if (is_meant && !speaks_of(standard, facts[i]) && index-- == 0)
            return standard_fact_word(facts[i]);
    }
    return NULL;
}
