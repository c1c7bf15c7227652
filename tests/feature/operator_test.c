/*
 * Goal: what a member said on a subject's behalf, or falsely of it, can be put right when that
 * member does not: the operator ends any mark and sets a status, with a reason and a trace, and no
 * identity on its screen.
 * Method: a whole exchange; members set marks over mTLS, the built cixd puts them right beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/contribution.h"
#include "support/dossier.h"
#include "support/question.h"

#include "support/cmocka.h"

enum { FROZEN = 701, DEAD = 702, DISPUTED = 703, NOBODY = 704, LED = 705, OUTPUT_MAX = 16 * 1024 };

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank;
static struct cix_client *other;
static char output[OUTPUT_MAX];
static uint8_t hash[32] = {7};

static Cix__V1__Subject *contribute(struct contribution *contribution, int64_t k)
{
    contribution_init(contribution);
    return contribution_subject(contribution, k);
}

static void send(struct contribution *contribution, struct cix_client *client,
                 const char *submission_id)
{
    Cix__V1__ChunkResult *result = contribution_send(
        contribution, client, submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    assert_int_equal(result->accepted, contribution->count);
    contribution_answer_free(result);
    contribution_done(contribution);
}

static int setup(void **state)
{
    struct contribution contribution;

    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    dossier_open(&dossier, &exchange);
    bank = exchange_client(&exchange, "bank-one");
    other = exchange_client(&exchange, "bank-two");
    for (int64_t k = FROZEN; k <= DISPUTED; k++) {
        char id[37];
        contribute(&contribution, k);
        contribution_account(&contribution, k, 1);
        snprintf(id, sizeof(id), "5e000000-0000-4000-8000-000000000%03lld", (long long)k);
        send(&contribution, bank, id);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

/* Runs cixd on the exchange's database with a line on standard input; the exit code. */
static int cixd(const char *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int cixd(const char *line, const char *format, ...)
{
    const char *build = getenv("CIX_BUILD");
    char words[512], command[2048];
    va_list list;

    va_start(list, format);
    vsnprintf(words, sizeof(words), format, list);
    va_end(list);
    snprintf(command, sizeof(command),
             "printf '%%s\\n' '%s' | %s/cixd %s --database '%s' --data %s 2>&1", line,
             build ? build : "build/dev", words, exchange.database.uri, exchange.folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static int64_t subject_of(int64_t k)
{
    struct person person;

    person_make(k, &person);
    assert_int_equal(cixd(person.number, "subject show -"), 0);
    const char *id = strstr(output, "subject ");
    assert_non_null(id);
    assert_null(strstr(output, person.number));
    return strtoll(id + strlen("subject "), NULL, 10);
}

/* The first mark of a kind that is printed. */
static int64_t mark_of(int64_t k, const char *kind)
{
    struct person person;

    person_make(k, &person);
    assert_int_equal(cixd(person.number, "subject marks -"), 0);
    assert_printed(kind);
    return strtoll(strstr(output, " mark ") + strlen(" mark "), NULL, 10);
}

/* ---- Members ---- */

static bool get_report(struct cix_client *client, int64_t k, Cix__V1__Purpose purpose,
                       struct cix_error *error)
{
    Cix__V1__GetReportResponse *response;

    if (!question_report(client, k, purpose, &response, error))
        return false;
    cix_free(response);
    return true;
}

static bool protect(struct cix_client *client, int64_t k, Cix__V1__ProtectionKind kind, char *id)
{
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__SetProtectionResponse *response;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    struct cix_error error;
    struct person person;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.protection_id = id;
    request.identifier = &identifier;
    request.name = person.name;
    request.kind = kind;
    request.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (!cix_set_protection(client, &request, &response, &error))
        return false;
    cix_free(response);
    return true;
}

static void dispute(struct cix_client *client, int64_t k, char *id)
{
    Cix__V1__AddAnnotationRequest request = CIX__V1__ADD_ANNOTATION_REQUEST__INIT;
    Cix__V1__AnnotationTarget target = CIX__V1__ANNOTATION_TARGET__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__AddAnnotationResponse *response;
    struct cix_error error;
    struct person person;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY;
    request.annotation_id = id;
    request.identifier = &identifier;
    request.name = person.name;
    request.target = &target;
    request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE;
    request.code = 101;
    request.text = "not me";
    request.filed_by = CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT;
    request.evidence_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (!cix_add_annotation(client, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

/* What reasons and document leave behind. */
static void assert_acts(int kind, int method, int reason, int64_t count)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "select count(*) from cix.operator_act a join cix.audit u on u.audit_id = a.act_id"
             " where a.kind = %d and a.reason = %d and u.method = %d and u.member_id = 0"
             " and u.outcome = 0 and u.records_hash <> decode(repeat('00', 32), 'hex')",
             kind, reason, method);
    assert_int_equal(dossier_number(&dossier, sql), count);
}

/* ---- What must hold ---- */

/* Anybody can make a subject record and a digest; the subject must get out of that freeze. */
static void a_freeze_that_a_stranger_set_is_lifted_by_the_operator(void **state)
{
    static char id[] = "b7000000-0000-4000-8000-000000000001";
    Cix__V1__ProtectionKind block = CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK;
    Cix__V1__Purpose approval = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    struct contribution contribution;
    struct person person;
    struct cix_error error;
    char consent_id[37];

    (void)state;
    contribute(&contribution, FROZEN);
    send(&contribution, other, "5e000000-0000-4000-8000-000000000801");
    person_make(FROZEN, &person);
    dossier_consent(&dossier, &person, "bank-one", consent_id);
    assert_true(get_report(bank, FROZEN, approval, &error));
    assert_true(protect(other, FROZEN, block, id));
    assert_false(get_report(bank, FROZEN, approval, &error));
    assert_string_equal(cix_error_fact(&error, "rule"), "I006");
    int64_t subject = subject_of(FROZEN), mark = mark_of(FROZEN, "inquiry-block by bank-two");
    assert_int_equal(cixd("", "subject lift %lld %lld --reason fraud --document %s/bank-one.pem",
                          (long long)subject, (long long)mark, exchange.folder),
                     0);
    assert_true(get_report(bank, FROZEN, approval, &error));
    assert_acts(1, 202, 4, 1);
    assert_true(protect(other, FROZEN, block, id)); /* a repetition sets nothing */
    assert_true(get_report(bank, FROZEN, approval, &error));
    assert_int_equal(cixd("", "subject lift %lld %lld --reason fraud --document %s/bank-one.pem",
                          (long long)subject, (long long)mark, exchange.folder),
                     1);
    assert_printed("MARK_ENDED");
    assert_int_equal(cixd("", "subject marks %lld", (long long)subject), 0);
    assert_string_equal(output, "");
    assert_int_equal(cixd("", "subject marks --all"), 0);
    assert_printed("ended by operator on");
    assert_printed(": fraud");
}

static void a_dispute_of_another_is_ended_and_whoever_filed_it_sees_by_whom(void **state)
{
    static char id[] = "a7000000-0000-4000-8000-000000000001";
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
    Cix__V1__EndAnnotationRequest end = CIX__V1__END_ANNOTATION_REQUEST__INIT;
    Cix__V1__ListAnnotationsResponse *page;
    Cix__V1__EndAnnotationResponse *ended;
    struct cix_error error;

    (void)state;
    dispute(bank, DISPUTED, id);
    end.annotation_id = id; /* no member's to give */
    end.outcome = CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_ENDED_BY_OPERATOR;
    assert_false(cix_end_annotation(bank, &end, &ended, &error));
    int64_t subject = subject_of(DISPUTED), mark = mark_of(DISPUTED, "dispute 101 on identity");
    assert_int_equal(cixd("", "subject lift %lld %lld --reason order --document %s/bank-one.pem",
                          (long long)subject, (long long)mark, exchange.folder),
                     0);
    assert_acts(2, 202, 2, 1);
    request.with_ended = true;
    assert_true(cix_list_annotations(bank, &request, &page, &error));
    assert_int_equal(page->n_annotations, 1);
    assert_int_equal(page->annotations[0]->outcome,
                     CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_ENDED_BY_OPERATOR);
    assert_string_equal(page->annotations[0]->ended_by_code, "");
    assert_true(page->annotations[0]->ended_at_us > 0);
    cix_free(page);
}

/* The status of a subject in the database. */
static int64_t status_of(int64_t subject)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "select status::bigint from cix.subject where subject_id = %lld",
             (long long)subject);
    return dossier_number(&dossier, sql);
}

static void say_status(struct cix_client *client, int64_t k, int status, const char *submission_id)
{
    struct contribution contribution;

    contribute(&contribution, k)->status = (Cix__V1__SubjectStatus)status;
    send(&contribution, client, submission_id);
}

static void a_false_death_is_undone_and_what_is_said_later_counts(void **state)
{
    int64_t subject = subject_of(DEAD);

    (void)state;
    say_status(other, DEAD, SUBJECT_STATUS_DECEASED, "5e000000-0000-4000-8000-000000000811");
    say_status(bank, DEAD, SUBJECT_STATUS_ACTIVE, "5e000000-0000-4000-8000-000000000812");
    assert_int_equal(status_of(subject), SUBJECT_STATUS_DECEASED); /* bank-one alone cannot */
    assert_int_equal(cixd("", "subject show %lld", (long long)subject), 0);
    assert_printed("DECEASED by bank-two");
    assert_int_equal(
        cixd("", "subject status %lld active --reason member-left --document %s/bank-one.pem",
             (long long)subject, exchange.folder),
        0);
    assert_int_equal(status_of(subject), SUBJECT_STATUS_ACTIVE);
    assert_acts(3, 203, 3, 1);
    assert_int_equal(cixd("", "subject show %lld", (long long)subject), 0);
    assert_printed("set aside by the operator");
    assert_printed("ACTIVE by operator");
    /* What was set aside does not come back by what others do. */
    say_status(bank, DEAD, SUBJECT_STATUS_DECEASED, "5e000000-0000-4000-8000-000000000813");
    assert_int_equal(status_of(subject), SUBJECT_STATUS_DECEASED);
    say_status(bank, DEAD, SUBJECT_STATUS_ACTIVE, "5e000000-0000-4000-8000-000000000814");
    assert_int_equal(status_of(subject), SUBJECT_STATUS_ACTIVE);
}

/* Findings about who leads a member: open ones, or all. */
static int64_t findings_of_person(bool with_closed)
{
    return dossier_number(&dossier,
                          with_closed ? "select count(*) from cix.finding where kind = 10"
                                      : "select count(*) from cix.finding f join cix.member m"
                                        " using (member_id) where f.kind = 10 and f.state = 1"
                                        " and m.code = 'bank-two' and f.subject_id = m.member_id");
}

/* The hour's look of the server. */
static void sweep(void)
{
    dossier_number(&dossier, "select cix.flag_case_sweep(now())::bigint");
}

static void assert_regulator_finds(const char *member)
{
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;
    Cix__V1__ListFindingsResponse *response;
    struct cix_client *regulator;
    struct cix_error error;

    exchange_member(&exchange, "regulator-one", MEMBER_TYPE_REGULATOR_ADMIN);
    regulator = exchange_client(&exchange, "regulator-one");
    request.kind = CIX__V1__FINDING_KIND__FINDING_KIND_RESPONSIBLE_LISTED;
    if (!cix_list_findings(regulator, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->n_findings, 1);
    assert_string_equal(response->findings[0]->member_code, member);
    cix_free(response);
    cix_close(regulator);
}

/* The person who answers for a platform absconds with the money: a court's listing tells. */
static void a_listed_person_who_answers_for_a_member_is_a_finding(void **state)
{
    struct person person;
    char flag_id[37];

    (void)state;
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    person_make(LED, &person);
    assert_int_equal(cixd(person.number, "member set bank-two --responsible-person -"), 0);
    assert_null(strstr(output, person.number));
    assert_int_equal(findings_of_person(true), 0); /* the exchange does not know the person */
    int64_t subject = dossier_subject(&dossier, &person, "bank-one");
    sweep();
    assert_int_equal(findings_of_person(true), 0);
    dossier_flag(&dossier, subject, "court-one", flag_id);
    sweep();
    sweep();
    assert_int_equal(findings_of_person(true), 1);
    assert_int_equal(findings_of_person(false), 1);
    dossier_number(&dossier, "with f as (update cix.flag set status = 4 returning 1)"
                             " select count(*) from f");
    sweep();
    assert_int_equal(findings_of_person(false), 0);
    dossier_number(&dossier, "with f as (update cix.flag set status = 1 returning 1)"
                             " select count(*) from f");
    sweep();
    assert_regulator_finds("bank-two");
    assert_int_equal(findings_of_person(false), 1);
    assert_int_equal(cixd("", "member set bank-two --responsible-person \"\""), 0);
    assert_int_equal(findings_of_person(false), 0);
    assert_int_equal(findings_of_person(true), 2);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit where method = 210"),
                     2);
    /* Whom the exchange knows is found at once; an organisation leads nobody. */
    assert_int_equal(cixd(person.number, "member set bank-two --responsible-person -"), 0);
    assert_int_equal(findings_of_person(false), 1);
    assert_int_equal(cixd("USCC 91350100M000100Y43", "member set bank-two --responsible-person -"),
                     1);
    assert_printed("IDENTIFIER");
    assert_int_equal(cixd("", "member set bank-two --responsible-person %s", person.number), 1);
    assert_printed("RESPONSIBLE_PERSON");
    assert_null(strstr(output, person.number));
    assert_int_equal(cixd(person.number, "member set nobody --responsible-person -"), 1);
    assert_printed("MEMBER_UNKNOWN");
    assert_int_equal(findings_of_person(false), 1);
}

static void what_is_wrong_is_told_and_changes_nothing(void **state)
{
    int64_t acts = dossier_number(&dossier, "select count(*) from cix.operator_act");
    int64_t subject = subject_of(DEAD);
    struct person person;

    (void)state;
    person_make(NOBODY, &person);
    assert_int_equal(cixd(person.number, "subject show -"), 1);
    assert_printed("SUBJECT_UNKNOWN");
    assert_int_equal(cixd("123", "subject show -"), 1);
    assert_printed("IDENTIFIER");
    assert_int_equal(cixd("NO_TYPE 123", "subject show -"), 1);
    assert_printed("IDENTIFIER");
    assert_int_equal(cixd("", "subject lift %lld 1 --reason order --document %s/bank-one.pem",
                          (long long)subject, exchange.folder),
                     1);
    assert_printed("MARK_UNKNOWN");
    assert_int_equal(cixd("", "subject status %lld active --document %s/bank-one.pem",
                          (long long)subject, exchange.folder),
                     1);
    assert_printed("REASON");
    assert_int_equal(cixd("", "subject status %lld active --reason order", (long long)subject), 1);
    assert_printed("DOCUMENT");
    assert_int_equal(cixd("", "subject status %lld merged_into --reason order --document %s/x",
                          (long long)subject, exchange.folder),
                     1);
    assert_printed("STATUS");
    assert_int_equal(cixd("", "subject status"), 2);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.operator_act"), acts);
    assert_true(dossier_number(&dossier, "select count(*) from cix.audit where method = 201"
                                         " and outcome = 1") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_freeze_that_a_stranger_set_is_lifted_by_the_operator),
        cmocka_unit_test(a_dispute_of_another_is_ended_and_whoever_filed_it_sees_by_whom),
        cmocka_unit_test(a_false_death_is_undone_and_what_is_said_later_counts),
        cmocka_unit_test(a_listed_person_who_answers_for_a_member_is_a_finding),
        cmocka_unit_test(what_is_wrong_is_told_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
