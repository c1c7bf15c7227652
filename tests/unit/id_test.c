/*
 * Goal: no id is given twice, and ids tell their time; UUIDs are read strictly.
 * Method: four threads take ids at once and all of them are sorted.
 */
#include "base/clock.h"
#include "base/id.h"
#include "support/cmocka.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, IDS = 20000 };

static int64_t ids[THREADS * IDS];

static void *take_ids(void *start)
{
    int64_t *into = start;

    for (int i = 0; i < IDS; i++)
        into[i] = id_new();
    return NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void ids_of_several_threads_are_unique_and_rise(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_ids, ids + i * IDS), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int j = 1; j < IDS; j++)
            assert_true(ids[i * IDS + j] > ids[i * IDS + j - 1]);
    qsort(ids, THREADS * IDS, sizeof(ids[0]), compare);
    for (int i = 1; i < THREADS * IDS; i++)
        assert_true(ids[i] > ids[i - 1]);
}

static void runs_of_ids_do_not_overlap(void **state)
{
    int64_t last = id_new();

    (void)state;
    for (int count = 1; count <= 4096; count *= 2) {
        int64_t first = id_new_many(count);

        assert_true(first > last);
        assert_int_equal(id_time_us(first), id_time_us(first + count - 1));
        last = first + count - 1;
        int64_t next = id_new();
        assert_true(next > last);
        last = next;
    }
}

static void an_id_carries_its_node_and_time(void **state)
{
    int64_t before = clock_now_us();

    (void)state;
    id_node_set(ID_NODE_MAX);
    int64_t id = id_new();
    id_node_set(0);
    assert_int_equal(id >> 12 & 0x3ff, ID_NODE_MAX);
    /* The other tests have borrowed ids of the next milliseconds. */
    assert_true(id_time_us(id) > before - 1000000 && id_time_us(id) < before + 60000000);
    assert_true(id > 0);
}

static void uuids_are_of_version_seven(void **state)
{
    struct uuid a = uuid_new(), b = uuid_new(), back;
    char text[37];

    (void)state;
    assert_false(uuid_equal(&a, &b));
    uuid_format(&a, text);
    assert_int_equal(strlen(text), 36);
    assert_int_equal(text[14], '7');
    assert_non_null(strchr("89ab", text[19]));
    assert_true(uuid_parse(text, &back));
    assert_true(uuid_equal(&a, &back));
}

static void uuids_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "",
        "00112233-4455-6677-8899-aabbccddeef",
        "00112233-4455-6677-8899-aabbccddeefff",
        "0011223344556677-8899-aabbccddeeff--",
        "00112233-4455-6677-8899-aabbccddeefg",
        "{0112233-4455-6677-8899-aabbccddeef}",
        "00112233_4455-6677-8899-aabbccddeeff",
    };
    struct uuid uuid;
    char text[37];

    (void)state;
    assert_true(uuid_parse("00112233-4455-6677-8899-AABBccddeeff", &uuid));
    uuid_format(&uuid, text);
    assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(uuid_parse(wrong[i], &uuid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_several_threads_are_unique_and_rise),
        cmocka_unit_test(runs_of_ids_do_not_overlap),
        cmocka_unit_test(an_id_carries_its_node_and_time),
        cmocka_unit_test(uuids_are_of_version_seven),
        cmocka_unit_test(uuids_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
