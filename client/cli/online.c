#include "cli/online.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/day.h"
#include "base/money.h"
#include "cli/doctor.h"
#include "json.h"
#include "message.h"

enum cli_exit online_without(struct online *online, const struct cli_args *args)
{
    *online = (struct online){.args = args};
    arena_init(&online->arena, 0);
    ctx_init(&online->ctx, &online->arena);
    return CLI_OK;
}

enum cli_exit online_open(struct online *online, const struct cli_args *args)
{
    (void)online_without(online, args);
    setenv("GRPC_VERBOSITY", "NONE", 0); /* failures are told by us */
    if (!settings_find(&online->arena, args, &online->settings))
        return CLI_USAGE;
    struct cix_options options = {.address = online->settings.address,
                                  .ca = online->settings.ca,
                                  .cert = online->settings.cert,
                                  .key = online->settings.key,
                                  .server_name = online->settings.server_name,
                                  .deadline_ms = (int)online->settings.timeout_s * 1000};
    if (cix_open(&options, &online->client, &online->error))
        return CLI_OK;
    return cli_complain(CLI_USAGE, "%s", online->error.message);
}

void online_close(struct online *online)
{
    cix_close(online->client);
    arena_done(&online->arena);
}

enum cli_exit online_run(const struct cli_args *args, enum cli_exit (*work)(struct online *online))
{
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = work(&online);
    online_close(&online);
    return code;
}

/*
 * gRPC tells only that there is no connection. When the doctor finds that certificates are why,
 * trying again is of no use: its words and its exit code stand instead.
 */
static enum cli_exit explain(struct online *online, enum cli_exit code)
{
    const struct cix_error *error = &online->error;
    const char *found;

    if (error->status != CIX_UNAVAILABLE || !online->client ||
        (*error->reason && strcmp(error->reason, "UNREACHABLE") != 0))
        return code;
    enum doctor_fault fault = doctor_explain(&online->settings, &online->arena, &found);
    if (doctor_faults[fault].is_remark)
        return code;
    fprintf(stderr, "  %s: %s%s%s%s\n  what to do: %s; `cix pki doctor` tells more\n",
            doctor_faults[fault].word, doctor_faults[fault].meaning, *found ? " (" : "", found,
            *found ? ")" : "", doctor_faults[fault].advice);
    return doctor_faults[fault].exit;
}

enum cli_exit online_fail(struct online *online)
{
    const struct cix_error *error = &online->error;

    cli_complain(CLI_OK, "%s%s%s%s", error->message, *error->reason ? " (" : "", error->reason,
                 *error->reason ? ")" : "");
    for (int i = 0; i < error->field_count; i++)
        fprintf(stderr, "  %s: %s\n", error->fields[i].field, error->fields[i].description);
    for (int i = 0; i < error->fact_count; i++)
        if (strcmp(error->facts[i].value, error->reason) != 0) /* that was said above */
            fprintf(stderr, "  %s = %s\n", error->facts[i].name, error->facts[i].value);
    return explain(online, cli_exit_of_status((int)error->status));
}

enum cli_exit online_complain(const struct online *online)
{
    const struct error *error = &online->ctx.error;
    const char *field = error->field_count ? error->fields[0].field : "";

    return cli_complain(CLI_USAGE, "%s%s%s", field, *field ? ": " : "", error->message);
}

bool online_require(struct online *online, const char *name, const char **value)
{
    *value = cli_value(online->args, name);
    return *value || fail(&online->ctx, ERR_INVALID, "USAGE", "--%s is needed", name);
}

bool online_wants_json(struct online *online, bool *is_json)
{
    const char *output = cli_value(online->args, "output");

    if (output && strcmp(output, "json") != 0 && strcmp(output, "table") != 0)
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--output: expected table or json");
    *is_json = output && !strcmp(output, "json");
    return true;
}

void online_print_json(const ProtobufCMessage *message)
{
    char *text = cix_to_json(message);

    puts(text);
    free(text);
}

const char *online_instant(struct arena *arena, int64_t at_us)
{
    char text[32];
    time_t at = (time_t)(at_us / 1000000);
    struct tm tm;

    if (!at_us || !localtime_r(&at, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm))
        return "";
    return arena_string(arena, text);
}

const char *online_day(struct arena *arena, int32_t yyyymmdd)
{
    if (!yyyymmdd)
        return "";
    return arena_format(arena, "%04d-%02d-%02d", yyyymmdd / 10000, yyyymmdd / 100 % 100,
                        yyyymmdd % 100);
}

const char *online_period(struct arena *arena, int32_t yyyymm)
{
    return yyyymm ? arena_format(arena, "%04d-%02d", yyyymm / 100, yyyymm % 100) : "";
}

const char *online_money(struct arena *arena, int64_t amount, const char *currency)
{
    char text[40];

    if (money_minor_digits(currency) < 0)
        return arena_format(arena, "%lld", (long long)amount);
    money_format(amount, currency, text);
    return arena_string(arena, text);
}

bool online_enum(struct ctx *ctx, const ProtobufCEnumDescriptor *descriptor, const char *option,
                 const char *text, int *number)
{
    char *word = arena_string(ctx->arena, text);

    for (char *at = word; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    const ProtobufCEnumValue *value = cix_message_enum(descriptor, word);
    if (value && value->value) {
        *number = value->value;
        return true;
    }
    char *words = cix_message_enum_words(ctx->arena, descriptor);
    for (char *at = words; *at; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    return fail(ctx, ERR_INVALID, "USAGE", "--%s: expected %s", option, words);
}
