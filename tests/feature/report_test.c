/*
 * Goal: a lender gets what all members know of a subject, for a permitted purpose, and nothing else
 * gets anything; every question leaves its trace.
 * Method: a whole exchange, subjects put into its database, libcix over mTLS.
 */
#include <stdio.h>
#include <string.h>

#include "support/dossier.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank;
static struct cix_client *lender; /* without any account */
static struct cix_client *court;
static struct person known, unknown;
static int64_t subject_id;
static char consent_id[37];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "lender-one", MEMBER_TYPE_P2P);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    person_make(1, &known);
    person_make(2, &unknown);
    subject_id = dossier_subject(&dossier, &known, "bank-one");
    dossier_name(&dossier, subject_id, &known, "bank-two");
    dossier_account(&dossier, &(struct dossier_account){subject_id, "bank-one", 202609, "N1 2N4N",
                                                        12345, false});
    dossier_account(&dossier,
                    &(struct dossier_account){subject_id, "bank-two", 202512, "NN", -50, true});
    dossier_consent(&dossier, &known, "bank-one", consent_id);
    bank = exchange_client(&exchange, "bank-one");
    lender = exchange_client(&exchange, "lender-one");
    court = exchange_client(&exchange, "court-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(lender);
    cix_close(court);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

/* A question with all its parts; the texts belong to the person. */
struct asked {
    Cix__V1__Identifier identifier;
    Cix__V1__ReportInquiry inquiry;
    Cix__V1__GetReportRequest request;
};

static void ask(struct asked *asked, struct person *person, Cix__V1__Purpose purpose)
{
    cix__v1__identifier__init(&asked->identifier);
    cix__v1__report_inquiry__init(&asked->inquiry);
    cix__v1__get_report_request__init(&asked->request);
    asked->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    asked->identifier.value = person->number;
    asked->inquiry.identifier = &asked->identifier;
    asked->inquiry.name = person->name;
    asked->inquiry.purpose = purpose;
    asked->inquiry.operator_id = "teller-7";
    asked->request.inquiry = &asked->inquiry;
}

static Cix__V1__GetReportResponse *served(struct cix_client *client, struct asked *asked)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!cix_get_report(client, &asked->request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static struct cix_error refused(struct cix_client *client, struct asked *asked, const char *reason)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    assert_false(cix_get_report(client, &asked->request, &response, &error));
    assert_string_equal(error.reason, reason);
    return error;
}

/* A consent as it comes with an inquiry, for purpose 2. */
struct given {
    Cix__V1__Consent consent;
    Cix__V1__Purpose purposes[1];
    Cix__V1__DataClass classes[2];
    uint8_t hash[32];
    char id[37];
};

static void give(struct given *given, struct asked *asked)
{
    struct uuid uuid = uuid_new();

    cix__v1__consent__init(&given->consent);
    uuid_format(&uuid, given->id);
    given->purposes[0] = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    given->classes[0] = CIX__V1__DATA_CLASS__DATA_CLASS_BASIC;
    given->classes[1] = CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT;
    memset(given->hash, 7, sizeof(given->hash));
    given->consent.consent_id = given->id;
    given->consent.purposes = given->purposes;
    given->consent.n_purposes = 1;
    given->consent.data_classes = given->classes;
    given->consent.n_data_classes = 2;
    given->consent.form = CIX__V1__CONSENT_FORM__CONSENT_FORM_WRITTEN;
    given->consent.signed_on = 20260101;
    given->consent.effective_on = 20260101;
    given->consent.expires_on = 20301231;
    given->consent.document_hash = (ProtobufCBinaryData){sizeof(given->hash), given->hash};
    asked->inquiry.consent = &given->consent;
}

static const Cix__V1__ReportedAccount *account_of(const Cix__V1__Report *report, const char *member)
{
    for (size_t i = 0; i < report->n_accounts; i++)
        if (!strcmp(report->accounts[i]->member_code, member))
            return report->accounts[i];
    fail_msg("no account of %s", member);
    return NULL;
}

static void a_report_joins_what_two_members_know(void **state)
{
    struct asked asked;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    Cix__V1__GetReportResponse *response = served(bank, &asked);
    const Cix__V1__Report *report = response->report;
    assert_int_equal(report->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    assert_int_equal(report->identity->n_names, 2);
    assert_string_equal(report->identity->names[0]->name, known.name);
    assert_int_equal(report->identity->n_identifiers, 1);
    const char *masked = report->identity->identifiers[0]->masked_value;
    assert_memory_equal(masked, known.number, 6);
    assert_memory_equal(masked + 6, "********", 8);
    assert_string_equal(masked + 14, known.number + 14);
    assert_int_equal(report->n_accounts, 2);
    assert_int_equal(report->summary->accounts, 2);
    assert_int_equal(report->summary->open_accounts, 1);
    assert_int_equal(report->summary->open_members, 1);
    assert_int_equal(report->summary->accounts_ever_90_days, 1);
    assert_int_equal(report->summary->n_totals, 1);
    assert_int_equal(report->summary->totals[0]->outstanding, 12345 - 50);
    cix_free(response);
}

static void months_come_newest_first_with_their_gaps(void **state)
{
    struct asked asked;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    Cix__V1__GetReportResponse *response = served(bank, &asked);
    const Cix__V1__ReportedAccount *account = account_of(response->report, "bank-one");
    const char *statuses[] = {"N", "1", "", "2", "N", "4", "N"};
    assert_int_equal(account->n_months, 7);
    for (int i = 0; i < 7; i++)
        assert_string_equal(account->months[i]->repay_status, statuses[i]);
    assert_int_equal(account->months[0]->period, 202609);
    assert_int_equal(account->months[6]->period, 202603);
    assert_int_equal(account->months[0]->balance_presence_case,
                     CIX__V1__REPORTED_MONTH__BALANCE_PRESENCE_BALANCE);
    assert_int_equal(account->months[0]->balance, 12345);
    assert_int_equal(account->months[2]->balance_presence_case, 0);
    assert_int_equal(account->months[0]->due_amount_presence_case, 0);
    for (int i = 0; i < 7; i++) /* from N to 4 in a month: rule M016 keeps it, shown with a mark */
        assert_int_equal(account->months[i]->is_quarantined, i == 5);
    assert_string_equal(account->worst_status_24m, "4");
    assert_int_equal(account->last_period, 202609);
    account = account_of(response->report, "bank-two");
    assert_int_equal(account->closed_on, 20260131);
    assert_int_equal(account->months[0]->balance, -50);
    assert_false(account->is_late);
    cix_free(response);
}

static void a_report_shows_who_asked_before_and_not_itself(void **state)
{
    struct asked asked;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL);
    Cix__V1__GetReportResponse *before = served(bank, &asked);
    asked.inquiry.operator_id = "teller-8"; /* by the same one it would be the same question */
    Cix__V1__GetReportResponse *after = served(bank, &asked);
    assert_int_equal(after->report->n_inquiries, before->report->n_inquiries + 1);
    assert_int_equal(after->report->inquiries[0]->purpose, CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL);
    assert_string_equal(after->report->inquiries[0]->member_code, "bank-one");
    assert_int_equal(after->report->summary->inquiries_1m, after->report->n_inquiries);
    assert_int_equal(after->report->summary->inquiries_24m, after->report->n_inquiries);
    assert_int_equal(after->report->summary->inquiring_members_1m, 1);
    cix_free(before);
    cix_free(after);
}

/* How many inquiries the next report of an operator that never asked lists. */
static size_t footprints(void)
{
    static char operator_id[32];
    static int asks;
    struct asked asked;

    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_POST_LOAN);
    snprintf(operator_id, sizeof(operator_id), "clerk-%d", ++asks);
    asked.inquiry.operator_id = operator_id;
    Cix__V1__GetReportResponse *response = served(bank, &asked);
    size_t count = response->report->n_inquiries;
    cix_free(response);
    return count - (size_t)(asks - 1); /* but for its own */
}

static void ask_once(Cix__V1__Purpose purpose, const char *operator_id, int64_t *listed)
{
    struct asked asked;

    ask(&asked, &known, purpose);
    asked.inquiry.operator_id = (char *)operator_id;
    Cix__V1__GetReportResponse *response = served(bank, &asked);
    *listed = (int64_t)response->report->n_inquiries;
    cix_free(response);
}

static void the_same_question_within_ten_minutes_leaves_one_footprint(void **state)
{
    static const char repeated[] = "select count(*) from cix.inquiry where repeats_id is not null";
    const Cix__V1__Purpose card = CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL;
    int64_t first, again, acts = dossier_number(&dossier, "select count(*) from cix.audit");
    int64_t repeats = dossier_number(&dossier, repeated);
    size_t before = footprints();

    (void)state;
    ask_once(card, "teller-20", &first);
    assert_int_equal(footprints(), before + 1);
    ask_once(card, "teller-20", &again);
    assert_int_equal(again, first); /* the same answer: not one that shows its own question */
    ask_once(card, "teller-20", &again);
    assert_int_equal(footprints(), before + 1);
    ask_once(card, "teller-21", &again); /* another operator, another purpose: other questions */
    ask_once(CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, "teller-20", &again);
    assert_int_equal(footprints(), before + 3);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit"), acts + 9);
    /* Ten minutes later it is a new one; a repetition prolongs nothing. */
    dossier_number(&dossier, "update cix.inquiry set at = at - interval '11 minutes'"
                             " where repeats_id is null returning 0::bigint");
    ask_once(card, "teller-20", &again);
    assert_int_equal(footprints(), before + 4);
    assert_int_equal(dossier_number(&dossier, repeated), repeats + 2);
}

static void nobody_and_a_wrong_name_have_no_file_but_a_trace(void **state)
{
    struct person wrong = known;
    struct person *persons[] = {&unknown, &wrong};

    (void)state;
    snprintf(wrong.name, sizeof(wrong.name), "%s", unknown.name);
    for (size_t i = 0; i < 2; i++) {
        struct asked asked;
        struct given given;
        int64_t before = dossier_number(&dossier, "select count(*) from cix.inquiry");
        int64_t audits = dossier_number(&dossier, "select count(*) from cix.audit");
        ask(&asked, persons[i], CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
        give(&given, &asked);
        Cix__V1__GetReportResponse *response = served(lender, &asked);
        assert_int_equal(response->report->outcome,
                         CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_NO_FILE);
        assert_null(response->report->identity);
        assert_int_equal(response->report->n_accounts, 0);
        assert_int_equal(dossier_number(&dossier, "select count(*) from cix.inquiry"), before + 1);
        assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit"), audits + 1);
        cix_free(response);
    }
}

static void without_consent_known_and_unknown_are_refused_alike(void **state)
{
    struct asked asked;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL);
    int64_t audits = dossier_number(&dossier, "select count(*) from cix.audit");
    int64_t inquiries = dossier_number(&dossier, "select count(*) from cix.inquiry");
    struct cix_error one = refused(lender, &asked, "INQUIRY_REFUSED");
    ask(&asked, &unknown, CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL);
    struct cix_error two = refused(lender, &asked, "INQUIRY_REFUSED");
    assert_int_equal(one.status, CIX_PERMISSION_DENIED);
    assert_string_equal(one.message, two.message);
    assert_string_equal(cix_error_fact(&one, "rule"), "I002");
    assert_string_equal(cix_error_fact(&two, "rule"), "I002");
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit"), audits + 2);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.inquiry"), inquiries);
}

static void own_account_purposes_need_an_open_account(void **state)
{
    struct cix_client *two = exchange_client(&exchange, "bank-two");
    struct asked asked;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_POST_LOAN);
    cix_free(served(bank, &asked));
    struct cix_error closed = refused(two, &asked, "INQUIRY_REFUSED");
    struct cix_error none = refused(lender, &asked, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&closed, "rule"), "I003");
    assert_string_equal(cix_error_fact(&none, "rule"), "I003");
    cix_close(two);
}

static void purposes_are_checked_in_form_and_by_member(void **state)
{
    struct asked asked;

    (void)state;
    ask(&asked, &known, (Cix__V1__Purpose)77);
    refused(bank, &asked, "PURPOSE_UNKNOWN");
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_DISHONEST_SCREEN);
    refused(bank, &asked, "PURPOSE_UNKNOWN");
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_UNSPECIFIED);
    refused(bank, &asked, "FIELD_REQUIRED");
    dossier_number(&dossier, "update cix.member set purposes = '{2,32}' where code = 'bank-two'");
    struct cix_client *two = exchange_client(&exchange, "bank-two");
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL);
    struct cix_error error = refused(two, &asked, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&error, "rule"), "I001");
    cix_close(two);
}

static void a_consent_may_come_with_the_inquiry(void **state)
{
    struct asked asked;
    struct given given;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    give(&given, &asked);
    cix_free(served(lender, &asked));
    cix_free(served(lender, &asked)); /* the same again */
    asked.inquiry.consent = NULL;
    asked.inquiry.consent_id = given.id;
    cix_free(served(lender, &asked)); /* now by its id */
    asked.inquiry.consent_id = "";
    asked.inquiry.consent = &given.consent;
    given.consent.expires_on = 20291231;
    struct cix_error error = refused(lender, &asked, "CONSENT_CONFLICT");
    assert_int_equal(error.status, CIX_ALREADY_EXISTS);
    dossier_number(&dossier, "update cix.consent set is_revoked = true where member_id ="
                             " (select member_id from cix.member where code = 'lender-one')");
    asked.inquiry.consent = NULL;
    asked.inquiry.consent_id = given.id;
    refused(lender, &asked, "INQUIRY_REFUSED");
}

static void a_bad_consent_names_rule_and_field(void **state)
{
    struct asked asked;
    struct given given;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    give(&given, &asked);
    given.consent.expires_on = 20320101; /* beyond five years */
    struct cix_error error = refused(lender, &asked, "CONSENT_INVALID");
    assert_string_equal(cix_error_fact(&error, "rule"), "C001");
    assert_string_equal(error.fields[0].field, "inquiry.consent.expires_on");
    give(&given, &asked);
    given.consent.document_hash.len = 31;
    error = refused(lender, &asked, "CONSENT_INVALID");
    assert_string_equal(cix_error_fact(&error, "rule"), "C002");
    give(&given, &asked);
    asked.inquiry.consent_id = given.id;
    refused(lender, &asked, "CONSENT_AMBIGUOUS");
    asked.inquiry.consent = NULL;
    asked.inquiry.consent_id = "no-uuid";
    refused(lender, &asked, "FIELD_INVALID");
}

static void a_question_says_all_that_it_lacks(void **state)
{
    struct asked asked;
    struct person other = known;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    asked.inquiry.name = "";
    asked.inquiry.operator_id = " ";
    struct cix_error error = refused(bank, &asked, "FIELD_REQUIRED");
    assert_int_equal(error.field_count, 2);
    assert_string_equal(error.fields[0].field, "inquiry.name");
    assert_string_equal(error.fields[1].field, "inquiry.operator_id");
    other.number[17] = other.number[17] == '1' ? '2' : '1';
    ask(&asked, &other, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    error = refused(bank, &asked, "INVALID_IDENTIFIER");
    assert_string_equal(error.fields[0].field, "inquiry.identifier.value");
    assert_null(strstr(error.message, other.number));
    asked.request.inquiry = NULL;
    refused(bank, &asked, "FIELD_REQUIRED");
}

static void a_freeze_blocks_who_may_ask(void **state)
{
    struct asked asked;

    (void)state;
    dossier_number(&dossier, "update cix.subject set freeze_level = 1");
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    struct cix_error error = refused(bank, &asked, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&error, "rule"), "I006");
    error = refused(lender, &asked, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&error, "rule"), "I002");
    dossier_number(&dossier, "update cix.subject set freeze_to = '2020-01-01'");
    cix_free(served(bank, &asked));
    dossier_number(&dossier, "update cix.subject set freeze_level = 0, freeze_to = null");
}

static void a_court_gets_no_report(void **state)
{
    struct asked asked;
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    (void)state;
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    assert_false(cix_get_report(court, &asked.request, &response, &error));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
}

static void a_stream_answers_each_inquiry_in_its_place(void **state)
{
    Cix__V1__BatchGetReportsRequest request = CIX__V1__BATCH_GET_REPORTS_REQUEST__INIT;
    Cix__V1__BatchGetReportsResponse *response;
    Cix__V1__ReportInquiry *inquiries[4];
    struct asked asked[4];
    struct cix_batch *batch;
    struct cix_error error;
    void *answer;

    (void)state;
    for (int i = 0; i < 4; i++) {
        ask(&asked[i], i == 2 ? &unknown : &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
        inquiries[i] = &asked[i].inquiry;
    }
    asked[1].inquiry.name = "";
    request.inquiries = inquiries;
    request.n_inquiries = 4;
    assert_true(cix_batch_open(bank, CIX_BATCH_GET_REPORTS, &batch, &error));
    for (int round = 0; round < 3; round++) {
        assert_true(cix_batch_send(batch, &request, &error));
        if (!cix_batch_receive(batch, &answer, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        response = answer;
        assert_int_equal(response->n_results, 4);
        assert_int_equal(response->results[0]->report->n_accounts, 2);
        assert_int_equal(response->results[1]->result_case, CIX__V1__BATCHED_REPORT__RESULT_ERROR);
        assert_string_equal(response->results[1]->error->reason, "FIELD_REQUIRED");
        assert_string_equal(response->results[1]->error->field, "inquiry.name");
        assert_int_equal(response->results[1]->error->code, CIX_INVALID_ARGUMENT);
        assert_string_equal(response->results[2]->error->reason, "INQUIRY_REFUSED");
        assert_int_equal(response->results[3]->report->n_accounts, 2);
        assert_int_not_equal(response->results[0]->report->inquiry_id,
                             response->results[3]->report->inquiry_id);
        cix_free(response);
    }
    request.n_inquiries = 0;
    assert_true(cix_batch_send(batch, &request, &error));
    assert_false(cix_batch_receive(batch, &answer, &error));
    assert_string_equal(error.reason, "BATCH_SIZE");
    cix_batch_close(batch);
}

static void flags_show_only_to_who_may_see_them(void **state)
{
    struct asked asked;
    char flag_id[37];

    (void)state;
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    Cix__V1__GetReportResponse *response = served(bank, &asked);
    assert_int_equal(response->report->n_flags, 1);
    assert_string_equal(response->report->flags[0]->flag_id, flag_id);
    assert_string_equal(response->report->flags[0]->case_no, "(2025)测0001执1号");
    assert_int_equal(response->report->summary->flags_in_force, 1);
    cix_free(response);
    dossier_number(&dossier, "update cix.member set data_classes = 3 where code = 'bank-one'");
    response = served(bank, &asked);
    assert_int_equal(response->report->n_flags, 0);
    cix_free(response);
    dossier_number(&dossier, "update cix.member set data_classes = 255 where code = 'bank-one'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_joins_what_two_members_know),
        cmocka_unit_test(months_come_newest_first_with_their_gaps),
        cmocka_unit_test(a_report_shows_who_asked_before_and_not_itself),
        cmocka_unit_test(nobody_and_a_wrong_name_have_no_file_but_a_trace),
        cmocka_unit_test(the_same_question_within_ten_minutes_leaves_one_footprint),
        cmocka_unit_test(without_consent_known_and_unknown_are_refused_alike),
        cmocka_unit_test(own_account_purposes_need_an_open_account),
        cmocka_unit_test(purposes_are_checked_in_form_and_by_member),
        cmocka_unit_test(a_consent_may_come_with_the_inquiry),
        cmocka_unit_test(a_bad_consent_names_rule_and_field),
        cmocka_unit_test(a_question_says_all_that_it_lacks),
        cmocka_unit_test(a_freeze_blocks_who_may_ask),
        cmocka_unit_test(a_court_gets_no_report),
        cmocka_unit_test(a_stream_answers_each_inquiry_in_its_place),
        cmocka_unit_test(flags_show_only_to_who_may_see_them),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
