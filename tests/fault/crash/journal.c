#include "fault/crash/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

enum { CONTENT_MAX = 1 << 20 };

struct journal {
    pthread_mutex_t mutex;
    FILE *file;
};

struct journal *journal_new(const char *path)
{
    struct journal *journal = calloc(1, sizeof(*journal));

    CHECK(journal);
    journal->file = fopen(path, "we");
    CHECK(journal->file);
    pthread_mutex_init(&journal->mutex, NULL);
    return journal;
}

void journal_close(struct journal *journal)
{
    fclose(journal->file);
    free(journal);
}

static void put(struct journal *journal, const char *line)
{
    pthread_mutex_lock(&journal->mutex);
    CHECK(fputs(line, journal->file) >= 0);
    CHECK(fflush(journal->file) == 0 && fdatasync(fileno(journal->file)) == 0);
    pthread_mutex_unlock(&journal->mutex);
}

static void put_chunk(struct journal *journal, char kind, const struct uuid *submission_id,
                      int32_t number, int32_t count)
{
    char text[37];
    char line[96];

    uuid_format(submission_id, text);
    snprintf(line, sizeof(line), "%c %s %d %d\n", kind, text, number, count);
    put(journal, line);
}

void journal_intent(struct journal *journal, const struct uuid *submission_id, int32_t number,
                    int32_t records)
{
    put_chunk(journal, 'I', submission_id, number, records);
}

void journal_answer(struct journal *journal, const struct uuid *submission_id, int32_t number,
                    int32_t accepted)
{
    put_chunk(journal, 'A', submission_id, number, accepted);
}

void journal_inquiry(struct journal *journal, int64_t inquiry_id)
{
    char line[48];

    snprintf(line, sizeof(line), "Q %lld\n", (long long)inquiry_id);
    put(journal, line);
}

static struct journal_chunk *chunk_find(struct journal_content *content, const struct uuid *id,
                                        int32_t number)
{
    /* Answers follow their intents closely, so the search from the end is short. */
    for (int i = content->chunk_count - 1; i >= 0; i--) {
        struct journal_chunk *chunk = &content->chunks[i];
        if (chunk->number == number && uuid_equal(&chunk->submission_id, id))
            return chunk;
    }
    return NULL;
}

static void take_chunk(struct journal_content *content, char kind, const struct uuid *id,
                       int32_t number, int32_t count)
{
    struct journal_chunk *chunk = chunk_find(content, id, number);

    if (!chunk) {
        CHECK(kind == 'I' && content->chunk_count < CONTENT_MAX);
        chunk = &content->chunks[content->chunk_count++];
        *chunk = (struct journal_chunk){*id, number, count, -1};
    }
    if (kind == 'A')
        chunk->accepted = count;
}

static void take_line(struct journal_content *content, const char *line)
{
    char text[37];
    struct uuid id;
    int number;
    int count;
    long long inquiry;

    if (sscanf(line + 1, " %36s %d %d", text, &number, &count) == 3 && uuid_parse(text, &id))
        take_chunk(content, line[0], &id, number, count);
    else if (sscanf(line, "Q %lld", &inquiry) == 1 && content->inquiry_count < CONTENT_MAX)
        content->inquiries[content->inquiry_count++] = inquiry;
}

void journal_read(const char *path, struct arena *arena, struct journal_content *content)
{
    FILE *file = fopen(path, "re");
    char line[128];

    CHECK(file);
    *content = (struct journal_content){
        .chunks = arena_array(arena, CONTENT_MAX, sizeof(*content->chunks)),
        .inquiries = arena_array(arena, CONTENT_MAX, sizeof(*content->inquiries))};
    while (fgets(line, sizeof(line), file))
        take_line(content, line);
    fclose(file);
}
