#include "cli/command.h"
#include "cli/inquiry.h"
#include "cli/online.h"
#include "cli/report_view.h"

/* With --compare, the caller's code, to tell its own accounts from the others'. */
static enum cli_exit print_report(struct online *online, const Cix__V1__Report *report)
{
    Cix__V1__GetMemberResponse *member;
    bool is_full = cli_has(online->args, "full");

    if (!cli_has(online->args, "compare")) {
        report_view_print(&online->arena, report, NULL, is_full);
        return CLI_OK;
    }
    if (!cix_get_member(online->client, &member, &online->error))
        return online_fail(online);
    report_view_print(&online->arena, report, member->code, is_full);
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

    if (!online_wants_json(online, &is_json) || !inquiry_from_args(online, &inquiry, &key))
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
    return online_run(args, get_report);
}

static const struct cli_option options[] = {
    SUBJECT_OPTIONS,
    INQUIRY_OPTIONS,
    {"compare", NULL, "beside the totals, what the caller's own records alone show"},
    {"full", NULL, "contract and latest month of each account too (JSON always has them)"},
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
