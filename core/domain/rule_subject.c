#include "domain/rule_check.h"

#include <string.h>

#include "base/money.h"
#include "domain/region.h"

enum {
    MOBILES_KEPT = 5,
    ADDRESS_LENGTH_MAX = 200,
    LEGAL_FORM_LENGTH_MAX = 8,
    ADULT_YEARS = 18,
    CAPABLE_YEARS = 16, /* with income of one's own */
    OLDEST_YEARS = 120,
};

static const char *const identifier_paths[RECORD_IDENTIFIERS_MAX] = {
    "identifiers[0].value", "identifiers[1].value", "identifiers[2].value", "identifiers[3].value",
    "identifiers[4].value", "identifiers[5].value", "identifiers[6].value", "identifiers[7].value",
};

/* Rule S012: the first digits of a USCC say what registered the subject. */
static void check_kind(struct verdict *verdict, const struct subject_record *subject,
                       const struct identifier *uscc, const char *path)
{
    bool is_individual = strncmp(uscc->value, "92", 2) == 0;
    bool is_enterprise = strncmp(uscc->value, "91", 2) == 0 || strncmp(uscc->value, "93", 2) == 0;

    if (subject->kind == SUBJECT_KIND_INDIVIDUAL_BUSINESS || is_individual)
        verdict_claim(verdict, is_individual && subject->kind == SUBJECT_KIND_INDIVIDUAL_BUSINESS,
                      "S012", path);
    else if (subject->kind == SUBJECT_KIND_ENTERPRISE)
        verdict_claim(verdict, is_enterprise, "S012", path);
}

/* Rules S004 and S005: a birth date and a sex that are given agree with the number's own. */
static void check_birth(struct verdict *verdict, struct subject_record *subject,
                        const struct identifier *identifier)
{
    if (!identifier->has_birth)
        return;
    if (subject->birth_on.is_real)
        verdict_claim(verdict, subject->birth_on.day.number == identifier->born_on.number, "S004",
                      NULL);
    if (!subject->birth_on.is_present)
        subject->birth_on = (struct day_field){true, true, identifier->born_on};
    if (subject->sex == 1 || subject->sex == 2)
        verdict_claim(verdict, subject->sex == identifier->sex, "S005", NULL);
}

/* Rules S001 to S014, S018 and S025 over every identifier. */
static void check_identifiers(struct verdict *verdict, struct subject_record *subject)
{
    bool has_primary = false;

    for (int i = 0; i < subject->identifier_count; i++) {
        struct identifier_field *field = &subject->identifiers[i];

        verdict_identifier(verdict, field, identifier_paths[i]);
        has_primary = has_primary || identifier_is_primary(field->type, subject->kind);
        if (!field->is_read)
            continue;
        check_birth(verdict, subject, &field->identifier);
        if (field->type == IDENTIFIER_TYPE_USCC)
            check_kind(verdict, subject, &field->identifier, identifier_paths[i]);
        verdict_claim(verdict,
                      identifier_is_personal(field->type) == (subject->kind == SUBJECT_KIND_PERSON),
                      "S026", identifier_paths[i]);
    }
    verdict_claim(verdict, has_primary, "S001", NULL);
}

/* Rules A017, S028 and S029: where an identifier was issued, and until when it is valid. */
static void check_detail(struct verdict *verdict, const struct identifier_detail *detail)
{
    const char *region = detail->issuer_region;
    bool has_from = verdict_day(verdict, &detail->valid_from, true, "identifiers.valid_from");
    bool has_until = verdict_day(verdict, &detail->valid_until, true, "identifiers.valid_until");
    bool is_known =
        has_from ? region_is_known_on(region, detail->valid_from.day) : region_is_known(region);

    if (*region)
        verdict_claim(verdict, is_known, region_is_code(region) ? "A017" : "E001",
                      "identifiers.issuer_region");
    verdict_code(verdict, &code_identifier_verifications, detail->verification, true,
                 "identifiers.verification");
    if (has_from && has_until)
        verdict_claim(verdict, detail->valid_until.day.number >= detail->valid_from.day.number,
                      "S028", NULL);
    if (has_until)
        verdict_claim(verdict, detail->valid_until.day.number >= verdict->where->today.number,
                      "S029", NULL);
}

/* What is said of the identifiers; rule S030: which one the member goes by. */
static void check_details(struct verdict *verdict, const struct subject_record *subject)
{
    int primaries = 0;

    for (int i = 0; i < subject->identifier_count; i++) {
        check_detail(verdict, &subject->details[i]);
        primaries += subject->details[i].is_primary;
    }
    verdict_claim(verdict, primaries <= 1, "S030", NULL);
}

/* Rules S003, S007, S008 and S027. */
static void check_age(struct verdict *verdict, const struct subject_record *subject)
{
    struct day today = verdict->where->today;

    if (subject->kind != SUBJECT_KIND_PERSON || !subject->birth_on.is_real)
        return;
    struct day birth = subject->birth_on.day;
    if (birth.number > today.number || birth.number < day_of_civil(1900, 1, 1).number) {
        verdict_add(verdict, "S003", "birth_on");
        return;
    }
    int years = day_years_between(birth, today);
    bool is_capable = years >= CAPABLE_YEARS && subject->has_own_income;
    if (years < ADULT_YEARS)
        verdict_add(verdict, is_capable ? "S027" : "S007", NULL);
    verdict_claim(verdict, years <= OLDEST_YEARS, "S008", NULL);
}

/* Rule S023. */
static void check_mobiles(struct verdict *verdict, const struct subject_record *subject)
{
    bool is_good = subject->mobile_count <= MOBILES_KEPT;

    for (int i = 0; i < subject->mobile_count; i++)
        is_good = is_good && identifier_is_mobile(subject->mobiles[i]);
    verdict_claim(verdict, is_good, "S023", NULL);
}

/* Whom the registration authority names; the store asks whether the member gave them (S022). */
static void check_persons(struct verdict *verdict, struct subject_record *subject)
{
    struct identifier_field *const persons[] = {&subject->representative, &subject->controller,
                                                &subject->parent};
    static const char *const paths[] = {"legal_representative.value", "controller.value",
                                        "parent.value"};

    for (size_t i = 0; i < ARRAY_LENGTH(persons); i++)
        if (persons[i]->type != IDENTIFIER_TYPE_NONE || *persons[i]->given)
            verdict_identifier(verdict, persons[i], paths[i]);
    if (subject->representative.is_read)
        verdict_claim(verdict, identifier_is_personal(subject->representative.type), "S022",
                      "legal_representative");
}

/* A status that a member may give, and only to the kind of subject that it is about. */
static bool is_status_of(enum subject_status status, enum subject_kind kind)
{
    if (status == SUBJECT_STATUS_DECEASED)
        return kind == SUBJECT_KIND_PERSON;
    if (status == SUBJECT_STATUS_DEREGISTERED || status == SUBJECT_STATUS_REVOKED)
        return kind != SUBJECT_KIND_PERSON;
    return status == SUBJECT_STATUS_NONE || status == SUBJECT_STATUS_ACTIVE;
}

static bool is_letters(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == count;
}

static void check_person_codes(struct verdict *verdict, const struct subject_record *subject)
{
    verdict_code(verdict, &code_sexes, subject->sex, true, "sex");
    verdict_code(verdict, &code_marital_statuses, subject->marital_status, true, "marital_status");
    verdict_code(verdict, &code_educations, subject->education, true, "education");
    if (*subject->nationality)
        verdict_claim(verdict, is_letters(subject->nationality, 2), "E001", "nationality");
    if (*subject->occupation)
        verdict_claim(verdict,
                      strlen(subject->occupation) == 1 &&
                          code_occupation_is_known(*subject->occupation),
                      "E001", "occupation");
    if (*subject->employer_industry)
        verdict_claim(verdict,
                      is_letters(subject->employer_industry, 1) &&
                          *subject->employer_industry <= 'T',
                      "E001", "employer_industry");
}

static void check_organisation_codes(struct verdict *verdict, const struct subject_record *subject)
{
    static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    verdict_code(verdict, &code_enterprise_sizes, subject->size, true, "size");
    if (verdict_text(verdict, subject->legal_form, LEGAL_FORM_LENGTH_MAX, true, "legal_form") &&
        subject->legal_form[strspn(subject->legal_form, characters)])
        verdict_reason(verdict, "E003", "legal_form", "digits and capital letters only");
    verdict_money(verdict, &subject->registered_capital, false, "E005", "registered_capital");
    if (subject->registered_capital.is_present || *subject->capital_currency)
        verdict_claim(verdict, money_minor_digits(subject->capital_currency) >= 0,
                      *subject->capital_currency ? "E001" : "E004", "capital_currency");
}

static void check_codes(struct verdict *verdict, const struct subject_record *subject)
{
    verdict_code(verdict, &code_subject_kinds, (int)subject->kind, false, "kind");
    verdict_code(verdict, &code_segments, (int)subject->segment, true, "segment");
    verdict_claim(verdict, is_status_of(subject->status, subject->kind), "E001", "status");
    check_person_codes(verdict, subject);
    check_organisation_codes(verdict, subject);
    verdict_region(verdict, subject->region, NULL);
    verdict_industry(verdict, subject->industry, NULL);
}

void rule_check_subject(struct verdict *verdict, struct subject_record *subject)
{
    check_codes(verdict, subject);
    verdict_name(verdict, subject->name, &subject->name_folded);
    verdict_day(verdict, &subject->birth_on, true, "birth_on");
    check_identifiers(verdict, subject);
    check_details(verdict, subject);
    check_persons(verdict, subject);
    check_age(verdict, subject);
    check_mobiles(verdict, subject);
    verdict_free_text(verdict, subject->address, ADDRESS_LENGTH_MAX, true, "address");
    if (verdict_day(verdict, &subject->founded_on, true, "founded_on"))
        verdict_claim(verdict, subject->founded_on.day.number <= verdict->where->today.number,
                      "S019", NULL);
}
