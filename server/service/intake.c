#include "service/intake.h"

#include <string.h>

#include "base/text.h"
#include "service/intake_row.h"
#include "wire/record.h"
#include "vault/place.h"

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

/* The first part of field paths, by enum record_kind. */
static const char *const kind_paths[] = {"",         "consent.",     "subject.",
                                         "account.", "performance.", "flag."};

/* A finding of the rules as a verdict; a reason that is the rule's own sentence is left out. */
static struct submission_verdict verdict_of(struct arena *arena, int32_t line,
                                            enum record_kind kind, const struct finding *finding)
{
    bool is_record = strcmp(finding->field, "record") == 0;

    return (struct submission_verdict){
        .line = line,
        .rule = finding->rule->id,
        .severity = finding->rule->severity,
        .field = is_record ? finding->field
                           : arena_format(arena, "%s%s", kind_paths[kind], finding->field),
        .reason = finding->reason == finding->rule->sentence ? "" : finding->reason,
    };
}

/* Checks one record; findings has room for FINDING_MAX. Returns how many there are. */
static int check(const struct intake *intake, const Cix__V1__Record *message, struct record *record,
                 struct finding *findings)
{
    const struct rule_context where = {
        .arena = intake->arena,
        .today = intake->today,
        .member = intake->member,
    };

    if (!record_from_proto(message, record, &findings[0])) {
        record->kind = RECORD_KIND_NONE; /* the finding names the kind itself */
        return 1;
    }
    int count = rule_check(&where, record, findings, FINDING_MAX - 1);
    if (record->kind == RECORD_KIND_ACCOUNT && *record->account.platform_code &&
        !registry_by_code(intake->members, record->account.platform_code)) {
        const struct rule *rule = rule_find("A015");
        findings[count++] = (struct finding){rule, "platform_code", rule->sentence};
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

static void intake_record(const struct intake *intake, struct intake_rows *rows, int32_t line,
                          const Cix__V1__Record *message, struct submission_chunk *chunk)
{
    struct record record;
    struct finding findings[FINDING_MAX];
    int count = check(intake, message, &record, findings);
    enum severity worst = rule_worst(findings, count);

    for (int i = 0; i < count; i++) {
        struct submission_verdict verdict =
            verdict_of(intake->arena, line, record.kind, &findings[i]);
        add_verdict(intake->arena, &chunk->verdicts, &verdict);
    }
    if (worst == SEVERITY_QUARANTINE)
        put_aside(intake, line, message, chunk);
    bool is_kept_month = worst == SEVERITY_QUARANTINE && record.kind == RECORD_KIND_PERFORMANCE;
    if (!rule_is_taken(worst) && !is_kept_month)
        return;
    chunk->data_classes |= record_data_class(record.kind);
    if (record.kind == RECORD_KIND_FLAG)
        chunk->roles |= MEMBER_ROLE_COURT;
    intake_row_add(intake, rows, line, &record, is_kept_month);
}

void intake_chunk(const struct intake *intake, const Cix__V1__Chunk *message,
                  struct submission_chunk *chunk)
{
    struct intake_rows rows;

    chunk->record_count = (int32_t)message->n_records;
    chunk->asides = arena_array(intake->arena, message->n_records, sizeof(*chunk->asides));
    intake_rows_init(&rows, intake->arena, message);
    for (size_t i = 0; i < message->n_records; i++)
        intake_record(intake, &rows, (int32_t)i, message->records[i], chunk);
    chunk->rows = rows.rows;
}
