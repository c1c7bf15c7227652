/*
 * Goal: no call that was put is lost or taken twice, whatever threads do; the end lets nothing lie.
 * Method: producers and workers over one pool of two queues. Meant for ThreadSanitizer too.
 */
#include "batch/pool.h"

#include <string.h>

#include "support/cmocka.h"

enum { QUEUES = 2, PRODUCERS = 3, WORKERS = 3, CALLS_EACH = 2000, BATCH = 16 };

static struct pool_state pool;
static struct queue queues[QUEUES];
static struct member members[PRODUCERS];
static struct call calls[PRODUCERS][CALLS_EACH];
static atomic_int taken[PRODUCERS][CALLS_EACH];
static atomic_int refused;

static void pool_init(int depth_max)
{
    memset(&pool, 0, sizeof(pool));
    memset(taken, 0, sizeof(taken));
    atomic_store(&refused, 0);
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.wake, NULL);
    for (int i = 0; i < QUEUES; i++) {
        queue_init(&queues[i], NULL, BATCH, depth_max);
        pool.queues[pool.queue_count++] = &queues[i];
    }
    for (int i = 0; i < PRODUCERS; i++)
        members[i].member_id = i + 1;
}

static void pool_done(void)
{
    for (int i = 0; i < QUEUES; i++)
        queue_done(&queues[i]);
    pthread_cond_destroy(&pool.wake);
    pthread_mutex_destroy(&pool.mutex);
}

static void pool_end(void)
{
    pthread_mutex_lock(&pool.mutex);
    pool.is_stopping = true;
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
}

/* The call's id says which it is. */
static struct call *call_of(int producer, int i)
{
    calls[producer][i] =
        (struct call){.caller = &members[producer], .id = producer * CALLS_EACH + i};
    return &calls[producer][i];
}

static void *produce(void *argument)
{
    int producer = (int)((struct member *)argument - members);

    for (int i = 0; i < CALLS_EACH; i++) {
        if (!pool_put(&pool, &queues[i % QUEUES], call_of(producer, i)))
            atomic_fetch_add(&refused, 1);
    }
    return NULL;
}

static void *work(void *argument)
{
    struct call *batch[BATCH_MAX];
    int count;

    (void)argument;
    while ((count = pool_take(&pool, batch)) > 0)
        for (int i = 0; i < count; i++)
            atomic_fetch_add(&taken[batch[i]->id / CALLS_EACH][batch[i]->id % CALLS_EACH], 1);
    return NULL;
}

static void run(int depth_max)
{
    pthread_t producers[PRODUCERS], workers[WORKERS];

    pool_init(depth_max);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, work, NULL), 0);
    for (int i = 0; i < PRODUCERS; i++)
        assert_int_equal(pthread_create(&producers[i], NULL, produce, &members[i]), 0);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    pool_end();
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pool_done();
}

static int total(void)
{
    int sum = 0;

    for (int i = 0; i < PRODUCERS; i++)
        for (int j = 0; j < CALLS_EACH; j++) {
            assert_in_range(taken[i][j], 0, 1);
            sum += taken[i][j];
        }
    return sum;
}

static void every_call_is_taken_once(void **state)
{
    (void)state;
    run(100 * PRODUCERS * CALLS_EACH);
    assert_int_equal(refused, 0);
    assert_int_equal(total(), PRODUCERS * CALLS_EACH);
}

static void what_was_not_refused_is_taken(void **state)
{
    (void)state;
    run(8);
    assert_int_equal(total() + refused, PRODUCERS * CALLS_EACH);
}

static void the_queue_that_waited_longest_goes_first(void **state)
{
    struct call *batch[BATCH_MAX];

    (void)state;
    pool_init(10);
    assert_true(pool_put(&pool, &queues[1], call_of(0, 0)));
    assert_true(pool_put(&pool, &queues[0], call_of(0, 1)));
    assert_true(pool_put(&pool, &queues[1], call_of(0, 2)));
    assert_int_equal(pool_take(&pool, batch), 2);
    assert_int_equal(batch[0]->id, 0);
    assert_int_equal(pool_take(&pool, batch), 1);
    assert_int_equal(batch[0]->id, 1);
    pool_done();
}

static void an_ended_pool_takes_nothing_and_gives_the_rest(void **state)
{
    struct call *batch[BATCH_MAX];

    (void)state;
    pool_init(10);
    assert_true(pool_put(&pool, &queues[0], call_of(0, 0)));
    pool_end();
    assert_false(pool_put(&pool, &queues[0], call_of(0, 1)));
    assert_int_equal(pool_take(&pool, batch), 1);
    assert_int_equal(pool_take(&pool, batch), 0);
    pool_done();
}

static void calls_are_forsaken_while_no_worker_is_connected(void **state)
{
    struct call *batch[BATCH_MAX];

    (void)state;
    pool_init(10);
    assert_false(pool_is_forsaken(&pool));
    assert_true(pool_put(&pool, &queues[0], call_of(0, 0)));
    assert_true(pool_is_forsaken(&pool));
    pool.connected = 1;
    assert_false(pool_is_forsaken(&pool));
    assert_int_equal(pool_take(&pool, batch), 1);
    pool_end();
    assert_true(pool_is_forsaken(&pool));
    pool_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_taken_once),
        cmocka_unit_test(what_was_not_refused_is_taken),
        cmocka_unit_test(the_queue_that_waited_longest_goes_first),
        cmocka_unit_test(an_ended_pool_takes_nothing_and_gives_the_rest),
        cmocka_unit_test(calls_are_forsaken_while_no_worker_is_connected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
