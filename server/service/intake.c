#include "service/intake.h"

#include <string.h>

#include "base/text.h"
#include "service/intake_row.h"
#include "wire/completeness.h"
#include "wire/record.h"
#include "vault/place.h"

enum { MEMBER_FINDINGS_MAX = 3 }; /* of one record, about the members that it names */

/* Verdicts of one chunk while they are found; growing. */
static void add_verdict(struct arena *arena, struct submission_verdicts *verdicts,
                        const struct submission_verdict *verdict)
{
    enum { FIRST = 64 };
    int count = verdicts->count;

    if (count == 0 || (count >= FIRST && (count & (count - 1)) == 0)) {
        int room = count == 0 ? FIRST : count * 2;
        struct submission_verdict *items = arena_array(arena, (size_t)room, sizeof(*items));
        if (count > 0)
            memcpy(items, verdicts->items, (size_t)count * sizeof(*items));
        verdicts->items = items;
    }
    verdicts->items[verdicts->count++] = *verdict;
}

/* The path of a field: below its record's kind, unless the record itself has it. */
static const char *path_of(struct arena *arena, enum record_kind kind, const char *field)
{
    static const char *const names[] = {"", "consent", "subject", "account", "performance", "flag"};
    const struct fact_kind *fact = fact_kind_find(kind);

    if (kind == RECORD_KIND_NONE || strcmp(field, "record") == 0 || strcmp(field, "origin") == 0 ||
        strncmp(field, "correction", strlen("correction")) == 0)
        return field;
    return arena_format(arena, "%s.%s", fact ? fact->name : names[kind], field);
}

/* A finding of the rules as a verdict; a reason that is the rule's own is left out. */
static struct submission_verdict verdict_of(struct arena *arena, int32_t line,
                                            enum record_kind kind, const struct finding *finding)
{
    return (struct submission_verdict){
        .line = line,
        .rule = finding->rule->id,
        .severity = finding->rule->severity,
        .field = path_of(arena, kind, finding->field),
        .reason = finding->reason == rule_reason(finding->rule) ? "" : finding->reason,
    };
}

/* A code that a record names is that of a member. */
static void check_member(const struct intake *intake, const char *rule_id, const char *field,
                         const char *code, struct finding *findings, int *count)
{
    const struct rule *rule = rule_find(rule_id);

    if (!registry_by_code(intake->members, code))
        findings[(*count)++] = (struct finding){rule, field, rule_reason(rule)};
}

/* Rule A014: a seller that is a credit bureau sold for an institution; any other sold its own. */
static void check_seller(const struct intake *intake, const struct account_record *account,
                         struct finding *findings, int *count)
{
    const struct member *seller = registry_by_code(intake->members, account->transferred_from_code);
    bool is_bureau = seller && seller->type == MEMBER_TYPE_CREDIT_BUREAU;

    if (is_bureau != (*account->transferred_from_origin != '\0'))
        findings[(*count)++] =
            (struct finding){rule_find("A014"), "transferred_from_origin",
                             "the institution is named where the seller is a credit bureau"};
}

/* Rule A015: the members of a platform loan, or of one that another services. */
static void check_creditor(const struct intake *intake, const struct account_record *account,
                           struct finding *findings, int *count)
{
    const struct member *platform = registry_by_code(intake->members, account->platform_code);

    if (*account->platform_code && (!platform || (platform->type != MEMBER_TYPE_P2P &&
                                                  platform->type != MEMBER_TYPE_CROWDFUNDING)))
        findings[(*count)++] = (struct finding){rule_find("A015"), "platform_code",
                                                "it is no P2P or crowdfunding member"};
    if (*account->creditor_code)
        check_member(intake, "A015", "creditor_code", account->creditor_code, findings, count);
}

/* Checks one record; findings has room for FINDING_MAX. Returns how many there are. */
static int check(const struct intake *intake, const Cix__V1__Record *message, struct record *record,
                 struct finding *findings)
{
    const struct rule_context where = {
        .arena = intake->arena,
        .today = intake->today,
        .member = intake->member,
        .history_months = intake->history_months,
    };

    if (!record_from_proto(message, record, &findings[0])) {
        record->kind = RECORD_KIND_NONE; /* the finding names the kind itself */
        return 1;
    }
    int count = rule_check(&where, record, findings, FINDING_MAX - MEMBER_FINDINGS_MAX);
    if (record->kind == RECORD_KIND_ACCOUNT && record_action(record) != CORRECTION_ACTION_DELETE) {
        check_creditor(intake, &record->account, findings, &count);
        check_seller(intake, &record->account, findings, &count);
    }
    if (record->kind == RECORD_KIND_FUND_REPORT) {
        const struct fund_report_record *report = &record->fact.fund_report;
        check_member(intake, "U007", "platform_code", report->platform_code, findings, &count);
        check_member(intake, "U007", "custodian_code", report->custodian_code, findings, &count);
    }
    return count;
}

/* A record kept aside: the message again, packed and sealed. */
static void put_aside(const struct intake *intake, int32_t line, const Cix__V1__Record *message,
                      struct submission_chunk *chunk)
{
    struct submission_aside *aside = &chunk->asides[chunk->aside_count++];
    uint8_t *packed = arena_alloc(intake->arena, cix__v1__record__get_packed_size(message) + 1);
    size_t size = cix__v1__record__pack(message, packed);

    aside->line = line;
    aside->record_id = id_new();
    const struct vault_place place = place_of(PLACE_QUARANTINE, aside->record_id);
    aside->sealed = vault_seal(intake->vault, intake->arena, &place, packed, size);
}

/* No member can say whose a masked identifier is (D008); the review asks before. */
static bool is_waived(const struct intake *intake, int32_t line, const struct rule *rule)
{
    if (strcmp(rule->id, "D008") == 0)
        return false;
    for (int i = 0; i < intake->waiver_count; i++) {
        if (intake->waivers[i].line == line && !strcmp(intake->waivers[i].rule, rule->id))
            return rule->severity == SEVERITY_QUARANTINE;
    }
    return false;
}

/* What a waived rule finds is a remark. */
static enum severity severity_of(const struct intake *intake, int32_t line,
                                 const struct finding *finding)
{
    return is_waived(intake, line, finding->rule) ? SEVERITY_WARNING : finding->rule->severity;
}

int64_t intake_hold(const struct intake *intake, int32_t line, const Cix__V1__Record *message,
                    const char *rule_id, struct submission_chunk *chunk)
{
    const struct rule *rule = rule_find(rule_id);
    const struct finding finding = {rule, "name", rule_reason(rule)};
    /* The numbers of the wire's oneof are those of enum record_kind. */
    struct submission_verdict verdict =
        verdict_of(intake->arena, line, (enum record_kind)message->record_case, &finding);

    add_verdict(intake->arena, &chunk->verdicts, &verdict);
    put_aside(intake, line, message, chunk);
    return chunk->asides[chunk->aside_count - 1].record_id;
}

static void intake_record(const struct intake *intake, struct intake_rows *rows, int32_t line,
                          const Cix__V1__Record *message, struct submission_chunk *chunk)
{
    struct record record;
    struct finding findings[FINDING_MAX];
    int count = check(intake, message, &record, findings);
    enum severity worst = SEVERITY_NONE;

    for (int i = 0; i < count; i++) {
        struct submission_verdict verdict =
            verdict_of(intake->arena, line, record.kind, &findings[i]);
        verdict.severity = severity_of(intake, line, &findings[i]);
        if (worst == SEVERITY_NONE || verdict.severity < worst)
            worst = verdict.severity;
        add_verdict(intake->arena, &chunk->verdicts, &verdict);
    }
    if (worst == SEVERITY_QUARANTINE)
        put_aside(intake, line, message, chunk);
    if (record.kind == RECORD_KIND_FLAG && (rule_is_taken(worst) || worst == SEVERITY_QUARANTINE))
        intake_receipt_add(rows, line, &record.flag);
    bool is_kept_month = worst == SEVERITY_QUARANTINE && record.kind == RECORD_KIND_PERFORMANCE;
    if (!rule_is_taken(worst) && !is_kept_month)
        return;
    chunk->data_classes |= record_data_class(record.kind);
    if (record.kind == RECORD_KIND_FLAG)
        chunk->roles |= MEMBER_ROLE_COURT;
    intake_row_add(intake, rows, line, &record, is_kept_month);
}

/*
 * When the store puts a record: deletions behind everything else, of months before accounts before
 * subjects. Ids are made in that order, as those of versions of one record.
 */
enum { TURNS = 4 };
static int turn_of(const Cix__V1__Record *message)
{
    if (!message->correction ||
        message->correction->action != CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE)
        return 0;
    if (message->record_case == CIX__V1__RECORD__RECORD_PERFORMANCE)
        return 1;
    if (message->record_case == CIX__V1__RECORD__RECORD_ACCOUNT)
        return 2;
    return message->record_case == CIX__V1__RECORD__RECORD_SUBJECT ? 3 : 0;
}

void intake_chunk(const struct intake *intake, const Cix__V1__Chunk *message,
                  struct submission_chunk *chunk)
{
    struct completeness completeness = {0, 0};
    struct intake_rows rows;

    chunk->record_count = (int32_t)message->n_records;
    chunk->asides = arena_array(intake->arena, message->n_records, sizeof(*chunk->asides));
    intake_rows_init(&rows, intake->arena, message);
    for (size_t i = 0; i < message->n_records; i++) {
        completeness_add(&completeness, message->records[i]);
        chunk->month_count +=
            message->records[i]->record_case == CIX__V1__RECORD__RECORD_PERFORMANCE;
    }
    for (int turn = 0; turn < TURNS; turn++)
        for (size_t i = 0; i < message->n_records; i++)
            if (turn_of(message->records[i]) == turn)
                intake_record(intake, &rows, (int32_t)i, message->records[i], chunk);
    chunk->fields_due = completeness.due;
    chunk->fields_given = completeness.given;
    chunk->rows = rows.rows;
}
