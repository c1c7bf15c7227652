/*
 * Goal: calls keep the picture of the members that they arrived under; look-ups find what is there.
 * Method: installs pictures while an older one is held.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "batch/registry.h"
#include "support/cmocka.h"

static struct registry_certificate certificate_of(uint8_t first, int member_id)
{
    struct registry_certificate certificate = {.member_id = member_id};

    certificate.fingerprint[0] = first;
    return certificate;
}

static void install(struct registry *registry, int64_t version, int count)
{
    struct member members[8] = {{.member_id = 0}};
    struct registry_certificate certificates[8];

    for (int i = 0; i < count; i++) {
        members[i].member_id = 10 * (count - i); /* unsorted on purpose */
        snprintf(members[i].code, sizeof(members[i].code), "bank-%d", 10 * (count - i));
        certificates[i] = certificate_of((uint8_t)(200 - i), members[i].member_id);
    }
    registry_install(registry, &(struct registry_view){.version = version,
                                                       .members = members,
                                                       .member_count = count,
                                                       .certificates = certificates,
                                                       .certificate_count = count});
}

static void finds_by_id_code_and_certificate(void **state)
{
    struct registry *registry = registry_new();
    const struct registry_view *view;
    struct registry_certificate third = certificate_of(198, 0);

    (void)state;
    install(registry, 7, 5);
    view = registry_hold(registry);
    assert_int_equal(registry_version(registry), 7);
    assert_int_equal(registry_by_id(view, 30)->member_id, 30);
    assert_null(registry_by_id(view, 35));
    assert_int_equal(registry_by_code(view, "bank-50")->member_id, 50);
    assert_null(registry_by_code(view, "bank-5"));
    assert_int_equal(registry_by_fingerprint(view, third.fingerprint)->member_id, 30);
    third.fingerprint[31] = 1;
    assert_null(registry_by_fingerprint(view, third.fingerprint));
    registry_drop(registry, view);
    registry_free(registry);
}

static void a_held_picture_outlives_its_successor(void **state)
{
    struct registry *registry = registry_new();
    const struct registry_view *empty = registry_hold(registry);
    const struct registry_view *view;

    (void)state;
    install(registry, 1, 3);
    view = registry_hold(registry);
    install(registry, 2, 1);
    assert_int_equal(empty->member_count, 0);
    assert_int_equal(view->member_count, 3);
    assert_string_equal(registry_by_id(view, 30)->code, "bank-30");
    registry_drop(registry, view);
    registry_drop(registry, empty);
    assert_int_equal(registry_version(registry), 2);
    registry_free(registry);
}

/* Looks a member up under a held picture: it has the version's number of members, always. */
static void *look(void *registry)
{
    for (int i = 0; i < 2000; i++) {
        const struct registry_view *view = registry_hold(registry);
        if (view->version != view->member_count ||
            (view->version && !registry_by_id(view, 10 * view->member_count)))
            return registry;
        registry_drop(registry, view);
    }
    return NULL;
}

static void pictures_change_whole_under_many_threads(void **state)
{
    struct registry *registry = registry_new();
    pthread_t threads[3];
    void *wrong;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look, registry), 0);
    for (int i = 0; i < 500; i++)
        install(registry, 1 + i % 8, 1 + i % 8);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_id_code_and_certificate),
        cmocka_unit_test(a_held_picture_outlives_its_successor),
        cmocka_unit_test(pictures_change_whole_under_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
