/*
 * Goal: ratios are of the latest statement that a standard reads, changes against the one of a year
 * before, and which one that is depends on nothing but the statements.
 * Method: figures worked out by hand, then random statements in random order.
 */
#include "domain/rating.h"
#include "support/standard.h"

#include <string.h>

#include "support/cmocka.h"

enum { STATEMENTS_MOST = 6 };

static struct standard standard;
static struct arena arena;
static uint64_t seed = 13;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

static struct money_field money(int64_t units)
{
    return (struct money_field){true, units * 100};
}

/* Audited annual accounts of a firm: assets 10,000, debt 6,000, profit 400, sales as given. */
static struct statement_record accounts_of(int year, int64_t sales)
{
    return (struct statement_record){
        .stated_on = {true, true, day_of_civil(year, 12, 31)},
        .type = STATEMENT_ANNUAL_ACCOUNTS,
        .source = 1,
        .currency = "CNY",
        .total_assets = money(10000),
        .current_assets = money(5000),
        .cash = money(700),
        .inventory = money(1500),
        .total_liabilities = money(6000),
        .current_liabilities = money(3500),
        .equity = money(4000),
        .revenue = money(sales),
        .net_profit = money(400),
    };
}

static struct rating_input input_of(const struct statement_record *statements, int count)
{
    return (struct rating_input){
        .as_of = day_of_civil(2024, 6, 15),
        .kind = SUBJECT_KIND_ENTERPRISE,
        .facts = {.is_known = true},
        .statements = statements,
        .statement_count = count,
    };
}

static struct rating_value value_of(const char *words, const struct rating_input *input)
{
    static struct standard other;
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];

    standard_text_read(&arena,
                       standard_text_with(&arena, firm_standard, "attribute size",
                                          arena_format(&arena, "attribute size R30 %s", words)),
                       &other);
    rating_values(&other, input, values);
    return values[standard_attribute_find(&other, "size")];
}

static void assert_value(const char *words, const struct rating_input *input, int64_t expected)
{
    standard_value_is(words, value_of(words, input), expected);
}

static void assert_missing(const char *words, const struct rating_input *input)
{
    standard_value_is_missing(words, value_of(words, input));
}

static const struct {
    const char *words;
    int64_t expected;
} definitions[] = {
    {"figure total-assets", 10000},
    {"figure total-liabilities per total-assets", 6000},
    {"figure working-capital", 1500},
    {"figure working-capital per total-assets", 1500},
    {"figure quick-assets per current-liabilities", 10000},
    {"figure current-assets per current-liabilities", 14285},
    {"figure net-profit per total-assets", 400},
    {"figure net-profit per revenue", 333},
    {"figure equity per total-liabilities", 6666},
    {"figure cash", 700},
    {"earlier revenue", 15000},
    {"earlier revenue per total-assets", 15000},
    {"growth revenue", -2000},
    {"growth total-assets", 0},
};

static void figures_are_what_their_words_say(void **state)
{
    struct statement_record statements[2] = {accounts_of(2022, 15000), accounts_of(2023, 12000)};
    struct rating_input input = input_of(statements, 2);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(definitions); i++)
        assert_value(definitions[i].words, &input, definitions[i].expected);
    assert_missing("figure operating-profit", &input);
    assert_missing("figure receivables per total-assets", &input);
    assert_missing("figure cash per fixed-assets", &input);
    assert_missing("growth operating-profit", &input);
}

static void nothing_is_divided_by_nothing_or_less(void **state)
{
    struct statement_record statements[2] = {accounts_of(2022, 0), accounts_of(2023, 12000)};
    struct rating_input input = input_of(statements, 2);

    (void)state;
    statements[1].equity = money(-100);
    assert_missing("growth revenue", &input);
    assert_missing("figure net-profit per equity", &input);
    assert_value("figure equity per total-assets", &input, -100);
    statements[1].net_profit = money(-20000);
    statements[1].total_assets = money(1);
    assert_value("figure net-profit per total-assets", &input, -1000000);
    statements[1].currency = "USD"; /* a ratio needs no rate, an amount does */
    assert_value("figure total-liabilities per current-assets", &input, 12000);
    assert_missing("figure current-assets", &input);
    assert_missing("growth total-liabilities", &input);
}

/* Of one day: the better source, then the firm's own; of the future and of persons: none. */
static void the_latest_statement_is_read(void **state)
{
    struct statement_record statements[4] = {accounts_of(2023, 1000), accounts_of(2023, 2000),
                                             accounts_of(2024, 3000), accounts_of(2023, 4000)};
    struct rating_input input = input_of(statements, 4);

    (void)state;
    statements[0].source = 2;
    statements[1].is_consolidated = true;
    statements[3].type = 3;
    assert_value("figure revenue", &input, 2000);
    statements[1].source = 2;
    assert_value("figure revenue", &input, 1000);
    input.as_of = day_of_civil(2024, 12, 31);
    assert_value("figure revenue", &input, 3000);
    statements[2].stated_on.is_real = false;
    assert_value("figure revenue", &input, 1000);
}

static void a_year_before_is_about_a_year_before(void **state)
{
    struct statement_record statements[3] = {accounts_of(2023, 1000), accounts_of(2022, 2000),
                                             accounts_of(2022, 4000)};
    struct rating_input input = input_of(statements, 3);

    (void)state;
    statements[2].stated_on.day = day_of_civil(2023, 2, 28);
    assert_value("earlier revenue", &input, 2000);
    statements[1].is_consolidated = true;
    assert_value("earlier revenue", &input, 4000);
    statements[2].stated_on.day = day_add(statements[0].stated_on.day, -300);
    assert_value("earlier revenue", &input, 4000);
    statements[2].stated_on.day = day_add(statements[0].stated_on.day, -299);
    assert_missing("earlier revenue", &input);
    statements[2].stated_on.day = day_add(statements[0].stated_on.day, -431);
    assert_missing("earlier revenue", &input);
}

static struct rating rate(const struct rating_input *input)
{
    struct rating rating;

    rating_of(&standard, input, &rating);
    return rating;
}

/* debt 6000 -> 0, working 1500 -> 10, profit 400 -> 5, sales -2000 -> 10: 580 + 25. */
static void a_firm_by_hand(void **state)
{
    struct statement_record statements[2] = {accounts_of(2022, 15000), accounts_of(2023, 12000)};
    struct rating_input input = input_of(statements, 2);
    struct rating rating = rate(&input);

    (void)state;
    assert_true(rating.is_rated);
    assert_int_equal(rating.score, 605);
    assert_string_equal(standard.grades[rating.grade].name, "B");
    assert_string_equal(standard.reasons[rating.reasons[0].reason].code, "R30");
    assert_int_equal(rating.reasons[0].lost, 30);
    input.statement_count = 0;
    rating = rate(&input);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E30");
    input.statement_count = 2;
    input.as_of = day_of_civil(2025, 6, 30);
    assert_true(rate(&input).is_rated);
    input.as_of = day_of_civil(2025, 7, 1);
    rating = rate(&input);
    assert_false(rating.is_rated);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E31");
}

static void random_statement(struct statement_record *statement)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1};

    *statement = accounts_of(2020 + random_below(4), random_below(5) * 1000);
    statement->type = 1 + random_below(3);
    statement->source = random_below(3);
    statement->is_consolidated = random_below(2) > 0;
    statement->currency = random_below(4) ? "CNY" : "USD";
    statement->total_liabilities = money(random_below(12000));
    statement->net_profit = money(random_below(4000) - 2000);
    statement->current_assets.is_present = random_below(3) > 0;
    if (random_below(5) == 0)
        statement->total_assets.minor = extremes[random_below(4)];
    if (random_below(5) == 0)
        statement->current_assets.minor = extremes[random_below(4)];
    if (random_below(5) == 0)
        statement->revenue.minor = extremes[random_below(4)];
}

static void the_order_of_statements_means_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 4000; round++) {
        struct statement_record statements[STATEMENTS_MOST];
        int count = 1 + random_below(STATEMENTS_MOST);
        struct rating_input input = input_of(statements, count);

        for (int i = 0; i < count; i++)
            random_statement(&statements[i]);
        struct rating before = rate(&input);

        for (int i = count - 1; i > 0; i--) {
            int j = random_below(i + 1);
            struct statement_record spare = statements[i];
            statements[i] = statements[j];
            statements[j] = spare;
        }
        struct rating after = rate(&input);

        assert_int_equal(before.is_rated, after.is_rated);
        assert_int_equal(before.score, after.score);
        for (int i = 0; i < before.point_count; i++) {
            assert_int_equal(before.points[i].value.is_present, after.points[i].value.is_present);
            assert_true(before.points[i].value.number == after.points[i].value.number);
        }
    }
}

/* More debt never raises the score, more profit never lowers it. */
static void the_score_keeps_to_what_is_expected(void **state)
{
    (void)state;
    for (int debt = 0; debt < 12000; debt += 500) {
        struct statement_record statement = accounts_of(2023, 1000);
        struct rating_input input = input_of(&statement, 1);

        statement.total_liabilities = money(debt);
        int score = rate(&input).score;

        statement.total_liabilities = money(debt + 700);
        assert_true(rate(&input).score <= score);
        statement.total_liabilities = money(debt);
        statement.net_profit = money(400 + debt / 2);
        assert_true(rate(&input).score >= score);
    }
}

static int set_up(void **state)
{
    (void)state;
    standard_text_read(&arena, firm_standard, &standard);
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
        cmocka_unit_test(figures_are_what_their_words_say),
        cmocka_unit_test(nothing_is_divided_by_nothing_or_less),
        cmocka_unit_test(the_latest_statement_is_read),
        cmocka_unit_test(a_year_before_is_about_a_year_before),
        cmocka_unit_test(a_firm_by_hand),
        cmocka_unit_test(the_order_of_statements_means_nothing),
        cmocka_unit_test(the_score_keeps_to_what_is_expected),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
