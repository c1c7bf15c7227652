#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"
#include "message.h"

enum { PAGE_SIZE = 100, REVIEWS_MAX = 100 };

/* "ID/CHUNK/INDEX", as list prints it and release takes it. */
static const char *place_text(struct arena *arena, const Cix__V1__QuarantinePlace *place)
{
    return arena_format(arena, "%s/%d/%d", place->submission_id, place->chunk, place->index);
}

static const char *kind_of(const Cix__V1__Record *record)
{
    if (!record)
        return "";
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
        &cix__v1__record__descriptor, (unsigned)record->record_case);

    return field ? field->name : "";
}

static void add_record(struct arena *arena, struct table *table,
                       const Cix__V1__QuarantinedRecord *record)
{
    struct builder rules = {.arena = arena};
    const char *reason = "";

    for (size_t i = 0; i < record->n_verdicts; i++) {
        if (record->verdicts[i]->severity != CIX__V1__SEVERITY__SEVERITY_QUARANTINE)
            continue;
        builder_format(&rules, "%s%s", rules.size ? " " : "", record->verdicts[i]->rule);
        reason = record->verdicts[i]->reason;
    }
    if (record->is_name_accepted)
        reason = "nothing more: the name was accepted, release it";
    if (record->is_name_mistake)
        reason = "the right name: the operator found this one to be a mistake, discard it";
    table_add(table, (const char *[]){place_text(arena, record->place), kind_of(record->record),
                                      rules.size ? rules.data : "",
                                      online_instant(arena, record->recorded_at_us), reason});
}

static bool list_pages(struct online *online, struct table *table, bool is_json)
{
    const char *submission = cli_value(online->args, "submission");
    char *token = "";

    do {
        Cix__V1__ListQuarantineRequest request = CIX__V1__LIST_QUARANTINE_REQUEST__INIT;
        Cix__V1__ListQuarantineResponse *page;
        request.submission_id = (char *)(submission ? submission : "");
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        if (!cix_list_quarantine(online->client, &request, &page, &online->error))
            return false;
        if (is_json)
            online_print_json(&page->base);
        for (size_t i = 0; !is_json && i < page->n_records; i++)
            add_record(&online->arena, table, page->records[i]);
        token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
    } while (*token);
    return true;
}

static enum cli_exit list_records(struct online *online)
{
    static const char *const headings[] = {"RECORD", "KIND", "RULES", "SINCE", "WHAT MUST HOLD"};
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    struct table *table = table_new(headings, 5);
    if (!list_pages(online, table, is_json)) {
        table_free(table);
        return online_fail(online);
    }
    table_print(table);
    return CLI_OK;
}

/* An operand "ID/CHUNK/INDEX". */
static bool read_place(struct online *online, const char *text, Cix__V1__QuarantinePlace *place)
{
    char *copy = arena_string(&online->arena, text);
    char *chunk = strchr(copy, '/'), *index = chunk ? strchr(chunk + 1, '/') : NULL;
    int64_t numbers[2];

    if (index) {
        *chunk++ = '\0';
        *index++ = '\0';
    }
    if (!index || !text_to_int64(chunk, &numbers[0]) || !text_to_int64(index, &numbers[1]) ||
        numbers[0] > INT32_MAX || numbers[1] > INT32_MAX)
        return fail(&online->ctx, ERR_INVALID, "USAGE",
                    "%s: expected a record as cix quarantine list names it, ID/CHUNK/INDEX", text);
    cix__v1__quarantine_place__init(place);
    place->submission_id = copy;
    place->chunk = (int32_t)numbers[0];
    place->index = (int32_t)numbers[1];
    return true;
}

static bool read_reviews(struct online *online, Cix__V1__QuarantineDecision decision,
                         Cix__V1__ReviewQuarantineRequest *request)
{
    size_t count = (size_t)online->args->operand_count;
    Cix__V1__QuarantineReview *reviews = arena_array(&online->arena, count, sizeof(*reviews));
    const char *reason = cli_value(online->args, "reason"), *id = cli_value(online->args, "id");
    struct uuid uuid = uuid_new();

    if (!reason)
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--reason: expected why, for the trace");
    request->review_id = arena_alloc(&online->arena, 37);
    if (id && !uuid_parse(id, &uuid))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--id: expected a UUID");
    uuid_format(&uuid, request->review_id);
    request->reason = (char *)reason;
    request->reviews = arena_array(&online->arena, count, sizeof(*request->reviews));
    for (; request->n_reviews < count; request->n_reviews++) {
        Cix__V1__QuarantineReview *review = &reviews[request->n_reviews];
        cix__v1__quarantine_review__init(review);
        review->place = arena_alloc(&online->arena, sizeof(*review->place));
        review->decision = decision;
        request->reviews[request->n_reviews] = review;
        if (!read_place(online, online->args->operands[request->n_reviews], review->place))
            return false;
    }
    return true;
}

/* Whether a released record, by its place in the request, was kept aside again. */
static bool is_kept(const Cix__V1__ReviewQuarantineResponse *response, int place)
{
    bool is_kept = false;

    for (size_t i = 0; i < response->n_verdicts; i++) {
        const Cix__V1__Verdict *verdict = response->verdicts[i];
        if (verdict->index == place && verdict->severity <= CIX__V1__SEVERITY__SEVERITY_REJECT)
            return false;
        is_kept |=
            verdict->index == place && verdict->severity == CIX__V1__SEVERITY__SEVERITY_QUARANTINE;
    }
    return is_kept;
}

/* All of a request is released: in the only chunk of the review records have its order. */
static void print_kept(const struct online *online, const Cix__V1__ReviewQuarantineRequest *request,
                       const Cix__V1__ReviewQuarantineResponse *response)
{
    for (int i = 0; i < (int)request->n_reviews; i++) {
        if (is_kept(response, i))
            printf("%s waits now as %s/1/%d\n", online->args->operands[i], request->review_id, i);
    }
}

static void print_review(const struct online *online,
                         const Cix__V1__ReviewQuarantineRequest *request,
                         const Cix__V1__ReviewQuarantineResponse *response)
{
    for (size_t i = 0; i < response->n_verdicts; i++) {
        const Cix__V1__Verdict *verdict = response->verdicts[i];
        printf("%s: %s %s %s: %s\n", online->args->operands[verdict->index],
               cix_message_enum_name(&cix__v1__severity__descriptor, (int)verdict->severity),
               verdict->rule, verdict->field, verdict->reason);
    }
    print_kept(online, request, response);
    printf("released    %d\ndiscarded   %d\nrejected    %d\nquarantined %d\n", response->released,
           response->discarded, response->rejected, response->quarantined);
}

static enum cli_exit review(struct online *online, Cix__V1__QuarantineDecision decision)
{
    Cix__V1__ReviewQuarantineRequest request = CIX__V1__REVIEW_QUARANTINE_REQUEST__INIT;
    Cix__V1__ReviewQuarantineResponse *response;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !read_reviews(online, decision, &request))
        return online_complain(online);
    if (!cix_review_quarantine(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_review(online, &request, response);
    bool is_all = !response->rejected && !response->quarantined;
    cix_free(response);
    return is_all ? CLI_OK : CLI_REJECTED;
}

static enum cli_exit release_records(struct online *online)
{
    return review(online, CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_RELEASE);
}

static enum cli_exit discard_records(struct online *online)
{
    return review(online, CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_DISCARD);
}

static enum cli_exit run_list(const struct cli_args *args)
{
    return online_run(args, list_records);
}

static enum cli_exit run_release(const struct cli_args *args)
{
    return online_run(args, release_records);
}

static enum cli_exit run_discard(const struct cli_args *args)
{
    return online_run(args, discard_records);
}

static const struct cli_option list_options[] = {
    {"submission", "UUID", "of this submission only"},
    {"output", "table|json", "form (default table); json shows the records whole"},
    {NULL, NULL, NULL},
};

static const struct cli_option review_options[] = {
    {"reason", "TEXT", "why, at most 200 characters, without personal data; stored sealed"},
    {"id", "UUID", "of the review (default: a new one); the same again gives the same answer"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command list_command = {
    "list", "",      "List the records that wait for a review", NULL, 0, 0, true, list_options,
    NULL,   run_list};
static const struct cli_command release_command = {
    "release",
    "ID/CHUNK/INDEX...",
    "Take records in spite of the rules that kept them aside",
    "They go through the rules again, but for those that kept them aside; what another rule\n"
    "refuses is told, with exit code 1.",
    1,
    REVIEWS_MAX,
    true,
    review_options,
    NULL,
    run_release};
static const struct cli_command discard_command = {"discard",
                                                   "ID/CHUNK/INDEX...",
                                                   "Forget records that were kept aside",
                                                   NULL,
                                                   1,
                                                   REVIEWS_MAX,
                                                   true,
                                                   review_options,
                                                   NULL,
                                                   run_discard};

static const struct cli_command *const children[] = {&list_command, &release_command,
                                                     &discard_command, NULL};

const struct cli_command cli_quarantine_command = {
    "quarantine",
    "",
    "Review the records that rules kept aside",
    "Records that a rule of severity QUARANTINE kept aside count for nothing until their member\n"
    "releases them, but for months: they are shown with a mark, and count. What nobody reviews is\n"
    "discarded after some time.",
    0,
    0,
    true,
    list_options,
    children,
    run_list,
};
