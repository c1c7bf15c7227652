#include "batch/queue.h"

#include <stdlib.h>

#include "base/check.h"

/* The calls of one member, oldest first. Lanes that are not empty form a ring. */
struct lane {
    int32_t member_id;
    int depth;
    struct call *head;
    struct call **tail;
    struct lane *next;
    struct lane *before;
};

void queue_init(struct queue *queue, const struct method *method, int batch_max, int depth_max)
{
    *queue = (struct queue){.method = method, .batch_max = batch_max, .depth_max = depth_max};
}

void queue_done(struct queue *queue)
{
    CHECK(!queue->depth);
    while (queue->spare) {
        struct lane *lane = queue->spare;
        queue->spare = lane->next;
        free(lane);
    }
}

static struct lane *lane_find(const struct queue *queue, int32_t member_id)
{
    struct lane *lane = queue->turn;

    if (!lane)
        return NULL;
    do {
        if (lane->member_id == member_id)
            return lane;
        lane = lane->next;
    } while (lane != queue->turn);
    return NULL;
}

/* A new lane at the end of the ring, that is just before the turn. */
static struct lane *lane_add(struct queue *queue, int32_t member_id)
{
    struct lane *lane = queue->spare;

    if (lane)
        queue->spare = lane->next;
    else
        lane = calloc(1, sizeof(*lane));
    CHECK(lane);
    *lane = (struct lane){.member_id = member_id};
    lane->tail = &lane->head;
    if (!queue->turn) {
        lane->next = lane->before = lane;
        queue->turn = lane;
    } else {
        lane->next = queue->turn;
        lane->before = queue->turn->before;
        lane->before->next = lane;
        lane->next->before = lane;
    }
    return lane;
}

static void lane_remove(struct queue *queue, struct lane *lane)
{
    if (lane->next == lane) {
        queue->turn = NULL;
    } else {
        lane->before->next = lane->next;
        lane->next->before = lane->before;
        if (queue->turn == lane)
            queue->turn = lane->next;
    }
    lane->next = queue->spare;
    queue->spare = lane;
}

bool queue_put(struct queue *queue, struct call *call, uint64_t turn)
{
    struct lane *lane = lane_find(queue, call->caller->member_id);

    if ((lane ? lane->depth : 0) >= queue->depth_max - queue->depth)
        return false;
    if (!lane)
        lane = lane_add(queue, call->caller->member_id);
    call->next = NULL;
    *lane->tail = call;
    lane->tail = &call->next;
    lane->depth++;
    if (!queue->depth++)
        queue->since = turn;
    return true;
}

int queue_take(struct queue *queue, struct call **calls, uint64_t turn)
{
    int count = 0;

    while (queue->turn && count < queue->batch_max) {
        struct lane *lane = queue->turn;
        calls[count++] = lane->head;
        lane->head = lane->head->next;
        lane->depth--;
        queue->turn = lane->next;
        if (!lane->head)
            lane_remove(queue, lane);
    }
    queue->depth -= count;
    queue->since = turn;
    return count;
}
