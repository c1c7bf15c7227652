#include "cli/report_detail.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/online.h"
#include "cli/table.h"
#include "domain/code.h"
#include "message.h"

enum detail_form { MONEY, COUNT, DAY, BASIS_POINTS, CODE, ID, TEXT };

/* A field and how people read it. */
struct detail {
    const char *field;
    const char *label;
    enum detail_form form;
    const struct code_table *codes; /* of CODE */
};

static const struct detail contract[] = {
    {"term_months", "months of term", COUNT, NULL},
    {"annual_rate_bps", "yearly rate", BASIS_POINTS, NULL},
    {"rate_type", "kind of rate", CODE, &code_rate_types},
    {"repay_method", "repayment", CODE, &code_repay_methods},
    {"repay_frequency", "repaid every", CODE, &code_repay_frequencies},
    {"security", "security", CODE, &code_securities},
    {"collateral_value", "value of the collateral", MONEY, NULL},
    {"shared_limit", "shared limit", MONEY, NULL},
    {"parent_account_id", "draws on the limit of account", ID, NULL},
    {"channel", "channel", CODE, &code_channels},
    {"dealer_code", "dealer", TEXT, NULL},
    {"platform_code", "platform", TEXT, NULL},
    {"creditor_code", "lent by", TEXT, NULL},
    {"origin", "reported for", TEXT, NULL},
    {"transferred_from_code", "taken over from", TEXT, NULL},
    {"state_at_transfer", "state then", CODE, &code_transfer_states},
};

static const struct detail latest_month[] = {
    {"reported_on", "reported on", DAY, NULL},
    {"bill_amount", "bill", MONEY, NULL},
    {"used_limit", "limit in use", MONEY, NULL},
    {"unbilled_instalments", "instalments not billed yet", MONEY, NULL},
    {"remaining_terms", "instalments left", COUNT, NULL},
    {"paid_on", "last paid on", DAY, NULL},
    {"last_paid_amount", "last paid", MONEY, NULL},
    {"pay_ratio_bps", "paid of what was due", BASIS_POINTS, NULL},
    {"overdue_terms", "instalments overdue", COUNT, NULL},
    {"overdue_principal", "principal overdue", MONEY, NULL},
    {"overdue_31_60", "of it 31 to 60 days", MONEY, NULL},
    {"overdue_61_90", "of it 61 to 90 days", MONEY, NULL},
    {"overdue_91_180", "of it 91 to 180 days", MONEY, NULL},
    {"overdue_over_180", "of it more than 180 days", MONEY, NULL},
    {"overdraft_over_180", "overdraft unpaid for more than 180 days", MONEY, NULL},
    {"classified_on", "class set on", DAY, NULL},
    {"collection_stage", "collection", CODE, &code_collection_stages},
    {"provision_amount", "provision", MONEY, NULL},
    {"written_off_amount", "written off", MONEY, NULL},
    {"recovered_amount", "recovered since", MONEY, NULL},
    {"settled_on", "settled on", DAY, NULL},
};

static const char *code_words(struct arena *arena, const struct code_table *codes, int number)
{
    const struct code *code = code_find(codes, number);

    return code ? code->label : arena_format(arena, "%d", number);
}

static const char *value_words(struct arena *arena, const struct detail *detail, const void *at,
                               const char *currency)
{
    switch (detail->form) {
    case MONEY:
        return online_money(arena, *(const int64_t *)at, currency);
    case COUNT:
        return arena_format(arena, "%d", *(const int32_t *)at);
    case DAY:
        return online_day(arena, *(const int32_t *)at);
    case BASIS_POINTS:
        return arena_format(arena, "%d.%02d %%", *(const int32_t *)at / 100,
                            *(const int32_t *)at % 100);
    case CODE:
        return code_words(arena, detail->codes, *(const int32_t *)at);
    case ID:
        return arena_format(arena, "%lld", (long long)*(const int64_t *)at);
    case TEXT:
        return *(const char *const *)at;
    }
    return "";
}

static void add_details(struct arena *arena, struct table *table, const ProtobufCMessage *message,
                        const struct detail *details, size_t count, const char *currency)
{
    for (size_t i = 0; i < count; i++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(message->descriptor, details[i].field);
        CHECK(field);
        if (cix_message_has(message, field))
            table_add(table,
                      (const char *[]){details[i].label,
                                       value_words(arena, &details[i],
                                                   cix_message_at(message, field, 0), currency)});
    }
}

void report_detail_print(struct arena *arena, const Cix__V1__Report *report)
{
    static const char *const headings[] = {"IN FULL", ""};

    for (size_t i = 0; i < report->n_accounts; i++) {
        const Cix__V1__ReportedAccount *account = report->accounts[i];
        struct table *table = table_new(headings, ARRAY_LENGTH(headings));
        printf("\nAccount %lld of %s", (long long)account->account_id, account->member_name);
        puts(account->last_period ? arena_format(arena, ", latest month %s",
                                                 online_period(arena, account->last_period))
                                  : "");
        add_details(arena, table, &account->base, contract, ARRAY_LENGTH(contract),
                    account->currency);
        if (account->latest_month)
            add_details(arena, table, &account->latest_month->base, latest_month,
                        ARRAY_LENGTH(latest_month), account->currency);
        table_print(table);
    }
}
