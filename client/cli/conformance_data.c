/*
 * The made data of a conformance run, and its signed result.
 */
#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/digest.h"
#include "base/id.h"
#include "cli/conformance.h"
#include "cli/pem.h"
#include "domain/check_digit.h"
#include "json.h"

enum { REGION = 990001, UNBORN = 20991231, SERIALS = 1000, YEAR_DAYS = 365 };

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

/* The month before this one. */
static const char *period_text(struct arena *arena)
{
    int32_t today = day_to_wire(day_after(0));
    int year = today / 10000, month = today / 100 % 100 - 1;

    return arena_format(arena, "%04d%02d", month ? year : year - 1, month ? month : 12);
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
        return period_text(arena);
    const struct {
        const char *name, *value;
    } values[] = {
        {"ID0", run->persons[0].number},
        {"NAME0", run->persons[0].name},
        {"ID1", run->persons[1].number},
        {"NAME1", run->persons[1].name},
        {"CONSENT", run->consent_id},
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
    struct cix_json_text text = {.data = filled, .size = strlen(filled)};
    ProtobufCMessage *message;
    bool is_read = cix_json_read(&run->online->ctx, &text, &cix__v1__record__descriptor, &message);

    if (!is_read)
        fprintf(stderr, "cix: %s: %s\n", run->online->ctx.error.message, filled);
    CHECK(is_read);
    return (Cix__V1__Record *)message;
}

/* ---- The result ---- */

static const char *base64(struct arena *arena, const uint8_t *data, size_t size)
{
    char *text = arena_alloc(arena, size / 3 * 4 + 8);

    EVP_EncodeBlock((unsigned char *)text, data, (int)size);
    return text;
}

static void put_result(struct builder *text, const struct conformance *run)
{
    builder_format(text,
                   "CIX CONFORMANCE 1\nmember: %s\nexchange: %s\nexchange-version: %s\n"
                   "client-version: %s\nmade-at-us: %" PRId64 "\nsubmission: %s\n",
                   run->member->code, run->online->settings.address, run->member->server_version,
                   CIX_VERSION, run->made_at_us, run->submission_id);
    for (int i = 0; i < run->count; i++)
        builder_format(text, "case: %s %s\n", run->results[i].name,
                       run->results[i].is_passed ? "pass" : "fail");
    builder_format(text, "result: %s %d of %d\n", run->passed == run->count ? "pass" : "fail",
                   run->passed, run->count);
}

static bool put_certificate(struct builder *text, struct ctx *ctx, const char *path)
{
    X509 *certificate;
    unsigned char *der = NULL;

    if (!pem_cert_read(ctx, path, &certificate))
        return false;
    int size = i2d_X509(certificate, &der);
    X509_free(certificate);
    if (size <= 0)
        return pem_fail(ctx, path);
    builder_format(text, "certificate: %s\n", base64(ctx->arena, der, (size_t)size));
    OPENSSL_free(der);
    return true;
}

/* Over all that stands in the text by now. */
static bool put_signature(struct builder *text, struct ctx *ctx, const char *path)
{
    uint8_t signature[1024];
    size_t size = sizeof(signature);
    EVP_PKEY *key;

    if (!pem_key_read(ctx, path, &key))
        return false;
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    bool is_signed =
        signer && EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(signer, signature, &size, (const uint8_t *)text->data, text->size) == 1;
    EVP_MD_CTX_free(signer);
    EVP_PKEY_free(key);
    if (!is_signed)
        return pem_fail(ctx, "the key cannot sign");
    builder_format(text, "signature: %s\n", base64(ctx->arena, signature, size));
    return true;
}

bool conformance_write(struct conformance *run, const char *path)
{
    struct ctx *ctx = &run->online->ctx;
    struct builder text = {.arena = &run->online->arena};

    put_result(&text, run);
    if (!put_certificate(&text, ctx, run->online->settings.cert) ||
        !put_signature(&text, ctx, run->online->settings.key)) {
        cli_complain(CLI_DATA, "%s", ctx->error.message);
        return false;
    }
    FILE *file = fopen(path, "we");
    bool is_written = file && fwrite(text.data, 1, text.size, file) == text.size;
    if ((file && fclose(file)) || !is_written) {
        cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
        return false;
    }
    return true;
}
