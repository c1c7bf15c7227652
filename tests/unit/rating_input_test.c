/*
 * Goal: accounts that members took over from one another are counted once, whatever they say of
 * each other, and a history is handed on whole.
 * Method: chains and rings by hand; then random ones, in whatever order.
 */
#include "domain/rating_input.h"

#include <string.h>

#include "domain/transfer.h"
#include "support/cmocka.h"

enum { ACCOUNTS = 8, ROUNDS = 2000 };

static struct arena arena;
static struct rating_source sources[ACCOUNTS];
static struct ring_status statuses[ACCOUNTS];
static uint64_t seed = 11;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

/* Account i has id 10 + i and told of one month alone, the later the higher. */
static void make(int count)
{
    struct period first = period_of_day(day_of_civil(2024, 1, 1));

    for (int i = 0; i < count; i++) {
        statuses[i] = (struct ring_status){period_add(first, i), 'N'};
        sources[i] = (struct rating_source){
            .account_id = 10 + i,
            .type = ACCOUNT_TYPE_D1,
            .member_id = i,
            .last_period = statuses[i].period,
            .statuses = &statuses[i],
            .status_count = 1,
        };
    }
}

static void take_over(int buyer, int seller)
{
    sources[buyer].taken_over_from = sources[seller].account_id;
}

static void a_chain_hands_its_history_on(void **state)
{
    struct rating_account accounts[ACCOUNTS];

    (void)state;
    make(3);
    take_over(2, 1);
    take_over(1, 0);
    assert_int_equal(rating_accounts_of(&arena, sources, 3, accounts), 1);
    assert_int_equal(accounts[0].member_id, 2);
    assert_int_equal(accounts[0].status_count, 3);
    sources[0].type = ACCOUNT_TYPE_R1; /* what it was is told beside what it became */
    assert_int_equal(rating_accounts_of(&arena, sources, 3, accounts), 2);
}

static void what_is_not_of_the_subject_hands_nothing_on(void **state)
{
    struct rating_account accounts[ACCOUNTS];

    (void)state;
    make(2);
    sources[0].taken_over_from = 99;
    sources[1].taken_over_from = 11; /* itself */
    assert_int_equal(rating_accounts_of(&arena, sources, 2, accounts), 2);
    assert_int_equal(accounts[1].status_count, 1);
}

/* The account with the lowest id is taken for the oldest: the one that it names stays. */
static void a_ring_is_counted_once(void **state)
{
    struct rating_account accounts[ACCOUNTS];

    (void)state;
    for (int length = 2; length <= ACCOUNTS; length++) {
        make(length);
        for (int i = 0; i < length; i++)
            take_over(i, (i + length - 1) % length);
        assert_int_equal(rating_accounts_of(&arena, sources, length, accounts), 1);
        assert_int_equal(accounts[0].member_id, length - 1);
        assert_int_equal(accounts[0].status_count, length);
    }
}

/* Whether account i was found among those that are kept, and with how many months. */
static int months_of(const struct rating_account *accounts, int count, int member)
{
    for (int i = 0; i < count; i++) {
        if (accounts[i].member_id == member)
            return accounts[i].status_count;
    }
    return 0;
}

/* One left of every ring and chain, the same in whatever order they come. */
static void the_order_of_accounts_means_nothing(void **state)
{
    struct rating_account accounts[ACCOUNTS], again[ACCOUNTS];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        int sellers[ACCOUNTS], lengths[ACCOUNTS], told = 0, ends = 0;
        make(ACCOUNTS);
        for (int i = 0; i < ACCOUNTS; i++) {
            sellers[i] = random_below(ACCOUNTS);
            if (sellers[i] != i)
                take_over(i, sellers[i]);
        }
        int kept = rating_accounts_of(&arena, sources, ACCOUNTS, accounts);
        for (int i = 0; i < ACCOUNTS; i++) {
            bool is_sold = false;
            for (int j = 0; j < ACCOUNTS; j++)
                is_sold |= j != i && sellers[j] == i;
            lengths[i] = months_of(accounts, kept, i);
            assert_true(is_sold || lengths[i] > 0); /* whom nobody bought is there */
            told += lengths[i] > 0;
            ends += !is_sold;
        }
        assert_int_equal(told, kept);
        assert_true(kept >= 1 && kept >= ends);
        for (int i = ACCOUNTS - 1; i > 0; i--) {
            int other = random_below(i + 1);
            struct rating_source moved = sources[i];
            sources[i] = sources[other];
            sources[other] = moved;
        }
        assert_int_equal(rating_accounts_of(&arena, sources, ACCOUNTS, again), kept);
        for (int i = 0; i < ACCOUNTS; i++)
            assert_int_equal(months_of(again, kept, i), lengths[i]);
        arena_reset(&arena);
    }
}

/* Long chains neither end early nor take a call each. */
static void a_chain_may_be_long(void **state)
{
    enum { MANY = 5000 };
    struct transfer *transfers = arena_array(&arena, MANY, sizeof(*transfers));
    int *sellers = arena_array(&arena, MANY, sizeof(*sellers));

    (void)state;
    for (int i = 0; i < MANY; i++)
        transfers[i] = (struct transfer){1 + i, 1 + (i + 1) % MANY};
    transfer_sellers(&arena, transfers, MANY, sellers);
    assert_int_equal(sellers[0], TRANSFER_NONE);
    for (int i = 1; i < MANY; i++)
        assert_int_equal(sellers[i], (i + 1) % MANY);
    arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_hands_its_history_on),
        cmocka_unit_test(what_is_not_of_the_subject_hands_nothing_on),
        cmocka_unit_test(a_ring_is_counted_once),
        cmocka_unit_test(the_order_of_accounts_means_nothing),
        cmocka_unit_test(a_chain_may_be_long),
    };

    arena_init(&arena, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
