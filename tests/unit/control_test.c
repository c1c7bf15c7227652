/*
 * Goal: the control totals of a file are what submission.proto says, whoever computes them.
 * Method: records of every kind with and without their amount, against sums made by hand.
 */
#include "wire/control.h"

#include <string.h>

#include "support/cmocka.h"

/* A record of a kind around a message that lives on. */
#define RECORD(kind_, KIND, value)                                                                 \
    (Cix__V1__Record)                                                                              \
    {                                                                                              \
        .base = PROTOBUF_C_MESSAGE_INIT(&cix__v1__record__descriptor),                             \
        .record_case = CIX__V1__RECORD__RECORD_##KIND, .kind_ = (value)                            \
    }

static struct control control;

static void take(const Cix__V1__Record *record)
{
    control_add(&control, record);
}

static int64_t sum_of(const char *currency)
{
    for (int i = 0; i < control.count; i++) {
        if (!strcmp(control.items[i].currency, currency))
            return control.items[i].amount;
    }
    return 0;
}

static int begin(void **state)
{
    (void)state;
    control = (struct control){.count = 0};
    return 0;
}

static void take_account(const char *currency, int64_t original, int64_t limit)
{
    Cix__V1__Account account = CIX__V1__ACCOUNT__INIT;

    account.currency = (char *)currency;
    if (original >= 0) {
        account.original_amount_presence_case =
            CIX__V1__ACCOUNT__ORIGINAL_AMOUNT_PRESENCE_ORIGINAL_AMOUNT;
        account.original_amount = original;
    }
    if (limit >= 0) {
        account.credit_limit_presence_case = CIX__V1__ACCOUNT__CREDIT_LIMIT_PRESENCE_CREDIT_LIMIT;
        account.credit_limit = limit;
    }
    take(&RECORD(account, ACCOUNT, &account));
}

static void take_month(int64_t balance)
{
    Cix__V1__Performance month = CIX__V1__PERFORMANCE__INIT;

    month.balance_presence_case = CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE;
    month.balance = balance;
    take(&RECORD(performance, PERFORMANCE, &month));
}

static void an_account_counts_by_its_amount_or_else_its_limit(void **state)
{
    (void)state;
    take_account("CNY", 100, 7);
    take_account("CNY", -1, 20);
    take_account("USD", 3, -1);
    take_account("USD", -1, -1);
    assert_int_equal(control.records, 4);
    assert_int_equal(control.count, 2);
    assert_int_equal(sum_of("CNY"), 120);
    assert_int_equal(sum_of("USD"), 3);
}

static void what_names_no_currency_is_summed_apart(void **state)
{
    Cix__V1__Performance empty = CIX__V1__PERFORMANCE__INIT;
    Cix__V1__AccountEvent event = CIX__V1__ACCOUNT_EVENT__INIT;
    Cix__V1__Collection collection = CIX__V1__COLLECTION__INIT;
    Cix__V1__Party party = CIX__V1__PARTY__INIT;

    (void)state;
    event.amount_presence_case = CIX__V1__ACCOUNT_EVENT__AMOUNT_PRESENCE_AMOUNT;
    event.amount = 1000;
    collection.demanded_amount_presence_case =
        CIX__V1__COLLECTION__DEMANDED_AMOUNT_PRESENCE_DEMANDED_AMOUNT;
    collection.demanded_amount = 20000;
    party.liability_amount_presence_case =
        CIX__V1__PARTY__LIABILITY_AMOUNT_PRESENCE_LIABILITY_AMOUNT;
    party.liability_amount = 300000;
    take_month(5);
    take_month(-7);
    take(&RECORD(performance, PERFORMANCE, &empty));
    take(&RECORD(account_event, ACCOUNT_EVENT, &event));
    take(&RECORD(collection, COLLECTION, &collection));
    take(&RECORD(party, PARTY, &party));
    take_account("cny", 1, -1);
    take_account("far too long for a currency", 1, -1);
    assert_int_equal(control.count, 1);
    assert_int_equal(sum_of("XXX"), 321000);
    assert_int_equal(control.records, 8);
}

static void facts_count_by_the_field_of_their_kind(void **state)
{
    Cix__V1__Subject subject = CIX__V1__SUBJECT__INIT;
    Cix__V1__PublicRecord judgment = CIX__V1__PUBLIC_RECORD__INIT;
    Cix__V1__FraudCase fraud = CIX__V1__FRAUD_CASE__INIT;
    Cix__V1__Behaviour behaviour = CIX__V1__BEHAVIOUR__INIT;
    Cix__V1__Statement statement = CIX__V1__STATEMENT__INIT;
    Cix__V1__FundReport fund = CIX__V1__FUND_REPORT__INIT;

    (void)state;
    subject.registered_capital_presence_case =
        CIX__V1__SUBJECT__REGISTERED_CAPITAL_PRESENCE_REGISTERED_CAPITAL;
    subject.registered_capital = 1;
    subject.capital_currency = (char *)"JPY";
    judgment.amount_presence_case = CIX__V1__PUBLIC_RECORD__AMOUNT_PRESENCE_AMOUNT;
    judgment.amount = 20;
    judgment.currency = (char *)"EUR";
    fraud.amount_at_risk_presence_case =
        CIX__V1__FRAUD_CASE__AMOUNT_AT_RISK_PRESENCE_AMOUNT_AT_RISK;
    fraud.amount_at_risk = 300;
    fraud.loss_amount = 7;
    fraud.currency = (char *)"EUR";
    behaviour.transaction_amount = 4000;
    behaviour.currency = (char *)"EUR";
    statement.annual_income_presence_case =
        CIX__V1__STATEMENT__ANNUAL_INCOME_PRESENCE_ANNUAL_INCOME;
    statement.annual_income = 50000;
    statement.currency = (char *)"EUR";
    fund.client_liability_presence_case =
        CIX__V1__FUND_REPORT__CLIENT_LIABILITY_PRESENCE_CLIENT_LIABILITY;
    fund.client_liability = 600000;
    fund.currency = (char *)"EUR";
    take(&RECORD(subject, SUBJECT, &subject));
    take(&RECORD(public_record, PUBLIC_RECORD, &judgment));
    take(&RECORD(fraud_case, FRAUD_CASE, &fraud));
    take(&RECORD(behaviour, BEHAVIOUR, &behaviour));
    take(&RECORD(statement, STATEMENT, &statement));
    take(&RECORD(fund_report, FUND_REPORT, &fund));
    assert_int_equal(sum_of("JPY"), 1);
    assert_int_equal(sum_of("EUR"), 654320);
    assert_string_equal(control.items[0].currency, "EUR");
}

static void the_rest_counts_without_an_amount(void **state)
{
    Cix__V1__Consent consent = CIX__V1__CONSENT__INIT;
    Cix__V1__Flag flag = CIX__V1__FLAG__INIT;
    Cix__V1__Record nothing = CIX__V1__RECORD__INIT;

    (void)state;
    take(&RECORD(consent, CONSENT, &consent));
    take(&RECORD(flag, FLAG, &flag));
    take(&nothing);
    assert_int_equal(control.records, 3);
    assert_int_equal(control.count, 0);
}

static void sums_go_round_instead_of_over(void **state)
{
    (void)state;
    take_month(INT64_MAX);
    take_month(2);
    assert_int_equal(sum_of("XXX"), INT64_MIN + 1);
    take_month(INT64_MIN);
    assert_int_equal(sum_of("XXX"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_account_counts_by_its_amount_or_else_its_limit, begin),
        cmocka_unit_test_setup(what_names_no_currency_is_summed_apart, begin),
        cmocka_unit_test_setup(facts_count_by_the_field_of_their_kind, begin),
        cmocka_unit_test_setup(the_rest_counts_without_an_amount, begin),
        cmocka_unit_test_setup(sums_go_round_instead_of_over, begin),
    };

    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
