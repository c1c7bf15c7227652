/*
 * Goal: what somebody is means nothing to a rating: sex, age, marital status, education, region.
 * Method: one card history is submitted under two identities that differ in all five, both adult,
 * and rated by the standard that is shipped: the whole answers are the same, byte for byte. A third
 * one, with another history, shows that the comparison can tell.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/exit.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"
#include "support/standard.h"

#include "support/cmocka.h"

enum { PERSONS = 3, MONTHS = 7, ANSWER_MAX = 8192 };

/* Who somebody is, but for the number: its 17th digit agrees with the sex, its date with the age.
 */
static const struct who {
    int64_t person;
    int sex, marital_status, education;
    const char *region;
    const char *statuses; /* oldest first */
} whos[PERSONS] = {
    {700, 1, 20, 90, "440300", "NN1NNN1"},
    {14600 + 13000, 2, 10, 10, "110100", "NN1NNN1"},
    {701, 1, 20, 90, "440300", "NNNNN12"},
};

static struct exchange exchange;
static struct cix_client *bank;
static struct arena arena;
static struct person persons[PERSONS];

static void write_months(FILE *file, const struct who *who, int at)
{
    struct period first = period_add(period_of_day(clock_day_of(clock_now_us())), -MONTHS - 1);

    for (int i = 0; i < MONTHS; i++) {
        struct period month = period_add(first, i);
        int late = who->statuses[i] == 'N' ? 0 : who->statuses[i] - '0';

        fprintf(file,
                "{\"performance\":{\"accountNo\":\"CARD-%d\",\"period\":%d,\"accountStatus\":%d,"
                "\"repayStatus\":\"%c\",\"balance\":\"%d\",\"paidAmount\":\"%d\","
                "\"overdueAmount\":\"%d\",\"daysOverdue\":%d,\"reportedOn\":%d}}\n",
                at, period_to_wire(month), late ? 2 : 1, who->statuses[i], 300000 + 40000 * i,
                20000 * i, late * 10000, late ? 30 * late - 10 : 0,
                day_to_wire(period_first_day(period_add(month, 1))));
    }
}

static void write_records(FILE *file, int at)
{
    const struct who *who = &whos[at];
    const struct person *person = &persons[at];

    fprintf(file,
            "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"%s\",\"identifiers\":[{\"type\":"
            "\"RESIDENT_ID\",\"value\":\"%s\"}],\"birthOn\":%.8s,\"sex\":%d,\"maritalStatus\":%d,"
            "\"education\":%d,\"region\":\"%s\"}}\n"
            "{\"account\":{\"accountNo\":\"CARD-%d\",\"identifier\":{\"type\":\"RESIDENT_ID\","
            "\"value\":\"%s\"},\"type\":\"R2\",\"businessType\":\"81\",\"currency\":\"CNY\","
            "\"creditLimit\":\"900000\",\"openedOn\":20240115,\"region\":\"440300\"}}\n",
            person->name, person->number, person->number + 6, who->sex, who->marital_status,
            who->education, who->region, at, person->number);
    write_months(file, who, at);
}

static void submit_all(void)
{
    static char output[20000];
    const char *path = arena_format(&arena, "%s/cards.jsonl", exchange.folder);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    for (int i = 0; i < PERSONS; i++) {
        person_make(whos[i].person, &persons[i]);
        write_records(file, i);
    }
    assert_int_equal(fclose(file), 0);
    if (shell_cix_as(&exchange, "bank-one", arena_format(&arena, "submit %s", path), output,
                     sizeof(output)) != CLI_OK)
        fail_msg("%s", output);
}

/* The standard that is shipped, with days enough for any clock. */
static const char *shipped_standard(void)
{
    char *text = arena_alloc(&arena, STANDARD_TEXT_MAX + 1);
    FILE *file = fopen(CIX_SOURCE_DIR "/deploy/standard/card-next-month.standard", "re");

    assert_non_null(file);
    text[fread(text, 1, STANDARD_TEXT_MAX, file)] = '\0';
    fclose(file);
    return standard_text_with(&arena, text, "valid ", "valid 2024-01-01 2099-12-31");
}

static int setup(void **state)
{
    struct member member;

    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    member = exchange_member_of("bank-one", MEMBER_TYPE_BANK);
    member.data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT | DATA_CLASS_RATING;
    exchange_member_put(&exchange, &member);
    exchange_standard(&exchange, 1, shipped_standard());
    exchange_settle();
    submit_all();
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

/* The rating of one of them, packed: score, grades, probability, points, values and reasons. */
static size_t rated(int at, uint8_t packed[ANSWER_MAX])
{
    Cix__V1__GetRatingRequest request = CIX__V1__GET_RATING_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetRatingResponse *response;
    struct cix_error error;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = persons[at].number;
    inquiry.identifier = &identifier;
    inquiry.name = persons[at].name;
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_POST_LOAN;
    inquiry.operator_id = "teller-7";
    request.inquiry = &inquiry;
    if (!cix_get_rating(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->rating->n_ratings, 1);
    const Cix__V1__Rating *rating = response->rating->ratings[0];
    assert_int_equal(rating->result_case, CIX__V1__RATING__RESULT_SCORED);
    assert_true(rating->scored->n_points > 0 && rating->scored->n_reasons > 0);
    assert_true(cix__v1__rating__get_packed_size(rating) <= ANSWER_MAX);
    size_t size = cix__v1__rating__pack(rating, packed);
    cix_free(response);
    return size;
}

static void what_somebody_is_means_nothing(void **state)
{
    static uint8_t one[ANSWER_MAX], other[ANSWER_MAX], third[ANSWER_MAX];
    size_t size = rated(0, one);

    (void)state;
    assert_int_equal(rated(1, other), size);
    assert_memory_equal(one, other, size);
    assert_false(rated(2, third) == size && memcmp(one, third, size) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_somebody_is_means_nothing),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
