/*
 * Goal: the rings give back what was put in, for the right months, whatever the months between.
 * Method: a plain list is the model; random reports are put into both and compared.
 */
#include "domain/ring.h"
#include "support/cmocka.h"

#include <string.h>

static struct period month(int32_t yyyymm)
{
    struct period period;

    assert_true(period_from_wire(yyyymm, &period));
    return period;
}

static struct ring_month full_month(struct period period)
{
    return (struct ring_month){
        .period = period,
        .five_category = 3,
        .recorded_at_s = 4000000000, /* beyond 2^31 */
        .days_overdue = {true, 31},
        .balance = {true, -123456789012345},
        .due = {true, 1},
        .paid = {true, 0},
        .overdue = {true, INT64_C(1000000000000000)},
    };
}

static void assert_same(const struct ring_month *a, const struct ring_month *b)
{
    assert_int_equal(a->period.number, b->period.number);
    assert_int_equal(a->five_category, b->five_category);
    assert_true(a->recorded_at_s == b->recorded_at_s);
    assert_int_equal(a->days_overdue.is_present, b->days_overdue.is_present);
    assert_int_equal(a->days_overdue.value, b->days_overdue.value);
    assert_int_equal(a->balance.is_present, b->balance.is_present);
    assert_true(a->balance.minor == b->balance.minor);
    assert_true(a->due.is_present == b->due.is_present && a->due.minor == b->due.minor);
    assert_true(a->paid.is_present == b->paid.is_present && a->paid.minor == b->paid.minor);
    assert_true(a->overdue.is_present == b->overdue.is_present);
    assert_true(a->overdue.minor == b->overdue.minor);
}

static void the_layout_is_the_one_of_sql(void **state)
{
    static const uint8_t expected[RING_SLOT_SIZE] = {
        0x3f, 0x03, 0x00, 0x1f, 0xee, 0x6b, 0x28, 0x00, /* bits, class, days, recorded at */
        0xff, 0xff, 0x8f, 0xb7, 0x79, 0xf2, 0x20, 0x87, /* balance -123456789012345 */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, /* due */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* paid */
        0x00, 0x03, 0x8d, 0x7e, 0xa4, 0xc6, 0x80, 0x00, /* overdue 10^15 */
    };
    uint8_t slot[RING_SLOT_SIZE];
    struct ring_month full = full_month(month(202401));

    (void)state;
    ring_month_encode(&full, slot);
    assert_memory_equal(slot, expected, sizeof(slot));
    assert_int_equal(ring_month_offset(month(202401)), (2024 * 12) % 24 * 40);
    assert_int_equal(ring_status_offset(month(202402)), (2024 * 12 + 1) % 60);
}

static void slots_go_both_ways(void **state)
{
    struct ring_month full = full_month(month(202401)), back;
    uint8_t slot[RING_SLOT_SIZE];

    (void)state;
    for (unsigned bits = 0; bits < 32; bits++) {
        struct ring_month some = full;

        if (bits & 1)
            some.balance = (struct money_field){0};
        if (bits & 2)
            some.due = (struct money_field){0};
        if (bits & 4)
            some.paid = (struct money_field){0};
        if (bits & 8)
            some.overdue = (struct money_field){0};
        if (bits & 16)
            some.days_overdue = (struct count_field){0};
        ring_month_encode(&some, slot);
        assert_true(ring_month_decode(slot, some.period, &back));
        assert_same(&some, &back);
    }
}

static void absent_and_zero_differ(void **state)
{
    struct ring_month none = {.period = month(202401)}, zero = none, back;
    uint8_t slot[RING_SLOT_SIZE];

    (void)state;
    zero.balance = (struct money_field){true, 0};
    zero.days_overdue = (struct count_field){true, 0};
    ring_month_encode(&none, slot);
    assert_true(ring_month_decode(slot, none.period, &back));
    assert_false(back.balance.is_present);
    assert_false(back.days_overdue.is_present);
    ring_month_encode(&zero, slot);
    assert_true(ring_month_decode(slot, none.period, &back));
    assert_true(back.balance.is_present);
    assert_true(back.days_overdue.is_present);
    memset(slot, 0, sizeof(slot));
    assert_false(ring_month_decode(slot, none.period, &back));
}

static void days_that_do_not_fit_are_cut(void **state)
{
    struct ring_month some = {.days_overdue = {true, 99999}}, back;
    uint8_t slot[RING_SLOT_SIZE];

    (void)state;
    ring_month_encode(&some, slot);
    assert_true(ring_month_decode(slot, some.period, &back));
    assert_int_equal(back.days_overdue.value, INT16_MAX);
}

static void a_ring_of_another_size_lists_nothing(void **state)
{
    static const uint8_t ring[RING_MONTH_SIZE + 1] = {1};
    struct ring_status statuses[RING_STATUS_SIZE];
    struct ring_month months[RING_MONTHS];

    (void)state;
    assert_int_equal(ring_status_list(ring, 59, month(202401), statuses), 0);
    assert_int_equal(ring_status_list(ring, 61, month(202401), statuses), 0);
    assert_int_equal(ring_month_list(ring, RING_MONTH_SIZE - 1, month(202401), months), 0);
    assert_int_equal(ring_month_list(ring, RING_MONTH_SIZE + 1, month(202401), months), 0);
    assert_int_equal(ring_month_list(NULL, 0, month(202401), months), 0);
}

static uint64_t seed = 42;

static int32_t random_below(int32_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int32_t)((seed >> 33) % (uint64_t)limit);
}

enum { SPAN = 200 };

/* Reports arrive for random months, some late, with gaps; the model keeps every month for ever. */
static void random_reports_equal_the_model(void **state)
{
    char model[SPAN] = {0};
    uint8_t statuses[RING_STATUS_SIZE] = {0}, months[RING_MONTH_SIZE] = {0};
    struct period first = month(200001), last = period_add(first, -1);

    (void)state;
    for (int step = 0; step < 5000; step++) {
        int32_t base = last.number - first.number;
        int32_t at = base + random_below(8) - 5;
        struct period period = period_add(first, at);

        if (base >= SPAN - 5)
            break;
        if (at < 0 || at <= base - RING_MONTHS)
            continue;
        if (period.number > last.number) {
            ring_status_advance(statuses, last, period);
            ring_month_advance(months, last, period);
            last = period;
        }
        model[at] = "N123"[random_below(4)];
        statuses[ring_status_offset(period)] = (uint8_t)model[at];
        struct ring_month report = {.period = period, .balance = {true, at}};
        ring_month_encode(&report, months + ring_month_offset(period));

        struct ring_status status_list[RING_STATUS_SIZE];
        int count = ring_status_list(statuses, RING_STATUS_SIZE, last, status_list);
        int expected = 0;
        for (int32_t back = last.number - first.number; back >= 0; back--) {
            if (!model[back] || last.number - first.number - back >= RING_STATUS_SIZE)
                continue;
            assert_true(expected < count);
            assert_int_equal(status_list[expected].period.number, first.number + back);
            assert_int_equal(status_list[expected].status, model[back]);
            expected++;
        }
        assert_int_equal(count, expected);

        struct ring_month month_list[RING_MONTHS];
        count = ring_month_list(months, RING_MONTH_SIZE, last, month_list);
        expected = 0;
        for (int32_t back = last.number - first.number;
             back >= 0 && last.number - first.number - back < RING_MONTHS; back--) {
            if (!model[back])
                continue;
            assert_int_equal(month_list[expected].period.number, first.number + back);
            assert_true(month_list[expected].balance.minor == back);
            expected++;
        }
        assert_int_equal(count, expected);
    }
    assert_true(last.number - first.number > RING_STATUS_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_the_one_of_sql),
        cmocka_unit_test(slots_go_both_ways),
        cmocka_unit_test(absent_and_zero_differ),
        cmocka_unit_test(days_that_do_not_fit_are_cut),
        cmocka_unit_test(a_ring_of_another_size_lists_nothing),
        cmocka_unit_test(random_reports_equal_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
