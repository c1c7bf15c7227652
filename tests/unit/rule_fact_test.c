/*
 * Goal: every rule that a fact can break by itself is found under its id, and a good fact of each
 * kind breaks none.
 * Method: as in rule_test.c: a good record is changed in one field, and the ids of the findings are
 * compared with what the change must break.
 */
#include "domain/rule.h"
#include "support/cmocka.h"

#include <string.h>

#include "base/money.h"
#include "base/text.h"

static struct arena arena;
static struct rule_context where;
static struct member bank, platform, court;
static bool seen[300]; /* by place in the table */

enum { FIRST_FACT = RECORD_KIND_ACCOUNT_EVENT };

static struct day_field on(int32_t yyyymmdd)
{
    return day_field_of_plain(yyyymmdd);
}

static struct money_field amount(int64_t minor)
{
    return (struct money_field){true, minor};
}

static struct count_field count_of(int32_t value)
{
    return (struct count_field){true, value};
}

#define PERSON                                                                                     \
    (struct identifier_field)                                                                      \
    {                                                                                              \
        .type = IDENTIFIER_TYPE_RESIDENT_ID, .given = "11010519491231002X"                         \
    }
#define UUID "00112233-4455-6677-8899-aabbccddeeff"

/* A record of the kind with all texts empty. */
static struct record record_of(enum record_kind kind)
{
    struct record record = {.kind = kind, .origin = "", .correction = {.note = ""}};
    bool is_read = fact_read(&arena, fact_kind_find(kind), "", &record.fact);

    assert_true(is_read);
    return record;
}

static struct record good_account_event(void)
{
    struct record record = record_of(RECORD_KIND_ACCOUNT_EVENT);

    record.fact.account_event = (struct account_event_record){.account_no = "L-1",
                                                              .type = 1,
                                                              .happened_on = on(20261001),
                                                              .amount = amount(100),
                                                              .months_extended = count_of(12),
                                                              .note = "agreed"};
    return record;
}

static struct record good_party(void)
{
    struct record record = record_of(RECORD_KIND_PARTY);

    record.fact.party = (struct party_record){.account_no = "L-1",
                                              .identifier = PERSON,
                                              .role = PARTY_ROLE_GUARANTOR,
                                              .liability_amount = amount(1000000),
                                              .from_on = on(20250115)};
    return record;
}

static struct record good_public_record(void)
{
    struct record record = record_of(RECORD_KIND_PUBLIC_RECORD);
    struct public_record_record *document = &record.fact.public_record;

    document->record_no = "P-1";
    document->identifier = PERSON;
    document->name = "张三";
    document->type = PUBLIC_RECORD_TYPE_ENFORCEMENT;
    document->authority = "某法院";
    document->case_no = "（2026）皖1122执1194号";
    document->decided_on = on(20260301);
    document->effective_on = on(20260315);
    document->amount = amount(500000);
    document->currency = "CNY";
    document->status = 1;
    return record;
}

static struct record good_fraud_case(void)
{
    struct record record = record_of(RECORD_KIND_FRAUD_CASE);
    struct fraud_case_record *fraud = &record.fact.fraud_case;

    fraud->case_ref = "F-1";
    fraud->identifier = PERSON;
    fraud->role = FRAUD_ROLE_PERPETRATOR;
    fraud->type = 2;
    fraud->method = 1;
    fraud->channel = CHANNEL_OWN_APP;
    fraud->region = "US-CA";
    fraud->business_type = "91";
    fraud->currency = "CNY";
    fraud->amount_at_risk = amount(1000);
    fraud->loss_amount = amount(900);
    fraud->recovered_amount = amount(100);
    fraud->detected_on = on(20260601);
    fraud->filed_on = on(20260610);
    fraud->evidence_level = 3;
    fraud->status = FRAUD_STATUS_CONFIRMED;
    fraud->expires_on = on(20320610);
    fraud->lesson = "the statement was forged";
    return record;
}

static struct record good_behaviour(void)
{
    struct record record = record_of(RECORD_KIND_BEHAVIOUR);
    struct behaviour_record *month = &record.fact.behaviour;

    month->identifier = PERSON;
    month->period = 202602;
    month->role = 1;
    month->consent_id = UUID;
    month->currency = "CNY";
    month->transaction_count = amount(40);
    month->transaction_amount = amount(900000);
    month->active_days = 28;
    month->refund_amount = amount(900000);
    month->chargeback_count = amount(40);
    month->counterparty_band = 3;
    month->top1_counterparty_bps = count_of(10000);
    month->volatility_bps = count_of(0);
    return record;
}

static struct record good_statement(void)
{
    struct record record = record_of(RECORD_KIND_STATEMENT);
    struct statement_record *figures = &record.fact.statement;

    figures->identifier = PERSON;
    figures->stated_on = on(20251231);
    figures->type = 3;
    figures->source = 4;
    figures->currency = "CNY";
    figures->consent_id = UUID;
    figures->total_assets = amount(10000);
    figures->total_liabilities = amount(12000);
    figures->equity = amount(-1900);
    return record;
}

static struct record good_fund_report(void)
{
    struct record record = record_of(RECORD_KIND_FUND_REPORT);
    struct fund_report_record *report = &record.fact.fund_report;

    report->platform_code = "p2p-one";
    report->period = 202610;
    report->side = FUND_SIDE_PLATFORM;
    report->currency = "CNY";
    report->custodian_code = "bank-one";
    report->custody_account = "1234";
    report->own_funds_account = "9876";
    report->segregation = 1;
    report->client_liability = amount(100000);
    report->custody_balance = amount(90000);
    report->in_transit = amount(10000);
    report->guarantee_fund_balance = amount(5000);
    report->guarantee_required_bps = count_of(500);
    report->loans_outstanding = amount(100000);
    report->top1_bps = count_of(100);
    report->top10_bps = count_of(100);
    report->overdue_amount = amount(100000);
    report->overdue_90_amount = amount(100000);
    report->overdue_count = amount(3);
    report->overdue_90_count = amount(3);
    return record;
}

static struct record good_collection(void)
{
    struct record record = record_of(RECORD_KIND_COLLECTION);
    struct collection_record *act = &record.fact.collection;

    act->account_no = "L-1";
    act->stage = COLLECTION_STAGE_OUTSOURCED;
    act->started_on = on(20260901);
    act->ended_on = on(20260901);
    act->agency_code = "AGENCY";
    act->demanded_amount = amount(100);
    act->recovered_amount = amount(100);
    act->result = 1;
    return record;
}

static struct record good_member_grade(void)
{
    struct record record = record_of(RECORD_KIND_MEMBER_GRADE);

    record.fact.member_grade = (struct member_grade_record){.identifier = PERSON,
                                                            .graded_on = on(20261122),
                                                            .grade = "B+",
                                                            .default_ppm = count_of(30000)};
    return record;
}

static struct record good_grade_map(void)
{
    struct record record = record_of(RECORD_KIND_GRADE_MAP);

    record.fact.grade_map = (struct grade_map_record){
        .grade = "B+", .from_on = on(20270101), .until_on = on(20270101), .master_grade = "BBB"};
    return record;
}

static struct record good_dealer(void)
{
    struct record record = record_of(RECORD_KIND_DEALER);

    record.fact.dealer = (struct dealer_record){
        .dealer_code = "SH-2026/07",
        .name = "某汽车贸易有限公司",
        .identifier = {.type = IDENTIFIER_TYPE_USCC, .given = "91350100M000100Y43"},
        .region = "350100",
        .from_on = on(20250101),
        .until_on = on(20270101),
    };
    return record;
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    bank = (struct member){.type = MEMBER_TYPE_BANK, .code = "bank-one", .data_classes = 0xff};
    platform = bank;
    platform.type = MEMBER_TYPE_P2P;
    memcpy(platform.code, "p2p-one", sizeof("p2p-one"));
    court = bank;
    court.type = MEMBER_TYPE_COURT;
    where = (struct rule_context){
        .arena = &arena, .today = day_of_civil(2026, 11, 22), .history_months = 60};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* The ids of all findings, e.g. "E004 X003", or "" for a good record. */
static const char *broken(struct record *record)
{
    struct finding findings[FINDING_MAX];
    struct builder out = {.arena = &arena};

    where.member = record->kind == RECORD_KIND_PUBLIC_RECORD ? &court
                   : record->kind == RECORD_KIND_FUND_REPORT ? &platform
                                                             : &bank;
    int count = rule_check(&where, record, findings, FINDING_MAX);
    for (int i = 0; i < count; i++) {
        builder_format(&out, i ? " %s" : "%s", findings[i].rule->id);
        seen[findings[i].rule - rule_table] = true;
        assert_true(findings[i].rule->kinds >> record->kind & 1);
        assert_non_null(findings[i].reason);
    }
    return out.data ? out.data : "";
}

/* A good record of the kind, changed by one or more assignments, breaks exactly these rules. */
#define BREAKS(ids, part, ...)                                                                     \
    do {                                                                                           \
        struct record record = good_##part();                                                      \
        struct part##_record *r = &record.fact.part;                                               \
        __VA_ARGS__;                                                                               \
        (void)r;                                                                                   \
        assert_string_equal(broken(&record), ids);                                                 \
    } while (0)

static void events(void **state)
{
    (void)state;
    BREAKS("", account_event, );
    BREAKS("E004", account_event, r->account_no = "");
    BREAKS("E003", account_event, r->account_no = "a\x01");
    BREAKS("E001", account_event, r->type = 10);
    BREAKS("E004", account_event, r->type = 0);
    BREAKS("E004", account_event, r->happened_on = on(0));
    BREAKS("E002", account_event, r->happened_on = on(20260231));
    BREAKS("E009", account_event, r->happened_on = on(20261123));
    BREAKS("", account_event, r->happened_on = on(20261122));
    BREAKS("E005", account_event, r->amount = amount(-1));
    BREAKS("E005", account_event, r->amount = amount(MONEY_MAX + 1));
    BREAKS("", account_event, r->amount = amount(MONEY_MAX));
    BREAKS("E005", account_event, r->months_extended = count_of(601));
    BREAKS("E005", account_event, r->months_extended = count_of(0));
    BREAKS("E003", account_event, char *note = arena_alloc(&arena, 202); memset(note, 'n', 201);
           r->note = note);
    BREAKS("", account_event, char *note = arena_alloc(&arena, 202); memset(note, 'n', 200);
           r->note = note);
}

static void parties(void **state)
{
    (void)state;
    BREAKS("", party, );
    BREAKS("E004", party, r->identifier = (struct identifier_field){.given = ""});
    BREAKS("S002", party, r->identifier.given = "110105194912310021");
    BREAKS("E001", party, r->role = 1);
    BREAKS("E009", party, r->until_on = on(20250114));
    BREAKS("", party, r->until_on = on(20250115));
    BREAKS("E004", party, r->from_on = on(0));
}

static void public_records(void **state)
{
    (void)state;
    BREAKS("", public_record, );
    BREAKS("E004", public_record, r->record_no = "");
    BREAKS("S015", public_record, r->name = "123");
    BREAKS("P001", public_record, r->case_no = "");
    BREAKS("P001", public_record, r->case_no = "(2027)皖1122执1194号");
    BREAKS("P001", public_record, r->case_no = "(2026)皖1122民初1194号");
    BREAKS("", public_record, r->type = 1, r->case_no = "(2026)皖1122民初1194号");
    BREAKS("P001", public_record, r->type = 1, r->case_no = "");
    BREAKS("P001", public_record, r->type = 1, r->case_no = "皖1122民初1194号");
    BREAKS("", public_record, r->type = 3, r->case_no = "");
    BREAKS("P003", public_record, r->effective_on = on(20260228));
    BREAKS("P003", public_record, r->ended_on = on(20260314));
    BREAKS("P003", public_record, r->effective_on = on(0), r->ended_on = on(20260228));
    BREAKS("P004", public_record, r->status = PUBLIC_RECORD_STATUS_PERFORMED);
    BREAKS("", public_record, r->status = PUBLIC_RECORD_STATUS_PERFORMED,
           r->ended_on = on(20260315));
    BREAKS("E009", public_record, r->decided_on = on(20261123), r->effective_on = on(0));
    BREAKS("E004", public_record, r->currency = "");
    BREAKS("A003", public_record, r->currency = "XAU");
    struct record record = good_public_record();
    struct finding finding;
    where.member = &bank;
    assert_int_equal(rule_check(&where, &record, &finding, 1), 1);
    assert_string_equal(finding.rule->id, "P002");
    seen[finding.rule - rule_table] = true;
}

static void canonical_forms_are_written_back(void **state)
{
    struct record record = good_public_record();

    (void)state;
    assert_string_equal(broken(&record), "");
    assert_string_equal(record.fact.public_record.case_no_folded, "(2026)皖1122执1194号");
    assert_string_equal(record.fact.public_record.name_folded, "张三");
    assert_true(record.fact.public_record.identifier.is_read);
}

static void fraud_cases(void **state)
{
    (void)state;
    BREAKS("", fraud_case, );
    BREAKS("X001", fraud_case, r->evidence_level = 2);
    BREAKS("", fraud_case, r->evidence_level = 2, r->status = 1);
    BREAKS("X002", fraud_case, r->type = FRAUD_TYPE_PROTECTIVE);
    BREAKS("", fraud_case, r->type = FRAUD_TYPE_PROTECTIVE, r->role = FRAUD_ROLE_VICTIM);
    BREAKS("X002", fraud_case, r->type = FRAUD_TYPE_BUST_OUT, r->role = FRAUD_ROLE_INNOCENT);
    BREAKS("X003", fraud_case, r->loss_amount = amount(1001));
    BREAKS("", fraud_case, r->loss_amount = amount(1000));
    BREAKS("X003", fraud_case, r->recovered_amount = amount(901));
    BREAKS("X003", fraud_case, r->loss_amount.is_present = false);
    BREAKS("X004", fraud_case, r->detected_on = on(20260611));
    BREAKS("X004", fraud_case, r->filed_on = on(20261123));
    BREAKS("X004", fraud_case, r->expires_on = on(20320611));
    BREAKS("X004", fraud_case, r->expires_on = on(20260609));
    BREAKS("X005", fraud_case, r->type = FRAUD_TYPE_DEALER_COLLUSION);
    BREAKS("", fraud_case, r->type = FRAUD_TYPE_DEALER_COLLUSION, r->dealer_code = "D-1");
    BREAKS("E004", fraud_case, r->currency = "");
    BREAKS("E001", fraud_case, r->method = 8);
    BREAKS("", fraud_case, r->method = 0);
    BREAKS("E001", fraud_case, r->business_type = "00");
    BREAKS("A017", fraud_case, r->region = "990000");
    BREAKS("A017", fraud_case, r->region = "110103"); /* ended in 2010 */
    BREAKS("", fraud_case, r->region = "110101");
    BREAKS("E001", fraud_case, r->region = "nowhere");
    BREAKS("E004", fraud_case, r->expires_on = on(0));
}

static void behaviour(void **state)
{
    (void)state;
    BREAKS("", behaviour, );
    BREAKS("B001", behaviour, r->refund_amount = amount(900001));
    BREAKS("B001", behaviour, r->active_days = 29);
    BREAKS("E005 B001", behaviour, r->active_days = 32);
    BREAKS("B001", behaviour, r->chargeback_count = amount(41));
    BREAKS("E005", behaviour, r->top1_counterparty_bps = count_of(10001));
    BREAKS("E005", behaviour, r->transaction_count = amount(-1),
           r->chargeback_count.is_present = false);
    BREAKS("F002", behaviour, r->period = 202612);
    BREAKS("F002", behaviour, r->period = 202110, r->active_days = 1);
    BREAKS("", behaviour, r->period = 202110, r->active_days = 1,
           record.correction = (struct correction){CORRECTION_ACTION_REPLACE, 1, "", true});
    BREAKS("E002", behaviour, r->period = 202613);
    BREAKS("E004", behaviour, r->period = 0);
    BREAKS("E006", behaviour, r->consent_id = "no uuid");
    BREAKS("E004", behaviour, r->consent_id = "");
    BREAKS("E005", behaviour, r->income_band = 10);
}

static void statements(void **state)
{
    (void)state;
    BREAKS("", statement, );
    BREAKS("A025", statement, r->equity = amount(-1899 + 2));
    BREAKS("", statement, r->equity = amount(-2100));
    BREAKS("A025", statement, r->equity = amount(-2101));
    BREAKS("", statement, r->equity.is_present = false);
    BREAKS("", statement, r->consent_id = "");
    BREAKS("E006", statement, r->consent_id = "x");
    BREAKS("E009", statement, r->stated_on = on(20261123));
    BREAKS("E005", statement, r->cash = amount(-1));
    BREAKS("E005", statement, r->equity = amount(INT64_MIN));
    BREAKS("E005", statement, r->total_assets = amount(INT64_MAX), r->equity = amount(MONEY_MAX));
}

static void fund_reports(void **state)
{
    (void)state;
    BREAKS("", fund_report, );
    BREAKS("U001", fund_report, r->in_transit = amount(9999));
    BREAKS("U001", fund_report, r->in_transit.is_present = false);
    BREAKS("U003", fund_report, r->guarantee_fund_balance = amount(4999));
    BREAKS("U003", fund_report, r->loans_outstanding = amount(MONEY_MAX));
    BREAKS("U005", fund_report, r->top1_bps = count_of(101));
    BREAKS("U005", fund_report, r->overdue_amount = amount(100001));
    BREAKS("U005", fund_report, r->overdue_90_amount = amount(100001));
    BREAKS("U005", fund_report, r->overdue_90_count = amount(4));
    BREAKS("U007", fund_report, r->platform_code = "p2p-two");
    BREAKS("U007", fund_report, r->custodian_code = "p2p-one");
    BREAKS("U007", fund_report, r->side = FUND_SIDE_CUSTODIAN);
    BREAKS("", fund_report, r->side = FUND_SIDE_CUSTODIAN, r->segregation = 0,
           r->platform_code = "p2p-two", r->custodian_code = "p2p-one");
    BREAKS("E003", fund_report, r->custodian_code = "NO CODE");
    BREAKS("E004", fund_report, r->custodian_code = "");
    BREAKS("E004", fund_report, r->segregation = 0);
    BREAKS("E003", fund_report, r->custody_account = "12345");
}

static void collections(void **state)
{
    (void)state;
    BREAKS("", collection, );
    BREAKS("E004", collection, r->stage = 0);
    BREAKS("A026", collection, r->agency_code = "");
    BREAKS("", collection, r->agency_code = "", r->stage = 1);
    BREAKS("A026", collection, r->recovered_amount = amount(101));
    BREAKS("E009", collection, r->ended_on = on(20260831));
    BREAKS("E009", collection, r->ended_on = on(20261123));
}

static void grades(void **state)
{
    (void)state;
    BREAKS("", member_grade, );
    BREAKS("E003", member_grade, r->grade = "12345678901234567");
    BREAKS("E004", member_grade, r->grade = "");
    BREAKS("E009", member_grade, r->graded_on = on(20261123));
    BREAKS("E005", member_grade, r->default_ppm = count_of(1000001));
    BREAKS("", grade_map, );
    BREAKS("E001", grade_map, r->master_grade = "BBB+");
    BREAKS("E004", grade_map, r->master_grade = "");
    BREAKS("E009", grade_map, r->until_on = on(20261231));
    BREAKS("", dealer, );
    BREAKS("", dealer, r->identifier = (struct identifier_field){.given = ""}, r->region = "");
    BREAKS("E001", dealer, r->identifier = PERSON);
    BREAKS("E004", dealer, r->identifier.type = IDENTIFIER_TYPE_NONE);
    BREAKS("S009", dealer, r->identifier.given = "91350100M000100Y44");
    BREAKS("E003", dealer, r->dealer_code = "某人");
    BREAKS("E003", dealer, r->name = "\x07");
    BREAKS("E004", dealer, r->dealer_code = "");
    BREAKS("E004", dealer, r->name = "");
    BREAKS("E009", dealer, r->until_on = on(20241231));
    BREAKS("A017", dealer, r->region = "110103"); /* ended in 2010 */
    BREAKS("", dealer, r->region = "110103", r->from_on = on(20100101));
}

/* Of a fact that is to be deleted only the key is read. */
static void corrections(void **state)
{
    (void)state;
    BREAKS("", fraud_case, record.correction = (struct correction){1, 1, "", true});
    BREAKS("X003", fraud_case, r->loss_amount = amount(1001);
           record.correction = (struct correction){1, 1, "", true});
    BREAKS("", fraud_case, r->loss_amount = amount(1001), r->role = 0;
           record.correction = (struct correction){2, 2, "note", true});
    BREAKS("E004", fraud_case, r->case_ref = "";
           record.correction = (struct correction){2, 2, "note", true});
    BREAKS("E004", grade_map, record.correction = (struct correction){1, 0, "", true});
    BREAKS("E001", grade_map, record.correction = (struct correction){3, 1, "", true});
    BREAKS("E003", grade_map, record.correction = (struct correction){1, 1, "\x07", true});
    BREAKS("E008", grade_map, record.origin = "bank-nine");
}

/* A member that may not contribute the kind (F007), and rules of identifiers that all kinds have.
 */
static void permissions_and_identifiers(void **state)
{
    struct record record = good_fraud_case();
    struct finding finding;

    (void)state;
    bank.data_classes = 0xff & ~(uint32_t)DATA_CLASS_FRAUD;
    where.member = &bank;
    assert_int_equal(rule_check(&where, &record, &finding, 1), 1);
    assert_string_equal(finding.rule->id, "F007");
    bank.data_classes = 0xff;
}

/* Runs after the tests that break rules. What other kinds have too is broken in rule_test.c. */
static void every_rule_of_facts_was_broken_once(void **state)
{
    (void)state;
    assert_true(rule_count <= ARRAY_LENGTH(seen));
    for (size_t i = 0; i < rule_count; i++) {
        if (rule_table[i].kinds & ((1u << FIRST_FACT) - 1))
            continue;
        bool is_ours = rule_table[i].place < RULE_PLACE_STORE;
        if (seen[i] != is_ours)
            print_message("rule %s: %s\n", rule_table[i].id, seen[i] ? "seen" : "never seen");
        assert_int_equal(seen[i], is_ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),
        cmocka_unit_test(parties),
        cmocka_unit_test(public_records),
        cmocka_unit_test(canonical_forms_are_written_back),
        cmocka_unit_test(fraud_cases),
        cmocka_unit_test(behaviour),
        cmocka_unit_test(statements),
        cmocka_unit_test(fund_reports),
        cmocka_unit_test(collections),
        cmocka_unit_test(grades),
        cmocka_unit_test(corrections),
        cmocka_unit_test(permissions_and_identifiers),
        cmocka_unit_test(every_rule_of_facts_was_broken_once),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
