#include "domain/rule.h"

#include <string.h>

#include "base/id.h"
#include "base/money.h"
#include "base/text.h"
#include "domain/prohibited.h"
#include "domain/region.h"
#include "domain/rule_check.h"

const struct rule *rule_find(const char *id)
{
    for (size_t i = 0; i < rule_count; i++)
        if (strcmp(rule_table[i].id, id) == 0)
            return &rule_table[i];
    return NULL;
}

/* Rules whose sentence, told as a reason, reads as if what must hold were what is wrong. */
static const struct {
    const char *id, *what;
} faults[] = {
    {"A022", "the member itself gave no subject with this identifier before"},
    {"E004", "the field is needed, and was not given"},
};

const char *rule_reason(const struct rule *rule)
{
    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++)
        if (!strcmp(faults[i].id, rule->id))
            return faults[i].what;
    return rule->sentence;
}

const char *severity_letter(enum severity severity)
{
    static const char *const letters[] = {"-", "F", "R", "Q", "W"};

    return letters[severity];
}

enum severity rule_worst(const struct finding *findings, int count)
{
    enum severity worst = SEVERITY_NONE;

    for (int i = 0; i < count; i++)
        if (worst == SEVERITY_NONE || findings[i].rule->severity < worst)
            worst = findings[i].rule->severity;
    return worst;
}

bool rule_is_taken(enum severity worst)
{
    return worst == SEVERITY_NONE || worst == SEVERITY_WARNING;
}

/* Rule F007: what the member's admission covers. */
static void check_permission(struct verdict *verdict, enum record_kind kind)
{
    const struct member *member = verdict->where->member;

    if (member)
        verdict_claim(verdict, member_has_data_classes(member, record_data_class(kind)), "F007",
                      NULL);
}

/* Rule E008. */
static void check_origin(struct verdict *verdict, const char *origin)
{
    const struct member *member = verdict->where->member;

    if (member)
        verdict_claim(verdict, (member->type == MEMBER_TYPE_CREDIT_BUREAU) == (*origin != '\0'),
                      "E008", NULL);
    verdict_member_code(verdict, origin, "origin");
}

enum { CORRECTION_NOTE_MAX = 200, KEY_ACCOUNT_NO_MAX = 64 };

static bool is_corrected(enum record_kind kind)
{
    return kind == RECORD_KIND_SUBJECT || kind == RECORD_KIND_ACCOUNT ||
           kind == RECORD_KIND_PERFORMANCE || kind == RECORD_KIND_FLAG ||
           fact_kind_find(kind) != NULL;
}

/* Rule K002: consents are revoked; the other kinds are put right. */
static void check_correction(struct verdict *verdict, const struct record *record)
{
    const struct correction *correction = &record->correction;

    if (!correction->is_present)
        return;
    verdict_claim(verdict, is_corrected(record->kind), "K002", NULL);
    verdict_code(verdict, &code_correction_actions, (int)correction->action, false,
                 "correction.action");
    verdict_code(verdict, &code_correction_reasons, (int)correction->reason, false,
                 "correction.reason");
    verdict_free_text(verdict, correction->note, CORRECTION_NOTE_MAX, true, "correction.note");
}

static void check_fact(struct verdict *verdict, struct record *record)
{
    const struct fact_kind *kind = fact_kind_find(record->kind);

    if (kind)
        rule_check_fact(verdict, kind, &record->fact, record_action(record));
    else /* the number comes from a peer */
        verdict_add(verdict, "E001", "record");
}

/* A record that takes back is read by its key alone. False: its kind has no such key. */
static bool check_key(struct verdict *verdict, const struct record *record)
{
    struct period period;

    if (record->correction.action != CORRECTION_ACTION_DELETE)
        return false;
    if (record->kind == RECORD_KIND_ACCOUNT) {
        verdict_text(verdict, record->account.account_no, KEY_ACCOUNT_NO_MAX, false, "account_no");
        return true;
    }
    if (record->kind == RECORD_KIND_FLAG) {
        rule_check_flag_key(verdict, &record->flag);
        return true;
    }
    if (record->kind != RECORD_KIND_PERFORMANCE)
        return false;
    verdict_text(verdict, record->performance.account_no, KEY_ACCOUNT_NO_MAX, false, "account_no");
    if (!period_from_wire(record->performance.period_wire, &period))
        verdict_add(verdict, record->performance.period_wire ? "E002" : "E004", "period");
    return true;
}

int rule_check(const struct rule_context *where, struct record *record, struct finding *findings,
               int max)
{
    struct rule_context place = *where;
    struct verdict verdict = {.where = &place, .findings = findings, .max = max};

    if (record->correction.is_present)
        place.history_months = 0; /* F002: what is kept may be put right, however old */
    check_permission(&verdict, record->kind);
    check_origin(&verdict, record->origin);
    check_correction(&verdict, record);
    if (check_key(&verdict, record))
        return verdict.count;
    switch ((int)record->kind) {
    case RECORD_KIND_CONSENT:
        rule_check_consent(&verdict, &record->consent);
        break;
    case RECORD_KIND_SUBJECT:
        rule_check_subject(&verdict, &record->subject);
        break;
    case RECORD_KIND_ACCOUNT:
        rule_check_account(&verdict, &record->account);
        break;
    case RECORD_KIND_PERFORMANCE:
        rule_check_performance(&verdict, &record->performance);
        break;
    case RECORD_KIND_FLAG:
        rule_check_flag(&verdict, &record->flag);
        break;
    default:
        check_fact(&verdict, record);
    }
    return verdict.count;
}

bool rule_period_is_taken(struct period period, struct day today, int history_months)
{
    struct period now = period_of_day(today);

    return period.number <= now.number &&
           (history_months == 0 || period.number >= now.number - history_months);
}

/* When there is no room, a worse finding takes the place of the least bad one. */
static struct finding *place_for(struct verdict *verdict, enum severity severity)
{
    struct finding *least = NULL;

    if (verdict->count < verdict->max)
        return &verdict->findings[verdict->count++];
    for (int i = 0; i < verdict->count; i++)
        if (!least || verdict->findings[i].rule->severity > least->rule->severity)
            least = &verdict->findings[i];
    return least && least->rule->severity > severity ? least : NULL;
}

static bool is_noted(const struct verdict *verdict, const struct rule *rule, const char *field)
{
    for (int i = 0; i < verdict->count; i++)
        if (verdict->findings[i].rule == rule && strcmp(verdict->findings[i].field, field) == 0)
            return true;
    return false;
}

void verdict_reason(struct verdict *verdict, const char *id, const char *field, const char *reason)
{
    const struct rule *rule = rule_find(id);

    CHECK(rule);
    if (!field)
        field = rule->field;
    if (is_noted(verdict, rule, field))
        return;
    struct finding *finding = place_for(verdict, rule->severity);
    if (finding)
        *finding = (struct finding){
            .rule = rule,
            .field = field,
            .reason = reason ? reason : rule_reason(rule),
        };
}

void verdict_add(struct verdict *verdict, const char *id, const char *field)
{
    verdict_reason(verdict, id, field, NULL);
}

void verdict_claim(struct verdict *verdict, bool holds, const char *id, const char *field)
{
    if (!holds)
        verdict_add(verdict, id, field);
}

void verdict_code(struct verdict *verdict, const struct code_table *table, int number,
                  bool is_optional, const char *field)
{
    if (number == 0 && is_optional)
        return;
    verdict_claim(verdict, code_find(table, number), number == 0 ? "E004" : "E001", field);
}

bool verdict_day(struct verdict *verdict, const struct day_field *field, bool is_optional,
                 const char *name)
{
    if (!field->is_present && !is_optional)
        verdict_add(verdict, "E004", name);
    if (field->is_present && !field->is_real)
        verdict_add(verdict, "E002", name);
    return field->is_present && field->is_real;
}

bool verdict_text(struct verdict *verdict, const char *text, size_t length_max, bool is_optional,
                  const char *field)
{
    size_t size = strlen(text);

    if (size == 0 && !is_optional)
        verdict_add(verdict, "E004", field);
    if (size == 0)
        return false;
    bool is_text = text_is_utf8(text, size) && !text_has_control(text);
    bool is_good = is_text && text_length(text, size) <= length_max;
    if (!is_good)
        verdict_reason(verdict, "E003", field,
                       is_text ? "the text is longer than the field may be"
                               : "the text is not UTF-8 or has control characters");
    return is_good;
}

bool verdict_free_text(struct verdict *verdict, const char *text, size_t length_max,
                       bool is_optional, const char *field)
{
    if (!verdict_text(verdict, text, length_max, is_optional, field))
        return false;
    verdict_claim(verdict, !prohibited_is_in(text), "S020", field);
    return true;
}

bool verdict_coded_text(struct verdict *verdict, const char *text, size_t length_max,
                        bool is_optional, const char *field)
{
    static const char characters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_./+";

    if (!verdict_text(verdict, text, length_max, is_optional, field))
        return false;
    bool is_coded = !text[strspn(text, characters)];
    if (!is_coded)
        verdict_reason(verdict, "E003", field, "letters, digits and - _ . / + only");
    return is_coded;
}

void verdict_member_code(struct verdict *verdict, const char *code, const char *field)
{
    if (*code && !member_code_is_valid(code))
        verdict_reason(
            verdict, "E003", field,
            "a code of a member or institution has 3 to 32 characters, a to z, 0 to 9 and "
            "hyphens between them");
}

void verdict_count(struct verdict *verdict, const struct count_field *field, int32_t low,
                   int32_t high, const char *name)
{
    if (field->is_present)
        verdict_claim(verdict, field->value >= low && field->value <= high, "E005", name);
}

void verdict_money(struct verdict *verdict, const struct money_field *field, bool is_signed,
                   const char *id, const char *name)
{
    int64_t low = is_signed ? -MONEY_MAX : 0;

    if (field->is_present)
        verdict_claim(verdict, field->minor >= low && field->minor <= MONEY_MAX, id, name);
}

/* The rule that a fault of this type breaks. */
static const char *fault_rule(enum identifier_type type, enum identifier_fault fault)
{
    if (fault == IDENTIFIER_FAULT_TYPE)
        return type == IDENTIFIER_TYPE_NONE ? "E004" : "E001";
    if (fault == IDENTIFIER_FAULT_DATE)
        return "S003";
    if (type == IDENTIFIER_TYPE_RESIDENT_ID)
        return "S002";
    if (type == IDENTIFIER_TYPE_USCC)
        return "S009";
    return type == IDENTIFIER_TYPE_LEI ? "S013" : "S025";
}

void verdict_identifier(struct verdict *verdict, struct identifier_field *field, const char *name)
{
    enum identifier_fault fault = identifier_read(verdict->where->arena, field->type, field->given,
                                                  verdict->where->today, &field->identifier);

    field->is_read = fault == IDENTIFIER_FAULT_NONE;
    if (!field->is_read) {
        verdict_reason(verdict, fault_rule(field->type, fault), name, identifier_fault_text(fault));
        return;
    }
    unsigned doubts = field->identifier.doubts;
    bool is_uscc = field->type == IDENTIFIER_TYPE_USCC;
    verdict_claim(verdict, !(doubts & IDENTIFIER_DOUBT_REGION), is_uscc ? "S011" : "S006", name);
    verdict_claim(verdict, !(doubts & IDENTIFIER_DOUBT_INNER_CHECK), "S010", name);
    verdict_claim(verdict, !(doubts & IDENTIFIER_DOUBT_CHECK), "S014", name);
    verdict_claim(verdict, !(doubts & IDENTIFIER_DOUBT_CONVERTED), "S018", name);
}

enum { NAME_LENGTH_MAX = 120 };

void verdict_name(struct verdict *verdict, const char *name, const char **folded)
{
    size_t size = strlen(name);

    *folded = "";
    bool is_text = size <= 4 * NAME_LENGTH_MAX && text_is_utf8(name, size) &&
                   text_length(name, size) <= NAME_LENGTH_MAX && !text_has_control(name);
    if (is_text)
        *folded = text_fold_name(verdict->where->arena, name);
    bool has_letter = (*folded)[strspn(*folded, "0123456789 ")] != '\0';
    verdict_claim(verdict, is_text && has_letter, "S015", "name");
}

void verdict_region(struct verdict *verdict, const char *region, const struct day_field *on)
{
    bool is_dated = on && on->is_real;
    bool is_known = region_is_known(region);

    if (!*region || (is_dated ? region_is_known_on(region, on->day) : is_known))
        return;
    if (!region_is_code(region))
        verdict_add(verdict, "E001", "region");
    else
        verdict_reason(verdict, "A017", "region",
                       is_known ? "the region was not in force on the day" : "no such region");
}

void verdict_industry(struct verdict *verdict, const char *industry, const struct day_field *on)
{
    bool is_dated = on && on->is_real;
    bool is_known = industry_is_known(industry);

    if (!*industry || (is_dated ? industry_is_known_on(industry, on->day) : is_known))
        return;
    if (!industry_is_code(industry))
        verdict_add(verdict, "E001", "industry");
    else
        verdict_reason(verdict, "A017", "industry",
                       is_known ? "the industry was not in force on the day"
                                : "no such industry; one begins with the letter of its section, as "
                                  "in A0111");
}

void verdict_uuid(struct verdict *verdict, const char *text, const char *field)
{
    struct uuid uuid;

    verdict_claim(verdict, uuid_parse(text, &uuid), *text ? "E006" : "E004", field);
}
