/*
 * Goal: the standard that is shipped reads as it stands, and rates as it did when it was published.
 * Method: golden vectors: six clients of the public card file, as their records say, with the card,
 * score, grade and first reason that each must get. The first is worked out by hand in RATING.md.
 */
#include "cli/standard_file.h"

#include <stdio.h>
#include <string.h>

#include "domain/rating.h"
#include "support/cmocka.h"

#define SHIPPED CIX_SOURCE_DIR "/deploy/standard/card-next-month"

enum { MONTHS = 6 };

static struct arena arena;
static struct ctx ctx;
static struct standard *standard;

/* A client in New Taiwan dollars; September 2005 first, April last. */
struct client {
    int row; /* of the public file */
    int64_t limit;
    const char *statuses;
    int64_t balances[MONTHS], payments[MONTHS];
    const char *card;
    int score;
    const char *grade, *reason;
};

static const struct client clients[] = {
    {3,
     90000,
     "NNNNNN",
     {29239, 14027, 13559, 14331, 14948, 15549},
     {1518, 1500, 1000, 1000, 1000, 5000},
     "clean",
     580,
     "B",
     "R05"},
    {63,
     50000,
     "222222",
     {24987, 24300, 26591, 25865, 27667, 28264},
     {0, 2700, 0, 2225, 1200, 0},
     "two-months-late",
     343,
     "C",
     "R32"},
    {14,
     70000,
     "122NN2",
     {65802, 67369, 65701, 66782, 36137, 36894},
     {3200, 0, 3000, 3000, 1500, 0},
     "one-month-late",
     437,
     "CC",
     "R32"},
    {9,
     140000,
     "NN2NNN",
     {11285, 14096, 12108, 12211, 11793, 3719},
     {3329, 0, 432, 1000, 1000, 1000},
     "late-before",
     490,
     "CC",
     "R35"},
    {24,
     450000,
     "******",
     {5512, 19420, 1473, 560, 0, 0},
     {19428, 1473, 560, 0, 0, 1128},
     "clean",
     566,
     "B",
     "R05"},
    {12,
     260000,
     "NNNNN2",
     {12261, 21670, 9966, 8517, 22287, 13668},
     {21818, 9966, 8583, 22301, 0, 3640},
     "late-before",
     550,
     "CCC",
     "R33"},
};

static struct rating rate(const struct client *client)
{
    struct ring_status statuses[MONTHS];
    struct ring_month months[MONTHS];
    struct period september;
    struct rating rating;

    assert_true(period_from_wire(200509, &september));
    for (int i = 0; i < MONTHS; i++) {
        struct period period = period_add(september, -i);

        statuses[i] = (struct ring_status){period, client->statuses[i]};
        months[i] = (struct ring_month){.period = period,
                                        .balance = {true, client->balances[i] * 100},
                                        .paid = {true, client->payments[i] * 100}};
    }
    const struct rating_account account = {
        .type = ACCOUNT_TYPE_R2,
        .currency = "TWD",
        .limit = {true, client->limit * 100},
        .opened_on = day_of_civil(2004, 6, 1),
        .last_period = september,
        .statuses = statuses,
        .status_count = MONTHS,
        .months = months,
        .month_count = MONTHS,
    };
    const struct rating_input input = {
        .as_of = day_of_civil(2005, 10, 1),
        .kind = SUBJECT_KIND_PERSON,
        .facts = {.is_known = true},
        .accounts = &account,
        .account_count = 1,
    };

    rating_of(standard, &input, &rating);
    return rating;
}

static void known_clients_are_rated_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++) {
        const struct client *client = &clients[i];
        struct rating rating = rate(client);

        assert_true(rating.is_rated);
        const char *card = standard->cards[rating.card].name;
        const char *grade = standard->grades[rating.grade].name;
        const char *reason = standard->reasons[rating.reasons[0].reason].code;

        if (strcmp(card, client->card) != 0 || rating.score != client->score ||
            strcmp(grade, client->grade) != 0 || strcmp(reason, client->reason) != 0)
            fail_msg("row %d: %s, %d, %s, %s", client->row, card, rating.score, grade, reason);
    }
}

static void the_shipped_text_is_canonical(void **state)
{
    struct builder text = {.arena = &arena};
    char *read = arena_alloc(&arena, STANDARD_TEXT_MAX);
    FILE *file = fopen(SHIPPED ".standard", "r");

    (void)state;
    assert_non_null(file);
    size_t size = fread(read, 1, STANDARD_TEXT_MAX - 1, file);
    fclose(file);
    standard_write(standard, &text);
    assert_int_equal(size, text.size);
    assert_memory_equal(read, text.data, size);
}

/* What was promised of an attribute is kept by every card: the reader refuses anything else. */
static void every_promise_is_kept(void **state)
{
    int kept = 0;

    (void)state;
    for (int i = 0; i < standard->card_count; i++) {
        for (int j = 0; j < standard->cards[i].characteristic_count; j++) {
            const struct standard_characteristic *line = &standard->cards[i].characteristics[j];
            enum standard_direction expected = standard->attributes[line->attribute].expected;

            assert_true(expected == STANDARD_FREE || expected == line->direction);
            kept += expected != STANDARD_FREE;
        }
    }
    assert_true(kept > 20);
}

static void a_draft_is_no_standard(void **state)
{
    struct standard *draft;

    (void)state;
    assert_true(standard_file_read(&ctx, SHIPPED ".draft", true, &draft));
    assert_int_equal(draft->point_count, 0);
    assert_true(draft->attribute_count > standard->attribute_count); /* candidates */
}

static void a_file_that_is_not_there_is_told(void **state)
{
    struct standard *none;
    struct ctx other;

    (void)state;
    ctx_init(&other, &arena);
    assert_false(standard_file_read(&other, SHIPPED ".nowhere", false, &none));
    assert_string_equal(other.error.reason, "FILE");
    ctx_clear(&other);
    assert_false(standard_file_read(&other, CIX_SOURCE_DIR "/LICENSE", false, &none));
    assert_string_equal(other.error.reason, "STANDARD_WORD");
}

static int set_up(void **state)
{
    (void)state;
    ctx_init(&ctx, &arena);
    return standard_file_read(&ctx, SHIPPED ".standard", false, &standard) ? 0 : -1;
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
        cmocka_unit_test(known_clients_are_rated_as_published),
        cmocka_unit_test(the_shipped_text_is_canonical),
        cmocka_unit_test(every_promise_is_kept),
        cmocka_unit_test(a_draft_is_no_standard),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
