#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/online.h"
#include "cli/protection.h"
#include "cli/questions.h"
#include "cli/subject.h"
#include "cli/table.h"
#include "domain/code.h"
#include "message.h"

static const char *ground_label(int number)
{
    const struct code *ground = code_find(&code_flag_grounds, number);

    return ground ? ground->label : "";
}

static void print_listings(struct arena *arena, const Cix__V1__FlagAnswer *answer)
{
    static const char *const headings[] = {"STATUS", "PUBLISHED", "ENDS",   "GROUND",
                                           "COURT",  "REGION",    "FLAG ID"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < answer->n_listings; i++) {
        const Cix__V1__FlagListing *listing = answer->listings[i];
        int32_t ends = listing->expires_on_presence_case ? listing->expires_on : 0;
        table_add(table, (const char *[]){cix_message_enum_name(&cix__v1__flag_status__descriptor,
                                                                (int)listing->status),
                                          online_day(arena, listing->published_on),
                                          online_day(arena, ends), ground_label(listing->ground),
                                          listing->court, listing->region, listing->flag_id});
    }
    table_print(table);
}

/* What a feed of a court lacks may be about anybody (D009). */
static void print_gaps(struct arena *arena, const Cix__V1__CheckFlagResponse *response)
{
    for (size_t i = 0; i < response->n_gaps; i++) {
        const Cix__V1__FlagSourceGap *gap = response->gaps[i];
        printf("incomplete since %s: %lld listings of %s %s did not come\n",
               online_instant(arena, gap->since_us), (long long)gap->missing, gap->member_code,
               gap->source);
    }
}

static enum cli_exit check_one(struct online *online)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__FlagInquiry inquiry = CIX__V1__FLAG_INQUIRY__INIT;
    Cix__V1__CheckFlagResponse *response;
    struct subject_key key;
    bool is_json;

    if (!online_wants_json(online, &is_json) ||
        !subject_from_args(&online->ctx, online->args, &key))
        return online_complain(online);
    inquiry.identifier = &key.identifier;
    inquiry.name = key.name;
    inquiry.operator_id = questions_operator(online);
    request.inquiry = &inquiry;
    if (!cix_check_flag(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json) {
        online_print_json(&response->base);
    } else if (response->answer) {
        protection_print(&online->arena, response->answer->protections,
                         response->answer->n_protections);
        puts(response->answer->is_listed ? "listed" : "not listed");
        print_listings(&online->arena, response->answer);
        print_gaps(&online->arena, response);
    }
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run(const struct cli_args *args)
{
    bool is_one = cli_has(args, "id") || cli_has(args, "id-file") || cli_has(args, "name");

    if (cli_has(args, "file") && is_one)
        return cli_complain(CLI_USAGE, "either --file or one subject (--id, --id-file, --name)");
    return online_run(args, cli_value(args, "file") ? questions_ask_flags : check_one);
}

static enum cli_exit remove_flag(struct online *online)
{
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *response;
    const char *reason = cli_value(online->args, "reason");
    int number;

    if (!online_enum(&online->ctx, &cix__v1__flag_removal_reason__descriptor, "reason",
                     reason ? reason : "", &number))
        return online_complain(online);
    request.flag_id = online->args->operands[0];
    request.reason = (Cix__V1__FlagRemovalReason)number;
    if (!cix_remove_flag(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s since %s\n",
           cix_message_enum_name(&cix__v1__flag_status__descriptor, (int)response->status),
           online_instant(&online->arena, response->recorded_at_us));
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_remove(const struct cli_args *args)
{
    return online_run(args, remove_flag);
}

static const struct cli_option options[] = {
    SUBJECT_OPTIONS,
    {"file", "FILE", "ask for every row of a CSV file: identifier_type, identifier_value, name"},
    {"operator", "ID", "who asks inside the member (CIX_OPERATOR, operator)"},
    {"output", "table|json", "form (default table); with --file CSV or JSON lines"},
    {NULL, NULL, NULL},
};

static const struct cli_option remove_options[] = {
    {"reason", "REASON", "performed, settled, applicant-request, no-property, bankruptcy, ..."},
    {NULL, NULL, NULL},
};

static const struct cli_command remove_command = {
    "remove", "FLAG-ID", "End a listing (courts)", NULL, 1,
    1,        true,      remove_options,           NULL, run_remove};

static const struct cli_command *const children[] = {&remove_command, NULL};

const struct cli_command cli_flag_command = {
    "flag",
    "",
    "Ask whether a subject is listed as a dishonest person",
    "Every question leaves its trace at the exchange. Fraud alerts and freezes of the subject "
    "stand "
    "first;\n"
    "the numbers to call are on its report. With --file the answers are written to standard output "
    "as CSV:\n"
    "line, is_listed, listings, reason, protections (words with ; between).",
    0,
    0,
    true,
    options,
    children,
    run,
};
