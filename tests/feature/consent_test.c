/*
 * Goal: a consent for one account opens the subject to its member only while that account is the
 * member's, is open, and the subject is its borrower, co-borrower or guarantor; it may come first.
 * Method: a whole exchange, libcix over mTLS; records are texts of JSON as members send them.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/person.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank, *other, *bureau;
static struct contribution made;
static struct cix_error error;

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
    bureau = member("bureau-one", MEMBER_TYPE_CREDIT_BUREAU);
    dossier_open(&dossier, &exchange);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    cix_close(bureau);
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

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    contribution_json(&made, arena_vformat(&made.arena, format, args));
    va_end(args);
}

/* Sends what was added; the rule of the first refusal, "" for none. */
static const char *send(struct cix_client *client)
{
    static int submissions;
    static char rule[8];
    char id[37];

    person_uuid("submission", ++submissions, id);
    Cix__V1__ChunkResult *result =
        contribution_send(&made, client, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    rule[0] = '\0';
    for (size_t i = 0; i < result->n_verdicts && !*rule; i++)
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

static const char *id_of(int64_t n)
{
    char *text = arena_alloc(&made.arena, 37);

    person_uuid("consent", n, text);
    return text;
}

/* The consent itself, as JSON; classes in single quotes. */
static const char *consent(int64_t n, int64_t k, const char *classes, const char *account_no)
{
    return arena_format(
        &made.arena,
        "{'consentId':'%s',%s,'purposes':['LOAN_APPROVAL'],'dataClasses':[%s],'form':'WRITTEN',"
        "'signedOn':20260101,'effectiveOn':20260101,'expiresOn':20301231,"
        "'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=','scopeAccountNo':'%s'}",
        id_of(n), who(k), classes, account_no);
}

static void add_consent(int64_t n, int64_t k, const char *account_no)
{
    add("{'consent':%s}", consent(n, k, "'BASIC','CREDIT'", account_no));
}

static void add_party(int64_t owner, int64_t k, int role, const char *more)
{
    add("{'party':{'accountNo':'A%lld-0',%s,'role':%d,'fromOn':20240201%s}}", (long long)owner,
        who(k), role, more);
}

/* ---- Asking ---- */

/* The report of person k for an approval; NULL when it is refused. */
static Cix__V1__GetReportResponse *report(struct cix_client *client, int64_t k, const char *more)
{
    struct person person;
    Cix__V1__GetReportResponse *response;

    person_make(k, &person);
    char *text = arena_format(
        &made.arena, "{'inquiry':{%s,'name':'%s','purpose':'LOAN_APPROVAL','operatorId':'op'%s}}",
        who(k), person.name, more);
    const Cix__V1__GetReportRequest *request =
        (const Cix__V1__GetReportRequest *)contribution_message(
            &made.arena, &cix__v1__get_report_request__descriptor, text);
    return cix_get_report(client, request, &response, &error) ? response : NULL;
}

/* "" when the report is given, else the rule that refuses it. */
static const char *refusal_with(struct cix_client *client, int64_t k, const char *more)
{
    Cix__V1__GetReportResponse *response = report(client, k, more);

    if (!response)
        return cix_error_fact(&error, "rule") ? cix_error_fact(&error, "rule") : error.reason;
    cix_free(response);
    return "";
}

static const char *refusal(struct cix_client *client, int64_t k)
{
    return refusal_with(client, k, "");
}

/* ---- What must hold ---- */

static void it_waits_for_its_account_and_ends_with_it(void **state)
{
    (void)state;
    contribution_subject(&made, 1);
    add_consent(1, 1, "A1-0");
    assert_string_equal(send(bank), ""); /* no account is there */
    assert_string_equal(refusal(bank, 1), "I002");
    contribution_account(&made, 1, 1);
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 1), "I002"); /* another account */
    contribution_account(&made, 1, 0);
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 1), "");
    Cix__V1__Account *closed = contribution_account(&made, 1, 0);
    closed->closed_on_presence_case = CIX__V1__ACCOUNT__CLOSED_ON_PRESENCE_CLOSED_ON;
    closed->closed_on = 20260301;
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 1), "I002");
    add_consent(2, 1, ""); /* one without an account asks nothing of it */
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 1), "");
}

static void it_is_for_who_answers_for_the_account(void **state)
{
    (void)state;
    for (int k = 11; k <= 13; k++)
        contribution_subject(&made, k);
    contribution_account(&made, 11, 0);
    add_consent(11, 12, "A11-0");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), "I002");
    add_party(11, 12, 5, "");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), "I002"); /* a pledgor */
    add_party(11, 12, 3, "");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), ""); /* a guarantor */
    add_party(11, 12, 3,
              ",'untilOn':20260101},'correction':{'action':'REPLACE','reason':'OWN_ERROR'");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), "I002"); /* no longer */
    add_party(11, 12, 2, "");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), ""); /* a co-borrower */
    add_party(11, 12, 2, "},'correction':{'action':'DELETE','reason':'OWN_ERROR'");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 12), "I002");
    add_consent(12, 13, "A11-0");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 13), "I002"); /* has nothing to do with it */
}

static void it_is_for_an_account_of_the_member_itself(void **state)
{
    (void)state;
    contribution_subject(&made, 21);
    contribution_account(&made, 21, 0);
    assert_string_equal(send(bank), "");
    add_consent(21, 21, "A21-0");
    assert_string_equal(send(other), "");
    assert_string_equal(refusal(other, 21), "I002");
    add_consent(22, 21, "A21-0");
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 21), "");
}

/* Behind a bureau institutions share numbers. */
static void it_is_for_an_account_of_its_origin(void **state)
{
    static const char holding[] =
        "select count(*) from cix.consent as c where c.origin is not null and"
        " cix.consent_scope_holds(c.lookup, c.member_id, c.scope_index, current_date)";

    (void)state;
    for (int i = 0; i < 2; i++) {
        contribution_subject(&made, 31);
        add_consent(31 + i, 31, "A31-0");
        if (i == 0)
            contribution_account(&made, 31, 0);
        for (size_t n = 0; n < made.count; n++)
            made.records[n]->origin = i ? (char *)"second" : (char *)"first";
        assert_string_equal(send(bureau), "");
    }
    assert_int_equal(dossier_number(&dossier, holding), 1);
}

static void its_account_is_part_of_its_content(void **state)
{
    Cix__V1__GetHistoryResponse *told;
    char *text;

    (void)state;
    contribution_subject(&made, 41);
    contribution_account(&made, 41, 0);
    add_consent(41, 41, "A41-0");
    assert_string_equal(send(bank), "");
    add_consent(41, 41, "A41-0");
    assert_string_equal(send(bank), "");
    add_consent(41, 41, "A41-1");
    assert_string_equal(send(bank), "C004");
    add_consent(41, 41, "");
    assert_string_equal(send(bank), "C004");
    assert_string_equal(refusal_with(bank, 41,
                                     arena_format(&made.arena, ",'consent':%s",
                                                  consent(41, 41, "'BASIC','CREDIT'", "A41-1"))),
                        "C004");
    assert_string_equal(refusal(bank, 41), "");
    add("{'consent':{'consentId':'%s',%s,'isRevoked':true}}", id_of(41), who(41));
    assert_string_equal(send(bank), "");
    assert_string_equal(refusal(bank, 41), "I002");
    text = arena_format(&made.arena, "{'kind':'HISTORY_KIND_CONSENT','consentId':'%s',%s}",
                        id_of(41), who(41));
    if (!cix_get_history(bank,
                         (const Cix__V1__GetHistoryRequest *)contribution_message(
                             &made.arena, &cix__v1__get_history_request__descriptor, text),
                         &told, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(told->n_versions, 2);
    size_t found = 0;
    for (size_t i = 0; i < told->versions[1]->n_changes; i++)
        found += !strcmp(told->versions[1]->changes[i]->field, "scope_account_no") &&
                 !*told->versions[1]->changes[i]->after;
    assert_int_equal(found, 1);
    for (size_t i = 0; i < told->versions[0]->n_changes; i++)
        assert_string_not_equal(told->versions[0]->changes[i]->field, "scope_account_no");
    cix_free(told);
}

static void one_that_comes_with_the_question_is_no_exception(void **state)
{
    (void)state;
    contribution_subject(&made, 51);
    contribution_account(&made, 51, 0);
    assert_string_equal(send(bank), "");
    for (int i = 0; i < 2; i++)
        assert_string_equal(
            refusal_with(bank, 51,
                         arena_format(&made.arena, ",'consent':%s",
                                      consent(51 + i, 51, "'BASIC','CREDIT'", i ? "A51-0" : "A9"))),
            i ? "" : "I002");
}

/* What it covers beyond another consent is shown while it is in force (facts), and may rest on it
 * (B002). */
static void it_covers_data_and_facts_while_it_is_in_force(void **state)
{
    (void)state;
    contribution_subject(&made, 61);
    add("{'fraudCase':{'caseRef':'F',%s,'role':1,'type':2,'detectedOn':20260101,'filedOn':20260102,"
        "'evidenceLevel':3,'status':2,'expiresOn':20270101}}",
        who(61));
    assert_string_equal(send(other), "");
    contribution_subject(&made, 61);
    add_consent(61, 61, "");
    add("{'consent':%s}", consent(62, 61, "'FRAUD','BEHAVIOUR'", "A61-0"));
    add("{'behaviour':{%s,'period':%d,'role':2,'consentId':'%s','currency':'CNY'}}", who(61),
        202607, id_of(62));
    assert_string_equal(send(bank), "B002");
    for (int i = 0; i < 2; i++) {
        Cix__V1__GetReportResponse *response = report(bank, 61, "");
        assert_non_null(response);
        assert_int_equal(response->report->n_fraud_cases, i);
        cix_free(response);
        if (i)
            break;
        contribution_account(&made, 61, 0);
        assert_string_equal(send(bank), "");
    }
    add("{'behaviour':{%s,'period':%d,'role':2,'consentId':'%s','currency':'CNY'}}", who(61),
        202607, id_of(62));
    assert_string_equal(send(bank), "");
}

static const char *passport(int n)
{
    return arena_format(&made.arena, "'identifier':{'type':'PASSPORT','value':'E7000000%d'}", n);
}

/* What the bank is told when it asks by a passport with a consent for its account of person 71. */
static const char *asked_by_passport(int n, const char *name)
{
    char *text = arena_format(
        &made.arena,
        "{'inquiry':{%s,'name':'%s','purpose':'LOAN_APPROVAL','operatorId':'op','consent':"
        "{'consentId':'%s',%s,'purposes':['LOAN_APPROVAL'],'dataClasses':['BASIC','CREDIT'],"
        "'form':'WRITTEN','signedOn':20260101,'effectiveOn':20260101,'expiresOn':20301231,"
        "'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=','scopeAccountNo':'A71-0'}}}",
        passport(n), name, id_of(70 + n), passport(n));
    Cix__V1__GetReportResponse *response;

    if (!cix_get_report(bank,
                        (const Cix__V1__GetReportRequest *)contribution_message(
                            &made.arena, &cix__v1__get_report_request__descriptor, text),
                        &response, &error))
        return cix_error_fact(&error, "rule");
    cix_free(response);
    return "";
}

/* The bank's account i of person 71, by a passport. */
static void add_account_by_passport(int i, int n)
{
    Cix__V1__Account *account = contribution_account(&made, 71, i);

    account->identifier->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    account->identifier->value = arena_format(&made.arena, "E7000000%d", n);
}

/* Person 71 with its number and passport 1. */
static void add_with_passport(void)
{
    Cix__V1__Subject *subject = contribution_subject(&made, 71);
    Cix__V1__Identifier *more = arena_alloc(&made.arena, sizeof(*more));
    Cix__V1__Identifier **both = arena_array(&made.arena, 2, sizeof(*both));

    cix__v1__identifier__init(more);
    more->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    more->value = (char *)"E70000001";
    both[0] = subject->identifiers[0];
    both[1] = more;
    subject->identifiers = both;
    subject->n_identifiers = 2;
}

/* Whether the bank is shown a history of a subject by that passport. */
static bool has_history(int n)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetHistoryResponse *response;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    identifier.value = arena_format(&made.arena, "E7000000%d", n);
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_SUBJECT;
    request.identifier = &identifier;
    if (!cix_get_history(bank, &request, &response, &error)) {
        assert_string_equal(error.reason, "RECORD_UNKNOWN");
        return false;
    }
    cix_free(response);
    return true;
}

/* Passport 1 is joined to person 71 by another member; passport 2 is nobody's. */
static void an_identifier_that_another_member_joined_is_like_one_of_nobody(void **state)
{
    (void)state;
    contribution_subject(&made, 71);
    contribution_account(&made, 71, 0);
    assert_string_equal(send(bank), "");
    add_with_passport();
    assert_string_equal(send(other), "");
    for (int n = 1; n <= 2; n++) {
        assert_string_equal(asked_by_passport(n, "NOBODY"), "I002");
        add_account_by_passport(n, n);
        assert_string_equal(send(bank), "A022");
        add("{'party':{'accountNo':'A71-0',%s,'role':3,'fromOn':20240201}}", passport(n));
        assert_string_equal(send(bank), "A022");
        assert_false(has_history(n));
    }
    add_with_passport(); /* given by the bank itself, it is the bank's */
    add_account_by_passport(3, 1);
    assert_string_equal(send(bank), "");
    assert_string_equal(asked_by_passport(1, "NOBODY"), "");
    assert_true(has_history(1));
    add_with_passport(); /* replaced by a record without it, it is no more */
    made.records[0]->subject->n_identifiers = 1;
    contribution_correct(&made);
    assert_string_equal(send(bank), "");
    add_account_by_passport(4, 1);
    assert_string_equal(send(bank), "A022");
    contribution_account(&made, 71, 5);
    assert_string_equal(send(bank), "");
}

/* The bank knows person 81, another member 82; they turn out to be one. */
static void an_identifier_of_an_alias_is_that_of_its_member(void **state)
{
    static const char latest[] = "select max(subject_id) from cix.subject";
    const char *output;

    (void)state;
    contribution_subject(&made, 81);
    contribution_account(&made, 81, 0);
    add_consent(81, 81, "A81-0");
    add_consent(82, 82, "A81-0");
    assert_string_equal(send(bank), "");
    int64_t alias = dossier_number(&dossier, latest);
    contribution_subject(&made, 82);
    assert_string_equal(send(other), "");
    int64_t survivor = dossier_number(&dossier, latest);
    const char *merge = arena_format(&made.arena, "subject merge %lld %lld --reason register",
                                     (long long)alias, (long long)survivor);
    if (kept_command(&exchange, &made.arena, merge, &output) != 0)
        fail_msg("%s", output);
    assert_string_equal(refusal(bank, 81), "");
    assert_string_equal(refusal(bank, 82), "I002");
    contribution_account(&made, 81, 1);
    assert_string_equal(send(bank), "");
    contribution_account(&made, 82, 2);
    assert_string_equal(send(bank), "A022");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_waits_for_its_account_and_ends_with_it),
        TEST(it_is_for_who_answers_for_the_account),
        TEST(it_is_for_an_account_of_the_member_itself),
        TEST(it_is_for_an_account_of_its_origin),
        TEST(its_account_is_part_of_its_content),
        TEST(one_that_comes_with_the_question_is_no_exception),
        TEST(it_covers_data_and_facts_while_it_is_in_force),
        TEST(an_identifier_that_another_member_joined_is_like_one_of_nobody),
        TEST(an_identifier_of_an_alias_is_that_of_its_member),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
