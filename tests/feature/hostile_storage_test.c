/*
 * What lies below gives way: PostgreSQL is killed, and its disk is full. Calls
 * are told so while it lasts, nothing that was acknowledged is lost, and the
 * exchange serves again by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/scene.h"

#include "support/cmocka.h"

enum {
    SKIPPED = 77,
    DISK_MIB = 260,
    LEFT_KIB = 8192,
    FILE_LEFT_KIB = 256,
    FILE_CHUNKS = 12,
    FILE_PERSONS = 1000000,
    RECORDS = 400,
    CHUNKS_MAX = 400,
    TRIES = 600,
    TRY_US = 100 * 1000
};

static struct exchange exchange;
static struct arena arena;
static struct cix_error error;
static const char *folder;

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    exchange_start_private_in(&exchange, folder, NULL);
    exchange_member(&exchange, "bank-good", MEMBER_TYPE_BANK);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    arena_done(&arena);
    return umount2(folder, MNT_DETACH);
}

/* The n-th submission: one chunk of subjects of its own. True when it was
 * acknowledged. */
static bool submit(struct speaker *speaker, int n)
{
    const char *id = scene_submission_id(&arena, n);
    const char *records[RECORDS];
    struct speech *speech = speaker_begin(speaker, CIX_SUBMIT);
    const Cix__V1__SubmitResponse *response;
    bool is_taken = false;

    for (int i = 0; i < RECORDS; i++)
        records[i] = scene_subject(&arena, n * RECORDS + i);
    if (speaker_say(speech, scene_open(&arena, id, "DAILY"))) {
        response = speaker_say(speech, scene_chunk(&arena, 1, records, RECORDS));
        is_taken = response && response->chunk->accepted == RECORDS;
    }
    speaker_end(speech, &error);
    return is_taken;
}

/* True when the submission stands as it was acknowledged. */
static bool is_kept(struct speaker *speaker, int n)
{
    const char *id = scene_submission_id(&arena, n);
    const Cix__V1__GetSubmissionResponse *response =
        speaker_ask(speaker, CIX_GET_SUBMISSION,
                    arena_format(&arena, "{\"submissionId\": \"%s\"}", id), &error);

    return response && response->accepted == RECORDS && response->next_chunk == 2;
}

static bool serves(void)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");
    bool is_served = speaker && speaker_ask(speaker, CIX_CHECK_FLAG, scene_check(&arena, 1, NULL),
                                            &error) != NULL;

    speaker_close(speaker);
    return is_served;
}

static void await_service(void)
{
    for (int i = 0; i < TRIES && !serves(); i++) {
        if (error.status != CIX_UNAVAILABLE)
            fail_msg("while it was away: %d %s (%s)", error.status, error.reason, error.message);
        usleep(TRY_US);
    }
    assert_true(serves());
}

static pid_t postmaster(void)
{
    char line[32] = "";
    FILE *file = fopen(arena_format(&arena, "%s/postgres/postmaster.pid", folder), "re");

    if (!file) /* between two lives */
        return 0;
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    return (pid_t)strtol(line, NULL, 10);
}

/* Kills PostgreSQL and answers the process id that it had. */
static pid_t kill_database(void)
{
    pid_t pid = postmaster();

    assert_int_equal(kill(pid, SIGKILL), 0);
    return pid;
}

/* Its sessions may outlive it for a moment, so that service alone does not show
 * a restart. */
static void await_restart(pid_t killed)
{
    for (int i = 0; i < TRIES && (!postmaster() || postmaster() == killed); i++)
        usleep(TRY_US);
    assert_true(postmaster() && postmaster() != killed);
    await_service();
}

static void a_killed_database_comes_back(void **state)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");

    (void)state;
    assert_true(submit(speaker, 1));
    await_restart(kill_database());
    assert_true(is_kept(speaker, 1));
    assert_true(submit(speaker, 2));
    speaker_close(speaker);
}

/* A caller waits or is told; it is never answered wrong. */
static void a_stopped_database_is_told(void **state)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");
    int told = 0;

    (void)state;
    for (int kills = 0; kills < 3; kills++) {
        pid_t killed = kill_database();
        for (int i = 0; i < 20; i++) {
            if (speaker_ask(speaker, CIX_CHECK_FLAG, scene_check(&arena, 1, NULL), &error))
                continue;
            assert_int_equal(error.status, CIX_UNAVAILABLE);
            assert_string_equal(error.reason, "DATABASE_AWAY");
            assert_true(error.retry_after_ms > 0);
            told++;
        }
        await_restart(killed);
    }
    print_message("%d of 60 calls were told to come again\n", told);
    speaker_close(speaker);
}

/* Leaves so many KiB of the disk. */
static void fill_disk(int64_t left_kib)
{
    int file = open(arena_format(&arena, "%s/ballast", folder), O_WRONLY | O_CREAT, 0600);
    static const char block[4096];

    assert_true(file >= 0);
    while (write(file, block, sizeof(block)) == (ssize_t)sizeof(block))
        continue;
    assert_int_equal(errno, ENOSPC);
    off_t size = lseek(file, 0, SEEK_CUR);
    assert_int_equal(ftruncate(file, size - left_kib * 1024), 0);
    close(file);
}

static void a_full_disk_is_told_and_survived(void **state)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");
    int taken = 0;

    (void)state;
    fill_disk(LEFT_KIB);
    while (taken < CHUNKS_MAX && submit(speaker, 100 + taken))
        taken++;
    assert_true(taken < CHUNKS_MAX);
    assert_int_equal(error.status, CIX_UNAVAILABLE);
    print_message("after %d chunks: %s (%s)\n", taken, error.reason, error.message);
    assert_true(!strcmp(error.reason, "DATABASE_FULL") || !strcmp(error.reason, "DATABASE_AWAY"));
    assert_int_equal(unlink(arena_format(&arena, "%s/ballast", folder)), 0);
    await_service();
    for (int i = 0; i < taken; i++)
        assert_true(is_kept(speaker, 100 + i));
    /* What was refused is sent again under its number, and taken. */
    if (!submit(speaker, 100 + taken))
        fail_msg("sent again: %d %s (%s)", error.status, error.reason, error.message);
    speaker_close(speaker);
}

/* What an open stream answers to a step, or NULL. */
static const Cix__V1__SubmitResponse *say(struct speech *speech, const char *step)
{
    return speaker_say(speech, step);
}

/* The chunks of a file from the next on; true when all of them are there. */
static bool stage(struct speaker *speaker, const char *id)
{
    struct speech *speech = speaker_begin(speaker, CIX_SUBMIT);
    const Cix__V1__SubmitResponse *response = say(speech, scene_open(&arena, id, "FILE"));
    const char *records[RECORDS];

    for (int number = 1; response && number <= FILE_CHUNKS; number++) {
        for (int i = 0; i < RECORDS; i++)
            records[i] = scene_subject(&arena, FILE_PERSONS + number * RECORDS + i);
        response = say(speech, scene_chunk(&arena, number, records, RECORDS));
    }
    speaker_end(speech, &error);
    return response != NULL;
}

static bool commit(struct speaker *speaker, const char *id)
{
    struct speech *speech = speaker_begin(speaker, CIX_SUBMIT);
    const Cix__V1__SubmitResponse *response = say(speech, scene_open(&arena, id, "FILE"));

    if (response)
        response =
            say(speech, arena_format(&arena, "{\"commit\": {\"chunkCount\": %d}}", FILE_CHUNKS));
    speaker_end(speech, &error);
    return response && response->committed->accepted == FILE_CHUNKS * RECORDS;
}

/* All of a file's records or none. */
static void a_full_disk_in_a_commit_loses_no_file(void **state)
{
    struct speaker *speaker = speaker_open(&exchange, "bank-good");
    const char *id = scene_submission_id(&arena, 99);
    const Cix__V1__GetSubmissionResponse *response;

    (void)state;
    if (!stage(speaker, id))
        fail_msg("staged: %s (%s)", error.reason, error.message);
    fill_disk(FILE_LEFT_KIB);
    assert_false(commit(speaker, id));
    assert_int_equal(error.status, CIX_UNAVAILABLE);
    print_message("the commit: %s (%s)\n", error.reason, error.message);
    assert_int_equal(unlink(arena_format(&arena, "%s/ballast", folder)), 0);
    await_service();
    response = speaker_ask(speaker, CIX_GET_SUBMISSION,
                           arena_format(&arena, "{\"submissionId\": \"%s\"}", id), &error);
    assert_non_null(response);
    assert_int_equal(response->state, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_OPEN);
    assert_int_equal(response->next_chunk, FILE_CHUNKS + 1);
    if (!commit(speaker, id))
        fail_msg("committed again: %s (%s)", error.reason, error.message);
    speaker_close(speaker);
}

/* A small disk of this program's own; it goes with the program. */
static bool mount_disk(void)
{
    char options[64];

    folder = test_folder();
    snprintf(options, sizeof(options), "size=%dm,mode=0711", DISK_MIB);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, options) == 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_database_comes_back),
        cmocka_unit_test(a_stopped_database_is_told),
        cmocka_unit_test(a_full_disk_in_a_commit_loses_no_file),
        cmocka_unit_test(a_full_disk_is_told_and_survived),
    };
    bool is_mounted = mount_disk();

    if (!is_mounted) {
        fprintf(stderr, "skipped: a small disk needs the right to mount (%s)\n", strerror(errno));
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
