/*
 * Records that are wrong and submissions out of order, from outside: each record is told its rule,
 * good ones beside it are taken, and each wrong step has its status and reason.
 */
#include <string.h>

#include "support/scene.h"

#include "support/cmocka.h"

enum { GOOD = 21, LARGE = 2 * 1024 * 1024, RECORDS_MAX = 1000 };

static struct exchange exchange;
static struct arena arena;
static struct cix_error error;
static struct speaker *bank;
static int submissions;

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-good", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-other", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
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
    const char *records[] = {scene_subject(&arena, GOOD)};

    (void)state;
    assert_int_equal(scene_submit(bank, &arena, records, 1)->accepted, 1);
    speaker_close(bank);
    return 0;
}

static void assert_refused(enum cix_status status, const char *reason)
{
    if (error.status != status || strcmp(error.reason, reason) != 0)
        fail_msg("status %d %s (%s), expected %d %s", error.status, error.reason, error.message,
                 status, reason);
}

/* Records */

#define SUBJECT(name, type, value, rest)                                                           \
    "{\"subject\": {\"kind\": \"PERSON\", \"name\": \"" name                                       \
    "\", \"identifiers\": [{\"type\": \"" type "\", \"value\": \"" value                           \
    "\"}], \"segment\": \"OTHER\", \"region\": \"440300\"" rest "}}"
#define FIRM(type, value)                                                                          \
    "{\"subject\": {\"kind\": \"ENTERPRISE\", \"name\": \"Made Firm\", \"identifiers\": [{"        \
    "\"type\": \"" type "\", \"value\": \"" value "\"}], \"region\": \"440300\"}}"
#define ACCOUNT(currency, limit, opened, rest)                                                     \
    "{\"account\": {\"accountNo\": \"H-1\", \"identifier\": {\"type\": \"RESIDENT_ID\","           \
    " \"value\": \"990001199001010013\"}, \"type\": \"R2\", \"businessType\": \"81\","             \
    " \"currency\": \"" currency "\", \"creditLimit\": \"" limit "\", \"openedOn\": " opened       \
    ", \"region\": \"440300\"" rest "}}"
#define MONTH(period, rest)                                                                        \
    "{\"performance\": {\"accountNo\": \"H-2\", \"period\": " period ", \"accountStatus\": 1" rest \
    "}}"
#define CONSENT(begins, ends, hash)                                                                \
    "{\"consent\": {\"consentId\": \"01890000-0000-7000-8000-000000000001\", \"identifier\":"      \
    " {\"type\": \"RESIDENT_ID\", \"value\": \"990001199001010013\"}, \"purposes\": ["             \
    "\"LOAN_APPROVAL\"], \"dataClasses\": [\"BASIC\"], \"form\": \"WRITTEN\", "                    \
    "\"signedOn\": " begins ", \"effectiveOn\": " begins ", \"expiresOn\": " ends                  \
    ", \"documentHash\": \"" hash "\"}}"
#define FLAG(case_no)                                                                              \
    "{\"flag\": {\"flagId\": \"01890000-0000-7000-8000-000000000002\", \"identifier\": {\"type\":" \
    " \"RESIDENT_ID\", \"value\": \"990001199001010013\"}, \"name\": \"Made Person\","             \
    " \"caseNo\": \"" case_no "\", \"court\": \"Made Court\", \"region\": \"440300\","             \
    " \"filedOn\": 20240101, \"publishedOn\": 20240201, \"ground\": 1, \"performance\": 1,"        \
    " \"status\": \"LISTED\"}}"
#define HASH "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

struct wrong {
    const char *what;
    const char *json;
    const char *rule;
};

static const struct wrong of_a_bank[] = {
    {"wrong check character", SUBJECT("Made", "RESIDENT_ID", "990001199001010010", ""), "S002"},
    {"a letter within", SUBJECT("Made", "RESIDENT_ID", "99000119900101A013", ""), "S002"},
    {"30 February in a number", SUBJECT("Made", "RESIDENT_ID", "99000119900230001@", ""), "S003"},
    {"month 13 in a number", SUBJECT("Made", "RESIDENT_ID", "99000119901301001@", ""), "S003"},
    {"born in 2099", SUBJECT("Made", "RESIDENT_ID", "99000120990101001@", ""), "S003"},
    {"another birth date",
     SUBJECT("Made", "RESIDENT_ID", "990001199001010013", ", \"birthOn\": 19900102"), "S004"},
    {"wrong check of a credit code", FIRM("USCC", "91990000MA000000X0"), "S009"},
    {"wrong check of an LEI", FIRM("LEI", "529900T8BM49AURSDO00"), "S013"},
    {"digits for a name", SUBJECT("12345", "RESIDENT_ID", "990001199001010013", ""), "S015"},
    {"a name with a line break", SUBJECT("A\\nB", "RESIDENT_ID", "990001199001010013", ""), "S015"},
    {"no identifier", "{\"subject\": {\"kind\": \"PERSON\", \"name\": \"Made\"}}", "S001"},
    {"29 February of no leap year", ACCOUNT("CNY", "100", "20230229", ""), "E002"},
    {"opened on day 0", ACCOUNT("CNY", "100", "20230100", ""), "E002"},
    {"opened in 2999", ACCOUNT("CNY", "100", "29990101", ""), "A005"},
    {"opened in 1899", ACCOUNT("CNY", "100", "18990101", ""), "A005"},
    {"due before it opened", ACCOUNT("CNY", "100", "20230101", ", \"maturesOn\": 20220101"),
     "A006"},
    {"a negative limit", ACCOUNT("CNY", "-1", "20230101", ""), "A004"},
    {"a limit at the end of the numbers", ACCOUNT("CNY", "9223372036854775807", "20230101", ""),
     "A004"},
    {"no such currency", ACCOUNT("XQZ", "100", "20230101", ""), "A003"},
    {"a currency in small letters", ACCOUNT("cny", "100", "20230101", ""), "A003"},
    {"a currency without a minor unit", ACCOUNT("XAU", "100", "20230101", ""), "A003"},
    {"a subject nobody knows", ACCOUNT("CNY", "100", "20230101", ""), "A022"},
    {"an account nobody knows", MONTH("202301", ", \"repayStatus\": \"N\""), "M001"},
    {"month 13", MONTH("202313", ", \"repayStatus\": \"N\""), "E002"},
    {"a status that does not exist", MONTH("202301", ", \"repayStatus\": \"Q\""), "E001"},
    {"a negative amount due", MONTH("202301", ", \"repayStatus\": \"N\", \"dueAmount\": \"-5\""),
     "M003"},
    {"in order and 90 days late",
     MONTH("202301", ", \"repayStatus\": \"N\", \"daysOverdue\": 90, \"overdueAmount\": \"5\","
                     " \"balance\": \"5\""),
     "M009"},
    {"1 month late for 170 days",
     MONTH("202301", ", \"repayStatus\": \"1\", \"daysOverdue\": 170, \"overdueAmount\": \"5\","
                     " \"balance\": \"5\""),
     "M008"},
    {"a month in the future", MONTH("299901", ", \"repayStatus\": \"N\""), "F002"},
    {"a consent that ends before it begins", CONSENT("20240601", "20240501", HASH), "C001"},
    {"a consent of twenty years", CONSENT("20240601", "20440501", HASH), "C001"},
    {"a consent without its document", CONSENT("20240601", "20250501", "AAEC"), "C002"},
    {"a flag by a bank", FLAG("(2024)粤0300执123号"), "P002"},
};

static const struct wrong of_a_court[] = {
    {"a case number of another form", FLAG("case 7"), "P001"},
    {"a case of the future", FLAG("(2999)粤0300执123号"), "P001"},
};

/* A number that ends in @ gets the check character that belongs there. */
static const char *with_check(const char *json)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    char *text = arena_string(&arena, json);
    char *at = strchr(text, '@');
    int sum = 0;

    for (int i = 0; at && i < 17; i++)
        sum += (at[i - 17] - '0') * weights[i];
    if (at)
        *at = "10X98765432"[sum % 11];
    return text;
}

static bool has_verdict(const Cix__V1__ChunkResult *result, int index, const char *rule)
{
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->index == index && !strcmp(result->verdicts[i]->rule, rule) &&
            result->verdicts[i]->severity != CIX__V1__SEVERITY__SEVERITY_WARNING)
            return true;
    return false;
}

/* The wrong records of a member in one chunk, a good one in front and behind. */
static void assert_told(struct speaker *speaker, const struct wrong *wrong, int count,
                        const char *good)
{
    const char *records[RECORDS_MAX];
    const Cix__V1__ChunkResult *result;
    bool is_told = true;

    records[0] = records[count + 1] = good;
    for (int i = 0; i < count; i++)
        records[i + 1] = with_check(wrong[i].json);
    result = scene_submit(speaker, &arena, records, count + 2);
    for (int i = 0; i < count; i++) {
        if (has_verdict(result, i + 1, wrong[i].rule))
            continue;
        for (size_t j = 0; j < result->n_verdicts; j++)
            if (result->verdicts[j]->index == i + 1)
                print_message("  %s %s: %s\n", result->verdicts[j]->rule,
                              result->verdicts[j]->field, result->verdicts[j]->reason);
        print_message("%s: no verdict %s\n", wrong[i].what, wrong[i].rule);
        is_told = false;
    }
    assert_true(is_told);
    assert_int_equal(result->accepted, 2);
    assert_int_equal(result->rejected + result->quarantined, count);
}

static void wrong_records_of_a_bank_are_told_their_rules(void **state)
{
    (void)state;
    assert_told(bank, of_a_bank, ARRAY_LENGTH(of_a_bank), scene_subject(&arena, GOOD));
}

static void wrong_records_of_a_court_are_told_their_rules(void **state)
{
    struct speaker *court = speaker_open(&exchange, "court-one");

    (void)state;
    assert_told(court, of_a_court, ARRAY_LENGTH(of_a_court),
                scene_flag(&arena, GOOD, "(2024)粤0300执124号"));
    speaker_close(court);
}

/* Steps */

static const char *next_id(void)
{
    return scene_submission_id(&arena, ++submissions);
}

/* A chunk with one subject. */
static const char *chunk(int number, int64_t k)
{
    const char *records[] = {scene_subject(&arena, k)};

    return scene_chunk(&arena, number, records, 1);
}

/* Says the steps one after the other: all but the last are answered, the last ends the stream. */
static void say_wrong(const char *const *steps, int count)
{
    struct speech *speech = speaker_begin(bank, CIX_SUBMIT);

    for (int i = 0; i < count; i++) {
        const void *answer = speaker_say(speech, steps[i]);
        if ((answer == NULL) != (i == count - 1)) {
            speaker_end(speech, &error);
            fail_msg("step %d: %d %s (%s)", i, error.status, error.reason, error.message);
        }
    }
    speaker_end(speech, &error);
}

#define SAY_WRONG(...)                                                                             \
    say_wrong((const char *const[]){__VA_ARGS__},                                                  \
              (int)ARRAY_LENGTH(((const char *const[]){__VA_ARGS__})))

static void steps_out_of_order_are_refused(void **state)
{
    const char *id = next_id();
    const char *open = scene_open(&arena, id, "DAILY");

    (void)state;
    SAY_WRONG(chunk(1, GOOD));
    assert_refused(CIX_FAILED_PRECONDITION, "STEP_ORDER");
    SAY_WRONG("{\"commit\": {\"chunkCount\": 1}}");
    assert_refused(CIX_FAILED_PRECONDITION, "STEP_ORDER");
    SAY_WRONG(open, open);
    assert_refused(CIX_FAILED_PRECONDITION, "STEP_ORDER");
    SAY_WRONG(open, "{}");
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    SAY_WRONG(open, chunk(2, GOOD));
    assert_refused(CIX_FAILED_PRECONDITION, "CHUNK_GAP");
    SAY_WRONG(open, chunk(1, GOOD), chunk(3, GOOD));
    assert_refused(CIX_FAILED_PRECONDITION, "CHUNK_GAP");
    assert_non_null(strstr(error.message, "2"));
    SAY_WRONG(open, chunk(0, GOOD));
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    SAY_WRONG(open, chunk(-1, GOOD));
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
}

static void wrong_openings_are_refused(void **state)
{
    const char *id = next_id();

    (void)state;
    SAY_WRONG(arena_format(&arena,
                           "{\"open\": {\"submissionId\": \"%s\", \"mode\": \"DAILY\","
                           " \"memberCode\": \"bank-other\"}}",
                           id));
    assert_refused(CIX_PERMISSION_DENIED, "MEMBER_MISMATCH");
    SAY_WRONG(scene_open(&arena, "not-a-uuid", "DAILY"));
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    SAY_WRONG(arena_format(&arena, "{\"open\": {\"submissionId\": \"%s\"}}", id));
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    SAY_WRONG(arena_format(&arena,
                           "{\"open\": {\"submissionId\": \"%s\", \"mode\": \"DAILY\","
                           " \"period\": 299901}}",
                           id));
    assert_refused(CIX_INVALID_ARGUMENT, "FIELD_INVALID");
}

static void a_replayed_chunk_answers_what_it_answered(void **state)
{
    const char *id = next_id();
    struct speech *speech = speaker_begin(bank, CIX_SUBMIT);
    const Cix__V1__SubmitResponse *first;
    const Cix__V1__SubmitResponse *again;

    (void)state;
    assert_non_null(speaker_say(speech, scene_open(&arena, id, "DAILY")));
    first = speaker_say(speech, chunk(1, GOOD + 1));
    again = speaker_say(speech, chunk(1, GOOD + 1));
    assert_non_null(first);
    assert_non_null(again);
    assert_false(first->chunk->is_replay);
    assert_true(again->chunk->is_replay);
    assert_int_equal(again->chunk->accepted, first->chunk->accepted);
    assert_int_equal(again->chunk->n_verdicts, first->chunk->n_verdicts);
    speaker_end(speech, &error);
    assert_int_equal(error.status, CIX_OK);
    SAY_WRONG(scene_open(&arena, id, "DAILY"), chunk(1, GOOD + 2));
    assert_refused(CIX_ALREADY_EXISTS, "CHUNK_CONFLICT");
    SAY_WRONG(scene_open(&arena, id, "FILE"));
    assert_refused(CIX_ALREADY_EXISTS, "SUBMISSION_CONFLICT");
}

static void a_closed_submission_takes_nothing(void **state)
{
    const char *id = next_id();
    const char *open = scene_open(&arena, id, "DAILY");

    (void)state;
    SAY_WRONG(open, chunk(1, GOOD), "{\"commit\": {\"chunkCount\": 1}}", chunk(2, GOOD));
    assert_refused(CIX_FAILED_PRECONDITION, "SUBMISSION_CLOSED");
}

static void a_submission_of_another_member_is_unknown(void **state)
{
    const char *id = next_id();
    const char *ask = arena_format(&arena, "{\"submissionId\": \"%s\"}", id);
    struct speaker *other = speaker_open(&exchange, "bank-other");

    (void)state;
    SAY_WRONG(scene_open(&arena, id, "DAILY"), chunk(1, GOOD), chunk(-1, GOOD));
    assert_non_null(speaker_ask(bank, CIX_GET_SUBMISSION, ask, &error));
    assert_null(speaker_ask(other, CIX_GET_SUBMISSION, ask, &error));
    assert_refused(CIX_NOT_FOUND, "SUBMISSION_UNKNOWN");
    speaker_close(other);
}

static void chunks_that_are_too_large_are_refused(void **state)
{
    const char *records[RECORDS_MAX + 1];
    struct speech *speech = speaker_begin(bank, CIX_SUBMIT);
    uint8_t *data = arena_alloc(&arena, LARGE);

    (void)state;
    for (int i = 0; i <= RECORDS_MAX; i++)
        records[i] = scene_subject(&arena, GOOD);
    SAY_WRONG(scene_open(&arena, next_id(), "DAILY"),
              scene_chunk(&arena, 1, records, RECORDS_MAX + 1));
    assert_refused(CIX_INVALID_ARGUMENT, "CHUNK_TOO_LARGE");
    memset(data, 0xff, LARGE);
    assert_null(speaker_say_bytes(speech, (struct bytes){data, LARGE}));
    speaker_end(speech, &error);
    assert_int_equal(error.status, CIX_RESOURCE_EXHAUSTED);
}

static void broken_steps_are_refused(void **state)
{
    static const struct bytes cases[] = {
        {(const uint8_t *)"\xff\xff\xff", 3},
        {(const uint8_t *)"\x0a\x03\x0a\x01\xff", 5},             /* an id that is not UTF-8 */
        {(const uint8_t *)"\x0a\x02\x10\x01\x12\x02\x08\x01", 8}, /* two steps in one */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct speech *speech = speaker_begin(bank, CIX_SUBMIT);
        assert_null(speaker_say_bytes(speech, cases[i]));
        speaker_end(speech, &error);
        assert_refused(CIX_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    }
}

#define HOSTILE(test) cmocka_unit_test_setup_teardown(test, set_up, serves_on)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOSTILE(wrong_records_of_a_bank_are_told_their_rules),
        HOSTILE(wrong_records_of_a_court_are_told_their_rules),
        HOSTILE(steps_out_of_order_are_refused),
        HOSTILE(wrong_openings_are_refused),
        HOSTILE(a_replayed_chunk_answers_what_it_answered),
        HOSTILE(a_closed_submission_takes_nothing),
        HOSTILE(a_submission_of_another_member_is_unknown),
        HOSTILE(chunks_that_are_too_large_are_refused),
        HOSTILE(broken_steps_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
