/* The configuration table: sources in their order, refusals with a suggestion, what is printed. */
#include "ops/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct ctx ctx;
    struct config config;
    struct config_rest rest;
    char path[64];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    arena_init(&fixture->arena, 0);
    ctx_init(&fixture->ctx, &fixture->arena);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->path[0] != '\0')
        unlink(fixture->path);
    config_done(&fixture->config);
    arena_done(&fixture->arena);
    free(fixture);
    return 0;
}

static const char *file_of(struct fixture *fixture, const char *text)
{
    snprintf(fixture->path, sizeof(fixture->path), "/tmp/cix-config-XXXXXX");
    int descriptor = mkstemp(fixture->path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
    return fixture->path;
}

static bool load(struct fixture *fixture, char *const *environment, char *const *arguments)
{
    int count = 0;
    while (arguments != NULL && arguments[count] != NULL)
        count++;
    struct config_sources sources = {
        .environment = environment, .arguments = arguments, .argument_count = count};
    return config_load(&fixture->ctx, &sources, &fixture->config, &fixture->rest);
}

static void defaults_are_safe_and_follow_the_data_folder(void **state)
{
    struct fixture *fixture = *state;
    char *arguments[] = {"--data", "/srv/cix", NULL};
    assert_true(load(fixture, NULL, arguments));
    assert_string_equal(fixture->config.listen, "127.0.0.1:7443");
    assert_string_equal(fixture->config.admin_listen, "127.0.0.1:7480");
    assert_string_equal(fixture->config.database, "");
    assert_string_equal(fixture->config.keys, "/srv/cix/keys");
    assert_string_equal(fixture->config.tls_ca, "/srv/cix/tls/ca.crt");
    assert_string_equal(fixture->config.trust_domain, "cix.example");
    assert_int_equal(fixture->config.batch_max, 64);
    assert_int_equal(fixture->config.history_months, 60);
    assert_int_equal(fixture->config.log_level, LOG_LEVEL_INFO);
}

static void later_sources_win(void **state)
{
    struct fixture *fixture = *state;
    const char *path =
        file_of(fixture, "; comment\n# another\nnode = 1\nbatch_max=2\nqueue_max = 3\n");
    char *environment[] = {"HOME=/", "CIXD_BATCH_MAX=20", "CIXD_QUEUE_MAX=30", NULL};
    char *arguments[] = {"--queue-max=100", "--config", (char *)path, NULL};
    assert_true(load(fixture, environment, arguments));
    assert_int_equal(fixture->config.node, 1);
    assert_int_equal(fixture->config.batch_max, 20);
    assert_int_equal(fixture->config.queue_max, 100);
}

static void environment_may_name_the_file(void **state)
{
    struct fixture *fixture = *state;
    char variable[96];
    snprintf(variable, sizeof(variable), "CIXD_CONFIG=%s", file_of(fixture, "node = 7\n"));
    char *environment[] = {variable, NULL};
    assert_true(load(fixture, environment, NULL));
    assert_int_equal(fixture->config.node, 7);
}

static void rest_and_own_flags_are_handed_back(void **state)
{
    struct fixture *fixture = *state;
    const char *type = NULL;
    bool is_forced = false;
    const struct config_flag flags[] = {
        {.name = "type", .value = &type}, {.name = "force", .is_set = &is_forced}, {.name = NULL}};
    char *arguments[] = {"add", "--type", "bank", "--force", "bank-a", "--node=3", "--", "--x"};
    struct config_sources sources = {.arguments = arguments, .argument_count = 8, .flags = flags};
    assert_true(config_load(&fixture->ctx, &sources, &fixture->config, &fixture->rest));
    assert_string_equal(type, "bank");
    assert_true(is_forced);
    assert_int_equal(fixture->config.node, 3);
    assert_int_equal(fixture->rest.count, 3);
    assert_string_equal(fixture->rest.items[0], "add");
    assert_string_equal(fixture->rest.items[1], "bank-a");
    assert_string_equal(fixture->rest.items[2], "--x");
}

/* One wrong input and the refusal it must get. */
struct refusal {
    const char *file;
    char *variable;
    char *argument;
    const char *reason;
    const char *said; /* part of the message */
};

static const struct refusal refusals[] = {
    {NULL, NULL, "--lisen=127.0.0.1:1", "CONFIG_UNKNOWN_KEY", "did you mean listen"},
    {NULL, "CIXD_NOED=1", NULL, "CONFIG_UNKNOWN_KEY", "did you mean node"},
    {"batchmax = 1\n", NULL, NULL, "CONFIG_UNKNOWN_KEY", "did you mean batch_max"},
    {"# x\n\nfrobnicate = 1\n", NULL, NULL, "CONFIG_UNKNOWN_KEY", ":3: key frobnicate is unknown"},
    {NULL, NULL, "--batch-max=0", "CONFIG_BAD_VALUE", "takes 1..256"},
    {NULL, NULL, "--batch-max=257", "CONFIG_BAD_VALUE", "takes 1..256"},
    {NULL, NULL, "--batch-max=-1", "CONFIG_BAD_VALUE", "takes 1..256"},
    {NULL, NULL, "--batch-max=99999999999999999999", "CONFIG_BAD_VALUE", "takes 1..256"},
    {NULL, NULL, "--batch-max", "CONFIG_BAD_VALUE", "needs a value"},
    {NULL, NULL, "--log-level=loud", "CONFIG_BAD_VALUE", "debug, info"},
    {NULL, NULL, "--listen=localhost:7443", "CONFIG_BAD_VALUE", "address:port"},
    {NULL, NULL, "--listen=127.0.0.1:65536", "CONFIG_BAD_VALUE", "address:port"},
    {NULL, NULL, "--data=", "CONFIG_BAD_VALUE", "takes text"},
    {"node = 1\nnode = 1\n", NULL, NULL, "CONFIG_DUPLICATE", ":2: key node is given twice"},
    {"[server]\nnode = 1\n", NULL, NULL, "CONFIG_SYNTAX", "sections"},
    {"node\n", NULL, NULL, "CONFIG_SYNTAX", ":1:"},
    {"node = \xff\n", NULL, NULL, "CONFIG_SYNTAX", "UTF-8"},
    {NULL, NULL, "--config=/nonexistent/cixd.conf", "CONFIG_FILE_UNREADABLE", "cannot be read"},
    {NULL, NULL, "--=1", "CONFIG_SYNTAX", "not a flag"},
};

static void wrong_input_is_refused_with_key_and_reason(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        const struct refusal *refusal = &refusals[i];
        char file_flag[96] = "--node=0";
        if (refusal->file != NULL)
            snprintf(file_flag, sizeof(file_flag), "--config=%s", file_of(fixture, refusal->file));
        char *environment[] = {refusal->variable, NULL};
        char *arguments[] = {file_flag, refusal->argument, NULL};
        ctx_clear(&fixture->ctx);
        assert_false(load(fixture, environment, arguments));
        assert_string_equal(fixture->ctx.error.reason, refusal->reason);
        if (strstr(fixture->ctx.error.message, refusal->said) == NULL)
            fail_msg("row %zu says: %s", i, fixture->ctx.error.message);
        if (refusal->file != NULL)
            unlink(fixture->path);
    }
}

static void a_line_that_the_reader_would_cut_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char text[400];
    memset(text, 'a', sizeof(text));
    memcpy(text, "data = /", 8);
    text[398] = '\n';
    text[399] = '\0';
    char flag[96];
    snprintf(flag, sizeof(flag), "--config=%s", file_of(fixture, text));
    char *arguments[] = {flag, NULL};
    assert_false(load(fixture, NULL, arguments));
    assert_string_equal(fixture->ctx.error.reason, "CONFIG_SYNTAX");
}

static void an_argument_beside_flags_is_refused_when_none_is_expected(void **state)
{
    struct fixture *fixture = *state;
    char *arguments[] = {"stray"};
    struct config_sources sources = {.arguments = arguments, .argument_count = 1};
    assert_false(config_load(&fixture->ctx, &sources, &fixture->config, NULL));
}

static char *printed(struct fixture *fixture, bool with_origin)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    config_print(&fixture->config, with_origin, out);
    fclose(out);
    return text;
}

static void print_shows_origins_and_hides_secrets(void **state)
{
    struct fixture *fixture = *state;
    char *environment[] = {"CIXD_DATABASE=postgresql://user:hunter2@db/cix", NULL};
    char *arguments[] = {"--node=5", NULL};
    assert_true(load(fixture, environment, arguments));
    char *text = printed(fixture, true);
    assert_non_null(strstr(text, "node = 5  ; flag\n"));
    assert_non_null(strstr(text, "database = (set)  ; environment\n"));
    assert_non_null(strstr(text, "batch_max = 64  ; default\n"));
    assert_null(strstr(text, "hunter2"));
    free(text);
}

static void what_is_printed_loads_again_to_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct config again;
    char flag[96];
    char *arguments[] = {"--batch-max=7", "--data=/srv/x", NULL};
    assert_true(load(fixture, NULL, arguments));
    char *text = printed(fixture, false);
    snprintf(flag, sizeof(flag), "--config=%s", file_of(fixture, text));
    char *second[] = {flag};
    struct config_sources sources = {.arguments = second, .argument_count = 1};
    assert_true(config_load(&fixture->ctx, &sources, &again, NULL));
    config_done(&fixture->config);
    fixture->config = again;
    char *second_text = printed(fixture, false);
    assert_string_equal(second_text, text);
    free(second_text);
    free(text);
}

static char told[256];

static void tell(const char *key, const char *value, bool is_in_force)
{
    size_t size = strlen(told);

    snprintf(told + size, sizeof(told) - size, "%s=%s %s;", key, value,
             is_in_force ? "now" : "restart");
}

static bool reload(struct fixture *fixture, char *flag, const char *text)
{
    struct config_sources sources = {.arguments = &flag, .argument_count = 1};
    FILE *file = fopen(fixture->path, "we");

    told[0] = '\0';
    fputs(text, file);
    fclose(file);
    return config_reload(&fixture->ctx, &sources, &fixture->config, tell);
}

static void a_reload_takes_over_what_may_change_and_tells_the_rest(void **state)
{
    struct fixture *fixture = *state;
    char flag[96];
    char *arguments[] = {flag, NULL};

    snprintf(flag, sizeof(flag), "--config=%s", file_of(fixture, "queue_max = 3\nnode = 5\n"));
    assert_true(load(fixture, NULL, arguments));
    assert_true(reload(fixture, flag, "queue_max = 9\nnode = 6\nlog_level = warn\n"));
    assert_string_equal(told, "node=6 restart;log_level=warn now;queue_max=9 now;");
    assert_int_equal(fixture->config.queue_max, 9);
    assert_int_equal(fixture->config.node, 5);
    assert_true(reload(fixture, flag, "node = 5\nlog_level = warn\n"));
    assert_string_equal(told, "queue_max=512 now;"); /* no line: the default */
    assert_false(reload(fixture, flag, "queue_max = 7\nlog_level = loud\n"));
    assert_string_equal(fixture->ctx.error.reason, "CONFIG_BAD_VALUE");
    assert_string_equal(told, "");
    assert_int_equal(fixture->config.queue_max, 512);
}

static void addresses_are_numbers_with_a_port(void **state)
{
    struct config_address address;
    (void)state;
    assert_true(config_address_parse("[::1]:0", &address));
    assert_string_equal(address.host, "::1");
    assert_true(config_address_is_loopback(&address));
    assert_true(config_address_parse("0.0.0.0:7443", &address));
    assert_int_equal(address.port, 7443);
    assert_false(config_address_is_loopback(&address));
    assert_true(config_address_parse("127.9.9.9:1", &address));
    assert_true(config_address_is_loopback(&address));
    const char *const wrong[] = {
        "",     ":1",  "127.0.0.1", "127.0.0.1:", "::1:7443",      "[::1]",
        "[]:1", "[:1", "]:1",       "1.2.3:4",    "[127.0.0.1]:1", "127.0.0.1:x"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(config_address_parse(wrong[i], &address));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_safe_and_follow_the_data_folder),
        TEST(later_sources_win),
        TEST(environment_may_name_the_file),
        TEST(rest_and_own_flags_are_handed_back),
        TEST(wrong_input_is_refused_with_key_and_reason),
        TEST(a_line_that_the_reader_would_cut_is_refused),
        TEST(an_argument_beside_flags_is_refused_when_none_is_expected),
        TEST(print_shows_origins_and_hides_secrets),
        TEST(what_is_printed_loads_again_to_the_same),
        TEST(a_reload_takes_over_what_may_change_and_tells_the_rest),
        TEST(addresses_are_numbers_with_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
