#include <grpc/health/v1/health.pb-c.h>
#include <string.h>

#include "rpc/server.h"

/* True for the part of "/cix.v1.FlagService/CheckFlag" between the slashes. */
static bool names_service(const char *path, const char *service)
{
    size_t size = strlen(service);

    return strncmp(path + 1, service, size) == 0 && path[1 + size] == '/';
}

static bool has_service(const struct rpc_server *server, const char *service)
{
    if (service[0] == '\0') /* the whole server */
        return true;
    for (int i = 0; i < server->entry_count; i++)
        if (names_service(server->entries[i].method.path, service))
            return true;
    return false;
}

static bool is_serving(struct rpc_server *server)
{
    const struct rpc_options *options = &server->options;

    return !atomic_load(&server->is_draining) &&
           (!options->is_ready || options->is_ready(options->user));
}

static void serve_check(struct live_call *live)
{
    struct rpc_call *call = &live->open;
    const Grpc__Health__V1__HealthCheckRequest *request = (const void *)call->request;
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;

    if (!has_service(live->server, request->service)) {
        fail(&call->ctx, ERR_NOT_FOUND, "SERVICE_UNKNOWN", "no such service");
        rpc_finish(call);
        return;
    }
    response.status = is_serving(live->server)
                          ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
                          : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
    rpc_answer(call, &response.base);
}

struct call_entry health_check_entry(void)
{
    return (struct call_entry){
        .method = {.path = "/grpc.health.v1.Health/Check",
                   .request = &grpc__health__v1__health_check_request__descriptor,
                   .response = &grpc__health__v1__health_check_response__descriptor,
                   .request_max = 1024,
                   .budget = 4096},
        .serve = serve_check,
    };
}
