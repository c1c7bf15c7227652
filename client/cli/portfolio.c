#include "cli/portfolio.h"

#include <stdlib.h>
#include <string.h>

#include "cli/records.h"
#include "wire/record.h"

/* Where an account belongs; files are numbered from 0. */
struct owned {
    int file;
    const char *account_no;
};

struct filed_account {
    struct owned owner;
    const char *subject; /* type and value of the identifier */
    struct account_record record;
    int first_month; /* in months, once sorted */
    int month_count;
    bool is_bad_debt;
    bool is_closed;
};

struct filed_month {
    struct owned owner;
    struct ring_month amounts;
    struct ring_status status;
    int account_status;
};

struct filed_subject {
    const char *subject;
    enum subject_kind kind;
};

struct filed_flag {
    const char *subject;
    enum flag_status status;
    struct day_field expires_on;
};

struct filed_behaviour {
    const char *subject;
    struct behaviour_record record;
};

struct filed_statement {
    const char *subject;
    struct statement_record record;
};

/* A list that grows. */
struct list {
    void *items;
    size_t size;
    int count, room;
};

struct portfolio {
    struct arena arena;
    struct list accounts, months, subjects, flags, behaviours, statements;
    struct list firsts; /* int: the first account of each subject */
    struct period newest;
    /* Of the subject that was asked for last. */
    struct rating_account *rated;
    struct ring_status *statuses;
    struct ring_month *amounts;
    const char **numbers;
    struct list shown_behaviours, shown_statements;
};

static void *append(struct list *list)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 1024;
        list->items = realloc(list->items, (size_t)list->room * list->size);
        CHECK(list->items);
    }
    void *item = (char *)list->items + (size_t)list->count++ * list->size;

    return memset(item, 0, list->size);
}

static int compare_owners(const struct owned *a, const struct owned *b)
{
    return a->file != b->file ? a->file - b->file : strcmp(a->account_no, b->account_no);
}

static int by_subject(const void *a, const void *b)
{
    const struct filed_account *x = a, *y = b;
    int order = strcmp(x->subject, y->subject);

    return order ? order : compare_owners(&x->owner, &y->owner);
}

static int by_owner(const void *a, const void *b)
{
    const struct filed_month *x = a, *y = b;
    int order = compare_owners(&x->owner, &y->owner);

    return order ? order : y->amounts.period.number - x->amounts.period.number;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- Reading ---- */

static const char *subject_name(struct portfolio *portfolio,
                                const struct identifier_field *identifier)
{
    return arena_format(&portfolio->arena, "%d:%s", (int)identifier->type, identifier->given);
}

static void file_account(struct portfolio *portfolio, int file, const struct account_record *record)
{
    struct filed_account *account = append(&portfolio->accounts);

    account->owner = (struct owned){file, arena_string(&portfolio->arena, record->account_no)};
    account->subject = subject_name(portfolio, &record->identifier);
    account->record = *record;
    account->record.currency = arena_string(&portfolio->arena, record->currency);
    account->record.business_type = arena_string(&portfolio->arena, record->business_type);
    account->is_closed = record->closed_on.is_present;
}

static bool file_month(struct portfolio *portfolio, int file,
                       const struct performance_record *record)
{
    struct period period;

    if (!period_from_wire(record->period_wire, &period))
        return false;
    struct filed_month *month = append(&portfolio->months);

    month->owner = (struct owned){file, arena_string(&portfolio->arena, record->account_no)};
    month->status = (struct ring_status){period, record->repay_status[0]};
    month->account_status = record->account_status;
    month->amounts = (struct ring_month){
        .period = period,
        .five_category = record->five_category,
        .days_overdue = record->days_overdue,
        .balance = record->balance,
        .due = record->due_amount,
        .paid = record->paid_amount,
        .overdue = record->overdue_amount,
    };
    if (period.number > portfolio->newest.number)
        portfolio->newest = period;
    return true;
}

static void file_fact(struct portfolio *portfolio, const struct record *record)
{
    if (record->kind == RECORD_KIND_BEHAVIOUR) {
        struct filed_behaviour *behaviour = append(&portfolio->behaviours);

        behaviour->record = record->fact.behaviour;
        behaviour->subject = subject_name(portfolio, &behaviour->record.identifier);
        behaviour->record.currency = arena_string(&portfolio->arena, behaviour->record.currency);
    } else if (record->kind == RECORD_KIND_STATEMENT) {
        struct filed_statement *statement = append(&portfolio->statements);

        statement->record = record->fact.statement;
        statement->subject = subject_name(portfolio, &statement->record.identifier);
        statement->record.currency = arena_string(&portfolio->arena, statement->record.currency);
    }
}

/* False: its month is none. */
static bool file_record(struct portfolio *portfolio, int file, const struct record *record)
{
    bool is_good = true;

    if (record->kind == RECORD_KIND_ACCOUNT) {
        file_account(portfolio, file, &record->account);
    } else if (record->kind == RECORD_KIND_PERFORMANCE) {
        is_good = file_month(portfolio, file, &record->performance);
    } else if (record->kind == RECORD_KIND_SUBJECT && record->subject.identifier_count) {
        struct filed_subject *subject = append(&portfolio->subjects);
        subject->subject = subject_name(portfolio, &record->subject.identifiers[0]);
        subject->kind = record->subject.kind;
    } else if (record->kind == RECORD_KIND_FLAG) {
        struct filed_flag *flag = append(&portfolio->flags);
        flag->subject = subject_name(portfolio, &record->flag.identifier);
        flag->status = record->flag.status;
        flag->expires_on = record->flag.expires_on;
    } else {
        file_fact(portfolio, record);
    }
    return is_good;
}

static bool read_file(struct ctx *ctx, struct portfolio *portfolio, int file, const char *path)
{
    const struct records_input input = {.path = path, .format = RECORDS_JSON};
    struct records records;
    struct finding finding;
    struct record record;
    Cix__V1__Record *proto;
    struct arena arena = {0}; /* of one record */
    struct ctx reading;
    enum records_result result;
    bool is_open = records_open(ctx, &input, &records);

    ctx_init(&reading, &arena);
    while (is_open && (result = records_next(&reading, &records, &proto)) != RECORDS_END) {
        if (result != RECORDS_GOOD || !record_from_proto(proto, &record, &finding)) {
            is_open =
                fail(ctx, ERR_INVALID, "FILE", "%s, line %lld: %s", path, (long long)records.line,
                     result != RECORDS_GOOD ? reading.error.message : "no record");
            break;
        }
        if (!file_record(portfolio, file, &record)) {
            is_open = fail(ctx, ERR_INVALID, "FILE", "%s, line %lld: %d is no month", path,
                           (long long)records.line, record.performance.period_wire);
            break;
        }
        arena_reset(&arena);
    }
    records_close(&records);
    arena_done(&arena);
    return is_open;
}

/* ---- Putting together ---- */

/* The months of an account: where they begin, how many, and what the latest says. */
static void find_months(const struct portfolio *portfolio, struct filed_account *account)
{
    const struct filed_month *months = portfolio->months.items;
    int low = 0, high = portfolio->months.count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (compare_owners(&months[middle].owner, &account->owner) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    account->first_month = low;
    while (low < portfolio->months.count &&
           compare_owners(&months[low].owner, &account->owner) == 0)
        low++;
    account->month_count = low - account->first_month;
    if (account->month_count) {
        int status = months[account->first_month].account_status;
        account->is_bad_debt = code_account_status_is_bad_debt(account->record.type, status);
        account->is_closed |= code_account_status_is_closed(account->record.type, status);
    }
}

static void put_together(struct portfolio *portfolio)
{
    struct filed_account *accounts = portfolio->accounts.items;
    int most = 0;

    qsort(portfolio->months.items, (size_t)portfolio->months.count, sizeof(struct filed_month),
          by_owner);
    qsort(accounts, (size_t)portfolio->accounts.count, sizeof(*accounts), by_subject);
    qsort(portfolio->subjects.items, (size_t)portfolio->subjects.count,
          sizeof(struct filed_subject), by_name);
    qsort(portfolio->flags.items, (size_t)portfolio->flags.count, sizeof(struct filed_flag),
          by_name);
    qsort(portfolio->behaviours.items, (size_t)portfolio->behaviours.count,
          sizeof(struct filed_behaviour), by_name);
    qsort(portfolio->statements.items, (size_t)portfolio->statements.count,
          sizeof(struct filed_statement), by_name);
    for (int i = 0, length = 0; i < portfolio->accounts.count; i++) {
        bool is_first = i == 0 || strcmp(accounts[i].subject, accounts[i - 1].subject) != 0;

        find_months(portfolio, &accounts[i]);
        if (is_first)
            *(int *)append(&portfolio->firsts) = i;
        length = is_first ? 1 : length + 1;
        most = length > most ? length : most;
    }
    size_t room = (size_t)most + 1;

    portfolio->rated = calloc(room, sizeof(*portfolio->rated));
    portfolio->numbers = calloc(room, sizeof(*portfolio->numbers));
    portfolio->statuses = calloc(room * RING_STATUS_SIZE, sizeof(*portfolio->statuses));
    portfolio->amounts = calloc(room * RING_MONTHS, sizeof(*portfolio->amounts));
    CHECK(portfolio->rated && portfolio->numbers && portfolio->statuses && portfolio->amounts);
}

bool portfolio_open(struct ctx *ctx, char *const *paths, int count, struct portfolio **result)
{
    struct portfolio *portfolio = calloc(1, sizeof(*portfolio));

    CHECK(portfolio);
    portfolio->accounts.size = sizeof(struct filed_account);
    portfolio->months.size = sizeof(struct filed_month);
    portfolio->subjects.size = sizeof(struct filed_subject);
    portfolio->flags.size = sizeof(struct filed_flag);
    portfolio->behaviours.size = sizeof(struct filed_behaviour);
    portfolio->statements.size = sizeof(struct filed_statement);
    portfolio->shown_behaviours.size = sizeof(struct behaviour_record);
    portfolio->shown_statements.size = sizeof(struct statement_record);
    portfolio->firsts.size = sizeof(int);
    for (int i = 0; i < count; i++) {
        if (!read_file(ctx, portfolio, i, paths[i])) {
            portfolio_close(portfolio);
            return false;
        }
    }
    put_together(portfolio);
    *result = portfolio;
    return true;
}

void portfolio_close(struct portfolio *portfolio)
{
    if (!portfolio)
        return;
    free(portfolio->accounts.items);
    free(portfolio->months.items);
    free(portfolio->subjects.items);
    free(portfolio->flags.items);
    free(portfolio->behaviours.items);
    free(portfolio->statements.items);
    free(portfolio->shown_behaviours.items);
    free(portfolio->shown_statements.items);
    free(portfolio->firsts.items);
    free(portfolio->rated);
    free(portfolio->numbers);
    free(portfolio->statuses);
    free(portfolio->amounts);
    arena_done(&portfolio->arena);
    free(portfolio);
}

/* ---- One subject ---- */

struct day portfolio_day(const struct portfolio *portfolio)
{
    return period_first_day(period_add(portfolio->newest, 1));
}

int portfolio_count(const struct portfolio *portfolio)
{
    return portfolio->firsts.count;
}

/* The months that an account's rings would hold, counted from its latest. */
static void show_months(struct portfolio *portfolio, const struct filed_account *account, int at,
                        struct rating_account *shown)
{
    const struct filed_month *months = portfolio->months.items;
    struct ring_status *statuses = portfolio->statuses + (size_t)at * RING_STATUS_SIZE;
    struct ring_month *amounts = portfolio->amounts + (size_t)at * RING_MONTHS;

    shown->statuses = statuses;
    shown->months = amounts;
    for (int i = 0; i < account->month_count; i++) {
        const struct filed_month *month = &months[account->first_month + i];
        int back = months[account->first_month].status.period.number - month->status.period.number;

        if (i == 0)
            shown->last_period = month->status.period;
        else if (month->status.period.number == month[-1].status.period.number)
            continue;
        if (back < RING_STATUS_SIZE)
            statuses[shown->status_count++] = month->status;
        if (back < RING_MONTHS)
            amounts[shown->month_count++] = month->amounts;
    }
}

static void show_account(struct portfolio *portfolio, const struct filed_account *account, int at)
{
    const struct account_record *record = &account->record;
    struct rating_account *shown = &portfolio->rated[at];

    *shown = (struct rating_account){
        .type = record->type,
        .business_type = record->business_type,
        .currency = record->currency,
        .limit = record->credit_limit.is_present ? record->credit_limit : record->original_amount,
        .opened_on = record->opened_on.day,
        .member_id = account->owner.file,
        .is_closed = account->is_closed,
        .is_bad_debt = account->is_bad_debt,
    };
    portfolio->numbers[at] = account->owner.account_no;
    show_months(portfolio, account, at, shown);
}

static enum subject_kind kind_of(const struct portfolio *portfolio, const char *subject)
{
    const struct filed_subject *found =
        bsearch(&subject, portfolio->subjects.items, (size_t)portfolio->subjects.count,
                sizeof(*found), by_name);

    return found ? found->kind : SUBJECT_KIND_PERSON;
}

static void find_flags(const struct portfolio *portfolio, const char *subject,
                       struct rating_input *input)
{
    const struct filed_flag *flags = portfolio->flags.items;

    for (int i = 0; i < portfolio->flags.count; i++) {
        bool has_ended =
            flags[i].expires_on.is_present && flags[i].expires_on.day.number < input->as_of.number;

        if (has_ended || strcmp(flags[i].subject, subject) != 0)
            continue;
        input->facts.is_listed |= flags[i].status == FLAG_STATUS_LISTED;
        input->facts.is_in_grace |= flags[i].status == FLAG_STATUS_GRACE;
        input->facts.is_suspended |= flags[i].status == FLAG_STATUS_SUSPENDED;
    }
}

/* The first of a sorted list that is about the subject; where it would stand when there is none. */
static int first_of(const struct list *list, const char *subject)
{
    int low = 0, high = list->count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        const void *item = (const char *)list->items + (size_t)middle * list->size;

        if (by_name(item, &subject) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void show_facts(struct portfolio *portfolio, const char *subject, struct rating_input *input)
{
    const struct filed_behaviour *behaviours = portfolio->behaviours.items;
    const struct filed_statement *statements = portfolio->statements.items;

    portfolio->shown_behaviours.count = portfolio->shown_statements.count = 0;
    for (int i = first_of(&portfolio->behaviours, subject);
         i < portfolio->behaviours.count && strcmp(behaviours[i].subject, subject) == 0; i++)
        *(struct behaviour_record *)append(&portfolio->shown_behaviours) = behaviours[i].record;
    for (int i = first_of(&portfolio->statements, subject);
         i < portfolio->statements.count && strcmp(statements[i].subject, subject) == 0; i++)
        *(struct statement_record *)append(&portfolio->shown_statements) = statements[i].record;
    input->behaviours = portfolio->shown_behaviours.items;
    input->behaviour_count = portfolio->shown_behaviours.count;
    input->statements = portfolio->shown_statements.items;
    input->statement_count = portfolio->shown_statements.count;
}

void portfolio_subject(struct portfolio *portfolio, int at, struct day as_of,
                       struct portfolio_subject *subject)
{
    const struct filed_account *accounts = portfolio->accounts.items;
    const int *firsts = portfolio->firsts.items;
    int first = firsts[at];
    int end = at + 1 < portfolio->firsts.count ? firsts[at + 1] : portfolio->accounts.count;

    for (int i = first; i < end; i++)
        show_account(portfolio, &accounts[i], i - first);
    *subject = (struct portfolio_subject){
        .account_no = accounts[first].owner.account_no,
        .account_numbers = portfolio->numbers,
        .input = {.as_of = as_of,
                  .kind = kind_of(portfolio, accounts[first].subject),
                  .facts = {.is_known = true},
                  .accounts = portfolio->rated,
                  .account_count = end - first},
    };
    find_flags(portfolio, accounts[first].subject, &subject->input);
    show_facts(portfolio, accounts[first].subject, &subject->input);
}
