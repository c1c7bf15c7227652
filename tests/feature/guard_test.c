/*
 * The guard in front of an adopter that echoes: who gets in, who does not, and what it survives.
 *
 * The echo answers each piece it gets with an empty SETTINGS frame and keeps what it got, so that
 * the server's side of the conversation is HTTP/2 too.
 */
#include "guard/guard.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/pki.h"
#include "support/tlsclient.h"
#include "support/wire.h"

enum { ADOPTED_MAX = 256, ANSWER_SIZE = 9 };

static const uint8_t answer[ANSWER_SIZE] = {0, 0, 0, WIRE_SETTINGS, 0, 0, 0, 0, 0};

/* What one test runs against. */
static struct fixture {
    char folder[64];
    struct pki *pki;
    struct pki *other;
    struct guard *guard;
    int port;
    struct arena arena;
    struct ctx ctx;
    atomic_int events[GUARD_REASON_COUNT];
    atomic_int reloads;
    atomic_int failed_reloads;
    atomic_llong ban_ms;
    atomic_bool is_suspended; /* admit says no to "bank-a" */
    atomic_int adopted;
    atomic_bool is_silent; /* the adopter reads nothing */
    atomic_int fds[ADOPTED_MAX];
    pthread_t echo;
    atomic_bool is_ending;
} f;

static struct wire wire;

/* The adopter */

static void echo_once(int index)
{
    uint8_t data[65536];
    int fd = atomic_load(&f.fds[index]);
    ssize_t size = fd < 0 ? -1 : recv(fd, data, sizeof(data), MSG_DONTWAIT);

    if (size > 0)
        send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
    if (size == 0 && atomic_compare_exchange_strong(&f.fds[index], &fd, -1))
        close(fd);
}

static void *echo_main(void *unused)
{
    (void)unused;
    while (!atomic_load(&f.is_ending)) {
        for (int i = 0; i < atomic_load(&f.adopted) && !atomic_load(&f.is_silent); i++)
            echo_once(i % ADOPTED_MAX);
        usleep(500);
    }
    return NULL;
}

static void on_adopt(void *user, int fd)
{
    int index = atomic_load(&f.adopted);
    struct guard_peer peer;

    (void)user;
    CHECK(guard_peer_of(f.guard, fd, &peer)); /* known before it is handed over */
    CHECK(index < ADOPTED_MAX);
    atomic_store(&f.fds[index], fd);
    atomic_store(&f.adopted, index + 1);
}

static bool on_admit(void *user, const struct guard_peer *peer)
{
    (void)user;
    return !(atomic_load(&f.is_suspended) && strcmp(peer->member_code, "bank-a") == 0);
}

static void on_event(void *user, const struct guard_event *event)
{
    (void)user;
    if (event->kind == GUARD_EVENT_RELOADED)
        atomic_fetch_add(&f.reloads, 1);
    else if (event->kind == GUARD_EVENT_RELOAD_FAILED)
        atomic_fetch_add(&f.failed_reloads, 1);
    else
        atomic_fetch_add(&f.events[event->reason], (int)event->count);
    if (event->kind == GUARD_EVENT_VIOLATION)
        atomic_store(&f.ban_ms, event->ban_ms);
}

/* Fixture */

static const char *path(const char *name, const char *suffix)
{
    static char paths[8][PKI_PATH_MAX];
    static int next;

    return pki_path(f.pki, name, suffix, paths[next = (next + 1) % 8]);
}

static struct guard_options options_standard(void)
{
    struct guard_options options = {.address = "127.0.0.1",
                                    .certificate_file = path("server", ".pem"),
                                    .key_file = path("server", ".key"),
                                    .ca_file = path("ca", ".pem"),
                                    .crl_file = path("ca", "-crl.pem"),
                                    .trust_domain = PKI_TRUST_DOMAIN,
                                    .admit = on_admit,
                                    .adopt = on_adopt,
                                    .event = on_event};

    options.limits.handshake_timeout_ms = 1000;
    return options;
}

static void start(const struct guard_options *options)
{
    assert_true(guard_start(&f.ctx, options, &f.guard));
    f.port = guard_port(f.guard);
    assert_int_equal(pthread_create(&f.echo, NULL, echo_main, NULL), 0);
}

static int setup_stopped(void **state)
{
    (void)state;
    memset(&f, 0, sizeof(f));
    snprintf(f.folder, sizeof(f.folder), "/tmp/guard_test.XXXXXX");
    if (!mkdtemp(f.folder))
        return -1;
    for (int i = 0; i < ADOPTED_MAX; i++)
        atomic_store(&f.fds[i], -1);
    arena_init(&f.arena, 0);
    ctx_init(&f.ctx, &f.arena);
    f.pki = pki_new(f.folder, "ca");
    f.other = pki_new(f.folder, "other");
    pki_server(f.pki, "server");
    pki_member(f.pki, "bank-a");
    pki_member(f.pki, "bank-b");
    wire.size = 0;
    return 0;
}

static int setup(void **state)
{
    struct guard_options options;

    if (setup_stopped(state) != 0)
        return -1;
    options = options_standard();
    start(&options);
    return 0;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    guard_free(f.guard);
    atomic_store(&f.is_ending, true);
    if (f.guard)
        pthread_join(f.echo, NULL);
    for (int i = 0; i < ADOPTED_MAX; i++)
        if (atomic_load(&f.fds[i]) >= 0)
            close(atomic_load(&f.fds[i]));
    pki_free(f.pki);
    pki_free(f.other);
    arena_done(&f.arena);
    snprintf(command, sizeof(command), "rm -r %s", f.folder);
    return system(command) == 0 ? 0 : -1;
}

/* Steps */

static struct tls_client_options as(const char *name)
{
    return (struct tls_client_options){.port = f.port,
                                       .certificate_file = name ? path(name, ".pem") : NULL,
                                       .key_file = name ? path(name, ".key") : NULL,
                                       .ca_file = path("ca", ".pem")};
}

static bool talk(struct tls_client *client)
{
    uint8_t data[ANSWER_SIZE];

    wire.size = 0;
    wire_open(&wire);
    return tls_client_write(client, wire.data, wire.size) &&
           tls_client_read(client, data, sizeof(data)) == sizeof(data) &&
           memcmp(data, answer, sizeof(answer)) == 0;
}

/* True when a connection gets as far as an answer of the adopter. */
static bool is_served(const struct tls_client_options *options)
{
    struct tls_client client;
    bool is_answered = tls_client_open(&client, options) && talk(&client);

    tls_client_close(&client);
    return is_answered;
}

static bool is_member_served(const char *name)
{
    struct tls_client_options options = as(name);

    return is_served(&options);
}

/* Waits for what other threads will do; bounded, and only a failing test takes that long. */
#define wait_for(condition)                                                                        \
    do {                                                                                           \
        int64_t until_us = clock_monotonic_us() + 20000000;                                        \
        while (!(condition) && clock_monotonic_us() < until_us)                                    \
            usleep(1000);                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static int events_of(enum guard_reason reason)
{
    return atomic_load(&f.events[reason]);
}

static struct guard_stats stats_now(void)
{
    struct guard_stats stats;

    guard_stats(f.guard, &stats);
    return stats;
}

static void assert_refused(const struct tls_client_options *options, enum guard_reason reason)
{
    uint64_t before = stats_now().reason_counts[reason];

    assert_false(is_served(options));
    if (stats_now().reason_counts[reason] == before)
        wait_for(stats_now().reason_counts[reason] > before);
    wait_for(events_of(reason) > 0);
    assert_int_equal(stats_now().adopted_count, 0);
}

static void assert_certificate_refused(const struct pki_leaf *leaf, enum guard_reason reason)
{
    struct tls_client_options options;

    pki_issue(f.pki, "wrong", leaf);
    options = as("wrong");
    assert_refused(&options, reason);
}

/* Until the other side closes; false when it is still open after the time of a read. */
static bool is_closed(struct tls_client *client)
{
    uint8_t data[4096];

    while (tls_client_read(client, data, sizeof(data)) > 0)
        continue;
    struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN | POLLRDHUP};
    return poll(&poll_fd, 1, 5000) == 1; /* the end of TLS comes a moment before that of TCP */
}

static void open_member(struct tls_client *client, const char *name)
{
    struct tls_client_options options = as(name);

    assert_true(tls_client_open(client, &options));
    assert_true(talk(client));
}

#define URI_OF(code) "spiffe://" PKI_TRUST_DOMAIN "/member/" code

/* Certificates */

static void a_member_is_served_and_known(void **state)
{
    struct tls_client client;
    struct guard_peer peer;
    uint8_t fingerprint[32];

    (void)state;
    open_member(&client, "bank-a");
    assert_true(guard_peer_of(f.guard, atomic_load(&f.fds[0]), &peer));
    pki_fingerprint(f.pki, "bank-a", fingerprint);
    assert_string_equal(peer.member_code, "bank-a");
    assert_string_equal(peer.address, "127.0.0.1");
    assert_memory_equal(peer.fingerprint, fingerprint, 32);
    assert_true(peer.generation > 0);
    assert_true(peer.not_after_us > clock_now_us() + INT64_C(86400000000) * 29);
    assert_false(guard_peer_of(f.guard, 9999, &peer));
    assert_false(guard_peer_of(f.guard, -1, &peer));
    tls_client_close(&client);
    wait_for(stats_now().open_count == 0);
}

static void both_versions_of_tls_are_served(void **state)
{
    struct tls_client_options options = as("bank-a");

    (void)state;
    options.version = TLS1_3_VERSION;
    assert_true(is_served(&options));
    options.version = TLS1_2_VERSION;
    assert_true(is_served(&options));
}

static void no_certificate_is_refused(void **state)
{
    struct tls_client_options options = as(NULL);

    (void)state;
    options.version = TLS1_3_VERSION;
    assert_refused(&options, GUARD_CERTIFICATE_MISSING);
    options.version = TLS1_2_VERSION;
    assert_refused(&options, GUARD_CERTIFICATE_MISSING);
}

static void wrong_dates_are_refused(void **state)
{
    (void)state;
    assert_certificate_refused(
        &(struct pki_leaf){.uris = {URI_OF("bank-a")}, .begins_in_s = -7200, .ends_in_s = -3600},
        GUARD_CERTIFICATE_EXPIRED);
    assert_certificate_refused(
        &(struct pki_leaf){.uris = {URI_OF("bank-a")}, .begins_in_s = 3600, .ends_in_s = 7200},
        GUARD_CERTIFICATE_NOT_YET_VALID);
}

static void other_issuers_are_refused(void **state)
{
    struct tls_client_options options;

    (void)state;
    pki_member_as(f.other, "bank-a", "foreign");
    options = as("foreign");
    assert_refused(&options, GUARD_CERTIFICATE_UNTRUSTED);
    assert_certificate_refused(
        &(struct pki_leaf){.uris = {URI_OF("bank-a")}, .is_self_signed = true},
        GUARD_CERTIFICATE_UNTRUSTED);
}

static void wrong_names_are_refused(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        enum guard_reason reason;
    } names[] = {
        {NULL, NULL, GUARD_NAME_MISSING},
        {URI_OF("bank-a"), URI_OF("bank-b"), GUARD_NAME_SEVERAL},
        {"spiffe://elsewhere.test/member/bank-a", NULL, GUARD_NAME_FOREIGN},
        {"spiffe://" PKI_TRUST_DOMAIN ".evil/member/bank-a", NULL, GUARD_NAME_FOREIGN},
        {"https://" PKI_TRUST_DOMAIN "/member/bank-a", NULL, GUARD_NAME_FOREIGN},
        {"spiffe://" PKI_TRUST_DOMAIN "/admin/bank-a", NULL, GUARD_NAME_FOREIGN},
        {URI_OF("Bank-A"), NULL, GUARD_NAME_MALFORMED},
        {URI_OF("ab"), NULL, GUARD_NAME_MALFORMED},
        {URI_OF("bank-a/x"), NULL, GUARD_NAME_MALFORMED},
        {URI_OF("a23456789012345678901234567890123"), NULL, GUARD_NAME_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_certificate_refused(
            &(struct pki_leaf){.uris = {names[i].first, names[i].second}, .dns = "bank-a.test"},
            names[i].reason);
}

static void a_server_certificate_is_no_member(void **state)
{
    (void)state;
    assert_certificate_refused(&(struct pki_leaf){.uris = {URI_OF("bank-a")}, .is_server = true},
                               GUARD_CERTIFICATE_PURPOSE);
}

static void a_certificate_without_usages_is_a_member(void **state)
{
    (void)state;
    pki_issue(f.pki, "plain", &(struct pki_leaf){.uris = {URI_OF("bank-c")}, .has_no_eku = true});
    assert_true(is_member_served("plain"));
}

static void a_revoked_certificate_is_refused(void **state)
{
    struct guard_options options;
    struct tls_client_options client;

    (void)state;
    pki_revoke(f.pki, "bank-a");
    options = options_standard();
    start(&options);
    client = as("bank-a");
    assert_refused(&client, GUARD_CERTIFICATE_REVOKED);
    assert_true(is_member_served("bank-b"));
}

static void an_outdated_revocation_list_admits_nobody(void **state)
{
    struct guard_options options;
    struct tls_client_options client;

    (void)state;
    pki_write_crl(f.pki, -60);
    options = options_standard();
    start(&options);
    client = as("bank-a");
    assert_refused(&client, GUARD_CRL_UNUSABLE);
}

static void a_member_that_is_not_admitted_is_refused(void **state)
{
    struct tls_client_options options = as("bank-a");

    (void)state;
    atomic_store(&f.is_suspended, true);
    assert_refused(&options, GUARD_NOT_ADMITTED);
    assert_true(is_member_served("bank-b"));
}

/* TLS */

static void other_protocols_are_refused(void **state)
{
    struct tls_client_options options = as("bank-a");

    (void)state;
    options.alpn = "http/1.1";
    assert_refused(&options, GUARD_ALPN_MISSING);
    options = as("bank-a");
    options.has_no_alpn = true;
    assert_refused(&options, GUARD_ALPN_MISSING);
    options.version = TLS1_2_VERSION;
    assert_refused(&options, GUARD_ALPN_MISSING);
}

static void old_tls_is_refused(void **state)
{
    struct tls_client_options options = as("bank-a");

    (void)state;
    options.version = TLS1_1_VERSION;
    assert_refused(&options, GUARD_TLS_VERSION);
    options.version = TLS1_VERSION;
    assert_refused(&options, GUARD_TLS_VERSION);
}

static void plaintext_is_refused(void **state)
{
    uint8_t data[64];
    int fd = tcp_connect(NULL, f.port, 5000);

    (void)state;
    assert_true(fd >= 0);
    wire_open(&wire);
    assert_int_equal(send(fd, wire.data, wire.size, MSG_NOSIGNAL), wire.size);
    wait_for(events_of(GUARD_TLS_PLAINTEXT) == 1);
    while (recv(fd, data, sizeof(data), 0) > 0)
        continue; /* an alert at most */
    close(fd);
    assert_int_equal(stats_now().adopted_count, 0);
}

static void sessions_are_never_resumed(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(versions); i++) {
        struct tls_client_options options = as("bank-a");
        struct tls_client client;

        options.version = versions[i];
        assert_true(tls_client_open(&client, &options));
        assert_true(talk(&client));
        SSL_SESSION *session = SSL_get1_session(client.ssl);
        assert_false(SSL_SESSION_has_ticket(session));
        tls_client_close(&client);

        options.session = session;
        assert_true(tls_client_open(&client, &options));
        assert_false(SSL_session_reused(client.ssl));
        assert_true(talk(&client));
        tls_client_close(&client);

        /* and without a certificate the old session opens nothing */
        options.certificate_file = options.key_file = NULL;
        assert_false(is_served(&options));
        SSL_SESSION_free(session);
    }
}

/* Limits before authentication */

static void half_open_connections_run_out_of_time(void **state)
{
    static const uint8_t hello[] = {0x16, 3, 1, 2, 0, 1};
    uint8_t data[16];
    int silent = tcp_connect(NULL, f.port, 10000);
    int slow = tcp_connect(NULL, f.port, 10000);

    (void)state;
    assert_int_equal(send(slow, hello, sizeof(hello), MSG_NOSIGNAL), sizeof(hello));
    wait_for(stats_now().handshake_count == 2);
    assert_int_equal(recv(silent, data, sizeof(data), 0), 0);
    assert_true(recv(slow, data, sizeof(data), 0) <= 0);
    wait_for(stats_now().handshake_count == 0);
    assert_int_equal(stats_now().reason_counts[GUARD_HANDSHAKE_TIMEOUT], 2);
    close(silent);
    close(slow);
}

static void who_says_nothing_after_the_handshake_is_closed(void **state)
{
    struct tls_client_options options = as("bank-a");
    struct tls_client client;

    (void)state;
    assert_true(tls_client_open(&client, &options));
    assert_true(is_closed(&client));
    wait_for(events_of(GUARD_PREFACE_TIMEOUT) == 1);
    tls_client_close(&client);
    assert_true(is_member_served("bank-a")); /* and is not banned */
}

static void idle_strangers_do_not_keep_members_out(void **state)
{
    int fds[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        fds[i] = tcp_connect(NULL, f.port, 5000);
    assert_true(is_member_served("bank-a"));
    assert_true(stats_now().handshake_count <= 64);
    wait_for(stats_now().reason_counts[GUARD_HANDSHAKE_EVICTED] >= 100);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        close(fds[i]);
}

static void it_recovers_from_having_no_descriptors(void **state)
{
    struct rlimit before, tight;
    int fds[ADOPTED_MAX];
    int count = 0;

    (void)state;
    assert_true(is_member_served("bank-a"));
    /* Sockets first, so that only the guard's side of them is missing afterwards. */
    for (; count < 80; count++)
        fds[count] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)fds[79] + 4;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)f.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; i++)
        assert_int_equal(connect(fds[i], (struct sockaddr *)&to, sizeof(to)), 0);
    wait_for(stats_now().reason_counts[GUARD_DESCRIPTORS_EXHAUSTED] > 0);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    wait_for(is_member_served("bank-a"));
}

/* Limits of members */

static void a_member_has_only_so_many_connections(void **state)
{
    struct guard_options options = options_standard();
    struct tls_client clients[3];

    (void)state;
    options.limits.member_connections = 3;
    start(&options);
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++)
        open_member(&clients[i], "bank-a");
    assert_false(is_member_served("bank-a"));
    wait_for(events_of(GUARD_MEMBER_CONNECTION_LIMIT) == 1);
    assert_true(is_member_served("bank-b"));
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++)
        tls_client_close(&clients[i]);
    wait_for(stats_now().open_count == 0);
    assert_true(is_member_served("bank-a"));
}

static void all_members_have_only_so_many_connections(void **state)
{
    struct guard_options options = options_standard();
    struct tls_client client;

    (void)state;
    options.limits.connections = 1;
    start(&options);
    open_member(&client, "bank-a");
    assert_false(is_member_served("bank-b"));
    wait_for(events_of(GUARD_CONNECTION_LIMIT) == 1);
    tls_client_close(&client);
    wait_for(stats_now().open_count == 0);
    assert_true(is_member_served("bank-b"));
}

static void a_violation_closes_tells_and_bans(void **state)
{
    struct tls_client client;
    uint8_t data[256];
    size_t size;

    (void)state;
    open_member(&client, "bank-a");
    wire.size = 0;
    for (int i = 0; i < 101; i++)
        wire_zeros(&wire, 8, WIRE_PING, 0, 0);
    assert_true(tls_client_write(&client, wire.data, wire.size));
    size = tls_client_read(&client, data, sizeof(data));
    assert_int_equal(size, 9 + 8 + strlen("PING_FLOOD"));
    assert_int_equal(data[3], WIRE_GOAWAY);
    assert_int_equal(data[16], 0xb); /* ENHANCE_YOUR_CALM */
    assert_memory_equal(data + 17, "PING_FLOOD", 10);
    assert_true(is_closed(&client));
    tls_client_close(&client);
    wait_for(events_of(GUARD_PING_FLOOD) == 1);
    assert_int_equal(atomic_load(&f.ban_ms), 2000);
    assert_int_equal(stats_now().banned_count, 1);
    assert_false(is_member_served("bank-a"));
    wait_for(events_of(GUARD_BANNED) >= 1);
    assert_true(is_member_served("bank-b"));
    wait_for(is_member_served("bank-a")); /* two seconds later */
}

static void a_renewed_certificate_is_not_banned_with_the_old(void **state)
{
    struct tls_client client;

    (void)state;
    pki_member_as(f.pki, "bank-a", "renewed");
    open_member(&client, "bank-a");
    assert_true(tls_client_write(&client, "GET / HTTP/1.1\r\n\r\n", 18));
    assert_true(is_closed(&client));
    tls_client_close(&client);
    assert_false(is_member_served("bank-a"));
    assert_true(is_member_served("renewed"));
}

/* Withdrawal */

static void a_sweep_closes_who_is_no_longer_admitted(void **state)
{
    struct tls_client a, b;

    (void)state;
    open_member(&a, "bank-a");
    open_member(&b, "bank-b");
    guard_sweep(f.guard);
    usleep(50000);
    assert_int_equal(stats_now().open_count, 2); /* nothing to object to */
    atomic_store(&f.is_suspended, true);
    guard_sweep(f.guard);
    assert_true(is_closed(&a));
    wait_for(events_of(GUARD_WITHDRAWN) == 1);
    wait_for(stats_now().open_count == 1);
    tls_client_close(&a);
    tls_client_close(&b);
    assert_false(is_member_served("bank-a"));
    atomic_store(&f.is_suspended, false);
    assert_true(is_member_served("bank-a"));
}

static void a_member_can_be_closed_by_name(void **state)
{
    struct tls_client a[2], b;

    (void)state;
    open_member(&a[0], "bank-a");
    open_member(&a[1], "bank-a");
    open_member(&b, "bank-b");
    guard_close_member(f.guard, "bank-a");
    assert_true(is_closed(&a[0]));
    assert_true(is_closed(&a[1]));
    wait_for(stats_now().open_count == 1);
    for (int i = 0; i < 2; i++)
        tls_client_close(&a[i]);
    tls_client_close(&b);
}

/* Reload */

static void serial_of_server(char text[64])
{
    struct tls_client_options options = as("bank-a");
    struct tls_client client;

    assert_true(tls_client_open(&client, &options));
    X509 *certificate = SSL_get1_peer_certificate(client.ssl);
    uint64_t serial = 0;
    assert_true(ASN1_INTEGER_get_uint64(&serial, X509_get0_serialNumber(certificate)));
    snprintf(text, 64, "%llx", (unsigned long long)serial);
    X509_free(certificate);
    tls_client_close(&client);
}

static void a_new_server_certificate_needs_no_restart(void **state)
{
    char before[64], after[64];
    struct tls_client client;

    (void)state;
    open_member(&client, "bank-b");
    serial_of_server(before);
    pki_server(f.pki, "server");
    if (!guard_reload(&f.ctx, f.guard)) /* by hand; the watch may have seen half of the pair */
        fail_msg("%s", f.ctx.error.message);
    serial_of_server(after);
    assert_string_not_equal(before, after);
    assert_int_equal(stats_now().open_count >= 1, 1); /* who was connected stays */
    tls_client_close(&client);
}

static void a_revocation_list_takes_effect_by_itself(void **state)
{
    struct tls_client a, b;

    (void)state;
    open_member(&a, "bank-a");
    open_member(&b, "bank-b");
    pki_revoke(f.pki, "bank-a");
    assert_true(is_closed(&a)); /* the watch has seen the new file */
    wait_for(atomic_load(&f.reloads) == 1);
    wait_for(events_of(GUARD_CERTIFICATE_REVOKED) == 1);
    assert_false(is_member_served("bank-a"));
    assert_true(is_member_served("bank-b"));
    assert_true(stats_now().open_count >= 1);
    tls_client_close(&a);
    tls_client_close(&b);
}

static void a_failed_reload_keeps_the_old(void **state)
{
    (void)state;
    assert_int_equal(unlink(path("ca", "-crl.pem")), 0);
    assert_false(guard_reload(&f.ctx, f.guard));
    assert_string_equal(f.ctx.error.reason, "GUARD_CERTIFICATE");
    assert_true(atomic_load(&f.failed_reloads) >= 1);
    assert_true(is_member_served("bank-a"));
    pki_write_crl(f.pki, 86400);
    wait_for(atomic_load(&f.reloads) == 1);
}

/* Start */

static void assert_start_refused(const struct guard_options *options, const char *reason)
{
    ctx_clear(&f.ctx);
    assert_false(guard_start(&f.ctx, options, &f.guard));
    assert_int_equal(f.ctx.error.code, ERR_PRECONDITION);
    assert_string_equal(f.ctx.error.reason, reason);
    assert_null(f.guard);
}

static void it_does_not_start_with_wrong_files(void **state)
{
    struct guard_options options = options_standard();

    (void)state;
    options.certificate_file = path("missing", ".pem");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = options_standard();
    options.key_file = path("bank-a", ".key"); /* a key of another certificate */
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = options_standard();
    options.ca_file = path("server", ".key");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = options_standard();
    options.crl_file = path("missing", "-crl.pem");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = options_standard();
    assert_int_equal(chmod(options.key_file, 0644), 0);
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    pki_issue(f.pki, "server",
              &(struct pki_leaf){.is_server = true, .begins_in_s = -7200, .ends_in_s = -60});
    assert_start_refused(&options, "GUARD_CERTIFICATE");
}

static void it_does_not_start_on_a_wrong_address(void **state)
{
    struct guard_options options = options_standard();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in taken = {.sin_family = AF_INET};
    socklen_t size = sizeof(taken);

    (void)state;
    taken.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&taken, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&taken, &size), 0);
    options.port = ntohs(taken.sin_port);
    assert_start_refused(&options, "GUARD_ADDRESS");
    options.port = 0;
    options.address = "not-an-address";
    assert_start_refused(&options, "GUARD_ADDRESS");
    close(fd);
}

static void it_listens_on_ipv6_too(void **state)
{
    struct guard_options options = options_standard();
    struct tls_client_options client;

    (void)state;
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool has_ipv6 = probe >= 0 && bind(probe, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;
    if (probe >= 0)
        close(probe);
    options.address = NULL;
    start(&options);
    assert_true(is_member_served("bank-a"));
    client = as("bank-b");
    client.address = "::1";
    if (has_ipv6)
        assert_true(is_served(&client));
}

/* Bytes */

/* The adopter's last word: one DATA frame of a MiB, then the end. */
static void *say_and_close(void *argument)
{
    static const uint8_t header[9] = {0x10, 0, 0, WIRE_DATA, 0, 0, 0, 0, 1};
    static const uint8_t piece[65536];
    int fd = *(int *)argument;

    CHECK(fcntl(fd, F_SETFL, 0) == 0); /* blocking: who reads slowly makes us wait */
    CHECK(send(fd, header, sizeof(header), MSG_NOSIGNAL) == sizeof(header));
    for (int i = 0; i < 16; i++)
        CHECK(send(fd, piece, sizeof(piece), MSG_NOSIGNAL) == sizeof(piece));
    close(fd);
    return NULL;
}

static void a_silent_adopter_stops_the_client_not_the_guard(void **state)
{
    struct tls_client_options options = as("bank-a");
    struct tls_client client;
    uint64_t held;

    (void)state;
    options.timeout_ms = 500;
    assert_true(tls_client_open(&client, &options));
    assert_true(talk(&client));
    atomic_store(&f.is_silent, true);
    wire.size = 0;
    wire_header(&wire, 1, WIRE_HEADERS, WIRE_END_HEADERS, 1);
    wire_bytes(&wire, "\x83", 1);
    assert_true(tls_client_write(&client, wire.data, wire.size));
    wire.size = 0;
    wire_zeros(&wire, 200000, WIRE_DATA, 0, 1);
    while (tls_client_write(&client, wire.data, wire.size))
        continue;
    held = stats_now().received_bytes;
    assert_true(held < 20 * 1024 * 1024);
    atomic_store(&f.is_silent, false);
    wait_for(stats_now().received_bytes > held); /* and goes on when it is read again */
    tls_client_close(&client);
}

static void a_drain_lets_answers_out_and_nobody_in(void **state)
{
    static uint8_t data[65536];
    struct tls_client client;
    pthread_t adopter;
    size_t total = 0;

    (void)state;
    open_member(&client, "bank-a");
    int fd = atomic_exchange(&f.fds[0], -1); /* from now on ours, not the echo's */
    guard_drain(f.guard);
    int stranger = -1;
    do {
        if (stranger >= 0)
            close(stranger);
        stranger = tcp_connect(NULL, f.port, 1000);
    } while (stranger >= 0);
    assert_int_equal(stats_now().open_count, 1);
    assert_int_equal(pthread_create(&adopter, NULL, say_and_close, &fd), 0);
    for (size_t size; (size = tls_client_read(&client, data, sizeof(data))) > 0;)
        total += size;
    pthread_join(adopter, NULL);
    assert_int_equal(total, 9 + (1 << 20));
    assert_int_equal(SSL_get_shutdown(client.ssl), SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&client);
    wait_for(stats_now().open_count == 0);
}

static void freeing_closes_all(void **state)
{
    struct tls_client a, b;

    (void)state;
    open_member(&a, "bank-a");
    open_member(&b, "bank-b");
    guard_free(f.guard);
    f.guard = NULL;
    atomic_store(&f.is_ending, true);
    pthread_join(f.echo, NULL);
    assert_true(is_closed(&a));
    assert_true(is_closed(&b));
    tls_client_close(&a);
    tls_client_close(&b);
}

#define RUNNING(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, setup_stopped, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNING(a_member_is_served_and_known),
        RUNNING(both_versions_of_tls_are_served),
        RUNNING(no_certificate_is_refused),
        RUNNING(wrong_dates_are_refused),
        RUNNING(other_issuers_are_refused),
        RUNNING(wrong_names_are_refused),
        RUNNING(a_server_certificate_is_no_member),
        RUNNING(a_certificate_without_usages_is_a_member),
        STOPPED(a_revoked_certificate_is_refused),
        STOPPED(an_outdated_revocation_list_admits_nobody),
        RUNNING(a_member_that_is_not_admitted_is_refused),
        RUNNING(other_protocols_are_refused),
        RUNNING(old_tls_is_refused),
        RUNNING(plaintext_is_refused),
        RUNNING(sessions_are_never_resumed),
        RUNNING(half_open_connections_run_out_of_time),
        RUNNING(who_says_nothing_after_the_handshake_is_closed),
        RUNNING(idle_strangers_do_not_keep_members_out),
        RUNNING(it_recovers_from_having_no_descriptors),
        STOPPED(a_member_has_only_so_many_connections),
        STOPPED(all_members_have_only_so_many_connections),
        RUNNING(a_violation_closes_tells_and_bans),
        RUNNING(a_renewed_certificate_is_not_banned_with_the_old),
        RUNNING(a_sweep_closes_who_is_no_longer_admitted),
        RUNNING(a_member_can_be_closed_by_name),
        RUNNING(a_new_server_certificate_needs_no_restart),
        RUNNING(a_revocation_list_takes_effect_by_itself),
        RUNNING(a_failed_reload_keeps_the_old),
        STOPPED(it_does_not_start_with_wrong_files),
        STOPPED(it_does_not_start_on_a_wrong_address),
        STOPPED(it_listens_on_ipv6_too),
        RUNNING(a_silent_adopter_stops_the_client_not_the_guard),
        RUNNING(a_drain_lets_answers_out_and_nobody_in),
        RUNNING(freeing_closes_all),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
