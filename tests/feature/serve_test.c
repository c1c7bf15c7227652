/*
 * Goal: cixd comes and goes without a caller's harm: a stop answers what runs, PostgreSQL may die,
 * certificates change, and operators and service managers are told the truth meanwhile.
 * Method: the built cixd as a process; a lock in the database holds calls where they run.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/exchange.h"
#include "support/person.h"

#include "support/cmocka.h"

enum { RUNNING = 40, WAIT_MS = 60000, PAGE_SIZE = 256 * 1024 };

static struct exchange exchange;
static struct cix_client *bank;
static int manager; /* the service manager's socket */

/* --- outside of gRPC: the operators' port, the manager's socket, the process --- */

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The status of a page of the operators' port, and all that came, in page; 0 without an answer. */
static int get(const char *path, char page[PAGE_SIZE])
{
    int fd = connect_to(exchange.admin_port);
    size_t size = 0;
    ssize_t got;

    page[0] = '\0';
    if (fd < 0)
        return 0;
    dprintf(fd, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    while (size < PAGE_SIZE - 1 && (got = read(fd, page + size, PAGE_SIZE - 1 - size)) > 0)
        size += (size_t)got;
    close(fd);
    page[size] = '\0';
    return strncmp(page, "HTTP/1.1 ", 9) ? 0 : (int)strtol(page + 9, NULL, 10);
}

static void await_status(const char *path, int status)
{
    static char page[PAGE_SIZE];
    int last = 0;

    for (int i = 0; i < WAIT_MS / 20; i++) {
        if ((last = get(path, page)) == status)
            return;
        usleep(20 * 1000);
    }
    fail_msg("%s answers %d, not %d", path, last, status);
}

/* Waits until nobody listens there. */
static void await_closed(int port)
{
    int fd = -1;

    for (int i = 0; i < WAIT_MS / 20; i++) {
        fd = connect_to(port);
        if (fd < 0)
            return;
        close(fd);
        usleep(20 * 1000);
    }
    fail_msg("the port stays open");
}

static void await_log(const char *text)
{
    for (int i = 0; i < WAIT_MS / 20; i++) {
        if (exchange_log_has(&exchange, text))
            return;
        usleep(20 * 1000);
    }
    fail_msg("the log never says %s", text);
}

static void manager_listen(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof(address.sun_path), "@cix-serve-test-%d", getpid());

    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    address.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(manager, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)size)),
                     0);
}

/* Waits until the manager is told so; whatever comes before is dropped. */
static void await_told(const char *text)
{
    struct pollfd ready = {.fd = manager, .events = POLLIN};
    char got[256];
    ssize_t size;

    while (poll(&ready, 1, WAIT_MS) == 1) {
        size = recv(manager, got, sizeof(got) - 1, 0);
        got[size > 0 ? size : 0] = '\0';
        if (!strncmp(got, text, strlen(text)))
            return;
    }
    fail_msg("the service manager is never told %s", text);
}

static void ends_well(void)
{
    int status = -1;

    assert_int_equal(waitpid(exchange.pid, &status, 0), exchange.pid);
    exchange.pid = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- calls --- */

struct asked {
    struct person person;
    Cix__V1__Identifier identifier;
    Cix__V1__FlagInquiry inquiry;
    Cix__V1__FlagInquiry *list[1];
    Cix__V1__CheckFlagRequest request;
    Cix__V1__BatchCheckFlagsRequest batch;
};

static void ask(struct asked *asked, int64_t k)
{
    person_make(k, &asked->person);
    cix__v1__identifier__init(&asked->identifier);
    cix__v1__flag_inquiry__init(&asked->inquiry);
    cix__v1__check_flag_request__init(&asked->request);
    cix__v1__batch_check_flags_request__init(&asked->batch);
    asked->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    asked->identifier.value = asked->person.number;
    asked->inquiry.identifier = &asked->identifier;
    asked->inquiry.name = asked->person.name;
    asked->inquiry.operator_id = "teller-7";
    asked->list[0] = &asked->inquiry;
    asked->request.inquiry = &asked->inquiry;
    asked->batch.inquiries = asked->list;
    asked->batch.n_inquiries = 1;
}

static bool check(struct cix_client *client, struct cix_error *error)
{
    Cix__V1__CheckFlagResponse *response;
    struct asked asked;

    ask(&asked, 1);
    if (!cix_check_flag(client, &asked.request, &response, error))
        return false;
    cix_free(response);
    return true;
}

static void served(struct cix_client *client)
{
    struct cix_error error;

    if (!check(client, &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static _Atomic int answered, good;

static void on_answer(void *user, const struct cix_answer *answer)
{
    (void)user;
    good += answer->status == CIX_OK;
    answered++;
}

static void begin_checks(int count)
{
    struct asked asked;

    answered = good = 0;
    for (int i = 0; i < count; i++) {
        ask(&asked, i);
        cix_call_begin(bank, CIX_CHECK_FLAG, &asked.request, WAIT_MS, on_answer, NULL);
    }
}

static void run(struct db *db, const char *sql)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, db, sql))
        fail_msg("%s", ctx.error.message);
    arena_done(&arena);
}

static int64_t number(struct db *db, const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct rows rows = {.count = 0};
    struct arena arena;
    struct ctx ctx;
    int64_t value;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_run(&ctx, db, &statement, NULL, &rows) || !rows_next(&rows))
        fail_msg("%s", ctx.error.message);
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    return value;
}

/* Waits until a worker waits for the lock: then calls run, and others wait behind it. */
static void await_blocked(struct db *db)
{
    for (int i = 0; i < WAIT_MS / 10; i++) {
        if (number(db, "blocked", "select count(*) from pg_locks where not granted") > 0)
            return;
        usleep(10 * 1000);
    }
    fail_msg("no call waits for the lock");
}

/* Waits until a job of the server waits for the lock. */
static void await_job(struct db *db, const char *application)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "select count(*) from pg_stat_activity"
             " where datname = current_database() and application_name = '%s'"
             " and wait_event_type = 'Lock'",
             application);
    for (int i = 0; i < WAIT_MS / 10; i++) {
        if (number(db, application, sql) > 0)
            return;
        usleep(10 * 1000);
    }
    fail_msg("no %s waits for the lock", application);
}

/* --- tests --- */

static int start_shared(void **state)
{
    (void)state;
    manager_listen();
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int start_watched(void **state)
{
    setenv("WATCHDOG_USEC", "400000", 1);
    start_shared(state);
    unsetenv("WATCHDOG_USEC");
    return 0;
}

static int start_private(void **state)
{
    (void)state;
    manager_listen();
    exchange_start_private(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int end(void **state)
{
    (void)state;
    cix_close(bank);
    exchange_stop(&exchange);
    close(manager);
    return 0;
}

static void operators_see_life_readiness_and_numbers(void **state)
{
    static char page[PAGE_SIZE];

    (void)state;
    await_told("READY=1");
    await_told("WATCHDOG=1");
    served(bank); /* though the manager's socket is full by now */
    assert_int_equal(get("/live", page), 200);
    await_status("/ready", 200);
    assert_int_equal(get("/metrics", page), 200);
    assert_non_null(strstr(page, "cix_database_up 1\n"));
    assert_non_null(strstr(page, "method=\"CheckFlag\""));
    assert_non_null(strstr(page, "cix_queue_depth{method=\"CheckFlag\"} 0\n"));
    assert_null(strstr(page, "990"));
    assert_int_equal(get("/else", page), 404);
}

static void a_stop_answers_what_runs_and_refuses_the_rest(void **state)
{
    struct db *owner = exchange_owner(&exchange);
    static char page[PAGE_SIZE];

    (void)state;
    served(bank);
    run(owner, "begin; lock table cix.inquiry in access exclusive mode");
    begin_checks(RUNNING);
    await_blocked(owner);
    kill(exchange.pid, SIGTERM);
    await_told("STOPPING=1");
    await_status("/ready", 503);
    assert_int_equal(get("/ready", page), 503);
    assert_non_null(strstr(page, "draining"));
    await_closed(exchange.port);
    assert_int_equal(answered, 0);
    run(owner, "commit");
    ends_well();
    for (int i = 0; i < WAIT_MS / 10 && answered < RUNNING; i++)
        usleep(10 * 1000);
    assert_int_equal(answered, RUNNING);
    assert_int_equal(good, RUNNING);
    assert_true(exchange_log_has(&exchange, "\"stopped\""));
    db_close(owner);
}

static void a_stop_under_load_fails_no_call_that_arrived(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        begin_checks(RUNNING);
        usleep(5000 * (unsigned)i);
        kill(exchange.pid, SIGTERM);
        ends_well();
        for (int wait = 0; wait < WAIT_MS / 10 && answered < RUNNING; wait++)
            usleep(10 * 1000);
        assert_int_equal(answered, RUNNING);
        exchange_serve(&exchange);
        cix_close(bank);
        bank = exchange_client(&exchange, "bank-one");
        served(bank);
    }
    /* Whatever reached the server was answered: what is not OK never came to a worker. */
    assert_false(exchange_log_has(&exchange, "\"CANCELLED\""));
    assert_false(exchange_log_has(&exchange, "\"UNAVAILABLE\""));
    assert_false(exchange_log_has(&exchange, "\"INTERNAL\""));
}

static void a_stop_ends_streams_between_two_messages(void **state)
{
    Cix__V1__BatchCheckFlagsResponse *response;
    struct cix_batch *batch;
    struct cix_error error;
    struct asked asked;

    (void)state;
    ask(&asked, 1);
    assert_true(cix_batch_open(bank, CIX_BATCH_CHECK_FLAGS, &batch, &error));
    assert_true(cix_batch_send(batch, &asked.batch, &error));
    if (!cix_batch_receive(batch, (void **)&response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
    kill(exchange.pid, SIGTERM);
    assert_false(cix_batch_receive(batch, (void **)&response, &error));
    assert_int_equal(error.status, CIX_UNAVAILABLE);
    assert_string_equal(error.reason, "DRAINING");
    cix_batch_close(batch);
    ends_well();
}

/* What a job waits for stays away until the server has ended. */
static void a_stop_cuts_off_what_jobs_are_at(void **state)
{
    struct db *owner = exchange_owner(&exchange);
    struct db *onlooker = exchange_owner(&exchange); /* a transaction sees one moment's activity */

    (void)state;
    run(owner, "begin; lock table cix.purge_pass, cix.rollup_delta in access exclusive mode");
    await_job(onlooker, "cixd purge");
    await_job(onlooker, "cixd work");
    served(bank);
    kill(exchange.pid, SIGTERM);
    ends_well();
    assert_true(exchange_log_has(&exchange, "\"stopped\""));
    assert_false(exchange_log_has(&exchange, "\"job_failed\""));
    /* Nothing that it began waits for the lock still. */
    while (number(onlooker, "left",
                  "select count(*) from pg_stat_activity where datname = current_database()"
                  " and application_name like 'cixd %' and wait_event_type = 'Lock'"))
        usleep(10 * 1000);
    run(owner, "commit");
    db_close(onlooker);
    db_close(owner);
}

static void overwrite(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void certificates_are_read_again(void **state)
{
    struct cix_client *two = exchange_client(&exchange, "bank-two");
    static char page[PAGE_SIZE];
    char path[PKI_PATH_MAX];
    struct cix_error error;

    (void)state;
    served(two);
    pki_revoke(exchange.pki, "bank-two");
    kill(exchange.pid, SIGHUP);
    await_told("RELOADING=1");
    await_told("READY=1");
    await_log("\"reloaded\"");
    cix_close(two);
    two = exchange_client(&exchange, "bank-two");
    assert_false(check(two, &error));
    cix_close(two);
    served(bank);
    overwrite(pki_path(exchange.pki, "server", ".pem", path), "not a certificate\n");
    kill(exchange.pid, SIGHUP);
    await_log("\"reload_failed\"");
    served(bank); /* the old one stays in force */
    assert_int_equal(get("/metrics", page), 200);
    assert_non_null(strstr(page, "cix_reloads_total{outcome=\"failed\"}"));
    assert_non_null(strstr(page, "cix_reloads_total{outcome=\"done\"}"));
    pki_server(exchange.pki, "server");
    kill(exchange.pid, SIGHUP);
    cix_close(bank);
    bank = exchange_client(&exchange, "bank-one");
    served(bank);
}

static char settings_path[512];

static int start_with_settings(void **state)
{
    static char flag[600];
    const char *const flags[] = {flag, NULL};

    (void)state;
    manager_listen();
    snprintf(settings_path, sizeof(settings_path), "%s/cixd.conf", test_folder());
    snprintf(flag, sizeof(flag), "--config=%s", settings_path);
    overwrite(settings_path, "connections_per_member = 1\n");
    exchange_start(&exchange, flags);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

/* Whether a member may open a second connection shows which bound is in force. */
static bool has_room(void)
{
    struct cix_client *second = exchange_client(&exchange, "bank-one");
    struct cix_error error;
    bool is_served = check(second, &error);

    cix_close(second);
    return is_served;
}

static void settings_are_read_again(void **state)
{
    (void)state;
    served(bank);
    assert_false(has_room());
    overwrite(settings_path, "connections_per_member = 8\nworkers_submit = 3\n");
    kill(exchange.pid, SIGHUP);
    await_log("\"reloaded\"");
    assert_true(exchange_log_has(&exchange, "\"setting_changed\""));
    assert_true(exchange_log_has(&exchange, "\"setting_needs_restart\""));
    assert_true(has_room());
    overwrite(settings_path, "connections_per_member = 1\nworkers = 3\n");
    kill(exchange.pid, SIGHUP);
    await_log("\"reload_failed\"");
    assert_true(exchange_log_has(&exchange, "cixd.conf:2: key workers is unknown"));
    assert_true(has_room()); /* what was in force stays, whole */
    served(bank);
}

/* Calls that are served until the day's quota is spent; it says when to come again. */
static int spend(void)
{
    struct cix_client *client = exchange_client(&exchange, "bank-few");
    struct cix_error error;
    int count = 0;

    while (check(client, &error))
        count++;
    assert_string_equal(error.reason, "QUOTA_EXCEEDED");
    assert_in_range(error.retry_after_ms, 1, 24 * 60 * 60 * 1000);
    cix_close(client);
    return count;
}

static void a_daily_quota_outlives_the_server_and_spans_several(void **state)
{
    struct member member = exchange_member_of("bank-few", MEMBER_TYPE_BANK);
    struct db *owner = exchange_owner(&exchange);

    (void)state;
    member.quota.per_day = 5;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    assert_int_equal(spend(), 5);
    exchange_end(&exchange);
    exchange_serve(&exchange);
    assert_int_equal(spend(), 0);
    member.quota.per_day = 9;
    exchange_member_put(&exchange, &member);
    /* Another server took three; the number of this one stands before it starts. */
    run(owner, "insert into cix.quota_spent (member_id, day, node, tokens)"
               " select member_id, day, 7, 3 from cix.quota_spent");
    exchange_kill(&exchange);
    exchange_serve(&exchange);
    assert_int_equal(spend(), 1);
    db_close(owner);
}

static int postmaster(void)
{
    char path[600];
    int pid = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/postgres/postmaster.pid", exchange.folder);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

/* Calls until one is served; what is refused meanwhile says that the database is away. */
static void await_served(void)
{
    struct cix_client *client = exchange_client(&exchange, "bank-one");
    struct cix_error error;

    for (int i = 0; i < WAIT_MS / 20; i++) {
        if (check(client, &error)) {
            cix_close(client);
            return;
        }
        assert_int_equal(error.status, CIX_UNAVAILABLE);
        assert_string_equal(error.reason, "DATABASE_AWAY");
        usleep(20 * 1000);
    }
    fail_msg("never served again: %s", error.message);
}

/* Takes from PostgreSQL a file that it needs to start, or gives it back. */
static void keep_down(bool is_down)
{
    char here[512];
    char away[512];

    snprintf(here, sizeof(here), "%s/postgres/PG_VERSION", exchange.folder);
    snprintf(away, sizeof(away), "%s/postgres/PG_VERSION.away", exchange.folder);
    assert_int_equal(is_down ? rename(here, away) : rename(away, here), 0);
}

static void the_database_may_die_and_come_back(void **state)
{
    int pid = exchange.pid;

    (void)state;
    served(bank);
    await_status("/ready", 200);
    for (int i = 0; i < 2; i++) {
        keep_down(true); /* or it would be back before anybody looks */
        kill(postmaster(), SIGKILL);
        await_status("/ready", 503);
        keep_down(false);
        await_served();
        await_status("/ready", 200);
    }
    await_log("\"database_died\"");
    await_log("\"database_restarted\"");
    await_log("\"database_lost\"");
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0); /* the same process all the time */
    kill(pid, SIGTERM);
    ends_well();
}

static void a_stop_without_a_database_ends_too(void **state)
{
    (void)state;
    served(bank);
    kill(postmaster(), SIGKILL);
    begin_checks(RUNNING);
    kill(exchange.pid, SIGTERM);
    ends_well();
    for (int i = 0; i < WAIT_MS / 10 && answered < RUNNING; i++)
        usleep(10 * 1000);
    assert_int_equal(answered, RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operators_see_life_readiness_and_numbers, start_watched,
                                        end),
        cmocka_unit_test_setup_teardown(a_stop_answers_what_runs_and_refuses_the_rest, start_shared,
                                        end),
        cmocka_unit_test_setup_teardown(a_stop_under_load_fails_no_call_that_arrived, start_shared,
                                        end),
        cmocka_unit_test_setup_teardown(a_stop_ends_streams_between_two_messages, start_shared,
                                        end),
        cmocka_unit_test_setup_teardown(a_stop_cuts_off_what_jobs_are_at, start_shared, end),
        cmocka_unit_test_setup_teardown(certificates_are_read_again, start_shared, end),
        cmocka_unit_test_setup_teardown(settings_are_read_again, start_with_settings, end),
        cmocka_unit_test_setup_teardown(a_daily_quota_outlives_the_server_and_spans_several,
                                        start_shared, end),
        cmocka_unit_test_setup_teardown(the_database_may_die_and_come_back, start_private, end),
        cmocka_unit_test_setup_teardown(a_stop_without_a_database_ends_too, start_private, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
