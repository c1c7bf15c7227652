/* Sets of keys: what was added is found, growing loses nothing, and the budget is kept. */
#include "cli/keyset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Spreads numbers over the parts as digests do. */
static uint64_t key_of(uint64_t i)
{
    uint64_t key = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);

    return key ^ key >> 29;
}

static void keys_are_found_again(void **state)
{
    int64_t budget = INT64_C(64) << 20;
    struct keyset set;

    (void)state;
    keyset_init(&set, sizeof(uint64_t), &budget);
    for (uint64_t i = 0; i < 200000; i++)
        assert_int_equal(keyset_add(&set, key_of(i), &i), KEYSET_NEW);
    for (uint64_t i = 0; i < 200000; i++) {
        uint64_t found;
        void *payload = keyset_find(&set, key_of(i));
        assert_non_null(payload);
        memcpy(&found, payload, sizeof(found));
        assert_true(found == i);
        assert_int_equal(keyset_add(&set, key_of(i), NULL), KEYSET_KNOWN);
    }
    assert_null(keyset_find(&set, key_of(200000)));
    keyset_done(&set);
}

/* Keys that share their part and their place, and the key that marks a free entry. */
static void keys_that_meet_are_told_apart(void **state)
{
    int64_t budget = 1 << 20;
    struct keyset set;

    (void)state;
    keyset_init(&set, 0, &budget);
    assert_null(keyset_find(&set, 0));
    assert_int_equal(keyset_add(&set, 0, NULL), KEYSET_NEW);
    assert_int_equal(keyset_add(&set, 0, NULL), KEYSET_KNOWN);
    for (uint64_t i = 1; i < 1000; i++)
        assert_int_equal(keyset_add(&set, i << 20, NULL), KEYSET_NEW);
    for (uint64_t i = 1; i < 1000; i++)
        assert_non_null(keyset_find(&set, i << 20));
    assert_null(keyset_find(&set, UINT64_C(1000) << 20));
    keyset_done(&set);
}

static void a_full_set_keeps_what_it_has(void **state)
{
    int64_t budget = 100000;
    struct keyset set;
    uint64_t kept = 0;

    (void)state;
    keyset_init(&set, 0, &budget);
    for (uint64_t i = 0; i < 100000; i++)
        kept += keyset_add(&set, key_of(i), NULL) == KEYSET_NEW;
    assert_true(budget >= 0);
    assert_true(kept > 5000 && kept < 100000 / 8);
    for (uint64_t i = 0; i < 100000; i++)
        kept -= keyset_find(&set, key_of(i)) != NULL;
    assert_int_equal(kept, 0);
    keyset_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_again),
        cmocka_unit_test(keys_that_meet_are_told_apart),
        cmocka_unit_test(a_full_set_keeps_what_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
