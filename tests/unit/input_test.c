/* The files of a command line: kinds by their names. (Order and maps: tests/feature.) */
#include "cli/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void kinds_are_found_by_name(void **state)
{
    static const struct {
        const char *path, *kind;
    } rows[] = {
        {"accounts.csv", "account"},
        {"account.csv", "account"},
        {"dir.account/performance-2024-01.csv.gz", "performance"},
        {"/x/PERFORMANCE_202401.CSV", "performance"},
        {"consents2.csv", "consent"},
        {"parties.csv", "party"},
        {"account_events.csv", "account_event"},
        {"account-events.csv", "account_event"},
        {"member-grades.csv", "member_grade"},
        {"accountants.csv", NULL},
        {"origin.csv", NULL},
        {"correction.csv", NULL},
        {"my_accounts.csv", NULL},
        {".csv", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *kind = input_kind_of(rows[i].path);
        if (rows[i].kind)
            assert_string_equal(kind ? kind : "none", rows[i].kind);
        else
            assert_null(kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
