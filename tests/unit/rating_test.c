/*
 * Goal: a rating is what the standard's text says, to the point, and nothing else decides it.
 * Method: attributes and scores that were worked out by hand; then random subjects, of which some
 * things must not matter (the order of what is known) and others only in one direction.
 */
#include "domain/rating.h"
#include "support/standard.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "domain/rating_input.h"
#include "support/cmocka.h"

enum { MONTHS = 6, ACCOUNTS_MOST = 4 };

static struct standard standard;
static struct arena arena;
static uint64_t seed = 7;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

/* One account with the latest months first, as a test writes it. */
struct file {
    struct rating_account account;
    struct ring_status statuses[RING_STATUS_SIZE];
    struct ring_month months[RING_MONTHS];
};

static struct period month_back(int back)
{
    struct period latest;

    assert_true(period_from_wire(202405, &latest));
    return period_add(latest, -back);
}

/* A card with a limit of 1,000 dollars of the standard (100,000 minor units). */
static void open_file(struct file *file, const char *statuses)
{
    *file = (struct file){0};
    file->account = (struct rating_account){
        .type = ACCOUNT_TYPE_R2,
        .currency = "TWD",
        .limit = {true, 100000},
        .opened_on = day_of_civil(2023, 5, 20),
        .member_id = 1,
        .last_period = month_back(0),
        .statuses = file->statuses,
        .status_count = (int)strlen(statuses),
        .months = file->months,
    };
    for (int i = 0; statuses[i]; i++)
        file->statuses[i] = (struct ring_status){month_back(i), statuses[i]};
}

/* Gives month `back` its statement and payment, in units of the standard. */
static void put_amounts(struct file *file, int back, int64_t balance, int64_t paid)
{
    file->months[file->account.month_count++] = (struct ring_month){
        .period = month_back(back), .balance = {true, balance * 100}, .paid = {true, paid * 100}};
}

static struct rating_input input_of(const struct rating_account *accounts, int count)
{
    return (struct rating_input){
        .as_of = day_of_civil(2024, 6, 15),
        .kind = SUBJECT_KIND_PERSON,
        .facts = {.is_known = true},
        .accounts = accounts,
        .account_count = count,
    };
}

/* The value of one attribute, defined by its words, of a subject. */
static struct rating_value value_of(const char *words, const struct rating_input *input)
{
    static struct standard other;
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];
    struct ctx ctx;
    char *text = small_standard_with(&arena, "attribute asked",
                                     arena_format(&arena, "attribute asked R11 %s", words));

    ctx_init(&ctx, &arena);
    if (!standard_read(&ctx, text, strlen(text), true, &other))
        fail_msg("%s: %s", words, ctx.error.message);
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

/* The subject below: two, zero, nothing due, three and one months late, none. */
static const struct {
    const char *words;
    int64_t expected;
} definitions[] = {
    {"max late 0 5", 3},
    {"min late 0 5", 0},
    {"sum late 0 5", 6},
    {"change late 0 2", 2},
    {"count late1 0 5", 3},
    {"count no-late1 0 5", 3},
    {"count late3 0 5", 1},
    {"since late2 0 5", 0},
    {"since late3 1 5", 2},
    {"since late4 0 5", 6},
    {"run late1 0 5", 1},
    {"run no-late1 1 5", 2},
    {"max balance 0 0", 950},
    {"max balance 0 0 per limit", 9500},
    {"max balance 0 5", 1200},
    {"min balance 0 5", -20},
    {"min balance 0 5 per limit", -200},
    {"sum balance 0 2", 2350},
    {"change balance 0 1", 150},
    {"sum paid 0 5", 830},
    {"max available 0 0", 50},
    {"min available 0 5", -200},
    {"sum spend 0 0", 150},
    {"max spend 0 4", 700},
    {"max previous 4 4", 0},
    {"max payrate 1 1", 8333}, /* 500 of 600 */
    {"max payrate 2 2", 2500}, /* 300 of 1200 */
    {"min payrate 0 3", 0},
    {"sum paid 0 2 per previous", 3076}, /* 800 of 800 + 600 + 1200 */
    {"count unpaid 0 4", 2},
    {"since unpaid 0 4", 0},
    {"run unpaid 0 4", 1},
    {"count full 0 4", 0},
    {"count low 0 4", 2},
    {"count nopay 0 5", 3},
    {"count rise 0 4", 4},
    {"run rise 0 4", 2},
    {"count jump 0 4", 4},
    {"count over 0 5", 1},
    {"count high 0 5", 2},
    {"count used 0 5", 5},
    {"run used 0 5", 5},
    {"limit", 1000},
    {"accounts", 1},
    {"open-accounts", 1},
    {"open-members", 1},
    {"oldest-account", 13},
    {"new-accounts 14", 1},
    {"new-accounts 13", 0},
    {"months", 6},
    {"inquiries 30", 0},
    {"inquiring-members 30", 0},
};

static void attributes_are_what_their_words_say(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "2N*31N");
    put_amounts(&file, 0, 950, 0);
    put_amounts(&file, 1, 800, 500);
    put_amounts(&file, 2, 600, 300);
    put_amounts(&file, 3, 1200, 0);
    put_amounts(&file, 4, 580, 30);
    put_amounts(&file, 5, -20, 0);
    struct rating_input input = input_of(&file.account, 1);

    for (size_t i = 0; i < ARRAY_LENGTH(definitions); i++)
        assert_value(definitions[i].words, &input, definitions[i].expected);
}

static void what_is_not_known_is_missing(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "N#");
    file.months[0] = (struct ring_month){.period = month_back(0), .balance = {true, 500}};
    file.account.month_count = 1;
    file.account.limit.is_present = false;
    struct rating_input input = input_of(&file.account, 1);

    assert_value("max balance 0 5", &input, 5);
    assert_missing("max balance 1 5", &input);
    assert_missing("max balance 0 0 per limit", &input);
    assert_missing("max paid 0 0", &input);
    assert_missing("max late 1 1", &input);
    assert_missing("limit", &input);
    assert_missing("count over 0 0", &input);
    assert_missing("sum paid 0 2 per previous", &input);
    assert_missing("change balance 0 1", &input);
    assert_value("months", &input, 1);
    file.account.limit = (struct money_field){true, 0};
    assert_missing("max balance 0 0 per limit", &input);
    file.account.currency = "USD"; /* not of the standard: lateness counts, amounts do not */
    assert_missing("max balance 0 0", &input);
    assert_value("max late 0 0", &input, 0);
}

static void accounts_are_laid_on_one_another(void **state)
{
    struct file files[3];
    struct rating_account accounts[3];

    (void)state;
    open_file(&files[0], "N*N");
    put_amounts(&files[0], 0, 100, 10);
    open_file(&files[1], "*2*");
    put_amounts(&files[1], 0, 300, 20);
    files[1].account.currency = "CNY"; /* four to one */
    files[1].account.member_id = 2;
    open_file(&files[2], "7");
    put_amounts(&files[2], 0, 900, 0);
    files[2].account.type = ACCOUNT_TYPE_D1; /* not read by the standard */
    for (int i = 0; i < 3; i++)
        accounts[i] = files[i].account;
    struct rating_input input = input_of(accounts, 3);

    assert_value("max balance 0 0", &input, 1300);
    assert_value("max paid 0 0", &input, 90);
    assert_value("limit", &input, 5000);
    assert_value("max late 0 2", &input, 2);
    assert_value("count idle 0 2", &input, 0); /* in month 2 the first account was not idle */
    assert_value("accounts", &input, 3);
    assert_value("open-members", &input, 2);
    accounts[1].is_closed = true; /* its lateness stays, its amounts go */
    assert_value("max balance 0 0", &input, 100);
    assert_value("limit", &input, 1000);
    assert_value("max late 0 2", &input, 2);
    assert_value("open-members", &input, 1);
}

static void a_member_that_reports_late_is_waited_for(void **state)
{
    struct file files[2];
    struct rating_account accounts[2];

    (void)state;
    open_file(&files[0], "NNNNN");
    put_amounts(&files[0], 0, 100, 0);
    open_file(&files[1], "NNNNN");
    put_amounts(&files[1], 2, 300, 0);
    files[1].account.last_period = month_back(2);
    accounts[0] = files[0].account;
    accounts[1] = files[1].account;
    struct rating_input input = input_of(accounts, 2);

    assert_value("max balance 0 0", &input, 400);
    accounts[1].last_period = month_back(3); /* too far behind: its months are of their dates */
    assert_value("max balance 0 0", &input, 100);
    assert_value("max balance 2 2", &input, 300);
}

static void inquiries_count_within_their_days(void **state)
{
    struct rating_inquiry inquiries[] = {
        {day_of_civil(2024, 6, 15), 1},
        {day_of_civil(2024, 5, 17), 1},
        {day_of_civil(2024, 5, 16), 2},
        {day_of_civil(2024, 6, 16), 3},
    };
    struct rating_input input = input_of(NULL, 0);

    (void)state;
    input.inquiries = inquiries;
    input.inquiry_count = 4;
    assert_value("inquiries 30", &input, 2); /* today and 29 days ago; neither 30 nor tomorrow */
    assert_value("inquiries 31", &input, 3);
    assert_value("inquiring-members 30", &input, 1);
    assert_value("inquiring-members 31", &input, 2);
    assert_missing("oldest-account", &input);
    assert_value("accounts", &input, 0);
}

/* ---- Scores ---- */

/* The job's way gives the same, and the values with it. */
static void assert_with_values(const struct rating_input *input, const struct rating *expected)
{
    struct rating_value values[STANDARD_ATTRIBUTES_MAX], alone[STANDARD_ATTRIBUTES_MAX];
    struct rating rating;

    rating_with_values(&standard, input, &rating, values);
    assert_int_equal(rating.is_rated, expected->is_rated);
    assert_int_equal(rating.exclusion, expected->exclusion);
    assert_int_equal(rating.score, expected->score);
    assert_int_equal(rating.grade, expected->grade);
    assert_int_equal(rating.reason_count, expected->reason_count);
    for (int i = 0; i < rating.reason_count; i++)
        assert_int_equal(rating.reasons[i].lost, expected->reasons[i].lost);
    (void)rating_values(&standard, input, alone);
    for (int i = 0; i < standard.attribute_count; i++) {
        assert_int_equal(values[i].is_present, alone[i].is_present);
        assert_int_equal(values[i].is_present ? values[i].number : 0,
                         alone[i].is_present ? alone[i].number : 0);
    }
}

static struct rating rate(const struct rating_input *input)
{
    struct rating rating;

    rating_of(&standard, input, &rating);
    assert_with_values(input, &rating);
    return rating;
}

static const char *reason_code(const struct rating *rating, int at)
{
    return at < rating->reason_count ? standard.reasons[rating->reasons[at].reason].code : "";
}

static const char *grade_name(int grade)
{
    return standard.grades[grade].name;
}

/* used 4000 -> 10, calm 6 -> 15, asked 0 by paid 2500 -> 5: 600 + 30. */
static void a_clean_subject_by_hand(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "NNNNNN");
    put_amounts(&file, 0, 300, 100);
    put_amounts(&file, 1, 400, 100);
    put_amounts(&file, 2, 400, 100);
    struct rating_input input = input_of(&file.account, 1);
    struct rating rating = rate(&input);

    assert_true(rating.is_rated);
    assert_string_equal(standard.cards[rating.card].name, "clean");
    assert_int_equal(rating.score, 630);
    assert_string_equal(grade_name(rating.grade), "BB");
    assert_int_equal(rating.pd_ppm, rating_pd_ppm(630));
    assert_int_equal(rating.point_count, 3);
    assert_int_equal(rating.points[0].points, 10);
    assert_int_equal(rating.points[0].most, 30);
    assert_int_equal(rating.points[1].points, 15);
    assert_int_equal(rating.points[2].points, 5);
    assert_int_equal(rating.points[2].by_value.number, 2500);
    assert_int_equal(rating.reason_count, 2);
    assert_string_equal(reason_code(&rating, 0), "R05");
    assert_int_equal(rating.reasons[0].lost, 20);
    assert_string_equal(reason_code(&rating, 1), "R11");
    assert_int_equal(rating.reasons[1].lost, 5);
    assert_int_equal(day_to_wire(rating.valid_to), 20240716);
}

static void a_late_subject_by_hand(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "2N");
    struct rating_input input = input_of(&file.account, 1);
    struct rating rating = rate(&input);

    assert_string_equal(standard.cards[rating.card].name, "late");
    assert_int_equal(rating.score, 440);
    assert_string_equal(grade_name(rating.grade), "C");
    assert_int_equal(rating.reasons[0].lost, 60);
}

static void exclusions_come_in_the_order_of_the_text(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "N");
    struct rating_input input = input_of(&file.account, 1);
    struct rating rating = rate(&input);

    assert_false(rating.is_rated);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E02");
    input.facts.is_known = false;
    rating = rate(&input);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E01");
    input.facts.is_known = true;
    open_file(&file, "NN");
    rating = rate(&input);
    assert_true(rating.is_rated);
    input.as_of = day_of_civil(2026, 5, 31);
    assert_true(rate(&input).is_rated);
    input.as_of = day_of_civil(2026, 6, 1);
    rating = rate(&input);
    assert_false(rating.is_rated);
    assert_string_equal(standard.reasons[rating.exclusion].code, "E08");
    assert_int_equal(rating.score, 0);
}

static void overrides_cap_the_grade_and_are_reasons(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "NNNNNN");
    put_amounts(&file, 0, 300, 100);
    struct rating_input input = input_of(&file.account, 1);
    int score = rate(&input).score;

    input.facts.is_listed = true;
    struct rating rating = rate(&input);
    assert_int_equal(rating.score, score);
    assert_string_equal(grade_name(rating.grade), "CCC");
    assert_string_equal(reason_code(&rating, 0), "R15");
    assert_string_equal(grade_name(rating.scored_grade), "B");
    input.facts.is_perpetrator = true;
    rating = rate(&input);
    assert_string_equal(grade_name(rating.grade), "D");
    assert_string_equal(reason_code(&rating, 1), "R18");
    /* A grade that is worse already is not raised, and the flag is no reason for it. */
    open_file(&file, "7N");
    input.facts.is_perpetrator = false;
    rating = rate(&input);
    assert_string_equal(grade_name(rating.grade), "C");
    assert_string_equal(reason_code(&rating, 0), "R01");
}

/* The same subject by another text: flags share a reason, and fraud has one of points. */
static struct rating rate_shared(const struct rating_input *input)
{
    static const char listed[] = "override flag-listed", fraud[] = "override fraud-perpetrator";
    struct rating rating;
    char *text = small_standard_with(&arena, fraud, "override fraud-perpetrator D R05");

    text = standard_text_with(&arena, text, listed,
                              "override flag-listed CCC R15\noverride flag-grace C R15");
    standard_text_read(&arena, text, &standard);
    rating_of(&standard, input, &rating);
    return rating;
}

static void a_shared_reason_is_told_once(void **state)
{
    struct file file;

    (void)state;
    open_file(&file, "NNNNNN");
    put_amounts(&file, 0, 300, 100);
    struct rating_input input = input_of(&file.account, 1);
    struct rating plain = rate(&input);

    assert_string_equal(reason_code(&plain, 0), "R05");
    input.facts.is_listed = input.facts.is_in_grace = input.facts.is_perpetrator = true;
    struct rating rating = rate_shared(&input);
    assert_string_equal(grade_name(rating.grade), "D");
    assert_int_equal(rating.reason_count, plain.reason_count + 1);
    assert_string_equal(reason_code(&rating, 0), "R15");
    assert_int_equal(rating.reasons[0].lost, 0);
    assert_string_equal(reason_code(&rating, 1), "R05");
    assert_int_equal(rating.reasons[1].lost, plain.reasons[0].lost);
    for (int i = 1; i < plain.reason_count; i++)
        assert_int_equal(rating.reasons[i + 1].lost, plain.reasons[i].lost);
    small_standard_read(&arena, &standard);
}

static void scores_stay_on_the_scale(void **state)
{
    struct standard extreme;
    struct file file;
    struct rating rating;

    (void)state;
    open_file(&file, "NNNNNN");
    struct rating_input input = input_of(&file.account, 1);

    extreme = standard;
    extreme.cards[1].base = 2000;
    rating_of(&extreme, &input, &rating);
    assert_int_equal(rating.score, 900);
    assert_int_equal(rating.grade, 0);
    extreme.shift = -600;
    extreme.cards[1].base = -2000;
    rating_of(&extreme, &input, &rating);
    assert_int_equal(rating.score, 300);
    assert_string_equal(grade_name(rating.grade), "C");
}

/* ---- What holds for every subject ---- */

static void random_file(struct file *file)
{
    char statuses[MONTHS + 1];

    for (int i = 0; i < MONTHS; i++)
        statuses[i] = "NNNN*1237#"[random_below(10)];
    statuses[MONTHS] = '\0';
    open_file(file, statuses);
    for (int i = 0; i < MONTHS; i++) {
        if (random_below(8))
            put_amounts(file, i, random_below(1500) - 100, random_below(3) ? random_below(900) : 0);
    }
    file->account.type = random_below(5) ? ACCOUNT_TYPE_R2 : ACCOUNT_TYPE_D1;
    file->account.limit.is_present = random_below(10) > 0;
    file->account.is_closed = random_below(6) == 0;
    file->account.member_id = random_below(3);
    file->account.last_period = month_back(random_below(4) ? 0 : random_below(5));
    file->account.currency = random_below(3) ? "TWD" : "CNY";
}

static void shuffle(void *items, int count, size_t size)
{
    unsigned char spare[64];
    unsigned char *bytes = items;

    assert_true(size <= sizeof(spare) || count < 2);
    for (int i = count - 1; i > 0; i--) {
        int j = random_below(i + 1);
        memcpy(spare, bytes + (size_t)i * size, size);
        memmove(bytes + (size_t)i * size, bytes + (size_t)j * size, size);
        memcpy(bytes + (size_t)j * size, spare, size);
    }
}

static void shuffle_months(struct file *file)
{
    for (int i = file->account.month_count - 1; i > 0; i--) {
        int j = random_below(i + 1);
        struct ring_month spare = file->months[i];
        file->months[i] = file->months[j];
        file->months[j] = spare;
    }
    shuffle(file->statuses, file->account.status_count, sizeof(file->statuses[0]));
}

static void assert_same(const struct rating *one, const struct rating *other)
{
    assert_int_equal(one->is_rated, other->is_rated);
    assert_int_equal(one->score, other->score);
    assert_int_equal(one->grade, other->grade);
    assert_int_equal(one->exclusion, other->exclusion);
    assert_int_equal(one->reason_count, other->reason_count);
    for (int i = 0; i < one->reason_count; i++)
        assert_int_equal(one->reasons[i].reason, other->reasons[i].reason);
    for (int i = 0; i < one->point_count; i++) {
        assert_int_equal(one->points[i].points, other->points[i].points);
        assert_true(one->points[i].value.number == other->points[i].value.number);
    }
}

static void the_order_of_what_is_known_means_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct file files[ACCOUNTS_MOST];
        struct rating_account accounts[ACCOUNTS_MOST];
        struct rating_inquiry inquiries[5];
        int order[ACCOUNTS_MOST] = {0, 1, 2, 3};
        int count = 1 + random_below(ACCOUNTS_MOST);

        for (int i = 0; i < 5; i++)
            inquiries[i] = (struct rating_inquiry){
                day_add(day_of_civil(2024, 6, 15), -random_below(60)), random_below(3)};
        for (int i = 0; i < count; i++) {
            random_file(&files[i]);
            accounts[i] = files[i].account;
        }
        struct rating_input input = input_of(accounts, count);
        input.inquiries = inquiries;
        input.inquiry_count = 5;
        struct rating before = rate(&input);

        shuffle(order, count, sizeof(order[0]));
        for (int i = 0; i < count; i++) {
            shuffle_months(&files[i]);
            accounts[i] = files[order[i]].account;
        }
        shuffle(inquiries, 5, sizeof(inquiries[0]));
        struct rating after = rate(&input);

        assert_same(&before, &after);
    }
}

static struct rating_source source_of(const struct file *file, int at)
{
    return (struct rating_source){
        .account_id = at + 1,
        .taken_over_from = random_below(at + 1), /* an earlier one, or 0: none */
        .type = file->account.type,
        .currency = file->account.currency,
        .credit_limit = file->account.limit,
        .opened_on = file->account.opened_on,
        .has_closing_day = file->account.is_closed,
        .account_status = 1,
        .member_id = file->account.member_id,
        .last_period = file->account.last_period,
        .statuses = (struct ring_status *)file->statuses,
        .status_count = file->account.status_count,
        .months = (struct ring_month *)file->months,
        .month_count = file->account.month_count,
    };
}

static struct rating rate_sources(const struct rating_source *sources, int count)
{
    struct rating_account accounts[ACCOUNTS_MOST];
    struct arena passing = {0};
    int kept = rating_accounts_of(&passing, sources, count, accounts);
    struct rating_input input = input_of(accounts, kept);
    struct rating rating = rate(&input);

    arena_done(&passing);
    return rating;
}

/* Accounts that go on with others, two with the same one and of another type among them. */
static void the_order_of_accounts_that_were_taken_over_means_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct file files[ACCOUNTS_MOST];
        struct rating_source sources[ACCOUNTS_MOST], shuffled[ACCOUNTS_MOST];
        int order[ACCOUNTS_MOST] = {0, 1, 2, 3};

        for (int i = 0; i < ACCOUNTS_MOST; i++) {
            random_file(&files[i]);
            sources[i] = source_of(&files[i], i);
        }
        struct rating before = rate_sources(sources, ACCOUNTS_MOST);
        shuffle(order, ACCOUNTS_MOST, sizeof(order[0]));
        for (int i = 0; i < ACCOUNTS_MOST; i++)
            shuffled[i] = sources[order[i]];
        struct rating after = rate_sources(shuffled, ACCOUNTS_MOST);

        assert_same(&before, &after);
    }
}

/* For every characteristic that promises a direction: a larger value never breaks it. */
static void points_keep_to_their_direction(void **state)
{
    int tried = 0;

    (void)state;
    for (int c = 0; c < standard.card_count; c++) {
        for (int i = 0; i < standard.cards[c].characteristic_count; i++) {
            const struct standard_characteristic *line = &standard.cards[c].characteristics[i];

            for (int round = 0; round < 2000 && line->direction != STANDARD_FREE; round++) {
                int64_t low = random_below(12000) - 1000, high = low + random_below(4000);
                int before = standard_points(&standard, line,
                                             rating_row(line, (struct rating_value){true, low}), 0);
                int after = standard_points(&standard, line,
                                            rating_row(line, (struct rating_value){true, high}), 0);

                assert_true(line->direction == STANDARD_RISING ? after >= before : after <= before);
                tried++;
            }
        }
    }
    assert_int_equal(tried, 6000);
}

/* The score is the base and the points shown; reasons fall; lost points add up. */
static void every_rating_explains_itself(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct file file;
        random_file(&file);
        struct rating_input input = input_of(&file.account, 1);
        struct rating rating = rate(&input);
        int score = 0, lost = 0, told = 0;

        if (!rating.is_rated)
            continue;
        for (int i = 0; i < rating.point_count; i++) {
            score += rating.points[i].points;
            lost += rating.points[i].most - rating.points[i].points;
            assert_true(rating.points[i].points <= rating.points[i].most);
        }
        assert_int_equal(rating.score, score + standard.cards[rating.card].base);
        for (int i = 0; i < rating.reason_count; i++) {
            assert_true(rating.reasons[i].lost > 0);
            assert_true(i == 0 || rating.reasons[i].lost <= rating.reasons[i - 1].lost);
            told += rating.reasons[i].lost;
        }
        assert_int_equal(told, lost); /* fewer than six reasons in this standard */
        assert_int_equal(rating.scored_grade, rating_grade(&standard, rating.score));
    }
}

/* Amounts at the ends of what a record may carry do not overflow; nothing is left unwritten. */
static void extreme_amounts_are_rated(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, 1, MONEY_MAX};
        struct file file;
        struct rating_account accounts[3];

        open_file(&file, "NNNNNN");
        for (int i = 0; i < MONTHS; i++) {
            put_amounts(&file, i, 0, 0);
            file.months[i].balance.minor = extremes[random_below(6)];
            file.months[i].paid.minor = extremes[random_below(6)];
        }
        file.account.limit.minor = extremes[random_below(6)];
        for (int i = 0; i < 3; i++)
            accounts[i] = file.account;
        struct rating_input input = input_of(accounts, 3);
        struct rating rating = rate(&input);

        assert_true(rating.is_rated && rating.score >= 300 && rating.score <= 900);
    }
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
        cmocka_unit_test(attributes_are_what_their_words_say),
        cmocka_unit_test(what_is_not_known_is_missing),
        cmocka_unit_test(accounts_are_laid_on_one_another),
        cmocka_unit_test(a_member_that_reports_late_is_waited_for),
        cmocka_unit_test(inquiries_count_within_their_days),
        cmocka_unit_test(a_clean_subject_by_hand),
        cmocka_unit_test(a_late_subject_by_hand),
        cmocka_unit_test(exclusions_come_in_the_order_of_the_text),
        cmocka_unit_test(overrides_cap_the_grade_and_are_reasons),
        cmocka_unit_test(a_shared_reason_is_told_once),
        cmocka_unit_test(scores_stay_on_the_scale),
        cmocka_unit_test(the_order_of_what_is_known_means_nothing),
        cmocka_unit_test(the_order_of_accounts_that_were_taken_over_means_nothing),
        cmocka_unit_test(points_keep_to_their_direction),
        cmocka_unit_test(every_rating_explains_itself),
        cmocka_unit_test(extreme_amounts_are_rated),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
