/*
 * Goal: a member's calls are bounded by a rate, a burst and a day; others are not touched.
 * Method: time is an argument, so nothing waits.
 */
#include "batch/quota.h"

#include <pthread.h>
#include <stdatomic.h>

#include "support/cmocka.h"

#define SECOND INT64_C(1000000)

static struct member member_with(int id, int per_second, int burst, int per_day)
{
    return (struct member){.member_id = id,
                           .quota = {.per_second = per_second, .burst = burst, .per_day = per_day}};
}

static void burst_passes_then_waits(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, 10, 5, 0);

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(quota_spend(quota, &member, 1, SECOND, SECOND), 0);
    assert_in_range(quota_spend(quota, &member, 1, SECOND, SECOND), 1, 101);
    assert_int_equal(quota_spend(quota, &member, 1, SECOND + SECOND / 10, SECOND + SECOND / 10), 0);
    assert_in_range(quota_spend(quota, &member, 1, SECOND + SECOND / 10, SECOND + SECOND / 10), 1,
                    101);
    quota_free(quota);
}

static void members_do_not_share(void **state)
{
    struct quota *quota = quota_new();
    struct member one = member_with(1, 1, 1, 0);
    struct member two = member_with(4097, 1, 1, 0); /* same place in the table */

    (void)state;
    assert_int_equal(quota_spend(quota, &one, 1, SECOND, SECOND), 0);
    assert_int_equal(quota_spend(quota, &two, 1, SECOND, SECOND), 0);
    assert_true(quota_spend(quota, &one, 1, SECOND, SECOND) > 0);
    quota_free(quota);
}

static void a_day_ends(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, 0, 0, 3);

    (void)state;
    assert_int_equal(quota_spend(quota, &member, 3, 5 * SECOND, 5 * SECOND), 0);
    assert_in_range(quota_spend(quota, &member, 1, 5 * SECOND, 5 * SECOND), 57594000,
                    57595001); /* 16 h UTC */
    assert_int_equal(quota_spend(quota, &member, 1, 6 * SECOND, 16 * 3600 * SECOND), 0);
    quota_free(quota);
}

static void a_day_outlives_the_server_and_spans_several(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(7, 0, 0, 10);
    struct member_spending rows[QUOTA_MEMBERS_MAX];
    const struct day day = {0}, later = {1};

    (void)state;
    assert_int_equal(quota_spendings(quota, day, rows), 0);
    quota_learn(quota, day, &(struct member_spending){.member_id = 7, .here = 4, .elsewhere = 3});
    assert_int_equal(quota_spendings(quota, day, rows), 0); /* it is not known to be daily */
    assert_int_equal(quota_spend(quota, &member, 2, 0, 0), 0);
    assert_true(quota_spend(quota, &member, 2, 0, 0) > 0);
    assert_int_equal(quota_spendings(quota, day, rows), 1);
    assert_int_equal(rows[0].member_id, 7);
    assert_int_equal(rows[0].here, 6);
    quota_learn(quota, day, &(struct member_spending){.member_id = 7, .here = 5, .elsewhere = 4});
    assert_true(quota_spend(quota, &member, 1, 0, 0) > 0);
    assert_int_equal(quota_spendings(quota, later, rows), 0);
    assert_int_equal(quota_spend(quota, &member, 10, 0, 16 * 3600 * SECOND), 0);
    quota_free(quota);
}

static void more_than_the_burst_passes_once_the_bucket_is_full(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, 100, 100, 0);

    (void)state;
    assert_int_equal(quota_spend(quota, &member, 1000, SECOND, SECOND), 0);
    assert_true(quota_spend(quota, &member, 1, 2 * SECOND, 2 * SECOND) >
                0); /* the debt is paid off first */
    assert_int_equal(quota_spend(quota, &member, 1, 20 * SECOND, 20 * SECOND), 0);
    quota_free(quota);
}

static void asking_often_does_not_starve(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, 10, 1, 0);
    int passed = 0;

    (void)state;
    for (int64_t us = 0; us < 10 * SECOND; us += 7) /* less than a milli-token each time */
        passed += quota_spend(quota, &member, 1, SECOND + us, SECOND + us) == 0;
    assert_in_range(passed, 98, 101);
    quota_free(quota);
}

static void the_largest_quota_does_not_overflow(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, INT32_MAX, INT32_MAX, INT32_MAX);

    (void)state;
    assert_int_equal(quota_spend(quota, &member, INT32_MAX, 0, 0), 0);
    assert_true(quota_spend(quota, &member, 1, 0, 0) > 0);
    assert_int_equal(quota_spend(quota, &member, 1, 900 * 86400 * SECOND, 900 * 86400 * SECOND), 0);
    quota_free(quota);
}

static struct quota *shared;
static atomic_int spent;

static void *spend_all(void *member)
{
    for (int i = 0; i < 1000; i++)
        spent += quota_spend(shared, member, 1, SECOND, SECOND) == 0;
    return NULL;
}

static void threads_together_spend_no_more_than_there_is(void **state)
{
    struct member member = member_with(1, 1, 700, 0);
    pthread_t threads[3];

    (void)state;
    shared = quota_new();
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spend_all, &member), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(spent, 700);
    quota_free(shared);
}

static void no_quota_is_no_bound(void **state)
{
    struct quota *quota = quota_new();
    struct member member = member_with(1, 0, 0, 0);

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(quota_spend(quota, &member, 1000, 0, 0), 0);
    quota_free(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(burst_passes_then_waits),
        cmocka_unit_test(members_do_not_share),
        cmocka_unit_test(a_day_ends),
        cmocka_unit_test(a_day_outlives_the_server_and_spans_several),
        cmocka_unit_test(more_than_the_burst_passes_once_the_bucket_is_full),
        cmocka_unit_test(asking_often_does_not_starve),
        cmocka_unit_test(the_largest_quota_does_not_overflow),
        cmocka_unit_test(threads_together_spend_no_more_than_there_is),
        cmocka_unit_test(no_quota_is_no_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
