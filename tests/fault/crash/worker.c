#include "fault/crash/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "client.h"

enum { PATIENCE_MS = 8000, PAUSE_US = 100 * 1000, TRIES = 100, PLANS_LEAST = 6, PATH_SIZE = 512 };

static volatile sig_atomic_t is_over;

static const struct worker_options *settings;
static struct journal *journal;

/* How an attempt on a plan ended. */
enum outcome { OUTCOME_DONE, OUTCOME_AGAIN, OUTCOME_HELD, OUTCOME_REFUSED };

/* One of the connections that carry a plan. */
struct carrier {
    struct plan plan;
    struct cix_client *client;
    struct plan_declaration *declaration; /* or NULL */
    struct cix_submission *submission;
    bool accepts_held;
    bool is_delivered; /* only to be taken back */
    bool is_closed;    /* no more chunks are taken, only the commit is answered */
};

static void stop(int number)
{
    (void)number;
    is_over = 1;
}

const char *worker_journal(const char *folder, int client, char path[512])
{
    snprintf(path, PATH_SIZE, "%s/journal-%d", folder, client);
    return path;
}

static struct cix_client *connect(void)
{
    char ca[PATH_SIZE], certificate[PATH_SIZE], key[PATH_SIZE];
    struct cix_options options = {.address = settings->address,
                                  .ca = ca,
                                  .cert = certificate,
                                  .key = key,
                                  .deadline_ms = 20000};
    struct cix_client *client;
    struct cix_error error;

    snprintf(ca, sizeof(ca), "%s/ca.pem", settings->folder);
    snprintf(certificate, sizeof(certificate), "%s/bank-one.pem", settings->folder);
    snprintf(key, sizeof(key), "%s/bank-one.key", settings->folder);
    CHECK(cix_open(&options, &client, &error));
    return client;
}

static void answered(void *user, const Cix__V1__ChunkResult *result)
{
    struct carrier *carrier = user;

    journal_answer(journal, &carrier->plan, result->number, result->accepted);
}

/* What a failure means for the plan. */
static enum outcome outcome_of(struct carrier *carrier, const struct cix_error *error)
{
    if (cix_is_repeatable(error->status) || error->status == CIX_DEADLINE_EXCEEDED)
        return OUTCOME_AGAIN;
    if (!strcmp(error->reason, "FILE_HELD")) {
        journal_held(journal, &carrier->plan);
        return OUTCOME_HELD;
    }
    /* The other one of two rivals, or of twins, was faster, or an earlier life of
     * this client. */
    if (!carrier->is_closed && !strcmp(error->reason, "SUBMISSION_CLOSED")) {
        carrier->is_closed = true;
        return OUTCOME_AGAIN;
    }
    journal_refused(journal, &carrier->plan, error->reason);
    return OUTCOME_REFUSED;
}

static bool send_chunk(struct carrier *carrier, int number, struct cix_error *error)
{
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    struct contribution contribution;
    bool is_sent;

    contribution_init(&contribution);
    plan_chunk(&carrier->plan, number, &contribution);
    chunk.number = number;
    chunk.records = contribution.records;
    chunk.n_records = contribution.count;
    journal_intent(journal, &carrier->plan, number);
    is_sent = cix_submission_send(carrier->submission, &chunk, error);
    contribution_done(&contribution);
    return is_sent;
}

static bool send_all(struct carrier *carrier, struct cix_error *error)
{
    bool is_sent = true;

    if (carrier->is_closed || cix_submission_is_committed(carrier->submission))
        return true;
    for (int number = 1; is_sent && number <= carrier->plan.chunk_count; number++)
        is_sent = send_chunk(carrier, number, error);
    return is_sent;
}

static bool commit(struct carrier *carrier, struct cix_error *error)
{
    Cix__V1__SubmissionCommitted *committed = NULL;

    journal_commit(journal, &carrier->plan);
    if (!cix_submission_commit(carrier->submission, &committed, error))
        return false;
    if (*committed->earlier_submission_id)
        journal_earlier(journal, &carrier->plan);
    else
        journal_committed(journal, &carrier->plan, committed->accepted);
    cix_free(committed);
    return true;
}

/* Every chunk from the first, and the commit. */
static enum outcome deliver(struct carrier *carrier)
{
    char id[37];
    struct cix_error error = {.status = CIX_OK};
    const struct cix_submission_options options = {
        .submission_id = id,
        .mode = carrier->plan.mode,
        .period = PLAN_PERIOD,
        .patience_ms = PATIENCE_MS,
        .answered = answered,
        .declaration = carrier->declaration ? &carrier->declaration->message : NULL,
        .explanation = carrier->accepts_held ? "months are being looked into" : NULL,
        .accepts_held = carrier->accepts_held,
        .user = carrier,
    };
    bool is_done;

    uuid_format(&carrier->plan.id, id);
    carrier->submission = NULL;
    is_done = cix_submission_open(carrier->client, &options, &carrier->submission, &error) &&
              send_all(carrier, &error) && commit(carrier, &error);
    cix_submission_close(carrier->submission);
    return is_done ? OUTCOME_DONE : outcome_of(carrier, &error);
}

/* Asks until all of it is taken back. */
static enum outcome take_back(struct carrier *carrier)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    struct cix_error error = {.status = CIX_OK};
    char id[37];
    bool is_done = false;

    uuid_format(&carrier->plan.id, id);
    request.submission_id = id;
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    while (!is_done && cix_back_out_submission(carrier->client, &request, &response, &error)) {
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        cix_free(response);
    }
    if (!is_done)
        return outcome_of(carrier, &error);
    journal_taken_back(journal, &carrier->plan);
    return OUTCOME_DONE;
}

static void *carry(void *argument)
{
    struct carrier *carrier = argument;
    enum outcome outcome = OUTCOME_AGAIN;

    carrier->client = connect();
    if (carrier->plan.way == PLAN_DISORDERLY)
        disorder(&carrier->plan, carrier->declaration, carrier->client, journal);
    for (int i = 0; i < TRIES && outcome != OUTCOME_DONE && outcome != OUTCOME_REFUSED; i++) {
        if (i && outcome == OUTCOME_AGAIN)
            usleep(PAUSE_US);
        outcome = carrier->is_delivered ? take_back(carrier) : deliver(carrier);
        if (outcome == OUTCOME_DONE && carrier->plan.is_taken_back && !carrier->is_delivered) {
            carrier->is_delivered = true;
            outcome = OUTCOME_AGAIN;
        }
        carrier->accepts_held |= outcome == OUTCOME_HELD;
    }
    cix_close(carrier->client);
    return NULL;
}

/* One plan, by one connection or two at once. */
static void work(const struct plan *plan)
{
    struct plan_declaration *declaration = calloc(1, sizeof(*declaration));
    struct carrier carriers[2] = {{.plan = *plan}, {.plan = *plan}};
    bool is_double = plan->way == PLAN_TWINS || plan->way == PLAN_RIVALS;
    pthread_t thread;

    CHECK(declaration);
    plan_declare(plan, declaration);
    if (plan->way == PLAN_RIVALS)
        plan_make(plan->seed, plan->client, plan->serial + PLAN_RIVAL, &carriers[1].plan);
    for (int i = 0; i < 1 + is_double; i++) {
        carriers[i].declaration = plan->is_declared ? declaration : NULL;
        journal_begin(journal, &carriers[i].plan);
    }
    if (is_double)
        CHECK(!pthread_create(&thread, NULL, carry, &carriers[1]));
    carry(&carriers[0]);
    if (is_double)
        pthread_join(thread, NULL);
    free(declaration);
}

/* The plan to begin with: the latest that is not done, or the one behind it. */
static int first_serial(const char *path)
{
    struct journal_content content;
    struct arena arena;
    bool is_done = true;
    int last = -1;

    arena_init(&arena, 0);
    journal_content_init(&content, settings->seed, &arena);
    journal_read(path, settings->client, &content);
    for (int i = 0; i < content.plan_count; i++) {
        int serial = content.plans[i].plan.serial % PLAN_RIVAL;
        is_done = journal_plan_is_done(&content.plans[i]) && (is_done || serial != last);
        last = serial;
    }
    arena_done(&arena);
    return is_done ? last + 1 : last;
}

int worker_run(const struct worker_options *options)
{
    const struct sigaction action = {.sa_handler = stop};
    struct plan plan;
    char path[PATH_SIZE];

    settings = options;
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
    worker_journal(options->folder, options->client, path);
    int serial = first_serial(path);
    journal = journal_open(path);
    do {
        plan_make(options->seed, options->client, serial++, &plan);
        work(&plan);
    } while (!is_over || serial < PLANS_LEAST);
    journal_close(journal);
    return 0;
}
