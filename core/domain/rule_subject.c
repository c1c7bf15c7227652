#include "domain/rule_check.h"

#include <string.h>

enum { MOBILES_KEPT = 5, ADDRESS_LENGTH_MAX = 200, ADULT_YEARS = 18, OLDEST_YEARS = 120 };

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

/* Rules S003, S007 and S008. */
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
    verdict_claim(verdict, years >= ADULT_YEARS, "S007", NULL);
    verdict_claim(verdict, years <= OLDEST_YEARS, "S008", NULL);
}

/* Rule S020: words for what may never be collected, in the one field of free text. */
static void check_prohibited(struct verdict *verdict, const char *text)
{
    static const char *const words[] = {"宗教信仰", "血型", "病史", "指纹信息", "基因信息"};

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strstr(text, words[i])) {
            verdict_add(verdict, "S020", NULL);
            return;
        }
}

/* Rule S023. */
static void check_mobiles(struct verdict *verdict, const struct subject_record *subject)
{
    bool is_good = subject->mobile_count <= MOBILES_KEPT;

    for (int i = 0; i < subject->mobile_count; i++)
        is_good = is_good && identifier_is_mobile(subject->mobiles[i]);
    verdict_claim(verdict, is_good, "S023", NULL);
}

static void check_codes(struct verdict *verdict, const struct subject_record *subject)
{
    verdict_code(verdict, &code_subject_kinds, (int)subject->kind, false, "kind");
    verdict_code(verdict, &code_segments, (int)subject->segment, true, "segment");
    verdict_claim(verdict,
                  subject->sex == 0 || subject->sex == 1 || subject->sex == 2 || subject->sex == 9,
                  "E001", "sex");
    verdict_region(verdict, subject->region);
    verdict_industry(verdict, subject->industry);
}

void rule_check_subject(struct verdict *verdict, struct subject_record *subject)
{
    check_codes(verdict, subject);
    verdict_name(verdict, subject->name, &subject->name_folded);
    verdict_day(verdict, &subject->birth_on, true, "birth_on");
    check_identifiers(verdict, subject);
    check_age(verdict, subject);
    check_mobiles(verdict, subject);
    if (verdict_text(verdict, subject->address, ADDRESS_LENGTH_MAX, true, "address"))
        check_prohibited(verdict, subject->address);
    if (verdict_day(verdict, &subject->founded_on, true, "founded_on"))
        verdict_claim(verdict, subject->founded_on.day.number <= verdict->where->today.number,
                      "S019", NULL);
}
