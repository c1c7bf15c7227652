/*
 * Goal: every code table of the vocabulary is served, each code once, with the days of its
 * validity. Method: code.h is read for its tables; the lists are walked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/code.h"
#include "domain/code_list.h"
#include "support/cmocka.h"

static struct day day_of(int32_t wire)
{
    struct day day;

    assert_true(day_from_wire(wire, &day));
    return day;
}

/* "code_account_types" is served as "account_type", "code_subject_statuses" as "subject_status". */
static bool is_served(const char *table)
{
    for (size_t i = 0; i < code_list_count; i++) {
        size_t size = strlen(code_lists[i].name);
        const char *rest = table + size;
        if (!strncmp(table, code_lists[i].name, size) &&
            (!strcmp(rest, "s") || !strcmp(rest, "es")))
            return true;
        if (!strncmp(table, code_lists[i].name, size - 1) && !strcmp(table + size - 1, "ies"))
            return true; /* "category" */
    }
    return false;
}

static void every_table_of_the_vocabulary_is_served(void **state)
{
    FILE *file = fopen(CIX_SOURCE_DIR "/core/domain/code.h", "r");
    char line[256], table[64];
    int tables = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "extern const struct code_table code_%63[a-z_];", table) != 1)
            continue;
        tables++;
        if (!is_served(table))
            fail_msg("code_%s is not in code_lists", table);
    }
    fclose(file);
    assert_true(tables >= 18);
}

static int compare_words(const void *first, const void *second)
{
    const struct code_word *a = first, *b = second;
    int order = strcmp(a->code, b->code);

    return order ? order : (a->valid_from > b->valid_from) - (a->valid_from < b->valid_from);
}

/* Every code of a list is there once for each time in force. Returns how often one was there again.
 */
static size_t check_words(const struct code_list *list)
{
    static struct code_word words[10000];
    size_t size = code_list_size(list), again = 0;

    assert_in_range(size, 1, ARRAY_LENGTH(words));
    for (size_t i = 0; i < size; i++) {
        code_list_word(list, i, &words[i]);
        assert_true(*words[i].code);
    }
    qsort(words, size, sizeof(*words), compare_words);
    for (size_t i = 1; i < size; i++) {
        if (strcmp(words[i - 1].code, words[i].code))
            continue;
        again++;
        assert_true(words[i - 1].valid_until > 0);
        assert_true(words[i - 1].valid_until < words[i].valid_from);
    }
    return again;
}

static void lists_are_sorted_and_their_codes_different(void **state)
{
    (void)state;
    for (size_t i = 0; i < code_list_count; i++) {
        size_t again = check_words(&code_lists[i]);
        if (i > 0)
            assert_true(strcmp(code_lists[i - 1].name, code_lists[i].name) < 0);
        assert_int_equal(again > 0, !strcmp(code_lists[i].name, "region"));
    }
}

/* Rules A002 and M032 as a member reads them: exactly the pairs that the rules take. */
static void types_are_served_with_what_they_may_have(void **state)
{
    const struct code_list *products = code_list_find("account_product");
    const struct code_list *statuses = code_list_find("account_status");
    struct code_word word;
    size_t pairs = 0;

    (void)state;
    for (size_t i = 0; i < code_list_size(statuses); i++) {
        char type[CODE_TEXT_MAX];
        int status;
        code_list_word(statuses, i, &word);
        assert_int_equal(sscanf(word.code, "%11[A-Z0-9]-%d", type, &status), 2);
        assert_true(code_account_status_is_allowed(
            (enum account_type)code_find_name(&code_account_types, type)->number, status));
    }
    for (size_t t = 0; t < code_account_types.count; t++)
        for (const struct letter_code *row = code_products; row->code; row++)
            pairs += code_product_is_allowed(row->code,
                                             (enum account_type)code_account_types.codes[t].number);
    assert_int_equal(code_list_size(products), pairs);
    code_list_word(statuses, 0, &word);
    assert_string_equal(word.code, "D1-1");
    assert_string_equal(word.label, "normal");
}

static void bits_are_served_as_the_numbers_of_the_wire(void **state)
{
    struct code_word word;

    (void)state;
    code_list_word(code_list_find("data_class"), 1, &word);
    assert_string_equal(word.code, "2");
    assert_string_equal(word.name, "CREDIT");
}

static void a_code_is_valid_in_its_days_alone(void **state)
{
    (void)state;
    assert_true(code_is_valid_on("currency", "CNY", day_of(19900101)));
    assert_true(code_is_valid_on("currency", "HRK", day_of(20221231)));
    assert_false(code_is_valid_on("currency", "HRK", day_of(20230101)));
    assert_false(code_is_valid_on("currency", "XCG", day_of(20250330)));
    assert_true(code_is_valid_on("currency", "XCG", day_of(20250331)));
    assert_false(code_is_valid_on("currency", "XXX", day_of(20250331)));
    assert_true(code_is_valid_on("product", "P1", day_of(20150101)));
    assert_null(code_list_find("nothing"));
}

static void the_long_lists_have_their_days_and_names(void **state)
{
    const struct code_list *regions = code_list_find("region");
    const struct code_list *industries = code_list_find("industry");
    struct code_word word;

    (void)state;
    code_list_word(regions, 0, &word);
    assert_string_equal(word.code, "110000");
    assert_string_equal(word.label, "北京市");
    assert_int_equal(word.valid_from, 0);
    assert_int_equal(word.valid_until, 0);
    code_list_word(regions, 4, &word);
    assert_string_equal(word.code, "110103");
    assert_int_equal(word.valid_until, 20101231);
    assert_true(code_is_valid_on("region", "110103", day_of(20101231)));
    assert_false(code_is_valid_on("region", "110103", day_of(20110101)));
    assert_false(code_is_valid_on("region", "110111", day_of(19851231)));
    assert_true(code_is_valid_on("region", "421024", day_of(19950701))); /* and from 1998 again */
    assert_false(code_is_valid_on("region", "421024", day_of(19970701)));
    assert_true(code_is_valid_on("region", "421024", day_of(20260701)));
    code_list_word(industries, 1, &word);
    assert_string_equal(word.code, "A01");
    assert_string_equal(word.label, "agriculture");
    assert_int_equal(word.valid_from, 20171001);
    code_list_word(industries, code_list_size(industries) - 1, &word);
    assert_string_equal(word.code, "T9700");
    assert_string_equal(word.label, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_of_the_vocabulary_is_served),
        cmocka_unit_test(lists_are_sorted_and_their_codes_different),
        cmocka_unit_test(types_are_served_with_what_they_may_have),
        cmocka_unit_test(bits_are_served_as_the_numbers_of_the_wire),
        cmocka_unit_test(a_code_is_valid_in_its_days_alone),
        cmocka_unit_test(the_long_lists_have_their_days_and_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
