/*
 * Goal: calls of one method wait in order, members take turns, the queue is bounded.
 * Method: puts made-up calls into a queue and looks at what is taken.
 */
#include "batch/queue.h"
#include "support/cmocka.h"

enum { CALLS = 32 };

static struct member members[4] = {
    {.member_id = 1}, {.member_id = 2}, {.member_id = 3}, {.member_id = 4}};
static struct call calls[CALLS];

static struct call *call_of(int i, int member)
{
    calls[i] = (struct call){.caller = &members[member], .id = i};
    return &calls[i];
}

static void takes_all_that_waits_up_to_the_batch(void **state)
{
    struct queue queue;
    struct call *taken[BATCH_MAX];

    (void)state;
    queue_init(&queue, NULL, 4, CALLS);
    for (int i = 0; i < 6; i++)
        assert_true(queue_put(&queue, call_of(i, 0), 1));
    assert_int_equal(queue_take(&queue, taken, 2), 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(taken[i]->id, i);
    assert_int_equal(queue_take(&queue, taken, 3), 2);
    assert_int_equal(queue_take(&queue, taken, 4), 0);
    queue_done(&queue);
}

static void members_take_turns(void **state)
{
    static const int expected[] = {0, 5, 6, 1, 7, 2}; /* one a member and round */
    struct queue queue;
    struct call *taken[BATCH_MAX];

    (void)state;
    queue_init(&queue, NULL, 6, CALLS);
    for (int i = 0; i < 5; i++)
        assert_true(queue_put(&queue, call_of(i, 0), 1));
    assert_true(queue_put(&queue, call_of(5, 1), 1));
    assert_true(queue_put(&queue, call_of(6, 2), 1));
    assert_true(queue_put(&queue, call_of(7, 1), 1));
    assert_int_equal(queue_take(&queue, taken, 2), 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(taken[i]->id, expected[i]);
    assert_int_equal(queue_take(&queue, taken, 3), 2);
    assert_int_equal(taken[0]->id, 3);
    assert_int_equal(taken[1]->id, 4);
    queue_done(&queue);
}

static void refuses_beyond_its_depth(void **state)
{
    struct queue queue;
    struct call *taken[BATCH_MAX];

    (void)state;
    queue_init(&queue, NULL, 64, 3);
    for (int i = 0; i < 3; i++)
        assert_true(queue_put(&queue, call_of(i, i), 1));
    assert_false(queue_put(&queue, call_of(3, 3), 1));
    assert_int_equal(queue_take(&queue, taken, 2), 3);
    assert_true(queue_put(&queue, call_of(3, 3), 3));
    assert_int_equal(queue_take(&queue, taken, 4), 1);
    queue_done(&queue);
}

/* One member gets half of the queue alone, and there is always room for one who has nothing here.
 */
static void a_flood_leaves_room_for_others(void **state)
{
    struct queue queue;
    struct call *taken[BATCH_MAX];
    int flood = 0;

    (void)state;
    queue_init(&queue, NULL, 64, 16);
    while (queue_put(&queue, call_of(flood, 0), 1))
        flood++;
    assert_int_equal(flood, 8);
    for (int i = 0; i < 3; i++)
        assert_true(queue_put(&queue, call_of(20 + i, 1), 1));
    assert_true(queue_put(&queue, call_of(30, 2), 1));
    assert_false(queue_put(&queue, call_of(9, 0), 1));
    assert_int_equal(queue_take(&queue, taken, 2), 12);
    assert_true(queue_put(&queue, call_of(9, 0), 3));
    assert_int_equal(queue_take(&queue, taken, 4), 1);
    queue_done(&queue);
}

static void remembers_since_when_it_waits(void **state)
{
    struct queue queue;
    struct call *taken[BATCH_MAX];

    (void)state;
    queue_init(&queue, NULL, 1, CALLS);
    assert_true(queue_put(&queue, call_of(0, 0), 10));
    assert_true(queue_put(&queue, call_of(1, 0), 11));
    assert_int_equal(queue.since, 10);
    assert_int_equal(queue_take(&queue, taken, 12), 1);
    assert_int_equal(queue.since, 12);
    assert_int_equal(queue_take(&queue, taken, 13), 1);
    queue_done(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_all_that_waits_up_to_the_batch),
        cmocka_unit_test(members_take_turns),
        cmocka_unit_test(refuses_beyond_its_depth),
        cmocka_unit_test(a_flood_leaves_room_for_others),
        cmocka_unit_test(remembers_since_when_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
