/*
 * The rules over a month of any values, with and without its account: no overflow, and findings
 * that name what the table knows. The bytes are the numbers of the record, in order.
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
    arena_done(&arena);
    return 0;
}
