#include <grpc/grpc.h>

#include "rpc/server.h"

void standing_add(struct standing *standing)
{
    struct rpc_server *server = standing->live->server;

    standing->next = server->standing;
    server->standing = standing;
}

void standing_end(struct standing *standing)
{
    struct standing **place = &standing->live->server->standing;

    while (*place != standing)
        place = &(*place)->next;
    *place = standing->next;
    rpc_finish(&standing->live->open);
}

bool standing_fail(struct standing *standing)
{
    struct live_call *live = standing->live;

    if (rpc_is_over(&live->open))
        return call_fail_over(live);
    return !atomic_load(&live->server->is_draining) ||
           fail(&live->open.ctx, ERR_UNAVAILABLE, "DRAINING",
                "server is stopping; go on with another connection");
}

void rpc_tell_health(struct rpc_server *server)
{
    pthread_mutex_lock(&server->standing_lock);
    for (struct standing *standing = server->standing, *next; standing; standing = next) {
        next = standing->next; /* it may end here */
        if (!standing->is_busy)
            standing->look(standing);
    }
    pthread_mutex_unlock(&server->standing_lock);
}

void standing_cut_off(struct rpc_server *server)
{
    pthread_mutex_lock(&server->standing_lock);
    for (struct standing *standing = server->standing; standing; standing = standing->next)
        grpc_call_cancel(standing->live->call, NULL);
    pthread_mutex_unlock(&server->standing_lock);
}
