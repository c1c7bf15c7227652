#include "store/record.h"

#include "base/clock.h"
#include "store/column.h"

static const struct statement account_rekey = {
    "account_rekey", "select line, rule, severity, field, reason from cix.account_rekey($1, $2, $3,"
                     " $4, $5, $6, $7, $8)"};
static const struct statement consent_put = {
    "consent_put", "select line, rule, severity, field, reason from cix.consent_put($1, $2, $3, $4,"
                   " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"};
static const struct statement subject_put = {
    "subject_put", "select line, rule, severity, field, reason from cix.subject_put($1, $2, $3, $4,"
                   " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
                   " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35,"
                   " $36, $37, $38, $39, $40, $41, $42, $43, $44, $45)"};
static const struct statement account_put = {
    "account_put", "select line, rule, severity, field, reason from cix.account_put($1, $2, $3, $4,"
                   " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
                   " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35,"
                   " $36, $37, $38, $39, $40)"};
static const struct statement performance_put = {
    "performance_put",
    "select line, rule, severity, field, reason from cix.performance_put($1, $2, $3, $4, $5, $6,"
    " $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,"
    " $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)"};
static const struct statement flag_put = {
    "flag_put", "select line, rule, severity, field, reason from cix.flag_put($1, $2, $3, $4, $5,"
                " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
                " $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)"};
static const struct statement flag_receive = {
    "flag_receive", "select line, rule, severity, field, reason from cix.flag_receive($1, $2, $3,"
                    " $4, $5, $6, $7, $8, $9)"};

static const struct statement flag_delete = {
    "flag_delete", "select line, rule, severity, field, reason from cix.flag_delete($1, $2, $3, $4,"
                   " $5, $6, $7)"};

static const struct statement dealer_hold = {
    "dealer_hold", "select line, rule, severity, field, reason from cix.dealer_hold($1, $2, $3, $4,"
                   " $5)"};

static const struct statement conflict_put = {
    "conflict_put", "select line, rule, severity, field, reason from cix.conflict_put($1, $2, $3,"
                    " $4, $5, $6, $7, $8, $9)"};

static const struct statement correction_put = {
    "correction_put", "select line, rule, severity, field, reason from cix.correction_put($1, $2,"
                      " $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct statement performance_delete = {
    "performance_delete", "select line, rule, severity, field, reason from"
                          " cix.performance_delete($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct statement account_delete = {
    "account_delete", "select line, rule, severity, field, reason from"
                      " cix.account_delete($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct statement subject_delete = {"subject_delete",
                                                "select line, rule, severity, field, reason from"
                                                " cix.subject_delete($1, $2, $3, $4, $5, $6, $7)"};

#define DELETION(type, member)                                                                     \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_deletion, member)                                    \
    }
#define CORRECTION(type, member)                                                                   \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_correction, member)                                  \
    }
#define CONSENT(type, member)                                                                      \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_consent, member)                                     \
    }
#define SUBJECT(type, member)                                                                      \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_subject, member)                                     \
    }
#define IDENTIFIER(type, member)                                                                   \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_identifier, member)                                  \
    }
#define ACCOUNT(type, member)                                                                      \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_account, member)                                     \
    }
#define PERFORMANCE(type, member)                                                                  \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_performance, member)                                 \
    }
#define FLAG(type, member)                                                                         \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_flag, member)                                        \
    }

static const struct column rekey_columns[] = {
    {COLUMN_INT4, offsetof(struct record_rekey, member_id)},
    {COLUMN_DIGEST, offsetof(struct record_rekey, plain)},
    {COLUMN_DIGEST, offsetof(struct record_rekey, index)},
    {COLUMN_TEXT, offsetof(struct record_rekey, origin)},
};

static const struct column correction_columns[] = {
    CORRECTION(INT4, line),   CORRECTION(INT2, kind),   CORRECTION(INT8, record_id),
    CORRECTION(INT2, action), CORRECTION(INT2, reason), CORRECTION(BYTES, note),
};

static const struct column month_deletion_columns[] = {
    DELETION(INT4, line),
    DELETION(DIGEST, key),
    DELETION(INT4, period),
    DELETION(INT8, record_id),
};

static const struct column account_deletion_columns[] = {
    DELETION(INT4, line),
    DELETION(DIGEST, key),
    DELETION(INT8, record_id),
    DELETION(INT8, first_id),
};

static const struct column subject_deletion_columns[] = {
    DELETION(INT4, line),
    DELETION(DIGEST, key),
    DELETION(INT8, record_id),
};

static const struct column flag_deletion_columns[] = {
    DELETION(INT4, line),
    DELETION(UUID, flag_id),
    DELETION(INT8, record_id),
};

static const struct column consent_columns[] = {
    CONSENT(INT4, line),      CONSENT(DIGEST, lookup),       CONSENT(UUID, consent_id),
    CONSENT(INT8, record_id), CONSENT(INT8, purposes),       CONSENT(INT4, data_classes),
    CONSENT(INT2, form),      CONSENT(DAY, signed_on),       CONSENT(DAY, effective_on),
    CONSENT(DAY, expires_on), CONSENT(BYTES, document_hash), CONSENT(BOOL, is_revoked),
    CONSENT(TEXT, origin),    CONSENT(BYTES, scope_index),
};

static const struct column subject_columns[] = {
    SUBJECT(INT4, line),
    SUBJECT(INT8, subject_id),
    SUBJECT(INT8, record_id),
    SUBJECT(INT2, kind),
    SUBJECT(INT2, segment),
    SUBJECT(INT2, sex),
    SUBJECT(COUNT2, birth_year),
    SUBJECT(BYTES, birth),
    SUBJECT(BYTES, mobiles),
    SUBJECT(BYTES, address),
    SUBJECT(TEXT, region),
    SUBJECT(TEXT, industry),
    SUBJECT(DAY_FIELD, founded_on),
};

/* Behind the identifiers. */
static const struct column subject_more[] = {
    SUBJECT(INT2, status),     SUBJECT(TEXT, nationality),         SUBJECT(INT2, marital_status),
    SUBJECT(INT2, education),  SUBJECT(TEXT, occupation),          SUBJECT(TEXT, employer_industry),
    SUBJECT(TEXT, legal_form), SUBJECT(MONEY, registered_capital), SUBJECT(TEXT, capital_currency),
    SUBJECT(INT2, size),       SUBJECT(BYTES, representative),     SUBJECT(BYTES, controller),
    SUBJECT(BYTES, parent),    SUBJECT(BYTES, likeness),           SUBJECT(TEXT, origin),
    SUBJECT(INT2, correction), SUBJECT(INT2, is_compared),         SUBJECT(BOOL, has_own_income),
    SUBJECT(TEXT, details),    SUBJECT(BYTES, sealed_details),
};

static const struct column identifier_columns[] = {
    IDENTIFIER(INT4, owner),     IDENTIFIER(DIGEST, lookup), IDENTIFIER(INT2, type),
    IDENTIFIER(INT8, record_id), IDENTIFIER(BYTES, value),   IDENTIFIER(DIGEST, name_index),
    IDENTIFIER(INT8, name_id),   IDENTIFIER(BYTES, name),
};

static const struct column account_columns[] = {
    ACCOUNT(INT4, line),
    ACCOUNT(DIGEST, account_index),
    ACCOUNT(INT8, account_id),
    ACCOUNT(INT8, record_id),
    ACCOUNT(DIGEST, lookup),
    ACCOUNT(INT2, type),
    ACCOUNT(TEXT, business_type),
    ACCOUNT(TEXT, currency),
    ACCOUNT(MONEY, original_amount),
    ACCOUNT(MONEY, credit_limit),
    ACCOUNT(DAY_FIELD, opened_on),
    ACCOUNT(DAY_FIELD, matures_on),
    ACCOUNT(DAY_FIELD, closed_on),
    ACCOUNT(COUNT2, term_months),
    ACCOUNT(COUNT, annual_rate_bps),
    ACCOUNT(INT2, repay_frequency),
    ACCOUNT(INT2, security),
    ACCOUNT(TEXT, region),
    ACCOUNT(TEXT, industry),
    ACCOUNT(INT2, channel),
    ACCOUNT(TEXT, dealer_code),
    ACCOUNT(INT4_OR_0, platform_id),
    ACCOUNT(BYTES, account_no),
    ACCOUNT(INT2, repay_method),
    ACCOUNT(INT2, rate_type),
    ACCOUNT(MONEY, collateral_value),
    ACCOUNT(MONEY, shared_limit),
    ACCOUNT(BYTES, parent_index),
    ACCOUNT(INT4_OR_0, transferred_from_id),
    ACCOUNT(BYTES, transferred_index),
    ACCOUNT(COUNT2, state_at_transfer),
    ACCOUNT(INT4_OR_0, creditor_id),
    ACCOUNT(BYTES, original_creditor),
    ACCOUNT(BYTES, original_index),
    ACCOUNT(TEXT, origin),
    ACCOUNT(INT2, correction),
};

static const struct column performance_columns[] = {
    PERFORMANCE(INT4, account),
    PERFORMANCE(INT4, line),
    PERFORMANCE(INT8, delta_id),
    PERFORMANCE(INT4, period),
    PERFORMANCE(INT2, account_status),
    PERFORMANCE(INT2, repay_status),
    PERFORMANCE(MONEY, balance),
    PERFORMANCE(MONEY, due_amount),
    PERFORMANCE(MONEY, paid_amount),
    PERFORMANCE(MONEY, overdue_amount),
    PERFORMANCE(MONEY, overdue_principal),
    PERFORMANCE(COUNT, days_overdue),
    PERFORMANCE(COUNT, overdue_terms),
    PERFORMANCE(INT2, five_category),
    PERFORMANCE(DAY_FIELD, classified_on),
    PERFORMANCE(COUNT, remaining_terms),
    PERFORMANCE(MONEY, used_limit),
    PERFORMANCE(DAY_FIELD, paid_on),
    PERFORMANCE(INT2, collection_stage),
    PERFORMANCE(DAY_FIELD, reported_on),
    PERFORMANCE(INT2, correction),
    PERFORMANCE(BOOL, is_quarantined),
};

/* What most members leave out: a column that no row of the chunk has is sent empty. */
static const struct column performance_more[] = {
    PERFORMANCE(MONEY, bill_amount),        PERFORMANCE(MONEY, unbilled_instalments),
    PERFORMANCE(MONEY, overdue_31_60),      PERFORMANCE(MONEY, overdue_61_90),
    PERFORMANCE(MONEY, overdue_91_180),     PERFORMANCE(MONEY, overdue_over_180),
    PERFORMANCE(MONEY, overdraft_over_180), PERFORMANCE(MONEY, last_paid_amount),
    PERFORMANCE(COUNT, pay_ratio_bps),      PERFORMANCE(DAY_FIELD, settled_on),
    PERFORMANCE(MONEY, provision_amount),   PERFORMANCE(MONEY, recovered_amount),
    PERFORMANCE(MONEY, written_off_amount), PERFORMANCE(TEXT, status_history),
};

static const struct column flag_columns[] = {
    FLAG(INT4, line),          FLAG(UUID, flag_id),         FLAG(INT8, id),
    FLAG(INT8, record_id),     FLAG(INT8, subject_id),      FLAG(INT2, kind),
    FLAG(COUNT2, birth_year),  FLAG(DIGEST, lookup),        FLAG(INT2, type),
    FLAG(INT8, identifier_id), FLAG(BYTES, identifier),     FLAG(DIGEST, name_index),
    FLAG(INT8, name_id),       FLAG(BYTES, name),           FLAG(BYTES, case_no),
    FLAG(TEXT, court),         FLAG(TEXT, region),          FLAG(DAY, filed_on),
    FLAG(DAY, published_on),   FLAG(DAY_FIELD, expires_on), FLAG(INT2, ground),
    FLAG(INT2, performance),   FLAG(INT2, grade),           FLAG(INT4, restrictions),
    FLAG(INT2, status),        FLAG(BYTES, case_index),     FLAG(TEXT, source),
    FLAG(MONEY, source_seq),   FLAG(INT2, correction),      FLAG(TEXT, basis_unit),
    FLAG(COUNT, term_months),  FLAG(BYTES, text),           FLAG(BYTES, detail_index),
};

static const struct column receipt_columns[] = {
    {COLUMN_INT4, offsetof(struct record_receipt, line)},
    {COLUMN_UUID, offsetof(struct record_receipt, flag_id)},
    {COLUMN_TEXT, offsetof(struct record_receipt, source)},
    {COLUMN_MONEY, offsetof(struct record_receipt, source_seq)},
    {COLUMN_BOOL, offsetof(struct record_receipt, is_masked)},
};

static const struct column conflict_columns[] = {
    {COLUMN_INT4, offsetof(struct record_conflict, line)},
    {COLUMN_INT8, offsetof(struct record_conflict, record_id)},
    {COLUMN_DIGEST, offsetof(struct record_conflict, lookup)},
    {COLUMN_INT2, offsetof(struct record_conflict, distance)},
    {COLUMN_DIGEST, offsetof(struct record_conflict, name_index)},
};

/* A step under construction. */
struct steps {
    struct arena *arena;
    const struct record_place *place;
    struct db_step *steps;
    struct rows *results;
    int count;
};

/* Begins a step; the caller adds the columns. */
static struct params *step_begin(struct steps *steps, const struct statement *statement)
{
    struct params *params = arena_alloc(steps->arena, sizeof(*params));
    struct rows *result = &steps->results[steps->count];

    *result = (struct rows){0};
    steps->steps[steps->count++] =
        (struct db_step){.statement = statement, .params = params, .rows = result};
    params_init(params, steps->arena);
    params_int4(params, steps->place->member_id);
    params_uuid(params, &steps->place->submission_id);
    params_int4(params, steps->place->chunk);
    params_instant(params, steps->place->now_us);
    return params;
}

#define PUT(params, columns, array, length)                                                        \
    columns_put(params, columns, ARRAY_LENGTH(columns),                                            \
                &(struct column_rows){array, sizeof(*(array)), length})

static void put_performances(struct steps *steps, const struct record_rows *rows)
{
    static const struct column index[] = {{COLUMN_DIGEST, 0}};
    struct params *params = step_begin(steps, &performance_put);

    PUT(params, index, rows->account_indexes, rows->account_index_count);
    PUT(params, performance_columns, rows->performances, rows->performance_count);
    columns_put_sparse(params, performance_more, ARRAY_LENGTH(performance_more),
                       &(struct column_rows){rows->performances, sizeof(*rows->performances),
                                             rows->performance_count});
}

/* Behind everything else of the chunk: what is taken back, months before their accounts. */
static void put_corrections(struct steps *steps, const struct record_rows *rows)
{
    if (rows->correction_count > 0)
        PUT(step_begin(steps, &correction_put), correction_columns, rows->corrections,
            rows->correction_count);
    if (rows->month_deletion_count > 0)
        PUT(step_begin(steps, &performance_delete), month_deletion_columns, rows->month_deletions,
            rows->month_deletion_count);
    if (rows->account_deletion_count > 0)
        PUT(step_begin(steps, &account_delete), account_deletion_columns, rows->account_deletions,
            rows->account_deletion_count);
    if (rows->subject_deletion_count > 0)
        PUT(step_begin(steps, &subject_delete), subject_deletion_columns, rows->subject_deletions,
            rows->subject_deletion_count);
    if (rows->flag_deletion_count > 0)
        PUT(step_begin(steps, &flag_delete), flag_deletion_columns, rows->flag_deletions,
            rows->flag_deletion_count);
}

/* Before whatever locks: the dealers that a chunk writes, or rests accounts on. */
static void hold_dealers(struct steps *steps, const struct record_rows *rows)
{
    bool is_used = rows->dealer_count > 0;

    for (int i = 0; i < rows->account_count && !is_used; i++)
        is_used = rows->accounts[i].channel == CHANNEL_DEALER;
    if (is_used)
        params_bool(step_begin(steps, &dealer_hold), rows->dealer_count > 0);
}

int record_steps(struct arena *arena, const struct record_place *place,
                 const struct record_rows *rows, struct db_step *steps, struct rows *results)
{
    struct steps all = {.arena = arena, .place = place, .steps = steps, .results = results};

    hold_dealers(&all, rows);
    if (rows->rekey_count > 0)
        PUT(step_begin(&all, &account_rekey), rekey_columns, rows->rekeys, rows->rekey_count);
    if (rows->consent_count > 0)
        PUT(step_begin(&all, &consent_put), consent_columns, rows->consents, rows->consent_count);
    if (rows->subject_count > 0) {
        struct params *params = step_begin(&all, &subject_put);
        PUT(params, subject_columns, rows->subjects, rows->subject_count);
        PUT(params, identifier_columns, rows->identifiers, rows->identifier_count);
        PUT(params, subject_more, rows->subjects, rows->subject_count);
    }
    if (rows->conflict_count > 0)
        PUT(step_begin(&all, &conflict_put), conflict_columns, rows->conflicts,
            rows->conflict_count);
    if (rows->dealer_count > 0) /* before the accounts: those of dealers need them (A016) */
        fact_params(step_begin(&all, &fact_put), clock_day_of(place->now_us), rows->dealers,
                    rows->dealer_count);
    if (rows->account_count > 0)
        PUT(step_begin(&all, &account_put), account_columns, rows->accounts, rows->account_count);
    if (rows->fact_count > 0) /* before the months: some of them need an event */
        fact_params(step_begin(&all, &fact_put), clock_day_of(place->now_us), rows->facts,
                    rows->fact_count);
    if (rows->performance_count > 0)
        put_performances(&all, rows);
    if (rows->flag_count > 0)
        PUT(step_begin(&all, &flag_put), flag_columns, rows->flags, rows->flag_count);
    if (rows->receipt_count > 0)
        PUT(step_begin(&all, &flag_receive), receipt_columns, rows->receipts, rows->receipt_count);
    put_corrections(&all, rows);
    return all.count;
}
