/*
 * Goal: no crash, no race and no repetition loses or doubles what was
 * acknowledged. Method: clients, each a process, submit in both modes, alone
 * and two at once, in order and not, new records, corrections and deletions of the same
 * months and facts, and journal every intent and answer; beside them inquiries are made.
 * cixd, PostgreSQL and the clients are killed (SIGKILL) at random moments and
 * in the middle of commits, and come back. At the end every submission must
 * have come to its end; the checker compares, and `cixd fsck` has nothing to
 * say. The checker itself is proven by planted errors.
 *
 * usage: fault_crash [--cycles N] [--seed N]
 */
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "db/cluster.h"
#include "fault/crash/checker.h"
#include "fault/crash/journal.h"
#include "fault/crash/worker.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/question.h"

enum {
    CLIENTS = 3,
    PERSONS_ASKED = PLAN_PERSONS, /* of the first chunk of all */
    PATH_SIZE = 512,
    COMMIT_TRIES = 6000,
    COMMIT_TRY_US = 1000,
    END_TRIES = 900,
    END_TRY_US = 100 * 1000,
};

static struct exchange exchange;
static struct journal *inquiries;
static pid_t clients[CLIENTS];
static unsigned seed;
static atomic_bool is_over;

/* ---- Clients ---- */

static void client_start(int client)
{
    char number[16], seed_text[16];

    snprintf(number, sizeof(number), "%d", client);
    snprintf(seed_text, sizeof(seed_text), "%u", seed);
    clients[client] = fork();
    CHECK(clients[client] >= 0);
    if (clients[client])
        return;
    execl("/proc/self/exe", "fault_crash", "--seed", seed_text, "--client", number, exchange.folder,
          exchange.address, (char *)NULL);
    _exit(127);
}

/* A client never ends by itself with anything but 0. */
static void client_kill(int client)
{
    kill(clients[client], SIGKILL);
    waitpid(clients[client], NULL, 0);
    client_start(client);
}

/* Waits for a client for the time that is left; whether it ended well. */
static bool client_ended(int client, int *tries)
{
    pid_t pid = 0;
    int status = 0;

    while ((pid = waitpid(clients[client], &status, WNOHANG)) == 0 && (*tries)-- > 0)
        usleep(END_TRY_US);
    if (pid == clients[client])
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    kill(clients[client], SIGKILL);
    waitpid(clients[client], NULL, 0);
    return false;
}

/* Lets the clients finish what they are at. False when one does not. */
static bool clients_end(void)
{
    int tries = END_TRIES;
    bool is_good = true;

    for (int i = 0; i < CLIENTS; i++)
        kill(clients[i], SIGTERM);
    for (int i = 0; i < CLIENTS; i++)
        is_good = client_ended(i, &tries) && is_good;
    return is_good;
}

/* ---- Inquiries ---- */

static void ask_once(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!question_report(client, k, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error))
        return;
    journal_inquiry(inquiries, response->report->inquiry_id);
    cix_free(response);
}

static void *ask_run(void *argument)
{
    struct cix_client *client = exchange_client(&exchange, "bank-one");
    struct plan plan;

    (void)argument;
    plan_make(seed, 0, 0, &plan);
    for (int64_t k = 0; !is_over; k++) {
        ask_once(client, plan.first_person + k % PERSONS_ASKED);
        usleep(10000);
    }
    cix_close(client);
    return NULL;
}

/* ---- Faults ---- */

static long postmaster_pid(void)
{
    char path[512];
    FILE *file;
    long pid = 0;

    snprintf(path, sizeof(path), "%s/postgres/postmaster.pid", exchange.folder);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%ld", &pid) != 1)
        pid = 0;
    fclose(file);
    return pid;
}

/* Whether the last line of a client's journal is that it commits. */
static bool is_committing(int client)
{
    char path[PATH_SIZE], tail[64] = "";
    int fd = open(worker_journal(exchange.folder, client, path), O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    ssize_t got = 0;

    if (size > (off_t)sizeof(tail))
        got = pread(fd, tail, sizeof(tail) - 1, size - (off_t)sizeof(tail) + 1);
    if (fd >= 0)
        close(fd);
    if (got < 2 || tail[got - 1] != '\n')
        return false;
    tail[got - 1] = '\0';
    const char *line = strrchr(tail, '\n');
    return line && line[1] == 'K';
}

/* Waits until some client is in the middle of a commit, for six seconds at
 * most. */
static void await_commit(void)
{
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (is_committing(i % CLIENTS))
            return;
        usleep(COMMIT_TRY_US);
    }
}

/* At a random moment, or in the middle of a commit. */
static void cycle(unsigned *random)
{
    enum { SERVER, DATABASE, CLIENT, KINDS };
    int kind = rand_r(random) % KINDS;
    pid_t pid;

    usleep(200000 + (useconds_t)(rand_r(random) % 1000000));
    if (rand_r(random) % 2) {
        await_commit();
        usleep((useconds_t)(rand_r(random) % 20000));
    }
    if (kind == SERVER) {
        exchange_kill(&exchange);
        exchange_serve(&exchange);
    } else if (kind == CLIENT) {
        client_kill(rand_r(random) % CLIENTS);
    } else {
        pid = (pid_t)postmaster_pid();
        if (pid > 1)
            kill(pid, SIGKILL);
    }
}

/* ---- The end ---- */

/* `cixd fsck --all` on what is left: true when it finds nothing. */
static bool fsck_is_clean(void)
{
    const char *build = getenv("CIX_BUILD");
    char program[PATH_SIZE], database[PATH_SIZE], data[PATH_SIZE], keys[PATH_SIZE];
    int status = -1;
    pid_t pid;

    snprintf(program, sizeof(program), "%s/cixd", build ? build : CIX_SOURCE_DIR "/build/dev");
    snprintf(database, sizeof(database), "--database=%s", cluster_owner_uri(exchange.cluster));
    snprintf(data, sizeof(data), "--data=%s", exchange.folder);
    snprintf(keys, sizeof(keys), "--keys=%s/keys", exchange.folder);
    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (!pid) {
        execl(program, program, "fsck", "--all", database, data, keys, (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void read_journals(struct arena *arena, struct journal_content *content)
{
    char path[PATH_SIZE];

    journal_content_init(content, seed, arena);
    for (int i = 0; i <= CLIENTS; i++)
        journal_read(worker_journal(exchange.folder, i, path), i, content);
}

static void print_verdict(const struct journal_content *content, const struct verdict *verdict)
{
    printf("submissions=%d chunks=%d answered_again=%d held=%d same_file=%d "
           "taken_back=%d"
           " inquiries=%d\n",
           content->plan_count, content->chunk_count, content->twice, content->held,
           content->earlier, content->taken_back, content->inquiry_count);
    printf("lost=%lld doubled=%lld partial=%lld forged=%lld disordered=%lld "
           "shown=%lld unchained=%lld unfinished=%lld"
           " inquiries_lost=%lld rebuilt_differs=%lld answers_differ=%d "
           "refused=%d\n",
           (long long)verdict->lost, (long long)verdict->doubled, (long long)verdict->partial,
           (long long)verdict->forged, (long long)verdict->disordered, (long long)verdict->shown,
           (long long)verdict->unchained, (long long)verdict->unfinished,
           (long long)verdict->inquiries_lost, (long long)verdict->rebuilt, content->differing,
           content->refused);
}

static bool check(void)
{
    struct db *owner = exchange_owner(&exchange);
    struct journal_content content;
    struct verdict verdict;
    struct arena arena;
    bool is_good;
    int proven;

    arena_init(&arena, 0);
    read_journals(&arena, &content);
    checker_load(owner, &content);
    checker_run(owner, &verdict);
    proven = checker_prove(owner);
    print_verdict(&content, &verdict);
    printf("planted errors found: %d of %d\n", proven, CHECKER_PLANTS);
    is_good = verdict_is_clean(&verdict) && proven == CHECKER_PLANTS && content.differing == 0 &&
              content.refused == 0 && content.chunk_count > 0;
    db_close(owner);
    arena_done(&arena);
    return is_good;
}

static bool run(int cycles)
{
    unsigned random = seed;
    pthread_t asker;
    char path[PATH_SIZE];
    bool is_good;

    exchange_start_private(&exchange, NULL);
    struct member member = exchange_member_of("bank-one", MEMBER_TYPE_BANK);
    member.data_classes |= DATA_CLASS_FRAUD | DATA_CLASS_RATING;
    exchange_member_put(&exchange, &member);
    exchange_settle();
    inquiries = journal_open(worker_journal(exchange.folder, CLIENTS, path));
    for (int i = 0; i < CLIENTS; i++)
        client_start(i);
    CHECK(!pthread_create(&asker, NULL, ask_run, NULL));
    for (int i = 0; i < cycles; i++)
        cycle(&random);
    usleep(1000000);
    is_good = clients_end();
    is_over = true;
    pthread_join(asker, NULL);
    journal_close(inquiries);
    is_good = check() && is_good;
    is_good = fsck_is_clean() && is_good;
    exchange_stop(&exchange);
    return is_good;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"cycles", required_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"client", required_argument, NULL, 'k'},
                                            {NULL, 0, NULL, 0}};
    int cycles = 12;
    int client = -1;
    int option;

    seed = (unsigned)clock_now_us();
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            cycles = (int)strtol(optarg, NULL, 10);
        else if (option == 's')
            seed = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'k')
            client = (int)strtol(optarg, NULL, 10);
        else
            return 2;
    }
    if (client >= 0 && argc - optind == 2)
        return worker_run(&(struct worker_options){client, seed, argv[optind], argv[optind + 1]});
    printf("crash: %d cycles, seed %u\n", cycles, seed);
    return run(cycles) ? 0 : 1;
}
