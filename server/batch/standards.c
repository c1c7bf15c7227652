#include "batch/standards.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct standards {
    pthread_mutex_t mutex;
    struct standards_set *set;
};

static struct standards_set *set_new(uint64_t revision)
{
    struct standards_set *set = calloc(1, sizeof(*set));

    CHECK(set);
    set->arena = calloc(1, sizeof(*set->arena));
    CHECK(set->arena);
    arena_init(set->arena, 0);
    set->revision = revision;
    set->holders = 1;
    return set;
}

/* Gives up one hold; the last one frees. The caller has the mutex. */
static void set_drop(struct standards_set *set)
{
    if (--set->holders > 0)
        return;
    arena_done(set->arena);
    free(set->arena);
    free(set);
}

struct standards *standards_new(void)
{
    struct standards *standards = calloc(1, sizeof(*standards));

    CHECK(standards);
    pthread_mutex_init(&standards->mutex, NULL);
    standards->set = set_new(0);
    return standards;
}

void standards_free(struct standards *standards)
{
    if (!standards)
        return;
    set_drop(standards->set);
    pthread_mutex_destroy(&standards->mutex);
    free(standards);
}

/* Reads one text into the arena of ctx. */
static bool read_one(struct ctx *ctx, const struct standards_text *text,
                     struct standards_entry *entry)
{
    struct digest digest = digest_of(text->text.data, text->text.size);
    struct standard *standard = arena_alloc(ctx->arena, sizeof(*standard));

    if (memcmp(digest.bytes, text->digest.bytes, sizeof(digest.bytes)) != 0)
        return fail(ctx, ERR_INVALID, "STANDARD_DIGEST", "the text is not what its digest says");
    if (!standard_read(ctx, (const char *)text->text.data, text->text.size, false, standard))
        return false;
    *entry = (struct standards_entry){
        .number = text->number, .digest = text->digest, .standard = standard};
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct standards_entry *left = a;
    const struct standards_entry *right = b;

    return (left->number > right->number) - (left->number < right->number);
}

void standards_load(struct standards *standards, uint64_t revision,
                    const struct standards_text *texts, int count,
                    standards_unreadable_fn *unreadable, void *user)
{
    struct standards_set *set = set_new(revision);
    struct ctx ctx;

    for (int i = 0; i < count; i++) {
        ctx_init(&ctx, set->arena);
        if (set->count == STANDARDS_MAX)
            (void)fail(&ctx, ERR_EXHAUSTED, "STANDARDS_FULL", "more than %d are in force",
                       STANDARDS_MAX);
        else if (read_one(&ctx, &texts[i], &set->entries[set->count]))
            set->count++;
        if (ctx.error.code != ERR_NONE && unreadable)
            unreadable(user, texts[i].number, &ctx.error);
    }
    qsort(set->entries, (size_t)set->count, sizeof(*set->entries), by_number);
    pthread_mutex_lock(&standards->mutex);
    set_drop(standards->set);
    standards->set = set;
    pthread_mutex_unlock(&standards->mutex);
}

const struct standards_set *standards_acquire(struct standards *standards)
{
    struct standards_set *set;

    pthread_mutex_lock(&standards->mutex);
    set = standards->set;
    set->holders++;
    pthread_mutex_unlock(&standards->mutex);
    return set;
}

void standards_release(struct standards *standards, const struct standards_set *set)
{
    pthread_mutex_lock(&standards->mutex);
    set_drop((struct standards_set *)set);
    pthread_mutex_unlock(&standards->mutex);
}

const struct standards_entry *standards_by_id(const struct standards_set *set, const char *id)
{
    for (int i = 0; i < set->count; i++) {
        if (!strcmp(set->entries[i].standard->id, id))
            return &set->entries[i];
    }
    return NULL;
}

const struct standards_entry *standards_by_number(const struct standards_set *set, int32_t number)
{
    for (int i = 0; i < set->count; i++) {
        if (set->entries[i].number == number)
            return &set->entries[i];
    }
    return NULL;
}
