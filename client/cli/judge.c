#include "cli/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "message.h"
#include "wire/record.h"

enum { KEY_FIELDS_MAX = 5 };

/* What is remembered of an account for its months; days and amounts as account_record has them. */
struct known_account {
    int64_t credit_limit, original_amount;
    int32_t opened_on; /* days since 1970-01-01 */
    uint8_t type;
    uint8_t has_limit, has_amount, has_opened;
};

/* The fields that name a record within its member, by kind. */
static const struct {
    const char *kind;
    const char *fields[KEY_FIELDS_MAX + 1];
} keys[] = {
    {"consent", {"consent_id"}},
    {"account", {"account_no"}},
    {"performance", {"account_no", "period"}},
    {"flag", {"flag_id"}},
    {"account_event", {"account_no", "type", "happened_on"}},
    {"party", {"account_no", "identifier", "role"}},
    {"public_record", {"record_no"}},
    {"fraud_case", {"case_ref"}},
    {"behaviour", {"identifier", "period", "role", "currency"}},
    {"statement", {"identifier", "stated_on", "type"}},
    {"fund_report", {"platform_code", "period", "side", "currency"}},
    {"collection", {"account_no", "stage", "started_on"}},
    {"member_grade", {"identifier", "graded_on"}},
    {"grade_map", {"grade", "from_on"}},
    {"dealer", {"dealer_code"}},
};

void judge_init(struct judge *judge, struct day today, int history_months)
{
    *judge =
        (struct judge){.today = today, .history_months = history_months, .memory = JUDGE_MEMORY};
    keyset_init(&judge->accounts, sizeof(struct known_account), &judge->memory);
    keyset_init(&judge->keys, 0, &judge->memory);
}

void judge_done(struct judge *judge)
{
    keyset_done(&judge->accounts);
    keyset_done(&judge->keys);
}

bool judge_is_full(const struct judge *judge)
{
    return judge->is_full;
}

static uint64_t number_of(const char *text)
{
    struct digest digest = digest_of(text, strlen(text));
    uint64_t number;

    memcpy(&number, digest.bytes, sizeof(number));
    return number;
}

/* The field of Record that is set, and the message in it; NULL when none is. */
static const ProtobufCFieldDescriptor *kind_of(const Cix__V1__Record *record,
                                               const ProtobufCMessage **message)
{
    const ProtobufCFieldDescriptor *kind =
        protobuf_c_message_descriptor_get_field(record->base.descriptor, record->record_case);

    if (kind)
        *message = *(ProtobufCMessage *const *)cix_message_at(&record->base, kind, 0);
    return kind;
}

/* The value as text, told apart from its neighbours. */
static void add_value(struct builder *text, const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = cix_message_field(message->descriptor, name);

    CHECK(field);
    const void *value = cix_message_at(message, field, 0);
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        builder_text(text, *(char *const *)value);
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const Cix__V1__Identifier *identifier = *(Cix__V1__Identifier *const *)value;
        if (identifier)
            builder_format(text, "%d:%s", (int)identifier->type, identifier->value);
    } else {
        builder_format(text, "%d", *(const int32_t *)value);
    }
    builder_put(text, "\n", 1);
}

/* Whether the key of the record came before. A correction is meant to repeat one. */
static bool is_repeated(struct judge *judge, struct arena *arena, const Cix__V1__Record *record)
{
    struct builder text = {.arena = arena};
    const ProtobufCMessage *message;
    const ProtobufCFieldDescriptor *kind = kind_of(record, &message);
    size_t i = 0;

    while (kind && i < ARRAY_LENGTH(keys) && strcmp(keys[i].kind, kind->name) != 0)
        i++;
    if (!kind || i == ARRAY_LENGTH(keys) || record->correction)
        return false;
    builder_format(&text, "%s\n%s\n", kind->name, record->origin);
    for (int j = 0; keys[i].fields[j]; j++)
        add_value(&text, message, keys[i].fields[j]);
    enum keyset_result result = keyset_add(&judge->keys, number_of(text.data), NULL);
    judge->is_full |= result == KEYSET_FULL;
    return result == KEYSET_KNOWN;
}

/* The account that a record means: at a credit bureau its number is the institution's. */
static const char *account_name(struct arena *arena, const char *origin, const char *account_no)
{
    return arena_format(arena, "%s\n%s", origin, account_no);
}

static void remember_account(struct judge *judge, const char *name,
                             const struct account_record *account)
{
    struct known_account known = {
        .credit_limit = account->credit_limit.minor,
        .original_amount = account->original_amount.minor,
        .opened_on = account->opened_on.day.number,
        .type = (uint8_t)account->type,
        .has_limit = account->credit_limit.is_present,
        .has_amount = account->original_amount.is_present,
        .has_opened = account->opened_on.is_real,
    };

    if (keyset_add(&judge->accounts, number_of(name), &known) == KEYSET_FULL)
        judge->is_full = true;
}

static bool find_account(const struct judge *judge, const char *name,
                         struct account_record *account)
{
    const struct known_account *known = keyset_find(&judge->accounts, number_of(name));

    if (!known)
        return false;
    *account = (struct account_record){
        .type = (enum account_type)known->type,
        .credit_limit = {known->has_limit, known->credit_limit},
        .original_amount = {known->has_amount, known->original_amount},
        .opened_on = {known->has_opened, known->has_opened, {known->opened_on}},
    };
    return true;
}

/* What the rules say; a record that cannot be looked at has one finding. */
static int check(struct judge *judge, struct arena *arena, const Cix__V1__Record *message,
                 struct record *record, struct finding *findings)
{
    struct rule_context where = {
        .arena = arena, .today = judge->today, .history_months = judge->history_months};
    struct account_record account;

    if (!record_from_proto(message, record, &findings[0])) {
        record->kind = RECORD_KIND_NONE;
        return 1;
    }
    if (record->kind == RECORD_KIND_PERFORMANCE &&
        find_account(judge, account_name(arena, record->origin, record->performance.account_no),
                     &account))
        where.account = &account;
    return rule_check(&where, record, findings, FINDING_MAX);
}

/* The path that the exchange would give. */
static const char *path_of(struct arena *arena, const Cix__V1__Record *message,
                           const struct record *record, const char *field)
{
    const ProtobufCMessage *inner;
    const ProtobufCFieldDescriptor *kind = kind_of(message, &inner);

    if (!kind || record->kind == RECORD_KIND_NONE || !strcmp(field, "record"))
        return field;
    return arena_format(arena, "%s.%s", kind->name, field);
}

static void note_file_rule(struct judge *judge, const struct finding *findings, int count)
{
    for (int i = 0; i < count && !judge->file_rule; i++)
        if (findings[i].rule->severity == SEVERITY_FILE)
            judge->file_rule = findings[i].rule;
}

static void count_record(struct judge *judge, enum severity worst, bool is_warned)
{
    if (rule_is_taken(worst)) {
        judge->accepted++;
        judge->warned += is_warned;
    } else if (worst == SEVERITY_QUARANTINE) {
        judge->quarantined++;
    } else {
        judge->rejected++;
    }
}

/* The order of the exchange's verdicts. */
static int compare_rules(const void *a, const void *b)
{
    const struct judge_finding *left = a, *right = b;
    int order = strcmp(left->rule, right->rule);

    return order ? order : strcmp(left->field, right->field);
}

int judge_record(struct judge *judge, struct arena *arena, const Cix__V1__Record *message,
                 struct judge_finding *findings)
{
    struct finding broken[FINDING_MAX];
    struct record record;
    int broken_count = check(judge, arena, message, &record, broken), count = 0;
    enum severity worst = rule_worst(broken, broken_count);

    for (int i = 0; i < broken_count; i++)
        findings[count++] = (struct judge_finding){
            broken[i].rule->id, broken[i].rule->severity,
            path_of(arena, message, &record, broken[i].field), broken[i].reason};
    if (is_repeated(judge, arena, message))
        findings[count++] = (struct judge_finding){"REPEATED", SEVERITY_WARNING, "record",
                                                   "a record of the same key came before"};
    if (rule_is_taken(worst) && record.kind == RECORD_KIND_ACCOUNT)
        remember_account(judge, account_name(arena, record.origin, record.account.account_no),
                         &record.account);
    note_file_rule(judge, broken, broken_count);
    qsort(findings, (size_t)count, sizeof(*findings), compare_rules);
    count_record(judge, worst, count > 0);
    return count;
}
