#include "service/statistic.h"

#include <string.h>

#include "base/digest.h"
#include "base/money.h"
#include "base/text.h"
#include "cix/v1/statistic.pb-c.h"
#include "domain/region.h"
#include "domain/suppress.h"
#include "service/matrix.h"
#include "store/statistic.h"

static bool check_period(struct call *call, int32_t wire, struct day today, struct period *period)
{
    if (!period_from_wire(wire, period))
        return fail_field(call->ctx, "PERIOD_INVALID", "period", "expected a month, YYYYMM");
    if (period->number > period_of_day(today).number)
        return fail_field(call->ctx, "PERIOD_INVALID", "period", "the month has not begun");
    return true;
}

/* Looks at every field, so that one answer names all that are wrong. */
static bool read_request(struct call *call, struct day today, struct statistic_question *question)
{
    const Cix__V1__GetStatisticRequest *request = call->request;
    bool is_good = check_period(call, request->period, today, &question->period);

    if (money_minor_digits(request->currency) < 0)
        is_good = fail_field(call->ctx, "CURRENCY_INVALID", "currency",
                             "expected a currency of ISO 4217, three capital letters");
    if (request->dimension < CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT ||
        request->dimension > CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_MEMBER_TYPE)
        is_good = fail_field(call->ctx, "DIMENSION_INVALID", "dimension",
                             "expected product, region, age band or member type");
    question->currency = request->currency;
    question->dimension = (enum statistic_dimension)request->dimension;
    return is_good;
}

static struct statistic_question question_of(const struct session *session, const struct call *call)
{
    struct statistic_question question = {
        .member_id = call->caller->member_id,
        .now_us = session->now_us,
        .audit_id = call->id,
        .method = call->method->audit_code,
    };

    memcpy(question.certificate, call->rpc->peer.fingerprint, sizeof(question.certificate));
    digest_random(question.salt, sizeof(question.salt));
    return question;
}

/* The administrative regulator may know more than the association; whoever is both, the same. */
static const struct suppress_limits *limits_of(const struct member *caller)
{
    return member_has_any_role(caller, MEMBER_ROLE_REGULATOR) ? &suppress_limits_regulator
                                                              : &suppress_limits_association;
}

static const char *label_of(enum statistic_dimension dimension, const char *value)
{
    const struct code *type;
    int64_t number;

    if (!value || strcmp(value, "none") == 0)
        return value ? "not given" : "all";
    switch (dimension) {
    case STATISTIC_DIMENSION_PRODUCT:
        return code_product_label(value);
    case STATISTIC_DIMENSION_REGION:
        return region_label(value);
    case STATISTIC_DIMENSION_MEMBER_TYPE:
        type = text_to_int64(value, &number) ? code_find(&code_member_types, (int)number) : NULL;
        return type ? type->label : "";
    case STATISTIC_DIMENSION_AGE_BAND:
        return "years of age";
    case STATISTIC_DIMENSION_NONE:
        break;
    }
    return "";
}

static Cix__V1__StatisticFigures *figures_of(struct arena *arena, const struct statistic_cell *cell)
{
    Cix__V1__StatisticFigures *figures = arena_alloc(arena, sizeof(*figures));

    cix__v1__statistic_figures__init(figures);
    figures->accounts = cell->accounts;
    figures->subjects = cell->subjects;
    figures->members = cell->members;
    figures->outstanding = cell->outstanding;
    figures->overdue = cell->overdue;
    figures->non_performing = cell->non_performing;
    figures->non_performing_ratio_bps = statistic_ratio_bps(cell);
    figures->non_performing_basis = (Cix__V1__NonPerformingBasis)statistic_basis_of(cell);
    return figures;
}

static Cix__V1__StatisticCell *cell_of(struct arena *arena, enum statistic_dimension dimension,
                                       const struct statistic_cell *cell, enum suppression reason)
{
    Cix__V1__StatisticCell *shown = arena_alloc(arena, sizeof(*shown));

    cix__v1__statistic_cell__init(shown);
    shown->value = arena_string(arena, cell->value ? cell->value : "");
    shown->label = arena_string(arena, label_of(dimension, cell->value));
    if (reason == SUPPRESSION_NONE) {
        shown->content_case = CIX__V1__STATISTIC_CELL__CONTENT_FIGURES;
        shown->figures = figures_of(arena, cell);
    } else {
        shown->content_case = CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED;
        shown->suppressed = (Cix__V1__SuppressionReason)reason;
    }
    return shown;
}

/* The limits as a sentence, made from the limits that were applied. */
static char *rule_of(struct arena *arena, const struct suppress_limits *limits)
{
    struct builder text = {.arena = arena};

    builder_format(&text, "Figures need at least %lld subjects", (long long)limits->subjects_min);
    if (limits->members_min > 0)
        builder_format(&text, " and %d members", limits->members_min);
    builder_text(&text, " in a cell");
    if (limits->top1_bps_max > 0)
        builder_format(&text,
                       ", of which one holds at most %d %% and two hold at most %d %% of the "
                       "outstanding amount",
                       limits->top1_bps_max / 100, limits->top2_bps_max / 100);
    if (limits->is_complementary)
        builder_text(&text, "; further cells are kept back where the total would uncover one");
    builder_text(&text,
                 ". Non-performing: class 3 to 5; without a class, 90 days overdue or more.");
    return text.data;
}

static void put_cells(struct arena *arena, const struct statistic_table *table,
                      enum statistic_dimension dimension, const struct suppress_limits *limits,
                      Cix__V1__GetStatisticResponse *response)
{
    struct suppress_cell *shown = arena_array(arena, table->count, sizeof(*shown));
    enum suppression *reasons = arena_array(arena, table->count, sizeof(*reasons));
    struct suppress_cell total = statistic_shown(&table->total);
    enum suppression total_reason;

    for (size_t i = 0; i < table->count; i++)
        shown[i] = statistic_shown(&table->cells[i]);
    total_reason = suppress_table(limits, shown, table->count, &total, reasons);
    response->cells = arena_array(arena, table->count, sizeof(*response->cells));
    response->n_cells = table->count;
    for (size_t i = 0; i < table->count; i++)
        response->cells[i] = cell_of(arena, dimension, &table->cells[i], reasons[i]);
    response->total = cell_of(arena, dimension, &table->total, total_reason);
}

static void answer_call(struct call *call, const struct statistic_question *question,
                        const struct statistic_answer *answer)
{
    struct arena *arena = &call->rpc->arena;
    const struct suppress_limits *limits = limits_of(call->caller);
    Cix__V1__GetStatisticResponse *response = arena_alloc(arena, sizeof(*response));

    cix__v1__get_statistic_response__init(response);
    response->period = period_to_wire(question->period);
    response->currency = arena_string(arena, question->currency);
    response->dimension = (Cix__V1__StatisticDimension)question->dimension;
    put_cells(arena, &answer->table, question->dimension, limits, response);
    response->rule = rule_of(arena, limits);
    response->as_of_us = answer->as_of_us;
    call->response = &response->base;
}

/* A refusal by the database concerns this call; anything else the connection, hence the batch. */
static bool is_own_error(struct session *session, struct call *call)
{
    const struct error *error = &session->ctx.error;

    if (error->code != ERR_DENIED && error->code != ERR_OUT_OF_RANGE)
        return false;
    (void)fail(call->ctx, error->code, error->reason, "%s", error->message);
    ctx_clear(&session->ctx);
    return true;
}

static bool get_statistic(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        struct statistic_question question = question_of(session, calls[i]);
        struct statistic_answer answer;

        if (!read_request(calls[i], session->today, &question))
            continue;
        if (statistic_read(&session->ctx, session->db, &question, &answer))
            answer_call(calls[i], &question, &answer);
        else if (!is_own_error(session, calls[i]))
            return false;
    }
    return true;
}

static const struct method methods[] = {
    {METHOD(GetStatistic), .batch_max = 1, .serve = get_statistic},
};

const struct service statistic_service = {&cix__v1__statistic_service__descriptor, methods,
                                          ARRAY_LENGTH(methods)};
