#include <stdio.h>

#include "base/day.h"
#include "cli/command.h"
#include "cli/inquiry.h"
#include "cli/protection.h"
#include "cli/table.h"
#include "message.h"

static void print_exposure(struct arena *arena, const Cix__V1__PlatformExposureResponse *answer)
{
    const char *currency = answer->currency;

    protection_print(arena, answer->protections, answer->n_protections);
    printf("on the own platform     %18s of %s %s\n",
           online_money(arena, answer->own_platform, currency),
           online_money(arena, answer->cap_one_platform, currency), currency);
    printf("on all platforms        %18s of %s %s\n",
           online_money(arena, answer->all_platforms, currency),
           online_money(arena, answer->cap_all_platforms, currency), currency);
    printf("may still be lent       %18s\n", online_money(arena, answer->headroom, currency));
    printf("platforms               %18d\nopen loans              %18d\n", answer->platform_count,
           answer->account_count);
}

static enum cli_exit get_exposure(struct online *online)
{
    Cix__V1__PlatformExposureRequest request = CIX__V1__PLATFORM_EXPOSURE_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__PlatformExposureResponse *response;
    struct subject_key key;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !inquiry_from_args(online, &inquiry, &key))
        return online_complain(online);
    request.inquiry = &inquiry;
    if (!cix_platform_exposure(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_exposure(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_exposure(const struct cli_args *args)
{
    return online_run(args, get_exposure);
}

static const struct cli_option exposure_options[] = {
    SUBJECT_OPTIONS,
    INQUIRY_OPTIONS,
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command exposure_command = {
    "exposure",
    "",
    "Show what a borrower owes on lending platforms, beside the caps of the law",
    "An inquiry like a report: it needs a purpose and its consent, and leaves a trace. A borrower "
    "whom\n"
    "nobody knows owes nothing.",
    0,
    0,
    true,
    exposure_options,
    NULL,
    run_exposure,
};

enum { PAGE_SIZE = 1000 };

/* A share has no currency: basis points, shown in percent. */
static const char *amount_text(struct arena *arena, bool is_present, int64_t amount,
                               const char *currency)
{
    if (!is_present)
        return "";
    return *currency ? online_money(arena, amount, currency)
                     : arena_format(arena, "%lld.%02lld %%", (long long)(amount / 100),
                                    (long long)(amount % 100));
}

static void add_findings(struct arena *arena, struct table *table,
                         const Cix__V1__ListFindingsResponse *page)
{
    for (size_t i = 0; i < page->n_findings; i++) {
        const Cix__V1__Finding *finding = page->findings[i];
        table_add(
            table,
            (const char *[]){
                online_instant(arena, finding->recorded_at_us), finding->member_code,
                cix_message_enum_name(&cix__v1__finding_kind__descriptor, (int)finding->kind),
                finding->rule, online_period(arena, finding->period),
                amount_text(arena, finding->measured_presence_case, finding->measured,
                            finding->currency),
                amount_text(arena, finding->bound_presence_case, finding->bound, finding->currency),
                finding->currency, finding->value, finding->reporter_code,
                finding->is_open ? "open" : "put right"});
    }
}

static bool list_pages(struct online *online, Cix__V1__ListFindingsRequest *request,
                       struct table *table, bool is_json)
{
    do {
        Cix__V1__ListFindingsResponse *page;
        if (!cix_list_findings(online->client, request, &page, &online->error))
            return false;
        if (is_json)
            online_print_json(&page->base);
        else
            add_findings(&online->arena, table, page);
        request->page_token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
    } while (*request->page_token);
    return true;
}

static enum cli_exit list_findings(struct online *online)
{
    static const char *const headings[] = {"RECORDED", "MEMBER",   "FINDING", "RULE",
                                           "MONTH",    ">FOUND",   ">BOUND",  "CURRENCY",
                                           "WHERE",    "REPORTER", "STATE"};
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;
    const char *kind = cli_value(online->args, "kind");
    const char *member = cli_value(online->args, "member");
    int number = 0;
    bool is_json;

    if (!online_wants_json(online, &is_json) ||
        (kind &&
         !online_enum(&online->ctx, &cix__v1__finding_kind__descriptor, "kind", kind, &number)))
        return online_complain(online);
    request.kind = (Cix__V1__FindingKind)number;
    request.member_code = (char *)(member ? member : "");
    request.with_closed = cli_has(online->args, "all");
    request.page_size = PAGE_SIZE;
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    if (!list_pages(online, &request, table, is_json)) {
        table_free(table);
        return online_fail(online);
    }
    table_print(table);
    return CLI_OK;
}

static enum cli_exit run_findings(const struct cli_args *args)
{
    return online_run(args, list_findings);
}

static const struct cli_option finding_options[] = {
    {"kind", "WORD",
     "only of this kind: fund-shortfall, not-segregated, guarantee-short,"
     " custodian-differs, cap-one-platform, cap-all-platforms, restricted-subject,"
     " representative-listed, inquiries-unused, limit-non-performing,"
     " limit-largest-borrower, limit-ten-borrowers, limit-industry, limit-region,"
     " limit-dealer, limit-unsecured, limit-outstanding"},
    {"member", "CODE", "only about this member"},
    {"all", NULL, "also those that a later record has put right"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command findings_command = {
    "findings",
    "",
    "List what the exchange noticed about members' business (administrative regulator; "
    "contributors: own limits)",
    "The oldest first. Findings name members, never a person.",
    0,
    0,
    true,
    finding_options,
    NULL,
    run_findings,
};

/* ---- Grades ---- */

static const char *percent(struct arena *arena, int32_t bps)
{
    return arena_format(arena, "%d.%02d", bps / 100, bps % 100);
}

static const char *count_text(struct arena *arena, int64_t count)
{
    return arena_format(arena, "%lld", (long long)count);
}

static const char *range(struct arena *arena, int32_t low_bps, int32_t high_bps)
{
    return arena_format(arena, "%s to %s", percent(arena, low_bps), percent(arena, high_bps));
}

static void add_cells(struct arena *arena, struct table *table, const Cix__V1__MemberGrades *member)
{
    for (size_t i = 0; i < member->n_cells; i++) {
        const Cix__V1__GradeCell *cell = member->cells[i];
        bool is_mapped = *cell->master_grade != '\0';

        table_add(
            table,
            (const char *[]){
                member->member_code, cell->origin, cell->grade, cell->master_grade,
                count_text(arena, cell->subjects), count_text(arena, cell->defaulted),
                percent(arena, cell->rate_bps),
                range(arena, cell->rate_low_bps, cell->rate_high_bps),
                is_mapped ? range(arena, cell->bound_low_bps, cell->bound_high_bps) : "",
                cix_message_enum_name(&cix__v1__grade_judgement__descriptor, (int)cell->judgement),
                count_text(arena, cell->left_out), count_text(arena, cell->hindsight)});
    }
}

static void print_grades(struct arena *arena, const Cix__V1__GetGradeCalibrationResponse *response)
{
    static const char *const headings[] = {"MEMBER",   "FOR",        "GRADE",     "MEANS",
                                           ">GIVEN",   ">DEFAULTED", ">RATE %",   ">INTERVAL",
                                           ">PROMISE", "JUDGEMENT",  ">LEFT OUT", ">HINDSIGHT"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    printf("Grades at the end of %s, and defaults in the twelve months after\n\n",
           online_period(arena, response->period));
    for (size_t i = 0; i < response->n_members; i++)
        add_cells(arena, table, response->members[i]);
    table_print(table);
    for (size_t i = 0; i < response->n_members; i++) {
        if (response->members[i]->kept_back)
            printf("%s: %d grades of too few subjects are not told\n",
                   response->members[i]->member_code, response->members[i]->kept_back);
    }
}

static enum cli_exit get_grades(struct online *online)
{
    Cix__V1__GetGradeCalibrationRequest request = CIX__V1__GET_GRADE_CALIBRATION_REQUEST__INIT;
    Cix__V1__GetGradeCalibrationResponse *response;
    const char *member = cli_value(online->args, "member");
    const char *period = cli_value(online->args, "period");
    struct period month;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (period && !period_parse(period, &month)) {
        (void)fail(&online->ctx, ERR_INVALID, "USAGE", "--period: expected YYYY-MM");
        return online_complain(online);
    }
    request.period = period ? period_to_wire(month) : 0;
    request.member_code = (char *)(member ? member : "");
    if (!cix_get_grade_calibration(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_grades(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_grades(const struct cli_args *args)
{
    return online_run(args, get_grades);
}

static const struct cli_option grade_options[] = {
    {"member", "CODE", "only the grades of this member"},
    {"period", "YYYY-MM", "month at whose end the grades stood (default: thirteen months ago)"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command grades_command = {
    "grades",
    "",
    "Compare members' own grades with what became of the subjects (administrative regulator)",
    "Beside each grade: how many had it and were performing, how many defaulted within twelve "
    "months "
    "at\n"
    "any member, the observed rate with its interval, and what the master grade promises that the "
    "member\n"
    "says it means. Grades of fewer than ten subjects are not told.",
    0,
    0,
    true,
    grade_options,
    NULL,
    run_grades,
};

static const struct cli_command *const children[] = {&exposure_command, &findings_command,
                                                     &grades_command, NULL};

const struct cli_command cli_supervision_command = {
    "supervision",
    "",
    "Caps on platform lending, findings about members' business, and their grades",
    NULL,
    0,
    0,
    false,
    NULL,
    children,
    NULL,
};
