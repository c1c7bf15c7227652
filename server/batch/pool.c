#include "batch/pool.h"

bool pool_put(struct pool_state *state, struct queue *queue, struct call *call)
{
    bool is_put;

    pthread_mutex_lock(&state->mutex);
    is_put = !state->is_stopping && queue_put(queue, call, ++state->turn);
    if (is_put && state->idle)
        pthread_cond_signal(&state->wake);
    pthread_mutex_unlock(&state->mutex);
    return is_put;
}

static struct queue *longest_waiting(const struct pool_state *state)
{
    struct queue *found = NULL;

    for (int i = 0; i < state->queue_count; i++) {
        struct queue *queue = state->queues[i];
        if (queue->depth && (!found || queue->since < found->since))
            found = queue;
    }
    return found;
}

bool pool_is_forsaken(struct pool_state *state)
{
    bool is_forsaken;

    pthread_mutex_lock(&state->mutex);
    is_forsaken = state->is_stopping || (!state->connected && longest_waiting(state));
    pthread_mutex_unlock(&state->mutex);
    return is_forsaken;
}

int pool_take(struct pool_state *state, struct call **calls)
{
    struct queue *queue;
    int count = 0;

    pthread_mutex_lock(&state->mutex);
    while (!(queue = longest_waiting(state)) && !state->is_stopping) {
        state->idle++;
        pthread_cond_wait(&state->wake, &state->mutex);
        state->idle--;
    }
    if (queue) {
        count = queue_take(queue, calls, ++state->turn);
        if (state->idle && longest_waiting(state))
            pthread_cond_signal(&state->wake);
    }
    pthread_mutex_unlock(&state->mutex);
    return count;
}
