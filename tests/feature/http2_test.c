/*
 * Requests that no honest client sends, raw against a whole exchange: gRPC 1.51 has known
 * assertions that a request can reach (CVE-2023-1428), and streams that can be made to fail
 * (CVE-2025-8671). After each, the same cixd still answers another member.
 */
#include <signal.h>
#include <string.h>

#include "base/check.h"
#include "support/caller.h"
#include "support/exchange.h"
#include "support/wire.h"

#include "support/cmocka.h"

enum { READ_MS = 80 };

static struct exchange exchange;
static struct caller caller;
static struct wire wire;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-good", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-odd", MEMBER_TYPE_BANK);
    exchange_settle();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

static struct tls_client_options connect_as(const char *name, int timeout_ms)
{
    static char paths[3][PKI_PATH_MAX];

    return (struct tls_client_options){.port = exchange.port,
                                       .certificate_file =
                                           pki_path(exchange.pki, name, ".pem", paths[0]),
                                       .key_file = pki_path(exchange.pki, name, ".key", paths[1]),
                                       .ca_file = pki_path(exchange.pki, "ca", ".pem", paths[2]),
                                       .timeout_ms = timeout_ms};
}

static void assert_others_are_served(void)
{
    struct tls_client_options options = connect_as("bank-good", 0);

    assert_int_equal(kill(exchange.pid, 0), 0);
    assert_true(caller_open(&caller, &options));
    assert_int_equal(caller_call(&caller, "/grpc.health.v1.Health/Check", "", 0), CALLER_ANSWERED);
    caller_close(&caller);
}

/* Sends an opening and the wire, and reads what comes until silence or the end. */
static void send_wire(void)
{
    static struct wire opening;
    struct tls_client_options options = connect_as("bank-odd", READ_MS);
    struct tls_client client;
    uint8_t data[4096];

    opening.size = 0;
    wire_open(&opening);
    assert_true(tls_client_open(&client, &options));
    assert_true(tls_client_write(&client, opening.data, opening.size));
    assert_true(tls_client_write(&client, wire.data, wire.size));
    while (tls_client_read(&client, data, sizeof(data)) > 0)
        continue;
    tls_client_close(&client);
}

struct field {
    const char *name;
    const char *value;
};

enum { FIELDS_MAX = 8 };

/* The fields of a right call; a row of odd says what stands there instead, or besides. */
static const struct field right[] = {
    {":method", "POST"},         {":scheme", "https"}, {":path", "/grpc.health.v1.Health/Check"},
    {":authority", "localhost"}, {"te", "trailers"},   {"content-type", "application/grpc"}};

static const struct odd {
    struct field fields[FIELDS_MAX];
    bool is_alone; /* nothing of the right call is sent */
} odds[] = {
    {.fields = {{"te", "gzip"}}},
    {.fields = {{"te", ""}}},
    {.fields = {{":scheme", "ftp"}}},
    {.fields = {{":scheme", ""}}},
    {.fields = {{":method", "GET"}}},
    {.fields = {{":method", "BREW"}}},
    {.fields = {{":path", ""}}},
    {.fields = {{":path", "no-slash"}}},
    {.fields = {{":path", "/a/b/c/d?x=y#z"}}},
    {.fields = {{":status", "200"}}},
    {.fields = {{":unknown", "x"}}},
    {.fields = {{"grpclb_client_stats", "x"}}},
    {.fields = {{"grpc-lb-cost-bin", "AAAA"}}},
    {.fields = {{"grpc-timeout", "9999999999H"}}},
    {.fields = {{"grpc-timeout", "-1S"}}},
    {.fields = {{"grpc-encoding", "brotli"}}},
    {.fields = {{"grpc-status", "0"}}},
    {.fields = {{"grpc-trace-bin", "!!!not base64!!!"}}},
    {.fields = {{"x-bin", "=A=A=A"}}},
    {.fields = {{"content-type", "text/html"}}},
    {.fields = {{"content-type", ""}}},
    {.fields = {{"Upper-Case", "x"}}},
    {.fields = {{"", "no name"}}},
    {.fields = {{"connection", "close"}, {"transfer-encoding", "chunked"}}},
    {.fields = {{"host", "elsewhere"}, {"content-length", "99999999999999999999"}}},
    {.fields = {{":path", "/a/b"}}, .is_alone = true},
    {.fields = {{"x", "y"}}, .is_alone = true},
    {.is_alone = true},
};

static bool is_replaced(const struct odd *odd, const char *name)
{
    for (int i = 0; i < FIELDS_MAX && odd->fields[i].name; i++)
        if (strcmp(odd->fields[i].name, name) == 0)
            return true;
    return odd->is_alone;
}

static void put_odd_block(const struct odd *odd, struct wire *block)
{
    for (size_t i = 0; i < ARRAY_LENGTH(right); i++)
        if (!is_replaced(odd, right[i].name))
            wire_field(block, right[i].name, right[i].value);
    for (int i = 0; i < FIELDS_MAX && odd->fields[i].name; i++)
        wire_field(block, odd->fields[i].name, odd->fields[i].value);
}

static void odd_headers_harm_nobody(void **state)
{
    static struct wire block;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(odds); i++) {
        wire.size = block.size = 0;
        put_odd_block(&odds[i], &block);
        wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, 1, &block);
        wire_zeros(&wire, 5, WIRE_DATA, WIRE_END_STREAM, 1); /* an empty message */
        send_wire();
        assert_others_are_served();
    }
}

static void open_call(void)
{
    static struct wire block;

    wire.size = block.size = 0;
    wire_call_fields(&block, "/grpc.health.v1.Health/Check");
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, 1, &block);
}

static void put_data(const void *data, size_t size, int flags)
{
    wire_header(&wire, (uint32_t)size, WIRE_DATA, flags, 1);
    wire_bytes(&wire, data, size);
}

static void lying_messages_harm_nobody(void **state)
{
    static const struct {
        uint8_t bytes[8];
        size_t size;
        int flags;
    } messages[] = {
        {{0, 0xff, 0xff, 0xff, 0xff}, 5, 0}, /* promises 4 GiB and goes silent */
        {{0, 0xff, 0xff, 0xff, 0xff}, 5, WIRE_END_STREAM},
        {{0, 0, 0, 0, 9, 1}, 6, WIRE_END_STREAM},          /* ends inside the message */
        {{0, 0, 0}, 3, WIRE_END_STREAM},                   /* ends inside the prefix */
        {{1, 0, 0, 0, 1, 0x55}, 6, WIRE_END_STREAM},       /* claims to be compressed */
        {{7, 0, 0, 0, 0}, 5, WIRE_END_STREAM},             /* no such flag */
        {{0, 0, 0, 0, 2, 0x0a, 0x7f}, 7, WIRE_END_STREAM}, /* protobuf that ends inside a field */
        {{0}, 0, WIRE_END_STREAM},                         /* no message at all */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++) {
        open_call();
        put_data(messages[i].bytes, messages[i].size, messages[i].flags);
        send_wire();
        assert_others_are_served();
    }
}

static void data_after_the_end_harms_nobody(void **state)
{
    (void)state;
    open_call();
    put_data("\0\0\0\0\0", 5, WIRE_END_STREAM);
    put_data("\0\0\0\0\0", 5, WIRE_END_STREAM);
    put_data("\0\0\0\0\0", 5, 0);
    send_wire();
    assert_others_are_served();
}

static void windows_that_overflow_harm_nobody(void **state)
{
    (void)state;
    open_call();
    wire_number(&wire, WIRE_WINDOW_UPDATE, 1, 0x7fffffff);
    wire_number(&wire, WIRE_WINDOW_UPDATE, 1, 0x7fffffff);
    wire_number(&wire, WIRE_WINDOW_UPDATE, 0, 0x7fffffff);
    send_wire();
    assert_others_are_served();
}

static void settings_out_of_range_harm_nobody(void **state)
{
    static const uint8_t settings[][6] = {
        {0, 4, 0xff, 0xff, 0xff, 0xff}, /* INITIAL_WINDOW_SIZE beyond 2^31-1 */
        {0, 5, 0, 0, 0, 0},             /* MAX_FRAME_SIZE below 2^14 */
        {0, 5, 0xff, 0xff, 0xff, 0xff},
        {0, 2, 0, 0, 0, 7},             /* ENABLE_PUSH */
        {0, 1, 0xff, 0xff, 0xff, 0xff}, /* HEADER_TABLE_SIZE */
        {0, 1, 0, 0, 0, 0},
        {0, 6, 0, 0, 0, 0}, /* MAX_HEADER_LIST_SIZE */
        {0, 3, 0, 0, 0, 0}, /* MAX_CONCURRENT_STREAMS */
        {0x77, 0x77, 1, 2, 3, 4},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++) {
        wire.size = 0;
        wire_header(&wire, 6, WIRE_SETTINGS, 0, 0);
        wire_bytes(&wire, settings[i], 6);
        send_wire();
        assert_others_are_served();
    }
}

static void odd_tables_harm_nobody(void **state)
{
    static const struct {
        uint8_t bytes[8];
        size_t size;
    } blocks[] = {
        {{0xff, 0x80, 0x01}, 3},             /* index 255, which is not there */
        {{0x3f, 0xff, 0xff, 0xff, 0x7f}, 5}, /* a table of 256 MiB */
        {{0x20}, 1},                         /* none */
        {{0x01, 0x82, 0x00, 0x00}, 4},       /* Huffman code of nothing */
        {{0x01, 0x81, 0xff}, 3},             /* padding of a whole byte */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(blocks); i++) {
        wire.size = 0;
        wire_header(&wire, (uint32_t)blocks[i].size, WIRE_HEADERS,
                    WIRE_END_HEADERS | WIRE_END_STREAM, 1);
        wire_bytes(&wire, blocks[i].bytes, blocks[i].size);
        send_wire();
        assert_others_are_served();
    }
}

static void a_stream_that_waits_for_itself_harms_nobody(void **state)
{
    (void)state;
    open_call();
    wire_header(&wire, 5, WIRE_PRIORITY, 0, 1);
    wire_bytes(&wire, "\0\0\0\1\20", 5);
    put_data("\0\0\0\0\0", 5, WIRE_END_STREAM);
    send_wire();
    assert_others_are_served();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_headers_harm_nobody),
        cmocka_unit_test(lying_messages_harm_nobody),
        cmocka_unit_test(data_after_the_end_harms_nobody),
        cmocka_unit_test(windows_that_overflow_harm_nobody),
        cmocka_unit_test(settings_out_of_range_harm_nobody),
        cmocka_unit_test(odd_tables_harm_nobody),
        cmocka_unit_test(a_stream_that_waits_for_itself_harms_nobody),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("http2", tests, setup, teardown);
}
