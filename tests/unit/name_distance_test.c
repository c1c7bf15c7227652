/*
 * Goal: spellings of one name lie near each other, names of two persons far apart, whatever the
 * width, the spaces, the order of words or the accents; and no name is too long or too broken.
 */
#include "domain/name_distance.h"
#include "support/cmocka.h"

#include <string.h>

#include "base/check.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

struct pair {
    const char *a;
    const char *b;
    int distance;
};

static void check_pairs(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(name_distance(&arena, pairs[i].a, pairs[i].b), pairs[i].distance);
        assert_int_equal(name_distance(&arena, pairs[i].b, pairs[i].a), pairs[i].distance);
    }
}

static void spellings_of_one_name_do_not_differ(void **state)
{
    static const struct pair pairs[] = {
        {"张三", "张三", 0},
        {" 张　三 ", "张三", 0},
        {"ＺＨＡＮＧ　ｓａｎ", "Zhang San", 0},
        {"ZHANG SAN", "SAN ZHANG", 0},
        {"ZHANG, SAN", "Zhangsan", 0},
        {"Xiao Ming LI", "LI XIAOMING", 0},
        {"LI XIAO-MING", "li xiao ming", 0},
        {"Lǐ Xiǎomíng", "LI XIAOMING", 0},
        {"Lü Nü", "LYU NV", 0},
        {"LU NU", "LV NYU", 0},
        {"阿里•买买提", "阿里·买买提", 0},
        {"阿里·买买提", "阿里买买提", 0},
        {"Jos\xc3\xa9", "Jose\xcc\x81", 0},
        {"O'Neil", "O\xe2\x80\x99NEIL", 0},
        {"某某（上海）有限公司", "某某(上海)有限公司", 0},
        {"", "", 0},
        {"·", "", 0},
    };

    (void)state;
    check_pairs(pairs, ARRAY_LENGTH(pairs));
}

static void letters_that_differ_are_counted(void **state)
{
    static const struct pair pairs[] = {
        {"张三", "张四", 500},     {"王小明", "王晓明", 334},   {"王小明", "王明", 334},
        {"张三", "李四", 1000},    {"张三", "ZHANG SAN", 1000}, {"张三", "", 1000},
        {"买买提", "麦麦提", 667}, {"ABCD", "ABXD", 250},       {"AB CD", "CD AX", 250},
        {"V LU", "U LU", 334},     {"L VU", "L UU", 334}, /* words are read apart */
    };

    (void)state;
    check_pairs(pairs, ARRAY_LENGTH(pairs));
}

static void conflicts_are_names_of_two_persons(void **state)
{
    (void)state;
    assert_true(name_is_conflict(&arena, "张三", "李四"));
    assert_true(name_is_conflict(&arena, "张三", "张四"));
    assert_false(name_is_conflict(&arena, "王小明", "王晓明"));
    assert_false(name_is_conflict(&arena, "张三", "ZHANG SAN")); /* cannot be told */
    assert_true(name_is_conflict(&arena, "LI SI", "ZHANG SAN"));
    assert_false(name_is_conflict(&arena, "", "张三"));
    assert_false(name_is_conflict(&arena, "ABCDE", "ABCXY")); /* at the limit */
    assert_true(name_is_conflict(&arena, "ABCDEFG", "ABCDXYZ"));
}

static void long_and_broken_names_are_compared_too(void **state)
{
    static char longest[3 * 400 + 1];
    static char words[801];

    (void)state;
    for (size_t i = 0; i < 400; i++)
        memcpy(longest + 3 * i, i < NAME_DISTANCE_LETTERS ? "三" : "四", 3);
    assert_int_equal(name_distance(&arena, longest, longest), 0);
    assert_int_equal(name_distance(&arena, longest, longest + sizeof("三") - 1), 7); /* 1 of 160 */
    for (size_t i = 0; i < 400; i++)
        memcpy(words + 2 * i, "A ", 2);
    assert_int_equal(name_distance(&arena, words, words), 0);
    assert_int_equal(name_distance(&arena, words, "A"), 994);
    assert_int_equal(name_distance(&arena, "\xff\xfe", "\xff\xfe"), 0);
    assert_int_equal(name_distance(&arena, "\xe5\xbc", "A"), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_one_name_do_not_differ),
        cmocka_unit_test(letters_that_differ_are_counted),
        cmocka_unit_test(conflicts_are_names_of_two_persons),
        cmocka_unit_test(long_and_broken_names_are_compared_too),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
