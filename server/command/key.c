/*
 * cixd key: the sealing keys. Rotation makes a new key and seals every value anew under it, slice
 * by slice, each in a transaction of its own, while servers go on: they read both keys. Killed
 * anywhere, it is run again and finds by the values themselves what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "store/key.h"
#include "vault/place.h"

enum {
    BATCH = 1000,
    BATCH_LARGE = 16,        /* a chunk may have 1 MiB */
    BATCH_MIDDLE = 100,      /* a record in quarantine, some KiB */
    SETTLE_US = 2 * 1000000, /* servers look for a new key every second */
    PASSES_MAX = 10,         /* the second finds what was sealed meanwhile, mostly nothing */
    TRIES_MAX = 5,           /* of one slice that lost a race */
    POSITION_BYTES_MAX = 48
};

/* What a key command works with. */
struct bench {
    struct cluster *cluster;
    struct db *db;
    struct vault *vault;
    const char *folder;
};

/* How far a pass over one place has come. */
struct pass {
    const struct bench *bench;
    enum place place;
    struct key_position at;
    uint8_t bytes[POSITION_BYTES_MAX]; /* of at */
    bool is_over;
    int64_t sealed; /* anew */
    int64_t unread; /* values that do not open: altered, or their key is missing */
};

static bool bench_open(struct ctx *ctx, const struct command_call *call, struct bench *bench)
{
    bench->folder = command_keys_folder(ctx, call->config);
    return vault_open(ctx, bench->folder, &bench->vault) &&
           command_open_owner(ctx, call->config, &bench->cluster, &bench->db);
}

static void bench_close(struct bench *bench)
{
    command_close(bench->cluster, bench->db);
    vault_free(bench->vault);
}

static int batch_of(enum place place)
{
    return place == PLACE_CHUNK ? BATCH_LARGE : place == PLACE_QUARANTINE ? BATCH_MIDDLE : BATCH;
}

/* Opens and seals one value; NULL data when it does not open. */
static struct bytes seal_anew(struct ctx *ctx, const struct pass *pass, const struct key_row *row)
{
    struct vault_place place = place_of(pass->place, row->record_id);
    struct bytes plain;

    if (!vault_open_sealed(ctx, pass->bench->vault, &place, row->sealed, &plain)) {
        ctx_clear(ctx);
        return (struct bytes){.data = NULL};
    }
    return vault_seal(pass->bench->vault, ctx->arena, &place, plain.data, plain.size);
}

static void advance(struct pass *pass, const struct key_slice *slice)
{
    const struct key_position *last;

    pass->is_over = slice->count < batch_of(pass->place);
    if (slice->count == 0)
        return;
    last = &slice->rows[slice->count - 1].at;
    pass->at = *last;
    CHECK(last->bytes.size <= sizeof(pass->bytes));
    if (last->bytes.data) {
        memcpy(pass->bytes, last->bytes.data, last->bytes.size);
        pass->at.bytes.data = pass->bytes;
    }
}

static bool run_slice(struct ctx *ctx, struct pass *pass)
{
    struct key_slice slice;
    struct bytes *fresh;
    int64_t unread = 0;
    int found = 0;
    int changed = 0;

    if (!key_list(ctx, pass->bench->db, (int)pass->place, vault_active_key(pass->bench->vault),
                  &pass->at, batch_of(pass->place), &slice))
        return false;
    fresh = arena_array(ctx->arena, (size_t)slice.count, sizeof(*fresh));
    for (int i = 0; i < slice.count; i++) {
        if (!slice.rows[i].sealed.data)
            continue;
        fresh[i] = seal_anew(ctx, pass, &slice.rows[i]);
        found += fresh[i].data != NULL;
        unread += fresh[i].data == NULL;
    }
    if (found && !key_put(ctx, pass->bench->db, (int)pass->place, &slice, fresh, &changed))
        return false;
    pass->sealed += found;
    pass->unread += unread;
    advance(pass, &slice);
    return true;
}

/* One slice with memory of its own, again when it lost a race. The error goes to ctx. */
static bool run_slice_apart(struct ctx *ctx, struct pass *pass)
{
    struct arena arena;
    struct ctx own;
    bool is_done = false;

    arena_init(&arena, 0);
    arena.is_wiped = true;
    for (int i = 0; i < TRIES_MAX && !is_done; i++) {
        arena_reset(&arena);
        ctx_init(&own, &arena);
        is_done = run_slice(&own, pass);
        if (!is_done && own.error.code != ERR_ABORTED)
            break;
    }
    if (!is_done)
        fail(ctx, own.error.code, own.error.reason, "%s", own.error.message);
    arena_done(&arena);
    return is_done;
}

static bool run_place(struct ctx *ctx, struct pass *pass)
{
    const struct vault_place name = place_of(pass->place, 0);

    while (!pass->is_over)
        if (!run_slice_apart(ctx, pass))
            return false;
    if (pass->sealed)
        printf("%s.%s: %lld sealed anew\n", name.table, name.column, (long long)pass->sealed);
    if (pass->unread)
        printf("%s.%s: %lld do not open and stay as they are\n", name.table, name.column,
               (long long)pass->unread);
    fflush(stdout);
    return true;
}

/* Every place once. unread: values that do not open. */
static bool run_all(struct ctx *ctx, const struct bench *bench, int64_t *changed, int64_t *unread)
{
    *changed = 0;
    *unread = 0;
    for (int place = PLACE_FIRST; place <= PLACE_LAST; place++) {
        struct pass pass = {.bench = bench, .place = (enum place)place};
        if (!run_place(ctx, &pass))
            return false;
        *changed += pass.sealed;
        *unread += pass.unread;
    }
    return true;
}

/* Values under a key, or under every other one. */
static bool count_uses(struct ctx *ctx, const struct bench *bench, uint32_t id, bool is_other,
                       int64_t *count)
{
    struct key_use *uses;
    int use_count;

    if (!key_count(ctx, bench->db, &uses, &use_count))
        return false;
    *count = 0;
    for (int i = 0; i < use_count; i++)
        if ((uses[i].key_id == id) != is_other)
            *count += uses[i].count;
    return true;
}

/* A rotation that was cut short goes on under the key it made; else there is a new one. */
static bool choose_key(struct ctx *ctx, const struct bench *bench)
{
    int64_t left;

    if (!count_uses(ctx, bench, vault_active_key(bench->vault), true, &left))
        return false;
    if (left) {
        printf("going on with sealing key %u: %lld values are left\n",
               vault_active_key(bench->vault), (long long)left);
    } else {
        if (!vault_rotate(ctx, bench->folder) || !vault_refresh(ctx, bench->vault))
            return false;
        printf("sealing key %u is active; back up %s\n", vault_active_key(bench->vault),
               bench->folder);
        usleep(SETTLE_US);
    }
    fflush(stdout);
    return true;
}

static bool rotate(struct ctx *ctx, const struct bench *bench, int64_t *unread)
{
    int64_t changed = 1;

    if (!choose_key(ctx, bench))
        return false;
    for (int i = 0; i < PASSES_MAX && changed; i++)
        if (!run_all(ctx, bench, &changed, unread))
            return false;
    if (changed)
        return fail(ctx, ERR_ABORTED, "ROTATION_UNFINISHED",
                    "values are still sealed under older keys; is a server without the new key "
                    "running? run the command again");
    return true;
}

int command_key_add(struct ctx *ctx, const struct command_call *call)
{
    const char *folder = command_keys_folder(ctx, call->config);
    uint32_t id;

    if (call->word_count)
        return command_usage(call, "key add");
    if (!vault_add(ctx, folder, &id))
        return 1;
    printf(
        "sealing key %u waits: copy %s/seal-%08u.key to every server, then run cixd key rotate\n",
        id, folder, id);
    return 0;
}

int command_key_rotate(struct ctx *ctx, const struct command_call *call)
{
    struct bench bench = {.db = NULL};
    int64_t unread = 0;
    bool is_done;

    if (call->word_count)
        return command_usage(call, "key rotate");
    is_done = bench_open(ctx, call, &bench) && rotate(ctx, &bench, &unread);
    if (is_done && !unread)
        printf("everything is sealed under key %u\n", vault_active_key(bench.vault));
    bench_close(&bench);
    return is_done && !unread ? 0 : 1;
}

static void print_keys(const struct bench *bench, const struct key_use *uses, int use_count)
{
    uint32_t ids[VAULT_KEY_MAX];
    int id_count = vault_key_ids(bench->vault, ids);
    uint32_t active = vault_active_key(bench->vault);

    printf("%-8s %-8s %s\n", "KEY", "STATE", "VALUES");
    for (int i = 0; i < id_count; i++) {
        int64_t count = 0;
        for (int j = 0; j < use_count; j++)
            count += uses[j].key_id == ids[i] ? uses[j].count : 0;
        printf("%-8u %-8s %lld\n", ids[i],
               ids[i] == active  ? "active"
               : ids[i] > active ? "waits"
                                 : "older",
               (long long)count);
    }
}

int command_key_list(struct ctx *ctx, const struct command_call *call)
{
    struct bench bench = {.db = NULL};
    struct key_use *uses;
    int use_count;
    bool is_done;

    if (call->word_count)
        return command_usage(call, "key list");
    is_done = bench_open(ctx, call, &bench) && key_count(ctx, bench.db, &uses, &use_count);
    if (is_done)
        print_keys(&bench, uses, use_count);
    bench_close(&bench);
    return is_done ? 0 : 1;
}

static bool retire(struct ctx *ctx, const struct bench *bench, uint32_t id)
{
    int64_t count;

    if (!count_uses(ctx, bench, id, false, &count))
        return false;
    if (count)
        return fail_precondition(ctx, "KEY_IN_USE", "key",
                                 "%lld values are sealed under key %u; run cixd key rotate first",
                                 (long long)count, id);
    return vault_retire(ctx, bench->folder, id);
}

int command_key_retire(struct ctx *ctx, const struct command_call *call)
{
    struct bench bench = {.db = NULL};
    int64_t id = 0;
    bool is_done;

    if (call->word_count != 1 || !text_to_int64(call->words[0], &id) || id <= 0 || id > INT32_MAX)
        return command_usage(call, "key retire ID");
    is_done = bench_open(ctx, call, &bench) && retire(ctx, &bench, (uint32_t)id);
    bench_close(&bench);
    if (is_done)
        printf("sealing key %lld is retired: keep its file as long as a backup may need it\n",
               (long long)id);
    return is_done ? 0 : 1;
}
