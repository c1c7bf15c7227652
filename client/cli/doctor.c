#include "cli/doctor.h"

#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/pki.h"

enum { TIMEOUT_DEFAULT_MS = 5000, STEP_COLUMNS = 12 };

#define AFTER(step) (1u << (step))

/* needs: steps that must have been tried and found no fault. */
static const struct {
    const char *name;
    void (*check)(struct doctor *doctor);
    unsigned needs;
} steps[DOCTOR_STEP_COUNT] = {
    [DOCTOR_SETTINGS] = {"settings", doctor_check_settings, 0},
    [DOCTOR_FILES] = {"files", doctor_check_files, AFTER(DOCTOR_SETTINGS)},
    [DOCTOR_KEY] = {"key", doctor_check_key, AFTER(DOCTOR_FILES)},
    [DOCTOR_CERTIFICATE] = {"certificate", doctor_check_certificate, AFTER(DOCTOR_FILES)},
    [DOCTOR_NAME] = {"name", doctor_check_name, AFTER(DOCTOR_FILES)},
    [DOCTOR_AUTHORITY] = {"authority", doctor_check_authority, AFTER(DOCTOR_FILES)},
    [DOCTOR_CLOCK] = {"clock", doctor_check_clock, AFTER(DOCTOR_FILES)},
    [DOCTOR_HOST] = {"host", doctor_check_host, AFTER(DOCTOR_SETTINGS)},
    [DOCTOR_PORT] = {"port", doctor_check_port, AFTER(DOCTOR_HOST)},
    [DOCTOR_TLS] = {"tls", doctor_check_tls, AFTER(DOCTOR_PORT) | AFTER(DOCTOR_FILES)},
    [DOCTOR_IDENTITY] = {"identity", doctor_check_identity, AFTER(DOCTOR_TLS)},
    [DOCTOR_PROTOCOL] = {"protocol", doctor_check_protocol, AFTER(DOCTOR_IDENTITY)},
    [DOCTOR_CALL] = {"call", doctor_check_call,
                     AFTER(DOCTOR_PROTOCOL) | AFTER(DOCTOR_CERTIFICATE) | AFTER(DOCTOR_NAME)},
};

const char *doctor_step_name(enum doctor_step step)
{
    return steps[step].name;
}

void doctor_init(struct doctor *doctor, const struct settings *settings)
{
    int64_t timeout_ms = settings->timeout_s * 1000;

    *doctor = (struct doctor){.settings = *settings, .fd = -1, .verify_error = X509_V_OK};
    doctor->timeout_ms =
        timeout_ms && timeout_ms < TIMEOUT_DEFAULT_MS ? (int)timeout_ms : TIMEOUT_DEFAULT_MS;
    arena_init(&doctor->arena, 0);
}

void doctor_done(struct doctor *doctor)
{
    SSL_free(doctor->ssl);
    SSL_CTX_free(doctor->context);
    if (doctor->fd >= 0)
        close(doctor->fd);
    if (doctor->places)
        freeaddrinfo(doctor->places);
    EVP_PKEY_free(doctor->key);
    X509_free(doctor->certificate);
    X509_free(doctor->authority);
    sk_X509_pop_free(doctor->chain, X509_free);
    arena_done(&doctor->arena);
}

bool doctor_tell(struct doctor *doctor, enum doctor_step step, enum doctor_fault fault,
                 const char *format, ...)
{
    struct doctor_result *result = &doctor->results[step];
    va_list args;

    if (result->fault != DOCTOR_NONE)
        return false;
    va_start(args, format);
    *result = (struct doctor_result){
        .is_tried = true, .fault = fault, .found = arena_vformat(&doctor->arena, format, args)};
    va_end(args);
    return fault == DOCTOR_NONE;
}

static bool is_passed(const struct doctor_result *result)
{
    return result->is_tried && doctor_faults[result->fault].is_remark;
}

static bool may_try(const struct doctor *doctor, enum doctor_step step)
{
    for (int other = 0; other < DOCTOR_STEP_COUNT; other++) {
        if (steps[step].needs & AFTER(other) && !is_passed(&doctor->results[other]))
            return false;
    }
    return true;
}

void doctor_run(struct doctor *doctor, enum doctor_step last)
{
    for (int step = 0; step <= (int)last; step++) {
        if (may_try(doctor, (enum doctor_step)step))
            steps[step].check(doctor);
    }
}

enum doctor_fault doctor_verdict(const struct doctor *doctor, enum doctor_step *step)
{
    for (int i = 0; i < DOCTOR_STEP_COUNT; i++) {
        if (!doctor->results[i].is_tried || is_passed(&doctor->results[i]))
            continue;
        *step = (enum doctor_step)i;
        return doctor->results[i].fault;
    }
    return DOCTOR_NONE;
}

enum doctor_fault doctor_explain(const struct settings *settings, struct arena *arena,
                                 const char **found)
{
    struct doctor doctor;
    enum doctor_step step = DOCTOR_SETTINGS;

    doctor_init(&doctor, settings);
    doctor_run(&doctor, DOCTOR_IDENTITY);
    enum doctor_fault fault = doctor_verdict(&doctor, &step);
    *found = fault == DOCTOR_NONE ? "" : arena_string(arena, doctor.results[step].found);
    doctor_done(&doctor);
    return fault;
}

/* ---- The command ---- */

static void print_step(const struct doctor *doctor, enum doctor_step step)
{
    const struct doctor_result *result = &doctor->results[step];
    const struct doctor_fault_row *row = &doctor_faults[result->fault];
    const char *found = result->found ? result->found : "";

    printf("%-*s ", STEP_COLUMNS, doctor_step_name(step));
    if (!result->is_tried) {
        puts("-       not tried: something before is wrong");
        return;
    }
    if (result->fault == DOCTOR_NONE) {
        printf("good    %s\n", found);
        return;
    }
    printf("%s  %s: %s%s%s%s\n", row->is_remark ? "remark" : "FAULT ", row->word, row->meaning,
           *found ? " (" : "", found, *found ? ")" : "");
    printf("%-*s         what to do: %s\n", STEP_COLUMNS, "", row->advice);
}

static void put_step(struct builder *json, const struct doctor *doctor, enum doctor_step step)
{
    const struct doctor_result *result = &doctor->results[step];
    const struct doctor_fault_row *row = &doctor_faults[result->fault];

    builder_format(json, "%s\n    {\"step\": \"%s\", \"verdict\": \"%s\"", step ? "," : "",
                   doctor_step_name(step),
                   !result->is_tried              ? "not-tried"
                   : result->fault == DOCTOR_NONE ? "good"
                   : row->is_remark               ? "remark"
                                                  : "fault");
    if (result->is_tried && *result->found) {
        builder_text(json, ", \"found\": ");
        builder_json(json, result->found);
    }
    if (result->fault != DOCTOR_NONE) {
        builder_format(json, ", \"fault\": \"%s\", \"meaning\": ", row->word);
        builder_json(json, row->meaning);
        builder_text(json, ", \"advice\": ");
        builder_json(json, row->advice);
    }
    builder_text(json, "}");
}

static void print_json(struct doctor *doctor, enum cli_exit code)
{
    struct builder json = {.arena = &doctor->arena};

    builder_format(&json, "{\n  \"isGood\": %s,\n  \"exitCode\": %d,\n  \"steps\": [",
                   code == CLI_OK ? "true" : "false", (int)code);
    for (int step = 0; step < DOCTOR_STEP_COUNT; step++)
        put_step(&json, doctor, (enum doctor_step)step);
    builder_text(&json, "\n  ]\n}\n");
    fputs(json.data, stdout);
}

static enum cli_exit examine(struct doctor *doctor, bool is_json)
{
    enum doctor_step step = DOCTOR_SETTINGS;

    doctor_run(doctor, DOCTOR_CALL);
    enum doctor_fault fault = doctor_verdict(doctor, &step);
    enum cli_exit code = doctor_faults[fault].exit;
    if (is_json) {
        print_json(doctor, code);
        return code;
    }
    for (int i = 0; i < DOCTOR_STEP_COUNT; i++)
        print_step(doctor, (enum doctor_step)i);
    if (fault == DOCTOR_NONE)
        puts("\nThe exchange is reached and admits this certificate.");
    else
        printf("\n%s: see %s above.\n", doctor_faults[fault].word, doctor_step_name(step));
    return code;
}

enum cli_exit pki_run_doctor(const struct cli_args *args)
{
    const char *output = cli_value(args, "output");
    bool is_json = output && !strcmp(output, "json");
    struct arena arena;
    struct settings settings;
    struct doctor doctor;
    enum cli_exit code = CLI_USAGE;

    if (output && !is_json && strcmp(output, "text") != 0)
        return cli_complain(CLI_USAGE, "--output: expected text or json");
    setenv("GRPC_VERBOSITY", "NONE", 0);
    arena_init(&arena, 0);
    if (settings_find(&arena, args, &settings)) {
        doctor_init(&doctor, &settings);
        code = examine(&doctor, is_json);
        doctor_done(&doctor);
    }
    arena_done(&arena);
    return code;
}
