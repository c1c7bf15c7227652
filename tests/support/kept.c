#include "support/kept.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/text.h"
#include "sql_embedded.h"
#include "store/member.h"
#include "support/cmocka.h"

#define KEPT CIX_SOURCE_DIR "/tests/feature/kept"

/* What differs from one report to the next. */
static const char *const own[] = {"inquiryId", "madeAtUs"};

static const char *build_folder(void)
{
    const char *build = getenv("CIX_BUILD");

    return build ? build : CIX_SOURCE_DIR "/build/dev";
}

/* Runs a line of the shell; what it prints, and its exit code. */
static const char *shell(struct arena *arena, const char *line, int *code)
{
    struct builder out = {.arena = arena};
    char piece[4096];
    FILE *pipe = popen(line, "r");
    size_t got;
    int status;

    assert_non_null(pipe);
    builder_text(&out, "");
    while ((got = fread(piece, 1, sizeof(piece), pipe)) > 0)
        builder_put(&out, piece, got);
    status = pclose(pipe);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out.data;
}

static const char *shell_well(struct arena *arena, const char *line)
{
    int code;
    const char *output = shell(arena, line, &code);

    if (code)
        fail_msg("%s ended with %d: %s", line, code, output);
    return output;
}

static const char *role_script(void)
{
    for (size_t i = 0; i < sql_file_count; i++)
        if (!strcmp(sql_files[i].path, "role.sql"))
            return sql_files[i].text;
    fail_msg("no role.sql");
    return NULL;
}

/* The roles are the cluster's; the schema comes with the script. */
static void load(struct exchange *exchange, struct arena *arena, const char *version)
{
    struct db *owner = exchange_owner(exchange);
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (!db_script(&ctx, owner, role_script()) || !db_script(&ctx, owner, "drop schema cix") ||
        !db_script(
            &ctx, owner,
            shell_well(arena, arena_format(arena, "gzip -dc " KEPT "/schema_%s.sql.gz", version))))
        fail_msg("kept %s: %s", version, ctx.error.message);
    db_close(owner);
}

static char *next_field(char **line)
{
    char *field = *line;
    size_t size = strcspn(field, "\t\n");

    *line = field[size] ? field + size + 1 : field + size;
    field[size] = '\0';
    return field;
}

void kept_start(struct exchange *exchange, const char *version, struct arena *arena,
                struct kept_ask *ask)
{
    char *line;

    exchange_start(exchange, NULL);
    exchange_end(exchange);
    db_close(exchange->admin);
    exchange->admin = NULL;
    test_database_open_empty(&exchange->database);
    load(exchange, arena, version);
    shell_well(arena, arena_format(arena,
                                   "rm -rf %s/keys && cp -r " KEPT "/keys_%s %s/keys"
                                   " && chmod 700 %s/keys && chmod 600 %s/keys/*",
                                   exchange->folder, version, exchange->folder, exchange->folder,
                                   exchange->folder));
    line = arena_string(arena,
                        shell_well(arena, arena_format(arena, "cat " KEPT "/ask_%s.tsv", version)));
    ask->member = next_field(&line);
    ask->identifier = next_field(&line);
    ask->name = next_field(&line);
}

int kept_cixd(struct arena *arena, const char *words, const char **output)
{
    int code;

    *output = shell(arena, arena_format(arena, "%s/cixd %s 2>&1", build_folder(), words), &code);
    return code;
}

int kept_command(const struct exchange *exchange, struct arena *arena, const char *words,
                 const char **output)
{
    return kept_cixd(arena,
                     arena_format(arena, "%s --database=\"%s\" --data=%s --keys=%s/keys", words,
                                  exchange->database.owner_uri, exchange->folder, exchange->folder),
                     output);
}

/* The member stays as it was kept; only its certificate is of this exchange. */
static void give_certificate(struct exchange *exchange, const char *code)
{
    struct member_certificate certificate = {.expires_at_us =
                                                 clock_now_us() + INT64_C(86400000000)};
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    pki_member(exchange->pki, code);
    pki_fingerprint(exchange->pki, code, certificate.fingerprint);
    if (!member_certificate_put(&ctx, exchange->admin, code, &certificate, clock_now_us()))
        fail_msg("certificate of %s: %s", code, ctx.error.message);
    arena_done(&arena);
}

void kept_serve(struct exchange *exchange, const char *const *members)
{
    exchange->admin = test_database_connect(&exchange->database, DB_ROLE_ADMIN);
    for (int i = 0; members[i]; i++)
        give_certificate(exchange, members[i]);
    exchange_serve(exchange);
}

const char *kept_report(const struct exchange *exchange, struct arena *arena,
                        const struct kept_ask *ask, const char *purpose)
{
    char ca[PKI_PATH_MAX];
    char certificate[PKI_PATH_MAX];
    char key[PKI_PATH_MAX];

    return shell_well(
        arena,
        arena_format(arena,
                     "%s/cix report --config /dev/null --address %s --ca %s --cert %s --key %s"
                     " --operator kept --id %s --name '%s' --purpose %s --output json 2>&1",
                     build_folder(), exchange->address, pki_path(exchange->pki, "ca", ".pem", ca),
                     pki_path(exchange->pki, ask->member, ".pem", certificate),
                     pki_path(exchange->pki, ask->member, ".key", key), ask->identifier, ask->name,
                     purpose));
}

static bool is_own(const char *key)
{
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
        if (!strcmp(own[i], key))
            return true;
    return false;
}

static void compare(const json_t *given, json_t *expected, const char *path, bool is_subset)
{
    char inner[512];
    const char *key;
    json_t *value;
    size_t i;

    if (!given || json_typeof(given) != json_typeof(expected))
        fail_msg("%s: missing, or of another kind", path);
    if (json_is_array(expected)) {
        assert_int_equal(json_array_size(given), json_array_size(expected));
        json_array_foreach(expected, i, value)
        {
            snprintf(inner, sizeof(inner), "%.480s[%zu]", path, i);
            compare(json_array_get(given, i), value, inner, is_subset);
        }
    } else if (json_is_object(expected)) {
        if (!is_subset)
            assert_int_equal(json_object_size(given), json_object_size(expected));
        json_object_foreach(expected, key, value)
        {
            snprintf(inner, sizeof(inner), "%.400s.%.80s", path, key);
            if (!is_own(key) && !(is_subset && !strcmp(key, "inquiries")))
                compare(json_object_get(given, key), value, inner, is_subset);
        }
    } else if (!json_equal(given, expected)) {
        fail_msg("%s: %s, not %s", path, json_dumps(given, JSON_ENCODE_ANY),
                 json_dumps(expected, JSON_ENCODE_ANY));
    }
}

void kept_assert_same(const char *given, const char *expected, bool is_subset)
{
    json_t *one = json_loads(given, 0, NULL);
    json_t *other = json_loads(expected, 0, NULL);

    if (!one || !other)
        fail_msg("no report: %s", one ? expected : given);
    compare(one, other, "report", is_subset);
    json_decref(one);
    json_decref(other);
}
