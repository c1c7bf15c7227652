#include <stdio.h>

#include "base/day.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"

static const char *percent(struct arena *arena, int32_t bps)
{
    return arena_format(arena, "%d.%02d", bps / 100, bps % 100);
}

static const char *number(struct arena *arena, int64_t value)
{
    return arena_format(arena, "%lld", (long long)value);
}

/* "-" where no record was received, so that there is nothing to measure. */
static const char *share(struct arena *arena, const Cix__V1__MemberQuality *member, int32_t bps)
{
    return member->has_index ? percent(arena, bps) : "-";
}

static void print_members(struct arena *arena, const Cix__V1__GetQualityResponse *response)
{
    static const char *const headings[] = {
        "MEMBER",  "INDEX",   "ACCEPTED", "TIMELY",    "COMPLETE",   "DISPUTES LOST", "MATCH",
        "RECORDS", "MISSING", "FALL",     "ESCALATED", "UNANSWERED", "STATE"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < response->n_members; i++) {
        const Cix__V1__MemberQuality *member = response->members[i];
        int64_t records = member->accepted + member->rejected + member->quarantined;
        table_add(table,
                  (const char *[]){*member->member_code ? member->member_code : "-",
                                   share(arena, member, member->index_bps),
                                   share(arena, member, member->acceptance_bps),
                                   share(arena, member, member->timeliness_bps),
                                   share(arena, member, member->completeness_bps),
                                   percent(arena, member->dispute_loss_bps),
                                   share(arena, member, member->match_bps), number(arena, records),
                                   number(arena, member->missing), percent(arena, member->fall_bps),
                                   number(arena, member->disputes_escalated),
                                   number(arena, member->disputes_unanswered),
                                   member->is_closed ? "closed" : "open"});
    }
    table_print(table);
}

static enum cli_exit show(struct online *online)
{
    Cix__V1__GetQualityRequest request = CIX__V1__GET_QUALITY_REQUEST__INIT;
    Cix__V1__GetQualityResponse *response;
    const char *period = cli_value(online->args, "period");
    struct period month;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (!period || !period_parse(period, &month)) {
        (void)fail(&online->ctx, ERR_INVALID, "USAGE", "--period: expected YYYY-MM");
        return online_complain(online);
    }
    request.period = period_to_wire(month);
    if (!cix_get_quality(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_members(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run(const struct cli_args *args)
{
    return online_run(args, show);
}

static const struct cli_option options[] = {
    {"period", "YYYY-MM", "month of receipt"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_quality_command = {
    "quality",
    "",
    "Show the data-quality index of a month",
    "Percent: 35 % acceptance, 20 % timeliness, 15 % completeness of optional fields, 15 % "
    "disputes\n"
    "not lost, 15 % match; - without a record. A member sees itself, a regulator all,\n"
    "an association all without codes.",
    0,
    0,
    true,
    options,
    NULL,
    run,
};
