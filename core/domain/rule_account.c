#include "domain/rule_check.h"

#include <string.h>

#include "base/money.h"
#include "domain/code_list.h"

enum {
    ACCOUNT_NO_LENGTH_MAX = 64,
    DEALER_CODE_LENGTH_MAX = 32,
    TERM_MONTHS_MAX = 600,
    RATE_BPS_MAX = 100000, /* beyond it, it is no rate at all */
    RATE_BPS_USUAL = 3600,
    CREDITOR_LENGTH_MAX = 80,
};

static bool is_revolving(enum account_type type)
{
    return type == ACCOUNT_TYPE_R1 || type == ACCOUNT_TYPE_R2 || type == ACCOUNT_TYPE_R3;
}

/* Rule A004. */
static void check_amounts(struct verdict *verdict, const struct account_record *account)
{
    bool needs_amount =
        code_account_type_is_scheduled(account->type) || account->type == ACCOUNT_TYPE_R4;

    if (needs_amount)
        verdict_claim(verdict,
                      account->original_amount.is_present && account->original_amount.minor > 0,
                      "A004", "original_amount");
    if (is_revolving(account->type))
        verdict_claim(verdict, account->credit_limit.is_present, "A004", "credit_limit");
    verdict_money(verdict, &account->original_amount, false, "A004", "original_amount");
    verdict_money(verdict, &account->credit_limit, false, "A004", "credit_limit");
}

/* Rules A005 to A007 and A011. */
static void check_days(struct verdict *verdict, const struct account_record *account)
{
    struct day today = verdict->where->today;
    bool has_opened = verdict_day(verdict, &account->opened_on, false, "opened_on");
    bool has_matures = verdict_day(verdict, &account->matures_on, true, "matures_on");
    bool has_closed = verdict_day(verdict, &account->closed_on, true, "closed_on");

    if (!has_opened)
        return;
    struct day opened = account->opened_on.day;
    verdict_claim(verdict,
                  opened.number <= today.number && opened.number >= day_of_civil(1990, 1, 1).number,
                  "A005", NULL);
    if (has_matures)
        verdict_claim(verdict, account->matures_on.day.number >= opened.number, "A006", NULL);
    if (has_closed)
        verdict_claim(verdict,
                      account->closed_on.day.number >= opened.number &&
                          account->closed_on.day.number <= today.number,
                      "A007", NULL);
    if (has_matures && account->term_months.is_present) {
        int months = period_of_day(account->matures_on.day).number - period_of_day(opened).number;
        int apart = months - account->term_months.value;

        verdict_claim(verdict, apart >= -1 && apart <= 1, "A011", NULL);
    }
}

/* Rule A010: no rate is negative; one beyond the usual is only remarked. */
static void check_rate(struct verdict *verdict, const struct account_record *account)
{
    verdict_count(verdict, &account->annual_rate_bps, 0, RATE_BPS_MAX, "annual_rate_bps");
    if (account->annual_rate_bps.is_present)
        verdict_claim(verdict, account->annual_rate_bps.value <= RATE_BPS_USUAL, "A010", NULL);
}

static bool is_platform_product(const char *product)
{
    return strcmp(product, "P1") == 0 || strcmp(product, "P2") == 0;
}

/* Stored in plain text and counted by: nothing that could be written as a name. */
static void check_dealer(struct verdict *verdict, const struct account_record *account)
{
    const char *code = account->dealer_code;

    verdict_coded_text(verdict, code, DEALER_CODE_LENGTH_MAX, true, "dealer_code");
    if (account->channel == CHANNEL_DEALER)
        verdict_claim(verdict, *code != '\0', "A016", NULL);
}

/* Rule A015: a platform that reports its own loans need not name itself. */
static void check_platform(struct verdict *verdict, const struct account_record *account)
{
    const struct member *member = verdict->where->member;
    bool is_platform =
        member && (member->type == MEMBER_TYPE_P2P || member->type == MEMBER_TYPE_CROWDFUNDING);

    if (*account->platform_code)
        verdict_claim(verdict, member_code_is_valid(account->platform_code), "E003",
                      "platform_code");
    else if (is_platform_product(account->business_type) && member)
        verdict_claim(verdict, is_platform, "A015", NULL);
}

static void check_currency(struct verdict *verdict, const struct account_record *account)
{
    bool is_known = money_minor_digits(account->currency) >= 0;

    verdict_claim(verdict, is_known, "A003", NULL);
    if (is_known && account->opened_on.is_real &&
        !code_is_valid_on("currency", account->currency, account->opened_on.day))
        verdict_reason(verdict, "A017", "currency", "the currency was not in force on the day");
}

static void check_codes(struct verdict *verdict, const struct account_record *account)
{
    bool is_type = code_find(&code_account_types, (int)account->type) != NULL;

    verdict_claim(verdict, is_type, "A002", "type");
    if (is_type)
        verdict_claim(verdict, code_product_is_allowed(account->business_type, account->type),
                      "A002", "business_type");
    check_currency(verdict, account);
    verdict_code(verdict, &code_channels, account->channel, true, "channel");
    verdict_code(verdict, &code_repay_frequencies, account->repay_frequency, true,
                 "repay_frequency");
    verdict_code(verdict, &code_securities, account->security, true, "security");
    verdict_code(verdict, &code_repay_methods, account->repay_method, true, "repay_method");
    verdict_code(verdict, &code_rate_types, account->rate_type, true, "rate_type");
    verdict_region(verdict, account->region, &account->opened_on);
    verdict_industry(verdict, account->industry, &account->opened_on);
}

/* Rule A009: a sub-account draws on the limit of another account, and no account on its own. */
static void check_parent(struct verdict *verdict, const struct account_record *account)
{
    const char *parent = account->parent_account_no;

    verdict_text(verdict, parent, ACCOUNT_NO_LENGTH_MAX, true, "parent_account_no");
    if (account->type == ACCOUNT_TYPE_R4 || *parent)
        verdict_claim(verdict, *parent && strcmp(parent, account->account_no) != 0, "A009", NULL);
}

/* Rules A014 and A018: from whom the account came, and in which state. */
static void check_transfer(struct verdict *verdict, const struct account_record *account)
{
    const char *code = account->transferred_from_code;
    const char *account_no = account->transferred_from_account_no;
    const struct count_field *state = &account->state_at_transfer;

    verdict_member_code(verdict, code, "transferred_from_code");
    verdict_member_code(verdict, account->transferred_from_origin, "transferred_from_origin");
    verdict_text(verdict, account_no, ACCOUNT_NO_LENGTH_MAX, true, "transferred_from_account_no");
    verdict_claim(verdict, !*code == !*account_no, "A014",
                  *code ? "transferred_from_account_no" : "transferred_from_code");
    verdict_free_text(verdict, account->original_creditor, CREDITOR_LENGTH_MAX, true,
                      "original_creditor");
    if (*account->transferred_from_origin)
        verdict_claim(verdict, *code, "A014", "transferred_from_code");
    if (state->is_present)
        verdict_claim(verdict, code_find(&code_transfer_states, state->value), "E001",
                      "state_at_transfer");
    if (account->type != ACCOUNT_TYPE_C1)
        return;
    verdict_claim(verdict, *code || *account->original_creditor, "A014", NULL);
    verdict_claim(verdict, state->is_present, "A014", "state_at_transfer");
}

/* Rule A019: a loan for a home or commercial property is secured by something of known value. */
static void check_collateral(struct verdict *verdict, const struct account_record *account)
{
    const char *product = account->business_type;
    bool is_mortgage = !strcmp(product, "11") || !strcmp(product, "12") || !strcmp(product, "13");

    verdict_money(verdict, &account->collateral_value, false, "E005", "collateral_value");
    verdict_money(verdict, &account->shared_limit, false, "E005", "shared_limit");
    if (is_mortgage)
        verdict_claim(verdict, account->collateral_value.is_present, "A019", NULL);
}

void rule_check_account(struct verdict *verdict, struct account_record *account)
{
    verdict_text(verdict, account->account_no, ACCOUNT_NO_LENGTH_MAX, false, "account_no");
    verdict_identifier(verdict, &account->identifier, "identifier.value");
    check_codes(verdict, account);
    check_amounts(verdict, account);
    check_days(verdict, account);
    verdict_count(verdict, &account->term_months, 1, TERM_MONTHS_MAX, "term_months");
    check_rate(verdict, account);
    check_dealer(verdict, account);
    check_platform(verdict, account);
    verdict_member_code(verdict, account->creditor_code, "creditor_code");
    check_parent(verdict, account);
    check_transfer(verdict, account);
    check_collateral(verdict, account);
}
