/* Records judged without the exchange: the rules, the account of a month, keys that come twice. */
#include "cli/judge.h"

#include <stdio.h>
#include <string.h>

#include "support/cmocka.h"
#include "support/contribution.h"

static struct contribution made;
static struct judge judge;
static struct judge_finding findings[JUDGE_FINDING_MAX];

static int begin(void **state)
{
    (void)state;
    contribution_init(&made);
    judge_init(&judge, day_of_civil(2026, 2, 10), RULE_HISTORY_MONTHS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    judge_done(&judge);
    contribution_done(&made);
    return 0;
}

/* Judges the latest record; "M014 REPEATED " without the remark on the made region (S006). */
static const char *rules_of_latest(void)
{
    static char rules[256];
    int count = judge_record(&judge, &made.arena, made.records[made.count - 1], findings);

    *rules = '\0';
    for (int i = 0; i < count; i++)
        if (strcmp(findings[i].rule, "S006") != 0)
            snprintf(rules + strlen(rules), sizeof(rules) - strlen(rules), "%s ", findings[i].rule);
    return rules;
}

static void good_records_are_taken(void **state)
{
    (void)state;
    contribution_subject(&made, 1);
    assert_string_equal(rules_of_latest(), "");
    contribution_account(&made, 1, 0);
    assert_string_equal(rules_of_latest(), "");
    contribution_month(&made, 1, 0, 202601, 9000000);
    assert_string_equal(rules_of_latest(), "");
    assert_int_equal(judge.accepted, 3);
    assert_int_equal(judge.warned, 2); /* S006 of subject and account */
    assert_null(judge.file_rule);
}

static void broken_rules_name_their_field(void **state)
{
    (void)state;
    contribution_month(&made, 1, 0, 202601, 9000000)->repay_status = (char *)"Q";
    assert_string_equal(rules_of_latest(), "E001 ");
    assert_string_equal(findings[0].field, "performance.repay_status");
    assert_int_equal(judge.rejected, 1);
    contribution_month(&made, 1, 0, 202701, 9000000);
    assert_non_null(strstr(rules_of_latest(), "F002"));
    assert_string_equal(judge.file_rule->id, "F002");
    made.records[made.count++] = arena_alloc(&made.arena, sizeof(Cix__V1__Record));
    cix__v1__record__init(made.records[made.count - 1]);
    assert_string_equal(rules_of_latest(), "E004 ");
}

/* The loan is of 100,000.00, opened 2024-01-15. */
static void a_month_is_held_against_its_account(void **state)
{
    (void)state;
    contribution_month(&made, 1, 0, 202601, 12000000);
    assert_string_equal(rules_of_latest(), "");
    contribution_account(&made, 1, 0);
    rules_of_latest();
    contribution_month(&made, 1, 0, 202512, 12000000);
    assert_non_null(strstr(rules_of_latest(), "M014"));
    contribution_month(&made, 1, 0, 202312, 9000000);
    assert_non_null(strstr(rules_of_latest(), "M001"));
}

static void a_refused_account_is_not_remembered(void **state)
{
    (void)state;
    contribution_account(&made, 1, 0)->currency = "XXX";
    assert_string_equal(rules_of_latest(), "A003 ");
    contribution_month(&made, 1, 0, 202601, 12000000);
    assert_string_equal(rules_of_latest(), "");
}

static void a_key_that_came_before_is_remarked(void **state)
{
    (void)state;
    contribution_month(&made, 1, 0, 202601, 1);
    assert_string_equal(rules_of_latest(), "");
    contribution_month(&made, 1, 0, 202601, 2);
    assert_string_equal(rules_of_latest(), "REPEATED ");
    assert_int_equal(judge.accepted, 2);
    contribution_month(&made, 1, 1, 202601, 2);
    assert_string_equal(rules_of_latest(), "");
    contribution_account(&made, 1, 0);
    assert_string_equal(rules_of_latest(), "");
    contribution_account(&made, 1, 0);
    assert_string_equal(rules_of_latest(), "REPEATED ");
    contribution_subject(&made, 1);
    rules_of_latest();
    contribution_subject(&made, 1);
    assert_string_equal(rules_of_latest(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_records_are_taken, begin, end),
        cmocka_unit_test_setup_teardown(broken_rules_name_their_field, begin, end),
        cmocka_unit_test_setup_teardown(a_month_is_held_against_its_account, begin, end),
        cmocka_unit_test_setup_teardown(a_refused_account_is_not_remembered, begin, end),
        cmocka_unit_test_setup_teardown(a_key_that_came_before_is_remarked, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
