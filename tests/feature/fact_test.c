/*
 * Goal: facts of every kind go in once, are refused with the rule that says why, are put right by
 * corrections and by nothing else, and leave findings where they show what regulators must see.
 * Method: a whole exchange, libcix over mTLS; records are texts of JSON as members send them. What
 * lies stored is read on the owner's connection.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "domain/fact.h"
#include "message.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/question.h"
#include "support/shell.h"

#define DAILY CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY

static struct exchange exchange;
static struct cix_client *bank, *other_bank, *court, *payer, *platform, *bureau;
static struct db *owner;
static struct contribution made;

enum { EVERY_CLASS = 0xff };

static struct cix_client *member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = EVERY_CLASS;
    exchange_member_put(&exchange, &member);
    return exchange_client(&exchange, code);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    bank = member("bank-one", MEMBER_TYPE_BANK);
    other_bank = member("bank-two", MEMBER_TYPE_BANK);
    court = member("court-one", MEMBER_TYPE_COURT);
    payer = member("payer-one", MEMBER_TYPE_THIRD_PARTY_PAYMENT);
    platform = member("p2p-one", MEMBER_TYPE_P2P);
    bureau = member("bureau-one", MEMBER_TYPE_CREDIT_BUREAU);
    owner = exchange_owner(&exchange);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other_bank);
    cix_close(court);
    cix_close(payer);
    cix_close(platform);
    cix_close(bureau);
    db_close(owner);
    exchange_stop(&exchange);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    contribution_init(&made);
    return 0;
}

static int end(void **state)
{
    (void)state;
    contribution_done(&made);
    return 0;
}

/* "identifier": {...} of person k. */
static const char *who(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_format(&made.arena, "\"identifier\":{\"type\":\"RESIDENT_ID\",\"value\":\"%s\"}",
                        person.number);
}

static const char *name_of(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(&made.arena, person.name);
}

/* Adds a record from its JSON; single quotes stand for double ones. */
static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    contribution_json(&made, arena_vformat(&made.arena, format, args));
    va_end(args);
}

/* The rules of all verdicts by record, "0:K003 2:A022", S006 left out: made persons break it. */
static const char *send(struct cix_client *client)
{
    static int64_t submissions;
    static char told[1024];
    char id[37];
    size_t size = 0;

    person_uuid("facts", ++submissions, id);
    Cix__V1__ChunkResult *result = contribution_send(&made, client, id, DAILY);
    *told = '\0';
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const Cix__V1__Verdict *verdict = result->verdicts[i];
        if (strcmp(verdict->rule, "S006") == 0)
            continue;
        size += (size_t)snprintf(told + size, sizeof(told) - size, "%s%d:%s", size ? " " : "",
                                 verdict->index, verdict->rule);
        assert_true(size < sizeof(told));
        assert_true(*verdict->reason);
    }
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    return told;
}

/* One number by a query on the owner's connection, which knows statements by their address. */
static int64_t number(const char *sql)
{
    static struct statement statements[200];
    static struct arena kept;
    static size_t count;
    struct ctx ctx;
    struct params params;
    struct rows rows = {0};

    assert_true(count < ARRAY_LENGTH(statements));
    struct statement *statement = &statements[count++];
    *statement = (struct statement){arena_format(&kept, "q%zu", count), arena_string(&kept, sql)};
    ctx_init(&ctx, &made.arena);
    params_init(&params, &made.arena);
    if (!db_run(&ctx, owner, statement, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    assert_true(rows_next(&rows));
    int64_t value = rows_int8(&rows, 0);
    rows_done(&rows);
    return value;
}

/* Person k with a loan, known to the member. */
static void know(struct cix_client *client, int64_t k)
{
    contribution_subject(&made, k);
    contribution_account(&made, k, 0);
    assert_string_equal(send(client), "");
}

static void add_event(int64_t k, int32_t day, int64_t amount)
{
    add("{'accountEvent':{'accountNo':'A%lld-0','type':1,'happenedOn':%d,'amount':'%lld',"
        "'monthsExtended':6,'note':'agreed by telephone'}}",
        (long long)k, day, (long long)amount);
}

static void add_public(int64_t k, const char *record_no, const char *name, int64_t amount,
                       const char *correction)
{
    add("{'publicRecord':{'recordNo':'%s',%s,'name':'%s','type':2,'authority':'Made Court',"
        "'caseNo':'(2025)皖9901执77号','decidedOn':20250301,'amount':'%lld','currency':'CNY',"
        "'status':1}%s}",
        record_no, who(k), name, (long long)amount, correction);
}

static void add_fraud(int64_t k, const char *ref, int role)
{
    add("{'fraudCase':{'caseRef':'%s',%s,'role':%d,'type':2,'evidenceLevel':3,'status':2,"
        "'detectedOn':20260101,'filedOn':20260102,'expiresOn':20300101,'currency':'CNY',"
        "'amountAtRisk':'500000','lesson':'the pay slip was forged'}}",
        ref, who(k), role);
}

#define REPLACE ",'correction':{'action':'REPLACE','reason':'OWN_ERROR','note':'mistyped'}"
#define DELETE  ",'correction':{'action':'DELETE','reason':'DISPUTE','note':'was right'}"

static void columns_are_those_of_the_tables(void **state)
{
    (void)state;
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        int64_t columns = kind->kind == RECORD_KIND_PARTY ? 4 : 3; /* ids */
        for (size_t i = 0; i < kind->field_count; i++) {
            const char *column = fact_column(&kind->fields[i]);
            if (!column)
                continue;
            columns++;
            const char *sql = arena_format(
                &made.arena,
                "select count(*) from pg_attribute where attrelid = 'cix.%s'::regclass and"
                " attname = '%s' and not attisdropped",
                kind->name, column);
            if (number(sql) != 1)
                fail_msg("%s has no column %s", kind->name, column);
        }
        assert_int_equal(number(arena_format(&made.arena,
                                             "select count(*) from pg_attribute where attrelid ="
                                             " 'cix.%s'::regclass and attnum > 0",
                                             kind->name)),
                         columns);
        assert_int_equal(
            number(arena_format(&made.arena, "select cix.fact_class(%d::smallint)::bigint",
                                (int)kind->kind)),
            kind->data_class);
        assert_int_equal(
            number(arena_format(&made.arena,
                                "select (cix.fact_name(%d::smallint) = '%s')::int::bigint",
                                (int)kind->kind, kind->name)),
            1);
    }
}

static void facts_about_accounts(void **state)
{
    (void)state;
    know(bank, 1);
    know(bank, 2);
    add_event(1, 20260105, 300);
    add("{'party':{'accountNo':'A1-0',%s,'role':3,'liabilityAmount':'10000000',"
        "'fromOn':20240115}}",
        who(2));
    add("{'collection':{'accountNo':'A1-0','stage':4,'startedOn':20260201,'agencyCode':'AG1',"
        "'demandedAmount':'500','recoveredAmount':'100','result':2}}");
    assert_string_equal(send(bank), "");
    assert_int_equal(number("select count(*) from cix.account_event where amount = 300"), 1);
    assert_int_equal(number("select count(*) from cix.party p join cix.liability l on"
                            " l.subject_id = p.party_subject_id and l.fact_id = p.fact_id"
                            " and l.owner_subject_id = p.subject_id"),
                     1);
    assert_int_equal(
        number("select count(*) from cix.fact f join cix.account a on a.subject_id ="
               " f.subject_id and a.account_id = f.account_id where kind in (6, 7, 13)"),
        3);
    assert_int_equal(number("select count(*) from cix.subject where facts = 1"), 1);
    assert_int_equal(
        number("select count(*) from cix.subject where facts = (1 << 6) + (1 << 7) + (1 << 13)"),
        1);
}

static void accounts_say_what_may_be_told_of_them(void **state)
{
    (void)state;
    know(bank, 10);
    know(other_bank, 11);
    add_event(10, 20240114, 1); /* 0: before it was opened */
    add_event(10, 20240115, 1); /* 1 */
    add_event(12, 20260105, 1); /* 2: no account */
    add("{'party':{'accountNo':'A10-0',%s,'role':3,'fromOn':20240115}}", who(10)); /* 3 */
    add("{'party':{'accountNo':'A10-0',%s,'role':3,'fromOn':20240115}}", who(11)); /* 4: not ours */
    contribution_subject(&made, 13);                                               /* 5 */
    add("{'party':{'accountNo':'A10-0',%s,'role':3,'liabilityAmount':'10000001',"
        "'fromOn':20240115}}",
        who(13));                                                               /* 6 */
    add("{'collection':{'accountNo':'A10-0','stage':1,'startedOn':20240114}}"); /* 7 */
    assert_string_equal(send(bank), "0:A021 2:M001 3:A012 4:A022 6:A013 7:A021");
    assert_int_equal(number("select count(*) from cix.party where liability_amount = 10000001"), 1);
}

static void a_fact_is_taken_once_and_changed_by_corrections_alone(void **state)
{
    (void)state;
    know(bank, 20);
    add_event(20, 20260105, 300);
    add_event(20, 20260105, 300);
    assert_string_equal(send(bank), "");
    add_event(20, 20260105, 300);
    assert_string_equal(send(bank), "");
    assert_int_equal(number("select count(*) from cix.account_event where happened_on ="
                            " '2026-01-05' and amount = 300"),
                     2); /* person 1 has one too */
    add_event(20, 20260105, 301);
    assert_string_equal(send(bank), "0:K003");
    add_event(20, 20260106, 301); /* another key */
    assert_string_equal(send(bank), "");
}

static void court_documents_make_subjects_and_are_put_right(void **state)
{
    (void)state;
    add_public(30, "P-30", name_of(30), 500, "");
    assert_string_equal(send(court), "");
    assert_int_equal(number("select count(*) from cix.subject where facts = 1 << 8"), 1);
    add_public(30, "P-30", name_of(30), 501, "");
    assert_string_equal(send(court), "0:K003");
    add_public(30, "P-30", name_of(30), 501, REPLACE);
    add_public(30, "P-31", name_of(30), 502, REPLACE);
    assert_string_equal(send(court), "1:K001");
    add_public(30, "P-30", name_of(30), 501, REPLACE); /* the same again */
    add_public(30, "P-32", "别的人", 1, "");           /* known by another name */
    assert_string_equal(send(court), "1:S016");
    assert_int_equal(number("select count(*) from cix.fact where kind = 8"), 2);
    assert_int_equal(number("select amount from cix.public_record r where cix.fact_is_current("
                            "r.subject_id, r.fact_id, r.record_id)"),
                     501);
    assert_int_equal(number("select count(*) from cix.fact n join cix.fact o on o.record_id ="
                            " n.supersedes where n.kind = 8 and n.reason = 1"
                            " and n.sealed_note is not null"),
                     1);
    /* To another subject: gone under the first. */
    add_public(31, "P-30", name_of(31), 501, REPLACE);
    assert_string_equal(send(court), "");
    assert_int_equal(number("select count(*) from cix.public_record r join cix.fact f using"
                            " (subject_id, fact_id, record_id) where cix.fact_is_current("
                            "r.subject_id, r.fact_id, r.record_id)"),
                     1);
    assert_int_equal(number("select count(distinct subject_id) from cix.fact where kind = 8"), 2);
    /* Deleted: the key is enough, and only a correction brings it back. */
    add("{'publicRecord':{'recordNo':'P-30'}" DELETE "}");
    add("{'publicRecord':{'recordNo':'P-30'}" DELETE "}");
    add("{'publicRecord':{'recordNo':'P-99'}" DELETE "}");
    assert_string_equal(send(court), "2:K001");
    assert_int_equal(number("select count(*) from cix.public_record r where cix.fact_is_current("
                            "r.subject_id, r.fact_id, r.record_id)"),
                     0);
    add_public(31, "P-30", name_of(31), 501, "");
    assert_string_equal(send(court), "0:K003");
    add_public(31, "P-30", name_of(31), 501, REPLACE);
    assert_string_equal(send(court), "");
    assert_int_equal(number("select count(*) from cix.public_record r where cix.fact_is_current("
                            "r.subject_id, r.fact_id, r.record_id)"),
                     1);
    add_public(30, "P-30", name_of(30), 500, "");
    assert_string_equal(send(bank), "0:P002");
}

static void fraud_cases_are_of_subjects_that_the_member_gave(void **state)
{
    (void)state;
    know(bank, 40);
    know(other_bank, 41);
    add_fraud(40, "F-40", 1);
    add_fraud(41, "F-41", 1);
    assert_string_equal(send(bank), "1:A022");
    add("{'fraudCase':{'caseRef':'F-40'}" DELETE "}");
    assert_string_equal(send(other_bank), "0:K001"); /* another member's is not touched */
    assert_int_equal(number("select count(*) from cix.fraud_case r where cix.fact_is_current("
                            "r.subject_id, r.fact_id, r.record_id)"),
                     1);
}

/* A consent of person k to the payment company that covers behaviour. */
static void add_consent(int64_t k, const char *data_class)
{
    char id[37];

    person_uuid("consent", k, id);
    add("{'consent':{'consentId':'%s',%s,'purposes':['LOAN_APPROVAL'],'dataClasses':['%s'],"
        "'form':'WRITTEN','signedOn':20260101,'effectiveOn':20260101,'expiresOn':20301231,"
        "'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}}",
        id, who(k), data_class);
}

static void add_behaviour(int64_t k, int32_t period, int64_t amount)
{
    char id[37];

    person_uuid("consent", k, id);
    add("{'behaviour':{%s,'period':%d,'role':1,'consentId':'%s','currency':'CNY',"
        "'transactionCount':'10','transactionAmount':'%lld','activeDays':9}}",
        who(k), period, id, (long long)amount);
}

static void behaviour_needs_a_consent_and_does_not_jump(void **state)
{
    (void)state;
    contribution_subject(&made, 50);
    contribution_subject(&made, 51);
    add_consent(50, "BEHAVIOUR");
    add_consent(51, "CREDIT");
    add_behaviour(50, 202601, 1000);
    add_behaviour(50, 202602, 10000);
    add_behaviour(50, 202603, 100001); /* 6: more than ten times */
    add_behaviour(51, 202601, 1000);   /* 7: the consent covers something else */
    assert_string_equal(send(payer), "6:B003 7:B002");
    add_behaviour(50, 202603, 1000);
    add_behaviour(50, 202604, 99);
    assert_string_equal(send(payer), "1:B003");
    assert_int_equal(number("select count(*) from cix.behaviour"), 3);
}

static void a_persons_statement_needs_a_consent(void **state)
{
    char id[37];

    (void)state;
    contribution_subject(&made, 60);
    add_consent(60, "CREDIT");
    person_uuid("consent", 60, id);
    add("{'statement':{%s,'statedOn':20251231,'type':3,'source':4,'currency':'CNY',"
        "'consentId':'%s','deposits':'7000'}}",
        who(60), id);
    add("{'statement':{%s,'statedOn':20251231,'type':4,'source':4,'currency':'CNY',"
        "'annualIncome':'7000'}}",
        who(60));
    assert_string_equal(send(bank), "3:A024");
}

static void add_funds(const char *side, int32_t period, int64_t custody, int64_t cumulative,
                      const char *more)
{
    add("{'fundReport':{'platformCode':'p2p-one','period':%d,'side':%s,'currency':'CNY',"
        "'custodianCode':'bank-one','custodyAccount':'1234','ownFundsAccount':'9876',"
        "'segregation':1,'clientLiability':'1000000','custodyBalance':'%lld',"
        "'cumulativeAmount':'%lld'%s}}",
        period, side, (long long)custody, (long long)cumulative, more);
}

/* A report of its funds by somebody who says that it is the platform's custodian. */
static void add_custody(const char *custodian)
{
    add("{'fundReport':{'platformCode':'p2p-one','period':202601,'side':2,'currency':'CNY',"
        "'custodianCode':'%s','clientLiability':'1000000','custodyBalance':'1'}}",
        custodian);
}

static void fund_reports_leave_findings(void **state)
{
    (void)state;
    add_custody("bank-one"); /* nobody said so yet */
    assert_string_equal(send(bank), "0:U001 0:U008");
    add_funds("1", 202601, 1000000, 50, "");
    assert_string_equal(send(platform), "");
    add_custody("bank-two"); /* whom the platform does not name */
    assert_string_equal(send(other_bank), "0:U001 0:U008");
    assert_int_equal(number("select count(*) from cix.finding where kind < 5"), 0);
    add_funds("2", 202601, 999000, 50, ""); /* 0.1 %, and a shortfall */
    assert_string_equal(send(bank), "0:U001");
    assert_int_equal(number("select count(*) from cix.finding f join cix.member m on m.member_id ="
                            " f.reporter_id and m.code = 'bank-one' where f.kind = 1"),
                     1);
    add_funds("1", 202602, 1000000, 49, "");
    assert_string_equal(send(platform), "0:U006");
    add_funds("1", 202602, 1000000, 60, "");
    assert_string_equal(send(platform), "");
    add_funds("2", 202602, 998999, 50, "");
    assert_string_equal(send(bank), "0:U001 0:U004");
    assert_int_equal(number("select count(*) from cix.finding where kind = 1 and state = 1"), 2);
    assert_int_equal(number("select count(*) from cix.finding f join cix.member m on m.member_id ="
                            " f.subject_id and m.code = 'p2p-one' where f.kind = 4 and f.state = 1"
                            " and f.measured = 998999 and f.bound = 1000000"),
                     1);
    /* Put right by the custodian. */
    add("{'fundReport':{'platformCode':'p2p-one','period':202602,'side':2,'currency':'CNY',"
        "'custodianCode':'bank-one','custodyBalance':'1000000'}" REPLACE "}");
    assert_string_equal(send(bank), "");
    assert_int_equal(number("select count(*) from cix.finding where state = 1 and period = 2026 *"
                            " 12 + 1"),
                     0);
    assert_int_equal(number("select count(*) from cix.finding where state = 2"), 2);
    add_funds("1", 202603, 1000000, 70,
              ",'guaranteeFundBalance':'49','guaranteeRequiredBps':500,'loansOutstanding':'1000'");
    assert_string_equal(send(platform), "0:U003");
    assert_int_equal(number("select measured * 1000 + bound from cix.finding where kind = 3"),
                     49050);
    /* Refused, and yet a finding. */
    add("{'fundReport':{'platformCode':'p2p-one','period':202604,'side':1,'currency':'CNY',"
        "'custodianCode':'bank-one','segregation':2}}");
    add_funds("1", 202605, 1000000, 70, "");
    made.records[1]->fund_report->own_funds_account = (char *)"1234";
    assert_string_equal(send(platform), "0:U002 1:U002");
    assert_int_equal(number("select count(*) from cix.finding where kind = 2"), 2);
    assert_int_equal(number("select count(*) from cix.fund_report where period > 2026 * 12 + 2"),
                     0);
    add("{'fundReport':{'platformCode':'p2p-one','period':202604,'side':1,'currency':'CNY',"
        "'custodianCode':'bank-nine','segregation':1}}");
    assert_string_equal(send(platform), "0:U007");
    assert_int_equal(number("select count(*) from cix.finding where kind = 2 and state = 1"), 2);
    add_funds("1", 202604, 1000000, 70, ""); /* kept apart: of that month the finding ends */
    assert_string_equal(send(platform), "");
    assert_int_equal(number("select count(*) from cix.finding where kind = 2 and state = 1"), 1);
    assert_int_equal(number("select count(*) from cix.finding where kind = 2 and state = 1"
                            " and period = 2026 * 12 + 4"),
                     1);
}

/* What is compared, and which field the finding names: the account, else the largest difference. */
static void a_difference_names_the_field_that_differs_most(void **state)
{
    static const struct {
        const char *platform, *custodian, *rules, *field;
    } rows[] = {
        {",'ownFundsBalance':'500000'", "", "", ""}, /* the custodian does not know it */
        {",'ownFundsBalance':'500000'", ",'ownFundsBalance':'499000'", "0:U004",
         "own_funds_balance"},
        {",'compensationAmount':'1000'", ",'compensationAmount':'1001'", "", ""}, /* 0.1 % */
        {",'compensationAmount':'1000','inTransit':'5000'",
         ",'compensationAmount':'1002','inTransit':'4000'", "0:U004", "in_transit"},
        {",'guaranteeFundBalance':'90'", ",'guaranteeFundBalance':'91'", "0:U004",
         "guarantee_fund_balance"},
        {",'loansOutstanding':'90'", ",'loansOutstanding':'91'", "", ""}, /* the platform's alone */
        {"", ",'custodyAccount':''", "", ""},
        {",'inTransit':'5000'", ",'inTransit':'4000','custodyAccount':'1235'", "0:U004",
         "custody_account"},
        {",'inTransit':'5000'", ",'inTransit':'4000','segregation':2", "0:U004", "segregation"},
        {"", ",'segregation':1", "", ""},
    };
    char sql[300];

    (void)state;
    for (int i = 0; i < (int)ARRAY_LENGTH(rows); i++) {
        add("{'fundReport':{'platformCode':'p2p-one','period':%d,'side':1,'currency':'USD',"
            "'custodianCode':'bank-one','custodyAccount':'1234','segregation':1%s}}",
            202501 + i, rows[i].platform);
        assert_string_equal(send(platform), "");
        add("{'fundReport':{'platformCode':'p2p-one','period':%d,'side':2,'currency':'USD',"
            "'custodianCode':'bank-one'%s%s}}",
            202501 + i,
            strstr(rows[i].custodian, "custodyAccount") ? "" : ",'custodyAccount':'1234'",
            rows[i].custodian);
        assert_string_equal(send(bank), rows[i].rules);
        snprintf(
            sql, sizeof(sql),
            "select count(*) from cix.finding where kind = 4 and state = 1 and period = %d and"
            " value = '%s' and (measured is null) = (value in ('custody_account', 'segregation'))",
            2025 * 12 + i, rows[i].field);
        assert_int_equal(number(sql), *rows[i].field ? 1 : 0);
    }
    /* Put right by either side: here by the platform, which had named another account. */
    add("{'fundReport':{'platformCode':'p2p-one','period':202508,'side':1,'currency':'USD',"
        "'custodianCode':'bank-one','custodyAccount':'1235','segregation':1,'inTransit':'4000'"
        "}" REPLACE "}");
    assert_string_equal(send(platform), "");
    assert_int_equal(number("select count(*) from cix.finding where kind = 4 and state = 1 and"
                            " period = 2025 * 12 + 7"),
                     0);
}

static void a_grade_means_one_thing_at_a_time(void **state)
{
    (void)state;
    know(bank, 70);
    add("{'gradeMap':{'grade':'G1','fromOn':20250101,'untilOn':20251231,'masterGrade':'AA'}}");
    add("{'gradeMap':{'grade':'G1','fromOn':20251231,'masterGrade':'A'}}"); /* 1: a day both */
    add("{'gradeMap':{'grade':'G1','fromOn':20260101,'masterGrade':'A'}}");
    add("{'gradeMap':{'grade':'G2','fromOn':20251231,'masterGrade':'B'}}");
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'G1','defaultPpm':1200}}", who(70));
    assert_string_equal(send(bank), "1:G005");
    add("{'gradeMap':{'grade':'G1','fromOn':20251231,'masterGrade':'A'}}");
    assert_string_equal(send(other_bank), ""); /* every member has its own */
    add("{'gradeMap':{'grade':'G1','fromOn':20260101,'masterGrade':'BBB'}" REPLACE "}");
    assert_string_equal(send(bank), "");
    assert_int_equal(number("select count(*) from cix.grade_map where master_grade = 'BBB'"), 1);
}

static void a_bureau_names_whom_it_contributes_for(void **state)
{
    (void)state;
    contribution_subject(&made, 80);
    made.records[0]->origin = (char *)"shop-one";
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'1'},'origin':'shop-one'}", who(80));
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'2'},'origin':'shop-two'}", who(80));
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'3'}}", who(80));
    assert_string_equal(send(bureau), "3:E008");
    assert_int_equal(
        number("select count(distinct origin) from cix.fact where origin like 'shop-%'"), 2);
    contribution_subject(&made, 81);
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'1'},'origin':'shop-one'}", who(81));
    assert_string_equal(send(bank), "1:E008");
}

/* ---- Facts on reports ---- */

/* Consent k of person k to the client's member: all data classes or those given. */
static void consent_to_all(int64_t k, const char *classes)
{
    char id[37];

    person_uuid("report", k, id);
    add("{'consent':{'consentId':'%s',%s,'purposes':['LOAN_APPROVAL'],'dataClasses':[%s],"
        "'form':'WRITTEN','signedOn':20260101,'effectiveOn':20260101,'expiresOn':20301231,"
        "'documentHash':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}}",
        id, who(k), classes);
}

#define ALL_CLASSES "'BASIC','CREDIT','PUBLIC','DISHONEST','FRAUD','BEHAVIOUR','RATING'"

/* The report of person k, freed with the test. */
static const Cix__V1__Report *report_of(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!question_report(client, k, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    assert_int_equal(response->report->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    size_t size = cix__v1__report__get_packed_size(response->report);
    uint8_t *bytes = arena_alloc(&made.arena, size + 1);
    cix__v1__report__pack(response->report, bytes);
    cix_free(response);
    ProtobufCAllocator allocator = cix_message_allocator(&made.arena);
    return cix__v1__report__unpack(&allocator, size, bytes);
}

/* Person k with every kind of fact, by several members. */
static void fill(int64_t k)
{
    know(bank, k);
    know(other_bank, k + 1);
    contribution_subject(&made, k);
    add_consent(k, "BEHAVIOUR");
    add_behaviour(k, 202609, 4000);
    add_behaviour(k, 202310, 4000); /* too long ago to be shown */
    assert_string_equal(send(payer), "");
    add_event(k, 20260301, 300);
    add_fraud(k, arena_format(&made.arena, "F-%lld", (long long)k), 1);
    add("{'collection':{'accountNo':'A%lld-0','stage':1,'startedOn':20260201}}", (long long)k);
    contribution_subject(&made, k + 1);
    add("{'party':{'accountNo':'A%lld-0',%s,'role':3,'liabilityAmount':'700','fromOn':20240115}}",
        (long long)k, who(k + 1));
    add("{'gradeMap':{'grade':'R%lld','fromOn':20250101,'masterGrade':'BB'}}", (long long)k);
    add("{'memberGrade':{%s,'gradedOn':20260301,'grade':'R%lld','defaultPpm':9}}", who(k),
        (long long)k);
    add("{'memberGrade':{%s,'gradedOn':20260302,'grade':'unmapped'}}", who(k));
    contribution_month(&made, k, 0, 202609, 9000000);
    assert_string_equal(send(bank), "");
    add_public(k, arena_format(&made.arena, "P-%lld", (long long)k), name_of(k), 500, "");
    assert_string_equal(send(court), "");
}

static void a_report_shows_facts_of_every_kind(void **state)
{
    (void)state;
    fill(100);
    consent_to_all(100, ALL_CLASSES);
    assert_string_equal(send(other_bank), "");
    const Cix__V1__Report *report = report_of(other_bank, 100);
    assert_int_equal(report->n_accounts, 1);
    assert_int_equal(report->n_account_events, 1);
    assert_int_equal(report->account_events[0]->source->account_id,
                     report->accounts[0]->account_id);
    assert_string_equal(report->account_events[0]->source->member_code, "bank-one");
    assert_int_equal(report->account_events[0]->event->amount, 300);
    assert_string_equal(report->account_events[0]->event->note, "");
    assert_int_equal(report->n_parties, 1);
    assert_int_equal(report->parties[0]->party->liability_amount, 700);
    assert_null(report->parties[0]->party->identifier);
    assert_int_equal(report->n_collections, 1);
    assert_int_equal(report->n_public_records, 1);
    const Cix__V1__PublicRecord *record = report->public_records[0]->record;
    assert_string_equal(record->case_no, "(2025)皖9901执77号");
    assert_string_equal(record->record_no, "");
    assert_string_equal(record->authority, "Made Court");
    assert_int_equal(record->decided_on, 20250301);
    assert_int_equal(report->n_fraud_cases, 1);
    assert_false(report->fraud_cases[0]->is_protected);
    assert_string_equal(report->fraud_cases[0]->fraud_case->lesson, "the pay slip was forged");
    assert_string_equal(report->fraud_cases[0]->fraud_case->case_ref, "");
    assert_int_equal(report->fraud_cases[0]->fraud_case->amount_at_risk, 500000);
    assert_int_equal(report->n_behaviours, 1);
    assert_int_equal(report->behaviours[0]->behaviour->period, 202609);
    assert_int_equal(report->behaviours[0]->behaviour->transaction_amount, 4000);
    assert_string_equal(report->behaviours[0]->behaviour->consent_id, "");
    assert_int_equal(report->n_grades, 1);
    assert_string_equal(report->grades[0]->grade->grade, "BB");
    assert_int_equal(report->n_liabilities, 0);
    for (size_t i = 0; i < report->n_public_records; i++)
        assert_true(report->public_records[i]->source->recorded_at_us > 0);
    /* Put right: a deletion is gone from the next report, a replacement shown. */
    add("{'publicRecord':{'recordNo':'P-100'}" DELETE "}");
    assert_string_equal(send(court), "");
    add("{'accountEvent':{'accountNo':'A100-0','type':1,'happenedOn':20260301,'amount':'301'"
        "}" REPLACE "}");
    assert_string_equal(send(bank), "");
    report = report_of(other_bank, 100);
    assert_int_equal(report->n_public_records, 0);
    assert_int_equal(report->n_account_events, 1);
    assert_int_equal(report->account_events[0]->event->amount, 301);
}

static void a_guarantor_sees_what_it_answers_for(void **state)
{
    (void)state;
    fill(110);
    consent_to_all(111, ALL_CLASSES);
    assert_string_equal(send(other_bank), "");
    const Cix__V1__Report *report = report_of(other_bank, 111);
    assert_int_equal(report->n_liabilities, 1);
    const Cix__V1__ReportedLiability *liability = report->liabilities[0];
    assert_int_equal(liability->party->liability_amount, 700);
    assert_int_equal(liability->balance, 9000000);
    assert_int_equal(liability->last_period, 202609);
    assert_string_equal(liability->currency, "CNY");
    assert_int_equal(liability->source->account_id, 0);
    assert_int_equal(report->n_parties, 0);
    assert_int_equal(report->n_fraud_cases, 0);
}

/* Files for person k, on a fact, as its member. The reason of the refusal, "" when it is taken. */
static const char *dispute(int64_t k, int64_t fact_id, char *id)
{
    static uint8_t hash[32] = {7};
    Cix__V1__AddAnnotationRequest request = CIX__V1__ADD_ANNOTATION_REQUEST__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__AnnotationTarget target = CIX__V1__ANNOTATION_TARGET__INIT;
    Cix__V1__AddAnnotationResponse *response;
    struct person person;
    struct cix_error error;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FACT;
    target.id = fact_id;
    request.annotation_id = id;
    request.identifier = &identifier;
    request.name = person.name;
    request.target = &target;
    request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE;
    request.code = 106;
    request.text = (char *)"I signed no guarantee";
    request.filed_by = CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT;
    request.evidence_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (!cix_add_annotation(other_bank, &request, &response, &error))
        return arena_string(&made.arena, error.reason);
    cix_free(response);
    return "";
}

static void print_report(int64_t k, char *output, size_t room)
{
    struct person person;

    person_make(k, &person);
    assert_int_equal(shell_cix_as(&exchange, "bank-two",
                                  arena_format(&made.arena,
                                               "report --id %s --name %s --operator op"
                                               " --purpose loan-approval",
                                               person.number, person.name),
                                  output, room),
                     0);
}

/* The mark stands on both reports, its words on that of who said them. */
static void a_guarantor_disputes_that_it_is_one(void **state)
{
    static char id[] = "a1000000-0000-4000-8000-000000000001", output[64 * 1024];
    static char strange[] = "a1000000-0000-4000-8000-000000000002";

    (void)state;
    fill(114);
    know(other_bank, 114);
    know(other_bank, 116);
    consent_to_all(114, ALL_CLASSES);
    consent_to_all(115, ALL_CLASSES);
    assert_string_equal(send(other_bank), "");
    const Cix__V1__Report *report = report_of(other_bank, 115);
    int64_t fact_id = report->liabilities[0]->source->fact_id;
    assert_string_equal(dispute(116, fact_id, strange), "TARGET_UNKNOWN");
    assert_string_equal(dispute(115, fact_id, id), "");
    report = report_of(other_bank, 115);
    assert_int_equal(report->liabilities[0]->n_annotations, 1);
    assert_string_equal(report->liabilities[0]->annotations[0]->text, "I signed no guarantee");
    assert_int_equal(report->n_annotations, 0);
    print_report(115, output, sizeof(output));
    assert_non_null(strstr(output, "party of bank-one, 20"));
    assert_non_null(strstr(output, "I signed no guarantee"));
    report = report_of(other_bank, 114);
    assert_int_equal(report->n_annotations, 1);
    assert_int_equal(report->annotations[0]->target_id, fact_id);
    assert_int_equal(report->parties[0]->source->fact_id, fact_id);
    assert_int_equal(report->annotations[0]->code, 106);
    assert_string_equal(report->annotations[0]->text, "");
    print_report(114, output, sizeof(output));
    assert_non_null(strstr(output, "party of bank-one, 20"));
    assert_null(strstr(output, "other record"));
    assert_null(strstr(output, "I signed no guarantee"));
    /* Rule T004: whose record it is puts it right. */
    add("{'party':{'accountNo':'A114-0',%s,'role':3,'fromOn':20240115}" DELETE "}", who(115));
    assert_string_equal(send(bank), "");
    assert_int_equal(number("select count(*) from cix.annotation where ended_at is null"), 0);
    assert_int_equal(report_of(other_bank, 115)->n_liabilities, 0);
    assert_int_equal(report_of(other_bank, 114)->n_annotations, 0);
}

/* Neither a member without the class nor a consent without it shows the kind. */
static void facts_need_the_data_class_of_member_and_consent(void **state)
{
    struct member plain = exchange_member_of("bank-plain", MEMBER_TYPE_BANK);

    (void)state;
    fill(120);
    exchange_member_put(&exchange, &plain); /* basic, credit and dishonest */
    struct cix_client *client = exchange_client(&exchange, "bank-plain");
    consent_to_all(120, ALL_CLASSES);
    assert_string_equal(send(client), "");
    const Cix__V1__Report *report = report_of(client, 120);
    assert_int_equal(report->n_account_events, 1);
    assert_int_equal(report->n_public_records, 0);
    assert_int_equal(report->n_fraud_cases, 0);
    assert_int_equal(report->n_behaviours, 0);
    assert_int_equal(report->n_grades, 0);
    cix_close(client);
    consent_to_all(120, "'BASIC','CREDIT','FRAUD'");
    assert_string_equal(send(other_bank), "");
    report = report_of(other_bank, 120);
    assert_int_equal(report->n_account_events, 1);
    assert_int_equal(report->n_public_records, 0);
    assert_int_equal(report->n_fraud_cases, 1);
    assert_int_equal(report->n_behaviours, 0);
    assert_int_equal(report->n_grades, 0);
}

static void a_victim_is_shown_as_protected(void **state)
{
    (void)state;
    know(bank, 130);
    add_fraud(130, "F-130", 3);
    consent_to_all(130, ALL_CLASSES);
    assert_string_equal(send(bank), "");
    const Cix__V1__Report *report = report_of(bank, 130);
    assert_int_equal(report->n_fraud_cases, 1);
    assert_true(report->fraud_cases[0]->is_protected);
    const Cix__V1__FraudCase *fraud = report->fraud_cases[0]->fraud_case;
    assert_int_equal(fraud->role, 3);
    assert_int_equal(fraud->filed_on, 20260102);
    assert_int_equal(fraud->type, 0);
    assert_int_equal(fraud->evidence_level, 0);
    assert_int_equal(fraud->amount_at_risk_presence_case, 0);
    assert_string_equal(fraud->lesson, "");
}

static void assert_prints(const char *output, const char *words)
{
    if (!strstr(output, words))
        print_message("%s\nlacks: %s\n", output, words);
    assert_non_null(strstr(output, words));
}

/* CSV by the descriptor, and the report's words on a terminal. */
static void a_file_of_facts_goes_in_and_is_shown_in_words(void **state)
{
    char path[600], words[1024], output[16384];
    struct person person;

    (void)state;
    know(bank, 140);
    consent_to_all(140, ALL_CLASSES);
    assert_string_equal(send(bank), "");
    person_make(140, &person);
    snprintf(path, sizeof(path), "%s/fraud.csv", exchange.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "case_ref,identifier_type,identifier_value,role,type,evidence_level,status,detected_on,"
            "filed_on,expires_on,currency,loss_amount,lesson\n"
            "C-1,RESIDENT_ID,%s,1,5,4,2,20260101,20260102,20300101,CNY,123456,sold the car\n"
            "C-2,RESIDENT_ID,%s,2,8,2,1,20260101,20260102,20300101,,,\n",
            person.number, person.number);
    fclose(file);
    snprintf(words, sizeof(words), "submit --quiet --kind fraud_case --mode daily %s", path);
    assert_int_equal(shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)), 1);
    snprintf(path, sizeof(path), "%s/fraud.csv.rejects.csv", exchange.folder);
    file = fopen(path, "r");
    assert_non_null(file);
    output[fread(output, 1, sizeof(output) - 1, file)] = '\0';
    fclose(file);
    assert_prints(output, "X005");
    assert_null(strstr(output, "C-1"));
    snprintf(words, sizeof(words), "report --id %s --name %s --purpose loan-approval --operator op",
             person.number, person.name);
    assert_int_equal(shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)), 0);
    assert_prints(output, "Fraud cases");
    assert_prints(output, "type asset conversion");
    assert_prints(output, "loss amount 1,234.56");
    assert_prints(output, "lesson sold the car");
    assert_null(strstr(output, "C-1"));
}

/* The texts that were sent above stand nowhere in plain: sealed, and under no table's columns. */
static void texts_are_sealed(void **state)
{
    (void)state;
    assert_int_equal(number("select count(*) from cix.fact where kind in (8, 9) and not"
                            " is_deleted and sealed_text is null"),
                     0);
    assert_int_equal(number("select count(*) from cix.fact where position('agreed'::bytea in"
                            " sealed_text) > 0 or position('P-30'::bytea in sealed_text) > 0"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_are_those_of_the_tables, begin, end),
        cmocka_unit_test_setup_teardown(facts_about_accounts, begin, end),
        cmocka_unit_test_setup_teardown(accounts_say_what_may_be_told_of_them, begin, end),
        cmocka_unit_test_setup_teardown(a_fact_is_taken_once_and_changed_by_corrections_alone,
                                        begin, end),
        cmocka_unit_test_setup_teardown(court_documents_make_subjects_and_are_put_right, begin,
                                        end),
        cmocka_unit_test_setup_teardown(fraud_cases_are_of_subjects_that_the_member_gave, begin,
                                        end),
        cmocka_unit_test_setup_teardown(behaviour_needs_a_consent_and_does_not_jump, begin, end),
        cmocka_unit_test_setup_teardown(a_persons_statement_needs_a_consent, begin, end),
        cmocka_unit_test_setup_teardown(fund_reports_leave_findings, begin, end),
        cmocka_unit_test_setup_teardown(a_difference_names_the_field_that_differs_most, begin, end),
        cmocka_unit_test_setup_teardown(a_grade_means_one_thing_at_a_time, begin, end),
        cmocka_unit_test_setup_teardown(a_bureau_names_whom_it_contributes_for, begin, end),
        cmocka_unit_test_setup_teardown(a_report_shows_facts_of_every_kind, begin, end),
        cmocka_unit_test_setup_teardown(a_guarantor_sees_what_it_answers_for, begin, end),
        cmocka_unit_test_setup_teardown(a_guarantor_disputes_that_it_is_one, begin, end),
        cmocka_unit_test_setup_teardown(facts_need_the_data_class_of_member_and_consent, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_victim_is_shown_as_protected, begin, end),
        cmocka_unit_test_setup_teardown(a_file_of_facts_goes_in_and_is_shown_in_words, begin, end),
        cmocka_unit_test_setup_teardown(texts_are_sealed, begin, end),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
