/*
 * Goal: an arena hands out distinct, aligned, zeroed memory, and holds a peer to its budget.
 * Method: sizes around the block sizes; under a sanitizer every byte handed out is written.
 */
#include "base/arena.h"
#include "support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static void pieces_are_aligned_zeroed_and_apart(void **state)
{
    struct arena arena;
    unsigned char *before = NULL;

    (void)state;
    arena_init(&arena, 0);
    for (size_t size = 0; size < 3000; size += 37) {
        unsigned char *piece = arena_alloc(&arena, size);

        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        assert_ptr_not_equal(piece, before);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xab, size);
        before = piece;
    }
    arena_done(&arena);
}

static void memory_is_zeroed_again_after_reset(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    memset(arena_alloc(&arena, 100), 0xff, 100);
    arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    unsigned char *again = arena_alloc(&arena, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(again[i], 0);
    arena_done(&arena);
}

static void large_pieces_leave_the_small_ones_alone(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    char *small = arena_string(&arena, "small");
    char *large = arena_alloc(&arena, 3 << 20);
    char *other = arena_string(&arena, "other");
    memset(large, 1, 3 << 20);
    assert_string_equal(small, "small");
    assert_string_equal(other, "other");
    arena_reset(&arena);
    assert_string_equal(arena_string(&arena, "after"), "after");
    arena_done(&arena);
}

static void budget_bounds_try_but_not_alloc(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1000);
    assert_non_null(arena_try(&arena, 600));
    assert_null(arena_try(&arena, 600));
    assert_non_null(arena_try(&arena, 100));
    assert_null(arena_try(&arena, SIZE_MAX));
    assert_null(arena_try(&arena, SIZE_MAX - 8));
    assert_non_null(arena_alloc(&arena, 5000));
    assert_null(arena_try(&arena, 1));
    arena_reset(&arena);
    assert_non_null(arena_try(&arena, 992));
    assert_null(arena_try(&arena, 16));
    arena_done(&arena);
}

static void nothing_has_a_price_too(void **state)
{
    struct arena arena;
    int count = 0;

    (void)state;
    arena_init(&arena, 1600);
    while (count < 1000 && arena_try(&arena, 0))
        count++;
    assert_int_equal(count, 100);
    arena_done(&arena);
}

static void copies_end_in_nul(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    assert_string_equal(arena_copy(&arena, "abcdef", 3), "abc");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_null(arena_string(&arena, NULL));
    assert_string_equal(arena_format(&arena, "%d-%s", 7, "x"), "7-x");
    arena_done(&arena);
}

static void a_wiped_arena_leaves_no_secret_in_the_block_it_keeps(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    arena.is_wiped = true;
    char *secret = arena_string(&arena, "a secret");
    arena_reset(&arena); /* keeps its newest block, so that secret may still be read here */
    assert_int_equal(secret[0], 0);
    assert_int_equal(secret[7], 0);
    arena_done(&arena);
}

static void done_accepts_what_was_never_used(void **state)
{
    struct arena arena = {0};

    (void)state;
    arena_done(&arena);
    arena_done(&arena);
    assert_null(arena.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(memory_is_zeroed_again_after_reset),
        cmocka_unit_test(large_pieces_leave_the_small_ones_alone),
        cmocka_unit_test(budget_bounds_try_but_not_alloc),
        cmocka_unit_test(nothing_has_a_price_too),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(a_wiped_arena_leaves_no_secret_in_the_block_it_keeps),
        cmocka_unit_test(done_accepts_what_was_never_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
