#include "cli/questions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "cli/columns.h"
#include "cli/csv.h"
#include "cli/protection.h"
#include "json.h"

enum { QUESTIONS_MAX = 500, RATINGS_MAX = 64 };

char *questions_operator(const struct online *online)
{
    const char *given = cli_value(online->args, "operator");

    given = given ? given : online->settings.operator_id;
    return (char *)(given ? given : "");
}

struct asking;

/* What is asked for. */
struct question_kind {
    enum cix_method method;
    const ProtobufCMessageDescriptor *question;
    size_t most;      /* questions of one message */
    bool has_purpose; /* --purpose stands for rows that name none */
    const char *headings;
    void (*complete)(struct asking *asking, ProtobufCMessage *question);
    bool (*send)(struct asking *asking);
    size_t (*count)(const void *response);
    bool (*is_answer)(const ProtobufCMessage *result, const Cix__V1__ElementError **error);
    void (*print)(int64_t line, const ProtobufCMessage *result); /* one answer as CSV */
    const ProtobufCMessage *(*result)(const void *response, size_t at);
    void (*warn)(struct asking *asking, const void *response); /* or NULL */
};

/* One file of questions on its way. */
struct asking {
    struct online *online;
    const struct question_kind *kind;
    struct cix_batch *batch;
    struct csv_reader reader;
    struct columns columns;
    struct arena arena; /* of one request */
    struct ctx ctx;
    ProtobufCMessage *questions[QUESTIONS_MAX];
    int64_t lines[QUESTIONS_MAX];
    size_t count;
    int purpose; /* of rows without one */
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

/* Reads as many rows as one message takes. */
static bool read_questions(struct asking *asking)
{
    asking->count = 0;
    arena_reset(&asking->arena);
    while (asking->count < asking->kind->most) {
        ProtobufCMessage *message;
        enum csv_result result = csv_read(&asking->reader);
        asking->is_end = result == CSV_END;
        if (asking->is_end)
            return true;
        if (result == CSV_BROKEN)
            return stop_broken(asking);
        if (!columns_message(&asking->ctx, &asking->columns, &asking->reader.row, &message))
            return stop_row(asking);
        asking->kind->complete(asking, message);
        asking->lines[asking->count] = asking->reader.row.line;
        asking->questions[asking->count++] = message;
    }
    return true;
}

/* An answer that is an error, as CSV: columns empty but reason. */
static void print_error(const struct asking *asking, int64_t line,
                        const Cix__V1__ElementError *error)
{
    printf("%lld", (long long)line);
    for (const char *comma = strchr(asking->kind->headings, ','); comma;
         comma = strchr(comma + 1, ',')) {
        putchar(',');
        if (strncmp(comma, ",reason,", 8) == 0)
            csv_write_cell(stdout, error ? error->reason : "NO_ANSWER");
    }
    putchar('\n');
}

static void print_results(struct asking *asking, const void *response)
{
    for (size_t i = 0; i < asking->count; i++) {
        const ProtobufCMessage *result = asking->kind->result(response, i);
        const Cix__V1__ElementError *error = NULL;
        bool is_answer = asking->kind->is_answer(result, &error);
        asking->has_errors |= !is_answer;
        if (!asking->is_json && is_answer)
            asking->kind->print(asking->lines[i], result);
        else if (!asking->is_json)
            print_error(asking, asking->lines[i], error);
        else
            printf("{\"line\":%lld,\"result\":%s}\n", (long long)asking->lines[i],
                   cix_json_write(&asking->arena, result, 0));
    }
}

static bool ask(struct asking *asking)
{
    struct online *online = asking->online;
    void *response;

    if (!asking->kind->send(asking) || !cix_batch_receive(asking->batch, &response, &online->error))
        return stop(asking, online_fail(online));
    bool is_complete = asking->kind->count(response) == asking->count;
    if (is_complete)
        print_results(asking, response);
    if (is_complete && asking->kind->warn)
        asking->kind->warn(asking, response);
    cix_free(response);
    return is_complete ||
           stop(asking, cli_complain(CLI_FAULT, "fewer answers than questions came back"));
}

static bool read_purpose(struct asking *asking)
{
    const char *given =
        asking->kind->has_purpose ? cli_value(asking->online->args, "purpose") : NULL;

    return !given || online_enum(&asking->online->ctx, &cix__v1__purpose__descriptor, "purpose",
                                 given, &asking->purpose);
}

static bool read_headings(struct asking *asking)
{
    enum csv_result result = csv_read(&asking->reader);

    if (result == CSV_BROKEN)
        return stop_broken(asking);
    if (result == CSV_END)
        return stop(asking, cli_complain(CLI_DATA, "the file is empty"));
    return columns_read(&asking->online->ctx, asking->kind->question, &asking->reader.row,
                        &asking->columns) ||
           stop(asking, (online_complain(asking->online), CLI_DATA));
}

static void ask_all(struct asking *asking)
{
    if (!cix_batch_open(asking->online->client, asking->kind->method, &asking->batch,
                        &asking->online->error)) {
        asking->code = online_fail(asking->online);
        return;
    }
    if (!asking->is_json)
        puts(asking->kind->headings);
    while (!asking->is_end && read_questions(asking)) {
        if (asking->count && !ask(asking))
            break;
    }
    cix_batch_close(asking->batch);
}

static enum cli_exit ask_file(struct online *online, const struct question_kind *kind,
                              const char *path)
{
    struct asking *asking = calloc(1, sizeof(*asking));
    FILE *file = fopen(path, "re");

    CHECK(asking);
    asking->online = online;
    asking->kind = kind;
    arena_init(&asking->arena, 0);
    ctx_init(&asking->ctx, &asking->arena);
    csv_init(&asking->reader, csv_from_file, file);
    if (!file)
        asking->code = cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
    else if (!online_wants_json(online, &asking->is_json) || !read_purpose(asking))
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

/* ---- Flags ---- */

static void complete_flag(struct asking *asking, ProtobufCMessage *message)
{
    Cix__V1__FlagInquiry *question = (Cix__V1__FlagInquiry *)message;

    if (!*question->operator_id)
        question->operator_id = questions_operator(asking->online);
}

static bool send_flags(struct asking *asking)
{
    Cix__V1__BatchCheckFlagsRequest request = CIX__V1__BATCH_CHECK_FLAGS_REQUEST__INIT;

    request.n_inquiries = asking->count;
    request.inquiries = (Cix__V1__FlagInquiry **)asking->questions;
    return cix_batch_send(asking->batch, &request, &asking->online->error);
}

/* Once: whom a list that is not complete leaves out, nobody can say (D009). */
static void warn_of_gaps(struct asking *asking, const void *message)
{
    const Cix__V1__BatchCheckFlagsResponse *response = message;

    if (response->n_gaps && !asking->is_warned)
        fprintf(stderr, "the lists of %zu feeds of courts are not complete now\n",
                response->n_gaps);
    asking->is_warned |= response->n_gaps > 0;
}

static size_t count_flags(const void *response)
{
    return ((const Cix__V1__BatchCheckFlagsResponse *)response)->n_results;
}

static const ProtobufCMessage *flag_result(const void *response, size_t at)
{
    return &((const Cix__V1__BatchCheckFlagsResponse *)response)->results[at]->base;
}

static bool is_flag_answer(const ProtobufCMessage *message, const Cix__V1__ElementError **error)
{
    const Cix__V1__BatchedFlagAnswer *result = (const Cix__V1__BatchedFlagAnswer *)message;

    if (result->result_case == CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ERROR)
        *error = result->error;
    return result->result_case == CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ANSWER;
}

static void print_flag(int64_t line, const ProtobufCMessage *message)
{
    const Cix__V1__BatchedFlagAnswer *result = (const Cix__V1__BatchedFlagAnswer *)message;

    printf("%lld,%s,%zu,,", (long long)line, result->answer->is_listed ? "true" : "false",
           result->answer->n_listings);
    protection_write_kinds(result->answer->protections, result->answer->n_protections);
    putchar('\n');
}

static const struct question_kind flag_questions = {
    .method = CIX_BATCH_CHECK_FLAGS,
    .question = &cix__v1__flag_inquiry__descriptor,
    .most = QUESTIONS_MAX,
    .headings = "line,is_listed,listings,reason,protections",
    .complete = complete_flag,
    .send = send_flags,
    .count = count_flags,
    .is_answer = is_flag_answer,
    .print = print_flag,
    .result = flag_result,
    .warn = warn_of_gaps,
};

enum cli_exit questions_ask_flags(struct online *online)
{
    return ask_file(online, &flag_questions, cli_value(online->args, "file"));
}

/* ---- Ratings ---- */

static void complete_rating(struct asking *asking, ProtobufCMessage *message)
{
    Cix__V1__ReportInquiry *question = (Cix__V1__ReportInquiry *)message;

    if (!*question->operator_id)
        question->operator_id = questions_operator(asking->online);
    if (question->purpose == CIX__V1__PURPOSE__PURPOSE_UNSPECIFIED)
        question->purpose = (Cix__V1__Purpose)asking->purpose;
}

static bool send_ratings(struct asking *asking)
{
    Cix__V1__BatchGetRatingsRequest request = CIX__V1__BATCH_GET_RATINGS_REQUEST__INIT;
    const char *standard = cli_value(asking->online->args, "standard");

    request.n_inquiries = asking->count;
    request.inquiries = (Cix__V1__ReportInquiry **)asking->questions;
    request.standard_id = (char *)(standard ? standard : "");
    return cix_batch_send(asking->batch, &request, &asking->online->error);
}

static size_t count_ratings(const void *response)
{
    return ((const Cix__V1__BatchGetRatingsResponse *)response)->n_results;
}

static const ProtobufCMessage *rating_result(const void *response, size_t at)
{
    return &((const Cix__V1__BatchGetRatingsResponse *)response)->results[at]->base;
}

static void print_scored(const Cix__V1__RatingScore *scored)
{
    printf("%d,%s,%s,%d,,", scored->score, scored->grade, scored->scored_grade, scored->pd_ppm);
    for (size_t i = 0; i < scored->n_reasons; i++)
        printf("%s%s", i ? ";" : "", scored->reasons[i]->code);
}

static bool is_rating_answer(const ProtobufCMessage *message, const Cix__V1__ElementError **error)
{
    const Cix__V1__BatchedRating *result = (const Cix__V1__BatchedRating *)message;

    if (result->result_case == CIX__V1__BATCHED_RATING__RESULT_ERROR)
        *error = result->error;
    return result->result_case == CIX__V1__BATCHED_RATING__RESULT_RATING;
}

static void print_card(const Cix__V1__RatingScore *scored)
{
    printf(",%s,", scored->card);
    for (size_t i = 0; i < scored->n_points; i++)
        printf("%s%s:%d", i ? ";" : "", scored->points[i]->attribute, scored->points[i]->points);
}

/* Within what a probability is awaited, and the days: ",months,day,day". */
static void print_horizon(const Cix__V1__Rating *rating)
{
    const int32_t days[] = {rating->as_of, rating->valid_to};

    printf(",%d", rating->horizon_months);
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++) {
        struct day day;
        char text[11] = "";

        if (day_from_wire(days[i], &day))
            day_format(day, text);
        printf(",%s", text);
    }
}

static void print_protections(const Cix__V1__SubjectRating *rating)
{
    protection_write_kinds(rating->protections, rating->n_protections);
    putchar(',');
    protection_write_phones(rating->protections, rating->n_protections);
    putchar('\n');
}

/* A line a standard. */
static void print_lines(int64_t line, const ProtobufCMessage *message, bool with_points)
{
    const Cix__V1__BatchedRating *result = (const Cix__V1__BatchedRating *)message;

    for (size_t i = 0; i < result->rating->n_ratings; i++) {
        const Cix__V1__Rating *rating = result->rating->ratings[i];
        bool is_scored = rating->result_case == CIX__V1__RATING__RESULT_SCORED;
        bool is_excluded = rating->result_case == CIX__V1__RATING__RESULT_EXCLUSION;

        printf("%lld,%s,%d,", (long long)line, rating->standard_id, rating->standard_version);
        if (is_scored)
            print_scored(rating->scored);
        else
            printf(",,,,%s,", is_excluded ? rating->exclusion->code : "");
        if (with_points && is_scored)
            print_card(rating->scored);
        else if (with_points)
            fputs(",,", stdout);
        if (is_scored || is_excluded)
            print_horizon(rating);
        else
            fputs(",,,", stdout);
        fputs(is_scored || is_excluded ? ",," : ",RATING_WITHHELD,", stdout);
        print_protections(result->rating);
    }
}

static void print_rating(int64_t line, const ProtobufCMessage *message)
{
    print_lines(line, message, false);
}

static void print_rating_with_points(int64_t line, const ProtobufCMessage *message)
{
    print_lines(line, message, true);
}

static const struct question_kind rating_questions = {
    .method = CIX_BATCH_GET_RATINGS,
    .question = &cix__v1__report_inquiry__descriptor,
    .most = RATINGS_MAX,
    .has_purpose = true,
    .headings = "line,standard,version,score,grade,scored_grade,pd_ppm,exclusion,reasons,"
                "horizon_months,as_of,valid_to,reason,protections,phones",
    .complete = complete_rating,
    .send = send_ratings,
    .count = count_ratings,
    .is_answer = is_rating_answer,
    .print = print_rating,
    .result = rating_result,
};

enum cli_exit questions_ask_ratings(struct online *online)
{
    struct question_kind kind = rating_questions;

    if (cli_has(online->args, "points")) {
        kind.headings = "line,standard,version,score,grade,scored_grade,pd_ppm,exclusion,reasons,"
                        "card,points,horizon_months,as_of,valid_to,reason,protections,phones";
        kind.print = print_rating_with_points;
    }
    return ask_file(online, &kind, online->args->operands[0]);
}
