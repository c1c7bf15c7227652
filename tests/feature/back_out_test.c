/*
 * Goal: a submission that is taken back takes its facts, listings and consents along, what they
 * replaced counts again with its sealed texts, and nothing that regulators must see or that a later
 * submission rests on is lost by it; the history of a fact tells all of it to its member alone.
 * Method: a whole exchange, libcix over mTLS; records are texts of JSON as members send them. What
 * lies stored is read on the owner's connection, and checked by cixd fsck after a new sealing key.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/contribution.h"
#include "support/dossier.h"
#include "support/question.h"
#include "support/shell.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank, *other, *court, *second, *platform;
static struct contribution made;

static struct cix_client *member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = 0xff;
    exchange_member_put(&exchange, &member);
    return exchange_client(&exchange, code);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    bank = member("bank-one", MEMBER_TYPE_BANK);
    other = member("bank-two", MEMBER_TYPE_BANK);
    court = member("court-one", MEMBER_TYPE_COURT);
    second = member("court-two", MEMBER_TYPE_COURT);
    platform = member("p2p-one", MEMBER_TYPE_P2P);
    dossier_open(&dossier, &exchange);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    cix_close(court);
    cix_close(second);
    cix_close(platform);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    contribution_init(&made);
    return 0;
}

static int end(void **state)
{
    (void)state;
    contribution_done(&made);
    return 0;
}

/* ---- Contributing ---- */

/* Adds a record from its JSON; single quotes stand for double ones. */
static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    contribution_json(&made, arena_vformat(&made.arena, format, args));
    va_end(args);
}

static const char *id_of(const char *salt, int64_t n)
{
    char *text = arena_alloc(&made.arena, 37);

    person_uuid(salt, n, text);
    return text;
}

/* Sends what was added; the rule of the first refusal, "" for none. */
static const char *send(struct cix_client *client, const char *salt, int64_t n)
{
    static char rule[8];
    Cix__V1__ChunkResult *result = contribution_send(
        &made, client, id_of(salt, n), CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    rule[0] = '\0';
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->severity <= CIX__V1__SEVERITY__SEVERITY_QUARANTINE)
            snprintf(rule, sizeof(rule), "%s", result->verdicts[i]->rule);
    contribution_answer_free(result);
    made.count = 0;
    return rule;
}

static const char *who(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_format(&made.arena, "'identifier':{'type':'RESIDENT_ID','value':'%s'}",
                        person.number);
}

static void know(struct cix_client *client, int64_t k)
{
    contribution_subject(&made, k);
    contribution_account(&made, k, 0);
    assert_string_equal(send(client, "know", k), "");
}

static void add_event(int64_t k, int32_t day, int64_t amount, const char *correction)
{
    add("{'accountEvent':{'accountNo':'A%lld-0','type':1,'happenedOn':%d,'amount':'%lld',"
        "'monthsExtended':6,'note':'agreed by telephone'}%s}",
        (long long)k, day, (long long)amount, correction);
}

static void add_fraud(int64_t k, const char *ref, int64_t loss, const char *correction)
{
    add("{'fraudCase':{'caseRef':'%s',%s,'role':1,'type':2,'evidenceLevel':3,'status':2,"
        "'detectedOn':20260101,'filedOn':20260102,'expiresOn':20300101,'currency':'CNY',"
        "'amountAtRisk':'%lld','lesson':'loss of %lld'}%s}",
        ref, who(k), (long long)loss, (long long)loss, correction);
}

static void add_consent(int64_t k, const char *revoked)
{
    add("{'consent':{'consentId':'%s',%s,'purposes':['LOAN_APPROVAL'],'dataClasses':['BASIC',"
        "'CREDIT','FRAUD','PUBLIC'],'form':'WRITTEN','signedOn':20260101,'effectiveOn':20260101,"
        "'expiresOn':20301231,'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='%s}}",
        id_of("consent", k), who(k), revoked);
}

#define REPLACE ",'correction':{'action':'REPLACE','reason':'OWN_ERROR','note':'mistyped'}"
#define DELETE  ",'correction':{'action':'DELETE','reason':'DISPUTE','note':'was right'}"

/* ---- Looking ---- */

static int64_t number(const char *sql)
{
    return dossier_number(&dossier, sql);
}

/* The amounts of the facts of a kind that count, summed. */
static int64_t amount_of(const char *table, const char *column)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "select coalesce(sum(t.%s), 0)::bigint from cix.%s t where cix.fact_is_current("
             "t.subject_id, t.fact_id, t.record_id)",
             column, table);
    return number(sql);
}

static bool back_out(struct cix_client *client, const char *salt, int64_t n,
                     struct cix_error *error)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    bool is_done = false;

    request.submission_id = (char *)id_of(salt, n);
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    request.note = "the file of another month";
    while (!is_done) {
        if (!cix_back_out_submission(client, &request, &response, error))
            return false;
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        cix_free(response);
    }
    return true;
}

static void must_back_out(struct cix_client *client, const char *salt, int64_t n)
{
    struct cix_error error;

    if (!back_out(client, salt, n, &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static bool get_report(struct cix_client *client, int64_t k, Cix__V1__GetReportResponse **response,
                       struct cix_error *error)
{
    return question_report(client, k, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, response, error);
}

static bool history(struct cix_client *client, Cix__V1__HistoryKind kind,
                    Cix__V1__GetHistoryResponse **response, struct cix_error *error,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
static bool history(struct cix_client *client, Cix__V1__HistoryKind kind,
                    Cix__V1__GetHistoryResponse **response, struct cix_error *error,
                    const char *format, ...)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    va_list args;

    request.kind = kind;
    va_start(args, format);
    if (strcmp(format, "%s"))
        request.record = (Cix__V1__Record *)contribution_message(
            &made.arena, &cix__v1__record__descriptor, arena_vformat(&made.arena, format, args));
    va_end(args);
    return cix_get_history(client, &request, response, error);
}

#define EVENT CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT_EVENT

/* ---- What must hold ---- */

static void facts_and_consents_are_what_they_were(void **state)
{
    Cix__V1__GetReportResponse *report;
    struct cix_error error;

    (void)state;
    know(bank, 1);
    add_event(1, 20260105, 300, "");
    add_fraud(1, "F-1", 500, "");
    assert_string_equal(send(bank, "first", 1), "");
    contribution_subject(&made, 1);
    add_consent(1, "");
    add_fraud(1, "F-1", 7, ""); /* another member's under the same key */
    assert_string_equal(send(other, "theirs", 1), "");
    add_event(1, 20260105, 301, REPLACE);
    add_event(1, 20260106, 1000, "");
    add_fraud(1, "F-1", 600, REPLACE);
    add_fraud(1, "F-2", 10000, "");
    add_consent(1, "");
    assert_string_equal(send(bank, "second", 1), "");
    assert_int_equal(amount_of("account_event", "amount"), 1301);
    assert_int_equal(amount_of("fraud_case", "amount_at_risk"), 10607);
    assert_true(get_report(bank, 1, &report, &error));
    cix_free(report);
    must_back_out(bank, "second", 1);
    must_back_out(bank, "second", 1);
    assert_int_equal(amount_of("account_event", "amount"), 300);
    assert_int_equal(amount_of("fraud_case", "amount_at_risk"), 507);
    assert_false(get_report(bank, 1, &report, &error)); /* the consent went with it */
    assert_string_equal(cix_error_fact(&error, "rule"), "I002");
    assert_true(get_report(other, 1, &report, &error));
    assert_int_equal(report->report->n_fraud_cases, 2);
    for (size_t i = 0; i < 2; i++) { /* sealed texts are those of the version that counts */
        const Cix__V1__FraudCase *told = report->report->fraud_cases[i]->fraud_case;
        assert_string_equal(told->lesson, told->amount_at_risk == 7 ? "loss of 7" : "loss of 500");
    }
    cix_free(report);
    assert_int_equal(number("select count(*) from cix.back_out_work"), 0);
    /* What was taken back may come again, without a correction; a consent under another id. */
    add_event(1, 20260106, 2000, "");
    add_fraud(1, "F-2", 1, "");
    assert_string_equal(send(bank, "again", 1), "");
    assert_int_equal(amount_of("account_event", "amount"), 2300);
    add_consent(1, "");
    assert_string_equal(send(bank, "again", 2), "C004");
}

static void assert_backed_out(const Cix__V1__HistoryVersion *version)
{
    assert_true(version->back_out_at_us > 0);
    assert_int_equal(version->back_out_reason,
                     CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR);
    assert_string_equal(version->back_out_note, "the file of another month");
}

static void the_history_of_a_fact_says_what_changed_and_why(void **state)
{
    Cix__V1__GetHistoryResponse *told;
    struct cix_error error;

    (void)state;
    if (!history(bank, EVENT, &told, &error,
                 "{'accountEvent':{'accountNo':'A1-0','type':1,'happenedOn':20260105}}"))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(told->n_versions, 3);
    assert_string_equal(told->versions[0]->backed_out_submission_id, id_of("second", 1));
    assert_int_equal(told->versions[0]->action, 0);
    assert_backed_out(told->versions[0]);
    assert_backed_out(told->versions[1]);
    assert_int_equal(told->versions[2]->back_out_at_us, 0);
    assert_string_equal(told->versions[1]->note, "mistyped");
    assert_int_equal(told->versions[1]->action,
                     CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE);
    assert_int_equal(told->versions[1]->n_changes, 1);
    assert_string_equal(told->versions[1]->changes[0]->field, "amount");
    assert_string_equal(told->versions[1]->changes[0]->before, "300");
    assert_string_equal(told->versions[1]->changes[0]->after, "301");
    assert_string_equal(told->versions[2]->submission_id, id_of("first", 1));
    cix_free(told);
    assert_false(history(other, EVENT, &told, &error,
                         "{'accountEvent':{'accountNo':'A1-0','type':1,'happenedOn':20260105}}"));
    assert_string_equal(error.reason, "RECORD_UNKNOWN");
    assert_false(history(bank, EVENT, &told, &error, "%s", ""));
    assert_string_equal(error.reason, "FIELD_REQUIRED");
    assert_false(
        history(bank, EVENT, &told, &error, "{'gradeMap':{'grade':'G','fromOn':20250101}}"));
    assert_string_equal(error.reason, "FIELD_REQUIRED");
    assert_false(history(bank, EVENT, &told, &error, "{'accountEvent':{'accountNo':'A1-0'}}"));
    assert_string_equal(error.reason, "FIELD_INVALID");
}

static void cix_shows_the_history_of_a_fact(void **state)
{
    char path[600], words[1024], output[16384];

    (void)state;
    snprintf(path, sizeof(path), "%s/event.json", exchange.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "{\"accountEvent\": {\"accountNo\": \"A1-0\", \"type\": 1,"
                  " \"happenedOn\": 20260105}}\n");
    fclose(file);
    snprintf(words, sizeof(words), "correction history --kind account-event --record %s", path);
    assert_int_equal(shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)), 0);
    assert_non_null(strstr(
        output, arena_format(&made.arena, "restored: %s was backed out", id_of("second", 1))));
    assert_non_null(strstr(output, "backed out since"));
    assert_non_null(strstr(output, "the file of another month"));
    assert_non_null(strstr(output, "mistyped"));
    assert_int_not_equal(shell_cix_as(&exchange, "bank-two", words, output, sizeof(output)), 0);
    assert_non_null(strstr(output, "RECORD_UNKNOWN"));
    assert_int_not_equal(shell_cix_as(&exchange, "bank-one", "correction history --kind party",
                                      output, sizeof(output)),
                         0);
}

/* The history of the account and of the subject of a person, as bank-one's operator reads it. */
static const char *shown_history(int64_t k, const char *kind)
{
    char *output = arena_alloc(&made.arena, 16384);
    char path[600], words[1024];
    struct person person;

    person_make(k, &person);
    snprintf(path, sizeof(path), "%s/person.txt", exchange.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n%s\n", person.number, person.name);
    fclose(file);
    snprintf(words, sizeof(words), "correction history --kind %s %s %s", kind,
             strcmp(kind, "account") ? "--id-file" : "--account-no",
             strcmp(kind, "account") ? path : arena_format(&made.arena, "A%lld-0", (long long)k));
    if (shell_cix_as(&exchange, "bank-one", words, output, 16384))
        fail_msg("%s", output);
    return output;
}

static void a_deletion_that_is_backed_out_is_restored_and_what_was_given_is_gone(void **state)
{
    const char *told;

    (void)state;
    know(other, 5); /* so that the identifier stays */
    know(bank, 5);
    add("{'account':{'accountNo':'A5-0'}" DELETE "}");
    assert_string_equal(send(bank, "deleted", 5), "");
    must_back_out(bank, "deleted", 5);
    told = shown_history(5, "account");
    assert_non_null(strstr(
        told, arena_format(&made.arena, "restored: %s was backed out", id_of("deleted", 5))));
    assert_non_null(strstr(told, "the file of another month"));
    must_back_out(bank, "know", 5);
    told = shown_history(5, "account");
    const char *top = strchr(told, '\n') + 1;
    assert_non_null(strstr(top, "backed out"));
    assert_true(strstr(top, "backed out") < strchr(top, '\n'));
    assert_true(strstr(top, "restored") > strchr(top, '\n'));
    told = shown_history(5, "subject");
    top = strchr(told, '\n') + 1;
    assert_true(strstr(top, "backed out") && strstr(top, "backed out") < strchr(top, '\n'));
    assert_null(strstr(told, "taken back"));
    assert_non_null(strstr(told, "the file of another month"));
}

static void a_revocation_stays_whatever_is_taken_back(void **state)
{
    Cix__V1__GetReportResponse *report;
    struct cix_error error;

    (void)state;
    contribution_subject(&made, 2);
    add_consent(2, "");
    assert_string_equal(send(bank, "given", 2), "");
    add_consent(2, ",'isRevoked':true");
    assert_string_equal(send(bank, "revoked", 2), "");
    must_back_out(bank, "revoked", 2);
    assert_false(get_report(bank, 2, &report, &error));
    assert_string_equal(cix_error_fact(&error, "rule"), "I002");
}

/* Where the facts of a court that count stand: subjects with the amount. */
static int64_t public_amount(int64_t k)
{
    char sql[512], hex[2 * DIGEST_SIZE + 1];
    struct person person;

    person_make(k, &person);
    struct digest lookup = vault_lookup(dossier.vault, 10, person.number);
    for (int i = 0; i < DIGEST_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", lookup.bytes[i]);
    snprintf(sql, sizeof(sql),
             "select coalesce(sum(t.amount), 0)::bigint from cix.public_record t join"
             " cix.identifier i using (subject_id) where i.lookup = '\\x%s' and"
             " cix.fact_is_current(t.subject_id, t.fact_id, t.record_id)",
             hex);
    return number(sql);
}

static void add_public(int64_t k, int64_t amount, const char *correction)
{
    struct person person;

    person_make(k, &person);
    add("{'publicRecord':{'recordNo':'P-1',%s,'name':'%s','type':2,'authority':'Made Court',"
        "'caseNo':'(2025)皖9901执77号','decidedOn':20250301,'amount':'%lld','currency':'CNY',"
        "'status':1}%s}",
        who(k), person.name, (long long)amount, correction);
}

static void a_document_goes_back_to_whom_it_was_about(void **state)
{
    (void)state;
    add_public(11, 100, "");
    assert_string_equal(send(court, "paper", 1), "");
    add_public(12, 200, REPLACE);
    assert_string_equal(send(court, "paper", 2), "");
    assert_int_equal(public_amount(11), 0);
    assert_int_equal(public_amount(12), 200);
    must_back_out(court, "paper", 2);
    assert_int_equal(public_amount(11), 100);
    assert_int_equal(public_amount(12), 0);
    add_public(11, 101, REPLACE);
    assert_string_equal(send(court, "paper", 3), "");
    must_back_out(court, "paper", 1); /* in the middle: nothing to see */
    assert_int_equal(public_amount(11), 101);
    must_back_out(court, "paper", 3);
    assert_int_equal(public_amount(11), 0);
}

static void add_funds_of(int side, int period, int64_t custody, const char *correction)
{
    add("{'fundReport':{'platformCode':'p2p-one','period':%d,'side':%d,'currency':'CNY',"
        "'custodianCode':'bank-one','custodyAccount':'1234','ownFundsAccount':'9876',"
        "'segregation':1,'clientLiability':'1000000','custodyBalance':'%lld'}%s}",
        period, side, (long long)custody, correction);
}

static void add_funds(int64_t custody, const char *correction)
{
    add_funds_of(1, 202601, custody, correction);
}

/* A member that reports a shortfall cannot hide it by a better report that it takes back. */
static void what_counts_again_is_a_finding_again(void **state)
{
    static const char open[] = "select count(*) from cix.finding where state = 1 and kind = 1";

    (void)state;
    add_funds(900000, "");
    assert_string_equal(send(platform, "funds", 1), "");
    assert_int_equal(number(open), 1);
    add_funds(1000000, REPLACE);
    assert_string_equal(send(platform, "funds", 2), "");
    assert_int_equal(number(open), 0);
    must_back_out(platform, "funds", 2);
    assert_int_equal(number(open), 1);
    must_back_out(platform, "funds", 1);
    assert_int_equal(number(open), 1); /* what is taken back puts nothing right */
    assert_int_equal(amount_of("fund_report", "custody_balance"), 0);
}

/* So it is with what its custodian reports differently. */
static void a_difference_that_counts_again_is_a_finding_again(void **state)
{
    static const char open[] = "select count(*) from cix.finding where state = 1 and kind = 4";

    (void)state;
    add_funds_of(1, 202602, 1200000, "");
    assert_string_equal(send(platform, "differing", 1), "");
    add_funds_of(2, 202602, 1100000, "");
    assert_string_equal(send(bank, "differing", 2), ""); /* U004 is a warning */
    assert_int_equal(number(open), 1);
    add_funds_of(1, 202602, 1100000, REPLACE);
    assert_string_equal(send(platform, "differing", 3), "");
    assert_int_equal(number(open), 0);
    must_back_out(platform, "differing", 3);
    assert_int_equal(number(open), 1);
}

static void a_later_map_of_the_same_days_stands_in_the_way(void **state)
{
    struct cix_error error;

    (void)state;
    add("{'gradeMap':{'grade':'G1','fromOn':20250101,'masterGrade':'AA'}}");
    assert_string_equal(send(bank, "map", 1), "");
    add("{'gradeMap':{'grade':'G1','fromOn':20250101,'untilOn':20251231,'masterGrade':'AA'}" REPLACE
        "}");
    assert_string_equal(send(bank, "map", 2), "");
    add("{'gradeMap':{'grade':'G1','fromOn':20260101,'masterGrade':'B'}}");
    assert_string_equal(send(bank, "map", 3), "");
    assert_false(back_out(bank, "map", 2, &error));
    assert_string_equal(error.reason, "BACK_OUT_BLOCKED");
    assert_string_equal(cix_error_fact(&error, "submission_id"), id_of("map", 3));
    must_back_out(bank, "map", 3);
    must_back_out(bank, "map", 2);
    assert_int_equal(number("select count(*) from cix.grade_map t where t.until_on is null and"
                            " cix.fact_is_current(t.subject_id, t.fact_id, t.record_id)"),
                     1);
}

/* A fact of an account that would be gone; one that was taken back stands in nobody's way. */
static void a_later_fact_of_its_account_stands_in_the_way(void **state)
{
    struct cix_error error;

    (void)state;
    know(bank, 91);
    add_event(91, 20260105, 500, "");
    assert_string_equal(send(bank, "fact", 91), "");
    assert_false(back_out(bank, "know", 91, &error));
    assert_string_equal(error.reason, "BACK_OUT_BLOCKED");
    assert_string_equal(cix_error_fact(&error, "submission_id"), id_of("fact", 91));
    must_back_out(bank, "fact", 91);
    must_back_out(bank, "know", 91);
    know(bank, 92);
    add_event(92, 20260105, 500, "");
    assert_string_equal(send(bank, "fact", 92), "");
    add_event(92, 20260105, 500, DELETE);
    assert_string_equal(send(bank, "gone", 92), "");
    must_back_out(bank, "know", 92);
}

/* Begins a back-out and stops after the first look at all that the submission touched. */
static void look_only(const char *code, const char *id)
{
    const char *caller = arena_format(
        &made.arena, "(select m.member_id from cix.member m where m.code = '%s')", code);

    assert_int_equal(
        number(arena_format(&made.arena,
                            "select outcome::bigint from cix.back_out_begin(%s, '%s', (select"
                            " max(u.audit_id) + 1 from cix.audit u), 1::smallint, null, now(),"
                            " sha256(''), sha256(''), 55::smallint)",
                            caller, id)),
        0);
    assert_int_equal(
        number(arena_format(
            &made.arena, "select phase::bigint from cix.back_out_step(%s, '%s', 1000, '{}', now())",
            caller, id)),
        2);
}

/* What comes between the two looks would lose its account. */
static void a_month_that_comes_meanwhile_stands_in_the_way(void **state)
{
    struct cix_error error;

    (void)state;
    know(bank, 93);
    const char *standing = arena_format(&made.arena,
                                        "select count(*) from cix.account a join "
                                        "cix.account_version v using (subject_id, account_id)"
                                        " where v.submission_id = '%s'",
                                        id_of("know", 93));
    look_only("bank-one", id_of("know", 93));
    contribution_month(&made, 93, 0, 202601, 100);
    assert_string_equal(send(bank, "meanwhile", 93), "");
    assert_false(back_out(bank, "know", 93, &error));
    assert_string_equal(error.reason, "BACK_OUT_BLOCKED");
    assert_string_equal(cix_error_fact(&error, "submission_id"), id_of("meanwhile", 93));
    assert_int_equal(number(standing), 1);
    must_back_out(bank, "meanwhile", 93);
    must_back_out(bank, "know", 93);
    assert_int_equal(number(standing), 0);
}

/* ---- Listings ---- */

static void add_flag(int64_t k, const char *says, const char *more, const char *correction)
{
    struct person person;

    person_make(k, &person);
    add("{'flag':{'flagId':'%s',%s,'name':'%s','caseNo':'(2025)皖9901执%lld号','court':'%s',"
        "'filedOn':20250101,'publishedOn':20250301,'ground':1,'performance':1,'grade':1,'status':'"
        "LISTED',"
        "'restrictions':[1]%s}%s}",
        id_of("flag", k), who(k), person.name, (long long)k, says, more, correction);
}

/* What the listing of person k says, as a lender that asks sees it: its court, "" when there is
 * none. */
static const char *listed_by(int64_t k)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__FlagInquiry inquiry = CIX__V1__FLAG_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__CheckFlagResponse *response;
    struct cix_error error;
    struct person person;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    inquiry.identifier = &identifier;
    inquiry.name = person.name;
    inquiry.operator_id = (char *)"op";
    request.inquiry = &inquiry;
    if (!cix_check_flag(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    const char *told = response->answer->n_listings
                           ? arena_string(&made.arena, response->answer->listings[0]->court)
                           : "";
    cix_free(response);
    return told;
}

static void a_court_puts_its_listing_right_and_nobody_elses(void **state)
{
    (void)state;
    add_flag(21, "Wrong Court", "", "");
    assert_string_equal(send(court, "list", 21), "");
    add_flag(21, "Right Court", "", "");
    assert_string_equal(send(court, "list", 22), "D010"); /* only a correction may */
    add_flag(21, "Right Court", "", REPLACE);
    assert_string_equal(send(second, "list", 23), "K001");
    add("{'flag':{'flagId':'%s'}" DELETE "}", id_of("flag", 21));
    assert_string_equal(send(second, "list", 24), "K001");
    assert_string_equal(listed_by(21), "Wrong Court");
    add_flag(21, "Right Court", "", REPLACE);
    assert_string_equal(send(court, "list", 25), "");
    assert_string_equal(listed_by(21), "Right Court");
    add_flag(21, "Right Court", "", ""); /* nor is another status taken without a correction */
    made.records[0]->flag->status = CIX__V1__FLAG_STATUS__FLAG_STATUS_SUSPENDED;
    assert_string_equal(send(court, "resent", 29), "D010");
    add_flag(21, "Right Court", "", ""); /* nor another case */
    made.records[0]->flag->case_no = (char *)"(2025)皖9901执22号";
    assert_string_equal(send(court, "resent", 32), "D010");
    add_flag(21, "Right Court", "", "");
    assert_string_equal(send(court, "resent", 30), "");
    add_flag(22, "Right Court", "", REPLACE);
    made.records[0]->flag->flag_id = (char *)id_of("flag", 21); /* of somebody else */
    assert_string_equal(send(court, "list", 26), "D010");
    assert_string_equal(listed_by(22), "");
    add("{'flag':{'flagId':'%s'}" DELETE "}", id_of("flag", 21));
    assert_string_equal(send(court, "list", 27), "");
    assert_string_equal(listed_by(21), "");
    add_flag(21, "Right Court", "", REPLACE); /* it ended and does not come back */
    assert_string_equal(send(court, "list", 28), "D003");
    add_flag(21, "Right Court", "", ""); /* nor does sending it again list it */
    assert_string_equal(send(court, "resent", 31), "D003");
    assert_int_equal(number("select count(*) from cix.flag where status = 5 and status_reason = 7"),
                     1);
}

static void the_history_of_a_listing_says_what_it_said(void **state)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *told;
    struct cix_error error;

    (void)state;
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_FLAG;
    request.flag_id = (char *)id_of("flag", 21);
    assert_false(cix_get_history(second, &request, &told, &error));
    assert_string_equal(error.reason, "RECORD_UNKNOWN");
    if (!cix_get_history(court, &request, &told, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(told->n_versions, 3);
    assert_true(told->versions[0]->is_deleted);
    assert_string_equal(told->versions[0]->note, "was right");
    assert_int_equal(told->versions[1]->n_changes, 1);
    assert_string_equal(told->versions[1]->changes[0]->field, "court");
    assert_string_equal(told->versions[1]->changes[0]->before, "Wrong Court");
    assert_string_equal(told->versions[1]->submission_id, id_of("list", 25));
    assert_string_equal(told->versions[1]->note, "mistyped");
    cix_free(told);
}

static void a_listing_is_what_it_was_before_its_submission(void **state)
{
    Cix__V1__RemoveFlagRequest remove = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *removed;
    struct cix_error error;

    (void)state;
    must_back_out(court, "list", 27); /* the deletion */
    assert_string_equal(listed_by(21), "Right Court");
    must_back_out(court, "list", 25); /* the replacement */
    assert_string_equal(listed_by(21), "Wrong Court");
    must_back_out(court, "list", 21);
    assert_string_equal(listed_by(21), "");
    add_flag(21, "Third Court", "", ""); /* what was taken back may come again */
    assert_string_equal(send(court, "list", 29), "");
    assert_string_equal(listed_by(21), "Third Court");
    remove.flag_id = (char *)id_of("flag", 21);
    remove.reason = CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED;
    assert_true(cix_remove_flag(court, &remove, &removed, &error));
    cix_free(removed);
    must_back_out(court, "list", 29); /* removed is removed */
    assert_string_equal(listed_by(21), "");
    assert_int_equal(number("select count(*) from cix.flag where status = 4"), 1);
    /* A member that takes its own records back does not touch a listing. */
    contribution_subject(&made, 23);
    assert_string_equal(send(bank, "list", 30), "");
    add_flag(23, "Some Court", "", "");
    assert_string_equal(send(court, "list", 31), "");
    must_back_out(bank, "list", 30);
    assert_string_equal(listed_by(23), "Some Court");
    assert_false(back_out(bank, "list", 31, &error));
    assert_string_equal(error.reason, "SUBMISSION_UNKNOWN");
}

/* What the document of listing k says to the court's readers: its parts between bars. */
static const char *duty_of(int64_t k)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!get_report(other, k, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->n_flags, 1);
    const Cix__V1__ReportedFlag *flag = response->report->flags[0];
    const char *told =
        arena_format(&made.arena, "%s|%s|%s|%s|%s|%d", flag->basis_no, flag->basis_unit,
                     flag->duty_text, flag->performed_part, flag->unperformed_part,
                     flag->term_months_presence_case ? flag->term_months : 0);
    cix_free(response);
    return told;
}

/* The report of person k, as cix prints it, holds each text. */
static void cix_prints(int64_t k, const char *const *texts)
{
    struct person person;
    char words[512], output[16384];

    person_make(k, &person);
    snprintf(
        words, sizeof(words),
        "report --id-type resident-id --id %s --name '%s' --purpose loan-approval --operator op",
        person.number, person.name);
    assert_int_equal(shell_cix_as(&exchange, "bank-two", words, output, sizeof(output)), 0);
    for (; *texts; texts++)
        if (!strstr(output, *texts))
            fail_msg("no \"%s\" in %s", *texts, output);
}

#define DUTY(text, part)                                                                           \
    ",'basisNo':'(2024)7','basisUnit':'Some Office','dutyText':'" text "','performedPart':'" part  \
    "','unperformedPart':'the rest','expiresOn':20270301,'termMonths':24"

static void the_document_of_a_listing_goes_with_it(void **state)
{
    static const char first[] = "(2024)7|Some Office|repay 100||the rest|24";
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *told;
    struct cix_error error;

    (void)state;
    add_consent(41, "");
    assert_string_equal(send(other, "theirs", 41), "");
    add_flag(41, "Some Court", DUTY("repay 100", ""), "");
    assert_string_equal(send(court, "duty", 1), "");
    assert_string_equal(duty_of(41), first);
    add_flag(41, "Some Court", DUTY("repay 100", ""), ""); /* the same again */
    assert_string_equal(send(court, "duty", 2), "");
    add_flag(41, "Some Court", DUTY("repay 200", ""), "");
    assert_string_equal(send(court, "duty", 3), "D010");
    add_flag(41, "Some Court", ",'expiresOn':20270301", "");
    assert_string_equal(send(court, "duty", 4), "D010"); /* nor is it left out */
    assert_string_equal(duty_of(41), first);
    add_flag(41, "Some Court", DUTY("repay 200", "half"), REPLACE);
    assert_string_equal(send(court, "duty", 5), "");
    assert_string_equal(duty_of(41), "(2024)7|Some Office|repay 200|half|the rest|24");
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_FLAG;
    request.flag_id = (char *)id_of("flag", 41);
    if (!cix_get_history(court, &request, &told, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(told->n_versions, 2);
    assert_int_equal(told->versions[0]->n_changes, 2);
    assert_string_equal(told->versions[0]->changes[0]->field, "duty_text");
    assert_string_equal(told->versions[0]->changes[0]->before, "");
    assert_string_equal(told->versions[0]->changes[1]->field, "performed_part");
    cix_free(told);
    cix_prints(41, (const char *const[]){"document: (2024)7, Some Office\n", "term: 24 months\n",
                                         "  duty: repay 200\n  performed: half\n"
                                         "  not performed: the rest\n",
                                         NULL});
    must_back_out(court, "duty", 5);
    assert_string_equal(duty_of(41), first);
    add_flag(41, "Some Court", "", REPLACE); /* the document may go, too */
    assert_string_equal(send(court, "duty", 6), "");
    assert_string_equal(duty_of(41), "|||||0");
}

/* A whole file is applied when it is committed; what it brought is found all the same. */
static void a_file_goes_with_all_its_kinds(void **state)
{
    Cix__V1__ChunkResult *result;

    (void)state;
    know(court, 31);
    int64_t events = amount_of("account_event", "amount");
    add_event(31, 20260105, 5, "");
    add_consent(31, "");
    add_flag(31, "Some Court", "", "");
    result = contribution_send(&made, court, id_of("file", 31),
                               CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE);
    assert_int_equal(result->rejected, 0);
    contribution_answer_free(result);
    made.count = 0;
    assert_string_equal(listed_by(31), "Some Court");
    assert_int_equal(amount_of("account_event", "amount"), events + 5);
    must_back_out(court, "file", 31);
    assert_string_equal(listed_by(31), "");
    assert_int_equal(amount_of("account_event", "amount"), events);
    assert_int_equal(number("select count(*) from cix.consent where is_revoked and restored_by is"
                            " not null and member_id = (select member_id from cix.member where"
                            " code = 'court-one')"),
                     1);
}

static int cixd(const char *words)
{
    const char *build = getenv("CIX_BUILD");
    char command[2048], output[4096];

    snprintf(command, sizeof(command), "%s/cixd %s --database '%s' --data %s 2>&1",
             build ? build : "build/dev", words, exchange.database.owner_uri, exchange.folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    if (WEXITSTATUS(status))
        print_error("%s", output);
    return WEXITSTATUS(status);
}

static void seals_open_under_a_new_key_and_nothing_dangles(void **state)
{
    Cix__V1__GetReportResponse *report;
    struct cix_error error;

    (void)state;
    assert_int_equal(cixd("key rotate"), 0);
    assert_int_equal(cixd("fsck --all"), 0);
    assert_true(get_report(other, 1, &report, &error));
    assert_int_equal(report->report->n_fraud_cases, 3);
    cix_free(report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facts_and_consents_are_what_they_were),
        TEST(the_history_of_a_fact_says_what_changed_and_why),
        TEST(cix_shows_the_history_of_a_fact),
        TEST(a_deletion_that_is_backed_out_is_restored_and_what_was_given_is_gone),
        TEST(a_revocation_stays_whatever_is_taken_back),
        TEST(a_document_goes_back_to_whom_it_was_about),
        TEST(what_counts_again_is_a_finding_again),
        TEST(a_difference_that_counts_again_is_a_finding_again),
        TEST(a_later_map_of_the_same_days_stands_in_the_way),
        TEST(a_later_fact_of_its_account_stands_in_the_way),
        TEST(a_month_that_comes_meanwhile_stands_in_the_way),
        TEST(a_court_puts_its_listing_right_and_nobody_elses),
        TEST(the_history_of_a_listing_says_what_it_said),
        TEST(a_listing_is_what_it_was_before_its_submission),
        TEST(the_document_of_a_listing_goes_with_it),
        TEST(a_file_goes_with_all_its_kinds),
        TEST(seals_open_under_a_new_key_and_nothing_dangles),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
