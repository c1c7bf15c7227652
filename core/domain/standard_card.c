/* Reading a standard: the cards with their bins and points. */
#include <string.h>

#include "domain/standard_reading.h"

enum { BASE_MOST = 2000 };

static const int64_t edge_bounds[2] = {-STANDARD_VALUE_MOST * INT64_C(1000000),
                                       STANDARD_VALUE_MOST *INT64_C(1000000)};

/* ---- card NAME [when ATTRIBUTE LOW HIGH] ..., fit, base ---- */

static bool read_condition(struct reading *reading, int at, struct standard_card *card)
{
    struct standard_condition *condition = &card->conditions[card->condition_count];

    if (card->condition_count == STANDARD_CONDITIONS_MAX ||
        strcmp(reading->words[at], "when") != 0 || at + 4 > reading->count)
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "card NAME, then up to four times when ATTRIBUTE LOW HIGH");
    card->condition_count++;
    if (!reading_attribute(reading, at + 1, &condition->attribute) ||
        !reading_number(reading, at + 2, edge_bounds, &condition->low) ||
        !reading_number(reading, at + 3, edge_bounds, &condition->high))
        return false;
    return condition->low <= condition->high ||
           reading_fail(reading, "STANDARD_RANGE", "a condition ends below its beginning");
}

bool reading_card(struct reading *reading)
{
    struct standard *standard = reading->standard;
    struct standard_card *card = &standard->cards[standard->card_count];

    if (!reading_end_characteristic(reading))
        return false;
    if (standard->card_count == STANDARD_CARDS_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 8 cards");
    if (!reading_name(reading, 1, card->name))
        return false;
    for (int i = 0; i < standard->card_count; i++) {
        if (strcmp(standard->cards[i].name, card->name) == 0)
            return reading_fail(reading, "STANDARD_DUPLICATE", "the card was given before");
    }
    for (int at = 2; at < reading->count; at += 4) {
        if (!read_condition(reading, at, card))
            return false;
    }
    standard->card_count++;
    return true;
}

/* The card that lines belong to, or NULL after a failure. */
static struct standard_card *current_card(struct reading *reading)
{
    struct standard *standard = reading->standard;

    if (standard->card_count == 0) {
        (void)reading_fail(reading, "STANDARD_SYNTAX", "this line belongs to a card");
        return NULL;
    }
    return &standard->cards[standard->card_count - 1];
}

bool reading_fit(struct reading *reading)
{
    struct standard_card *card = current_card(reading);

    if (!card)
        return false;
    if (card->fitting.is_given)
        return reading_fail(reading, "STANDARD_DUPLICATE", "this line was given before");
    card->fitting.is_given = true;
    return reading_int(reading, 1, 2, STANDARD_ROWS_MAX, &card->fitting.bins) &&
           reading_int(reading, 2, 1, 100000, &card->fitting.prior) &&
           reading_int(reading, 3, 1, 100000, &card->fitting.ridge) &&
           reading_int(reading, 4, 1, STANDARD_CHARACTERISTICS_MAX, &card->fitting.keep);
}

bool reading_base(struct reading *reading)
{
    struct standard_card *card = current_card(reading);
    int base;

    if (!card || !reading_int(reading, 1, -BASE_MOST, BASE_MOST, &base))
        return false;
    card->base = base;
    return true;
}

/* ---- characteristic ATTRIBUTE DIRECTION [by ATTRIBUTE], columns, below, rest, missing ---- */

/* The direction of a characteristic: what is expected of its attribute must be kept. */
static bool read_own_direction(struct reading *reading, struct standard_characteristic *line)
{
    const enum standard_direction bounds[2] = {STANDARD_FREE, reading->is_draft ? STANDARD_AUTO
                                                                                : STANDARD_FALLING};
    enum standard_direction expected = reading->standard->attributes[line->attribute].expected;

    if (!reading_direction(reading, bounds, &line->direction))
        return false;
    return expected == STANDARD_FREE || line->direction == expected || reading->count > 3 ||
           reading_fail(reading, "STANDARD_MONOTONE", "not the direction that is expected above");
}

bool reading_characteristic(struct reading *reading)
{
    struct standard_card *card = current_card(reading);

    if (!card || !reading_end_characteristic(reading))
        return false;
    if (card->characteristic_count == STANDARD_CHARACTERISTICS_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 64 characteristics of a card");
    struct standard_characteristic *line = &card->characteristics[card->characteristic_count];

    line->by = -1;
    line->column_count = 1;
    line->points_at = reading->standard->point_count;
    if (!reading_attribute(reading, 1, &line->attribute) || !read_own_direction(reading, line))
        return false;
    if (reading->count > 3) {
        if (reading->count != 5 || strcmp(reading->words[3], "by") != 0)
            return reading_fail(reading, "STANDARD_SYNTAX", "only: by ATTRIBUTE");
        if (!reading_attribute(reading, 4, &line->by))
            return false;
        if (line->direction != STANDARD_FREE)
            return reading_fail(reading, "STANDARD_WORD", "a cross is free");
    }
    card->characteristic_count++;
    reading->lines = line;
    reading->has_rest = false;
    reading->has_missing = false;
    return true;
}

static bool need_lines(struct reading *reading)
{
    return reading->lines ||
           reading_fail(reading, "STANDARD_SYNTAX", "this line belongs to a characteristic");
}

bool reading_columns(struct reading *reading)
{
    struct standard_characteristic *line = reading->lines;

    if (!need_lines(reading))
        return false;
    if (line->by < 0 || line->row_count || line->column_count > 1)
        return reading_fail(reading, "STANDARD_SYNTAX", "columns come once, first, and with by");
    for (int i = 1; i < reading->count; i++) {
        if (!reading_number(reading, i, edge_bounds, &line->column_edges[i - 1]))
            return false;
        if (i > 1 && line->column_edges[i - 1] <= line->column_edges[i - 2])
            return reading_fail(reading, "STANDARD_RANGE", "edges rise");
    }
    line->column_count = reading->count + 1; /* the bins, and one for missing */
    return true;
}

/* The points behind word `from`: as many as there are columns. */
static bool read_points(struct reading *reading, int from)
{
    struct standard *standard = reading->standard;
    int points;

    if (reading->count - from != reading->lines->column_count)
        return reading_fail(reading, "STANDARD_SYNTAX", "as many points as columns");
    if (standard->point_count + reading->lines->column_count > STANDARD_POINTS_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 16384 points");
    for (int i = from; i < reading->count; i++) {
        if (!reading_int(reading, i, -STANDARD_POINT_MOST, STANDARD_POINT_MOST, &points))
            return false;
        standard->points[standard->point_count++] = (int16_t)points;
    }
    return true;
}

bool reading_below(struct reading *reading)
{
    struct standard_characteristic *line = reading->lines;

    if (!need_lines(reading))
        return false;
    if (reading->has_rest)
        return reading_fail(reading, "STANDARD_SYNTAX", "below comes before rest and missing");
    if (line->row_count == STANDARD_ROWS_MAX - 1)
        return reading_fail(reading, "STANDARD_RANGE", "more than 25 bins");
    int64_t *edge = &line->edges[line->row_count];

    if (!reading_number(reading, 1, edge_bounds, edge))
        return false;
    if (line->row_count > 0 && *edge <= edge[-1])
        return reading_fail(reading, "STANDARD_RANGE", "edges rise");
    line->row_count++;
    return read_points(reading, 2);
}

bool reading_rest(struct reading *reading)
{
    if (!need_lines(reading))
        return false;
    if (reading->has_rest)
        return reading_fail(reading, "STANDARD_DUPLICATE", "rest comes once, before missing");
    reading->has_rest = true;
    reading->lines->row_count++;
    return read_points(reading, 1);
}

bool reading_missing(struct reading *reading)
{
    if (!need_lines(reading))
        return false;
    if (!reading->has_rest || reading->has_missing)
        return reading_fail(reading, "STANDARD_SYNTAX", "missing comes once, after rest");
    reading->has_missing = true;
    return read_points(reading, 1);
}

static bool keeps_direction(const struct standard *standard,
                            const struct standard_characteristic *line)
{
    for (int row = 1; row < line->row_count && line->direction != STANDARD_FREE; row++) {
        int step =
            standard_points(standard, line, row, 0) - standard_points(standard, line, row - 1, 0);

        if (line->direction == STANDARD_RISING ? step < 0 : step > 0)
            return false;
    }
    return true;
}

/* Points between the best cell and the worst. */
static int spread_of(const struct standard *standard, const struct standard_characteristic *line)
{
    const int16_t *cells = &standard->points[line->points_at];
    int most = cells[0], least = cells[0];

    for (int i = 1; i < (line->row_count + 1) * line->column_count; i++) {
        most = cells[i] > most ? cells[i] : most;
        least = cells[i] < least ? cells[i] : least;
    }
    return most - least;
}

/* What the reason of the last characteristic of the card can cost, with those before it. */
static int lost_at_most(const struct standard *standard)
{
    const struct standard_card *card = &standard->cards[standard->card_count - 1];
    const struct standard_characteristic *lines = card->characteristics;
    int reason = standard->attributes[lines[card->characteristic_count - 1].attribute].reason;
    int lost = 0;

    for (int i = 0; i < card->characteristic_count; i++) {
        if (lines[i].row_count && standard->attributes[lines[i].attribute].reason == reason)
            lost += spread_of(standard, &lines[i]);
    }
    return lost;
}

bool reading_end_characteristic(struct reading *reading)
{
    const struct standard_characteristic *line = reading->lines;

    reading->lines = NULL;
    if (!line || (reading->is_draft && line->row_count == 0))
        return true;
    if (!reading->has_missing || (line->by >= 0 && line->column_count == 1))
        return reading_fail(reading, "STANDARD_INCOMPLETE",
                            "a characteristic ends with rest and missing; a cross has columns");
    if (!keeps_direction(reading->standard, line))
        return reading_fail(reading, "STANDARD_MONOTONE",
                            "the points above do not keep to their direction");
    return lost_at_most(reading->standard) <= STANDARD_LOST_MAX ||
           reading_fail(reading, "STANDARD_RANGE",
                        "with the points above a reason can cost more than 99999");
}
