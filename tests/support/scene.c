#include "support/scene.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "base/text.h"
#include "support/cmocka.h"
#include "support/person.h"

#define HASH "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

/* YYYYMMDD of a day so many days from today. */
static int32_t day_from_today(int days)
{
    return day_to_wire(day_add(clock_day_of(clock_now_us()), days));
}

static const char *identifier(struct arena *arena, int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_format(arena, "{\"type\": \"RESIDENT_ID\", \"value\": \"%s\"}", person.number);
}

static const char *name_of(struct arena *arena, int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(arena, person.name);
}

static const char *uuid_of(struct arena *arena, const char *salt, int64_t k)
{
    char text[37];

    person_uuid(salt, k, text);
    return arena_string(arena, text);
}

const char *scene_consent_id(struct arena *arena, int64_t k)
{
    return uuid_of(arena, "consent", k);
}

const char *scene_flag_id(struct arena *arena, int64_t k)
{
    return uuid_of(arena, "flag", k);
}

const char *scene_submission_id(struct arena *arena, int64_t n)
{
    return uuid_of(arena, "submission", n);
}

const char *scene_subject(struct arena *arena, int64_t k)
{
    return arena_format(arena,
                        "{\"subject\": {\"kind\": \"PERSON\", \"name\": \"%s\","
                        " \"identifiers\": [%s], \"segment\": \"OTHER\", \"region\": \"440300\"}}",
                        name_of(arena, k), identifier(arena, k));
}

const char *scene_consent(struct arena *arena, int64_t k, const char *purpose)
{
    return arena_format(arena,
                        "{\"consent\": {\"consentId\": \"%s\", \"identifier\": %s,"
                        " \"purposes\": [\"%s\"],"
                        " \"dataClasses\": [\"BASIC\", \"CREDIT\", \"DISHONEST\"],"
                        " \"form\": \"WRITTEN\", \"signedOn\": %d, \"effectiveOn\": %d,"
                        " \"expiresOn\": %d, \"documentHash\": \"" HASH "\"}}",
                        scene_consent_id(arena, k), identifier(arena, k), purpose,
                        day_from_today(-30), day_from_today(-30), day_from_today(300));
}

const char *scene_account(struct arena *arena, int64_t k, int i)
{
    char number[32];

    person_account(k, i, number);
    return arena_format(arena,
                        "{\"account\": {\"accountNo\": \"%s\", \"identifier\": %s, \"type\": "
                        "\"R2\", \"businessType\": \"81\", \"currency\": \"CNY\","
                        " \"creditLimit\": \"5000000\", \"openedOn\": 20200115,"
                        " \"region\": \"440300\", \"channel\": 1}}",
                        number, identifier(arena, k));
}

const char *scene_month(struct arena *arena, int64_t k, int i)
{
    struct period now = period_of_day(clock_day_of(clock_now_us()));
    char number[32];

    person_account(k, i, number);
    return arena_format(arena,
                        "{\"performance\": {\"accountNo\": \"%s\", \"period\": %d,"
                        " \"accountStatus\": 1, \"repayStatus\": \"N\", \"balance\": \"100000\","
                        " \"dueAmount\": \"10000\", \"paidAmount\": \"10000\","
                        " \"overdueAmount\": \"0\", \"daysOverdue\": 0, \"fiveCategory\": 1}}",
                        number, period_to_wire(period_add(now, -1)));
}

const char *scene_flag(struct arena *arena, int64_t k, const char *case_no)
{
    return arena_format(arena,
                        "{\"flag\": {\"flagId\": \"%s\", \"identifier\": %s, \"name\": \"%s\","
                        " \"caseNo\": \"%s\", \"court\": \"Made Court\", \"region\": \"440300\","
                        " \"filedOn\": %d, \"publishedOn\": %d, \"ground\": 1, \"performance\": 1,"
                        " \"status\": \"LISTED\", \"restrictions\": [1]}}",
                        scene_flag_id(arena, k), identifier(arena, k), name_of(arena, k), case_no,
                        day_from_today(-200), day_from_today(-100));
}

const char *scene_report(struct arena *arena, int64_t k, const char *name, const char *purpose)
{
    return arena_format(arena,
                        "{\"inquiry\": {\"identifier\": %s, \"name\": \"%s\", \"purpose\": \"%s\","
                        " \"operatorId\": \"teller\"}}",
                        identifier(arena, k), name ? name : name_of(arena, k), purpose);
}

const char *scene_check(struct arena *arena, int64_t k, const char *name)
{
    return arena_format(arena,
                        "{\"inquiry\": {\"identifier\": %s, \"name\": \"%s\","
                        " \"operatorId\": \"teller\"}}",
                        identifier(arena, k), name ? name : name_of(arena, k));
}

const char *scene_open(struct arena *arena, const char *submission_id, const char *mode)
{
    return arena_format(arena, "{\"open\": {\"submissionId\": \"%s\", \"mode\": \"%s\"}}",
                        submission_id, mode);
}

const char *scene_chunk(struct arena *arena, int number, const char *const *records, int count)
{
    struct builder text = {.arena = arena};

    builder_format(&text, "{\"chunk\": {\"number\": %d, \"records\": [", number);
    for (int i = 0; i < count; i++)
        builder_format(&text, "%s%s", i ? ", " : "", records[i]);
    builder_text(&text, "]}}");
    return text.data;
}

const Cix__V1__ChunkResult *scene_submit(struct speaker *speaker, struct arena *arena,
                                         const char *const *records, int count)
{
    struct speech *speech = speaker_begin(speaker, CIX_SUBMIT);
    const Cix__V1__ChunkResult *result = NULL;
    const Cix__V1__SubmitResponse *response;
    struct cix_error error;
    struct uuid uuid = uuid_new();
    char id[37];

    uuid_format(&uuid, id);
    response = speaker_say(speech, scene_open(arena, id, "DAILY"));
    if (response)
        response = speaker_say(speech, scene_chunk(arena, 1, records, count));
    if (response && response->step_case == CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK) {
        result = response->chunk;
        response = speaker_say(speech, "{\"commit\": {\"chunkCount\": 1}}");
    }
    speaker_end(speech, &error);
    if (!result || !response || error.status != CIX_OK)
        fail_msg("submission: %d %s (%s)", error.status, error.reason, error.message);
    return result;
}
