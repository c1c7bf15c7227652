#include "cli/input.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_ROOM = 64 };

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size >= end_size && !strcmp(text + size - end_size, end);
}

/* Whether a name ends in this, or in this and ".gz". */
static bool is_called(const char *path, const char *end)
{
    char packed[16];

    snprintf(packed, sizeof(packed), "%s.gz", end);
    return ends_with(path, end) || ends_with(path, packed);
}

static const char *format_of(const char *path)
{
    if (is_called(path, ".csv"))
        return "csv";
    return is_called(path, ".jsonl") || is_called(path, ".ndjson") || is_called(path, ".json")
               ? "jsonl"
               : "";
}

static bool find_format(struct ctx *ctx, const char *format, struct records_input *input)
{
    format = format ? format : format_of(input->path);
    if (strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
        return fail(ctx, ERR_INVALID, "USAGE",
                    "%s: the name ends neither in .csv nor in .jsonl; --format csv or jsonl tells",
                    input->path);
    input->format = strcmp(format, "csv") ? RECORDS_JSON : RECORDS_CSV;
    return true;
}

/* The name up to its first dot, lower case, with "_" for "-". */
static void stem_of(const char *path, char stem[NAME_ROOM])
{
    const char *slash = strrchr(path, '/');
    size_t size = 0;

    for (const char *at = slash ? slash + 1 : path; *at && *at != '.' && size + 1 < NAME_ROOM; at++)
        stem[size++] = *at == '-' ? '_' : (char)tolower((unsigned char)*at);
    stem[size] = '\0';
}

/* Bytes of the stem that are this word; 0 when it goes on as another word. */
static size_t match(const char *stem, const char *word)
{
    size_t size = strlen(word);

    return !strncmp(stem, word, size) && !islower((unsigned char)stem[size]) ? size : 0;
}

/* "party" is also "partys" and "parties". */
static size_t match_kind(const char *stem, const char *kind)
{
    char plural[NAME_ROOM];
    int size = (int)strlen(kind);
    bool is_y = kind[size - 1] == 'y';

    snprintf(plural, sizeof(plural), "%.*s%s", is_y ? size - 1 : size, kind, is_y ? "ies" : "s");
    size_t found = match(stem, plural);
    return found ? found : match(stem, kind);
}

const char *input_kind_of(const char *path)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;
    const char *kind = NULL;
    char stem[NAME_ROOM];
    size_t longest = 0;

    stem_of(path, stem);
    for (unsigned i = 0; i < record->n_fields; i++) {
        const char *name = record->fields[i].name;
        size_t size = records_kind(name) ? match_kind(stem, name) : 0;
        if (size > longest) {
            longest = size;
            kind = name;
        }
    }
    return kind;
}

static bool is_folder(const char *path)
{
    struct stat found;

    return !stat(path, &found) && S_ISDIR(found.st_mode);
}

/* A map, or a folder with a map a kind: DIR/account.map. */
static bool find_map(struct ctx *ctx, const char *path, struct records_input *input)
{
    const char *kind = input->kind;

    if (!path || input->format != RECORDS_CSV)
        return true;
    if (is_folder(path)) {
        if (!kind && !(kind = input_kind_of(input->path)))
            return fail(ctx, ERR_INVALID, "USAGE", "%s: --kind is needed to find its map in %s",
                        input->path, path);
        path = arena_format(ctx->arena, "%s/%s.map", path, kind);
    }
    if (!map_read(ctx, path, &input->map))
        return false;
    input->encoding = input->map->encoding;
    input->kind = input->map->kind;
    return !kind || !strcmp(kind, input->kind) ||
           fail(ctx, ERR_INVALID, "USAGE", "%s: its map is for %s records, not %s", input->path,
                input->kind, kind);
}

static bool find_input(struct ctx *ctx, const struct cli_args *args, struct records_input *input)
{
    const char *encoding = cli_value(args, "encoding");

    input->kind = cli_value(args, "kind");
    if (!find_format(ctx, cli_value(args, "format"), input) ||
        !find_map(ctx, cli_value(args, "map"), input))
        return false;
    if (input->format == RECORDS_CSV && !input->kind)
        input->kind = input_kind_of(input->path);
    return !encoding || encoding_find(encoding, &input->encoding) ||
           fail(ctx, ERR_INVALID, "USAGE", "--encoding: expected utf-8 or gb18030");
}

/* The order in which records may refer to one another: the numbers of the kinds in Record, but that
 * dealers go before the accounts that name them. */
static int rank_of_kind(int number)
{
    return number == CIX__V1__RECORD__RECORD_DEALER ? CIX__V1__RECORD__RECORD_ACCOUNT * 2 - 1
                                                    : number * 2;
}

/* That of the file's kind; of JSON lines, of the first record that can be read. */
static int rank_of(struct ctx *ctx, const struct records_input *input)
{
    const ProtobufCFieldDescriptor *kind = input->kind ? records_kind(input->kind) : NULL;
    enum records_result result = RECORDS_BAD;
    struct records *records;
    Cix__V1__Record *record;
    int rank = 0;

    if (input->format == RECORDS_CSV)
        return kind ? rank_of_kind((int)kind->id) : 0;
    records = arena_alloc(ctx->arena, sizeof(*records));
    if (records_open(ctx, input, records))
        while (result == RECORDS_BAD)
            result = records_next(ctx, records, &record);
    if (result == RECORDS_GOOD)
        rank = rank_of_kind((int)record->record_case);
    records_close(records);
    ctx_clear(ctx); /* who reads the file tells what is wrong with it */
    return rank;
}

static void sort(struct ctx *ctx, struct records_input *inputs, int count)
{
    int ranks[INPUT_MAX];

    for (int i = 0; i < count; i++) {
        struct records_input input = inputs[i];
        int rank = rank_of(ctx, &input), at = i;
        for (; at > 0 && ranks[at - 1] > rank; at--) {
            ranks[at] = ranks[at - 1];
            inputs[at] = inputs[at - 1];
        }
        ranks[at] = rank;
        inputs[at] = input;
    }
}

bool input_find(struct ctx *ctx, const struct cli_args *args, struct records_input *inputs,
                int *count)
{
    CHECK(args->operand_count <= INPUT_MAX);
    for (int i = 0; i < args->operand_count; i++) {
        inputs[i] = (struct records_input){.path = args->operands[i]};
        for (int j = 0; j < i; j++)
            if (!strcmp(inputs[j].path, inputs[i].path))
                return fail(ctx, ERR_INVALID, "USAGE", "%s is given twice", inputs[i].path);
        if (!find_input(ctx, args, &inputs[i]))
            return false;
    }
    *count = args->operand_count;
    if (*count > 1)
        sort(ctx, inputs, *count);
    return true;
}
