/*
 * Any accounts, months, take-overs, facts, inquiries and statements, rated by the standards that
 * are shipped: the points add up to the score, the score is on the scale, and the order of the
 * accounts means nothing.
 */
#include "domain/rating.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "domain/rating_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SOURCES = 8, MONTHS = 30, INQUIRIES = 12, STATEMENTS = 4, STANDARDS = 2 };

/* Bytes that are taken one after the other; zeros behind the last. */
struct bytes_left {
    const uint8_t *data;
    size_t size;
};

struct sample {
    struct rating_source sources[SOURCES];
    struct ring_status statuses[SOURCES][MONTHS];
    struct ring_month months[SOURCES][MONTHS];
    struct rating_inquiry inquiries[INQUIRIES];
    struct statement_record statements[STATEMENTS];
    struct rating_account accounts[SOURCES];
    struct rating_input input;
    int source_count;
};

static struct standard standards[STANDARDS];
static struct sample sample;

static int take(struct bytes_left *left, int bound)
{
    if (left->size == 0)
        return 0;
    left->size--;
    return *left->data++ % bound;
}

static int64_t take_number(struct bytes_left *left)
{
    static const int64_t ends[] = {INT64_MAX, INT64_MIN, INT64_MAX / 2, 1, -1, 1000000000000000};
    int number = take(left, 256);

    return (size_t)number < ARRAY_LENGTH(ends) ? ends[number] : (int64_t)(number - 60) * 10007;
}

static struct money_field take_money(struct bytes_left *left)
{
    bool is_present = take(left, 8) > 0;

    return (struct money_field){is_present, is_present ? take_number(left) : 0};
}

/* Months from the newest back, with gaps. */
static void take_months(struct bytes_left *left, int at)
{
    static const char known[] = "NNN1234567*#/ABCDGMZ";
    struct rating_source *source = &sample.sources[at];
    struct period period = source->last_period;

    source->statuses = sample.statuses[at];
    source->months = sample.months[at];
    for (int count = take(left, MONTHS + 1); count > 0; count--) {
        int status = take(left, 64);

        if (status < 60)
            source->statuses[source->status_count++] =
                (struct ring_status){period, status < 40 ? known[status % 20] : (char)status};
        if (take(left, 4)) {
            struct ring_month *month = &source->months[source->month_count++];

            month->period = period;
            month->five_category = take(left, 7);
            month->days_overdue.is_present = take(left, 2);
            month->days_overdue.value = take(left, 256) - 20;
            month->balance = take_money(left);
            month->due = take_money(left);
            month->paid = take_money(left);
            month->overdue = take_money(left);
        }
        period = period_add(period, -1 - take(left, 8) / 6);
    }
}

static void take_source(struct bytes_left *left, int at)
{
    static const char *const currencies[] = {"TWD", "CNY", "JPY", "XXX"};
    static const char *const products[] = {"81", "91", "11", NULL};
    struct rating_source *source = &sample.sources[at];

    source->account_id = at + 1;
    source->taken_over_from = take(left, SOURCES + 2);
    source->type = (enum account_type)take(left, 12);
    source->business_type = products[take(left, (int)ARRAY_LENGTH(products))];
    source->currency = currencies[take(left, (int)ARRAY_LENGTH(currencies))];
    source->credit_limit = take_money(left);
    source->original_amount = take_money(left);
    source->opened_on = day_add(sample.input.as_of, -100 * take(left, 256));
    source->has_closing_day = take(left, 4) == 3;
    source->account_status = take(left, 10);
    source->member_id = take(left, 3);
    source->last_period = period_add(period_of_day(sample.input.as_of), -take(left, 6));
    take_months(left, at);
}

static void take_statement(struct bytes_left *left, struct statement_record *statement)
{
    statement->stated_on =
        (struct day_field){true, true, day_add(sample.input.as_of, -5 * take(left, 256))};
    statement->type = take(left, 4);
    statement->currency = "CNY";
    statement->total_assets = take_money(left);
    statement->current_assets = take_money(left);
    statement->current_liabilities = take_money(left);
    statement->total_liabilities = take_money(left);
    statement->revenue = take_money(left);
    statement->net_profit = take_money(left);
}

static struct rating_facts take_facts(struct bytes_left *left)
{
    int first = take(left, 256), second = take(left, 256);

    return (struct rating_facts){
        .is_known = first % 16 > 0,
        .is_deceased = first == 255,
        .is_under_age = first == 254,
        .is_frozen = first == 253,
        .is_in_conflict = first == 252,
        .is_listed = second & 1,
        .is_in_grace = second & 2,
        .is_suspended = second & 4,
        .is_perpetrator = second & 8,
    };
}

/* One statement after the other: which of two bytes is taken first must not be the compiler's. */
static void take_sample(struct bytes_left *left)
{
    struct rating_input *input = &sample.input;

    memset(&sample, 0, sizeof(sample));
    input->as_of = day_add(day_of_civil(2026, 1, 1), take(left, 256));
    input->facts = take_facts(left);
    input->kind = (enum subject_kind)take(left, 6);
    input->inquiries = sample.inquiries;
    input->inquiry_count = take(left, INQUIRIES + 1);
    for (int i = 0; i < input->inquiry_count; i++) {
        sample.inquiries[i].made_on = day_add(input->as_of, -3 * take(left, 256));
        sample.inquiries[i].member_id = take(left, 4);
    }
    input->statements = sample.statements;
    input->statement_count = take(left, STATEMENTS + 1);
    for (int i = 0; i < input->statement_count; i++)
        take_statement(left, &sample.statements[i]);
    sample.source_count = take(left, SOURCES + 1);
    for (int i = 0; i < sample.source_count; i++)
        take_source(left, i);
}

static void rate(struct arena *arena, const struct standard *standard, struct rating *rating)
{
    struct rating_input input = sample.input;

    input.account_count =
        rating_accounts_of(arena, sample.sources, sample.source_count, sample.accounts);
    CHECK(input.account_count <= sample.source_count);
    CHECK(input.account_count > 0 || sample.source_count == 0);
    input.accounts = sample.accounts;
    rating_of(standard, &input, rating);
}

static void check_rating(const struct standard *standard, const struct rating *rating)
{
    int score = standard->cards[rating->card].base + standard->shift;

    if (!rating->is_rated)
        return;
    for (int i = 0; i < rating->point_count; i++)
        score += rating->points[i].points;
    CHECK(rating->score >= STANDARD_SCORE_MIN && rating->score <= STANDARD_SCORE_MAX);
    CHECK(score == rating->score || score < STANDARD_SCORE_MIN || score > STANDARD_SCORE_MAX);
    CHECK(rating->grade >= rating->scored_grade && rating->grade < standard->grade_count);
    CHECK(rating->reason_count <= RATING_REASONS_MAX);
}

static void reverse_sources(void)
{
    for (int i = 0, k = sample.source_count - 1; i < k; i++, k--) {
        struct rating_source spare = sample.sources[i];
        sample.sources[i] = sample.sources[k];
        sample.sources[k] = spare;
    }
}

static void check_same(const struct rating *one, const struct rating *other)
{
    CHECK(one->is_rated == other->is_rated && one->exclusion == other->exclusion);
    CHECK(one->score == other->score && one->grade == other->grade && one->card == other->card);
    CHECK(one->reason_count == other->reason_count && one->point_count == other->point_count);
    for (int i = 0; i < one->reason_count; i++)
        CHECK(one->reasons[i].reason == other->reasons[i].reason &&
              one->reasons[i].lost == other->reasons[i].lost);
    for (int i = 0; i < one->point_count; i++)
        CHECK(one->points[i].value.number == other->points[i].value.number &&
              one->points[i].points == other->points[i].points);
}

/* Once; the texts stay as long as the program. */
static void read_standards(void)
{
    static const char *const paths[STANDARDS] = {
        CIX_SOURCE_DIR "/deploy/standard/card-next-month.standard",
        CIX_SOURCE_DIR "/deploy/standard/firm-bankruptcy.standard"};
    static struct arena arena;

    if (standards[0].card_count > 0)
        return;
    for (int i = 0; i < STANDARDS; i++) {
        char *text = arena_alloc(&arena, STANDARD_TEXT_MAX);
        FILE *file = fopen(paths[i], "re");
        struct ctx ctx;

        CHECK(file);
        size_t size = fread(text, 1, STANDARD_TEXT_MAX, file);
        fclose(file);
        ctx_init(&ctx, &arena);
        CHECK(standard_read(&ctx, text, size, false, &standards[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes_left left = {data, size};
    struct arena arena = {0};

    read_standards();
    take_sample(&left);
    for (int i = 0; i < STANDARDS; i++) {
        struct rating one, other;

        rate(&arena, &standards[i], &one);
        check_rating(&standards[i], &one);
        reverse_sources();
        rate(&arena, &standards[i], &other);
        check_same(&one, &other);
    }
    arena_done(&arena);
    return 0;
}
