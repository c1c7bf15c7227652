#include "cli/standard_online.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "cli/online.h"
#include "cli/table.h"
#include "domain/standard.h"
#include "message.h"

enum { VERSION_MAX = 1000000 };

/* The version that stands behind the name, or 0. */
static bool read_version(struct online *online, int32_t *version)
{
    const struct cli_args *args = online->args;
    int64_t number = 0;

    if (args->operand_count > 1 &&
        (!text_to_int64(args->operands[1], &number) || number < 1 || number > VERSION_MAX))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "VERSION is a number, 1 to %d",
                    VERSION_MAX);
    *version = (int32_t)number;
    return true;
}

/* ---- list ---- */

static const char *step_text(struct arena *arena, const Cix__V1__StandardStep *step)
{
    if (!step)
        return "";
    return arena_format(arena, "%s %s", online_instant(arena, step->at_us),
                        *step->member_code ? step->member_code : "(operator)");
}

static void print_versions(struct arena *arena, const Cix__V1__ListStandardsResponse *response)
{
    static const char *const headings[] = {"STANDARD", "VERSION", "STATE",     "FROM",    "UNTIL",
                                           "DIGEST",   "LOADED",  "PUBLISHED", "RETIRED", "WHY"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < response->n_standards; i++) {
        const Cix__V1__StandardVersion *version = response->standards[i];
        char digest[2 * DIGEST_SIZE + 1] = "";

        if (version->sha256.len == DIGEST_SIZE)
            text_to_hex(version->sha256.data, 8, digest);
        table_add(
            table,
            (const char *[]){
                version->standard_id, arena_format(arena, "%d", version->version),
                cix_message_enum_name(&cix__v1__standard_state__descriptor, (int)version->state),
                online_day(arena, version->valid_from_on),
                online_day(arena, version->valid_until_on), digest,
                step_text(arena, version->loaded), step_text(arena, version->published),
                step_text(arena, version->retired), version->retire_reason});
    }
    table_print(table);
}

static enum cli_exit list(struct online *online)
{
    Cix__V1__ListStandardsRequest request = CIX__V1__LIST_STANDARDS_REQUEST__INIT;
    Cix__V1__ListStandardsResponse *response;
    const char *state = cli_value(online->args, "state");
    int number = 0;
    bool is_json;

    if (!online_wants_json(online, &is_json) ||
        (state &&
         !online_enum(&online->ctx, &cix__v1__standard_state__descriptor, "state", state, &number)))
        return online_complain(online);
    if (online->args->operand_count)
        request.standard_id = (char *)online->args->operands[0];
    request.state = (Cix__V1__StandardState)number;
    if (!cix_list_standards(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_versions(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_list(const struct cli_args *args)
{
    return online_run(args, list);
}

static const struct cli_option list_options[] = {
    {"state", "STATE", "loaded, published or retired"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command standard_list_command = {
    "list",
    "[NAME]",
    "List the exchange's standards: state, days, who and when",
    NULL,
    0,
    1,
    true,
    list_options,
    NULL,
    run_list,
};

/* ---- get ---- */

/* The text is what its digest says: whoever rates by it relies on that. */
static bool is_whole(const Cix__V1__GetStandardResponse *response)
{
    struct digest digest = digest_of(response->text.data, response->text.len);

    return response->standard && response->standard->sha256.len == DIGEST_SIZE &&
           !memcmp(response->standard->sha256.data, digest.bytes, DIGEST_SIZE);
}

static enum cli_exit write_text(const struct cli_args *args, const ProtobufCBinaryData *text)
{
    const char *path = cli_value(args, "to");
    FILE *file = path ? fopen(path, "we") : stdout;
    bool is_written;

    if (!file)
        return cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
    is_written = fwrite(text->data, 1, text->len, file) == text->len;
    is_written &= (path ? fclose(file) : fflush(file)) == 0;
    return is_written ? CLI_OK
                      : cli_complain(CLI_DATA, "%s cannot be written", path ? path : "the text");
}

static enum cli_exit get(struct online *online)
{
    Cix__V1__GetStandardRequest request = CIX__V1__GET_STANDARD_REQUEST__INIT;
    Cix__V1__GetStandardResponse *response;
    enum cli_exit code = CLI_OK;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !read_version(online, &request.version))
        return online_complain(online);
    request.standard_id = (char *)online->args->operands[0];
    if (!cix_get_standard(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (!is_whole(response))
        code = cli_complain(CLI_FAULT, "the text is not what its digest says");
    else if (is_json)
        online_print_json(&response->base);
    else
        code = write_text(online->args, &response->text);
    cix_free(response);
    return code;
}

static enum cli_exit run_get(const struct cli_args *args)
{
    return online_run(args, get);
}

static const struct cli_option get_options[] = {
    {"to", "FILE", "write the text there"},
    {"output", "table|json", "json: the text with its state, instead of the text alone"},
    {NULL, NULL, NULL},
};

const struct cli_command standard_get_command = {
    "get",
    "NAME [VERSION]",
    "Print the text of a standard",
    "Without VERSION the one in force. Every version stays readable, also when it was retired: "
    "with\n"
    "it cix rating verify computes an old rating again.",
    1,
    2,
    true,
    get_options,
    NULL,
    run_get,
};

/* ---- load ---- */

static enum cli_exit load(struct online *online)
{
    Cix__V1__LoadStandardRequest request = CIX__V1__LOAD_STANDARD_REQUEST__INIT;
    Cix__V1__LoadStandardResponse *response;
    const char *path = online->args->operands[0];
    FILE *file = fopen(path, "re");
    bool is_read;

    if (!file)
        return cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
    /* One byte more than may be, so that the exchange sees that it is too much. */
    request.text.data = arena_alloc(&online->arena, STANDARD_TEXT_MAX + 1);
    request.text.len = fread(request.text.data, 1, STANDARD_TEXT_MAX + 1, file);
    is_read = !ferror(file);
    fclose(file);
    if (!is_read)
        return cli_complain(CLI_DATA, "%s cannot be read", path);
    if (!cix_load_standard(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s %s %d\n", response->is_new ? "loaded" : "known already:", response->standard_id,
           response->version);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_load(const struct cli_args *args)
{
    return online_run(args, load);
}

const struct cli_command standard_load_command = {
    "load",
    "FILE",
    "Give the exchange a standard, to be published later",
    "For the administrative regulator. The text is checked whole; a draft is refused. A version\n"
    "that was loaded never changes: another text needs another version.",
    1,
    1,
    true,
    NULL,
    NULL,
    run_load,
};

/* ---- publish ---- */

static enum cli_exit publish(struct online *online)
{
    Cix__V1__PublishStandardRequest request = CIX__V1__PUBLISH_STANDARD_REQUEST__INIT;
    Cix__V1__PublishStandardResponse *response;

    if (!read_version(online, &request.version))
        return online_complain(online);
    request.standard_id = (char *)online->args->operands[0];
    if (!cix_publish_standard(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s %s %d\n", response->is_new ? "published" : "in force already:", request.standard_id,
           request.version);
    if (response->replaced_version)
        printf("retired %s %d\n", request.standard_id, response->replaced_version);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_publish(const struct cli_args *args)
{
    return online_run(args, publish);
}

const struct cli_command standard_publish_command = {
    "publish",
    "NAME VERSION",
    "Put a loaded standard in force",
    "For the administrative regulator. In force on every server within a second. The version of "
    "the\n"
    "same name that was in force is retired at once; other names stay in force beside it.",
    2,
    2,
    true,
    NULL,
    NULL,
    run_publish,
};

/* ---- retire ---- */

static enum cli_exit retire(struct online *online)
{
    Cix__V1__RetireStandardRequest request = CIX__V1__RETIRE_STANDARD_REQUEST__INIT;
    Cix__V1__RetireStandardResponse *response;
    const char *reason = cli_value(online->args, "reason");

    if (!reason)
        (void)fail(&online->ctx, ERR_INVALID, "USAGE", "--reason: say why");
    if (!reason || !read_version(online, &request.version))
        return online_complain(online);
    request.standard_id = (char *)online->args->operands[0];
    request.reason = (char *)reason;
    if (!cix_retire_standard(online->client, &request, &response, &online->error))
        return online_fail(online);
    printf("%s %s %d\n", response->is_new ? "retired" : "retired before:", request.standard_id,
           request.version);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run_retire(const struct cli_args *args)
{
    return online_run(args, retire);
}

static const struct cli_option retire_options[] = {
    {"reason", "TEXT", "why, for every member to read"},
    {NULL, NULL, NULL},
};

const struct cli_command standard_retire_command = {
    "retire",
    "NAME VERSION",
    "Take a standard out of force, for good",
    "For the administrative regulator. Ratings by it stay valid as long as they say, and its text\n"
    "stays readable.",
    2,
    2,
    true,
    retire_options,
    NULL,
    run_retire,
};
