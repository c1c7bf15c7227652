#include "cli/history.h"

#include "base/text.h"
#include "cli/online.h"
#include "cli/records.h"
#include "cli/subject.h"
#include "cli/table.h"
#include "message.h"

/* The first record of a file of JSON lines, as for cix submit. */
static bool read_record(struct online *online, const char *path, Cix__V1__Record **record)
{
    const struct records_input input = {.path = path, .format = RECORDS_JSON};
    struct records records;
    bool is_read = records_open(&online->ctx, &input, &records) &&
                   records_next(&online->ctx, &records, record) == RECORDS_GOOD;

    records_close(&records);
    return is_read;
}

static bool read_key(struct online *online, Cix__V1__GetHistoryRequest *request,
                     struct subject_key *key)
{
    const char *kind, *period = cli_value(online->args, "period");
    int64_t number = 0;
    int kind_number;

    if (!online_require(online, "kind", &kind) ||
        !online_enum(&online->ctx, &cix__v1__history_kind__descriptor, "kind", kind, &kind_number))
        return false;
    request->kind = (Cix__V1__HistoryKind)kind_number;
    if (period && (!text_to_int64(period, &number) || number > 999912))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--period: expected YYYYMM");
    request->period = (int32_t)number;
    if (cli_value(online->args, "account-no"))
        request->account_no = arena_string(&online->arena, cli_value(online->args, "account-no"));
    if (cli_value(online->args, "origin"))
        request->origin = arena_string(&online->arena, cli_value(online->args, "origin"));
    if (cli_value(online->args, "consent-id"))
        request->consent_id = arena_string(&online->arena, cli_value(online->args, "consent-id"));
    if (cli_value(online->args, "flag-id"))
        request->flag_id = arena_string(&online->arena, cli_value(online->args, "flag-id"));
    if (cli_value(online->args, "record") &&
        !read_record(online, cli_value(online->args, "record"), &request->record))
        return false;
    if (!cli_value(online->args, "id") && !cli_value(online->args, "id-file"))
        return true;
    if (!subject_from_args(&online->ctx, online->args, key))
        return false;
    request->identifier = &key->identifier;
    return true;
}

static const char *what_of(struct arena *arena, const Cix__V1__HistoryVersion *version)
{
    if (*version->backed_out_submission_id)
        return version->is_deleted ? "backed out"
                                   : arena_format(arena, "restored: %s was backed out",
                                                  version->backed_out_submission_id);
    return version->is_deleted ? "taken back" : version->action ? "corrected" : "given";
}

static const char *reason_name(Cix__V1__CorrectionReason reason)
{
    return reason ? cix_message_enum_name(&cix__v1__correction_reason__descriptor, (int)reason)
                  : "";
}

static void print_version(struct arena *arena, struct table *table,
                          const Cix__V1__HistoryVersion *version)
{
    bool is_of_back_out = *version->backed_out_submission_id != '\0';

    table_add(table, (const char *[]){
                         online_instant(arena, version->recorded_at_us), version->submission_id,
                         version->origin, what_of(arena, version),
                         reason_name(is_of_back_out ? version->back_out_reason : version->reason),
                         is_of_back_out ? version->back_out_note : version->note, "", ""});
    if (version->back_out_at_us && !is_of_back_out)
        table_add(table, (const char *[]){online_instant(arena, version->back_out_at_us), "", "",
                                          "backed out since", reason_name(version->back_out_reason),
                                          version->back_out_note, "", ""});
    for (size_t k = 0; k < version->n_changes; k++) {
        const Cix__V1__HistoryChange *change = version->changes[k];
        bool is_told = *change->before || *change->after;
        table_add(table, (const char *[]){"", "", "", "", "", change->field, change->before,
                                          is_told ? change->after : "(changed, not shown)"});
    }
}

static void print_history(struct arena *arena, const Cix__V1__GetHistoryResponse *history)
{
    static const char *const headings[] = {"AT",  "SUBMISSION", "FOR",    "WHAT",
                                           "WHY", "FIELD",      "BEFORE", "AFTER"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < history->n_versions; i++)
        print_version(arena, table, history->versions[i]);
    table_print(table);
}

static enum cli_exit show_history(struct online *online)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *response;
    struct subject_key key;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !read_key(online, &request, &key))
        return online_complain(online);
    if (!cix_get_history(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_history(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run(const struct cli_args *args)
{
    return online_run(args, show_history);
}

static const struct cli_option options[] = {
    {"kind", "KIND", "consent, subject, account, performance, flag, account-event, party ..."},
    {"account-no", "NUMBER", "of an account or month"},
    {"origin", "CODE", "of those: the institution behind a credit bureau"},
    {"period", "YYYYMM", "of a month"},
    SUBJECT_OPTIONS,
    {"consent-id", "UUID", "of a consent, whose subject is named too"},
    {"flag-id", "UUID", "of a flag"},
    {"record", "FILE", "of other kinds: JSON of a record as submitted; its key counts"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};
const struct cli_command cli_history_command = {
    "history", "", "Versions of an own record: when, why, what changed", NULL, 0, 0, true, options,
    NULL,      run};
