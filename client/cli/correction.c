#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/online.h"
#include "cli/subject.h"
#include "cli/table.h"
#include "message.h"

enum { DOCUMENT_MAX = 64 * 1024 * 1024, PHONES_MAX = 2 };

/* SHA-256 of a file, as evidence: the file itself stays here. */
static bool hash_file(struct online *online, const char *option, ProtobufCBinaryData *hash)
{
    struct digest *digest = arena_alloc(&online->arena, sizeof(*digest));
    struct builder content = {.arena = &online->arena};
    char buffer[8192];
    const char *path;
    size_t size;

    if (!online_require(online, option, &path))
        return false;
    FILE *file = fopen(path, "re");
    if (!file)
        return fail(&online->ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0 && content.size <= DOCUMENT_MAX)
        builder_put(&content, buffer, size);
    bool is_read = !ferror(file) && content.size > 0 && content.size <= DOCUMENT_MAX;
    fclose(file);
    if (!is_read)
        return fail(&online->ctx, ERR_INVALID, "FILE", "%s is empty, too long or cannot be read",
                    path);
    *digest = digest_of(content.data, content.size);
    *hash = (ProtobufCBinaryData){sizeof(digest->bytes), digest->bytes};
    return true;
}

/* The id given, or a new one. */
static char *id_of(struct online *online)
{
    const char *given = cli_value(online->args, "mark-id");
    char *text = arena_alloc(&online->arena, 37);
    struct uuid id = uuid_new();

    if (given)
        return arena_string(&online->arena, given);
    uuid_format(&id, text);
    return text;
}

/* A number of at most 18 digits between two colons. */
static bool read_number(char **rest, int64_t *number)
{
    char *part = strsep(rest, ":");

    return part && text_to_int64(part, number);
}

/* identity, account:ID, month:ID:YYYYMM, flag:UUID, inquiry:ID, fact:ID. */
static bool read_target(struct online *online, Cix__V1__AnnotationTarget *target)
{
    const char *given;
    int64_t number = 0;
    int kind;

    if (!online_require(online, "on", &given))
        return false;
    char *rest = arena_string(&online->arena, given);
    if (!online_enum(&online->ctx, &cix__v1__annotation_target_kind__descriptor, "on",
                     strsep(&rest, ":"), &kind))
        return false;
    target->kind = (Cix__V1__AnnotationTargetKind)kind;
    bool is_flag = kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FLAG;
    bool is_month = kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH;
    if (is_flag && rest) {
        target->flag_id = rest;
        return true;
    }
    bool is_good = kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY ||
                   read_number(&rest, &target->id);
    if (is_good && is_month)
        is_good = read_number(&rest, &number) && number <= 999912;
    target->period = (int32_t)number;
    return (is_good && !rest) ||
           fail(&online->ctx, ERR_INVALID, "USAGE",
                "--on: expected identity, account:ID, month:ID:YYYYMM, flag:UUID, inquiry:ID or"
                " fact:ID, with ids as a report shows them");
}

static bool read_code(struct online *online, Cix__V1__AddAnnotationRequest *request)
{
    const char *code = cli_value(online->args, "code");
    int64_t number = 0;

    request->kind = code ? CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE
                         : CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_STATEMENT;
    if (code && (!text_to_int64(code, &number) || number > 999))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--code: expected 101 to 110 or 199");
    request->code = (int32_t)number;
    return true;
}

static bool read_filer(struct online *online, Cix__V1__AddAnnotationRequest *request)
{
    const char *filer = cli_value(online->args, "filed-by");
    int number;

    if (!online_enum(&online->ctx, &cix__v1__annotation_filer__descriptor, "filed-by",
                     filer ? filer : "SUBJECT", &number))
        return false;
    request->filed_by = (Cix__V1__AnnotationFiler)number;
    return true;
}

static enum cli_exit annotate(struct online *online)
{
    Cix__V1__AddAnnotationRequest request = CIX__V1__ADD_ANNOTATION_REQUEST__INIT;
    Cix__V1__AnnotationTarget target = CIX__V1__ANNOTATION_TARGET__INIT;
    Cix__V1__AddAnnotationResponse *response;
    struct subject_key key;
    const char *text;

    if (!subject_from_args(&online->ctx, online->args, &key) || !read_target(online, &target) ||
        !read_code(online, &request) || !read_filer(online, &request) ||
        !online_require(online, "text", &text) ||
        !hash_file(online, "evidence", &request.evidence_hash))
        return online_complain(online);
    request.annotation_id = id_of(online);
    request.identifier = &key.identifier;
    request.name = key.name;
    request.target = &target;
    request.text = arena_string(&online->arena, text);
    if (!cix_add_annotation(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s filed at %s", request.annotation_id,
           online_instant(&online->arena, response->recorded_at_us));
    if (response->due_on)
        printf(", to be answered by %s", online_day(&online->arena, response->due_on));
    if (response->is_repeated)
        printf(", says again what was answered before: it may be declined (T006)");
    putchar('\n');
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit end(struct online *online)
{
    Cix__V1__EndAnnotationRequest request = CIX__V1__END_ANNOTATION_REQUEST__INIT;
    Cix__V1__EndAnnotationResponse *response;
    const char *outcome;
    int number;

    if (!online_require(online, "outcome", &outcome) ||
        !online_enum(&online->ctx, &cix__v1__annotation_outcome__descriptor, "outcome", outcome,
                     &number))
        return online_complain(online);
    request.annotation_id = online->args->operands[0];
    request.outcome = (Cix__V1__AnnotationOutcome)number;
    if (cli_value(online->args, "text"))
        request.text = arena_string(&online->arena, cli_value(online->args, "text"));
    if (!cix_end_annotation(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("ended at %s\n", online_instant(&online->arena, response->ended_at_us));
    cix_free(response);
    return CLI_OK;
}

/* What an annotation stands on, as --on takes it. */
static const char *target_text(struct arena *arena, const Cix__V1__AnnotationTarget *target)
{
    const char *kind =
        cix_message_enum_name(&cix__v1__annotation_target_kind__descriptor, (int)target->kind);

    if (target->flag_id[0])
        return arena_format(arena, "%s:%s", kind, target->flag_id);
    if (target->period)
        return arena_format(arena, "%s:%lld:%d", kind, (long long)target->id, target->period);
    return target->id ? arena_format(arena, "%s:%lld", kind, (long long)target->id) : kind;
}

static void print_annotations(struct arena *arena, const Cix__V1__ListAnnotationsResponse *page)
{
    static const char *const headings[] = {"FILED", "BY",        "ON",      "CODE",         "TEXT",
                                           "DUE",   "ESCALATED", "OUTCOME", "ANNOTATION ID"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < page->n_annotations; i++) {
        const Cix__V1__Annotation *item = page->annotations[i];
        const char *outcome = item->outcome
                                  ? cix_message_enum_name(&cix__v1__annotation_outcome__descriptor,
                                                          (int)item->outcome)
                              : item->is_repeated ? "open, repeated"
                                                  : "open";
        table_add(table, (const char *[]){online_instant(arena, item->recorded_at_us),
                                          item->member_code, target_text(arena, item->target),
                                          item->code ? arena_format(arena, "%d", item->code) : "",
                                          item->text, online_day(arena, item->due_on),
                                          online_day(arena, item->escalated_on), outcome,
                                          item->annotation_id});
    }
    table_print(table);
}

static enum cli_exit list(struct online *online)
{
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
    Cix__V1__ListAnnotationsResponse *page;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    request.with_ended = cli_has(online->args, "all");
    request.page_token = arena_string(&online->arena, "");
    for (;;) {
        if (!cix_list_annotations(online->client, &request, &page, &online->error))
            return online_fail(online);
        if (is_json)
            online_print_json(&page->base);
        else
            print_annotations(&online->arena, page);
        request.page_token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
        if (!request.page_token[0])
            return CLI_OK;
    }
}

/* A day as 2026-01-31. */
static bool read_day(struct online *online, const char *option, int32_t *wire)
{
    const char *text = cli_value(online->args, option);
    struct day day;

    if (!text)
        return true;
    if (!day_parse(text, &day))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--%s: expected YYYY-MM-DD", option);
    *wire = day_to_wire(day);
    return true;
}

static bool read_protection(struct online *online, Cix__V1__SetProtectionRequest *request)
{
    const char *kind;
    int number;

    if (!online_require(online, "kind", &kind) ||
        !online_enum(&online->ctx, &cix__v1__protection_kind__descriptor, "kind", kind, &number))
        return false;
    request->kind = (Cix__V1__ProtectionKind)number;
    if (cli_value(online->args, "until"))
        request->until_on_presence_case =
            CIX__V1__SET_PROTECTION_REQUEST__UNTIL_ON_PRESENCE_UNTIL_ON;
    request->phones = arena_array(&online->arena, PHONES_MAX, sizeof(*request->phones));
    if (cli_value(online->args, "phone"))
        request->phones[request->n_phones++] =
            arena_string(&online->arena, cli_value(online->args, "phone"));
    if (cli_value(online->args, "phone-2"))
        request->phones[request->n_phones++] =
            arena_string(&online->arena, cli_value(online->args, "phone-2"));
    return read_day(online, "from", &request->from_on) &&
           read_day(online, "until", &request->until_on) &&
           hash_file(online, "document", &request->document_hash);
}

static enum cli_exit protect(struct online *online)
{
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__SetProtectionResponse *response;
    struct subject_key key;

    if (!subject_from_args(&online->ctx, online->args, &key) || !read_protection(online, &request))
        return online_complain(online);
    request.protection_id = id_of(online);
    request.identifier = &key.identifier;
    request.name = key.name;
    if (!cix_set_protection(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s set at %s\n", request.protection_id,
           online_instant(&online->arena, response->recorded_at_us));
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit lift(struct online *online)
{
    Cix__V1__EndProtectionRequest request = CIX__V1__END_PROTECTION_REQUEST__INIT;
    Cix__V1__EndProtectionResponse *response;

    request.protection_id = online->args->operands[0];
    if (!cix_end_protection(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("lifted at %s\n", online_instant(&online->arena, response->ended_at_us));
    cix_free(response);
    return CLI_OK;
}

/* ---- Own records ---- */

static bool read_reason(struct online *online, Cix__V1__BackOutSubmissionRequest *request)
{
    const char *reason;
    int number;

    if (!online_require(online, "reason", &reason) ||
        !online_enum(&online->ctx, &cix__v1__correction_reason__descriptor, "reason", reason,
                     &number))
        return false;
    request->reason = (Cix__V1__CorrectionReason)number;
    if (cli_value(online->args, "note"))
        request->note = arena_string(&online->arena, cli_value(online->args, "note"));
    return true;
}

/* A call does as much as a few seconds allow; it is repeated until all is done. */
static enum cli_exit backout(struct online *online)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    bool is_done = false;

    if (!read_reason(online, &request))
        return online_complain(online);
    request.submission_id = online->args->operands[0];
    while (!is_done) {
        if (!cix_back_out_submission(online->client, &request, &response, &online->error))
            return online_fail(online);
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        printf("%s: %lld accounts\n",
               cix_message_enum_name(&cix__v1__back_out_phase__descriptor, (int)response->phase),
               (long long)response->accounts);
        cix_free(response);
    }
    return CLI_OK;
}

/* ---- Commands ---- */

#define RUN(work)                                                                                  \
    static enum cli_exit run_##work(const struct cli_args *args)                                   \
    {                                                                                              \
        return online_run(args, work);                                                             \
    }

RUN(annotate)
RUN(end)
RUN(list)
RUN(protect)
RUN(lift)
RUN(backout)

static const struct cli_option annotate_options[] = {
    SUBJECT_OPTIONS,
    {"on", "RECORD", "identity, account:ID, month:ID:YYYYMM, flag:UUID, inquiry:ID, fact:ID"},
    {"code", "NUMBER",
     "a dispute: 101 not mine ... 199 other (cix codes dispute_code); without it a statement"},
    {"text", "TEXT", "the subject's words, at most 500 characters"},
    {"filed-by", "WHO", "subject (default), proxy or institution"},
    {"evidence", "FILE", "what proves it (needed); its SHA-256 is sent, the file stays here"},
    {"mark-id", "UUID", "to repeat a call; default: a new one, printed"},
    {NULL, NULL, NULL},
};
static const struct cli_option end_options[] = {
    {"outcome", "WORD", "withdrawn; on own records: corrected, confirmed, unverifiable, declined"},
    {"text", "TEXT", "answer to the subject; needed for confirmed and unverifiable"},
    {NULL, NULL, NULL},
};
static const struct cli_option list_options[] = {
    {"all", NULL, "ended ones too"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};
static const struct cli_option protect_options[] = {
    SUBJECT_OPTIONS,
    {"kind", "KIND", "fraud-alert, inquiry-block or new-credit-block"},
    {"from", "DAY", "first day, YYYY-MM-DD (default today)"},
    {"until", "DAY", "last day (default: until it is lifted)"},
    {"phone", "NUMBER", "to call before credit is opened (fraud alert)"},
    {"phone-2", "NUMBER", "a second one"},
    {"document", "FILE", "the subject's signed request; its SHA-256 is sent"},
    {"mark-id", "UUID", "to repeat a call; default: a new one, printed"},
    {NULL, NULL, NULL},
};
static const struct cli_option backout_options[] = {
    {"reason", "WORD",
     "own-error, dispute, order, identity-fraud, wrong-subject, duplicate, other"},
    {"note", "TEXT", "for the history, at most 200 characters"},
    {NULL, NULL, NULL},
};
static const struct cli_option lift_options[] = {{NULL, NULL, NULL}};

static const struct cli_command annotate_command = {"annotate",
                                                    "",
                                                    "File a dispute or statement for a subject",
                                                    NULL,
                                                    0,
                                                    0,
                                                    true,
                                                    annotate_options,
                                                    NULL,
                                                    run_annotate};
static const struct cli_command end_command = {"end",
                                               "ANNOTATION-ID",
                                               "Withdraw or answer a dispute or statement",
                                               NULL,
                                               1,
                                               1,
                                               true,
                                               end_options,
                                               NULL,
                                               run_end};
static const struct cli_command list_command = {
    "list",
    "",
    "Disputes and statements filed here or on own records",
    NULL,
    0,
    0,
    true,
    list_options,
    NULL,
    run_list};
static const struct cli_command protect_command = {"protect",
                                                   "",
                                                   "Set a fraud alert or freeze for a subject",
                                                   NULL,
                                                   0,
                                                   0,
                                                   true,
                                                   protect_options,
                                                   NULL,
                                                   run_protect};
static const struct cli_command lift_command = {
    "lift", "PROTECTION-ID", "Lift a fraud alert or freeze", NULL, 1, 1, true, lift_options,
    NULL,   run_lift};

static const struct cli_command backout_command = {"backout",
                                                   "SUBMISSION-ID",
                                                   "Take a submission back as a whole",
                                                   NULL,
                                                   1,
                                                   1,
                                                   true,
                                                   backout_options,
                                                   NULL,
                                                   run_backout};
static const struct cli_command *const children[] = {
    &annotate_command, &end_command,         &list_command,    &protect_command,
    &lift_command,     &cli_history_command, &backout_command, NULL};

const struct cli_command cli_correction_command = {
    .name = "correction",
    .operands = "",
    .summary = "Put right: disputes, alerts, freezes, history, back-out",
    .details = "The subject must be a client of the member. A mark is shown on the next report.",
    .children = children,
};
