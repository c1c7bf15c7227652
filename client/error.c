#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "message.h"

enum { DETAILS_BUDGET = 256 * 1024 };

bool cix_error_set(struct cix_error *error, enum cix_status status, const char *reason,
                   const char *format, ...)
{
    va_list args;

    *error = (struct cix_error){.status = status, .is_local = true};
    snprintf(error->reason, sizeof(error->reason), "%s", reason);
    va_start(args, format);
    vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    return false;
}

const char *cix_error_fact(const struct cix_error *error, const char *name)
{
    for (int i = 0; i < error->fact_count; i++) {
        if (!strcmp(error->facts[i].name, name))
            return error->facts[i].value;
    }
    return NULL;
}

static void take_info(struct cix_error *error, const ProtobufCMessage *message)
{
    const Google__Rpc__ErrorInfo *info = (const Google__Rpc__ErrorInfo *)message;

    snprintf(error->reason, sizeof(error->reason), "%s", info->reason);
    for (size_t i = 0; i < info->n_metadata && error->fact_count < CIX_ERROR_FACT_MAX; i++) {
        struct cix_error_fact *fact = &error->facts[error->fact_count++];
        snprintf(fact->name, sizeof(fact->name), "%s", info->metadata[i]->key);
        snprintf(fact->value, sizeof(fact->value), "%s", info->metadata[i]->value);
    }
}

static void take_fields(struct cix_error *error, const ProtobufCMessage *message)
{
    const Google__Rpc__BadRequest *bad = (const Google__Rpc__BadRequest *)message;

    for (size_t i = 0; i < bad->n_field_violations && error->field_count < CIX_ERROR_FIELD_MAX;
         i++) {
        struct cix_error_field *field = &error->fields[error->field_count++];
        snprintf(field->field, sizeof(field->field), "%s", bad->field_violations[i]->field);
        snprintf(field->description, sizeof(field->description), "%s",
                 bad->field_violations[i]->description);
    }
}

static void take_retry(struct cix_error *error, const ProtobufCMessage *message)
{
    const Google__Rpc__RetryInfo *retry = (const Google__Rpc__RetryInfo *)message;
    const Google__Protobuf__Duration *delay = retry->retry_delay;

    if (delay && delay->seconds >= 0 && delay->seconds < 86400 && delay->nanos >= 0)
        error->retry_after_ms = delay->seconds * 1000 + delay->nanos / 1000000;
}

/* "submission_id = SUBMISSION_CLOSED": what is in which state. */
static void take_precondition(struct cix_error *error, const ProtobufCMessage *message)
{
    const Google__Rpc__PreconditionFailure *failure =
        (const Google__Rpc__PreconditionFailure *)message;

    for (size_t i = 0; i < failure->n_violations && error->fact_count < CIX_ERROR_FACT_MAX; i++) {
        struct cix_error_fact *fact = &error->facts[error->fact_count++];
        snprintf(fact->name, sizeof(fact->name), "%s", failure->violations[i]->subject);
        snprintf(fact->value, sizeof(fact->value), "%s", failure->violations[i]->type);
    }
}

/* The details that are read; others are passed over. */
static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    void (*take)(struct cix_error *error, const ProtobufCMessage *message);
} details_known[] = {
    {&google__rpc__error_info__descriptor, take_info},
    {&google__rpc__bad_request__descriptor, take_fields},
    {&google__rpc__retry_info__descriptor, take_retry},
    {&google__rpc__precondition_failure__descriptor, take_precondition},
};

static void take_detail(struct cix_error *error, ProtobufCAllocator *allocator,
                        const Google__Protobuf__Any *any)
{
    const char *slash = strrchr(any->type_url, '/');
    const char *name = slash ? slash + 1 : any->type_url;

    for (size_t i = 0; i < ARRAY_LENGTH(details_known); i++) {
        if (strcmp(details_known[i].descriptor->name, name) != 0)
            continue;
        ProtobufCMessage *message = protobuf_c_message_unpack(
            details_known[i].descriptor, allocator, any->value.len, any->value.data);
        if (message)
            details_known[i].take(error, message);
    }
}

bool cix_error_receive(struct cix_error *error, enum cix_status status, struct bytes message,
                       struct bytes details)
{
    struct arena arena;

    *error = (struct cix_error){.status = status};
    snprintf(error->message, sizeof(error->message), "%.*s", (int)message.size,
             message.data ? (const char *)message.data : "");
    arena_init(&arena, DETAILS_BUDGET);
    ProtobufCAllocator allocator = cix_message_allocator(&arena);
    Google__Rpc__Status *known =
        google__rpc__status__unpack(&allocator, details.size, details.data);
    for (size_t i = 0; known && i < known->n_details; i++)
        take_detail(error, &allocator, known->details[i]);
    arena_done(&arena);
    return false;
}
