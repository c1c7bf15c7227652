/* The metrics registry, and the loopback port that shows it. */
#include "ops/admin.h"
#include "ops/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    arena_init(arena, 0);
    metrics_reset();
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_done(*state);
    free(*state);
    return 0;
}

static void assert_shows(const char *text, const char *line)
{
    if (strstr(text, line) == NULL)
        fail_msg("%s is not in:\n%s", line, text);
}

static void one_set_of_labels_is_one_series(void **state)
{
    (void)state;
    int a = metrics_series(METRIC_RPC_HANDLED, "cix.v1.ReportService", "GetReport", "OK");
    int b = metrics_series(METRIC_RPC_HANDLED, "cix.v1.ReportService", "GetReport", "INTERNAL");
    int again = metrics_series(METRIC_RPC_HANDLED, "cix.v1.ReportService", "GetReport", "OK");
    assert_int_equal(a, again);
    assert_int_not_equal(a, b);
    metrics_add(a, 2);
    assert_int_equal(metrics_value(again), 2);
    assert_int_equal(metrics_value(b), 0);
}

static void text_has_help_type_and_escaped_labels(void **state)
{
    metrics_set(metrics_series(METRIC_DATABASE_UP, NULL, NULL, NULL), 1);
    metrics_add(metrics_series(METRIC_QUOTA_REFUSED, "a\"b\\c\nd", NULL, NULL), 3);
    const char *text = metrics_text(*state);
    assert_shows(text, "# HELP cix_database_up ");
    assert_shows(text, "# TYPE cix_database_up gauge\ncix_database_up 1\n");
    assert_shows(text, "# TYPE cix_quota_refused_total counter\n"
                       "cix_quota_refused_total{member=\"a\\\"b\\\\c\\nd\"} 3\n");
    assert_null(strstr(text, "cix_batch_size"));
}

static void a_histogram_is_cumulative_and_in_its_unit(void **state)
{
    int seconds = metrics_series(METRIC_RPC_SECONDS, "s", "m", NULL);
    metrics_observe(seconds, 250);
    metrics_observe(seconds, 251);
    metrics_observe(seconds, 1500000);
    metrics_observe(seconds, 99000000);
    const char *text = metrics_text(*state);
    assert_shows(text, "cix_rpc_seconds_bucket{service=\"s\",method=\"m\",le=\"0.000250\"} 1\n");
    assert_shows(text, "cix_rpc_seconds_bucket{service=\"s\",method=\"m\",le=\"0.000500\"} 2\n");
    assert_shows(text, "cix_rpc_seconds_bucket{service=\"s\",method=\"m\",le=\"5.000000\"} 3\n");
    assert_shows(text, "cix_rpc_seconds_bucket{service=\"s\",method=\"m\",le=\"+Inf\"} 4\n");
    assert_shows(text, "cix_rpc_seconds_sum{service=\"s\",method=\"m\"} 100.500501\n");
    assert_shows(text, "cix_rpc_seconds_count{service=\"s\",method=\"m\"} 4\n");
}

static void too_many_series_are_counted_and_not_shown(void **state)
{
    char label[16];
    for (int i = 0; i < METRICS_SERIES_MAX + 10; i++) {
        snprintf(label, sizeof(label), "member-%d", i);
        metrics_add(metrics_series(METRIC_QUOTA_REFUSED, label, NULL, NULL), 1);
    }
    const char *text = metrics_text(*state);
    assert_null(strstr(text, "member-4200"));
    assert_shows(text, "member-4000");
}

static void collect(void *user)
{
    metrics_set(metrics_series(METRIC_GUARD_CONNECTIONS, NULL, NULL, NULL), ++*(int *)user);
}

static void collectors_run_before_every_exposition(void **state)
{
    int calls = 0;
    metrics_on_scrape(collect, &calls);
    assert_shows(metrics_text(*state), "cix_guard_connections 1\n");
    assert_shows(metrics_text(*state), "cix_guard_connections 2\n");
}

static void *count_up(void *user)
{
    (void)user;
    for (int i = 0; i < 20000; i++) {
        metrics_add(metrics_series(METRIC_RPC_STARTED, "s", "m", NULL), 1);
        metrics_observe(metrics_series(METRIC_BATCH_SIZE, "m", NULL, NULL), i % 70);
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (int i = 0; i < 20; i++)
        metrics_text(*state);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(metrics_value(metrics_series(METRIC_RPC_STARTED, "s", "m", NULL)), 80000);
    assert_shows(metrics_text(*state), "cix_batch_size_count{method=\"m\"} 80000\n");
}

/* What the port answers to one request, or "" when it cannot be reached. */
static void ask(int port, const char *request, char *answer, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    size_t size = 0;
    ssize_t got;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(descriptor, request, strlen(request)), strlen(request));
    while ((got = read(descriptor, answer + size, room - 1 - size)) > 0)
        size += (size_t)got;
    answer[size] = '\0';
    close(descriptor);
}

static bool is_ready;

static bool tell_ready(void *user, char *why, size_t room)
{
    (void)user;
    snprintf(why, room, "the database is starting");
    return is_ready;
}

static void the_port_serves_metrics_live_and_ready(void **state)
{
    char answer[16384];
    struct ctx ctx;
    struct admin *admin;
    struct admin_options options = {.listen = "127.0.0.1:0", .is_ready = tell_ready};
    ctx_init(&ctx, *state);
    metrics_set(metrics_series(METRIC_BUILD_INFO, "0.1.0", NULL, NULL), 1);
    assert_true(admin_start(&ctx, &options, &admin));
    int port = admin_port(admin);
    ask(port, "GET /metrics HTTP/1.0\r\n\r\n", answer, sizeof(answer));
    assert_shows(answer, "200 OK");
    assert_shows(answer, "cix_build_info{version=\"0.1.0\"} 1\n");
    ask(port, "GET /live HTTP/1.0\r\n\r\n", answer, sizeof(answer));
    assert_shows(answer, "200 OK");
    is_ready = false;
    ask(port, "GET /ready HTTP/1.0\r\n\r\n", answer, sizeof(answer));
    assert_shows(answer, "503 ");
    assert_shows(answer, "not ready: the database is starting");
    is_ready = true;
    ask(port, "GET /ready HTTP/1.0\r\n\r\n", answer, sizeof(answer));
    assert_shows(answer, "200 OK");
    ask(port, "GET /other HTTP/1.0\r\n\r\n", answer, sizeof(answer));
    assert_shows(answer, "404 ");
    ask(port, "POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", answer, sizeof(answer));
    assert_shows(answer, "405 ");
    admin_stop(admin);
}

static void the_port_binds_the_loopback_address_only(void **state)
{
    static const char *const outside[] = {"0.0.0.0:0", "192.0.2.1:0", "[::]:0", "localhost:0"};
    struct ctx ctx;
    struct admin *admin = NULL;
    ctx_init(&ctx, *state);
    for (size_t i = 0; i < ARRAY_LENGTH(outside); i++) {
        struct admin_options options = {.listen = outside[i]};
        ctx_clear(&ctx);
        assert_false(admin_start(&ctx, &options, &admin));
        assert_string_equal(ctx.error.reason, "ADMIN_NOT_LOOPBACK");
    }
    admin_stop(NULL);
}

static void promtool_takes_the_text(void **state)
{
    if (system("command -v promtool >/dev/null 2>&1") != 0)
        skip();
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        /* Every row of the table, with as many labels as it has. */
        static const int labels[METRIC_COUNT] = {
            [METRIC_BUILD_INFO] = 1,         [METRIC_RPC_STARTED] = 2,   [METRIC_RPC_HANDLED] = 3,
            [METRIC_RPC_SECONDS] = 2,        [METRIC_QUEUE_DEPTH] = 1,   [METRIC_QUEUE_REFUSED] = 1,
            [METRIC_QUOTA_REFUSED] = 1,      [METRIC_BATCH_SIZE] = 1,    [METRIC_BATCH_SECONDS] = 1,
            [METRIC_BATCH_BISECTS] = 1,      [METRIC_BATCH_RETRIES] = 1, [METRIC_GUARD_BYTES] = 1,
            [METRIC_GUARD_VIOLATIONS] = 1,   [METRIC_RELOADS] = 1,       [METRIC_JOB_FAILURES] = 1,
            [METRIC_CERTIFICATE_EXPIRES] = 1};
        int count = labels[metric];
        metrics_series((enum metric)metric, count > 0 ? "a" : NULL, count > 1 ? "b" : NULL,
                       count > 2 ? "c" : NULL);
    }
    FILE *tool = popen("promtool check metrics", "w");
    assert_non_null(tool);
    fputs(metrics_text(*state), tool);
    assert_int_equal(pclose(tool), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_set_of_labels_is_one_series),
        TEST(text_has_help_type_and_escaped_labels),
        TEST(a_histogram_is_cumulative_and_in_its_unit),
        TEST(too_many_series_are_counted_and_not_shown),
        TEST(collectors_run_before_every_exposition),
        TEST(nothing_is_lost_between_threads),
        TEST(the_port_serves_metrics_live_and_ready),
        TEST(the_port_binds_the_loopback_address_only),
        TEST(promtool_takes_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
