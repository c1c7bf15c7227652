#include "domain/code_list.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "domain/code.h"
#include "domain/dated_list.h"
#include "domain/region.h"

#define DESIGN "CIX"
#define PBOC   "PBOC Credit Reference Center, second generation"
#define COURT  "Supreme People's Court, rules on the list of judgment defaulters"

/* clang-format off */
const struct code_list code_lists[] = {
    {"account_product",        PBOC ", letters " DESIGN,             20261130},
    {"account_status",         PBOC,                                 20261130},
    {"account_type",           PBOC ", enterprise kinds " DESIGN,    20261122},
    {"annotation_outcome",     DESIGN,                               20261130},
    {"behaviour_role",         DESIGN,                               20261122},
    {"channel",                DESIGN,                               20261122},
    {"collection_result",      DESIGN,                               20261122},
    {"collection_stage",       PBOC,                                 20261122},
    {"consent_form",           DESIGN,                               20261122},
    {"correction_action",      DESIGN,                               20261122},
    {"correction_reason",      DESIGN,                               20261122},
    {"counterparty_band",      DESIGN,                               20261122},
    {"currency",               "ISO 4217 list one and three",        20261122},
    {"data_class",             DESIGN,                               20261122},
    {"dispute_code",           DESIGN,                               20261130},
    {"education",              PBOC,                                 20261122},
    {"enterprise_size",        DESIGN,                               20261122},
    {"event_type",             PBOC,                                 20261122},
    {"finding_kind",           DESIGN,                               20261130},
    {"five_category",          PBOC,                                 20261122},
    {"flag_ground",            COURT ", article 1",                  20261122},
    {"flag_performance",       COURT,                                20261122},
    {"flag_reason",            COURT ", article 10",                 20261122},
    {"flag_restriction",       COURT,                                20261130},
    {"flag_status",            COURT,                                20261122},
    {"fraud_evidence_level",   DESIGN,                               20261122},
    {"fraud_method",           DESIGN,                               20261122},
    {"fraud_role",             DESIGN,                               20261122},
    {"fraud_status",           DESIGN,                               20261122},
    {"fraud_type",             DESIGN,                               20261122},
    {"fund_segregation",       DESIGN,                               20261122},
    {"fund_side",              DESIGN,                               20261122},
    {"identifier_type",        DESIGN,                               20261122},
    {"identifier_verification", DESIGN,                              20261130},
    {"industry",               "GB/T 4754-2017",                     20261130},
    {"marital_status",         PBOC,                                 20261122},
    {"master_grade",           DESIGN,                               20261122},
    {"member_attribute",       DESIGN,                               20261122},
    {"member_role",            DESIGN,                               20261122},
    {"member_state",           DESIGN,                               20261122},
    {"member_type",            PBOC ", from 61 " DESIGN,             20261122},
    {"occupation",             "GB/T 6565, first level",             20261130},
    {"party_role",             DESIGN,                               20261122},
    {"product",                PBOC ", letters " DESIGN,             20261122},
    {"province",               "GB/T 2260",                          20261122},
    {"public_record_status",   DESIGN,                               20261122},
    {"public_record_type",     DESIGN,                               20261122},
    {"purpose",                PBOC ", from 31 " DESIGN,             20261122},
    {"rate_type",              DESIGN,                               20261122},
    {"record_kind",            DESIGN,                               20261122},
    {"region",                 "GB/T 2260",                          20261130},
    {"repay_frequency",        PBOC,                                 20261122},
    {"repay_method",           DESIGN,                               20261122},
    {"repay_status",           PBOC,                                 20261122},
    {"security",               PBOC,                                 20261122},
    {"segment",                DESIGN,                               20261122},
    {"sex",                    PBOC,                                 20261122},
    {"statement_source",       DESIGN,                               20261122},
    {"statement_type",         DESIGN,                               20261122},
    {"subject_kind",           DESIGN,                               20261122},
    {"subject_status",         DESIGN,                               20261122},
    {"transfer_state",         PBOC,                                 20261122},
};

/* The lists that are tables of numbers; bits are served as the numbers of the wire. */
static const struct {
    const char *name;
    const struct code_table *table;
    bool are_bits;
} tables[] = {
    {"account_type",           &code_account_types,              false},
    {"annotation_outcome",     &code_annotation_outcomes,        false},
    {"behaviour_role",         &code_behaviour_roles,            false},
    {"channel",                &code_channels,                   false},
    {"collection_result",      &code_collection_results,         false},
    {"collection_stage",       &code_collection_stages,          false},
    {"consent_form",           &code_consent_forms,              false},
    {"correction_action",      &code_correction_actions,         false},
    {"correction_reason",      &code_correction_reasons,         false},
    {"counterparty_band",      &code_counterparty_bands,         false},
    {"data_class",             &code_data_classes,               true},
    {"dispute_code",           &code_dispute_codes,              false},
    {"education",              &code_educations,                 false},
    {"enterprise_size",        &code_enterprise_sizes,           false},
    {"event_type",             &code_event_types,                false},
    {"finding_kind",           &code_finding_kinds,              false},
    {"five_category",          &code_five_categories,            false},
    {"flag_ground",            &code_flag_grounds,               false},
    {"flag_performance",       &code_flag_performances,          false},
    {"flag_reason",            &code_flag_reasons,               false},
    {"flag_restriction",       &code_flag_restrictions,          false},
    {"flag_status",            &code_flag_statuses,              false},
    {"fraud_evidence_level",   &code_fraud_evidence_levels,      false},
    {"fraud_method",           &code_fraud_methods,              false},
    {"fraud_role",             &code_fraud_roles,                false},
    {"fraud_status",           &code_fraud_statuses,             false},
    {"fraud_type",             &code_fraud_types,                false},
    {"fund_segregation",       &code_fund_segregations,          false},
    {"fund_side",              &code_fund_sides,                 false},
    {"identifier_type",        &code_identifier_types,           false},
    {"identifier_verification", &code_identifier_verifications,  false},
    {"marital_status",         &code_marital_statuses,           false},
    {"master_grade",           &code_master_grades,              false},
    {"member_attribute",       &code_member_attributes,          false},
    {"member_role",            &code_member_roles,               true},
    {"member_state",           &code_member_states,              false},
    {"member_type",            &code_member_types,               false},
    {"party_role",             &code_party_roles,                false},
    {"public_record_status",   &code_public_record_statuses,     false},
    {"public_record_type",     &code_public_record_types,        false},
    {"purpose",                &code_purposes,                   false},
    {"rate_type",              &code_rate_types,                 false},
    {"record_kind",            &code_record_kinds,               false},
    {"repay_frequency",        &code_repay_frequencies,          false},
    {"repay_method",           &code_repay_methods,              false},
    {"security",               &code_securities,                 false},
    {"segment",                &code_segments,                   false},
    {"sex",                    &code_sexes,                      false},
    {"statement_source",       &code_statement_sources,          false},
    {"statement_type",         &code_statement_types,            false},
    {"subject_kind",           &code_subject_kinds,              false},
    {"subject_status",         &code_subject_statuses,           false},
    {"transfer_state",         &code_transfer_states,            false},
};

/* The long lists. from: the day from which all of it is in force, where its codes have no years. */
static const struct {
    const char *name;
    const struct dated_list *list;
    int32_t from;
} dated[] = {
    {"industry", &dated_industries, 20171001},
    {"region",   &dated_regions,    0},
};

/* Codes that were not always in force. Currencies: ISO 4217 list three and its amendments. */
static const struct {
    const char *list;
    const char *code;
    int32_t from, until;
} validities[] = {
    {"currency", "ANG", 0,        20250331}, /* XCG */
    {"currency", "BGN", 19990705, 20251231}, /* EUR */
    {"currency", "CUC", 0,        20210630}, /* CUP */
    {"currency", "HRK", 19940530, 20221231}, /* EUR */
    {"currency", "SLE", 20220401, 0},
    {"currency", "SLL", 0,        20240331}, /* SLE */
    {"currency", "VED", 20211001, 0},
    {"currency", "XCG", 20250331, 0},
    {"currency", "ZWG", 20240405, 0},
};
/* clang-format on */

const size_t code_list_count = ARRAY_LENGTH(code_lists);

const struct code_list *code_list_find(const char *name)
{
    for (size_t i = 0; i < code_list_count; i++)
        if (strcmp(code_lists[i].name, name) == 0)
            return &code_lists[i];
    return NULL;
}

/* What is no table of numbers: one code after the other; false behind the last. */
static bool product_at(size_t index, char code[CODE_TEXT_MAX], const char **label)
{
    const struct letter_code *product = &code_products[index];

    if (!product->code)
        return false;
    snprintf(code, CODE_TEXT_MAX, "%s", product->code);
    *label = product->label;
    return true;
}

static bool repay_status_at(size_t index, char code[CODE_TEXT_MAX], const char **label)
{
    code[0] = code_repay_statuses[index];
    code[1] = '\0';
    *label = code_repay_status_label(code[0]);
    return code[0];
}

static bool occupation_at(size_t index, char code[CODE_TEXT_MAX], const char **label)
{
    code[0] = code_occupations[index];
    code[1] = '\0';
    *label = code_occupation_label(code[0]);
    return code[0];
}

static bool province_at(size_t index, char code[CODE_TEXT_MAX], const char **label)
{
    if (index >= region_province_count())
        return false;
    *label = region_province(index, code);
    return true;
}

static bool currency_at(size_t index, char code[CODE_TEXT_MAX], const char **label)
{
    if (index >= money_currency_count())
        return false;
    money_currency(index, code);
    *label = "";
    return true;
}

/* clang-format off */
static const struct {
    const char *name;
    bool (*at)(size_t index, char code[CODE_TEXT_MAX], const char **label);
} series[] = {
    {"account_product", code_account_product_at},
    {"account_status",  code_account_status_at},
    {"currency",        currency_at},
    {"occupation",      occupation_at},
    {"product",         product_at},
    {"province",        province_at},
    {"repay_status",    repay_status_at},
};
/* clang-format on */

static bool find_in_series(const char *list, size_t index, char code[CODE_TEXT_MAX],
                           const char **label)
{
    size_t i = 0;

    while (i < ARRAY_LENGTH(series) && strcmp(series[i].name, list) != 0)
        i++;
    CHECK(i < ARRAY_LENGTH(series));
    return series[i].at(index, code, label);
}

size_t code_list_size(const struct code_list *list)
{
    char code[CODE_TEXT_MAX];
    const char *label;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        if (strcmp(tables[i].name, list->name) == 0)
            return tables[i].table->count;
    for (size_t i = 0; i < ARRAY_LENGTH(dated); i++)
        if (strcmp(dated[i].name, list->name) == 0)
            return dated[i].list->count;
    while (find_in_series(list->name, count, code, &label))
        count++;
    return count;
}

static void find_validity(const char *list, struct code_word *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(validities); i++) {
        if (strcmp(validities[i].list, list) || strcmp(validities[i].code, word->code))
            continue;
        word->valid_from = validities[i].from;
        word->valid_until = validities[i].until;
    }
}

/* Number n of the wire is bit n - 1. */
static int number_of(const struct code *code, bool is_bit)
{
    return is_bit ? __builtin_ctz((unsigned)code->number) + 1 : code->number;
}

static bool find_in_table(const char *list, size_t index, struct code_word *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (strcmp(tables[i].name, list))
            continue;
        const struct code *code = &tables[i].table->codes[index];
        snprintf(word->code, sizeof(word->code), "%d", number_of(code, tables[i].are_bits));
        word->name = code->name;
        word->label = code->label;
        return true;
    }
    return false;
}

static bool find_in_dated(const char *list, size_t index, struct code_word *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(dated); i++) {
        if (strcmp(dated[i].name, list))
            continue;
        const struct dated_code *code = &dated[i].list->codes[index];
        snprintf(word->code, sizeof(word->code), "%s", code->code);
        word->label = dated[i].list->labels + code->label;
        word->valid_from = code->first_year ? code->first_year * 10000 + 101 : dated[i].from;
        word->valid_until = code->last_year ? code->last_year * 10000 + 1231 : 0;
        return true;
    }
    return false;
}

/* The code and its texts; of its days those that stand with it. */
static void name_word(const struct code_list *list, size_t index, struct code_word *word)
{
    const char *name = list->name;

    CHECK(index < code_list_size(list));
    *word = (struct code_word){.name = "", .label = ""};
    if (!find_in_table(name, index, word) && !find_in_dated(name, index, word))
        (void)find_in_series(name, index, word->code, &word->label);
}

void code_list_word(const struct code_list *list, size_t index, struct code_word *word)
{
    name_word(list, index, word);
    find_validity(list->name, word);
}

bool code_word_is_in_force(const struct code_word *word, int32_t day)
{
    return day >= word->valid_from && (word->valid_until == 0 || day <= word->valid_until);
}

bool code_is_valid_on(const char *list, const char *code, struct day day)
{
    const struct code_list *found = code_list_find(list);
    int32_t wire = day_to_wire(day);
    struct code_word word;

    CHECK(found);
    for (size_t i = 0, size = code_list_size(found); i < size; i++) {
        name_word(found, i, &word);
        if (strcmp(word.code, code))
            continue;
        find_validity(list, &word);
        if (code_word_is_in_force(&word, wire))
            return true;
    }
    return false;
}
