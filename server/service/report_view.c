#include "service/report_view.h"

#include <string.h>

#include "domain/delinquency.h"
#include "domain/flag_text.h"
#include "domain/identifier.h"
#include "domain/identifier_text.h"
#include "domain/ring.h"
#include "service/report_detail.h"
#include "service/rating_view.h"
#include "service/report_fact.h"
#include "service/report_mark.h"
#include "service/report_summary.h"
#include "service/report_transfer.h"
#include "store/rating.h"
#include "vault/place.h"

enum { INQUIRIES_MAX = 100 };

/* Texts of one character, so that a month needs no memory for its status. */
static const char status_texts[128][2] = {
    ['N'] = "N", ['1'] = "1", ['2'] = "2", ['3'] = "3", ['4'] = "4", ['5'] = "5",
    ['6'] = "6", ['7'] = "7", ['*'] = "*", ['#'] = "#", ['/'] = "/", ['A'] = "A",
    ['B'] = "B", ['C'] = "C", ['D'] = "D", ['G'] = "G", ['M'] = "M", ['Z'] = "Z",
};

static char *status_text(char status)
{
    return (char *)status_texts[status & 127];
}

static bool unseal(const struct session *session, struct ctx *ctx, const struct vault_place *place,
                   struct bytes sealed, char **text)
{
    struct bytes plain;

    if (!vault_open_sealed(ctx, session->vault, place, sealed, &plain))
        return false;
    *text = (char *)plain.data;
    return true;
}

static char *member_code(const struct session *session, int32_t member_id)
{
    const struct member *member = registry_by_id(session->members, member_id);

    return member ? (char *)member->code : (char *)"";
}

static char *member_name(const struct session *session, int32_t member_id)
{
    const struct member *member = registry_by_id(session->members, member_id);

    return member ? (char *)member->name : (char *)"";
}

/*
 * A member gives the same name once per identifier: it is shown once, as first recorded. One
 * without a member (report_narrow.h) is shown once, too, and not beside the same one of the asker,
 * which would tell that others gave it.
 */
static void put_name(Cix__V1__ReportedIdentity *identity, const Cix__V1__ReportedName *name)
{
    for (size_t i = 0; i < identity->n_names; i++) {
        Cix__V1__ReportedName *known = identity->names[i];
        if (strcmp(known->name, name->name))
            continue;
        if (!*known->member_code)
            *known = *name;
        else if (*name->member_code && strcmp(known->member_code, name->member_code))
            continue;
        else if (*name->member_code && name->recorded_at_us < known->recorded_at_us)
            known->recorded_at_us = name->recorded_at_us;
        return;
    }
    *identity->names[identity->n_names++] = *name;
}

static bool put_names(const struct session *session, struct ctx *ctx,
                      const struct report_subject *subject, Cix__V1__ReportedIdentity *identity)
{
    size_t room = (size_t)subject->name_count;
    Cix__V1__ReportedName *names = arena_array(session->arena, room, sizeof(*names));

    identity->names = arena_array(session->arena, room, sizeof(*identity->names));
    for (size_t i = 0; i < room; i++)
        identity->names[i] = &names[i];
    for (int i = 0; i < subject->name_count; i++) {
        const struct report_sealed *item = &subject->names[i];
        struct vault_place place = place_of(PLACE_NAME, item->record_id);
        Cix__V1__ReportedName name = CIX__V1__REPORTED_NAME__INIT;
        if (!unseal(session, ctx, &place, item->sealed, &name.name))
            return false;
        name.member_code = member_code(session, item->member_id);
        name.recorded_at_us = item->recorded_at_us;
        put_name(identity, &name);
    }
    return true;
}

/* What members say of an identifier. */
static bool put_told(const struct session *session, struct ctx *ctx,
                     const struct report_sealed *item, Cix__V1__ReportedIdentifier *shown)
{
    struct vault_place place = place_of(PLACE_IDENTIFIER_TEXT, item->details_id);
    struct identifier_detail detail;
    char *lines;

    shown->verification = item->verification;
    shown->verified_by = item->verified_by;
    if (!item->details.data)
        return true;
    if (!unseal(session, ctx, &place, item->details, &lines))
        return false;
    identifier_text_read(session->arena, lines, item->detail_place, &detail);
    shown->issuer_region = (char *)detail.issuer_region;
    if (detail.valid_from.is_present)
        shown->valid_from = day_to_wire(detail.valid_from.day);
    if (detail.valid_until.is_present)
        shown->valid_until = day_to_wire(detail.valid_until.day);
    return true;
}

static bool put_identifiers(const struct session *session, struct ctx *ctx,
                            const struct report_subject *subject,
                            Cix__V1__ReportedIdentity *identity)
{
    size_t room = (size_t)subject->identifier_count;
    Cix__V1__ReportedIdentifier *items = arena_array(session->arena, room, sizeof(*items));

    identity->identifiers = arena_array(session->arena, room, sizeof(*identity->identifiers));
    for (size_t i = 0; i < room; i++) {
        const struct report_sealed *item = &subject->identifiers[i];
        struct vault_place place = place_of(PLACE_IDENTIFIER, item->record_id);
        char *value;
        if (!unseal(session, ctx, &place, item->sealed, &value))
            return false;
        cix__v1__reported_identifier__init(&items[i]);
        items[i].type = (Cix__V1__IdentifierType)item->type;
        items[i].masked_value = identifier_mask(session->arena, value);
        if (!put_told(session, ctx, item, &items[i]))
            return false;
        identity->identifiers[identity->n_identifiers++] = &items[i];
    }
    return true;
}

static bool put_identity(const struct session *session, struct ctx *ctx,
                         const struct report_subject *subject, Cix__V1__Report *report)
{
    Cix__V1__ReportedIdentity *identity = arena_alloc(session->arena, sizeof(*identity));

    cix__v1__reported_identity__init(identity);
    identity->kind = (Cix__V1__SubjectKind)subject->kind;
    identity->segment = (Cix__V1__Segment)subject->segment;
    identity->birth_year = subject->birth_year;
    identity->region = (char *)subject->region;
    identity->industry = (char *)subject->industry;
    report->identity = identity;
    return put_names(session, ctx, subject, identity) &&
           put_identifiers(session, ctx, subject, identity);
}

static void put_amounts(const struct ring_month *month, Cix__V1__ReportedMonth *shown)
{
    shown->five_category = month->five_category;
    shown->recorded_at_us = month->recorded_at_s * 1000000;
    shown->is_quarantined = month->is_quarantined;
    if (month->balance.is_present) {
        shown->balance_presence_case = CIX__V1__REPORTED_MONTH__BALANCE_PRESENCE_BALANCE;
        shown->balance = month->balance.minor;
    }
    if (month->due.is_present) {
        shown->due_amount_presence_case = CIX__V1__REPORTED_MONTH__DUE_AMOUNT_PRESENCE_DUE_AMOUNT;
        shown->due_amount = month->due.minor;
    }
    if (month->paid.is_present) {
        shown->paid_amount_presence_case =
            CIX__V1__REPORTED_MONTH__PAID_AMOUNT_PRESENCE_PAID_AMOUNT;
        shown->paid_amount = month->paid.minor;
    }
    if (month->overdue.is_present) {
        shown->overdue_amount_presence_case =
            CIX__V1__REPORTED_MONTH__OVERDUE_AMOUNT_PRESENCE_OVERDUE_AMOUNT;
        shown->overdue_amount = month->overdue.minor;
    }
    if (month->days_overdue.is_present) {
        shown->days_overdue_presence_case =
            CIX__V1__REPORTED_MONTH__DAYS_OVERDUE_PRESENCE_DAYS_OVERDUE;
        shown->days_overdue = month->days_overdue.value;
    }
}

/* Both rings, newest month first, down to the oldest month that carries something. */
static void put_months(struct arena *arena, const struct report_account *account,
                       Cix__V1__ReportedAccount *shown)
{
    struct ring_status statuses[RING_STATUS_SIZE];
    struct ring_month amounts[RING_MONTHS];
    int status_count = ring_status_list(account->status_ring.data, account->status_ring.size,
                                        account->last_period, statuses);
    int amount_count = ring_month_list(account->month_ring.data, account->month_ring.size,
                                       account->last_period, amounts);
    int span = 0;

    if (status_count > 0)
        span = account->last_period.number - statuses[status_count - 1].period.number + 1;
    if (amount_count > 0 &&
        account->last_period.number - amounts[amount_count - 1].period.number >= span)
        span = account->last_period.number - amounts[amount_count - 1].period.number + 1;
    Cix__V1__ReportedMonth *months = arena_array(arena, (size_t)span, sizeof(*months));
    shown->months = arena_array(arena, (size_t)span, sizeof(*shown->months));
    shown->n_months = (size_t)span;
    for (int i = 0; i < span; i++) {
        cix__v1__reported_month__init(&months[i]);
        months[i].period = period_to_wire(period_add(account->last_period, -i));
        shown->months[i] = &months[i];
    }
    for (int i = 0; i < status_count; i++)
        months[account->last_period.number - statuses[i].period.number].repay_status =
            status_text(statuses[i].status);
    for (int i = 0; i < amount_count; i++)
        put_amounts(&amounts[i], &months[account->last_period.number - amounts[i].period.number]);
}

char *report_worst_status(const Cix__V1__ReportedAccount *shown)
{
    char statuses[RING_MONTHS];
    size_t count = shown->n_months < RING_MONTHS ? shown->n_months : RING_MONTHS;

    for (size_t i = 0; i < count; i++)
        statuses[i] = shown->months[i]->repay_status[0];
    return status_text(delinquency_worst(statuses, count));
}

static void put_limits(const struct report_account *account, Cix__V1__ReportedAccount *shown)
{
    if (account->original_amount.is_present) {
        shown->original_amount_presence_case =
            CIX__V1__REPORTED_ACCOUNT__ORIGINAL_AMOUNT_PRESENCE_ORIGINAL_AMOUNT;
        shown->original_amount = account->original_amount.minor;
    }
    if (account->credit_limit.is_present) {
        shown->credit_limit_presence_case =
            CIX__V1__REPORTED_ACCOUNT__CREDIT_LIMIT_PRESENCE_CREDIT_LIMIT;
        shown->credit_limit = account->credit_limit.minor;
    }
    if (account->matures_on.is_present) {
        shown->matures_on_presence_case = CIX__V1__REPORTED_ACCOUNT__MATURES_ON_PRESENCE_MATURES_ON;
        shown->matures_on = day_to_wire(account->matures_on.day);
    }
    if (account->closed_on.is_present) {
        shown->closed_on_presence_case = CIX__V1__REPORTED_ACCOUNT__CLOSED_ON_PRESENCE_CLOSED_ON;
        shown->closed_on = day_to_wire(account->closed_on.day);
    }
}

/* An account that never was reported owes its first month since it was opened. */
static bool is_late(const struct report_account *account, struct day today)
{
    struct period last = account->has_period ? account->last_period
                                             : period_add(period_of_day(account->opened_on), -1);

    return report_account_is_open(account) && delinquency_is_behind(last, today);
}

static void put_account(const struct session *session, const struct report_account *account,
                        int32_t asker, Cix__V1__ReportedAccount *shown)
{
    cix__v1__reported_account__init(shown);
    shown->account_id = account->account_id;
    shown->member_code = member_code(session, account->member_id);
    shown->member_name = member_name(session, account->member_id);
    shown->type = (Cix__V1__AccountType)account->type;
    shown->business_type = (char *)account->business_type;
    shown->currency = (char *)account->currency;
    shown->opened_on = day_to_wire(account->opened_on);
    shown->region = (char *)account->region;
    shown->industry = (char *)account->industry;
    shown->channel = account->channel;
    shown->is_late = is_late(account, session->today);
    put_limits(account, shown);
    report_detail(session, account, asker, shown);
    if (!account->has_period)
        return;
    shown->last_period = period_to_wire(account->last_period);
    shown->recorded_at_us = account->recorded_at_us;
    shown->account_status = account->account_status;
    put_months(session->arena, account, shown);
    shown->worst_status_24m = report_worst_status(shown);
}

static void put_accounts(const struct session *session, const struct report_answer *answer,
                         Cix__V1__Report *report)
{
    const struct report_subject *subject = answer->subject;
    size_t count = (size_t)subject->account_count;
    Cix__V1__ReportedAccount *shown = arena_array(session->arena, count, sizeof(*shown));

    report->accounts = arena_array(session->arena, count, sizeof(*report->accounts));
    report->n_accounts = count;
    for (size_t i = 0; i < count; i++) {
        put_account(session, &subject->accounts[i], answer->member_id, &shown[i]);
        report->accounts[i] = &shown[i];
    }
    report_transfer(session->arena, subject, report);
}

/* What the document of a listing says. */
static bool put_duty(const struct session *session, struct ctx *ctx, const struct report_flag *flag,
                     Cix__V1__ReportedFlag *shown)
{
    struct vault_place place = place_of(PLACE_FLAG_TEXT, flag->record_id);
    struct flag_record duty;
    char *lines = "";

    shown->basis_unit = (char *)flag->basis_unit;
    if (flag->term_months.is_present) {
        shown->term_months_presence_case = CIX__V1__REPORTED_FLAG__TERM_MONTHS_PRESENCE_TERM_MONTHS;
        shown->term_months = (int32_t)flag->term_months.value;
    }
    if (flag->sealed_text.data && !unseal(session, ctx, &place, flag->sealed_text, &lines))
        return false;
    flag_text_read(session->arena, lines, &duty);
    shown->basis_no = (char *)duty.basis_no;
    shown->duty_text = (char *)duty.duty_text;
    shown->performed_part = (char *)duty.performed_part;
    shown->unperformed_part = (char *)duty.unperformed_part;
    return true;
}

static bool put_flag(const struct session *session, struct ctx *ctx, const struct report_flag *flag,
                     Cix__V1__ReportedFlag *shown)
{
    struct vault_place place = place_of(PLACE_CASE_NO, flag->record_id);
    char *flag_id = arena_alloc(session->arena, 37);

    cix__v1__reported_flag__init(shown);
    uuid_format(&flag->flag_id, flag_id);
    shown->flag_id = flag_id;
    shown->court = (char *)flag->court;
    shown->region = (char *)flag->region;
    shown->filed_on = day_to_wire(flag->filed_on);
    shown->published_on = day_to_wire(flag->published_on);
    if (flag->expires_on.is_present) {
        shown->expires_on_presence_case = CIX__V1__REPORTED_FLAG__EXPIRES_ON_PRESENCE_EXPIRES_ON;
        shown->expires_on = day_to_wire(flag->expires_on.day);
    }
    shown->ground = flag->ground;
    shown->performance = flag->performance;
    shown->grade = flag->grade;
    shown->status = (Cix__V1__FlagStatus)flag->status;
    shown->recorded_at_us = flag->recorded_at_us;
    shown->n_restrictions = (size_t)flag->restriction_count;
    shown->restrictions =
        arena_array(session->arena, shown->n_restrictions, sizeof(*shown->restrictions));
    for (size_t i = 0; i < shown->n_restrictions; i++)
        shown->restrictions[i] = flag->restrictions[i];
    return unseal(session, ctx, &place, flag->sealed_case_no, &shown->case_no) &&
           put_duty(session, ctx, flag, shown);
}

static bool put_flags(const struct session *session, struct ctx *ctx,
                      const struct report_subject *subject, Cix__V1__Report *report)
{
    size_t count = (size_t)subject->flag_count;
    Cix__V1__ReportedFlag *shown = arena_array(session->arena, count, sizeof(*shown));

    report->flags = arena_array(session->arena, count, sizeof(*report->flags));
    for (size_t i = 0; i < count; i++) {
        if (!put_flag(session, ctx, &subject->flags[i], &shown[i]))
            return false;
        report->flags[report->n_flags++] = &shown[i];
    }
    return true;
}

static void put_inquiries(const struct session *session, const struct report_answer *answer,
                          Cix__V1__Report *report)
{
    size_t count =
        answer->inquiry_count < INQUIRIES_MAX ? (size_t)answer->inquiry_count : INQUIRIES_MAX;
    Cix__V1__ReportedInquiry *shown = arena_array(session->arena, count, sizeof(*shown));

    report->inquiries = arena_array(session->arena, count, sizeof(*report->inquiries));
    report->n_inquiries = count;
    for (size_t i = 0; i < count; i++) {
        cix__v1__reported_inquiry__init(&shown[i]);
        shown[i].at_us = answer->inquiry_at_us[i];
        shown[i].member_code = member_code(session, answer->inquiry_members[i]);
        shown[i].purpose = (Cix__V1__Purpose)answer->inquiry_purposes[i];
        shown[i].inquiry_id = answer->inquiry_ids[i];
        report->inquiries[i] = &shown[i];
    }
}

/* What the standards in force say, by all that is known. */
static bool put_ratings(const struct session *session, struct ctx *ctx,
                        const struct report_answer *answer, Cix__V1__Report *report)
{
    struct rating_known known = {.classes = answer->fact_classes};
    struct rating_views views;

    if (!answer->has_rating || session->standards->count == 0)
        return true;
    if (!rating_of_report(ctx, answer, session->today, &known.input))
        return false;
    rating_view(session, &known, "", &views);
    report->ratings = views.items;
    report->n_ratings = views.count;
    return true;
}

bool report_view(const struct session *session, struct ctx *ctx, int64_t inquiry_id,
                 const struct report_answer *answer, Cix__V1__Report **report)
{
    Cix__V1__Report *made = arena_alloc(session->arena, sizeof(*made));

    cix__v1__report__init(made);
    made->inquiry_id = inquiry_id;
    made->made_at_us = session->now_us;
    made->outcome = CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_NO_FILE;
    if (answer->subject) {
        made->outcome = CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
        if (!put_identity(session, ctx, answer->subject, made))
            return false;
        put_accounts(session, answer, made);
        if (answer->shows_flags && !put_flags(session, ctx, answer->subject, made))
            return false;
        put_inquiries(session, answer, made);
        made->summary = report_summary(session->arena, answer, session->today);
        if (!put_ratings(session, ctx, answer, made) || !report_fact(session, ctx, answer, made) ||
            !report_mark(session, ctx, answer, made))
            return false;
    }
    *report = made;
    return true;
}
