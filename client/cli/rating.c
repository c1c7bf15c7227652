/* cix rating: ratings of the exchange, and what they are made of, recomputed by the member itself.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/inquiry.h"
#include "cli/online.h"
#include "cli/protection.h"
#include "cli/questions.h"
#include "cli/rating_verify.h"
#include "cli/rating_view.h"
#include "cli/table.h"

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
    else if (rating)
        protection_print(&online->arena, rating->protections, rating->n_protections);
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

static enum cli_exit run_get(const struct cli_args *args)
{
    return online_run(args, get_rating);
}

static enum cli_exit run_batch(const struct cli_args *args)
{
    return online_run(args, questions_ask_ratings);
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
    return online_run(args, list_ratings);
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
    "scored_grade, pd_ppm (parts in a million, within horizon_months), exclusion, reasons,\n"
    "horizon_months, as_of, valid_to, reason (of a row without an answer; RATING_WITHHELD where\n"
    "member and consent have not both the data class behaviour), protections (fraud alerts and\n"
    "freezes, words with ; between), phones (to call before credit is opened).",
    1,
    1,
    true,
    batch_options,
    NULL,
    run_batch};

static const struct cli_command *const children[] = {&get_command, &list_command, &batch_command,
                                                     &rating_verify_command, NULL};

const struct cli_command cli_rating_command = {
    "rating", "", "Get and recompute ratings", NULL, 0, 0, false, NULL, children, NULL};
