/*
 * Goal: several standards stand in force side by side, for cards, for thin files by their
 * transactions and for firms by their statements, and each answers for its own subjects; whoever
 * holds the report and the text recomputes all three.
 * Method: a whole exchange. A regulator publishes the texts, members send accounts, months of
 * transactions and a statement over mTLS, a bank asks; points were worked out by hand.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"
#include "support/standard.h"

#include "support/cmocka.h"

enum { HOLDER = 1, MERCHANT = 2, FIRM = 3, SUBJECTS = 3 };

static struct exchange exchange;
static struct arena arena;
static struct cix_client *bank;
static struct day today;
static FILE *records;
static char output[400000];

/* ---- What is in force ---- */

/* The three examples, made to leave no person to two of them or to none. */
static const char *text_of(const char *name)
{
    static const char valid[] = "valid 2024-01-01 2039-12-31";
    char *text;

    if (strcmp(name, "firm") == 0)
        return standard_text_with(&arena, firm_standard, "valid ", valid);
    if (strcmp(name, "small") == 0) {
        text = standard_text_with(&arena, small_standard, "valid ", valid);
        return standard_text_with(&arena, text, "exclude thin ", "exclude thin 3 E02");
    }
    text = standard_text_with(&arena, trade_standard, "valid ", valid);
    text = standard_text_with(&arena, text, "products ", NULL);
    text = standard_text_with(&arena, text, "accounts ", "accounts R2 R3");
    return standard_text_with(&arena, text, "subjects ", "subjects PERSON INDIVIDUAL_BUSINESS");
}

static const char *path_of(const char *name)
{
    return arena_format(&arena, "%s/%s", exchange.folder, name);
}

static void run(const char *member, const char *words)
{
    if (shell_cix_as(&exchange, member, words, output, sizeof(output)) != 0)
        fail_msg("%s: %s: %s", member, words, output);
}

static void publish(const char *name, int version)
{
    const char *path = path_of(arena_format(&arena, "%s.standard", name));
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text_of(name), file);
    assert_int_equal(fclose(file), 0);
    run("regulator", arena_format(&arena, "standard load %s", path));
    run("regulator", arena_format(&arena, "standard publish %s %d", name, version));
}

/* ---- What is known ---- */

static const char *number_of(int k)
{
    struct person person;
    char code[19];

    person_make(k, &person);
    person_uscc(k, code);
    return arena_string(&arena, k == FIRM ? code : person.number);
}

static const char *name_of(int k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(&arena, k == FIRM ? "Made Company" : person.name);
}

static const char *identifier_of(int k)
{
    return arena_format(&arena, "{'type':'%s','value':'%s'}", k == FIRM ? "USCC" : "RESIDENT_ID",
                        number_of(k));
}

/* Writes a record; single quotes stand for double ones. */
static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = arena_vformat(&arena, format, args);
    va_end(args);
    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    fprintf(records, "%s\n", text);
}

static const char *consent_of(const char *member, int k)
{
    char *id = arena_alloc(&arena, 37);

    person_uuid(member, k, id);
    return id;
}

/* A subject, and its consent to the member that sends it, to ask about all that is known. */
static void add_subject(const char *member, int k)
{
    int32_t from = day_to_wire(day_add(today, -400));

    add("{'subject':{'kind':'%s','name':'%s','identifiers':[%s]}}",
        k == FIRM ? "ENTERPRISE" : "PERSON", name_of(k), identifier_of(k));
    add("{'consent':{'consentId':'%s','identifier':%s,'purposes':['LOAN_APPROVAL'],"
        "'dataClasses':['BASIC','CREDIT','BEHAVIOUR','RATING'],'form':'WRITTEN','signedOn':%d,"
        "'effectiveOn':%d,'expiresOn':%d,"
        "'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}}",
        consent_of(member, k), identifier_of(k), from, from, day_to_wire(day_add(today, 300)));
}

static int32_t month_back(int back)
{
    return period_to_wire(period_add(period_of_day(today), -1 - back));
}

/* Six months of a card: a limit of 400 in the standard's units, 120 owed, 20 paid. */
static void add_card(void)
{
    add("{'account':{'accountNo':'CARD','identifier':%s,'type':'R2','businessType':'81',"
        "'currency':'CNY','creditLimit':'10000','openedOn':%d,'security':4}}",
        identifier_of(HOLDER), day_to_wire(day_add(today, -380)));
    for (int back = 5; back >= 0; back--)
        add("{'performance':{'accountNo':'CARD','period':%d,'accountStatus':1,'repayStatus':'N',"
            "'balance':'3000','paidAmount':'500','daysOverdue':0,'fiveCategory':1}}",
            month_back(back));
}

/* Six months of a merchant: steady, a hundredth paid back, a fifth from one customer. */
static void add_trade(void)
{
    for (int back = 5; back >= 0; back--)
        add("{'behaviour':{'identifier':%s,'period':%d,'role':1,'consentId':'%s',"
            "'currency':'CNY','transactionCount':'40','transactionAmount':'100000',"
            "'refundAmount':'1000','activeDays':20,'top1CounterpartyBps':2000}}",
            identifier_of(MERCHANT), month_back(back), consent_of("pay-one", MERCHANT));
}

/* Three tenths owed, four of working capital, six hundredths of profit. */
static void add_accounts(void)
{
    add("{'statement':{'identifier':%s,'statedOn':%d,'type':1,'source':1,'currency':'CNY',"
        "'totalAssets':'10000000','currentAssets':'6000000','totalLiabilities':'3000000',"
        "'currentLiabilities':'2000000','equity':'7000000','revenue':'8000000',"
        "'netProfit':'600000'}}",
        identifier_of(FIRM), day_to_wire(day_add(today, -60)));
}

static void send(const char *member)
{
    assert_int_equal(fclose(records), 0);
    run(member, arena_format(&arena, "submit %s", path_of("records.jsonl")));
}

static void begin(void)
{
    records = fopen(path_of("records.jsonl"), "we");
    assert_non_null(records);
}

static void add_member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = type == MEMBER_TYPE_REGULATOR_ADMIN ? 0 : 255;
    exchange_member_put(&exchange, &member);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    today = clock_day_of(clock_now_us());
    add_member("bank-one", MEMBER_TYPE_BANK);
    add_member("pay-one", MEMBER_TYPE_THIRD_PARTY_PAYMENT);
    add_member("regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    exchange_settle();
    publish("small", 3);
    publish("trade", 1);
    publish("firm", 1);
    begin();
    for (int k = 1; k <= SUBJECTS; k++)
        add_subject("bank-one", k);
    add_card();
    add_accounts();
    send("bank-one");
    begin();
    add_subject("pay-one", MERCHANT);
    add_trade();
    send("pay-one");
    exchange_settle();
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

/* ---- What is told ---- */

/* The ratings of a subject as "NAME SCORE GRADE" or "NAME EXCLUSION", with commas between. */
static const char *ratings_of(int k)
{
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__GetRatingRequest request = CIX__V1__GET_RATING_REQUEST__INIT;
    Cix__V1__GetRatingResponse *response;
    struct builder text = {.arena = &arena};
    struct cix_error error;

    identifier.type = k == FIRM ? CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC
                                : CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = (char *)number_of(k);
    inquiry.identifier = &identifier;
    inquiry.name = (char *)name_of(k);
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.operator_id = (char *)"teller-7";
    request.inquiry = &inquiry;
    if (!cix_get_rating(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    for (size_t i = 0; i < response->rating->n_ratings; i++) {
        const Cix__V1__Rating *rating = response->rating->ratings[i];
        builder_format(&text, "%s%s ", i ? ", " : "", rating->standard_id);
        if (rating->result_case == CIX__V1__RATING__RESULT_SCORED)
            builder_format(&text, "%d %s", rating->scored->score, rating->scored->grade);
        else
            builder_text(&text, rating->result_case == CIX__V1__RATING__RESULT_EXCLUSION
                                    ? rating->exclusion->code
                                    : "withheld");
    }
    cix_free(response);
    return text.data;
}

/* What the bank recomputes from its report and a text. */
static const char *verified(int k, const char *standard)
{
    const char *report = path_of("report.json");

    run("bank-one", arena_format(&arena,
                                 "report --id-type %s --id %s --name '%s' --purpose loan-approval"
                                 " --operator teller-7 --output json",
                                 k == FIRM ? "uscc" : "resident-id", number_of(k), name_of(k)));
    FILE *file = fopen(report, "we");
    assert_non_null(file);
    fputs(output, file);
    assert_int_equal(fclose(file), 0);
    run("bank-one", arena_format(&arena, "rating verify %s %s",
                                 path_of(arena_format(&arena, "%s.standard", standard)), report));
    char *line = strchr(output, '\n') + 1;
    line[strcspn(line, ",:")] = '\0';
    return line;
}

/* used 3,000 of 10,000: 10; calm six months: 15; not asked for, 1,666 paid of 10,000: 5; from 600.
 */
static void a_card_holder_has_the_standard_for_cards(void **state)
{
    (void)state;
    assert_string_equal(ratings_of(HOLDER), "small 630 BB, trade E20");
    assert_string_equal(verified(HOLDER, "trade"), "not rated");
}

/* Six months in a row: 40; 100 of 10,000 paid back: 20; 2,000 from one: 15; no trend: 5; from 560.
 */
static void a_thin_file_has_the_standard_of_transactions(void **state)
{
    (void)state;
    assert_string_equal(ratings_of(MERCHANT), "small E02, trade 640 BB");
    assert_string_equal(verified(MERCHANT, "trade"), "score 640");
    assert_string_equal(verified(MERCHANT, "small"), "not rated");
}

/* Debt 3,000: 30; working capital 4,000: 10; profit 600: 20; sales of one year alone: 0; from 580.
 */
static void a_firm_has_the_standard_of_statements(void **state)
{
    (void)state;
    assert_string_equal(ratings_of(FIRM), "firm 640 BB");
    assert_string_equal(verified(FIRM, "firm"), "score 640");
}

/* A second member adds three months of the merchant's sales: the same rating, from both. */
static void transactions_of_two_members_are_one(void **state)
{
    (void)state;
    begin();
    add_subject("bank-one", MERCHANT);
    for (int back = 2; back >= 0; back--)
        add("{'behaviour':{'identifier':%s,'period':%d,'role':1,'consentId':'%s',"
            "'currency':'CNY','transactionCount':'40','transactionAmount':'100000',"
            "'refundAmount':'30000','activeDays':20,'top1CounterpartyBps':2000}}",
            identifier_of(MERCHANT), month_back(back), consent_of("bank-one", MERCHANT));
    send("bank-one");
    /* refunds 96,000 of 900,000, 1,066: -30; trend 20,000 of 10,000: 10. */
    assert_string_equal(ratings_of(MERCHANT), "small E02, trade 595 B");
    assert_string_equal(verified(MERCHANT, "trade"), "score 595");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_holder_has_the_standard_for_cards),
        cmocka_unit_test(a_thin_file_has_the_standard_of_transactions),
        cmocka_unit_test(a_firm_has_the_standard_of_statements),
        cmocka_unit_test(transactions_of_two_members_are_one),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
