#include <stdio.h>

#include "cli/command.h"
#include "cli/inquiry.h"

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

static const struct cli_command *const children[] = {&exposure_command, NULL};

const struct cli_command cli_supervision_command = {
    "supervision", "", "Caps on lending", NULL, 0, 0, false, NULL, children, NULL,
};
