/*
 * The codes of accounts that depend on the account's type: products, statuses, repay characters.
 */
#include "domain/code.h"

#include <string.h>

#include "base/check.h"

enum {
    D1 = 1 << ACCOUNT_TYPE_D1,
    R1 = 1 << ACCOUNT_TYPE_R1,
    R2 = 1 << ACCOUNT_TYPE_R2,
    R3 = 1 << ACCOUNT_TYPE_R3,
    R4 = 1 << ACCOUNT_TYPE_R4,
    C1 = 1 << ACCOUNT_TYPE_C1,
    LOANS = D1 | R1 | R4,
};

/* Rule A002: 81 and 82 are card products, 71 quasi-card, 11-13 loans with a fixed schedule. */
const struct letter_code code_products[] = {
    {"11", "home loan", D1},
    {"12", "loan for commercial property", D1},
    {"13", "housing-fund loan", D1},
    {"21", "car loan", D1 | R4},
    {"31", "state student loan", D1},
    {"32", "commercial student loan", D1},
    {"33", "student loan at origin", D1},
    {"41", "business loan", LOANS},
    {"42", "guaranteed start-up loan", LOANS},
    {"51", "farmer's business loan", LOANS},
    {"52", "farmer's consumer loan", LOANS},
    {"53", "other loan to a farmer", LOANS},
    {"61", "securities margin financing", LOANS},
    {"62", "pledged repurchase", LOANS},
    {"63", "agreed repurchase", LOANS},
    {"64", "securities lending", LOANS},
    {"71", "quasi-credit card", R3},
    {"81", "credit card", R2},
    {"82", "large card instalment", R2},
    {"91", "other consumer loan", LOANS},
    {"92", "finance lease", D1},
    {"99", "other loan", LOANS},
    {"A1", "asset disposal", C1},
    {"B1", "debt from a guarantor's payment", C1},
    {"P1", "peer-to-peer loan", D1},
    {"P2", "crowdfunded debt", D1},
    {"E1", "merchant micro-loan", LOANS},
    {"E2", "consumer instalment", LOANS},
    {NULL, NULL, 0},
};

/* The type may be any number that a peer sent. */
static bool has_type(uint32_t account_types, enum account_type type)
{
    return (unsigned)type < 32 && (account_types >> (unsigned)type & 1);
}

static const struct letter_code *find_product(const char *product)
{
    for (const struct letter_code *row = code_products; row->code; row++)
        if (strcmp(row->code, product) == 0)
            return row;
    return NULL;
}

bool code_product_is_known(const char *product)
{
    return find_product(product) != NULL;
}

bool code_product_is_allowed(const char *product, enum account_type type)
{
    const struct letter_code *row = find_product(product);

    return row && has_type(row->account_types, type);
}

const char *code_product_label(const char *product)
{
    const struct letter_code *row = find_product(product);

    return row ? row->label : "";
}

/* What an account's status number means, by account type. */
struct status_row {
    uint32_t account_types;
    int status;
    bool is_closed;
    bool is_bad_debt;
};

static const struct status_row statuses[] = {
    {D1 | R1 | R4, 1, false, false},           /* normal */
    {D1 | R1 | R4, 2, false, false},           /* overdue */
    {D1 | R1 | R4, 3, true, false},            /* settled */
    {D1 | R1 | R4, 4, false, true},            /* bad debt */
    {D1, 5, true, false},                      /* transferred out */
    {R1, 5, false, false},                     /* stop-payment */
    {D1 | R1 | R4, 6, false, false},           /* collateral short */
    {D1, 7, false, false},                     /* forced close-out */
    {D1 | R1 | R4 | R2 | R3, 8, false, false}, /* judicial recovery */
    {R2 | R3, 1, false, false},                /* normal */
    {R2 | R3, 2, false, false},                /* frozen */
    {R2 | R3, 3, false, false},                /* stop-payment */
    {R2 | R3, 31, false, false},               /* stop-payment by the bank */
    {R2 | R3, 4, true, false},                 /* closed */
    {R2 | R3, 5, false, true},                 /* bad debt */
    {R2 | R3, 6, false, false},                /* not activated */
    {C1, 1, false, false},                     /* collecting */
    {C1, 2, true, false},                      /* ended */
};

static const struct status_row *find_status(enum account_type type, int status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (statuses[i].status == status && has_type(statuses[i].account_types, type))
            return &statuses[i];
    return NULL;
}

bool code_account_status_is_allowed(enum account_type type, int status)
{
    return find_status(type, status) != NULL;
}

bool code_account_status_is_closed(enum account_type type, int status)
{
    const struct status_row *row = find_status(type, status);

    return row && row->is_closed;
}

bool code_account_status_is_bad_debt(enum account_type type, int status)
{
    const struct status_row *row = find_status(type, status);

    return row && row->is_bad_debt;
}

const char code_repay_statuses[] = "N1234567*#/ABCDGMZ";

/* In the order of code_repay_statuses. */
static const char *const repay_labels[] = {
    "normal",
    "1-30 days overdue",
    "31-60 days overdue",
    "61-90 days overdue",
    "91-120 days overdue",
    "121-150 days overdue",
    "151-180 days overdue",
    "more than 180 days overdue",
    "nothing due and no arrears",
    "not known",
    "no account yet",
    "bill date moved, no bill",
    "bad debt",
    "settled or closed",
    "repaid by the guarantor",
    "ended abnormally",
    "paid late, before the month's end",
    "settled with assets",
};

bool code_repay_status_is_known(char status)
{
    return status && strchr(code_repay_statuses, status);
}

const char *code_repay_status_label(char status)
{
    if (!code_repay_status_is_known(status))
        return "unknown";
    return repay_labels[strchr(code_repay_statuses, status) - code_repay_statuses];
}
