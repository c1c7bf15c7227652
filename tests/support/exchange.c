#include "support/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "db/cluster.h"
#include "domain/standard.h"
#include "store/member.h"
#include "support/cmocka.h"
#include "vault/vault.h"

enum { WORDS_MAX = 48, START_TRIES = 400, TRY_US = 50 * 1000 };

/* Lender purposes, as cixd member add gives them. */
static const int purposes[] = {1, 2, 3, 8, 20, 21, 22, 23, 24, 25, 26, 31, 32, 33};

/* a and b together. */
static char *joined(struct arena *arena, const char *a, const char *b)
{
    return arena_format(arena, "%s%s", a, b);
}

static const char *build_folder(void)
{
    const char *folder = getenv("CIX_BUILD");

    return folder ? folder : CIX_SOURCE_DIR "/build/dev";
}

static void make_keys(struct exchange *exchange)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    CHECK(vault_create(&ctx, joined(&arena, exchange->folder, "/keys")));
    arena_done(&arena);
}

/* The command line of cixd. */
static void command_line(const struct exchange *exchange, struct arena *arena, const char **words)
{
    char path[PKI_PATH_MAX];
    char port[16];
    int count = 0;

    snprintf(port, sizeof(port), "%d", exchange->port);
    words[count++] = joined(arena, build_folder(), "/cixd");
    words[count++] = "serve";
    words[count++] = joined(arena, "--data=", exchange->folder);
    words[count++] = joined(arena, "--keys=", joined(arena, exchange->folder, "/keys"));
    if (!exchange->is_private)
        words[count++] = joined(arena, "--database=", exchange->database.uri);
    words[count++] = joined(arena, "--listen=127.0.0.1:", port);
    words[count++] = "--admin_listen=127.0.0.1:0";
    words[count++] =
        joined(arena, "--tls_certificate=", pki_path(exchange->pki, "server", ".pem", path));
    words[count++] = joined(arena, "--tls_key=", pki_path(exchange->pki, "server", ".key", path));
    words[count++] = joined(arena, "--tls_ca=", pki_path(exchange->pki, "ca", ".pem", path));
    words[count++] = joined(arena, "--tls_crl=", pki_path(exchange->pki, "ca", "-crl.pem", path));
    words[count++] = "--trust_domain=" PKI_TRUST_DOMAIN;
    words[count++] = "--history_months=0"; /* tests' months stay the same as time goes on */
    for (int i = 0; exchange->flags[i]; i++)
        words[count++] = exchange->flags[i];
    CHECK(count < WORDS_MAX);
    words[count] = NULL;
}

static void run(const struct exchange *exchange, const char **words)
{
    int log = open(exchange->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (log < 0 || dup2(log, 2) < 0)
        _exit(126);
    execv(words[0], (char *const *)words);
    _exit(127);
}

/* The last "serving" line behind the offset, or false. */
static bool read_ports(struct exchange *exchange, long offset)
{
    FILE *file = fopen(exchange->log_path, "re");
    char line[4096];
    bool is_found = false;

    if (!file)
        return false;
    fseek(file, offset, SEEK_SET);
    while (fgets(line, sizeof(line), file)) {
        const char *port = strstr(line, "\"port\":");
        const char *admin = strstr(line, "\"admin_port\":");
        if (!strstr(line, "\"serving\"") || !port || !admin)
            continue;
        exchange->port = (int)strtol(port + 7, NULL, 10);
        exchange->admin_port = (int)strtol(admin + 13, NULL, 10);
        is_found = true;
    }
    fclose(file);
    return is_found;
}

static long log_size(const struct exchange *exchange)
{
    FILE *file = fopen(exchange->log_path, "re");
    long size = 0;

    if (!file)
        return 0;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    fclose(file);
    return size;
}

static void show_log(const struct exchange *exchange)
{
    FILE *file = fopen(exchange->log_path, "re");
    char line[4096];

    while (file && fgets(line, sizeof(line), file))
        fprintf(stderr, "  cixd: %s", line);
    if (file)
        fclose(file);
}

void exchange_serve(struct exchange *exchange)
{
    const char *words[WORDS_MAX];
    long offset = log_size(exchange);
    struct arena arena;

    arena_init(&arena, 0);
    command_line(exchange, &arena, words);
    exchange->pid = fork();
    CHECK(exchange->pid >= 0);
    if (!exchange->pid)
        run(exchange, words);
    arena_done(&arena);
    for (int i = 0; i < START_TRIES; i++) {
        if (read_ports(exchange, offset)) {
            snprintf(exchange->address, sizeof(exchange->address), "127.0.0.1:%d", exchange->port);
            return;
        }
        if (waitpid(exchange->pid, NULL, WNOHANG) == exchange->pid)
            break;
        usleep(TRY_US);
    }
    show_log(exchange);
    fprintf(stderr, "exchange: cixd did not start\n");
    abort();
}

static void prepare(struct exchange *exchange, const char *folder, const char *const *flags)
{
    memset(exchange, 0, sizeof(*exchange));
    exchange->folder = folder;
    snprintf(exchange->log_path, sizeof(exchange->log_path), "%s/cixd.log", exchange->folder);
    for (int i = 0; flags && flags[i]; i++)
        exchange->flags[i] = flags[i];
    exchange->pki = pki_new(exchange->folder, "ca");
    pki_server(exchange->pki, "server");
    make_keys(exchange);
}

void exchange_start(struct exchange *exchange, const char *const *flags)
{
    prepare(exchange, test_folder(), flags);
    test_database_open(&exchange->database);
    exchange->admin = test_database_connect(&exchange->database, DB_ROLE_ADMIN);
    exchange_serve(exchange);
}

static struct db *connect(const char *uri, enum db_role role)
{
    struct db_options options = {.uri = uri, .role = role, .application = "test"};
    struct arena arena;
    struct ctx ctx;
    struct db *db;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_open(&ctx, &options, &db)) {
        fprintf(stderr, "exchange: %s\n", ctx.error.message);
        abort();
    }
    arena_done(&arena);
    return db;
}

void exchange_start_private(struct exchange *exchange, const char *const *flags)
{
    exchange_start_private_in(exchange, test_folder(), flags);
}

void exchange_start_private_in(struct exchange *exchange, const char *folder,
                               const char *const *flags)
{
    struct cluster_options options;
    struct arena arena;
    struct ctx ctx;

    prepare(exchange, folder, flags);
    exchange->is_private = true;
    exchange_serve(exchange);
    options = (struct cluster_options){.data = exchange->folder};
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!cluster_attach(&ctx, &options, &exchange->cluster)) {
        fprintf(stderr, "exchange: %s\n", ctx.error.message);
        abort();
    }
    arena_done(&arena);
    exchange->admin = connect(cluster_uri(exchange->cluster), DB_ROLE_ADMIN);
}

struct db *exchange_owner(const struct exchange *exchange)
{
    return connect(exchange->is_private ? cluster_owner_uri(exchange->cluster)
                                        : exchange->database.owner_uri,
                   DB_ROLE_OWNER);
}

void exchange_kill(struct exchange *exchange)
{
    kill(exchange->pid, SIGKILL);
    waitpid(exchange->pid, NULL, 0);
    exchange->pid = 0;
}

void exchange_end(struct exchange *exchange)
{
    int status = 0;

    kill(exchange->pid, SIGTERM);
    waitpid(exchange->pid, &status, 0);
    exchange->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    show_log(exchange);
    fail_msg("cixd ended with status %d", status);
}

void exchange_stop(struct exchange *exchange)
{
    if (exchange->pid)
        exchange_end(exchange);
    db_close(exchange->admin);
    cluster_stop(exchange->cluster);
    pki_free(exchange->pki);
}

struct member exchange_member_of(const char *code, enum member_type type)
{
    struct member member = {.type = type, .state = MEMBER_STATE_ACTIVE};

    snprintf(member.code, sizeof(member.code), "%s", code);
    snprintf(member.name, sizeof(member.name), "Member %s", code);
    if (type == MEMBER_TYPE_COURT) {
        member.roles = MEMBER_ROLE_COURT;
        member.data_classes = DATA_CLASS_BASIC | DATA_CLASS_DISHONEST;
    } else if (type == MEMBER_TYPE_REGULATOR_ADMIN) {
        member.roles = MEMBER_ROLE_REGULATOR;
    } else if (type == MEMBER_TYPE_SELF_REGULATORY_ASSOC) {
        member.roles = MEMBER_ROLE_ASSOCIATION;
    } else {
        member.roles = MEMBER_ROLE_CONTRIBUTOR | MEMBER_ROLE_LENDER;
        member.data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_DISHONEST;
        for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++)
            member_grant_purpose(&member, (enum purpose)purposes[i]);
    }
    return member;
}

/* Waits until cixd has the registry's version of now. */
static void await_registry(struct exchange *exchange)
{
    (void)exchange;
    exchange_settle();
}

void exchange_member_put(struct exchange *exchange, struct member *member)
{
    struct member_certificate certificate = {.expires_at_us =
                                                 clock_now_us() + INT64_C(86400000000)};
    char path[PKI_PATH_MAX];
    struct arena arena;
    struct ctx ctx;
    bool is_new;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (access(pki_path(exchange->pki, member->code, ".pem", path), R_OK))
        pki_member(exchange->pki, member->code);
    pki_fingerprint(exchange->pki, member->code, certificate.fingerprint);
    if (!member_put(&ctx, exchange->admin, member, clock_now_us(), &is_new) ||
        !member_certificate_put(&ctx, exchange->admin, member->code, &certificate, clock_now_us()))
        fail_msg("member %s: %s", member->code, ctx.error.message);
    arena_done(&arena);
}

void exchange_member(struct exchange *exchange, const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    exchange_member_put(exchange, &member);
    await_registry(exchange);
}

struct cix_client *exchange_client_as(const struct exchange *exchange, const char *name)
{
    char ca[PKI_PATH_MAX];
    char certificate[PKI_PATH_MAX];
    char key[PKI_PATH_MAX];
    struct cix_options options = {
        .address = exchange->address,
        .ca = pki_path(exchange->pki, "ca", ".pem", ca),
        .cert = pki_path(exchange->pki, name, ".pem", certificate),
        .key = pki_path(exchange->pki, name, ".key", key),
        .deadline_ms = 20000,
        .repeat_max = exchange->is_private ? 0 : -1,
    };
    struct cix_client *client;
    struct cix_error error;

    if (!cix_open(&options, &client, &error))
        fail_msg("client %s: %s", name, error.message);
    return client;
}

struct cix_client *exchange_client(const struct exchange *exchange, const char *code)
{
    return exchange_client_as(exchange, code);
}

void exchange_standard(const struct exchange *exchange, int number, const char *text)
{
    static const struct statement retire = {
        "test_standard_retire",
        "update cix.standard set state = 3, retired_by = 0, retired_at = now(),"
        " retire_reason = 'a later version' where state = 2 and standard_id = $1"};
    static const struct statement publish = {
        "test_standard_publish",
        "insert into cix.standard (standard_no, standard_id, version, content, digest, state,"
        " valid_from, valid_to, loaded_by, loaded_at, published_by, published_at) values"
        " ($1, $2, $3, $4, sha256($4), 2, $5, $6, 0, now(), 0, now())"};
    struct db *owner = exchange_owner(exchange);
    struct arena arena = {0};
    struct standard *standard = arena_alloc(&arena, sizeof(*standard));
    struct params name, row;
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    params_init(&name, &arena);
    params_init(&row, &arena);
    if (!standard_read(&ctx, text, strlen(text), false, standard))
        fail_msg("%s", ctx.error.message);
    params_text(&name, standard->id);
    params_int4(&row, number);
    params_text(&row, standard->id);
    params_int4(&row, standard->version);
    params_bytes(&row, text, strlen(text));
    params_day(&row, standard->valid_from);
    params_day(&row, standard->valid_to);
    if (!db_run(&ctx, owner, &retire, &name, NULL) || !db_run(&ctx, owner, &publish, &row, NULL))
        fail_msg("%s", ctx.error.message);
    db_close(owner);
    arena_done(&arena);
}

void exchange_settle(void)
{
    usleep(1000 * 1000);
}

bool exchange_log_has(const struct exchange *exchange, const char *text)
{
    FILE *file = fopen(exchange->log_path, "re");
    char line[4096];
    bool is_found = false;

    while (file && !is_found && fgets(line, sizeof(line), file))
        is_found = strstr(line, text) != NULL;
    if (file)
        fclose(file);
    return is_found;
}

int64_t exchange_memory_kib(const struct exchange *exchange)
{
    char path[64];
    char line[256];
    long kib = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", exchange->pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        if (!strncmp(line, "VmRSS:", 6))
            kib = strtol(line + 6, NULL, 10);
    }
    if (file)
        fclose(file);
    return kib;
}
