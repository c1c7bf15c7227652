/*
 * Goal: what `cixd backup` saved while members submit, `cixd restore` brings back elsewhere,
 * exactly; and what is damaged, forged, half or of another key ring is refused with its reason.
 * Method: an exchange with its own PostgreSQL, the built cixd as a process beside it, and a second
 * exchange on what was restored.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "db/cluster.h"
#include "support/contribution.h"
#include "support/kept.h"
#include "support/person.h"

#include "support/cmocka.h"

enum {
    PERSONS = 40,
    PERIOD = 202601,
    ASKED = 7,
    LOAD_FROM = 1000,
    LOAD_PAUSE_US = 20000,
    FAILED = 1
};

static struct exchange exchange;
static struct exchange other; /* what was restored */
static struct arena arena;
static struct cix_client *client;
static struct kept_ask ask;
static const char *place; /* where backups go */
static const char *output;
static const char *after; /* the report behind the backup */

static int32_t today(void)
{
    return day_to_wire(clock_day_of(clock_now_us()));
}

static void make(struct contribution *made, int64_t first, int count)
{
    contribution_init(made);
    for (int k = 0; k < count; k++) {
        contribution_subject(made, first + k);
        contribution_account(made, first + k, 0);
        for (int i = 0; i < 3; i++)
            contribution_month(made, first + k, 0, PERIOD + i, 1000000 + 1000 * k)->reported_on =
                today();
    }
}

/* One submission of one chunk; how many records were taken. */
static int64_t submit(struct cix_client *to, const char *id, int64_t first, int count)
{
    struct contribution made;
    Cix__V1__ChunkResult *result;
    int64_t accepted;

    make(&made, first, count);
    result = contribution_send(&made, to, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    accepted = result->accepted;
    contribution_answer_free(result);
    contribution_done(&made);
    return accepted;
}

static const char *id_of(int64_t n)
{
    char id[37];

    person_uuid("backup", n, id);
    return arena_string(&arena, id);
}

/* A month that is counted with a mark: its row of quarantine holds no sealed record. */
static void keep_a_month_aside(void)
{
    struct contribution made;
    Cix__V1__ChunkResult *result;

    contribution_init(&made);
    contribution_subject(&made, PERSONS);
    contribution_account(&made, PERSONS, 0);
    contribution_month(&made, PERSONS, 0, PERIOD, 1000000);
    contribution_late_month(&made, PERSONS, 0, PERIOD + 1, 1000000);
    result = contribution_send(&made, client, id_of(1000),
                               CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    assert_int_equal(result->quarantined, 1);
    contribution_answer_free(result);
    contribution_done(&made);
}

static int set_up_all(void **state)
{
    struct person person;

    (void)state;
    arena_init(&arena, 0);
    exchange_start_private(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    client = exchange_client(&exchange, "bank-one");
    assert_int_equal(submit(client, id_of(0), 0, PERSONS), 5 * PERSONS);
    keep_a_month_aside();
    person_make(ASKED, &person);
    ask = (struct kept_ask){"bank-one", arena_string(&arena, person.number),
                            arena_string(&arena, person.name)};
    place = test_folder();
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    cix_close(client);
    if (other.pid)
        exchange_end(&other);
    cluster_stop(other.cluster);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static const char *at(const char *name)
{
    return arena_format(&arena, "%s/%s", place, name);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int cixd(const char *words)
{
    return kept_cixd(&arena, words, &output);
}

static void assert_refused(const char *words, const char *reason)
{
    int code = cixd(words);

    if (code != FAILED || !strstr(output, reason))
        fail_msg("%s: %d, not %s: %s", words, code, reason, output);
}

static void assert_done(const char *words)
{
    int code = cixd(words);

    if (code)
        fail_msg("%s: %d: %s", words, code, output);
}

/* The words of a command on the first exchange. */
static const char *beside(const char *words)
{
    return arena_format(&arena, "%s --data=%s --keys=%s/keys", words, exchange.folder,
                        exchange.folder);
}

static atomic_bool is_loading;
static atomic_llong loaded;

/* A member that submits until told to stop; whatever is answered is in the database. */
static void *run_load(void *argument)
{
    struct cix_client *loader = argument;
    char id[37];

    for (int64_t n = 0; atomic_load(&is_loading); n++) {
        usleep(LOAD_PAUSE_US);
        struct contribution made;
        struct cix_error error;
        Cix__V1__ChunkResult *result = NULL;
        person_uuid("load", n, id);
        make(&made, LOAD_FROM + 10 * n, 10);
        if (contribution_try(&made, loader, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY,
                             &result, &error))
            atomic_fetch_add(&loaded, result->accepted);
        contribution_answer_free(result);
        contribution_done(&made);
    }
    return NULL;
}

static void a_backup_is_made_while_members_submit(void **state)
{
    struct cix_client *loader = exchange_client(&exchange, "bank-one");
    pthread_t thread;

    (void)state;
    write_file(at("pass"), "correct horse battery staple\n", 0600);
    kept_report(&exchange, &arena, &ask, "post-loan"); /* an inquiry that later reports show */
    atomic_store(&is_loading, true);
    assert_int_equal(pthread_create(&thread, NULL, run_load, loader), 0);
    while (atomic_load(&loaded) == 0)
        usleep(10000);
    assert_done(beside(arena_format(&arena, "backup --to %s --keys-to %s --passphrase-file %s",
                                    at("first"), at("ring"), at("pass"))));
    atomic_store(&is_loading, false);
    pthread_join(thread, NULL);
    cix_close(loader);
    print_message("%lld records were taken meanwhile\n", (long long)atomic_load(&loaded));
    assert_true(access(at("first.partial"), F_OK) != 0 && access(at("ring.partial"), F_OK) != 0);
    after = kept_report(&exchange, &arena, &ask, "post-loan");
}

static void a_backup_goes_where_a_relative_path_says(void **state)
{
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(chdir(place), 0);
    assert_done(beside("backup --to beside"));
    assert_done("restore --check --from beside --keys-from ring --passphrase-fd 0 <pass");
    assert_int_equal(fchdir(here), 0);
    close(here);
}

static void modes_keep_others_out(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(stat(at("first"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(stat(at("first/database.dump"), &status), 0);
    assert_int_equal(status.st_mode & 0077, 0);
    assert_int_equal(stat(at("ring"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void nothing_is_overwritten(void **state)
{
    (void)state;
    assert_refused(beside(arena_format(&arena, "backup --to %s", at("first"))), "BACKUP_EXISTS");
    assert_refused(beside(arena_format(&arena, "backup --keys-to %s --passphrase-file %s",
                                       at("ring"), at("pass"))),
                   "RING_FILE_EXISTS");
    assert_refused(beside(arena_format(&arena, "restore --from %s", at("first"))),
                   "RESTORE_TARGET");
}

static void passphrases_that_are_no_good_are_refused(void **state)
{
    const char *words = beside(arena_format(&arena, "backup --keys-to %s", at("never")));

    (void)state;
    write_file(at("short"), "eleven byte\n", 0600);
    write_file(at("loose"), "correct horse battery staple\n", 0640);
    assert_refused(arena_format(&arena, "%s --passphrase-file %s", words, at("short")),
                   "PASSPHRASE_SHORT");
    assert_refused(arena_format(&arena, "%s --passphrase-file %s", words, at("loose")),
                   "PASSPHRASE_LOOSE");
    assert_refused(arena_format(&arena, "%s --passphrase-file %s", words, at("absent")),
                   "PASSPHRASE_MISSING");
    assert_refused(arena_format(&arena, "%s --passphrase-fd 77", words), "PASSPHRASE_MISSING");
    assert_true(access(at("never"), F_OK) != 0);
}

static void another_passphrase_opens_nothing(void **state)
{
    (void)state;
    write_file(at("wrong"), "correct horse battery stable\n", 0600);
    assert_refused(arena_format(&arena,
                                "restore --from %s --keys-from %s --passphrase-file %s --data %s",
                                at("first"), at("ring"), at("wrong"), at("home")),
                   "RING_NOT_OPENED");
    assert_true(access(at("home"), F_OK) != 0);
}

static const char *check_words(const char *folder)
{
    return arena_format(&arena, "restore --check --from %s --keys-from %s --passphrase-fd 0 <%s",
                        folder, at("ring"), at("pass"));
}

/* Changes one byte of a file, or puts it back. */
static void flip(const char *path, long offset)
{
    FILE *file = fopen(path, "r+e");
    int byte;

    assert_non_null(file);
    assert_int_equal(fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
    byte = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_CUR), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static void damage_is_found(void **state)
{
    (void)state;
    assert_done(check_words(at("first")));
    assert_non_null(strstr(output, "whole"));
    flip(at("first/database.dump"), -1000);
    assert_refused(check_words(at("first")), "BACKUP_BROKEN");
    flip(at("first/database.dump"), -1000);
    flip(at("first/manifest"), 300);
    assert_refused(check_words(at("first")), "BACKUP_BROKEN");
    flip(at("first/manifest"), 300);
    flip(at("ring"), 100);
    assert_refused(check_words(at("first")), "RING_NOT_OPENED");
    flip(at("ring"), 100);
    assert_int_equal(rename(at("first/manifest"), at("aside")), 0);
    assert_refused(check_words(at("first")), "BACKUP_MISSING");
    assert_int_equal(rename(at("aside"), at("first/manifest")), 0);
    assert_done(check_words(at("first")));
}

/* Whoever changes the file and makes its digests anew lacks the ring. */
static void a_forged_manifest_is_found(void **state)
{
    char text[16384];
    char hex[65];
    struct digest digest;
    char *end;

    (void)state;
    FILE *file = fopen(at("first/manifest"), "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    end = strstr(text, "\nend ");
    assert_non_null(end);
    end[1] = '\0';
    memcpy(strstr(text, "made 2") + 5, "1", 1);
    digest = digest_of(text, strlen(text));
    text_to_hex(digest.bytes, sizeof(digest.bytes), hex);
    assert_int_equal(mkdir(at("forged"), 0700), 0);
    write_file(at("forged/manifest"), arena_format(&arena, "%send %s\n", text, hex), 0600);
    assert_refused(check_words(at("forged")), "RING_OTHER");
}

/* An exchange on what was restored; members and certificates are those of the first. */
static void serve_other(void)
{
    struct cluster_options options;
    struct ctx ctx;

    other = exchange;
    other.folder = at("home");
    other.port = 0;
    other.pid = 0;
    other.admin = NULL;
    other.cluster = NULL;
    snprintf(other.log_path, sizeof(other.log_path), "%s/cixd.log", other.folder);
    exchange_serve(&other);
    options = (struct cluster_options){.data = other.folder};
    ctx_init(&ctx, &arena);
    if (!cluster_attach(&ctx, &options, &other.cluster))
        fail_msg("restored: %s", ctx.error.message);
}

static int64_t count(const char *name, const char *sql)
{
    struct statement statement = {name, sql};
    struct db *owner = exchange_owner(&other);
    struct params params;
    struct rows rows = {0};
    struct ctx ctx;
    int64_t value;

    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows) || !rows_next(&rows))
        fail_msg("%s: %s", sql, ctx.error.message);
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    db_close(owner);
    return value;
}

static void a_restored_exchange_gives_the_same_report(void **state)
{
    (void)state;
    /* What a killed restore may have left is taken over. */
    assert_int_equal(mkdir(at("home"), 0700), 0);
    assert_int_equal(mkdir(at("home/restore.partial"), 0700), 0);
    write_file(at("home/restore.partial/left"), "over", 0600);
    assert_done(arena_format(&arena,
                             "restore --from %s --keys-from %s --passphrase-file %s --data %s",
                             at("first"), at("ring"), at("pass"), at("home")));
    assert_true(access(at("home/restore.partial"), F_OK) != 0);
    serve_other();
    assert_int_equal(count("detached", "select count(*) from cix.submission_chunk"
                                       " where xid <> '0'::xid8"),
                     0);
    kept_assert_same(kept_report(&other, &arena, &ask, "post-loan"), after, false);
    assert_done(arena_format(&arena, "fsck --all --data %s", at("home")));
}

static void a_replayed_chunk_is_a_replay_on_the_restored_exchange(void **state)
{
    struct cix_client *again = exchange_client(&other, "bank-one");
    int64_t months = count("months", "select count(*) from cix.performance_delta");

    (void)state;
    assert_true(months >= 3 * PERSONS);
    assert_int_equal(submit(again, id_of(0), 0, PERSONS), 5 * PERSONS);
    assert_int_equal(count("months", "select count(*) from cix.performance_delta"), months);
    assert_int_equal(submit(again, id_of(1), 500, 3), 15);
    assert_int_equal(count("months", "select count(*) from cix.performance_delta"), months + 9);
    cix_close(again);
}

static void a_full_disk_leaves_nothing(void **state)
{
    const char *line = arena_format(&arena, "backup --to %s --data=%s --keys=%s/keys", at("full"),
                                    exchange.folder, exchange.folder);
    const char *build = getenv("CIX_BUILD");

    (void)state;
    /* The limit on the size of a file ends a write as a full disk does. */
    line = arena_format(&arena, "--version; ulimit -f 16; %s/cixd %s",
                        build ? build : CIX_SOURCE_DIR "/build/dev", line);
    assert_refused(line, "DUMP_FAILED");
    assert_true(access(at("full"), F_OK) != 0 && access(at("full.partial"), F_OK) != 0);
}

/* pg_dump that says its version and then takes its time. */
static void make_slow_programs(void)
{
    assert_int_equal(mkdir(at("bin"), 0755), 0);
    write_file(at("bin/pg_dump"),
               "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 15.0' && exit\n"
               "for word; do case $word in --file=*) : >\"${word#--file=}\";; esac; done\n"
               "exec sleep 100\n",
               0755);
}

static void an_interrupted_backup_leaves_nothing(void **state)
{
    const char *build = getenv("CIX_BUILD");
    const char *program =
        arena_format(&arena, "%s/cixd", build ? build : CIX_SOURCE_DIR "/build/dev");
    const char *words[] = {
        program,
        "backup",
        "--to",
        at("cut"),
        arena_format(&arena, "--keys=%s/keys", exchange.folder),
        arena_format(&arena, "--database=%s", cluster_owner_uri(exchange.cluster)),
        arena_format(&arena, "--postgres-bin=%s", at("bin")),
        NULL};
    int status = 0;
    pid_t pid;

    (void)state;
    make_slow_programs();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execv(program, (char *const *)(uintptr_t)words);
        _exit(127);
    }
    while (access(at("cut.partial/database.dump"), F_OK) != 0 &&
           waitpid(pid, &status, WNOHANG) == 0)
        usleep(10000);
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == FAILED);
    assert_true(access(at("cut"), F_OK) != 0 && access(at("cut.partial"), F_OK) != 0);
}

/* Killed outright, it leaves its draft, which is no backup and which the next run takes over. */
static void a_killed_backup_is_no_backup(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("second.partial"), 0700), 0);
    write_file(at("second.partial/database.dump"), "half", 0600);
    assert_refused(check_words(at("second.partial")), "BACKUP_MISSING");
    assert_done(beside(arena_format(&arena, "backup --to %s", at("second"))));
    assert_non_null(strstr(output, "the key ring is not in it"));
    assert_true(access(at("second.partial"), F_OK) != 0);
    assert_done(check_words(at("second")));
}

/* The other rung: into a database that somebody else runs, with the ring that lies there already.
 */
static void a_backup_goes_into_a_named_database(void **state)
{
    struct test_database database;
    const char *words;

    (void)state;
    test_database_open_empty(&database);
    words = arena_format(&arena, "restore --from %s --database=\"%s\" --keys=%s/keys", at("second"),
                         database.owner_uri, exchange.folder);
    assert_done(words);
    assert_refused(words, "RESTORE_TARGET");
    assert_done(arena_format(&arena, "fsck --all --database=\"%s\" --keys=%s/keys",
                             database.owner_uri, exchange.folder));
    assert_done(arena_format(&arena, "backup --to %s --database=\"%s\" --keys=%s/keys", at("third"),
                             database.owner_uri, exchange.folder));
}

static const char *restore_words(const char *from, const char *with, const char *to)
{
    return arena_format(&arena, "restore --from %s --keys-from %s --passphrase-file %s --data %s",
                        at(from), at(with), at("pass"), at(to));
}

/* `first` is sealed under key 1, what comes here under key 2; key 1 is then retired. */
static void a_ring_of_another_time_opens_what_it_can(void **state)
{
    static const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

    (void)state;
    assert_done(beside("key rotate"));
    assert_int_equal(
        utimensat(AT_FDCWD, arena_format(&arena, "%s/keys/active", exchange.folder), long_ago, 0),
        0);
    assert_done(beside("key retire 1"));
    assert_done(beside(arena_format(&arena, "backup --to %s --keys-to %s --passphrase-file %s",
                                    at("fourth"), at("newer"), at("pass"))));
    assert_refused(restore_words("fourth", "ring", "fifth"), "RING_LACKS_KEY");
    assert_true(access(at("fifth/postgres"), F_OK) != 0 && access(at("fifth/keys"), F_OK) != 0 &&
                access(at("fifth/restore.partial"), F_OK) != 0);
    assert_done(restore_words("first", "newer", "fifth"));
    assert_done(arena_format(&arena, "fsck --all --data %s", at("fifth")));
    assert_non_null(strstr(output, "nothing is wrong"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_made_while_members_submit),
        cmocka_unit_test(a_backup_goes_where_a_relative_path_says),
        cmocka_unit_test(modes_keep_others_out),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(passphrases_that_are_no_good_are_refused),
        cmocka_unit_test(another_passphrase_opens_nothing),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_forged_manifest_is_found),
        cmocka_unit_test(a_restored_exchange_gives_the_same_report),
        cmocka_unit_test(a_replayed_chunk_is_a_replay_on_the_restored_exchange),
        cmocka_unit_test(a_full_disk_leaves_nothing),
        cmocka_unit_test(an_interrupted_backup_leaves_nothing),
        cmocka_unit_test(a_killed_backup_is_no_backup),
        cmocka_unit_test(a_backup_goes_into_a_named_database),
        cmocka_unit_test(a_ring_of_another_time_opens_what_it_can),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
