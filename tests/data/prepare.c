/*
 * cix-prepare: turns the three public files beside it into the submissions of eleven made members.
 *
 *     cix-prepare [--rows N] [--today YYYYMMDD] [--last-period YYYYMM] [--outcomes FILE]
 *                 [--cards FILE] FROM TO
 *
 * FROM is this folder, TO receives one NAME.jsonl a contributing member (one cix.v1.Record in JSON
 * a line), members.tsv and asks.tsv. The same input gives the same output, byte for byte. README.md
 * beside this file fixes the mapping. Amounts, dates and states of payment are real; every
 * identity, and which identities the files share, is made.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/csv.h"
#include "data/identity.h"

enum {
    COLUMN_MAX = 25,
    CLIENT_MAX = 49000, /* identities of one block */
    BANKS = 4,
    PLATFORMS = 3,
    SBA_LENDERS = 6,
    FLAGS = 50,
    FLAGS_EVERY = 7, /* every seventh client gets one until all are given out */
    LINKED_EVERY = 3,
    CARD_MONTHS = 6,
};

struct member {
    const char *code;
    const char *type;
    const char *roles;
    const char *name;
    FILE *out;
    FILE *questions; /* with --cards: whom the bank may ask about */
};

/* Banks first, then micro-lenders: the SBA file is spread over the first six. */
static struct member members[] = {
    {"bank-a", "bank", "contributor,lender", "海棠银行（示例）", NULL, NULL},
    {"bank-b", "bank", "contributor,lender", "松柏银行（示例）", NULL, NULL},
    {"bank-c", "bank", "contributor,lender", "银杏银行（示例）", NULL, NULL},
    {"bank-d", "bank", "contributor,lender", "竹林银行（示例）", NULL, NULL},
    {"micro-a", "micro-loan", "contributor,lender", "明德小贷（示例）", NULL, NULL},
    {"micro-b", "micro-loan", "contributor,lender", "厚朴小贷（示例）", NULL, NULL},
    {"p2p-a", "p2p", "contributor,lender", "蓝田网贷（示例）", NULL, NULL},
    {"p2p-b", "p2p", "contributor,lender", "和平网贷（示例）", NULL, NULL},
    {"p2p-c", "p2p", "contributor,lender", "星火网贷（示例）", NULL, NULL},
    {"court", "court", "court", "清水法院（示例）", NULL, NULL},
    {"regulator", "regulator", "regulator", "监管局（示例）", NULL, NULL},
};
enum { FIRST_PLATFORM = 6, COURT = 9, MEMBERS = 11 };

/* A card client, kept so that loans and flags can name it again. */
struct client {
    struct party party;
    unsigned members; /* bits: members that hold an account */
    int worst;        /* months late at worst */
};

struct run {
    const char *from;
    const char *to;
    int rows;
    struct day today;
    struct period last_period; /* of the card months: September 2005 unless told otherwise */
    FILE *outcomes;            /* NULL: what came of the cards is not written anywhere */
    const char *cards;         /* this file alone, checked line by line; NULL: all three of FROM */
    struct client *clients;
    int client_count;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "cix-prepare: %s: %s\n", what, why);
    exit(1);
}

static const char *identifier_type(const struct party *party)
{
    return party->sex == 0 ? "IDENTIFIER_TYPE_USCC" : "IDENTIFIER_TYPE_RESIDENT_ID";
}

static void put_identifier(FILE *out, const struct party *party)
{
    fprintf(out, "{\"type\":\"%s\",\"value\":\"%s\"}", identifier_type(party), party->number);
}

/* The hash of the document that a real member would hold; here of the consent's own id. */
static void put_document_hash(FILE *out, const char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct digest digest = digest_of(text, strlen(text));
    for (int i = 0; i < DIGEST_SIZE; i += 3) {
        unsigned group = (unsigned)digest.bytes[i] << 16;
        group |= i + 1 < DIGEST_SIZE ? (unsigned)digest.bytes[i + 1] << 8 : 0;
        group |= i + 2 < DIGEST_SIZE ? (unsigned)digest.bytes[i + 2] : 0;
        fputc(alphabet[group >> 18 & 63], out);
        fputc(alphabet[group >> 12 & 63], out);
        fputc(i + 1 < DIGEST_SIZE ? alphabet[group >> 6 & 63] : '=', out);
        fputc(i + 2 < DIGEST_SIZE ? alphabet[group & 63] : '=', out);
    }
}

static void put_consent(const struct run *run, struct member *member, const struct party *party)
{
    char id[37];
    int32_t from = day_to_wire(day_add(run->today, -30));
    made_uuid(member->code, party->number, id);
    fprintf(member->out, "{\"consent\":{\"consentId\":\"%s\",\"identifier\":", id);
    put_identifier(member->out, party);
    fprintf(member->out,
            ",\"purposes\":[\"PURPOSE_LOAN_APPROVAL\",\"PURPOSE_CARD_APPROVAL\"],"
            "\"dataClasses\":[\"DATA_CLASS_BASIC\",\"DATA_CLASS_CREDIT\",\"DATA_CLASS_DISHONEST\","
            "\"DATA_CLASS_RATING\"],"
            "\"form\":\"CONSENT_FORM_E_SIGNATURE\",\"signedOn\":%d,\"effectiveOn\":%d,"
            "\"expiresOn\":%d,\"documentHash\":\"",
            from, from, day_to_wire(day_add(run->today, 3 * 365)));
    put_document_hash(member->out, id);
    fputs("\"}}\n", member->out);
}

static void put_subject(FILE *out, const struct party *party, const char *region,
                        const char *industry)
{
    fprintf(out, "{\"subject\":{\"kind\":\"%s\",\"name\":\"%s\",\"identifiers\":[",
            party->sex == 0 ? "SUBJECT_KIND_ENTERPRISE" : "SUBJECT_KIND_PERSON", party->name);
    put_identifier(out, party);
    fprintf(out, "],\"segment\":\"%s\",\"region\":\"%s\"",
            party->sex == 0 ? "SEGMENT_MICRO_SMALL" : "SEGMENT_OTHER", region);
    if (party->sex == 0)
        fprintf(out, ",\"industry\":\"%s\"", industry);
    else
        fprintf(out, ",\"birthOn\":%d,\"sex\":%d", day_to_wire(party->born), party->sex);
    fputs("}}\n", out);
}

/* The open part of an account record; the caller adds fields and closes it. */
static void begin_account(FILE *out, const struct party *party, const char *number)
{
    fprintf(out, "{\"account\":{\"accountNo\":\"%s\",\"identifier\":", number);
    put_identifier(out, party);
}

/* One month of an account as it is reported. */
struct month {
    struct period period;
    char status;
    int days_overdue;
    int64_t balance;
    int64_t paid;
    bool has_due; /* due_amount 0: the month of disbursement */
};

/* Members report on the tenth of the next month. */
static void put_month(FILE *out, const char *number, const struct month *month, bool is_loan)
{
    struct day reported = day_add(period_first_day(period_add(month->period, 1)), 9);
    fprintf(out,
            "{\"performance\":{\"accountNo\":\"%s\",\"period\":%d,\"accountStatus\":%d,"
            "\"repayStatus\":\"%c\",\"balance\":\"%" PRId64 "\",",
            number, period_to_wire(month->period), is_loan && month->days_overdue > 0 ? 2 : 1,
            month->status, month->balance);
    if (month->has_due)
        fputs("\"dueAmount\":\"0\",", out);
    else
        fprintf(out, "\"paidAmount\":\"%" PRId64 "\",", month->paid);
    fprintf(out, "\"daysOverdue\":%d,\"reportedOn\":%d}}\n", month->days_overdue,
            day_to_wire(reported));
}

/* A CSV file, gzipped or not, row by row. */
struct table {
    gzFile file;
    char path[1024];
    struct csv_reader reader;
    const char *columns[COLUMN_MAX];
    int column_count;
    int row; /* of cards: what the made identity follows from */
};

/* Ends with the line that is wrong. */
static void die_at(const struct table *table, int64_t line, const char *why)
{
    char where[1100];

    snprintf(where, sizeof(where), "%s, line %" PRId64, table->path, line);
    die(where, why);
}

static long read_bytes(void *file, char *data, size_t room)
{
    return gzread(file, data, (unsigned)room);
}

static bool next_row(struct table *table)
{
    enum csv_result result = csv_read(&table->reader);
    const struct csv_row *row = &table->reader.row;

    if (result == CSV_BROKEN)
        die_at(table, table->reader.error.line, table->reader.error.message);
    table->column_count = 0;
    for (int i = 0; result == CSV_ROW && i < row->count; i++) {
        if (i < COLUMN_MAX)
            table->columns[i] = row->cells[i].text;
        table->column_count++;
    }
    return result == CSV_ROW;
}

/* The names of the first line are those of heading, no more and no fewer. */
static void check_heading(const struct table *table, const char *heading)
{
    char name[64], why[256];
    int column = 0;

    for (; *heading; heading += strspn(heading, ","), column++) {
        size_t size = strcspn(heading, ",");
        const char *given = column < table->column_count ? table->columns[column] : "nothing";
        snprintf(name, sizeof(name), "%.*s", (int)size, heading);
        snprintf(why, sizeof(why), "not the expected columns: %.40s instead of %s, the column %d",
                 given, name, column + 1);
        if (strcmp(name, given) != 0)
            die(table->path, why);
        heading += size;
    }
    snprintf(why, sizeof(why), "not the expected columns: %d instead of %d", table->column_count,
             column);
    if (table->column_count != column)
        die(table->path, why);
}

/* Opens a file of the folder and checks its first line, so that a wrong file is not read. */
static void open_table(const struct run *run, const char *name, const char *heading,
                       struct table *table)
{
    *table = (struct table){0};
    snprintf(table->path, sizeof(table->path), "%s%s%s", run->cards ? "" : run->from,
             run->cards ? "" : "/", name);
    table->file = gzopen(table->path, "rb");
    if (table->file == NULL)
        die(table->path, "cannot be read");
    csv_init(&table->reader, read_bytes, table->file);
    if (!next_row(table))
        die(table->path, "empty, or damaged");
    check_heading(table, heading);
}

static void close_table(struct table *table)
{
    csv_done(&table->reader);
    gzclose(table->file);
}

/* A whole number; it may have been written as "1500.0". */
static int64_t number_at(const struct table *table, int column)
{
    const char *text = column < table->column_count ? table->columns[column] : "";
    char *end;
    errno = 0;
    int64_t number = strtoll(text, &end, 10);
    if (end != text && *end == '.')
        end += 1 + strspn(end + 1, "0");
    if (end == text || *end != '\0' || errno != 0)
        die_at(table, table->reader.row.line, "a whole number is missing");
    return number;
}

/* -2 no use, -1 paid in full, 0 revolving, k months late: 30 k - 29 days at least. */
static void map_card_status(int64_t status, struct month *month)
{
    month->days_overdue = status >= 1 ? (int)(30 * status - 29) : 0;
    if (status == -2)
        month->status = '*';
    else if (status <= 0)
        month->status = 'N';
    else
        month->status = (char)('0' + (status > 7 ? 7 : status));
}

/* Columns of the card file: the status of September is 4, of April 9; then bills, then payments. */
enum {
    CARD_ID,
    CARD_LIMIT,
    CARD_SEX,
    CARD_AGE = 5,
    CARD_STATUS = 6,
    CARD_BILL = 12,
    CARD_PAID = 18,
    CARD_OUTCOME = 24,
};

static void put_card_months(const struct run *run, const struct table *table, const char *number,
                            struct client *client)
{
    FILE *out = members[made_below("card-member", table->row, BANKS)].out;
    for (int back = CARD_MONTHS - 1; back >= 0; back--) {
        int64_t status = number_at(table, CARD_STATUS + back);
        struct month month = {.period = period_add(run->last_period, -back),
                              .balance = number_at(table, CARD_BILL + back) * 100,
                              .paid = number_at(table, CARD_PAID + back) * 100};
        map_card_status(status, &month);
        put_month(out, number, &month, false);
        if (status > client->worst)
            client->worst = (int)status;
    }
}

static void put_card(struct run *run, const struct table *table)
{
    int row = table->row;
    struct client *client = &run->clients[run->client_count++];
    int bank = made_below("card-member", row, BANKS);
    char number[32];
    /* The age is that of September 2005. */
    struct day september = day_of_civil(2005, 9, 30);
    int age = (int)number_at(table, CARD_AGE);
    client->party.born =
        day_add(day_add_months(september, -12 * age), -made_below("born", row, 360));
    client->party.sex = (int)number_at(table, CARD_SEX);
    make_person(REGION_CARD, row, &client->party);
    client->members = 1U << bank;
    FILE *out = members[bank].out;
    snprintf(number, sizeof(number), "CARD-%06d", row);
    put_consent(run, &members[bank], &client->party);
    put_subject(out, &client->party, "710000", "");
    begin_account(out, &client->party, number);
    fprintf(out,
            ",\"type\":\"ACCOUNT_TYPE_R2\",\"businessType\":\"81\",\"currency\":\"TWD\","
            "\"creditLimit\":\"%" PRId64 "\",\"openedOn\":%d,\"region\":\"710000\"}}\n",
            number_at(table, CARD_LIMIT) * 100,
            day_to_wire(day_add(period_last_day(period_add(run->last_period, -CARD_MONTHS)),
                                -made_below("opened", row, 540))));
    put_card_months(run, table, number, client);
    if (run->outcomes != NULL)
        fprintf(run->outcomes, "%s,%" PRId64 "\n", number, number_at(table, CARD_OUTCOME));
}

static const char card_columns[] =
    "ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,BILL_AMT1,"
    "BILL_AMT2,BILL_AMT3,BILL_AMT4,BILL_AMT5,BILL_AMT6,PAY_AMT1,PAY_AMT2,PAY_AMT3,PAY_AMT4,"
    "PAY_AMT5,PAY_AMT6,DEFAULT_NEXT_MONTH";

/* What a cell of the card file may hold; amounts are in dollars. */
struct card_range {
    int column, last;
    int64_t low, high;
};

/* Whatever the ID says: rows may be renumbered, and the same one may stand there twice. */
static void check_card(const struct table *table)
{
    static const struct card_range ranges[] = {
        {CARD_LIMIT, CARD_LIMIT, 0, 1000000000},
        {CARD_SEX, CARD_SEX, 1, 2},
        {CARD_AGE, CARD_AGE, 18, 100},
        {CARD_STATUS, CARD_BILL - 1, -2, 8},
        {CARD_BILL, CARD_PAID - 1, -1000000000, 1000000000},
        {CARD_PAID, CARD_OUTCOME - 1, 0, 1000000000},
        {CARD_OUTCOME, CARD_OUTCOME, 0, 1},
    };

    if (table->column_count != COLUMN_MAX)
        die_at(table, table->reader.row.line, "not 25 columns");
    for (size_t i = 0; i < ARRAY_LENGTH(ranges); i++) {
        for (int column = ranges[i].column; column <= ranges[i].last; column++) {
            int64_t number = number_at(table, column);
            if (number < ranges[i].low || number > ranges[i].high)
                die_at(table, table->reader.row.line, "a number is out of its range");
        }
    }
}

/* A question of the bank that holds the card, for `cix rating batch`. */
static void put_question(const struct run *run, const struct table *table)
{
    const struct party *party = &run->clients[run->client_count - 1].party;
    int row = table->row;

    fprintf(members[made_below("card-member", row, BANKS)].questions, "%s,%s,%s,CARD-%06d\n",
            identifier_type(party) + strlen("IDENTIFIER_TYPE_"), party->number, party->name, row);
}

static void prepare_cards(struct run *run)
{
    struct table table;

    open_table(run, run->cards ? run->cards : "taiwan_credit_card_70.csv.gz", card_columns, &table);
    while (run->client_count < run->rows && next_row(&table)) {
        check_card(&table);
        table.row = run->cards ? run->client_count + 1 : (int)number_at(&table, CARD_ID);
        put_card(run, &table);
        if (run->cards)
            put_question(run, &table);
    }
    if (run->client_count == 0)
        die(table.path, "no rows");
    if (run->cards && run->client_count == CLIENT_MAX && next_row(&table))
        die(table.path, "more than 49000 rows");
    close_table(&table);
}

/* "13.99" per cent to 1399 basis points. */
static int rate_bps(const char *text)
{
    int whole = 0, hundredths = 0;
    char digits[3] = "00";
    const char *point = strchr(text, '.');
    whole = (int)strtol(text, NULL, 10);
    for (int i = 0; point != NULL && i < 2 && point[1 + i] != '\0'; i++)
        digits[i] = point[1 + i];
    hundredths = (int)strtol(digits, NULL, 10);
    return whole * 100 + hundredths;
}

enum { LOAN_ID, LOAN_AMOUNT, LOAN_TERM, LOAN_RATE, LOAN_STATE };

/* Every third loan is given to a card client; the others get a person of their own. */
static const struct party *loan_party(struct run *run, int row, int platform, struct party *own)
{
    if (row % LINKED_EVERY == 0 && run->client_count > 0) {
        struct client *client = &run->clients[made_below("link", row, run->client_count)];
        client->members |= 1U << platform;
        return &client->party;
    }
    own->born = day_add(day_of_civil(1950, 1, 1), made_below("loan-born", row, 45 * 365));
    own->sex = 1 + made_below("loan-sex", row, 2);
    make_person(REGION_LOAN, row, own);
    return own;
}

static void put_loan(struct run *run, const struct table *table)
{
    int row = (int)number_at(table, LOAN_ID);
    int platform = FIRST_PLATFORM + made_below("loan-member", row, PLATFORMS);
    struct party own;
    const struct party *party = loan_party(run, row, platform, &own);
    struct member *member = &members[platform];
    char number[32], region[16];
    int64_t amount = number_at(table, LOAN_AMOUNT) * 100;
    int term = strcmp(table->columns[LOAN_TERM], "term_60") == 0 ? 60 : 36;
    struct day opened = day_add(day_of_civil(2016, 1, 1), made_below("loan-opened", row, 90));
    struct month month = {
        .period = period_of_day(opened), .status = '*', .balance = amount, .has_due = true};
    snprintf(number, sizeof(number), "LOAN-%06d", row);
    snprintf(region, sizeof(region), "US-%.2s", table->columns[LOAN_STATE]);
    put_consent(run, member, party);
    put_subject(member->out, party, region, "");
    begin_account(member->out, party, number);
    fprintf(member->out,
            ",\"type\":\"ACCOUNT_TYPE_D1\",\"businessType\":\"P1\",\"currency\":\"USD\","
            "\"originalAmount\":\"%" PRId64 "\",\"openedOn\":%d,\"maturesOn\":%d,"
            "\"termMonths\":%d,\"annualRateBps\":%d,\"repayFrequency\":3,\"security\":4,"
            "\"region\":\"%s\",\"channel\":2,\"platformCode\":\"%s\"}}\n",
            amount, day_to_wire(opened), day_to_wire(day_add_months(opened, term)), term,
            rate_bps(table->columns[LOAN_RATE]), region, member->code);
    put_month(member->out, number, &month, true);
}

static void prepare_loans(struct run *run)
{
    struct table table;
    open_table(run, "lending_club_9857.csv.gz", "row_id,funded_amnt,term,int_rate,addr_state",
               &table);
    for (int count = 0; count < run->rows && next_row(&table); count++)
        put_loan(run, &table);
    close_table(&table);
}

/* NAICS 531 is real estate, 532 and 533 are leasing. */
struct trade {
    const char *naics;
    const char *industry; /* GB/T 4754 */
    const char *name;
};

static const struct trade trades[] = {
    {"531", "K70", "房地产"},
    {"532", "L71", "租赁"},
    {"533", "L71", "租赁"},
};

static const struct trade *trade_of(const char *naics)
{
    for (size_t i = 0; i < ARRAY_LENGTH(trades); i++) {
        if (strncmp(trades[i].naics, naics, 3) == 0)
            return &trades[i];
    }
    return &trades[0];
}

enum { FIRM_ROW, FIRM_NAICS, FIRM_DISBURSED, FIRM_AMOUNT };

static void put_firm(const struct run *run, const struct table *table)
{
    int row = (int)number_at(table, FIRM_ROW);
    struct member *member = &members[made_below("firm-member", row, SBA_LENDERS)];
    const struct trade *trade = trade_of(table->columns[FIRM_NAICS]);
    int64_t amount = number_at(table, FIRM_AMOUNT) * 100;
    struct day opened =
        day_add(day_of_civil(1960, 1, 1), (int32_t)number_at(table, FIRM_DISBURSED));
    struct month month = {
        .period = period_of_day(opened), .status = '*', .balance = amount, .has_due = true};
    struct party party;
    char number[32];
    make_firm(row, trade->name, &party);
    snprintf(number, sizeof(number), "FIRM-%06d", row);
    put_consent(run, member, &party);
    put_subject(member->out, &party, "US-CA", trade->industry);
    begin_account(member->out, &party, number);
    fprintf(member->out,
            ",\"type\":\"ACCOUNT_TYPE_D1\",\"businessType\":\"41\",\"currency\":\"USD\","
            "\"originalAmount\":\"%" PRId64 "\",\"openedOn\":%d,\"region\":\"US-CA\","
            "\"industry\":\"%s\",\"channel\":1}}\n",
            amount, day_to_wire(opened), trade->industry);
    put_month(member->out, number, &month, true);
}

static void prepare_firms(const struct run *run)
{
    struct table table;
    open_table(run, "sba_california_2101.csv.gz", "row_id,NAICS,DisbursementDate,DisbursementGross",
               &table);
    for (int count = 0; count < run->rows && next_row(&table); count++) {
        /* Two loans have no date of disbursement. */
        if (*table.columns[FIRM_DISBURSED] != '\0')
            put_firm(run, &table);
    }
    close_table(&table);
}

static void put_flag(const struct run *run, int number, const struct party *party)
{
    FILE *out = members[COURT].out;
    char id[37];
    struct day published = day_add(run->today, -30 - made_below("published", number, 500));
    struct day filed = day_add(published, -60);
    int ground = 1 + number % 6;
    int year, month, day;
    day_to_civil(filed, &year, &month, &day);
    made_uuid("flag", party->number, id);
    fprintf(out, "{\"flag\":{\"flagId\":\"%s\",\"identifier\":", id);
    put_identifier(out, party);
    fprintf(out,
            ",\"name\":\"%s\",\"caseNo\":\"(%d)测9901执%d号\",\"court\":\"清水法院（示例）\","
            "\"filedOn\":%d,\"publishedOn\":%d,\"ground\":%d,\"performance\":1,",
            party->name, year, number + 1, day_to_wire(filed), day_to_wire(published), ground);
    if (ground != 1)
        fprintf(out, "\"expiresOn\":%d,", day_to_wire(day_add_months(published, 24)));
    fputs("\"status\":\"FLAG_STATUS_LISTED\",\"restrictions\":[1,2]}}\n", out);
}

static void prepare_flags(const struct run *run)
{
    for (int i = 0; i < FLAGS && i * FLAGS_EVERY < run->client_count; i++)
        put_flag(run, i, &run->clients[i * FLAGS_EVERY].party);
}

static bool is_flagged(int client)
{
    return client % FLAGS_EVERY == 0 && client / FLAGS_EVERY < FLAGS;
}

/* The client whom most members know; among them the one most months late. */
static int most_joined(const struct run *run)
{
    int best = 0;
    for (int i = 0; i < run->client_count; i++) {
        int know = __builtin_popcount(run->clients[i].members) * 10 + run->clients[i].worst;
        int known = __builtin_popcount(run->clients[best].members) * 10 + run->clients[best].worst;
        if (know > known && !is_flagged(i))
            best = i;
    }
    return best;
}

static FILE *open_output(const struct run *run, const char *name, const char *suffix)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s%s", run->to, name, suffix);
    FILE *out = fopen(path, "we");
    if (out == NULL)
        die(path, strerror(errno));
    return out;
}

static void close_output(FILE *out)
{
    bool is_bad = ferror(out) != 0;
    if (fclose(out) != 0 || is_bad)
        die("output", "cannot be written");
}

static void put_ask(FILE *out, const char *word, const struct client *client)
{
    fprintf(out, "%s\tRESIDENT_ID\t%s\t%s\t", word, client->party.number, client->party.name);
    for (int i = 0; i < MEMBERS; i++) {
        if ((client->members & 1U << i) != 0)
            fprintf(out, "%s ", members[i].code);
    }
    fputc('\n', out);
}

/* Who is worth asking for: word, identifier type, identifier, name, members that know it. */
static void prepare_asks(const struct run *run)
{
    if (run->client_count < 3)
        return;
    FILE *out = open_output(run, "asks", ".tsv");
    put_ask(out, "joined", &run->clients[most_joined(run)]);
    put_ask(out, "flagged", &run->clients[0]);
    put_ask(out, "clean", &run->clients[1]);
    close_output(out);
}

static void open_members(const struct run *run)
{
    FILE *list = open_output(run, "members", ".tsv");
    for (int i = 0; i < MEMBERS; i++) {
        fprintf(list, "%s\t%s\t%s\t%s\n", members[i].code, members[i].type, members[i].roles,
                members[i].name);
        if (strcmp(members[i].roles, "regulator") != 0)
            members[i].out = open_output(run, members[i].code, ".jsonl");
        if (run->cards && i < BANKS) {
            members[i].questions = open_output(run, members[i].code, ".csv");
            fputs("identifier_type,identifier_value,name,cix_account_no\n", members[i].questions);
        }
    }
    close_output(list);
}

static void usage(void)
{
    fputs("usage: cix-prepare [--rows N] [--today YYYYMMDD] [--last-period YYYYMM]"
          " [--outcomes FILE] [--cards FILE] FROM TO\n",
          stderr);
    exit(2);
}

static bool read_option(struct run *run, const char *name, const char *value)
{
    int64_t number;
    if (strcmp(name, "--rows") == 0 && text_to_int64(value, &number) && number >= 1 &&
        number <= CLIENT_MAX) {
        run->rows = (int)number;
        return true;
    }
    if (strcmp(name, "--today") == 0)
        return day_parse(value, &run->today);
    if (strcmp(name, "--last-period") == 0)
        return period_parse(value, &run->last_period);
    if (strcmp(name, "--cards") == 0) {
        run->cards = value;
        return true;
    }
    if (strcmp(name, "--outcomes") != 0)
        return false;
    run->outcomes = fopen(value, "we");
    if (run->outcomes == NULL)
        die(value, strerror(errno));
    fputs("account_no,outcome\n", run->outcomes);
    return true;
}

static void read_arguments(int count, char **arguments, struct run *run)
{
    int at = 1;
    CHECK(period_from_wire(200509, &run->last_period));
    for (; at + 1 < count && strncmp(arguments[at], "--", 2) == 0; at += 2) {
        if (!read_option(run, arguments[at], arguments[at + 1]))
            usage();
    }
    if (count - at != 2)
        usage();
    run->from = arguments[at];
    run->to = arguments[at + 1];
}

int main(int count, char **arguments)
{
    struct run run = {.rows = CLIENT_MAX, .today = clock_day_of(clock_now_us())};
    read_arguments(count, arguments, &run);
    if (mkdir(run.to, 0777) != 0 && errno != EEXIST)
        die(run.to, strerror(errno));
    run.clients = calloc(CLIENT_MAX, sizeof(*run.clients));
    CHECK(run.clients != NULL);
    open_members(&run);
    prepare_cards(&run);
    if (!run.cards) {
        prepare_loans(&run);
        prepare_firms(&run);
        prepare_flags(&run);
        prepare_asks(&run);
    }
    for (int i = 0; i < MEMBERS; i++) {
        if (members[i].out != NULL)
            close_output(members[i].out);
        if (members[i].questions != NULL)
            close_output(members[i].questions);
    }
    if (run.outcomes != NULL)
        close_output(run.outcomes);
    free(run.clients);
    return 0;
}
