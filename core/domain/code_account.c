/*
 * The codes of accounts: those that depend on the account's type (products, statuses), the repay
 * characters, and how an account is repaid, secured and collected.
 */
#include "domain/code.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

enum {
    D1 = 1 << ACCOUNT_TYPE_D1,
    R1 = 1 << ACCOUNT_TYPE_R1,
    R2 = 1 << ACCOUNT_TYPE_R2,
    R3 = 1 << ACCOUNT_TYPE_R3,
    R4 = 1 << ACCOUNT_TYPE_R4,
    C1 = 1 << ACCOUNT_TYPE_C1,
    D2 = 1 << ACCOUNT_TYPE_D2,
    G1 = 1 << ACCOUNT_TYPE_G1,
    L1 = 1 << ACCOUNT_TYPE_L1,
    B1 = 1 << ACCOUNT_TYPE_B1,
    A1 = 1 << ACCOUNT_TYPE_A1,
    LOANS = D1 | R1 | R4,
    ENTERPRISE = D2 | G1 | L1 | B1 | A1, /* what only organisations have */
    SCHEDULED = D1 | ENTERPRISE,         /* that end on a day; statuses as of D1 */
};

/*
 * Rule A002: 81 and 82 are card products, 71 quasi-card, 11-13 loans with a fixed schedule.
 * The two-digit codes, A1 and B1 are those of the monthly collection of the national credit
 * database (domain.md 2.1). The codes of enterprise business and of platforms are the exchange's
 * own: the public tables name the businesses (discount, guarantee, letter of credit, bank
 * guarantee, acceptance, factoring) and give no code that two sources agree on. N: loans to
 * organisations; F: discounted and financed claims; G, L, H, K as their account types.
 */
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
    {"N1", "working-capital loan", LOANS},
    {"N2", "loan for fixed assets", LOANS},
    {"N3", "project or syndicated loan", D1 | R4},
    {"N4", "trade finance", LOANS},
    {"N5", "overdraft of a current account", R1},
    {"F1", "bank bill discounted", D2},
    {"F2", "commercial bill discounted", D2},
    {"F3", "factoring with recourse", D2 | D1},
    {"F4", "factoring without recourse", D2 | D1},
    {"F5", "purchased receivable", D2 | D1},
    {"G1", "guarantee of a loan", G1},
    {"G2", "guarantee of a bond", G1},
    {"G3", "counter-guarantee", G1},
    {"G9", "other guarantee", G1},
    {"L1", "letter of credit at sight", L1},
    {"L2", "usance letter of credit", L1},
    {"L3", "stand-by letter of credit", L1},
    {"H1", "financial bank guarantee", B1},
    {"H2", "performance bank guarantee", B1},
    {"H3", "bid or tender guarantee", B1},
    {"H9", "other bank guarantee", B1},
    {"K1", "bank acceptance bill", A1},
    {"K2", "commercial bill accepted by a finance company", A1},
    {NULL, NULL, 0},
};

/* One table a macro call: the rows and the public name over them. */
#define TABLE(name, ...)                                                                           \
    static const struct code name##_rows[] = {__VA_ARGS__};                                        \
    const struct code_table code_##name = {name##_rows, ARRAY_LENGTH(name##_rows)}

/* clang-format off */
TABLE(repay_frequencies,
    {1, "DAY", "daily"},
    {2, "WEEK", "weekly"},
    {3, "MONTH", "monthly"},
    {4, "QUARTER", "quarterly"},
    {5, "HALF_YEAR", "half-yearly"},
    {6, "YEAR", "yearly"},
    {7, "ONCE", "once"},
    {8, "IRREGULAR", "irregular"},
    {12, "TEN_DAYS", "every ten days"},
    {13, "TWO_WEEKS", "every two weeks"},
    {14, "TWO_MONTHS", "every two months"},
    {99, "OTHER", "other"});

TABLE(securities,
    {1, "MORTGAGE", "mortgage"},
    {2, "PLEDGE", "pledge"},
    {3, "GUARANTEE", "guarantee"},
    {4, "CREDIT", "unsecured"},
    {5, "COMBINED", "combined"},
    {9, "OTHER", "other"});

TABLE(repay_methods,
    {1, "EQUAL_INSTALMENTS", "equal instalments"},
    {2, "EQUAL_PRINCIPAL", "equal principal"},
    {3, "INTEREST_FIRST", "interest, then principal"},
    {4, "AT_END", "at the end"},
    {5, "IRREGULAR", "irregular"},
    {6, "REVOLVING_MINIMUM", "revolving with a minimum"});

TABLE(rate_types,
    {1, "FIXED", "fixed"},
    {2, "FLOATING", "floating"});

TABLE(transfer_states,
    {0, "BEFORE_DEFAULT", "advance before default"},
    {1, "DAYS_1_30", "1-30 days overdue"},
    {2, "DAYS_31_60", "31-60 days overdue"},
    {3, "DAYS_61_90", "61-90 days overdue"},
    {4, "DAYS_91_120", "91-120 days overdue"},
    {5, "DAYS_121_150", "121-150 days overdue"},
    {6, "DAYS_151_180", "151-180 days overdue"},
    {7, "DAYS_OVER_180", "more than 180 days overdue"},
    {9, "UNKNOWN", "not known"});

TABLE(collection_stages,
    {0, "NONE", "none"},
    {1, "MESSAGE", "message or call"},
    {2, "VISIT", "visit"},
    {3, "LEGAL", "legal"},
    {4, "OUTSOURCED", "outsourced"},
    {5, "AFTER_WRITE_OFF", "recovery after write-off"});
/* clang-format on */

/* The type may be any number that a peer sent. */
static bool has_type(uint32_t account_types, enum account_type type)
{
    return (unsigned)type < 32 && (account_types >> (unsigned)type & 1);
}

bool code_account_type_is_scheduled(enum account_type type)
{
    return has_type(SCHEDULED, type);
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
    const char *label;
};

enum { STATUS_TRANSFERRED = 5 }; /* of what is scheduled; R1 has another under this number */

static const struct status_row statuses[] = {
    {SCHEDULED | R1 | R4, 1, false, false, "normal"},
    {SCHEDULED | R1 | R4, 2, false, false, "overdue"},
    {SCHEDULED | R1 | R4, 3, true, false, "settled"},
    {SCHEDULED | R1 | R4, 4, false, true, "bad debt"},
    {SCHEDULED, STATUS_TRANSFERRED, true, false, "transferred out"},
    {R1, 5, false, false, "stop-payment"},
    {SCHEDULED | R1 | R4, 6, false, false, "collateral short"},
    {SCHEDULED, 7, false, false, "forced close-out"},
    {SCHEDULED | R1 | R4 | R2 | R3, 8, false, false, "judicial recovery"},
    {R2 | R3, 1, false, false, "normal"},
    {R2 | R3, 2, false, false, "frozen"},
    {R2 | R3, 3, false, false, "stop-payment"},
    {R2 | R3, 31, false, false, "stop-payment by the bank"},
    {R2 | R3, 4, true, false, "closed"},
    {R2 | R3, 5, false, true, "bad debt"},
    {R2 | R3, 6, false, false, "not activated"},
    {C1, 1, false, false, "collecting"},
    {C1, 2, true, false, "ended"},
};

static const struct status_row *find_status(enum account_type type, int status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (statuses[i].status == status && has_type(statuses[i].account_types, type))
            return &statuses[i];
    return NULL;
}

/*
 * Pairs of an account type and a row whose set holds it, as "R2-81": types in their order, rows in
 * theirs. types_at and text_at read row k; false behind the last pair.
 */
static bool find_pair(size_t index, size_t rows, uint32_t (*types_at)(size_t k), char code[12],
                      const char *(*text_at)(size_t k, char text[4]), const char **label)
{
    for (size_t t = 0; t < code_account_types.count; t++) {
        const struct code *type = &code_account_types.codes[t];
        for (size_t k = 0; k < rows; k++) {
            char text[4];
            if (!has_type(types_at(k), (enum account_type)type->number) || index-- > 0)
                continue;
            *label = text_at(k, text);
            snprintf(code, 12, "%.7s-%.3s", type->name, text);
            return true;
        }
    }
    return false;
}

static uint32_t types_of_status(size_t k)
{
    return statuses[k].account_types;
}

static const char *text_of_status(size_t k, char text[4])
{
    snprintf(text, 4, "%hhu", (unsigned char)statuses[k].status);
    return statuses[k].label;
}

static uint32_t types_of_product(size_t k)
{
    return code_products[k].account_types;
}

static const char *text_of_product(size_t k, char text[4])
{
    snprintf(text, 4, "%s", code_products[k].code);
    return code_products[k].label;
}

bool code_account_status_at(size_t index, char code[12], const char **label)
{
    return find_pair(index, ARRAY_LENGTH(statuses), types_of_status, code, text_of_status, label);
}

bool code_account_product_at(size_t index, char code[12], const char **label)
{
    return find_pair(index, ARRAY_LENGTH(code_products) - 1, types_of_product, code,
                     text_of_product, label);
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

bool code_account_status_is_transferred(enum account_type type, int status)
{
    const struct status_row *row = find_status(type, status);

    return row && row->is_closed && status == STATUS_TRANSFERRED;
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
