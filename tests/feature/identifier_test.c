/*
 * Goal: what members say of an identifier beside its value is shown with it: the best of what their
 * records say that stand, and by how many of them, never by whom.
 * Method: a whole exchange, three lenders; records change, are replaced and are taken back.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/question.h"
#include "support/shell.h"

#include "support/cmocka.h"

enum { BANKS = 3 };

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *banks[BANKS];
static struct contribution made;
static struct cix_error error;
static int submissions;

static int setup(void **state)
{
    static const char *const codes[BANKS] = {"bank-one", "bank-two", "bank-three"};

    (void)state;
    exchange_start(&exchange, NULL);
    dossier_open(&dossier, &exchange);
    for (int i = 0; i < BANKS; i++) {
        exchange_member(&exchange, codes[i], MEMBER_TYPE_BANK);
        banks[i] = exchange_client(&exchange, codes[i]);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < BANKS; i++)
        cix_close(banks[i]);
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

static const char *submission_id(int n)
{
    char *id = arena_alloc(&made.arena, 37);

    person_uuid("submission", n, id);
    return id;
}

/* Sends what was added; its number. */
static int send(int bank)
{
    Cix__V1__ChunkResult *result =
        contribution_send(&made, banks[bank], submission_id(++submissions),
                          CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    assert_int_equal(result->accepted, made.count);
    contribution_answer_free(result);
    made.count = 0;
    return submissions;
}

/* Person k as a bank knows it; what it says of the identifier: until when it is valid. */
static Cix__V1__Identifier *add(int64_t k, int32_t valid_until, int verification)
{
    Cix__V1__Identifier *identifier = contribution_subject(&made, k)->identifiers[0];

    if (valid_until) {
        identifier->issuer_region = (char *)"440300";
        identifier->valid_from = 20200110;
        identifier->valid_until = valid_until;
        identifier->verification = verification;
        identifier->is_primary = true;
    }
    return identifier;
}

/* What the report of person k says of its identifier. The account is bank-one's (purpose 1). */
static const char *told(int64_t k)
{
    Cix__V1__GetReportResponse *response;

    if (!question_report(banks[0], k, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->identity->n_identifiers, 1);
    const Cix__V1__ReportedIdentifier *item = response->report->identity->identifiers[0];
    const char *text =
        arena_format(&made.arena, "%s %d-%d %d by %d", item->issuer_region, item->valid_from,
                     item->valid_until, item->verification, item->verified_by);
    cix_free(response);
    return text;
}

static void back_out(int bank, int submission)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    Cix__V1__BackOutPhase phase = CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_UNSPECIFIED;

    request.submission_id = (char *)submission_id(submission);
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    while (phase != CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE) {
        if (!cix_back_out_submission(banks[bank], &request, &response, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        phase = response->phase;
        cix_free(response);
    }
}

static void the_best_of_what_is_said_is_shown(void **state)
{
    static const char nothing[] = " 0-0 0 by 0", first[] = "440300 20200110-20400109 1 by 1";

    (void)state;
    add(1, 0, 0);
    contribution_account(&made, 1, 0);
    send(0);
    assert_string_equal(told(1), nothing);
    add(1, 20400109, 1);
    send(0);
    assert_string_equal(told(1), first);
    add(1, 0, 0); /* who says nothing leaves what was said */
    send(0);
    assert_string_equal(told(1), first);
    add(1, 20350101, 0); /* not verified: the other is better */
    send(1);
    assert_string_equal(told(1), first);
    add(1, 20360101, 2);
    send(1);
    assert_string_equal(told(1), "440300 20200110-20360101 2 by 1");
    add(1, 20370101, 2);
    int third = send(2);
    assert_string_equal(told(1), "440300 20200110-20370101 2 by 2");
    back_out(2, third);
    assert_string_equal(told(1), "440300 20200110-20360101 2 by 1");
    add(1, 0, 0); /* replaced, the record says nothing any more */
    contribution_correct(&made);
    int replacing = send(1);
    assert_string_equal(told(1), first);
    back_out(1, replacing);
    assert_string_equal(told(1), "440300 20200110-20360101 2 by 1");
    add(1, 0, 0);
    contribution_correct(&made);
    made.records[0]->correction->action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
    send(1);
    assert_string_equal(told(1), first);
}

static void what_was_taken_back_does_not_come_again(void **state)
{
    (void)state;
    add(7, 20400109, 1);
    contribution_account(&made, 7, 0);
    send(0);
    add(7, 20360101, 2);
    send(1);
    add(7, 0, 0);
    contribution_correct(&made);
    made.records[0]->correction->action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
    send(1);
    assert_string_equal(told(7), "440300 20200110-20400109 1 by 1");
    add(7, 0, 0); /* the subject comes again, and nothing is said of its identifier */
    send(1);
    assert_string_equal(told(7), "440300 20200110-20400109 1 by 1");
}

static void an_identifier_that_a_record_names_twice_is_one(void **state)
{
    (void)state;
    contribution_subject(&made, 8);
    contribution_account(&made, 8, 0);
    send(0);
    Cix__V1__Identifier *best = add(8, 20360101, 2);
    Cix__V1__Subject *subject = made.records[made.count - 1]->subject;
    best->is_primary = false;
    Cix__V1__Identifier twin = *best, worse = *best;
    Cix__V1__Identifier *given[] = {&worse, best, &twin};
    worse.verification = 1;
    subject->identifiers = given;
    subject->n_identifiers = ARRAY_LENGTH(given);
    send(1);
    assert_string_equal(told(8), "440300 20200110-20360101 2 by 1");
}

static void other_persons_and_identifiers_are_others(void **state)
{
    Cix__V1__GetReportResponse *response;
    Cix__V1__Identifier passport = CIX__V1__IDENTIFIER__INIT;

    (void)state;
    passport.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    passport.value = (char *)"E00000002";
    passport.verification = 1;
    Cix__V1__Subject *subject = contribution_subject(&made, 2);
    Cix__V1__Identifier *both[] = {subject->identifiers[0], &passport};
    subject->identifiers = both;
    subject->n_identifiers = 2;
    contribution_account(&made, 2, 0);
    send(0);
    if (!question_report(banks[0], 2, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->identity->n_identifiers, 2);
    for (size_t i = 0; i < 2; i++) {
        const Cix__V1__ReportedIdentifier *item = response->report->identity->identifiers[i];
        bool is_passport = item->type == CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
        assert_int_equal(item->verification, is_passport);
        assert_int_equal(item->valid_from, 0);
    }
    cix_free(response);
}

/* Of a document nothing can be read in the database but how it was verified. */
static void days_and_region_stand_sealed(void **state)
{
    static const char plain[] = "select count(*) from cix.subject_version as v where"
                                " v.identifier_details::text ~ '2040|2041|440300'";
    static const char sealed[] = "select count(*) from cix.subject_version where"
                                 " sealed_details is not null and identifier_details is not null";

    (void)state;
    int64_t before = dossier_number(&dossier, sealed);
    add(9, 20410109, 1);
    contribution_account(&made, 9, 0);
    send(0);
    assert_string_equal(told(9), "440300 20200110-20410109 1 by 1");
    assert_int_equal(dossier_number(&dossier, plain), 0);
    assert_int_equal(dossier_number(&dossier, sealed), before + 1);
}

static void history_says_that_it_changed(void **state)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *response;
    size_t changes[4] = {0};

    (void)state;
    add(3, 20400109, 1);
    send(0);
    add(3, 20400109, 1);
    send(0);
    add(3, 20400109, 2);
    send(0);
    request.identifier = add(3, 20400110, 2); /* sealed */
    send(0);
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_SUBJECT;
    if (!cix_get_history(banks[0], &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->n_versions, 4);
    for (size_t v = 0; v < 4; v++)
        for (size_t i = 0; i < response->versions[v]->n_changes; i++) {
            const Cix__V1__HistoryChange *change = response->versions[v]->changes[i];
            if (strcmp(change->field, "identifiers"))
                continue;
            assert_string_equal(change->after, "");
            changes[v]++;
        }
    assert_int_equal(changes[0], 1);
    assert_int_equal(changes[1], 1);
    assert_int_equal(changes[2], 0);
    assert_int_equal(changes[3], 1);
    cix_free(response);
}

/* The alias's identifier stands with the survivor, and what was said of it with the identifier. */
static void it_moves_with_a_merge_and_comes_back(void **state)
{
    Cix__V1__GetReportResponse *response;
    static const char latest[] = "select max(subject_id) from cix.subject";
    const char *output;
    size_t told_of = 0;

    (void)state;
    add(5, 20400109, 1);
    contribution_account(&made, 5, 0);
    send(0);
    int64_t survivor = dossier_number(&dossier, latest);
    add(6, 20360101, 2);
    send(1);
    int64_t alias = dossier_number(&dossier, latest);
    const char *merge = arena_format(&made.arena, "subject merge %lld %lld --reason register",
                                     (long long)alias, (long long)survivor);
    if (kept_command(&exchange, &made.arena, merge, &output) != 0)
        fail_msg("%s", output);
    if (!question_report(banks[0], 5, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->identity->n_identifiers, 2);
    for (size_t i = 0; i < 2; i++)
        told_of |= (size_t)1 << response->report->identity->identifiers[i]->verification;
    assert_int_equal(told_of, 1 << 1 | 1 << 2);
    cix_free(response);
    const char *split = arena_format(&made.arena, "subject split %lld", (long long)alias);
    if (kept_command(&exchange, &made.arena, split, &output) != 0)
        fail_msg("%s", output);
    assert_string_equal(told(5), "440300 20200110-20400109 1 by 1");
}

static void cix_prints_it(void **state)
{
    struct person person;
    char words[512], output[16384];

    (void)state;
    add(4, 20400109, 2);
    contribution_account(&made, 4, 0);
    send(0);
    add(4, 20400109, 2);
    send(1);
    person_make(4, &person);
    snprintf(words, sizeof(words),
             "report --id-type resident-id --id %s --name '%s' --purpose post-loan --operator op",
             person.number, person.name);
    assert_int_equal(shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)), 0);
    assert_non_null(strstr(output, "checked with the issuer, by 2 members"));
    assert_non_null(strstr(output, "2040-01-09"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_best_of_what_is_said_is_shown),
        TEST(what_was_taken_back_does_not_come_again),
        TEST(an_identifier_that_a_record_names_twice_is_one),
        TEST(other_persons_and_identifiers_are_others),
        TEST(days_and_region_stand_sealed),
        TEST(history_says_that_it_changed),
        TEST(it_moves_with_a_merge_and_comes_back),
        TEST(cix_prints_it),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
