#include "service/declaration.h"

#include <string.h>

#include "base/money.h"

enum { SCHEMA_VERSION = 1, HASH_SIZE = 32 };

static bool check_total(struct ctx *ctx, const Cix__V1__Declaration *message, size_t i)
{
    const char *currency = message->control_totals[i]->currency;

    if (money_minor_digits(currency) < 0 && strcmp(currency, CONTROL_NO_CURRENCY) != 0)
        return fail_field(ctx, "FIELD_INVALID", "open.declaration.control_totals",
                          "expected currencies of ISO 4217, or XXX");
    for (size_t before = 0; before < i; before++) {
        if (!strcmp(message->control_totals[before]->currency, currency))
            return fail_field(ctx, "FIELD_INVALID", "open.declaration.control_totals",
                              "expected each currency once");
    }
    return true;
}

static bool check(struct ctx *ctx, const Cix__V1__Declaration *message,
                  const struct file_limits *limits)
{
    bool is_good = true;

    if (message->file_hash.len != 0 && message->file_hash.len != HASH_SIZE)
        is_good = fail_field(ctx, "FIELD_INVALID", "open.declaration.file_hash",
                             "expected 32 bytes, or none");
    if (message->records < 0)
        is_good =
            fail_field(ctx, "FIELD_INVALID", "open.declaration.records", "expected 0 or more");
    if (message->records > limits->records_max)
        is_good = fail_field(ctx, "FILE_TOO_LARGE", "open.declaration.records",
                             "expected at most %d records (F005)", limits->records_max);
    if (message->schema_version < 0 || message->schema_version > SCHEMA_VERSION)
        is_good = fail_field(ctx, "SCHEMA_UNSUPPORTED", "open.declaration.schema_version",
                             "expected version %d (F009)", SCHEMA_VERSION);
    if (message->kind < 0 || message->kind > CIX__V1__RECORD__RECORD_DEALER)
        is_good = fail_field(ctx, "FIELD_INVALID", "open.declaration.kind",
                             "expected the number of a kind in Record, or 0");
    if (message->n_control_totals > CONTROL_MAX)
        return fail_field(ctx, "FIELD_INVALID", "open.declaration.control_totals",
                          "expected at most %d currencies", CONTROL_MAX);
    for (size_t i = 0; is_good && i < message->n_control_totals; i++)
        is_good = check_total(ctx, message, i);
    return is_good;
}

bool declaration_read(struct ctx *ctx, const struct vault *vault, int32_t member_id,
                      const Cix__V1__Declaration *message, const struct file_limits *limits,
                      struct submission_declaration *declared)
{
    *declared = (struct submission_declaration){.is_given = message != NULL};
    if (!message)
        return true;
    if (!check(ctx, message, limits))
        return false;
    declared->has_hash = message->file_hash.len > 0;
    declared->file_hash = vault_content(
        vault, member_id, (struct bytes){message->file_hash.data, message->file_hash.len});
    declared->records = message->records;
    declared->kind = (int16_t)message->kind;
    declared->total_count = (int)message->n_control_totals;
    declared->totals =
        arena_array(ctx->arena, message->n_control_totals, sizeof(*declared->totals));
    for (int i = 0; i < declared->total_count; i++)
        declared->totals[i] = (struct submission_total){message->control_totals[i]->currency,
                                                        message->control_totals[i]->amount};
    return true;
}

void declaration_totals(struct arena *arena, const Cix__V1__Chunk *message,
                        struct submission_chunk *chunk)
{
    struct control *control = arena_alloc(arena, sizeof(*control));

    for (size_t i = 0; i < message->n_records; i++)
        control_add(control, message->records[i]);
    chunk->totals = arena_array(arena, (size_t)control->count, sizeof(*chunk->totals));
    chunk->total_count = control->count;
    for (int i = 0; i < control->count; i++)
        chunk->totals[i] =
            (struct submission_total){control->items[i].currency, control->items[i].amount};
}

bool declaration_check_kind(struct ctx *ctx, int16_t kind, const Cix__V1__Chunk *message)
{
    for (size_t i = 0; kind && i < message->n_records; i++) {
        if ((int)message->records[i]->record_case != kind)
            return fail_field(ctx, "FIELD_INVALID", "chunk.records",
                              "record %zu is not of the declared kind", i);
    }
    return true;
}
