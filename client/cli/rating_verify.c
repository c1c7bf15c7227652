#include "cli/rating_verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "cli/online.h"
#include "cli/rating_view.h"
#include "cli/report_rating.h"
#include "cli/standard_file.h"
#include "json.h"
#include "wire/rating.h"

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

/* ---- Comparing ---- */

struct comparison {
    struct arena *arena;
    int differences;
};

static void compare(struct comparison *comparison, const char *what, const char *told,
                    const char *here)
{
    if (strcmp(told, here) == 0)
        return;
    comparison->differences++;
    printf("different: %s: the exchange says %s, here it is %s\n", what, *told ? told : "nothing",
           *here ? here : "nothing");
}

static void compare_number(struct comparison *comparison, const char *what, int64_t told,
                           int64_t here)
{
    compare(comparison, what, arena_format(comparison->arena, "%" PRId64, told),
            arena_format(comparison->arena, "%" PRId64, here));
}

static const char *reason_words(struct arena *arena, const Cix__V1__RatingScore *scored)
{
    struct builder text = {.arena = arena};

    for (size_t i = 0; i < scored->n_reasons; i++)
        builder_format(&text, "%s%s %d", i ? ", " : "", scored->reasons[i]->code,
                       -scored->reasons[i]->lost);
    return text.size ? text.data : "";
}

static const char *hex_words(struct arena *arena, ProtobufCBinaryData bytes)
{
    char *text = arena_alloc(arena, 2 * bytes.len + 1);

    text_to_hex(bytes.data, bytes.len, text);
    return text;
}

static const char *value_words(struct arena *arena, bool is_present, int64_t value)
{
    return is_present ? arena_format(arena, "%" PRId64, value) : "missing";
}

/* A characteristic with its values and points; "" beyond the last one. */
static const char *point_words(struct arena *arena, const Cix__V1__RatingScore *scored, size_t at)
{
    if (at >= scored->n_points)
        return "";
    const Cix__V1__RatingPoint *point = scored->points[at];

    return arena_format(
        arena, "%s %s%s%s%s%s: %d of %d", point->attribute,
        value_words(arena, point->value_presence_case, point->value), *point->by ? " by " : "",
        point->by, *point->by ? " " : "",
        *point->by ? value_words(arena, point->by_value_presence_case, point->by_value) : "",
        point->points, point->most);
}

static void compare_scores(struct comparison *comparison, const Cix__V1__RatingScore *told,
                           const Cix__V1__RatingScore *here)
{
    struct arena *arena = comparison->arena;

    compare_number(comparison, "score", told->score, here->score);
    compare(comparison, "grade", told->grade, here->grade);
    compare(comparison, "grade by the score", told->scored_grade, here->scored_grade);
    compare_number(comparison, "probability in a million", told->pd_ppm, here->pd_ppm);
    compare(comparison, "reasons", reason_words(arena, told), reason_words(arena, here));
    compare(comparison, "card", told->card, here->card);
    compare_number(comparison, "base", told->base_points, here->base_points);
    for (size_t i = 0; i < told->n_points || i < here->n_points; i++)
        compare(comparison, "points", point_words(arena, told, i), point_words(arena, here, i));
}

static const char *result_words(const Cix__V1__Rating *rating)
{
    return rating->result_case == CIX__V1__RATING__RESULT_SCORED ? "a score"
                                                                 : rating->exclusion->code;
}

static void compare_ratings(struct comparison *comparison, const Cix__V1__Rating *told,
                            const Cix__V1__Rating *here)
{
    struct arena *arena = comparison->arena;

    compare(comparison, "SHA-256 of the standard", hex_words(arena, told->standard_digest),
            hex_words(arena, here->standard_digest));
    compare(comparison, "last day", online_day(arena, told->valid_to),
            online_day(arena, here->valid_to));
    compare_number(comparison, "months of the outcome", told->horizon_months, here->horizon_months);
    compare(comparison, "result", result_words(told), result_words(here));
    if (told->result_case == CIX__V1__RATING__RESULT_SCORED &&
        here->result_case == CIX__V1__RATING__RESULT_SCORED)
        compare_scores(comparison, told->scored, here->scored);
}

/* The rating of the report by this standard, of this version if there is one. */
static const Cix__V1__Rating *rating_told(const Cix__V1__Report *report,
                                          const struct standard *standard)
{
    const Cix__V1__Rating *found = NULL;

    for (size_t i = 0; i < report->n_ratings; i++) {
        const Cix__V1__Rating *rating = report->ratings[i];

        if (strcmp(rating->standard_id, standard->id) == 0 &&
            (!found || rating->standard_version == standard->version))
            found = rating;
    }
    return found;
}

/* Why the two cannot be compared, or NULL. */
static const char *why_not(struct arena *arena, const struct standard *standard,
                           const Cix__V1__Rating *told, const Cix__V1__Rating *here)
{
    if (!told)
        return arena_format(arena, "the report holds no rating by %s", standard->id);
    if (told->standard_version != standard->version)
        return arena_format(arena, "the exchange rated by version %d", told->standard_version);
    if (told->as_of != here->as_of)
        return arena_format(arena, "the exchange rated as of %s", online_day(arena, told->as_of));
    if (told->result_case != CIX__V1__RATING__RESULT_SCORED &&
        told->result_case != CIX__V1__RATING__RESULT_EXCLUSION)
        return "the exchange told no result";
    return NULL;
}

/* Says what becomes of the comparison; whether all is as the exchange says. */
static bool judge(struct arena *arena, const struct standard *standard, const Cix__V1__Rating *told,
                  const Cix__V1__Rating *here)
{
    struct comparison comparison = {.arena = arena};
    const char *why = why_not(arena, standard, told, here);
    bool is_its_day = here->as_of >= day_to_wire(standard->valid_from) &&
                      here->as_of <= day_to_wire(standard->valid_to);

    if (!is_its_day)
        printf("not a day of the standard, which may be used from %s to %s\n",
               online_day(arena, day_to_wire(standard->valid_from)),
               online_day(arena, day_to_wire(standard->valid_to)));
    if (why) {
        printf("not compared: %s\n", why);
        return false;
    }
    compare_ratings(&comparison, told, here);
    if (comparison.differences == 0 && is_its_day)
        puts("as the exchange says");
    return comparison.differences == 0 && is_its_day;
}

static bool verify(struct ctx *ctx, const struct cli_args *args, bool *is_same)
{
    const char *given = cli_value(args, "as-of");
    struct standard *standard;
    Cix__V1__Report *report = NULL;
    Cix__V1__Rating here;
    struct rating_input input;
    struct rating rating;
    struct day as_of;

    if (given && !day_parse(given, &as_of))
        return fail(ctx, ERR_INVALID, "USAGE", "--as-of is a day, YYYY-MM-DD");
    if (!standard_file_read(ctx, args->operands[0], false, &standard) ||
        !read_report(ctx, args->operands[1], &report))
        return false;
    struct builder text = {.arena = ctx->arena};
    standard_write(standard, &text);
    struct digest digest = digest_of(text.data, text.size);
    report_rating_input(ctx->arena, report, given ? &as_of : NULL, &input);
    rating_of(standard, &input, &rating);
    rating_standard_to_proto(standard, &digest, &here);
    rating_result_to_proto(ctx->arena, standard, &rating, &here);
    rating_view_print(ctx->arena, &here, true);
    *is_same = judge(ctx->arena, standard, rating_told(report, standard), &here);
    return true;
}

static enum cli_exit run_verify(const struct cli_args *args)
{
    struct arena arena = {0};
    enum cli_exit code;
    bool is_same = false;
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    if (verify(&ctx, args, &is_same))
        code = is_same ? CLI_OK : CLI_REJECTED;
    else
        code = cli_complain(strcmp(ctx.error.reason, "USAGE") == 0 ? CLI_USAGE : CLI_DATA, "%s",
                            ctx.error.message);
    arena_done(&arena);
    return code;
}

static const struct cli_option options[] = {
    {"as-of", "DAY", "day of the rating (default: the day the report was made)"},
    {NULL, NULL, NULL},
};

const struct cli_command rating_verify_command = {
    "verify",
    "STANDARD REPORT",
    "Recompute a rating from a report and a standard, and compare",
    "REPORT is what `cix report --output json` printed. Shows the score, the reasons and the "
    "points\n"
    "of every characteristic; then says \"as the exchange says\" when the report holds the same "
    "rating\n"
    "by this version and text of the standard, of a day on which it may be used, or else what "
    "is\n"
    "different, or why nothing could be compared (exit code 1). Needs no exchange.",
    2,
    2,
    false,
    options,
    NULL,
    run_verify};
