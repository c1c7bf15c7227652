/*
 * Goal: two subjects found to be one have one file, whichever identifier is asked or contributed
 * with, and are two again, to the last row, when the operator takes that back; everything kept
 * equals what its source gives all the while.
 * Method: a whole exchange, records over mTLS, the built cixd as the operator's command; tables are
 * compared by their digests, rows by the subject that they belong to.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "message.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/question.h"
#include "support/sameness.h"

#include "support/cmocka.h"

#define DAILY CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY

enum { EVERY_CLASS = 0xff };

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank, *other, *court;
static struct contribution made;
static struct arena arena;
static const char *output;
static int sent;

static struct cix_client *member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = EVERY_CLASS;
    exchange_member_put(&exchange, &member);
    return exchange_client(&exchange, code);
}

static int setup(void **state)
{
    static const char *const flags[] = {"--merge-ms", "20", NULL};

    (void)state;
    exchange_start(&exchange, flags);
    bank = member("bank-one", MEMBER_TYPE_BANK);
    other = member("bank-two", MEMBER_TYPE_BANK);
    court = member("court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    arena_init(&arena, 0);
    contribution_init(&made);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    cix_close(court);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    contribution_done(&made);
    arena_done(&arena);
    return 0;
}

/* ---- Contributing ---- */

static const char *number_of(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(&arena, person.number);
}

/* "identifier": {...} of person k. */
static const char *who(int64_t k)
{
    return arena_format(&arena, "'identifier':{'type':'RESIDENT_ID','value':'%s'}", number_of(k));
}

static const char *name_of(int64_t k)
{
    struct person *person = arena_alloc(&arena, sizeof(*person));

    person_make(k, person);
    return person->name;
}

static const char *uuid_of(const char *salt, int64_t k)
{
    char text[37];

    person_uuid(salt, k, text);
    return arena_string(&arena, text);
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = arena_vformat(&arena, format, args);
    va_end(args);
    contribution_json(&made, text);
}

/* The submission's id. */
static const char *send_all(struct cix_client *client)
{
    char *id = arena_alloc(&arena, 37);

    person_uuid("merge", ++sent, id);
    Cix__V1__ChunkResult *result = contribution_send(&made, client, id, DAILY);
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->severity != CIX__V1__SEVERITY__SEVERITY_WARNING)
            fail_msg("%s %s on record %d: %s", result->verdicts[i]->rule,
                     result->verdicts[i]->field, result->verdicts[i]->index,
                     result->verdicts[i]->reason);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    return id;
}

static void add_subject(int64_t k)
{
    add("{'subject':{'kind':'PERSON','name':'%s','identifiers':[{'type':'RESIDENT_ID','value':'%s'}"
        "],"
        "'region':'44030%d'}}",
        name_of(k), number_of(k), (int)(k % 5));
}

static void add_account(int64_t k, const char *account_no)
{
    add("{'account':{'accountNo':'%s',%s,'type':'D1','businessType':'91','currency':'CNY',"
        "'originalAmount':'10000000','openedOn':20240115,'repayFrequency':3,'security':4}}",
        account_no, who(k));
}

static void add_month(const char *account_no, int period, int64_t balance, bool is_correction)
{
    add("{'performance':{'accountNo':'%s','period':%d,'accountStatus':1,'repayStatus':'N',"
        "'balance':'%lld','reportedOn':%d28}%s}",
        account_no, period, (long long)balance, period,
        is_correction ? ",'correction':{'action':'REPLACE','reason':'OWN_ERROR'}" : "");
}

static void add_fraud(int64_t k, const char *ref, bool is_correction)
{
    add("{'fraudCase':{'caseRef':'%s',%s,'role':1,'type':2,'currency':'CNY','amountAtRisk':'1000',"
        "'detectedOn':20260101,'filedOn':20260102,'evidenceLevel':3,'status':2,'expiresOn':"
        "20301231}"
        "%s}",
        ref, who(k),
        is_correction ? ",'correction':{'action':'REPLACE','reason':'OWN_ERROR'}" : "");
}

static void add_party(const char *account_no, int64_t k)
{
    add("{'party':{'accountNo':'%s',%s,'role':3,'liabilityAmount':'10000000','fromOn':20240115}}",
        account_no, who(k));
}

static const char *account_of(const char *tag, int64_t k)
{
    return arena_format(&arena, "%s-%lld", tag, (long long)k);
}

/* A subject of a member with an account, months (one of them put right), and facts. */
static void know(struct cix_client *client, int64_t k)
{
    const char *account_no = account_of("K", k);

    add_subject(k);
    add_account(k, account_no);
    add_month(account_no, 202401, 9000000 + k, false);
    add_month(account_no, 202402, 8000000 + k, false);
    add("{'accountEvent':{'accountNo':'%s','type':1,'happenedOn':20240601,'amount':'500',"
        "'monthsExtended':3}}",
        account_no);
    add("{'collection':{'accountNo':'%s','stage':1,'startedOn':20240701,'agencyCode':'AG',"
        "'demandedAmount':'100'}}",
        account_no);
    add_fraud(k, account_of("F", k), false);
    add("{'memberGrade':{%s,'gradedOn':20260101,'grade':'G1'}}", who(k));
    send_all(client);
    add_month(account_no, 202402, 7000000 + k, true);
    send_all(client);
}

static void list_flag(int64_t k)
{
    add("{'flag':{'dutyText':'repay','flagId':'%s',%s,'name':'%s','caseNo':'(2025)皖9901执%lld号','"
        "court':'Made "
        "Court',"
        "'filedOn':20250201,'publishedOn':20250301,'ground':1,'performance':1,'status':'LISTED'}}",
        uuid_of("flag", k), who(k), name_of(k), (long long)k);
    add("{'publicRecord':{'recordNo':'%s',%s,'name':'%s','type':2,'authority':'Made Court',"
        "'caseNo':'(2025)皖9901执%lld号','decidedOn':20250201,'status':1}}",
        account_of("P", k), who(k), name_of(k), (long long)k);
    send_all(court);
}

static void annotate(struct cix_client *client, int64_t k, int n, const char *target)
{
    char *text = arena_format(
        &arena,
        "{'annotationId':'%s',%s,'name':'%s','target':{%s},'kind':'DISPUTE','code':106,'text':'no',"
        "'filedBy':'SUBJECT','evidenceHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}",
        uuid_of("annotation", 100 * k + n), who(k), name_of(k), target);
    const void *request =
        contribution_message(&arena, &cix__v1__add_annotation_request__descriptor, text);
    Cix__V1__AddAnnotationResponse *response;
    struct cix_error error;

    if (!cix_add_annotation(client, request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

static void protect(struct cix_client *client, int64_t k, const char *kind)
{
    char *text = arena_format(&arena,
                              "{'protectionId':'%s',%s,'name':'%s','kind':'%s','documentHash':"
                              "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}",
                              uuid_of(kind, k), who(k), name_of(k), kind);
    const void *request =
        contribution_message(&arena, &cix__v1__set_protection_request__descriptor, text);
    Cix__V1__SetProtectionResponse *response;
    struct cix_error error;

    if (!cix_set_protection(client, request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

/* ---- Asking ---- */

static Cix__V1__GetReportResponse *report_of(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!question_report(client, k, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    return response;
}

/* All that it shows, without ids and times; freed with free. */
static char *text_of(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportResponse *response = report_of(client, k);
    for (size_t i = 0; i < response->report->n_fraud_cases; i++)
        response->report->fraud_cases[i]->source->record_id =
            response->report->fraud_cases[i]->source->recorded_at_us = 0;
    size_t size = cix__v1__get_report_response__get_packed_size(response);
    uint8_t *bytes = arena_alloc(&arena, size + 1);
    struct cix_answer answer = {.status = CIX_OK, .data = bytes, .size = size};

    cix__v1__get_report_response__pack(response, bytes);
    cix_free(response);
    return same_answer(&answer, CIX_GET_REPORT);
}

static void assert_same(char *a, char *b)
{
    char *difference = same_difference(a, b);

    if (difference)
        fail_msg("%s", difference);
    free(a);
    free(b);
}

/* ---- The operator ---- */

/* Runs cixd beside the exchange; what it prints is in output. */
__attribute__((format(printf, 1, 2))) static int cixd(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *words = arena_vformat(&arena, format, args);
    va_end(args);
    return kept_cixd(&arena,
                     arena_format(&arena, "%s --database '%s' --data %s", words,
                                  exchange.database.uri, exchange.folder),
                     &output);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

__attribute__((format(printf, 1, 2))) static int64_t number(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *sql = arena_vformat(&arena, format, args);
    va_end(args);
    return dossier_number(&dossier, sql);
}

/* The subject's own id: of its resident number, merged or not. */
static int64_t subject_of(int64_t k)
{
    struct digest lookup = vault_lookup(dossier.vault, 10, number_of(k));
    char hex[2 * DIGEST_SIZE + 1];

    text_to_hex(lookup.bytes, DIGEST_SIZE, hex);
    return number("select coalesce(home_id, subject_id) from cix.identifier where lookup = '\\x%s'",
                  hex);
}

static void merge(int64_t alias, int64_t survivor)
{
    if (cixd("subject merge %lld %lld --reason register", (long long)subject_of(alias),
             (long long)subject_of(survivor)) != 0)
        fail_msg("%s", output);
}

static void split(int64_t alias)
{
    if (cixd("subject split %lld", (long long)subject_of(alias)) != 0)
        fail_msg("%s", output);
}

static void assert_sound(void)
{
    assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_reference(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_derived(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_trace(10)"), 0);
}

/* Until every change of a roll-up is merged, so that digests stand still. */
static void await_rollups(void)
{
    for (int i = 0; i < 500 && number("select count(*) from cix.rollup_delta") > 0; i++)
        number("select count(*) from pg_sleep(0.02)");
    assert_int_equal(number("select count(*) from cix.rollup_delta"), 0);
}

/* ---- Tests ---- */

/* Tables that differ from what they were, but for those that tell of acts, or of whom to rate. */
static int64_t tables_changed(void)
{
    return number("select count(*) from merge_before b full join cix.backup_tables() n using (name)"
                  " where b.digest is distinct from n.digest"
                  " and name not in ('audit', 'subject_alias', 'conflict', 'rating_change')");
}

static void remember(void)
{
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    await_rollups();
    if (!db_script(&ctx, dossier.db,
                   "drop table if exists pg_temp.merge_before;"
                   "create temp table merge_before as select * from cix.backup_tables()"))
        fail_msg("%s", ctx.error.message);
}

/* Two persons with everything, who answer for each other and for a third, and facts that went from
   the one to the other before. */
static void make_pair(int64_t a)
{
    int64_t b = a + 1;
    int64_t third = a + 2;

    know(bank, a);
    know(bank, b);
    know(bank, third);
    know(other, b);
    list_flag(a);
    list_flag(b);
    add_party(account_of("K", a), third);
    add_party(account_of("K", third), a);
    add_party(account_of("K", third), b);
    add_party(account_of("K", b), a);
    add_fraud(a, account_of("FA", a), false);
    add_fraud(b, account_of("FB", a), false);
    send_all(bank);
    add_fraud(b, account_of("FA", a), true);
    add_fraud(a, account_of("FB", a), true);
    send_all(bank);
    annotate(bank, a, 1, "'kind':'IDENTITY'");
    annotate(other, b, 1, "'kind':'IDENTITY'");
    protect(bank, a, "INQUIRY_BLOCK");
    protect(other, b, "INQUIRY_BLOCK");
    free(text_of(bank, a));
    free(text_of(bank, b));
    free(text_of(other, b));
}

static void a_split_undoes_a_merge_to_the_last_row(void **state)
{
    char *of_a;
    char *of_b;

    (void)state;
    make_pair(100);
    of_a = text_of(bank, 100);
    of_b = text_of(bank, 101);
    assert_sound();
    for (int turn = 0; turn < 2; turn++) {
        int64_t alias = 100 + turn;
        int64_t survivor = 101 - turn;
        remember();
        merge(alias, survivor);
        assert_sound();
        assert_true(tables_changed() > 20);
        assert_int_equal(
            number("select count(*) from cix.subject s where s.subject_id = %lld and s.status = 5"
                   " and s.alias_of = %lld and s.freeze_level = 0",
                   (long long)subject_of(alias), (long long)subject_of(survivor)),
            1);
        split(alias);
        assert_sound();
        assert_int_equal(tables_changed(), 0);
    }
    assert_same(of_a, text_of(bank, 100));
    assert_same(of_b, text_of(bank, 101));
}

static void both_identifiers_give_the_joined_file(void **state)
{
    Cix__V1__GetReportResponse *response;
    char consent_id[37];
    struct person person;
    struct cix_error error;

    (void)state;
    make_pair(200);
    person_make(200, &person);
    merge(200, 201);
    response = report_of(bank, 200);
    assert_int_equal(response->report->n_accounts, 3);
    assert_int_equal(response->report->n_flags, 2);
    assert_int_equal(response->report->identity->n_names, 3);
    assert_int_equal(response->report->n_fraud_cases, 5);
    assert_int_equal(response->report->n_public_records, 2);
    assert_int_equal(response->report->n_account_events, 3);
    assert_int_equal(response->report->n_protections, 2);
    cix_free(response);
    assert_same(text_of(bank, 200), text_of(bank, 201));
    /* An account of the survivor alone is an own account of the alias, too. */
    assert_same(text_of(other, 200), text_of(other, 201));
    /* Consents are by identifier: one of the alias permits nothing by the other. */
    dossier_consent(&dossier, &person, "bank-two", consent_id);
    assert_false(
        question_report(other, 201, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error));
    assert_string_equal(cix_error_fact(&error, "rule"), "I002");
    assert_false(
        question_report(other, 200, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error));
    assert_string_equal(cix_error_fact(&error, "rule"), "I006");
    split(200);
    response = report_of(bank, 200);
    assert_int_equal(response->report->n_accounts, 1);
    assert_int_equal(response->report->n_flags, 1);
    assert_int_equal(response->report->identity->n_names, 1);
    cix_free(response);
    assert_false(
        question_report(other, 200, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error));
    assert_sound();
}

/* What rows of a table stand under the person's own subject. */
static int64_t rows_of(const char *table, int64_t k)
{
    return number("select count(*) from cix.%s where subject_id = %lld", table,
                  (long long)subject_of(k));
}

static void what_comes_through_the_alias_goes_back_with_it(void **state)
{
    static const char *const tables[] = {"account",           "fraud_case",      "flag",
                                         "public_record",     "annotation",      "protection",
                                         "inquiry",           "subject_version", "subject_name",
                                         "subject_identifier"};
    int64_t of_alias[ARRAY_LENGTH(tables)];
    int64_t of_survivor[ARRAY_LENGTH(tables)];
    const int64_t alias = 300;
    const int64_t survivor = 301;

    (void)state;
    for (int64_t k = alias; k <= survivor; k++)
        know(bank, k);
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        of_alias[i] = rows_of(tables[i], alias);
        of_survivor[i] = rows_of(tables[i], survivor);
    }
    merge(alias, survivor);
    /* One of each through each identifier. */
    for (int64_t k = alias; k <= survivor; k++) {
        add("{'subject':{'kind':'PERSON','name':'%s','identifiers':[{'type':'RESIDENT_ID','value':"
            "'%s'},{'type':'PASSPORT','value':'E9%07lld'}]}}",
            name_of(k), number_of(k), (long long)k);
        add_account(k, account_of("N", k));
        add_month(account_of("N", k), 202403, 500, false);
        add_month(account_of("K", k), 202403, 600, false);
        add_fraud(k, account_of("N", k), false);
        send_all(bank);
        list_flag(k);
        annotate(bank, k, 1, "'kind':'IDENTITY'");
        protect(bank, k, k == alias ? "INQUIRY_BLOCK" : "NEW_CREDIT_BLOCK");
        free(text_of(bank, k));
    }
    /* A fact of the alias that is put right with the survivor's identifier stays the alias's. */
    add_fraud(survivor, account_of("F", alias), true);
    send_all(bank);
    assert_sound();
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        assert_int_equal(rows_of(tables[i], alias), 0);
    split(alias);
    assert_sound();
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        bool is_corrected = !strcmp(tables[i], "fraud_case");
        assert_int_equal(rows_of(tables[i], alias), of_alias[i] + 1 + is_corrected);
        assert_int_equal(rows_of(tables[i], survivor), of_survivor[i] + 1);
    }
}

static void back_out(const char *submission_id)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    struct cix_error error;
    bool is_done = false;

    request.submission_id = (char *)(uintptr_t)submission_id;
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    while (!is_done) {
        if (!cix_back_out_submission(bank, &request, &response, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        cix_free(response);
    }
}

/* An account and a fact of the alias, from before and from behind the merge, and one that was put
   right: taken back while the two are one. */
static void what_is_taken_back_meanwhile_stays_so(void **state)
{
    const char *submissions[3];
    const int64_t alias = 350;
    const int64_t survivor = 351;

    (void)state;
    for (int64_t k = alias; k <= survivor; k++)
        know(bank, k);
    char *of_alias = text_of(bank, alias);
    char *of_survivor = text_of(bank, survivor);
    add_account(alias, "B-1");
    add_month("B-1", 202401, 5, false);
    add_fraud(alias, "B-1", false);
    add_month(account_of("K", alias), 202402, 6, true);
    submissions[0] = send_all(bank);
    merge(alias, survivor);
    add_account(alias, "B-2");
    add_month("B-2", 202401, 5, false);
    add_fraud(alias, "B-2", false);
    submissions[1] = send_all(bank);
    add_fraud(survivor, account_of("F", alias), true);
    submissions[2] = send_all(bank);
    for (int i = 0; i < 3; i++)
        back_out(submissions[i]);
    assert_sound();
    split(alias);
    assert_sound();
    assert_same(of_alias, text_of(bank, alias));
    assert_same(of_survivor, text_of(bank, survivor));
}

/* Who leads an organisation, and what the operator ended, is the alias's when it came so. */
static void what_others_say_of_the_alias_goes_back(void **state)
{
    const int64_t alias = 360;
    const int64_t survivor = 361;
    FILE *file;

    (void)state;
    for (int64_t k = alias; k <= survivor; k++)
        know(bank, k);
    merge(alias, survivor);
    add("{'subject':{'kind':'ENTERPRISE','name':'Made Company','identifiers':[{'type':'USCC',"
        "'value':'91990000MA0000015Q'}],'legalRepresentative':{'type':'RESIDENT_ID','value':'%s'}}"
        "}",
        number_of(alias));
    send_all(bank);
    annotate(bank, alias, 1, "'kind':'IDENTITY'");
    file = fopen(arena_format(&arena, "%s/order.pdf", exchange.folder), "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    if (cixd("subject lift %lld %lld --reason order --document %s/order.pdf",
             (long long)subject_of(survivor),
             (long long)number("select max(annotation_id) from cix.annotation"),
             exchange.folder) != 0)
        fail_msg("%s", output);
    assert_int_equal(rows_of("operator_act", survivor), 1);
    split(alias);
    assert_int_equal(rows_of("operator_act", alias), 1);
    assert_int_equal(rows_of("operator_act", survivor), 0);
    assert_int_equal(
        number("select count(*) from cix.subject_version where representative_id = %lld",
               (long long)subject_of(alias)),
        1);
    assert_sound();
}

/* ---- At random ---- */

enum { PAIRS = 4, FIRST = 400, ACCOUNTS = 160 };

static unsigned seed = 20261130;
static int opened; /* accounts; account n belongs to person owners[n] */
static int64_t owners[ACCOUNTS];

static int draw(int below)
{
    seed = seed * 1103515245 + 12345;
    return (int)(seed >> 16) % below;
}

/* A submission of a bank: new accounts of some persons, months and corrections of any account. */
static void submit_at_random(struct cix_client *client)
{
    int first = client == bank ? 0 : 1;

    /* Accounts with even numbers are the first bank's. */
    if (opened % 2 == first && opened < ACCOUNTS) {
        owners[opened] = FIRST + draw(2 * PAIRS);
        add_subject(owners[opened]);
        add_account(owners[opened], account_of("R", opened));
        add_month(account_of("R", opened), 202401, draw(1000000), false);
        opened++;
    }
    for (int i = 0; i < 6; i++) {
        int n = draw(opened);
        if (n % 2 == first)
            add_month(account_of("R", n), 202401 + draw(3), draw(1000000), true);
    }
    if (draw(3) == 0)
        add_fraud(FIRST + draw(2 * PAIRS), account_of(client == bank ? "Q" : "S", opened), false);
    if (made.count > 0) {
        char id[37];
        person_uuid("merge", ++sent, id);
        contribution_answer_free(contribution_send(&made, client, id, DAILY));
        contribution_done(&made);
        contribution_init(&made);
    }
}

static void assert_everybodys_own(void)
{
    for (int n = 0; n < opened; n++) {
        struct digest index = vault_account_index(
            dossier.vault, dossier_member(&dossier, n % 2 ? "bank-two" : "bank-one"),
            account_of("R", n));
        char hex[2 * DIGEST_SIZE + 1];
        text_to_hex(index.bytes, DIGEST_SIZE, hex);
        if (number(
                "select a.subject_id from cix.account_key k join cix.account a using (subject_id,"
                " account_id) where k.account_index = '\\x%s'",
                hex) != subject_of(owners[n]))
            fail_msg("account %d is not its owner's", n);
    }
}

static void kept_is_rebuilt_whatever_is_merged_when(void **state)
{
    bool is_merged[PAIRS] = {false};

    (void)state;
    for (int64_t k = FIRST; k < FIRST + 2 * PAIRS; k++) {
        add_subject(k);
        send_all(bank);
        add_subject(k);
        send_all(other);
    }
    for (int round = 0; round < 40; round++) {
        int pair = draw(PAIRS);
        submit_at_random(bank);
        submit_at_random(other);
        if (draw(2)) {
            if (is_merged[pair])
                split(FIRST + 2 * pair);
            else
                merge(FIRST + 2 * pair, FIRST + 2 * pair + 1);
            is_merged[pair] = !is_merged[pair];
            assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
        }
    }
    assert_sound();
    for (int pair = 0; pair < PAIRS; pair++)
        if (is_merged[pair])
            split(FIRST + 2 * pair);
    assert_sound();
    assert_everybodys_own();
}

/* ---- At once ---- */

enum { SUBMISSIONS = 40, AT_ONCE = 500 };

/* Opens accounts through both identifiers, and asks, while the two are merged and split. */
static void *contribute_meanwhile(void *argument)
{
    struct contribution records;
    struct cix_error error;
    char id[37];

    (void)argument;
    for (int n = 0; n < SUBMISSIONS; n++) {
        contribution_init(&records);
        for (int i = 0; i < 4; i++) {
            contribution_account(&records, AT_ONCE + i % 2, 100 + 4 * n + i);
            contribution_month(&records, AT_ONCE + i % 2, 100 + 4 * n + i, 202401, 1000 + n);
        }
        person_uuid("meanwhile", n, id);
        bool is_sent = false;
        do /* who loses a race asks again */
            is_sent = contribution_try(&records, bank, id, DAILY, NULL, &error);
        while (!is_sent && error.status == CIX_ABORTED);
        contribution_done(&records);
        if (!is_sent)
            return strdup(error.reason);
    }
    return NULL;
}

/* Each report shows a file whole: the account of either, or those of both. */
static void *ask_meanwhile(void *argument)
{
    (void)argument;
    for (int n = 0; n < 2 * SUBMISSIONS; n++) {
        Cix__V1__GetReportResponse *response;
        struct cix_error error;
        while (!question_report(other, AT_ONCE + n % 2, CIX__V1__PURPOSE__PURPOSE_POST_LOAN,
                                &response, &error))
            if (error.status != CIX_ABORTED)
                return strdup(error.reason);
        size_t found = 0;
        for (size_t i = 0; i < response->report->n_accounts; i++)
            found += !strcmp(response->report->accounts[i]->member_code, "bank-two");
        bool is_whole = found == 1 || found == 2;
        cix_free(response);
        if (!is_whole)
            return strdup("between");
    }
    return NULL;
}

static void a_merge_is_before_or_behind_each_submission(void **state)
{
    pthread_t threads[2];
    void *failure;

    (void)state;
    for (int64_t k = AT_ONCE; k < AT_ONCE + 2; k++) {
        add_subject(k);
        send_all(bank);
        know(other, k);
    }
    assert_int_equal(pthread_create(&threads[0], NULL, contribute_meanwhile, NULL), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, ask_meanwhile, NULL), 0);
    int64_t alias = subject_of(AT_ONCE);
    int64_t survivor = subject_of(AT_ONCE + 1);
    for (int i = 0; i < 6; i++) {
        while (
            cixd("subject merge %lld %lld --reason other", (long long)alias, (long long)survivor))
            assert_printed("SUBJECT_BUSY"); /* somebody wrote for longer than it waits */
        while (cixd("subject split %lld", (long long)alias))
            assert_printed("SUBJECT_BUSY");
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failure);
        if (failure)
            fail_msg("%s", (char *)failure);
    }
    assert_sound();
    for (int64_t k = AT_ONCE; k < AT_ONCE + 2; k++)
        assert_int_equal(rows_of("account", k), 1 + 2 * SUBMISSIONS);
    assert_int_equal(number("select count(*) from cix.inquiry q where q.subject_id in (%lld, %lld)",
                            (long long)subject_of(AT_ONCE), (long long)subject_of(AT_ONCE + 1)),
                     2 * SUBMISSIONS);
    assert_int_equal(rows_of("inquiry", AT_ONCE), SUBMISSIONS);
}

/* ---- The operator's list ---- */

/* One person under two numbers: name and birth date are the same. */
static void know_twice(void)
{
    for (int i = 0; i < 2; i++) {
        add("{'subject':{'kind':'PERSON','name':'Twice Known','birthOn':19900101,'sex':1,"
            "'identifiers':[{'type':'PASSPORT','value':'E8%07d'}]}}",
            i);
        send_all(i ? other : bank);
    }
}

static void a_conflict_ends_with_the_merge(void **state)
{
    long long first;
    long long second;
    const char *line;

    (void)state;
    know_twice();
    assert_int_equal(cixd("subject conflicts"), 0);
    line = strstr(output, "S017 subject ");
    if (!line || sscanf(line, "S017 subject %lld and %lld", &first, &second) != 2)
        fail_msg("no two subjects in: %s", output);
    assert_int_equal(cixd("subject merge %lld %lld --reason document", first, second), 0);
    assert_printed("merged ");
    assert_int_equal(cixd("subject merge %lld %lld --reason document", first, second), 0);
    assert_printed("merged before");
    assert_int_equal(cixd("subject conflicts"), 0);
    assert_null(strstr(output, "S017"));
    assert_int_equal(cixd("subject conflicts --all"), 0);
    assert_printed("one subject");
    assert_int_equal(cixd("subject aliases"), 0);
    assert_printed(arena_format(&arena, "%lld into %lld since 20", first, second));
    assert_printed("by document");
    /* A third of the name is doubted beside the survivor alone. */
    add("{'subject':{'kind':'PERSON','name':'Twice Known','birthOn':19900101,'sex':1,"
        "'identifiers':[{'type':'PASSPORT','value':'E80000009'}]}}");
    send_all(bank);
    assert_int_equal(cixd("subject conflicts"), 0);
    assert_printed(arena_format(&arena, "and %lld", second));
    assert_null(strstr(output, arena_format(&arena, "%lld", first)));
    assert_int_equal(cixd("subject split %lld", first), 0);
    assert_printed("split ");
    assert_int_equal(cixd("subject split %lld", first), 0);
    assert_printed("split before");
    assert_int_equal(cixd("subject conflicts --all"), 0);
    assert_printed("two subjects");
    assert_int_equal(cixd("subject aliases"), 0);
    assert_null(strstr(output, " into "));
    assert_int_equal(cixd("subject aliases --all"), 0);
    assert_printed(", split 20");
    assert_int_equal(number("select count(*) from cix.audit where method in (204, 205)"
                            " and outcome = 1"),
                     2);
    assert_sound();
}

__attribute__((format(printf, 2, 3))) static void assert_refused(const char *reason,
                                                                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *words = arena_vformat(&arena, format, args);
    va_end(args);
    assert_int_equal(cixd("%s", words), 1);
    assert_printed(reason);
}

static void what_is_no_merge_is_refused(void **state)
{
    (void)state;
    for (int64_t k = 600; k < 603; k++)
        add_subject(k);
    add("{'subject':{'kind':'ENTERPRISE','name':'Made Firm','identifiers':[{'type':'USCC',"
        "'value':'91990000MA0000023K'}]}}");
    send_all(bank);
    long long a = subject_of(600);
    long long b = subject_of(601);
    long long c = subject_of(602);
    long long firm = number("select coalesce(max(subject_id), 0) from cix.subject where kind = 2");
    assert_refused("SUBJECT_SELF", "subject merge %lld %lld --reason other", a, a);
    assert_refused("SUBJECT_UNKNOWN", "subject merge %lld 77 --reason other", a);
    assert_refused("SUBJECT_UNKNOWN", "subject split 77");
    assert_refused("SUBJECT_NOT_MERGED", "subject split %lld", a);
    assert_true(firm > 0);
    assert_refused("SUBJECT_KIND", "subject merge %lld %lld --reason other", a, firm);
    assert_refused("MERGE_REASON", "subject merge %lld %lld --reason because", a, b);
    assert_refused("SUBJECT_ID", "subject merge x %lld --reason other", b);
    assert_refused("SUBJECT_ID", "subject merge -5 %lld --reason other", b);
    assert_refused("SUBJECT_ID", "subject split 99999999999999999999");
    assert_int_equal(cixd("subject merge %lld %lld", a, b), 2);
    assert_int_equal(cixd("subject split"), 2);
    merge(600, 601);
    assert_refused("SUBJECT_CHAIN", "subject merge %lld %lld --reason other", b, c); /* a chain */
    assert_refused("SUBJECT_CHAIN", "subject merge %lld %lld --reason other", b, a); /* a cycle */
    assert_refused("SUBJECT_CHAIN", "subject merge %lld %lld --reason other", a, c);
    assert_refused("SUBJECT_CHAIN", "subject merge %lld %lld --reason other", c, a);
    merge(602, 601); /* two aliases of one */
    assert_sound();
    split(600);
    split(602);
    assert_sound();
}

/* Seals are bound to records, not to subjects: they open, and a rotation finds them, wherever. */
static void seals_and_keys_follow(void **state)
{
    char *joined;

    (void)state;
    make_pair(700);
    merge(700, 701);
    joined = text_of(bank, 700);
    assert_int_equal(kept_command(&exchange, &arena, "key rotate", &output), 0);
    assert_int_equal(kept_command(&exchange, &arena, "fsck --all", &output), 0);
    assert_same(joined, text_of(bank, 701));
    split(700);
    assert_int_equal(kept_command(&exchange, &arena, "fsck --all", &output), 0);
    free(text_of(bank, 700));
}

static void a_merge_waits_for_nobody_for_long(void **state)
{
    (void)state;
    know(bank, 800);
    know(bank, 801);
    long long a = subject_of(800);
    long long b = subject_of(801);
    number(
        "select count(*) from pg_advisory_lock_shared(hashtextextended('cix.subject_merge', 0))");
    assert_refused("SUBJECT_BUSY", "subject merge %lld %lld --reason other", a, b);
    number("select count(*) from pg_advisory_unlock_all()");
    number("with w as (insert into cix.back_out_work (subject_id, account_id, member_id,"
           " submission_id, phase) values (%lld, 0, 1, '00000000-0000-4000-8000-000000000001', 1)"
           " returning 1) select count(*) from w",
           b);
    assert_refused("SUBJECT_TAKEN_BACK", "subject merge %lld %lld --reason other", a, b);
    number("with w as (delete from cix.back_out_work returning 1) select count(*) from w");
    assert_int_equal(
        number("select count(*) from cix.audit where method = 204 and outcome in (6, 7)"), 2);
    merge(800, 801);
    split(800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_split_undoes_a_merge_to_the_last_row),
        cmocka_unit_test(both_identifiers_give_the_joined_file),
        cmocka_unit_test(what_comes_through_the_alias_goes_back_with_it),
        cmocka_unit_test(what_is_taken_back_meanwhile_stays_so),
        cmocka_unit_test(what_others_say_of_the_alias_goes_back),
        cmocka_unit_test(kept_is_rebuilt_whatever_is_merged_when),
        cmocka_unit_test(a_merge_is_before_or_behind_each_submission),
        cmocka_unit_test(a_conflict_ends_with_the_merge),
        cmocka_unit_test(what_is_no_merge_is_refused),
        cmocka_unit_test(seals_and_keys_follow),
        cmocka_unit_test(a_merge_waits_for_nobody_for_long),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
