/*
 * Goal: every rule that one record can break is found under its id, and a good record breaks none.
 * Method: a good record of each kind is changed in one field, and the ids of the findings are
 * compared with what the change must break. At the end every rule of the table must have been seen,
 * and RULES.md must say what the table says.
 */
#include "domain/rule.h"
#include "support/cmocka.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

enum {
    OWN_KINDS = 1 << RECORD_KIND_CONSENT | 1 << RECORD_KIND_SUBJECT | 1 << RECORD_KIND_ACCOUNT |
                1 << RECORD_KIND_PERFORMANCE | 1 << RECORD_KIND_FLAG,
};

static struct arena arena;
static struct rule_context where;
static struct member bank, platform, court, bureau;
static struct account_record loan, card;
static bool seen[200]; /* by place in the table */

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

/* So many characters of three bytes. */
static const char *long_text(int length)
{
    struct builder text = {.arena = &arena};

    for (int i = 0; i < length; i++)
        builder_text(&text, "债");
    return text.data;
}

static struct identifier_field identifier(enum identifier_type type, const char *value)
{
    return (struct identifier_field){.type = type, .given = value};
}

#define PERSON identifier(IDENTIFIER_TYPE_RESIDENT_ID, "11010519491231002X")

static const uint8_t hash[32];

static struct record good_consent(void)
{
    return (struct record){
        .kind = RECORD_KIND_CONSENT,
        .origin = "",
        .consent = {.consent_id = "00112233-4455-6677-8899-aabbccddeeff",
                    .identifier = PERSON,
                    .purposes = {PURPOSE_LOAN_APPROVAL},
                    .purpose_count = 1,
                    .data_classes = {2},
                    .data_class_count = 1,
                    .form = CONSENT_FORM_WRITTEN,
                    .scope_account_no = "A-1",
                    .signed_on = on(20260101),
                    .effective_on = on(20260101),
                    .expires_on = on(20310101),
                    .document_hash = {hash, sizeof(hash)}},
    };
}

static struct record good_subject(void)
{
    struct record record = {
        .kind = RECORD_KIND_SUBJECT,
        .origin = "",
        .subject = {.kind = SUBJECT_KIND_PERSON,
                    .name = "张 三",
                    .identifiers = {PERSON},
                    .identifier_count = 1,
                    .sex = 2,
                    .region = "110105",
                    .industry = "",
                    .mobiles = {"13800138000"},
                    .mobile_count = 1,
                    .address = "某路1号",
                    .nationality = "CN",
                    .marital_status = 20,
                    .education = 30,
                    .occupation = "3",
                    .employer_industry = "C",
                    .legal_form = "",
                    .capital_currency = "",
                    .representative = {.given = ""},
                    .controller = {.given = ""},
                    .parent = {.given = ""}},
    };

    for (int i = 0; i < RECORD_IDENTIFIERS_MAX; i++)
        record.subject.details[i].issuer_region = "";
    return record;
}

static struct record good_company(void)
{
    struct record record = good_subject();

    record.subject.kind = SUBJECT_KIND_ENTERPRISE;
    record.subject.name = "ACME LTD";
    record.subject.identifiers[0] = identifier(IDENTIFIER_TYPE_USCC, "91350100M000100Y43");
    record.subject.sex = 0;
    record.subject.industry = "C13";
    record.subject.founded_on = on(20100501);
    return record;
}

static struct record good_account(void)
{
    return (struct record){
        .kind = RECORD_KIND_ACCOUNT,
        .origin = "",
        .account = {.account_no = "L-1",
                    .identifier = PERSON,
                    .type = ACCOUNT_TYPE_D1,
                    .business_type = "91",
                    .currency = "CNY",
                    .original_amount = amount(1000000),
                    .opened_on = on(20250115),
                    .matures_on = on(20260115),
                    .term_months = count_of(12),
                    .annual_rate_bps = count_of(1200),
                    .repay_frequency = 3,
                    .security = 4,
                    .region = "US-CA",
                    .industry = "",
                    .channel = CHANNEL_BRANCH,
                    .dealer_code = "",
                    .platform_code = "",
                    .parent_account_no = "",
                    .transferred_from_code = "",
                    .transferred_from_account_no = "",
                    .original_creditor = "",
                    .creditor_code = "",
                    .transferred_from_origin = ""},
    };
}

static struct record good_month(void)
{
    return (struct record){
        .kind = RECORD_KIND_PERFORMANCE,
        .origin = "",
        .performance = {.account_no = "L-1",
                        .period_wire = 202610,
                        .account_status = 1,
                        .repay_status = "N",
                        .balance = amount(900000),
                        .due_amount = amount(50000),
                        .paid_amount = amount(50000),
                        .overdue_amount = amount(0),
                        .overdue_principal = amount(0),
                        .days_overdue = count_of(0),
                        .overdue_terms = count_of(0),
                        .five_category = 1,
                        .classified_on = on(20261031),
                        .paid_on = on(20261020),
                        .reported_on = on(20261105),
                        .status_history = ""},
    };
}

static struct record good_flag(void)
{
    return (struct record){
        .kind = RECORD_KIND_FLAG,
        .origin = "",
        .flag = {.flag_id = "00112233-4455-6677-8899-aabbccddeeff",
                 .identifier = PERSON,
                 .name = "张三",
                 .case_no = "（2026）皖1122执1194号",
                 .court = "某法院",
                 .region = "341122",
                 .filed_on = on(20260101),
                 .published_on = on(20260201),
                 .ground = 2,
                 .performance = FLAG_PERFORMANCE_NONE,
                 .grade = 1,
                 .expires_on = on(20280201),
                 .status = FLAG_STATUS_LISTED,
                 .source = "",
                 .basis_no = "（2025）皖1122民初7号",
                 .basis_unit = "某法院",
                 .duty_text = "偿还借款",
                 .performed_part = "",
                 .unperformed_part = "全部",
                 .term_months = {true, 24},
                 .restrictions = {1, 2},
                 .restriction_count = 2},
    };
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    bank = (struct member){.type = MEMBER_TYPE_BANK,
                           .data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT};
    platform = bureau = bank;
    bureau.type = MEMBER_TYPE_CREDIT_BUREAU;
    platform.type = MEMBER_TYPE_P2P;
    court = (struct member){.type = MEMBER_TYPE_COURT, .data_classes = DATA_CLASS_DISHONEST};
    loan = good_account().account;
    card = loan;
    card.type = ACCOUNT_TYPE_R2;
    card.credit_limit = amount(1000000);
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

/* The ids of all findings, e.g. "S002 S001", or "" for a good record. */
static const char *broken(struct record *record)
{
    struct finding findings[FINDING_MAX];
    struct builder out = {.arena = &arena};
    const struct member *member = record->kind == RECORD_KIND_FLAG ? &court : &bank;

    if (!where.member)
        where.member = member;
    int count = rule_check(&where, record, findings, FINDING_MAX);
    if (where.member == member)
        where.member = NULL;
    for (int i = 0; i < count; i++) {
        builder_format(&out, i ? " %s" : "%s", findings[i].rule->id);
        seen[findings[i].rule - rule_table] = true;
        assert_non_null(findings[i].field);
        assert_non_null(findings[i].reason);
    }
    return out.data ? out.data : "";
}

/* What the finding of a rule tells of an account. */
static const char *told(struct account_record account, const char *id)
{
    struct record record = {.kind = RECORD_KIND_ACCOUNT, .account = account, .origin = ""};
    struct finding findings[FINDING_MAX];
    int count = rule_check(&where, &record, findings, FINDING_MAX);

    for (int i = 0; i < count; i++)
        if (!strcmp(findings[i].rule->id, id))
            return findings[i].reason;
    return "";
}

/* A good record of the kind, changed by one or more assignments, breaks exactly these rules. */
#define BREAKS(ids, good, part, ...)                                                               \
    do {                                                                                           \
        struct record record = good();                                                             \
        __typeof__(record.part) *r = &record.part;                                                 \
        __VA_ARGS__;                                                                               \
        (void)r;                                                                                   \
        assert_string_equal(broken(&record), ids);                                                 \
    } while (0)

#define CONSENT(ids, ...) BREAKS(ids, good_consent, consent, __VA_ARGS__)
#define SUBJECT(ids, ...) BREAKS(ids, good_subject, subject, __VA_ARGS__)
#define COMPANY(ids, ...) BREAKS(ids, good_company, subject, __VA_ARGS__)
#define ACCOUNT(ids, ...) BREAKS(ids, good_account, account, __VA_ARGS__)
#define MONTH(ids, ...)   BREAKS(ids, good_month, performance, __VA_ARGS__)
#define FLAG(ids, ...)    BREAKS(ids, good_flag, flag, __VA_ARGS__)

static void consents(void **state)
{
    (void)state;
    CONSENT("", );
    CONSENT("E006", r->consent_id = "no uuid");
    CONSENT("E004", r->consent_id = "");
    CONSENT("S002", r->identifier.given = "110105194912310021");
    CONSENT("E004", r->purpose_count = 0);
    CONSENT("E001", r->purposes[0] = (enum purpose)5);
    CONSENT("E001", r->purposes[0] = r->purposes[1] = (enum purpose)5, r->purpose_count = 2);
    CONSENT("E004 E004", r->purpose_count = 0, r->data_class_count = 0);
    CONSENT("E004", r->data_class_count = 0);
    CONSENT("E001", r->data_classes[0] = 9);
    CONSENT("E001", r->form = (enum consent_form)7);
    CONSENT("E004", r->form = CONSENT_FORM_NONE);
    CONSENT("", r->scope_account_no = "");
    CONSENT("", r->scope_account_no = long_text(64));
    CONSENT("E003", r->scope_account_no = long_text(65));
    CONSENT("E003", r->scope_account_no = "A\t1");
    CONSENT("C001", r->signed_on = on(20260102));
    CONSENT("C001", r->expires_on = on(20310102));
    CONSENT("C001", r->expires_on = on(20251231));
    CONSENT("C001", r->signed_on = r->effective_on = on(20261123));
    CONSENT("E004", r->signed_on = on(0));
    CONSENT("E002", r->expires_on = on(20270229));
    CONSENT("C002", r->document_hash.size = 31);
    CONSENT("", r->is_revoked = true, r->document_hash.size = 0, r->signed_on = on(0));
}

static void subjects(void **state)
{
    (void)state;
    SUBJECT("", );
    SUBJECT("S001", r->identifier_count = 0);
    SUBJECT("S001", r->identifiers[0] = identifier(IDENTIFIER_TYPE_HOUSEHOLD_BOOK, "1234"));
    SUBJECT("S002", r->identifiers[0].given = "110105194912310021");
    SUBJECT("S003", r->identifiers[0].given = "440524188001010014");
    SUBJECT("S003", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20261123));
    SUBJECT("S004", r->birth_on = on(19491230));
    SUBJECT("", r->birth_on = on(19491231));
    SUBJECT("E002", r->birth_on = on(19491331));
    SUBJECT("S005", r->sex = 1);
    SUBJECT("", r->sex = 9);
    SUBJECT("E001", r->sex = 3);
    SUBJECT("S006", r->identifiers[0].given = "990426199112010074", r->sex = 0);
    SUBJECT("S007", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20081123));
    SUBJECT("S007", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20101123), r->has_own_income = true);
    SUBJECT("S027", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20101122), r->has_own_income = true);
    SUBJECT("S027", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20081123), r->has_own_income = true);
    SUBJECT("", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(20081122), r->has_own_income = true);
    SUBJECT("S008", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->birth_on = on(19050101));
    SUBJECT("S025", r->identifiers[0] = identifier(IDENTIFIER_TYPE_PASSPORT, "E1"));
    SUBJECT("E001 S001", r->identifiers[0].type = (enum identifier_type)99);
    SUBJECT("E004 S001", r->identifiers[0].type = IDENTIFIER_TYPE_NONE);
    SUBJECT("S015", r->name = "");
    SUBJECT("S015", r->name = "12 34");
    SUBJECT("S015", r->name = "张\x01三");
    SUBJECT("S015", r->name = "\xff\xfe");
    SUBJECT("S018", r->identifiers[0].given = "110105491231002");
    SUBJECT("S020", r->address = "血型 A");
    SUBJECT("", r->address = "");
    SUBJECT("E003", r->address = "\x01");
    SUBJECT("S023", r->mobiles[0] = "12345");
    SUBJECT("S023", r->mobile_count = 6; for (int i = 0; i < 6; i++) r->mobiles[i] = "13800138000");
    SUBJECT("A017", r->region = "990001");
    SUBJECT("", r->region = "110103"); /* ended in 2010 */
    SUBJECT("E001", r->region = "WANG WU");
    SUBJECT("E001", r->region = "990001199001010000");
    SUBJECT("E001", r->industry = "王五");
    SUBJECT("", r->region = "");
    SUBJECT("E001", r->segment = (enum segment)9);
    SUBJECT("S026", r->identifiers[1] = identifier(IDENTIFIER_TYPE_USCC, "91350100M000100Y43"),
            r->identifier_count = 2);
    SUBJECT("E001", r->nationality = "cn");
    SUBJECT("E001", r->marital_status = 21);
    SUBJECT("E001", r->education = 11);
    SUBJECT("E001", r->occupation = "2");
    SUBJECT("E001", r->employer_industry = "U");
    SUBJECT("E001", r->status = SUBJECT_STATUS_DEREGISTERED);
    SUBJECT("E001", r->status = SUBJECT_STATUS_CONFLICT_HOLD);
    SUBJECT("", r->status = SUBJECT_STATUS_DECEASED);
    SUBJECT("F007", where.member = &court);
    where.member = NULL;
}

static void long_names_are_refused_and_the_longest_are_not(void **state)
{
    struct builder name = {.arena = &arena};

    (void)state;
    for (int i = 0; i < 120; i++)
        builder_text(&name, "张");
    SUBJECT("", r->name = name.data);
    builder_text(&name, "张");
    SUBJECT("S015", r->name = name.data);
}

static void organisations(void **state)
{
    (void)state;
    COMPANY("", );
    COMPANY("S009", r->identifiers[0].given = "91350100M000100Y42");
    COMPANY("S010", r->identifiers[0].given = "91440300MA5ABCDE1H");
    COMPANY("S011", r->identifiers[0].given = "91990100M000100Y4U");
    COMPANY("S012", r->identifiers[0].given = "92340603MA2PENAP06");
    COMPANY("S012", r->kind = SUBJECT_KIND_INDIVIDUAL_BUSINESS);
    COMPANY("", r->kind = SUBJECT_KIND_INDIVIDUAL_BUSINESS,
            r->identifiers[0].given = "92340603MA2PENAP06");
    COMPANY("S013", r->identifiers[0] = identifier(IDENTIFIER_TYPE_LEI, "213800KUD8LXJWSQ9D15"));
    COMPANY("S014", r->identifiers[0] = identifier(IDENTIFIER_TYPE_LOAN_CARD, "3306010000000187"));
    COMPANY("S025", r->identifiers[0] = identifier(IDENTIFIER_TYPE_ORG_CODE, "D21435690"));
    COMPANY("S026", r->identifiers[1] = PERSON, r->identifier_count = 2);
    COMPANY("S019", r->founded_on = on(20261123));
    COMPANY("A017", r->industry = "Z99");
    COMPANY("E001", r->status = SUBJECT_STATUS_DECEASED);
    COMPANY("", r->status = SUBJECT_STATUS_REVOKED);
    COMPANY("E001", r->size = 5);
    COMPANY("E003", r->legal_form = "王五");
    COMPANY("E004", r->registered_capital = amount(1));
    COMPANY("E001", r->registered_capital = amount(1), r->capital_currency = "RMB");
    COMPANY("E005", r->registered_capital = amount(-1), r->capital_currency = "CNY");
    COMPANY("", r->registered_capital = amount(1), r->capital_currency = "CNY");
    COMPANY("S022", r->representative = r->identifiers[0]);
    COMPANY("", r->representative = PERSON, r->controller = r->identifiers[0]);
    COMPANY("S002", r->controller = PERSON, r->controller.given = "110105194912310021");
    COMPANY("E004 S026", r->kind = SUBJECT_KIND_NONE, r->identifiers[1] = PERSON,
            r->identifier_count = 2);
}

static void canonical_forms_are_written_back(void **state)
{
    struct record subject = good_subject(), flag = good_flag();

    (void)state;
    subject.subject.identifiers[0].given = " 11010519491231002x ";
    subject.subject.name = "　张   三 ";
    assert_string_equal(broken(&subject), "");
    assert_true(subject.subject.identifiers[0].is_read);
    assert_string_equal(subject.subject.identifiers[0].identifier.value, "11010519491231002X");
    assert_string_equal(subject.subject.name_folded, "张 三");
    assert_int_equal(day_to_wire(subject.subject.birth_on.day), 19491231);
    assert_string_equal(broken(&flag), "");
    assert_string_equal(flag.flag.case_no_folded, "(2026)皖1122执1194号");
}

static void accounts(void **state)
{
    (void)state;
    ACCOUNT("", );
    ACCOUNT("E004", r->account_no = "");
    ACCOUNT("E003", r->account_no = "a\tb");
    ACCOUNT("S002", r->identifier.given = "110105194912310021");
    ACCOUNT("A002", r->type = (enum account_type)9);
    ACCOUNT("A002", r->business_type = "81");
    ACCOUNT("A002", r->business_type = "");
    ACCOUNT("A003", r->currency = "RMB");
    ACCOUNT("A003", r->currency = "");
    ACCOUNT("A004", r->original_amount = amount(0));
    ACCOUNT("A004", r->original_amount.is_present = false);
    ACCOUNT("A004", r->original_amount = amount(MONEY_MAX + 1));
    ACCOUNT("A004", r->credit_limit = amount(-1));
    ACCOUNT("A004", r->type = ACCOUNT_TYPE_R2, r->business_type = "81");
    ACCOUNT("", r->type = ACCOUNT_TYPE_R2, r->business_type = "81", r->credit_limit = amount(0));
    ACCOUNT("A005", r->opened_on = on(19891231), r->matures_on = on(0));
    ACCOUNT("A005", r->opened_on = on(20261123), r->matures_on = on(0));
    ACCOUNT("E004", r->opened_on = on(0));
    ACCOUNT("E002", r->matures_on = on(20261301));
    ACCOUNT("A006 A011", r->matures_on = on(20250114), r->term_months = count_of(5));
    ACCOUNT("A007", r->closed_on = on(20250114));
    ACCOUNT("A007", r->closed_on = on(20261123));
    ACCOUNT("A011", r->term_months = count_of(14));
    ACCOUNT("", r->term_months = count_of(13));
    ACCOUNT("A011 E005", r->term_months = count_of(0));
    ACCOUNT("A010", r->annual_rate_bps = count_of(3601));
    ACCOUNT("E005", r->annual_rate_bps = count_of(-1));
    ACCOUNT("E001", r->repay_frequency = 9);
    ACCOUNT("E001", r->security = 6);
    ACCOUNT("E001", r->channel = 7);
    ACCOUNT("A017", r->region = "XX-1");
    ACCOUNT("A017", r->region = "110103");
    ACCOUNT("", r->region = "110103", r->opened_on = on(20101231), r->matures_on = on(20120131));
    ACCOUNT("A017", r->region = "110103", r->opened_on = on(20110101),
            r->matures_on = on(20120201));
    ACCOUNT("A017 A005", r->region = "110103", r->opened_on = on(20270101),
            r->matures_on = on(20280101));
    ACCOUNT("A017", r->industry = "C");
    ACCOUNT("A017", r->industry = "C3745");
    ACCOUNT("", r->industry = "C3745", r->opened_on = on(20170930), r->matures_on = on(20181030));
    ACCOUNT("A017", r->industry = "C3745", r->opened_on = on(20171001),
            r->matures_on = on(20181101));
    ACCOUNT("A017", r->currency = "HRK");
    ACCOUNT("E001", r->region = "王五");
    ACCOUNT("E003", r->dealer_code = "王五");
    ACCOUNT("", r->dealer_code = "SH-2026/07");
    ACCOUNT("E001", r->region = "US-");
    ACCOUNT("E001", r->industry = "c26");
    ACCOUNT("E001", r->industry = "C26301");
    ACCOUNT("A016", r->channel = CHANNEL_DEALER);
    ACCOUNT("", r->channel = CHANNEL_DEALER, r->dealer_code = "D1");
    ACCOUNT("A015", r->business_type = "P1");
    ACCOUNT("", r->business_type = "P1", r->platform_code = "some-platform");
    ACCOUNT("E003", r->platform_code = "Not A Code");
    ACCOUNT("", where.member = &platform, r->business_type = "P1");
    where.member = NULL;
}

static void accounts_come_from_somewhere_and_are_secured(void **state)
{
    (void)state;
    ACCOUNT("A009", r->type = ACCOUNT_TYPE_R4);
    ACCOUNT("", r->type = ACCOUNT_TYPE_R4, r->parent_account_no = "L-0");
    ACCOUNT("A009", r->parent_account_no = "L-1");
    ACCOUNT("A014 A014", r->type = ACCOUNT_TYPE_C1, r->business_type = "A1");
    ACCOUNT("A014", r->type = ACCOUNT_TYPE_C1, r->business_type = "A1",
            r->original_creditor = "some lender");
    ACCOUNT("", r->type = ACCOUNT_TYPE_C1, r->business_type = "A1",
            r->original_creditor = "some lender", r->state_at_transfer = count_of(0));
    ACCOUNT("A014", r->transferred_from_code = "some-bank");
    ACCOUNT("", r->transferred_from_code = "some-bank", r->transferred_from_account_no = "X");
    ACCOUNT("E003", r->transferred_from_code = "Not A Code", r->transferred_from_account_no = "X");
    ACCOUNT("A014", r->transferred_from_origin = "small-1");
    ACCOUNT("E003", r->transferred_from_code = "bureau", r->transferred_from_account_no = "X",
            r->transferred_from_origin = "Small 1");
    ACCOUNT("E001", r->state_at_transfer = count_of(8));
    ACCOUNT("S020", r->original_creditor = "the medical record of Smith");
    ACCOUNT("", r->original_creditor = "Cancerra Bank");
    ACCOUNT("A019", r->business_type = "11");
    ACCOUNT("", r->business_type = "11", r->collateral_value = amount(0));
    ACCOUNT("E005", r->collateral_value = amount(-1));
    ACCOUNT("E005", r->shared_limit = amount(-1));
    ACCOUNT("E001", r->repay_method = 7);
    ACCOUNT("E001", r->rate_type = 3);
    ACCOUNT("E003", r->creditor_code = "Not A Code");
    ACCOUNT("", r->type = ACCOUNT_TYPE_D2, r->business_type = "F1");
    ACCOUNT("A004", r->type = ACCOUNT_TYPE_G1, r->business_type = "G1",
            r->original_amount = amount(0));
    ACCOUNT("A002", r->type = ACCOUNT_TYPE_L1, r->business_type = "91");
}

static void months(void **state)
{
    (void)state;
    MONTH("", );
    MONTH("E004", r->account_no = "");
    MONTH("E004", r->period_wire = 0);
    MONTH("E002", r->period_wire = 202613);
    MONTH("F002 M024", r->period_wire = 202612);
    MONTH("F002 M030 M024", r->period_wire = 202110);
    MONTH("M030 M024", r->period_wire = 202111);
    MONTH("M030 M024", r->period_wire = 202110,
          record.correction = (struct correction){CORRECTION_ACTION_REPLACE, 1, "", true});
    MONTH("M003", r->due_amount = amount(-1));
    MONTH("M003", r->balance = amount(MONEY_MAX + 1));
    MONTH("M003", r->balance = amount(INT64_MIN), r->used_limit.is_present = false);
    MONTH("M004", r->overdue_amount = amount(945001), r->overdue_principal = amount(1),
          r->days_overdue = count_of(5), r->overdue_terms = count_of(1), r->repay_status = "1",
          r->five_category = 2);
    MONTH("", r->overdue_amount = amount(945000), r->overdue_principal = amount(1),
          r->days_overdue = count_of(5), r->overdue_terms = count_of(1), r->repay_status = "1",
          r->five_category = 2);
    MONTH("M005", r->overdue_amount = amount(10), r->overdue_principal = amount(11),
          r->days_overdue = count_of(5), r->overdue_terms = count_of(1), r->repay_status = "1",
          r->five_category = 2);
    MONTH("M007", r->overdue_terms = count_of(1));
    MONTH("M009 M007 M019", r->days_overdue = count_of(1));
    MONTH("M008", r->repay_status = "1");
    MONTH("E001", r->repay_status = "X");
    MONTH("E001", r->repay_status = "NN");
    MONTH("E004", r->repay_status = "");
    MONTH("E005 M007 M019", r->days_overdue = count_of(10000), r->repay_status = "#");
    MONTH("E001", r->five_category = 7);
    MONTH("M022", r->classified_on = on(20261106));
    MONTH("E002", r->classified_on = on(20260931));
    MONTH("M023 M024", r->paid_on = on(20261106));
    MONTH("M023", r->paid_amount = amount(0));
    MONTH("M024", r->paid_on = on(20260930));
    MONTH("M030", r->reported_on = on(20261114));
    MONTH("", r->reported_on = on(20261113));
    MONTH("E007 M030", r->reported_on = on(20261123));
    MONTH("M003", r->bill_amount = amount(-1));
    MONTH("M003", r->written_off_amount = amount(MONEY_MAX + 1));
    MONTH("M006", r->overdue_31_60 = amount(1));
    MONTH("M025", r->repay_status = "*");
    MONTH("", r->repay_status = "*", r->due_amount = amount(0));
    MONTH("M026", r->pay_ratio_bps = count_of(9899));
    MONTH("", r->pay_ratio_bps = count_of(9900));
    MONTH("", r->pay_ratio_bps = count_of(10100));
    MONTH("M026", r->pay_ratio_bps = count_of(10101));
    MONTH("E005 M026", r->pay_ratio_bps = count_of(-1));
    MONTH("M035", r->recovered_amount = amount(1));
    MONTH("M035", r->recovered_amount = amount(137), r->written_off_amount = amount(100));
    MONTH("", r->recovered_amount = amount(136), r->written_off_amount = amount(100));
    MONTH("E003", r->status_history = "NNN");
    MONTH("E003", r->status_history = "NNNNNNNNNNNNNNNNNNNNNNNx");
    MONTH("", r->status_history = "/NNNNNNNNNNNNNNNNNNNNNNN");
    MONTH("E005", r->settled_on = on(20260930));
    MONTH("E002", r->settled_on = on(20261032));
    MONTH("M034", r->collection_stage = 1);
    MONTH("E001", r->collection_stage = 6, r->days_overdue.is_present = false);
    MONTH("F007", where.member = &court);
    where.member = NULL;
}

static struct record overdue_month(int32_t days, const char *status, int five_category)
{
    struct record record = good_month();

    record.performance.repay_status = status;
    record.performance.days_overdue = count_of(days);
    record.performance.overdue_amount = amount(50000);
    record.performance.overdue_principal = amount(40000);
    record.performance.overdue_terms = count_of(1);
    record.performance.five_category = five_category;
    return record;
}

static void days_status_and_class_agree(void **state)
{
    static const struct {
        int32_t days;
        const char *status;
        int five_category;
        const char *ids;
    } rows[] = {
        {1, "1", 2, ""},   {30, "1", 2, ""},      {31, "2", 2, ""},          {31, "1", 2, "M008"},
        {90, "3", 2, ""},  {91, "4", 3, ""},      {91, "4", 2, "M019 M020"}, {180, "6", 3, ""},
        {181, "7", 3, ""}, {271, "7", 3, "M019"}, {271, "7", 4, ""},         {361, "7", 4, "M019"},
        {361, "7", 5, ""}, {181, "6", 3, "M008"}, {5, "1", 1, "M019"},       {5, "N", 2, "M009"},
        {91, "4", 0, ""},  {91, "4", 9, ""},      {91, "4", 6, ""},          {200, "B", 5, ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct record record = overdue_month(rows[i].days, rows[i].status, rows[i].five_category);

        assert_string_equal(broken(&record), rows[i].ids);
    }
}

static void a_month_is_checked_against_its_account(void **state)
{
    (void)state;
    where.account = &loan;
    MONTH("", );
    MONTH("M023 M001", r->period_wire = 202412, r->reported_on = on(20250105),
          r->classified_on = on(20250105), r->paid_on = on(20241215));
    MONTH("M023", r->period_wire = 202412, r->reported_on = on(20250105),
          r->classified_on = on(20250105), r->paid_on = on(20241215), r->repay_status = "/");
    MONTH("M029", r->repay_status = "/");
    MONTH("M003", r->balance = amount(-1));
    MONTH("M010", r->account_status = 3);
    MONTH("M010", r->account_status = 3, r->balance = amount(0));
    MONTH("", r->account_status = 3, r->balance = amount(0), r->repay_status = "C");
    MONTH("M014", r->balance = amount(1100001));
    MONTH("M032", r->account_status = 31);
    MONTH("", r->account_status = 0);
    MONTH("M025", r->due_amount = amount(0));
    MONTH("M033", r->account_status = 4);
    MONTH("", r->account_status = 4, r->repay_status = "B", r->five_category = 5);
    where.account = &card;
    MONTH("", r->balance = amount(-123456));
    MONTH("M013", r->balance = amount(1100001));
    MONTH("", r->balance = amount(1100000));
    MONTH("M015", r->used_limit = amount(1100001));
    MONTH("", r->account_status = 31);
    where.account = NULL;
}

static void absent_fields_break_nothing(void **state)
{
    struct record record = {
        .kind = RECORD_KIND_PERFORMANCE,
        .performance = {.account_no = "1",
                        .period_wire = 202610,
                        .repay_status = "3",
                        .balance = amount(-5),
                        .days_overdue = count_of(61),
                        .reported_on = on(20261105),
                        .status_history = ""},
        .origin = "",
    };

    (void)state;
    where.account = &card;
    assert_string_equal(broken(&record), "");
    where.account = NULL;
}

/* What is said of an identifier beside its value. */
static void identifier_details(void **state)
{
    const struct identifier_detail good = {"440300", on(20200110), on(20401231), 2, true};

    (void)state;
    SUBJECT("", r->details[0] = good);
    SUBJECT("", r->details[0] = good, r->details[0].valid_from = r->details[0].valid_until);
    SUBJECT("S028", r->details[0] = good, r->details[0].valid_from = on(20410101));
    SUBJECT("S028 S029", r->details[0] = good, r->details[0].valid_until = on(20200109));
    SUBJECT("S029", r->details[0] = good, r->details[0].valid_until = on(20261121));
    SUBJECT("", r->details[0] = good, r->details[0].valid_until = on(20261122));
    SUBJECT("E002", r->details[0] = good, r->details[0].valid_until = on(20270230));
    SUBJECT("E001", r->details[0].verification = 3);
    SUBJECT("E001", r->details[0].issuer_region = "Wang");
    SUBJECT("A017", r->details[0].issuer_region = "00");
    SUBJECT("S030", r->identifiers[1] = identifier(IDENTIFIER_TYPE_PASSPORT, "E12345678"),
            r->identifier_count = 2, r->details[0].is_primary = r->details[1].is_primary = true);
}

static void flags(void **state)
{
    (void)state;
    FLAG("", );
    MONTH("", record.correction = (struct correction){CORRECTION_ACTION_DELETE, 1, "", true},
          r->repay_status = "?");
    MONTH("E002", record.correction = (struct correction){CORRECTION_ACTION_DELETE, 1, "", true},
          r->period_wire = 202413);
    MONTH("E001", record.correction = (struct correction){1, 7, "", true});
    FLAG("E006", r->flag_id = "1");
    FLAG("S015", r->name = " ");
    FLAG("P001", r->case_no = "(2027)皖1122执1194号");
    FLAG("E004", r->court = "");
    FLAG("A017", r->region = "00");
    FLAG("A017", r->region = "110103");
    FLAG("", r->region = "110101");
    FLAG("E001", r->region = "Wang");
    FLAG("D001", r->ground = 7);
    FLAG("D001 D012", r->expires_on = on(0));
    FLAG("D012", r->expires_on = on(0), r->ground = 1);
    FLAG("", r->expires_on = on(0), r->ground = 1, r->term_months.is_present = false);
    FLAG("D001 D012", r->expires_on = on(20280130));
    FLAG("", r->expires_on = on(20280131));
    FLAG("", r->expires_on = on(20310201), r->term_months.value = 60);
    FLAG("", r->expires_on = on(20310201), r->term_months.is_present = false);
    FLAG("D012", r->expires_on = on(20310201), r->term_months.value = 59);
    FLAG("D001 D012", r->expires_on = on(20310202), r->term_months.value = 60);
    FLAG("E005", r->term_months.value = 0);
    FLAG("E005", r->term_months.value = 601);
    FLAG("", r->ground = 1, r->expires_on = on(20760201), r->term_months.value = 600);
    FLAG("D002", r->filed_on = on(20260202));
    FLAG("D002", r->published_on = on(20261123), r->expires_on = on(20281123));
    FLAG("E004", r->published_on = on(0));
    FLAG("E002", r->filed_on = on(20260230));
    FLAG("D003", r->status = FLAG_STATUS_REMOVED);
    FLAG("D005", r->identifier.given = "110105200901010011");
    FLAG("D007", r->performance = FLAG_PERFORMANCE_FULL, r->unperformed_part = "");
    FLAG("", r->performance = FLAG_PERFORMANCE_FULL, r->status = FLAG_STATUS_GRACE,
         r->unperformed_part = "", r->performed_part = "全部");
    FLAG("D013", r->performance = FLAG_PERFORMANCE_FULL, r->status = FLAG_STATUS_GRACE);
    FLAG("D014", r->performed_part = "一半");
    FLAG("", r->performance = FLAG_PERFORMANCE_PART, r->performed_part = "一半");
    FLAG("S020", r->duty_text = "不得公开血型");
    FLAG("E003", r->unperformed_part = "a\nb");
    FLAG("", r->duty_text = long_text(2000));
    FLAG("E003", r->duty_text = long_text(2001));
    FLAG("E003", r->basis_no = long_text(65));
    FLAG("E003", r->basis_unit = long_text(81));
    FLAG("E004", r->performance = 0);
    FLAG("E001", r->grade = 4);
    FLAG("E001", r->restrictions[1] = 5);
    FLAG("D008", r->identifier.given = "3423011964****3224");
    FLAG("S002", r->identifier.given = "34230119640***3224");
    FLAG("", r->source = "list-a", r->source_seq = (struct money_field){true, 1});
    FLAG("E004", r->source = "list-a");
    FLAG("E004", r->source_seq = (struct money_field){true, 1});
    FLAG("E003", r->source = "List A", r->source_seq = (struct money_field){true, 1});
    FLAG("E005", r->source = "list-a", r->source_seq = (struct money_field){true, 0});
    FLAG("", r->source = "list-a",
         r->source_seq = (struct money_field){true, INT64_C(1000000000000000)});
    FLAG("E005", r->source = "list-a",
         r->source_seq = (struct money_field){true, INT64_C(1000000000000001)});
    FLAG("F007 P002", where.member = &bank);
    where.member = NULL;
}

/* Rules E008 and K002, which know the record and not its kind. */
static void origins_and_corrections(void **state)
{
    (void)state;
    CONSENT("K002", record.correction = (struct correction){1, 1, "", true});
    FLAG("", record.correction = (struct correction){1, 1, "", true});
    FLAG("", record.correction = (struct correction){2, 1, "", true}, r->court = "");
    FLAG("E006", record.correction = (struct correction){2, 1, "", true}, r->flag_id = "x");
    ACCOUNT("E008", record.origin = "bank-nine");
    ACCOUNT("", record.origin = "");
    where.member = &bureau;
    ACCOUNT("", record.origin = "bank-nine");
    ACCOUNT("E008", record.origin = "");
    ACCOUNT("E003", record.origin = "Bank Nine");
    where.member = NULL;
}

static void an_unknown_kind_is_refused(void **state)
{
    struct record record = {.kind = (enum record_kind)99, .origin = ""};

    (void)state;
    assert_string_equal(broken(&record), "E001");
}

static void when_there_is_no_room_the_worst_stay(void **state)
{
    struct record record = good_subject();
    struct finding findings[2];

    (void)state;
    record.subject.region = "?"; /* W, comes first */
    record.subject.sex = 1;      /* Q */
    record.subject.mobiles[0] = "?";
    record.subject.address = "\x01"; /* R, comes last */
    assert_int_equal(rule_check(&where, &record, findings, 2), 2);
    assert_int_equal(rule_worst(findings, 2), SEVERITY_REJECT);
    assert_int_equal(rule_check(&where, &record, findings, 0), 0);
}

static void the_worst_severity_decides(void **state)
{
    struct finding findings[3] = {
        {.rule = rule_find("S006")}, {.rule = rule_find("S005")}, {.rule = rule_find("S002")}};

    (void)state;
    assert_int_equal(rule_worst(findings, 0), SEVERITY_NONE);
    assert_int_equal(rule_worst(findings, 1), SEVERITY_WARNING);
    assert_int_equal(rule_worst(findings, 2), SEVERITY_QUARANTINE);
    assert_int_equal(rule_worst(findings, 3), SEVERITY_REJECT);
    assert_true(rule_is_taken(SEVERITY_NONE));
    assert_true(rule_is_taken(SEVERITY_WARNING));
    assert_false(rule_is_taken(SEVERITY_QUARANTINE));
    assert_false(rule_is_taken(SEVERITY_REJECT));
    assert_null(rule_find("Z999"));
}

/* Runs after the tests that break rules. */
static void every_rule_was_broken_once(void **state)
{
    (void)state;
    assert_true(rule_count <= ARRAY_LENGTH(seen));
    for (size_t i = 0; i < rule_count; i++) {
        if (!(rule_table[i].kinds & OWN_KINDS))
            continue; /* rules of facts alone: rule_fact_test.c */
        bool is_ours = rule_table[i].place < RULE_PLACE_STORE;

        if (is_ours && !seen[i]) /* what the store decides may have a part that the record shows */
            print_message("rule %s: never seen\n", rule_table[i].id);
        assert_true(seen[i] || !is_ours);
    }
}

static void ids_are_unique_and_rise(void **state)
{
    (void)state;
    for (size_t i = 1; i < rule_count; i++)
        assert_true(strcmp(rule_table[i - 1].id, rule_table[i].id) < 0);
}

static const char *kind_words(unsigned kinds)
{
    struct builder out = {.arena = &arena};
    unsigned every = 0;

    for (size_t i = 0; i < code_record_kinds.count; i++)
        every |= 1u << code_record_kinds.codes[i].number;
    if (kinds == every)
        return "every kind";
    for (size_t i = 0; i < code_record_kinds.count; i++) {
        const struct code *kind = &code_record_kinds.codes[i];

        if (kinds >> kind->number & 1)
            builder_format(&out, out.size ? ", %s" : "%s", kind->name);
    }
    if (!out.size)
        return "-";
    for (char *at = out.data; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return out.data;
}

static const char *page_row(const struct rule *rule)
{
    static const char *const places[] = {"record", "account", "store", "act", "not decided yet"};

    return arena_format(&arena, "| %s | %s | %s | %s | %s | %s | %s |\n", rule->id,
                        severity_letter(rule->severity), places[rule->place],
                        kind_words(rule->kinds), rule->field, rule->sentence, rule->source);
}

static char *read_page(void)
{
    FILE *file = fopen(CIX_SOURCE_DIR "/core/domain/RULES.md", "r");

    assert_non_null(file);
    char *page = arena_alloc(&arena, 1 << 17);
    size_t size = fread(page, 1, (1 << 17) - 1, file);
    fclose(file);
    assert_true(size > 0 && size < (1 << 17) - 1);
    return page;
}

static void the_page_says_what_the_table_says(void **state)
{
    char *page = read_page();
    size_t rows = 0;

    (void)state;
    for (size_t i = 0; i < rule_count; i++) {
        const char *row = page_row(&rule_table[i]);

        if (!strstr(page, row))
            print_message("RULES.md lacks: %s", row);
        assert_non_null(strstr(page, row));
    }
    /* A row of a rule begins with a letter and three digits. */
    for (const char *at = page; (at = strstr(at, "\n| ")); at++)
        rows += at[3] >= 'A' && at[3] <= 'Z' && strspn(at + 4, "0123456789") == 3;
    assert_int_equal(rows, rule_count);
}

static void a_finding_says_what_is_wrong(void **state)
{
    struct account_record account = good_account().account;

    (void)state;
    account.region = "110103";
    assert_string_equal(told(account, "A017"), "the region was not in force on the day");
    account.region = "990001";
    assert_string_equal(told(account, "A017"), "no such region");
    account.region = "";
    account.industry = "0111";
    assert_string_equal(told(account, "A017"),
                        "no such industry; one begins with the letter of its "
                        "section, as in A0111");
    account.industry = "A0111";
    assert_string_equal(told(account, "A017"), "");
    account.account_no = "";
    assert_string_equal(told(account, "E004"), "the field is needed, and was not given");
    account.account_no = "a\tb";
    assert_string_equal(told(account, "E003"), "the text is not UTF-8 or has control characters");
    account.account_no = long_text(65);
    assert_string_equal(told(account, "E003"), "the text is longer than the field may be");
    account.account_no = "A";
    account.creditor_code = "Inst_2";
    assert_string_equal(told(account, "E003"),
                        "a code of a member or institution has 3 to 32 characters, a to z, 0 to 9 "
                        "and hyphens between them");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consents),
        cmocka_unit_test(subjects),
        cmocka_unit_test(long_names_are_refused_and_the_longest_are_not),
        cmocka_unit_test(organisations),
        cmocka_unit_test(canonical_forms_are_written_back),
        cmocka_unit_test(accounts),
        cmocka_unit_test(accounts_come_from_somewhere_and_are_secured),
        cmocka_unit_test(months),
        cmocka_unit_test(days_status_and_class_agree),
        cmocka_unit_test(a_month_is_checked_against_its_account),
        cmocka_unit_test(absent_fields_break_nothing),
        cmocka_unit_test(flags),
        cmocka_unit_test(identifier_details),
        cmocka_unit_test(origins_and_corrections),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(when_there_is_no_room_the_worst_stay),
        cmocka_unit_test(the_worst_severity_decides),
        cmocka_unit_test(every_rule_was_broken_once),
        cmocka_unit_test(ids_are_unique_and_rise),
        cmocka_unit_test(a_finding_says_what_is_wrong),
        cmocka_unit_test(the_page_says_what_the_table_says),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
