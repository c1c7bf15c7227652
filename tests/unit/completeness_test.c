/*
 * Goal: fields that may be absent are counted as due and, where they are there, as given.
 * Method: records with none, some and all of the fields that count.
 */
#include "wire/completeness.h"

#include "support/cmocka.h"

static struct completeness count(Cix__V1__Record__RecordCase kind, void *message)
{
    Cix__V1__Record record = CIX__V1__RECORD__INIT;
    struct completeness completeness = {0, 0};

    record.record_case = kind;
    record.consent = message; /* all kinds share this place */
    completeness_add(&completeness, &record);
    return completeness;
}

static void a_month_counts_what_it_gives(void **state)
{
    Cix__V1__Performance month = CIX__V1__PERFORMANCE__INIT;

    (void)state;
    assert_int_equal(count(CIX__V1__RECORD__RECORD_PERFORMANCE, &month).due, 8);
    assert_int_equal(count(CIX__V1__RECORD__RECORD_PERFORMANCE, &month).given, 0);
    month.balance_presence_case =
        CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE; /* zero is given */
    month.five_category = 1;
    assert_int_equal(count(CIX__V1__RECORD__RECORD_PERFORMANCE, &month).given, 2);
}

static void texts_and_lists_count_when_not_empty(void **state)
{
    Cix__V1__Subject subject = CIX__V1__SUBJECT__INIT;
    char *mobiles[] = {(char *)"13900000000"};

    (void)state;
    subject.region = (char *)"990000";
    subject.mobiles = mobiles;
    subject.n_mobiles = 1;
    assert_int_equal(count(CIX__V1__RECORD__RECORD_SUBJECT, &subject).due, 6);
    assert_int_equal(count(CIX__V1__RECORD__RECORD_SUBJECT, &subject).given, 2);
}

static void other_kinds_do_not_count(void **state)
{
    Cix__V1__Consent consent = CIX__V1__CONSENT__INIT;

    (void)state;
    assert_int_equal(count(CIX__V1__RECORD__RECORD_CONSENT, &consent).due, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_counts_what_it_gives),
        cmocka_unit_test(texts_and_lists_count_when_not_empty),
        cmocka_unit_test(other_kinds_do_not_count),
    };

    return cmocka_run_group_tests_name("completeness", tests, NULL, NULL);
}
