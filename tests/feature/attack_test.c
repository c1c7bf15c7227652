/*
 * Each flood of fault_attack against the guard for a second, while another member goes on working:
 * the other is served, the offender is closed and banned. tests/fault/attack.sh does the same
 * against a whole exchange.
 */
#include "guard/guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/pki.h"
#include "support/tlsclient.h"
#include "support/wire.h"

static struct fixture {
    char folder[64];
    char program[PKI_PATH_MAX];
    struct pki *pki;
    struct guard *guard;
    struct arena arena;
    struct ctx ctx;
    atomic_int thread_count; /* echoes that run */
} f;

static struct wire wire;

/* The adopter: a thread a connection, answering each piece with an empty SETTINGS. */

static void *echo_main(void *argument)
{
    static const uint8_t answer[9] = {0, 0, 0, WIRE_SETTINGS};
    uint8_t data[65536];
    int fd = (int)(intptr_t)argument;

    while (recv(fd, data, sizeof(data), 0) > 0)
        if (send(fd, answer, sizeof(answer), MSG_NOSIGNAL) < 0)
            break;
    close(fd);
    atomic_fetch_sub(&f.thread_count, 1);
    return NULL;
}

static void on_adopt(void *user, int fd)
{
    pthread_t thread;

    (void)user;
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
    atomic_fetch_add(&f.thread_count, 1);
    CHECK(pthread_create(&thread, NULL, echo_main, (void *)(intptr_t)fd) == 0);
    pthread_detach(thread);
}

static const char *path(const char *name, const char *suffix)
{
    static char paths[8][PKI_PATH_MAX];
    static int next;

    return pki_path(f.pki, name, suffix, paths[next = (next + 1) % 8]);
}

static int setup(void **state)
{
    struct guard_options options;
    const char *build = getenv("CIX_BUILD");

    (void)state;
    memset(&f, 0, sizeof(f));
    if (!build)
        return -1;
    snprintf(f.program, sizeof(f.program), "%s/fault_attack", build);
    snprintf(f.folder, sizeof(f.folder), "/tmp/attack_test.XXXXXX");
    if (!mkdtemp(f.folder))
        return -1;
    arena_init(&f.arena, 0);
    ctx_init(&f.ctx, &f.arena);
    f.pki = pki_new(f.folder, "ca");
    pki_server(f.pki, "server");
    pki_member(f.pki, "bank-good");
    pki_member(f.pki, "bank-bad");
    options = (struct guard_options){.address = "127.0.0.1",
                                     .certificate_file = path("server", ".pem"),
                                     .key_file = path("server", ".key"),
                                     .ca_file = path("ca", ".pem"),
                                     .crl_file = path("ca", "-crl.pem"),
                                     .trust_domain = PKI_TRUST_DOMAIN,
                                     .adopt = on_adopt};
    return guard_start(&f.ctx, &options, &f.guard) ? 0 : -1;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    guard_free(f.guard);
    while (atomic_load(&f.thread_count) > 0)
        usleep(1000);
    pki_free(f.pki);
    arena_done(&f.arena);
    snprintf(command, sizeof(command), "rm -r %s", f.folder);
    return system(command) == 0 ? 0 : -1;
}

/* Starts fault_attack as bank-bad for a second; its line goes to the log of the test. */
static pid_t attack_start(const char *name)
{
    char port[16];

    snprintf(port, sizeof(port), "%d", guard_port(f.guard));
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid > 0)
        return pid;
    execl(f.program, f.program, "--port", port, "--ca", path("ca", ".pem"), "--certificate",
          path("bank-bad", ".pem"), "--key", path("bank-bad", ".key"), name, "1", (char *)NULL);
    _exit(127);
}

static bool ask(struct tls_client *client)
{
    uint8_t data[9];

    wire.size = 0;
    wire_zeros(&wire, 1, WIRE_DATA, 0, 1);
    return tls_client_write(client, wire.data, wire.size) &&
           tls_client_read(client, data, sizeof(data)) == sizeof(data);
}

static void open_good(struct tls_client *client)
{
    const struct tls_client_options options = {.port = guard_port(f.guard),
                                               .certificate_file = path("bank-good", ".pem"),
                                               .key_file = path("bank-good", ".key"),
                                               .ca_file = path("ca", ".pem")};
    uint8_t data[9];

    assert_true(tls_client_open(client, &options));
    wire.size = 0;
    wire_open(&wire);
    wire_header(&wire, 1, WIRE_HEADERS, WIRE_END_HEADERS, 1);
    wire_bytes(&wire, "\x83", 1);
    assert_true(tls_client_write(client, wire.data, wire.size));
    assert_int_equal(tls_client_read(client, data, sizeof(data)), sizeof(data));
}

/* Works as the good member until the attacker is done; every question must be answered. */
static int work_until_end_of(pid_t pid, struct tls_client *client)
{
    int status = -1, answers = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        assert_true(ask(client));
        answers++;
    }
    assert_int_equal(status, 0);
    return answers;
}

static void under_attack(const char *name, enum guard_reason reason)
{
    struct tls_client client;
    struct guard_stats stats;

    open_good(&client);
    int answers = work_until_end_of(attack_start(name), &client);
    guard_stats(f.guard, &stats);
    assert_true(answers > 0);
    assert_true(stats.reason_counts[reason] > 0);
    if (guard_reason_is_violation(reason)) {
        assert_int_equal(stats.reason_counts[reason], 1); /* then it was banned, for 2 s */
        assert_int_equal(stats.banned_count, 1);
        assert_true(stats.reason_counts[GUARD_BANNED] > 0);
    }
    assert_true(ask(&client));
    tls_client_close(&client);
    open_good(&client); /* and newcomers are let in */
    tls_client_close(&client);
}

#define ATTACK(test, name, reason)                                                                 \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        under_attack(name, reason);                                                                \
    }

ATTACK(rapid_reset_is_stopped, "rapid-reset", GUARD_RAPID_RESET)
ATTACK(the_hpack_bomb_is_stopped, "hpack-bomb", GUARD_HEADER_FIELDS)
ATTACK(a_continuation_flood_is_stopped, "continuation", GUARD_CONTINUATION_FLOOD)
ATTACK(a_settings_flood_is_stopped, "settings", GUARD_SETTINGS_FLOOD)
ATTACK(a_ping_flood_is_stopped, "ping", GUARD_PING_FLOOD)
ATTACK(an_empty_data_flood_is_stopped, "empty-data", GUARD_EMPTY_DATA_FLOOD)
ATTACK(idle_connections_evict_each_other, "descriptors", GUARD_HANDSHAKE_EVICTED)
ATTACK(a_handshake_flood_is_stopped, "handshake-flood", GUARD_CERTIFICATE_MISSING)

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rapid_reset_is_stopped),
        TEST(the_hpack_bomb_is_stopped),
        TEST(a_continuation_flood_is_stopped),
        TEST(a_settings_flood_is_stopped),
        TEST(a_ping_flood_is_stopped),
        TEST(an_empty_data_flood_is_stopped),
        TEST(idle_connections_evict_each_other),
        TEST(a_handshake_flood_is_stopped),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("attack", tests, NULL, NULL);
}
