/*
 * cixd fsck: is the database what its source of truth says, does every row find what it points at,
 * is a kept rating what its standard makes of it, does every seal open? Looks in one read-only
 * snapshot beside running servers; --repair writes what is derived anew, and nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "command/commands.h"
#include "command/fsck_rating.h"
#include "db/migrate.h"
#include "sql_embedded.h"
#include "store/fsck.h"
#include "store/key.h"
#include "vault/place.h"

enum {
    SHOWN = 20,        /* findings of one part that are printed */
    SLICE = 500,       /* sealed values at once */
    SLICE_LARGE = 16,  /* a chunk may have 1 MiB */
    SAMPLE_SLICES = 2, /* a place and starting point, without --all */
    REPAIR_TRIES = 5,
    POSITION_BYTES_MAX = 48,
    EXIT_FOUND = 3
};

static bool is_whole;
static bool is_repair;

const struct config_flag fsck_flags[] = {
    {"all", NULL, &is_whole}, {"repair", NULL, &is_repair}, {NULL, NULL, NULL}};

static const char *const stage_titles[] = {
    [FSCK_DERIVED] = "accounts, roll-ups and freezes against what they come from",
    [FSCK_REFERENCE] = "rows that others point at",
    [FSCK_SUBMISSION] = "submissions, chunks and verdicts",
    [FSCK_TRACE] = "audit rows and inquiries",
};

/* What a part of fsck.sql and rebuild.sql means. key: what its key_id names. */
static const struct meaning {
    const char *part;
    const char *key;
    const char *says;
    bool is_derived; /* --repair writes it anew */
} meanings[] = {
    {"account", "account", "its state or a ring is not what its months give", true},
    {"attributes", "account", "its attributes are not those of its latest version", true},
    {"rollup", "cell", "the sums of the month are not those of its accounts", true},
    {"rollup_subject", "cell", "it does not count the subject's accounts of the month", true},
    {"subject_freeze", NULL, "its freeze is not that of its protections", true},
    {"cell", "cell", "months count in it and it is not there", false},
    {"account_subject", "account", "its subject is not there", false},
    {"account_key", "account", "a number leads to it and it is not there", false},
    {"account_lost", "account", "no number leads to it", false},
    {"name_subject", "record", "a name of a subject that is not there", false},
    {"identifier_subject", "record", "an identifier of a subject that is not there", false},
    {"identifier_lost", "record", "an identifier that finds nobody", false},
    {"version_subject", "record", "a record of a subject that is not there", false},
    {"flag_subject", "flag", "its subject is not there", false},
    {"flag_key", "flag", "an id leads to it and it is not there", false},
    {"flag_lost", "flag", "no id leads to it", false},
    {"flag_detail", "flag", "what its document says is not there", false},
    {"flag_detail_lost", "flag", "what a document says, and no version has it", false},
    {"flag_status", "flag", "its status is not that of its latest event", false},
    {"mark_subject", "mark", "its subject is not there", false},
    {"mark_key", "mark", "an id leads to it and it is not there", false},
    {"subject_alias", "subject", "an alias of a subject that is not there, or is one itself",
     false},
    {"alias_rest", "subject", "rows that did not move when it was merged", false},
    {"identifier_home", "subject", "an identifier that finds another than where it was merged",
     false},
    {"submission_totals", NULL, "its totals are not the sums of its chunks", false},
    {"chunk_counts", NULL, "its counts do not add up to its records", false},
    {"chunk_verdicts", NULL, "its count of rejected records is not that of its verdicts", false},
    {"chunk_submission", NULL, "its submission is not there", false},
    {"quarantine_chunk", NULL, "records are kept aside for it and it is not there", false},
    {"feed_gaps", NULL, "a feed of its listings lacks other numbers than its gaps say", false},
    {"month_chunk", NULL, "months came with it and it is not there", false},
    {"audit_leaf", "audit row", "its hash is not that of what it says", false},
    {"inquiry_audit", "inquiry", "it has no audit row", false},
};

/* What one run works with, and what it found. */
struct run {
    struct cluster *cluster;
    struct db *db;
    struct vault *vault;
    int64_t derived; /* findings that --repair mends */
    int64_t other;
};

static const struct meaning *meaning_of(const char *part)
{
    for (size_t i = 0; i < ARRAY_LENGTH(meanings); i++)
        if (!strcmp(meanings[i].part, part))
            return &meanings[i];
    return NULL;
}

static void print_finding(const struct fsck_finding *finding)
{
    const struct meaning *meaning = meaning_of(finding->part);

    printf("  %s:", finding->part);
    if (finding->subject_id)
        printf(" subject %lld", (long long)finding->subject_id);
    if (finding->key_id)
        printf(" %s %lld", meaning && meaning->key ? meaning->key : "key",
               (long long)finding->key_id);
    if (finding->period)
        printf(" month %04d-%02d", finding->period / 12, finding->period % 12 + 1);
    if (finding->member_id)
        printf(" member %d", finding->member_id);
    if (finding->submission_id[0])
        printf(" submission %s", finding->submission_id);
    if (finding->chunk)
        printf(" chunk %d", finding->chunk);
    printf(": %s\n", meaning ? meaning->says : "differs");
}

static void note_part(struct run *run, const struct fsck_finding *finding)
{
    const struct meaning *meaning = meaning_of(finding->part);

    if (meaning && meaning->is_derived)
        run->derived += finding->found;
    else
        run->other += finding->found;
}

static bool run_stage(struct ctx *ctx, struct run *run, enum fsck_stage stage)
{
    const char *part = "";
    struct fsck_list list;
    int64_t left = 0;

    printf("%s\n", stage_titles[stage]);
    fflush(stdout);
    if (!fsck_find(ctx, run->db, stage, SHOWN, &list))
        return false;
    for (int i = 0; i < list.count; i++) {
        if (strcmp(part, list.findings[i].part) != 0) {
            part = list.findings[i].part;
            left = list.findings[i].found;
            note_part(run, &list.findings[i]);
        }
        print_finding(&list.findings[i]);
        left--;
        if (left > 0 && (i + 1 == list.count || strcmp(part, list.findings[i + 1].part) != 0))
            printf("  %s: %lld more\n", part, (long long)left);
    }
    return true;
}

/* Values under keys that are not in the ring: all of them, by counting. */
static bool check_keys(struct ctx *ctx, struct run *run)
{
    uint32_t ids[VAULT_KEY_MAX];
    int id_count = vault_key_ids(run->vault, ids);
    struct key_use *uses;
    int use_count;

    if (!key_count(ctx, run->db, &uses, &use_count))
        return false;
    for (int i = 0; i < use_count; i++) {
        struct vault_place place = place_of((enum place)uses[i].place, 0);
        bool is_known = false;
        for (int j = 0; j < id_count; j++)
            is_known = is_known || ids[j] == uses[i].key_id;
        if (is_known)
            continue;
        printf("  key: %lld values of %s.%s need sealing key %u, which is not in the ring\n",
               (long long)uses[i].count, place.table, place.column, uses[i].key_id);
        run->other += uses[i].count;
    }
    return true;
}

/* A walk over one sealed column, in the order of its table's key. */
struct walk {
    enum place place;
    struct key_position at;
    uint8_t bytes[POSITION_BYTES_MAX]; /* of at */
    int64_t read;
    int64_t broken;
};

static void walk_on(struct walk *walk, const struct key_row *last)
{
    walk->at = last->at;
    CHECK(last->at.bytes.size <= sizeof(walk->bytes));
    if (last->at.bytes.data) {
        memcpy(walk->bytes, last->at.bytes.data, last->at.bytes.size);
        walk->at.bytes.data = walk->bytes;
    }
}

static void check_value(struct ctx *ctx, struct run *run, struct walk *walk,
                        const struct key_row *row)
{
    struct vault_place place = place_of(walk->place, row->record_id);
    struct bytes plain;

    walk->read++;
    if (vault_open_sealed(ctx, run->vault, &place, row->sealed, &plain))
        return;
    ctx_clear(ctx);
    if (walk->broken++ < SHOWN)
        printf("  seal: %s.%s record %lld does not open: altered, moved, or its key is missing\n",
               place.table, place.column, (long long)row->record_id);
}

/* At most so many slices from where the walk stands; each in memory of its own, wiped. */
static bool walk_slices(struct ctx *ctx, struct run *run, struct walk *walk, int64_t slices)
{
    int size = walk->place == PLACE_CHUNK ? SLICE_LARGE : SLICE;
    struct key_slice slice = {.count = size};
    bool is_good = true;
    struct arena arena;
    struct ctx own;

    arena_init(&arena, 0);
    arena.is_wiped = true;
    for (int64_t i = 0; i < slices && is_good && slice.count == size; i++) {
        arena_reset(&arena);
        ctx_init(&own, &arena);
        /* No value is under key -1: all come. */
        is_good = key_list(&own, run->db, (int)walk->place, UINT32_MAX, &walk->at, size, &slice);
        for (int j = 0; is_good && j < slice.count; j++)
            if (slice.rows[j].sealed.data)
                check_value(&own, run, walk, &slice.rows[j]);
        if (is_good && slice.count)
            walk_on(walk, &slice.rows[slice.count - 1]);
    }
    if (!is_good)
        fail(ctx, own.error.code, own.error.reason, "%s", own.error.message);
    arena_done(&arena);
    return is_good;
}

/* Without --all: the first values, and others from a place by chance among the subjects. */
static bool check_place(struct ctx *ctx, struct run *run, enum place place)
{
    struct walk walk = {.place = place};
    struct vault_place name = place_of(place, 0);
    uint64_t chance;

    if (!walk_slices(ctx, run, &walk, is_whole ? INT64_MAX : SAMPLE_SLICES))
        return false;
    /* Tables by member, whose numbers are small, are read from the front alone. */
    if (!is_whole && walk.at.number > INT32_MAX) {
        digest_random(&chance, sizeof(chance));
        walk.at = (struct key_position){.number = (int64_t)(chance % (uint64_t)id_new())};
        if (!walk_slices(ctx, run, &walk, SAMPLE_SLICES))
            return false;
    }
    run->other += walk.broken;
    printf("  %s.%s: %lld values opened%s\n", name.table, name.column,
           (long long)(walk.read - walk.broken), walk.broken ? "" : ", all well");
    if (walk.broken)
        printf("  seal: %lld values of %s.%s do not open\n", (long long)walk.broken, name.table,
               name.column);
    return true;
}

static bool check_seals(struct ctx *ctx, struct run *run)
{
    printf("sealed values%s\n", is_whole ? "" : " (a sample; --all opens every one)");
    fflush(stdout);
    if (!check_keys(ctx, run))
        return false;
    for (int place = PLACE_FIRST; place <= PLACE_LAST; place++)
        if (!check_place(ctx, run, (enum place)place))
            return false;
    return true;
}

static bool check_all(struct ctx *ctx, struct run *run)
{
    bool is_done = fsck_begin(ctx, run->db);
    int64_t broken = 0;

    for (int stage = 0; is_done && stage < FSCK_STAGE_COUNT; stage++)
        is_done = run_stage(ctx, run, (enum fsck_stage)stage);
    is_done = is_done && fsck_ratings(ctx, run->db, is_whole, SHOWN, &broken);
    run->other += broken;
    is_done = is_done && check_seals(ctx, run);
    db_rollback(run->db);
    return is_done;
}

/* Again when it met records in the other order. */
static bool repair(struct ctx *ctx, struct run *run)
{
    struct fsck_mend mends[FSCK_MEND_MAX];
    int count = 0;
    bool is_done = false;

    for (int i = 0; i < REPAIR_TRIES && !is_done; i++) {
        ctx_clear(ctx);
        is_done = fsck_repair(ctx, run->db, clock_now_us(), mends, &count);
        if (!is_done && ctx->error.code != ERR_ABORTED)
            return false;
    }
    for (int i = 0; i < count; i++)
        printf("repair: %s: %lld rows written anew\n", mends[i].part, (long long)mends[i].mended);
    return is_done;
}

/* What is left of the derived rows: what has no source, or was damaged since. */
static bool check_again(struct ctx *ctx, struct run *run)
{
    bool is_done = fsck_begin(ctx, run->db);

    run->derived = 0;
    is_done = is_done && run_stage(ctx, run, FSCK_DERIVED);
    db_rollback(run->db);
    return is_done;
}

static bool run_fsck(struct ctx *ctx, const struct command_call *call, struct run *run)
{
    if (!vault_open(ctx, command_keys_folder(ctx, call->config), &run->vault) ||
        !command_open_owner(ctx, call->config, &run->cluster, &run->db) ||
        !migrate_check(ctx, run->db, sql_files, sql_file_count) || !check_all(ctx, run))
        return false;
    if (!run->derived || !is_repair)
        return true;
    return repair(ctx, run) && check_again(ctx, run);
}

int command_fsck(struct ctx *ctx, const struct command_call *call)
{
    struct run run = {.db = NULL};
    bool is_done;

    if (call->word_count)
        return command_usage(call, "fsck [--all] [--repair]");
    is_done = run_fsck(ctx, call, &run);
    command_close(run.cluster, run.db);
    vault_free(run.vault);
    if (!is_done)
        return 1;
    if (!run.derived && !run.other)
        printf("nothing is wrong\n");
    else
        printf("%lld rows are wrong; %lld of them are derived%s\n",
               (long long)(run.derived + run.other), (long long)run.derived,
               run.derived && !is_repair ? ": --repair writes them anew" : "");
    return run.derived || run.other ? EXIT_FOUND : 0;
}
