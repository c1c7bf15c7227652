#include <grpc/grpc.h>
#include <grpc/reflection/v1/reflection.pb-c.h>
#include <string.h>

#include "rpc/codec.h"
#include "rpc/descriptors.h"
#include "rpc/server.h"
#include "rpc/status.h"

/*
 * Both versions have the same messages by number, so v1's C types serve both. The stream is served
 * by completions, one question after the other, and blocks no thread.
 */

enum {
    QUESTION_MAX = 4 * 1024, /* bytes */
    SERVICE_MAX = 64,
};

/* Shorter names for what protoc-c writes out. */
#define REQUEST_IS(name)  GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define RESPONSE_IS(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

/* A call, in its arena. It is busy while it answers; between two questions it may end. */
struct asker {
    struct standing standing; /* first */
    bool has_ended;           /* the question that gRPC reads comes to nobody */
};

static void on_question(struct live_call *live);
static void on_answered(struct live_call *live);

static void answer_error(struct arena *arena,
                         Grpc__Reflection__V1__ServerReflectionResponse *response, enum err code,
                         const char *text)
{
    Grpc__Reflection__V1__ErrorResponse *error = arena_alloc(arena, sizeof(*error));

    grpc__reflection__v1__error_response__init(error);
    error->error_code = status_code(code);
    error->error_message = arena_string(arena, text);
    response->error_response = error;
    response->message_response_case = RESPONSE_IS(ERROR_RESPONSE);
}

/* The file and what it imports. index -1: there is none. */
static void answer_file(struct arena *arena,
                        Grpc__Reflection__V1__ServerReflectionResponse *response, int index)
{
    Grpc__Reflection__V1__FileDescriptorResponse *files = arena_alloc(arena, sizeof(*files));

    if (index < 0) {
        answer_error(arena, response, ERR_NOT_FOUND, "not found");
        return;
    }
    uint64_t closure = descriptors_closure(index);
    grpc__reflection__v1__file_descriptor_response__init(files);
    files->file_descriptor_proto =
        arena_array(arena, DESCRIPTOR_FILE_MAX, sizeof(files->file_descriptor_proto[0]));
    for (int i = index; i >= 0; i--) {
        struct bytes file = descriptors_file(i);

        if (closure >> i & 1)
            files->file_descriptor_proto[files->n_file_descriptor_proto++] =
                (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)file.data, .len = file.size};
    }
    response->file_descriptor_response = files;
    response->message_response_case = RESPONSE_IS(FILE_DESCRIPTOR_RESPONSE);
}

/* The service part of "/cix.v1.FlagService/CheckFlag". */
static char *service_of(struct arena *arena, const char *path)
{
    char *name = arena_string(arena, path + 1);

    name[strcspn(name, "/")] = '\0';
    return name;
}

static void answer_services(struct arena *arena,
                            Grpc__Reflection__V1__ServerReflectionResponse *response,
                            const struct rpc_server *server)
{
    Grpc__Reflection__V1__ListServiceResponse *list = arena_alloc(arena, sizeof(*list));
    Grpc__Reflection__V1__ServiceResponse *service = NULL;

    grpc__reflection__v1__list_service_response__init(list);
    list->service = arena_array(arena, SERVICE_MAX, sizeof(list->service[0]));
    for (int i = 0; i < server->entry_count && list->n_service < SERVICE_MAX; i++) {
        char *name = service_of(arena, server->entries[i].method.path);
        bool is_known = false;

        for (size_t k = 0; k < list->n_service; k++)
            is_known = is_known || strcmp(list->service[k]->name, name) == 0;
        if (is_known)
            continue;
        service = arena_alloc(arena, sizeof(*service));
        grpc__reflection__v1__service_response__init(service);
        service->name = name;
        list->service[list->n_service++] = service;
    }
    response->list_services_response = list;
    response->message_response_case = RESPONSE_IS(LIST_SERVICES_RESPONSE);
}

static void answer(struct arena *arena, const struct rpc_server *server,
                   Grpc__Reflection__V1__ServerReflectionRequest *request,
                   Grpc__Reflection__V1__ServerReflectionResponse *response)
{
    grpc__reflection__v1__server_reflection_response__init(response);
    response->valid_host = request->host;
    response->original_request = request;
    if (request->message_request_case == REQUEST_IS(FILE_BY_FILENAME))
        answer_file(arena, response, descriptors_by_name(request->file_by_filename));
    else if (request->message_request_case == REQUEST_IS(FILE_CONTAINING_SYMBOL))
        answer_file(arena, response, descriptors_by_symbol(request->file_containing_symbol));
    else if (request->message_request_case == REQUEST_IS(LIST_SERVICES))
        answer_services(arena, response, server);
    else if (request->message_request_case == REQUEST_IS(FILE_CONTAINING_EXTENSION) ||
             request->message_request_case == REQUEST_IS(ALL_EXTENSION_NUMBERS_OF_TYPE))
        answer_error(arena, response, ERR_NOT_FOUND, "there are no extensions");
    else
        answer_error(arena, response, ERR_INVALID, "question is of no known kind");
}

/* Answers one question in an arena of its own; NULL when it is malformed. */
static grpc_byte_buffer *answer_packed(struct live_call *live, struct arena *arena,
                                       grpc_byte_buffer *incoming)
{
    struct rpc_call *call = &live->open;
    ProtobufCMessage *request;
    Grpc__Reflection__V1__ServerReflectionResponse response;

    if (!codec_unpack(&call->ctx, arena, call->method, codec_view(arena, incoming), &request))
        return NULL;
    answer(arena, live->server, (Grpc__Reflection__V1__ServerReflectionRequest *)(void *)request,
           &response);
    return codec_pack(&response.base);
}

/* With the lock held. */
static void end(struct asker *asker)
{
    asker->has_ended = true;
    standing_end(&asker->standing);
}

/* Ends who asks nothing and holds a stop up, or has gone. */
static void look(struct standing *standing)
{
    if (!standing_fail(standing))
        end((struct asker *)(void *)standing);
}

static void end_locked(struct live_call *live)
{
    pthread_mutex_lock(&live->server->standing_lock);
    end(live->open.user);
    pthread_mutex_unlock(&live->server->standing_lock);
}

/* False when the call has ended meanwhile. */
static bool take_up(struct live_call *live)
{
    struct asker *asker = live->open.user;

    pthread_mutex_lock(&live->server->standing_lock);
    asker->standing.is_busy = true;
    bool is_there = !asker->has_ended;
    pthread_mutex_unlock(&live->server->standing_lock);
    return is_there;
}

static void on_question(struct live_call *live)
{
    grpc_byte_buffer *outgoing = NULL;
    struct arena arena;

    if (!take_up(live)) /* what came is released with the call */
        return;
    grpc_byte_buffer *incoming = live->stream.incoming;
    live->stream.incoming = NULL;
    if (!incoming) { /* the caller has no more questions, or is gone */
        end_locked(live);
        return;
    }
    arena_init(&arena, 0);
    outgoing = answer_packed(live, &arena, incoming);
    arena_done(&arena);
    grpc_byte_buffer_destroy(incoming);
    if (outgoing)
        stream_send(live, outgoing, on_answered);
    else
        end_locked(live);
}

static void on_answered(struct live_call *live)
{
    struct asker *asker = live->open.user;

    pthread_mutex_lock(&live->server->standing_lock);
    if (live->stream.is_written && standing_fail(&asker->standing)) {
        asker->standing.is_busy = false;
        stream_expect(live, on_question);
    } else {
        end(asker);
    }
    pthread_mutex_unlock(&live->server->standing_lock);
}

static void serve(struct live_call *live)
{
    struct asker *asker = arena_alloc(&live->open.arena, sizeof(*asker));

    *asker = (struct asker){.standing = {.live = live, .look = look}};
    live->open.user = asker;
    pthread_mutex_lock(&live->server->standing_lock);
    standing_add(&asker->standing);
    stream_expect(live, on_question);
    pthread_mutex_unlock(&live->server->standing_lock);
}

struct call_entry reflection_entry(const char *path)
{
    return (struct call_entry){
        .method = {.path = path,
                   .is_stream = true,
                   .request = &grpc__reflection__v1__server_reflection_request__descriptor,
                   .response = &grpc__reflection__v1__server_reflection_response__descriptor,
                   .request_max = QUESTION_MAX,
                   .budget = 4 * QUESTION_MAX},
        .serve = serve,
    };
}
