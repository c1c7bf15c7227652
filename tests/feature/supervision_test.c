/*
 * Goal: a platform learns what a borrower owes on all platforms, how much may still be lent under
 * the caps of the law, and that asking without a right leaves it as wise as before. Method: two
 * platforms and a bank lend to made persons; one platform asks over mTLS.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "job/flag_feed.h"
#include "job/limit.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"

#include "support/cmocka.h"

enum { YUAN = 100 };

static struct exchange exchange;
static struct cix_client *platform_one, *platform_two, *bank, *small_bank, *court, *regulator;
static int submissions;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "platform-one", MEMBER_TYPE_P2P);
    exchange_member(&exchange, "platform-two", MEMBER_TYPE_P2P);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "association", MEMBER_TYPE_SELF_REGULATORY_ASSOC);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    platform_one = exchange_client(&exchange, "platform-one");
    platform_two = exchange_client(&exchange, "platform-two");
    bank = exchange_client(&exchange, "bank-one");
    small_bank = exchange_client(&exchange, "bank-two");
    court = exchange_client(&exchange, "court-one");
    regulator = exchange_client(&exchange, "regulator");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(platform_one);
    cix_close(platform_two);
    cix_close(bank);
    cix_close(small_bank);
    cix_close(court);
    cix_close(regulator);
    exchange_stop(&exchange);
    return 0;
}

static void send_loan(struct contribution *contribution, struct cix_client *client)
{
    char submission_id[37];

    person_uuid("supervision", ++submissions, submission_id);
    Cix__V1__ChunkResult *result = contribution_send(
        contribution, client, submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    assert_int_equal(result->rejected + result->quarantined, 0);
    contribution_answer_free(result);
    contribution_done(contribution);
}

/* A loan of the person by the member; balance: of its first month, below 0 for none reported. */
static void lend(struct cix_client *client, int64_t k, const char *product, int64_t amount,
                 int64_t balance)
{
    struct contribution contribution;

    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    Cix__V1__Account *account = contribution_account(&contribution, k, 0);
    account->business_type = (char *)product;
    account->original_amount = amount;
    if (balance >= 0)
        contribution_month(&contribution, k, 0, 202609, balance);
    send_loan(&contribution, client);
}

/* A loan of the person by the bank, opened on a day; a card when it has a limit and no amount. */
static void lend_on(int64_t k, int32_t day, int64_t amount, int64_t limit)
{
    struct contribution contribution;

    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    Cix__V1__Account *account = contribution_account(&contribution, k, limit > 0);
    account->opened_on = day;
    account->original_amount = amount;
    if (limit > 0) {
        account->type = CIX__V1__ACCOUNT_TYPE__ACCOUNT_TYPE_R2;
        account->business_type = (char *)"81";
        account->original_amount_presence_case = 0;
        account->credit_limit_presence_case = CIX__V1__ACCOUNT__CREDIT_LIMIT_PRESENCE_CREDIT_LIMIT;
        account->credit_limit = limit;
    }
    send_loan(&contribution, bank);
}

/* Asks about person k; has_consent: a consent comes along. NULL with the error when refused. */
static Cix__V1__PlatformExposureResponse *ask(struct cix_client *client, int64_t k,
                                              bool has_consent, struct cix_error *error)
{
    Cix__V1__PlatformExposureRequest request = CIX__V1__PLATFORM_EXPOSURE_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__PlatformExposureResponse *response;
    int32_t today = day_to_wire(clock_day_of(clock_now_us()));
    struct contribution contribution;
    struct person person;
    char consent_id[37];

    contribution_init(&contribution);
    person_make(k, &person);
    person_uuid("supervision-consent", ++submissions, consent_id);
    Cix__V1__Consent *consent =
        contribution_consent(&contribution, k, consent_id, today, today + 10000);
    inquiry.identifier = consent->identifier;
    inquiry.name = person.name;
    inquiry.operator_id = (char *)"desk-1";
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.consent = has_consent ? consent : NULL;
    request.inquiry = &inquiry;
    if (!cix_platform_exposure(client, &request, &response, error))
        response = NULL;
    contribution_done(&contribution);
    return response;
}

static Cix__V1__PlatformExposureResponse *ask_well(struct cix_client *client, int64_t k)
{
    struct cix_error error;
    Cix__V1__PlatformExposureResponse *answer = ask(client, k, true, &error);

    if (!answer)
        fail_msg("%s (%s)", error.message, error.reason);
    return answer;
}

static void what_is_owed_on_all_platforms_is_summed(void **state)
{
    (void)state;
    lend(platform_one, 1, "P1", 150000 * YUAN, 120000 * YUAN);
    lend(platform_two, 1, "P1", 90000 * YUAN, -1); /* nothing reported yet: what was lent */
    lend(bank, 1, "91", 500000 * YUAN, 500000 * YUAN);
    Cix__V1__PlatformExposureResponse *answer = ask_well(platform_one, 1);
    assert_string_equal(answer->currency, "CNY");
    assert_int_equal(answer->own_platform, 120000 * YUAN);
    assert_int_equal(answer->all_platforms, 210000 * YUAN);
    assert_int_equal(answer->platform_count, 2);
    assert_int_equal(answer->account_count, 2);
    assert_int_equal(answer->cap_one_platform, 200000 * YUAN);
    assert_int_equal(answer->cap_all_platforms, 1000000 * YUAN);
    assert_int_equal(answer->headroom, 80000 * YUAN);
    assert_true(answer->inquiry_id != 0);
    cix_free(answer);
}

static void beyond_a_cap_nothing_may_be_lent(void **state)
{
    (void)state;
    lend(platform_two, 2, "P1", 950000 * YUAN, 930000 * YUAN);
    Cix__V1__PlatformExposureResponse *answer = ask_well(platform_one, 2);
    assert_int_equal(answer->own_platform, 0);
    assert_int_equal(answer->headroom, 70000 * YUAN);
    cix_free(answer);
    answer = ask_well(platform_two, 2);
    assert_int_equal(answer->own_platform, 930000 * YUAN);
    assert_int_equal(answer->headroom, 0);
    cix_free(answer);
}

static void who_is_not_known_owes_nothing(void **state)
{
    (void)state;
    Cix__V1__PlatformExposureResponse *answer = ask_well(platform_one, 77);
    assert_int_equal(answer->all_platforms, 0);
    assert_int_equal(answer->cap_one_platform, 200000 * YUAN);
    assert_int_equal(answer->headroom, 200000 * YUAN);
    cix_free(answer);
}

static void without_consent_known_and_unknown_are_refused_alike(void **state)
{
    struct cix_error known, unknown;

    (void)state;
    assert_null(ask(bank, 2, false, &known));
    assert_null(ask(bank, 78, false, &unknown));
    assert_string_equal(known.reason, "INQUIRY_REFUSED");
    assert_string_equal(known.reason, unknown.reason);
    assert_string_equal(known.message, unknown.message);
}

static void a_question_without_an_inquiry_names_the_field(void **state)
{
    Cix__V1__PlatformExposureRequest request = CIX__V1__PLATFORM_EXPOSURE_REQUEST__INIT;
    Cix__V1__PlatformExposureResponse *response;
    struct cix_error error;

    (void)state;
    assert_false(cix_platform_exposure(platform_one, &request, &response, &error));
    assert_string_equal(error.reason, "FIELD_REQUIRED");
    assert_string_equal(error.fields[0].field, "inquiry");
}

static char reporter[33]; /* of the last finding that was counted */

/* How many findings of the kind there are about the member; the last one in *last when there is
 * one. */
static int count_findings(Cix__V1__FindingKind kind, const char *member, Cix__V1__Finding *last)
{
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;
    static char token[64];
    int count = 0;

    request.kind = kind;
    request.member_code = (char *)member;
    request.page_size = 1; /* page after page */
    request.page_token = token;
    for (*token = '\0';;) {
        Cix__V1__ListFindingsResponse *response;
        struct cix_error error;
        if (!cix_list_findings(regulator, &request, &response, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        for (size_t i = 0; i < response->n_findings; i++) {
            assert_int_equal(response->findings[i]->kind, kind);
            assert_string_equal(response->findings[i]->member_code, member);
            *last = *response->findings[i];
            snprintf(reporter, sizeof(reporter), "%s", last->reporter_code);
            count++;
        }
        snprintf(token, sizeof(token), "%s", response->next_page_token);
        cix_free(response);
        if (!*token)
            return count;
    }
}

/* A job of the server, run now. */
static void run_job(bool (*run)(struct ctx *ctx, struct db *db, void *user, bool *has_more))
{
    struct arena arena;
    struct ctx ctx;
    bool has_more = false;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!run(&ctx, exchange.admin, NULL, &has_more))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    arena_done(&arena);
}

static void a_passed_cap_is_a_finding_for_the_regulator(void **state)
{
    Cix__V1__Finding last;
    Cix__V1__FindingKind one = CIX__V1__FINDING_KIND__FINDING_KIND_CAP_ONE_PLATFORM;
    Cix__V1__FindingKind all = CIX__V1__FINDING_KIND__FINDING_KIND_CAP_ALL_PLATFORMS;
    int before = count_findings(one, "platform-one", &last);
    int before_all = count_findings(all, "platform-one", &last);

    (void)state;
    lend(platform_one, 10, "P1", 200000 * YUAN, -1); /* the cap itself is within it */
    assert_int_equal(count_findings(one, "platform-one", &last), before);
    lend(platform_one, 11, "P1", 200001 * YUAN, -1);
    assert_int_equal(count_findings(one, "platform-one", &last), before + 1);
    assert_int_equal(last.measured, 200001 * YUAN);
    assert_int_equal(last.bound, 200000 * YUAN);
    assert_true(last.is_open);
    assert_string_equal(reporter, "platform-one");
    lend(platform_two, 12, "P1", 900000 * YUAN, -1);
    lend(platform_one, 12, "P1", 150000 * YUAN, -1);
    assert_int_equal(count_findings(all, "platform-one", &last), before_all + 1);
    assert_int_equal(last.measured, 1050000 * YUAN);
}

static void new_credit_for_a_restricted_subject_is_a_finding(void **state)
{
    Cix__V1__Finding last;
    Cix__V1__FindingKind kind = CIX__V1__FINDING_KIND__FINDING_KIND_RESTRICTED_SUBJECT;
    struct contribution contribution;
    char uuid[37];

    (void)state;
    lend(bank, 20, "91", 1000 * YUAN, -1); /* before the listing */
    contribution_init(&contribution);
    for (int64_t k = 20; k < 23; k++) {
        person_uuid("supervision-flag", k, uuid);
        Cix__V1__Flag *flag = contribution_flag(&contribution, k, uuid);
        flag->n_restrictions = 1;
        flag->restrictions = arena_array(&contribution.arena, 1, sizeof(int32_t));
        flag->restrictions[0] = k == 22 ? 2 : 1; /* 22: no high consumption, new credit may be */
    }
    person_uuid("supervision", ++submissions, uuid);
    contribution_answer_free(contribution_send(&contribution, court, uuid,
                                               CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY));
    contribution_done(&contribution);
    assert_int_equal(count_findings(kind, "bank-one", &last), 0);
    lend_on(21, 20250228, 1000 * YUAN, 0); /* the day before the listing, told of afterwards */
    lend_on(22, 20250301, 3000 * YUAN, 0);
    assert_int_equal(count_findings(kind, "bank-one", &last), 0);
    lend_on(21, 20250301, 0, 2000 * YUAN);
    assert_int_equal(count_findings(kind, "bank-one", &last), 1);
    assert_int_equal(last.measured, 2000 * YUAN);
    lend_on(21, 20250228, 1500 * YUAN, 0); /* raised today */
    assert_int_equal(count_findings(kind, "bank-one", &last), 2);
    assert_int_equal(last.measured, 1500 * YUAN);
}

/* Loans of person k by a member: i is the account; closed: on the last day of the month reported.
 */
static void lend_again(struct cix_client *client, int64_t k, int i, int64_t amount, bool is_closed)
{
    struct contribution contribution;

    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    Cix__V1__Account *account = contribution_account(&contribution, k, i);
    account->business_type = client == bank ? (char *)"91" : (char *)"P1";
    account->original_amount = amount;
    account->opened_on = client == bank ? 20250301 : account->opened_on;
    if (is_closed) {
        account->closed_on_presence_case = CIX__V1__ACCOUNT__CLOSED_ON_PRESENCE_CLOSED_ON;
        account->closed_on = 20260901;
    }
    send_loan(&contribution, client);
}

/* One a borrower, platform and cap, as long as it is passed; and one an account of a restricted
 * subject. */
static void findings_about_lending_end(void **state)
{
    Cix__V1__Finding last;
    Cix__V1__FindingKind one = CIX__V1__FINDING_KIND__FINDING_KIND_CAP_ONE_PLATFORM;
    Cix__V1__FindingKind new = CIX__V1__FINDING_KIND__FINDING_KIND_RESTRICTED_SUBJECT;
    int before = count_findings(one, "platform-one", &last);

    (void)state;
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(one, "platform-one", &last), before); /* still passed */
    lend_again(platform_one, 15, 0, 150000 * YUAN, false);
    lend_again(platform_one, 15, 1, 150000 * YUAN, false);
    lend_again(platform_one, 15, 2, 1000 * YUAN, false); /* beyond it before */
    assert_int_equal(count_findings(one, "platform-one", &last), before + 1);
    assert_int_equal(last.measured, 301000 * YUAN); /* what is owed now */
    lend_again(platform_one, 15, 2, 1000 * YUAN, true);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(one, "platform-one", &last), before + 1);
    assert_int_equal(last.measured, 300000 * YUAN);
    lend_again(platform_one, 15, 1, 150000 * YUAN, true);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(one, "platform-one", &last), before);
    lend_again(platform_one, 15, 3, 150000 * YUAN, false);
    assert_int_equal(count_findings(one, "platform-one", &last), before + 1);

    int restricted = count_findings(new, "bank-one", &last);
    lend_again(bank, 20, 5, 1000 * YUAN, false);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(new, "bank-one", &last), restricted + 1);
    lend_again(bank, 20, 5, 1000 * YUAN, true);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(new, "bank-one", &last), restricted);
}

/* One number, asked as the owner. */
static int64_t number(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct db *owner = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;
    struct params params;
    struct rows rows = {0};

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    assert_true(rows_next(&rows));
    int64_t value = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    db_close(owner);
    return value;
}

static void *lend_meanwhile(void *nothing)
{
    lend_again(platform_one, 17, 1, 100000 * YUAN, false);
    return nothing;
}

/* Until somebody waits for what another transaction has. */
static void await_waiting(void)
{
    for (int i = 0; i < 1000; i++) {
        if (number("t_waiting",
                   "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                   " where not l.granted and a.datname = current_database()") > 0)
            return;
        usleep(10000);
    }
    fail_msg("nobody waits");
}

/*
 * Another transaction lends to the same person and is open still: what both lend is beyond the cap,
 * what each lends alone is not.
 */
static void two_who_pass_a_cap_at_one_instant_make_one_finding(void **state)
{
    Cix__V1__Finding last;
    Cix__V1__FindingKind one = CIX__V1__FINDING_KIND__FINDING_KIND_CAP_ONE_PLATFORM;
    int before = count_findings(one, "platform-one", &last);
    struct db *other = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;
    pthread_t thread;

    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    lend_again(platform_one, 17, 0, 90000 * YUAN, false);
    if (!db_script(&ctx, other,
                   "begin; select cix.exposure_hold(array[i.lookup], array['P1'], array['CNY'])"
                   " from cix.account_version v join cix.identifier i using (subject_id)"
                   " order by v.record_id desc limit 1;"
                   "update cix.account a set original_amount = 15000000, balance = 15000000"
                   " from (select * from cix.account_version order by record_id desc limit 1) v"
                   " where a.subject_id = v.subject_id and a.account_id = v.account_id"))
        fail_msg("%s", ctx.error.message);
    assert_int_equal(pthread_create(&thread, NULL, lend_meanwhile, NULL), 0);
    await_waiting();
    assert_true(db_script(&ctx, other, "commit"));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(count_findings(one, "platform-one", &last), before + 1);
    assert_int_equal(last.measured, 250000 * YUAN);
    db_close(other);
    arena_done(&arena);
}

/* A raise that is taken back was none; one that stands is one until the account is as low again. */
static void a_raise_that_is_taken_back_is_no_finding(void **state)
{
    Cix__V1__Finding last;
    Cix__V1__FindingKind kind = CIX__V1__FINDING_KIND__FINDING_KIND_RESTRICTED_SUBJECT;
    int before = count_findings(kind, "bank-one", &last);
    char words[128], output[4096], submission_id[37];

    (void)state;
    lend_on(21, 20250228, 1700 * YUAN, 0);
    assert_int_equal(count_findings(kind, "bank-one", &last), before + 1);
    person_uuid("supervision", submissions, submission_id);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(kind, "bank-one", &last), before + 1);
    snprintf(words, sizeof(words), "correction backout %s --reason own-error", submission_id);
    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)) != 0)
        fail_msg("%s", output);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(kind, "bank-one", &last), before);
    assert_int_equal(last.measured, 1500 * YUAN); /* the raise before it stands */
    lend_on(21, 20250228, 1000 * YUAN, 0);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(kind, "bank-one", &last), before - 1);
}

/* A listing for one case; k 0: of the organisation of this number. */
static Cix__V1__Flag *add_listing(struct contribution *contribution, int64_t k, int64_t company)
{
    char uuid[37];

    person_uuid("supervision-case", k * 1000 + company, uuid);
    Cix__V1__Flag *flag = contribution_flag(contribution, k ? k : 1, uuid);
    flag->case_no = arena_format(&contribution->arena, "(2025)皖9901执%lld号", (long long)company);
    if (k)
        return flag;
    flag->identifier->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC;
    flag->identifier->value = arena_alloc(&contribution->arena, 19);
    person_uscc(company, flag->identifier->value);
    flag->name = arena_format(&contribution->arena, "Made Company %lld", (long long)company);
    return flag;
}

static void add_company(struct contribution *contribution, int64_t company, int64_t leader)
{
    Cix__V1__Subject *subject = contribution_subject(contribution, leader);
    Cix__V1__Identifier *known = subject->identifiers[0];

    subject = contribution_subject(contribution, leader);
    subject->kind = CIX__V1__SUBJECT_KIND__SUBJECT_KIND_ENTERPRISE;
    subject->name = arena_format(&contribution->arena, "Made Company %lld", (long long)company);
    subject->identifiers[0] = arena_alloc(&contribution->arena, sizeof(*known));
    cix__v1__identifier__init(subject->identifiers[0]);
    subject->identifiers[0]->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC;
    subject->identifiers[0]->value = arena_alloc(&contribution->arena, 19);
    person_uscc(company, subject->identifiers[0]->value);
    subject->birth_on_presence_case = 0;
    subject->sex = 0;
    subject->n_mobiles = 0;
    subject->legal_representative = known;
}

/* Sends and gives the severity of D006 on the last record, 0 for none. */
static int severity_of_d006(struct contribution *contribution, struct cix_client *client)
{
    char uuid[37];
    int severity = 0;

    person_uuid("supervision", ++submissions, uuid);
    Cix__V1__ChunkResult *result = contribution_send(
        contribution, client, uuid, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    const Cix__V1__Verdict *verdict =
        contribution_verdict(result, (int32_t)contribution->count - 1, "D006");
    if (verdict)
        severity = (int)verdict->severity;
    assert_int_equal(result->rejected, 0);
    contribution_answer_free(result);
    contribution_done(contribution);
    contribution_init(contribution);
    return severity;
}

static void remove_listing(int64_t k, int64_t company)
{
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *response;
    struct cix_error error;
    char uuid[37];

    person_uuid("supervision-case", k * 1000 + company, uuid);
    request.flag_id = uuid;
    request.reason = CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_ERROR;
    if (!cix_remove_flag(court, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

/* Rule D006 in the three orders in which a link and two listings become known. */
static void a_representative_is_not_listed_for_the_case_of_the_company(void **state)
{
    const Cix__V1__FindingKind kind = CIX__V1__FINDING_KIND__FINDING_KIND_REPRESENTATIVE_LISTED;
    const int warns = CIX__V1__SEVERITY__SEVERITY_WARNING;
    struct contribution made;
    Cix__V1__Finding last;

    (void)state;
    contribution_init(&made);
    add_company(&made, 300, 30); /* what a bank says keeps no court from listing its client */
    assert_int_equal(severity_of_d006(&made, bank), 0);
    add_listing(&made, 0, 300);
    add_listing(&made, 30, 300);
    assert_int_equal(severity_of_d006(&made, court), 0);

    add_company(&made, 301, 31);
    assert_int_equal(severity_of_d006(&made, court), 0);
    add_listing(&made, 0, 301); /* the company first: the person is kept aside */
    assert_int_equal(severity_of_d006(&made, court), 0);
    add_listing(&made, 31, 301);
    assert_int_equal(severity_of_d006(&made, court), CIX__V1__SEVERITY__SEVERITY_QUARANTINE);
    add_listing(&made, 32, 301); /* somebody else for the same case */
    assert_int_equal(severity_of_d006(&made, court), 0);
    assert_int_equal(count_findings(kind, "court-one", &last), 0);

    add_company(&made, 302, 33);
    assert_int_equal(severity_of_d006(&made, court), 0);
    add_listing(&made, 33, 302); /* the person first */
    assert_int_equal(severity_of_d006(&made, court), 0);
    add_listing(&made, 0, 302);
    assert_int_equal(severity_of_d006(&made, court), warns);
    assert_int_equal(count_findings(kind, "court-one", &last), 1);
    remove_listing(33, 302);
    assert_int_equal(count_findings(kind, "court-one", &last), 0);

    add_listing(&made, 34, 303); /* who leads the company is learnt last */
    add_listing(&made, 0, 303);
    assert_int_equal(severity_of_d006(&made, court), 0);
    add_company(&made, 303, 34);
    assert_int_equal(severity_of_d006(&made, court), 0);
    assert_int_equal(count_findings(kind, "court-one", &last), 1);
    /* Had they come at one moment, the job would have found them. */
    assert_int_equal(number("t_forget",
                            "with gone as (delete from cix.finding where kind = 8 returning 1)"
                            " select count(*) from gone"),
                     2);
    run_job(flag_sweep_job_run);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(kind, "court-one", &last), 1);
    assert_true(last.is_open);
    remove_listing(0, 303);
    assert_int_equal(count_findings(kind, "court-one", &last), 0);
    assert_int_equal(number("t_reopen",
                            "with done as (update cix.finding set state = 1 where kind = 8"
                            " returning 1) select count(*) from done"),
                     1);
    run_job(flag_sweep_job_run);
    assert_int_equal(count_findings(kind, "court-one", &last), 0);
    contribution_done(&made);
}

/* Two loans in two provinces, with what is owed on them in a month. */
static void report_loans(int32_t period, int64_t in_guangdong, int64_t in_beijing)
{
    static const char *const regions[] = {"440300", "110101"};
    int64_t amounts[] = {in_guangdong, in_beijing};
    struct contribution made;
    char uuid[37];

    contribution_init(&made);
    for (int i = 0; i < 2; i++) {
        contribution_subject(&made, 40 + i);
        Cix__V1__Account *account = contribution_account(&made, 40 + i, 0);
        account->region = (char *)regions[i];
        account->security = i ? 4 : 1; /* the one in Beijing has none */
        account->dealer_code = i ? "" : "D-7";
        contribution_month(&made, 40 + i, 0, period, amounts[i]);
    }
    person_uuid("supervision", ++submissions, uuid);
    Cix__V1__ChunkResult *result =
        contribution_send(&made, small_bank, uuid, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    assert_int_equal(result->rejected, 0); /* a balance that jumps is kept for review and counts */
    contribution_answer_free(result);
    contribution_done(&made);
}

static void set_limit(int kind, int64_t value, int days)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "select cix.member_attribute_put('bank-two', %d::smallint, current_date - 10,"
             " current_date + %d, %lld, null, clock_timestamp())::bigint",
             kind, days, (long long)value);
    assert_int_equal(number("t_limit", sql), 1);
}

/* How many limits were held against a month. */
static int64_t check_limits(int32_t period)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "select cix.limit_check(%d, current_date, array(select (extract(epoch from"
             " clock_timestamp()) * 1000000)::bigint + g from generate_series(1, 20) g),"
             " now())::bigint",
             period / 100 * 12 + period % 100 - 1);
    return number("t_check", sql);
}

/* The findings of a kind that a caller sees; of the last one what it found, and of what. */
static int seen(struct cix_client *client, Cix__V1__FindingKind kind, bool with_closed,
                int64_t *measured, char value[16])
{
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;
    Cix__V1__ListFindingsResponse *response;
    struct cix_error error;

    request.kind = kind;
    request.with_closed = with_closed;
    if (!cix_list_findings(client, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    int count = (int)response->n_findings;
    for (int i = 0; i < count; i++) {
        assert_string_equal(response->findings[i]->member_code, "bank-two");
        *measured = response->findings[i]->measured;
        snprintf(value, 16, "%s", response->findings[i]->value);
    }
    cix_free(response);
    return count;
}

static void limits_that_a_member_set_itself_are_held_against_its_months(void **state)
{
    const Cix__V1__FindingKind region = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_REGION;
    const Cix__V1__FindingKind largest = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_LARGEST_BORROWER;
    const Cix__V1__FindingKind sum = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_OUTSTANDING;
    const Cix__V1__FindingKind ten = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_TEN_BORROWERS;
    const Cix__V1__FindingKind unsecured = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_UNSECURED;
    int64_t measured = 0;
    char value[16];

    (void)state;
    set_limit(22, 5999, 100);
    set_limit(25, 5000, 100);
    set_limit(28, 10000, 100);
    set_limit(24, 0, 100); /* the loans name no industry */
    set_limit(21, 0, 100); /* nothing is non-performing */
    set_limit(23, 9999, 100);
    set_limit(26, 6000, 100);
    set_limit(27, 3999, 100);
    assert_int_equal(check_limits(202401), 3); /* by accounts alone; no month is there yet */
    report_loans(202402, 6000, 4000);
    assert_int_equal(check_limits(202402), 8);
    assert_int_equal(check_limits(202402), 0);
    assert_int_equal(seen(regulator, region, false, &measured, value), 1);
    assert_int_equal(measured, 6000); /* basis points */
    assert_string_equal(value, "440000");
    assert_int_equal(seen(regulator, largest, false, &measured, value), 1);
    assert_int_equal(measured, 6000);
    assert_string_equal(value, "");
    assert_int_equal(seen(regulator, sum, false, &measured, value),
                     0); /* the limit itself is in it */
    assert_int_equal(
        seen(regulator, CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_INDUSTRY, true, &measured, value),
        0);
    assert_int_equal(seen(regulator, unsecured, false, &measured, value), 1);
    assert_int_equal(measured, 4000);
    assert_int_equal(seen(regulator, ten, false, &measured, value), 1);
    assert_int_equal(measured, 10000);
    assert_int_equal(seen(small_bank, 0, false, &measured, value), 4); /* its own */
    assert_int_equal(seen(bank, 0, true, &measured, value), 0);        /* another's */

    report_loans(202403, 4000, 6001); /* still too much, elsewhere */
    assert_int_equal(check_limits(202403), 8);
    assert_int_equal(seen(regulator, region, true, &measured, value), 1);
    assert_string_equal(value, "110000");
    assert_int_equal(seen(regulator, sum, false, &measured, value), 1);
    assert_int_equal(measured, 10001); /* an amount */

    assert_int_equal(
        number("t_dealer",
               "select measured from cix.limit_check where kind = 26 and period = 24290"),
        3999); /* of 10,001; within the limit */
    report_loans(202404, 5000, 5000);
    set_limit(23, 10000, 100);
    set_limit(27, 5000, 100);
    assert_int_equal(check_limits(202404), 8);
    assert_int_equal(seen(small_bank, 0, false, &measured, value), 0);
    assert_int_equal(seen(small_bank, 0, true, &measured, value), 5);
    set_limit(28, 9999, 100); /* changed: held against the month again */
    assert_int_equal(check_limits(202404), 1);
    assert_int_equal(seen(small_bank, sum, false, &measured, value), 1);
    set_limit(28, 9999, -1); /* no longer in force */
    assert_int_equal(check_limits(202404), 0);
    assert_int_equal(seen(small_bank, sum, false, &measured, value), 0);
}

/* Whether an account lacks the month (202406) when its quality is closed. */
static void close_quality(int missing)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "with put as (insert into cix.quality_month select (jsonb_populate_record("
             " cix.quality_count(m.member_id, 24294, now()), '{\"missing\": %d}')).*"
             " from cix.member m where m.code = 'bank-two' on conflict (member_id, period)"
             " do update set missing = excluded.missing returning 1) select count(*) from put",
             missing);
    assert_int_equal(number(missing ? "t_quality_missing" : "t_quality", sql), 1);
}

static void a_finding_of_a_limit_ends_when_nothing_is_owed(void **state)
{
    const Cix__V1__FindingKind region = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_REGION;
    const Cix__V1__FindingKind largest = CIX__V1__FINDING_KIND__FINDING_KIND_LIMIT_LARGEST_BORROWER;
    int64_t measured = 0;
    char value[16];

    (void)state;
    report_loans(202405, 6000, 4000);
    assert_int_equal(check_limits(202405), 7);
    assert_int_equal(seen(regulator, region, false, &measured, value), 1);
    assert_int_equal(seen(regulator, largest, false, &measured, value), 1);
    report_loans(202406, 0, 0);
    assert_int_equal(check_limits(202406), 3); /* by accounts; months may be on their way */
    assert_int_equal(seen(regulator, largest, false, &measured, value), 0);
    assert_int_equal(seen(regulator, region, false, &measured, value), 1);
    close_quality(1);
    assert_int_equal(check_limits(202406), 0);
    close_quality(0);
    assert_int_equal(check_limits(202406), 4);
    assert_int_equal(seen(regulator, region, false, &measured, value), 0);
}

/* Behind the tests before: eight limits are in force but one. */
static void the_month_that_is_due_is_looked_at_by_the_job(void **state)
{
    char sql[128];

    (void)state;
    struct period due = period_add(period_of_day(day_add(clock_day_of(clock_now_us()), -15)), -1);
    report_loans(period_to_wire(due), 5000, 5000);
    run_job(limit_job_run); /* the month that is due today */
    snprintf(sql, sizeof(sql), "select count(*) from cix.limit_check where period = %d",
             due.number);
    assert_int_equal(number("t_due", sql), 7);
    run_job(limit_job_run); /* once */
    assert_int_equal(number("t_due_again", sql), 7);
}

/* Fifty card approvals of the month by a member, every second one by a rating (product 4), so many
 * of them about a client who then got an account. */
static void approve(const char *member, int followed, int month)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "with a as (select a.subject_id, a.account_id, m.member_id from cix.account a"
             " join cix.member m using (member_id) where m.code = '%s' order by 2 limit 1),"
             " o as (update cix.account b set opened_on = (cix.quality_instant(%d) +"
             " interval '60 days')::date from a where b.account_id = a.account_id returning 1),"
             " i as (insert into cix.inquiry (subject_id, inquiry_id, member_id, purpose, product,"
             " operator, xid, at) select case when g <= %d then a.subject_id else g end,"
             " 1000 * a.member_id + g, a.member_id, 3, case g %% 2 when 0 then 1 else 4 end,"
             " sha256('x'), pg_current_xact_id(),"
             " cix.quality_instant(%d) from a, generate_series(1, 50) g returning 1)"
             " select count(*) from i, o",
             member, month, followed, month);
    assert_int_equal(number(member, sql), 50);
}

static void approval_inquiries_without_accounts_are_a_finding(void **state)
{
    int month = period_of_day(clock_day_of(clock_now_us())).number;
    int64_t measured;
    char sql[200], value[16];

    (void)state;
    lend(bank, 801, "91", 1000, -1);
    lend(small_bank, 802, "91", 1000, -1);
    approve("bank-one", 10, month - 4); /* exactly 80 of 100 led to none */
    approve("bank-two", 9, month - 4);
    snprintf(sql, sizeof(sql), "select cix.quality_close(%d, now() + interval '32 days')::bigint",
             month);
    assert_true(number("t_close", sql) > 0);
    assert_int_equal(seen(regulator, CIX__V1__FINDING_KIND__FINDING_KIND_INQUIRIES_UNUSED, false,
                          &measured, value),
                     1);
    assert_int_equal(measured, 8200);
    snprintf(sql, sizeof(sql), "select cix.finding_unused(%d, now())::bigint", month - 4);
    assert_int_equal(number("t_once", sql), 0); /* once a month */
    assert_int_equal(number("t_nobody", "select count(*) from cix.finding f join cix.subject s"
                                        " using (subject_id) where f.kind = 9"),
                     0);
}

static void findings_are_for_the_regulator_alone(void **state)
{
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;
    struct cix_client *association = exchange_client(&exchange, "association");
    Cix__V1__ListFindingsResponse *response;
    struct cix_error error;

    (void)state;
    assert_false(cix_list_findings(court, &request, &response, &error));
    assert_string_equal(error.reason, "ROLE_REQUIRED");
    assert_false(cix_list_findings(association, &request, &response, &error));
    assert_string_equal(error.reason, "ROLE_REQUIRED");
    cix_close(association);
    if (!cix_list_findings(platform_one, &request, &response,
                           &error)) /* caps are no limits of its own */
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->n_findings, 0);
    cix_free(response);
    request.page_token = (char *)"12-x";
    assert_false(cix_list_findings(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "PAGE_TOKEN");
    request.page_token = (char *)"";
    request.member_code = (char *)"nobody";
    assert_false(cix_list_findings(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "MEMBER_UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_owed_on_all_platforms_is_summed),
        cmocka_unit_test(beyond_a_cap_nothing_may_be_lent),
        cmocka_unit_test(who_is_not_known_owes_nothing),
        cmocka_unit_test(without_consent_known_and_unknown_are_refused_alike),
        cmocka_unit_test(a_question_without_an_inquiry_names_the_field),
        cmocka_unit_test(a_passed_cap_is_a_finding_for_the_regulator),
        cmocka_unit_test(new_credit_for_a_restricted_subject_is_a_finding),
        cmocka_unit_test(findings_about_lending_end),
        cmocka_unit_test(a_raise_that_is_taken_back_is_no_finding),
        cmocka_unit_test(two_who_pass_a_cap_at_one_instant_make_one_finding),
        cmocka_unit_test(a_representative_is_not_listed_for_the_case_of_the_company),
        cmocka_unit_test(limits_that_a_member_set_itself_are_held_against_its_months),
        cmocka_unit_test(a_finding_of_a_limit_ends_when_nothing_is_owed),
        cmocka_unit_test(the_month_that_is_due_is_looked_at_by_the_job),
        cmocka_unit_test(approval_inquiries_without_accounts_are_a_finding),
        cmocka_unit_test(findings_are_for_the_regulator_alone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
