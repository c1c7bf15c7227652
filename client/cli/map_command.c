#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cix/v1/record.pb-c.h"
#include "cli/command.h"
#include "cli/records.h"
#include "cli/table.h"
#include "json.h"
#include "message.h"

enum { SHOWN_MAX = 20, SHOWN_DEFAULT = 3 };

/* One run of `cix map check`. */
struct check {
    struct ctx *ctx; /* lives as long as the run */
    struct records records;
    bool is_json;
    int64_t wanted;
    int shown, bad;
    int64_t lines[SHOWN_MAX];
    const char *values[SHOWN_MAX][MAP_FIELD_MAX];
};

static enum cli_exit complain(const struct ctx *ctx)
{
    bool is_data = !strcmp(ctx->error.reason, "FILE");

    return cli_complain(is_data ? CLI_DATA : CLI_USAGE, "%s", ctx->error.message);
}

static void tell_bad(struct check *check, const struct error *error)
{
    const char *column = error->field_count ? error->fields[0].field : "";

    check->bad++;
    cli_complain(CLI_OK, "%s: line %lld%s%s: %s", check->records.input->path,
                 (long long)check->records.line, *column ? ", column " : "", column,
                 error->message);
}

static void keep(struct check *check, Cix__V1__Record *record)
{
    const struct csv_row *fields = &check->records.fields;

    if (check->is_json) {
        puts(cix_json_write(check->ctx->arena, &record->base, 0));
    } else {
        check->lines[check->shown] = check->records.line;
        for (int i = 0; i < fields->count; i++)
            check->values[check->shown][i] = arena_string(check->ctx->arena, fields->cells[i].text);
    }
    check->shown++;
}

/* A column a record, a line a field: records have many fields, and few records are shown. */
static void print_table(const struct check *check)
{
    struct arena *arena = check->ctx->arena;
    const struct map *map = check->records.input->map;
    const char *cells[SHOWN_MAX + 2] = {"FIELD", "FROM"};
    size_t count = (size_t)check->shown + 2;

    for (int i = 0; i < check->shown; i++)
        cells[i + 2] = arena_format(arena, "LINE %lld", (long long)check->lines[i]);
    struct table *table = table_new(cells, count);
    for (int i = 0; i < map->field_count; i++) {
        const struct map_field *field = &map->fields[i];
        cells[0] = field->name;
        cells[1] = field->heading == field->name ? "" : field->heading;
        for (int j = 0; j < check->shown; j++)
            cells[j + 2] = check->values[j][i];
        table_add(table, cells);
    }
    table_print(table);
}

static enum cli_exit read_rows(struct check *check)
{
    enum records_result result = RECORDS_GOOD;
    struct arena arena;
    struct ctx row;

    arena_init(&arena, 0);
    ctx_init(&row, &arena);
    while (check->shown + check->bad < check->wanted) {
        Cix__V1__Record *record;
        arena_reset(&arena);
        result = records_next(&row, &check->records, &record);
        if (result == RECORDS_END || result == RECORDS_BROKEN)
            break;
        if (result == RECORDS_BAD)
            tell_bad(check, &row.error);
        else
            keep(check, record);
    }
    if (!check->is_json)
        print_table(check);
    enum cli_exit code = check->bad ? CLI_REJECTED : CLI_OK;
    if (result == RECORDS_BROKEN)
        code = complain(&row);
    arena_done(&arena);
    return code;
}

static enum cli_exit check_file(struct check *check, const struct cli_args *args)
{
    static const int64_t bounds[] = {1, SHOWN_MAX};
    const char *output = cli_value(args, "output");
    struct records_input input = {.path = args->operands[1]};

    check->is_json = output && !strcmp(output, "json");
    if (output && !check->is_json && strcmp(output, "table") != 0)
        return cli_complain(CLI_USAGE, "--output: expected table or json");
    check->wanted = SHOWN_DEFAULT;
    if (!cli_integer(args, "rows", bounds, &check->wanted))
        return CLI_USAGE;
    if (!map_read(check->ctx, args->operands[0], &input.map))
        return complain(check->ctx);
    input.encoding = input.map->encoding;
    enum cli_exit code =
        records_open(check->ctx, &input, &check->records) ? read_rows(check) : complain(check->ctx);
    records_close(&check->records);
    return code;
}

static enum cli_exit run_check(const struct cli_args *args)
{
    static struct check check;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    check = (struct check){.ctx = &ctx};
    enum cli_exit code = check_file(&check, args);
    arena_done(&arena);
    return code;
}

static const char *type_words(struct arena *arena, const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return cix_message_enum_words(arena, field->descriptor);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return "true or false";
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return "hexadecimal digits";
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return "text";
    const char *day = cix_message_day_words(field);
    return day ? day : "whole number";
}

static void add_field(struct arena *arena, struct table *table, const char *name,
                      const ProtobufCFieldDescriptor *field)
{
    bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    const char *words = type_words(arena, field);

    table_add(table,
              (const char *[]){name, is_list ? arena_format(arena, "list of %s", words) : words});
}

static void add_fields(struct arena *arena, struct table *table,
                       const ProtobufCMessageDescriptor *descriptor)
{
    bool is_record = descriptor == &cix__v1__record__descriptor; /* what stands beside the kinds */

    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *outer = &descriptor->fields[i];
        if (is_record && outer->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            continue;
        if (outer->type != PROTOBUF_C_TYPE_MESSAGE) {
            add_field(arena, table, outer->name, outer);
            continue;
        }
        const ProtobufCMessageDescriptor *inside = outer->descriptor;
        for (unsigned j = 0; j < inside->n_fields; j++) {
            const ProtobufCFieldDescriptor *inner = &inside->fields[j];
            const char *between = outer->label == PROTOBUF_C_LABEL_REPEATED ? "_1_" : "_";
            if (inner->type != PROTOBUF_C_TYPE_MESSAGE)
                add_field(arena, table,
                          arena_format(arena, "%s%s%s", outer->name, between, inner->name), inner);
        }
    }
}

static enum cli_exit run_fields(const struct cli_args *args)
{
    static const char *const titles[] = {"FIELD", "WHAT"};
    const ProtobufCFieldDescriptor *kind = records_kind(args->operands[0]);
    struct arena arena;

    if (!kind)
        return cli_complain(CLI_USAGE, "no kind of record %s", args->operands[0]);
    struct table *table = table_new(titles, ARRAY_LENGTH(titles));
    arena_init(&arena, 0);
    add_fields(&arena, table, kind->descriptor);
    add_fields(&arena, table, &cix__v1__record__descriptor);
    table_print(table);
    arena_done(&arena);
    return CLI_OK;
}

static const struct cli_option check_options[] = {
    {"rows", "N", "how many, 1 to 20 (default 3)"},
    {"output", "table|json", "form (default table); json: the records as they would be sent"},
    {NULL, NULL, NULL},
};

static const struct cli_command check_command = {
    "check",
    "MAP FILE",
    "Show the first rows of a file as a mapping file makes them",
    "A line a field, a column a record: what would be sent. Rows that cannot be made are told\n"
    "with line and column. Nothing is sent.",
    2,
    2,
    false,
    check_options,
    NULL,
    run_check,
};

static const struct cli_command fields_command = {
    "fields", "KIND",     "List the fields that records of a kind have", NULL, 1, 1, false, NULL,
    NULL,     run_fields,
};

static const struct cli_command *const children[] = {&check_command, &fields_command, NULL};

const struct cli_command cli_map_command = {
    "map", "",   "Try mapping files, which make records of a member's own CSV",
    NULL,  0,    0,
    false, NULL, children,
    NULL,
};
