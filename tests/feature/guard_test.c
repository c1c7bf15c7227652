/*
 * What the guard bounds and survives: strangers, members, withdrawal, slow readers, drain.
 */
#include "guard/guard.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "support/front.h"
#include "support/wire.h"
static struct wire wire;

/* Limits before authentication */

static void half_open_connections_run_out_of_time(void **state)
{
    static const uint8_t hello[] = {0x16, 3, 1, 2, 0, 1};
    uint8_t data[16];
    int silent = tcp_connect(NULL, front.port, 10000);
    int slow = tcp_connect(NULL, front.port, 10000);

    (void)state;
    assert_int_equal(send(slow, hello, sizeof(hello), MSG_NOSIGNAL), sizeof(hello));
    wait_for(front_stats().handshake_count == 2);
    assert_int_equal(recv(silent, data, sizeof(data), 0), 0);
    assert_true(recv(slow, data, sizeof(data), 0) <= 0);
    wait_for(front_stats().handshake_count == 0);
    assert_int_equal(front_stats().reason_counts[GUARD_HANDSHAKE_TIMEOUT], 2);
    close(silent);
    close(slow);
}

static void who_says_nothing_after_the_handshake_is_closed(void **state)
{
    struct tls_client_options options = front_as("bank-a");
    struct tls_client client;

    (void)state;
    assert_true(tls_client_open(&client, &options));
    assert_true(front_is_closed(&client));
    wait_for(front_events(GUARD_PREFACE_TIMEOUT) == 1);
    tls_client_close(&client);
    assert_true(front_serves_member("bank-a")); /* and is not banned */
}

static void a_silent_member_is_closed_without_a_ban(void **state)
{
    struct guard_options options = front_options();
    struct tls_client client;

    (void)state;
    options.limits.idle_timeout_ms = 500;
    front_start(&options);
    front_open(&client, "bank-a");
    assert_true(front_is_closed(&client));
    wait_for(front_events(GUARD_IDLE) == 1);
    tls_client_close(&client);
    assert_true(front_serves_member("bank-a"));
}

static void idle_strangers_do_not_keep_members_out(void **state)
{
    int fds[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        fds[i] = tcp_connect(NULL, front.port, 5000);
    assert_true(front_serves_member("bank-a"));
    assert_true(front_stats().handshake_count <= 64);
    wait_for(front_stats().reason_counts[GUARD_HANDSHAKE_EVICTED] >= 100);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        close(fds[i]);
}

static void it_recovers_from_having_no_descriptors(void **state)
{
    struct rlimit before, tight;
    int fds[ADOPTED_MAX];
    int count = 0;

    (void)state;
    assert_true(front_serves_member("bank-a"));
    /* Sockets first, so that only the guard's side of them is missing afterwards. */
    for (; count < 80; count++)
        fds[count] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)fds[79] + 4;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)front.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; i++)
        assert_int_equal(connect(fds[i], (struct sockaddr *)&to, sizeof(to)), 0);
    wait_for(front_stats().reason_counts[GUARD_DESCRIPTORS_EXHAUSTED] > 0);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    wait_for(front_serves_member("bank-a"));
}

/* Limits of members */

static void a_member_has_only_so_many_connections(void **state)
{
    struct guard_options options = front_options();
    struct tls_client clients[3];

    (void)state;
    options.limits.member_connections = 3;
    front_start(&options);
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++)
        front_open(&clients[i], "bank-a");
    assert_false(front_serves_member("bank-a"));
    wait_for(front_events(GUARD_MEMBER_CONNECTION_LIMIT) == 1);
    assert_true(front_serves_member("bank-b"));
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++)
        tls_client_close(&clients[i]);
    wait_for(front_stats().open_count == 0);
    assert_true(front_serves_member("bank-a"));
}

static void all_members_have_only_so_many_connections(void **state)
{
    struct guard_options options = front_options();
    struct tls_client client;

    (void)state;
    options.limits.connections = 1;
    front_start(&options);
    front_open(&client, "bank-a");
    assert_false(front_serves_member("bank-b"));
    wait_for(front_events(GUARD_CONNECTION_LIMIT) == 1);
    tls_client_close(&client);
    wait_for(front_stats().open_count == 0);
    assert_true(front_serves_member("bank-b"));
}

static void a_violation_closes_tells_and_bans(void **state)
{
    struct tls_client client;
    uint8_t data[256];
    size_t size;

    (void)state;
    front_open(&client, "bank-a");
    wire.size = 0;
    for (int i = 0; i < 101; i++)
        wire_zeros(&wire, 8, WIRE_PING, 0, 0);
    assert_true(tls_client_write(&client, wire.data, wire.size));
    size = tls_client_read(&client, data, sizeof(data));
    assert_int_equal(size, 9 + 8 + strlen("PING_FLOOD"));
    assert_int_equal(data[3], WIRE_GOAWAY);
    assert_int_equal(data[16], 0xb); /* ENHANCE_YOUR_CALM */
    assert_memory_equal(data + 17, "PING_FLOOD", 10);
    assert_true(front_is_closed(&client));
    tls_client_close(&client);
    wait_for(front_events(GUARD_PING_FLOOD) == 1);
    assert_int_equal(atomic_load(&front.ban_ms), 2000);
    assert_int_equal(front_stats().banned_count, 1);
    assert_false(front_serves_member("bank-a"));
    wait_for(front_events(GUARD_BANNED) >= 1);
    assert_true(front_serves_member("bank-b"));
    wait_for(front_serves_member("bank-a")); /* two seconds later */
}

static void a_renewed_certificate_is_not_banned_with_the_old(void **state)
{
    struct tls_client client;

    (void)state;
    pki_member_as(front.pki, "bank-a", "renewed");
    front_open(&client, "bank-a");
    assert_true(tls_client_write(&client, "GET / HTTP/1.1\r\n\r\n", 18));
    assert_true(front_is_closed(&client));
    tls_client_close(&client);
    assert_false(front_serves_member("bank-a"));
    assert_true(front_serves_member("renewed"));
}

/* Withdrawal */

static void a_sweep_closes_who_is_no_longer_admitted(void **state)
{
    struct tls_client a, b;

    (void)state;
    front_open(&a, "bank-a");
    front_open(&b, "bank-b");
    guard_sweep(front.guard);
    usleep(50000);
    assert_int_equal(front_stats().open_count, 2); /* nothing to object to */
    atomic_store(&front.is_suspended, true);
    guard_sweep(front.guard);
    assert_true(front_is_closed(&a));
    wait_for(front_events(GUARD_WITHDRAWN) == 1);
    wait_for(front_stats().open_count == 1);
    tls_client_close(&a);
    tls_client_close(&b);
    assert_false(front_serves_member("bank-a"));
    atomic_store(&front.is_suspended, false);
    assert_true(front_serves_member("bank-a"));
}

static void a_member_can_be_closed_by_name(void **state)
{
    struct tls_client a[2], b;

    (void)state;
    front_open(&a[0], "bank-a");
    front_open(&a[1], "bank-a");
    front_open(&b, "bank-b");
    guard_close_member(front.guard, "bank-a");
    assert_true(front_is_closed(&a[0]));
    assert_true(front_is_closed(&a[1]));
    wait_for(front_stats().open_count == 1);
    for (int i = 0; i < 2; i++)
        tls_client_close(&a[i]);
    tls_client_close(&b);
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
    struct tls_client_options options = front_as("bank-a");
    struct tls_client client;
    uint64_t held;

    (void)state;
    options.timeout_ms = 500;
    assert_true(tls_client_open(&client, &options));
    assert_true(front_talk(&client));
    atomic_store(&front.is_silent, true);
    wire.size = 0;
    wire_header(&wire, 1, WIRE_HEADERS, WIRE_END_HEADERS, 1);
    wire_bytes(&wire, "\x83", 1);
    assert_true(tls_client_write(&client, wire.data, wire.size));
    wire.size = 0;
    wire_zeros(&wire, 200000, WIRE_DATA, 0, 1);
    while (tls_client_write(&client, wire.data, wire.size))
        continue;
    held = front_stats().received_bytes;
    assert_true(held < 20 * 1024 * 1024);
    atomic_store(&front.is_silent, false);
    wait_for(front_stats().received_bytes > held); /* and goes on when it is read again */
    tls_client_close(&client);
}

static void a_drain_lets_answers_out_and_nobody_in(void **state)
{
    static uint8_t data[65536];
    struct tls_client client;
    pthread_t adopter;
    size_t total = 0;

    (void)state;
    front_open(&client, "bank-a");
    int fd = atomic_exchange(&front.fds[0], -1); /* from now on ours, not the echo's */
    guard_drain(front.guard);
    int stranger = -1;
    do {
        if (stranger >= 0)
            close(stranger);
        stranger = tcp_connect(NULL, front.port, 1000);
    } while (stranger >= 0);
    assert_int_equal(front_stats().open_count, 1);
    assert_int_equal(pthread_create(&adopter, NULL, say_and_close, &fd), 0);
    for (size_t size; (size = tls_client_read(&client, data, sizeof(data))) > 0;)
        total += size;
    pthread_join(adopter, NULL);
    assert_int_equal(total, 9 + (1 << 20));
    assert_int_equal(SSL_get_shutdown(client.ssl), SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&client);
    wait_for(front_stats().open_count == 0);
}

static void freeing_closes_all(void **state)
{
    struct tls_client a, b;

    (void)state;
    front_open(&a, "bank-a");
    front_open(&b, "bank-b");
    guard_free(front.guard);
    front.guard = NULL;
    atomic_store(&front.is_ending, true);
    pthread_join(front.echo, NULL);
    assert_true(front_is_closed(&a));
    assert_true(front_is_closed(&b));
    tls_client_close(&a);
    tls_client_close(&b);
}

#define RUNNING(test) cmocka_unit_test_setup_teardown(test, front_setup, front_teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, front_setup_stopped, front_teardown)

/* clang-format off: one test a line */
int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNING(half_open_connections_run_out_of_time),
        RUNNING(who_says_nothing_after_the_handshake_is_closed),
        STOPPED(a_silent_member_is_closed_without_a_ban),
        RUNNING(idle_strangers_do_not_keep_members_out),
        RUNNING(it_recovers_from_having_no_descriptors),
        STOPPED(a_member_has_only_so_many_connections),
        STOPPED(all_members_have_only_so_many_connections),
        RUNNING(a_violation_closes_tells_and_bans),
        RUNNING(a_renewed_certificate_is_not_banned_with_the_old),
        RUNNING(a_sweep_closes_who_is_no_longer_admitted),
        RUNNING(a_member_can_be_closed_by_name),
        RUNNING(a_silent_adopter_stops_the_client_not_the_guard),
        RUNNING(a_drain_lets_answers_out_and_nobody_in),
        RUNNING(freeing_closes_all),
    };
    /* clang-format on */

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
