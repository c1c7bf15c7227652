/*
 * Goal: bins, weights, coefficients and measures are what their formulas give, and a fit is the
 * same every time.
 * Method: tables small enough to be worked out by hand; then made subjects with a known cause.
 */
#include "cli/fit.h"
#include "cli/fit_logit.h"
#include "cli/fit_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka.h"
#include "support/standard.h"

enum { ROWS = 4000 };

static struct arena arena;
static struct standard standard;
static uint64_t seed = 11;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

static void assert_near(double value, double expected, double most)
{
    if (!(fabs(value - expected) <= most))
        fail_msg("%.9f is not %.9f", value, expected);
}

/* A table of one attribute (number 0) with an outcome for each row. */
static struct fit_rows rows_of(const int64_t *values, const char *outcomes, struct fit_table *table)
{
    static int numbers[ROWS];
    size_t count = strlen(outcomes);

    *table = (struct fit_table){.row_count = (int)count, .attribute_count = 1};
    table->values = arena_array(&arena, count, sizeof(*table->values));
    table->outcomes = arena_alloc(&arena, count);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = (int)i;
        table->outcomes[i] = (uint8_t)(outcomes[i] - '0');
        table->values[i] = (struct rating_value){values[i] >= 0, values[i]};
    }
    return (struct fit_rows){table, numbers, (int)count};
}

/* ---- Bins ---- */

/* Eight subjects, four bad. Bin 1: one bad of three; bin 2: two of three; missing: one of two. */
static void weights_are_the_logarithms_of_odds(void **state)
{
    static const int64_t values[] = {1, 1, 1, 2, 2, 2, -1, -1};
    const struct standard_characteristic line = {
        .attribute = 0, .by = -1, .direction = STANDARD_FALLING};
    const struct fit_binning binning = {5, 1};
    struct fit_table table;
    struct fit_bins bins;
    struct fit_rows rows = rows_of(values, "00101110", &table);

    (void)state;
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.row_count, 2);
    assert_true(bins.line.edges[0] == 2);
    /* With one subject of average risk added: rates 1.5/4, 2.5/4 and 1.5/3; odds of all 1. */
    assert_near(bins.weights[0], log(2.5 / 1.5), 1e-12);
    assert_near(bins.weights[1], log(1.5 / 2.5), 1e-12);
    assert_near(bins.weights[2], 0, 1e-12);
    assert_near(bins.value, (2.0 / 4 - 1.0 / 4) * log(2.5 / 1.5) * 2, 1e-12);
}

/* Rates 0, 1, 0, 1 by value: rising evidence is impossible, falling joins the middle two. */
static void neighbours_are_joined_until_the_direction_holds(void **state)
{
    static const int64_t values[] = {1, 1, 2, 2, 3, 3, 4, 4};
    struct standard_characteristic line = {.attribute = 0, .by = -1, .direction = STANDARD_FALLING};
    const struct fit_binning binning = {5, 1};
    struct fit_table table;
    struct fit_bins bins;
    struct fit_rows rows = rows_of(values, "00110011", &table);

    (void)state;
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.row_count, 3);
    assert_true(bins.line.edges[0] == 2 && bins.line.edges[1] == 4);
    line.direction = STANDARD_AUTO;
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.direction, STANDARD_FALLING);
    line.direction = STANDARD_RISING;
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.row_count, 1); /* no rise is left once neighbours are joined */
    line.direction = STANDARD_FREE;
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.row_count, 4);
}

static void many_values_become_quantiles(void **state)
{
    int64_t values[100];
    char outcomes[101] = "";
    const struct standard_characteristic line = {
        .attribute = 0, .by = -1, .direction = STANDARD_FREE};
    const struct fit_binning binning = {4, 10};
    struct fit_table table;
    struct fit_bins bins;

    (void)state;
    for (int i = 0; i < 100; i++) {
        values[i] = i < 60 ? 7 : i; /* more than half are the lowest: no edge there */
        outcomes[i] = "01"[i % 2];
    }
    struct fit_rows rows = rows_of(values, outcomes, &table);
    fit_bin(&rows, &line, &binning, &bins);
    assert_int_equal(bins.line.row_count, 2);
    assert_true(bins.line.edges[0] == 75);
}

/* ---- Regression ---- */

/* One column of 0 and 1: the coefficient is the difference of the log odds, by hand. */
static void one_column_is_fitted_exactly(void **state)
{
    float columns[200];
    uint8_t bad[200];
    const bool chosen[] = {true};
    const struct fit_problem problem = {200, 1, columns, bad, 1e-9};
    double intercept, coefficient;

    (void)state;
    for (int i = 0; i < 200; i++) {
        columns[i] = i >= 100;
        bad[i] = i < 100 ? i < 40 : i < 110; /* 40 of 100, then 10 of 100 */
    }
    assert_true(fit_logit(&problem, chosen, &intercept, &coefficient));
    assert_near(intercept, log(60.0 / 40), 1e-6);
    assert_near(coefficient, log(90.0 / 10) - log(60.0 / 40), 1e-6);
}

static void evidence_is_never_turned_round(void **state)
{
    float columns[400];
    uint8_t bad[200];
    bool chosen[] = {true, true};
    const struct fit_problem problem = {200, 2, columns, bad, 1};
    double intercept, coefficients[2];

    (void)state;
    for (int i = 0; i < 200; i++) {
        columns[i] = i >= 100;
        columns[200 + i] = i < 100; /* the opposite of the first */
        bad[i] = i < 100 ? i < 40 : i < 110;
    }
    assert_true(fit_logit(&problem, chosen, &intercept, coefficients));
    assert_true(coefficients[0] > 0.5);
    assert_true(coefficients[1] == 0);
    chosen[0] = false;
    assert_true(fit_logit(&problem, chosen, &intercept, coefficients));
    assert_true(coefficients[0] == 0 && coefficients[1] == 0);
    assert_near(intercept, log(150.0 / 50), 1e-6);
}

/* ---- Measures ---- */

static struct fit_measures measures_of(const int *scores, const char *outcomes)
{
    struct fit_measures measures;
    uint8_t bad[ROWS];
    int count = (int)strlen(outcomes);

    for (int i = 0; i < count; i++)
        bad[i] = (uint8_t)(outcomes[i] - '0');
    fit_measure(&standard, scores, bad, count, &measures);
    return measures;
}

static void order_is_measured_by_pairs(void **state)
{
    static const int scores[] = {700, 650, 600, 600, 500, 400};
    struct fit_measures measures = measures_of(scores, "000111");

    (void)state;
    /* Nine pairs of good and bad: eight and a half in order. */
    assert_near(measures.auc, 8.5 / 9, 1e-12);
    assert_near(measures.area, 16.0 / 18, 1e-12);
    assert_near(measures.ks, 2.0 / 3, 1e-12);
    /* Of the bads the shares 2.5/3, 1, 1; of the goods 1, 1, 2.5/3: variance 2/27 of each / 3. */
    assert_near(measures.auc_high - measures.auc,
                1.959963984540054 * sqrt(2 * (2 + 25.0 / 36 - 3 * (8.5 / 9) * (8.5 / 9)) / 9),
                1e-9);
    measures = measures_of(scores, "111000");
    assert_near(measures.auc, 0.5 / 9, 1e-12);
    static const int equal[] = {500, 500, 500, 500};
    measures = measures_of(equal, "0101");
    assert_near(measures.auc, 0.5, 1e-12);
    assert_near(measures.ks, 0, 1e-12);
}

static void bands_carry_wilson_intervals(void **state)
{
    int scores[101];
    char outcomes[102] = "";

    (void)state;
    for (int i = 0; i < 100; i++) {
        scores[i] = 600;
        outcomes[i] = "01"[i < 10];
    }
    scores[100] = 300;
    outcomes[100] = '1';
    struct fit_measures measures = measures_of(scores, outcomes);
    const struct fit_band *band = &measures.bands[7]; /* 580 to 619 */

    assert_string_equal(band->name, "580-619");
    assert_int_equal(band->count, 100);
    assert_near(band->rate, 0.1, 1e-12);
    assert_near(band->rate_low, 0.05522914, 1e-6); /* Wilson 1927, n = 100, 10 % */
    assert_near(band->rate_high, 0.17436566, 1e-6);
    assert_near(band->expected, 1.0 / 21, 1e-6);
    assert_int_equal(measures.band_count, 15);
    assert_string_equal(measures.bands[14].name, "300-339");
    assert_int_equal(measures.bands[14].count, 1);
    assert_int_equal(measures.bands[0].count, 0);
    assert_string_equal(measures.grades[2].name, "B"); /* 554 to 627 */
    assert_int_equal(measures.grades[2].count, 100);
    assert_int_equal(measures.grade_count, 5);
}

/* Outcomes drawn with the probability of the score: the regression finds slope 1, intercept 0. */
static void honest_probabilities_have_slope_one(void **state)
{
    static int scores[ROWS];
    static char outcomes[ROWS + 1];

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        scores[i] = 360 + random_below(300);
        outcomes[i] = "01"[random_below(1000000) < rating_pd_ppm(scores[i])];
    }
    struct fit_measures measures = measures_of(scores, outcomes);

    assert_near(measures.slope, 1, 0.05);
    assert_near(measures.intercept, 0, 0.02);
    assert_true(abs(measures.shift) <= 5);
    for (int i = 0; i < ROWS; i++)
        scores[i] += 40; /* half the bads are expected now */
    measures = measures_of(scores, outcomes);
    assert_true(measures.shift >= -45 && measures.shift <= -35);
    assert_true(fit_stability(&measures, &measures) == 0);
}

/* A line through one point has no slope, whatever rounding says. */
static void equal_scores_have_no_slope(void **state)
{
    static int scores[ROWS];
    static char outcomes[ROWS + 1];

    (void)state;
    for (int score = 300; score <= 900; score += 37) {
        for (int i = 0; i < ROWS; i++) {
            scores[i] = score;
            outcomes[i] = "01"[i % 7 == 0];
        }
        assert_true(isnan(measures_of(scores, outcomes).slope));
        assert_true(isnan(measures_of(scores, outcomes).intercept));
    }
}

/* ---- The whole ---- */

/* Subjects of the small standard: the use of the limit causes defaults, `asked` is noise. */
static void make_rows(struct fit_table *table)
{
    int attributes = standard.attribute_count;

    *table = (struct fit_table){.row_count = ROWS, .attribute_count = attributes};
    table->values = arena_array(&arena, (size_t)(ROWS * attributes), sizeof(*table->values));
    table->outcomes = arena_alloc(&arena, ROWS);
    table->keys = arena_array(&arena, ROWS, sizeof(*table->keys));
    for (int i = 0; i < ROWS; i++) {
        struct rating_value *values = &table->values[i * attributes];
        int64_t used = random_below(10000), late = random_below(4) == 0;

        values[standard_attribute_find(&standard, "late0")] = (struct rating_value){true, late};
        values[standard_attribute_find(&standard, "used")] =
            (struct rating_value){random_below(20) > 0, used};
        values[standard_attribute_find(&standard, "asked")] =
            (struct rating_value){true, random_below(5)};
        values[standard_attribute_find(&standard, "calm")] =
            (struct rating_value){true, late ? 0 : random_below(6)};
        table->outcomes[i] = random_below(10000) < used / 2 + 3000 * late;
    }
}

static void read_draft(const char *late, const char *clean, struct standard *draft)
{
    struct ctx ctx;
    const char *end = strstr(small_standard, "\ncard late");
    char *text =
        arena_format(&arena, "%.*s\ncard late when late0 1 7\n%scard clean\n    fit 10 50 5 3\n%s",
                     (int)(end - small_standard), small_standard, late, clean);

    ctx_init(&ctx, &arena);
    if (!standard_read(&ctx, text, strlen(text), true, draft))
        fail_msg("%s", ctx.error.message);
}

static void a_fit_finds_the_cause_and_is_a_standard(void **state)
{
    static struct standard draft, fitted, again;
    static struct fit_card_told told[STANDARD_CARDS_MAX];
    struct fit_table table;
    struct builder text = {.arena = &arena}, second = {.arena = &arena};
    struct ctx ctx;
    int numbers[ROWS];

    (void)state;
    make_rows(&table);
    read_draft("    fit 6 50 5 2\n", "", &draft);
    for (int i = 0; i < ROWS; i++)
        numbers[i] = i;
    const struct fit_rows rows = {&table, numbers, ROWS};

    ctx_init(&ctx, &arena);
    assert_true(fit_standard(&ctx, &draft, &rows, &fitted, told));
    assert_int_equal(told[0].count + told[1].count, ROWS);
    const struct standard_card *clean = &fitted.cards[1];
    assert_string_equal(fitted.attributes[clean->characteristics[0].attribute].name, "used");
    assert_int_equal(clean->characteristics[0].direction, STANDARD_FALLING);
    assert_true(told[1].lines[0].spread > 40);
    assert_true(clean->characteristic_count <= 3);
    standard_write(&fitted, &text);
    assert_true(standard_read(&ctx, text.data, text.size, false, &again));
    fit_prune(&again); /* what no card reads goes; what is read keeps its name and points */
    assert_int_equal(standard_attribute_find(&again, "asked") >= 0,
                     strstr(text.data, "characteristic asked") != NULL);
    assert_int_equal(standard_attribute_find(&again, "paid"), -1);
    assert_string_equal(again.attributes[again.cards[0].conditions[0].attribute].name, "late0");
    assert_string_equal(again.attributes[again.cards[1].characteristics[0].attribute].name, "used");
    assert_true(fit_standard(&ctx, &draft, &rows, &again, NULL));
    standard_write(&again, &second);
    assert_string_equal(text.data, second.data);
}

static void folds_are_dealt_evenly_and_score_honestly(void **state)
{
    static struct standard draft;
    static int scores[ROWS], others[ROWS], folds[ROWS];
    const struct fit_folding folding = {5, 3};
    struct fit_table table;
    struct fit_measures measures;
    struct ctx ctx;
    int bads[5] = {0}, counts[5] = {0};

    (void)state;
    make_rows(&table);
    read_draft("    fit 6 50 5 2\n", "", &draft);
    ctx_init(&ctx, &arena);
    assert_true(fit_cross_validate(&ctx, &draft, &table, &folding, scores, folds));
    assert_true(fit_cross_validate(&ctx, &draft, &table, &folding, others, NULL));
    assert_memory_equal(scores, others, sizeof(scores));
    for (int i = 0; i < ROWS; i++) {
        counts[folds[i]]++;
        bads[folds[i]] += table.outcomes[i];
    }
    for (int i = 1; i < 5; i++) {
        assert_true(abs(counts[i] - counts[0]) <= 1);
        assert_true(abs(bads[i] - bads[0]) <= 1);
    }
    fit_measure(&draft, scores, table.outcomes, ROWS, &measures);
    assert_true(measures.auc > 0.65);
    for (int i = 0; i < ROWS; i++) /* outcomes without a cause cannot be foretold */
        table.outcomes[i] = random_below(4) == 0;
    assert_true(fit_cross_validate(&ctx, &draft, &table, &folding, scores, NULL));
    fit_measure(&draft, scores, table.outcomes, ROWS, &measures);
    assert_near(measures.auc, 0.5, 0.04);
}

/* Crossing two attributes finds what neither tells alone. */
static void a_cross_finds_an_interaction(void **state)
{
    static struct standard draft, fitted;
    struct fit_table table;
    struct fit_measures measures;
    struct ctx ctx;
    int numbers[ROWS], scores[ROWS];

    (void)state;
    make_rows(&table);
    for (int i = 0; i < ROWS; i++) {
        struct rating_value *values = &table.values[i * standard.attribute_count];
        bool is_used = values[standard_attribute_find(&standard, "used")].number >= 5000;
        bool is_calm = values[standard_attribute_find(&standard, "calm")].number >= 3;

        numbers[i] = i;
        values[standard_attribute_find(&standard, "used")].is_present = true;
        table.outcomes[i] = random_below(100) < (is_used == is_calm ? 5 : 60);
    }
    read_draft("    fit 6 50 5 2\n", "    characteristic used free by calm\n", &draft);
    const struct fit_rows rows = {&table, numbers, ROWS};

    ctx_init(&ctx, &arena);
    assert_true(fit_standard(&ctx, &draft, &rows, &fitted, NULL));
    assert_int_equal(fitted.cards[1].characteristic_count, 1);
    assert_true(fitted.cards[1].characteristics[0].column_count > 2);
    for (int i = 0; i < ROWS; i++)
        scores[i] = rating_score(&fitted, fit_row(&table, i));
    fit_measure(&fitted, scores, table.outcomes, ROWS, &measures);
    assert_true(measures.auc > 0.75);
}

static void what_cannot_be_fitted_is_told(void **state)
{
    static struct standard draft, fitted;
    struct fit_table table;
    struct ctx ctx;
    int numbers[ROWS];

    (void)state;
    make_rows(&table);
    for (int i = 0; i < ROWS; i++)
        numbers[i] = i;
    const struct fit_rows rows = {&table, numbers, ROWS};

    ctx_init(&ctx, &arena);
    read_draft("", "", &draft);
    assert_false(fit_standard(&ctx, &draft, &rows, &fitted, NULL));
    assert_string_equal(ctx.error.reason, "FIT_DRAFT");
    ctx_clear(&ctx);
    read_draft("    fit 6 50 5 2\n", "", &draft);
    memset(table.outcomes, 1, ROWS);
    assert_false(fit_standard(&ctx, &draft, &rows, &fitted, NULL));
    assert_string_equal(ctx.error.reason, "FIT_ROWS");
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
        cmocka_unit_test(weights_are_the_logarithms_of_odds),
        cmocka_unit_test(neighbours_are_joined_until_the_direction_holds),
        cmocka_unit_test(many_values_become_quantiles),
        cmocka_unit_test(one_column_is_fitted_exactly),
        cmocka_unit_test(evidence_is_never_turned_round),
        cmocka_unit_test(order_is_measured_by_pairs),
        cmocka_unit_test(bands_carry_wilson_intervals),
        cmocka_unit_test(honest_probabilities_have_slope_one),
        cmocka_unit_test(equal_scores_have_no_slope),
        cmocka_unit_test(a_fit_finds_the_cause_and_is_a_standard),
        cmocka_unit_test(folds_are_dealt_evenly_and_score_honestly),
        cmocka_unit_test(a_cross_finds_an_interaction),
        cmocka_unit_test(what_cannot_be_fitted_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
