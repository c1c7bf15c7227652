#include "cli/records.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json.h"
#include "message.h"

static bool fail_file(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
}

static enum records_result broken(struct ctx *ctx, const struct records *records)
{
    const struct csv_error *error = &records->csv.error;

    fail(ctx, ERR_INVALID, "FILE", "%s: line %lld, column %d, byte %lld: %s", records->path,
         (long long)error->line, error->column, (long long)error->byte, error->message);
    return RECORDS_BROKEN;
}

static bool find_kind(struct ctx *ctx, const char *kind, struct records *records)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;

    records->kind = kind ? cix_message_field(record, kind) : NULL;
    if (records->kind)
        return true;
    return fail(ctx, ERR_INVALID, "KIND",
                "--kind: expected consent, subject, account, performance or flag");
}

static bool open_csv(struct ctx *ctx, const char *kind, struct records *records)
{
    struct ctx names;

    csv_init(&records->csv, csv_from_file, records->file);
    if (!find_kind(ctx, kind, records))
        return false;
    enum csv_result result = csv_read(&records->csv);
    if (result == CSV_BROKEN)
        return broken(ctx, records) == RECORDS_END;
    if (result == CSV_END)
        return fail(ctx, ERR_INVALID, "FILE", "%s: is empty", records->path);
    ctx_init(&names, &records->arena);
    if (columns_read(&names, records->kind->descriptor, &records->csv.row, &records->columns))
        return true;
    return fail(ctx, ERR_INVALID, names.error.reason, "%s: column %s: %s", records->path,
                names.error.fields[0].field, names.error.message);
}

bool records_open(struct ctx *ctx, const char *path, enum records_format format, const char *kind,
                  struct records *records)
{
    *records = (struct records){.format = format, .path = path};
    arena_init(&records->arena, 0);
    records->file = fopen(path, "re");
    if (!records->file)
        return fail_file(ctx, path);
    if (format == RECORDS_CSV)
        return open_csv(ctx, kind, records);
    records->text = malloc(CIX_JSON_MAX + 1);
    CHECK(records->text);
    return true;
}

void records_close(struct records *records)
{
    if (records->file)
        fclose(records->file);
    csv_done(&records->csv);
    free(records->text);
    arena_done(&records->arena);
}

static enum records_result check_size(struct ctx *ctx, const Cix__V1__Record *record)
{
    if (cix__v1__record__get_packed_size(record) <= RECORD_SIZE_MAX)
        return RECORDS_GOOD;
    fail(ctx, ERR_INVALID, "RECORD_TOO_LARGE", "the record has more than 256 KiB");
    return RECORDS_BAD;
}

static enum records_result next_row(struct ctx *ctx, struct records *records,
                                    Cix__V1__Record **record)
{
    ProtobufCMessage *message;
    enum csv_result result = csv_read(&records->csv);

    records->bytes_read = csv_position(&records->csv);
    records->line = records->csv.row.line;
    if (result == CSV_END)
        return RECORDS_END;
    if (result == CSV_BROKEN)
        return broken(ctx, records);
    if (!columns_message(ctx, &records->columns, &records->csv.row, &message))
        return RECORDS_BAD;
    ProtobufCMessage *made = cix_message_new(ctx->arena, &cix__v1__record__descriptor);
    *(ProtobufCMessage **)cix_message_slot(ctx->arena, made, records->kind) = message;
    *record = (Cix__V1__Record *)made;
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

/* One line without its end, of at most CIX_JSON_MAX bytes. False: too long, or the file cannot be
 * read. */
static bool read_line(struct records *records)
{
    int byte;

    records->text_size = 0;
    while ((byte = getc_unlocked(records->file)) != EOF && byte != '\n') {
        if (records->text_size == CIX_JSON_MAX)
            return false;
        records->text[records->text_size++] = (char)byte;
    }
    records->bytes_read += (int64_t)records->text_size + (byte == '\n');
    if (records->text_size && records->text[records->text_size - 1] == '\r')
        records->text_size--;
    return !ferror(records->file);
}

static enum records_result next_line(struct ctx *ctx, struct records *records,
                                     Cix__V1__Record **record)
{
    ProtobufCMessage *message;

    do {
        records->line++;
        if (!read_line(records)) {
            fail(ctx, ERR_INVALID, "FILE", "%s: line %lld is longer than 1 MiB, or unreadable",
                 records->path, (long long)records->line);
            return RECORDS_BROKEN;
        }
        skip_byte_order_mark(records);
        if (!records->text_size && feof(records->file))
            return RECORDS_END;
    } while (!records->text_size);
    struct cix_json_text text = {
        .data = records->text, .size = records->text_size, .ignored = "cix"};
    if (!cix_json_read(ctx, &text, &cix__v1__record__descriptor, &message))
        return RECORDS_BAD;
    *record = (Cix__V1__Record *)message;
    if ((*record)->record_case != CIX__V1__RECORD__RECORD__NOT_SET)
        return check_size(ctx, *record);
    fail(ctx, ERR_INVALID, "RECORD_EMPTY",
         "expected one of consent, subject, account, performance, flag");
    return RECORDS_BAD;
}

enum records_result records_next(struct ctx *ctx, struct records *records, Cix__V1__Record **record)
{
    ctx_clear(ctx);
    return records->format == RECORDS_CSV ? next_row(ctx, records, record)
                                          : next_line(ctx, records, record);
}

bool records_digest(struct ctx *ctx, const char *path, char digest[65])
{
    static uint8_t buffer[64 * 1024];
    uint8_t bytes[EVP_MAX_MD_SIZE];
    size_t got;
    FILE *file = fopen(path, "re");
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    CHECK(hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL));
    while (file && (got = fread(buffer, 1, sizeof(buffer), file)) > 0)
        EVP_DigestUpdate(hash, buffer, got);
    bool is_read = file && !ferror(file);
    EVP_DigestFinal_ex(hash, bytes, NULL);
    EVP_MD_CTX_free(hash);
    if (file)
        fclose(file);
    if (!is_read)
        return fail_file(ctx, path);
    text_to_hex(bytes, 32, digest);
    return true;
}
