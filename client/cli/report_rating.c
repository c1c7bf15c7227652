#include "cli/report_rating.h"

#include <string.h>

#include "base/clock.h"
#include "domain/rating_input.h"
#include "wire/fact.h"

static struct money_field money(bool is_present, int64_t minor)
{
    return (struct money_field){is_present, minor};
}

static bool read_month(const Cix__V1__ReportedMonth *from, struct ring_status *status,
                       struct ring_month *month)
{
    struct period period;

    if (from->is_before_transfer || !period_from_wire(from->period, &period) ||
        !from->repay_status[0])
        return false;
    *status = (struct ring_status){period, from->repay_status[0]};
    *month = (struct ring_month){
        .period = period,
        .five_category = from->five_category,
        .days_overdue = {from->days_overdue_presence_case != 0, from->days_overdue},
        .balance = money(from->balance_presence_case, from->balance),
        .due = money(from->due_amount_presence_case, from->due_amount),
        .paid = money(from->paid_amount_presence_case, from->paid_amount),
        .overdue = money(from->overdue_amount_presence_case, from->overdue_amount),
    };
    return true;
}

/* Members are told apart by their codes: the number of the first account of the same one. */
static int64_t member_of(const Cix__V1__Report *report, size_t at)
{
    size_t first = 0;

    while (strcmp(report->accounts[first]->member_code, report->accounts[at]->member_code) != 0)
        first++;
    return (int64_t)first;
}

static void read_account(struct arena *arena, const Cix__V1__Report *report, size_t at,
                         struct rating_source *account)
{
    const Cix__V1__ReportedAccount *from = report->accounts[at];
    struct ring_status *statuses = arena_array(arena, from->n_months + 1, sizeof(*statuses));
    struct ring_month *months = arena_array(arena, from->n_months + 1, sizeof(*months));
    int count = 0;

    for (size_t i = 0; i < from->n_months; i++)
        count += read_month(from->months[i], &statuses[count], &months[count]);
    *account = (struct rating_source){
        .account_id = from->account_id,
        .taken_over_from = from->transferred_from_account_id,
        .type = (enum account_type)from->type,
        .business_type = from->business_type,
        .currency = from->currency,
        .credit_limit = money(from->credit_limit_presence_case, from->credit_limit),
        .original_amount = money(from->original_amount_presence_case, from->original_amount),
        .member_id = member_of(report, at),
        .has_closing_day = from->closed_on_presence_case != 0,
        .account_status = from->account_status,
        .statuses = statuses,
        .status_count = count,
        .months = months,
        .month_count = count,
    };
    (void)!day_from_wire(from->opened_on, &account->opened_on);
    (void)!period_from_wire(from->last_period, &account->last_period);
}

static void read_accounts(struct arena *arena, const Cix__V1__Report *report,
                          struct rating_input *input)
{
    size_t count = report->n_accounts;
    struct rating_account *accounts = arena_array(arena, count + 1, sizeof(*accounts));
    struct rating_source *sources = arena_array(arena, count + 1, sizeof(*sources));

    for (size_t i = 0; i < count; i++)
        read_account(arena, report, i, &sources[i]);
    input->accounts = accounts;
    input->account_count = rating_accounts_of(arena, sources, (int)count, accounts);
}

static int64_t inquirer_of(const Cix__V1__Report *report, size_t at)
{
    size_t first = 0;

    while (strcmp(report->inquiries[first]->member_code, report->inquiries[at]->member_code) != 0)
        first++;
    return (int64_t)first;
}

static void read_inquiries(struct arena *arena, const Cix__V1__Report *report,
                           struct rating_input *input)
{
    struct rating_inquiry *inquiries =
        arena_array(arena, report->n_inquiries + 1, sizeof(*inquiries));

    for (size_t i = 0; i < report->n_inquiries && i < RATING_INQUIRIES_MAX; i++) {
        if (rating_is_approval((int)report->inquiries[i]->purpose))
            inquiries[input->inquiry_count++] = (struct rating_inquiry){
                clock_day_of(report->inquiries[i]->at_us), inquirer_of(report, i)};
    }
    input->inquiries = inquiries;
}

static void read_behaviours(struct arena *arena, const Cix__V1__Report *report,
                            struct rating_input *input)
{
    const struct fact_kind *kind = fact_kind_find(RECORD_KIND_BEHAVIOUR);
    struct behaviour_record *behaviours =
        arena_array(arena, report->n_behaviours + 1, sizeof(*behaviours));
    union fact fact;

    for (size_t i = 0; i < report->n_behaviours; i++) {
        if (!report->behaviours[i]->behaviour)
            continue;
        fact_from_proto(kind, &report->behaviours[i]->behaviour->base, &fact);
        behaviours[input->behaviour_count++] = fact.behaviour;
    }
    input->behaviours = behaviours;
}

static void read_statements(struct arena *arena, const Cix__V1__Report *report,
                            struct rating_input *input)
{
    const struct fact_kind *kind = fact_kind_find(RECORD_KIND_STATEMENT);
    struct statement_record *statements =
        arena_array(arena, report->n_statements + 1, sizeof(*statements));
    union fact fact;

    for (size_t i = 0; i < report->n_statements; i++) {
        if (!report->statements[i]->statement)
            continue;
        fact_from_proto(kind, &report->statements[i]->statement->base, &fact);
        statements[input->statement_count++] = fact.statement;
    }
    input->statements = statements;
}

static void read_flags(const Cix__V1__Report *report, struct rating_facts *facts)
{
    for (size_t i = 0; i < report->n_flags; i++) {
        enum flag_status status = (enum flag_status)report->flags[i]->status;

        facts->is_listed |= status == FLAG_STATUS_LISTED;
        facts->is_in_grace |= status == FLAG_STATUS_GRACE;
        facts->is_suspended |= status == FLAG_STATUS_SUSPENDED;
    }
}

/* Fraud cases and freezes as a report tells them; what none tells comes from its ratings. */
static void read_facts(const Cix__V1__Report *report, struct rating_input *input)
{
    struct rating_facts *facts = &input->facts;

    facts->is_known = report->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    read_flags(report, facts);
    for (size_t i = 0; i < report->n_fraud_cases; i++) {
        const Cix__V1__FraudCase *found = report->fraud_cases[i]->fraud_case;

        facts->is_perpetrator |= found && found->role == FRAUD_ROLE_PERPETRATOR &&
                                 found->status == FRAUD_STATUS_CONFIRMED;
    }
    for (size_t i = 0; i < report->n_protections; i++)
        facts->is_frozen |=
            report->protections[i]->kind == CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK;
    for (size_t i = 0; i < report->n_ratings; i++) {
        facts->is_deceased |= report->ratings[i]->is_deceased;
        facts->is_in_conflict |= report->ratings[i]->is_in_conflict;
    }
    if (!report->identity)
        return;
    input->kind = (enum subject_kind)report->identity->kind;
    facts->is_under_age = rating_is_under_age(report->identity->birth_year, input->as_of);
}

void report_rating_input(struct arena *arena, const Cix__V1__Report *report,
                         const struct day *as_of, struct rating_input *input)
{
    *input = (struct rating_input){
        .as_of = as_of ? *as_of : clock_day_of(report->made_at_us),
    };
    read_accounts(arena, report, input);
    read_inquiries(arena, report, input);
    read_behaviours(arena, report, input);
    read_statements(arena, report, input);
    read_facts(report, input);
}
