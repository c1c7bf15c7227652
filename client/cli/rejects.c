#include "cli/rejects.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/chunker.h"
#include "message.h"

enum { PAGE_SIZE = 1000 };

static const char *const headings[] = {"cix_line",     "cix_column", "cix_rule",
                                       "cix_severity", "cix_reason", "cix_record"};

/* The verdicts of a submission, page after page, in the order of chunk and index. */
struct pager {
    struct cix_client *client;
    const char *submission_id;
    struct cix_error *error;
    Cix__V1__GetSubmissionResponse *page;
    size_t at;
    bool is_failed;
};

/* What is written behind a record. */
struct remark {
    struct builder field, rule, severity, reason;
    const char *record; /* what cix quarantine calls it, when it was kept aside; NULL: it was not */
    int count;
};

struct writing {
    const struct rejects_source *source;
    struct records records;
    struct chunker chunker;
    struct pager pager;
    FILE *file;
    int64_t count;
};

static bool next_page(struct pager *pager)
{
    Cix__V1__GetSubmissionRequest request = CIX__V1__GET_SUBMISSION_REQUEST__INIT;
    Cix__V1__GetSubmissionResponse *page;

    if (!pager->submission_id || (pager->page && !*pager->page->next_page_token))
        return false;
    request.submission_id = (char *)pager->submission_id;
    request.page_size = PAGE_SIZE;
    request.page_token = pager->page ? pager->page->next_page_token : "";
    if (!cix_get_submission(pager->client, &request, &page, pager->error)) {
        pager->is_failed = true;
        return false;
    }
    cix_free(pager->page);
    pager->page = page;
    pager->at = 0;
    return true;
}

/* The verdict that is next, or NULL at the end. */
static const Cix__V1__Verdict *peek(struct pager *pager)
{
    while (!pager->page || pager->at == pager->page->n_verdicts) {
        if (pager->is_failed || !next_page(pager))
            return NULL;
    }
    return pager->page->verdicts[pager->at];
}

static void add_text(struct builder *text, int count, const char *more)
{
    builder_format(text, "%s%s", count ? "; " : "", more);
}

/* "subject.identifiers[1].value" is the column "identifiers_2_value". */
static const char *column_of(struct arena *arena, const char *kind, const char *field)
{
    struct builder column = {.arena = arena};
    size_t size = strlen(kind);

    if (!strncmp(field, kind, size) && field[size] == '.')
        field += size + 1;
    while (*field) {
        if (*field == '[') {
            char *end;
            builder_format(&column, "_%ld", strtol(field + 1, &end, 10) + 1);
            field = end + (*end == ']');
            continue;
        }
        builder_put(&column, *field == '.' ? "_" : field, 1);
        field++;
    }
    return column.size ? column.data : "";
}

/* The name that the file has for the field of a verdict. */
static const char *field_of(const struct records_input *input, struct arena *arena,
                            const char *field)
{
    if (input->format != RECORDS_CSV)
        return field;
    if (!input->map)
        return column_of(arena, input->kind, field);
    return map_heading_of(input->map, column_of(arena, input->map->kind, field));
}

static void add_verdict(const struct rejects_source *source, struct remark *remark,
                        const Cix__V1__Verdict *verdict)
{
    add_text(&remark->field, remark->count,
             field_of(&source->input, remark->field.arena, verdict->field));
    add_text(&remark->rule, remark->count, verdict->rule);
    add_text(&remark->severity, remark->count,
             cix_message_enum_name(&cix__v1__severity__descriptor, (int)verdict->severity));
    add_text(&remark->reason, remark->count, verdict->reason);
    remark->count++;
}

/* Takes the verdicts on one record, and all that come before it. */
static void take_verdicts(struct writing *writing, int32_t chunk, int32_t index,
                          struct remark *remark)
{
    const Cix__V1__Verdict *verdict;

    while ((verdict = peek(&writing->pager)) &&
           (verdict->chunk < chunk || (verdict->chunk == chunk && verdict->index <= index))) {
        bool is_warning = verdict->severity == CIX__V1__SEVERITY__SEVERITY_WARNING;
        bool is_here = verdict->chunk == chunk && verdict->index == index;
        if (is_here && (!is_warning || writing->source->has_warnings))
            add_verdict(writing->source, remark, verdict);
        if (is_here && verdict->severity == CIX__V1__SEVERITY__SEVERITY_QUARANTINE)
            remark->record = arena_format(remark->rule.arena, "%s/%d/%d",
                                          writing->pager.submission_id, chunk, index);
        writing->pager.at++;
    }
}

static void add_finding(const struct rejects_source *source, struct remark *remark,
                        const struct judge_finding *finding)
{
    add_text(&remark->field, remark->count,
             field_of(&source->input, remark->field.arena, finding->field));
    add_text(&remark->rule, remark->count, finding->rule);
    add_text(&remark->severity, remark->count,
             cix_message_enum_name(&cix__v1__severity__descriptor, (int)finding->severity));
    add_text(&remark->reason, remark->count, finding->reason);
    remark->count++;
}

static void judge(struct writing *writing, struct remark *remark)
{
    const struct rejects_source *source = writing->source;
    const Cix__V1__Record *record = writing->chunker.items[writing->chunker.count - 1];
    struct judge_finding findings[JUDGE_FINDING_MAX];
    int count = judge_record(source->judge, &writing->chunker.arena, record, findings);

    for (int i = 0; i < count; i++)
        if (source->has_warnings || findings[i].severity != SEVERITY_WARNING)
            add_finding(source, remark, &findings[i]);
}

static void take_failure(const struct error *error, struct remark *remark)
{
    builder_text(&remark->field, error->field_count ? error->fields[0].field : "");
    builder_text(&remark->rule, error->reason);
    builder_text(&remark->severity, "UNREADABLE");
    builder_text(&remark->reason, error->message);
    remark->count = 1;
}

static const char *text_of(const struct builder *text)
{
    return text->size ? text->data : "";
}

static void write_cell(const struct writing *writing, const char *text)
{
    csv_write_cell_as(writing->file, &writing->records.csv.form, text);
}

/* The cells of the file's own columns, each with a delimiter behind it. */
static void write_own(const struct writing *writing, const struct csv_row *row)
{
    const struct csv_row *names = &writing->records.headings;

    for (int i = 0; i < names->count; i++) {
        if (records_is_remark(names->cells[i].text))
            continue;
        /* A row that was too short keeps its place under the headings. */
        write_cell(writing, i < row->count ? row->cells[i].text : "");
        fputc(writing->records.csv.form.delimiter, writing->file);
    }
}

static void write_row(struct writing *writing, const struct remark *remark)
{
    const char delimiter = writing->records.csv.form.delimiter;
    const struct csv_row *row = &writing->records.csv.row;
    const char *const cells[] = {text_of(&remark->field), text_of(&remark->rule),
                                 text_of(&remark->severity), text_of(&remark->reason),
                                 remark->record ? remark->record : ""};

    write_own(writing, row);
    fprintf(writing->file, "%lld", (long long)writing->records.line);
    for (size_t i = 0; i < ARRAY_LENGTH(cells); i++) {
        fputc(delimiter, writing->file);
        write_cell(writing, cells[i]);
    }
    /* What a row has beyond the headings stays with it: its member says where it belongs. */
    for (int i = writing->records.headings.count; i < row->count; i++) {
        fputc(delimiter, writing->file);
        write_cell(writing, row->cells[i].text);
    }
    fputc('\n', writing->file);
}

/* A line that is no JSON object is kept as text, where it is UTF-8. */
static json_t *original_line(const struct records *records)
{
    json_t *line = json_loadb(records->text, records->text_size, 0, NULL);

    if (json_is_object(line))
        return line;
    json_decref(line);
    line = json_object();
    json_object_set_new(line, "text", json_stringn(records->text, records->text_size));
    return line;
}

static void write_line(struct writing *writing, const struct remark *remark)
{
    json_t *line = original_line(&writing->records);
    json_t *why =
        json_pack("{s:I, s:s, s:s, s:s, s:s}", "line", (json_int_t)writing->records.line, "field",
                  text_of(&remark->field), "rule", text_of(&remark->rule), "severity",
                  text_of(&remark->severity), "reason", text_of(&remark->reason));

    if (remark->record)
        json_object_set_new(why, "record", json_string(remark->record));
    json_object_set_new(line, "cix", why);
    json_dumpf(line, writing->file, JSON_COMPACT);
    fputc('\n', writing->file);
    json_decref(line);
}

/* Our text is UTF-8; the mark says so where the map or the options say otherwise. */
static void write_headings(struct writing *writing)
{
    if (source_encoding(writing->records.source) != ENCODING_UTF8)
        fputs("\xEF\xBB\xBF", writing->file);
    write_own(writing, &writing->records.headings);
    for (size_t i = 0; i < ARRAY_LENGTH(headings); i++) {
        if (i)
            fputc(writing->records.csv.form.delimiter, writing->file);
        fputs(headings[i], writing->file);
    }
    fputc('\n', writing->file);
}

static void write_record(struct writing *writing, enum records_result result)
{
    struct arena *arena = &writing->chunker.arena;
    struct remark remark = {.field = {.arena = arena},
                            .rule = {.arena = arena},
                            .severity = {.arena = arena},
                            .reason = {.arena = arena}};

    if (result == RECORDS_BAD)
        take_failure(&writing->chunker.ctx.error, &remark);
    else if (writing->source->judge)
        judge(writing, &remark);
    else
        take_verdicts(writing, writing->chunker.number, writing->chunker.count - 1, &remark);
    if (!remark.count)
        return;
    if (writing->source->input.format == RECORDS_CSV)
        write_row(writing, &remark);
    else
        write_line(writing, &remark);
    writing->count++;
}

static bool write_all(struct ctx *ctx, struct writing *writing, int64_t *unreadable)
{
    enum records_result result = RECORDS_GOOD;

    if (writing->source->input.format == RECORDS_CSV)
        write_headings(writing);
    chunker_init(&writing->chunker, &writing->records, writing->source->chunk_max);
    while (!writing->pager.is_failed && result != RECORDS_END && result != RECORDS_BROKEN) {
        result = chunker_read(&writing->chunker);
        if (result == RECORDS_GOOD || result == RECORDS_BAD)
            write_record(writing, result);
    }
    *unreadable = writing->chunker.bad;
    if (result == RECORDS_BROKEN && writing->source->judge)
        fail(ctx, ERR_INVALID, "FILE", "%s", writing->chunker.ctx.error.message);
    else if (result == RECORDS_BROKEN)
        fail(ctx, ERR_INVALID, "FILE", "%s was changed meanwhile", writing->source->input.path);
    chunker_done(&writing->chunker);
    cix_free(writing->pager.page);
    return result != RECORDS_BROKEN && !writing->pager.is_failed;
}

bool rejects_write(struct ctx *ctx, struct cix_client *client, const struct rejects_source *source,
                   struct rejects *rejects, struct cix_error *error)
{
    struct writing writing = {
        .source = source,
        .pager = {.client = client, .submission_id = source->submission_id, .error = error}};
    const char *name = arena_format(ctx->arena, "%s.rejects.%s", source->input.path,
                                    source->input.format == RECORDS_CSV ? "csv" : "jsonl");
    bool is_written = false;

    error->status = CIX_OK;
    if (records_open(ctx, &source->input, &writing.records)) {
        writing.file = fopen(name, "we");
        is_written = writing.file && write_all(ctx, &writing, &rejects->unreadable);
    }
    records_close(&writing.records);
    if (!writing.file || fclose(writing.file))
        return fail(ctx, ERR_INTERNAL, "FILE", "%s: %s", name, strerror(errno));
    if (!is_written || !writing.count)
        unlink(name);
    rejects->count = writing.count;
    rejects->path = name;
    return is_written;
}
