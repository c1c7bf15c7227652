/*
 * Goal: cix pki doctor names every fault that keeps a member out, with the right exit code.
 * Method: the built cix against an exchange that runs; each test breaks one thing. What an exchange
 * never does (no TLS, an old version, silence, no HTTP/2) is done by a listener of the test's own.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/check.h"
#include "support/exchange.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024, DAY_S = 86400 };

/* What cix is told; NULL is the member's own. */
struct told {
    const char *address, *ca, *cert, *key, *words;
};

static struct exchange exchange;
static struct pki *other; /* an authority that the exchange does not trust */
static char output[OUTPUT_MAX];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    other = pki_new(exchange.folder, "other");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pki_free(other);
    exchange_stop(&exchange);
    return 0;
}

static int run(const char *command)
{
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int cix(const struct told *told)
{
    const char *build = getenv("CIX_BUILD");
    const char *folder = exchange.folder;
    char command[2048];

    snprintf(command, sizeof(command),
             "CIX_ADDRESS=%s CIX_CA=%s/%s.pem CIX_CERT=%s/%s.pem CIX_KEY=%s/%s.key "
             "HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
             told->address ? told->address : exchange.address, folder, told->ca ? told->ca : "ca",
             folder, told->cert ? told->cert : "bank-one", folder,
             told->key    ? told->key
             : told->cert ? told->cert
                          : "bank-one",
             build ? build : "build/dev", told->words ? told->words : "pki doctor --timeout 3");
    return run(command);
}

/* The doctor ends with the code and names the fault at the step. */
static void assert_found(const struct told *told, int code, const char *step, const char *fault)
{
    char line[128];
    int ended = cix(told);

    snprintf(line, sizeof(line), "%-12s FAULT   %s: ", step, fault);
    if (ended != code || !strstr(output, line))
        fail_msg("expected %d and \"%s\", got %d and: %s", code, line, ended, output);
    assert_non_null(strstr(output, "what to do: "));
}

static void issue(const char *name, const struct pki_leaf *leaf)
{
    pki_issue(exchange.pki, name, leaf);
}

static void path_of(const char *name, char path[PKI_PATH_MAX])
{
    snprintf(path, PKI_PATH_MAX, "%s/%s", exchange.folder, name);
}

static void write_file(const char *name, const char *text)
{
    char path[PKI_PATH_MAX];

    path_of(name, path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void a_good_member_is_good(void **state)
{
    (void)state;
    assert_int_equal(cix(&(struct told){.words = "pki doctor"}), 0);
    assert_non_null(strstr(output, "member bank-one, trust domain " PKI_TRUST_DOMAIN));
    assert_non_null(strstr(output, "as ACTIVE"));
    assert_non_null(strstr(output, "admits this certificate"));
    assert_null(strstr(output, "FAULT"));
    assert_null(strstr(output, "not tried"));
    assert_int_equal(cix(&(struct told){.words = "pki doctor --output json"}), 0);
    assert_non_null(strstr(output, "\"isGood\": true"));
    assert_non_null(strstr(output, "{\"step\": \"call\", \"verdict\": \"good\""));
}

static void settings_are_looked_at(void **state)
{
    (void)state;
    assert_found(&(struct told){.words = "pki doctor --address 127.0.0.1"}, 2, "settings",
                 "ADDRESS_MALFORMED");
    assert_found(&(struct told){.words = "pki doctor --address ::1:7443"}, 2, "settings",
                 "ADDRESS_MALFORMED");
    assert_int_equal(run("env -u CIX_ADDRESS HOME=/nonexistent ${CIX_BUILD:-build/dev}/cix pki "
                         "doctor --ca x --cert y --key z"),
                     2);
    assert_non_null(strstr(output, "SETTING_MISSING: a setting is missing (address)"));
    assert_int_equal(cix(&(struct told){.words = "pki doctor --output xml"}), 2);
}

/* The exchange was shown nothing: it has no say about the own certificate. */
static void assert_identity_is_not_tried(void)
{
    assert_non_null(strstr(output, "\nidentity     -       not tried"));
    assert_non_null(strstr(output, "\ncall         -       not tried"));
}

static void files_and_keys_are_looked_at(void **state)
{
    char path[PKI_PATH_MAX], command[1200];

    (void)state;
    assert_found(&(struct told){.key = "nobody"}, 2, "files", "FILE_UNREADABLE");
    write_file("empty.key", "nothing\n");
    assert_found(&(struct told){.key = "empty"}, 2, "key", "KEY_UNREADABLE");
    assert_identity_is_not_tried();
    issue("open", &(struct pki_leaf){.common_name = "open"});
    path_of("open.key", path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_found(&(struct told){.cert = "open"}, 2, "key", "KEY_OPEN");
    snprintf(command, sizeof(command),
             "cd %s && openssl pkey -in bank-one.key -aes256 -passout pass:word -out locked.key && "
             "chmod 600 locked.key 2>&1",
             exchange.folder);
    assert_int_equal(run(command), 0);
    assert_found(&(struct told){.key = "locked"}, 2, "key", "KEY_ENCRYPTED");
    assert_identity_is_not_tried();
    snprintf(command, sizeof(command),
             "cd %s && openssl genrsa -out weak.key 1024 2>&1 && chmod 600 weak.key",
             exchange.folder);
    assert_int_equal(run(command), 0);
    assert_found(&(struct told){.key = "weak"}, 2, "key", "KEY_WEAK");
    assert_found(&(struct told){.key = "server"}, 2, "certificate", "KEY_MISMATCH");
    assert_identity_is_not_tried();
    write_file("request.pem", "-----BEGIN CERTIFICATE REQUEST-----\n");
    assert_found(&(struct told){.cert = "request", .key = "bank-one"}, 2, "certificate",
                 "CERTIFICATE_UNREADABLE");
    assert_identity_is_not_tried();
}

static void chains_are_looked_at(void **state)
{
    char command[1200];

    (void)state;
    snprintf(
        command, sizeof(command),
        "cd %s && cat bank-one.pem other.pem > mixed.pem && cat bank-one.pem ca.pem > full.pem",
        exchange.folder);
    assert_int_equal(run(command), 0);
    assert_found(&(struct told){.cert = "mixed", .key = "bank-one"}, 2, "certificate",
                 "CHAIN_BROKEN");
    assert_int_equal(cix(&(struct told){.cert = "full", .key = "bank-one"}), 0);
}

/* Both sides see it: the step on this side gives the exit code, the exchange's alert follows. */
static void times_are_looked_at_on_both_sides(void **state)
{
    static const char uri[] = "spiffe://" PKI_TRUST_DOMAIN "/member/bank-one";

    (void)state;
    issue("past",
          &(struct pki_leaf){.uris = {uri}, .begins_in_s = -2 * DAY_S, .ends_in_s = -DAY_S});
    assert_found(&(struct told){.cert = "past"}, 2, "certificate", "CERTIFICATE_EXPIRED");
    assert_found(&(struct told){.cert = "past"}, 2, "identity", "OWN_EXPIRED");
    issue("future",
          &(struct pki_leaf){.uris = {uri}, .begins_in_s = DAY_S, .ends_in_s = 2 * DAY_S});
    assert_found(&(struct told){.cert = "future"}, 2, "certificate", "CERTIFICATE_NOT_YET_VALID");
    issue("soon", &(struct pki_leaf){.uris = {uri}, .begins_in_s = -60, .ends_in_s = 3 * DAY_S});
    assert_int_equal(cix(&(struct told){.cert = "soon"}), 3); /* not registered */
    assert_non_null(strstr(output, "remark  CERTIFICATE_ENDS_SOON"));
}

static void names_are_looked_at(void **state)
{
    static const struct {
        const char *uris[2];
        const char *fault;
    } rows[] = {
        {{NULL, NULL}, "NAME_MISSING"},
        {{"spiffe://" PKI_TRUST_DOMAIN "/member/bank-one",
          "spiffe://" PKI_TRUST_DOMAIN "/member/bank-two"},
         "NAME_SEVERAL"},
        {{"https://bank-one.example/", NULL}, "NAME_FOREIGN"},
        {{"spiffe:///member/bank-one", NULL}, "NAME_FOREIGN"},
        {{"spiffe://" PKI_TRUST_DOMAIN "/member/Bank_One", NULL}, "NAME_MALFORMED"},
        {{"spiffe://" PKI_TRUST_DOMAIN "/member/bank-one/x", NULL}, "NAME_MALFORMED"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        issue("named", &(struct pki_leaf){.uris = {rows[i].uris[0], rows[i].uris[1]}});
        assert_found(&(struct told){.cert = "named"}, 2, "name", rows[i].fault);
        assert_found(&(struct told){.cert = "named"}, 2, "identity", "OWN_NAME");
    }
}

/* The name is well-formed here: only the exchange knows that it is another domain's. */
static void the_trust_domain_is_the_exchange_s_to_say(void **state)
{
    (void)state;
    issue("abroad", &(struct pki_leaf){.uris = {"spiffe://elsewhere.test/member/bank-one"}});
    assert_found(&(struct told){.cert = "abroad"}, 3, "identity", "OWN_NAME");
}

static void purposes_are_looked_at(void **state)
{
    (void)state;
    assert_found(&(struct told){.cert = "server"}, 2, "certificate", "CERTIFICATE_PURPOSE");
    assert_found(&(struct told){.cert = "server"}, 2, "identity", "OWN_PURPOSE");
}

static void authorities_are_looked_at(void **state)
{
    (void)state;
    assert_found(&(struct told){.ca = "empty"}, 2, "files", "FILE_UNREADABLE");
    write_file("blank.pem", "nothing\n");
    assert_found(&(struct told){.ca = "blank"}, 2, "authority", "AUTHORITY_UNREADABLE");
    assert_found(&(struct told){.ca = "server"}, 2, "authority", "AUTHORITY_NOT_ONE");
    pki_issue(other, "old-ca",
              &(struct pki_leaf){.is_authority = true,
                                 .is_self_signed = true,
                                 .begins_in_s = -2 * DAY_S,
                                 .ends_in_s = -DAY_S});
    assert_found(&(struct told){.ca = "old-ca"}, 2, "authority", "AUTHORITY_EXPIRED");
    pki_issue(other, "new-ca",
              &(struct pki_leaf){.is_authority = true,
                                 .is_self_signed = true,
                                 .begins_in_s = DAY_S,
                                 .ends_in_s = 2 * DAY_S});
    assert_found(&(struct told){.ca = "new-ca"}, 2, "clock", "CLOCK_BEHIND");
}

static void an_authority_that_is_wrong_is_told_on_either_side(void **state)
{
    (void)state;
    assert_found(&(struct told){.ca = "other"}, 2, "tls", "SERVER_UNTRUSTED");
    pki_member(other, "bank-six");
    assert_found(&(struct told){.cert = "bank-six"}, 3, "identity", "OWN_UNTRUSTED");
}

/* Every command tells it, and ends with the doctor's code and not with "try again". */
static void other_commands_explain_a_failed_connection(void **state)
{
    (void)state;
    assert_int_equal(cix(&(struct told){.ca = "other", .words = "member --timeout 1"}), 2);
    assert_non_null(strstr(output, "SERVER_UNTRUSTED"));
    issue("nobody-yet",
          &(struct pki_leaf){.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-nil"}});
    assert_int_equal(cix(&(struct told){.cert = "nobody-yet", .words = "member --timeout 1"}), 3);
    assert_non_null(strstr(output, "OWN_NOT_ADMITTED"));
    assert_int_equal(cix(&(struct told){.address = "127.0.0.1:1", .words = "member --timeout 1"}),
                     4);
    assert_non_null(strstr(output, "PORT_REFUSED"));
}

static void the_host_and_the_port_are_looked_at(void **state)
{
    (void)state;
    assert_found(&(struct told){.address = "no-such-host.invalid:7443"}, 4, "host", "HOST_UNKNOWN");
    assert_found(&(struct told){.address = "127.0.0.1:1"}, 4, "port", "PORT_REFUSED");
}

static void the_name_in_the_exchange_s_certificate_is_compared(void **state)
{
    (void)state;
    assert_found(&(struct told){.words = "pki doctor --server-name elsewhere.test"}, 2, "tls",
                 "SERVER_NAME");
    assert_int_equal(cix(&(struct told){.words = "pki doctor --server-name localhost"}), 0);
}

static void a_revoked_certificate_is_told(void **state)
{
    (void)state;
    exchange_member(&exchange, "bank-rev", MEMBER_TYPE_BANK);
    pki_revoke(exchange.pki, "bank-rev");
    for (int i = 0; i < 100 && cix(&(struct told){.cert = "bank-rev"}) == 0; i++)
        usleep(100 * 1000); /* until the list is read */
    assert_found(&(struct told){.cert = "bank-rev"}, 3, "identity", "OWN_REVOKED");
}

static void who_is_unknown_or_suspended_is_told(void **state)
{
    struct member member = exchange_member_of("bank-sus", MEMBER_TYPE_BANK);

    (void)state;
    issue("stranger",
          &(struct pki_leaf){.uris = {"spiffe://" PKI_TRUST_DOMAIN "/member/bank-one"}});
    assert_found(&(struct told){.cert = "stranger"}, 3, "identity", "OWN_NOT_ADMITTED");
    assert_non_null(strstr(output, "fingerprint "));
    member.state = MEMBER_STATE_SUSPENDED;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    assert_found(&(struct told){.cert = "bank-sus"}, 3, "identity", "OWN_NOT_ADMITTED");
}

static void states_short_of_active_are_remarked(void **state)
{
    struct member member = exchange_member_of("bank-new", MEMBER_TYPE_BANK);

    (void)state;
    member.state = MEMBER_STATE_RESTRICTED;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    assert_int_equal(cix(&(struct told){.cert = "bank-new"}), 0);
    assert_non_null(strstr(output, "remark  MEMBER_RESTRICTED"));
    member.state = MEMBER_STATE_TESTING;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    assert_int_equal(cix(&(struct told){.cert = "bank-new"}), 0);
    assert_non_null(strstr(output, "remark  MEMBER_TESTING"));
}

/* ---- Listeners that are no exchange ---- */

/* One connection is accepted; what is to be said is said, and it is kept until cix has ended. */
struct speaker {
    int listen_fd, port;
    const void *words; /* NULL: silence */
    size_t size;
    const char *certificate; /* stem of the server's files: TLS without ALPN; NULL: plain */
    bool has_h2;
    pthread_t thread;
};

static int choose_h2(SSL *ssl, const unsigned char **chosen, unsigned char *size,
                     const unsigned char *offered, unsigned int offered_size, void *user)
{
    (void)ssl;
    (void)offered_size;
    (void)user;
    *chosen = offered + 1;
    *size = offered[0];
    return SSL_TLSEXT_ERR_OK;
}

static void speak_tls(struct speaker *speaker, int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    char path[PKI_PATH_MAX], key[PKI_PATH_MAX];
    char unread[256];

    pki_path(exchange.pki, speaker->certificate, ".pem", path);
    pki_path(exchange.pki, speaker->certificate, ".key", key);
    CHECK(SSL_CTX_use_certificate_chain_file(context, path) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1);
    if (speaker->has_h2)
        SSL_CTX_set_alpn_select_cb(context, choose_h2, NULL);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
        SSL_write(ssl, speaker->words, (int)speaker->size);
        while (SSL_read(ssl, unread, sizeof(unread)) > 0)
            continue;
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
}

static void *speak(void *argument)
{
    struct speaker *speaker = argument;
    char unread[256];
    int fd = accept(speaker->listen_fd, NULL, NULL);

    if (fd < 0)
        return NULL;
    if (speaker->certificate) {
        speak_tls(speaker, fd);
    } else {
        if (speaker->words)
            CHECK(send(fd, speaker->words, speaker->size, MSG_NOSIGNAL) >= 0);
        while (recv(fd, unread, sizeof(unread), 0) > 0)
            continue;
    }
    close(fd);
    return NULL;
}

static void speaker_start(struct speaker *speaker)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    speaker->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(speaker->listen_fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(speaker->listen_fd, 4), 0);
    assert_int_equal(getsockname(speaker->listen_fd, (struct sockaddr *)&address, &size), 0);
    speaker->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&speaker->thread, NULL, speak, speaker), 0);
}

static void assert_speaker_found(struct speaker *speaker, int code, const char *step,
                                 const char *fault)
{
    char address[64];

    speaker_start(speaker);
    snprintf(address, sizeof(address), "127.0.0.1:%d", speaker->port);
    assert_found(&(struct told){.address = address}, code, step, fault);
    shutdown(speaker->listen_fd, SHUT_RDWR);
    pthread_join(speaker->thread, NULL);
    close(speaker->listen_fd);
}

static void what_is_no_exchange_is_told(void **state)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    static const unsigned char old[] = {21, 3, 1, 0, 2, 2, 70}; /* alert: protocol_version */
    struct speaker plain = {.words = http, .size = sizeof(http) - 1};
    struct speaker aged = {.words = old, .size = sizeof(old)};
    struct speaker silent = {.words = NULL};
    struct speaker web = {.words = http, .size = sizeof(http) - 1, .certificate = "server"};
    struct speaker odd = web;

    (void)state;
    odd.has_h2 = true;
    assert_speaker_found(&plain, 2, "tls", "TLS_NONE");
    assert_speaker_found(&aged, 2, "tls", "TLS_VERSION");
    assert_speaker_found(&silent, 4, "tls", "TLS_SILENT");
    assert_speaker_found(&web, 2, "protocol", "ALPN_MISSING");
    assert_speaker_found(&odd, 2, "protocol", "NOT_GRPC");
}

static void certificates_of_servers_are_looked_at(void **state)
{
    struct speaker past = {.words = "", .certificate = "past-server"};
    struct speaker future = {.words = "", .certificate = "future-server"};
    struct speaker client = {.words = "", .certificate = "client-server"};

    (void)state;
    issue("past-server",
          &(struct pki_leaf){.is_server = true, .begins_in_s = -2 * DAY_S, .ends_in_s = -DAY_S});
    issue("future-server",
          &(struct pki_leaf){.is_server = true, .begins_in_s = DAY_S, .ends_in_s = 2 * DAY_S});
    issue("client-server", &(struct pki_leaf){.dns = "localhost"});
    assert_speaker_found(&past, 4, "tls", "SERVER_EXPIRED");
    assert_speaker_found(&future, 2, "tls", "SERVER_NOT_YET_VALID");
    assert_speaker_found(&client, 2, "tls", "SERVER_PURPOSE");
}

static void an_exchange_that_has_ended_is_told(void **state)
{
    (void)state;
    exchange_end(&exchange);
    assert_found(&(struct told){.cert = NULL}, 4, "port", "PORT_REFUSED");
    exchange_serve(&exchange);
    assert_int_equal(cix(&(struct told){.cert = NULL}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_member_is_good),
        cmocka_unit_test(settings_are_looked_at),
        cmocka_unit_test(files_and_keys_are_looked_at),
        cmocka_unit_test(chains_are_looked_at),
        cmocka_unit_test(times_are_looked_at_on_both_sides),
        cmocka_unit_test(names_are_looked_at),
        cmocka_unit_test(the_trust_domain_is_the_exchange_s_to_say),
        cmocka_unit_test(purposes_are_looked_at),
        cmocka_unit_test(authorities_are_looked_at),
        cmocka_unit_test(an_authority_that_is_wrong_is_told_on_either_side),
        cmocka_unit_test(other_commands_explain_a_failed_connection),
        cmocka_unit_test(the_host_and_the_port_are_looked_at),
        cmocka_unit_test(the_name_in_the_exchange_s_certificate_is_compared),
        cmocka_unit_test(a_revoked_certificate_is_told),
        cmocka_unit_test(who_is_unknown_or_suspended_is_told),
        cmocka_unit_test(states_short_of_active_are_remarked),
        cmocka_unit_test(what_is_no_exchange_is_told),
        cmocka_unit_test(certificates_of_servers_are_looked_at),
        cmocka_unit_test(an_exchange_that_has_ended_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
