/*
 * What waits for one method: a lane for each member that has calls here, and turns between them.
 * Bounded; not thread-safe: the pool's mutex guards it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "batch/batch.h"

struct lane;

struct queue {
    const struct method *method;
    int batch_max;
    int depth_max;
    int depth;         /* calls that wait */
    uint64_t since;    /* turn number of the oldest call: which queue waits longest */
    struct lane *turn; /* the lane that is served next; a ring */
    struct lane *spare;
};

void queue_init(struct queue *queue, const struct method *method, int batch_max, int depth_max);
void queue_done(struct queue *queue);

/*
 * Puts a call behind those of its member. False when the member has as many calls here as the queue
 * has room left: one member alone gets half of the queue, two a third each, so that nobody's flood
 * ever takes the last places from the others.
 */
MUST_USE bool queue_put(struct queue *queue, struct call *call, uint64_t turn);

/* Takes at most batch_max calls into calls, one a member and round. Returns their number. */
int queue_take(struct queue *queue, struct call **calls, uint64_t turn);
