/*
 * Right in form and not permitted: wrong roles, purposes without their ground, names that do not
 * fit, members that lost their right, quotas. Each has its clear answer, and nobody learns by it
 * whether the exchange knows a person.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/member.h"
#include "support/cmocka.h"
#include "support/scene.h"

enum { KNOWN = 11, UNKNOWN = 12, OTHER = 13, FRESH = 14, TRIES = 200, TRY_US = 50 * 1000 };

static struct exchange exchange;
static struct arena arena;
static struct ctx ctx;
static struct cix_error error;
static struct speaker *bank;

/* The bank knows a person, by submission. */
static void contribute(void)
{
    const char *records[] = {scene_consent(&arena, KNOWN, "LOAN_APPROVAL"),
                             scene_subject(&arena, KNOWN), scene_account(&arena, KNOWN, 0),
                             scene_month(&arena, KNOWN, 0)};
    struct speaker *other = speaker_open(&exchange, "bank-other");
    const Cix__V1__ChunkResult *result =
        scene_submit(other, &arena, records, ARRAY_LENGTH(records));

    for (size_t i = 0; i < result->n_verdicts; i++)
        print_message("%s %s: %s\n", result->verdicts[i]->rule, result->verdicts[i]->field,
                      result->verdicts[i]->reason);
    assert_int_equal(result->accepted, ARRAY_LENGTH(records));
    speaker_close(other);
}

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-good", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-other", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "regulator-one", MEMBER_TYPE_REGULATOR_ADMIN);
    contribute();
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    bank = speaker_open(&exchange, "bank-good");
    assert_non_null(bank);
    return 0;
}

/* After every test: who does nothing wrong is served. */
static int serves_on(void **state)
{
    (void)state;
    assert_non_null(speaker_ask(bank, CIX_GET_MEMBER, "{}", &error));
    speaker_close(bank);
    return 0;
}

static void assert_refused(enum cix_status status, const char *reason, const char *rule)
{
    const char *said = cix_error_fact(&error, "rule");

    if (error.status != status || strcmp(error.reason, reason) != 0)
        fail_msg("status %d %s (%s), expected %d %s", error.status, error.reason, error.message,
                 status, reason);
    if (rule && (!said || strcmp(said, rule) != 0))
        fail_msg("rule %s, expected %s", said ? said : "none", rule);
}

static void a_role_that_is_missing_is_refused(void **state)
{
    const struct {
        const char *member;
        enum cix_method method;
        const char *json;
    } cases[] = {
        {"bank-good", CIX_GET_STATISTIC,
         "{\"period\": 202601, \"currency\": \"CNY\", \"dimension\": \"PRODUCT\"}"},
        {"bank-good", CIX_REMOVE_FLAG,
         "{\"flagId\": \"01890000-0000-7000-8000-000000000001\", \"reason\": \"PERFORMED\"}"},
        {"court-one", CIX_GET_STATISTIC,
         "{\"period\": 202601, \"currency\": \"CNY\", \"dimension\": \"PRODUCT\"}"},
        {"regulator-one", CIX_GET_REPORT, scene_report(&arena, KNOWN, NULL, "LOAN_APPROVAL")},
        {"regulator-one", CIX_CHECK_FLAG, scene_check(&arena, KNOWN, NULL)},
        {"court-one", CIX_GET_REPORT, scene_report(&arena, KNOWN, NULL, "LOAN_APPROVAL")},
        {"court-one", CIX_CHECK_FLAG, scene_check(&arena, KNOWN, NULL)},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct speaker *speaker = speaker_open(&exchange, cases[i].member);
        assert_null(speaker_ask(speaker, cases[i].method, cases[i].json, &error));
        assert_refused(CIX_PERMISSION_DENIED, "ROLE_REQUIRED", NULL);
        speaker_close(speaker);
    }
}

/* The same of streams. */
static void a_regulator_opens_no_stream_about_persons(void **state)
{
    static const enum cix_method methods[] = {CIX_BATCH_GET_REPORTS, CIX_BATCH_CHECK_FLAGS,
                                              CIX_SUBMIT};
    struct speaker *speaker = speaker_open(&exchange, "regulator-one");

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        struct speech *speech = speaker_begin(speaker, methods[i]);
        assert_null(speaker_say(speech, "{}"));
        speaker_end(speech, &error);
        assert_refused(CIX_PERMISSION_DENIED, "ROLE_REQUIRED", NULL);
    }
    speaker_close(speaker);
}

/* What a caller may compare: everything but the request's own number. */
static char *refusal_text(const char *json)
{
    assert_null(speaker_ask(bank, CIX_GET_REPORT, json, &error));
    return arena_format(&arena, "%d %s %s %s %d", error.status, error.reason, error.message,
                        cix_error_fact(&error, "rule"), error.fact_count);
}

static void a_purpose_without_its_ground_is_refused_and_tells_nothing(void **state)
{
    static const struct {
        const char *purpose;
        const char *rule;
    } cases[] = {{"LOAN_APPROVAL", "I002"},
                 {"CARD_APPROVAL", "I002"},
                 {"POST_LOAN", "I003"},
                 {"PORTFOLIO_MONITOR", "I003"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *known = refusal_text(scene_report(&arena, KNOWN, NULL, cases[i].purpose));
        assert_refused(CIX_PERMISSION_DENIED, "INQUIRY_REFUSED", cases[i].rule);
        assert_string_equal(known,
                            refusal_text(scene_report(&arena, UNKNOWN, NULL, cases[i].purpose)));
        assert_string_equal(known,
                            refusal_text(scene_report(&arena, KNOWN, "Nobody", cases[i].purpose)));
    }
}

static void a_purpose_of_no_report_is_refused(void **state)
{
    (void)state;
    assert_null(speaker_ask(bank, CIX_GET_REPORT,
                            scene_report(&arena, KNOWN, NULL, "DISHONEST_SCREEN"), &error));
    assert_refused(CIX_INVALID_ARGUMENT, "PURPOSE_UNKNOWN", NULL);
}

/* The request with a consent written into its inquiry. */
static const char *with_consent(const char *request, const char *record)
{
    const char *consent = strchr(record + 1, '{');
    size_t size = strlen(request) - 2;

    return arena_format(&arena, "%.*s, \"consent\": %.*s}}", (int)size, request,
                        (int)strlen(consent) - 1, consent);
}

static void a_consent_of_another_person_is_refused(void **state)
{
    (void)state;
    assert_null(speaker_ask(bank, CIX_GET_REPORT,
                            with_consent(scene_report(&arena, KNOWN, NULL, "LOAN_APPROVAL"),
                                         scene_consent(&arena, OTHER, "LOAN_APPROVAL")),
                            &error));
    assert_refused(CIX_INVALID_ARGUMENT, "CONSENT_INVALID", NULL);
    assert_string_equal(error.fields[0].field, "inquiry.consent.identifier");
}

static void a_consent_for_another_purpose_is_refused(void **state)
{
    (void)state;
    assert_null(speaker_ask(bank, CIX_GET_REPORT,
                            with_consent(scene_report(&arena, FRESH, NULL, "LOAN_APPROVAL"),
                                         scene_consent(&arena, FRESH, "CARD_APPROVAL")),
                            &error));
    assert_refused(CIX_PERMISSION_DENIED, "INQUIRY_REFUSED", "I002");
}

/* The consent that another member was given. */
static void a_consent_of_another_member_is_refused(void **state)
{
    const char *request = scene_report(&arena, KNOWN, NULL, "LOAN_APPROVAL");

    (void)state;
    assert_null(
        speaker_ask(bank, CIX_GET_REPORT,
                    arena_format(&arena, "%.*s, \"consentId\": \"%s\"}}", (int)strlen(request) - 2,
                                 request, scene_consent_id(&arena, KNOWN)),
                    &error));
    assert_refused(CIX_PERMISSION_DENIED, "INQUIRY_REFUSED", "I002");
}

/* The report as text, without what differs from call to call. */
static char *report_text(int64_t k, const char *name)
{
    const Cix__V1__GetReportResponse *response =
        speaker_ask(bank, CIX_GET_REPORT,
                    with_consent(scene_report(&arena, k, name, "LOAN_APPROVAL"),
                                 scene_consent(&arena, k, "LOAN_APPROVAL")),
                    &error);
    char *text;

    if (!response)
        fail_msg("report: %d %s (%s)", error.status, error.reason, error.message);
    response->report->inquiry_id = 0;
    response->report->made_at_us = 0;
    text = cix_to_json(response);
    assert_non_null(text);
    return text;
}

static void a_wrong_name_is_like_an_unknown_person(void **state)
{
    char *right = report_text(KNOWN, NULL);
    char *wrong = report_text(KNOWN, "Nobody");
    char *unknown = report_text(UNKNOWN, NULL);

    (void)state;
    assert_non_null(strstr(right, "FOUND"));
    assert_non_null(strstr(unknown, "NO_FILE"));
    assert_string_equal(wrong, unknown);
    free(right);
    free(wrong);
    free(unknown);
}

static void a_flag_check_with_a_wrong_name_is_like_an_unknown_person(void **state)
{
    const Cix__V1__CheckFlagResponse *wrong =
        speaker_ask(bank, CIX_CHECK_FLAG, scene_check(&arena, KNOWN, "Nobody"), &error);
    const Cix__V1__CheckFlagResponse *unknown =
        speaker_ask(bank, CIX_CHECK_FLAG, scene_check(&arena, UNKNOWN, NULL), &error);

    (void)state;
    assert_non_null(wrong);
    assert_non_null(unknown);
    assert_false(wrong->answer->is_listed || unknown->answer->is_listed);
    assert_int_equal(wrong->answer->n_listings, unknown->answer->n_listings);
}

static void a_suspended_member_loses_its_open_connection(void **state)
{
    int64_t began_us;
    struct speaker *speaker;
    bool is_out = false;

    (void)state;
    exchange_member(&exchange, "bank-gone", MEMBER_TYPE_BANK);
    speaker = speaker_open(&exchange, "bank-gone");
    assert_non_null(speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error));
    assert_true(member_state_set(&ctx, exchange.admin, "bank-gone", MEMBER_STATE_SUSPENDED, 0,
                                 clock_now_us()));
    began_us = clock_monotonic_us();
    for (int i = 0; i < TRIES && !is_out; i++) {
        usleep(TRY_US);
        is_out = !speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error);
    }
    assert_true(is_out);
    assert_true(error.status == CIX_UNAVAILABLE || error.status == CIX_PERMISSION_DENIED);
    print_message("suspended: refused after %lld ms\n",
                  (long long)(clock_monotonic_us() - began_us) / 1000);
    speaker_close(speaker);
}

static void a_purpose_that_a_member_may_not_give_is_refused(void **state)
{
    struct member member = exchange_member_of("bank-narrow", MEMBER_TYPE_BANK);
    struct speaker *speaker;

    (void)state;
    memset(member.purposes, 0, sizeof(member.purposes));
    member_grant_purpose(&member, PURPOSE_CARD_APPROVAL);
    exchange_member_put(&exchange, &member);
    exchange_settle();
    speaker = speaker_open(&exchange, "bank-narrow");
    assert_null(speaker_ask(speaker, CIX_GET_REPORT,
                            with_consent(scene_report(&arena, KNOWN, NULL, "LOAN_APPROVAL"),
                                         scene_consent(&arena, KNOWN, "LOAN_APPROVAL")),
                            &error));
    assert_refused(CIX_PERMISSION_DENIED, "INQUIRY_REFUSED", "I001");
    speaker_close(speaker);
}

static void a_spent_quota_says_when_to_come_again(void **state)
{
    struct member member = exchange_member_of("bank-quick", MEMBER_TYPE_BANK);
    struct speaker *speaker;
    int answered = 0;

    (void)state;
    member.quota.per_second = 1;
    member.quota.burst = 3;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    speaker = speaker_open(&exchange, "bank-quick");
    for (int i = 0; i < 100; i++)
        if (speaker_ask(speaker, CIX_CHECK_FLAG, scene_check(&arena, UNKNOWN, NULL), &error))
            answered++;
        else
            break;
    assert_in_range(answered, 3, 50);
    assert_refused(CIX_RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", NULL);
    assert_in_range(error.retry_after_ms, 1, 1000);
    speaker_close(speaker);
}

#define HOSTILE(test) cmocka_unit_test_setup_teardown(test, set_up, serves_on)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOSTILE(a_role_that_is_missing_is_refused),
        HOSTILE(a_regulator_opens_no_stream_about_persons),
        HOSTILE(a_purpose_without_its_ground_is_refused_and_tells_nothing),
        HOSTILE(a_purpose_of_no_report_is_refused),
        HOSTILE(a_consent_of_another_person_is_refused),
        HOSTILE(a_consent_for_another_purpose_is_refused),
        HOSTILE(a_consent_of_another_member_is_refused),
        HOSTILE(a_wrong_name_is_like_an_unknown_person),
        HOSTILE(a_flag_check_with_a_wrong_name_is_like_an_unknown_person),
        HOSTILE(a_suspended_member_loses_its_open_connection),
        HOSTILE(a_purpose_that_a_member_may_not_give_is_refused),
        HOSTILE(a_spent_quota_says_when_to_come_again),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
