#include "service/intake_row.h"

#include <string.h>

#include "base/text.h"
#include "domain/flag_text.h"

void intake_rows_init(struct intake_rows *rows, struct arena *arena, const Cix__V1__Chunk *message)
{
    size_t counts[RECORD_KIND_LAST + 1] = {0}, identifiers = 0, facts = 0, corrections = 0;
    size_t rekeys = 0;
    struct record_rows *all = &rows->rows;

    /* The numbers of the wire's oneof are those of enum record_kind. */
    for (size_t i = 0; i < message->n_records; i++) {
        const Cix__V1__Record *record = message->records[i];
        if ((unsigned)record->record_case <= RECORD_KIND_LAST)
            counts[record->record_case]++;
        facts += fact_kind_find((enum record_kind)record->record_case) != NULL;
        corrections += record->correction != NULL;
        if (*record->origin)
            rekeys += REKEYS_A_RECORD;
        else if (record->record_case == CIX__V1__RECORD__RECORD_ACCOUNT)
            rekeys += *record->account->transferred_from_origin != '\0';
        if (record->record_case == CIX__V1__RECORD__RECORD_SUBJECT)
            identifiers += record->subject->n_identifiers;
    }
    *rows = (struct intake_rows){
        .account_slots = arena_array(arena, ACCOUNT_SLOTS, sizeof(*rows->account_slots)),
    };
    all->consents = arena_array(arena, counts[RECORD_KIND_CONSENT], sizeof(*all->consents));
    all->subjects = arena_array(arena, counts[RECORD_KIND_SUBJECT], sizeof(*all->subjects));
    all->identifiers = arena_array(arena, identifiers, sizeof(*all->identifiers));
    all->accounts = arena_array(arena, counts[RECORD_KIND_ACCOUNT], sizeof(*all->accounts));
    all->account_indexes =
        arena_array(arena, counts[RECORD_KIND_PERFORMANCE], sizeof(*all->account_indexes));
    all->performances =
        arena_array(arena, counts[RECORD_KIND_PERFORMANCE], sizeof(*all->performances));
    all->flags = arena_array(arena, counts[RECORD_KIND_FLAG], sizeof(*all->flags));
    all->receipts = arena_array(arena, counts[RECORD_KIND_FLAG], sizeof(*all->receipts));
    all->dealers = arena_array(arena, counts[RECORD_KIND_DEALER], sizeof(*all->dealers));
    all->facts = arena_array(arena, facts, sizeof(*all->facts));
    all->corrections = arena_array(arena, corrections, sizeof(*all->corrections));
    all->month_deletions = arena_array(arena, corrections, sizeof(*all->month_deletions));
    all->account_deletions = arena_array(arena, corrections, sizeof(*all->account_deletions));
    all->subject_deletions = arena_array(arena, corrections, sizeof(*all->subject_deletions));
    all->flag_deletions = arena_array(arena, corrections, sizeof(*all->flag_deletions));
    all->rekeys = arena_array(arena, rekeys, sizeof(*all->rekeys));
}

struct bytes intake_seal(const struct intake *intake, enum place where, int64_t record_id,
                         const char *text)
{
    const struct vault_place place = place_of(where, record_id);

    if (!*text)
        return (struct bytes){NULL, 0};
    return vault_seal(intake->vault, intake->arena, &place, text, strlen(text));
}

struct digest intake_lookup(const struct intake *intake, const struct identifier_field *field)
{
    return vault_lookup(intake->vault, (int)field->identifier.type, field->identifier.value);
}

/* At most five numbers, one a line. */
static const char *join_mobiles(struct arena *arena, const struct subject_record *record)
{
    enum { KEPT = 5 };
    struct builder builder = {.arena = arena};

    for (int i = 0; i < record->mobile_count && i < KEPT; i++)
        builder_format(&builder, "%s%s", i ? "\n" : "", record->mobiles[i]);
    return builder.data ? builder.data : "";
}

static struct count_field year_of(const struct day_field *field)
{
    int year, month, day;

    if (!field->is_present || !field->is_real)
        return (struct count_field){0};
    day_to_civil(field->day, &year, &month, &day);
    return (struct count_field){true, year};
}

static void add_identifiers(const struct intake *intake, struct record_rows *rows,
                            const struct subject_record *record)
{
    for (int i = 0; i < record->identifier_count; i++) {
        const struct identifier_field *field = &record->identifiers[i];
        struct record_identifier *row = &rows->identifiers[rows->identifier_count++];
        int64_t record_id = id_new(), name_id = id_new();
        struct digest lookup = intake_lookup(intake, field);
        *row = (struct record_identifier){
            .owner = rows->subject_count,
            .lookup = lookup,
            .type = (int16_t)field->identifier.type,
            .record_id = record_id,
            .value = intake_seal(intake, PLACE_IDENTIFIER, record_id, field->identifier.value),
            .name_index = vault_name_index(intake->vault, &lookup, record->name_folded),
            .name_id = name_id,
            .name = intake_seal(intake, PLACE_NAME, name_id, record->name),
        };
    }
}

static struct bytes digest_bytes(const struct intake *intake, const struct digest *digest)
{
    return (struct bytes){arena_copy(intake->arena, digest->bytes, sizeof(digest->bytes)),
                          sizeof(digest->bytes)};
}

/* The lookup of an identifier that may be absent. */
static struct bytes lookup_bytes(const struct intake *intake, const struct identifier_field *field)
{
    if (!field->is_read)
        return (struct bytes){NULL, 0};
    struct digest lookup = intake_lookup(intake, field);
    return digest_bytes(intake, &lookup);
}

/* Rule S017: persons of one name and birth date have one likeness. */
static struct bytes likeness_of(const struct intake *intake, const struct subject_record *record,
                                const char *birth)
{
    if (!*birth)
        return (struct bytes){NULL, 0};
    struct digest likeness = vault_likeness(intake->vault, record->name_folded, birth);
    return digest_bytes(intake, &likeness);
}

static void add_subject(const struct intake *intake, struct record_rows *rows, int32_t line,
                        const struct record *whole)
{
    const struct subject_record *record = &whole->subject;
    int64_t record_id = id_new();
    bool is_person = record->kind == SUBJECT_KIND_PERSON;
    char birth[11] = "";

    if (record->birth_on.is_present && record->birth_on.is_real)
        day_format(record->birth_on.day, birth);
    rows->subjects[rows->subject_count++] = (struct record_subject){
        .line = line,
        .subject_id = id_new(),
        .record_id = record_id,
        .kind = (int16_t)record->kind,
        .segment = (int16_t)record->segment,
        .sex = (int16_t)record->sex,
        .birth_year = is_person ? year_of(&record->birth_on) : (struct count_field){0},
        .birth = intake_seal(intake, PLACE_BIRTH, record_id, birth),
        .mobiles =
            intake_seal(intake, PLACE_MOBILES, record_id, join_mobiles(intake->arena, record)),
        .address = intake_seal(intake, PLACE_ADDRESS, record_id, record->address),
        .region = record->region,
        .industry = record->industry,
        .founded_on = record->founded_on,
        .status = (int16_t)record->status,
        .nationality = record->nationality,
        .marital_status = (int16_t)record->marital_status,
        .education = (int16_t)record->education,
        .occupation = record->occupation,
        .employer_industry = record->employer_industry,
        .legal_form = record->legal_form,
        .registered_capital = record->registered_capital,
        .capital_currency = record->capital_currency,
        .size = (int16_t)record->size,
        .representative = lookup_bytes(intake, &record->representative),
        .controller = lookup_bytes(intake, &record->controller),
        .parent = lookup_bytes(intake, &record->parent),
        .has_own_income = record->has_own_income,
        .likeness = is_person ? likeness_of(intake, record, birth) : (struct bytes){NULL, 0},
        .origin = whole->origin,
        .correction = (int16_t)whole->correction.action,
        .details = "",
    };
    intake_identifiers_tell(intake, record, &rows->subjects[rows->subject_count - 1]);
    add_identifiers(intake, rows, record);
}

/* The member of a code that may be empty; 0: none. */
static int32_t member_of(const struct intake *intake, const char *code)
{
    const struct member *member = registry_by_code(intake->members, code);

    return member ? member->member_id : 0;
}

struct digest intake_account_index(const struct intake *intake, struct record_rows *rows,
                                   const struct account_name *name)
{
    struct digest index =
        vault_origin_index(intake->vault, name->member_id, name->origin, name->account_no);

    if (*name->origin)
        rows->rekeys[rows->rekey_count++] = (struct record_rekey){
            .member_id = name->member_id,
            .plain = vault_account_index(intake->vault, name->member_id, name->account_no),
            .index = index,
            .origin = name->origin,
        };
    return index;
}

/* An account of the caller that the record is about. */
static struct digest own_index(const struct intake *intake, struct record_rows *rows,
                               const struct record *record, const char *account_no)
{
    return intake_account_index(
        intake, rows,
        &(struct account_name){intake->member->member_id, record->origin, account_no});
}

/* The digest under which another account is found; absent without a number. */
static struct bytes index_of(const struct intake *intake, struct record_rows *rows,
                             const struct account_name *name)
{
    if (!*name->account_no)
        return (struct bytes){NULL, 0};
    struct digest index = intake_account_index(intake, rows, name);
    return digest_bytes(intake, &index);
}

static void add_consent(const struct intake *intake, struct record_rows *rows, int32_t line,
                        const struct record *whole)
{
    const struct consent_record *record = &whole->consent;
    struct record_consent *row = &rows->consents[rows->consent_count++];
    const struct account_name scope = {intake->member->member_id, whole->origin,
                                       record->is_revoked ? "" : record->scope_account_no};

    *row = (struct record_consent){
        .line = line,
        .lookup = intake_lookup(intake, &record->identifier),
        .record_id = id_new(),
        .form = (int16_t)record->form,
        .signed_on = record->signed_on.day,
        .effective_on = record->effective_on.day,
        .expires_on = record->expires_on.day,
        .document_hash = record->document_hash,
        .is_revoked = record->is_revoked,
        .origin = whole->origin,
        .scope_index = index_of(intake, rows, &scope),
    };
    bool is_uuid = uuid_parse(record->consent_id, &row->consent_id);
    CHECK(is_uuid); /* rule E006 */
    for (int i = 0; i < record->purpose_count; i++)
        if (record->purposes[i] < 63) /* those beyond need no consent */
            row->purposes |= (int64_t)1 << record->purposes[i];
    for (int i = 0; i < record->data_class_count; i++)
        row->data_classes |= 1 << (record->data_classes[i] - 1);
}

/* Tells one original creditor from another without knowing it. */
static struct bytes creditor_index(const struct intake *intake, const struct account_record *record)
{
    if (!*record->original_creditor)
        return (struct bytes){NULL, 0};
    struct digest lookup = intake_lookup(intake, &record->identifier);
    struct digest index = vault_name_index(intake->vault, &lookup, record->original_creditor);
    return digest_bytes(intake, &index);
}

static void add_account(const struct intake *intake, struct record_rows *rows, int32_t line,
                        const struct record *whole)
{
    const struct account_record *record = &whole->account;
    int32_t seller_id = member_of(intake, record->transferred_from_code);
    int64_t record_id = id_new();
    const struct account_name parent = {intake->member->member_id, whole->origin,
                                        record->parent_account_no};
    const struct account_name sold = {seller_id, record->transferred_from_origin,
                                      record->transferred_from_account_no};

    rows->accounts[rows->account_count++] = (struct record_account){
        .line = line,
        .account_index = own_index(intake, rows, whole, record->account_no),
        .account_id = id_new(),
        .record_id = record_id,
        .lookup = intake_lookup(intake, &record->identifier),
        .type = (int16_t)record->type,
        .business_type = record->business_type,
        .currency = record->currency,
        .original_amount = record->original_amount,
        .credit_limit = record->credit_limit,
        .opened_on = record->opened_on,
        .matures_on = record->matures_on,
        .closed_on = record->closed_on,
        .term_months = record->term_months,
        .annual_rate_bps = record->annual_rate_bps,
        .repay_frequency = (int16_t)record->repay_frequency,
        .security = (int16_t)record->security,
        .region = record->region,
        .industry = record->industry,
        .channel = (int16_t)record->channel,
        .dealer_code = record->dealer_code,
        .platform_id = member_of(intake, record->platform_code),
        .account_no = intake_seal(intake, PLACE_ACCOUNT_NO, record_id, record->account_no),
        .repay_method = (int16_t)record->repay_method,
        .rate_type = (int16_t)record->rate_type,
        .collateral_value = record->collateral_value,
        .shared_limit = record->shared_limit,
        .parent_index = index_of(intake, rows, &parent),
        .transferred_from_id = seller_id,
        .transferred_index = index_of(intake, rows, &sold),
        .state_at_transfer = record->state_at_transfer,
        .creditor_id = member_of(intake, record->creditor_code),
        .original_creditor =
            intake_seal(intake, PLACE_ORIGINAL_CREDITOR, record_id, record->original_creditor),
        .original_index = creditor_index(intake, record),
        .origin = whole->origin,
        .correction = (int16_t)whole->correction.action,
    };
}

/* Position from 1 of the account among the different ones of the chunk. */
static int32_t account_place(struct intake_rows *rows, const struct digest *index)
{
    struct record_rows *all = &rows->rows;
    uint32_t slot;

    memcpy(&slot, index->bytes, sizeof(slot));
    for (slot %= ACCOUNT_SLOTS; rows->account_slots[slot]; slot = (slot + 1) % ACCOUNT_SLOTS) {
        int32_t place = rows->account_slots[slot];
        if (!memcmp(all->account_indexes[place - 1].bytes, index->bytes, sizeof(index->bytes)))
            return place;
    }
    all->account_indexes[all->account_index_count++] = *index;
    rows->account_slots[slot] = all->account_index_count;
    return all->account_index_count;
}

static void add_performance(const struct intake *intake, struct intake_rows *rows, int32_t line,
                            const struct record *whole, bool is_quarantined)
{
    const struct performance_record *record = &whole->performance;
    struct digest index = own_index(intake, &rows->rows, whole, record->account_no);
    struct period period;
    bool is_month = period_from_wire(record->period_wire, &period);

    CHECK(is_month); /* rule E002 */
    rows->rows.performances[rows->rows.performance_count++] = (struct record_performance){
        .account = account_place(rows, &index),
        .line = line,
        .delta_id = id_new(),
        .period = period.number,
        .account_status = (int16_t)record->account_status,
        .repay_status = record->repay_status[0],
        .balance = record->balance,
        .due_amount = record->due_amount,
        .paid_amount = record->paid_amount,
        .overdue_amount = record->overdue_amount,
        .overdue_principal = record->overdue_principal,
        .days_overdue = record->days_overdue,
        .overdue_terms = record->overdue_terms,
        .five_category = (int16_t)record->five_category,
        .classified_on = record->classified_on,
        .remaining_terms = record->remaining_terms,
        .used_limit = record->used_limit,
        .paid_on = record->paid_on,
        .collection_stage = (int16_t)record->collection_stage,
        .reported_on = record->reported_on,
        .correction = (int16_t)whole->correction.action,
        .is_quarantined = is_quarantined,
        .bill_amount = record->bill_amount,
        .unbilled_instalments = record->unbilled_instalments,
        .overdue_31_60 = record->overdue_31_60,
        .overdue_61_90 = record->overdue_61_90,
        .overdue_91_180 = record->overdue_91_180,
        .overdue_over_180 = record->overdue_over_180,
        .overdraft_over_180 = record->overdraft_over_180,
        .last_paid_amount = record->last_paid_amount,
        .pay_ratio_bps = record->pay_ratio_bps,
        .settled_on = record->settled_on,
        .provision_amount = record->provision_amount,
        .recovered_amount = record->recovered_amount,
        .written_off_amount = record->written_off_amount,
        .status_history = record->status_history,
    };
}

/* Rule D006: listings for one case are told by it. */
static struct bytes case_index(const struct intake *intake, const struct flag_record *record)
{
    struct digest index = vault_fact_index(
        intake->vault, 0,
        arena_format(intake->arena, "case\n%s\n%s", record->case_no_folded, record->court));

    return digest_bytes(intake, &index);
}

/* What a listing's document says: sealed, and told apart by a digest. */
static void put_detail(const struct intake *intake, const struct flag_record *record,
                       struct record_flag *row)
{
    const char *text = flag_text(intake->arena, record);

    row->basis_unit = record->basis_unit;
    row->term_months = record->term_months;
    row->text = intake_seal(intake, PLACE_FLAG_TEXT, row->record_id, text);
    if (!*text && !*record->basis_unit && !record->term_months.is_present)
        return;
    int term = record->term_months.is_present ? record->term_months.value : 0;
    struct digest index = vault_fact_index(
        intake->vault, intake->member->member_id,
        arena_format(intake->arena, "listing\n%s\n%d\n%s", record->basis_unit, term, text));
    row->detail_index = digest_bytes(intake, &index);
}

static void add_flag(const struct intake *intake, struct record_rows *rows, int32_t line,
                     const struct record *whole)
{
    const struct flag_record *record = &whole->flag;
    const struct identifier *identifier = &record->identifier.identifier;
    struct day_field birth = {identifier->has_birth, identifier->has_birth, identifier->born_on};
    struct record_flag *row = &rows->flags[rows->flag_count++];
    bool is_person = identifier_is_personal(identifier->type);

    *row = (struct record_flag){
        .line = line,
        .id = id_new(),
        .record_id = id_new(),
        .subject_id = id_new(),
        .kind = is_person ? SUBJECT_KIND_PERSON : SUBJECT_KIND_ENTERPRISE,
        .birth_year = year_of(&birth),
        .lookup = intake_lookup(intake, &record->identifier),
        .type = (int16_t)identifier->type,
        .identifier_id = id_new(),
        .name_id = id_new(),
        .court = record->court,
        .region = record->region,
        .filed_on = record->filed_on.day,
        .published_on = record->published_on.day,
        .expires_on = record->expires_on,
        .ground = (int16_t)record->ground,
        .performance = (int16_t)record->performance,
        .grade = (int16_t)record->grade,
        .status = (int16_t)record->status,
        .case_index = case_index(intake, record),
        .source = record->source,
        .source_seq = record->source_seq,
        .correction = (int16_t)whole->correction.action,
    };
    row->identifier = intake_seal(intake, PLACE_IDENTIFIER, row->identifier_id, identifier->value);
    row->name_index = vault_name_index(intake->vault, &row->lookup, record->name_folded);
    row->name = intake_seal(intake, PLACE_NAME, row->name_id, record->name);
    row->case_no = intake_seal(intake, PLACE_CASE_NO, row->record_id, record->case_no_folded);
    put_detail(intake, record, row);
    bool is_uuid = uuid_parse(record->flag_id, &row->flag_id);
    CHECK(is_uuid); /* rule E006 */
    for (int i = 0; i < record->restriction_count; i++)
        row->restrictions |= 1 << record->restrictions[i];
}

void intake_receipt_add(struct intake_rows *rows, int32_t line, const struct flag_record *record)
{
    struct record_receipt *row = &rows->rows.receipts[rows->rows.receipt_count];

    *row = (struct record_receipt){
        .line = line,
        .source = record->source,
        .source_seq = record->source_seq,
        .is_masked = record->is_masked,
    };
    bool is_uuid = uuid_parse(record->flag_id, &row->flag_id);
    CHECK(is_uuid); /* rule E006 */
    rows->rows.receipt_count += record->is_masked || record->source_seq.is_present;
}

/* Why a record puts an earlier one right; record_id: of the version that it makes. */
static void add_correction(const struct intake *intake, struct record_rows *rows, int32_t line,
                           const struct record *record, int64_t record_id)
{
    rows->corrections[rows->correction_count++] = (struct record_correction){
        .line = line,
        .kind = (int16_t)record->kind,
        .record_id = record_id,
        .action = (int16_t)record->correction.action,
        .reason = (int16_t)record->correction.reason,
        .note = intake_seal(intake, PLACE_NOTE, record_id, record->correction.note),
    };
}

static struct record_deletion deletion_of_account(const struct intake *intake,
                                                  struct record_rows *rows,
                                                  const struct record *record,
                                                  const char *account_no)
{
    return (struct record_deletion){
        .key = own_index(intake, rows, record, account_no),
        .record_id = id_new(),
        .first_id = id_new_many(RECORD_DELETION_IDS),
    };
}

static void add_deletion(const struct intake *intake, struct record_rows *rows, int32_t line,
                         const struct record *record)
{
    struct record_deletion *row;
    struct period period;

    if (record->kind == RECORD_KIND_PERFORMANCE) {
        bool is_month = period_from_wire(record->performance.period_wire, &period);
        CHECK(is_month); /* rule E002 */
        row = &rows->month_deletions[rows->month_deletion_count++];
        *row = deletion_of_account(intake, rows, record, record->performance.account_no);
        row->period = period.number;
    } else if (record->kind == RECORD_KIND_ACCOUNT) {
        row = &rows->account_deletions[rows->account_deletion_count++];
        *row = deletion_of_account(intake, rows, record, record->account.account_no);
    } else if (record->kind == RECORD_KIND_FLAG) {
        row = &rows->flag_deletions[rows->flag_deletion_count++];
        *row = (struct record_deletion){.record_id = id_new()};
        bool is_uuid = uuid_parse(record->flag.flag_id, &row->flag_id);
        CHECK(is_uuid); /* rule E006 */
    } else {
        row = &rows->subject_deletions[rows->subject_deletion_count++];
        *row = (struct record_deletion){
            .key = intake_lookup(intake, &record->subject.identifiers[0]),
            .record_id = id_new(),
        };
    }
    row->line = line;
    add_correction(intake, rows, line, record, row->record_id);
}

/* The version that the row just added makes. */
static int64_t latest_id(const struct record_rows *rows, enum record_kind kind)
{
    if (kind == RECORD_KIND_PERFORMANCE)
        return rows->performances[rows->performance_count - 1].delta_id;
    if (kind == RECORD_KIND_ACCOUNT)
        return rows->accounts[rows->account_count - 1].record_id;
    if (kind == RECORD_KIND_FLAG)
        return rows->flags[rows->flag_count - 1].record_id;
    return rows->subjects[rows->subject_count - 1].record_id;
}

static bool is_correctable(enum record_kind kind)
{
    return kind == RECORD_KIND_SUBJECT || kind == RECORD_KIND_ACCOUNT ||
           kind == RECORD_KIND_PERFORMANCE || kind == RECORD_KIND_FLAG;
}

static void put_row(const struct intake *intake, struct intake_rows *rows, int32_t line,
                    const struct record *record, bool is_quarantined)
{
    switch ((int)record->kind) {
    case RECORD_KIND_CONSENT:
        add_consent(intake, &rows->rows, line, record);
        break;
    case RECORD_KIND_SUBJECT:
        add_subject(intake, &rows->rows, line, record);
        break;
    case RECORD_KIND_ACCOUNT:
        add_account(intake, &rows->rows, line, record);
        break;
    case RECORD_KIND_PERFORMANCE:
        add_performance(intake, rows, line, record, is_quarantined);
        break;
    case RECORD_KIND_FLAG:
        add_flag(intake, &rows->rows, line, record);
        break;
    default:
        intake_fact_add(intake, &rows->rows, line, record);
    }
}

void intake_row_add(const struct intake *intake, struct intake_rows *rows, int32_t line,
                    const struct record *record, bool is_quarantined)
{
    if (!is_correctable(record->kind)) {
        put_row(intake, rows, line, record, is_quarantined);
    } else if ((int)record->correction.action == CORRECTION_ACTION_DELETE) {
        add_deletion(intake, &rows->rows, line, record);
    } else {
        put_row(intake, rows, line, record, is_quarantined);
        if ((int)record->correction.action == CORRECTION_ACTION_REPLACE)
            add_correction(intake, &rows->rows, line, record, latest_id(&rows->rows, record->kind));
    }
}
