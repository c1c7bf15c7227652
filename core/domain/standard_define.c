/* Reading a standard: attributes, and what a standard must read for them. */
#include <string.h>

#include "domain/code.h"
#include "domain/standard_reading.h"

enum { ACCOUNT_MONTHS_MAX = 60, INQUIRY_DAYS_MAX = 730 };

/* ---- attribute NAME REASON MEASURE ... ---- */

static bool read_series(struct reading *reading, int at, struct standard_attribute *attribute)
{
    const char *word = reading->words[at];

    attribute->is_negated = strncmp(word, "no-", 3) == 0;
    word += attribute->is_negated ? 3 : 0;
    for (int i = 0; i < STANDARD_SERIES_COUNT; i++) {
        if (strcmp(standard_series_word((enum standard_series)i), word) == 0) {
            attribute->series = (enum standard_series)i;
            return true;
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "not a series of months");
}

/* What a series may be divided by, and how far back that is read. */
static bool fits_per(const struct standard_attribute *attribute, enum standard_per per)
{
    enum standard_series series = standard_series_of_merchant(attribute->series);
    bool is_sum = attribute->measure == STANDARD_MEASURE_SUM;
    bool is_account_amount = series < STANDARD_SERIES_USED && series != STANDARD_SERIES_LATE &&
                             series != STANDARD_SERIES_PAYRATE;

    switch ((int)per) {
    case STANDARD_PER_LIMIT:
        return is_account_amount;
    case STANDARD_PER_PREVIOUS:
        return is_account_amount && is_sum;
    case STANDARD_PER_BEFORE:
        return is_sum && series >= STANDARD_SERIES_MERCHANT_AMOUNT &&
               series <= STANDARD_SERIES_MERCHANT_DAYS;
    case STANDARD_PER_AMOUNT:
        return is_sum && series == STANDARD_SERIES_MERCHANT_REFUNDED;
    case STANDARD_PER_COUNT:
        return is_sum && series == STANDARD_SERIES_MERCHANT_CHARGEBACKS;
    default:
        return false;
    }
}

static bool read_per(struct reading *reading, int at, struct standard_attribute *attribute)
{
    if (reading->count == at)
        return true;
    if (reading->count != at + 2 || strcmp(reading->words[at], "per") != 0)
        return reading_fail(reading, "STANDARD_SYNTAX", "only \"per WORD\" may stand here");
    for (int i = STANDARD_PER_LIMIT; i < STANDARD_PER_FIGURE; i++) {
        enum standard_per per = (enum standard_per)i;

        if (strcmp(standard_per_word(per), reading->words[at + 1]) == 0 && fits_per(attribute, per))
            attribute->per = per;
    }
    if (attribute->per == STANDARD_PER_NOTHING)
        return reading_fail(reading, "STANDARD_WORD",
                            "amounts are per limit, sums also per previous, before, amount, count");
    return attribute->per != STANDARD_PER_BEFORE ||
           2 * attribute->to - attribute->from + 1 < STANDARD_MONTHS_MAX ||
           reading_fail(reading, "STANDARD_RANGE", "what was before is more than 24 months back");
}

/* MEASURE SERIES FROM TO [per ...] */
static bool read_window(struct reading *reading, struct standard_attribute *attribute)
{
    if (reading->count < 7)
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "attribute NAME REASON MEASURE SERIES FROM TO [per WORD]");
    if (!read_series(reading, 4, attribute) ||
        !reading_int(reading, 5, 0, STANDARD_MONTHS_MAX - 1, &attribute->from) ||
        !reading_int(reading, 6, attribute->from, STANDARD_MONTHS_MAX - 1, &attribute->to) ||
        !read_per(reading, 7, attribute))
        return false;
    bool is_condition = standard_series_is_condition(attribute->series);
    bool wants_condition = attribute->measure >= STANDARD_MEASURE_COUNT;

    if (is_condition != wants_condition || (attribute->is_negated && !is_condition))
        return reading_fail(reading, "STANDARD_WORD",
                            "count, since and run take conditions, the others amounts and late");
    if (standard_series_role(attribute->series) == 0)
        reading_look_back(reading, attribute->to + 1);
    return true;
}

/* MEASURE [DAYS or MONTHS] */
static bool read_measure_of_subject(struct reading *reading, struct standard_attribute *attribute)
{
    bool is_inquiry = attribute->measure == STANDARD_MEASURE_INQUIRIES ||
                      attribute->measure == STANDARD_MEASURE_INQUIRING_MEMBERS;
    bool has_number = is_inquiry || attribute->measure == STANDARD_MEASURE_YOUNG_ACCOUNTS;

    if (reading->count != (has_number ? 5 : 4))
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "inquiries want days, new-accounts months, the others nothing");
    return !has_number ||
           reading_int(reading, 4, 1, is_inquiry ? INQUIRY_DAYS_MAX : ACCOUNT_MONTHS_MAX,
                       &attribute->to);
}

static bool read_figure(struct reading *reading, int at, enum standard_figure *figure)
{
    for (int i = 0; i < STANDARD_FIGURE_COUNT; i++) {
        if (strcmp(standard_figure_word((enum standard_figure)i), reading->words[at]) == 0) {
            *figure = (enum standard_figure)i;
            return true;
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "not a figure of a statement");
}

/* MEASURE FIGURE [per FIGURE] */
static bool read_statement(struct reading *reading, struct standard_attribute *attribute)
{
    bool is_share = reading->count == 7 && attribute->measure != STANDARD_MEASURE_GROWTH &&
                    strcmp(reading->words[5], "per") == 0;

    if (reading->count != 5 && !is_share)
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "figure or earlier FIGURE [per FIGURE], or growth FIGURE");
    if (is_share)
        attribute->per = STANDARD_PER_FIGURE;
    return read_figure(reading, 4, &attribute->figure) &&
           (!is_share || read_figure(reading, 6, &attribute->per_figure));
}

static bool read_measure(struct reading *reading, struct standard_attribute *attribute)
{
    for (int i = 0; i < STANDARD_MEASURE_TOTAL; i++) {
        if (strcmp(standard_measure_word((enum standard_measure)i), reading->words[3]) != 0)
            continue;
        attribute->measure = (enum standard_measure)i;
        if (attribute->measure >= STANDARD_MEASURE_FIGURE)
            return read_statement(reading, attribute);
        return attribute->measure < STANDARD_MEASURE_LIMIT
                   ? read_window(reading, attribute)
                   : read_measure_of_subject(reading, attribute);
    }
    return reading_fail(reading, "STANDARD_WORD", "not a measure");
}

bool reading_define(struct reading *reading)
{
    struct standard *standard = reading->standard;
    struct standard_attribute *attribute = &standard->attributes[standard->attribute_count];

    if (standard->attribute_count == STANDARD_ATTRIBUTES_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 128 attributes");
    if (standard->card_count)
        return reading_fail(reading, "STANDARD_SYNTAX", "attributes come before cards");
    if (!reading_name(reading, 1, attribute->name))
        return false;
    if (standard_attribute_find(standard, attribute->name) >= 0)
        return reading_fail(reading, "STANDARD_DUPLICATE", "the attribute was defined before");
    if (!reading_reason(reading, 2, &attribute->reason) || !read_measure(reading, attribute))
        return false;
    standard->attribute_count++;
    return true;
}

/* ---- expect ATTRIBUTE DIRECTION ---- */

bool reading_direction(struct reading *reading, const enum standard_direction bounds[2],
                       enum standard_direction *direction)
{
    for (int i = (int)bounds[0]; i <= (int)bounds[1]; i++) {
        if (strcmp(standard_direction_word((enum standard_direction)i), reading->words[2]) == 0) {
            *direction = (enum standard_direction)i;
            return true;
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "not a direction that can stand here");
}

bool reading_expect(struct reading *reading)
{
    static const enum standard_direction bounds[2] = {STANDARD_RISING, STANDARD_FALLING};
    struct standard *standard = reading->standard;
    int attribute;

    if (standard->card_count)
        return reading_fail(reading, "STANDARD_SYNTAX", "expectations come before cards");
    if (!reading_attribute(reading, 1, &attribute))
        return false;
    if (standard->attributes[attribute].expected != STANDARD_FREE)
        return reading_fail(reading, "STANDARD_DUPLICATE", "a direction was given before");
    return reading_direction(reading, bounds, &standard->attributes[attribute].expected);
}

/* ---- What is read ---- */

/* Lines of the head that say what a standard reads. */
enum source { ACCOUNTS = 1 << 0, MERCHANTS = 1 << 1, PAYERS = 1 << 2, STATEMENTS = 1 << 3 };

static unsigned source_of_attribute(const struct standard_attribute *attribute)
{
    if (attribute->measure >= STANDARD_MEASURE_FIGURE)
        return STATEMENTS;
    if (attribute->measure >= STANDARD_MEASURE_LIMIT)
        return attribute->measure == STANDARD_MEASURE_LIMIT ||
                       attribute->measure == STANDARD_MEASURE_MONTHS
                   ? ACCOUNTS
                   : 0;
    int role = standard_series_role(attribute->series);

    return role == 0 ? ACCOUNTS : role == BEHAVIOUR_ROLE_MERCHANT ? MERCHANTS : PAYERS;
}

/* Of the bits that are answered, one is enough. */
static unsigned source_of_fact(enum standard_fact fact)
{
    switch ((int)fact) {
    case STANDARD_FACT_NO_ACCOUNT:
    case STANDARD_FACT_THIN:
    case STANDARD_FACT_STALE:
    case STANDARD_FACT_HAS_ACCOUNTS:
        return ACCOUNTS;
    case STANDARD_FACT_NO_BEHAVIOUR:
    case STANDARD_FACT_THIN_BEHAVIOUR:
    case STANDARD_FACT_STALE_BEHAVIOUR:
        return MERCHANTS | PAYERS;
    case STANDARD_FACT_NO_STATEMENT:
    case STANDARD_FACT_STALE_STATEMENT:
        return STATEMENTS;
    default:
        return 0;
    }
}

static unsigned sources_of(const struct standard *standard)
{
    return (standard->accounts ? ACCOUNTS : 0U) | (standard->statements ? STATEMENTS : 0U) |
           (standard->behaviours & 1U << BEHAVIOUR_ROLE_MERCHANT ? MERCHANTS : 0U) |
           (standard->behaviours & 1U << BEHAVIOUR_ROLE_PAYER ? PAYERS : 0U);
}

bool reading_check_sources(struct reading *reading)
{
    const struct standard *standard = reading->standard;
    unsigned given = sources_of(standard);

    if (!given)
        return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                    "no line \"accounts\", \"behaviours\" or \"statements\"");
    if (standard->product_count && !(given & ACCOUNTS))
        return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                    "products are of accounts, and none is read");
    for (int i = 0; i < standard->attribute_count; i++) {
        unsigned needed = source_of_attribute(&standard->attributes[i]);

        if (needed & ~given)
            return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                        "attribute %s is of what the standard does not read",
                        standard->attributes[i].name);
    }
    for (int i = 0; i < standard->clause_count; i++) {
        unsigned needed = source_of_fact(standard->clauses[i].fact);

        if (needed && !(needed & given))
            return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                        "the fact %s is of what the standard does not read",
                        standard_fact_word(standard->clauses[i].fact));
    }
    return true;
}
