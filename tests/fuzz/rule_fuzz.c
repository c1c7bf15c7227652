/*
 * The rules over a month of any values, with and without its account, and over a fact of any kind:
 * no overflow, and findings that name what the table knows. The bytes are the numbers of the
 * record, in order. A fact that passes comes back from its own text.
 */
#include "domain/rule.h"

#include <string.h>

#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the next bytes; zeroes once they have run out. */
struct source {
    const uint8_t *data;
    size_t size;
};

static uint64_t take(struct source *source, size_t count)
{
    uint64_t value = 0;

    for (; count > 0; count--) {
        value <<= 8;
        if (source->size > 0) {
            value |= *source->data++;
            source->size--;
        }
    }
    return value;
}

static struct money_field take_money(struct source *source)
{
    bool is_present = take(source, 1) & 1;

    return (struct money_field){is_present, is_present ? (int64_t)take(source, 8) : 0};
}

static struct count_field take_count(struct source *source)
{
    bool is_present = take(source, 1) & 1;

    return (struct count_field){is_present, is_present ? (int32_t)take(source, 4) : 0};
}

static struct day_field take_day(struct source *source)
{
    bool is_present = take(source, 1) & 1;

    return day_field_of(is_present, is_present ? (int32_t)take(source, 4) : 0);
}

static struct performance_record take_month(struct source *source, char status[2])
{
    status[0] = (char)take(source, 1);
    status[1] = '\0';
    return (struct performance_record){
        .account_no = "1",
        .period_wire = (int32_t)take(source, 4),
        .account_status = (int)take(source, 1),
        .repay_status = status,
        .balance = take_money(source),
        .due_amount = take_money(source),
        .paid_amount = take_money(source),
        .overdue_amount = take_money(source),
        .overdue_principal = take_money(source),
        .days_overdue = take_count(source),
        .overdue_terms = take_count(source),
        .five_category = (int)take(source, 1),
        .classified_on = take_day(source),
        .remaining_terms = take_count(source),
        .used_limit = take_money(source),
        .paid_on = take_day(source),
        .collection_stage = (int)take(source, 1),
        .reported_on = take_day(source),
        .overdue_31_60 = take_money(source),
        .overdue_over_180 = take_money(source),
        .pay_ratio_bps = take_count(source),
        .settled_on = take_day(source),
        .recovered_amount = take_money(source),
        .written_off_amount = take_money(source),
        .status_history = "",
    };
}

/* Up to 15 bytes as a text; NUL ends it. */
static const char *take_text(struct source *source, struct arena *arena)
{
    size_t size = take(source, 1) & 15;
    char *text = arena_alloc(arena, size + 1);

    for (size_t i = 0; i < size; i++)
        text[i] = (char)take(source, 1);
    return text;
}

static void take_field(struct source *source, struct arena *arena, const struct fact_field *field,
                       void *at)
{
    if (fact_is_text(field->type)) {
        *(const char **)at = take_text(source, arena);
        return;
    }
    switch ((int)field->type) {
    case FACT_IDENTIFIER:
        *(struct identifier_field *)at = (struct identifier_field){
            .type = (enum identifier_type)take(source, 1), .given = take_text(source, arena)};
        break;
    case FACT_COUNT:
        *(struct count_field *)at = take_count(source);
        break;
    case FACT_MONEY:
        *(struct money_field *)at = take_money(source);
        break;
    case FACT_DAY:
        *(struct day_field *)at = take_day(source);
        break;
    case FACT_PERIOD:
        *(int32_t *)at = (int32_t)take(source, 4);
        break;
    case FACT_BOOL:
        *(bool *)at = take(source, 1) & 1;
        break;
    default:
        *(int *)at = (int)take(source, 1);
    }
}

static void check_fact(struct source *source, struct arena *arena)
{
    const struct fact_kind *kind = &fact_kinds[take(source, 1) % fact_kind_count];
    struct rule_context where = {.arena = arena, .today = day_of_civil(2026, 11, 22)};
    struct record record = {.kind = kind->kind, .origin = "", .correction = {.note = ""}};
    struct finding findings[FINDING_MAX];
    union fact back;

    record.correction.is_present = take(source, 1) & 1;
    record.correction.action = (enum correction_action)take(source, 1);
    memset(&record.fact, 0, sizeof(record.fact));
    for (size_t i = 0; i < kind->field_count; i++)
        take_field(source, arena, &kind->fields[i], fact_at(&record.fact, &kind->fields[i]));
    int count = rule_check(&where, &record, findings, FINDING_MAX);
    for (int i = 0; i < count; i++)
        CHECK(rule_find(findings[i].rule->id) == findings[i].rule && findings[i].field);
    if (count == 0 && record_action(&record) != CORRECTION_ACTION_DELETE) {
        const char *text = fact_text(arena, kind, &record.fact, FACT_PART_ALL);
        CHECK(fact_read(arena, kind, text, &back));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    struct finding findings[FINDING_MAX];
    struct arena arena;
    char status[2];
    struct record record = {
        .kind = RECORD_KIND_PERFORMANCE, .origin = "", .performance = take_month(&source, status)};
    struct account_record account = {.type = (enum account_type)take(&source, 1),
                                     .credit_limit = take_money(&source),
                                     .original_amount = take_money(&source),
                                     .opened_on = take_day(&source)};
    struct rule_context where = {.arena = &arena, .today = day_of_civil(2026, 11, 22)};

    arena_init(&arena, 0);
    for (int round = 0; round < 2; round++) {
        int count = rule_check(&where, &record, findings, FINDING_MAX);

        for (int i = 0; i < count; i++)
            CHECK(rule_find(findings[i].rule->id) == findings[i].rule && findings[i].field);
        where.account = &account;
    }
    check_fact(&source, &arena);
    arena_done(&arena);
    return 0;
}
