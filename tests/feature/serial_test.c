/*
 * Goal: what is submitted, put right and deleted at once equals some order of it one by one, for
 * months, accounts, subjects and facts; no version is committed below one that came before it.
 * Method: first, races made by hand: the slow one has made its ids and waits for a lock while the
 * fast one overtakes it. Then a storm of several connections on a few shared keys, in both modes; a
 * trigger of the test notes the order of commits. What was accepted is sent in that order, one by
 * one, to a second exchange, which must accept it and hold the same. CIX_SEED gives another storm.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "message.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/sameness.h"

#include "support/cmocka.h"

enum {
    EVERY_CLASS = 0xff,
    BLOCKED = 900, /* the person whose rows a test locks to make somebody wait */
    WAIT_US = 2000,
    WAITS = 10000,
    STORMERS = 4,
    STORMS = 40, /* submissions of each */
    STORM_PERSONS = 3,
    STORM_RECORDS = 3, /* at most, of a submission */
    TRIES = 50,
};

#define DAILY CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY
#define WHOLE CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE

static struct exchange exchanges[2];
static struct dossier dossiers[2];
static struct cix_client *bank, *other, *court;
static int64_t blocked_subject, blocked_account;
static struct db *holder; /* of locks on what belongs to it */

/* ---- Records ---- */

enum action { NEW, REPLACE, DELETE };

static void act(struct contribution *records, enum action action)
{
    if (action == NEW)
        return;
    contribution_correct(records);
    if (action == DELETE)
        records->records[records->count - 1]->correction->action =
            CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
}

/* Each of these adds one record about person k; value tells versions of it apart. */
static void add_month(struct contribution *records, int64_t k, enum action action, int value)
{
    contribution_month(records, k, 0, 202401 + value % 2, 1000 + value);
    act(records, action);
}

static void add_account(struct contribution *records, int64_t k, enum action action, int value)
{
    contribution_account(records, k, 0)->original_amount = 10000000 + value;
    act(records, action);
}

static void add_subject(struct contribution *records, int64_t k, enum action action, int value)
{
    static const char *const regions[] = {"110101", "310101", "440103"};

    contribution_subject(records, k)->region = (char *)regions[value % 3];
    act(records, action);
}

static void add_json(struct contribution *records, enum action action, char *text)
{
    contribution_json(records, text);
    act(records, action);
}

static void add_event(struct contribution *records, int64_t k, enum action action, int value)
{
    add_json(records, action,
             arena_format(&records->arena,
                          "{'accountEvent':{'accountNo':'A%lld-0','type':1,'happenedOn':20240201,"
                          "'amount':'%d','monthsExtended':6}}",
                          (long long)k, 100 + value));
}

static const char *who(struct contribution *records, int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_format(&records->arena, "'identifier':{'type':'RESIDENT_ID','value':'%s'}",
                        person.number);
}

static void add_grade(struct contribution *records, int64_t k, enum action action, int value)
{
    add_json(records, action,
             arena_format(&records->arena,
                          "{'memberGrade':{%s,'gradedOn':20240301,'grade':'G1','defaultPpm':%d}}",
                          who(records, k), 1000 + value));
}

/* One case for all persons: its subject changes from version to version. */
static void add_fraud(struct contribution *records, int64_t k, enum action action, int value)
{
    add_json(records, action,
             arena_format(&records->arena,
                          "{'fraudCase':{'caseRef':'F-%lld',%s,'role':1,'type':2,'evidenceLevel':3,"
                          "'status':2,'detectedOn':20260101,'filedOn':20260102,"
                          "'expiresOn':20300101,'currency':'CNY','amountAtRisk':'%d'}}",
                          (long long)k, who(records, value % 2 ? k : (k + 1) % STORM_PERSONS),
                          1000 + value));
}

static void add_document(struct contribution *records, int64_t k, enum action action, int value)
{
    struct person person;

    person_make(k, &person);
    add_json(
        records, action,
        arena_format(&records->arena,
                     "{'publicRecord':{'recordNo':'P-%lld',%s,'name':'%s','type':2,"
                     "'authority':'Made Court','caseNo':'(2025)皖9901执77号','decidedOn':20250301,"
                     "'amount':'%d','currency':'CNY','status':1}}",
                     (long long)k, who(records, k), person.name, 500 + value));
}

/* A dealer that ends before or after the day on which loans are opened, and a loan by it. */
static void add_dealer(struct contribution *records, int64_t k, enum action action, int value)
{
    add_json(records, action,
             arena_format(&records->arena,
                          "{'dealer':{'dealerCode':'D-%lld','name':'Made Dealer','fromOn':20240101,"
                          "'untilOn':202401%02d}}",
                          (long long)k, 12 + value));
}

static void add_dealt(struct contribution *records, int64_t k, enum action action, int value)
{
    Cix__V1__Account *account = contribution_account(records, k, 0);

    account->channel = 4;
    account->dealer_code = arena_format(&records->arena, "D-%lld", (long long)(k + value % 2));
    act(records, action);
}

typedef void add_function(struct contribution *records, int64_t k, enum action action, int value);

/* ---- Sending ---- */

static struct cix_client *member(struct exchange *exchange, const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = EVERY_CLASS;
    exchange_member_put(exchange, &member);
    return exchange_client(exchange, code);
}

/* One submission, in a thread of its own or not; freed with sending_end. */
struct sending {
    struct contribution records;
    struct cix_client *client;
    char id[37];
    pthread_t thread;
    atomic_bool is_over;
    bool is_sent;
    char told[512]; /* rules that it broke, "0:K001 1:A022", S006 left out; or why it was refused */
};

static void sending_begin(struct sending *sending, struct cix_client *client)
{
    static int64_t count;

    *sending = (struct sending){.client = client};
    person_uuid("serial", ++count, sending->id);
    contribution_init(&sending->records);
}

static void *sending_run(void *argument)
{
    struct sending *sending = argument;
    Cix__V1__ChunkResult *result = NULL;
    struct cix_error error;
    size_t size = 0;

    sending->is_sent =
        contribution_try(&sending->records, sending->client, sending->id, DAILY, &result, &error);
    if (!sending->is_sent)
        snprintf(sending->told, sizeof(sending->told), "%s", error.reason);
    for (size_t i = 0; result && i < result->n_verdicts; i++)
        if (strcmp(result->verdicts[i]->rule, "S006") != 0 && size < sizeof(sending->told))
            size += (size_t)snprintf(sending->told + size, sizeof(sending->told) - size, "%s%d:%s",
                                     size ? " " : "", result->verdicts[i]->index,
                                     result->verdicts[i]->rule);
    contribution_answer_free(result);
    sending->is_over = true;
    return NULL;
}

static void sending_start(struct sending *sending)
{
    assert_int_equal(pthread_create(&sending->thread, NULL, sending_run, sending), 0);
}

static void sending_end(struct sending *sending, const char *told)
{
    if (sending->thread)
        pthread_join(sending->thread, NULL);
    else
        sending_run(sending);
    contribution_done(&sending->records);
    assert_string_equal(sending->told, told);
}

static int64_t number(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int64_t number(const char *format, ...)
{
    char sql[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    return dossier_number(&dossiers[0], sql);
}

/* Waits until so many of the server's transactions wait for a lock, or the sending is over. */
static void await(int waiting, struct sending *sending)
{
    for (int i = 0; i < WAITS && !sending->is_over; i++) {
        if (number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                   " and usename = 'cix_submit' and datname = current_database()") >= waiting)
            return;
        usleep(WAIT_US);
    }
}

static void script(struct db *db, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void script(struct db *db, const char *format, ...)
{
    struct arena arena;
    struct ctx ctx;
    va_list args;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    va_start(args, format);
    if (!db_script(&ctx, db, arena_vformat(&arena, format, args)))
        fail_msg("%s", ctx.error.message);
    va_end(args);
    arena_done(&arena);
}

/* ---- Fixture ---- */

static void know(struct cix_client *client, int64_t k)
{
    struct sending sending;

    sending_begin(&sending, client);
    contribution_subject(&sending.records, k);
    sending_end(&sending, "");
}

static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        exchange_start(&exchanges[i], NULL);
        cix_close(member(&exchanges[i], "bank-one", MEMBER_TYPE_BANK));
        cix_close(member(&exchanges[i], "bank-two", MEMBER_TYPE_BANK));
        cix_close(member(&exchanges[i], "court-one", MEMBER_TYPE_COURT));
        dossier_open(&dossiers[i], &exchanges[i]);
    }
    exchange_settle();
    bank = exchange_client(&exchanges[0], "bank-one");
    other = exchange_client(&exchanges[0], "bank-two");
    court = exchange_client(&exchanges[0], "court-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_close(holder);
    cix_close(bank);
    cix_close(other);
    cix_close(court);
    for (int i = 0; i < 2; i++) {
        dossier_close(&dossiers[i]);
        exchange_stop(&exchanges[i]);
    }
    return 0;
}

/* Makes the person whose rows are locked, once. */
static int setup_race(void **state)
{
    struct sending sending;

    (void)state;
    if (holder)
        return 0;
    sending_begin(&sending, bank);
    contribution_subject(&sending.records, BLOCKED);
    contribution_account(&sending.records, BLOCKED, 0);
    sending_end(&sending, "");
    know(court, BLOCKED);
    holder = exchange_owner(&exchanges[0]);
    blocked_account = number("select max(account_id) from cix.account");
    blocked_subject = number("select subject_id from cix.account where account_id = %lld",
                             (long long)blocked_account);
    return 0;
}

/* ---- Races by hand ---- */

#define MONTHS   "select submission_id, delta_id as id from cix.performance_delta"
#define ACCOUNTS "select submission_id, record_id as id from cix.account_version"
#define SUBJECTS "select submission_id, record_id as id from cix.subject_version"
#define FACTS    "select submission_id, record_id as id from cix.fact"

/* A record of one kind that the slow one changes behind the fast one, which makes it. */
static const struct overtaking {
    const char *name;
    add_function *add;
    enum action action;
    const char *latest; /* versions: submission and id */
    bool is_of_court;
} overtakings[] = {
    {"month replaced", add_month, REPLACE, MONTHS, false},
    {"month deleted", add_month, DELETE, MONTHS, false},
    {"account replaced", add_account, REPLACE, ACCOUNTS, false},
    {"account deleted", add_account, DELETE, ACCOUNTS, false},
    {"subject replaced", add_subject, REPLACE, SUBJECTS, false},
    {"subject deleted", add_subject, DELETE, SUBJECTS, false},
    {"event replaced", add_event, REPLACE, FACTS, false},
    {"event deleted", add_event, DELETE, FACTS, false},
    {"grade replaced", add_grade, REPLACE, FACTS, false},
    {"document deleted", add_document, DELETE, FACTS, true},
};

/* What has to be there before: the subject, and for what hangs on an account that. */
static void prepare(const struct overtaking *it, int64_t k)
{
    struct sending sending;

    sending_begin(&sending, bank);
    contribution_subject(&sending.records, k);
    if (it->add != add_account && it->add != add_subject)
        contribution_account(&sending.records, k, 0);
    sending_end(&sending, "");
}

/* The slow one has its ids and waits at the blocked person, which comes first in its chunk. */
static void overtake(const struct overtaking *it, int64_t k)
{
    struct sending slow, fast;

    prepare(it, k);
    script(holder, "begin; select from cix.subject where subject_id = %lld for update",
           (long long)blocked_subject);
    sending_begin(&slow, it->is_of_court ? court : bank);
    contribution_subject(&slow.records, BLOCKED);
    it->add(&slow.records, k, it->action, 2);
    sending_start(&slow);
    await(1, &slow);
    sending_begin(&fast, slow.client);
    it->add(&fast.records, k, NEW, 0);
    sending_end(&fast, "");
    script(holder, "rollback");
    sending_end(&slow, "");
    if (number("select count(*) from (select submission_id from (%s) v order by id desc limit 1) l"
               " where submission_id = '%s'",
               it->latest, slow.id) != 1)
        fail_msg("%s: what was committed last does not count", it->name);
}

static void who_comes_last_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(overtakings); i++)
        overtake(&overtakings[i], 100 + (int64_t)i);
    assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
}

/* An account is opened because its member knows the subject, which it takes back meanwhile. */
static void a_subject_with_an_account_under_way_is_not_taken_back(void **state)
{
    struct sending slow, fast;

    (void)state;
    know(bank, 200);
    script(holder, "begin; select from cix.account where account_id = %lld for update",
           (long long)blocked_account);
    sending_begin(&slow, bank);
    contribution_account(&slow.records, 200, 0);
    contribution_month(&slow.records, BLOCKED, 0, 202401, 1);
    sending_start(&slow);
    await(1, &slow);
    sending_begin(&fast, bank);
    add_subject(&fast.records, 200, DELETE, 0);
    sending_start(&fast);
    await(2, &fast);
    script(holder, "rollback");
    sending_end(&slow, "");
    sending_end(&fast, "0:K001");
}

/* A loan is opened because its dealer is registered, which its member takes back meanwhile. */
static void a_dealer_is_taken_back_behind_the_loan_under_way(void **state)
{
    struct sending slow, fast;

    (void)state;
    know(bank, 300);
    sending_begin(&slow, bank);
    add_dealer(&slow.records, 300, NEW, 5);
    sending_end(&slow, "");
    script(holder, "begin; select from cix.account where account_id = %lld for update",
           (long long)blocked_account);
    sending_begin(&slow, bank);
    add_dealt(&slow.records, 300, NEW, 0);
    contribution_month(&slow.records, BLOCKED, 0, 202402, 1);
    sending_start(&slow);
    await(1, &slow);
    sending_begin(&fast, bank);
    add_dealer(&fast.records, 300, DELETE, 0);
    sending_start(&fast);
    await(2, &fast);
    assert_false(fast.is_over);
    script(holder, "rollback");
    sending_end(&slow, "");
    sending_end(&fast, "");
    sending_begin(&slow, bank);
    add_dealt(&slow.records, 300, NEW, 1);
    sending_end(&slow, "0:A016");
}

/* Dealers are locked before subjects, so that no two chunks of a member wait for each other: one
 * that waits for a subject has the dealers of its loan already. */
static void dealers_are_locked_before_subjects(void **state)
{
    struct sending slow, fast;

    (void)state;
    know(bank, 310);
    sending_begin(&slow, bank);
    add_dealer(&slow.records, 310, NEW, 5);
    sending_end(&slow, "");
    script(holder, "begin; select from cix.subject where subject_id = %lld for update",
           (long long)blocked_subject);
    sending_begin(&slow, bank);
    contribution_subject(&slow.records, BLOCKED);
    add_dealt(&slow.records, 310, NEW, 0);
    sending_start(&slow);
    await(1, &slow);
    sending_begin(&fast, bank);
    add_dealer(&fast.records, 311, NEW, 5);
    sending_start(&fast);
    await(2, &fast);
    assert_false(fast.is_over);
    script(holder, "rollback");
    sending_end(&slow, "");
    sending_end(&fast, "");
}

/* A person whose listing is put before that of the blocked one: in the order of lookups. */
static int64_t listed_first(void)
{
    struct person person;
    struct digest last;
    int64_t k = 201;

    person_make(BLOCKED, &person);
    last = vault_lookup(dossiers[0].vault, 10, person.number);
    for (;; k++) {
        person_make(k, &person);
        struct digest lookup = vault_lookup(dossiers[0].vault, 10, person.number);
        if (memcmp(lookup.bytes, last.bytes, DIGEST_SIZE) < 0)
            return k;
    }
}

/* A listing is found by what another member says of its subject, and takes back meanwhile. */
static void a_subject_with_a_listing_under_way_stays_to_be_found(void **state)
{
    struct sending slow, fast;
    int64_t k = listed_first();
    char flag_ids[2][37];

    (void)state;
    know(bank, k);
    person_uuid("flag", 1, flag_ids[0]);
    person_uuid("flag", 2, flag_ids[1]);
    script(holder,
           "begin; insert into cix.flag_key (member_id, external_id, subject_id, flag_id,"
           " recorded_at) select member_id, '%s', %lld, 1, now() from cix.member"
           " where code = 'court-one'",
           flag_ids[1], (long long)blocked_subject);
    sending_begin(&slow, court);
    contribution_flag(&slow.records, k, flag_ids[0]);
    contribution_flag(&slow.records, BLOCKED, flag_ids[1]);
    sending_start(&slow);
    await(1, &slow);
    sending_begin(&fast, bank);
    add_subject(&fast.records, k, DELETE, 0);
    sending_start(&fast);
    await(2, &fast);
    script(holder, "rollback");
    sending_end(&slow, "");
    sending_end(&fast, "");
    assert_int_equal(number("select count(*) from cix.flag f where f.external_id = '%s' and exists"
                            " (select from cix.identifier i where i.subject_id = f.subject_id)",
                            flag_ids[0]),
                     1);
}

/* ---- A storm ---- */

/* What a stormer does in its n-th submission: the same bytes each time. */
struct storm {
    int stormer, n;
    Cix__V1__SubmissionMode mode;
    char id[37];
};

struct storm_run {
    int stormer;
    pthread_t thread;
    char failure[256];
};

static unsigned storm_seed;

static unsigned draw(unsigned *random, unsigned bound)
{
    *random = *random * 1664525u + 1013904223u;
    return (*random >> 8) % bound;
}

/* Two connections of one bank, another bank, a court. */
static const char *const storm_members[STORMERS] = {"bank-one", "bank-one", "bank-two",
                                                    "court-one"};

static void storm_make(int stormer, int n, struct storm *storm, struct contribution *records)
{
    static add_function *const of_banks[] = {
        add_subject, add_subject, add_account, add_account, add_month, add_month, add_event,
        add_grade,   add_fraud,   add_dealer,  add_dealer,  add_dealt, add_dealt};
    static add_function *const of_courts[] = {add_document};
    bool is_court = stormer == STORMERS - 1;
    unsigned random = storm_seed * 7919u + (unsigned)(stormer * 1000 + n);
    int count;

    *storm = (struct storm){.stormer = stormer, .n = n};
    person_uuid(storm_members[stormer], stormer * 1000 + n, storm->id);
    count = 1 + (int)draw(&random, STORM_RECORDS);
    storm->mode = draw(&random, 4) ? DAILY : WHOLE;
    for (int i = 0; i < count; i++) {
        int64_t k = draw(&random, STORM_PERSONS);
        enum action action = (enum action)draw(&random, 8);
        action = action > DELETE ? action % 2 ? NEW : REPLACE : action;
        unsigned which = draw(&random, is_court ? 1 : ARRAY_LENGTH(of_banks));
        (is_court ? of_courts : of_banks)[which](records, k, action, (int)draw(&random, 6));
    }
}

/* The records of a storm but for those whose place is in a string of digits, which were refused. */
static void leave_out(struct contribution *records, const char *places)
{
    size_t kept = 0;

    for (size_t i = 0; i < records->count; i++)
        if (!strchr(places, (int)('0' + i)))
            records->records[kept++] = records->records[i];
    records->count = kept;
}

/* Sends one; held files and lost races are no failure, the latter are tried again. */
static bool storm_send(struct cix_client *client, int stormer, int n, const char *refused,
                       char failure[256])
{
    struct contribution records;
    struct cix_error error;
    struct storm storm;
    bool is_sent;

    contribution_init(&records);
    storm_make(stormer, n, &storm, &records);
    leave_out(&records, refused);
    is_sent = records.count == 0;
    for (int i = 0; i < TRIES && !is_sent; i++) {
        is_sent = contribution_try(&records, client, storm.id, storm.mode, NULL, &error) ||
                  !strcmp(error.reason, "FILE_HELD");
        if (!is_sent && strcmp(error.reason, "SERIALIZATION") != 0)
            break;
    }
    contribution_done(&records);
    if (!is_sent)
        snprintf(failure, 256, "%.60s: %.180s", error.reason, error.message);
    return is_sent;
}

static void *storm_run(void *argument)
{
    struct storm_run *run = argument;
    struct cix_client *client = exchange_client(&exchanges[0], storm_members[run->stormer]);

    for (int n = 0; n < STORMS; n++)
        if (!storm_send(client, run->stormer, n, "", run->failure))
            break;
    cix_close(client);
    return NULL;
}

/* Commits go one by one while the test notes their order. */
static const char note_order[] =
    "create table public.serial_order (place bigint generated always as identity,"
    " submission_id uuid);"
    "create function public.serial_note() returns trigger language plpgsql security definer as $$"
    " begin perform pg_advisory_xact_lock(4711);"
    " insert into public.serial_order (submission_id) values (new.submission_id);"
    " return null; end $$;"
    "create constraint trigger serial_note after insert or update on cix.submission_chunk"
    " deferrable initially deferred for each row execute function public.serial_note();";

/* Persons and accounts by their number, so that two exchanges can be compared. */
static void put_names(struct dossier *dossier)
{
    script(dossier->db, "create table public.person (k int, lookup bytea);"
                        "create table public.loan (k int, member_id int, account_index bytea);");
    for (int64_t k = 0; k < STORM_PERSONS; k++) {
        struct person person;
        char hex[2 * DIGEST_SIZE + 1], account_no[32];
        person_make(k, &person);
        person_account(k, 0, account_no);
        struct digest lookup = vault_lookup(dossier->vault, 10, person.number);
        text_to_hex(lookup.bytes, DIGEST_SIZE, hex);
        script(dossier->db, "insert into public.person values (%d, '\\x%s')", (int)k, hex);
        for (int i = 0; i < 2; i++) {
            int32_t member_id = dossier_member(dossier, i ? "bank-two" : "bank-one");
            struct digest index = vault_account_index(dossier->vault, member_id, account_no);
            text_to_hex(index.bytes, DIGEST_SIZE, hex);
            script(dossier->db, "insert into public.loan values (%d, %d, '\\x%s')", (int)k,
                   member_id, hex);
        }
    }
}

/* Everything that the storm left, by natural keys and in the order of versions, a line an item. */
static const char dump_sql[] =
    "with own as (select array['subject_id', 'account_id', 'fact_id', 'record_id', 'delta_id',"
    "    'recorded_at', 'attributes_at', 'line', 'cell_id', 'month_ring', 'content_index', "
    "'supersedes',"
    "    'sealed_account_no', 'sealed_birth', 'sealed_mobiles', 'sealed_address', 'sealed_text',"
    "    'sealed_note'] as ids),"
    " who as (select i.subject_id, p.k from cix.identifier i join public.person p using (lookup)),"
    " loan as (select k.subject_id, k.account_id, l.k, l.member_id from public.loan l"
    "    join cix.account_key k using (member_id, account_index)),"
    " item (line) as ("
    " select concat_ws(' ', 'subject', w.k, to_jsonb(s) - o.ids)"
    " from own o, cix.subject s left join who w using (subject_id)"
    " union all"
    " select concat_ws(' ', 'said', w.k, v.member_id,"
    "    string_agg((to_jsonb(v) - o.ids)::text, ' ' order by v.record_id))"
    " from own o, cix.subject_version v left join who w using (subject_id)"
    " group by v.subject_id, v.member_id, w.k"
    " union all"
    " select concat_ws(' ', 'name', w.k, n.member_id, count(*))"
    " from cix.subject_name n left join who w using (subject_id)"
    " group by n.subject_id, n.member_id, w.k"
    " union all"
    " select concat_ws(' ', 'account', l.k, to_jsonb(a) - o.ids)"
    " from own o, cix.account a join loan l using (subject_id, account_id)"
    " union all"
    " select concat_ws(' ', 'agreed', l.k, l.member_id,"
    "    string_agg((to_jsonb(v) - o.ids)::text, ' ' order by v.record_id))"
    " from own o, cix.account_version v join loan l using (subject_id, account_id)"
    " group by l.k, l.member_id"
    " union all"
    " select concat_ws(' ', 'month', l.k, l.member_id, d.period,"
    "    string_agg((to_jsonb(d) - o.ids)::text, ' ' order by d.delta_id))"
    " from own o, cix.performance_delta d join loan l using (subject_id, account_id)"
    " group by l.k, l.member_id, d.period"
    " union all"
    " select concat_ws(' ', 'fact', f.member_id, string_agg(concat_ws(' ', w.k,"
    "    to_jsonb(f) - o.ids, cix.fact_row(f.kind, f.subject_id, f.fact_id, f.record_id) - o.ids),"
    "    ' ' order by f.record_id, f.is_deleted))"
    " from own o, cix.fact f left join who w using (subject_id) group by f.fact_id, f.member_id)"
    " select coalesce(string_agg(line, e'\\n' order by line collate \"C\"), '') from item";

/* The rows of a query's first column, joined by newlines; freed with free(). */
static char *text_of(struct dossier *dossier, const char *sql)
{
    const struct statement statement = {arena_format(&dossier->arena, "text_%zu", strlen(sql)),
                                        sql};
    struct rows rows = {0};
    struct ctx ctx;

    ctx_init(&ctx, &dossier->arena);
    if (!db_run(&ctx, dossier->db, &statement, NULL, &rows))
        fail_msg("%s", ctx.error.message);
    assert_true(rows_next(&rows));
    char *text = strdup(rows_text(&rows, 0));
    rows_done(&rows);
    return text;
}

static void sound(struct dossier *dossier)
{
    assert_int_equal(dossier_number(dossier, "select count(*) from cix.rebuild_check()"), 0);
    assert_int_equal(
        dossier_number(dossier,
                       "select count(*) from (select f.supersedes, lag(f.record_id)"
                       " over (partition by f.fact_id order by f.record_id) as before from"
                       " (select distinct fact_id, record_id, supersedes from cix.fact) f) v"
                       " where v.supersedes is distinct from v.before"),
        0);
}

static void start_storm(struct storm_run runs[STORMERS])
{
    for (int i = 0; i < STORMERS; i++) {
        runs[i] = (struct storm_run){.stormer = i};
        assert_int_equal(pthread_create(&runs[i].thread, NULL, storm_run, &runs[i]), 0);
    }
    for (int i = 0; i < STORMERS; i++) {
        pthread_join(runs[i].thread, NULL);
        if (*runs[i].failure)
            fail_msg("%s", runs[i].failure);
    }
}

/* Sends a line of the order again, "ID REFUSED-PLACES", to the second exchange. */
static void send_again(struct cix_client *const clients[STORMERS], const char *line)
{
    char failure[256], own[37];

    for (int i = 0; i < STORMERS * STORMS; i++) {
        int stormer = i / STORMS, n = i % STORMS;
        person_uuid(storm_members[stormer], stormer * 1000 + n, own);
        if (strncmp(own, line, sizeof(own) - 1) != 0)
            continue;
        if (!storm_send(clients[stormer], stormer, n, line + sizeof(own), failure))
            fail_msg("%s", failure);
        return;
    }
    fail_msg("nobody sent %s", line);
}

/* What the first exchange accepted, in the order of its commits. */
static void send_in_order(void)
{
    struct cix_client *clients[STORMERS];
    char *order = text_of(
        &dossiers[0],
        "select string_agg(concat(o.submission_id, ' ', (select string_agg(distinct v.line::text,"
        "    '') from cix.submission_verdict v where v.submission_id = o.submission_id"
        "    and v.severity <= 3)), e'\n' order by o.place)"
        " from (select submission_id, max(place) as place from public.serial_order group by 1) o"
        " join cix.submission s using (submission_id) where s.state = 2");
    char *rest = order;

    for (int i = 0; i < STORMERS; i++)
        clients[i] = exchange_client(&exchanges[1], storm_members[i]);
    for (char *line; (line = strsep(&rest, "\n"));)
        send_again(clients, line);
    for (int i = 0; i < STORMERS; i++)
        cix_close(clients[i]);
    free(order);
    assert_int_equal(dossier_number(&dossiers[1], "select count(*) from cix.submission_verdict"
                                                  " where severity <= 3"),
                     0);
}

static void a_storm_equals_its_commits_one_by_one(void **state)
{
    struct storm_run runs[STORMERS];
    char *texts[2], *difference;

    (void)state;
    script(dossiers[0].db, note_order);
    start_storm(runs);
    script(dossiers[0].db, "drop trigger serial_note on cix.submission_chunk");
    send_in_order();
    for (int i = 0; i < 2; i++) {
        put_names(&dossiers[i]);
        sound(&dossiers[i]);
        texts[i] = text_of(&dossiers[i], dump_sql);
    }
    difference = same_difference(texts[0], texts[1]);
    if (difference)
        fail_msg("at once %s one by one", difference);
    free(texts[0]);
    free(texts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storm_equals_its_commits_one_by_one),
        cmocka_unit_test_setup(who_comes_last_counts, setup_race),
        cmocka_unit_test_setup(a_subject_with_an_account_under_way_is_not_taken_back, setup_race),
        cmocka_unit_test_setup(a_dealer_is_taken_back_behind_the_loan_under_way, setup_race),
        cmocka_unit_test_setup(dealers_are_locked_before_subjects, setup_race),
        cmocka_unit_test_setup(a_subject_with_a_listing_under_way_stays_to_be_found, setup_race),
    };
    const char *seed = getenv("CIX_SEED");

    storm_seed = seed ? (unsigned)strtoul(seed, NULL, 10) : 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
