/* cix rating: ratings of the exchange, and what they are made of, recomputed by the member itself.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/inquiry.h"
#include "cli/online.h"
#include "cli/questions.h"
#include "cli/rating_view.h"
#include "cli/report_rating.h"
#include "cli/standard_file.h"
#include "cli/table.h"
#include "json.h"

/* The report of a file: a Report, or the response it came in. */
static bool read_report(struct ctx *ctx, const char *path, Cix__V1__Report **report)
{
    char *data = arena_alloc(ctx->arena, CIX_JSON_MAX + 1);
    FILE *file = fopen(path, "re");
    ProtobufCMessage *message;
    struct ctx other;

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    struct cix_json_text text = {.data = data, .size = fread(data, 1, CIX_JSON_MAX + 1, file)};

    fclose(file);
    ctx_init(&other, ctx->arena);
    if (cix_json_read(&other, &text, &cix__v1__get_report_response__descriptor, &message)) {
        *report = ((Cix__V1__GetReportResponse *)message)->report;
        return *report || fail(ctx, ERR_INVALID, "FILE", "%s: no report in it", path);
    }
    if (!cix_json_read(ctx, &text, &cix__v1__report__descriptor, &message))
        return false;
    *report = (Cix__V1__Report *)message;
    return true;
}

static const char *value_words(struct arena *arena, struct rating_value value)
{
    return value.is_present ? arena_format(arena, "%" PRId64, value.number) : "missing";
}

static void print_points(struct arena *arena, const struct standard *standard,
                         const struct rating *rating)
{
    static const char *const headings[] = {"CHARACTERISTIC", ">VALUE", ">BY", ">POINTS", ">OF"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (int i = 0; i < rating->point_count; i++) {
        const struct rating_point *point = &rating->points[i];

        table_add(table, (const char *[]){standard->attributes[point->attribute].name,
                                          value_words(arena, point->value),
                                          point->by < 0 ? "" : value_words(arena, point->by_value),
                                          arena_format(arena, "%d", point->points),
                                          arena_format(arena, "%d", point->most)});
    }
    table_print(table);
}

static void print_rating(struct arena *arena, const struct standard *standard,
                         const struct rating *rating)
{
    char from[11], to[11];

    day_format(rating->made_on, from);
    day_format(rating->valid_to, to);
    printf("standard %s %d, as of %s\n", standard->id, standard->version, from);
    if (!rating->is_rated) {
        const struct standard_reason *reason = &standard->reasons[rating->exclusion];
        printf("not rated: %s %s (%s)\n", reason->code, reason->english, reason->chinese);
        return;
    }
    printf("score %d, grade %s", rating->score, standard->grades[rating->grade].name);
    if (rating->grade != rating->scored_grade)
        printf(" (%s by its score)", standard->grades[rating->scored_grade].name);
    printf(", probability %d.%02d%%, until %s\n", rating->pd_ppm / 10000,
           rating->pd_ppm / 100 % 100, to);
    for (int i = 0; i < rating->reason_count; i++) {
        const struct standard_reason *reason = &standard->reasons[rating->reasons[i].reason];
        printf("%s %s (%s): %d\n", reason->code, reason->english, reason->chinese,
               -rating->reasons[i].lost);
    }
    printf("\ncard %s, base %d\n", standard->cards[rating->card].name,
           standard->cards[rating->card].base + standard->shift);
    print_points(arena, standard, rating);
}

static bool verify(struct ctx *ctx, const struct cli_args *args)
{
    const char *given = cli_value(args, "as-of");
    struct standard *standard;
    Cix__V1__Report *report = NULL;
    struct rating_input input;
    struct rating rating;
    struct day as_of;

    if (given && !day_parse(given, &as_of))
        return fail(ctx, ERR_INVALID, "USAGE", "--as-of is a day, YYYY-MM-DD");
    if (!standard_file_read(ctx, args->operands[0], false, &standard) ||
        !read_report(ctx, args->operands[1], &report))
        return false;
    report_rating_input(ctx->arena, report, given ? &as_of : NULL, &input);
    rating_of(standard, &input, &rating);
    print_rating(ctx->arena, standard, &rating);
    return true;
}

static enum cli_exit run_verify(const struct cli_args *args)
{
    struct arena arena = {0};
    enum cli_exit code = CLI_OK;
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    if (!verify(&ctx, args))
        code = cli_complain(strcmp(ctx.error.reason, "USAGE") == 0 ? CLI_USAGE : CLI_DATA, "%s",
                            ctx.error.message);
    arena_done(&arena);
    return code;
}

static enum cli_exit get_rating(struct online *online)
{
    Cix__V1__GetRatingRequest request = CIX__V1__GET_RATING_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__GetRatingResponse *response;
    const char *standard = cli_value(online->args, "standard");
    struct subject_key key;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !inquiry_from_args(online, &inquiry, &key))
        return online_complain(online);
    request.inquiry = &inquiry;
    request.standard_id = (char *)(standard ? standard : "");
    if (!cix_get_rating(online->client, &request, &response, &online->error))
        return online_fail(online);
    const Cix__V1__SubjectRating *rating = response->rating;
    bool is_found = rating && rating->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    if (is_json)
        online_print_json(&response->base);
    for (size_t i = 0; !is_json && rating && i < rating->n_ratings; i++)
        rating_view_print(&online->arena, rating->ratings[i], true);
    cix_free(response);
    return is_found ? CLI_OK : CLI_NO_FILE;
}

static const char *reasons_of(struct arena *arena, const Cix__V1__KeptRating *rating)
{
    struct builder text = {.arena = arena};

    for (size_t i = 0; i < rating->n_reasons; i++)
        builder_format(&text, "%s%s", i ? " " : "", rating->reasons[i]->code);
    return text.size ? text.data : "";
}

static void print_history(struct arena *arena, const Cix__V1__ListRatingsResponse *response)
{
    static const char *const headings[] = {"AS OF",  "STANDARD", ">VERSION",
                                           ">SCORE", "GRADE",    "REASONS"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < response->n_ratings; i++) {
        const Cix__V1__KeptRating *rating = response->ratings[i];

        table_add(table,
                  (const char *[]){online_day(arena, rating->as_of), rating->standard_id,
                                   arena_format(arena, "%d", rating->standard_version),
                                   rating->score ? arena_format(arena, "%d", rating->score) : "",
                                   rating->grade,
                                   rating->score ? reasons_of(arena, rating) : rating->exclusion});
    }
    table_print(table);
}

static enum cli_exit list_ratings(struct online *online)
{
    Cix__V1__ListRatingsRequest request = CIX__V1__LIST_RATINGS_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__ListRatingsResponse *response;
    struct subject_key key;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !inquiry_from_args(online, &inquiry, &key))
        return online_complain(online);
    request.inquiry = &inquiry;
    if (!cix_list_ratings(online->client, &request, &response, &online->error))
        return online_fail(online);
    bool is_found = response->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    if (is_json)
        online_print_json(&response->base);
    else
        print_history(&online->arena, response);
    cix_free(response);
    return is_found ? CLI_OK : CLI_NO_FILE;
}

static enum cli_exit run_online(const struct cli_args *args, enum cli_exit (*work)(struct online *))
{
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = work(&online);
    online_close(&online);
    return code;
}

static enum cli_exit run_get(const struct cli_args *args)
{
    return run_online(args, get_rating);
}

static enum cli_exit run_batch(const struct cli_args *args)
{
    return run_online(args, questions_ask_ratings);
}

static const struct cli_option get_options[] = {
    SUBJECT_OPTIONS,
    INQUIRY_OPTIONS,
    {"standard", "NAME", "by this standard alone (default: all in force for the subject's kind)"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};
static const struct cli_command get_command = {
    "get",
    "",
    "Get the ratings of one subject",
    "Every question leaves an inquiry that later reports show. Exit code 6: no subject has this\n"
    "identifier together with this name.",
    0,
    0,
    true,
    get_options,
    NULL,
    run_get};

static enum cli_exit run_list(const struct cli_args *args)
{
    return run_online(args, list_ratings);
}

static const struct cli_option list_options[] = {
    SUBJECT_OPTIONS,
    INQUIRY_OPTIONS,
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};
static const struct cli_command list_command = {
    "list",
    "",
    "Show how the ratings of one subject went",
    "The exchange rates a subject when its data or the standards change, and keeps what is "
    "another\n"
    "answer than the one before; newest first. Exit code 6 as for get.",
    0,
    0,
    true,
    list_options,
    NULL,
    run_list};

static const struct cli_option batch_options[] = {
    {"purpose", "PURPOSE", "of rows that name none: loan-approval, post-loan, ..."},
    {"standard", "NAME", "by this standard alone (default: all in force for each subject's kind)"},
    {"operator", "ID", "who asks inside the member (CIX_OPERATOR, operator)"},
    {"points", NULL, "CSV with two more columns: card, and the points of its characteristics"},
    {"output", "table|json", "CSV (default) or JSON lines"},
    {NULL, NULL, NULL},
};
static const struct cli_command batch_command = {
    "batch",
    "FILE",
    "Get the ratings of every row of a CSV file",
    "Columns: identifier_type, identifier_value, name, purpose, consent_id, operator_id; those "
    "that\n"
    "are the same for all rows may be options. Writes CSV: line, standard, version, score, grade,\n"
    "scored_grade, pd_ppm, exclusion, reasons, reason (of a row without an answer; "
    "RATING_WITHHELD\n"
    "where member and consent have not both the data class behaviour).",
    1,
    1,
    true,
    batch_options,
    NULL,
    run_batch};

static const struct cli_option verify_options[] = {
    {"as-of", "DAY", "day of the rating (default: the day the report was made)"},
    {NULL, NULL, NULL},
};
static const struct cli_command verify_command = {
    "verify",
    "STANDARD REPORT",
    "Recompute a rating from a report and a standard",
    "REPORT is what `cix report --output json` printed. Shows the score, the reasons and the "
    "points\n"
    "of every characteristic; needs no exchange.",
    2,
    2,
    false,
    verify_options,
    NULL,
    run_verify};

static const struct cli_command *const children[] = {&get_command, &list_command, &batch_command,
                                                     &verify_command, NULL};

const struct cli_command cli_rating_command = {
    "rating", "", "Get and recompute ratings", NULL, 0, 0, false, NULL, children, NULL};
