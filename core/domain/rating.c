#include "domain/rating.h"

#include "domain/rating_subject.h"

/* 2 to the power of n/40, times 2^30, rounded: the steps between one doubling and the next. */
static const int64_t fortieths[STANDARD_DOUBLE_POINTS] = {
    1073741824, 1092510500, 1111607248, 1131037800, 1150807993, 1170923762, 1191391149, 1212216299,
    1233405467, 1254965015, 1276901417, 1299221260, 1321931248, 1345038199, 1368549053, 1392470869,
    1416810831, 1441576248, 1466774557, 1492413325, 1518500250, 1545043167, 1572050046, 1599528996,
    1627488271, 1655936265, 1684881521, 1714332731, 1744298739, 1774788544, 1805811301, 1837376327,
    1869493099, 1902171263, 1935420631, 1969251188, 2003673092, 2038696681, 2074332471, 2110591164,
};
enum { FRACTION_BITS = 30, SHIFT_BITS = 8, PPM = 1000000 };

int rating_pd_ppm(int score)
{
    int above = score - STANDARD_SCORE_BASE + SHIFT_BITS * STANDARD_DOUBLE_POINTS;

    CHECK(score >= STANDARD_SCORE_MIN && score <= STANDARD_SCORE_MAX);
    /* One bad, and 20 * 2^((score - 600) / 40) good; both times 2^38. */
    int64_t bad = INT64_C(1) << (FRACTION_BITS + SHIFT_BITS);
    int64_t good = STANDARD_ODDS_BASE * fortieths[above % STANDARD_DOUBLE_POINTS]
                   << above / STANDARD_DOUBLE_POINTS;

    return (int)((bad * PPM + (bad + good) / 2) / (bad + good));
}

int rating_grade(const struct standard *standard, int score)
{
    int grade = 0;

    while (grade + 1 < standard->grade_count && score < standard->grades[grade].lower)
        grade++;
    return grade;
}

static int bin_of(const int64_t *edges, int edge_count, int64_t number)
{
    int bin = 0;

    while (bin < edge_count && number >= edges[bin])
        bin++;
    return bin;
}

int rating_row(const struct standard_characteristic *line, struct rating_value value)
{
    return value.is_present ? bin_of(line->edges, line->row_count - 1, value.number)
                            : line->row_count;
}

int rating_column(const struct standard_characteristic *line, struct rating_value value)
{
    if (line->column_count == 1)
        return 0;
    return value.is_present ? bin_of(line->column_edges, line->column_count - 2, value.number)
                            : line->column_count - 1;
}

/* ---- Which card ---- */

static bool meets(const struct standard_condition *condition, struct rating_value value)
{
    return value.is_present && value.number >= condition->low && value.number <= condition->high;
}

int rating_card(const struct standard *standard, const struct rating_value *values)
{
    for (int i = 0; i < standard->card_count; i++) {
        const struct standard_card *card = &standard->cards[i];
        bool fits = true;

        for (int j = 0; j < card->condition_count; j++)
            fits &= meets(&card->conditions[j], values[card->conditions[j].attribute]);
        if (fits)
            return i;
    }
    return standard->card_count - 1;
}

static struct rating_value value_of(const struct standard *standard, int attribute,
                                    const struct rating_subject *subject)
{
    return rating_attribute(&standard->attributes[attribute], subject);
}

static void all_values(const struct standard *standard, const struct rating_subject *subject,
                       struct rating_value *values)
{
    for (int i = 0; i < standard->attribute_count; i++)
        values[i] = value_of(standard, i, subject);
}

int rating_values(const struct standard *standard, const struct rating_input *input,
                  struct rating_value *values)
{
    struct rating_subject subject;
    struct rating_trade trade;

    rating_subject_read(standard, input, &trade, &subject);
    all_values(standard, &subject, values);
    return rating_card(standard, values);
}

/* Only what decides on the card: most attributes are of one card alone. */
static int choose_card(const struct standard *standard, const struct rating_subject *subject,
                       struct rating_value *values)
{
    for (int i = 0; i < standard->card_count; i++) {
        const struct standard_card *card = &standard->cards[i];

        for (int j = 0; j < card->condition_count; j++) {
            int attribute = card->conditions[j].attribute;
            values[attribute] = value_of(standard, attribute, subject);
        }
    }
    return rating_card(standard, values);
}

/* What the characteristics of a card read. */
static void card_values(const struct standard *standard, const struct standard_card *card,
                        const struct rating_subject *subject, struct rating_value *values)
{
    for (int i = 0; i < card->characteristic_count; i++) {
        const struct standard_characteristic *line = &card->characteristics[i];

        values[line->attribute] = value_of(standard, line->attribute, subject);
        if (line->by >= 0)
            values[line->by] = value_of(standard, line->by, subject);
    }
}

/* ---- Exclusions and overrides ---- */

static int months_between(struct day from, struct day to)
{
    return period_of_day(to).number - period_of_day(from).number;
}

static bool is_fact(const struct standard *standard, const struct standard_clause *clause,
                    const struct rating_subject *subject)
{
    const struct rating_input *input = subject->input;
    const struct rating_facts *facts = &input->facts;

    switch (clause->fact) {
    case STANDARD_FACT_NO_FILE:
        return !facts->is_known;
    case STANDARD_FACT_ONLY_INQUIRIES:
        return input->account_count == 0 && input->inquiry_count > 0;
    case STANDARD_FACT_NO_ACCOUNT:
        return subject->accounts == 0;
    case STANDARD_FACT_WRONG_KIND:
        return !(standard->subjects & 1U << input->kind);
    case STANDARD_FACT_DECEASED:
        return facts->is_deceased;
    case STANDARD_FACT_UNDER_AGE:
        return facts->is_under_age;
    case STANDARD_FACT_FROZEN:
        return facts->is_frozen;
    case STANDARD_FACT_CONFLICT:
        return facts->is_in_conflict;
    case STANDARD_FACT_THIN:
        return subject->reported < clause->number;
    case STANDARD_FACT_STALE:
        return subject->stale > clause->number;
    case STANDARD_FACT_HAS_ACCOUNTS:
        return subject->reported >= clause->number;
    case STANDARD_FACT_NO_BEHAVIOUR:
        return !subject->trade;
    case STANDARD_FACT_THIN_BEHAVIOUR:
        return !subject->trade || subject->trade->given < clause->number;
    case STANDARD_FACT_STALE_BEHAVIOUR:
        return subject->trade && subject->trade->stale > clause->number;
    case STANDARD_FACT_NO_STATEMENT:
        return !subject->statement;
    case STANDARD_FACT_STALE_STATEMENT:
        return subject->statement &&
               months_between(subject->statement->stated_on.day, input->as_of) > clause->number;
    case STANDARD_FACT_BAD_DEBT:
        return subject->is_bad_debt;
    case STANDARD_FACT_FLAG_LISTED:
        return facts->is_listed;
    case STANDARD_FACT_FLAG_GRACE:
        return facts->is_in_grace;
    case STANDARD_FACT_FLAG_SUSPENDED:
        return facts->is_suspended;
    case STANDARD_FACT_FRAUD_PERPETRATOR:
        return facts->is_perpetrator;
    case STANDARD_FACT_COUNT:
        break;
    }
    return false;
}

static bool is_excluded(const struct standard *standard, const struct rating_subject *subject,
                        struct rating *rating)
{
    for (int i = 0; i < standard->clause_count; i++) {
        const struct standard_clause *clause = &standard->clauses[i];

        if (clause->grade < 0 && is_fact(standard, clause, subject)) {
            rating->exclusion = clause->reason;
            return true;
        }
    }
    return false;
}

/* A reason is told once, also when two overrides have it. */
static void add_reason(struct rating *rating, int reason, int lost)
{
    for (int i = 0; i < rating->reason_count; i++) {
        if (rating->reasons[i].reason == reason)
            return;
    }
    if (rating->reason_count < RATING_REASONS_MAX)
        rating->reasons[rating->reason_count++] = (struct rating_reason){reason, lost};
}

/* The grade is at best what every override that holds names; one that lowered it is a reason. */
static void override_grade(const struct standard *standard, const struct rating_subject *subject,
                           struct rating *rating)
{
    for (int i = 0; i < standard->clause_count; i++) {
        const struct standard_clause *clause = &standard->clauses[i];

        if (clause->grade <= rating->scored_grade || !is_fact(standard, clause, subject))
            continue;
        add_reason(rating, clause->reason, 0);
        if (clause->grade > rating->grade)
            rating->grade = clause->grade;
    }
}

/* ---- Points ---- */

static int most_of(const struct standard *standard, const struct standard_characteristic *line)
{
    int most = standard_points(standard, line, 0, 0);

    for (int row = 0; row <= line->row_count; row++) {
        for (int column = 0; column < line->column_count; column++) {
            int points = standard_points(standard, line, row, column);
            most = points > most ? points : most;
        }
    }
    return most;
}

static struct rating_point point_of(const struct standard *standard,
                                    const struct standard_characteristic *line,
                                    const struct rating_value *values)
{
    struct rating_point point = {
        .attribute = line->attribute,
        .by = line->by,
        .value = values[line->attribute],
        .most = most_of(standard, line),
    };

    if (line->by >= 0)
        point.by_value = values[line->by];
    point.points = standard_points(standard, line, rating_row(line, point.value),
                                   rating_column(line, point.by_value));
    return point;
}

static int on_scale(int score)
{
    return score < STANDARD_SCORE_MIN   ? STANDARD_SCORE_MIN
           : score > STANDARD_SCORE_MAX ? STANDARD_SCORE_MAX
                                        : score;
}

int rating_score(const struct standard *standard, const struct rating_value *values)
{
    const struct standard_card *card = &standard->cards[rating_card(standard, values)];
    int score = card->base + standard->shift;

    for (int i = 0; i < card->characteristic_count; i++) {
        const struct standard_characteristic *line = &card->characteristics[i];
        int column = line->by < 0 ? 0 : rating_column(line, values[line->by]);

        score += standard_points(standard, line, rating_row(line, values[line->attribute]), column);
    }
    return on_scale(score);
}

static void count_points(const struct standard *standard, const struct rating_value *values,
                         struct rating *rating)
{
    const struct standard_card *card = &standard->cards[rating->card];
    int score = card->base + standard->shift;

    for (int i = 0; i < card->characteristic_count; i++) {
        rating->points[i] = point_of(standard, &card->characteristics[i], values);
        score += rating->points[i].points;
    }
    rating->point_count = card->characteristic_count;
    rating->score = on_scale(score);
    rating->scored_grade = rating_grade(standard, rating->score);
    rating->grade = rating->scored_grade;
    rating->pd_ppm = rating_pd_ppm(rating->score);
}

/*
 * The reasons of a score: points lost, added up by reason, heaviest first, then as defined. Those
 * that overrides gave stay where they are.
 */
static void give_reasons(const struct standard *standard, struct rating *rating)
{
    int lost[STANDARD_REASONS_MAX] = {0};

    for (int i = 0; i < rating->point_count; i++) {
        const struct rating_point *point = &rating->points[i];
        lost[standard->attributes[point->attribute].reason] += point->most - point->points;
    }
    for (int i = 0; i < rating->reason_count; i++) {
        struct rating_reason *given = &rating->reasons[i];
        given->lost = lost[given->reason];
        lost[given->reason] = 0;
    }
    while (rating->reason_count < RATING_REASONS_MAX) {
        int heaviest = 0;

        for (int i = 1; i < standard->reason_count; i++)
            heaviest = lost[i] > lost[heaviest] ? i : heaviest;
        if (lost[heaviest] <= 0)
            return;
        add_reason(rating, heaviest, lost[heaviest]);
        lost[heaviest] = 0;
    }
}

static struct rating rating_dated(const struct standard *standard, const struct rating_input *input)
{
    return (struct rating){
        .made_on = input->as_of,
        .valid_to = day_add(input->as_of, standard->rating_days),
    };
}

/* The card was chosen, and its values are there. */
static void rate(const struct standard *standard, const struct rating_subject *subject,
                 const struct rating_value *values, struct rating *rating)
{
    rating->is_rated = true;
    count_points(standard, values, rating);
    override_grade(standard, subject, rating);
    give_reasons(standard, rating);
}

void rating_of(const struct standard *standard, const struct rating_input *input,
               struct rating *rating)
{
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];
    struct rating_subject subject;
    struct rating_trade trade;

    *rating = rating_dated(standard, input);
    rating_subject_read(standard, input, &trade, &subject);
    if (is_excluded(standard, &subject, rating))
        return;
    rating->card = choose_card(standard, &subject, values);
    card_values(standard, &standard->cards[rating->card], &subject, values);
    rate(standard, &subject, values, rating);
}

void rating_with_values(const struct standard *standard, const struct rating_input *input,
                        struct rating *rating, struct rating_value *values)
{
    struct rating_subject subject;
    struct rating_trade trade;

    *rating = rating_dated(standard, input);
    rating_subject_read(standard, input, &trade, &subject);
    all_values(standard, &subject, values);
    if (is_excluded(standard, &subject, rating))
        return;
    rating->card = rating_card(standard, values);
    rate(standard, &subject, values, rating);
}
