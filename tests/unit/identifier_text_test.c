/*
 * Goal: what is sealed of identifiers comes back at its place, whatever of it was given.
 * Method: write and read again; places that are not there, and bytes that nobody wrote.
 */
#include "domain/identifier_text.h"

#include "support/cmocka.h"

static struct arena arena;

static struct day_field day_of(int32_t yyyymmdd)
{
    struct day_field field = {.is_present = true};

    field.is_real = day_from_wire(yyyymmdd, &field.day);
    return field;
}

static int32_t wire_of(const struct day_field *field)
{
    return field->is_present ? day_to_wire(field->day) : 0;
}

static void assert_told(const char *lines, int place, int32_t from, int32_t until,
                        const char *region)
{
    struct identifier_detail detail;

    identifier_text_read(&arena, lines, place, &detail);
    assert_int_equal(wire_of(&detail.valid_from), from);
    assert_int_equal(wire_of(&detail.valid_until), until);
    assert_string_equal(detail.issuer_region, region);
    assert_int_equal(detail.verification, 0);
}

static void each_comes_back_at_its_place(void **state)
{
    const struct identifier_detail given[] = {
        {"440300", day_of(20200110), day_of(20400109), 2, true},
        {"", {0}, {0}, 1, false},
        {"US-CA", {0}, day_of(20301231), 0, false},
    };
    struct builder lines = {.arena = &arena};

    (void)state;
    for (int i = 0; i < 3; i++)
        identifier_text_add(&lines, &given[i]);
    assert_string_equal(lines.data, "2020-01-10 2040-01-09 440300\n- - \n- 2030-12-31 US-CA\n");
    assert_told(lines.data, 1, 20200110, 20400109, "440300");
    assert_told(lines.data, 2, 0, 0, "");
    assert_told(lines.data, 3, 0, 20301231, "US-CA");
}

static void what_is_not_there_is_not_given(void **state)
{
    (void)state;
    assert_told("", 1, 0, 0, "");
    assert_told("- - 440300\n", 2, 0, 0, "");
    assert_told("2020-13-40 2040 ", 1, 0, 0, "");
    assert_told("x", 7, 0, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_comes_back_at_its_place),
        cmocka_unit_test(what_is_not_there_is_not_given),
    };

    arena_init(&arena, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
