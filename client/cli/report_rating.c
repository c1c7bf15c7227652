#include "cli/report_rating.h"

#include <string.h>

#include "base/clock.h"
#include "wire/fact.h"

enum { ADULT_YEARS = 18, PURPOSES = 4 };

static struct money_field money(bool is_present, int64_t minor)
{
    return (struct money_field){is_present, minor};
}

static bool read_month(const Cix__V1__ReportedMonth *from, struct ring_status *status,
                       struct ring_month *month)
{
    struct period period;

    if (!period_from_wire(from->period, &period) || !from->repay_status[0])
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
                         struct rating_account *account)
{
    const Cix__V1__ReportedAccount *from = report->accounts[at];
    struct ring_status *statuses = arena_array(arena, from->n_months + 1, sizeof(*statuses));
    struct ring_month *months = arena_array(arena, from->n_months + 1, sizeof(*months));
    bool is_limit = from->credit_limit_presence_case != 0;
    int count = 0;

    for (size_t i = 0; i < from->n_months; i++)
        count += read_month(from->months[i], &statuses[count], &months[count]);
    *account = (struct rating_account){
        .type = (enum account_type)from->type,
        .business_type = from->business_type,
        .currency = from->currency,
        .limit = is_limit ? money(true, from->credit_limit)
                          : money(from->original_amount_presence_case, from->original_amount),
        .member_id = member_of(report, at),
        .is_closed =
            from->closed_on_presence_case != 0 ||
            code_account_status_is_closed((enum account_type)from->type, from->account_status),
        .is_bad_debt =
            code_account_status_is_bad_debt((enum account_type)from->type, from->account_status),
        .statuses = statuses,
        .status_count = count,
        .months = months,
        .month_count = count,
    };
    (void)!day_from_wire(from->opened_on, &account->opened_on);
    (void)!period_from_wire(from->last_period, &account->last_period);
}

static bool is_for_approval(int purpose)
{
    static const int purposes[PURPOSES] = {PURPOSE_LOAN_APPROVAL, PURPOSE_CARD_APPROVAL,
                                           PURPOSE_FINANCING_APPROVAL, PURPOSE_LIMIT_APPROVAL};

    for (int i = 0; i < PURPOSES; i++) {
        if (purposes[i] == purpose)
            return true;
    }
    return false;
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

    for (size_t i = 0; i < report->n_inquiries; i++) {
        if (is_for_approval((int)report->inquiries[i]->purpose))
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

static void read_facts(const Cix__V1__Report *report, struct rating_input *input)
{
    int year, month, day;

    input->facts.is_known = report->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    for (size_t i = 0; i < report->n_flags; i++) {
        enum flag_status status = (enum flag_status)report->flags[i]->status;

        input->facts.is_listed |= status == FLAG_STATUS_LISTED;
        input->facts.is_in_grace |= status == FLAG_STATUS_GRACE;
        input->facts.is_suspended |= status == FLAG_STATUS_SUSPENDED;
    }
    if (!report->identity)
        return;
    input->kind = (enum subject_kind)report->identity->kind;
    day_to_civil(input->as_of, &year, &month, &day);
    input->facts.is_under_age =
        report->identity->birth_year > 0 && year - report->identity->birth_year < ADULT_YEARS;
}

void report_rating_input(struct arena *arena, const Cix__V1__Report *report,
                         const struct day *as_of, struct rating_input *input)
{
    struct rating_account *accounts = arena_array(arena, report->n_accounts + 1, sizeof(*accounts));

    *input = (struct rating_input){
        .as_of = as_of ? *as_of : clock_day_of(report->made_at_us),
        .accounts = accounts,
        .account_count = (int)report->n_accounts,
    };
    for (size_t i = 0; i < report->n_accounts; i++)
        read_account(arena, report, i, &accounts[i]);
    read_inquiries(arena, report, input);
    read_behaviours(arena, report, input);
    read_statements(arena, report, input);
    read_facts(report, input);
}
