/*
 * The codes of facts: events, parties, public records, fraud, behaviour, statements, funds,
 * collection, grades. Source: the comments of cix/v1/fact.proto.
 */
#include "domain/code.h"

#include "base/check.h"

#define TABLE(name, ...)                                                                           \
    static const struct code name##_rows[] = {__VA_ARGS__};                                        \
    const struct code_table code_##name = {name##_rows, ARRAY_LENGTH(name##_rows)}

/* clang-format off */
TABLE(event_types,
    {1, "EXTENSION", "extension of the term"},
    {2, "GUARANTOR_PAYS", "guarantor pays"},
    {3, "ASSETS_FOR_DEBT", "assets for debt"},
    {4, "PREPAYMENT", "prepayment"},
    {5, "EARLY_SETTLEMENT", "early settlement"},
    {6, "FORCED_CLOSE_OUT", "forced close-out"},
    {7, "FORCED_CLOSE_OUT_PART", "forced close-out in part"},
    {8, "JUDICIAL_RECOVERY", "judicial recovery"},
    {9, "OTHER", "another event"},
    {11, "DEBT_RELIEF", "debt relief"},
    {12, "ASSET_STRIPPING", "asset stripping"},
    {13, "ASSET_TRANSFER", "asset transfer"},
    {14, "CARD_INSTALMENT", "card instalment"},
    {16, "POLICY_DEFERRAL", "deferral by policy"},
    {17, "PLEDGED_SECURITIES_CLOSE_OUT", "forced close-out of pledged securities"});

TABLE(party_roles,
    {2, "CO_BORROWER", "co-borrower"},
    {3, "GUARANTOR", "guarantor"},
    {4, "COUNTER_GUARANTOR", "counter-guarantor"},
    {5, "PLEDGOR", "pledgor"},
    {6, "AUTHORISED_USER", "authorised user"},
    {7, "INVESTOR", "investor"});

TABLE(public_record_types,
    {1, "CIVIL_JUDGMENT", "civil judgment"},
    {2, "ENFORCEMENT", "enforcement"},
    {3, "ADMINISTRATIVE_PENALTY", "administrative penalty"},
    {4, "TAX_ARREARS", "tax arrears"},
    {5, "HOUSING_FUND_ARREARS", "housing-fund arrears"},
    {6, "POST_PAID_ARREARS", "post-paid arrears"},
    {7, "BANKRUPTCY", "bankruptcy"},
    {8, "QUALIFICATION", "qualification"},
    {9, "AWARD", "award"});

TABLE(public_record_statuses,
    {1, "OPEN", "open"},
    {2, "PARTLY_PERFORMED", "partly performed"},
    {3, "PERFORMED", "performed"},
    {4, "REVOKED", "revoked"},
    {5, "EXPIRED", "expired"});

TABLE(fraud_roles,
    {1, "PERPETRATOR", "perpetrator"},
    {2, "SUSPECT", "suspect"},
    {3, "VICTIM", "victim"},
    {4, "INNOCENT_THIRD_PARTY", "innocent third party"});

TABLE(fraud_types,
    {1, "IDENTITY_FRAUD", "identity fraud"},
    {2, "FALSE_APPLICATION", "false application"},
    {3, "FACILITY_TAKEOVER", "facility takeover"},
    {4, "MISUSE_OR_MULE", "misuse or mule"},
    {5, "ASSET_CONVERSION", "asset conversion"},
    {6, "FIRST_PARTY_BUST_OUT", "first-party bust-out"},
    {7, "MERCHANT_FICTITIOUS_TRADE", "fictitious trade of a merchant"},
    {8, "DEALER_COLLUSION", "dealer collusion"},
    {9, "INSIDER", "insider"},
    {10, "MONEY_LAUNDERING", "money laundering"},
    {11, "PROTECTIVE_REGISTRATION", "protective registration"});

TABLE(fraud_methods,
    {1, "FORGED_DOCUMENT", "forged document"},
    {2, "STOLEN_CREDENTIAL", "stolen credential"},
    {3, "SOCIAL_ENGINEERING", "social engineering"},
    {4, "MALWARE", "malware or remote control"},
    {5, "COUNTERFEIT_CARD", "counterfeit card"},
    {6, "COLLUSION", "collusion"},
    {7, "SHELL_TRANSACTIONS", "shell transactions"},
    {9, "OTHER", "another method"});

TABLE(fraud_evidence_levels,
    {1, "SUSPICION", "suspicion"},
    {2, "REASONABLE_GROUNDS", "reasonable grounds"},
    {3, "RIGOROUS_EVIDENCE", "rigorous evidence"},
    {4, "PRODUCT_REFUSED", "rigorous evidence and product refused or withdrawn"});

TABLE(fraud_statuses,
    {1, "OPEN", "open"},
    {2, "CONFIRMED", "confirmed"},
    {3, "UNFOUNDED", "unfounded"},
    {4, "CLOSED", "closed"});

TABLE(behaviour_roles,
    {1, "MERCHANT", "merchant"},
    {2, "PAYER", "payer"});

TABLE(counterparty_bands,
    {1, "ONE", "one counterparty"},
    {2, "TWO_TO_FIVE", "two to five"},
    {3, "SIX_TO_TWENTY", "six to twenty"},
    {4, "TO_HUNDRED", "21 to 100"},
    {5, "MORE", "more than 100"});

TABLE(statement_types,
    {1, "ANNUAL_ACCOUNTS", "annual accounts"},
    {2, "INTERIM_ACCOUNTS", "interim accounts"},
    {3, "ASSET_STATEMENT", "asset statement of a person"},
    {4, "INCOME_STATEMENT", "income statement of a person"});

TABLE(statement_sources,
    {1, "AUDITED", "audited"},
    {2, "UNAUDITED", "unaudited"},
    {3, "TAX_RETURN", "tax return"},
    {4, "DECLARED", "declared by the subject"},
    {5, "VERIFIED", "verified by the member"});

TABLE(fund_sides,
    {1, "PLATFORM", "the platform reports"},
    {2, "CUSTODIAN", "the custodian reports"});

TABLE(fund_segregations,
    {1, "KEPT_APART", "client money is kept apart"},
    {2, "MIXED", "client money is not kept apart"});

TABLE(collection_results,
    {1, "PAID_IN_FULL", "paid in full"},
    {2, "PAID_IN_PART", "paid in part"},
    {3, "PROMISE_TO_PAY", "promise to pay"},
    {4, "NOT_REACHED", "not reached"},
    {5, "REFUSED", "refused"},
    {6, "DISPUTED", "disputed"},
    {7, "GIVEN_UP", "given up"});

TABLE(master_grades,
    {1, "AAA", "AAA"},
    {2, "AA", "AA"},
    {3, "A", "A"},
    {4, "BBB", "BBB"},
    {5, "BB", "BB"},
    {6, "B", "B"},
    {7, "CCC", "CCC"},
    {8, "CC", "CC"},
    {9, "C", "C"},
    {10, "D", "defaulted"});
/* clang-format on */
