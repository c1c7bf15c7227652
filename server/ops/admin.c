#include "ops/admin.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ops/config.h"
#include "ops/metrics.h"

enum { CONNECTIONS_MAX = 16, TIMEOUT_SECONDS = 10, REASON_SIZE = 256 };

struct admin {
    struct MHD_Daemon *daemon;
    struct admin_options options;
};

/* What a path answers. Texts live in the arena. */
struct answer {
    unsigned status;
    const char *type;
    const char *text;
};

struct page {
    const char *path;
    struct answer (*serve)(const struct admin *admin, struct arena *arena);
};

static struct answer serve_metrics(const struct admin *admin, struct arena *arena)
{
    (void)admin;
    return (struct answer){MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                           metrics_text(arena)};
}

static struct answer serve_live(const struct admin *admin, struct arena *arena)
{
    (void)admin;
    (void)arena;
    return (struct answer){MHD_HTTP_OK, "text/plain", "live\n"};
}

static struct answer serve_ready(const struct admin *admin, struct arena *arena)
{
    char why[REASON_SIZE] = "";
    if (admin->options.is_ready == NULL ||
        admin->options.is_ready(admin->options.user, why, sizeof(why)))
        return (struct answer){MHD_HTTP_OK, "text/plain", "ready\n"};
    return (struct answer){MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
                           arena_format(arena, "not ready: %s\n", why)};
}

static const struct page pages[] = {
    {"/metrics", serve_metrics},
    {"/live", serve_live},
    {"/ready", serve_ready},
};

static struct answer find_answer(const struct admin *admin, const char *method, const char *path,
                                 struct arena *arena)
{
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return (struct answer){MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "GET only\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        if (strcmp(pages[i].path, path) == 0)
            return pages[i].serve(admin, arena);
    }
    return (struct answer){MHD_HTTP_NOT_FOUND, "text/plain", "/metrics, /live or /ready\n"};
}

static enum MHD_Result answer_request(void *user, struct MHD_Connection *connection,
                                      const char *path, const char *method, const char *version,
                                      const char *upload, size_t *upload_size, void **state)
{
    static int begun;
    (void)version;
    (void)upload;
    if (*state == NULL) {
        /* libmicrohttpd calls once with the headers alone; the answer is given on the next call. */
        *state = &begun;
        return MHD_YES;
    }
    if (*upload_size != 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    struct arena arena;
    arena_init(&arena, 0);
    struct answer answer = find_answer(user, method, path, &arena);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(answer.text), (void *)(uintptr_t)answer.text, MHD_RESPMEM_MUST_COPY);
    arena_done(&arena);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_NO;
    if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type) == MHD_YES)
        result = MHD_queue_response(connection, answer.status, response);
    MHD_destroy_response(response);
    return result;
}

static void fill_address(const struct config_address *from, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof(*to));
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    if (inet_pton(AF_INET, from->host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)from->port);
        return;
    }
    memset(to, 0, sizeof(*to));
    CHECK(inet_pton(AF_INET6, from->host, &v6->sin6_addr) == 1);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)from->port);
}

bool admin_start(struct ctx *ctx, const struct admin_options *options, struct admin **result)
{
    struct config_address address;
    struct sockaddr_storage bound;
    if (!config_address_parse(options->listen, &address) || !config_address_is_loopback(&address))
        return fail(ctx, ERR_INVALID, "ADMIN_NOT_LOOPBACK",
                    "admin_listen must be a loopback address");
    struct admin *admin = calloc(1, sizeof(*admin));
    CHECK(admin != NULL);
    admin->options = *options;
    fill_address(&address, &bound);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
    if (bound.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    admin->daemon = MHD_start_daemon(
        flags, (uint16_t)address.port, NULL, NULL, answer_request, admin, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&bound, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
    if (admin->daemon == NULL) {
        free(admin);
        return fail(ctx, ERR_UNAVAILABLE, "ADMIN_PORT_TAKEN", "cannot listen on %.64s",
                    options->listen);
    }
    *result = admin;
    return true;
}

int admin_port(const struct admin *admin)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_BIND_PORT);
    CHECK(info != NULL);
    return info->port;
}

void admin_stop(struct admin *admin)
{
    if (admin == NULL)
        return;
    MHD_stop_daemon(admin->daemon);
    free(admin);
}
