#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>

void ctx_init(struct ctx *ctx, struct arena *arena)
{
    *ctx = (struct ctx){.arena = arena};
}

void ctx_clear(struct ctx *ctx)
{
    ctx->error = (struct error){.code = ERR_NONE};
}

/* True when this failure is the first and was written. */
PRINTF_LIKE(4, 0)
static bool write_first(struct ctx *ctx, enum err code, const char *reason, const char *format,
                        va_list args)
{
    CHECK(code != ERR_NONE);
    if (ctx->error.code != ERR_NONE)
        return false;
    ctx->error.code = code;
    ctx->error.reason = reason;
    vsnprintf(ctx->error.message, sizeof(ctx->error.message), format, args);
    return true;
}

bool fail(struct ctx *ctx, enum err code, const char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_first(ctx, code, reason, format, args);
    va_end(args);
    return false;
}

bool fail_field(struct ctx *ctx, const char *reason, const char *field, const char *format, ...)
{
    struct error *error = &ctx->error;
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    bool is_first = write_first(ctx, ERR_INVALID, reason, format, args);
    bool is_further = error->code == ERR_INVALID && error->field_count > 0;
    if ((is_first || is_further) && error->field_count < ERROR_FIELD_MAX)
        error->fields[error->field_count++] = (struct error_field){
            .field = arena_string(ctx->arena, field),
            .description = arena_vformat(ctx->arena, format, again),
        };
    va_end(again);
    va_end(args);
    return false;
}

void fail_fact(struct ctx *ctx, const char *name, const char *format, ...)
{
    struct error *error = &ctx->error;
    va_list args;

    if (error->code == ERR_NONE || error->fact_count == ERROR_FACT_MAX)
        return;
    va_start(args, format);
    error->facts[error->fact_count++] = (struct error_fact){
        .name = arena_string(ctx->arena, name),
        .value = arena_vformat(ctx->arena, format, args),
    };
    va_end(args);
}

bool fail_retry(struct ctx *ctx, const char *reason, int64_t retry_after_ms, const char *format,
                ...)
{
    va_list args;

    va_start(args, format);
    if (write_first(ctx, ERR_EXHAUSTED, reason, format, args))
        ctx->error.retry_after_ms = retry_after_ms;
    va_end(args);
    return false;
}

/* The precondition's type is the reason: one vocabulary for both. */
bool fail_precondition(struct ctx *ctx, const char *reason, const char *subject, const char *format,
                       ...)
{
    va_list args;

    va_start(args, format);
    if (write_first(ctx, ERR_PRECONDITION, reason, format, args)) {
        ctx->error.precondition = reason;
        ctx->error.precondition_subject = arena_string(ctx->arena, subject);
    }
    va_end(args);
    return false;
}
