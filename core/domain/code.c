#include "domain/code.h"

#include <string.h>

#include "base/check.h"

/* One table a macro call: the rows and the public name over them. */
#define TABLE(name, ...)                                                                           \
    static const struct code name##_rows[] = {__VA_ARGS__};                                        \
    const struct code_table code_##name = {name##_rows, ARRAY_LENGTH(name##_rows)}

/* clang-format off */
TABLE(identifier_types,
    {10, "RESIDENT_ID", "resident identity card"},
    {11, "HKM_PERMIT", "mainland travel permit for Hong Kong and Macao residents"},
    {12, "TW_PERMIT", "mainland travel permit for Taiwan residents"},
    {13, "HMT_RESIDENCE", "residence permit for Hong Kong, Macao and Taiwan residents"},
    {14, "FOREIGN_PR", "foreign permanent resident card"},
    {15, "PASSPORT", "passport"},
    {16, "OFFICER_CARD", "military officer card"},
    {17, "SOLDIER_CARD", "soldier card"},
    {18, "HOUSEHOLD_BOOK", "household register"},
    {20, "USCC", "unified social credit code"},
    {21, "ORG_CODE", "organisation code"},
    {22, "LOAN_CARD", "loan card number"},
    {23, "LEI", "legal entity identifier"},
    {24, "TAX_NO", "taxpayer number"},
    {25, "BUSINESS_REG_NO", "business registration number"});

TABLE(subject_kinds,
    {1, "PERSON", "person"},
    {2, "ENTERPRISE", "enterprise"},
    {3, "INDIVIDUAL_BUSINESS", "individual business"},
    {4, "PUBLIC_BODY", "public body"},
    {5, "OTHER_ORGANISATION", "other organisation"});

TABLE(subject_statuses,
    {1, "ACTIVE", "active"},
    {2, "DECEASED", "deceased"},
    {3, "DEREGISTERED", "deregistered"},
    {4, "REVOKED", "licence revoked"},
    {5, "MERGED_INTO", "merged into another subject"},
    {6, "CONFLICT_HOLD", "held: conflicting identity"});

TABLE(segments,
    {1, "MICRO_SMALL", "micro or small enterprise"},
    {2, "FARMER", "farmer"},
    {3, "STUDENT", "student"},
    {4, "OTHER", "other"});

TABLE(member_types,
    {11, "BANK", "commercial bank"},
    {12, "VILLAGE_BANK", "village bank"},
    {14, "HOUSING_SAVINGS", "housing savings bank"},
    {15, "FOREIGN_BANK", "foreign bank"},
    {16, "FINANCE_COMPANY", "finance company"},
    {21, "TRUST", "trust company"},
    {22, "LEASING", "leasing company"},
    {23, "AUTO_FINANCE", "car finance company"},
    {24, "CONSUMER_FINANCE", "consumer finance company"},
    {25, "LOAN_COMPANY", "loan company"},
    {26, "ASSET_MANAGEMENT", "asset management company"},
    {31, "SECURITIES", "securities firm"},
    {41, "INSURANCE", "insurer"},
    {51, "MICRO_LOAN", "micro-loan company"},
    {52, "HOUSING_FUND", "housing fund"},
    {53, "GUARANTEE", "guarantee company"},
    {54, "FACTORING", "factoring company"},
    {61, "P2P", "peer-to-peer lending platform"},
    {62, "CROWDFUNDING", "equity crowdfunding platform"},
    {63, "THIRD_PARTY_PAYMENT", "third-party payment institution"},
    {64, "ECOMMERCE_MICROLOAN", "e-commerce micro-lender"},
    {65, "CARD_ISSUER", "card issuer"},
    {71, "CREDIT_BUREAU", "credit bureau"},
    {72, "RATING_AGENCY", "rating agency"},
    {81, "REGULATOR_ADMIN", "administrative regulator"},
    {82, "SELF_REGULATORY_ASSOC", "self-regulatory association"},
    {83, "COURT", "court or other public source"},
    {99, "OTHER", "other"});

TABLE(member_states,
    {1, "APPLIED", "applied"},
    {2, "EXAMINED", "examined"},
    {3, "TESTING", "testing"},
    {4, "ACTIVE", "active"},
    {5, "RESTRICTED", "restricted"},
    {6, "SUSPENDED", "suspended"},
    {7, "WITHDRAWN", "withdrawn"},
    {8, "REVOKED", "revoked"},
    {9, "ABSCONDED", "absconded"});

TABLE(member_roles,
    {MEMBER_ROLE_CONTRIBUTOR, "CONTRIBUTOR", "submits credit records"},
    {MEMBER_ROLE_LENDER, "LENDER", "asks for reports and flags"},
    {MEMBER_ROLE_COURT, "COURT", "submits dishonest-person flags"},
    {MEMBER_ROLE_REGULATOR, "REGULATOR", "administrative regulator"},
    {MEMBER_ROLE_ASSOCIATION, "ASSOCIATION", "self-regulatory association"},
    {MEMBER_ROLE_OPERATOR, "OPERATOR", "administers the exchange"});

TABLE(member_attributes,
    {1, "RISK_COMMITTEE", "risk committee that reports to the board"},
    {2, "NON_PERFORMING_COMMITTEE", "committee for non-performing loans that reports to the board"},
    {3, "COMPENSATION_COMMITTEE", "compensation committee that reports to the board"},
    {4, "INTERNAL_AUDIT", "internal audit independent of the business"},
    {5, "SECURITY_ASSESSMENT", "information security assessed by a third party"},
    {6, "DATA_PROTECTION", "person responsible for personal data"},
    {7, "CUSTODY_AGREEMENT", "client money held by a custodian"},
    {8, "CONSENT_PROCEDURE", "procedure for consents and their revocation"},
    {21, "LIMIT_NON_PERFORMING", "non-performing share of the balance"},
    {22, "LIMIT_LARGEST_BORROWER", "share of the largest borrower"},
    {23, "LIMIT_TEN_BORROWERS", "share of the ten largest borrowers"},
    {24, "LIMIT_INDUSTRY", "share of one industry"},
    {25, "LIMIT_REGION", "share of one region"},
    {26, "LIMIT_DEALER", "share of one dealer"},
    {27, "LIMIT_UNSECURED", "share without security"},
    {28, "LIMIT_OUTSTANDING", "outstanding in all, minor units of CNY"});

TABLE(data_classes,
    {DATA_CLASS_BASIC, "BASIC", "identity"},
    {DATA_CLASS_CREDIT, "CREDIT", "accounts and their months"},
    {DATA_CLASS_PUBLIC, "PUBLIC", "public records"},
    {DATA_CLASS_DISHONEST, "DISHONEST", "dishonest-person flags"},
    {DATA_CLASS_FRAUD, "FRAUD", "fraud cases"},
    {DATA_CLASS_BEHAVIOUR, "BEHAVIOUR", "transaction behaviour"},
    {DATA_CLASS_RATING, "RATING", "ratings"},
    {DATA_CLASS_FUND, "FUND", "platform funds"});

TABLE(purposes,
    {1, "POST_LOAN", "post-loan management"},
    {2, "LOAN_APPROVAL", "loan approval"},
    {3, "CARD_APPROVAL", "card approval"},
    {8, "GUARANTEE", "guarantee qualification"},
    {9, "JUDICIAL", "judicial investigation"},
    {16, "HOUSING_FUND", "housing-fund withdrawal"},
    {18, "INDEX_FUTURES", "index-futures account"},
    {19, "MERCHANT_REAL_NAME", "merchant real-name check"},
    {20, "PRE_GUARANTEE", "review before a guarantee"},
    {21, "POST_GUARANTEE", "review after a guarantee"},
    {22, "EXECUTIVE_CHECK", "legal representative or executive check"},
    {23, "CUSTOMER_ACCESS", "customer access qualification"},
    {24, "FINANCING_APPROVAL", "financing approval"},
    {25, "CREDITWORTHINESS", "creditworthiness check"},
    {26, "LIMIT_APPROVAL", "limit approval"},
    {31, "QUALIFICATION_EXAM", "qualification examination"},
    {32, "DISHONEST_SCREEN", "dishonest-person screening"},
    {33, "PORTFOLIO_MONITOR", "portfolio monitoring"},
    {90, "SUBJECT_SELF", "inquiry by the subject"},
    {91, "REGULATOR_AGGREGATE", "regulator's aggregate"},
    {92, "LEGAL_ORDER", "legal order"});

TABLE(consent_forms,
    {1, "WRITTEN", "written"},
    {2, "E_SIGNATURE", "signed electronically"},
    {3, "CONTRACT_CLAUSE", "clause of the contract"});

TABLE(account_types,
    {ACCOUNT_TYPE_D1, "D1", "loan"},
    {ACCOUNT_TYPE_R1, "R1", "revolving loan"},
    {ACCOUNT_TYPE_R2, "R2", "credit card"},
    {ACCOUNT_TYPE_R3, "R3", "quasi-credit card"},
    {ACCOUNT_TYPE_R4, "R4", "sub-account under a revolving limit"},
    {ACCOUNT_TYPE_C1, "C1", "collection"},
    {ACCOUNT_TYPE_D2, "D2", "discounted bill"},
    {ACCOUNT_TYPE_G1, "G1", "guarantee for an enterprise's debt"},
    {ACCOUNT_TYPE_L1, "L1", "letter of credit"},
    {ACCOUNT_TYPE_B1, "B1", "bank guarantee"},
    {ACCOUNT_TYPE_A1, "A1", "bank acceptance"});

TABLE(five_categories,
    {1, "NORMAL", "normal"},
    {2, "SPECIAL_MENTION", "special mention"},
    {3, "SUBSTANDARD", "substandard"},
    {4, "DOUBTFUL", "doubtful"},
    {5, "LOSS", "loss"},
    {6, "DEFAULT", "default"},
    {9, "UNCLASSIFIED", "unclassified"});

TABLE(channels,
    {1, "BRANCH", "branch"},
    {2, "OWN_APP", "own application"},
    {3, "PARTNER_PLATFORM", "partner platform"},
    {4, "DEALER", "dealer"},
    {5, "BROKER", "broker"},
    {6, "TELEPHONE", "telephone"});

TABLE(flag_grounds,
    {1, "ABLE_BUT_REFUSES", "able to perform but refuses"},
    {2, "OBSTRUCTS", "obstructs or resists enforcement"},
    {3, "EVADES", "evades by sham litigation or by hiding or moving property"},
    {4, "PROPERTY_REPORT", "breaks the rules on reporting property"},
    {5, "CONSUMPTION_ORDER", "breaks a consumption restriction order"},
    {6, "BREAKS_SETTLEMENT", "refuses to perform a settlement without good reason"});

TABLE(flag_statuses,
    {1, "LISTED", "listed"},
    {2, "GRACE", "grace period"},
    {3, "SUSPENDED", "suspended"},
    {4, "REMOVED", "removed"},
    {5, "CORRECTED", "corrected"},
    {6, "EXPIRED", "expired"});

TABLE(flag_performances,
    {1, "NONE", "not performed"},
    {2, "PART", "performed in part"},
    {3, "FULL", "performed in full"});

TABLE(flag_reasons,
    {1, "PERFORMED", "obligation performed"},
    {2, "SETTLED", "settlement performed"},
    {3, "APPLICANT_REQUEST", "at the applicant's request"},
    {4, "NO_PROPERTY", "enforcement ended without property"},
    {5, "BANKRUPTCY", "bankruptcy"},
    {6, "RETRIAL", "retrial"},
    {7, "ERROR", "listed in error"},
    {8, "TERM_END", "term ended"});

TABLE(flag_restrictions,
    {1, "NO_NEW_CREDIT", "no new credit"},
    {2, "NO_HIGH_CONSUMPTION", "no high consumption"},
    {3, "NO_EXECUTIVE_ROLE", "no executive role"},
    {4, "NO_PROCUREMENT", "no public procurement"});

TABLE(correction_actions,
    {1, "REPLACE", "replaced"},
    {2, "DELETE", "deleted"});

TABLE(correction_reasons,
    {1, "OWN_ERROR", "mistake of the member"},
    {2, "DISPUTE", "disputed by the subject, who was right"},
    {3, "ORDER", "ordered by a court or the regulator"},
    {4, "IDENTITY_FRAUD", "opened by an identity thief"},
    {5, "WRONG_SUBJECT", "belongs to another subject"},
    {6, "DUPLICATE", "sent twice under two keys"},
    {9, "OTHER", "another reason"});

TABLE(record_kinds,
    {1, "CONSENT", "consent"},
    {2, "SUBJECT", "subject"},
    {3, "ACCOUNT", "account"},
    {4, "PERFORMANCE", "monthly performance"},
    {5, "FLAG", "dishonest-person flag"},
    {6, "ACCOUNT_EVENT", "account event"},
    {7, "PARTY", "party of an account"},
    {8, "PUBLIC_RECORD", "public record"},
    {9, "FRAUD_CASE", "fraud case"},
    {10, "BEHAVIOUR", "month of transactions"},
    {11, "STATEMENT", "asset or financial statement"},
    {12, "FUND_REPORT", "platform fund report"},
    {13, "COLLECTION", "act of collection"},
    {14, "MEMBER_GRADE", "member's grade"},
    {15, "GRADE_MAP", "meaning of a member's grade"},
    {16, "DEALER", "dealer of a member"});

TABLE(dispute_codes,
    {101, "NOT_MINE", "not mine"},
    {102, "MIXED_UP", "mixed up with another of the name"},
    {103, "IDENTITY_FRAUD", "identity fraud"},
    {104, "AMOUNT", "amount"},
    {105, "DATES", "dates"},
    {106, "STATUS", "status"},
    {107, "SETTLED_BEFORE", "settled before"},
    {108, "NEVER_CONSENTED", "never consented"},
    {109, "REMOVE_LISTING", "listing should be removed"},
    {110, "TOO_OLD", "too old"},
    {199, "OTHER", "another reason"});

TABLE(annotation_outcomes,
    {1, "WITHDRAWN", "withdrawn by whoever filed it"},
    {2, "CORRECTED", "the record was wrong and was put right"},
    {3, "CONFIRMED", "the record is right"},
    {4, "UNVERIFIABLE", "cannot be verified"},
    {5, "DECLINED", "says again what was answered before"},
    {6, "ENDED_BY_OPERATOR", "ended by the operator of the exchange"});

TABLE(finding_kinds,
    {1, "FUND_SHORTFALL", "custody below what is owed to clients"},
    {2, "NOT_SEGREGATED", "client money is not kept apart"},
    {3, "GUARANTEE_SHORT", "guarantee fund below what is required"},
    {4, "CUSTODIAN_DIFFERS", "platform and custodian report differently"},
    {5, "CAP_ONE_PLATFORM", "borrower over the cap on one platform"},
    {6, "CAP_ALL_PLATFORMS", "borrower over the cap on all platforms"},
    {7, "RESTRICTED_SUBJECT", "credit for a subject restricted from it"},
    {8, "REPRESENTATIVE_LISTED", "person listed for an organisation's case"},
    {9, "INQUIRIES_UNUSED", "approval inquiries without accounts"},
    {10, "RESPONSIBLE_LISTED", "who leads the member is on the list of dishonest persons"},
    {21, "LIMIT_NON_PERFORMING", "own limit passed: non-performing share of the balance"},
    {22, "LIMIT_LARGEST_BORROWER", "own limit passed: share of the largest borrower"},
    {23, "LIMIT_TEN_BORROWERS", "own limit passed: share of the ten largest borrowers"},
    {24, "LIMIT_INDUSTRY", "own limit passed: share of one industry"},
    {25, "LIMIT_REGION", "own limit passed: share of one region"},
    {26, "LIMIT_DEALER", "own limit passed: share of one dealer"},
    {27, "LIMIT_UNSECURED", "own limit passed: share without security"},
    {28, "LIMIT_OUTSTANDING", "own limit passed: outstanding in all"});
/* clang-format on */

const struct code *code_find(const struct code_table *table, int number)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->codes[i].number == number)
            return &table->codes[i];
    return NULL;
}

const struct code *code_find_name(const struct code_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->codes[i].name, name) == 0)
            return &table->codes[i];
    return NULL;
}

const char *code_name(const struct code_table *table, int number)
{
    const struct code *code = code_find(table, number);

    return code ? code->name : "UNKNOWN";
}
