#include "store/report.h"

#include "domain/code.h"
#include "domain/member.h"

/* Columns of report_read, in the order of the statement. */
enum {
    SECTION,
    ELEMENT,
    SUBJECT_ID,
    ID,
    MEMBER_ID,
    RECORD_ID,
    SEALED,
    RECORDED_AT,
    TYPE,
    REGION,
    INDUSTRY,
    SEGMENT,
    BIRTH_YEAR,
    HAS_FLAGS,
    PAST_AT,
    PAST_MEMBER,
    PAST_PURPOSE,
    PAST_ID,
    BUSINESS_TYPE,
    CURRENCY,
    ORIGINAL_AMOUNT,
    CREDIT_LIMIT,
    OPENED_ON,
    MATURES_ON,
    CLOSED_ON,
    CHANNEL,
    LAST_PERIOD,
    ACCOUNT_STATUS,
    FIVE_CATEGORY,
    DAYS_OVERDUE,
    BALANCE,
    OVERDUE_AMOUNT,
    STATUS_RING,
    MONTH_RING,
    EXTERNAL_ID,
    COURT,
    FILED_ON,
    PUBLISHED_ON,
    EXPIRES_ON,
    GROUND,
    PERFORMANCE,
    GRADE,
    STATUS,
    RESTRICTIONS,
    CLASSES,
    ACCOUNT_ID,
    CONTENT,
    DETAILS,
    LATEST,
};

enum section {
    SECTION_ELEMENT = 1,
    SECTION_NAME,
    SECTION_IDENTIFIER,
    SECTION_ACCOUNT,
    SECTION_FLAG,
    SECTION_FACT,
    SECTION_LIABILITY,
    SECTION_ANNOTATION = 20,
    SECTION_PROTECTION,
};

static const struct statement report_ask = {
    "report_ask",
    "select element, outcome from cix.report_ask($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " $12, $13, null, null, null, null, null, null, null, null, null)"};

static const struct statement report_ask_consent = {
    "report_ask_consent",
    "select element, outcome from cix.report_ask($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"};

static const struct statement report_read = {
    "report_read",
    "select section, element, subject_id, id, member_id, record_id, sealed, recorded_at, type,"
    " region, industry, segment, birth_year, has_flags, inquiry_at, inquiry_member,"
    " inquiry_purpose, inquiry_ids, business_type, currency, original_amount, credit_limit,"
    " opened_on, matures_on, closed_on, channel, last_period, account_status, five_category,"
    " days_overdue, balance, overdue_amount, status_ring, month_ring, external_id, court, filed_on,"
    " published_on, expires_on, ground, performance, grade, status, restrictions, classes,"
    " account_id, content, details, latest from cix.report_read($1, $2, $3, $4, $5, $6, $7)"};

static bool has_consents(const struct inquiry_request *request)
{
    for (int i = 0; i < request->count; i++)
        if (request->inquiries[i].consent)
            return true;
    return false;
}

/* Consents that came along, as columns; a question without one has NULLs. */
static void put_consents(struct params *params, const struct inquiry_request *request)
{
    static const struct inquiry_consent none;
    size_t n = (size_t)request->count;
    struct arena *arena = params->arena;
    bool *is_present = arena_array(arena, n, sizeof(*is_present));
    int64_t *record_ids = arena_array(arena, n, sizeof(*record_ids));
    int64_t *purposes = arena_array(arena, n, sizeof(*purposes));
    int32_t *classes = arena_array(arena, n, sizeof(*classes));
    int16_t *forms = arena_array(arena, n, sizeof(*forms));
    struct day *days[3];
    struct bytes *hashes = arena_array(arena, n, sizeof(*hashes));
    struct bytes *scopes = arena_array(arena, n, sizeof(*scopes));

    for (int i = 0; i < 3; i++)
        days[i] = arena_array(arena, n, sizeof(**days));
    for (int i = 0; i < request->count; i++) {
        const struct inquiry_consent *consent = request->inquiries[i].consent;
        is_present[i] = consent != NULL;
        consent = consent ? consent : &none;
        record_ids[i] = consent->record_id;
        purposes[i] = consent->purposes;
        classes[i] = consent->data_classes;
        forms[i] = consent->form;
        days[0][i] = consent->signed_on;
        days[1][i] = consent->effective_on;
        days[2][i] = consent->expires_on;
        hashes[i] = consent->document_hash;
        scopes[i] = consent->scope_index;
    }
    params_int8s(params, record_ids, is_present, request->count);
    params_int8s(params, purposes, is_present, request->count);
    params_int4s(params, classes, is_present, request->count);
    params_int2s(params, forms, is_present, request->count);
    for (int i = 0; i < 3; i++)
        params_days(params, days[i], is_present, request->count);
    params_bytess(params, hashes, request->count);
    params_bytess(params, scopes, request->count);
}

static void put_ask(struct params *params, const struct inquiry_request *request,
                    const struct inquiry_columns *columns)
{
    int n = columns->count;

    params_bytess(params, columns->lookups, n);
    params_bytess(params, columns->name_indexes, n);
    params_int4s(params, columns->members, NULL, n);
    params_int2s(params, columns->purposes, NULL, n);
    params_int8s(params, columns->ids, NULL, n);
    params_bytess(params, columns->operators, n);
    params_uuids(params, columns->consent_ids, columns->has_consent_id, n);
    params_bytess(params, columns->certificates, n);
    params_bytess(params, columns->salts, n);
    params_int2(params, request->method);
    params_day(params, request->today);
}

/* The subjects of a batch while rows are being sorted under them. */
struct shelf {
    struct arena *arena;
    struct rows *rows;
    struct report_subject *subjects;
    int count;
    int last; /* where the row before belonged: rows of one subject mostly stand together */
};

static struct report_subject *find_subject(struct shelf *shelf, int64_t subject_id)
{
    if (shelf->last < shelf->count && shelf->subjects[shelf->last].subject_id == subject_id)
        return &shelf->subjects[shelf->last];
    for (int i = 0; i < shelf->count; i++) {
        if (shelf->subjects[i].subject_id == subject_id) {
            shelf->last = i;
            return &shelf->subjects[i];
        }
    }
    return NULL;
}

/* Texts outlive the rows: messages are packed after the batch was served. */
static const char *text_of(const struct shelf *shelf, int column)
{
    const char *text = rows_text(shelf->rows, column);

    return text && *text ? arena_string(shelf->arena, text) : "";
}

static struct report_amount amount_of(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column))
        return (struct report_amount){0};
    return (struct report_amount){true, rows_int8(rows, column)};
}

static struct report_day day_of(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column))
        return (struct report_day){0};
    return (struct report_day){true, rows_day(rows, column)};
}

static int16_t int2_or_zero(const struct rows *rows, int column)
{
    return rows_is_null(rows, column) ? 0 : rows_int2(rows, column);
}

static struct report_subject *put_subject(struct shelf *shelf)
{
    struct rows *rows = shelf->rows;
    struct report_subject *subject = find_subject(shelf, rows_int8(rows, SUBJECT_ID));

    if (subject)
        return subject;
    shelf->last = shelf->count;
    subject = &shelf->subjects[shelf->count++];
    *subject = (struct report_subject){
        .subject_id = rows_int8(rows, SUBJECT_ID),
        .kind = rows_int2(rows, TYPE),
        .segment = rows_int2(rows, SEGMENT),
        .birth_year = int2_or_zero(rows, BIRTH_YEAR),
        .region = text_of(shelf, REGION),
        .industry = text_of(shelf, INDUSTRY),
    };
    return subject;
}

static void read_element(struct shelf *shelf, const struct inquiry_request *request,
                         struct report_answer *answers)
{
    struct rows *rows = shelf->rows;
    int at = rows_int4(rows, ELEMENT) - 1;
    int count;

    CHECK(at >= 0 && at < request->count);
    struct report_answer *answer = &answers[at];
    request->inquiries[at].is_served = true;
    if (rows_is_null(rows, SUBJECT_ID))
        return;
    answer->subject = put_subject(shelf);
    answer->member_id = request->inquiries[at].member_id;
    answer->shows_flags = rows_bool(rows, HAS_FLAGS);
    answer->fact_classes = rows_is_null(rows, CLASSES) ? 0 : (uint32_t)rows_int4(rows, CLASSES);
    answer->is_narrow = rows_int2(rows, GRADE) < RECIPROCITY_FULL;
    answer->has_rating = !rows_is_null(rows, STATUS);
    answer->rating_facts = rows_int2(rows, STATUS);
    answer->inquiry_at_us = rows_instants_us(rows, PAST_AT, shelf->arena, &answer->inquiry_count);
    answer->inquiry_members = rows_int4s(rows, PAST_MEMBER, shelf->arena, &count);
    answer->inquiry_purposes = rows_int2s(rows, PAST_PURPOSE, shelf->arena, &count);
    answer->inquiry_ids = rows_int8s(rows, PAST_ID, shelf->arena, &count);
}

static void read_sealed(struct rows *rows, struct report_sealed *item)
{
    *item = (struct report_sealed){
        .type = int2_or_zero(rows, TYPE),
        .member_id = rows_int4(rows, MEMBER_ID),
        .record_id = rows_int8(rows, RECORD_ID),
        .sealed = rows_bytes(rows, SEALED),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };
}

/* An identifier, and what members say of it. */
static void read_identifier(struct rows *rows, struct report_sealed *item)
{
    read_sealed(rows, item);
    item->details = rows_bytes(rows, STATUS_RING);
    if (item->details.data) {
        item->details_id = rows_int8(rows, ID);
        item->detail_place = (int32_t)rows_int8(rows, ACCOUNT_ID);
    }
    item->verification = int2_or_zero(rows, STATUS);
    item->verified_by = int2_or_zero(rows, GROUND);
}

static void read_latest_month(struct rows *rows, struct report_account *account)
{
    account->has_period = true;
    account->last_period = (struct period){rows_int4(rows, LAST_PERIOD)};
    account->recorded_at_us =
        rows_is_null(rows, RECORDED_AT) ? 0 : rows_instant_us(rows, RECORDED_AT);
    account->account_status = int2_or_zero(rows, ACCOUNT_STATUS);
    account->five_category = int2_or_zero(rows, FIVE_CATEGORY);
    account->days_overdue = rows_is_null(rows, DAYS_OVERDUE) ? 0 : rows_int4(rows, DAYS_OVERDUE);
    account->balance = amount_of(rows, BALANCE);
    account->overdue_amount = amount_of(rows, OVERDUE_AMOUNT);
}

static void read_account(const struct shelf *shelf, struct report_account *account)
{
    struct rows *rows = shelf->rows;

    *account = (struct report_account){
        .account_id = rows_int8(rows, ID),
        .taken_over_from = rows_is_null(rows, ACCOUNT_ID) ? 0 : rows_int8(rows, ACCOUNT_ID),
        .member_id = rows_int4(rows, MEMBER_ID),
        .type = rows_int2(rows, TYPE),
        .business_type = text_of(shelf, BUSINESS_TYPE),
        .currency = text_of(shelf, CURRENCY),
        .original_amount = amount_of(rows, ORIGINAL_AMOUNT),
        .credit_limit = amount_of(rows, CREDIT_LIMIT),
        .opened_on = rows_day(rows, OPENED_ON),
        .matures_on = day_of(rows, MATURES_ON),
        .closed_on = day_of(rows, CLOSED_ON),
        .region = text_of(shelf, REGION),
        .industry = text_of(shelf, INDUSTRY),
        .channel = rows_int2(rows, CHANNEL),
        .dealer_code = text_of(shelf, COURT),
        .origin = text_of(shelf, CONTENT),
        .has_latest = !rows_is_null(rows, LATEST),
        .status_ring = rows_bytes(rows, STATUS_RING),
        .month_ring = rows_bytes(rows, MONTH_RING),
    };
    rows_optional_int8s(rows, DETAILS, account->details, DETAIL_COUNT);
    if (account->has_latest)
        rows_optional_int8s(rows, LATEST, account->latest, LATEST_COUNT);
    if (!rows_is_null(rows, LAST_PERIOD))
        read_latest_month(rows, account);
}

static void read_flag(const struct shelf *shelf, struct report_flag *flag)
{
    struct rows *rows = shelf->rows;

    *flag = (struct report_flag){
        .id = rows_int8(rows, ID),
        .flag_id = rows_uuid(rows, EXTERNAL_ID),
        .record_id = rows_int8(rows, RECORD_ID),
        .sealed_case_no = rows_bytes(rows, SEALED),
        .court = text_of(shelf, COURT),
        .region = text_of(shelf, REGION),
        .filed_on = rows_day(rows, FILED_ON),
        .published_on = rows_day(rows, PUBLISHED_ON),
        .expires_on = day_of(rows, EXPIRES_ON),
        .ground = rows_int2(rows, GROUND),
        .performance = rows_int2(rows, PERFORMANCE),
        .grade = rows_int2(rows, GRADE),
        .status = rows_int2(rows, STATUS),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };
    flag->basis_unit = text_of(shelf, CONTENT);
    flag->sealed_text = rows_bytes(rows, STATUS_RING);
    rows_optional_int8s(rows, DETAILS, &flag->term_months, 1);
    flag->restrictions = rows_int2s(rows, RESTRICTIONS, shelf->arena, &flag->restriction_count);
}

static void read_annotation(const struct rows *rows, struct report_annotation *annotation)
{
    *annotation = (struct report_annotation){
        .annotation_id = rows_int8(rows, RECORD_ID),
        .kind = rows_int2(rows, TYPE),
        .code = rows_int2(rows, GROUND),
        .target = rows_int2(rows, STATUS),
        .target_id = rows_int8(rows, ID),
        .period = rows_int4(rows, LAST_PERIOD),
        .text = rows_bytes(rows, SEALED),
        .due_on = day_of(rows, EXPIRES_ON),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };
}

static void read_protection(const struct shelf *shelf, struct report_subject *subject)
{
    const struct rows *rows = shelf->rows;
    struct protection protection = {
        .protection_id = rows_int8(rows, RECORD_ID),
        .kind = rows_int2(rows, TYPE),
        .from_on = rows_day(rows, FILED_ON),
        .phones = rows_bytes(rows, SEALED),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };

    protection_end_read(rows, EXPIRES_ON, &protection);
    protection_add(shelf->arena, &subject->protections, &protection);
}

static void read_fact(const struct shelf *shelf, struct report_fact *fact)
{
    struct rows *rows = shelf->rows;

    *fact = (struct report_fact){
        .kind = rows_int2(rows, TYPE),
        .fact_id = rows_int8(rows, ID),
        .record_id = rows_int8(rows, RECORD_ID),
        .member_id = rows_int4(rows, MEMBER_ID),
        .account_id = rows_is_null(rows, ACCOUNT_ID) ? 0 : rows_int8(rows, ACCOUNT_ID),
        .sealed = rows_bytes(rows, SEALED),
        .content = rows_text(rows, CONTENT),
        .origin = text_of(shelf, COURT),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };
}

static void read_liability(const struct shelf *shelf, struct report_liability *liability)
{
    read_fact(shelf, &liability->fact);
    liability->fact.kind = RECORD_KIND_PARTY;
    liability->account = (struct report_account){
        .type = rows_int2(shelf->rows, TYPE),
        .business_type = text_of(shelf, BUSINESS_TYPE),
        .currency = text_of(shelf, CURRENCY),
    };
    if (!rows_is_null(shelf->rows, LAST_PERIOD))
        read_latest_month(shelf->rows, &liability->account);
}

/* First pass over the sections of subjects: how many rows each subject has, then room for them. */
static void make_room(struct shelf *shelf)
{
    while (rows_next(shelf->rows)) {
        enum section section = (enum section)rows_int2(shelf->rows, SECTION);
        struct report_subject *subject = find_subject(shelf, rows_int8(shelf->rows, SUBJECT_ID));
        CHECK(subject);
        subject->name_count += section == SECTION_NAME;
        subject->identifier_count += section == SECTION_IDENTIFIER;
        subject->account_count += section == SECTION_ACCOUNT;
        subject->flag_count += section == SECTION_FLAG;
        subject->annotation_count += section == SECTION_ANNOTATION;
        subject->fact_count += section == SECTION_FACT;
        subject->liability_count += section == SECTION_LIABILITY;
    }
    for (int i = 0; i < shelf->count; i++) {
        struct report_subject *s = &shelf->subjects[i];
        s->names = arena_array(shelf->arena, (size_t)s->name_count, sizeof(*s->names));
        s->identifiers =
            arena_array(shelf->arena, (size_t)s->identifier_count, sizeof(*s->identifiers));
        s->accounts = arena_array(shelf->arena, (size_t)s->account_count, sizeof(*s->accounts));
        s->flags = arena_array(shelf->arena, (size_t)s->flag_count, sizeof(*s->flags));
        s->annotations =
            arena_array(shelf->arena, (size_t)s->annotation_count, sizeof(*s->annotations));
        s->facts = arena_array(shelf->arena, (size_t)s->fact_count, sizeof(*s->facts));
        s->liabilities =
            arena_array(shelf->arena, (size_t)s->liability_count, sizeof(*s->liabilities));
        s->name_count = s->identifier_count = s->account_count = s->flag_count = 0;
        s->annotation_count = s->fact_count = s->liability_count = 0;
    }
}

static void read_row(struct shelf *shelf)
{
    struct rows *rows = shelf->rows;
    struct report_subject *subject = find_subject(shelf, rows_int8(rows, SUBJECT_ID));

    switch ((enum section)rows_int2(rows, SECTION)) {
    case SECTION_NAME:
        read_sealed(rows, &subject->names[subject->name_count++]);
        break;
    case SECTION_IDENTIFIER:
        read_identifier(rows, &subject->identifiers[subject->identifier_count++]);
        break;
    case SECTION_ACCOUNT:
        read_account(shelf, &subject->accounts[subject->account_count++]);
        break;
    case SECTION_FLAG:
        read_flag(shelf, &subject->flags[subject->flag_count++]);
        break;
    case SECTION_FACT:
        read_fact(shelf, &subject->facts[subject->fact_count++]);
        break;
    case SECTION_LIABILITY:
        read_liability(shelf, &subject->liabilities[subject->liability_count++]);
        break;
    case SECTION_ANNOTATION:
        read_annotation(rows, &subject->annotations[subject->annotation_count++]);
        break;
    case SECTION_PROTECTION:
        read_protection(shelf, subject);
        break;
    case SECTION_ELEMENT: /* never behind the other sections */
        CHECK(false);
    }
}

/* Elements come first, then the sections of their subjects, which are passed over twice. */
static void read_batch(struct arena *arena, const struct inquiry_request *request,
                       struct report_batch *batch)
{
    struct shelf shelf = {.arena = arena, .rows = &batch->rows};
    int elements = 0;

    batch->answers = arena_array(arena, (size_t)request->count, sizeof(*batch->answers));
    shelf.subjects = arena_array(arena, (size_t)request->count, sizeof(*shelf.subjects));
    while (rows_next(&batch->rows) && rows_int2(&batch->rows, SECTION) == SECTION_ELEMENT) {
        read_element(&shelf, request, batch->answers);
        elements++;
    }
    batch->rows.current = elements - 1;
    make_room(&shelf);
    batch->rows.current = elements - 1;
    while (rows_next(&batch->rows))
        read_row(&shelf);
}

struct db_step report_ask_step(struct arena *arena, const struct inquiry_request *request,
                               const struct inquiry_columns *columns, enum inquiry_product product,
                               struct rows *outcomes)
{
    struct params *ask = arena_alloc(arena, sizeof(*ask));
    bool is_consented = has_consents(request);

    params_init(ask, arena);
    put_ask(ask, request, columns);
    params_int2(ask, (int16_t)product);
    params_bools(ask, columns->persons, columns->count);
    if (is_consented)
        put_consents(ask, request);
    return (struct db_step){is_consented ? &report_ask_consent : &report_ask, ask, outcomes, true};
}

bool report_fetch(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                  struct report_batch *batch)
{
    struct inquiry_columns columns;
    struct params read;
    struct rows outcomes = {0};

    *batch = (struct report_batch){0};
    inquiry_columns_of(ctx->arena, request->inquiries, request->count, &columns);
    params_init(&read, ctx->arena);
    inquiry_put_read(&read, request, &columns);
    struct db_step steps[] = {
        report_ask_step(ctx->arena, request, &columns, INQUIRY_REPORT, &outcomes),
        {&report_read, &read, &batch->rows, true},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    inquiry_outcomes_read(&outcomes, request->inquiries, request->count);
    rows_done(&outcomes);
    read_batch(ctx->arena, request, batch);
    return true;
}

void report_done(struct report_batch *batch)
{
    rows_done(&batch->rows);
}
