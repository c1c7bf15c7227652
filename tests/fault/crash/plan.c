#include "fault/crash/plan.h"

#include <string.h>

#include "base/check.h"
#include "base/digest.h"
#include "domain/fact.h"
#include "json.h"
#include "support/person.h"

enum {
    OWN_PERSONS = 1000,        /* the first number of clients' own persons */
    CLIENT_PERSONS = 1000000,  /* numbers a client has */
    CORRECTIONS = PLAN_SHARED, /* a chunk */
    SIGNED_ON = 20240101,
    EXPIRES_ON = 20281231,
    FIRST_PERIOD = 202402,
    MONTHS = 2, /* an account */
};

/* Whatever is drawn for a plan: bytes that nothing else decides. */
static struct digest draw(unsigned seed, int client, int serial, const char *what)
{
    const int32_t numbers[3] = {(int32_t)seed, client, serial};
    const struct bytes parts[2] = {{(const uint8_t *)what, strlen(what)},
                                   {(const uint8_t *)numbers, sizeof(numbers)}};

    return digest_of_parts(parts, ARRAY_LENGTH(parts));
}

static void draw_kind(struct plan *plan, const uint8_t *bytes)
{
    bool is_file = bytes[0] % 2;

    plan->mode = is_file ? CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE
                         : CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY;
    plan->is_correction = bytes[1] % 3 == 0;
    plan->way = (enum plan_way)(bytes[2] % 4);
    if (plan->way == PLAN_RIVALS && (!is_file || plan->is_correction))
        plan->way = PLAN_TWINS;
    plan->is_declared = plan->way == PLAN_RIVALS || (is_file && bytes[3] % 2);
    plan->is_held = is_file && !plan->is_correction && bytes[4] % 4 == 0;
    plan->is_taken_back = bytes[5] % 2 == 0 && !plan->is_correction && plan->way != PLAN_RIVALS;
    plan->chunk_count = 1 + bytes[6] % PLAN_CHUNKS_MAX;
}

void plan_make(unsigned seed, int client, int serial, struct plan *plan)
{
    struct digest own = draw(seed, client, serial, "id");
    struct digest content = draw(seed, client, serial % PLAN_RIVAL, "content");

    *plan = (struct plan){.seed = seed, .client = client, .serial = serial};
    memcpy(plan->id.bytes, own.bytes, sizeof(plan->id.bytes));
    plan->id.bytes[6] = (uint8_t)((plan->id.bytes[6] & 0x0f) | 0x40);
    plan->id.bytes[8] = (uint8_t)((plan->id.bytes[8] & 0x3f) | 0x80);
    draw_kind(plan, content.bytes);
    plan->first_person = OWN_PERSONS + (int64_t)client * CLIENT_PERSONS +
                         (int64_t)(serial % PLAN_RIVAL) * PLAN_CHUNKS_MAX * PLAN_PERSONS;
    if (serial % PLAN_RIVAL <= PLAN_FIRST_CORRECTIONS) {
        plan->is_correction = serial > 0;
        plan->is_held = plan->is_declared = plan->is_taken_back = false;
        plan->way = PLAN_TWINS;
        plan->mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY;
    }
}

/* A consent, an account and its months. The last month of every second person
 * of a held file has a status that no code list knows. */
static void put_account(const struct plan *plan, int64_t k, int account,
                        struct contribution *contribution)
{
    char consent_id[37];

    person_uuid("crash", k, consent_id);
    contribution_subject(contribution, k);
    contribution_consent(contribution, k, consent_id, SIGNED_ON, EXPIRES_ON);
    contribution_account(contribution, k, account);
    for (int i = 0; i < MONTHS; i++) {
        Cix__V1__Performance *month =
            contribution_month(contribution, k, account, FIRST_PERIOD + i, 5000000 + k % 1000);
        if (plan->is_held && i == MONTHS - 1 && k % 2)
            month->repay_status = (char *)"Z";
    }
}

/* Adds a record from its JSON; single quotes stand for double ones. */
static void add(struct contribution *contribution, char *text)
{
    struct cix_json_text json = {.data = text, .size = strlen(text)};
    ProtobufCMessage *message;
    struct ctx ctx;

    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    ctx_init(&ctx, &contribution->arena);
    CHECK(cix_json_read(&ctx, &json, &cix__v1__record__descriptor, &message));
    contribution->records[contribution->count++] = (Cix__V1__Record *)message;
}

/* Facts about a person, its account and, as its guarantor, the next person. */
static void put_facts(int64_t k, int account, struct contribution *contribution)
{
    struct arena *arena = &contribution->arena;
    struct person person, guarantor;
    char account_no[32];

    person_make(k, &person);
    person_make(k + 1, &guarantor);
    person_account(k, account, account_no);
    add(contribution,
        arena_format(arena,
                     "{'accountEvent':{'accountNo':'%s','type':1,'happenedOn':20240301,"
                     "'amount':'300','monthsExtended':6,'note':'by telephone'}}",
                     account_no));
    add(contribution, arena_format(arena,
                                   "{'party':{'accountNo':'%s','identifier':{'type':'RESIDENT_"
                                   "ID','value':'%s'},"
                                   "'role':3,'liabilityAmount':'10000000','fromOn':20240115}}",
                                   account_no, guarantor.number));
    add(contribution,
        arena_format(arena,
                     "{'collection':{'accountNo':'%s','stage':4,'startedOn':20240301,"
                     "'agencyCode':'AG1','demandedAmount':'500','recoveredAmount':'100',"
                     "'result':2}}",
                     account_no));
    add(contribution,
        arena_format(arena,
                     "{'memberGrade':{'identifier':{'type':'RESIDENT_ID','value':'%s'},"
                     "'gradedOn':20240301,'grade':'G%d','defaultPpm':1200}}",
                     person.number, account % 1000));
}

/* One of three kinds of fact about a shared person. */
static void put_shared_fact(int64_t k, int64_t value, struct contribution *contribution)
{
    struct arena *arena = &contribution->arena;
    struct person person;
    char account_no[32];

    person_make(k, &person);
    person_account(k, 0, account_no);
    if (k % 3 == 0)
        add(contribution, arena_format(arena,
                                       "{'accountEvent':{'accountNo':'%s','type':1,'happenedOn':"
                                       "20240302,'amount':'%lld','monthsExtended':6}}",
                                       account_no, (long long)value));
    else if (k % 3 == 1)
        add(contribution,
            arena_format(arena,
                         "{'collection':{'accountNo':'%s','stage':4,'startedOn':20240302,"
                         "'agencyCode':'AG1','demandedAmount':'%lld','result':2}}",
                         account_no, (long long)value));
    else
        add(contribution,
            arena_format(arena,
                         "{'fraudCase':{'caseRef':'F-%lld','identifier':{'type':'RESIDENT_ID',"
                         "'value':'%s'},'role':1,'type':2,'evidenceLevel':3,'status':2,"
                         "'detectedOn':20260101,'filedOn':20260102,'expiresOn':20300101,"
                         "'currency':'CNY','amountAtRisk':'%lld'}}",
                         (long long)k, person.number, (long long)value));
}

void plan_facts(const struct plan *plan, int number, struct plan_fact facts[PLAN_SHARED])
{
    struct digest drawn = draw(plan->seed, plan->client, plan->serial, "facts");
    int64_t turn = plan->client * 1000000 + plan->serial * 10 % 1000000 + number;

    for (int k = 0; k < PLAN_SHARED; k++)
        facts[k] = (struct plan_fact){
            .line = CORRECTIONS + k,
            .k = k,
            .value = PLAN_FACT_LEAST + turn * PLAN_FACT_VALUES + k,
            .is_deletion = drawn.bytes[k] % 4 == 0,
        };
}

/* Each client's balances differ from each other's, so that a wrong order shows.
 */
static void put_corrections(const struct plan *plan, int number, struct contribution *contribution)
{
    struct digest drawn = draw(plan->seed, plan->client, plan->serial, "corrections");
    struct plan_fact facts[PLAN_SHARED];

    for (int k = 0; k < CORRECTIONS; k++) {
        int64_t balance = 4000000 + plan->client * 100000 + plan->serial * 10 % 100000 + number;
        Cix__V1__Record *record;

        contribution_month(contribution, k, 0, FIRST_PERIOD + k % MONTHS, balance);
        contribution_correct(contribution);
        record = contribution->records[contribution->count - 1];
        if (drawn.bytes[k] % 5 == 0)
            record->correction->action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
    }
    plan_facts(plan, number, facts);
    for (int k = 0; k < PLAN_SHARED; k++) {
        put_shared_fact(k, facts[k].value, contribution);
        contribution_correct(contribution);
        if (facts[k].is_deletion)
            contribution->records[contribution->count - 1]->correction->action =
                CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
    }
}

/* The shared persons, each with a fact about it. */
static void put_shared(const struct plan *plan, struct contribution *contribution)
{
    for (int k = 0; k < PLAN_SHARED; k++) {
        put_account(plan, k, 0, contribution);
        put_shared_fact(k, PLAN_FACT_LEAST + k, contribution);
    }
}

void plan_chunk(const struct plan *plan, int number, struct contribution *contribution)
{
    int64_t first = plan->first_person + (int64_t)(number - 1) * PLAN_PERSONS;

    CHECK(number >= 1 && number <= plan->chunk_count);
    if (plan->is_correction) {
        put_corrections(plan, number, contribution);
        return;
    }
    for (int i = 0; i < PLAN_PERSONS; i++)
        put_account(plan, first + i, 0, contribution);
    for (int i = 0; i + 1 < PLAN_PERSONS; i++)
        put_facts(first + i, 0, contribution);
    if (plan->serial == 0 && plan->client == 0 && number == 1)
        put_shared(plan, contribution);
    else
        put_account(plan, number % PLAN_SHARED, (int)first, contribution);
}

struct plan_count plan_count(const struct plan *plan, int number)
{
    struct contribution contribution;
    struct plan_count count = {.records = 0};

    contribution_init(&contribution);
    plan_chunk(plan, number, &contribution);
    for (size_t i = 0; i < contribution.count; i++) {
        count.records++;
        count.months += contribution.records[i]->record_case == CIX__V1__RECORD__RECORD_PERFORMANCE;
        count.facts +=
            fact_kind_find((enum record_kind)contribution.records[i]->record_case) != NULL;
    }
    contribution_done(&contribution);
    return count;
}

static void add_chunk(const struct plan *plan, int number, struct control *control)
{
    struct contribution contribution;

    contribution_init(&contribution);
    plan_chunk(plan, number, &contribution);
    for (size_t i = 0; i < contribution.count; i++)
        control_add(control, contribution.records[i]);
    contribution_done(&contribution);
}

void plan_declare(const struct plan *plan, struct plan_declaration *declaration)
{
    struct digest hash = draw(plan->seed, plan->client, plan->serial % PLAN_RIVAL, "file");

    *declaration = (struct plan_declaration){.control = {.count = 0}};
    for (int number = 1; number <= plan->chunk_count; number++)
        add_chunk(plan, number, &declaration->control);
    memcpy(declaration->hash, hash.bytes, sizeof(declaration->hash));
    cix__v1__declaration__init(&declaration->message);
    declaration->message.file_hash.data = declaration->hash;
    declaration->message.file_hash.len = sizeof(declaration->hash);
    declaration->message.records = declaration->control.records;
    declaration->message.control_totals = declaration->list;
    declaration->message.n_control_totals = (size_t)declaration->control.count;
    for (int i = 0; i < declaration->control.count; i++) {
        cix__v1__control_total__init(&declaration->totals[i]);
        declaration->totals[i].currency = declaration->control.items[i].currency;
        declaration->totals[i].amount = declaration->control.items[i].amount;
        declaration->list[i] = &declaration->totals[i];
    }
}
