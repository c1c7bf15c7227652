#include "service/statistic.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"
#include "cix/v1/statistic.pb-c.h"
#include "domain/age.h"
#include "domain/suppress.h"
#include "store/statistic.h"

enum { AUDIT_STATISTIC = 40 };

/* One cell before suppression. */
struct cell {
    const char *value; /* as shown */
    const char *label;
    struct suppress_cell weight;
    int64_t accounts;
    int64_t balance;
    int64_t overdue;
    int64_t non_performing;
    int64_t classed;
};

struct table {
    struct cell *cells; /* sorted by value */
    int count;
    struct cell total;
};

/* Adds the balance of one member to the two largest. A credit balance weighs as what it is worth.
 */
static void weigh(struct suppress_cell *weight, int64_t balance)
{
    int64_t amount = balance < 0 ? -balance : balance;

    weight->members++;
    weight->amount += amount;
    if (amount > weight->top1) {
        weight->top2 = weight->top1;
        weight->top1 = amount;
    } else if (amount > weight->top2) {
        weight->top2 = amount;
    }
}

static void add_share(struct cell *cell, const struct statistic_share *share)
{
    cell->accounts += share->accounts;
    cell->balance += share->balance;
    cell->overdue += share->overdue;
    cell->non_performing += share->non_performing;
    cell->classed += share->classed;
    weigh(&cell->weight, share->balance);
}

/* How a stored value is shown, and what it is called. */
static void name_cell(struct arena *arena, enum statistic_dimension dimension, const char *stored,
                      struct cell *cell)
{
    int64_t number = 0;

    cell->value = arena_string(arena, stored);
    cell->label = "";
    switch (dimension) {
    case STATISTIC_DIMENSION_PRODUCT:
        for (const struct letter_code *code = code_products; code->code; code++)
            if (strcmp(code->code, stored) == 0)
                cell->label = code->label;
        break;
    case STATISTIC_DIMENSION_AGE_BAND:
        if (text_to_int64(stored, &number))
            cell->value = age_band_name((enum age_band)number);
        break;
    case STATISTIC_DIMENSION_MEMBER_TYPE:
        if (text_to_int64(stored, &number) && code_find(&code_member_types, (int)number))
            cell->label = code_find(&code_member_types, (int)number)->label;
        break;
    case STATISTIC_DIMENSION_REGION:
        break;
    }
}

static int64_t subjects_of(const struct statistic *statistic, const char *value)
{
    for (int i = 0; i < statistic->subject_count; i++)
        if (strcmp(statistic->subjects[i].value, value) == 0)
            return statistic->subjects[i].subjects;
    return 0;
}

static int by_value(const void *a, const void *b)
{
    const struct cell *left = a, *right = b;

    return strcmp(left->value, right->value);
}

/* Members of the total: each weighs with all it holds. shares are few: members by values. */
static void weigh_total(const struct statistic *statistic, struct cell *total)
{
    for (int i = 0; i < statistic->share_count; i++) {
        int32_t member_id = statistic->shares[i].member_id;
        int64_t balance = 0;
        bool is_first = true;
        for (int k = 0; k < statistic->share_count; k++) {
            if (statistic->shares[k].member_id != member_id)
                continue;
            is_first = is_first && k >= i;
            balance += statistic->shares[k].balance;
        }
        if (is_first)
            weigh(&total->weight, balance);
    }
    total->weight.subjects = statistic->subjects_total;
}

/* The shares, sorted by value, folded into cells. */
static void make_table(struct arena *arena, enum statistic_dimension dimension,
                       const struct statistic *statistic, struct table *table)
{
    struct cell *cell = NULL;
    const char *value = NULL;

    *table = (struct table){
        .cells = arena_array(arena, (size_t)statistic->share_count, sizeof(*table->cells)),
        .total = {.value = "", .label = "all"},
    };
    for (int i = 0; i < statistic->share_count; i++) {
        const struct statistic_share *share = &statistic->shares[i];
        if (!value || strcmp(share->value, value) != 0) {
            value = share->value;
            cell = &table->cells[table->count++];
            name_cell(arena, dimension, value, cell);
            cell->weight.subjects = subjects_of(statistic, value);
        }
        add_share(cell, share);
        add_share(&table->total, share);
    }
    table->total.weight = (struct suppress_cell){0};
    weigh_total(statistic, &table->total);
    if (table->count > 0)
        qsort(table->cells, (size_t)table->count, sizeof(*table->cells), by_value);
}

static Cix__V1__NonPerformingBasis basis_of(const struct cell *cell)
{
    if (cell->classed == cell->accounts)
        return CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_CLASS;
    if (cell->classed == 0)
        return CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_DAYS_OVERDUE;
    return CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_MIXED;
}

static Cix__V1__StatisticFigures *figures_of(struct arena *arena, const struct cell *cell)
{
    Cix__V1__StatisticFigures *figures = arena_alloc(arena, sizeof(*figures));
    int32_t ratio = money_ratio_bps(cell->non_performing, cell->balance);

    cix__v1__statistic_figures__init(figures);
    figures->accounts = cell->accounts;
    figures->subjects = cell->weight.subjects;
    figures->members = cell->weight.members;
    figures->outstanding = cell->balance;
    figures->overdue = cell->overdue;
    figures->non_performing = cell->non_performing;
    figures->non_performing_ratio_bps = ratio < 0 ? 0 : ratio;
    figures->non_performing_basis = basis_of(cell);
    return figures;
}

static Cix__V1__StatisticCell *cell_of(struct arena *arena, const struct cell *cell,
                                       enum suppression reason)
{
    Cix__V1__StatisticCell *answer = arena_alloc(arena, sizeof(*answer));

    cix__v1__statistic_cell__init(answer);
    answer->value = arena_string(arena, cell->value);
    answer->label = arena_string(arena, cell->label);
    if (reason == SUPPRESSION_NONE) {
        answer->content_case = CIX__V1__STATISTIC_CELL__CONTENT_FIGURES;
        answer->figures = figures_of(arena, cell);
    } else {
        answer->content_case = CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED;
        answer->suppressed = (Cix__V1__SuppressionReason)reason;
    }
    return answer;
}

/* The thresholds of the caller's role, for people. */
static char *rule_text(struct arena *arena, const struct suppress_limits *limits)
{
    struct builder builder = {.arena = arena};

    builder_format(&builder, "cells of at least %lld subjects", (long long)limits->subjects_min);
    if (limits->members_min > 0)
        builder_format(&builder, " and %d members", limits->members_min);
    if (limits->top1_bps_max > 0)
        builder_format(&builder, "; no member above %d %%, no two above %d %% of the amount",
                       limits->top1_bps_max / 100, limits->top2_bps_max / 100);
    if (limits->is_complementary)
        builder_text(&builder, "; further cells are kept back so that none can be computed");
    builder_text(&builder,
                 "; non-performing: class 3 to 5, without a class 90 or more days overdue");
    return builder.data;
}

static void put_cells(struct arena *arena, const struct suppress_limits *limits,
                      const struct table *table, Cix__V1__GetStatisticResponse *response)
{
    size_t count = (size_t)table->count;
    struct suppress_cell *weights = arena_array(arena, count, sizeof(*weights));
    enum suppression *reasons = arena_array(arena, count, sizeof(*reasons));

    for (size_t i = 0; i < count; i++)
        weights[i] = table->cells[i].weight;
    enum suppression total = suppress_table(limits, weights, count, &table->total.weight, reasons);
    response->cells = arena_array(arena, count, sizeof(*response->cells));
    for (size_t i = 0; i < count; i++)
        response->cells[response->n_cells++] = cell_of(arena, &table->cells[i], reasons[i]);
    response->total = cell_of(arena, &table->total, total);
}

/* What the request asks for, checked. */
struct question {
    struct period period;
    const char *currency;
    enum statistic_dimension dimension;
};

static bool read_question(struct session *session, struct call *call, struct question *question)
{
    const Cix__V1__GetStatisticRequest *request = call->request;

    if (!period_from_wire(request->period, &question->period) ||
        question->period.number > period_of_day(session->today).number)
        return fail_field(call->ctx, "PERIOD_INVALID", "period",
                          "expected a month as YYYYMM that is not in the future");
    if (money_minor_digits(request->currency) < 0)
        return fail_field(call->ctx, "CURRENCY_INVALID", "currency", "expected an ISO 4217 code");
    if (request->dimension < CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT ||
        request->dimension > CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_MEMBER_TYPE)
        return fail_field(call->ctx, "DIMENSION_INVALID", "dimension",
                          "expected product, region, age band or member type");
    question->currency = request->currency;
    question->dimension = (enum statistic_dimension)request->dimension;
    return true;
}

static bool answer(struct session *session, struct call *call)
{
    struct arena *arena = call->ctx->arena;
    bool is_regulator = member_has_any_role(call->caller, MEMBER_ROLE_REGULATOR);
    const struct suppress_limits *limits =
        is_regulator ? &suppress_limits_regulator : &suppress_limits_association;
    const struct submission_act act = {
        .member_id = call->caller->member_id,
        .now_us = session->now_us,
        .audit_id = call->id,
        .method = call->method->audit_code,
        .certificate = {call->rpc->peer.fingerprint, sizeof(call->rpc->peer.fingerprint)},
    };
    struct question question;
    struct statistic statistic;
    struct table table;

    if (!read_question(session, call, &question) ||
        !statistic_read(call->ctx, session->db, &act, question.period, question.currency,
                        question.dimension, &statistic))
        return false;
    Cix__V1__GetStatisticResponse *response = arena_alloc(arena, sizeof(*response));
    cix__v1__get_statistic_response__init(response);
    response->period = period_to_wire(question.period);
    response->currency = arena_string(arena, question.currency);
    response->dimension = (Cix__V1__StatisticDimension)question.dimension;
    make_table(arena, question.dimension, &statistic, &table);
    put_cells(arena, limits, &table, response);
    response->rule = rule_text(arena, limits);
    response->as_of_us = statistic.as_of_us;
    call->response = &response->base;
    return true;
}

/* batch_max is 1: each is a query of its own. */
static bool get_statistic(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        struct error *error = &calls[i]->ctx->error;
        if (answer(session, calls[i]) ||
            (error->code != ERR_UNAVAILABLE && error->code != ERR_ABORTED))
            continue;
        session->ctx.error = *error; /* the database: the batch is run again */
        ctx_clear(calls[i]->ctx);
        return false;
    }
    return true;
}

static const struct method methods[] = {
    {.name = "GetStatistic",
     .roles = MEMBER_ROLE_REGULATOR | MEMBER_ROLE_ASSOCIATION,
     .audit = "STATISTIC_READ",
     .audit_code = AUDIT_STATISTIC,
     .pool = POOL_REGULATE,
     .batch_max = 1,
     .serve = get_statistic},
};

const struct service statistic_service = {&cix__v1__statistic_service__descriptor, methods,
                                          ARRAY_LENGTH(methods)};
