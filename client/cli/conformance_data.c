/*
 * The made data of a conformance run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/digest.h"
#include "base/id.h"
#include "cli/conformance.h"
#include "domain/check_digit.h"
#include "json.h"

enum { REGION = 990001, UNBORN = 20991231, SERIALS = 1000, YEAR_DAYS = 365 };

/* The institution that a credit bureau contributes for, in every record of the kit. */
#define BEHIND_BUREAU "conformance-bank"

static const char *origin_of(const struct conformance *run)
{
    return run->member->type == MEMBER_TYPE_CREDIT_BUREAU ? BEHIND_BUREAU : "";
}

static struct day day_after(int days)
{
    struct day day = clock_day_of(clock_now_us());

    day.number += days;
    return day;
}

/* Number of a made person: region, birth date, serial, check digit. */
static void make_number(char number[19], int born_on, int serial)
{
    snprintf(number, 19, "%06d%08d%03d", REGION, born_on, serial % SERIALS);
    number[17] = check_digit_mod_11_2(number);
    number[18] = '\0';
}

void conformance_make(struct conformance *run)
{
    struct uuid consent = uuid_new(), submission = uuid_new();
    uint32_t random;

    run->made_at_us = clock_now_us();
    uuid_format(&consent, run->consent_id);
    uuid_format(&submission, run->submission_id);
    digest_random(&random, sizeof(random));
    for (int i = 0; i < CONFORMANCE_PERSONS; i++) {
        struct conformance_person *person = &run->persons[i];
        /* A day of the years 1990 to 1999 and a serial: some three million persons. */
        struct day born_on = day_of_civil(1990, 1, 1);
        born_on.number += (int)((random >> 10) % 3650);
        make_number(person->number, day_to_wire(born_on), (int)(random % 500) * 2 + i);
        snprintf(person->name, sizeof(person->name), "测试人%c", 'A' + i);
    }
}

/* ---- Places in the rows ---- */

static const char *day_text(struct arena *arena, int days)
{
    return arena_format(arena, "%" PRId32, day_to_wire(day_after(days)));
}

/* A month so many before this one. */
static const char *period_text(struct arena *arena, int months)
{
    struct period period = period_add(period_of_day(day_after(0)), -months);

    return arena_format(arena, "%" PRId32, period_to_wire(period));
}

static const char *new_uuid(struct arena *arena)
{
    struct uuid id = uuid_new();
    char text[CONFORMANCE_UUID_ROOM];

    uuid_format(&id, text);
    return arena_string(arena, text);
}

/* The value of a place; NULL when there is none of this name. */
static const char *place(struct conformance *run, const char *name)
{
    struct arena *arena = &run->online->arena;
    char number[19];

    if (!strcmp(name, "BADID")) {
        char *wrong = arena_string(arena, run->persons[0].number);
        wrong[17] = wrong[17] == '5' ? '6' : '5';
        return wrong;
    }
    if (!strcmp(name, "UNBORN")) {
        make_number(number, UNBORN, 1);
        return arena_string(arena, number);
    }
    if (!strcmp(name, "UUID"))
        return new_uuid(arena);
    if (!strcmp(name, "PERIOD"))
        return period_text(arena, 1);
    if (!strcmp(name, "EARLIER"))
        return period_text(arena, 2);
    const struct {
        const char *name, *value;
    } values[] = {
        {"ID0", run->persons[0].number},
        {"NAME0", run->persons[0].name},
        {"ID1", run->persons[1].number},
        {"NAME1", run->persons[1].name},
        {"CONSENT", run->consent_id},
        {"MEMBER", run->member->code},
        {"FOREIGN", *origin_of(run) ? "" : BEHIND_BUREAU}, /* what rule E008 refuses */
        {"OTHER", run->other_code},
        {"GRADE", run->submission_id + 24}, /* 12 hex digits, of this run alone */
        {"RUN", run->submission_id},
        {"TODAY", day_text(arena, 0)},
        {"TOMORROW", day_text(arena, 2)}, /* also where the exchange's day is another */
        {"YESTERDAY", day_text(arena, -1)},
        {"LASTYEAR", day_text(arena, -YEAR_DAYS)},
        {"NEXTYEAR", day_text(arena, YEAR_DAYS)},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        if (!strcmp(values[i].name, name))
            return values[i].value;
    }
    return NULL;
}

const char *conformance_fill(struct conformance *run, const char *json)
{
    struct arena *arena = &run->online->arena;
    struct builder text = {.arena = arena};

    while (*json) {
        size_t plain = strcspn(json, "@");
        builder_put(&text, json, plain);
        json += plain;
        if (!*json)
            break;
        size_t size = strcspn(json + 1, "@");
        const char *value = place(run, arena_format(arena, "%.*s", (int)size, json + 1));
        CHECK(value && json[size + 1]);
        builder_text(&text, value);
        json += size + 2;
    }
    return text.data;
}

Cix__V1__Record *conformance_record(struct conformance *run, const char *json)
{
    const char *filled = conformance_fill(run, json);
    bool has_origin = strstr(json, "{\"origin\":") == json;
    struct cix_json_text text = {.data = filled, .size = strlen(filled)};
    ProtobufCMessage *message;
    bool is_read = cix_json_read(&run->online->ctx, &text, &cix__v1__record__descriptor, &message);

    if (!is_read)
        fprintf(stderr, "cix: %s: %s\n", run->online->ctx.error.message, filled);
    CHECK(is_read);
    Cix__V1__Record *record = (Cix__V1__Record *)message;
    if (!has_origin)
        record->origin = (char *)origin_of(run);
    return record;
}
