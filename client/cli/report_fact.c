#include "cli/report_fact.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/online.h"
#include "cli/table.h"
#include "domain/fact.h"
#include "message.h"
#include "wire/fact.h"

/* Lists of the report. Their messages have source and content as fields 1 and 2. */
static const struct section {
    const char *list;
    enum record_kind kind;
    const char *title;
} sections[] = {
    {"account_events", RECORD_KIND_ACCOUNT_EVENT, "Account events"},
    {"parties", RECORD_KIND_PARTY, "Parties of the accounts"},
    {"public_records", RECORD_KIND_PUBLIC_RECORD, "Public records"},
    {"fraud_cases", RECORD_KIND_FRAUD_CASE, "Fraud cases"},
    {"behaviours", RECORD_KIND_BEHAVIOUR, "Transactions by month"},
    {"statements", RECORD_KIND_STATEMENT, "Statements"},
    {"collections", RECORD_KIND_COLLECTION, "Collection"},
    {"grades", RECORD_KIND_MEMBER_GRADE, "Members' grades"},
    {"liabilities", RECORD_KIND_PARTY, "Answers for accounts of others"},
};

/* What amounts of the fact are in: its own currency, or that of its account. */
static const char *currency_of(const Cix__V1__Report *report, const ProtobufCMessage *item,
                               const ProtobufCMessage *content)
{
    const Cix__V1__FactSource *source = ((const Cix__V1__ReportedParty *)item)->source;
    const ProtobufCFieldDescriptor *own =
        protobuf_c_message_descriptor_get_field_by_name(content->descriptor, "currency");

    if (item->descriptor == &cix__v1__reported_liability__descriptor)
        return ((const Cix__V1__ReportedLiability *)item)->currency;
    if (own)
        return *(const char *const *)cix_message_at(content, own, 0);
    for (size_t i = 0; i < report->n_accounts; i++)
        if (report->accounts[i]->account_id == source->account_id)
            return report->accounts[i]->currency;
    return "";
}

static bool is_count(const struct fact_field *field)
{
    size_t size = strlen(field->name);

    return size > 6 && !strcmp(field->name + size - 6, "_count");
}

static const char *code_words(struct arena *arena, const struct fact_field *field, int number)
{
    const struct code *code = field->codes ? code_find(field->codes, number) : NULL;

    if (number == 0)
        return NULL;
    return code ? code->label : arena_format(arena, "%d", number);
}

/* The value of a field in words; NULL when there is none. */
static const char *value_words(struct arena *arena, const struct fact_field *field, const void *at,
                               const char *currency)
{
    const struct money_field *money = at;
    const struct count_field *count = at;
    const struct day_field *day = at;

    if (fact_is_text(field->type))
        return **(const char *const *)at ? *(const char *const *)at : NULL;
    switch ((int)field->type) {
    case FACT_CODE:
    case FACT_NUMBER:
        return code_words(arena, field, *(const int *)at);
    case FACT_COUNT:
        return count->is_present ? arena_format(arena, "%d", count->value) : NULL;
    case FACT_MONEY:
        if (!money->is_present)
            return NULL;
        return is_count(field) ? arena_format(arena, "%lld", (long long)money->minor)
                               : online_money(arena, money->minor, currency);
    case FACT_DAY:
        return day->is_present ? online_day(arena, day_to_wire(day->day)) : NULL;
    case FACT_PERIOD:
        return online_period(arena, *(const int32_t *)at);
    case FACT_BOOL:
        return *(const bool *)at ? "yes" : NULL;
    default:
        return NULL;
    }
}

/* The words of a name, which _ joins. */
static void put_words(struct builder *words, const char *name)
{
    for (const char *at = name; *at; at++)
        builder_put(words, *at == '_' ? " " : at, 1);
}

/* "type enforcement, amount 5,000.00": every field that has a value. */
static const char *words_of(struct arena *arena, const struct fact_kind *kind,
                            const ProtobufCMessage *content, const char *currency)
{
    struct builder words = {.arena = arena};
    union fact fact;

    fact_from_proto(kind, content, &fact);
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        const char *value = value_words(arena, field, fact_const_at(&fact, field), currency);
        if (!value)
            continue;
        builder_text(&words, words.size ? ", " : "");
        put_words(&words, field->name);
        builder_format(&words, " %s", value);
    }
    return words.size ? words.data : "";
}

/* How the account stands that the subject answers for, or that a case is there to protect. */
static const char *beside(struct arena *arena, const ProtobufCMessage *item)
{
    const Cix__V1__ReportedLiability *liability = (const void *)item;

    if (item->descriptor == &cix__v1__reported_fraud_case__descriptor)
        return ((const Cix__V1__ReportedFraudCase *)item)->is_protected ? "protected" : "";
    if (item->descriptor != &cix__v1__reported_liability__descriptor)
        return "";
    return arena_format(arena, "balance %s, %d days overdue",
                        liability->balance_presence_case
                            ? online_money(arena, liability->balance, liability->currency)
                            : "unknown",
                        liability->days_overdue);
}

static void print_section(struct arena *arena, const Cix__V1__Report *report,
                          const struct section *section)
{
    static const char *const headings[] = {"GIVEN BY", "RECORDED", "WHAT", ""};
    const ProtobufCFieldDescriptor *list = protobuf_c_message_descriptor_get_field_by_name(
        &cix__v1__report__descriptor, section->list);
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));
    size_t count = cix_message_count(&report->base, list);

    for (size_t i = 0; i < count; i++) {
        const ProtobufCMessage *item =
            *(const ProtobufCMessage *const *)cix_message_at(&report->base, list, i);
        const Cix__V1__FactSource *source = ((const Cix__V1__ReportedParty *)item)->source;
        const ProtobufCMessage *content =
            *(const ProtobufCMessage *const *)cix_message_at(item, &item->descriptor->fields[1], 0);
        const char *giver =
            *source->origin ? arena_format(arena, "%s for %s", source->member_code, source->origin)
                            : source->member_code;
        table_add(table, (const char *[]){giver, online_instant(arena, source->recorded_at_us),
                                          words_of(arena, fact_kind_find(section->kind), content,
                                                   currency_of(report, item, content)),
                                          beside(arena, item)});
    }
    if (count)
        printf("\n%s\n", section->title);
    table_print(table);
}

void report_fact_print(struct arena *arena, const Cix__V1__Report *report)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++)
        print_section(arena, report, &sections[i]);
}

static const Cix__V1__FactSource *find_source(const Cix__V1__Report *report,
                                              const struct section *section, int64_t fact_id)
{
    const ProtobufCFieldDescriptor *list = protobuf_c_message_descriptor_get_field_by_name(
        &cix__v1__report__descriptor, section->list);
    size_t count = cix_message_count(&report->base, list);

    for (size_t i = 0; i < count; i++) {
        const Cix__V1__ReportedParty *item =
            *(const Cix__V1__ReportedParty *const *)cix_message_at(&report->base, list, i);
        if (item->source->fact_id == fact_id)
            return item->source;
    }
    return NULL;
}

const char *report_fact_name(struct arena *arena, const Cix__V1__Report *report, int64_t fact_id)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
        const Cix__V1__FactSource *source = find_source(report, &sections[i], fact_id);
        struct builder name = {.arena = arena};
        if (!source)
            continue;
        put_words(&name, fact_kind_find(sections[i].kind)->name);
        builder_format(&name, " of %s, %.10s", source->member_code,
                       online_instant(arena, source->recorded_at_us));
        return name.data;
    }
    return "other record";
}
