/* Mapping files: what they make of rows, and that every slip in them is told with its place. */
#include "cli/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/records.h"

static struct arena arena;
static struct ctx ctx;
static char dir[] = "/tmp/cix-map-test-XXXXXX";
static char map_path[256], path[256];

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!mkdtemp(dir))
        return -1;
    snprintf(map_path, sizeof(map_path), "%s/m", dir);
    snprintf(path, sizeof(path), "%s/input", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    unlink(map_path);
    unlink(path);
    return rmdir(dir);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const struct map *read_map(const char *text)
{
    const struct map *map = NULL;

    write_file(map_path, text);
    ctx_clear(&ctx);
    return map_read(&ctx, map_path, &map) ? map : NULL;
}

/* The text of the error behind the path of the mapping file. */
static const char *error_of(const char *text)
{
    assert_null(read_map(text));
    assert_string_equal(ctx.error.reason, "MAP");
    assert_memory_equal(ctx.error.message, map_path, strlen(map_path));
    return ctx.error.message + strlen(map_path) + 2;
}

/* The rows as "name=value ", a "!column: message" for each that cannot be made, a line each. */
static const char *rows_of(const char *map_text, const char *data)
{
    static char out[8192];
    static struct records records;
    struct records_input input = {.path = path, .map = read_map(map_text)};
    Cix__V1__Record *record;
    enum records_result result;
    char *at = out;

    if (!input.map)
        fail_msg("%s", ctx.error.message);
    input.encoding = input.map->encoding;
    write_file(path, data);
    *out = '\0';
    if (!records_open(&ctx, &input, &records))
        at += sprintf(at, "%s", ctx.error.message + strlen(path) + 2);
    else
        while ((result = records_next(&ctx, &records, &record)) < RECORDS_END) {
            for (int i = 0; result == RECORDS_GOOD && i < records.fields.count; i++)
                if (records.fields.cells[i].size)
                    at += sprintf(at, "%s=%s ", input.map->fields[i].name,
                                  records.fields.cells[i].text);
            if (result == RECORDS_BAD)
                at += sprintf(at, "!%s: %s", ctx.error.field_count ? ctx.error.fields[0].field : "",
                              ctx.error.message);
            at += sprintf(at, "\n");
        }
    records_close(&records);
    return out;
}

#define MONTHS "[file]\nkind = performance\n[fields]\n"

static void columns_are_renamed_joined_and_cut(void **state)
{
    (void)state;
    assert_string_equal(rows_of(MONTHS "account_no = Branch + \"-\" + 'A+B'\n"
                                       "repay_status = Status | slice 2 1\n"
                                       "period = When | split / 2\n",
                                "Branch,A+B,Status,When\n01, 7 ,xNx,a/202401/b\n,,,a\n"),
                        "account_no=01-7 repay_status=N period=202401 \n\n");
}

static void texts_and_defaults_fill_in(void **state)
{
    (void)state;
    assert_string_equal(rows_of(MONTHS "five_category = \"1\"\n"
                                       "repay_status = S | empty - NULL | default N\n"
                                       "account_no = A\n",
                                "A,S\n1,C\n2,\n3,-\n4,NULL\n"),
                        "five_category=1 repay_status=C account_no=1 \n"
                        "five_category=1 repay_status=N account_no=2 \n"
                        "five_category=1 repay_status=N account_no=3 \n"
                        "five_category=1 repay_status=N account_no=4 \n");
}

static void codes_are_translated(void **state)
{
    (void)state;
    assert_string_equal(rows_of(MONTHS "repay_status = S | code st\n"
                                       "[code st]\nN = 正常, \"a,b\"\n1 = 逾期\n"
                                       "N = 0\n",
                                "S\n正常\n\"a,b\"\n0\n逾期\n坏\n"),
                        "repay_status=N \nrepay_status=N \nrepay_status=N \nrepay_status=1 \n"
                        "!S: expected a code of [code st]\n");
    assert_string_equal(rows_of(MONTHS "repay_status = S | code st\n"
                                       "[code st]\nN = 0\n* = 1\n",
                                "S\n0\n"),
                        "repay_status=N \n");
    assert_string_equal(rows_of(MONTHS "repay_status = S | code st\n"
                                       "[code st]\nN = 0\n1 = *\n",
                                "S\n0\n9\n"),
                        "repay_status=N \nrepay_status=1 \n");
}

static void amounts_become_minor_units(void **state)
{
    (void)state;
    assert_string_equal(rows_of(MONTHS "balance = A | amount yuan\n"
                                       "due_amount = A | amount 10k-yuan\n"
                                       "paid_amount = A | amount minor\n"
                                       "used_limit = A | amount major JPY\n"
                                       "overdue_amount = A | amount thousand KWD\n",
                                "A\n\"1,234\"\n"),
                        "balance=123400 due_amount=1234000000 paid_amount=1234 used_limit=1234 "
                        "overdue_amount=1234000000 \n");
    assert_string_equal(rows_of(MONTHS "balance = A | amount yuan decimal-comma\n",
                                "A\n\"1.234,5\"\n\"0,001\"\n\"1,234.5\"\n"),
                        "balance=123450 \n!A: more than 2 decimals\n"
                        "!A: expected a number, decimals behind \",\"\n");
}

static void days_and_months_are_read(void **state)
{
    (void)state;
    assert_string_equal(rows_of(MONTHS "paid_on = D | date DD.MM.YYYY\n"
                                       "period = D | month DD.MM.YYYY\n"
                                       "reported_on = E | date \"YYYY-MM-DD *\"\n",
                                "D,E\n31.01.2024,2024-02-01 10:00\n30.02.2024,\n"),
                        "paid_on=20240131 period=202401 reported_on=20240201 \n"
                        "!D: expected a real day as DD.MM.YYYY\n");
}

/* "RESIDENT_ID" alone is no identifier; a record of constants alone may have one. */
static void a_text_alone_makes_no_identifier(void **state)
{
    static const char map[] = "[file]\nkind = subject\n[fields]\nname = N\n"
                              "identifiers_1_type = \"RESIDENT_ID\"\nidentifiers_1_value = I\n"
                              "identifiers_2_type = T | default PASSPORT\n"
                              "identifiers_2_value = P\nsex = \"9\"\n";

    (void)state;
    assert_string_equal(rows_of(map, "N,I,T,P\na,99,,\nb,,,E1\nc,,TAX_NO,\n"),
                        "name=a identifiers_1_type=RESIDENT_ID identifiers_1_value=99 sex=9 \n"
                        "name=b identifiers_2_type=PASSPORT identifiers_2_value=E1 sex=9 \n"
                        "name=c identifiers_2_type=TAX_NO sex=9 \n");
    assert_string_equal(rows_of("[file]\nkind = account\n[fields]\naccount_no = A\n"
                                "identifier_type = \"USCC\"\nidentifier_value = \"X\"\n",
                                "A\n1\n"),
                        "account_no=1 identifier_type=USCC identifier_value=X \n");
}

static void other_forms_of_csv_are_read(void **state)
{
    (void)state;
    assert_string_equal(rows_of("[file]\nkind = performance\ndelimiter = tab\nquote = none\n"
                                "headings = no\nignore = 3\n[fields]\n"
                                "account_no = 2\nrepay_status = 1\n",
                                "N\ta\"b\tx\nC\tc\tx\n"),
                        "account_no=a\"b repay_status=N \naccount_no=c repay_status=C \n");
    assert_string_equal(
        rows_of("[file]\nkind = performance\ndelimiter = semicolon\nothers = ignore\n"
                "[fields]\naccount_no = A\n",
                "A;B\n\"1;2\";3\n"),
        "account_no=1;2 \n");
    assert_string_equal(rows_of("[file]\nkind = performance\nheadings = no\n[fields]\n"
                                "account_no = 2\nrepay_status = 1\n",
                                "1,2,cix_line,cix_reason\nN,a,1,x\n"),
                        "account_no=a repay_status=N \n");
}

static void a_file_that_does_not_fit_is_told(void **state)
{
    static const char map[] = MONTHS "account_no = 合同号\n";
    char expected[512];

    (void)state;
    snprintf(expected, sizeof(expected),
             "%s: line 4, column 14: the file has no column 合同号, perhaps 合同", map_path);
    assert_string_equal(rows_of(map, "合同,x\n1,2\n"), expected);
    snprintf(expected, sizeof(expected),
             "%s: line 4, column 14: the file has twice the column 合同号", map_path);
    assert_string_equal(rows_of(map, "合同号,合同号\n1,2\n"), expected);
    assert_non_null(strstr(rows_of(map, "合同号,余额\n1,2\n"), "column 余额 of the file is named"));
    assert_string_equal(rows_of(map, "合同号\n1,2\n"),
                        "!: expected 1 cells, as in the first row, not 2\n");
}

static void values_are_bounded(void **state)
{
    (void)state;
    assert_non_null(strstr(rows_of(MONTHS "account_no = A | replace a aaaaaaaaaaaaaaaa"
                                          " | replace a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                          " | replace a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
                                   "A\naaaa\n"),
                           "!A: the value has more than 4096 bytes"));
}

static void slips_are_told_with_their_place(void **state)
{
    static const struct {
        const char *map, *error;
    } rows[] = {
        {"x = 1\n", "line 1: expected a section [file], [fields] or [code NAME]"},
        {"[file]\nkind performance\n", "line 2: expected [SECTION] or NAME = VALUE"},
        {"[file]\nkind = loan\n", "line 2, column 8: no such kind of record"},
        {"[file]\nencodng = utf-8\n", "line 2: [file] has no encodng, perhaps encoding"},
        {"[file]\nencoding = latin1\n", "line 2, column 12: expected utf-8 or gb18030"},
        {"[file]\ndelimiter =\n",
         "line 2, column 12: expected something behind \"=\"; \";\" begins a comment"},
        {"[file]\n  quote = single\n", "line 2, column 11: expected double or none"},
        {"[fields]\naccount_no = a\n", "line 2: the file ends, and [file] has no kind"},
        {"[file]\nkind = account\n", "line 2: the file ends, and [fields] is empty"},
        {MONTHS "account_no = a\naccount_no = b\n", "line 5: the field is made in an earlier line"},
        {MONTHS "acount_no = a\n",
         "line 4, column 1: acount_no: no such column in a file of Performance records, perhaps "
         "account_no"},
        {MONTHS "account_no = \"a\n", "line 4, column 14: the quote is not closed"},
        {MONTHS "account_no = 号 + \"a\"b\n",
         "line 4, column 21: expected a space behind the quote"},
        {MONTHS "account_no = a +\n", "line 4, column 17: expected a column or a text in quotes"},
        {MONTHS "account_no = a \"b\"\n",
         "line 4, column 16: expected \"+\" or \"|\" before a quote"},
        {MONTHS "account_no = a | upper | uper\n",
         "line 4, column 26: no such step, perhaps upper"},
        {MONTHS "account_no = a | slice 0 1\n",
         "line 4, column 24: expected a number from 1 to 4096"},
        {MONTHS "account_no = a | slice 1\n", "line 4, column 24: expected slice FIRST COUNT"},
        {MONTHS "paid_on = a | date YY-MM-DD\n",
         "line 4, column 20: expected a pattern of YYYY, MM or M, and DD or D"},
        {MONTHS "paid_on = a | date YYYY-MM\n",
         "line 4, column 20: the pattern of a day needs DD or D"},
        {MONTHS "balance = a | amount yuan XXX\n",
         "line 4, column 22: the currency is not one of ISO 4217 with a minor unit"},
        {MONTHS "balance = a | amount dozen\n", "line 4, column 22: expected a unit: yuan, fen, "},
        {MONTHS "balance = a | rate dozen\n", "line 4, column 20: expected percent, "},
        {MONTHS "balance = a | split \"\" 1\n", "line 4, column 21: the text to look for is empty"},
        {MONTHS "repay_status = a | code st\n", "line 4, column 20: there is no section [code st]"},
        {MONTHS "repay_status = a\n[code st]\nN = 1\nC = 2, 1\n",
         "line 7: an own code stands twice in the table"},
        {MONTHS "account_no = a + b + c + d + e + f + g + h + i\n",
         "line 4, column 46: at most 8 columns and texts make a field"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *error = error_of(rows[i].map);
        if (strncmp(error, rows[i].error, strlen(rows[i].error)) != 0)
            fail_msg("row %zu: %s", i, error);
    }
}

static void lines_and_codes_are_bounded(void **state)
{
    char *text = malloc(512 * 1024), *at = text;

    (void)state;
    at += sprintf(at, "[file]\nkind = %0300d\n", 1);
    assert_string_equal(error_of(text), "line 2: longer than 198 bytes, or a NUL byte in it");
    at = text + sprintf(text, MONTHS "repay_status = a | code st\n[code st]\n");
    for (int i = 0; i <= MAP_CODE_MAX; i += 20) {
        at += sprintf(at, "N = x%d", i);
        for (int j = 1; j < 20; j++)
            at += sprintf(at, ",x%d", i + j);
        at += sprintf(at, "\n");
    }
    assert_non_null(strstr(error_of(text), "more than 8192 codes"));
    memset(text, '\n', MAP_LINES_MAX + 1);
    text[MAP_LINES_MAX + 1] = '\0';
    assert_non_null(strstr(error_of(text), "at most 8192 lines"));
    assert_string_equal(error_of("[file]\nkind = \xFF\n"), "line 2: not UTF-8");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_renamed_joined_and_cut),
        cmocka_unit_test(texts_and_defaults_fill_in),
        cmocka_unit_test(codes_are_translated),
        cmocka_unit_test(amounts_become_minor_units),
        cmocka_unit_test(days_and_months_are_read),
        cmocka_unit_test(a_text_alone_makes_no_identifier),
        cmocka_unit_test(other_forms_of_csv_are_read),
        cmocka_unit_test(a_file_that_does_not_fit_is_told),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(slips_are_told_with_their_place),
        cmocka_unit_test(lines_and_codes_are_bounded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
