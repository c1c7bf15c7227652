/*
 * Parameters byte by byte, as PostgreSQL's binary protocol wants them, without a server.
 */
#include "db/db.h"

#include <string.h>

#include "support/cmocka.h"

static struct arena arena;
static struct params params;

static int set_up(void **state)
{
    (void)state;
    params_init(&params, &arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* The last parameter put. */
static void assert_wire(unsigned type, const void *expected, int size)
{
    int last = params.count - 1;
    assert_int_equal(params.type[last], type);
    assert_int_equal(params.size[last], size);
    assert_memory_equal(params.value[last], expected, (size_t)size);
}

static void integers_travel_in_network_order(void **state)
{
    (void)state;
    params_int2(&params, 0x0102);
    assert_wire(21, "\x01\x02", 2);
    params_int4(&params, -2);
    assert_wire(23, "\xff\xff\xff\xfe", 4);
    params_int8(&params, 0x0102030405060708);
    assert_wire(20, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    params_bool(&params, true);
    assert_wire(16, "\x01", 1);
}

static void days_and_instants_count_from_2000(void **state)
{
    (void)state;
    params_day(&params, day_of_civil(2000, 1, 2));
    assert_wire(1082, "\x00\x00\x00\x01", 4);
    params_day(&params, day_of_civil(1999, 12, 31));
    assert_wire(1082, "\xff\xff\xff\xff", 4);
    params_instant(&params, INT64_C(946684800000001));
    assert_wire(1184, "\x00\x00\x00\x00\x00\x00\x00\x01", 8);
}

static void nothing_is_null_and_empty_is_not(void **state)
{
    (void)state;
    params_text(&params, NULL);
    params_bytes(&params, NULL, 0);
    params_uuid(&params, NULL);
    params_int8_or_null(&params, false, 9);
    for (int i = 0; i < params.count; i++)
        assert_null(params.value[i]);
    params_text(&params, "");
    assert_non_null(params.value[params.count - 1]);
    params_bytes(&params, "", 0);
    assert_non_null(params.value[params.count - 1]);
}

static void an_array_has_one_dimension_from_one(void **state)
{
    static const int16_t items[] = {7, 8};
    static const bool is_present[] = {true, false};
    static const char expected[] = "\x00\x00\x00\x01"  /* dimensions */
                                   "\x00\x00\x00\x01"  /* has a NULL */
                                   "\x00\x00\x00\x15"  /* int2 */
                                   "\x00\x00\x00\x02"  /* length */
                                   "\x00\x00\x00\x01"  /* lower bound */
                                   "\x00\x00\x00\x02"  /* bytes of the first item */
                                   "\x00\x07"          /* 7 */
                                   "\xff\xff\xff\xff"; /* NULL */
    (void)state;
    params_int2s(&params, items, is_present, 2);
    assert_wire(1005, expected, sizeof(expected) - 1);
}

static void an_empty_array_has_no_dimension(void **state)
{
    (void)state;
    params_texts(&params, NULL, 0);
    assert_wire(1009, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x19", 12);
}

/* The caller may change its buffers as soon as the call returns. */
static void values_are_copies(void **state)
{
    char text[] = "before";
    (void)state;
    params_text(&params, text);
    memset(text, 'x', sizeof(text) - 1);
    assert_wire(25, "before", 6);
}

#define PARAMS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PARAMS_TEST(integers_travel_in_network_order),
        PARAMS_TEST(days_and_instants_count_from_2000),
        PARAMS_TEST(nothing_is_null_and_empty_is_not),
        PARAMS_TEST(an_array_has_one_dimension_from_one),
        PARAMS_TEST(an_empty_array_has_no_dimension),
        PARAMS_TEST(values_are_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
