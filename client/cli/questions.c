#include "cli/questions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/csv.h"
#include "json.h"

enum { QUESTIONS_MAX = 500 };

char *questions_operator(const struct online *online)
{
    const char *given = cli_value(online->args, "operator");

    given = given ? given : online->settings.operator_id;
    return (char *)(given ? given : "");
}

/* One file of questions on its way. */
struct asking {
    struct online *online;
    struct cix_batch *batch;
    struct csv_reader reader;
    struct columns columns;
    struct arena arena; /* of one request */
    struct ctx ctx;
    Cix__V1__FlagInquiry *questions[QUESTIONS_MAX];
    int64_t lines[QUESTIONS_MAX];
    size_t count;
    bool is_json, has_errors, is_end, is_warned;
    enum cli_exit code; /* why it stopped */
};

static bool stop(struct asking *asking, enum cli_exit code)
{
    asking->code = code;
    return false;
}

static bool stop_broken(struct asking *asking)
{
    const struct csv_error *error = &asking->reader.error;

    return stop(asking, cli_complain(CLI_DATA, "line %lld, column %d: %s", (long long)error->line,
                                     error->column, error->message));
}

/* A row that is no question ends the run: nothing has been asked for it, and the file is the
 * caller's. */
static bool stop_row(struct asking *asking)
{
    const struct error *error = &asking->ctx.error;
    const char *field = error->field_count ? error->fields[0].field : "";

    return stop(asking,
                cli_complain(CLI_DATA, "line %lld%s%s: %s", (long long)asking->reader.row.line,
                             *field ? ", " : "", field, error->message));
}

/* Once: whom a list that is not complete leaves out, nobody can say (D009). */
static void warn_of_gaps(struct asking *asking, const Cix__V1__BatchCheckFlagsResponse *response)
{
    if (response->n_gaps && !asking->is_warned)
        fprintf(stderr, "the lists of %zu feeds of courts are not complete now\n",
                response->n_gaps);
    asking->is_warned |= response->n_gaps > 0;
}

/* Reads up to QUESTIONS_MAX rows. */
static bool read_questions(struct asking *asking)
{
    asking->count = 0;
    arena_reset(&asking->arena);
    while (asking->count < QUESTIONS_MAX) {
        ProtobufCMessage *message;
        enum csv_result result = csv_read(&asking->reader);
        asking->is_end = result == CSV_END;
        if (asking->is_end)
            return true;
        if (result == CSV_BROKEN)
            return stop_broken(asking);
        if (!columns_message(&asking->ctx, &asking->columns, &asking->reader.row, &message))
            return stop_row(asking);
        Cix__V1__FlagInquiry *question = (Cix__V1__FlagInquiry *)message;
        if (!*question->operator_id)
            question->operator_id = questions_operator(asking->online);
        asking->lines[asking->count] = asking->reader.row.line;
        asking->questions[asking->count++] = question;
    }
    return true;
}

static void print_csv(int64_t line, const Cix__V1__BatchedFlagAnswer *result)
{
    if (result->result_case == CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ANSWER) {
        printf("%lld,%s,%zu,\n", (long long)line, result->answer->is_listed ? "true" : "false",
               result->answer->n_listings);
        return;
    }
    printf("%lld,,,", (long long)line);
    csv_write_cell(stdout, result->error ? result->error->reason : "NO_ANSWER");
    putchar('\n');
}

static void print_results(struct asking *asking, const Cix__V1__BatchCheckFlagsResponse *response)
{
    for (size_t i = 0; i < asking->count; i++) {
        const Cix__V1__BatchedFlagAnswer *result = response->results[i];
        if (result->result_case != CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ANSWER)
            asking->has_errors = true;
        if (asking->is_json)
            printf("{\"line\":%lld,\"result\":%s}\n", (long long)asking->lines[i],
                   cix_json_write(&asking->arena, &result->base, 0));
        else
            print_csv(asking->lines[i], result);
    }
}

static bool ask(struct asking *asking)
{
    Cix__V1__BatchCheckFlagsRequest request = CIX__V1__BATCH_CHECK_FLAGS_REQUEST__INIT;
    Cix__V1__BatchCheckFlagsResponse *response;
    struct online *online = asking->online;
    void *answer;

    request.n_inquiries = asking->count;
    request.inquiries = asking->questions;
    if (!cix_batch_send(asking->batch, &request, &online->error) ||
        !cix_batch_receive(asking->batch, &answer, &online->error))
        return stop(asking, online_fail(online));
    response = answer;
    bool is_complete = response->n_results == asking->count;
    if (is_complete)
        print_results(asking, response);
    warn_of_gaps(asking, response);
    cix_free(response);
    return is_complete ||
           stop(asking, cli_complain(CLI_FAULT, "fewer answers than questions came back"));
}

static bool read_headings(struct asking *asking)
{
    enum csv_result result = csv_read(&asking->reader);

    if (result == CSV_BROKEN)
        return stop_broken(asking);
    if (result == CSV_END)
        return stop(asking, cli_complain(CLI_DATA, "the file is empty"));
    return columns_read(&asking->online->ctx, &cix__v1__flag_inquiry__descriptor,
                        &asking->reader.row, &asking->columns) ||
           stop(asking, (online_complain(asking->online), CLI_DATA));
}

static void ask_all(struct asking *asking)
{
    if (!cix_batch_open(asking->online->client, CIX_BATCH_CHECK_FLAGS, &asking->batch,
                        &asking->online->error)) {
        asking->code = online_fail(asking->online);
        return;
    }
    if (!asking->is_json)
        puts("line,is_listed,listings,reason");
    while (!asking->is_end && read_questions(asking)) {
        if (asking->count && !ask(asking))
            break;
    }
    cix_batch_close(asking->batch);
}

enum cli_exit questions_ask_flags(struct online *online)
{
    const char *path = cli_value(online->args, "file");
    struct asking *asking = calloc(1, sizeof(*asking));
    FILE *file = fopen(path, "re");

    CHECK(asking);
    asking->online = online;
    arena_init(&asking->arena, 0);
    ctx_init(&asking->ctx, &asking->arena);
    csv_init(&asking->reader, csv_from_file, file);
    if (!file)
        asking->code = cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
    else if (!online_wants_json(online, &asking->is_json))
        asking->code = online_complain(online);
    else if (read_headings(asking))
        ask_all(asking);
    enum cli_exit code = asking->code == CLI_OK && asking->has_errors ? CLI_REJECTED : asking->code;
    if (file)
        fclose(file);
    csv_done(&asking->reader);
    arena_done(&asking->arena);
    free(asking);
    return code;
}
