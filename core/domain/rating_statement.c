/* The latest statement of an organisation, and the one a year before. */
#include <stddef.h>
#include <string.h>

#include "domain/rating_subject.h"

/* Days that may lie between a statement and the one of a year before. */
enum { YEAR_DAYS = 365, YEAR_DAYS_LEAST = 300, YEAR_DAYS_MOST = 430 };

static const size_t figures[] = {
    [STANDARD_FIGURE_TOTAL_ASSETS] = offsetof(struct statement_record, total_assets),
    [STANDARD_FIGURE_CURRENT_ASSETS] = offsetof(struct statement_record, current_assets),
    [STANDARD_FIGURE_CASH] = offsetof(struct statement_record, cash),
    [STANDARD_FIGURE_RECEIVABLES] = offsetof(struct statement_record, receivables),
    [STANDARD_FIGURE_INVENTORY] = offsetof(struct statement_record, inventory),
    [STANDARD_FIGURE_FIXED_ASSETS] = offsetof(struct statement_record, fixed_assets),
    [STANDARD_FIGURE_TOTAL_LIABILITIES] = offsetof(struct statement_record, total_liabilities),
    [STANDARD_FIGURE_CURRENT_LIABILITIES] = offsetof(struct statement_record, current_liabilities),
    [STANDARD_FIGURE_EQUITY] = offsetof(struct statement_record, equity),
    [STANDARD_FIGURE_REVENUE] = offsetof(struct statement_record, revenue),
    [STANDARD_FIGURE_OPERATING_PROFIT] = offsetof(struct statement_record, operating_profit),
    [STANDARD_FIGURE_NET_PROFIT] = offsetof(struct statement_record, net_profit),
    [STANDARD_FIGURE_OPERATING_CASH_FLOW] = offsetof(struct statement_record, operating_cash_flow),
};

static struct money_field given(const struct statement_record *statement,
                                enum standard_figure figure)
{
    const struct money_field *field = (const void *)((const char *)statement + figures[figure]);

    return *field;
}

/* One less the other, in minor units; missing when one of them is. */
static struct rating_value difference(const struct statement_record *statement,
                                      enum standard_figure figure, enum standard_figure less)
{
    struct money_field a = given(statement, figure), b = given(statement, less);
    int64_t number;

    if (!a.is_present || !b.is_present)
        return rating_missing();
    if (__builtin_sub_overflow(a.minor, b.minor, &number))
        number = a.minor > b.minor ? INT64_MAX : INT64_MIN;
    return rating_number(number);
}

/* A figure in minor units of the statement's currency. */
static struct rating_value minor_of(const struct statement_record *statement,
                                    enum standard_figure figure)
{
    if (figure == STANDARD_FIGURE_WORKING_CAPITAL)
        return difference(statement, STANDARD_FIGURE_CURRENT_ASSETS,
                          STANDARD_FIGURE_CURRENT_LIABILITIES);
    if (figure == STANDARD_FIGURE_QUICK_ASSETS)
        return difference(statement, STANDARD_FIGURE_CURRENT_ASSETS, STANDARD_FIGURE_INVENTORY);
    struct money_field field = given(statement, figure);

    return (struct rating_value){field.is_present, field.is_present ? field.minor : 0};
}

/* ---- Which statement ---- */

static const char *currency_of(const struct statement_record *statement)
{
    return statement->currency ? statement->currency : "";
}

/* 1 audited comes first; a source that is not told last. */
static int rank_of(const struct statement_record *statement)
{
    return statement->source > 0 ? statement->source : INT32_MAX;
}

static int compare_figures(const struct statement_record *a, const struct statement_record *b)
{
    for (size_t i = 0; i < ARRAY_LENGTH(figures); i++) {
        struct money_field one = given(a, (enum standard_figure)i);
        struct money_field two = given(b, (enum standard_figure)i);

        if (one.is_present != two.is_present)
            return one.is_present ? -1 : 1;
        if (one.is_present && one.minor != two.minor)
            return one.minor < two.minor ? -1 : 1;
    }
    return 0;
}

/*
 * Which of two statements of one day is believed: the better source, the firm's own before the
 * group's, annual before interim; then what is left decides somehow, but always alike: the order
 * in which they were given must not.
 */
static int compare_faith(const struct statement_record *a, const struct statement_record *b)
{
    if (rank_of(a) != rank_of(b))
        return rank_of(a) < rank_of(b) ? -1 : 1;
    if (a->is_consolidated != b->is_consolidated)
        return a->is_consolidated ? 1 : -1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    int currencies = strcmp(currency_of(a), currency_of(b));

    return currencies ? currencies : compare_figures(a, b);
}

static bool is_later(const struct statement_record *a, const struct statement_record *b)
{
    if (!b || a->stated_on.day.number != b->stated_on.day.number)
        return !b || a->stated_on.day.number > b->stated_on.day.number;
    return compare_faith(a, b) < 0;
}

static int from_a_year(const struct statement_record *latest,
                       const struct statement_record *statement)
{
    int days = latest->stated_on.day.number - statement->stated_on.day.number - YEAR_DAYS;

    return days < 0 ? -days : days;
}

/* Of the same sort as the latest, about a year before it. */
static bool is_earlier(const struct statement_record *latest, const struct statement_record *a)
{
    int days = latest->stated_on.day.number - a->stated_on.day.number;

    return days >= YEAR_DAYS_LEAST && days <= YEAR_DAYS_MOST && a->type == latest->type &&
           a->is_consolidated == latest->is_consolidated &&
           strcmp(currency_of(a), currency_of(latest)) == 0;
}

static bool is_nearer(const struct statement_record *latest, const struct statement_record *a,
                      const struct statement_record *b)
{
    if (!b || from_a_year(latest, a) != from_a_year(latest, b))
        return !b || from_a_year(latest, a) < from_a_year(latest, b);
    return is_later(a, b);
}

static bool is_read(const struct standard *standard, const struct rating_input *input,
                    const struct statement_record *statement)
{
    return statement->type > 0 && statement->type <= STATEMENT_INTERIM_ACCOUNTS &&
           (standard->statements & 1U << statement->type) != 0 && statement->stated_on.is_present &&
           statement->stated_on.is_real && statement->stated_on.day.number <= input->as_of.number;
}

void rating_statement_find(const struct standard *standard, const struct rating_input *input,
                           struct rating_subject *subject)
{
    if (!standard->statements)
        return;
    for (int i = 0; i < input->statement_count; i++) {
        const struct statement_record *statement = &input->statements[i];

        if (is_read(standard, input, statement) && is_later(statement, subject->statement))
            subject->statement = statement;
    }
    for (int i = 0; subject->statement && i < input->statement_count; i++) {
        const struct statement_record *statement = &input->statements[i];

        if (is_read(standard, input, statement) && is_earlier(subject->statement, statement) &&
            is_nearer(subject->statement, statement, subject->earlier))
            subject->earlier = statement;
    }
}

/* ---- Values ---- */

static struct rating_value growth(struct rating_value now, struct rating_value before)
{
    if (!now.is_present || !before.is_present || before.number <= 0)
        return rating_missing();
    return rating_share((__int128)now.number - before.number, before.number);
}

struct rating_value rating_statement_value(const struct standard_attribute *attribute,
                                           const struct rating_subject *subject)
{
    bool is_earlier_one = attribute->measure == STANDARD_MEASURE_EARLIER;
    const struct statement_record *statement =
        is_earlier_one ? subject->earlier : subject->statement;

    if (!statement)
        return rating_missing();
    struct rating_value value = minor_of(statement, attribute->figure);

    if (attribute->measure == STANDARD_MEASURE_GROWTH)
        return subject->earlier ? growth(value, minor_of(subject->earlier, attribute->figure))
                                : rating_missing();
    if (!value.is_present)
        return value;
    if (attribute->per == STANDARD_PER_FIGURE) {
        struct rating_value whole = minor_of(statement, attribute->per_figure);

        return whole.is_present && whole.number > 0 ? rating_share(value.number, whole.number)
                                                    : rating_missing();
    }
    const struct standard_currency *currency =
        rating_currency(subject->standard, statement->currency);

    return currency ? rating_number(rating_amount(value.number, currency)) : rating_missing();
}
