/*
 * Goal: a member sees as much of others' credit data as it gives, of persons and of organisations
 * apart; what is public and its own stays.
 * Method: a whole exchange, subjects put into its database, levels set by the store, libcix over
 * mTLS; and the reading function of the database asked behind the server's back.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "domain/ring.h"
#include "store/member.h"
#include "support/dossier.h"

#include "support/cmocka.h"

enum { OTHER_REASON = 9 };

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *taker;
static struct person known, unknown;
static int64_t subject_id, exact_account;
static char consent_id[37], flag_id[37];

/* 90 days overdue three months ago, which is status 3 still. */
static void put_exact_90_days(void)
{
    struct ring_month month = {.days_overdue = {true, 90}};
    uint8_t slot[RING_SLOT_SIZE];
    char hex[2 * RING_SLOT_SIZE + 1], sql[400];

    exact_account = dossier_account(
        &dossier, &(struct dossier_account){subject_id, "giver", 202609, "NNN321N", 500, false});
    assert_true(period_from_wire(202606, &month.period));
    ring_month_encode(&month, slot);
    text_to_hex(slot, sizeof(slot), hex);
    snprintf(
        sql, sizeof(sql),
        "update cix.account set month_ring = overlay(month_ring placing '\\x%s'::bytea from %zu"
        " for 40) where account_id = %lld",
        hex, ring_month_offset(month.period) + 1, (long long)exact_account);
    dossier_number(&dossier, sql);
}

/*
 * Five accounts: the taker's own, one in order, one that was in default, one that was so by its
 * days alone, one that ended badly. A bystander knows the subject and has no account of it.
 */
static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "taker", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "giver", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bystander", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    person_make(1, &known);
    person_make(2, &unknown);
    subject_id = dossier_subject(&dossier, &known, "giver");
    dossier_name(&dossier, subject_id, &known, "bystander");
    dossier_account(&dossier,
                    &(struct dossier_account){subject_id, "taker", 202609, "N1N", 100, false});
    dossier_account(&dossier,
                    &(struct dossier_account){subject_id, "giver", 202609, "N321N", 200, false});
    dossier_account(&dossier,
                    &(struct dossier_account){subject_id, "giver", 202609, "NN4321N", 300, false});
    dossier_account(&dossier,
                    &(struct dossier_account){subject_id, "giver", 202512, "GN", 400, true});
    put_exact_90_days();
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    dossier_consent(&dossier, &known, "taker", consent_id);
    dossier_consent(&dossier, &unknown, "taker", consent_id);
    taker = exchange_client(&exchange, "taker");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(taker);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

static void set_levels(enum reciprocity consumer, enum reciprocity commercial)
{
    struct member_levels levels = {consumer, commercial};

    if (!member_reciprocity_set(&dossier.ctx, exchange.admin, "taker", &levels, OTHER_REASON,
                                clock_now_us()))
        fail_msg("%s", dossier.ctx.error.message);
}

struct asked {
    Cix__V1__Identifier identifier;
    Cix__V1__ReportInquiry inquiry;
};

static Cix__V1__ReportInquiry *ask(struct asked *asked, struct person *person)
{
    cix__v1__identifier__init(&asked->identifier);
    cix__v1__report_inquiry__init(&asked->inquiry);
    asked->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    asked->identifier.value = person->number;
    asked->inquiry.identifier = &asked->identifier;
    asked->inquiry.name = person->name;
    asked->inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    asked->inquiry.operator_id = "teller-7";
    return &asked->inquiry;
}

/* NULL with the error when it is refused. */
static Cix__V1__GetReportResponse *report_of(Cix__V1__ReportInquiry *inquiry,
                                             struct cix_error *error)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__GetReportResponse *response = NULL;

    request.inquiry = inquiry;
    return cix_get_report(taker, &request, &response, error) ? response : NULL;
}

static bool exposure(Cix__V1__ReportInquiry *inquiry, struct cix_error *error)
{
    Cix__V1__PlatformExposureRequest request = CIX__V1__PLATFORM_EXPOSURE_REQUEST__INIT;
    Cix__V1__PlatformExposureResponse *response = NULL;

    request.inquiry = inquiry;
    bool is_answered = cix_platform_exposure(taker, &request, &response, error);
    cix_free(response);
    return is_answered;
}

/* What the database gives for the latest inquiry: rows that answer the condition. */
static int64_t rows_of_database(const char *condition)
{
    char sql[1024];

    snprintf(
        sql, sizeof(sql),
        "select count(*) from cix.report_read("
        " array(select i.lookup from cix.identifier i where i.subject_id = %lld limit 1),"
        " array(select n.name_index from cix.subject_name n where n.subject_id = %lld limit 1),"
        " array[%d], array[2::smallint], array[null]::uuid[],"
        " array(select max(q.inquiry_id) from cix.inquiry q where q.subject_id = %lld),"
        " current_date) where %s",
        (long long)subject_id, (long long)subject_id, dossier_member(&dossier, "taker"),
        (long long)subject_id, condition);
    return dossier_number(&dossier, sql);
}

static int64_t accounts_of_database(void)
{
    return rows_of_database("section = 4");
}

/* Names by their givers: "giver bystander". */
static void assert_names(const Cix__V1__Report *report, const char *expected)
{
    char givers[100] = "";

    for (size_t i = 0; i < report->identity->n_names; i++) {
        const Cix__V1__ReportedName *name = report->identity->names[i];
        assert_string_equal(name->name, known.name);
        assert_int_equal(name->recorded_at_us != 0, *name->member_code != '\0');
        snprintf(givers + strlen(givers), sizeof(givers) - strlen(givers), "%s%s", i ? " " : "",
                 name->member_code);
    }
    assert_string_equal(givers, expected);
}

static void a_member_that_gives_all_sees_all(void **state)
{
    Cix__V1__GetReportResponse *response;
    Cix__V1__GetMemberResponse *member;
    struct cix_error error;
    struct asked asked;

    (void)state;
    response = report_of(ask(&asked, &known), &error);
    assert_non_null(response);
    assert_int_equal(accounts_of_database(), 5);
    assert_int_equal(response->report->n_accounts, 5);
    assert_names(response->report, "giver bystander");
    cix_free(response);
    assert_true(exposure(&asked.inquiry, &error));
    assert_true(cix_get_member(taker, &member, &error));
    assert_int_equal(member->reciprocity_consumer, CIX__V1__RECIPROCITY__RECIPROCITY_FULL);
    assert_int_equal(member->reciprocity_commercial, CIX__V1__RECIPROCITY__RECIPROCITY_FULL);
    cix_free(member);
}

static void a_member_that_gives_defaults_sees_defaults_and_its_own(void **state)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;
    struct asked asked;
    int own = 0;

    (void)state;
    set_levels(RECIPROCITY_DEFAULT, RECIPROCITY_AS_IS);
    response = report_of(ask(&asked, &known), &error);
    assert_non_null(response);
    assert_int_equal(accounts_of_database(), 4);
    const Cix__V1__Report *report = response->report;
    assert_int_equal(report->n_accounts, 4);
    for (size_t i = 0; i < report->n_accounts; i++) {
        own += !strcmp(report->accounts[i]->member_code, "taker");
        assert_true(!strcmp(report->accounts[i]->member_code, "taker") ||
                    report->accounts[i]->account_id == exact_account ||
                    strchr("4G", *report->accounts[i]->months[0]->repay_status) ||
                    *report->accounts[i]->months[2]->repay_status == '4');
    }
    assert_int_equal(own, 1);
    assert_int_equal(report->summary->accounts, 4);
    assert_int_equal(report->n_flags, 1);
    assert_int_equal(report->n_inquiries, 0);
    assert_int_equal(report->n_ratings, 0);
    cix_free(response);
    assert_false(exposure(&asked.inquiry, &error));
    assert_string_equal(error.reason, "RECIPROCITY");
}

/* The name is there, since the taker asked by it, and who else gave it is not; its own is its own.
 */
static void a_member_that_gives_defaults_learns_of_no_other_that_knows_the_subject(void **state)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;
    struct asked asked;

    (void)state;
    response = report_of(ask(&asked, &known), &error);
    assert_non_null(response);
    assert_names(response->report, "");
    assert_int_equal(response->report->identity->n_names, 1);
    assert_int_equal(rows_of_database("section = 2 and (member_id <> 0 or recorded_at <> 'epoch')"),
                     0);
    cix_free(response);
    dossier_name(&dossier, subject_id, &known, "taker");
    response = report_of(&asked.inquiry, &error);
    assert_non_null(response);
    assert_names(response->report, "taker");
    cix_free(response);
}

/* The refusal is the same whether the exchange knows the person; flags are public. */
static void a_member_that_gives_nothing_is_refused_and_learns_nothing(void **state)
{
    Cix__V1__CheckFlagRequest check = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__CheckFlagResponse *checked;
    Cix__V1__FlagInquiry flag = CIX__V1__FLAG_INQUIRY__INIT;
    struct person *const persons[] = {&known, &unknown};
    struct cix_error error;
    struct asked asked;

    (void)state;
    set_levels(RECIPROCITY_NONE, RECIPROCITY_AS_IS);
    for (size_t i = 0; i < ARRAY_LENGTH(persons); i++) {
        assert_null(report_of(ask(&asked, persons[i]), &error));
        assert_int_equal(error.status, CIX_PERMISSION_DENIED);
        assert_string_equal(error.reason, "RECIPROCITY");
    }
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit where outcome = 7"),
                     3);
    flag.identifier = &asked.identifier;
    flag.name = unknown.name;
    flag.operator_id = "teller-7";
    check.inquiry = &flag;
    assert_true(cix_check_flag(taker, &check, &checked, &error));
    cix_free(checked);
}

/* About organisations it has another level: the question goes on to the consent that it lacks. */
static void persons_and_organisations_have_levels_of_their_own(void **state)
{
    struct cix_error error;
    struct asked asked;

    (void)state;
    ask(&asked, &unknown);
    asked.identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC;
    asked.identifier.value = "91350100M000100Y43";
    assert_null(report_of(&asked.inquiry, &error));
    assert_string_equal(error.reason, "INQUIRY_REFUSED");
    set_levels(RECIPROCITY_FULL, RECIPROCITY_DEFAULT);
    assert_null(report_of(&asked.inquiry, &error));
    assert_string_equal(error.reason, "INQUIRY_REFUSED");
    assert_false(exposure(&asked.inquiry, &error));
    assert_string_equal(error.reason, "RECIPROCITY");
    set_levels(RECIPROCITY_AS_IS, RECIPROCITY_NONE);
    assert_null(report_of(&asked.inquiry, &error));
    assert_string_equal(error.reason, "RECIPROCITY");
    Cix__V1__GetReportResponse *response = report_of(ask(&asked, &known), &error);
    assert_non_null(response);
    assert_int_equal(response->report->n_accounts, 5);
    cix_free(response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_gives_all_sees_all),
        cmocka_unit_test(a_member_that_gives_defaults_sees_defaults_and_its_own),
        cmocka_unit_test(a_member_that_gives_defaults_learns_of_no_other_that_knows_the_subject),
        cmocka_unit_test(a_member_that_gives_nothing_is_refused_and_learns_nothing),
        cmocka_unit_test(persons_and_organisations_have_levels_of_their_own),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
