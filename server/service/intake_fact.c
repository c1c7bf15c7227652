/*
 * From a checked fact to its row: key and content digested, what must not lie in plain sealed.
 */
#include <string.h>

#include "service/intake_row.h"

static struct bytes digest_bytes(const struct intake *intake, struct digest digest)
{
    return (struct bytes){arena_copy(intake->arena, digest.bytes, DIGEST_SIZE), DIGEST_SIZE};
}

static int32_t member_id_of(const void *members, const char *code)
{
    const struct member *member = registry_by_code(members, code);

    return member ? member->member_id : 0;
}

/* The member that a fact without a person is about: the platform, or the contributor itself. */
static int32_t about_member(const struct intake *intake, const struct fact_kind *kind,
                            const union fact *fact)
{
    if (kind->owner != FACT_OF_MEMBER)
        return 0;
    if (kind->kind == RECORD_KIND_FUND_REPORT)
        return member_id_of(intake->members, fact->fund_report.platform_code);
    return intake->member->member_id;
}

static struct digest index_of(const struct intake *intake, const struct fact_kind *kind,
                              const struct record *record, enum fact_part part)
{
    const char *fields = fact_text(intake->arena, kind, &record->fact, part);
    const char *word = part == FACT_PART_KEY ? "key" : "content";

    return vault_fact_index(
        intake->vault, intake->member->member_id,
        arena_format(intake->arena, "%s\n%s\n%s\n%s", word, kind->name, record->origin, fields));
}

struct digest intake_fact_key(const struct intake *intake, const struct record *record)
{
    return index_of(intake, fact_kind_find(record->kind), record, FACT_PART_KEY);
}

static struct count_field birth_year_of(const struct identifier *identifier)
{
    int year, month, day;

    if (!identifier->has_birth)
        return (struct count_field){0};
    day_to_civil(identifier->born_on, &year, &month, &day);
    return (struct count_field){true, year};
}

/* A public record may be the first that the exchange hears of its subject. */
static struct fact_maker maker_of(const struct intake *intake, const struct record *record)
{
    const struct public_record_record *document = &record->fact.public_record;
    const struct identifier *identifier = &document->identifier.identifier;
    struct digest lookup = intake_lookup(intake, &document->identifier);
    bool is_person = identifier_is_personal(identifier->type);
    struct fact_maker maker = {
        .subject_id = id_new(),
        .subject_kind = is_person ? SUBJECT_KIND_PERSON : SUBJECT_KIND_ENTERPRISE,
        .birth_year = birth_year_of(identifier),
        .type = (int16_t)identifier->type,
        .identifier_id = id_new(),
        .name_id = id_new(),
    };

    maker.identifier =
        intake_seal(intake, PLACE_IDENTIFIER, maker.identifier_id, identifier->value);
    maker.name_index =
        digest_bytes(intake, vault_name_index(intake->vault, &lookup, document->name_folded));
    maker.name = intake_seal(intake, PLACE_NAME, maker.name_id, document->name);
    return maker;
}

/* Of a fact that is to be deleted only the key was read. */
static void put_content(const struct intake *intake, const struct fact_kind *kind,
                        const struct record *record, struct record_fact *row)
{
    const union fact *fact = &record->fact;

    row->content = fact_json(intake->arena, kind, fact, member_id_of, intake->members);
    row->content_index = index_of(intake, kind, record, FACT_PART_ALL);
    row->sealed_text = intake_seal(intake, PLACE_FACT_TEXT, row->record_id,
                                   fact_text(intake->arena, kind, fact, FACT_PART_SEALED));
    if (kind->kind == RECORD_KIND_PUBLIC_RECORD)
        row->maker = maker_of(intake, record);
}

void intake_fact_add(const struct intake *intake, struct record_rows *rows, int32_t line,
                     const struct record *record)
{
    const struct fact_kind *kind = fact_kind_find(record->kind);
    enum correction_action action = record_action(record);
    struct record_fact *row = record->kind == RECORD_KIND_DEALER
                                  ? &rows->dealers[rows->dealer_count++]
                                  : &rows->facts[rows->fact_count++];

    CHECK(kind);
    *row = (struct record_fact){
        .line = line,
        .kind = (int16_t)kind->kind,
        .key_index = intake_fact_key(intake, record),
        .fact_id = id_new(),
        .record_id = id_new(),
        .member_id = about_member(intake, kind, &record->fact),
        .content = "{}",
        .origin = record->origin,
        .action = (int16_t)action,
        .reason = record->correction.is_present ? (int16_t)record->correction.reason : 0,
    };
    const struct fact_field *who = fact_field_of(kind, FACT_IDENTIFIER);
    const struct fact_field *account = fact_field_of(kind, FACT_ACCOUNT_NO);
    const struct identifier_field *identifier = who ? fact_const_at(&record->fact, who) : NULL;
    if (identifier && identifier->is_read && !(who->marks & FACT_SEALED)) /* names a subject */
        row->lookup = digest_bytes(intake, intake_lookup(intake, identifier));
    if (account)
        row->account_index = digest_bytes(
            intake,
            intake_account_index(intake, rows,
                                 &(struct account_name){
                                     intake->member->member_id, record->origin,
                                     *(const char *const *)fact_const_at(&record->fact, account)}));
    if (record->correction.is_present)
        row->sealed_note =
            intake_seal(intake, PLACE_FACT_NOTE, row->record_id, record->correction.note);
    if (action != CORRECTION_ACTION_DELETE)
        put_content(intake, kind, record, row);
}
