/*
 * Goal: a lender gets the ratings of a subject by the standards in force, for a permitted purpose;
 * they are the exchange's, the same for everybody, and whoever may see all recomputes them.
 * Method: a whole exchange, subjects put into its database, libcix over mTLS, the built cix.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/exit.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/shell.h"
#include "support/standard.h"

#include "support/cmocka.h"

enum { MEMBERS = 2, BATCH = 3 };

static struct exchange exchange;
static struct dossier dossier;
static struct arena arena;
static struct cix_client *bank, *lender; /* lender: without an account and without flags */
static struct person known, unknown;
static int64_t subject_id;
static char consents[MEMBERS][37];

/* A standard of one's own days that excludes and caps by every fact of the subject. */
static const char *text_of(int version)
{
    const char *text = small_standard_with(&arena, "valid ", "valid 2024-01-01 2039-12-31");

    text = standard_text_with(&arena, text, "standard ",
                              arena_format(&arena, "standard small %d", version));
    text = standard_text_with(&arena, text, "reason E08 ",
                              "reason E04 \"deceased\" \"死亡\"\nreason E06 \"frozen\" \"冻结\"\n"
                              "reason E07 \"in doubt\" \"争议\"\nreason E08 \"stale\" \"陈旧\"");
    return standard_text_with(&arena, text, "exclude stale ",
                              "exclude stale 24 E08\nexclude deceased E04\nexclude frozen E06\n"
                              "exclude conflict E07");
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(arena_format(&arena, "%s/%s", exchange.folder, name), "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void add_subject(void)
{
    struct period last = period_add(period_of_day(clock_day_of(clock_now_us())), -1);
    struct dossier_account card = {0};

    person_make(1, &known);
    person_make(2, &unknown);
    subject_id = dossier_subject(&dossier, &known, "bank-one");
    card = (struct dossier_account){subject_id, "bank-one", period_to_wire(last),
                                    "NNNNNN",   20000,      false};
    dossier_account(&dossier, &card);
    card.member = "bank-two";
    card.statuses = "NNN1N";
    dossier_account(&dossier, &card);
    dossier_consent(&dossier, &known, "bank-one", consents[0]);
    dossier_consent(&dossier, &known, "lender-one", consents[1]);
}

static int setup(void **state)
{
    struct member poor;

    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    poor = exchange_member_of("lender-one", MEMBER_TYPE_BANK);
    poor.data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_RATING;
    exchange_member_put(&exchange, &poor);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    dossier_number(&dossier, "update cix.member set data_classes = 255 where code = 'bank-one'");
    add_subject();
    dossier_number(&dossier, "update cix.consent set data_classes = 67");
    bank = exchange_client(&exchange, "bank-one");
    lender = exchange_client(&exchange, "lender-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(lender);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

/* A question with all its parts; the texts belong to the person. */
struct asked {
    Cix__V1__Identifier identifier;
    Cix__V1__ReportInquiry inquiry;
};

static void ask(struct asked *asked, struct person *person, Cix__V1__Purpose purpose)
{
    cix__v1__identifier__init(&asked->identifier);
    cix__v1__report_inquiry__init(&asked->inquiry);
    asked->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    asked->identifier.value = person->number;
    asked->inquiry.identifier = &asked->identifier;
    asked->inquiry.name = person->name;
    asked->inquiry.purpose = purpose;
    asked->inquiry.operator_id = "teller-7";
}

static bool try_rating(struct cix_client *client, Cix__V1__Purpose purpose, const char *standard,
                       Cix__V1__GetRatingResponse **response, struct cix_error *error)
{
    Cix__V1__GetRatingRequest request = CIX__V1__GET_RATING_REQUEST__INIT;
    struct asked asked;

    ask(&asked, &known, purpose);
    request.inquiry = &asked.inquiry;
    request.standard_id = (char *)standard;
    return cix_get_rating(client, &request, response, error);
}

static Cix__V1__GetRatingResponse *rated(struct cix_client *client)
{
    Cix__V1__GetRatingResponse *response;
    struct cix_error error;

    if (!try_rating(client, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, "", &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static void refused(struct cix_client *client, const char *standard, const char *reason)
{
    Cix__V1__GetRatingResponse *response;
    struct cix_error error;

    assert_false(
        try_rating(client, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, standard, &response, &error));
    assert_string_equal(error.reason, reason);
}

static int64_t inquiries(void)
{
    return dossier_number(&dossier, "select count(*) from cix.inquiry where product = 4");
}

static void without_a_standard_nothing_is_asked(void **state)
{
    (void)state;
    refused(bank, "", "STANDARD_NOT_IN_FORCE");
    assert_int_equal(inquiries(), 0);
    exchange_standard(&exchange, 3, text_of(3));
    exchange_settle();
    refused(bank, "other", "STANDARD_NOT_IN_FORCE");
    assert_int_equal(inquiries(), 0);
}

/* The grade and the code of the exclusion of one's only rating; the other one is "". */
static void expect(struct cix_client *client, const char *grade, const char *exclusion)
{
    Cix__V1__GetRatingResponse *response = rated(client);
    const Cix__V1__Rating *rating = response->rating->ratings[0];
    bool is_scored = rating->result_case == CIX__V1__RATING__RESULT_SCORED;

    assert_int_equal(response->rating->n_ratings, 1);
    assert_string_equal(is_scored ? rating->scored->grade : "", grade);
    assert_string_equal(is_scored ? "" : rating->exclusion->code, exclusion);
    cix_free(response);
}

static void a_rating_says_what_it_is_made_of(void **state)
{
    Cix__V1__GetRatingResponse *response = rated(bank);
    const Cix__V1__Rating *rating = response->rating->ratings[0];
    const Cix__V1__RatingScore *scored = rating->scored;
    int points = 0;

    (void)state;
    assert_int_equal(inquiries(), 1);
    assert_int_equal(response->rating->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    assert_string_equal(rating->standard_id, "small");
    assert_int_equal(rating->standard_version, 3);
    assert_int_equal(rating->standard_digest.len, DIGEST_SIZE);
    assert_int_equal(rating->result_case, CIX__V1__RATING__RESULT_SCORED);
    assert_string_equal(scored->card, "clean");
    assert_int_equal(scored->n_points, 3);
    for (size_t i = 0; i < scored->n_points; i++)
        points += scored->points[i]->points;
    assert_int_equal(scored->score, scored->base_points + points);
    assert_true(scored->n_reasons >= 1 && scored->n_reasons <= 5);
    assert_string_equal(scored->points[1]->attribute, "calm");
    assert_int_equal(scored->points[1]->value, 3); /* the other bank's month, too */
    cix_free(response);
}

/* Single, in a stream, in the report and recomputed by the built cix. */
static void every_way_gives_the_same_rating(void **state)
{
    Cix__V1__GetRatingResponse *single = rated(bank);
    Cix__V1__BatchGetRatingsRequest request = CIX__V1__BATCH_GET_RATINGS_REQUEST__INIT;
    Cix__V1__BatchGetRatingsResponse *response;
    Cix__V1__ReportInquiry *wanted[BATCH];
    struct asked asked[BATCH];
    struct cix_batch *batch;
    struct cix_error error;
    void *answer;
    int score = single->rating->ratings[0]->scored->score;

    (void)state;
    for (int i = 0; i < BATCH; i++) {
        ask(&asked[i], &known, CIX__V1__PURPOSE__PURPOSE_POST_LOAN);
        wanted[i] = &asked[i].inquiry;
    }
    asked[1].inquiry.name = "";
    request.inquiries = wanted;
    request.n_inquiries = BATCH;
    assert_true(cix_batch_open(bank, CIX_BATCH_GET_RATINGS, &batch, &error));
    assert_true(cix_batch_send(batch, &request, &error));
    assert_true(cix_batch_receive(batch, &answer, &error));
    response = answer;
    assert_int_equal(response->n_results, BATCH);
    assert_string_equal(response->results[1]->error->reason, "FIELD_REQUIRED");
    for (int i = 0; i < BATCH; i += 2) {
        const Cix__V1__Rating *rating = response->results[i]->rating->ratings[0];
        /* The approvals before it: bank-one asked twice, which leaves one footprint (I007). */
        assert_int_equal(rating->scored->points[2]->value, 1);
        assert_int_equal(rating->scored->n_points, single->rating->ratings[0]->scored->n_points);
    }
    assert_int_equal(response->results[0]->rating->ratings[0]->scored->score,
                     response->results[2]->rating->ratings[0]->scored->score);
    assert_true(response->results[0]->rating->ratings[0]->scored->score <= score);
    cix_free(response);
    cix_free(single);
    cix_batch_close(batch);
}

/* The line "score ..." of a text, cut at the end of the line. */
static const char *score_line(char *text)
{
    char *line = strstr(text, "score ");

    if (!line)
        line = strstr(text, "not rated");
    assert_non_null(line);
    line[strcspn(line, "\n")] = '\0';
    return arena_string(&arena, line);
}

/* What cix rating verify says of the report in the folder; the exit code is expected. */
static char *verify_report(const char *standard, const char *more, int code)
{
    static char output[20000];

    assert_int_equal(shell_cix(arena_format(&arena, "rating verify %s/%s %s/report.json %s",
                                            exchange.folder, standard, exchange.folder, more),
                               output, sizeof(output)),
                     code);
    return output;
}

/* What bank-one recomputes of its report with the text of the standard. */
static const char *verified(const char *standard)
{
    static char output[200000];

    shell_cix_as(&exchange, "bank-one",
                 arena_format(&arena,
                              "report --id %s --name '%s' --purpose post-loan"
                              " --operator teller-7 --output json",
                              known.number, known.name),
                 output, sizeof(output));
    write_file("report.json", output);
    char *words = verify_report(standard, "", CLI_OK);

    assert_non_null(strstr(words, "\nas the exchange says\n"));
    return score_line(words);
}

/* What the exchange says to bank-one. */
static const char *told(void)
{
    static char output[20000];

    assert_int_equal(shell_cix_as(&exchange, "bank-one",
                                  arena_format(&arena,
                                               "rating get --id %s --name '%s' --purpose post-loan"
                                               " --operator teller-7",
                                               known.number, known.name),
                                  output, sizeof(output)),
                     0);
    return score_line(output);
}

static void expect_verified(void)
{
    assert_string_equal(verified("small.standard"), told());
}

static void whoever_sees_all_recomputes_it(void **state)
{
    (void)state;
    write_file("small.standard", text_of(3));
    expect_verified();
}

static void expect_words(const char *words, const char *expected)
{
    if (!strstr(words, expected))
        fail_msg("\"%s\" is not in: %s", expected, words);
}

/* Sets the number behind the first such key of the report. */
static void set_in_report(const char *key, int number)
{
    static char text[200000];
    FILE *file = fopen(arena_format(&arena, "%s/report.json", exchange.folder), "re");

    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    char *at = strstr(text, key);
    assert_non_null(at);
    at += strlen(key);
    size_t rest = strcspn(at, "0123456789");
    const char *end = at + rest + strspn(at + rest, "0123456789");
    write_file("report.json",
               arena_format(&arena, "%.*s%d%s", (int)(at + rest - text), text, number, end));
}

/* A probability is never told without its months and its outcome. */
static void a_probability_says_of_what_and_within_what(void **state)
{
    (void)state;
    expect_words(told(), "% within 1 month");
    expect_words(verify_report("small.standard", "", CLI_OK),
                 "\noutcome: late in the next month (下月逾期)\n");
}

static void what_is_not_as_the_exchange_says_is_told(void **state)
{
    (void)state;
    verified("small.standard");
    write_file("later.standard", text_of(4));
    expect_words(verify_report("later.standard", "", CLI_REJECTED),
                 "not compared: the exchange rated by version 3\n");
    write_file("other.standard",
               standard_text_with(&arena, text_of(3), "title ", "title \"other\" \"另\""));
    expect_words(verify_report("other.standard", "", CLI_REJECTED),
                 "different: SHA-256 of the standard: ");
    char *words = verify_report("small.standard", "--as-of 2040-01-01", CLI_REJECTED);
    expect_words(words,
                 "not a day of the standard, which may be used from 2024-01-01 to 2039-12-31");
    expect_words(words, "not compared: the exchange rated as of ");
    set_in_report("\"score\"", 800);
    words = verify_report("small.standard", "", CLI_REJECTED);
    expect_words(words, "different: score: the exchange says 800, here it is ");
    assert_null(strstr(words, "as the exchange says"));
    verified("small.standard");
    set_in_report("\"lost\"", 77);
    expect_words(verify_report("small.standard", "", CLI_REJECTED), "different: reasons: ");
    write_file("report.json", "{\"outcome\":\"REPORT_OUTCOME_FOUND\"}");
    expect_words(verify_report("small.standard", "", CLI_REJECTED),
                 "not compared: the report holds no rating by small\n");
}

static void a_listing_caps_the_grade_whoever_asks(void **state)
{
    char flag_id[37];

    (void)state;
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    expect(bank, "CCC", "");
    expect(lender, "CCC", "");
    expect_verified();
    dossier_number(&dossier, "update cix.flag set status = 4");
}

/* A victim is never lowered (X002); a perpetrator's case counts when it is confirmed. */
static void a_confirmed_perpetrator_is_capped_and_a_victim_is_not(void **state)
{
    (void)state;
    dossier_number(
        &dossier,
        "with f as (insert into cix.fact (subject_id, fact_id, record_id, member_id, kind, origin,"
        " content_index, is_deleted, reason, submission_id, chunk, line, recorded_at)"
        " select subject_id, 77, 78, (select min(member_id) from cix.member), 9, '', sha256('c'),"
        " false, 0, gen_random_uuid(), 1, 0, now() from cix.subject),"
        " c as (insert into cix.fraud_case (subject_id, fact_id, record_id, role, type, method,"
        " channel, dealer_code, region, business_type, currency, detected_on, filed_on,"
        " evidence_level, status, expires_on) select subject_id, 77, 78, 3, 1, 1, 1, '', '', '', "
        "'',"
        " '2026-01-01', '2026-01-02', 3, 2, '2039-01-01' from cix.subject)"
        " update cix.subject set facts = facts | 512");
    Cix__V1__GetRatingResponse *response = rated(lender);
    assert_string_equal(response->rating->ratings[0]->scored->grade,
                        response->rating->ratings[0]->scored->scored_grade);
    cix_free(response);
    dossier_number(&dossier, "update cix.fraud_case set role = 1");
    expect(lender, "D", "");
    expect(bank, "D", "");
    expect_verified();
    dossier_number(&dossier, "update cix.fraud_case set status = 1");
    response = rated(lender);
    assert_string_not_equal(response->rating->ratings[0]->scored->grade, "D");
    cix_free(response);
}

static void facts_of_the_subject_exclude(void **state)
{
    (void)state;
    for (int status = SUBJECT_STATUS_DECEASED; status <= SUBJECT_STATUS_REVOKED; status++) {
        dossier_number(&dossier,
                       arena_format(&arena, "update cix.subject set status = %d", status));
        expect(bank, "", "E04");
        expect_verified();
    }
    dossier_number(&dossier, "update cix.subject set status = 6");
    expect(lender, "", "E07");
    expect_verified();
    dossier_number(&dossier, "update cix.subject set status = 1");
}

/* A freeze stops approvals; the holder of an account still asks and is told why there is none. */
static void a_frozen_subject_is_not_rated(void **state)
{
    Cix__V1__GetRatingResponse *response;
    struct cix_error error;

    (void)state;
    dossier_number(&dossier, "update cix.subject set freeze_level = 1");
    refused(bank, "", "INQUIRY_REFUSED");
    assert_true(try_rating(bank, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, "small", &response, &error));
    assert_string_equal(response->rating->ratings[0]->exclusion->code, "E06");
    cix_free(response);
    dossier_number(&dossier, "update cix.subject set freeze_level = 0");
}

static void an_unknown_subject_is_an_exclusion(void **state)
{
    Cix__V1__GetRatingRequest request = CIX__V1__GET_RATING_REQUEST__INIT;
    Cix__V1__GetRatingResponse *response;
    char consent_id[37];
    struct asked asked;
    struct cix_error error;

    (void)state;
    dossier_consent(&dossier, &unknown, "bank-one", consent_id);
    dossier_number(&dossier, "update cix.consent set data_classes = 67");
    ask(&asked, &unknown, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    request.inquiry = &asked.inquiry;
    assert_true(cix_get_rating(bank, &request, &response, &error));
    assert_int_equal(response->rating->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_NO_FILE);
    assert_string_equal(response->rating->ratings[0]->exclusion->code, "E01");
    cix_free(response);
}

static size_t ratings_of_report(struct cix_client *client)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__GetReportResponse *response;
    struct asked asked;
    struct cix_error error;

    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL);
    request.inquiry = &asked.inquiry;
    if (!cix_get_report(client, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    size_t count = response->report->n_ratings;
    cix_free(response);
    return count;
}

/* Member and consent both, for GetRating and in the report. */
static void ratings_are_for_who_may_see_them(void **state)
{
    (void)state;
    assert_int_equal(ratings_of_report(bank), 1);
    dossier_number(&dossier, "update cix.consent set data_classes = 3");
    assert_int_equal(ratings_of_report(bank), 0);
    refused(bank, "", "INQUIRY_REFUSED");
    dossier_number(&dossier, "update cix.consent set data_classes = 67");
    dossier_number(&dossier, "update cix.member set data_classes = 3 where code = 'lender-one'");
    assert_int_equal(ratings_of_report(lender), 0);
    refused(lender, "", "INQUIRY_REFUSED");
}

/* A row of a file, asked by bank-one. */
static const char *batched(const char *more)
{
    static char output[4000];
    const char *path = arena_format(&arena, "%s/one.csv", exchange.folder);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fprintf(file, "identifier_type,identifier_value,name\nRESIDENT_ID,%s,%s\n", known.number,
            known.name);
    fclose(file);
    shell_cix_as(&exchange, "bank-one",
                 arena_format(&arena,
                              "rating batch %s --purpose loan-approval --operator teller-7 %s",
                              path, more),
                 output, sizeof(output));
    return output;
}

/* What a standard says that reads transactions is withheld from who may not see them, and told to
 * be: of the one member by the consent, of the other by its own classes, before anything is kept.
 */
static void a_standard_of_transactions_needs_their_data_class(void **state)
{
    Cix__V1__GetRatingResponse *response;
    struct member all = exchange_member_of("bank-one", MEMBER_TYPE_BANK);
    const char *text =
        standard_text_with(&arena, trade_standard, "valid ", "valid 2024-01-01 2039-12-31");

    (void)state;
    all.data_classes = 255;
    exchange_member_put(&exchange, &all);
    exchange_standard(&exchange, 9, text);
    exchange_settle();
    response = rated(bank);
    assert_int_equal(response->rating->n_ratings, 2);
    const Cix__V1__Rating *withheld = response->rating->ratings[1];
    assert_string_equal(withheld->standard_id, "trade");
    assert_int_equal(withheld->result_case, CIX__V1__RATING__RESULT_WITHHELD);
    assert_int_equal(withheld->withheld, CIX__V1__DATA_CLASS__DATA_CLASS_BEHAVIOUR);
    cix_free(response);
    assert_int_equal(ratings_of_report(bank), 2);
    assert_non_null(
        strstr(batched("--standard trade"), "\n2,trade,1,,,,,,,,,,RATING_WITHHELD,,\n"));
    int64_t asked = inquiries();
    refused(lender, "trade", "STANDARD_NOT_PERMITTED");
    assert_int_equal(inquiries(), asked);
    dossier_number(&dossier, "update cix.consent set data_classes = 255");
    response = rated(bank);
    assert_int_equal(response->rating->n_ratings, 2);
    assert_int_equal(response->rating->ratings[1]->result_case, CIX__V1__RATING__RESULT_EXCLUSION);
    assert_string_equal(response->rating->ratings[1]->exclusion->code, "E20");
    cix_free(response);
}

static void the_next_version_rates_within_a_second(void **state)
{
    Cix__V1__GetRatingResponse *response;

    (void)state;
    exchange_standard(&exchange, 10, text_of(4));
    exchange_settle();
    response = rated(bank);
    assert_int_equal(response->rating->ratings[0]->standard_version, 4);
    cix_free(response);
}

static void rows_of_a_file_are_rated_in_a_stream(void **state)
{
    char output[4000];
    FILE *file = fopen(arena_format(&arena, "%s/ask.csv", exchange.folder), "we");

    (void)state;
    assert_non_null(file);
    fprintf(file, "identifier_type,identifier_value,name\nRESIDENT_ID,%s,%s\nRESIDENT_ID,%s,%s\n",
            known.number, known.name, unknown.number, unknown.name);
    fclose(file);
    assert_int_equal(
        shell_cix_as(&exchange, "bank-one",
                     arena_format(&arena,
                                  "rating batch %s/ask.csv --purpose post-loan --standard small"
                                  " --operator teller-7",
                                  exchange.folder),
                     output, sizeof(output)),
        1);
    assert_non_null(strstr(output, "\n2,small,4,"));
    char today[11], until[11];

    day_format(clock_day_of(clock_now_us()), today);
    day_format(day_add(clock_day_of(clock_now_us()), 31), until);
    assert_non_null(
        strstr(output, ",reasons,horizon_months,as_of,valid_to,reason,protections,phones\n"));
    assert_non_null(strstr(output, arena_format(&arena, ",1,%s,%s,,,\n", today, until)));
    assert_non_null(strstr(output, "\n3,,,,,,,,,,,,INQUIRY_REFUSED,,\n"));
}

static int64_t kept_when(int64_t expected)
{
    return dossier_number_when(&dossier, "select count(*) from cix.rating", expected);
}

/* What a writer of the exchange notes, and one beside it has to note himself. */
static void touch(int64_t subject)
{
    dossier_number(&dossier, arena_format(&arena,
                                          "with n as (insert into cix.rating_change (subjects)"
                                          " values (array[%lld]) returning 1)"
                                          " select count(*) from n",
                                          (long long)subject));
}

/* Both versions were in force while the tests above ran: the job kept an answer of each. */
static void the_history_grows_with_versions_and_with_data(void **state)
{
    Cix__V1__ListRatingsRequest request = CIX__V1__LIST_RATINGS_REQUEST__INIT;
    Cix__V1__ListRatingsResponse *response;
    struct asked asked;
    struct cix_error error;

    (void)state;
    dossier_number(&dossier, "delete from cix.rating");
    dossier_number(&dossier, "delete from cix.rating_pass");
    exchange_standard(&exchange, 11, text_of(5));
    assert_int_equal(kept_when(1), 1);
    exchange_standard(&exchange, 12, text_of(6));
    assert_int_equal(kept_when(2), 2);
    /* A month is put right: another answer; what stays the same is not written again. */
    dossier_number(&dossier,
                   "with a as (update cix.account set status_ring ="
                   " overlay(status_ring placing '\\x31'::bytea from last_period % 60 + 1)"
                   " where member_id = (select min(member_id) from cix.account) returning *)"
                   " insert into cix.account_version (subject_id, account_id, record_id, member_id,"
                   " submission_id, type, business_type, currency, opened_on, repay_frequency,"
                   " security, region, industry, channel, dealer_code, recorded_at) select"
                   " subject_id, account_id, record_id, member_id, gen_random_uuid(), type,"
                   " business_type, currency, opened_on, repay_frequency, security, region,"
                   " industry, channel, dealer_code, now() from a");
    touch(subject_id);
    assert_int_equal(kept_when(3), 3);
    ask(&asked, &known, CIX__V1__PURPOSE__PURPOSE_POST_LOAN);
    request.inquiry = &asked.inquiry;
    if (!cix_list_ratings(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->n_ratings, 3);
    assert_int_equal(response->ratings[0]->standard_version, 6);
    assert_int_equal(response->ratings[1]->standard_version, 6);
    assert_int_equal(response->ratings[2]->standard_version, 5);
    assert_int_equal(response->ratings[1]->score, response->ratings[2]->score);
    assert_true(response->ratings[0]->score < response->ratings[1]->score);
    assert_true(response->ratings[1]->n_reasons > 0);
    cix_free(response);
}

/* What a kept rating is made to say, the rule's part of fsck that tells it, and what it was. */
static const struct tampered {
    const char *part;
    const char *sql;
} tampered[] = {
    {"rating_score: subject", "update cix.rating set score = null where score is not null"},
    {"rating_score: subject", "update cix.rating set exclusion = 'E08'"},
    {"rating_score: subject", "update cix.rating set score = 299"},
    {"rating_grade: subject", "update cix.rating set grade = 'AAA', scored_grade = 'AAA'"},
    {"rating_grade: subject", "update cix.rating set grade = 'BBBB'"},
    {"rating_inputs: subject", "update cix.rating set score = score + 1"},
    {"rating_inputs: subject", "update cix.rating set pd_ppm = pd_ppm + 1"},
    {"rating_inputs: subject", "update cix.rating set inputs = inputs || ',1'"},
    {"rating_inputs: subject", "update cix.rating set inputs = 'x'"},
    {"rating_reasons: subject", "update cix.rating set reasons = 'ZZZ:5'"},
    {"rating_reasons: subject", "update cix.rating set reasons = 'E08:5;E08:4'"},
};

static void refused_by_the_table(const char *sql)
{
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    assert_false(db_script(&ctx, dossier.db, sql));
    ctx_clear(&ctx);
}

static void assert_all_well(void)
{
    const char *output;

    kept_command(&exchange, &arena, "fsck --all", &output);
    if (!strstr(output, "3 ratings are what their values give, all well"))
        fail_msg("%s", output);
}

/* G001 to G004: the table refuses what it can judge; fsck tells the rest, and all without checks.
 */
static void what_is_kept_is_rated_again_by_fsck(void **state)
{
    const char *output;

    (void)state;
    refused_by_the_table("update cix.rating set score = null");
    refused_by_the_table("update cix.rating set score = 901");
    refused_by_the_table("update cix.rating set grade = 'NR'");
    refused_by_the_table("update cix.rating set reasons = 'E08:5;E07:1;E08:4'");
    refused_by_the_table("update cix.rating set reasons = 'A:1;B:1;C:1;D:1;E:1;F:1'");
    assert_all_well();
    dossier_number(&dossier, "create table public.kept as select * from cix.rating");
    for (size_t i = 0; i < ARRAY_LENGTH(tampered); i++) {
        struct ctx ctx;
        ctx_init(&ctx, &arena);
        if (!db_script(&ctx, dossier.db,
                       "do $$ declare c text; begin for c in select conname from pg_constraint"
                       " where conrelid = 'cix.rating'::regclass and contype = 'c' loop"
                       " execute 'alter table cix.rating drop constraint ' || c;"
                       " end loop; end $$") ||
            !db_script(&ctx, dossier.db, tampered[i].sql))
            fail_msg("%s: %s", tampered[i].sql, ctx.error.message);
        assert_int_equal(kept_command(&exchange, &arena, "fsck", &output), 3);
        if (!strstr(output, tampered[i].part))
            fail_msg("%s is not in %s", tampered[i].part, output);
        dossier_number(&dossier, "delete from cix.rating");
        dossier_number(&dossier, "insert into cix.rating select * from public.kept");
    }
    dossier_number(&dossier, "drop table public.kept");
    assert_all_well();
}

static int64_t kept_of(int64_t subject)
{
    return dossier_number(
        &dossier, arena_format(&arena, "select count(*) from cix.rating where subject_id = %lld",
                               (long long)subject));
}

static void cixd(const char *words)
{
    const char *output;

    if (kept_command(&exchange, &arena, words, &output) != 0)
        fail_msg("%s: %s", words, output);
}

/* What was given to whom stood there stays there; who stands there now is rated within seconds. */
static void a_merge_and_a_split_rate_again(void **state)
{
    struct period last = period_add(period_of_day(clock_day_of(clock_now_us())), -1);
    int64_t alias = dossier_subject(&dossier, &unknown, "bank-one");
    struct dossier_account card = {alias, "bank-one", period_to_wire(last), "222222", 20000, false};

    (void)state;
    dossier_number(&dossier,
                   arena_format(&arena,
                                "insert into cix.account_key select 1, sha256('key'), %lld, %lld,"
                                " now() returning 1::bigint",
                                (long long)alias, (long long)dossier_account(&dossier, &card)));
    exchange_standard(&exchange, 13, text_of(7));
    assert_int_equal(kept_when(5), 5);
    assert_int_equal(kept_of(alias), 1);
    cixd(arena_format(&arena, "subject merge %lld %lld --reason register", (long long)alias,
                      (long long)subject_id));
    assert_int_equal(kept_when(6), 6);
    assert_int_equal(kept_of(alias), 1);
    cixd(arena_format(&arena, "subject split %lld", (long long)alias));
    assert_int_equal(kept_when(7), 7);
    assert_int_equal(kept_of(alias), 1);
    assert_int_equal(kept_of(subject_id), 6);
}

/* Two flags of one reason, which is that of an attribute, too: told once, and the table takes it.
 */
static void a_reason_of_several_overrides_is_kept_once(void **state)
{
    char flag_ids[2][37];
    const char *text = standard_text_with(&arena, text_of(8), "override flag-listed ",
                                          "override flag-listed C R05\n"
                                          "override flag-grace D R05");

    (void)state;
    for (int i = 0; i < 2; i++)
        dossier_flag(&dossier, subject_id, "court-one", flag_ids[i]);
    dossier_number(&dossier, "update cix.flag set status = 2"
                             " where flag_id = (select max(flag_id) from cix.flag)");
    exchange_standard(&exchange, 14, text);
    assert_int_equal(
        dossier_number_when(&dossier,
                            arena_format(&arena,
                                         "select count(*) from cix.rating"
                                         " where standard_no = 14 and subject_id = %lld"
                                         " and grade = 'D' and reasons ~ '^R05:'",
                                         (long long)subject_id),
                            1),
        1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_standard_nothing_is_asked),
        cmocka_unit_test(a_rating_says_what_it_is_made_of),
        cmocka_unit_test(every_way_gives_the_same_rating),
        cmocka_unit_test(whoever_sees_all_recomputes_it),
        cmocka_unit_test(a_probability_says_of_what_and_within_what),
        cmocka_unit_test(what_is_not_as_the_exchange_says_is_told),
        cmocka_unit_test(a_listing_caps_the_grade_whoever_asks),
        cmocka_unit_test(a_confirmed_perpetrator_is_capped_and_a_victim_is_not),
        cmocka_unit_test(facts_of_the_subject_exclude),
        cmocka_unit_test(a_frozen_subject_is_not_rated),
        cmocka_unit_test(an_unknown_subject_is_an_exclusion),
        cmocka_unit_test(ratings_are_for_who_may_see_them),
        cmocka_unit_test(a_standard_of_transactions_needs_their_data_class),
        cmocka_unit_test(the_next_version_rates_within_a_second),
        cmocka_unit_test(rows_of_a_file_are_rated_in_a_stream),
        cmocka_unit_test(the_history_grows_with_versions_and_with_data),
        cmocka_unit_test(what_is_kept_is_rated_again_by_fsck),
        cmocka_unit_test(a_merge_and_a_split_rate_again),
        cmocka_unit_test(a_reason_of_several_overrides_is_kept_once),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
