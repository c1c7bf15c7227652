/*
 * Facts: the form of their fields by the tables of fact.h, and what all kinds share.
 */
#include "domain/rule_check.h"

#include <string.h>

#include "base/money.h"

enum { ACCOUNT_NO_LENGTH_MAX = 64 };

void verdict_amount_currency(struct verdict *verdict, const struct money_field *amount,
                             const char *currency)
{
    verdict_claim(verdict, !amount->is_present || *currency, "E004", "currency");
}

void verdict_not_future(struct verdict *verdict, const struct day_field *day, const char *field)
{
    if (day->is_present && day->is_real)
        verdict_claim(verdict, day->day.number <= verdict->where->today.number, "E009", field);
}

void verdict_order(struct verdict *verdict, const struct day_field *first,
                   const struct day_field *last, const char *id, const char *field)
{
    if (first->is_present && first->is_real && last->is_present && last->is_real)
        verdict_claim(verdict, last->day.number >= first->day.number, id, field);
}

/* Rule F002 for the months of facts. */
static void check_period(struct verdict *verdict, int32_t yyyymm, const char *name)
{
    const struct rule_context *where = verdict->where;
    struct period period;

    if (!period_from_wire(yyyymm, &period))
        verdict_add(verdict, yyyymm ? "E002" : "E004", name);
    else
        verdict_claim(verdict, rule_period_is_taken(period, where->today, where->history_months),
                      "F002", name);
}

static void check_number(struct verdict *verdict, const struct fact_field *field, const void *at)
{
    int number = *(const int *)at;

    if (field->type == FACT_CODE && field->marks & FACT_REQUIRED && number == 0)
        verdict_add(verdict, "E004", field->name); /* some tables have a word for 0 */
    else if (field->type == FACT_CODE)
        verdict_code(verdict, field->codes, number, !(field->marks & FACT_REQUIRED), field->name);
    else
        verdict_claim(verdict, number >= field->low && number <= field->high, "E005", field->name);
}

static void check_money(struct verdict *verdict, const struct fact_field *field,
                        const struct money_field *money)
{
    if (money->is_present)
        verdict_claim(verdict, money->minor >= field->low && money->minor <= field->high, "E005",
                      field->name);
}

/* Rules E003, E004 and S020. */
static void check_words(struct verdict *verdict, const struct fact_field *field, const char *text)
{
    size_t most = (size_t)field->high;
    bool is_optional = !(field->marks & FACT_REQUIRED);

    if (field->marks & FACT_FREE)
        verdict_free_text(verdict, text, most, is_optional, field->name);
    else if (field->marks & FACT_CODED)
        verdict_coded_text(verdict, text, most, is_optional, field->name);
    else
        verdict_text(verdict, text, most, is_optional, field->name);
}

static void check_text(struct verdict *verdict, const struct fact_field *field, const char *text)
{
    bool is_optional = !(field->marks & FACT_REQUIRED);

    switch ((int)field->type) {
    case FACT_ACCOUNT_NO:
        verdict_text(verdict, text, ACCOUNT_NO_LENGTH_MAX, is_optional, field->name);
        break;
    case FACT_WORD:
        verdict_claim(verdict, code_find_name(field->codes, text), *text ? "E001" : "E004",
                      field->name);
        break;
    case FACT_CURRENCY:
        if (*text || !is_optional)
            verdict_claim(verdict, money_minor_digits(text) >= 0, *text ? "A003" : "E004",
                          field->name);
        break;
    case FACT_REGION:
        verdict_region(verdict, text, NULL); /* on its day: the kind's own rules */
        break;
    case FACT_PRODUCT:
        verdict_claim(verdict, !*text || code_product_is_known(text), "E001", field->name);
        break;
    case FACT_MEMBER:
        verdict_claim(verdict, *text || is_optional, "E004", field->name);
        verdict_member_code(verdict, text, field->name);
        break;
    case FACT_UUID:
        if (*text || !is_optional)
            verdict_uuid(verdict, text, field->name);
        break;
    case FACT_NAME: /* the kind's own rules, which have room for the canonical form */
        break;
    default:
        check_words(verdict, field, text);
    }
}

static void check_identifier(struct verdict *verdict, const struct fact_field *field,
                             struct identifier_field *identifier)
{
    bool is_given = identifier->type != IDENTIFIER_TYPE_NONE || *identifier->given;

    if (is_given || field->marks & FACT_REQUIRED)
        verdict_identifier(verdict, identifier, "identifier.value");
}

static void check_field(struct verdict *verdict, const struct fact_field *field, void *at)
{
    if (fact_is_text(field->type)) {
        check_text(verdict, field, *(const char *const *)at);
        return;
    }
    switch ((int)field->type) {
    case FACT_IDENTIFIER:
        check_identifier(verdict, field, at);
        break;
    case FACT_CODE:
    case FACT_NUMBER:
        check_number(verdict, field, at);
        break;
    case FACT_COUNT:
        verdict_count(verdict, at, (int32_t)field->low, (int32_t)field->high, field->name);
        break;
    case FACT_MONEY:
        check_money(verdict, field, at);
        break;
    case FACT_DAY:
        verdict_day(verdict, at, !(field->marks & FACT_REQUIRED), field->name);
        break;
    case FACT_PERIOD:
        check_period(verdict, *(const int32_t *)at, field->name);
        break;
    default:
        break;
    }
}

void rule_check_fact(struct verdict *verdict, const struct fact_kind *kind, union fact *fact,
                     enum correction_action action)
{
    bool is_key_only = action == CORRECTION_ACTION_DELETE;

    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        if (!is_key_only || field->marks & FACT_KEY)
            check_field(verdict, field, fact_at(fact, field));
    }
    if (!is_key_only)
        kind->check(verdict, fact);
}
