#include "support/batch_fixture.h"

#include <cix/v1/flag.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "support/cluster.h"
#include "support/cmocka.h"

enum { DESCRIPTORS = 1024, ITEM_MAX = 16 };

struct batch_fixture batch_fixture;

const char *const batch_fixture_stream_path = "/cix.v1.FlagService/BatchCheckFlags";
const char *const batch_fixture_direct_path = "/cix.v1.FlagService/CheckFlag";
static const char remove_path[] = "/cix.v1.FlagService/RemoveFlag";

/* Sequences are outside of transactions: they remember what was rolled back. */
static const char made_sql[] =
    "create schema made;"
    "create table made.trace (id bigint primary key, item text);"
    "create sequence made.races; create sequence made.kills;"
    "create function made.serve(items text[], ids bigint[]) returns void"
    " language plpgsql security definer set search_path = pg_catalog, pg_temp as $$"
    "begin"
    "  insert into made.trace select i, t from unnest(ids, items) as e(i, t) on conflict do "
    "nothing;"
    "  if 'bad' = any(items) then perform 1 / (array_length(items, 1) - array_length(items, 1));"
    "  end if;"
    "  if 'races' = any(items) or 'race' = any(items) and nextval('made.races') = 1 then"
    "    raise exception using errcode = '40001'; end if;"
    "end $$;"
    "create function made.kill() returns void language plpgsql security definer"
    " set search_path = pg_catalog, pg_temp as $$"
    "begin"
    "  if nextval('made.kills') = 1 then"
    "    perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if;"
    "end $$;"
    "grant usage on schema made to public";

static const struct statement serve_statement = {"made_serve", "select made.serve($1, $2)"};
static const struct statement kill_statement = {"made_kill", "select made.kill()"};

static struct test_database database;
static struct db *owner;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int member_of_fd[DESCRIPTORS], certificate_of_fd[DESCRIPTORS];

/* --- the made service --- */

static const char *item_of(const struct call *call)
{
    return ((const Cix__V1__RemoveFlagRequest *)call->request)->flag_id;
}

static bool has_item(struct call **calls, int count, const char *item)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(item_of(calls[i]), item))
            return true;
    return false;
}

static void note(struct call **calls, int count)
{
    struct seen_batch *seen;

    pthread_mutex_lock(&lock);
    CHECK(batch_fixture.seen_count < BATCHES_MAX && count <= 64);
    seen = &batch_fixture.seen[batch_fixture.seen_count];
    seen->count = count;
    for (int i = 0; i < count; i++) {
        seen->member_ids[i] = calls[i]->caller->member_id;
        seen->ids[i] = calls[i]->id;
    }
    batch_fixture.seen_count++;
    pthread_mutex_unlock(&lock);
}

static void answer(struct call *call)
{
    Cix__V1__RemoveFlagResponse *response = arena_alloc(&call->rpc->arena, sizeof(*response));

    if (!strcmp(item_of(call), "refused")) {
        (void)fail_precondition(call->ctx, "REFUSED_ALONE", "made", "this one is not to be");
        return;
    }
    cix__v1__remove_flag_response__init(response);
    response->recorded_at_us = call->id;
    call->response = &response->base;
}

static bool serve_remove(struct session *session, struct call **calls, int count)
{
    const char **items = arena_array(session->arena, (size_t)count, sizeof(*items));
    int64_t *ids = arena_array(session->arena, (size_t)count, sizeof(*ids));
    struct params params;

    note(calls, count);
    while (has_item(calls, count, "wait") && !batch_fixture.is_open)
        usleep(1000);
    for (int i = 0; i < count; i++) {
        items[i] = item_of(calls[i]);
        ids[i] = calls[i]->id;
        answer(calls[i]);
    }
    params_init(&params, session->arena);
    params_texts(&params, items, count);
    params_int8s(&params, ids, NULL, count);
    if (!db_run(&session->ctx, session->db, &serve_statement, &params, NULL))
        return false;
    return !has_item(calls, count, "kill") ||
           db_run(&session->ctx, session->db, &kill_statement, NULL, NULL);
}

static bool serve_direct(struct session *session, struct call **calls, int count)
{
    Cix__V1__CheckFlagResponse *response = arena_alloc(&calls[0]->rpc->arena, sizeof(*response));

    (void)session;
    assert_int_equal(count, 1);
    cix__v1__check_flag_response__init(response);
    calls[0]->response = &response->base;
    return true;
}

static bool serve_stream(struct session *session, struct call *call)
{
    Cix__V1__BatchCheckFlagsResponse response = CIX__V1__BATCH_CHECK_FLAGS_RESPONSE__INIT;
    struct rpc_message message;
    int read;

    CHECK(session->db && db_is_alive(session->db));
    while ((read = rpc_read(call->rpc, session->arena, &message)) == 1)
        if (!rpc_write(call->rpc, &response.base))
            return false;
    return read == 0;
}

struct service batch_fixture_service(struct method methods[3])
{
    methods[0] = (struct method){.name = "CheckFlag",
                                 .audit = "FLAG_CHECK",
                                 .audit_code = 1,
                                 .roles = MEMBER_ROLE_LENDER,
                                 .pool = POOL_DIRECT,
                                 .batch_max = 1,
                                 .serve = serve_direct};
    methods[1] = (struct method){.name = "BatchCheckFlags",
                                 .audit = "FLAG_BATCH_CHECK",
                                 .audit_code = 2,
                                 .pool = POOL_FLAG,
                                 .stream = serve_stream};
    methods[2] = (struct method){.name = "RemoveFlag",
                                 .audit = "FLAG_REMOVE",
                                 .audit_code = 3,
                                 .pool = POOL_FLAG,
                                 .batch_max = 16,
                                 .serve = serve_remove};
    return (struct service){&cix__v1__flag_service__descriptor, methods, 3};
}

/* --- observers and rpc's callbacks --- */

static void bisected(void *user, const struct method *method)
{
    (void)user;
    assert_string_equal(method->name, "RemoveFlag");
    batch_fixture.bisected++;
}

static void repeated(void *user, const struct method *method)
{
    (void)user;
    (void)method;
    batch_fixture.repeated++;
}

static void lost(void *user, enum pool pool, const struct error *error)
{
    (void)user;
    CHECK(error->code != ERR_NONE);
    batch_fixture.lost += pool == POOL_FLAG;
}

static bool identify(void *user, int fd, struct guard_peer *peer)
{
    (void)user;
    CHECK(fd >= 0 && fd < DESCRIPTORS);
    *peer = (struct guard_peer){.generation = 1};
    snprintf(peer->member_code, sizeof(peer->member_code), "bank-%d", member_of_fd[fd]);
    peer->fingerprint[0] = (uint8_t)certificate_of_fd[fd];
    return true;
}

static void arrived(void *user, struct rpc_call *call)
{
    (void)user;
    batch_arrived(batch_fixture.batch, call);
}

static void finished(void *user, const struct rpc_call *call, enum err code)
{
    (void)user;
    (void)call;
    (void)code;
    batch_fixture.finished++;
}

static bool is_ready(void *user)
{
    (void)user;
    return batch_is_ready(batch_fixture.batch);
}

/* --- start and stop --- */

static void made_database(void)
{
    struct arena arena;
    struct ctx ctx;

    if (owner)
        return;
    test_database_open(&database);
    owner = test_database_connect(&database, DB_ROLE_OWNER);
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, owner, made_sql))
        fail_msg("%s", ctx.error.message);
    arena_done(&arena);
}

struct batch_options batch_fixture_options(void)
{
    static struct method methods[3];
    static struct service service;
    static const struct service *const services[] = {&service};

    made_database();
    service = batch_fixture_service(methods);
    return (struct batch_options){
        .services = services,
        .service_count = 1,
        .database_uri = database.uri,
        .patience_ms = FIXTURE_WAIT_MS, /* a busy machine needs longer than 5 s to connect */
        .observer = {.batch_bisected = bisected, .batch_repeated = repeated, .database_lost = lost},
    };
}

void batch_fixture_member(const struct member *changed)
{
    struct member members[FIXTURE_MEMBERS];
    struct registry_certificate certificates[FIXTURE_MEMBERS];

    for (int i = 0; i < FIXTURE_MEMBERS; i++) {
        members[i] = (struct member){.member_id = i + 1, .state = MEMBER_STATE_ACTIVE};
        snprintf(members[i].code, sizeof(members[i].code), "bank-%d", i + 1);
        certificates[i] = (struct registry_certificate){.member_id = i + 1};
        certificates[i].fingerprint[0] = (uint8_t)(i + 1);
        if (changed && changed->member_id == i + 1)
            members[i] = *changed;
    }
    registry_install(batch_fixture.registry,
                     &(struct registry_view){.version = 1,
                                             .members = members,
                                             .member_count = FIXTURE_MEMBERS,
                                             .certificates = certificates,
                                             .certificate_count = FIXTURE_MEMBERS});
}

static void start_rpc(struct ctx *ctx)
{
    struct rpc_options options = {.threads = 1,
                                  .calls_max = 1000,
                                  .identify = identify,
                                  .arrived = arrived,
                                  .finished = finished,
                                  .is_ready = is_ready};

    options.methods = batch_methods(batch_fixture.batch, &options.method_count);
    if (!rpc_start(ctx, &options, &batch_fixture.rpc))
        fail_msg("%s", ctx->error.message);
}

void batch_fixture_start(const struct batch_options *options)
{
    struct batch_options own = *options;
    struct arena arena;
    struct ctx ctx;

    memset(&batch_fixture, 0, sizeof(batch_fixture));
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, owner,
                   "truncate made.trace; alter sequence made.races restart;"
                   "alter sequence made.kills restart"))
        fail_msg("%s", ctx.error.message);
    batch_fixture.registry = registry_new();
    batch_fixture_member(NULL);
    own.registry = batch_fixture.registry;
    batch_fixture.standards = standards_new();
    own.standards = batch_fixture.standards;
    if (!batch_start(&ctx, &own, &batch_fixture.batch))
        fail_msg("%s", ctx.error.message);
    start_rpc(&ctx);
    arena_done(&arena);
}

void batch_fixture_stop(void)
{
    batch_fixture_open();
    rpc_drain(batch_fixture.rpc, FIXTURE_WAIT_MS);
    batch_stop(batch_fixture.batch);
    rpc_free(batch_fixture.rpc);
    batch_free(batch_fixture.batch);
    standards_free(batch_fixture.standards);
    registry_free(batch_fixture.registry);
}

void batch_fixture_open(void)
{
    batch_fixture.is_open = true;
}

/* --- looking and calling --- */

void batch_fixture_await_depth(int depth)
{
    for (int i = 0; i < FIXTURE_WAIT_MS; i++) {
        if (batch_depth(batch_fixture.batch, 2) == depth)
            return;
        usleep(1000);
    }
    fail_msg("%d calls wait, not %d", batch_depth(batch_fixture.batch, 2), depth);
}

void batch_fixture_await_seen(int count)
{
    for (int i = 0; i < FIXTURE_WAIT_MS; i++) {
        if (batch_fixture.seen_count >= count)
            return;
        usleep(1000);
    }
    fail_msg("the handler was called %d times, not %d", (int)batch_fixture.seen_count, count);
}

int64_t batch_fixture_traces(const char *item)
{
    static const struct statement statement = {"made_count",
                                               "select count(*) from made.trace where item = $1"};
    struct rows rows = {.count = 0};
    struct params params;
    struct arena arena;
    struct ctx ctx;
    int64_t count;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    params_text(&params, item);
    if (!db_run(&ctx, owner, &statement, &params, &rows) || !rows_next(&rows))
        fail_msg("%s", ctx.error.message);
    count = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    return count;
}

struct grpc_client *batch_fixture_connect(int member, int certificate)
{
    int pair[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && pair[0] < DESCRIPTORS);
    member_of_fd[pair[0]] = member;
    certificate_of_fd[pair[0]] = certificate;
    rpc_adopt(batch_fixture.rpc, pair[0]);
    return grpc_client_new(pair[1]);
}

struct grpc_stream *batch_fixture_begin(struct grpc_client *client, const char *item,
                                        int deadline_ms)
{
    struct grpc_stream *call = grpc_stream_open(client, remove_path, deadline_ms);
    uint8_t message[2 + ITEM_MAX] = {0x0a, (uint8_t)strlen(item)};

    CHECK(strlen(item) <= ITEM_MAX);
    memcpy(message + 2, item, strlen(item));
    grpc_stream_send(call, (struct bytes){message, 2 + strlen(item)});
    grpc_stream_close(call);
    return call;
}

static int64_t id_of(struct bytes body)
{
    Cix__V1__RemoveFlagResponse *response =
        cix__v1__remove_flag_response__unpack(NULL, body.size, body.data);
    int64_t id;

    CHECK(response);
    id = response->recorded_at_us;
    cix__v1__remove_flag_response__free_unpacked(response, NULL);
    return id;
}

int batch_fixture_end(struct grpc_stream *call, char reason[64], int64_t *id)
{
    struct bytes body = {.data = NULL};
    struct grpc_reply reply;
    int code;

    if (grpc_stream_receive(call, &body) && id)
        *id = id_of(body);
    free((void *)(uintptr_t)body.data);
    grpc_stream_end(call, &reply);
    code = reply.code;
    if (reason)
        snprintf(reason, 64, "%s", grpc_reply_reason(&reply));
    if (code == 8) /* every refusal for want of room says when to come again */
        assert_true(grpc_reply_retry_ms(&reply) > 0);
    grpc_reply_done(&reply);
    return code;
}

int batch_fixture_call(struct grpc_client *client, const char *item, char reason[64])
{
    return batch_fixture_end(batch_fixture_begin(client, item, FIXTURE_WAIT_MS), reason, NULL);
}
