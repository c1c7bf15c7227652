#include "rpc/status.h"

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <grpc/status.h>
#include <string.h>

#include "base/text.h"

enum {
    TEXT_MAX = 256,                    /* bytes of one text in the details */
    DETAIL_MAX = 4,                    /* kinds of details on one status */
    METADATA_MAX = ERROR_FACT_MAX + 1, /* facts and the request id */
};

#define DOMAIN     "cix"
#define URL_PREFIX "type.googleapis.com/"

/* No default: the compiler names a code that was forgotten. */
int status_code(enum err code)
{
    switch (code) {
    case ERR_NONE:
        return GRPC_STATUS_OK;
    case ERR_INVALID:
        return GRPC_STATUS_INVALID_ARGUMENT;
    case ERR_NOT_FOUND:
        return GRPC_STATUS_NOT_FOUND;
    case ERR_EXISTS:
        return GRPC_STATUS_ALREADY_EXISTS;
    case ERR_DENIED:
        return GRPC_STATUS_PERMISSION_DENIED;
    case ERR_UNAUTHENTICATED:
        return GRPC_STATUS_UNAUTHENTICATED;
    case ERR_PRECONDITION:
        return GRPC_STATUS_FAILED_PRECONDITION;
    case ERR_EXHAUSTED:
        return GRPC_STATUS_RESOURCE_EXHAUSTED;
    case ERR_ABORTED:
        return GRPC_STATUS_ABORTED;
    case ERR_OUT_OF_RANGE:
        return GRPC_STATUS_OUT_OF_RANGE;
    case ERR_UNAVAILABLE:
        return GRPC_STATUS_UNAVAILABLE;
    case ERR_CANCELLED:
        return GRPC_STATUS_CANCELLED;
    case ERR_DEADLINE:
        return GRPC_STATUS_DEADLINE_EXCEEDED;
    case ERR_UNIMPLEMENTED:
        return GRPC_STATUS_UNIMPLEMENTED;
    case ERR_INTERNAL:
        return GRPC_STATUS_INTERNAL;
    }
    return GRPC_STATUS_UNKNOWN;
}

/* A copy that is surely UTF-8 and short: a text cut inside a character loses that character. */
static char *clean(struct arena *arena, const char *text)
{
    size_t size = strnlen(text ? text : "", TEXT_MAX);
    char *copy = arena_copy(arena, text, size);

    for (int i = 0; i < 4 && size > 0 && !text_is_utf8(copy, size); i++)
        copy[--size] = '\0';
    for (size_t i = 0; !text_is_utf8(copy, size) && i < size; i++)
        copy[i] = (copy[i] & 0x80) ? '?' : copy[i];
    return copy;
}

static Google__Protobuf__Any *pack_any(struct arena *arena, const ProtobufCMessage *message)
{
    Google__Protobuf__Any *any = arena_alloc(arena, sizeof(*any));

    google__protobuf__any__init(any);
    any->type_url = arena_format(arena, URL_PREFIX "%s", message->descriptor->name);
    any->value.data = arena_alloc(arena, protobuf_c_message_get_packed_size(message));
    any->value.len = protobuf_c_message_pack(message, any->value.data);
    return any;
}

static Google__Rpc__ErrorInfo__MetadataEntry *metadata_entry(struct arena *arena, const char *name,
                                                             const char *value)
{
    Google__Rpc__ErrorInfo__MetadataEntry *entry = arena_alloc(arena, sizeof(*entry));

    google__rpc__error_info__metadata_entry__init(entry);
    entry->key = clean(arena, name);
    entry->value = clean(arena, value);
    return entry;
}

static Google__Protobuf__Any *error_info(struct arena *arena, const struct error *error,
                                         const struct uuid *request_id)
{
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[METADATA_MAX];
    char id[37];

    uuid_format(request_id, id);
    info.reason = clean(arena, error->reason);
    info.domain = DOMAIN;
    info.metadata = entries;
    for (int i = 0; i < error->fact_count; i++)
        entries[info.n_metadata++] =
            metadata_entry(arena, error->facts[i].name, error->facts[i].value);
    entries[info.n_metadata++] = metadata_entry(arena, "request_id", id);
    return pack_any(arena, &info.base);
}

static Google__Protobuf__Any *bad_request(struct arena *arena, const struct error *error, int count)
{
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Rpc__BadRequest__FieldViolation violations[ERROR_FIELD_MAX];
    Google__Rpc__BadRequest__FieldViolation *pointers[ERROR_FIELD_MAX];

    for (int i = 0; i < count; i++) {
        google__rpc__bad_request__field_violation__init(&violations[i]);
        violations[i].field = clean(arena, error->fields[i].field);
        violations[i].description = clean(arena, error->fields[i].description);
        pointers[i] = &violations[i];
    }
    bad.field_violations = pointers;
    bad.n_field_violations = (size_t)count;
    return pack_any(arena, &bad.base);
}

static Google__Protobuf__Any *retry_info(struct arena *arena, int64_t after_ms)
{
    Google__Rpc__RetryInfo info = GOOGLE__RPC__RETRY_INFO__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;

    delay.seconds = after_ms / 1000;
    delay.nanos = (int32_t)(after_ms % 1000 * 1000000);
    info.retry_delay = &delay;
    return pack_any(arena, &info.base);
}

static Google__Protobuf__Any *precondition(struct arena *arena, const struct error *error)
{
    Google__Rpc__PreconditionFailure failure = GOOGLE__RPC__PRECONDITION_FAILURE__INIT;
    Google__Rpc__PreconditionFailure__Violation violation =
        GOOGLE__RPC__PRECONDITION_FAILURE__VIOLATION__INIT;
    Google__Rpc__PreconditionFailure__Violation *violations[] = {&violation};

    violation.type = clean(arena, error->precondition);
    violation.subject = clean(arena, error->precondition_subject);
    violation.description = clean(arena, error->message);
    failure.violations = violations;
    failure.n_violations = 1;
    return pack_any(arena, &failure.base);
}

/* Packs the details with the first field_count wrong fields. */
static struct bytes pack_details(struct arena *arena, const struct error *error,
                                 const struct uuid *request_id, int field_count)
{
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    Google__Protobuf__Any *details[DETAIL_MAX];

    status.code = status_code(error->code);
    status.message = clean(arena, error->message);
    status.details = details;
    details[status.n_details++] = error_info(arena, error, request_id);
    if (error->precondition)
        details[status.n_details++] = precondition(arena, error);
    if (error->retry_after_ms > 0)
        details[status.n_details++] = retry_info(arena, error->retry_after_ms);
    if (field_count > 0)
        details[status.n_details++] = bad_request(arena, error, field_count);
    uint8_t *data = arena_alloc(arena, google__rpc__status__get_packed_size(&status));
    return (struct bytes){.data = data, .size = google__rpc__status__pack(&status, data)};
}

/* What a stranger may read of our own failure. */
static struct error internal_error(void)
{
    return (struct error){.code = ERR_INTERNAL, .reason = "INTERNAL", .message = "internal error"};
}

void status_make(struct arena *arena, const struct error *error, const struct uuid *request_id,
                 struct status *status)
{
    struct error shown = error->code == ERR_INTERNAL ? internal_error() : *error;
    int field_count = shown.field_count;

    *status = (struct status){.code = status_code(shown.code), .message = ""};
    if (shown.code == ERR_NONE)
        return;
    status->message = clean(arena, shown.message);
    status->details = pack_details(arena, &shown, request_id, field_count);
    while (status->details.size > STATUS_DETAILS_MAX && field_count > 0)
        status->details = pack_details(arena, &shown, request_id, --field_count);
}
