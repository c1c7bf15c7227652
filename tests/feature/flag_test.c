/*
 * Goal: a lender learns whether a subject is listed, one or thousands at a time; the court that
 * listed ends it, and the next check knows.
 * Method: a whole exchange, subjects put into its database, libcix over mTLS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/flag_feed.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/kept.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank;
static struct cix_client *court;
static struct cix_client *other_court;
static struct person listed, clean, unknown;
static int64_t listed_id;
static char printed[8192];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "court-two", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    person_make(11, &listed);
    person_make(12, &clean);
    person_make(13, &unknown);
    listed_id = dossier_subject(&dossier, &listed, "bank-one");
    dossier_subject(&dossier, &clean, "bank-one");
    bank = exchange_client(&exchange, "bank-one");
    court = exchange_client(&exchange, "court-one");
    other_court = exchange_client(&exchange, "court-two");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(court);
    cix_close(other_court);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

struct asked {
    Cix__V1__Identifier identifier;
    Cix__V1__FlagInquiry inquiry;
    Cix__V1__CheckFlagRequest request;
};

static void ask(struct asked *asked, struct person *person)
{
    cix__v1__identifier__init(&asked->identifier);
    cix__v1__flag_inquiry__init(&asked->inquiry);
    cix__v1__check_flag_request__init(&asked->request);
    asked->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    asked->identifier.value = person->number;
    asked->inquiry.identifier = &asked->identifier;
    asked->inquiry.name = person->name;
    asked->inquiry.operator_id = "teller-7";
    asked->request.inquiry = &asked->inquiry;
}

static Cix__V1__CheckFlagResponse *checked(struct person *person)
{
    Cix__V1__CheckFlagResponse *response;
    struct cix_error error;
    struct asked asked;

    ask(&asked, person);
    if (!cix_check_flag(bank, &asked.request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static bool is_listed(struct person *person)
{
    Cix__V1__CheckFlagResponse *response = checked(person);
    bool answer = response->answer->is_listed;

    cix_free(response);
    return answer;
}

static bool removed(struct cix_client *client, char *flag_id, Cix__V1__FlagRemovalReason reason,
                    Cix__V1__RemoveFlagResponse *answer, struct cix_error *error)
{
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *response;

    request.flag_id = flag_id;
    request.reason = reason;
    if (!cix_remove_flag(client, &request, &response, error))
        return false;
    *answer = *response;
    cix_free(response);
    return true;
}

static void a_listing_is_shown_with_its_dates(void **state)
{
    char flag_id[37];

    (void)state;
    dossier_flag(&dossier, listed_id, "court-one", flag_id);
    Cix__V1__CheckFlagResponse *response = checked(&listed);
    assert_true(response->answer->is_listed);
    assert_int_equal(response->answer->n_listings, 1);
    const Cix__V1__FlagListing *listing = response->answer->listings[0];
    assert_string_equal(listing->flag_id, flag_id);
    assert_int_equal(listing->status, CIX__V1__FLAG_STATUS__FLAG_STATUS_LISTED);
    assert_int_equal(listing->published_on, 20250203);
    assert_int_equal(listing->expires_on_presence_case, 0);
    assert_string_equal(listing->court, "Test court");
    assert_int_equal(listing->n_restrictions, 2);
    cix_free(response);
}

static void clean_and_unknown_answer_alike_and_leave_a_trace(void **state)
{
    struct person *persons[] = {&clean, &unknown};

    (void)state;
    for (int i = 0; i < 2; i++) {
        int64_t before = dossier_number(&dossier, "select count(*) from cix.inquiry");
        Cix__V1__CheckFlagResponse *response = checked(persons[i]);
        assert_false(response->answer->is_listed);
        assert_int_equal(response->answer->n_listings, 0);
        assert_true(response->answer->inquiry_id > 0);
        assert_int_equal(dossier_number(&dossier, "select count(*) from cix.inquiry"), before + 1);
        cix_free(response);
    }
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.inquiry i where not exists"
                                              " (select from cix.audit a where a.audit_id ="
                                              " i.inquiry_id and a.outcome = 0)"),
                     0);
}

static void a_removal_is_seen_by_the_next_check(void **state)
{
    struct person person;
    char flag_id[37];
    Cix__V1__RemoveFlagResponse first, again;
    struct cix_error error;

    (void)state;
    person_make(14, &person);
    dossier_flag(&dossier, dossier_subject(&dossier, &person, "bank-one"), "court-one", flag_id);
    assert_true(is_listed(&person));
    if (!removed(court, flag_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED,
                 &first, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(first.status, CIX__V1__FLAG_STATUS__FLAG_STATUS_REMOVED);
    assert_false(is_listed(&person));
    assert_true(removed(court, flag_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED,
                        &again, &error));
    assert_int_equal(again.recorded_at_us, first.recorded_at_us);
    assert_false(removed(court, flag_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_ERROR,
                         &again, &error));
    assert_string_equal(error.reason, "FLAG_ENDED");
    assert_int_equal(error.status, CIX_FAILED_PRECONDITION);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.flag_event"), 1);
}

static void only_its_court_ends_a_listing_and_says_why(void **state)
{
    struct person person;
    char flag_id[37];
    Cix__V1__RemoveFlagResponse answer;
    struct cix_error error;

    (void)state;
    person_make(15, &person);
    dossier_flag(&dossier, dossier_subject(&dossier, &person, "bank-one"), "court-one", flag_id);
    assert_false(removed(other_court, flag_id,
                         CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED, &answer,
                         &error));
    assert_string_equal(error.reason, "FLAG_UNKNOWN");
    assert_int_equal(error.status, CIX_NOT_FOUND);
    assert_false(removed(court, flag_id, 0, &answer, &error));
    assert_string_equal(error.reason, "REASON_REQUIRED");
    assert_false(removed(court, "no-uuid",
                         CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED, &answer,
                         &error));
    assert_string_equal(error.reason, "FIELD_INVALID");
    assert_false(removed(bank, flag_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED,
                         &answer, &error));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
    assert_true(is_listed(&person));
}

static void ended_and_future_listings_are_not_shown(void **state)
{
    (void)state;
    assert_true(is_listed(&listed));
    dossier_number(&dossier, "update cix.flag set expires_on = '2025-12-31'");
    assert_false(is_listed(&listed));
    dossier_number(&dossier, "update cix.flag set expires_on = null, published_on = '2099-01-01'");
    assert_false(is_listed(&listed));
    dossier_number(&dossier, "update cix.flag set published_on = '2025-01-01', status = 3");
    Cix__V1__CheckFlagResponse *response = checked(&listed);
    assert_false(response->answer->is_listed);
    assert_int_equal(response->answer->n_listings, 1); /* suspended: shown, not in force */
    cix_free(response);
    dossier_number(&dossier, "update cix.flag set status = 1");
}

static void a_stream_screens_a_thousand_in_one_message(void **state)
{
    enum { COUNT = 1000 };
    Cix__V1__BatchCheckFlagsRequest request = CIX__V1__BATCH_CHECK_FLAGS_REQUEST__INIT;
    Cix__V1__BatchCheckFlagsResponse *response;
    struct asked *asked = calloc(COUNT, sizeof(*asked));
    Cix__V1__FlagInquiry **inquiries = calloc(COUNT, sizeof(*inquiries));
    struct cix_batch *batch;
    struct cix_error error;
    void *answer;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        ask(&asked[i], i % 100 == 0 ? &listed : &clean);
        inquiries[i] = &asked[i].inquiry;
    }
    asked[7].inquiry.operator_id = "";
    request.inquiries = inquiries;
    request.n_inquiries = COUNT;
    assert_true(cix_batch_open(bank, CIX_BATCH_CHECK_FLAGS, &batch, &error));
    for (int round = 0; round < 2; round++) {
        assert_true(cix_batch_send(batch, &request, &error));
        if (!cix_batch_receive(batch, &answer, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        response = answer;
        assert_int_equal(response->n_results, COUNT);
        for (int i = 0; i < COUNT; i++) {
            if (i == 7)
                assert_string_equal(response->results[i]->error->reason, "FIELD_REQUIRED");
            else
                assert_int_equal(response->results[i]->answer->is_listed, i % 100 == 0);
        }
        cix_free(response);
    }
    cix_batch_close(batch);
    free(inquiries);
    free(asked);
}

/* Numbered listings of one feed, in one chunk; gives how many met a rule, all of them taken unless
 * it is D011. */
static int send_numbers_as(struct cix_client *client, const char *source, const int64_t *numbers,
                           int count, const char *rule)
{
    static int submissions;
    struct contribution contribution;
    char uuid[37];
    int found = 0;

    contribution_init(&contribution);
    for (int i = 0; i < count; i++) {
        person_uuid(source, numbers[i], uuid);
        Cix__V1__Flag *flag = contribution_flag(&contribution, 100 + numbers[i], uuid);
        flag->source = (char *)source;
        flag->source_seq_presence_case = CIX__V1__FLAG__SOURCE_SEQ_PRESENCE_SOURCE_SEQ;
        flag->source_seq = numbers[i];
    }
    person_uuid("feed", ++submissions, uuid);
    Cix__V1__ChunkResult *result = contribution_send(
        &contribution, client, uuid, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    for (size_t i = 0; i < result->n_verdicts; i++)
        found += !strcmp(result->verdicts[i]->rule, rule);
    assert_int_equal(result->accepted, strcmp(rule, "D011") ? count : count - found);
    contribution_answer_free(result);
    contribution_done(&contribution);
    return found;
}

/* Of court-one; gives how many were warned by D009. */
static int send_numbers(const char *source, const int64_t *numbers, int count)
{
    return send_numbers_as(court, source, numbers, count, "D009");
}

/* How many numbers a feed lacks, as a check tells; -1 when the feed is not named. */
static int64_t missing(const char *source, int64_t *since_us)
{
    Cix__V1__CheckFlagResponse *response = checked(&clean);
    int64_t answer = -1;

    for (size_t i = 0; i < response->n_gaps; i++) {
        const Cix__V1__FlagSourceGap *gap = response->gaps[i];
        if (strcmp(gap->source, source))
            continue;
        answer = gap->missing;
        *since_us = gap->since_us;
    }
    assert_false(response->answer->is_listed); /* serving goes on */
    cix_free(response);
    return answer;
}

/* What the operator's job tells of one court; -1: nothing. */
static int64_t told;

static void tell(void *user, const char *code, int64_t lacks)
{
    if (!strcmp(code, user))
        told = lacks;
}

static int64_t alarm_of(const char *code)
{
    struct flag_feed_job job = {.found = tell, .user = (void *)code};
    struct arena arena;
    bool has_more = false;
    struct ctx ctx;

    told = -1;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!flag_feed_job_run(&ctx, exchange.admin, &job, &has_more))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    arena_done(&arena);
    return told;
}

/* Rule D009. */
static void a_gap_in_a_feed_is_told_until_it_is_closed(void **state)
{
    int64_t since_us, again_us;

    (void)state;
    assert_int_equal(send_numbers("list-a", (int64_t[]){500}, 1), 0);      /* the first begins it */
    assert_int_equal(send_numbers("list-a", (int64_t[]){502, 501}, 2), 0); /* order is no matter */
    assert_int_equal(missing("list-a", &since_us), -1);
    assert_int_equal(send_numbers("list-a", (int64_t[]){506}, 1), 1);
    assert_int_equal(missing("list-a", &since_us), 3);
    assert_int_equal(alarm_of("court-one"), 3);
    assert_true(since_us > 0);
    assert_int_equal(send_numbers("list-b", (int64_t[]){7}, 1), 0); /* another feed */
    assert_int_equal(missing("list-b", &again_us), -1);
    assert_int_equal(send_numbers("list-a", (int64_t[]){504}, 1), 0); /* the middle */
    assert_int_equal(missing("list-a", &again_us), 2);
    assert_int_equal(since_us, again_us);
    assert_int_equal(send_numbers("list-a", (int64_t[]){504, 400}, 2), 0); /* came before */
    assert_int_equal(missing("list-a", &again_us), 2);
    assert_int_equal(send_numbers("list-a", (int64_t[]){507, 509}, 2), 1);
    assert_int_equal(missing("list-a", &again_us), 3);
    assert_int_equal(since_us, again_us);
    assert_int_equal(send_numbers("list-a", (int64_t[]){503, 505, 508}, 3), 0);
    assert_int_equal(missing("list-a", &again_us), -1);
    assert_int_equal(alarm_of("court-one"), 0);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.flag_feed_gap"), 0);
}

/* Rule D011, and who checks hears of the gap of another court all the same. list-a and list-b are
 * there. */
static void a_court_has_sixteen_feeds_and_hides_nobodys(void **state)
{
    int64_t since_us;
    char source[16];

    (void)state;
    for (int i = 3; i <= 16; i++) {
        snprintf(source, sizeof(source), "many-%d", i);
        assert_int_equal(send_numbers(source, (int64_t[]){1, 3}, 2), 1);
    }
    assert_int_equal(send_numbers("list-a", (int64_t[]){601}, 1), 1);
    assert_int_equal(send_numbers("list-b", (int64_t[]){601}, 1), 1);
    assert_int_equal(alarm_of("court-one"), 14 + 91 + 593);
    assert_int_equal(send_numbers_as(court, "seventeenth", (int64_t[]){1, 3}, 2, "D011"), 2);
    assert_int_equal(send_numbers("many-3", (int64_t[]){4}, 1), 0);
    assert_int_equal(missing("seventeenth", &since_us), -1);
    assert_int_equal(send_numbers_as(other_court, "other-list", (int64_t[]){1, 4}, 2, "D009"), 1);
    assert_int_equal(missing("other-list", &since_us), 2);
    assert_int_equal(missing("many-3", &since_us), 1); /* the oldest of the first court */
    assert_int_equal(missing("list-b", &since_us), -1);
}

/* Runs cixd feed with these words; gives the exit code. */
static int feed(const char *words)
{
    struct arena arena;
    const char *output;

    arena_init(&arena, 0);
    int code = kept_cixd(&arena,
                         arena_format(&arena, "feed %s --database '%s' --data %s", words,
                                      exchange.database.uri, exchange.folder),
                         &output);
    snprintf(printed, sizeof(printed), "%s", output);
    arena_done(&arena);
    return code;
}

/* Behind the test before: court-two lacks 2 and 3 of other-list. */
static void the_operator_accepts_what_will_not_come(void **state)
{
    int64_t since_us;

    (void)state;
    assert_int_equal(send_numbers_as(other_court, "other-list", (int64_t[]){6, 10}, 2, "D009"), 2);
    assert_int_equal(feed("list court-two"), 0);
    assert_non_null(strstr(printed, "court-two other-list: 6 missing below 10, since 20"));
    assert_non_null(strstr(printed, ": 2-3 5 7-9\n"));
    assert_null(strstr(printed, "court-one"));
    assert_int_equal(feed("list"), 0);
    assert_non_null(strstr(printed, "court-one many-16: 1 missing"));

    assert_int_equal(feed("accept court-two other-list"), 1); /* why */
    assert_int_equal(feed("accept court-two other-list --reason unused --through nought"), 1);
    assert_int_equal(feed("accept court-two no-list --reason unused"), 1);
    assert_non_null(strstr(printed, "FEED_UNKNOWN"));
    assert_int_equal(feed("accept court-two other-list --reason unused --through 1"), 1);
    assert_non_null(strstr(printed, "FEED_COMPLETE"));
    assert_int_equal(feed("accept court-two other-list --reason unused --through 8"), 0);
    assert_non_null(strstr(printed, "accepted that 5 numbers"));
    assert_int_equal(missing("other-list", &since_us), 1);
    assert_int_equal(send_numbers_as(other_court, "other-list", (int64_t[]){7, 9}, 2, "D009"), 0);
    assert_int_equal(missing("other-list", &since_us), -1); /* 7 is taken, 9 closes the rest */
    assert_int_equal(send_numbers_as(other_court, "other-list", (int64_t[]){13}, 1, "D009"), 1);
    assert_int_equal(feed("accept court-two other-list --reason given-up"), 0);
    assert_int_equal(alarm_of("court-two"), 0);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit a join"
                                              " cix.flag_feed_act f on f.act_id = a.audit_id"
                                              " where a.method = 209 and a.outcome = 0"
                                              " and f.accepted = case f.reason when 1 then 5 when 3"
                                              " then 2 end"),
                     2);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.audit where method = 209"),
                     4);
}

/* Rule D008: kept aside for its court, found by nobody, never released, ended by the whole one. */
static void a_masked_listing_attaches_to_nobody(void **state)
{
    static char flag_id[] = "f1000000-0000-4000-8000-000000000008";
    Cix__V1__ListQuarantineRequest list = CIX__V1__LIST_QUARANTINE_REQUEST__INIT;
    Cix__V1__ReviewQuarantineRequest request = CIX__V1__REVIEW_QUARANTINE_REQUEST__INIT;
    Cix__V1__QuarantineReview review = CIX__V1__QUARANTINE_REVIEW__INIT, *reviews = &review;
    Cix__V1__ReviewQuarantineResponse *reviewed;
    Cix__V1__ListQuarantineResponse *waiting;
    struct contribution contribution;
    struct cix_error error;

    (void)state;
    contribution_init(&contribution);
    Cix__V1__Flag *flag = contribution_flag(&contribution, 12, flag_id); /* the clean person */
    char *whole = arena_string(&contribution.arena, flag->identifier->value);
    memcpy(flag->identifier->value + 10, "****", 4);
    Cix__V1__ChunkResult *result =
        contribution_send(&contribution, court, "f1000000-0000-4000-8000-000000000001",
                          CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    assert_int_equal(result->quarantined, 1);
    assert_non_null(contribution_verdict(result, 0, "D008"));
    contribution_answer_free(result);
    assert_false(is_listed(&clean));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.flag f join cix.flag_key k"
                                              " using (subject_id, flag_id) where k.external_id ="
                                              " 'f1000000-0000-4000-8000-000000000008'"),
                     0);

    if (!cix_list_quarantine(court, &list, &waiting, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(waiting->n_records, 1);
    assert_string_equal(waiting->records[0]->record->flag->identifier->value,
                        flag->identifier->value);
    request.review_id = (char *)"f1000000-0000-4000-8000-000000000002";
    request.reason = (char *)"the name is rare";
    request.n_reviews = 1;
    request.reviews = &reviews;
    review.place = waiting->records[0]->place;
    review.decision = CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_RELEASE;
    assert_false(cix_review_quarantine(court, &request, &reviewed, &error));
    assert_string_equal(error.reason, "IDENTIFIER_MASKED");
    cix_free(waiting);

    strcpy(flag->identifier->value, whole);
    contribution_answer_free(contribution_send(&contribution, court,
                                               "f1000000-0000-4000-8000-000000000003",
                                               CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY));
    assert_true(is_listed(&clean));
    if (!cix_list_quarantine(court, &list, &waiting, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(waiting->n_records, 0);
    cix_free(waiting);
    contribution_done(&contribution);
}

static int64_t waiting(void)
{
    return dossier_number(&dossier, "select count(*) from cix.quarantine where state = 1");
}

/* A listing sent masked, whole, or both, in a submission of this number; gives how many are kept
 * aside. */
static int send_masked(int number, const char *flag_id, int masked, int whole)
{
    struct contribution contribution;
    char uuid[37];

    contribution_init(&contribution);
    for (int i = 0; i < masked + whole; i++) {
        Cix__V1__Flag *flag = contribution_flag(&contribution, 13, flag_id);
        if (i < masked)
            memcpy(flag->identifier->value + 10, "****", 4);
    }
    person_uuid("masked", number, uuid);
    Cix__V1__ChunkResult *result = contribution_send(
        &contribution, court, uuid, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    int quarantined = result->quarantined;
    assert_int_equal(result->accepted, whole);
    contribution_answer_free(result);
    contribution_done(&contribution);
    return quarantined;
}

static void a_masked_listing_waits_for_nothing_beside_the_whole_one(void **state)
{
    static const char flag_id[] = "f2000000-0000-4000-8000-000000000008";

    (void)state;
    assert_int_equal(waiting(), 0);
    assert_int_equal(send_masked(1, flag_id, 1, 1), 1); /* in one chunk */
    assert_int_equal(waiting(), 0);
    assert_int_equal(send_masked(2, flag_id, 1, 0), 1); /* behind it */
    assert_int_equal(waiting(), 0);
    assert_int_equal(send_masked(3, "f2000000-0000-4000-8000-000000000009", 1, 0), 1);
    assert_int_equal(waiting(), 1);
    assert_int_equal(dossier_number(&dossier,
                                    "select count(*) from cix.submission_chunk c"
                                    " where c.sealed_records is not null and not exists (select"
                                    " from cix.quarantine q where q.member_id = c.member_id and"
                                    " q.submission_id = c.submission_id and q.chunk = c.number"
                                    " and q.state = 1)"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_is_shown_with_its_dates),
        cmocka_unit_test(clean_and_unknown_answer_alike_and_leave_a_trace),
        cmocka_unit_test(a_removal_is_seen_by_the_next_check),
        cmocka_unit_test(only_its_court_ends_a_listing_and_says_why),
        cmocka_unit_test(ended_and_future_listings_are_not_shown),
        cmocka_unit_test(a_stream_screens_a_thousand_in_one_message),
        cmocka_unit_test(a_gap_in_a_feed_is_told_until_it_is_closed),
        cmocka_unit_test(a_court_has_sixteen_feeds_and_hides_nobodys),
        cmocka_unit_test(the_operator_accepts_what_will_not_come),
        cmocka_unit_test(a_masked_listing_attaches_to_nobody),
        cmocka_unit_test(a_masked_listing_waits_for_nothing_beside_the_whole_one),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
