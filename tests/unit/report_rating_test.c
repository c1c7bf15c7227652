/*
 * Goal: a member that holds a report rates as the exchange does.
 * Method: a report in JSON, as `cix report --output json` prints it, and the small standard.
 */
#include "cli/report_rating.h"

#include <string.h>

#include "domain/rating_input.h"
#include "json.h"
#include "support/cmocka.h"
#include "support/standard.h"

static struct arena arena;
static struct standard standard;

/* The clean subject that rating_test works out: 630 points. */
static const char report_text[] =
    "{\"madeAtUs\":\"1718409600000000\",\"outcome\":\"REPORT_OUTCOME_FOUND\","
    "\"identity\":{\"kind\":\"SUBJECT_KIND_PERSON\",\"birthYear\":1980},\"accounts\":[{"
    "\"memberCode\":\"bank-a\",\"type\":\"ACCOUNT_TYPE_R2\",\"currency\":\"TWD\","
    "\"creditLimit\":\"100000\",\"openedOn\":20230520,\"lastPeriod\":202405,\"accountStatus\":1,"
    "\"months\":["
    "{\"period\":202405,\"repayStatus\":\"N\",\"balance\":\"30000\",\"paidAmount\":\"10000\"},"
    "{\"period\":202404,\"repayStatus\":\"N\",\"balance\":\"40000\",\"paidAmount\":\"10000\"},"
    "{\"period\":202403,\"repayStatus\":\"N\",\"balance\":\"40000\",\"paidAmount\":\"10000\"},"
    "{\"period\":202402,\"repayStatus\":\"N\"},{\"period\":202401,\"repayStatus\":\"\"},"
    "{\"period\":202312,\"repayStatus\":\"N\"}]}]";

/* The input that the report gives with some fields behind it. */
static void read_input(const char *more, const struct day *as_of, struct rating_input *input)
{
    ProtobufCMessage *message;
    struct ctx ctx;
    char *all = arena_format(&arena, "%s%s}", report_text, more);
    const struct cix_json_text text = {.data = all, .size = strlen(all)};

    ctx_init(&ctx, &arena);
    if (!cix_json_read(&ctx, &text, &cix__v1__report__descriptor, &message))
        fail_msg("%s", ctx.error.message);
    report_rating_input(&arena, (const Cix__V1__Report *)message, as_of, input);
}

static struct rating rate(const char *more, const struct day *as_of)
{
    struct rating_input input;
    struct rating rating;

    read_input(more, as_of, &input);
    rating_of(&standard, &input, &rating);
    return rating;
}

static const char *grade_of(const struct rating *rating)
{
    return standard.grades[rating->grade].name;
}

/* January was not reported: the calm is told for four months, which is enough for its points. */
static void a_report_gives_the_rating_of_its_records(void **state)
{
    struct rating rating = rate("", NULL);

    (void)state;
    assert_true(rating.is_rated);
    assert_int_equal(day_to_wire(rating.made_on), 20240615);
    assert_string_equal(standard.cards[rating.card].name, "clean");
    assert_int_equal(rating.points[0].value.number, 4000);
    assert_int_equal(rating.points[1].value.number, 4); /* the run ends where nothing is told */
    assert_int_equal(rating.points[2].by_value.number, 2500);
    assert_int_equal(rating.score, 630);
}

static void listings_and_inquiries_are_read(void **state)
{
    struct rating rating = rate(",\"flags\":[{\"status\":\"FLAG_STATUS_LISTED\"}]", NULL);

    (void)state;
    assert_string_equal(grade_of(&rating), "CCC");
    assert_int_equal(rating.score, 630);
    rating = rate(",\"flags\":[{\"status\":\"FLAG_STATUS_SUSPENDED\"}]", NULL);
    assert_string_equal(grade_of(&rating), "BB");
    /* Approval ten days ago counts; a review by the holder of the account never does. */
    rating = rate(",\"inquiries\":[{\"atUs\":\"1717545600000000\",\"memberCode\":\"bank-b\","
                  "\"purpose\":\"PURPOSE_CARD_APPROVAL\"}]",
                  NULL);
    assert_int_equal(rating.score, 630 - 15);
    rating = rate(",\"inquiries\":[{\"atUs\":\"1717545600000000\",\"memberCode\":\"bank-b\","
                  "\"purpose\":\"PURPOSE_POST_LOAN\"}]",
                  NULL);
    assert_int_equal(rating.score, 630);
}

static void transactions_and_statements_are_read(void **state)
{
    struct rating_input input;

    (void)state;
    read_input(",\"behaviours\":[{\"behaviour\":{\"period\":202405,\"role\":1,\"currency\":\"CNY\","
               "\"transactionCount\":\"7\",\"transactionAmount\":\"90000\",\"activeDays\":5,"
               "\"refundAmount\":\"0\",\"top1CounterpartyBps\":2500}},{}],"
               "\"statements\":[{\"statement\":{\"statedOn\":20231231,\"type\":1,\"source\":2,"
               "\"currency\":\"CNY\",\"totalAssets\":\"1000\",\"netProfit\":\"-50\"}}]",
               NULL, &input);
    assert_int_equal(input.behaviour_count, 1);
    assert_int_equal(input.behaviours[0].period, 202405);
    assert_int_equal(input.behaviours[0].role, BEHAVIOUR_ROLE_MERCHANT);
    assert_int_equal(input.behaviours[0].transaction_amount.minor, 90000);
    assert_true(input.behaviours[0].refund_amount.is_present);
    assert_false(input.behaviours[0].chargeback_count.is_present);
    assert_int_equal(input.behaviours[0].top1_counterparty_bps.value, 2500);
    assert_int_equal(input.statement_count, 1);
    assert_int_equal(day_to_wire(input.statements[0].stated_on.day), 20231231);
    assert_int_equal(input.statements[0].net_profit.minor, -50);
    assert_false(input.statements[0].revenue.is_present);
    read_input("", NULL, &input);
    assert_int_equal(input.behaviour_count + input.statement_count, 0);
    assert_string_equal(input.accounts[0].business_type, "");
}

static void the_day_of_a_rating_can_be_chosen(void **state)
{
    struct day late = day_of_civil(2027, 1, 1);
    struct rating rating = rate("", &late);

    (void)state;
    assert_false(rating.is_rated);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E08");
}

/* Of the year of birth alone: nobody is rated who may still be under 18. */
static void who_may_be_a_minor_is_under_age(void **state)
{
    struct day november = day_of_civil(2026, 11, 30); /* who was born in December 2008 is 17 */

    (void)state;
    assert_true(rating_is_under_age(2009, november));
    assert_true(rating_is_under_age(2008, november));
    assert_true(rating_is_under_age(2008, day_of_civil(2026, 12, 31)));
    assert_false(rating_is_under_age(2008, day_of_civil(2027, 1, 1)));
    assert_false(rating_is_under_age(2007, november));
    assert_false(rating_is_under_age(0, november)); /* not known */
}

static int set_up(void **state)
{
    (void)state;
    small_standard_read(&arena, &standard);
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
        cmocka_unit_test(a_report_gives_the_rating_of_its_records),
        cmocka_unit_test(listings_and_inquiries_are_read),
        cmocka_unit_test(transactions_and_statements_are_read),
        cmocka_unit_test(the_day_of_a_rating_can_be_chosen),
        cmocka_unit_test(who_may_be_a_minor_is_under_age),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
