#include "cli/report_view.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/online.h"
#include "cli/protection.h"
#include "cli/rating_view.h"
#include "cli/report_detail.h"
#include "cli/report_fact.h"
#include "cli/table.h"
#include "domain/code.h"
#include "message.h"

enum { STRIP_MONTHS = 24, INQUIRIES_SHOWN = 10, CURRENCY_MAX = 8 };

static const char *word(const ProtobufCEnumDescriptor *descriptor, int number)
{
    return number ? cix_message_enum_name(descriptor, number) : "";
}

/* "document seen, by 2 members" */
static const char *verified(struct arena *arena, const Cix__V1__ReportedIdentifier *identifier)
{
    const struct code *code = code_find(&code_identifier_verifications, identifier->verification);

    if (!code)
        return "";
    return arena_format(arena, "%s, by %d member%s", code->label, identifier->verified_by,
                        identifier->verified_by == 1 ? "" : "s");
}

static void print_identity(struct arena *arena, const Cix__V1__ReportedIdentity *identity)
{
    static const char *const names[] = {"NAME", "AS GIVEN BY", "RECORDED"};
    static const char *const identifiers[] = {"IDENTIFIER", "NUMBER",      "ISSUED IN",
                                              "VALID FROM", "VALID UNTIL", "VERIFIED"};
    struct table *table = table_new(names, 3);

    printf("%s  %s%s%s\n", word(&cix__v1__subject_kind__descriptor, (int)identity->kind),
           identity->region, *identity->industry ? "  " : "", identity->industry);
    if (identity->birth_year)
        printf("born in %d\n", identity->birth_year);
    for (size_t i = 0; i < identity->n_names; i++)
        table_add(table,
                  (const char *[]){identity->names[i]->name, identity->names[i]->member_code,
                                   online_instant(arena, identity->names[i]->recorded_at_us)});
    table_print(table);
    table = table_new(identifiers, ARRAY_LENGTH(identifiers));
    for (size_t i = 0; i < identity->n_identifiers; i++) {
        const Cix__V1__ReportedIdentifier *item = identity->identifiers[i];
        table_add(table,
                  (const char *[]){word(&cix__v1__identifier_type__descriptor, (int)item->type),
                                   item->masked_value, item->issuer_region,
                                   online_day(arena, item->valid_from),
                                   online_day(arena, item->valid_until), verified(arena, item)});
    }
    table_print(table);
}

/*
 * The newest months as one letter each, newest first; "." for a month without a report, "?" behind
 * one that a rule keeps for review.
 */
static const char *strip(struct arena *arena, const Cix__V1__ReportedAccount *account)
{
    struct builder text = {.arena = arena};

    for (size_t i = 0; i < account->n_months && i < STRIP_MONTHS; i++) {
        const Cix__V1__ReportedMonth *month = account->months[i];
        builder_text(&text, *month->repay_status ? month->repay_status : ".");
        builder_text(&text, month->is_quarantined ? "?" : "");
    }
    return text.size ? text.data : "";
}

static const char *amount_of(struct arena *arena, const Cix__V1__ReportedAccount *account)
{
    if (account->credit_limit_presence_case)
        return online_money(arena, account->credit_limit, account->currency);
    if (account->original_amount_presence_case)
        return online_money(arena, account->original_amount, account->currency);
    return "";
}

static const Cix__V1__ReportedMonth *latest(const Cix__V1__ReportedAccount *account)
{
    return account->n_months ? account->months[0] : NULL;
}

static bool is_open(const Cix__V1__ReportedAccount *account)
{
    return !account->closed_on_presence_case;
}

static const char *product_label(const char *product)
{
    for (const struct letter_code *row = code_products; row->code; row++) {
        if (!strcmp(row->code, product))
            return row->label;
    }
    return product;
}

/* "a credit bureau for its institution" */
static const char *giver_of(struct arena *arena, const Cix__V1__ReportedAccount *account)
{
    return *account->origin
               ? arena_format(arena, "%s for %s", account->member_name, account->origin)
               : account->member_name;
}

static const char *lateness(const Cix__V1__ReportedAccount *account)
{
    if (!account->is_late)
        return "";
    return account->last_period ? "not reported since" : "never reported";
}

static void add_account(struct arena *arena, struct table *table,
                        const Cix__V1__ReportedAccount *account)
{
    const Cix__V1__ReportedMonth *month = latest(account);
    bool has_balance = month && month->balance_presence_case;
    bool has_overdue = month && month->overdue_amount_presence_case;

    table_add(
        table,
        (const char *[]){
            giver_of(arena, account), word(&cix__v1__account_type__descriptor, (int)account->type),
            product_label(account->business_type), account->currency, amount_of(arena, account),
            has_balance ? online_money(arena, month->balance, account->currency) : "",
            has_overdue ? online_money(arena, month->overdue_amount, account->currency) : "",
            online_day(arena, account->opened_on),
            is_open(account) ? "" : online_day(arena, account->closed_on),
            online_period(arena, account->last_period), lateness(account), strip(arena, account)});
}

static bool has_doubt(const Cix__V1__Report *report)
{
    bool has = false;

    for (size_t i = 0; i < report->n_accounts; i++) {
        const Cix__V1__ReportedAccount *account = report->accounts[i];
        for (size_t k = 0; k < account->n_months && k < STRIP_MONTHS; k++)
            has |= account->months[k]->is_quarantined;
    }
    return has;
}

static void print_accounts(struct arena *arena, const Cix__V1__Report *report)
{
    static const char *const headings[] = {
        "MEMBER", "TYPE",   "PRODUCT", "CUR", ">LIMIT/AMOUNT",       ">BALANCE", ">OVERDUE",
        "OPENED", "CLOSED", "LAST",    "",    "MONTHS, NEWEST FIRST"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (size_t i = 0; i < report->n_accounts; i++)
        add_account(arena, table, report->accounts[i]);
    if (report->n_accounts)
        puts("\nAccounts");
    table_print(table);
    if (has_doubt(report))
        puts("? behind a month: implausible, and its member has neither released nor corrected it; "
             "it "
             "counts all the same");
}

static const char *label_of(const struct code_table *codes, int number)
{
    const struct code *code = code_find(codes, number);

    return code ? code->label : "";
}

static const char *measures_of(struct arena *arena, const Cix__V1__ReportedFlag *flag)
{
    struct builder text = {.arena = arena};

    for (size_t i = 0; i < flag->n_restrictions; i++)
        builder_format(&text, "%s%s", i ? ", " : "",
                       label_of(&code_flag_restrictions, flag->restrictions[i]));
    return text.size ? text.data : "";
}

/* Why somebody is listed, with what effect, and what the document says, under its case. */
static void print_duty(struct arena *arena, const Cix__V1__ReportedFlag *flag)
{
    const struct {
        const char *what, *text;
    } lines[] = {
        {"ground", label_of(&code_flag_grounds, flag->ground)},
        {"grade", flag->grade ? arena_format(arena, "%d", flag->grade) : ""},
        {"measures", measures_of(arena, flag)},
        {"document",
         arena_format(arena, "%s%s%s", flag->basis_no,
                      *flag->basis_no && *flag->basis_unit ? ", " : "", flag->basis_unit)},
        {"term", flag->term_months_presence_case
                     ? arena_format(arena, "%d months", flag->term_months)
                     : ""},
        {"duty", flag->duty_text},
        {"performed", flag->performed_part},
        {"not performed", flag->unperformed_part},
    };
    bool is_named = false;

    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        if (!*lines[i].text)
            continue;
        if (!is_named)
            puts(flag->case_no);
        printf("  %s: %s\n", lines[i].what, lines[i].text);
        is_named = true;
    }
}

static void print_flags(struct arena *arena, const Cix__V1__Report *report)
{
    static const char *const headings[] = {"STATUS", "PUBLISHED", "ENDS", "COURT", "CASE"};
    struct table *table = table_new(headings, 5);

    for (size_t i = 0; i < report->n_flags; i++) {
        const Cix__V1__ReportedFlag *flag = report->flags[i];
        table_add(table,
                  (const char *[]){
                      word(&cix__v1__flag_status__descriptor, (int)flag->status),
                      online_day(arena, flag->published_on),
                      online_day(arena, flag->expires_on_presence_case ? flag->expires_on : 0),
                      flag->court, flag->case_no});
    }
    if (report->n_flags)
        puts("\nDishonest-person listings");
    table_print(table);
    for (size_t i = 0; i < report->n_flags; i++)
        print_duty(arena, report->flags[i]);
}

static void add_annotations(struct arena *arena, struct table *table, const char *record,
                            Cix__V1__ReportedAnnotation *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Cix__V1__ReportedAnnotation *item = items[i];
        table_add(table, (const char *[]){record, online_period(arena, item->period),
                                          item->code ? arena_format(arena, "%d", item->code) : "",
                                          item->text, online_day(arena, item->due_on),
                                          item->is_unverified
                                              ? arena_format(arena, "not verified, escalated %s",
                                                             online_day(arena, item->escalated_on))
                                              : ""});
    }
}

/* A fact is named by what it is; nothing else stands on the report itself. */
static void add_fact_annotations(struct arena *arena, struct table *table,
                                 const Cix__V1__Report *report)
{
    for (size_t i = 0; i < report->n_annotations; i++)
        add_annotations(arena, table,
                        report_fact_name(arena, report, report->annotations[i]->target_id),
                        &report->annotations[i], 1);
    for (size_t i = 0; i < report->n_liabilities; i++)
        add_annotations(arena, table,
                        report_fact_name(arena, report, report->liabilities[i]->source->fact_id),
                        report->liabilities[i]->annotations, report->liabilities[i]->n_annotations);
}

static bool has_annotations(const Cix__V1__Report *report)
{
    bool has = report->n_annotations > 0 || (report->identity && report->identity->n_annotations);

    for (size_t i = 0; i < report->n_accounts; i++)
        has |= report->accounts[i]->n_annotations > 0;
    for (size_t i = 0; i < report->n_flags; i++)
        has |= report->flags[i]->n_annotations > 0;
    for (size_t i = 0; i < report->n_inquiries; i++)
        has |= report->inquiries[i]->n_annotations > 0;
    for (size_t i = 0; i < report->n_liabilities; i++)
        has |= report->liabilities[i]->n_annotations > 0;
    return has;
}

static void print_annotations(struct arena *arena, const Cix__V1__Report *report)
{
    static const char *const headings[] = {"ON", "MONTH", "DISPUTE", "TEXT", "ANSWER BY", ""};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    if (report->identity)
        add_annotations(arena, table, "identity", report->identity->annotations,
                        report->identity->n_annotations);
    for (size_t i = 0; i < report->n_accounts; i++)
        add_annotations(arena, table,
                        arena_format(arena, "account %lld of %s",
                                     (long long)report->accounts[i]->account_id,
                                     report->accounts[i]->member_name),
                        report->accounts[i]->annotations, report->accounts[i]->n_annotations);
    for (size_t i = 0; i < report->n_flags; i++)
        add_annotations(arena, table, arena_format(arena, "listing %s", report->flags[i]->flag_id),
                        report->flags[i]->annotations, report->flags[i]->n_annotations);
    for (size_t i = 0; i < report->n_inquiries; i++)
        add_annotations(arena, table,
                        arena_format(arena, "inquiry of %s", report->inquiries[i]->member_code),
                        report->inquiries[i]->annotations, report->inquiries[i]->n_annotations);
    add_fact_annotations(arena, table, report);
    if (has_annotations(report))
        puts("\nWhat the subject says");
    table_print(table);
}

static void print_inquiries(struct arena *arena, const Cix__V1__Report *report)
{
    static const char *const headings[] = {"AT", "BY", "PURPOSE"};
    struct table *table = table_new(headings, 3);

    for (size_t i = 0; i < report->n_inquiries && i < INQUIRIES_SHOWN; i++) {
        const Cix__V1__ReportedInquiry *inquiry = report->inquiries[i];
        table_add(table,
                  (const char *[]){online_instant(arena, inquiry->at_us), inquiry->member_code,
                                   word(&cix__v1__purpose__descriptor, (int)inquiry->purpose)});
    }
    if (report->n_inquiries)
        printf("\nInquiries, the latest of %zu\n", report->n_inquiries);
    table_print(table);
}

/* What one member's records alone tell, in the words of the summary. */
struct own_view {
    int accounts, open_accounts, overdue_accounts;
    int currencies;
    const char *currency[CURRENCY_MAX];
    int64_t outstanding[CURRENCY_MAX], overdue[CURRENCY_MAX];
};

static int currency_index(struct own_view *view, const char *currency)
{
    for (int i = 0; i < view->currencies; i++) {
        if (!strcmp(view->currency[i], currency))
            return i;
    }
    if (view->currencies == CURRENCY_MAX)
        return -1;
    view->currency[view->currencies] = currency;
    return view->currencies++;
}

static void view_add(struct own_view *view, const Cix__V1__ReportedAccount *account)
{
    const Cix__V1__ReportedMonth *month = latest(account);
    int64_t overdue = month && month->overdue_amount_presence_case ? month->overdue_amount : 0;
    bool is_overdue = month && *month->repay_status >= '1' && *month->repay_status <= '7';
    int index = currency_index(view, account->currency);

    view->accounts++;
    view->open_accounts += is_open(account);
    view->overdue_accounts += is_overdue || overdue > 0;
    if (index < 0 || !month || !is_open(account))
        return;
    view->outstanding[index] += month->balance_presence_case ? month->balance : 0;
    view->overdue[index] += overdue;
}

static struct own_view view_of(const Cix__V1__Report *report, const char *own_code)
{
    struct own_view view = {.accounts = 0};

    for (size_t i = 0; i < report->n_accounts; i++) {
        if (own_code && !strcmp(report->accounts[i]->member_code, own_code))
            view_add(&view, report->accounts[i]);
    }
    return view;
}

static void add_count(struct arena *arena, struct table *table, const char *name, int all, int own)
{
    table_add(table, (const char *[]){name, arena_format(arena, "%d", all),
                                      own < 0 ? "" : arena_format(arena, "%d", own)});
}

static void add_totals(struct arena *arena, struct table *table,
                       const Cix__V1__CurrencyTotal *total, struct own_view *own, bool has_own)
{
    int index = currency_index(own, total->currency);
    int64_t outstanding = index < 0 ? 0 : own->outstanding[index];
    int64_t overdue = index < 0 ? 0 : own->overdue[index];

    table_add(table,
              (const char *[]){arena_format(arena, "outstanding %s", total->currency),
                               online_money(arena, total->outstanding, total->currency),
                               has_own ? online_money(arena, outstanding, total->currency) : ""});
    table_add(table,
              (const char *[]){arena_format(arena, "overdue %s", total->currency),
                               online_money(arena, total->overdue, total->currency),
                               has_own ? online_money(arena, overdue, total->currency) : ""});
}

static void print_summary(struct arena *arena, const Cix__V1__Report *report, const char *own_code)
{
    const Cix__V1__ReportSummary *summary = report->summary;
    struct own_view own = view_of(report, own_code);
    const char *headings[] = {"", ">ALL MEMBERS",
                              own_code ? arena_format(arena, ">%s ALONE", own_code) : ""};
    struct table *table = table_new(headings, own_code ? 3 : 2);

    puts("\nSummary");
    add_count(arena, table, "accounts", summary->accounts, own.accounts);
    add_count(arena, table, "open accounts", summary->open_accounts, own.open_accounts);
    add_count(arena, table, "members with an open account", summary->open_members,
              own.open_accounts > 0);
    add_count(arena, table, "accounts overdue", summary->overdue_accounts, own.overdue_accounts);
    add_count(arena, table, "accounts ever 90+ days overdue", summary->accounts_ever_90_days, -1);
    for (size_t i = 0; i < summary->n_totals; i++)
        add_totals(arena, table, summary->totals[i], &own, own_code != NULL);
    add_count(arena, table, "inquiries in 1 month", summary->inquiries_1m, -1);
    add_count(arena, table, "inquiries in 6 months", summary->inquiries_6m, -1);
    add_count(arena, table, "inquiries in 24 months", summary->inquiries_24m, -1);
    add_count(arena, table, "listings in force", summary->flags_in_force, own_code ? 0 : -1);
    table_print(table);
}

void report_view_print(struct arena *arena, const Cix__V1__Report *report, const char *own_code,
                       bool is_full)
{
    bool is_found = report->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;

    printf("Credit report, inquiry %lld, %s\n", (long long)report->inquiry_id,
           online_instant(arena, report->made_at_us));
    if (!is_found) {
        puts("No file: the exchange knows no subject with this identifier and name.");
        return;
    }
    protection_print(arena, report->protections, report->n_protections);
    if (report->identity)
        print_identity(arena, report->identity);
    print_accounts(arena, report);
    if (is_full)
        report_detail_print(arena, report);
    print_flags(arena, report);
    report_fact_print(arena, report);
    print_annotations(arena, report);
    print_inquiries(arena, report);
    if (report->n_ratings > 0)
        puts("");
    for (size_t i = 0; i < report->n_ratings; i++)
        rating_view_print(arena, report->ratings[i], false);
    if (report->summary)
        print_summary(arena, report, own_code);
}
