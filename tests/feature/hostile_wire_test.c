/*
 * Bytes and certificates that no honest member sends, from outside and over mTLS: each has its
 * clear answer, and another member is served as before.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/member.h"
#include "support/cmocka.h"
#include "support/exchange.h"
#include "support/speaker.h"

enum { LARGE = 10 * 1024 * 1024, TRIES = 200, TRY_US = 50 * 1000 };

static struct exchange exchange;
static struct arena arena;
static struct ctx ctx;

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-good", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-bad", MEMBER_TYPE_BANK);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

/* After every test: who does nothing wrong is served. */
static int serves_on(void **state)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");
    struct cix_error error;

    (void)state;
    assert_non_null(speaker);
    assert_non_null(speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error));
    speaker_close(speaker);
    return 0;
}

static void assert_refused(const struct cix_error *error, enum cix_status status,
                           const char *reason)
{
    if (error->status == status && !strcmp(error->reason, reason))
        return;
    fail_msg("status %d %s (%s), expected %d %s", error->status, error->reason, error->message,
             status, reason);
}

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

#define REPORT "/cix.v1.ReportService/GetReport"
#define FLAG   "/cix.v1.FlagService/CheckFlag"

static void broken_messages_are_refused(void **state)
{
    static const struct {
        const char *what;
        const char *path;
        struct bytes bytes;
    } cases[] = {
        {"a field number of zero", REPORT, BYTES("\x02\x00")},
        {"noise", REPORT, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")},
        {"a length beyond the end", REPORT, BYTES("\x0a\x7f\x0a")},
        {"a varint without an end", FLAG, BYTES("\x0a\x02\x18\x80")},
        {"a number for a message", REPORT, BYTES("\x08\x01")},
        {"a message for a number", REPORT, BYTES("\x0a\x04\x1a\x02\x08\x01")},
        {"a name that is not UTF-8", FLAG, BYTES("\x0a\x04\x12\x02\xc3\x28")},
        {"a surrogate in a name", FLAG, BYTES("\x0a\x05\x12\x03\xed\xa0\x80")},
        {"a NUL in a name", FLAG,
         BYTES("\x0a\x05\x12\x03"
               "A\x00"
               "B")},
        {"a name given twice", FLAG,
         BYTES("\x0a\x06\x12\x01"
               "A\x12\x01"
               "B")},
        {"a group that never ends", FLAG, BYTES("\x0b\x0b\x0b\x0b")},
    };
    struct speaker *speaker = speaker_open(&exchange, "bank-bad");
    struct cix_error error;

    (void)state;
    assert_non_null(speaker);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        speaker_ask_bytes(speaker, cases[i].path, cases[i].bytes, &error);
        if (error.status != CIX_INVALID_ARGUMENT || strcmp(error.reason, "MALFORMED_MESSAGE") != 0)
            fail_msg("%s: %d %s", cases[i].what, error.status, error.reason);
    }
    speaker_close(speaker);
}

static void a_refusal_names_the_field(void **state)
{
    static const struct bytes bytes = BYTES("\x0a\x04\x12\x02\xc3\x28");
    struct speaker *speaker = speaker_open(&exchange, "bank-bad");
    struct cix_error error;

    (void)state;
    speaker_ask_bytes(speaker, FLAG, bytes, &error);
    assert_int_equal(error.field_count, 1);
    assert_string_equal(error.fields[0].field, "inquiry.name");
    assert_non_null(cix_error_fact(&error, "request_id"));
    speaker_close(speaker);
}

static void an_empty_request_is_told_what_it_lacks(void **state)
{
    static const enum cix_method methods[] = {CIX_GET_REPORT, CIX_CHECK_FLAG};
    struct speaker *speaker = speaker_open(&exchange, "bank-bad");
    struct cix_error error;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        assert_null(speaker_ask(speaker, methods[i], "{}", &error));
        assert_refused(&error, CIX_INVALID_ARGUMENT, "FIELD_REQUIRED");
    }
    speaker_close(speaker);
}

static void what_is_not_there_is_unimplemented(void **state)
{
    static const char *const paths[] = {"/cix.v1.ReportService/GetEverything",
                                        "/cix.v1.ReportService/getreport",
                                        "/cix.v2.ReportService/GetReport", "/", "/x"};
    static const struct bytes none = BYTES("");
    struct speaker *speaker = speaker_open(&exchange, "bank-bad");
    struct cix_error error;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        speaker_ask_bytes(speaker, paths[i], none, &error);
        assert_refused(&error, CIX_UNIMPLEMENTED, "METHOD_UNKNOWN");
    }
    speaker_close(speaker);
}

/* A request with one long name, so that nothing but the size is wrong. */
static struct bytes long_request(size_t name)
{
    struct bytes bytes = {.size = name + 10};
    uint8_t *data = arena_alloc(&arena, bytes.size);
    size_t outer = name + 5;

    memset(data, 'A', bytes.size);
    for (int i = 0; i < 4; i++) {
        data[1 + i] = (uint8_t)(outer >> 7 * i | 0x80);
        data[6 + i] = (uint8_t)(name >> 7 * i | 0x80);
    }
    data[0] = 0x0a;
    data[4] &= 0x7f;
    data[5] = 0x12;
    data[9] &= 0x7f;
    bytes.data = data;
    return bytes;
}

/* What a method takes is told with its reason; far beyond, the message is not even read. */
static void large_messages_are_refused(void **state)
{
    static const char *const paths[] = {REPORT, FLAG};
    int64_t before = exchange_memory_kib(&exchange);
    struct cix_error error;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        struct speaker *speaker = speaker_open(&exchange, "bank-bad");
        assert_non_null(speaker);
        speaker_ask_bytes(speaker, paths[i], long_request(300 * 1024), &error);
        assert_refused(&error, CIX_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
        speaker_ask_bytes(speaker, paths[i], long_request(LARGE), &error);
        assert_int_equal(error.status, CIX_RESOURCE_EXHAUSTED);
        speaker_close(speaker);
    }
    assert_true(exchange_memory_kib(&exchange) < before + 64 * 1024);
}

/* Certificates */

/* TLS 1.3 shows a refusal at the first use only; either way nothing is answered. */
static void assert_kept_out(const char *name, const char *reason)
{
    struct speaker *speaker = speaker_open(&exchange, name);
    struct cix_error error;

    if (speaker) {
        assert_null(speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error));
        assert_int_equal(error.status, CIX_UNAVAILABLE);
        speaker_close(speaker);
    }
    for (int i = 0; i < TRIES && !exchange_log_has(&exchange, reason); i++)
        usleep(TRY_US);
    if (!exchange_log_has(&exchange, reason))
        fail_msg("%s: the log does not say %s", name ? name : "no certificate", reason);
}

static void wrong_certificates_are_kept_out(void **state)
{
    const struct pki_leaf expired = {.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-good"},
                                     .begins_in_s = -20 * 86400,
                                     .ends_in_s = -86400};
    const struct pki_leaf early = {.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-good"},
                                   .begins_in_s = 86400,
                                   .ends_in_s = 20 * 86400};
    const struct pki_leaf foreign = {.uris = {"spiffe://elsewhere.test/member/bank-good"}};
    const struct pki_leaf two = {.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-good",
                                          "spiffe://" PKI_TRUST_DOMAIN "/member/bank-bad"}};
    const struct pki_leaf self = {.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-good"},
                                  .is_self_signed = true};
    const struct pki_leaf nameless = {.common_name = "bank-good"};

    (void)state;
    pki_issue(exchange.pki, "expired", &expired);
    pki_issue(exchange.pki, "early", &early);
    pki_issue(exchange.pki, "foreign", &foreign);
    pki_issue(exchange.pki, "two", &two);
    pki_issue(exchange.pki, "self", &self);
    pki_issue(exchange.pki, "nameless", &nameless);
    pki_member(exchange.pki, "bank-unknown");
    pki_member_as(exchange.pki, "bank-good", "not-registered");
    assert_kept_out(NULL, "CERTIFICATE_MISSING");
    assert_kept_out("expired", "CERTIFICATE_EXPIRED");
    assert_kept_out("early", "CERTIFICATE_NOT_YET_VALID");
    assert_kept_out("foreign", "NAME_FOREIGN");
    assert_kept_out("two", "NAME_SEVERAL");
    assert_kept_out("self", "CERTIFICATE_UNTRUSTED");
    assert_kept_out("nameless", "NAME_MISSING");
    assert_kept_out("bank-unknown", "NOT_ADMITTED");
    assert_kept_out("not-registered", "NOT_ADMITTED");
    assert_kept_out("server", "CERTIFICATE_PURPOSE");
}

static void another_authority_convinces_nobody(void **state)
{
    struct pki *other = pki_new(exchange.folder, "other-ca");

    (void)state;
    pki_member_as(other, "bank-good", "other-good");
    assert_kept_out("other-good", "CERTIFICATE_UNTRUSTED");
    pki_free(other);
}

/* Waits until the exchange has closed the connection; prints how long that took. */
static void assert_cut(struct speaker *speaker, const char *what)
{
    int64_t began_us = clock_monotonic_us();

    for (int i = 0; i < TRIES && !speaker_is_cut(speaker); i++)
        usleep(TRY_US);
    if (!speaker_is_cut(speaker))
        fail_msg("%s: the connection stays open", what);
    print_message("%s: closed after %lld ms\n", what,
                  (long long)(clock_monotonic_us() - began_us) / 1000);
    speaker_close(speaker);
}

static void a_revoked_certificate_loses_its_open_connection(void **state)
{
    struct speaker *speaker;
    struct cix_error error;
    uint8_t fingerprint[32];

    (void)state;
    exchange_member(&exchange, "bank-revoked", MEMBER_TYPE_BANK);
    speaker = speaker_open(&exchange, "bank-revoked");
    assert_non_null(speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error));
    pki_fingerprint(exchange.pki, "bank-revoked", fingerprint);
    assert_true(member_certificate_revoke(&ctx, exchange.admin, fingerprint, clock_now_us()));
    assert_cut(speaker, "revoked in the registry");
    assert_kept_out("bank-revoked", "NOT_ADMITTED");
}

static void a_certificate_on_the_list_loses_its_open_connection(void **state)
{
    struct speaker *speaker;
    struct cix_error error;

    (void)state;
    exchange_member(&exchange, "bank-listed", MEMBER_TYPE_BANK);
    speaker = speaker_open(&exchange, "bank-listed");
    assert_non_null(speaker_ask(speaker, CIX_GET_MEMBER, "{}", &error));
    pki_revoke(exchange.pki, "bank-listed");
    assert_cut(speaker, "put on the revocation list");
    assert_kept_out("bank-listed", "CERTIFICATE_REVOKED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(broken_messages_are_refused, serves_on),
        cmocka_unit_test_teardown(a_refusal_names_the_field, serves_on),
        cmocka_unit_test_teardown(an_empty_request_is_told_what_it_lacks, serves_on),
        cmocka_unit_test_teardown(what_is_not_there_is_unimplemented, serves_on),
        cmocka_unit_test_teardown(large_messages_are_refused, serves_on),
        cmocka_unit_test_teardown(wrong_certificates_are_kept_out, serves_on),
        cmocka_unit_test_teardown(another_authority_convinces_nobody, serves_on),
        cmocka_unit_test_teardown(a_revoked_certificate_loses_its_open_connection, serves_on),
        cmocka_unit_test_teardown(a_certificate_on_the_list_loses_its_open_connection, serves_on),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
