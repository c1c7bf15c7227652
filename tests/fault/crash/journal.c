#include "fault/crash/journal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

enum { CONTENT_MAX = 1 << 18, LINE_SIZE = 160 };

struct journal {
    pthread_mutex_t mutex;
    int fd;
};

struct journal *journal_open(const char *path)
{
    struct journal *journal = calloc(1, sizeof(*journal));

    CHECK(journal);
    journal->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK(journal->fd >= 0);
    CHECK(write(journal->fd, "\n", 1) == 1);
    pthread_mutex_init(&journal->mutex, NULL);
    return journal;
}

void journal_close(struct journal *journal)
{
    close(journal->fd);
    free(journal);
}

/* "KIND serial number count us text": one form for all. */
static void put(struct journal *journal, char kind, const struct plan *plan, int32_t number,
                int64_t count)
{
    char line[LINE_SIZE];
    int size = snprintf(line, sizeof(line), "%c %d %d %lld %lld .\n", kind, plan ? plan->serial : 0,
                        number, (long long)count, (long long)clock_monotonic_us());

    pthread_mutex_lock(&journal->mutex);
    CHECK(write(journal->fd, line, (size_t)size) == size && fdatasync(journal->fd) == 0);
    pthread_mutex_unlock(&journal->mutex);
}

void journal_begin(struct journal *journal, const struct plan *plan)
{
    put(journal, 'S', plan, 0, 0);
}

void journal_intent(struct journal *journal, const struct plan *plan, int32_t number)
{
    put(journal, 'I', plan, number, 0);
}

void journal_answer(struct journal *journal, const struct plan *plan, int32_t number,
                    int32_t accepted)
{
    put(journal, 'A', plan, number, accepted);
}

void journal_commit(struct journal *journal, const struct plan *plan)
{
    put(journal, 'K', plan, 0, 0);
}

void journal_held(struct journal *journal, const struct plan *plan)
{
    put(journal, 'H', plan, 0, 0);
}

void journal_committed(struct journal *journal, const struct plan *plan, int64_t accepted)
{
    put(journal, 'C', plan, 0, accepted);
}

void journal_earlier(struct journal *journal, const struct plan *plan)
{
    put(journal, 'E', plan, 0, 0);
}

void journal_taken_back(struct journal *journal, const struct plan *plan)
{
    put(journal, 'B', plan, 0, 0);
}

void journal_refused(struct journal *journal, const struct plan *plan, const char *reason)
{
    fprintf(stderr, "crash: client %d, plan %d: %s\n", plan->client, plan->serial, reason);
    put(journal, 'X', plan, 0, 0);
}

void journal_inquiry(struct journal *journal, int64_t inquiry_id)
{
    put(journal, 'Q', NULL, 0, inquiry_id);
}

/* A line, read. */
struct entry {
    char kind;
    int serial;
    int number;
    int64_t count;
    int64_t us;
};

static struct journal_plan *plan_of(struct journal_content *content, int client, int serial)
{
    struct journal_plan *plan;

    /* Clients go on with their latest plans, so the search from the end is short.
     */
    for (int i = content->plan_count - 1; i >= 0; i--) {
        plan = &content->plans[i];
        if (plan->plan.client != client)
            break;
        if (plan->plan.serial == serial)
            return plan;
    }
    CHECK(content->plan_count < CONTENT_MAX);
    plan = &content->plans[content->plan_count++];
    *plan = (struct journal_plan){.accepted = -1};
    plan_make(content->seed, client, serial, &plan->plan);
    return plan;
}

static struct journal_chunk *chunk_of(struct journal_content *content,
                                      const struct journal_plan *plan, int number)
{
    int place = (int)(plan - content->plans);
    struct journal_chunk *chunk;

    for (int i = content->chunk_count - 1; i >= 0; i--) {
        chunk = &content->chunks[i];
        if (chunk->plan == place && chunk->number == number)
            return chunk;
    }
    CHECK(content->chunk_count < CONTENT_MAX);
    chunk = &content->chunks[content->chunk_count++];
    *chunk = (struct journal_chunk){.plan = place, .number = number, .accepted = -1};
    return chunk;
}

static void take_chunk(struct journal_content *content, struct journal_plan *plan,
                       const struct entry *entry)
{
    struct journal_chunk *chunk = chunk_of(content, plan, entry->number);
    /* A file's chunk is judged once more when it is committed. */
    bool is_daily = plan->plan.mode == CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY;

    if (entry->kind == 'I') {
        chunk->intent_us = chunk->intent_us ? chunk->intent_us : entry->us;
    } else if (chunk->accepted < 0) {
        chunk->accepted = (int32_t)entry->count;
        chunk->answer_us = entry->us;
    } else {
        content->twice++;
        content->differing += is_daily && chunk->accepted != entry->count;
    }
}

static void take_commit(struct journal_content *content, struct journal_plan *plan,
                        const struct entry *entry)
{
    if (entry->kind == 'K') {
        plan->commit_us = plan->commit_us ? plan->commit_us : entry->us;
    } else if (plan->accepted < 0) {
        plan->accepted = entry->count;
        plan->committed_us = entry->us;
    } else {
        content->differing += plan->accepted != entry->count;
    }
}

static void take(struct journal_content *content, int client, const struct entry *entry)
{
    struct journal_plan *plan;

    if (entry->kind == 'Q') {
        CHECK(content->inquiry_count < CONTENT_MAX);
        content->inquiries[content->inquiry_count++] = entry->count;
        return;
    }
    plan = plan_of(content, client, entry->serial);
    if (entry->kind == 'I' || entry->kind == 'A')
        take_chunk(content, plan, entry);
    else if (entry->kind == 'K' || entry->kind == 'C')
        take_commit(content, plan, entry);
    content->refused += entry->kind == 'X';
    content->held += entry->kind == 'H' && !plan->is_held;
    content->earlier += entry->kind == 'E' && !plan->is_earlier;
    content->taken_back += entry->kind == 'B' && !plan->is_taken_back;
    plan->is_taken_back |= entry->kind == 'B';
    plan->is_held |= entry->kind == 'H';
    plan->is_earlier |= entry->kind == 'E';
}

void journal_content_init(struct journal_content *content, unsigned seed, struct arena *arena)
{
    *content = (struct journal_content){
        .seed = seed,
        .plans = arena_array(arena, CONTENT_MAX, sizeof(*content->plans)),
        .chunks = arena_array(arena, CONTENT_MAX, sizeof(*content->chunks)),
        .inquiries = arena_array(arena, CONTENT_MAX, sizeof(*content->inquiries))};
}

void journal_read(const char *path, int client, struct journal_content *content)
{
    FILE *file = fopen(path, "re");
    char line[LINE_SIZE];
    struct entry entry;
    long long count;
    long long us;
    char end;

    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%c %d %d %lld %lld %c", &entry.kind, &entry.serial, &entry.number, &count,
                   &us, &end) != 6 ||
            end != '.')
            continue;
        entry.count = count;
        entry.us = us;
        take(content, client, &entry);
    }
    if (file)
        fclose(file);
}

bool journal_plan_is_done(const struct journal_plan *plan)
{
    return plan->is_earlier ||
           (plan->accepted >= 0 && (plan->is_taken_back || !plan->plan.is_taken_back));
}
