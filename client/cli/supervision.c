#include <stdio.h>

#include "cli/command.h"
#include "cli/inquiry.h"
#include "cli/table.h"
#include "message.h"

static void print_exposure(struct arena *arena, const Cix__V1__PlatformExposureResponse *answer)
{
    const char *currency = answer->currency;

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
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = get_exposure(&online);
    online_close(&online);
    return code;
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
                finding->currency, finding->value, finding->is_open ? "open" : "put right"});
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
    static const char *const headings[] = {"RECORDED", "MEMBER", "FINDING",  "RULE",  "MONTH",
                                           ">FOUND",   ">BOUND", "CURRENCY", "WHERE", "STATE"};
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
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = list_findings(&online);
    online_close(&online);
    return code;
}

static const struct cli_option finding_options[] = {
    {"kind", "WORD",
     "only of this kind: fund-shortfall, not-segregated, guarantee-short,"
     " custodian-differs, cap-one-platform, cap-all-platforms, restricted-subject,"
     " representative-listed, limit-non-performing,"
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

static const struct cli_command *const children[] = {&exposure_command, &findings_command, NULL};

const struct cli_command cli_supervision_command = {
    "supervision", "",   "Caps on platform lending, and findings about members' business",
    NULL,          0,    0,
    false,         NULL, children,
    NULL,
};
