#include "serve.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "background.h"
#include "base/clock.h"
#include "base/text.h"
#include "batch/batch.h"
#include "command/command.h"
#include "db/cluster.h"
#include "guard/guard.h"
#include "observe.h"
#include "ops/admin.h"
#include "ops/metrics.h"
#include "ops/notify.h"
#include "rpc/rpc.h"
#include "service/services.h"
#include "vault/vault.h"

enum {
    TICK_MS = 100,
    CALLS_MAX = 4096,
    STREAMS_MAX = 256,
    KEYS_US = 1000000,
    FLUSH_MS = 2000,
    STREAM_IDLE_MS = 60 * 1000, /* a silent stream keeps a worker from other members */
};

/* The parts, in the order in which they start. */
struct server {
    struct config *config;
    const struct config_sources *sources; /* of config */
    struct cluster *cluster;              /* NULL with --database */
    const char *database_uri;
    struct vault *vault;
    struct registry *registry;
    struct standards *standards;
    struct batch *batch;
    struct rpc_server *rpc;
    _Atomic(struct guard *) guard;
    _Atomic(struct background *) background;
    struct admin *admin;
    int64_t keys_due_us;
    int64_t alive_due_us;
    bool are_keys_unread;
    atomic_bool is_draining;
};

/* A certificate may connect when the registry knows it and its member's state permits calls. */
static bool admit(void *user, const struct guard_peer *peer)
{
    struct server *server = user;
    const struct registry_view *view = registry_hold(server->registry);
    const struct member *member = registry_by_fingerprint(view, peer->fingerprint);
    bool is_admitted = server->guard && member && !strcmp(member->code, peer->member_code) &&
                       member_is_admitted(member);

    registry_drop(server->registry, view);
    return is_admitted;
}

static void adopt(void *user, int fd)
{
    struct server *server = user;

    rpc_adopt(server->rpc, fd);
}

static bool identify(void *user, int fd, struct guard_peer *peer)
{
    struct server *server = user;

    return server->guard && guard_peer_of(server->guard, fd, peer);
}

static void arrived(void *user, struct rpc_call *call)
{
    struct server *server = user;

    batch_arrived(server->batch, call);
}

static bool is_serving(void *user)
{
    struct server *server = user;

    return !server->is_draining && batch_is_ready(server->batch) &&
           background_is_well(server->background);
}

static bool is_ready(void *user, char *why, size_t room)
{
    struct server *server = user;

    if (is_serving(user))
        return true;
    snprintf(why, room, "%s", server->is_draining ? "draining" : "the database is away");
    return false;
}

static void collect(void *user)
{
    struct server *server = user;

    observe_database(background_is_well(server->background));
    observe_queues(server->batch);
}

static void copy_certificates(const struct member_list *list,
                              struct registry_certificate *certificates)
{
    for (int i = 0; i < list->certificate_count; i++) {
        const struct member_certificate *known = &list->certificates[i];
        certificates[i] = (struct registry_certificate){.member_id = known->member_id,
                                                        .expires_at_us = known->expires_at_us};
        memcpy(certificates[i].fingerprint, known->fingerprint, sizeof(known->fingerprint));
    }
}

static void copy_attributes(const struct member_list *list, struct registry_attribute *attributes)
{
    for (int i = 0; i < list->attribute_count; i++) {
        const struct member_attribute_row *known = &list->attributes[i];
        attributes[i] = (struct registry_attribute){.member_id = known->member_id,
                                                    .kind = known->kind,
                                                    .has_until = known->until_on.is_present,
                                                    .has_value = known->value.is_present,
                                                    .from_on = known->from_on,
                                                    .until_on = known->until_on.day,
                                                    .value = known->value.minor};
        memcpy(attributes[i].document_hash, known->document_hash, sizeof(known->document_hash));
    }
}

/* A new picture of the members: install it, then close the connections it no longer admits. */
static void install(void *user, const struct member_list *list)
{
    struct server *server = user;
    struct registry_certificate *certificates =
        calloc((size_t)list->certificate_count + 1, sizeof(*certificates));
    struct registry_attribute *attributes =
        calloc((size_t)list->attribute_count + 1, sizeof(*attributes));

    CHECK(certificates && attributes);
    copy_certificates(list, certificates);
    copy_attributes(list, attributes);
    registry_install(server->registry,
                     &(struct registry_view){.version = list->version,
                                             .is_test = list->is_test,
                                             .members = list->members,
                                             .member_count = list->member_count,
                                             .certificates = certificates,
                                             .certificate_count = list->certificate_count,
                                             .attributes = attributes,
                                             .attribute_count = list->attribute_count});
    free(certificates);
    free(attributes);
    if (server->guard)
        guard_sweep(server->guard);
    observe_registry(list->version);
}

static bool start_database(struct ctx *ctx, struct server *server)
{
    const struct config *config = server->config;
    struct cluster_options options = {.data = config->data,
                                      .os_user = *config->os_user ? config->os_user : NULL,
                                      .bin = *config->postgres_bin ? config->postgres_bin : NULL};

    if (*config->database) {
        server->database_uri = config->database;
        return command_check_schema(ctx, config->database);
    }
    if (!cluster_start(ctx, &options, &server->cluster))
        return false;
    server->database_uri = cluster_uri(server->cluster);
    return command_migrate_apart(ctx, cluster_owner_uri(server->cluster));
}

static bool start_vault(struct ctx *ctx, struct server *server)
{
    return vault_open(ctx, command_keys_folder(ctx, server->config), &server->vault);
}

static struct batch_limits batch_limits_of(const struct config *config)
{
    return (struct batch_limits){
        .streams_per_member = config->streams_per_member,
        .batch_max = config->batch_max,
        .queue_max = config->queue_max,
        .files = {.reject_bps = config->file_reject_bps,
                  .fall_bps = config->file_fall_bps,
                  .records_max = config->file_records_max,
                  .open_max = config->files_open,
                  .history_months = config->history_months},
    };
}

static bool start_batch(struct ctx *ctx, struct server *server)
{
    const struct config *config = server->config;
    int flag_workers = config->workers_inquire > 1 ? config->workers_inquire / 2 : 1;
    struct batch_options options = {
        .services = services,
        .service_count = service_count,
        .registry = server->registry,
        .standards = server->standards,
        .vault = server->vault,
        .database_uri = server->database_uri,
        .workers = {[POOL_REPORT] = config->workers_inquire,
                    [POOL_FLAG] = flag_workers,
                    [POOL_SUBMIT] = config->workers_submit,
                    [POOL_REGULATE] = config->workers_regulate},
        .stream_workers = config->stream_workers,
        .limits = batch_limits_of(config),
        .key_file = config->tls_key,
        .observer = observe_batches(),
    };

    return batch_start(ctx, &options, &server->batch);
}

static bool start_rpc(struct ctx *ctx, struct server *server)
{
    struct rpc_options options = {
        .threads = server->config->completion_threads,
        .calls_max = CALLS_MAX,
        .streams_max = STREAMS_MAX,
        .stream_idle_ms = STREAM_IDLE_MS,
        .identify = identify,
        .arrived = arrived,
        .is_ready = is_serving,
        .finished = observe_call,
        .user = server,
    };

    options.methods = batch_methods(server->batch, &options.method_count);
    observe_methods(options.methods, options.method_count);
    return rpc_start(ctx, &options, &server->rpc);
}

static bool start_background(struct ctx *ctx, struct server *server)
{
    struct background_options options = {.config = server->config,
                                         .database_uri = server->database_uri,
                                         .batch = server->batch,
                                         .standards = server->standards,
                                         .install = install,
                                         .user = server};
    struct background *background;

    if (!background_start(ctx, &options, &background))
        return false;
    server->background = background;
    return true;
}

static struct guard_limits guard_limits_of(const struct config *config)
{
    return (struct guard_limits){.connections = config->connections_max,
                                 .member_connections = config->connections_per_member,
                                 .handshakes = config->preauth_max,
                                 .handshake_timeout_ms = config->handshake_seconds * 1000};
}

static bool start_guard(struct ctx *ctx, struct server *server)
{
    const struct config *config = server->config;
    struct config_address address;
    struct guard *guard;
    struct guard_options options = {
        .certificate_file = config->tls_certificate,
        .key_file = config->tls_key,
        .ca_file = config->tls_ca,
        .crl_file = *config->tls_crl ? config->tls_crl : NULL,
        .trust_domain = config->trust_domain,
        .limits = guard_limits_of(config),
        .user = server,
        .admit = admit,
        .adopt = adopt,
        .event = observe_guard,
    };

    if (!config_address_parse(config->listen, &address))
        return fail(ctx, ERR_INVALID, "LISTEN", "listen: expected ADDRESS:PORT");
    options.address = address.host;
    options.port = address.port;
    if (!guard_start(ctx, &options, &guard))
        return false;
    server->guard = guard;
    observe_guard_stats(guard);
    return true;
}

static bool start_admin(struct ctx *ctx, struct server *server)
{
    struct admin_options options = {
        .listen = server->config->admin_listen, .is_ready = is_ready, .user = server};

    metrics_on_scrape(collect, server);
    return admin_start(ctx, &options, &server->admin);
}

/* Looked for before the database starts: that would make an empty one in the wrong folder. */
static bool has_keys(struct ctx *ctx, const struct config *config)
{
    const char *folder = command_keys_folder(ctx, config);

    return !access(folder, F_OK) ||
           fail(ctx, ERR_PRECONDITION, "KEY_FOLDER_MISSING",
                "there is no key folder %.120s: name the exchange by --data, or run cixd init",
                folder);
}

static bool start(struct ctx *ctx, struct server *server)
{
    server->registry = registry_new();
    server->standards = standards_new();
    return has_keys(ctx, server->config) && start_database(ctx, server) &&
           start_vault(ctx, server) && start_batch(ctx, server) && start_rpc(ctx, server) &&
           start_background(ctx, server) && start_admin(ctx, server) && start_guard(ctx, server);
}

/* Answers on their way through the guard get out: the guard closes when gRPC has. */
static void flush(struct guard *guard)
{
    struct guard_stats stats;

    for (int i = 0; i < FLUSH_MS; i++) {
        guard_stats(guard, &stats);
        if (!stats.open_count)
            return;
        usleep(1000);
    }
}

/* The port of the operators ends before what it looks at. */
static void stop(struct server *server)
{
    server->is_draining = true;
    if (server->guard)
        guard_drain(server->guard);
    if (server->rpc)
        rpc_drain(server->rpc, server->config->drain_seconds * 1000);
    if (server->guard)
        flush(server->guard);
    admin_stop(server->admin);
    background_stop(server->background);
    if (server->batch)
        batch_stop(server->batch);
    background_free(server->background);
    guard_free(server->guard);
    rpc_free(server->rpc);
    batch_free(server->batch);
    vault_free(server->vault);
    standards_free(server->standards);
    registry_free(server->registry);
    cluster_stop(server->cluster);
}

/* Gives the parts what the settings say of them now. */
static void apply(struct server *server)
{
    const struct config *config = server->config;
    struct batch_limits batch_limits = batch_limits_of(config);
    struct guard_limits guard_limits = guard_limits_of(config);

    log_level_set((enum log_level)config->log_level);
    batch_limit(server->batch, &batch_limits);
    guard_limit(server->guard, &guard_limits);
    background_limit(server->background);
}

/* Each file for itself: a wrong setting keeps no revocation list from its force. */
static void reload(struct server *server)
{
    struct error refused;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    notify_reloading();
    if (config_reload(&ctx, server->sources, server->config, observe_setting))
        apply(server);
    else
        observe_settings_refused();
    refused = ctx.error;
    ctx_clear(&ctx);
    (void)!guard_reload(&ctx, server->guard);
    (void)!vault_refresh(&ctx, server->vault);
    observe_reload(refused.code == ERR_NONE ? &ctx.error : &refused);
    notify_ready();
    arena_done(&arena);
}

/*
 * Seals under a key that `cixd key rotate` made from the next second on. What cannot be read is
 * told once, not every second.
 */
static void refresh_keys(struct server *server)
{
    struct arena arena;
    struct ctx ctx;
    bool is_read;

    if (clock_monotonic_us() < server->keys_due_us)
        return;
    server->keys_due_us = clock_monotonic_us() + KEYS_US;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    is_read = vault_refresh(&ctx, server->vault);
    if (!is_read && !server->are_keys_unread)
        observe_failure("keys_unread", &ctx.error);
    server->are_keys_unread = !is_read;
    arena_done(&arena);
}

/* Four times in the interval that the manager asks for, when it does. */
static void tell_alive(struct server *server)
{
    int64_t interval_us = notify_watchdog_us();
    int64_t now_us = clock_monotonic_us();

    if (!interval_us || now_us < server->alive_due_us)
        return;
    server->alive_due_us = now_us + interval_us / 4;
    notify_watchdog();
}

/* Waits for signals; looks after PostgreSQL, the keys and the watchdog meanwhile. */
static void watch(struct server *server, const sigset_t *signals)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    int received;

    while ((received = sigtimedwait(signals, NULL, &tick)) != SIGTERM && received != SIGINT) {
        if (received == SIGHUP)
            reload(server);
        if (server->cluster)
            observe_cluster(cluster_watch(server->cluster));
        rpc_tell_health(server->rpc);
        refresh_keys(server);
        tell_alive(server);
    }
}

bool serve(struct ctx *ctx, struct config *config, const struct config_sources *sources)
{
    struct server server = {.config = config, .sources = sources};
    sigset_t signals;
    bool is_started;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    log_level_set((enum log_level)config->log_level);
    is_started = start(ctx, &server);
    if (is_started) {
        log_line(LOG_LEVEL_INFO, "serving", log_int("port", guard_port(server.guard)),
                 log_int("admin_port", admin_port(server.admin)), log_text("version", CIX_VERSION));
        notify_ready();
        watch(&server, &signals);
        notify_stopping();
        log_line(LOG_LEVEL_INFO, "draining");
    }
    stop(&server);
    if (is_started)
        log_line(LOG_LEVEL_INFO, "stopped");
    return is_started;
}
