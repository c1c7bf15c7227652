/*
 * Goal: workers rate by one set of standards that is replaced whole; a standard that cannot be read
 * is told and left out.
 * Method: loads sets of texts while an older one is held.
 */
#include "batch/standards.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "support/cmocka.h"
#include "support/standard.h"

enum { TOLD_MAX = 32 };

static struct {
    int32_t number;
    char reason[32];
} told[TOLD_MAX];
static int told_count;

static void note(void *user, int32_t number, const struct error *error)
{
    assert_ptr_equal(user, &told_count);
    told[told_count].number = number;
    snprintf(told[told_count++].reason, sizeof(told[0].reason), "%s", error->reason);
}

static struct standards_text text_of(int32_t number, const char *text)
{
    struct bytes bytes = {(const uint8_t *)text, strlen(text)};

    return (struct standards_text){number, digest_of(bytes.data, bytes.size), bytes};
}

static void load(struct standards *standards, uint64_t revision, const struct standards_text *texts,
                 int count)
{
    told_count = 0;
    standards_load(standards, revision, texts, count, note, &told_count);
}

static void what_is_loaded_is_found(void **state)
{
    struct standards *standards = standards_new();
    const struct standards_set *empty = standards_acquire(standards);
    struct arena arena = {0};
    struct standards_text texts[] = {
        text_of(7, small_standard),
        text_of(2, small_standard_with(&arena, "standard ", "standard other 1")),
    };

    (void)state;
    load(standards, 5, texts, 2);
    const struct standards_set *set = standards_acquire(standards);
    assert_int_equal(told_count, 0);
    assert_int_equal(empty->revision, 0);
    assert_int_equal(empty->count, 0);
    assert_int_equal(set->revision, 5);
    assert_int_equal(set->count, 2);
    assert_int_equal(set->entries[0].number, 2);
    assert_int_equal(standards_by_id(set, "small")->number, 7);
    assert_int_equal(standards_by_id(set, "small")->standard->version, 3);
    assert_string_equal(standards_by_number(set, 2)->standard->id, "other");
    assert_null(standards_by_id(set, "nobody"));
    assert_null(standards_by_number(set, 3));
    assert_memory_equal(set->entries[1].digest.bytes, texts[0].digest.bytes, DIGEST_SIZE);
    standards_release(standards, empty);
    standards_release(standards, set);
    standards_free(standards);
    arena_done(&arena);
}

static void a_held_set_outlives_its_successor(void **state)
{
    struct standards *standards = standards_new();
    struct standards_text text = text_of(1, small_standard);

    (void)state;
    load(standards, 1, &text, 1);
    const struct standards_set *held = standards_acquire(standards);
    load(standards, 2, NULL, 0);
    const struct standards_set *next = standards_acquire(standards);
    assert_int_equal(next->count, 0);
    assert_int_equal(held->count, 1);
    assert_string_equal(held->entries[0].standard->id, "small");
    standards_release(standards, next);
    standards_free(standards); /* what is held stays */
    assert_int_equal(held->entries[0].standard->version, 3);
    standards = standards_new();
    standards_release(standards, held);
    standards_free(standards);
}

static void what_cannot_be_read_is_told_and_left_out(void **state)
{
    struct standards *standards = standards_new();
    struct standards_text texts[] = {
        text_of(1, "standard of tomorrow\n"),
        text_of(2, small_standard),
        text_of(3, small_standard),
        text_of(4, ""),
    };

    (void)state;
    texts[2].digest.bytes[0] ^= 1;
    load(standards, 1, texts, 4);
    const struct standards_set *set = standards_acquire(standards);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->entries[0].number, 2);
    assert_int_equal(told_count, 3);
    assert_int_equal(told[0].number, 1);
    assert_int_equal(told[1].number, 3);
    assert_string_equal(told[1].reason, "STANDARD_DIGEST");
    assert_int_equal(told[2].number, 4);
    standards_load(standards, 2, texts, 4, NULL, NULL); /* nobody listens */
    standards_release(standards, set);
    standards_free(standards);
}

static void no_more_than_sixteen_are_held(void **state)
{
    struct standards *standards = standards_new();
    struct standards_text texts[STANDARDS_MAX + 1];

    (void)state;
    for (int i = 0; i <= STANDARDS_MAX; i++)
        texts[i] = text_of(i + 1, small_standard);
    load(standards, 1, texts, STANDARDS_MAX);
    assert_int_equal(told_count, 0);
    load(standards, 2, texts, STANDARDS_MAX + 1);
    const struct standards_set *set = standards_acquire(standards);
    assert_int_equal(set->count, STANDARDS_MAX);
    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].number, STANDARDS_MAX + 1);
    assert_string_equal(told[0].reason, "STANDARDS_FULL");
    standards_release(standards, set);
    standards_free(standards);
}

/* Looks at held sets: their standards are as many as the revision says, always. */
static void *look(void *standards)
{
    for (int i = 0; i < 2000; i++) {
        const struct standards_set *set = standards_acquire(standards);
        if ((uint64_t)set->count != set->revision ||
            (set->count && strcmp(set->entries[set->count - 1].standard->id, "small") != 0))
            return standards;
        standards_release(standards, set);
    }
    return NULL;
}

static void sets_change_whole_under_many_threads(void **state)
{
    struct standards *standards = standards_new();
    struct standards_text texts[3];
    pthread_t threads[3];
    void *wrong;

    (void)state;
    for (int i = 0; i < 3; i++)
        texts[i] = text_of(i + 1, small_standard);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look, standards), 0);
    for (int i = 0; i < 200; i++)
        load(standards, (uint64_t)(i % 4), texts, i % 4);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    standards_free(standards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_loaded_is_found),
        cmocka_unit_test(a_held_set_outlives_its_successor),
        cmocka_unit_test(what_cannot_be_read_is_told_and_left_out),
        cmocka_unit_test(no_more_than_sixteen_are_held),
        cmocka_unit_test(sets_change_whole_under_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
