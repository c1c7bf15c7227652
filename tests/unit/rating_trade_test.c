/*
 * Goal: months of transactions count as the standard's words say, whoever gave them in whatever
 * order; a standard for thin files leaves those with accounts to another.
 * Method: attributes and a score worked out by hand, then random months, of which some things must
 * not matter and others only in one direction.
 */
#include "domain/rating.h"
#include "support/standard.h"

#include <string.h>

#include "support/cmocka.h"

enum { MONTHS = 6, RECORDS_MOST = 24 };

static struct standard standard;
static struct arena arena;
static uint64_t seed = 11;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

/* A month of a merchant, so many months before May 2024; amounts in units of the standard. */
static struct behaviour_record month_of(int back, int64_t amount, int count)
{
    struct period latest;

    assert_true(period_from_wire(202405, &latest));
    return (struct behaviour_record){
        .period = period_to_wire(period_add(latest, -back)),
        .role = BEHAVIOUR_ROLE_MERCHANT,
        .currency = "CNY",
        .transaction_amount = {true, amount * 100},
        .transaction_count = {true, count},
        .active_days = count,
    };
}

static struct rating_input input_of(const struct behaviour_record *behaviours, int count)
{
    return (struct rating_input){
        .as_of = day_of_civil(2024, 6, 15),
        .kind = SUBJECT_KIND_PERSON,
        .facts = {.is_known = true},
        .behaviours = behaviours,
        .behaviour_count = count,
    };
}

static struct rating_value value_of(const char *words, const struct rating_input *input)
{
    static struct standard other;
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];

    standard_text_read(
        &arena,
        standard_text_with(&arena, trade_standard, "attribute steady",
                           arena_format(&arena,
                                        "attribute asked R19 %s\n"
                                        "attribute steady R19 run merchant-active 0 11",
                                        words)),
        &other);
    rating_values(&other, input, values);
    return values[standard_attribute_find(&other, "asked")];
}

static void assert_value(const char *words, const struct rating_input *input, int64_t expected)
{
    standard_value_is(words, value_of(words, input), expected);
}

static void assert_missing(const char *words, const struct rating_input *input)
{
    standard_value_is_missing(words, value_of(words, input));
}

/* ---- Attributes ---- */

static const struct {
    const char *words;
    int64_t expected;
} definitions[] = {
    {"max merchant-amount 0 5", 1200},
    {"min merchant-amount 0 5", 0},
    {"change merchant-amount 0 2", 400},
    {"sum merchant-count 0 2", 30},
    {"max merchant-days 0 0", 12},
    {"sum merchant-refunded 0 5", 100},
    {"sum merchant-refunded 0 5 per amount", 333},   /* 100 of 1200 + 1000 + 800 */
    {"sum merchant-chargebacks 0 5 per count", 500}, /* 1 of 12 + 8 */
    {"max merchant-top1 0 5", 3000},
    {"max merchant-parties 0 0", 3},
    {"max merchant-streak 0 5", 6},
    {"count merchant-active 0 5", 4},
    {"count no-merchant-active 0 5", 1},
    {"run merchant-active 0 5", 4}, /* month 4 tells nothing */
    {"since no-merchant-active 0 5", 5},
    {"count merchant-grown 0 5", 2},
    {"run merchant-grown 0 5", 2},
    {"sum merchant-amount 0 1 per before", 12941}, /* 2200 of 1700 */
    {"sum merchant-amount 0 2 per before", 22222}, /* 1200 + 800 of 900 + 0: month 4 is not told */
    {"sum merchant-count 0 1 per before", 12941},
    {"max payer-amount 1 1", 50},
    {"count payer-active 0 5", 1},
};

static const char *const absent[] = {
    "max merchant-amount 4 4",
    "max merchant-amount 6 9",
    "count merchant-active 6 9",
    "sum merchant-refunded 3 5 per amount",
    "sum merchant-chargebacks 1 1 per count",
    "sum merchant-amount 4 4 per before",
    "max merchant-top1 2 2",
    "max merchant-parties 2 2",
    "max merchant-streak 3 3",
    "max payer-amount 0 0",
    "max payer-top1 0 5",
};

/* Months 0 to 3 and 5 of a merchant, who bought something in month 1. */
static int fill(struct behaviour_record records[MONTHS])
{
    records[0] = month_of(0, 1200, 12);
    records[0].refund_amount = (struct money_field){true, 6000};
    records[0].chargeback_count = (struct money_field){true, 1};
    records[0].top1_counterparty_bps = (struct count_field){true, 2500};
    records[0].counterparty_band = 3;
    records[0].continuous_months = (struct count_field){true, 6};
    records[1] = month_of(1, 1000, 10);
    records[1].refund_amount = (struct money_field){true, 0};
    records[1].top1_counterparty_bps = (struct count_field){true, 3000};
    records[2] = month_of(2, 800, 8);
    records[2].refund_amount = (struct money_field){true, 4000};
    records[2].chargeback_count = (struct money_field){true, 0};
    records[3] = month_of(3, 900, 9);
    records[4] = month_of(5, 0, 0);
    records[5] = month_of(1, 50, 2);
    records[5].role = BEHAVIOUR_ROLE_PAYER;
    return 6;
}

static void attributes_are_what_their_words_say(void **state)
{
    struct behaviour_record records[MONTHS] = {0};
    int count = fill(records);
    struct rating_input input = input_of(records, count);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(definitions); i++)
        assert_value(definitions[i].words, &input, definitions[i].expected);
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++)
        assert_missing(absent[i], &input);
    input.behaviour_count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(definitions); i++)
        assert_missing(definitions[i].words, &input);
}

/* Amounts and numbers add up; days overlap; the largest counterparty is weighed by amounts. */
static void members_are_laid_on_one_another(void **state)
{
    struct behaviour_record records[3] = {month_of(0, 100, 5), month_of(0, 300, 12),
                                          month_of(0, 7, 20)};
    struct rating_input input = input_of(records, 3);

    (void)state;
    records[0].top1_counterparty_bps = (struct count_field){true, 10000};
    records[1].top1_counterparty_bps = (struct count_field){true, 2000};
    records[2].currency = "USD"; /* of which the standard has no amounts */
    records[2].top1_counterparty_bps = (struct count_field){true, 9000};
    assert_value("sum merchant-amount 0 0", &input, 400);
    assert_value("sum merchant-count 0 0", &input, 37);
    assert_value("max merchant-days 0 0", &input, 20);
    assert_value("max merchant-top1 0 0", &input, 4000);
    records[1].transaction_amount.is_present = false;
    assert_value("sum merchant-amount 0 0", &input, 100);
    assert_value("max merchant-top1 0 0", &input, 10000);
}

static void months_that_cannot_be_are_passed_over(void **state)
{
    struct behaviour_record records[4] = {month_of(0, 100, 5), month_of(-2, 300, 9),
                                          month_of(0, 300, 9), month_of(0, 300, 9)};
    struct rating_input input = input_of(records, 4);

    (void)state;
    records[2].period = 202413;
    records[3].role = 0;
    assert_value("sum merchant-amount 0 11", &input, 100);
    assert_value("count merchant-active 0 11", &input, 1);
    records[0] = month_of(30, 100, 5);
    records[1] = month_of(0, 200, 5);
    assert_value("sum merchant-amount 0 23", &input, 200);
}

/* ---- Scores ---- */

static struct rating rate(const struct rating_input *input)
{
    struct rating rating;

    rating_of(&standard, input, &rating);
    return rating;
}

static const char *exclusion_of(const struct rating_input *input)
{
    struct rating rating = rate(input);

    return rating.is_rated ? "" : standard.reasons[rating.exclusion].code;
}

static void fill_steady(struct behaviour_record records[MONTHS])
{
    for (int i = 0; i < MONTHS; i++) {
        records[i] = month_of(i, 1000, 5);
        records[i].refund_amount = (struct money_field){true, 1000};
        records[i].top1_counterparty_bps = (struct count_field){true, 2000};
    }
}

/* steady 6 -> 40, refunds 100 -> 20, largest 2000 -> 15, trend 10000 -> 5: 560 + 80. */
static void a_steady_merchant_by_hand(void **state)
{
    struct behaviour_record records[MONTHS] = {0};
    struct rating_input input = input_of(records, MONTHS);

    (void)state;
    fill_steady(records);
    struct rating rating = rate(&input);

    assert_true(rating.is_rated);
    assert_int_equal(rating.score, 640);
    assert_int_equal(rating.pd_ppm, 24390);
    assert_string_equal(standard.grades[rating.grade].name, "BB");
    assert_int_equal(rating.points[0].value.number, 6);
    assert_int_equal(rating.points[1].value.number, 100);
    assert_int_equal(rating.points[2].value.number, 2000);
    assert_int_equal(rating.points[3].value.number, 10000);
    assert_int_equal(rating.reason_count, 1);
    assert_string_equal(standard.reasons[rating.reasons[0].reason].code, "R22");
    assert_int_equal(rating.reasons[0].lost, 5);
}

static void thin_files_are_told_from_those_with_accounts(void **state)
{
    struct period latest;
    struct behaviour_record records[MONTHS] = {0};
    struct ring_status statuses[3];
    struct rating_account account = {
        .type = ACCOUNT_TYPE_R2,
        .business_type = "81",
        .currency = "CNY",
        .opened_on = day_of_civil(2023, 5, 20),
        .statuses = statuses,
        .status_count = 3,
    };
    struct rating_input input = input_of(records, MONTHS);

    (void)state;
    fill_steady(records);
    assert_true(period_from_wire(202405, &latest));
    account.last_period = latest;
    for (int i = 0; i < 3; i++)
        statuses[i] = (struct ring_status){period_add(latest, -i), 'N'};
    input.accounts = &account;
    input.account_count = 1;
    assert_string_equal(exclusion_of(&input), "E20");
    account.status_count = 2;
    assert_string_equal(exclusion_of(&input), "");
    account.status_count = 3;
    account.business_type = "82"; /* a business that the standard does not name */
    assert_string_equal(exclusion_of(&input), "");
    account.business_type = NULL;
    assert_string_equal(exclusion_of(&input), "");
}

static void too_few_or_old_months_are_excluded(void **state)
{
    struct behaviour_record records[MONTHS] = {0};
    struct rating_input input = input_of(records, 0);

    (void)state;
    fill_steady(records);
    assert_string_equal(exclusion_of(&input), "E21");
    input.behaviour_count = 1;
    assert_string_equal(exclusion_of(&input), "E22");
    records[1] = month_of(0, 5, 5); /* the same month once more */
    input.behaviour_count = 2;
    assert_string_equal(exclusion_of(&input), "E22");
    input.behaviour_count = 3;
    assert_string_equal(exclusion_of(&input), "");
    input.as_of = day_of_civil(2024, 8, 31);
    assert_string_equal(exclusion_of(&input), "");
    input.as_of = day_of_civil(2024, 9, 1);
    assert_string_equal(exclusion_of(&input), "E23");
}

/* ---- What holds for every subject ---- */

static struct money_field maybe(int64_t most)
{
    return (struct money_field){random_below(4) > 0, random_below((int)most + 1)};
}

static int random_records(struct behaviour_record records[RECORDS_MOST])
{
    int count = 2 + random_below(RECORDS_MOST - 2);

    for (int i = 0; i < count; i++) {
        int64_t amount = random_below(2000);
        struct behaviour_record *record = &records[i];

        *record = month_of(random_below(9), amount, random_below(20));
        record->role = random_below(5) ? BEHAVIOUR_ROLE_MERCHANT : BEHAVIOUR_ROLE_PAYER;
        record->currency = random_below(6) ? "CNY" : "USD";
        record->refund_amount = maybe(amount * 5);
        record->chargeback_count = maybe(3);
        record->top1_counterparty_bps =
            (struct count_field){random_below(4) > 0, random_below(4000)};
        record->counterparty_band = random_below(6);
        record->continuous_months = (struct count_field){random_below(2) > 0, random_below(30)};
    }
    return count;
}

static void assert_same(const struct rating *before, const struct rating *after)
{
    assert_int_equal(before->is_rated, after->is_rated);
    assert_int_equal(before->exclusion, after->exclusion);
    assert_int_equal(before->score, after->score);
    assert_int_equal(before->point_count, after->point_count);
    for (int i = 0; i < before->point_count; i++) {
        assert_int_equal(before->points[i].value.is_present, after->points[i].value.is_present);
        assert_true(before->points[i].value.number == after->points[i].value.number);
    }
}

static void the_order_of_months_means_nothing(void **state)
{
    int rated = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct behaviour_record records[RECORDS_MOST];
        int count = random_records(records);
        struct rating_input input = input_of(records, count);
        struct rating before = rate(&input);

        for (int i = count - 1; i > 0; i--) {
            int j = random_below(i + 1);
            struct behaviour_record spare = records[i];
            records[i] = records[j];
            records[j] = spare;
        }
        struct rating after = rate(&input);

        assert_same(&before, &after);
        rated += before.is_rated;
    }
    assert_true(rated > 2000);
}

/* Where, by night, by what estimated income: no standard has a word for it. */
static void what_has_no_word_has_no_effect(void **state)
{
    (void)state;
    for (int round = 0; round < 1000; round++) {
        struct behaviour_record records[RECORDS_MOST];
        int count = random_records(records);
        struct rating_input input = input_of(records, count);
        struct rating before = rate(&input);

        for (int i = 0; i < count; i++) {
            records[i].income_band = random_below(10);
            records[i].night_share_bps = (struct count_field){true, random_below(10001)};
            records[i].cross_region_bps = (struct count_field){true, random_below(10001)};
            records[i].volatility_bps = (struct count_field){true, random_below(10001)};
            records[i].average_ticket = (struct money_field){true, random_below(10001)};
            records[i].consent_id = "00000000-0000-0000-0000-000000000000";
        }
        struct rating after = rate(&input);

        assert_same(&before, &after);
    }
}

/* More refunds, or a larger largest counterparty, never raise the score. */
static void the_score_keeps_to_what_is_expected(void **state)
{
    int lower = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct behaviour_record records[RECORDS_MOST];
        int count = random_records(records);
        struct rating_input input = input_of(records, count);
        struct rating before = rate(&input);
        struct behaviour_record *record = &records[random_below(count)];

        if (random_below(2) && record->refund_amount.is_present)
            record->refund_amount.minor += random_below(100000);
        else if (record->top1_counterparty_bps.is_present)
            record->top1_counterparty_bps.value += random_below(5000);
        struct rating after = rate(&input);

        assert_int_equal(before.is_rated, after.is_rated);
        assert_true(after.score <= before.score);
        lower += after.score < before.score;
    }
    assert_true(lower > 100);
}

/* What is not told is not nothing: a refund of zero gives points, no word of refunds none. */
static void absent_is_not_zero(void **state)
{
    struct behaviour_record records[MONTHS] = {0};
    struct rating_input input = input_of(records, MONTHS);

    (void)state;
    fill_steady(records);
    for (int i = 0; i < MONTHS; i++)
        records[i].refund_amount.minor = 0;
    assert_int_equal(rate(&input).score, 640);
    for (int i = 0; i < MONTHS; i++)
        records[i].refund_amount.is_present = false;
    assert_int_equal(rate(&input).score, 620);
    records[0].refund_amount = (struct money_field){true, 0};
    assert_int_equal(rate(&input).score, 640);
}

static void extreme_amounts_are_rated(void **state)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, 1};

    (void)state;
    for (int round = 0; round < 500; round++) {
        struct behaviour_record records[RECORDS_MOST];

        for (int i = 0; i < RECORDS_MOST; i++) {
            records[i] = month_of(i % 9, 0, 1);
            records[i].transaction_amount.minor = extremes[random_below(5)];
            records[i].transaction_count.minor = extremes[random_below(5)];
            records[i].refund_amount = (struct money_field){true, extremes[random_below(5)]};
            records[i].chargeback_count = (struct money_field){true, extremes[random_below(5)]};
            records[i].top1_counterparty_bps =
                (struct count_field){true, random_below(2) ? INT32_MAX : INT32_MIN};
        }
        struct rating_input input = input_of(records, RECORDS_MOST);
        struct rating rating = rate(&input);

        assert_true(rating.is_rated && rating.score >= 300 && rating.score <= 900);
        (void)value_of("sum merchant-count 0 2 per before", &input);
        (void)value_of("sum merchant-chargebacks 0 8 per count", &input);
        (void)value_of("sum merchant-amount 0 8", &input);
    }
}

static int set_up(void **state)
{
    (void)state;
    standard_text_read(&arena, trade_standard, &standard);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_what_their_words_say),
        cmocka_unit_test(members_are_laid_on_one_another),
        cmocka_unit_test(months_that_cannot_be_are_passed_over),
        cmocka_unit_test(a_steady_merchant_by_hand),
        cmocka_unit_test(thin_files_are_told_from_those_with_accounts),
        cmocka_unit_test(too_few_or_old_months_are_excluded),
        cmocka_unit_test(the_order_of_months_means_nothing),
        cmocka_unit_test(what_has_no_word_has_no_effect),
        cmocka_unit_test(the_score_keeps_to_what_is_expected),
        cmocka_unit_test(absent_is_not_zero),
        cmocka_unit_test(extreme_amounts_are_rated),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
