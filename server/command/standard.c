/*
 * cixd standard: rating standards by hand, on the exchange's host. What is published or retired is
 * in force on all servers within a second.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "store/standard.h"

/* Audit codes of the calls that do the same: service/matrix.h. */
enum { AUDIT_LIST = 70, AUDIT_LOAD = 72, AUDIT_PUBLISH = 73, AUDIT_RETIRE = 74 };

static const char *flag_reason = "";

const struct config_flag standard_retire_flags[] = {
    {"reason", &flag_reason, NULL},
    {NULL, NULL, NULL},
};

/* An act of nobody who has a certificate: of the operator. */
static struct submission_act act_of(int16_t method)
{
    static const uint8_t no_certificate[32];

    return (struct submission_act){
        .now_us = clock_now_us(),
        .audit_id = id_new(),
        .method = method,
        .certificate = {no_certificate, sizeof(no_certificate)},
    };
}

static bool read_file(struct ctx *ctx, const char *path, struct bytes *text)
{
    FILE *file = fopen(path, "re");
    char *data = arena_alloc(ctx->arena, STANDARD_TEXT_MAX + 1);
    bool is_read;

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%.120s: %s", path, strerror(errno));
    *text = (struct bytes){(const uint8_t *)data, fread(data, 1, STANDARD_TEXT_MAX + 1, file)};
    is_read = !ferror(file);
    fclose(file);
    return is_read || fail(ctx, ERR_INVALID, "FILE", "%.120s: cannot be read", path);
}

/* Each file is a transaction of its own: what was loaded stays when a later file is wrong. */
static bool load_file(struct ctx *ctx, struct db *db, const char *path)
{
    struct submission_act act = act_of(AUDIT_LOAD);
    struct standard_loaded loaded;
    struct bytes text;
    struct ctx own;

    if (!read_file(ctx, path, &text))
        return false;
    ctx_init(&own, ctx->arena);
    if (!standard_put(&own, db, &act, text, &loaded))
        return fail(ctx, own.error.code, own.error.reason, "%.120s: %s", path, own.error.message);
    printf("%s %s %d\n", loaded.is_new ? "loaded" : "known already:", loaded.id, loaded.version);
    return true;
}

int command_standard_load(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_done;

    if (!call->word_count)
        return command_usage(call, "standard load FILE...");
    is_done = command_open(ctx, call->config, &cluster, &db);
    for (int i = 0; is_done && i < call->word_count; i++)
        is_done = load_file(ctx, db, call->words[i]);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}

static bool read_version(struct ctx *ctx, const struct command_call *call, int32_t *version)
{
    int64_t number;

    if (!text_to_int64(call->words[1], &number) || number < 1 || number > INT32_MAX)
        return fail(ctx, ERR_INVALID, "VERSION", "VERSION: expected a number, 1 or more");
    *version = (int32_t)number;
    return true;
}

int command_standard_publish(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct submission_act act = act_of(AUDIT_PUBLISH);
    struct standard_published published;
    int32_t version = 0;
    bool is_done;

    if (call->word_count != 2)
        return command_usage(call, "standard publish NAME VERSION");
    is_done = read_version(ctx, call, &version) && command_open(ctx, call->config, &cluster, &db) &&
              standard_publish(ctx, db, &act, call->words[0], version, &published);
    command_close(cluster, db);
    if (!is_done)
        return 1;
    printf("%s %s %d\n", published.is_new ? "published" : "in force already:", call->words[0],
           version);
    if (published.replaced)
        printf("retired %s %d\n", call->words[0], published.replaced);
    return 0;
}

static bool check_reason(struct ctx *ctx)
{
    return (text_is_utf8(flag_reason, strlen(flag_reason)) && !text_has_control(flag_reason) &&
            text_length(flag_reason, strlen(flag_reason)) <= STANDARD_REASON_TEXT_MAX) ||
           fail(ctx, ERR_INVALID, "REASON", "--reason: expected a line of at most %d characters",
                STANDARD_REASON_TEXT_MAX);
}

int command_standard_retire(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct submission_act act = act_of(AUDIT_RETIRE);
    int32_t version = 0;
    bool is_new = false;
    bool is_done;

    if (call->word_count != 2 || !*flag_reason)
        return command_usage(call, "standard retire NAME VERSION --reason TEXT");
    is_done = read_version(ctx, call, &version) && check_reason(ctx) &&
              command_open(ctx, call->config, &cluster, &db) &&
              standard_retire(ctx, db, &act, call->words[0], version, flag_reason, &is_new);
    command_close(cluster, db);
    if (is_done)
        printf("%s %s %d\n", is_new ? "retired" : "retired before:", call->words[0], version);
    return is_done ? 0 : 1;
}

static void print_versions(const struct standard_versions *versions)
{
    static const char *const states[] = {"-", "loaded", "published", "retired"};

    printf("%-24s %7s %-9s %-10s %-10s %s\n", "STANDARD", "VERSION", "STATE", "FROM", "UNTIL",
           "DIGEST");
    for (int i = 0; i < versions->count; i++) {
        const struct standard_version *version = &versions->items[i];
        char from[11], until[11], digest[2 * DIGEST_SIZE + 1];

        day_format(version->valid_from, from);
        day_format(version->valid_to, until);
        text_to_hex(version->digest.bytes, sizeof(version->digest.bytes), digest);
        printf("%-24s %7d %-9s %-10s %-10s %s\n", version->id, version->version,
               states[version->state], from, until, digest);
    }
}

int command_standard_list(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct submission_act act = act_of(AUDIT_LIST);
    struct standard_versions versions;
    bool is_done;

    if (call->word_count)
        return command_usage(call, "standard list");
    is_done = command_open(ctx, call->config, &cluster, &db) &&
              standard_list(ctx, db, &act, "", 0, &versions);
    if (is_done)
        print_versions(&versions);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}
