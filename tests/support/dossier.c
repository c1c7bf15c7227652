#include "support/dossier.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "domain/ring.h"
#include "support/cmocka.h"

void dossier_open(struct dossier *dossier, const struct exchange *exchange)
{
    char folder[600];

    *dossier = (struct dossier){.exchange = exchange, .db = exchange_owner(exchange)};
    arena_init(&dossier->arena, 0);
    ctx_init(&dossier->ctx, &dossier->arena);
    snprintf(folder, sizeof(folder), "%s/keys", exchange->folder);
    if (!vault_open(&dossier->ctx, folder, &dossier->vault))
        fail_msg("%s", dossier->ctx.error.message);
}

void dossier_close(struct dossier *dossier)
{
    db_close(dossier->db);
    vault_free(dossier->vault);
    arena_done(&dossier->arena);
}

static int64_t run(struct dossier *dossier, const char *sql, const struct params *params)
{
    struct digest digest = digest_of(sql, strlen(sql));
    char name[33];
    text_to_hex(digest.bytes, 16, name);
    struct statement statement = {arena_string(&dossier->arena, name),
                                  arena_string(&dossier->arena, sql)};
    struct rows rows = {0};
    int64_t value = 0;

    if (!db_run(&dossier->ctx, dossier->db, &statement, params, &rows))
        fail_msg("%s", dossier->ctx.error.message);
    if (rows_next(&rows) && rows_bytes(&rows, 0).size == sizeof(int64_t))
        value = rows_int8(&rows, 0);
    rows_done(&rows);
    return value;
}

int64_t dossier_number(struct dossier *dossier, const char *sql)
{
    return run(dossier, sql, NULL);
}

int64_t dossier_number_when(struct dossier *dossier, const char *sql, int64_t expected)
{
    int64_t number = -1;

    for (int i = 0; i < 300 && number != expected; i++) {
        number = dossier_number(dossier, sql);
        if (number != expected)
            usleep(100 * 1000);
    }
    return number;
}

int32_t dossier_member(struct dossier *dossier, const char *code)
{
    struct params params;

    params_init(&params, &dossier->arena);
    params_text(&params, code);
    return (int32_t)run(dossier, "select member_id::bigint from cix.member where code = $1",
                        &params);
}

static struct digest lookup_of(struct dossier *dossier, const struct person *person)
{
    return vault_lookup(dossier->vault, 10, person->number);
}

static struct bytes sealed(struct dossier *dossier, const char *table, const char *column,
                           int64_t record_id, const char *text)
{
    struct vault_place place = {table, column, record_id};

    return vault_seal(dossier->vault, &dossier->arena, &place, text, strlen(text));
}

void dossier_name(struct dossier *dossier, int64_t subject_id, const struct person *person,
                  const char *member)
{
    struct digest lookup = lookup_of(dossier, person);
    struct digest index =
        vault_name_index(dossier->vault, &lookup, text_fold_name(&dossier->arena, person->name));
    int64_t record_id = id_new();
    struct bytes name = sealed(dossier, "subject_name", "sealed_name", record_id, person->name);
    struct params params;

    params_init(&params, &dossier->arena);
    params_int8(&params, subject_id);
    params_bytes(&params, &index, DIGEST_SIZE);
    params_int4(&params, dossier_member(dossier, member));
    params_int8(&params, record_id);
    params_bytes(&params, name.data, name.size);
    run(dossier, "insert into cix.subject_name values ($1, $2, $3, $4, $5, now())", &params);
}

int64_t dossier_subject(struct dossier *dossier, const struct person *person, const char *member)
{
    struct digest lookup = lookup_of(dossier, person);
    int64_t subject_id = id_new();
    struct bytes value =
        sealed(dossier, "subject_identifier", "sealed_value", subject_id, person->number);
    struct params params;

    params_init(&params, &dossier->arena);
    params_int8(&params, subject_id);
    params_bytes(&params, &lookup, DIGEST_SIZE);
    params_bytes(&params, value.data, value.size);
    params_int4(&params, dossier_member(dossier, member));
    run(dossier,
        "with i as (insert into cix.identifier values ($2, 10, $1, now())),"
        " s as (insert into cix.subject (subject_id, kind, segment, birth_year, region,"
        "           recorded_at) values ($1, 1, 4, 1980, '110000', now()))"
        " insert into cix.subject_identifier values ($1, $2, $4, $1, 10, $3, now())",
        &params);
    dossier_name(dossier, subject_id, person, member);
    return subject_id;
}

static void fill_rings(const struct dossier_account *account, struct period last,
                       uint8_t *status_ring, uint8_t *month_ring)
{
    for (int i = 0; account->statuses[i]; i++) {
        struct period period = period_add(last, -i);
        struct ring_month month = {
            .period = period,
            .recorded_at_s = clock_now_us() / 1000000,
            .balance = {true, account->balance},
            .is_quarantined = account->statuses[i] == '4', /* a leap that a rule keeps for review */
        };
        if (account->statuses[i] == ' ')
            continue;
        status_ring[ring_status_offset(period)] = (uint8_t)account->statuses[i];
        if (i < RING_MONTHS)
            ring_month_encode(&month, month_ring + ring_month_offset(period));
    }
}

int64_t dossier_account(struct dossier *dossier, const struct dossier_account *account)
{
    uint8_t status_ring[RING_STATUS_SIZE] = {0};
    uint8_t month_ring[RING_MONTH_SIZE] = {0};
    int64_t account_id = id_new();
    struct period last;
    struct params params;

    assert_true(period_from_wire(account->last_period, &last));
    fill_rings(account, last, status_ring, month_ring);
    params_init(&params, &dossier->arena);
    params_int8(&params, account->subject_id);
    params_int8(&params, account_id);
    params_int4(&params, dossier_member(dossier, account->member));
    params_int4(&params, last.number);
    params_int8(&params, account->balance);
    params_bytes(&params, status_ring, sizeof(status_ring));
    params_bytes(&params, month_ring, sizeof(month_ring));
    params_bool(&params, account->is_closed);
    run(dossier,
        "insert into cix.account (subject_id, account_id, member_id, type, business_type, currency,"
        " credit_limit, opened_on, closed_on, repay_frequency, security, region, industry, channel,"
        " dealer_code, record_id, sealed_account_no, attributes_at, last_period, recorded_at,"
        " account_status, five_category, days_overdue, balance, overdue_amount, status_ring,"
        " month_ring) values ($1, $2, $3, 3, '81', 'CNY', 500000, '2020-01-15',"
        " case when $8 then date '2026-01-31' end, 3, 4, '110000', '', 1, '', $2, '\\x01', now(),"
        " $4, now(), 1, 1, 0, $5, 0, $6, $7)",
        &params);
    return account_id;
}

void dossier_consent(struct dossier *dossier, const struct person *person, const char *member,
                     char consent_id[37])
{
    struct digest lookup = lookup_of(dossier, person);
    struct uuid uuid = uuid_new();
    struct params params;

    uuid_format(&uuid, consent_id);
    params_init(&params, &dossier->arena);
    params_bytes(&params, &lookup, DIGEST_SIZE);
    params_int4(&params, dossier_member(dossier, member));
    params_uuid(&params, &uuid);
    params_int8(&params, id_new());
    run(dossier,
        "insert into cix.consent values ($1, $2, $3, $4, '{2,3}', 3, 1, '2020-01-01', '2020-01-01',"
        " '2040-12-31', sha256('document'), false, now())",
        &params);
}

void dossier_flag(struct dossier *dossier, int64_t subject_id, const char *court, char flag_id[37])
{
    struct uuid uuid = uuid_new();
    int64_t id = id_new();
    struct bytes case_no = sealed(dossier, "flag", "sealed_case_no", id, "(2025)测0001执1号");
    struct params params;

    uuid_format(&uuid, flag_id);
    params_init(&params, &dossier->arena);
    params_int8(&params, subject_id);
    params_int8(&params, id);
    params_int4(&params, dossier_member(dossier, court));
    params_uuid(&params, &uuid);
    params_bytes(&params, case_no.data, case_no.size);
    run(dossier,
        "with k as (insert into cix.flag_key values ($3, $4, $1, $2, now()))"
        " insert into cix.flag values ($1, $2, $3, $4, $2, $5, 'Test court', '110000',"
        " '2025-01-02', '2025-02-03', null, 1, 1, 1, '{1,2}', 1, 0, now())",
        &params);
}
