#include "cli/records.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json.h"
#include "message.h"

enum { AHEAD_SIZE = 64 * 1024 };

static bool fail_file(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
}

/* "line 7, column 3" and, where it is that of the file, the byte. */
static void tell_broken(struct ctx *ctx, const struct records *records, int64_t column,
                        const char *message)
{
    const char *failure = source_failure(records->source);
    bool is_other = !strcmp(message, "not UTF-8") && records->input->encoding == ENCODING_UTF8;

    fail(ctx, ERR_INVALID, "FILE", "%s: line %lld, column %lld: %s%s", records->input->path,
         (long long)records->line, (long long)column, *failure ? failure : message,
         is_other ? "; if it is GB18030, --encoding gb18030 says so" : "");
}

static enum records_result broken(struct ctx *ctx, struct records *records)
{
    const struct csv_error *error = &records->csv.error;

    records->line = error->line;
    tell_broken(ctx, records, error->column, error->message);
    return RECORDS_BROKEN;
}

static bool fail_empty(struct ctx *ctx, const struct records *records)
{
    return fail(ctx, ERR_INVALID, "FILE", "%s: is empty", records->input->path);
}

const ProtobufCFieldDescriptor *records_kind(const char *name)
{
    const ProtobufCFieldDescriptor *field = cix_message_field(&cix__v1__record__descriptor, name);

    return field && field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? field : NULL;
}

/* "consent, subject, account": the kinds of record there are. */
static const char *kind_words(struct arena *arena)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;
    struct builder words = {.arena = arena};

    for (unsigned i = 0; i < record->n_fields; i++)
        if (record->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            builder_format(&words, "%s%s", words.size ? ", " : "", record->fields[i].name);
    return words.data;
}

static bool find_kind(struct ctx *ctx, const char *kind, struct records *records)
{
    records->kind = kind ? records_kind(kind) : NULL;
    if (records->kind)
        return true;
    return fail(ctx, ERR_INVALID, "KIND", "--kind: expected one of %s", kind_words(ctx->arena));
}

bool records_is_remark(const char *heading)
{
    return !strncmp(heading, "cix_", 4);
}

/* A file without headings has them once it is a reject file. */
static bool has_headings(const struct records *records)
{
    const struct csv_row *row = &records->csv.row;

    return !records->input->map || records->input->map->has_headings ||
           records_is_remark(row->cells[row->count - 1].text);
}

/* Keeps the headings of the file beyond the first row. */
static void keep_headings(struct records *records)
{
    const struct csv_row *row = &records->csv.row;

    records->headings.count = row->count;
    records->is_row_read = !has_headings(records);
    for (int i = 0; i < row->count; i++) {
        char *text = records->is_row_read ? arena_format(&records->arena, "%d", i + 1)
                                          : arena_string(&records->arena, row->cells[i].text);
        records->headings.cells[i] = (struct csv_cell){.text = text, .size = strlen(text)};
    }
}

/* names: a context whose texts live as long as the records. */
static bool read_columns(struct ctx *names, struct records *records)
{
    const struct map *map = records->input->map;
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;

    if (!map)
        return columns_read_kind(names, record, records->kind, &records->headings,
                                 &records->columns);
    map_headings(map, &records->fields);
    return map_bind(names, map, &records->headings, &records->binding) &&
           columns_read_kind(names, record, records->kind, &records->fields, &records->columns);
}

static bool open_csv(struct ctx *ctx, struct records *records)
{
    const struct map *map = records->input->map;
    struct ctx names;

    csv_init(&records->csv, source_read, records->source);
    if (map)
        records->csv.form = map->form;
    if (!find_kind(ctx, map ? map->kind : records->input->kind, records))
        return false;
    enum csv_result result = csv_read(&records->csv);
    if (result == CSV_BROKEN)
        return broken(ctx, records) == RECORDS_END;
    if (result == CSV_END)
        return fail_empty(ctx, records);
    keep_headings(records);
    ctx_init(&names, &records->arena);
    if (read_columns(&names, records))
        return true;
    const struct error *error = &names.error;
    return fail(ctx, ERR_INVALID, error->reason, "%s: %s%s%s%s", records->input->path,
                error->field_count ? "column " : "",
                error->field_count ? error->fields[0].field : "", error->field_count ? ": " : "",
                error->message);
}

bool records_open(struct ctx *ctx, const struct records_input *input, struct records *records)
{
    *records = (struct records){.input = input};
    arena_init(&records->arena, 0);
    if (!source_open(ctx, input->path, input->encoding, &records->source))
        return false;
    if (input->format == RECORDS_CSV)
        return open_csv(ctx, records);
    records->text = malloc(CIX_JSON_MAX + 1);
    records->ahead = malloc(AHEAD_SIZE);
    CHECK(records->text && records->ahead);
    return true;
}

void records_close(struct records *records)
{
    source_close(records->source);
    csv_done(&records->csv);
    free(records->text);
    free(records->ahead);
    arena_done(&records->arena);
}

static enum records_result check_size(struct ctx *ctx, const Cix__V1__Record *record)
{
    if (cix__v1__record__get_packed_size(record) <= RECORD_SIZE_MAX)
        return RECORDS_GOOD;
    fail(ctx, ERR_INVALID, "RECORD_TOO_LARGE", "the record has more than 256 KiB");
    return RECORDS_BAD;
}

/* The message of the latest row of the file. */
static bool make_message(struct ctx *ctx, struct records *records, ProtobufCMessage **message)
{
    const struct map *map = records->input->map;
    const struct csv_row *row = &records->csv.row;

    if (!map)
        return columns_message(ctx, &records->columns, row, message);
    if (!map_row(ctx, map, &records->binding, row, &records->fields))
        return false;
    if (columns_message(ctx, &records->columns, &records->fields, message))
        return true;
    if (ctx->error.field_count) /* people know the column by the name that their file gives it */
        ctx->error.fields[0].field = map_heading_of(map, ctx->error.fields[0].field);
    return false;
}

static enum records_result next_row(struct ctx *ctx, struct records *records,
                                    Cix__V1__Record **record)
{
    ProtobufCMessage *message;
    enum csv_result result = records->is_row_read ? CSV_ROW : csv_read(&records->csv);

    records->is_row_read = false;
    records->line = records->csv.row.line;
    if (result == CSV_END && !records->has_lines)
        (void)fail(ctx, ERR_INVALID, "FILE", "%s: has headings and no record",
                   records->input->path);
    if (result == CSV_END)
        return records->has_lines ? RECORDS_END : RECORDS_BROKEN;
    if (result == CSV_BROKEN)
        return broken(ctx, records);
    records->has_lines = true;
    if (!make_message(ctx, records, &message))
        return RECORDS_BAD;
    *record = (Cix__V1__Record *)message;
    return check_size(ctx, *record);
}

/* Some editors begin a UTF-8 file with this mark. */
static void skip_byte_order_mark(struct records *records)
{
    if (records->line != 1 || records->text_size < 3 || memcmp(records->text, "\xEF\xBB\xBF", 3))
        return;
    records->text_size -= 3;
    memmove(records->text, records->text + 3, records->text_size);
}

/* More bytes of the source. False: the end, or a failure, which source_failure tells. */
static bool look_ahead(struct records *records)
{
    long got = source_read(records->source, records->ahead, AHEAD_SIZE);

    records->ahead_at = 0;
    records->ahead_size = got > 0 ? (size_t)got : 0;
    return got > 0;
}

/*
 * One line without its end, of at most CIX_JSON_MAX bytes. False: too long, or the source failed.
 * is_end: there was no line any more.
 */
static bool read_line(struct records *records, bool *is_end)
{
    const char *end = NULL;

    records->text_size = 0;
    *is_end = false;
    while (!end) {
        if (records->ahead_at == records->ahead_size && !look_ahead(records)) {
            *is_end = !records->text_size;
            break;
        }
        const char *from = records->ahead + records->ahead_at;
        size_t size = records->ahead_size - records->ahead_at;
        end = memchr(from, '\n', size);
        size = end ? (size_t)(end - from) : size;
        if (size > CIX_JSON_MAX - records->text_size)
            return false;
        memcpy(records->text + records->text_size, from, size);
        records->text_size += size;
        records->ahead_at += size + (end != NULL);
    }
    if (records->text_size && records->text[records->text_size - 1] == '\r')
        records->text_size--;
    return !*source_failure(records->source);
}

/* The next line that is not empty. False: the end, or the file is damaged. */
static bool find_line(struct ctx *ctx, struct records *records, enum records_result *why)
{
    bool is_end;

    *why = RECORDS_BROKEN;
    do {
        records->line++;
        if (!read_line(records, &is_end)) {
            size_t columns = text_length(records->text, records->text_size);
            tell_broken(ctx, records, (int64_t)columns + 1, "the line is longer than 1 MiB");
            return false;
        }
        skip_byte_order_mark(records);
        if (is_end) {
            *why = records->has_lines ? RECORDS_END : RECORDS_BROKEN;
            return records->has_lines ? false : fail_empty(ctx, records);
        }
    } while (!records->text_size);
    records->has_lines = true;
    return true;
}

/* Characters before the first that is not UTF-8. */
static size_t readable_length(const struct records *records)
{
    size_t low = 0, size = records->text_size;

    /* A prefix of well-formed text is well-formed but for a cut character, at most three bytes. */
    while (low < size) {
        size_t end = low + 1;
        while (end <= size && end <= low + 4 && !text_is_utf8(records->text + low, end - low))
            end++;
        if (end > size || end > low + 4)
            break;
        low = end;
    }
    return text_length(records->text, low);
}

static enum records_result next_line(struct ctx *ctx, struct records *records,
                                     Cix__V1__Record **record)
{
    ProtobufCMessage *message;
    enum records_result why;

    if (!find_line(ctx, records, &why))
        return why;
    if (!text_is_utf8(records->text, records->text_size)) {
        fail(ctx, ERR_INVALID, "ENCODING", "not UTF-8, or NUL, at column %zu of the line",
             readable_length(records) + 1);
        return RECORDS_BAD;
    }
    struct cix_json_text text = {
        .data = records->text, .size = records->text_size, .ignored = "cix", .line = records->line};
    if (!cix_json_read(ctx, &text, &cix__v1__record__descriptor, &message))
        return RECORDS_BAD;
    *record = (Cix__V1__Record *)message;
    if ((*record)->record_case != CIX__V1__RECORD__RECORD__NOT_SET)
        return check_size(ctx, *record);
    fail(ctx, ERR_INVALID, "RECORD_EMPTY", "expected one of %s", kind_words(ctx->arena));
    return RECORDS_BAD;
}

enum records_result records_next(struct ctx *ctx, struct records *records, Cix__V1__Record **record)
{
    ctx_clear(ctx);
    return records->input->format == RECORDS_CSV ? next_row(ctx, records, record)
                                                 : next_line(ctx, records, record);
}

static bool add_digest(struct ctx *ctx, const char *path, EVP_MD_CTX *hash)
{
    static uint8_t buffer[64 * 1024];
    size_t got;
    FILE *file = fopen(path, "re");

    while (file && (got = fread(buffer, 1, sizeof(buffer), file)) > 0)
        EVP_DigestUpdate(hash, buffer, got);
    bool is_read = file && !ferror(file);
    if (!is_read)
        fail_file(ctx, path);
    if (file)
        fclose(file);
    return is_read;
}

bool records_digest(struct ctx *ctx, const struct records_input *input, char digest[65])
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    CHECK(hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL));
    bool is_read = add_digest(ctx, input->path, hash) &&
                   (!input->map || add_digest(ctx, input->map->path, hash));
    EVP_DigestFinal_ex(hash, bytes, NULL);
    EVP_MD_CTX_free(hash);
    if (is_read)
        text_to_hex(bytes, 32, digest);
    return is_read;
}
