/* Bans of certificates: how long, how they grow, how they are forgiven, how the table is bounded.
 */
#include "guard/ban.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ban_table *table;

static int setup(void **state)
{
    (void)state;
    table = calloc(1, sizeof(*table));
    return table ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(table);
    return 0;
}

static const uint8_t *key_of(int number)
{
    static uint8_t key[BAN_KEY_SIZE];

    memset(key, 0, sizeof(key));
    key[30] = (uint8_t)(number >> 8);
    key[31] = (uint8_t)number;
    return key;
}

static void nobody_is_banned_at_first(void **state)
{
    (void)state;
    assert_int_equal(ban_left_us(table, key_of(1), 0), 0);
    assert_int_equal(ban_count(table, 0), 0);
}

static void a_ban_ends_after_two_seconds(void **state)
{
    (void)state;
    assert_int_equal(ban_add(table, key_of(1), 1000), 2000000);
    assert_int_equal(ban_left_us(table, key_of(1), 1000), 2000000);
    assert_int_equal(ban_left_us(table, key_of(1), 2000999), 1);
    assert_int_equal(ban_left_us(table, key_of(1), 2001000), 0);
    assert_int_equal(ban_left_us(table, key_of(2), 1000), 0);
    assert_int_equal(ban_count(table, 1000), 1);
    assert_int_equal(ban_count(table, 2001000), 0);
}

static void each_return_doubles_it_up_to_five_minutes(void **state)
{
    static const int64_t seconds[] = {2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
    int64_t now_us = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        int64_t length_us = ban_add(table, key_of(1), now_us);

        assert_int_equal(length_us, seconds[i] * 1000000);
        now_us += length_us;
    }
}

static void several_connections_at_once_are_one_offence(void **state)
{
    (void)state;
    assert_int_equal(ban_add(table, key_of(1), 0), 2000000);
    assert_int_equal(ban_add(table, key_of(1), 1000000), 2000000);
    assert_int_equal(ban_left_us(table, key_of(1), 2500000), 500000);
}

static void calm_is_forgiven(void **state)
{
    (void)state;
    assert_int_equal(ban_add(table, key_of(1), 0), 2000000);
    assert_int_equal(ban_add(table, key_of(1), 2000000), 4000000);
    assert_int_equal(ban_add(table, key_of(1), 6000000 + BAN_FORGIVE_US - 1), 8000000);
    assert_int_equal(ban_add(table, key_of(1), 14000000 + 2 * BAN_FORGIVE_US), 2000000);
}

static void a_full_table_drops_the_ban_that_ends_first(void **state)
{
    (void)state;
    for (int i = 0; i < BAN_TABLE_MAX; i++)
        ban_add(table, key_of(i), i + 1);
    assert_int_equal(table->count, BAN_TABLE_MAX);
    ban_add(table, key_of(5000), 2000);
    assert_int_equal(table->count, BAN_TABLE_MAX);
    assert_int_equal(ban_left_us(table, key_of(0), 2000), 0);
    assert_true(ban_left_us(table, key_of(1), 2000) > 0);
    assert_true(ban_left_us(table, key_of(5000), 2000) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_is_banned_at_first, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ban_ends_after_two_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(each_return_doubles_it_up_to_five_minutes, setup, teardown),
        cmocka_unit_test_setup_teardown(several_connections_at_once_are_one_offence, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(calm_is_forgiven, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_table_drops_the_ban_that_ends_first, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("ban", tests, NULL, NULL);
}
