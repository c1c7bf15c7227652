#include "store/rating.h"

#include "base/clock.h"

/* Columns of rating_read, in the order of the statement. */
enum {
    SECTION,
    ELEMENT,
    SUBJECT_ID,
    KIND,
    BIRTH_YEAR,
    FACTS,
    CLASSES,
    PAST_AT,
    PAST_MEMBER,
    PAST_PURPOSE,
    ACCOUNT_ID,
    TAKEN_OVER_FROM,
    MEMBER_ID,
    TYPE,
    BUSINESS_TYPE,
    CURRENCY,
    ORIGINAL_AMOUNT,
    CREDIT_LIMIT,
    OPENED_ON,
    CLOSED_ON,
    ACCOUNT_STATUS,
    LAST_PERIOD,
    STATUS_RING,
    MONTH_RING,
    CONTENT,
};

enum { SECTION_ELEMENT = 1, SECTION_ACCOUNT = 2, SECTION_FACT = 3, SECTION_PROTECTION = 4 };

#define COLUMNS                                                                                    \
    "section, element, subject_id, kind, birth_year, facts, classes, inquiry_at, inquiry_member,"  \
    " inquiry_purpose, account_id, taken_over_from, member_id, type, business_type, currency,"     \
    " original_amount, credit_limit, opened_on, closed_on, account_status, last_period,"           \
    " status_ring, month_ring, content"

static const struct statement rating_read = {
    "rating_read", "select " COLUMNS " from cix.rating_read($1, $2, $3, $4, $5, $6, $7)"};

/* kind is the pass's there. */
static const struct statement rating_slice_read = {
    "rating_slice",
    "select section, element, subject_id, kind_of as kind, birth_year, facts, classes, inquiry_at,"
    " inquiry_member, inquiry_purpose, account_id, taken_over_from, member_id, type, business_type,"
    " currency, original_amount, credit_limit, opened_on, closed_on, account_status, last_period,"
    " status_ring, month_ring, content from cix.rating_slice($1, $2, $3, $4)"};

/* Who was asked about, with the accounts that several questions may share. */
struct shelf {
    struct arena *arena;
    struct rows *rows;
    struct day as_of;
    struct rating_known *known;
    int64_t *subjects; /* of each; 0: nobody */
    int count;
};

struct rating_facts rating_facts_of(int bits, int birth_year, struct day as_of)
{
    return (struct rating_facts){
        .is_known = true,
        .is_deceased = bits & RATING_FACT_DECEASED,
        .is_under_age = rating_is_under_age(birth_year, as_of),
        .is_frozen = bits & RATING_FACT_FROZEN,
        .is_in_conflict = bits & RATING_FACT_CONFLICT,
        .is_listed = bits & RATING_FACT_LISTED,
        .is_in_grace = bits & RATING_FACT_GRACE,
        .is_suspended = bits & RATING_FACT_SUSPENDED,
        .is_perpetrator = bits & RATING_FACT_PERPETRATOR,
    };
}

/* Approvals among the latest inquiries, newest first. */
struct past {
    int count;
    const int64_t *at_us;
    const int32_t *members;
    const int16_t *purposes;
};

static void take_inquiries(struct arena *arena, const struct past *past, struct rating_input *input)
{
    int count = past->count < RATING_INQUIRIES_MAX ? past->count : RATING_INQUIRIES_MAX;
    struct rating_inquiry *inquiries = arena_array(arena, (size_t)count + 1, sizeof(*inquiries));

    for (int i = 0; i < count; i++) {
        if (rating_is_approval(past->purposes[i]))
            inquiries[input->inquiry_count++] =
                (struct rating_inquiry){clock_day_of(past->at_us[i]), past->members[i]};
    }
    input->inquiries = inquiries;
}

static struct money_field money_of(const struct rows *rows, int column)
{
    return (struct money_field){!rows_is_null(rows, column), rows_int8(rows, column)};
}

/* Unrolls the rings of an account that was reported. */
static void unroll(struct arena *arena, struct bytes statuses, struct bytes months,
                   struct rating_source *source)
{
    struct ring_status status_list[RING_STATUS_SIZE];
    struct ring_month month_list[RING_MONTHS];

    source->status_count =
        ring_status_list(statuses.data, statuses.size, source->last_period, status_list);
    source->month_count =
        ring_month_list(months.data, months.size, source->last_period, month_list);
    source->statuses =
        arena_array(arena, (size_t)source->status_count + 1, sizeof(*source->statuses));
    source->months = arena_array(arena, (size_t)source->month_count + 1, sizeof(*source->months));
    for (int i = 0; i < source->status_count; i++)
        source->statuses[i] = status_list[i];
    for (int i = 0; i < source->month_count; i++)
        source->months[i] = month_list[i];
}

static void read_account(const struct shelf *shelf, struct rating_source *source)
{
    const struct rows *rows = shelf->rows;

    *source = (struct rating_source){
        .account_id = rows_int8(rows, ACCOUNT_ID),
        .taken_over_from = rows_int8(rows, TAKEN_OVER_FROM),
        .type = (enum account_type)rows_int2(rows, TYPE),
        .business_type = arena_string(shelf->arena, rows_text(rows, BUSINESS_TYPE)),
        .currency = arena_string(shelf->arena, rows_text(rows, CURRENCY)),
        .credit_limit = money_of(rows, CREDIT_LIMIT),
        .original_amount = money_of(rows, ORIGINAL_AMOUNT),
        .opened_on = rows_day(rows, OPENED_ON),
        .has_closing_day = !rows_is_null(rows, CLOSED_ON),
        .member_id = rows_int4(rows, MEMBER_ID),
    };
    if (rows_is_null(rows, LAST_PERIOD))
        return;
    source->last_period = (struct period){rows_int4(rows, LAST_PERIOD)};
    source->account_status = rows_int2(rows, ACCOUNT_STATUS);
    unroll(shelf->arena, rows_bytes(rows, STATUS_RING), rows_bytes(rows, MONTH_RING), source);
}

static void read_element(struct shelf *shelf, int at)
{
    struct rows *rows = shelf->rows;
    struct rating_input *input = &shelf->known[at].input;
    struct past past = {0};

    *input = (struct rating_input){.as_of = shelf->as_of};
    shelf->known[at].classes = (uint32_t)rows_int4(rows, CLASSES);
    if (rows_is_null(rows, SUBJECT_ID))
        return;
    shelf->subjects[at] = rows_int8(rows, SUBJECT_ID);
    input->kind = (enum subject_kind)rows_int2(rows, KIND);
    input->facts =
        rating_facts_of(rows_int2(rows, FACTS), rows_int2(rows, BIRTH_YEAR), shelf->as_of);
    past.at_us = rows_instants_us(rows, PAST_AT, shelf->arena, &past.count);
    past.members = rows_int4s(rows, PAST_MEMBER, shelf->arena, &past.count);
    past.purposes = rows_int2s(rows, PAST_PURPOSE, shelf->arena, &past.count);
    take_inquiries(shelf->arena, &past, input);
}

/* What one subject has of a section, for every question about it. */
static void give(const struct shelf *shelf, int64_t subject_id, const struct rating_input *part)
{
    for (int i = 0; i < shelf->count; i++) {
        struct rating_input *input = &shelf->known[i].input;
        if (shelf->subjects[i] != subject_id)
            continue;
        if (part->accounts) {
            input->accounts = part->accounts;
            input->account_count = part->account_count;
        } else {
            input->behaviours = part->behaviours;
            input->behaviour_count = part->behaviour_count;
            input->statements = part->statements;
            input->statement_count = part->statement_count;
        }
    }
}

/* Rows of a run, from the current one on, which stays. */
static int run_of(struct rows *rows, int16_t section, int64_t subject_id)
{
    int begun = rows->current, length = 1;

    while (rows_next(rows) && rows_int2(rows, SECTION) == section &&
           rows_int8(rows, SUBJECT_ID) == subject_id)
        length++;
    rows->current = begun;
    return length;
}

static void read_accounts(const struct shelf *shelf, int length, struct rating_input *part)
{
    struct rating_source *sources = arena_array(shelf->arena, (size_t)length, sizeof(*sources));
    struct rating_account *accounts = arena_array(shelf->arena, (size_t)length, sizeof(*accounts));

    for (int i = 0; i < length; i++, shelf->rows->current++)
        read_account(shelf, &sources[i]);
    part->account_count = rating_accounts_of(shelf->arena, sources, length, accounts);
    part->accounts = accounts;
}

/* Room for so many facts of each kind that is read. */
struct fact_lists {
    struct behaviour_record *behaviours;
    struct statement_record *statements;
};

static void fact_lists_room(struct arena *arena, int count, struct fact_lists *lists,
                            struct rating_input *part)
{
    lists->behaviours = arena_array(arena, (size_t)count, sizeof(*lists->behaviours));
    lists->statements = arena_array(arena, (size_t)count, sizeof(*lists->statements));
    part->behaviours = lists->behaviours;
    part->statements = lists->statements;
}

/* Plain fields alone: no sealed one is read by a rating. */
static bool take_fact(struct ctx *ctx, enum record_kind kind, const char *content,
                      const struct fact_lists *lists, struct rating_input *part)
{
    union fact fact;

    if (kind != RECORD_KIND_BEHAVIOUR && kind != RECORD_KIND_STATEMENT)
        return true;
    if (!fact_read(ctx->arena, fact_kind_find(kind), content, &fact))
        return fail(ctx, ERR_INTERNAL, "FACT_BROKEN", "a stored fact cannot be read");
    if (kind == RECORD_KIND_BEHAVIOUR)
        lists->behaviours[part->behaviour_count++] = fact.behaviour;
    else
        lists->statements[part->statement_count++] = fact.statement;
    return true;
}

static bool read_facts(struct ctx *ctx, const struct shelf *shelf, int length,
                       struct rating_input *part)
{
    struct fact_lists lists;

    fact_lists_room(shelf->arena, length, &lists, part);
    for (int i = 0; i < length; i++, shelf->rows->current++) {
        if (!take_fact(ctx, (enum record_kind)rows_int2(shelf->rows, KIND),
                       rows_text(shelf->rows, CONTENT), &lists, part))
            return false;
    }
    return true;
}

/* A slice goes on without a subject whose fact cannot be read. */
static void set_broken(const struct shelf *shelf, int64_t subject_id)
{
    for (int i = 0; i < shelf->count; i++) {
        if (shelf->subjects[i] == subject_id)
            shelf->known[i].is_broken = true;
    }
}

/* Columns as sql/api/rating.sql says. */
static void read_protection(const struct shelf *shelf)
{
    const struct rows *rows = shelf->rows;
    int count = 0;
    const int64_t *set_at = rows_instants_us(rows, PAST_AT, shelf->arena, &count);
    struct protection protection = {
        .protection_id = rows_int8(rows, ACCOUNT_ID),
        .kind = rows_int2(rows, KIND),
        .from_on = rows_day(rows, OPENED_ON),
        .phones = rows_bytes(rows, STATUS_RING),
        .recorded_at_us = count ? *set_at : 0,
    };

    protection_end_read(rows, CLOSED_ON, &protection);
    for (int i = 0; i < shelf->count; i++) {
        if (shelf->subjects[i] == rows_int8(rows, SUBJECT_ID))
            protection_add(shelf->arena, &shelf->known[i].protections, &protection);
    }
}

/* What one subject has of a section; the current row is then the one behind. */
static bool read_part(struct ctx *ctx, struct shelf *shelf, bool is_slice)
{
    int16_t section = rows_int2(shelf->rows, SECTION);
    int64_t subject_id = rows_int8(shelf->rows, SUBJECT_ID);
    int length = run_of(shelf->rows, section, subject_id), end = shelf->rows->current + length;
    struct rating_input part = {0};

    if (section == SECTION_ACCOUNT) {
        read_accounts(shelf, length, &part);
    } else if (!read_facts(ctx, shelf, length, &part)) {
        if (!is_slice)
            return false;
        ctx_clear(ctx);
        set_broken(shelf, subject_id);
        shelf->rows->current = end;
        return true;
    }
    give(shelf, subject_id, &part);
    return true;
}

/* Elements stand first; what belongs to a subject stands together. questions: NULL in a slice. */
static bool read_rows(struct ctx *ctx, struct shelf *shelf, struct inquiry *questions)
{
    struct rows *rows = shelf->rows;

    while (rows_next(rows) && rows_int2(rows, SECTION) == SECTION_ELEMENT) {
        int at = rows_int4(rows, ELEMENT) - 1;
        CHECK(at >= 0 && at < shelf->count);
        if (questions)
            questions[at].is_served = true;
        read_element(shelf, at);
    }
    while (rows->current < rows->count) {
        if (rows_int2(rows, SECTION) == SECTION_PROTECTION) {
            read_protection(shelf);
            rows->current++;
        } else if (!read_part(ctx, shelf, !questions)) {
            return false;
        }
    }
    return true;
}

static void shelf_init(struct shelf *shelf, struct ctx *ctx, struct rows *rows, int count)
{
    *shelf = (struct shelf){.arena = ctx->arena, .rows = rows, .count = count};
    shelf->known = arena_array(ctx->arena, (size_t)count, sizeof(*shelf->known));
    shelf->subjects = arena_array(ctx->arena, (size_t)count, sizeof(*shelf->subjects));
}

bool rating_fetch(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                  struct rating_known **known)
{
    struct inquiry_columns columns;
    struct params read;
    struct rows outcomes = {0}, rows = {0};
    struct shelf shelf;

    shelf_init(&shelf, ctx, &rows, request->count);
    shelf.as_of = request->today;
    inquiry_columns_of(ctx->arena, request->inquiries, request->count, &columns);
    params_init(&read, ctx->arena);
    inquiry_put_read(&read, request, &columns);
    struct db_step steps[] = {
        report_ask_step(ctx->arena, request, &columns, INQUIRY_RATING, &outcomes),
        {&rating_read, &read, &rows, true},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    inquiry_outcomes_read(&outcomes, request->inquiries, request->count);
    rows_done(&outcomes);
    bool is_read = read_rows(ctx, &shelf, request->inquiries);
    rows_done(&rows);
    *known = shelf.known;
    return is_read;
}

bool rating_slice(struct ctx *ctx, struct db *db, const struct rating_ask *ask,
                  struct rating_slice *slice)
{
    struct params params;
    struct rows rows = {0};
    struct shelf shelf;

    shelf_init(&shelf, ctx, &rows, ask->most);
    shelf.as_of = ask->today;
    params_init(&params, ctx->arena);
    params_int2(&params, (int16_t)ask->pass);
    params_int8(&params, ask->after);
    params_int4(&params, ask->most);
    params_day(&params, ask->today);
    if (!db_run(ctx, db, &rating_slice_read, &params, &rows))
        return false;
    bool is_read = read_rows(ctx, &shelf, NULL);
    rows_done(&rows);
    *slice = (struct rating_slice){.ask = *ask, .known = shelf.known, .subjects = shelf.subjects};
    while (slice->count < ask->most && shelf.subjects[slice->count])
        slice->count++;
    slice->is_end = slice->count < ask->most;
    slice->through = slice->count ? shelf.subjects[slice->count - 1] : ask->after;
    return is_read;
}

static struct money_field amount_of(struct report_amount amount)
{
    return (struct money_field){amount.is_present, amount.minor};
}

static void read_reported(struct arena *arena, const struct report_account *account,
                          struct rating_source *source)
{
    *source = (struct rating_source){
        .account_id = account->account_id,
        .taken_over_from = account->taken_over_from,
        .type = (enum account_type)account->type,
        .business_type = account->business_type,
        .currency = account->currency,
        .credit_limit = amount_of(account->credit_limit),
        .original_amount = amount_of(account->original_amount),
        .opened_on = account->opened_on,
        .has_closing_day = account->closed_on.is_present,
        .member_id = account->member_id,
    };
    if (!account->has_period)
        return;
    source->last_period = account->last_period;
    source->account_status = account->account_status;
    unroll(arena, account->status_ring, account->month_ring, source);
}

static bool read_reported_facts(struct ctx *ctx, const struct report_subject *subject,
                                struct rating_input *input)
{
    struct fact_lists lists;

    if (subject->fact_count == 0)
        return true;
    fact_lists_room(ctx->arena, subject->fact_count, &lists, input);
    for (int i = 0; i < subject->fact_count; i++) {
        if (!take_fact(ctx, (enum record_kind)subject->facts[i].kind, subject->facts[i].content,
                       &lists, input))
            return false;
    }
    return true;
}

bool rating_of_report(struct ctx *ctx, const struct report_answer *answer, struct day as_of,
                      struct rating_input *input)
{
    const struct report_subject *subject = answer->subject;
    size_t count = (size_t)subject->account_count;
    struct rating_source *sources = arena_array(ctx->arena, count, sizeof(*sources));
    struct rating_account *accounts = arena_array(ctx->arena, count, sizeof(*accounts));
    struct past past = {answer->inquiry_count, answer->inquiry_at_us, answer->inquiry_members,
                        answer->inquiry_purposes};

    for (size_t i = 0; i < count; i++)
        read_reported(ctx->arena, &subject->accounts[i], &sources[i]);
    *input = (struct rating_input){
        .as_of = as_of,
        .kind = (enum subject_kind)subject->kind,
        .facts = rating_facts_of(answer->rating_facts, subject->birth_year, as_of),
        .accounts = accounts,
        .account_count = rating_accounts_of(ctx->arena, sources, (int)count, accounts),
    };
    take_inquiries(ctx->arena, &past, input);
    return read_reported_facts(ctx, subject, input);
}
