#include "cli/fit_measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/rating.h"

static const double normal_95 = 1.959963984540054;

struct scored {
    int score;
    int row;
    uint8_t bad;
};

/* Best first; equal scores in the order of the file. */
static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;

    return x->score != y->score ? y->score - x->score : x->row - y->row;
}

static double probability(int score)
{
    return rating_pd_ppm(score) / 1e6;
}

/* Rows from `from` on that share a score; how many of them are bad. */
static int tie_length(const struct scored *rows, int count, int from, int *bad)
{
    int end = from;

    *bad = 0;
    while (end < count && rows[end].score == rows[from].score)
        *bad += rows[end++].bad;
    return end - from;
}

/*
 * AUC by midranks. Its variance after DeLong: of each bad the share of goods that score better, of
 * each good the share of bads that score worse.
 */
static void measure_order(const struct scored *rows, struct fit_measures *measures)
{
    double bads = measures->bad, goods = measures->count - measures->bad;
    double above_good = 0, above_bad = 0, sum = 0, bad_squares = 0, good_squares = 0;
    int bad, length;

    for (int i = 0; i < measures->count; i += length) {
        length = tie_length(rows, measures->count, i, &bad);
        int good = length - bad;
        double of_bad = (above_good + good / 2.0) / goods;
        double of_good = 1 - (above_bad + bad / 2.0) / bads;

        sum += bad * of_bad;
        bad_squares += bad * of_bad * of_bad;
        good_squares += good * of_good * of_good;
        above_good += good;
        above_bad += bad;
        measures->ks = fmax(measures->ks, fabs(above_good / goods - above_bad / bads));
    }
    measures->auc = sum / bads;
    measures->area = 2 * measures->auc - 1;
    double square = measures->auc * measures->auc;
    double variance =
        (bad_squares / bads - square) / bads + (good_squares / goods - square) / goods;
    double reach = normal_95 * sqrt(variance > 0 ? variance : 0);

    measures->auc_low = measures->auc - reach;
    measures->auc_high = measures->auc + reach;
}

static void measure_level(const struct scored *rows, struct fit_measures *measures)
{
    double squares = 0, n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, origin = 0;
    int window = 0, count = measures->count;

    for (int i = 0; i < count; i++) {
        double miss = probability(rows[i].score) - rows[i].bad;
        squares += miss * miss;
    }
    measures->brier = squares / count;
    for (int i = 0; i < 2 * FIT_NEIGHBOURS && i < count; i++)
        window += rows[i].bad;
    for (int i = FIT_NEIGHBOURS; i + FIT_NEIGHBOURS < count; i++) {
        window += rows[i + FIT_NEIGHBOURS].bad;
        double x = probability(rows[i].score), y = window / (2.0 * FIT_NEIGHBOURS + 1);

        window -= rows[i - FIT_NEIGHBOURS].bad;
        if (n++ == 0)
            origin = x; /* equal scores then give sums of exactly 0 */
        x -= origin;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    if (sxx == 0)
        return;
    measures->slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    measures->intercept = (sy - measures->slope * sx) / n - measures->slope * origin;
}

/* The shift of all scores by which as many bads are expected as there are. */
static int find_shift(const struct scored *rows, const struct fit_measures *measures)
{
    int low = -STANDARD_SCORE_BASE, high = STANDARD_SCORE_BASE;

    while (low < high) {
        int middle = low + (high - low) / 2;
        double expected = 0;

        for (int i = 0; i < measures->count; i++) {
            double odds = STANDARD_ODDS_BASE * exp2((rows[i].score + middle - STANDARD_SCORE_BASE) /
                                                    (double)STANDARD_DOUBLE_POINTS);
            expected += 1 / (1 + odds);
        }
        if (expected > measures->bad)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Wilson's interval of a share. */
static void finish_band(struct fit_band *band)
{
    double n = band->count, square = normal_95 * normal_95;

    if (band->count == 0)
        return;
    band->rate = band->bad / n;
    band->expected /= n;
    double centre = (band->rate + square / (2 * n)) / (1 + square / n);
    double reach = normal_95 * sqrt(band->rate * (1 - band->rate) / n + square / (4 * n * n)) /
                   (1 + square / n);

    band->rate_low = fmax(0, centre - reach);
    band->rate_high = fmin(1, centre + reach);
}

static void fill_bands(const struct scored *rows, int count, struct fit_band *bands, int band_count)
{
    for (int i = 0; i < count; i++) {
        int at = 0;

        while (at + 1 < band_count && (bands[at].low > rows[i].score || bands[at].low < 0))
            at++;
        bands[at].count++;
        bands[at].bad += rows[i].bad;
        bands[at].expected += probability(rows[i].score);
    }
    for (int i = 0; i < band_count; i++)
        finish_band(&bands[i]);
}

static void measure_bands(const struct standard *standard, const struct scored *rows,
                          struct fit_measures *measures)
{
    for (int low = STANDARD_SCORE_MAX - FIT_BAND_POINTS; low > STANDARD_SCORE_MIN - FIT_BAND_POINTS;
         low -= FIT_BAND_POINTS) {
        struct fit_band *band = &measures->bands[measures->band_count++];

        band->low = low < STANDARD_SCORE_MIN ? STANDARD_SCORE_MIN : low;
        band->high = measures->band_count == 1 ? STANDARD_SCORE_MAX : low + FIT_BAND_POINTS - 1;
        snprintf(band->name, sizeof(band->name), "%d-%d", band->low, band->high);
    }
    for (int i = 0; i < standard->grade_count && standard->grades[i].lower >= 0; i++) {
        struct fit_band *band = &measures->grades[measures->grade_count++];

        band->low = standard->grades[i].lower;
        band->high = i ? standard->grades[i - 1].lower - 1 : STANDARD_SCORE_MAX;
        snprintf(band->name, sizeof(band->name), "%s", standard->grades[i].name);
    }
    fill_bands(rows, measures->count, measures->bands, measures->band_count);
    fill_bands(rows, measures->count, measures->grades, measures->grade_count);
}

void fit_measure(const struct standard *standard, const int *scores, const uint8_t *bad, int count,
                 struct fit_measures *measures)
{
    struct scored *rows = malloc((size_t)count * sizeof(*rows));

    CHECK(rows);
    *measures = (struct fit_measures){.count = count, .slope = NAN, .intercept = NAN};
    for (int i = 0; i < count; i++) {
        rows[i] = (struct scored){scores[i], i, bad[i]};
        measures->bad += bad[i];
    }
    CHECK(measures->bad > 0 && measures->bad < count);
    qsort(rows, (size_t)count, sizeof(*rows), by_score);
    measure_order(rows, measures);
    measure_level(rows, measures);
    measures->shift = find_shift(rows, measures);
    measure_bands(standard, rows, measures);
    free(rows);
}

double fit_stability(const struct fit_measures *expected, const struct fit_measures *actual)
{
    double index = 0;

    for (int i = 0; i < expected->band_count; i++) {
        if (expected->bands[i].count == 0 && actual->bands[i].count == 0)
            continue;
        double e = fmax(expected->bands[i].count, 0.5) / expected->count;
        double a = fmax(actual->bands[i].count, 0.5) / actual->count;

        index += (a - e) * log(a / e);
    }
    return index;
}
