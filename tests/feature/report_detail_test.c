/*
 * Goal: a report tells all that is stored of an account and its latest month; dealer and provision
 * go to the account's own member alone; a month put right or taken back is told as it counts.
 * Method: records through the built cix, an exchange, reports of two members as JSON and as text.
 */
#include <stdio.h>
#include <string.h>

#include "support/dossier.h"
#include "support/shell.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 256 * 1024 };

static struct exchange exchange;
static struct dossier dossier;
static struct person person;
static char output[OUTPUT_MAX];

/* Everything that an account and a month may say, but for what is of cards only. */
static const char loan[] =
    "\"type\":\"D1\",\"businessType\":\"11\",\"currency\":\"CNY\",\"originalAmount\":\"10000000\","
    "\"openedOn\":20240115,\"maturesOn\":20270115,\"termMonths\":36,\"annualRateBps\":435,"
    "\"repayFrequency\":3,\"security\":1,\"channel\":4,\"dealerCode\":\"DEALER-7\","
    "\"repayMethod\":1,\"rateType\":2,\"collateralValue\":\"15000000\",\"sharedLimit\":"
    "\"20000000\","
    "\"creditorCode\":\"bank-two\"";
static const char loan_month[] =
    "\"accountStatus\":2,\"repayStatus\":\"2\",\"balance\":\"6000000\",\"dueAmount\":\"300000\","
    "\"paidAmount\":\"100000\",\"overdueAmount\":\"500000\",\"overduePrincipal\":\"400000\","
    "\"overdue3160\":\"250000\",\"overdue6190\":\"0\",\"overdue91180\":\"0\",\"overdueOver180\":"
    "\"0\","
    "\"daysOverdue\":45,\"overdueTerms\":2,\"fiveCategory\":2,\"classifiedOn\":20260920,"
    "\"remainingTerms\":16,\"paidOn\":20260815,\"lastPaidAmount\":\"100000\",\"payRatioBps\":3333,"
    "\"collectionStage\":1,\"provisionAmount\":\"120000\",\"reportedOn\":20260928";
static const char card[] = "\"type\":\"R2\",\"businessType\":\"81\",\"currency\":\"CNY\","
                           "\"creditLimit\":\"5000000\",\"openedOn\":20240115,"
                           "\"repayFrequency\":3,\"security\":4";
static const char card_month[] =
    "\"accountStatus\":1,\"repayStatus\":\"N\",\"balance\":\"900000\",\"dueAmount\":\"90000\","
    "\"paidAmount\":\"90000\",\"usedLimit\":\"1200000\",\"billAmount\":\"900000\","
    "\"unbilledInstalments\":\"300000\",\"reportedOn\":20260928";

/* Sends lines of records; all must be taken. */
static void send(const char *member, const char *lines, int count)
{
    static int file_count;
    char path[512], words[600], expected[32];

    snprintf(path, sizeof(path), "%s/lines-%d.jsonl", exchange.folder, file_count++);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(lines, file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit %s", path);
    int code = shell_cix_as(&exchange, member, words, output, sizeof(output));
    snprintf(expected, sizeof(expected), "accepted    %d", count);
    if (code != 0 || !strstr(output, expected))
        fail_msg("%d: %s", code, output);
}

static void add_account(char *lines, size_t room, const char *account_no, const char *fields)
{
    snprintf(lines + strlen(lines), room - strlen(lines),
             "{\"account\":{\"accountNo\":\"%s\",\"identifier\":{\"type\":\"RESIDENT_ID\","
             "\"value\":\"%s\"},%s}}\n",
             account_no, person.number, fields);
}

static void add_subject(char *lines, size_t room)
{
    snprintf(lines, room,
             "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"%s\",\"identifiers\":[{\"type\":"
             "\"RESIDENT_ID\",\"value\":\"%s\"}]}}\n",
             person.name, person.number);
}

static void send_month(const char *account_no, int period, const char *fields)
{
    char line[2048];

    snprintf(line, sizeof(line), "{\"performance\":{\"accountNo\":\"%s\",\"period\":%d,%s}}\n",
             account_no, period, fields);
    send("bank-one", line, 1);
}

static int setup(void **state)
{
    char lines[8192];

    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bureau-one", MEMBER_TYPE_CREDIT_BUREAU);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    person_make(7100, &person);
    add_subject(lines, sizeof(lines));
    strcat(lines, "{\"dealer\":{\"dealerCode\":\"DEALER-7\",\"name\":\"Made Dealer\","
                  "\"fromOn\":20240115}}\n");
    add_account(lines, sizeof(lines), "LOAN", loan);
    add_account(lines, sizeof(lines), "CARD", card);
    send("bank-one", lines, 4);
    add_subject(lines, sizeof(lines));
    add_account(lines, sizeof(lines), "OTHER", card);
    send("bank-two", lines, 2);
    send_month("LOAN", 202609, loan_month);
    send_month("CARD", 202609, card_month);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

/* The report on the person into output, for the review of an account of the member's own. */
static void get_report(const char *member, const char *flags)
{
    char words[512];

    snprintf(words, sizeof(words), "report --id %s --name %s --purpose post-loan --operator t %s",
             person.number, person.name, flags);
    int code = shell_cix_as(&exchange, member, words, output, sizeof(output));
    if (code != 0)
        fail_msg("%d: %s", code, output);
}

static void assert_told(const char *text)
{
    if (!strstr(output, text))
        fail_msg("%s is not in: %s", text, output);
}

/* Every "name":value of fields stands in the JSON of output, but for the names left out. */
static void assert_fields(const char *fields, const char *left_out)
{
    char field[128];

    while (*fields) {
        size_t size = strcspn(fields, ",");
        const char *colon = memchr(fields, ':', size);
        assert_non_null(colon);
        int name_size = (int)(colon - fields);
        snprintf(field, sizeof(field), "%.*s: %.*s", name_size, fields,
                 (int)(size - (size_t)name_size - 1), colon + 1);
        bool is_left_out = *left_out && !strncmp(fields, left_out, (size_t)name_size);
        if (!strstr(output, field) != is_left_out)
            fail_msg("%s %s: %s", field, is_left_out ? "is told" : "is not told", output);
        fields += size + (fields[size] == ',');
    }
}

static void what_was_sent_is_told_to_its_member(void **state)
{
    (void)state;
    get_report("bank-one", "--output json");
    assert_fields(strstr(loan, "\"termMonths"), "");
    assert_fields(strstr(loan_month, "\"balance"), "");
    assert_fields(strstr(card_month, "\"usedLimit"), "");
}

static void dealer_and_provision_are_not_told_to_others(void **state)
{
    (void)state;
    get_report("bank-two", "--output json");
    assert_fields(strstr(loan, "\"termMonths"), "\"dealerCode\"");
    assert_fields(strstr(loan_month, "\"balance"), "\"provisionAmount\"");
}

static void the_text_has_it_on_demand(void **state)
{
    (void)state;
    get_report("bank-one", "");
    assert_null(strstr(output, "last paid on"));
    get_report("bank-one", "--full");
    assert_told("4.35 %");
    assert_told("DEALER-7");
    assert_told("150,000.00");
    assert_told("2026-08-15");
    assert_told("of it 31 to 60 days");
    assert_told("33.33 %");
    assert_told("latest month 2026-09");
}

static void an_institution_behind_a_bureau_is_told(void **state)
{
    char lines[4096], record[4096];

    (void)state;
    add_subject(lines, sizeof(lines));
    char *end = strrchr(lines, '}');
    snprintf(end, 64, ",\"origin\":\"county-bank\"}\n");
    record[0] = '\0';
    add_account(record, sizeof(record), "FAR", card);
    end = strrchr(record, '}');
    snprintf(end, 64, ",\"origin\":\"county-bank\"}\n");
    strcat(lines, record);
    send("bureau-one", lines, 2);
    get_report("bank-two", "--output json");
    assert_told("\"origin\": \"county-bank\"");
    get_report("bank-two", "");
    assert_told("bureau-one for county-bank");
}

/* bank-two's card has no month at all. */
static void an_account_never_reported_is_told_as_that(void **state)
{
    (void)state;
    get_report("bank-two", "");
    assert_told("never reported");
}

static void a_listing_is_told_with_ground_grade_and_measures(void **state)
{
    char line[2048];

    (void)state;
    snprintf(
        line, sizeof(line),
        "{\"flag\":{\"flagId\":\"0189bbbb-0000-7000-8000-00000000bbbb\",\"identifier\":{\"type\":"
        "\"RESIDENT_ID\",\"value\":\"%s\"},\"name\":\"%s\",\"court\":\"C\",\"region\":\"440300\","
        "\"caseNo\":\"(2026)粤0304执1号\",\"filedOn\":20260110,\"publishedOn\":20260120,"
        "\"ground\":1,\"performance\":1,\"grade\":2,\"status\":\"LISTED\",\"restrictions\":[1,3]}}"
        "\n",
        person.number, person.name);
    send("court-one", line, 1);
    get_report("bank-one", "");
    assert_told("  ground: able to perform but refuses\n");
    assert_told("  grade: 2\n");
    assert_told("  measures: no new credit, no executive role\n");
}

/* Last: a month that is taken back leaves the one before it, with what that one told. */
static void the_latest_month_that_counts_is_told(void **state)
{
    (void)state;
    send_month("CARD", 202610,
               "\"accountStatus\":1,\"repayStatus\":\"N\",\"balance\":\"1\",\"dueAmount\":\"1\","
               "\"usedLimit\":\"777777\",\"reportedOn\":20261028");
    get_report("bank-one", "--output json");
    assert_told("\"usedLimit\": \"777777\"");
    assert_null(strstr(output, "\"unbilledInstalments\""));
    send("bank-one",
         "{\"correction\":{\"action\":\"DELETE\",\"reason\":\"OWN_ERROR\"},\"performance\":"
         "{\"accountNo\":\"CARD\",\"period\":202610}}\n",
         1);
    get_report("bank-one", "--output json");
    assert_fields(strstr(card_month, "\"usedLimit"), "");
    assert_null(strstr(output, "777777"));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.rebuild_check()"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_is_told_to_its_member),
        cmocka_unit_test(dealer_and_provision_are_not_told_to_others),
        cmocka_unit_test(the_text_has_it_on_demand),
        cmocka_unit_test(an_institution_behind_a_bureau_is_told),
        cmocka_unit_test(an_account_never_reported_is_told_as_that),
        cmocka_unit_test(a_listing_is_told_with_ground_grade_and_measures),
        cmocka_unit_test(the_latest_month_that_counts_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
