/*
 * Goal: `cix rules` shows the table of the rules that cixd applies, whole, in three forms, and `cix
 * codes --offline` the lists that they know codes by.
 * Method: the built cix as a process, without an exchange; its output against the tables.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "domain/code_list.h"
#include "domain/rule.h"
#include "support/shell.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 4 * 1024 * 1024 };

static char output[OUTPUT_MAX];

static int cix(const char *words)
{
    return shell_cix(words, output, sizeof(output));
}

static void json_holds_every_rule(void **state)
{
    json_t *list;

    (void)state;
    assert_int_equal(cix("rules --output json"), 0);
    list = json_loads(output, 0, NULL);
    assert_int_equal(json_array_size(list), rule_count);
    for (size_t i = 0; i < rule_count; i++) {
        json_t *rule = json_array_get(list, i);
        assert_string_equal(json_string_value(json_object_get(rule, "id")), rule_table[i].id);
        assert_string_equal(json_string_value(json_object_get(rule, "sentence")),
                            rule_table[i].sentence);
        assert_string_equal(json_string_value(json_object_get(rule, "source")),
                            rule_table[i].source);
        assert_int_equal(json_string_value(json_object_get(rule, "severity"))[0],
                         severity_letter(rule_table[i].severity)[0]);
    }
    json_decref(list);
}

static void csv_can_be_read_back(void **state)
{
    struct csv_reader reader;
    size_t count = 0;

    (void)state;
    assert_int_equal(cix("rules --output csv"), 0);
    FILE *file = fmemopen(output, strlen(output), "r");
    csv_init(&reader, csv_from_file, file);
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_string_equal(reader.row.cells[0].text, "id");
    for (; csv_read(&reader) == CSV_ROW; count++) {
        assert_int_equal(reader.row.count, 7);
        assert_string_equal(reader.row.cells[0].text, rule_table[count].id);
        assert_string_equal(reader.row.cells[5].text, rule_table[count].sentence);
    }
    assert_int_equal(count, rule_count);
    csv_done(&reader);
    fclose(file);
}

static void one_rule_is_shown_with_its_sentence(void **state)
{
    (void)state;
    assert_int_equal(cix("rules m008"), 0);
    assert_non_null(strstr(output, "M008"));
    assert_non_null(strstr(output, rule_find("M008")->sentence));
    assert_non_null(strstr(output, "severity    REJECT"));
    assert_null(strstr(output, "M009"));
}

static void rules_of_one_kind_are_shown(void **state)
{
    (void)state;
    assert_int_equal(cix("rules --kind consent"), 0);
    assert_non_null(strstr(output, "C001"));
    assert_null(strstr(output, "M008"));
}

static void lists_of_codes_are_shown_without_an_exchange(void **state)
{
    const struct code_list *regions = code_list_find("region");
    json_t *page;

    (void)state;
    assert_int_equal(cix("codes --offline --output json region"), 0);
    page = json_loads(output, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(page, "codes")), code_list_size(regions));
    assert_int_equal(json_array_size(json_object_get(page, "lists")), 1);
    json_decref(page);
    assert_int_equal(cix("codes --offline --on 2010-06-30 currency"), 0);
    assert_non_null(strstr(output, "HRK"));
    assert_int_equal(cix("codes --offline --on 2026-06-30 currency"), 0);
    assert_null(strstr(output, "HRK")); /* Croatia's, until 2022 */
    assert_non_null(strstr(output, "CNY"));
}

static void wrong_words_are_told(void **state)
{
    (void)state;
    assert_int_equal(cix("rules X999"), 2);
    assert_non_null(strstr(output, "no rule X999"));
    assert_int_equal(cix("rules --kind loan"), 2);
    assert_int_equal(cix("rules --output xml"), 2);
    assert_int_equal(cix("codes --offline no_list"), 2);
    assert_non_null(strstr(output, "no list of codes has this name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_every_rule),
        cmocka_unit_test(csv_can_be_read_back),
        cmocka_unit_test(one_rule_is_shown_with_its_sentence),
        cmocka_unit_test(rules_of_one_kind_are_shown),
        cmocka_unit_test(lists_of_codes_are_shown_without_an_exchange),
        cmocka_unit_test(wrong_words_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
