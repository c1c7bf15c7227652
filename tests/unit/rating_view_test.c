/*
 * Goal: a probability is told as it is, to the hundredth of a per cent.
 */
#include "cli/rating_view.h"

#include "support/cmocka.h"

static void a_probability_is_rounded_half_up(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_string_equal(rating_view_percent(&arena, 189467), "18.95%");
    assert_string_equal(rating_view_percent(&arena, 189449), "18.94%");
    assert_string_equal(rating_view_percent(&arena, 50), "0.01%");
    assert_string_equal(rating_view_percent(&arena, 49), "0.00%");
    assert_string_equal(rating_view_percent(&arena, 999950), "100.00%");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probability_is_rounded_half_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
