/*
 * What every function on the path of a request receives first: memory, and the place where the
 * first failure is written.
 *
 * A function that can fail returns bool, is marked MUST_USE, and fails with `return fail(ctx,
 * ...)`, which is always false. The first failure wins. Results are written only on success.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

/* One value for each gRPC status that CIX uses; rpc/status.c maps them. */
enum err {
    ERR_NONE,
    ERR_INVALID,         /* INVALID_ARGUMENT: wrong whatever the state is */
    ERR_NOT_FOUND,       /* NOT_FOUND */
    ERR_EXISTS,          /* ALREADY_EXISTS: same key, other content */
    ERR_DENIED,          /* PERMISSION_DENIED */
    ERR_UNAUTHENTICATED, /* UNAUTHENTICATED: no member belongs to this certificate */
    ERR_PRECONDITION,    /* FAILED_PRECONDITION: right request, wrong state */
    ERR_EXHAUSTED,       /* RESOURCE_EXHAUSTED: quota or overload; retry_after_ms is set */
    ERR_ABORTED,         /* ABORTED: lost a race, ask again */
    ERR_OUT_OF_RANGE,    /* OUT_OF_RANGE */
    ERR_UNAVAILABLE, /* UNAVAILABLE: outcome unknown or nothing done; ask again with the same key */
    ERR_CANCELLED,   /* CANCELLED */
    ERR_DEADLINE,    /* DEADLINE_EXCEEDED */
    ERR_UNIMPLEMENTED, /* UNIMPLEMENTED */
    ERR_INTERNAL,      /* INTERNAL: leaves as "internal error" with the request id */
};

enum { ERROR_FIELD_MAX = 16, ERROR_FACT_MAX = 4 };

/* One wrong field of a request: google.rpc.BadRequest.FieldViolation. Texts live in the arena. */
struct error_field {
    const char *field;       /* path, e.g. "subject.identifier.value" */
    const char *description; /* what was expected; never the value */
};

/* One fact for machines: ErrorInfo.metadata. Texts live in the arena. */
struct error_fact {
    const char *name;
    const char *value;
};

struct error {
    enum err code;
    const char *reason; /* stable UPPER_SNAKE word, static storage */
    char message[256];  /* one line for people: lower case, no full stop, no personal data */
    struct error_field fields[ERROR_FIELD_MAX];
    int field_count;
    struct error_fact facts[ERROR_FACT_MAX];
    int fact_count;
    int64_t retry_after_ms;   /* > 0: RetryInfo */
    const char *precondition; /* not NULL: PreconditionFailure type, e.g. "CHUNK_ORDER" */
    const char *precondition_subject;
};

struct ctx {
    struct arena *arena;
    struct error error; /* code ERR_NONE until something failed */
};

void ctx_init(struct ctx *ctx, struct arena *arena);

/* Writes the failure unless one is there already. Always false. */
bool fail(struct ctx *ctx, enum err code, const char *reason, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* fail(ERR_INVALID) for one field of the request; further calls add fields to the same error. */
bool fail_field(struct ctx *ctx, const char *reason, const char *field, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Adds a fact to the error that was just written. Beyond ERROR_FACT_MAX it is dropped. */
void fail_fact(struct ctx *ctx, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/* fail(ERR_EXHAUSTED) with RetryInfo. */
bool fail_retry(struct ctx *ctx, const char *reason, int64_t retry_after_ms, const char *format,
                ...) PRINTF_LIKE(4, 5);

/* fail(ERR_PRECONDITION) with PreconditionFailure {type, subject}. */
bool fail_precondition(struct ctx *ctx, const char *reason, const char *subject, const char *format,
                       ...) PRINTF_LIKE(4, 5);

/* Forgets the failure, for a second try. */
void ctx_clear(struct ctx *ctx);
