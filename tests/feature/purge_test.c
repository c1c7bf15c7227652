/*
 * Goal: what is adverse about a person is shown until five years after its end and not a day
 * longer, is deleted then and leaves a tombstone; what has not ended stays; statistics stay as they
 * were. Method: a whole exchange, records of years ago sent by members over mTLS, reports by
 * libcix, the built cixd for purge and fsck. What only time brings about (the day of a removal) is
 * set by the owner.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "message.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/kept.h"
#include "support/person.h"
#include "support/question.h"

#define DAILY CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY

enum { EVERY_CLASS = 0xff, COMPANY = 50 };

static struct exchange exchange;
static struct cix_client *bank, *court;
static struct db *owner;
static struct contribution made;
static struct day today;
static int32_t oldest; /* the oldest month whose end is not five years ago */

static struct cix_client *member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = EVERY_CLASS;
    exchange_member_put(&exchange, &member);
    return exchange_client(&exchange, code);
}

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
        fail_msg("%s: %s", sql, ctx.error.message);
    int64_t value = rows_next(&rows) ? rows_int8(&rows, 0) : 0;
    rows_done(&rows);
    return value;
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

/* Sends what was added; every record is taken. */
static void send(struct cix_client *client)
{
    static int64_t submissions;
    char id[37];

    person_uuid("purge", ++submissions, id);
    Cix__V1__ChunkResult *result = contribution_send(&made, client, id, DAILY);
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->severity <= CIX__V1__SEVERITY__SEVERITY_REJECT)
            fail_msg("record %d: %s", result->verdicts[i]->index, result->verdicts[i]->rule);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
}

static int32_t wire(int32_t month)
{
    return period_to_wire((struct period){month});
}

static struct day years_ago(int years, int days_later)
{
    int64_t wire_day = day_to_wire(today) - 10000 * years;
    struct day day;

    if (wire_day % 10000 == 229)
        wire_day--;
    assert_true(day_from_wire((int32_t)wire_day, &day));
    day.number += days_later;
    return day;
}

static const char *who(int64_t k)
{
    struct person person;
    char code[19];

    if (k == COMPANY) {
        person_uscc(k, code);
        return arena_format(&made.arena, "'identifier':{'type':'USCC','value':'%s'}", code);
    }
    person_make(k, &person);
    return arena_format(&made.arena, "'identifier':{'type':'RESIDENT_ID','value':'%s'}",
                        person.number);
}

static const char *name_of(int64_t k)
{
    struct person person;

    if (k == COMPANY)
        return "Made Company";
    person_make(k, &person);
    return arena_string(&made.arena, person.name);
}

static void add_subject(int64_t k)
{
    const char *identifier = strchr(who(k), '{');

    add("{'subject':{'kind':'%s','name':'%s','identifiers':[%s]}}",
        k == COMPANY ? "ENTERPRISE" : "PERSON", name_of(k), identifier);
}

static void add_account(int64_t k, int i, const char *more)
{
    add("{'account':{'accountNo':'A%lld-%d',%s,'type':'D1','businessType':'91','currency':'CNY',"
        "'originalAmount':'10000000','openedOn':20100115,'repayFrequency':3,'security':4%s}}",
        (long long)k, i, who(k), more);
}

/* Months from first on, a status each; ' ': none. */
static void add_months(int64_t k, int i, int32_t first, const char *statuses)
{
    for (int at = 0; statuses[at]; at++) {
        char status = statuses[at];
        int late = status >= '1' && status <= '7' ? status - '0' : 0;
        bool is_over = status == 'C';

        if (status == ' ')
            continue;
        add("{'performance':{'accountNo':'A%lld-%d','period':%d,'accountStatus':%d,"
            "'repayStatus':'%c','balance':'%d','dueAmount':'50000','paidAmount':'%d',"
            "'overdueAmount':'%d','overduePrincipal':'%d','daysOverdue':%d,'overdueTerms':%d,"
            "'fiveCategory':%d}}",
            (long long)k, i, wire(first + at),
            is_over ? 3
            : late  ? 2
                    : 1,
            status, is_over ? 0 : 500000, late ? 0 : 50000, late * 50000, late * 40000,
            late ? late * 30 - 10 : 0, late, late ? 2 : 1);
    }
}

/* What the bank sees of one of its clients; freed with cix_free. */
static Cix__V1__GetReportResponse *report(int64_t k)
{
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__GetReportResponse *response;
    struct cix_error error;
    struct person person;
    char code[19];

    person_make(k, &person);
    person_uscc(k, code);
    identifier.type = k == COMPANY ? CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC
                                   : CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = k == COMPANY ? code : person.number;
    inquiry.identifier = &identifier;
    inquiry.name = (char *)name_of(k);
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_POST_LOAN;
    inquiry.operator_id = (char *)"clerk";
    request.inquiry = &inquiry;
    if (!cix_get_report(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_non_null(response->report);
    return response;
}

/* An account of a report by the day it was opened and its place behind it; NULL: not shown. */
static const Cix__V1__ReportedAccount *account(const Cix__V1__GetReportResponse *response,
                                               int64_t k, int i)
{
    int64_t id = number(arena_format(
        &made.arena,
        "select a.account_id from cix.account a join cix.identifier n using (subject_id)"
        " where a.credit_limit = %lld",
        (long long)(k * 100 + i)));

    for (size_t at = 0; at < response->report->n_accounts; at++)
        if (response->report->accounts[at]->account_id == id)
            return response->report->accounts[at];
    return NULL;
}

/* The statuses of an account, oldest first. */
static const char *months(const Cix__V1__ReportedAccount *account)
{
    char *text = arena_string(&made.arena, "");

    assert_non_null(account);
    for (size_t at = 0; at < account->n_months; at++) /* newest first */
        text = arena_format(&made.arena, "%s%s", account->months[at]->repay_status, text);
    return text;
}

/* Marks an account, so that the test finds it again. */
static const char *mark(int64_t k, int i, const char *more)
{
    return arena_format(&made.arena, ",'creditLimit':'%lld'%s", (long long)(k * 100 + i), more);
}

static void send_accounts(int64_t k)
{
    add_subject(k);
    for (int i = 0; i < 5; i++)
        add_account(k, i, mark(k, i, ""));
    /* 0: late, clean again in the last month that is over. 1: in the first that is not. */
    add_months(k, 0, oldest - 4, "N12N");
    add_months(k, 0, oldest, "NN");
    add_months(k, 1, oldest - 3, "N12N");
    /* 2: late since, and nobody said more. 3: late twice, the second time until later. */
    add_months(k, 2, oldest - 10, "N12");
    add_months(k, 3, oldest - 11, "N1NNN123456NN");
    /* 4: a bad end, and no word behind it. */
    add_months(k, 4, oldest - 6, "N1");
    send(bank);
    add("{'accountEvent':{'accountNo':'A%lld-4','type':2,'happenedOn':%d}}", (long long)k,
        wire(oldest - 4) * 100 + 10);
    add_months(k, 4, oldest - 4, "D");
    send(bank);
}

static void send_closed(int64_t k)
{
    add_account(
        k, 5,
        mark(k, 5, arena_format(&made.arena, ",'closedOn':%d", day_to_wire(years_ago(5, -1)))));
    add_account(
        k, 6,
        mark(k, 6, arena_format(&made.arena, ",'closedOn':%d", day_to_wire(years_ago(5, 0)))));
    send(bank);
}

static int setup(void **state)
{
    (void)state;
    contribution_init(&made);
    exchange_start(&exchange, NULL);
    today = clock_day_of(clock_now_us());
    oldest = period_of_day(today).number - 60;
    bank = member("bank-one", MEMBER_TYPE_BANK);
    court = member("court-one", MEMBER_TYPE_COURT);
    owner = exchange_owner(&exchange);
    send_accounts(1);
    send_closed(1);
    send_accounts(COMPANY);
    send_closed(COMPANY);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(court);
    db_close(owner);
    contribution_done(&made);
    exchange_stop(&exchange);
    return 0;
}

static void assert_person_is_shown_what_is_not_over(void)
{
    Cix__V1__GetReportResponse *response = report(1);

    assert_string_equal(months(account(response, 1, 0)), "NN");
    assert_string_equal(months(account(response, 1, 1)), "N12N");
    assert_string_equal(months(account(response, 1, 2)), "N12");
    assert_string_equal(months(account(response, 1, 3)), "NN123456NN");
    assert_string_equal(months(account(response, 1, 4)), "");
    assert_int_equal(account(response, 1, 4)->last_period, 0);
    assert_null(account(response, 1, 4)->latest_month);
    assert_int_equal(account(response, 1, 2)->last_period, wire(oldest - 8));
    cix_free(response);
}

static void adverse_months_go_five_years_after_their_end(void **state)
{
    (void)state;
    assert_person_is_shown_what_is_not_over();
}

static void what_has_not_ended_stays(void **state)
{
    (void)state;
    Cix__V1__GetReportResponse *response = report(1);
    const Cix__V1__ReportedAccount *late = account(response, 1, 2);

    assert_string_equal(late->months[0]->repay_status, "2");
    cix_free(response);
}

static void a_closed_account_is_shown_for_five_years(void **state)
{
    (void)state;
    Cix__V1__GetReportResponse *response = report(1);

    assert_null(account(response, 1, 5));
    assert_non_null(account(response, 1, 6));
    cix_free(response);
}

static void enterprises_are_not_covered(void **state)
{
    (void)state;
    Cix__V1__GetReportResponse *response = report(COMPANY);

    assert_string_equal(months(account(response, COMPANY, 0)), "N12NNN");
    assert_string_equal(months(account(response, COMPANY, 4)), "N1D");
    assert_non_null(account(response, COMPANY, 5));
    cix_free(response);
}

/* Flags, court documents, fraud cases, collections and events of person 2, over and not. */
static void send_facts(void)
{
    int32_t over = day_to_wire(years_ago(5, -1)), last = day_to_wire(years_ago(5, 0));

    add_subject(2);
    add_account(2, 0, mark(2, 0, ""));
    add_account(2, 1, mark(2, 1, arena_format(&made.arena, ",'closedOn':%d", over)));
    add("{'accountEvent':{'accountNo':'A2-0','type':8,'happenedOn':%d}}", over);
    add("{'accountEvent':{'accountNo':'A2-0','type':8,'happenedOn':%d}}", last);
    add("{'accountEvent':{'accountNo':'A2-0','type':4,'happenedOn':%d}}", over);
    add("{'collection':{'accountNo':'A2-0','stage':1,'startedOn':%d,'endedOn':%d,'result':1}}",
        over - 10000, over);
    add("{'collection':{'accountNo':'A2-0','stage':2,'startedOn':%d}}", over - 20000);
    add("{'fraudCase':{'caseRef':'F-1',%s,'role':1,'type':2,'evidenceLevel':3,'status':2,"
        "'detectedOn':%d,'filedOn':%d,'expiresOn':%d,'currency':'CNY','amountAtRisk':'5'}}",
        who(2), over - 50000, over - 50000, over);
    add("{'fraudCase':{'caseRef':'F-2',%s,'role':1,'type':2,'evidenceLevel':3,'status':2,"
        "'detectedOn':%d,'filedOn':%d,'expiresOn':%d,'currency':'CNY','amountAtRisk':'5'}}",
        who(2), last - 50000, last - 50000, last);
    add_subject(3);
    add("{'party':{'accountNo':'A2-1',%s,'role':3,'fromOn':20150115}}", who(3));
    send(bank);
    for (int i = 0; i < 3; i++)
        add("{'publicRecord':{'recordNo':'P-%d',%s,'name':'%s','type':2,'authority':'Made Court',"
            "'caseNo':'(2015)皖9901执77号','decidedOn':20150301,'status':%d%s}}",
            i, who(2), name_of(2), i < 2 ? 3 : 1,
            i < 2 ? arena_format(&made.arena, ",'endedOn':%d", i ? last : over) : "");
    for (int i = 1; i <= 3; i++) {
        char id[37];
        person_uuid("flag", i, id);
        add("{'flag':{'flagId':'%s',%s,'name':'%s','caseNo':'(2015)皖9901执%d号','court':'Made',"
            "'filedOn':20150101,'publishedOn':20150201,'ground':1,'performance':1,'grade':1,"
            "'status':'LISTED','dutyText':'repay','basisUnit':'Made'%s}}",
            id, who(2), name_of(2), i,
            i == 3 ? "" : arena_format(&made.arena, ",'expiresOn':%d", i == 1 ? over : last));
    }
    send(court);
}

static void adverse_facts_go_five_years_after_their_end(void **state)
{
    (void)state;
    send_facts();
    Cix__V1__GetReportResponse *response = report(2);
    assert_int_equal(response->report->n_account_events, 2);
    assert_int_equal(response->report->n_collections, 1);
    assert_int_equal(response->report->n_fraud_cases, 0);
    assert_int_equal(response->report->n_public_records, 2);
    assert_int_equal(response->report->n_flags, 1);
    cix_free(response);
}

/* Runs cixd; its output holds each text. */
static void cixd(const char *words, const char *const *texts)
{
    const char *output;

    if (kept_command(&exchange, &made.arena, words, &output) != 0)
        fail_msg("%s: %s", words, output);
    for (; texts && *texts; texts++)
        if (!strstr(output, *texts))
            fail_msg("%s is not in: %s", *texts, output);
}

static void await_merge(void)
{
    for (int i = 0; i < 600 && number("select count(*) from cix.rollup_delta"); i++)
        exchange_settle();
}

static const char *const due_items[] = {
    "accounts: 2, closed",        "accounts with months: 3, adverse", "listings: 1, adverse",
    "account events: 2, adverse", "parties of accounts: 1, closed",   "public records: 1, adverse",
    "fraud cases: 1, adverse",    "collections: 1, adverse",          NULL};

static void a_dry_run_only_tells(void **state)
{
    (void)state;
    await_merge();
    int64_t rows = number("select count(*) from cix.performance_delta");
    cixd("purge --dry-run", due_items);
    assert_int_equal(number("select count(*) from cix.performance_delta"), rows);
    assert_int_equal(number("select count(*) from cix.tombstone"), 0);
}

/* A purge that is given up at its end. */
static void *purge_meanwhile(void *is_done)
{
    struct db *other = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    *(bool *)is_done = db_script(&ctx, other,
                                 "begin; select count(*) from cix.purge_step(current_date, 0,"
                                 " 1000000, false, now(), 1, sha256('')); rollback");
    db_close(other);
    arena_done(&arena);
    return NULL;
}

/* Whoever takes a sold account over holds its key, and then changes an account of the person. */
static void a_buyer_and_a_purge_wait_for_each_other_in_turn(void **state)
{
    bool is_done = false;
    pthread_t thread;

    (void)state;
    await_merge();
    number("begin");
    assert_true(number("with held as (select cix.account_sold_hold(array[k.member_id],"
                       " array[k.account_index]) from cix.account_key k join cix.account a using"
                       " (account_id) where a.credit_limit = 201) select count(*) from held") > 0);
    assert_int_equal(pthread_create(&thread, NULL, purge_meanwhile, &is_done), 0);
    for (int i = 0; i < 30 && !number("select count(*) from pg_locks l where not l.granted"
                                      " and l.transactionid is not null");
         i++)
        usleep(100000);
    number("set local lock_timeout = '20s'");
    assert_true(number("with changed as (select a.account_id from cix.account a"
                       " where a.credit_limit = 201 for no key update)"
                       " select count(*) from changed") > 0);
    number("rollback");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(is_done);
}

/* A subject's dispute about a month that is over holds its purge back. */
static void what_is_disputed_waits(void **state)
{
    (void)state;
    assert_int_equal(
        number(
            "insert into cix.annotation (subject_id, annotation_id, member_id, external_id, kind,"
            " code, target, target_id, period, holder_id, sealed_text, filed_by, evidence_hash,"
            " recorded_at) select a.subject_id, 1, a.member_id, gen_random_uuid(), 1, 104, 2,"
            " a.account_id, 0, a.member_id, '\\x00', 1, sha256(''), now()"
            " from cix.account a where a.credit_limit = 201 returning 1::bigint"),
        1);
    cixd("purge --dry-run", (const char *const[]){"accounts: 1, closed", NULL});
    number("delete from cix.annotation where annotation_id = 1");
}

/* So does that of who answers for the account, of the party; when it has ended, it goes with the
 * party. */
static void what_a_guarantor_disputes_waits(void **state)
{
    const char *output;

    (void)state;
    assert_int_equal(
        number(
            "insert into cix.annotation (subject_id, annotation_id, member_id, external_id, kind,"
            " code, target, target_id, period, holder_id, sealed_text, filed_by, evidence_hash,"
            " recorded_at) select p.party_subject_id, 2, f.member_id, gen_random_uuid(), 1, 106, 6,"
            " p.fact_id, 0, f.member_id, '\\x00', 1, sha256(''), now()"
            " from cix.party p join cix.fact f on f.fact_id = p.fact_id returning 1::bigint"),
        1);
    assert_int_equal(kept_command(&exchange, &made.arena, "purge --dry-run", &output), 0);
    assert_null(strstr(output, "parties of accounts"));
    number("update cix.annotation set ended_at = now(), outcome = 3 where annotation_id = 2");
    cixd("purge --dry-run", due_items);
}

static void what_is_over_is_deleted_and_leaves_a_tombstone(void **state)
{
    static const char sums[] = "select sum(hashtextextended(row(period, cell_id, accounts, balance,"
                               " overdue)::text, 0) % 1000000)::bigint from cix.rollup";
    (void)state;
    int64_t statistics = number(sums);
    number("update cix.purge_pass set begun_at = null"); /* the server does it */
    for (int i = 0; i < 60 && !number("select count(*) from cix.tombstone"); i++)
        exchange_settle();
    assert_int_equal(number("select count(*) from cix.tombstone"), 12);
    assert_int_equal(number("select count(*) from cix.tombstone where kind = 3 and reason = 2"), 2);
    assert_int_equal(number("select count(*) from cix.tombstone where kind = 4 and reason = 1"), 3);
    assert_int_equal(number(sums), statistics);
    assert_true(number("select sum(accounts)::bigint from cix.purge_residue") > 0);
    assert_int_equal(number("select count(*) from cix.fact where kind = 9"), 1);
    assert_int_equal(number("select count(*) from cix.liability"), 0);
    assert_int_equal(number("select count(*) from cix.annotation"), 0);
    assert_int_equal(number("select count(*) from cix.account_key where account_id not in"
                            " (select account_id from cix.account)"),
                     0);
    assert_int_equal(number("select count(*) from cix.fact_key where fact_id not in"
                            " (select fact_id from cix.fact)"),
                     0);
    assert_int_equal(number("select count(*) from cix.flag"), 2);
    assert_int_equal(number("select count(*) from cix.flag_detail"), 2);
    assert_int_equal(number("select count(*) from cix.audit where method = 206"), 1);
    cixd("purge", (const char *const[]){"nothing is over", NULL});
}

static void assert_kept_names(int64_t over, int64_t not_over)
{
    static const char *const tables[] = {"subject_name_removed", "subject_identifier_removed"};

    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        assert_int_equal(
            number(arena_format(&made.arena, "select count(*) from cix.%s where record_id = 1",
                                tables[i])),
            over);
        assert_int_equal(
            number(arena_format(&made.arena, "select count(*) from cix.%s where record_id = 2",
                                tables[i])),
            not_over);
    }
}

/* Whoever's they are: of persons and organisations. */
static void names_taken_away_go_after_five_years(void **state)
{
    int64_t subjects = number("select count(*) from cix.subject");

    (void)state;
    for (int id = 1; id <= 2; id++) {
        const char *day =
            arena_format(&made.arena, "'%d 12:00+00'", day_to_wire(years_ago(5, id - 2)));
        number(
            arena_format(&made.arena,
                         "insert into cix.subject_name_removed select s.subject_id, sha256('%d'),"
                         " m.member_id, gen_random_uuid(), %d, '\\x00', null, %s, %s"
                         " from cix.subject s, cix.member m where m.code = 'bank-one'"
                         " returning 1::bigint",
                         id, id, day, day));
        number(arena_format(&made.arena,
                            "insert into cix.subject_identifier_removed select s.subject_id,"
                            " sha256('%d'), m.member_id, gen_random_uuid(), %d, 10, '\\x00', %s, %s"
                            " from cix.subject s, cix.member m where m.code = 'bank-one'"
                            " returning 1::bigint",
                            id, id, day, day));
    }
    const char *told =
        arena_format(&made.arena, "names and identifiers: %lld, taken back over five",
                     (long long)(2 * subjects));
    cixd("purge --dry-run", (const char *const[]){told, "nothing was deleted", NULL});
    assert_kept_names(subjects, subjects);
    cixd("purge", (const char *const[]){told, "of names none", NULL});
    assert_kept_names(0, subjects);
    cixd("purge", (const char *const[]){"nothing is over", NULL});
    number("delete from cix.subject_name_removed");
    number("delete from cix.subject_identifier_removed");
}

static void reports_say_after_a_purge_what_they_said_before(void **state)
{
    (void)state;
    assert_person_is_shown_what_is_not_over();
    Cix__V1__GetReportResponse *response = report(COMPANY);
    assert_string_equal(months(account(response, COMPANY, 0)), "N12NNN");
    cix_free(response);
    response = report(2);
    assert_int_equal(response->report->n_public_records, 2);
    cix_free(response);
}

static void a_purged_database_is_sound(void **state)
{
    (void)state;
    cixd("fsck --all", (const char *const[]){"nothing is wrong", NULL});
    cixd("fsck --repair", (const char *const[]){"nothing is wrong", NULL});
    assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
    /* The number may be used again: nothing is known of it. */
    add_account(1, 5, mark(1, 5, ""));
    send(bank);
    cixd("fsck", (const char *const[]){"nothing is wrong", NULL});
}

static void the_operator_sees_passes(void **state)
{
    (void)state;
    assert_true(number("select count(*) from cix.purge_pass where ended_at >= begun_at") == 1);
}

/* Three ratings of each: of six years ago, of last year and of today. */
static void add_ratings(int64_t subject_id)
{
    number(arena_format(
        &made.arena,
        "insert into cix.rating (subject_id, rating_id, standard_no, as_of, score, grade,"
        " scored_grade, pd_ppm, reasons, inputs, recorded_at) select %lld, %lld + y, 1, now(), 600,"
        " 'BB', 'BB', 47619, '', '', now() - y * interval '1 year'"
        " from unnest(array[0, 1, 6]) y returning 1::bigint",
        (long long)subject_id, (long long)subject_id * 10));
}

static int64_t ratings_of(int64_t subject_id)
{
    return number(arena_format(&made.arena,
                               "select count(*) from cix.rating where subject_id = %lld",
                               (long long)subject_id));
}

/* How many of them the bank is shown. */
static size_t ratings_shown(int64_t k)
{
    Cix__V1__ListRatingsRequest request = CIX__V1__LIST_RATINGS_REQUEST__INIT;
    Cix__V1__ListRatingsResponse *response;
    struct cix_error error;
    struct question question;

    question_about(&question, k, CIX__V1__PURPOSE__PURPOSE_POST_LOAN);
    request.inquiry = &question.inquiry;
    if (!cix_list_ratings(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    size_t count = response->n_ratings;
    cix_free(response);
    return count;
}

/* A person with an open account, and with months that are over; its subject. */
static int64_t put_person(int64_t k, bool has_adverse)
{
    add_subject(k);
    add_account(k, 0, mark(k, 0, ""));
    add_months(k, 0, oldest - 4, has_adverse ? "N12NN" : "NNNNN");
    send(bank);
    return number("select max(subject_id) from cix.subject");
}

/* Old ratings go, and all of a person of whom something goes; neither is shown before. */
static void kept_ratings_are_purged_too(void **state)
{
    int64_t waiting, clean, company;

    (void)state;
    waiting = put_person(7, true);
    clean = put_person(8, false);
    company = number("select max(subject_id) from cix.subject where kind <> 1");
    number("insert into cix.standard (standard_no, standard_id, version, content, digest, state,"
           " valid_from, valid_to, loaded_by, loaded_at) values (1, 'made', 1, 'x', sha256('x'), 1,"
           " '2024-01-01', '2039-12-31', 0, now()) returning 1::bigint");
    add_ratings(waiting);
    add_ratings(clean);
    add_ratings(company);
    assert_int_equal(ratings_shown(7), 0);
    assert_int_equal(ratings_shown(8), 2);
    await_merge();
    cixd("purge",
         (const char *const[]){"accounts with months: 1, adverse", "ratings: 3, kept for over five",
                               "ratings: 2, of persons of whom something is purged", NULL});
    assert_int_equal(ratings_of(waiting), 0);
    assert_int_equal(ratings_of(clean), 2);
    assert_int_equal(ratings_of(company), 2);
    assert_int_equal(number("select count(*) from cix.tombstone where kind = 32 and reason = 4"),
                     3);
    assert_int_equal(number("select count(*) from cix.tombstone where kind = 32 and reason = 5"),
                     2);
    assert_int_equal(number("select count(*) from cix.audit where method = 206"), 2);
    cixd("purge", (const char *const[]){"nothing is over", NULL});
}

static void merge(int64_t alias, int64_t survivor)
{
    cixd(arena_format(&made.arena, "subject merge %lld %lld --reason register", (long long)alias,
                      (long long)survivor),
         NULL);
}

/* What stands under a survivor was its alias's: ratings that were kept of either may tell of it. */
static void ratings_kept_of_a_double_go_with_it(void **state)
{
    int64_t survivor = put_person(9, false), alias = put_person(10, true);

    (void)state;
    merge(alias, survivor);
    add_ratings(survivor);
    add_ratings(alias);
    assert_int_equal(ratings_shown(9), 0);
    await_merge();
    cixd("purge",
         (const char *const[]){"ratings: 2, kept for over five",
                               "ratings: 4, of persons of whom something is purged", NULL});
    assert_int_equal(ratings_of(survivor) + ratings_of(alias), 0);
}

/* After a split those of the survivor that were kept meanwhile, and no others. */
static void ratings_kept_while_two_were_one_go_too(void **state)
{
    int64_t survivor = put_person(11, false), alias = put_person(12, true);

    (void)state;
    merge(alias, survivor);
    add_ratings(survivor);
    cixd(arena_format(&made.arena, "subject split %lld", (long long)alias), NULL);
    assert_int_equal(ratings_shown(11), 1); /* of last year; of today it was two */
    await_merge();
    cixd("purge",
         (const char *const[]){"ratings: 1, kept for over five",
                               "ratings: 1, of persons of whom something is purged", NULL});
    assert_int_equal(ratings_of(survivor), 1);
    assert_int_equal(ratings_shown(11), 1);
}

/* An individual business is a person that trades. */
static void individual_businesses_are_covered(void **state)
{
    int64_t business = put_person(13, true);

    (void)state;
    number(arena_format(
        &made.arena,
        "update cix.subject set kind = 3 where subject_id = %lld returning kind::bigint",
        (long long)business));
    add_ratings(business);
    Cix__V1__GetReportResponse *response = report(13);
    assert_string_equal(months(account(response, 13, 0)), "N");
    cix_free(response);
    assert_int_equal(ratings_shown(13), 0);
    await_merge();
    cixd("purge",
         (const char *const[]){"accounts with months: 1, adverse",
                               "ratings: 2, of persons of whom something is purged", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adverse_months_go_five_years_after_their_end),
        cmocka_unit_test(what_has_not_ended_stays),
        cmocka_unit_test(a_closed_account_is_shown_for_five_years),
        cmocka_unit_test(enterprises_are_not_covered),
        cmocka_unit_test(adverse_facts_go_five_years_after_their_end),
        cmocka_unit_test(a_dry_run_only_tells),
        cmocka_unit_test(a_buyer_and_a_purge_wait_for_each_other_in_turn),
        cmocka_unit_test(what_is_disputed_waits),
        cmocka_unit_test(what_a_guarantor_disputes_waits),
        cmocka_unit_test(what_is_over_is_deleted_and_leaves_a_tombstone),
        cmocka_unit_test(names_taken_away_go_after_five_years),
        cmocka_unit_test(reports_say_after_a_purge_what_they_said_before),
        cmocka_unit_test(a_purged_database_is_sound),
        cmocka_unit_test(the_operator_sees_passes),
        cmocka_unit_test(kept_ratings_are_purged_too),
        cmocka_unit_test(ratings_kept_of_a_double_go_with_it),
        cmocka_unit_test(ratings_kept_while_two_were_one_go_too),
        cmocka_unit_test(individual_businesses_are_covered),
    };

    return cmocka_run_group_tests_name("purge", tests, setup, teardown);
}
