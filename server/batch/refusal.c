#include "batch/refusal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { REFUSALS = 1024 };

struct refusals {
    pthread_mutex_t mutex;
    int count;
    struct refusal rows[REFUSALS];
};

struct refusals *refusals_new(void)
{
    struct refusals *refusals = calloc(1, sizeof(*refusals));

    CHECK(refusals);
    pthread_mutex_init(&refusals->mutex, NULL);
    return refusals;
}

void refusals_free(struct refusals *refusals)
{
    if (!refusals)
        return;
    pthread_mutex_destroy(&refusals->mutex);
    free(refusals);
}

static struct refusal *row_of(struct refusals *refusals, int32_t member_id,
                              const struct method *method, const char *reason)
{
    for (int i = 0; i < refusals->count; i++) {
        struct refusal *row = &refusals->rows[i];
        if (row->member_id == member_id && row->method == method && !strcmp(row->reason, reason))
            return row;
    }
    if (refusals->count == REFUSALS)
        return NULL;
    refusals->rows[refusals->count] =
        (struct refusal){.member_id = member_id, .method = method, .reason = reason};
    return &refusals->rows[refusals->count++];
}

void refusals_add(struct refusals *refusals, int32_t member_id, const struct method *method,
                  const char *reason)
{
    struct refusal *row;

    pthread_mutex_lock(&refusals->mutex);
    row = row_of(refusals, member_id, method, reason);
    if (!row)
        row = &refusals->rows[REFUSALS - 1];
    row->count++;
    pthread_mutex_unlock(&refusals->mutex);
}

int refusals_take(struct refusals *refusals, struct refusal *rows, int max)
{
    int count;

    pthread_mutex_lock(&refusals->mutex);
    count = refusals->count < max ? refusals->count : max;
    memcpy(rows, refusals->rows, (size_t)count * sizeof(*rows));
    memmove(refusals->rows, refusals->rows + count,
            (size_t)(refusals->count - count) * sizeof(*rows));
    refusals->count -= count;
    pthread_mutex_unlock(&refusals->mutex);
    return count;
}
