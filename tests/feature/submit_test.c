/*
 * Goal: the files that members have become records: the samples are taken as they are and through
 * their maps; what a dry run says is what the exchange says; rejects can be mended and sent again.
 * Method: the built cix as a process, with a whole exchange, on copies of client/samples.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/records.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024, PATH_ROOM = 512 };

static struct exchange exchange;
static char output[OUTPUT_MAX];
static char folder[PATH_ROOM]; /* copies of the samples */

/* Who sends the sample of a kind. */
static const struct {
    const char *kind, *file, *member;
} samples[] = {
    {"consent", "consent.csv", "bank-one"},
    {"subject", "subject.csv", "bank-one"},
    {"account", "account.csv", "bank-one"},
    {"performance", "performance.csv.gz", "bank-one"},
    {"flag", "flag.csv", "court-one"},
    {"account_event", "account_event.csv", "bank-one"},
    {"party", "party.csv", "bank-one"},
    {"public_record", "public_record.csv", "court-one"},
    {"fraud_case", "fraud_case.csv", "bank-one"},
    {"behaviour", "behaviour.csv", "bank-one"},
    {"statement", "statement.csv", "bank-one"},
    {"fund_report", "fund_report.csv", "platform-one"},
    {"collection", "collection.csv", "bank-one"},
    {"member_grade", "member_grade.csv", "bank-one"},
    {"grade_map", "grade_map.csv", "bank-one"},
    {"dealer", "dealer.csv", "bank-one"},
};

/* A member that may contribute all there is. */
static void add_member(const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.data_classes = (1u << 8) - 1;
    exchange_member_put(&exchange, &member);
}

static void shell(const char *format, ...) PRINTF_LIKE(1, 2);

static void shell(const char *format, ...)
{
    char command[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    add_member("bank-one", MEMBER_TYPE_BANK);
    add_member("bank-two", MEMBER_TYPE_BANK);
    add_member("court-one", MEMBER_TYPE_COURT);
    add_member("platform-one", MEMBER_TYPE_P2P);
    add_member("custodian-one", MEMBER_TYPE_BANK);
    exchange_settle();
    snprintf(folder, sizeof(folder), "%s/samples", exchange.folder);
    shell("cp -r " CIX_SOURCE_DIR "/client/samples %s", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

static int cix(const char *member, const char *format, ...) PRINTF_LIKE(2, 3);

static int cix(const char *member, const char *format, ...)
{
    char words[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    return member ? shell_cix_as(&exchange, member, words, output, sizeof(output))
                  : shell_cix(words, output, sizeof(output));
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void write_file(const char *name, const char *text)
{
    char path[PATH_ROOM * 2];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The whole of a file; "" when there is none. */
static const char *read_file(const char *name)
{
    static char text[OUTPUT_MAX];
    char path[PATH_ROOM * 2];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    *text = '\0';
    if (file) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

/* Whether the rules know records of this kind. */
static bool is_known(const char *kind)
{
    char name[64];
    size_t i;

    for (i = 0; kind[i]; i++)
        name[i] = (char)toupper((unsigned char)kind[i]);
    name[i] = '\0';
    return code_find_name(&code_record_kinds, name) != NULL;
}

/* All records of a file, packed one behind the other. */
static size_t pack_all(const struct records_input *input, uint8_t *packed, size_t room)
{
    static struct records records;
    enum records_result result;
    Cix__V1__Record *record;
    struct arena arena;
    struct ctx ctx;
    size_t size = 0;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!records_open(&ctx, input, &records))
        fail_msg("%s", ctx.error.message);
    while ((result = records_next(&ctx, &records, &record)) == RECORDS_GOOD) {
        assert_true(size + cix__v1__record__get_packed_size(record) < room);
        size += cix__v1__record__pack(record, packed + size);
    }
    if (result != RECORDS_END)
        fail_msg("%s: %s", input->path, ctx.error.message);
    records_close(&records);
    arena_done(&arena);
    return size;
}

static void every_kind_has_a_sample(void **state)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;
    size_t kinds = 0;

    (void)state;
    for (unsigned i = 0; i < record->n_fields; i++)
        kinds += records_kind(record->fields[i].name) != NULL;
    assert_int_equal(kinds, ARRAY_LENGTH(samples));
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++)
        assert_non_null(records_kind(samples[i].kind));
}

static void a_map_makes_the_records_of_the_plain_sample(void **state)
{
    static uint8_t plain[OUTPUT_MAX], mapped[OUTPUT_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        char path[PATH_ROOM * 2], own[PATH_ROOM * 2], map[PATH_ROOM * 2];
        struct records_input input = {.path = path, .kind = samples[i].kind};
        struct arena arena;
        struct ctx ctx;
        snprintf(path, sizeof(path), "%s/%s.csv", folder, samples[i].kind);
        snprintf(own, sizeof(own), "%s/own/%s", folder, samples[i].file);
        snprintf(map, sizeof(map), "%s/own/%s.map", folder, samples[i].kind);
        size_t size = pack_all(&input, plain, sizeof(plain));
        arena_init(&arena, 0);
        ctx_init(&ctx, &arena);
        if (!map_read(&ctx, map, &input.map))
            fail_msg("%s", ctx.error.message);
        input.path = own;
        input.encoding = input.map->encoding;
        assert_int_equal(pack_all(&input, mapped, sizeof(mapped)), size);
        if (memcmp(plain, mapped, size) != 0)
            fail_msg("%s: the map makes other records", samples[i].kind);
        arena_done(&arena);
    }
}

static void every_sample_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        if (!is_known(samples[i].kind)) {
            print_message("%s: there are no rules for it yet\n", samples[i].kind);
            continue;
        }
        if (cix(samples[i].member, "submit --quiet %s/%s.csv", folder, samples[i].kind) != 0)
            fail_msg("%s: %s", samples[i].kind, output);
        if (cix(samples[i].member, "submit --quiet %s/own/%s --map %s/own", folder, samples[i].file,
                folder) != 0)
            fail_msg("own/%s: %s", samples[i].kind, output);
    }
}

/* Accounts come first on the command line and refer to subjects that come last. */
static void files_go_in_the_order_of_their_references(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-two",
                         "submit --quiet %s/own/performance.csv.gz %s/own/account.csv "
                         "%s/own/subject.csv --map %s/own --mode file",
                         folder, folder, folder, folder),
                     0);
    const char *subject = strstr(output, "subject.csv"), *account = strstr(output, "account.csv");
    const char *month = strstr(output, "performance.csv.gz");
    assert_true(subject && account && month && subject < account && account < month);
}

#define ACCOUNT_HEAD                                                                               \
    "account_no,identifier_type,identifier_value,type,business_type,currency,original_amount,"     \
    "opened_on\n"
#define MONTH_HEAD                                                                                 \
    "account_no,period,account_status,repay_status,balance,overdue_amount,days_overdue,"           \
    "overdue_terms,reported_on\n"

static void write_wrong_files(void)
{
    write_file("accounts.csv",
               ACCOUNT_HEAD "D-1,RESIDENT_ID,990001199001010013,D1,91,CNY,10000,20240115\n"
                            "D-2,RESIDENT_ID,990001199001010013,D1,91,CNX,10000,20240115\n"
                            "D-3,RESIDENT_ID,990001199001010013,R2,11,CNY,10000,20240115\n"
                            "D-4,RESIDENT_ID,990001199001010014,D1,91,CNY,10000,20240115\n"
                            "D-5,RESIDENT_ID,990001199001010013,D1,91,CNY,1.5,20240115\n"
                            "D-6,RESIDENT_ID,990001199001010013,D1,91,CNY,10000,20240230\n");
    write_file("performance.csv", MONTH_HEAD "D-1,202401,1,N,12000,0,0,0,20240205\n"
                                             "D-1,202312,1,N,5000,0,0,0,20240105\n"
                                             "D-1,202402,1,1,5000,100,40,1,20240305\n"
                                             "D-1,202403,1,N,5000,100,0,0,20240404\n"
                                             "D-1,202404,1,N,x,0,0,0,20240505\n"
                                             "D-1,202405,1,N,5000\n");
}

/* Reads a reject file and removes it. */
static void take_rejects(const char *name, char *text, size_t room)
{
    char path[PATH_ROOM * 2];

    snprintf(text, room, "%s", read_file(name));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
}

static void a_dry_run_says_what_the_exchange_says(void **state)
{
    static char dry[2][8192], real[2][8192];

    (void)state;
    write_wrong_files();
    assert_int_equal(
        cix(NULL,
            "submit --dry-run --history-months 0 --warnings %s/performance.csv %s/accounts.csv",
            folder, folder),
        1);
    assert_printed("nothing was sent");
    take_rejects("accounts.csv.rejects.csv", dry[0], sizeof(dry[0]));
    take_rejects("performance.csv.rejects.csv", dry[1], sizeof(dry[1]));
    assert_int_equal(cix("bank-one", "submit --quiet --warnings %s/performance.csv %s/accounts.csv",
                         folder, folder),
                     1);
    take_rejects("accounts.csv.rejects.csv", real[0], sizeof(real[0]));
    take_rejects("performance.csv.rejects.csv", real[1], sizeof(real[1]));
    assert_true(strlen(dry[0]) > 500 && strlen(dry[1]) > 500);
    assert_string_equal(dry[0], real[0]);
    assert_string_equal(dry[1], real[1]);
}

static void a_dry_run_refuses_the_file_that_the_exchange_would(void **state)
{
    (void)state;
    write_file("performance.csv", MONTH_HEAD "X-1,209912,1,N,12000,0,0,0,\n");
    assert_int_equal(cix(NULL, "submit --dry-run --mode file %s/performance.csv", folder), 3);
    assert_non_null(strstr(read_file("performance.csv.rejects.csv"), "F002,FILE"));
    assert_int_equal(cix(NULL, "submit --dry-run %s/performance.csv", folder), 1);
    assert_int_equal(cix("bank-one", "submit --quiet --mode file %s/performance.csv", folder), 3);
    write_wrong_files();
    assert_int_equal(cix(NULL, "submit --dry-run --mode file %s/accounts.csv", folder), 3);
    assert_printed("F006");
    assert_int_equal(cix("bank-one", "submit --quiet --again --mode file %s/accounts.csv", folder),
                     3);
    assert_printed("F006");
}

/* The exchange takes it, being set so; unless told, a dry run takes it to be set as usual. */
static void a_dry_run_is_told_how_old_a_month_may_be(void **state)
{
    (void)state;
    write_file("performance.csv", MONTH_HEAD "X-1,200001,1,N,12000,0,0,0,\n");
    assert_int_equal(cix(NULL, "submit --dry-run %s/performance.csv", folder), 1);
    assert_non_null(strstr(read_file("performance.csv.rejects.csv"), "F002,FILE"));
    assert_int_equal(cix(NULL, "submit --dry-run --history-months 0 %s/performance.csv", folder),
                     0);
    assert_int_equal(cix(NULL, "submit --dry-run --history-months 1201 %s/performance.csv", folder),
                     2);
}

/* Where a cell too many belongs only its member knows: it stays with the row. */
static void a_cell_too_many_is_not_lost(void **state)
{
    static char text[8192];

    (void)state;
    write_file("wide.csv", "dealer_code,name,from_on\nW-1,A,20240101\nW-2,B, C,20240101\n");
    assert_int_equal(cix(NULL, "submit --dry-run --kind dealer %s/wide.csv", folder), 1);
    take_rejects("wide.csv.rejects.csv", text, sizeof(text));
    assert_non_null(strstr(text, "\nW-2,B, C,3,"));
    assert_non_null(strstr(text, ",UNREADABLE,"));
    assert_non_null(strstr(text, ",,20240101\n"));
}

/* The place by which the record is reviewed is found by its line, and the record by its place. */
static void what_was_kept_aside_is_found_by_its_row(void **state)
{
    char place[80], *at, text[4096];
    struct person person;

    (void)state;
    person_make(77, &person);
    snprintf(text, sizeof(text),
             "kind,name,identifiers_1_type,identifiers_1_value,sex\n"
             "PERSON,%s,RESIDENT_ID,%s,%d\n",
             person.name, person.number, person.number[16] % 2 ? 2 : 1);
    write_file("kept.csv", text);
    assert_int_equal(cix("bank-one", "submit --quiet --kind subject %s/kept.csv", folder), 1);
    take_rejects("kept.csv.rejects.csv", text, sizeof(text));
    at = strrchr(text, ',');
    assert_non_null(at);
    snprintf(place, sizeof(place), "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    assert_int_equal(strlen(place), 36 + 4);
    assert_int_equal(cix("bank-one", "quarantine list"), 0);
    assert_printed(place);
    assert_int_equal(cix("bank-one", "quarantine discard %s --reason test", place), 0);
    assert_printed("discarded   1");
}

/* The rejects of a GB18030 file are UTF-8; the mended file goes with the same map. */
static void rejects_of_a_mapped_file_can_be_mended(void **state)
{
    (void)state;
    shell("cd %s && printf '\\326\\320\\316\\304|RMB|100\\n\\315\\342\\316\\304|CNY|-\\n' >x && "
          "printf '\\272\\317|\\261\\322|1\\n' >accounts.csv && cat x >>accounts.csv",
          folder);
    write_file("one.map",
               "[file]\nkind = account\nencoding = gb18030\ndelimiter = pipe\n[fields]\n"
               "account_no = 合\ncurrency = 币\noriginal_amount = 1 | empty - | amount yuan\n"
               "identifier_type = \"RESIDENT_ID\"\nidentifier_value = \"990001199001010013\"\n"
               "type = \"D1\"\nbusiness_type = \"91\"\nopened_on = \"20240115\"\n");
    assert_int_equal(
        cix("bank-one", "submit --quiet %s/accounts.csv --map %s/one.map", folder, folder), 1);
    const char *rejects = read_file("accounts.csv.rejects.csv");
    if (strncmp(rejects, "\xEF\xBB\xBF合|币|1|cix_line|", 20) != 0 ||
        !strstr(rejects, "\n中文|RMB|100|2|币|A003|REJECT|") ||
        !strstr(rejects, "\n外文|CNY|-|3|1|A004|REJECT|"))
        fail_msg("%s", rejects);
    shell("cd %s && sed -e s/RMB/CNY/ -e 's/|-|/|7|/' accounts.csv.rejects.csv >mended.csv",
          folder);
    assert_int_equal(
        cix("bank-one", "submit --quiet %s/mended.csv --map %s/one.map", folder, folder), 0);
}

static void an_empty_file_is_damage_in_both_forms(void **state)
{
    (void)state;
    write_file("empty.jsonl", "");
    write_file("accounts.csv", "");
    assert_int_equal(cix("bank-one", "submit %s/empty.jsonl", folder), 5);
    assert_printed("is empty");
    assert_int_equal(cix("bank-one", "submit %s/accounts.csv", folder), 5);
    assert_printed("is empty");
    assert_int_equal(cix(NULL, "submit --dry-run %s/empty.jsonl", folder), 5);
}

static void slips_of_the_command_line_are_told(void **state)
{
    (void)state;
    write_file("accounts.csv", "account_no\nA\n");
    assert_int_equal(cix(NULL, "submit --dry-run %s/accounts.csv %s/accounts.csv", folder, folder),
                     2);
    assert_printed("given twice");
    assert_int_equal(
        cix(NULL, "submit --dry-run %s/accounts.csv --map %s/own/subject.map", folder, folder), 2);
    assert_int_equal(cix(NULL, "submit --dry-run %s/accounts.csv --encoding latin1", folder), 2);
    assert_int_equal(cix(NULL, "submit --dry-run %s/own/account.map", folder), 2);
    assert_int_equal(cix(NULL, "map check %s/own/subject.map %s/own/account.csv", folder, folder),
                     5);
    assert_printed("not GB18030");
    assert_int_equal(cix(NULL, "map check %s/own/account.map %s/own/account.csv", folder, folder),
                     0);
    assert_printed("12345678");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_sample),
        cmocka_unit_test(a_map_makes_the_records_of_the_plain_sample),
        cmocka_unit_test(every_sample_is_taken),
        cmocka_unit_test(files_go_in_the_order_of_their_references),
        cmocka_unit_test(a_dry_run_says_what_the_exchange_says),
        cmocka_unit_test(a_dry_run_refuses_the_file_that_the_exchange_would),
        cmocka_unit_test(a_dry_run_is_told_how_old_a_month_may_be),
        cmocka_unit_test(a_cell_too_many_is_not_lost),
        cmocka_unit_test(what_was_kept_aside_is_found_by_its_row),
        cmocka_unit_test(rejects_of_a_mapped_file_can_be_mended),
        cmocka_unit_test(an_empty_file_is_damage_in_both_forms),
        cmocka_unit_test(slips_of_the_command_line_are_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
