#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/questions.h"
#include "cli/report_view.h"
#include "cli/subject.h"
#include "json.h"

/* A consent in full, as JSON. */
static bool read_consent(struct ctx *ctx, const char *path, Cix__V1__Consent **consent)
{
    char *data = arena_alloc(ctx->arena, CIX_JSON_MAX + 1);
    FILE *file = fopen(path, "re");
    ProtobufCMessage *message;

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "--consent: neither a UUID nor a file: %s",
                    strerror(errno));
    struct cix_json_text text = {.data = data, .size = fread(data, 1, CIX_JSON_MAX + 1, file)};
    fclose(file);
    if (!cix_json_read(ctx, &text, &cix__v1__consent__descriptor, &message))
        return false;
    *consent = (Cix__V1__Consent *)message;
    return true;
}

static bool add_consent(struct online *online, Cix__V1__ReportInquiry *inquiry)
{
    const char *given = cli_value(online->args, "consent");
    struct uuid id;

    if (!given)
        return true;
    if (!uuid_parse(given, &id))
        return read_consent(&online->ctx, given, &inquiry->consent);
    inquiry->consent_id = (char *)given;
    return true;
}

static bool make_inquiry(struct online *online, Cix__V1__ReportInquiry *inquiry,
                         struct subject_key *key)
{
    const char *purpose = cli_value(online->args, "purpose");
    int number;

    if (!subject_from_args(&online->ctx, online->args, key) ||
        !online_enum(&online->ctx, &cix__v1__purpose__descriptor, "purpose", purpose ? purpose : "",
                     &number) ||
        !add_consent(online, inquiry))
        return false;
    inquiry->identifier = &key->identifier;
    inquiry->name = key->name;
    inquiry->purpose = (Cix__V1__Purpose)number;
    inquiry->operator_id = questions_operator(online);
    return true;
}

/* With --compare, the caller's code, to tell its own accounts from the others'. */
static enum cli_exit print_report(struct online *online, const Cix__V1__Report *report)
{
    Cix__V1__GetMemberResponse *member;

    if (!cli_has(online->args, "compare")) {
        report_view_print(&online->arena, report, NULL);
        return CLI_OK;
    }
    if (!cix_get_member(online->client, &member, &online->error))
        return online_fail(online);
    report_view_print(&online->arena, report, member->code);
    cix_free(member);
    return CLI_OK;
}

static enum cli_exit get_report(struct online *online)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__GetReportResponse *response;
    struct subject_key key;
    enum cli_exit code = CLI_OK;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !make_inquiry(online, &inquiry, &key))
        return online_complain(online);
    request.inquiry = &inquiry;
    if (!cix_get_report(online->client, &request, &response, &online->error))
        return online_fail(online);
    bool is_found = response->report &&
                    response->report->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    if (is_json)
        online_print_json(&response->base);
    else if (response->report)
        code = print_report(online, response->report);
    cix_free(response);
    return code == CLI_OK && !is_found ? CLI_NO_FILE : code;
}

static enum cli_exit run(const struct cli_args *args)
{
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = get_report(&online);
    online_close(&online);
    return code;
}

static const struct cli_option options[] = {
    SUBJECT_OPTIONS,
    {"purpose", "PURPOSE", "why: loan-approval, post-loan, ... or the code 01-33; needed"},
    {"consent", "ID|FILE", "UUID of a consent, or a file with it as JSON (default: any in force)"},
    {"operator", "ID", "who asks inside the member (CIX_OPERATOR, operator)"},
    {"compare", NULL, "beside the totals, what the caller's own records alone show"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_report_command = {
    "report",
    "",
    "Get a credit report of one subject",
    "Every report leaves an inquiry that later reports show. Exit code 6: no subject has this\n"
    "identifier together with this name.",
    0,
    0,
    true,
    options,
    NULL,
    run,
};
