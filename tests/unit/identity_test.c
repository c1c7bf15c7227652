/* Who is behind a descriptor. */
#include "guard/identity.h"

#include "support/cmocka.h"

static void what_was_put_is_found(void **state)
{
    const struct guard_peer first = {.member_code = "bank-a", .generation = 1};
    const struct guard_peer second = {.member_code = "bank-b", .generation = 2};
    struct identity_table table;
    struct guard_peer found;

    (void)state;
    identity_init(&table);
    assert_false(identity_get(&table, 5, &found));
    identity_put(&table, 5, &first);
    identity_put(&table, 1000, &second); /* beyond the first size of the table */
    assert_true(identity_get(&table, 5, &found));
    assert_string_equal(found.member_code, "bank-a");
    assert_true(identity_get(&table, 1000, &found));
    assert_string_equal(found.member_code, "bank-b");
    assert_false(identity_get(&table, 6, &found));
    assert_false(identity_get(&table, -1, &found));
    assert_false(identity_get(&table, 1 << 20, &found));
    identity_put(&table, 5, &second); /* the number is used again */
    assert_true(identity_get(&table, 5, &found));
    assert_int_equal(found.generation, 2);
    identity_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_put_is_found)};

    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
