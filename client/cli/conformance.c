#include "cli/conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/table.h"

bool conformance_has_role(const struct conformance *run, Cix__V1__Role role)
{
    bool has_role = role == CIX__V1__ROLE__ROLE_UNSPECIFIED;

    for (size_t i = 0; i < run->member->n_roles; i++)
        has_role |= run->member->roles[i] == role;
    return has_role;
}

void conformance_tell(struct conformance *run, const char *name, const char *expected,
                      const char *found)
{
    struct conformance_result *result = &run->results[run->count++];

    CHECK(run->count < CONFORMANCE_CASE_MAX);
    *result = (struct conformance_result){
        .name = name, .expected = expected, .found = found, .is_passed = !strcmp(expected, found)};
    run->passed += result->is_passed;
}

static void print_table(const struct conformance *run)
{
    static const char *const headings[] = {"CASE", "RESULT", "EXPECTED", "FOUND"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (int i = 0; i < run->count; i++) {
        const struct conformance_result *result = &run->results[i];
        table_add(table, (const char *[]){result->name, result->is_passed ? "pass" : "FAIL",
                                          result->expected, result->found});
    }
    table_print(table);
    printf("\n%s: %d of %d cases passed; member %s, exchange %s, client %s, submission %s\n",
           run->passed == run->count ? "PASS" : "FAIL", run->passed, run->count, run->member->code,
           run->member->server_version, CIX_VERSION, run->submission_id);
}

static void print_json(struct conformance *run)
{
    struct builder json = {.arena = &run->online->arena};

    builder_format(&json,
                   "{\n  \"member\": \"%s\",\n  \"exchangeVersion\": \"%s\",\n"
                   "  \"clientVersion\": \"%s\",\n  \"madeAtUs\": \"%lld\",\n"
                   "  \"submission\": \"%s\",\n  \"isPassed\": %s,\n  \"passed\": %d,\n"
                   "  \"cases\": [",
                   run->member->code, run->member->server_version, CIX_VERSION,
                   (long long)run->made_at_us, run->submission_id,
                   run->passed == run->count ? "true" : "false", run->passed);
    for (int i = 0; i < run->count; i++) {
        const struct conformance_result *result = &run->results[i];
        builder_format(&json,
                       "%s\n    {\"case\": \"%s\", \"isPassed\": %s, \"expected\": ", i ? "," : "",
                       result->name, result->is_passed ? "true" : "false");
        builder_json(&json, result->expected);
        builder_text(&json, ", \"found\": ");
        builder_json(&json, result->found);
        builder_text(&json, "}");
    }
    builder_text(&json, "\n  ]\n}\n");
    fputs(json.data, stdout);
}

/* The code of some other member, for records that name one. */
static bool find_other(struct conformance *run)
{
    Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;
    Cix__V1__ListMembersResponse *response;

    request.page_size = 2;
    if (!cix_list_members(run->online->client, &request, &response, &run->online->error))
        return false;
    for (size_t i = 0; i < response->n_members; i++)
        if (strcmp(response->members[i]->code, run->member->code) != 0)
            snprintf(run->other_code, sizeof(run->other_code), "%s", response->members[i]->code);
    cix_free(response);
    return true;
}

/* Never where real records are: the kit's persons are made. */
static enum cli_exit check_exchange(const struct conformance *run)
{
    if (!run->member->is_test_exchange)
        return cli_complain(CLI_REFUSED, "this is not a test exchange: nothing was sent; ask its "
                                         "operator for the address of the test exchange");
    if (run->member->state != CIX__V1__MEMBER_STATE__MEMBER_STATE_TESTING &&
        run->member->state != CIX__V1__MEMBER_STATE__MEMBER_STATE_ACTIVE)
        return cli_complain(CLI_REFUSED, "the member is neither in state TESTING nor ACTIVE");
    return CLI_OK;
}

/* A regulator contributes nothing and asks about nobody: it becomes active without a result. */
static enum cli_exit run_none(struct conformance *run, bool is_json)
{
    if (conformance_has_role(run, CIX__V1__ROLE__ROLE_CONTRIBUTOR) ||
        conformance_has_role(run, CIX__V1__ROLE__ROLE_COURT))
        return cli_complain(CLI_REFUSED, "there is no case for the data classes of this member");
    if (is_json)
        print_json(run);
    else
        printf("member %s needs no conformance: it contributes no records, and the operator "
               "activates it without a result\n",
               run->member->code);
    return CLI_OK;
}

static enum cli_exit run_cases(struct conformance *run, bool is_json)
{
    const char *path = cli_value(run->online->args, "result");

    conformance_make(run);
    for (size_t i = 0; i < conformance_step_count; i++) {
        if (conformance_has_role(run, conformance_steps[i].role))
            conformance_steps[i].run(run);
    }
    if (!run->count)
        return run_none(run, is_json);
    if (is_json)
        print_json(run);
    else
        print_table(run);
    if (run->passed != run->count)
        return CLI_REJECTED;
    return !path || conformance_write(run, path) ? CLI_OK : CLI_DATA;
}

static enum cli_exit run_online(struct online *online)
{
    struct conformance *run = arena_alloc(&online->arena, sizeof(*run));
    bool is_json;

    run->online = online;
    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (!cix_get_member(online->client, &run->member, &online->error))
        return online_fail(online);
    enum cli_exit code = check_exchange(run);
    if (code == CLI_OK)
        code = find_other(run) ? run_cases(run, is_json) : online_fail(online);
    cix_free(run->member);
    return code;
}

static enum cli_exit run_command(const struct cli_args *args)
{
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = run_online(&online);
    online_close(&online);
    return code;
}

static const struct cli_option options[] = {
    {"result", "FILE",
     "when all cases passed: have the exchange attest them, and write the result, signed with the "
     "own "
     "key, for the operator"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_conformance_command = {
    .name = "conformance",
    .operands = "",
    .summary = "Run golden cases against a test exchange, before a member becomes active",
    .details =
        "The data are made by the kit itself, anew for each run. On an exchange that is not "
        "a test\nexchange nothing is sent. Exit code 1: a case did not pass. Who contributes no "
        "records\nand asks about nobody, as a regulator, has no cases: exit code 0 and no "
        "result.",
    .is_online = true,
    .options = options,
    .run = run_command,
};
