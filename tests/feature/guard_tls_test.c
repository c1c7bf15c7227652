/*
 * Who the guard lets in: certificates, TLS versions, reload, start.
 */
#include "guard/guard.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "support/front.h"
#include "support/wire.h"
#define URI_OF(code) "spiffe://" PKI_TRUST_DOMAIN "/member/" code

static struct wire wire;

static void assert_refused(const struct tls_client_options *options, enum guard_reason reason)
{
    uint64_t before = front_stats().reason_counts[reason];

    assert_false(front_serves(options));
    if (front_stats().reason_counts[reason] == before)
        wait_for(front_stats().reason_counts[reason] > before);
    wait_for(front_events(reason) > 0);
    assert_int_equal(front_stats().adopted_count, 0);
}

static void assert_certificate_refused(const struct pki_leaf *leaf, enum guard_reason reason)
{
    struct tls_client_options options;

    pki_issue(front.pki, "wrong", leaf);
    options = front_as("wrong");
    assert_refused(&options, reason);
}

/* Certificates */

static void a_member_is_served_and_known(void **state)
{
    struct tls_client client;
    struct guard_peer peer;
    uint8_t fingerprint[32];

    (void)state;
    front_open(&client, "bank-a");
    assert_true(guard_peer_of(front.guard, atomic_load(&front.fds[0]), &peer));
    pki_fingerprint(front.pki, "bank-a", fingerprint);
    assert_string_equal(peer.member_code, "bank-a");
    assert_string_equal(peer.address, "127.0.0.1");
    assert_memory_equal(peer.fingerprint, fingerprint, 32);
    assert_true(peer.generation > 0);
    assert_true(peer.not_after_us > clock_now_us() + INT64_C(86400000000) * 29);
    assert_false(guard_peer_of(front.guard, 9999, &peer));
    assert_false(guard_peer_of(front.guard, -1, &peer));
    tls_client_close(&client);
    wait_for(front_stats().open_count == 0);
}

static void both_versions_of_tls_are_served(void **state)
{
    struct tls_client_options options = front_as("bank-a");

    (void)state;
    options.version = TLS1_3_VERSION;
    assert_true(front_serves(&options));
    options.version = TLS1_2_VERSION;
    assert_true(front_serves(&options));
}

static void no_certificate_is_refused(void **state)
{
    struct tls_client_options options = front_as(NULL);

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
    pki_member_as(front.other, "bank-a", "foreign");
    options = front_as("foreign");
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

static void an_authority_is_no_member(void **state)
{
    (void)state;
    assert_certificate_refused(&(struct pki_leaf){.uris = {URI_OF("bank-a")}, .is_authority = true},
                               GUARD_CERTIFICATE_PURPOSE);
}

static void a_certificate_without_usages_is_a_member(void **state)
{
    (void)state;
    pki_issue(front.pki, "plain",
              &(struct pki_leaf){.uris = {URI_OF("bank-c")}, .has_no_eku = true});
    assert_true(front_serves_member("plain"));
}

static void a_revoked_certificate_is_refused(void **state)
{
    struct guard_options options;
    struct tls_client_options client;

    (void)state;
    pki_revoke(front.pki, "bank-a");
    options = front_options();
    front_start(&options);
    client = front_as("bank-a");
    assert_refused(&client, GUARD_CERTIFICATE_REVOKED);
    assert_true(front_serves_member("bank-b"));
}

static void an_outdated_revocation_list_admits_nobody(void **state)
{
    struct guard_options options;
    struct tls_client_options client;

    (void)state;
    pki_write_crl(front.pki, -60);
    options = front_options();
    front_start(&options);
    client = front_as("bank-a");
    assert_refused(&client, GUARD_CRL_UNUSABLE);
}

static void a_member_that_is_not_admitted_is_refused(void **state)
{
    struct tls_client_options options = front_as("bank-a");

    (void)state;
    atomic_store(&front.is_suspended, true);
    assert_refused(&options, GUARD_NOT_ADMITTED);
    assert_true(front_serves_member("bank-b"));
}

/* TLS */

static void other_protocols_are_refused(void **state)
{
    struct tls_client_options options = front_as("bank-a");

    (void)state;
    options.alpn = "http/1.1";
    assert_refused(&options, GUARD_ALPN_MISSING);
    options = front_as("bank-a");
    options.has_no_alpn = true;
    assert_refused(&options, GUARD_ALPN_MISSING);
    options.version = TLS1_2_VERSION;
    assert_refused(&options, GUARD_ALPN_MISSING);
}

static void old_tls_is_refused(void **state)
{
    struct tls_client_options options = front_as("bank-a");

    (void)state;
    options.version = TLS1_1_VERSION;
    assert_refused(&options, GUARD_TLS_VERSION);
    options.version = TLS1_VERSION;
    assert_refused(&options, GUARD_TLS_VERSION);
}

static void plaintext_is_refused(void **state)
{
    uint8_t data[64];
    int fd = tcp_connect(NULL, front.port, 5000);

    (void)state;
    assert_true(fd >= 0);
    wire_open(&wire);
    assert_int_equal(send(fd, wire.data, wire.size, MSG_NOSIGNAL), wire.size);
    wait_for(front_events(GUARD_TLS_PLAINTEXT) == 1);
    while (recv(fd, data, sizeof(data), 0) > 0)
        continue; /* an alert at most */
    close(fd);
    assert_int_equal(front_stats().adopted_count, 0);
}

static void sessions_are_never_resumed(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(versions); i++) {
        struct tls_client_options options = front_as("bank-a");
        struct tls_client client;

        options.version = versions[i];
        assert_true(tls_client_open(&client, &options));
        assert_true(front_talk(&client));
        SSL_SESSION *session = SSL_get1_session(client.ssl);
        assert_false(SSL_SESSION_has_ticket(session));
        tls_client_close(&client);

        options.session = session;
        assert_true(tls_client_open(&client, &options));
        assert_false(SSL_session_reused(client.ssl));
        assert_true(front_talk(&client));
        tls_client_close(&client);

        /* and without a certificate the old session opens nothing */
        options.certificate_file = options.key_file = NULL;
        assert_false(front_serves(&options));
        SSL_SESSION_free(session);
    }
}

/* Reload */

static void serial_of_server(char text[64])
{
    struct tls_client_options options = front_as("bank-a");
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
    front_open(&client, "bank-b");
    serial_of_server(before);
    pki_server(front.pki, "server");
    if (!guard_reload(&front.ctx,
                      front.guard)) /* by hand; the watch may have seen half of the pair */
        fail_msg("%s", front.ctx.error.message);
    serial_of_server(after);
    assert_string_not_equal(before, after);
    assert_int_equal(front_stats().open_count >= 1, 1); /* who was connected stays */
    tls_client_close(&client);
}

static void a_revocation_list_takes_effect_by_itself(void **state)
{
    struct tls_client a, b;

    (void)state;
    front_open(&a, "bank-a");
    front_open(&b, "bank-b");
    pki_revoke(front.pki, "bank-a");
    assert_true(front_is_closed(&a)); /* the watch has seen the new file */
    wait_for(atomic_load(&front.reloads) == 1);
    wait_for(front_events(GUARD_CERTIFICATE_REVOKED) == 1);
    assert_false(front_serves_member("bank-a"));
    assert_true(front_serves_member("bank-b"));
    assert_true(front_stats().open_count >= 1);
    tls_client_close(&a);
    tls_client_close(&b);
}

static void a_failed_reload_keeps_the_old(void **state)
{
    (void)state;
    assert_int_equal(unlink(front_path("ca", "-crl.pem")), 0);
    assert_false(guard_reload(&front.ctx, front.guard));
    assert_string_equal(front.ctx.error.reason, "GUARD_CERTIFICATE");
    assert_true(atomic_load(&front.failed_reloads) >= 1);
    assert_true(front_serves_member("bank-a"));
    pki_write_crl(front.pki, 86400);
    wait_for(atomic_load(&front.reloads) == 1);
}

/* Start */

static void assert_start_refused(const struct guard_options *options, const char *reason)
{
    ctx_clear(&front.ctx);
    assert_false(guard_start(&front.ctx, options, &front.guard));
    assert_int_equal(front.ctx.error.code, ERR_PRECONDITION);
    assert_string_equal(front.ctx.error.reason, reason);
    assert_null(front.guard);
}

static void it_does_not_start_with_wrong_files(void **state)
{
    struct guard_options options = front_options();

    (void)state;
    options.certificate_file = front_path("missing", ".pem");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = front_options();
    options.key_file = front_path("bank-a", ".key"); /* a key of another certificate */
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = front_options();
    options.ca_file = front_path("server", ".key");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = front_options();
    options.crl_file = front_path("missing", "-crl.pem");
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    options = front_options();
    assert_int_equal(chmod(options.key_file, 0644), 0);
    assert_start_refused(&options, "GUARD_CERTIFICATE");
    pki_issue(front.pki, "server",
              &(struct pki_leaf){.is_server = true, .begins_in_s = -7200, .ends_in_s = -60});
    assert_start_refused(&options, "GUARD_CERTIFICATE");
}

static void it_does_not_start_on_a_wrong_address(void **state)
{
    struct guard_options options = front_options();
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
    struct guard_options options = front_options();
    struct tls_client_options client;

    (void)state;
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool has_ipv6 = probe >= 0 && bind(probe, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;
    if (probe >= 0)
        close(probe);
    options.address = NULL;
    front_start(&options);
    assert_true(front_serves_member("bank-a"));
    client = front_as("bank-b");
    client.address = "::1";
    if (has_ipv6)
        assert_true(front_serves(&client));
}

#define RUNNING(test) cmocka_unit_test_setup_teardown(test, front_setup, front_teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, front_setup_stopped, front_teardown)

/* clang-format off: one test a line */
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
        RUNNING(an_authority_is_no_member),
        RUNNING(a_certificate_without_usages_is_a_member),
        STOPPED(a_revoked_certificate_is_refused),
        STOPPED(an_outdated_revocation_list_admits_nobody),
        RUNNING(a_member_that_is_not_admitted_is_refused),
        RUNNING(other_protocols_are_refused),
        RUNNING(old_tls_is_refused),
        RUNNING(plaintext_is_refused),
        RUNNING(sessions_are_never_resumed),
        RUNNING(a_new_server_certificate_needs_no_restart),
        RUNNING(a_revocation_list_takes_effect_by_itself),
        RUNNING(a_failed_reload_keeps_the_old),
        STOPPED(it_does_not_start_with_wrong_files),
        STOPPED(it_does_not_start_on_a_wrong_address),
        STOPPED(it_listens_on_ipv6_too),
    };
    /* clang-format on */

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("guard_tls", tests, NULL, NULL);
}
