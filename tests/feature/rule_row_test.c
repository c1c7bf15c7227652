/*
 * Goal: every rule of the table is tripped by one row and just passed by another, through the built
 * cix against an exchange that runs; a rule without either fails here.
 * Method: tests/data/rules/GROUP.jsonl holds the rows (tests/README.md says how to write one). The
 * trip and the pass of a row each get persons of their own and the row's preparation. All rows
 * travel together: one file a member and step through `cix submit --warnings`, whose reject file
 * tells the rules by line.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/text.h"
#include "domain/check_digit.h"
#include "domain/rule.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"

#include "support/cmocka.h"

#define FOLDER CIX_SOURCE_DIR "/tests/data/rules"

enum { ROWS_MAX = 400, STEPS_MAX = 6, LINES_MAX = 8000, TEXT_MAX = 8192, FIRST_PERSON = 5000000 };

/* Who takes part; the first is whoever a row does not name. */
static const struct {
    const char *code;
    enum member_type type;
} members[] = {
    {"bank-one", MEMBER_TYPE_BANK},
    {"bank-two", MEMBER_TYPE_BANK},
    {"court-one", MEMBER_TYPE_COURT},
    {"platform-one", MEMBER_TYPE_P2P},
    {"platform-two", MEMBER_TYPE_P2P},
    {"payment-one", MEMBER_TYPE_THIRD_PARTY_PAYMENT},
    {"bureau-one", MEMBER_TYPE_CREDIT_BUREAU},
    {"narrow-one", MEMBER_TYPE_BANK}, /* may give identities alone */
};

enum { MEMBERS = ARRAY_LENGTH(members) };

/* One line of a file, and what it is for. */
struct line {
    const char *row; /* "A019 trip", for messages */
    const struct rule *rule;
    enum role { PREPARE, TRIP, PASS } role;
    json_t *record;
    char found[256]; /* rules of its verdicts, "; " between */
    char severities[512];
};

static struct exchange exchange;
static struct day today;
static json_t *base; /* records to build on */
static struct line lines[LINES_MAX];
static int line_count;
/* By step and member: positions in lines, in order. */
static int files[STEPS_MAX][MEMBERS][LINES_MAX / 4];
static int file_sizes[STEPS_MAX][MEMBERS];
static bool tripped[400], passed[400], shown[400]; /* by place in the table */
static int row_number;

/* --- made identities --- */

/* A resident number of 1949-12-31 from a region that was never assigned; odd k: a man's. */
static void make_old(int64_t k, char number[20])
{
    snprintf(number, 19, "99009919491231%03u", (unsigned)k % 1000u);
    number[17] = check_digit_mod_11_2(number);
    number[18] = '\0';
}

/* What stands for a token of a template; other: of the row's second person. */
static void token_text(const char *token, int64_t k, char text[128])
{
    struct person person;
    bool is_other = token[strlen(token) - 1] == '2';

    k += is_other ? 1000000 : 0;
    person_make(k, &person);
    if (!strncmp(token, "$ID", 3))
        snprintf(text, 128, "%s", person.number);
    else if (!strncmp(token, "$NAME", 5))
        snprintf(text, 128, "%s", person.name);
    else if (!strncmp(token, "$ACC", 4))
        person_account(k, 0, text);
    else if (!strncmp(token, "$UUID", 5))
        person_uuid("rule-row", k, text);
    else if (!strncmp(token, "$PASS", 5))
        snprintf(text, 128, "E%08u", (unsigned)k % 100000000u);
    else if (!strncmp(token, "$OLD", 4))
        make_old(k, text);
    else
        person_uscc(k, text);
}

static const char *const tokens[] = {"$ID2",   "$ID",    "$NAME2", "$NAME",  "$ACC2",
                                     "$ACC",   "$UUID2", "$UUID",  "$USCC2", "$USCC",
                                     "$PASS2", "$PASS",  "$OLD"};

static json_t *expand_text(const char *template, int64_t k)
{
    char text[TEXT_MAX], value[128];
    size_t size = 0;

    while (*template) {
        const char *token = NULL;
        for (size_t i = 0; i < ARRAY_LENGTH(tokens) && !token; i++)
            if (!strncmp(template, tokens[i], strlen(tokens[i])))
                token = tokens[i];
        if (token)
            token_text(token, k, value);
        else
            snprintf(value, sizeof(value), "%c", *template);
        assert_true(size + strlen(value) < sizeof(text));
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s", value);
        template += token ? strlen(token) : 1;
    }
    text[size] = '\0';
    return json_string(text);
}

/*
 * "@d-10": the day ten days ago; "@m-1": last month; "@f-1": its first day, "@l-1": its last.
 * NULL for anything else.
 */
static json_t *expand_time(const char *text)
{
    struct period now = period_of_day(today), month;
    struct day day = today;

    if (text[0] != '@' || !text[1] || (text[2] != '+' && text[2] != '-'))
        return NULL;
    int by = (int)strtol(text + 2, NULL, 10);
    month = period_add(now, by);
    switch (text[1]) {
    case 'm':
        return json_integer(period_to_wire(month));
    case 'f':
        day = day_of_civil(month.number / 12, month.number % 12 + 1, 1);
        return json_integer(day_to_wire(day));
    case 'l':
        month = period_add(month, 1);
        day = day_add(day_of_civil(month.number / 12, month.number % 12 + 1, 1), -1);
        return json_integer(day_to_wire(day));
    default:
        return json_integer(day_to_wire(day_add(day, by)));
    }
}

static json_t *expand(json_t *value, int64_t k)
{
    json_t *made, *item;
    const char *key;
    size_t i;

    if (json_is_string(value)) {
        made = expand_time(json_string_value(value));
        return made ? made : expand_text(json_string_value(value), k);
    }
    if (json_is_array(value)) {
        made = json_array();
        json_array_foreach(value, i, item) json_array_append_new(made, expand(item, k));
        return made;
    }
    if (json_is_object(value)) {
        made = json_object();
        json_object_foreach(value, key, item) if (!json_is_null(item))
            json_object_set_new(made, key, expand(item, k));
        return made;
    }
    return json_deep_copy(value);
}

/* --- rows to lines --- */

static void die(const char *row, const char *what)
{
    fail_msg("%s: %s", row, what);
}

static int member_number(const char *row, const char *code)
{
    for (int i = 0; i < (int)MEMBERS; i++)
        if (!strcmp(members[i].code, code))
            return i;
    die(row, "no such member");
    return 0;
}

/* "account", or ["account", {fields}], or ["account", {fields}, {fields of the record}]. */
static json_t *record_of(const char *row, json_t *spec, int64_t k)
{
    json_t *name = json_is_array(spec) ? json_array_get(spec, 0) : spec;
    json_t *record = json_deep_copy(json_object_get(base, json_string_value(name)));

    if (!record)
        die(row, "no such record in base.json");
    const char *kind = json_object_iter_key(json_object_iter(record));
    if (json_is_array(spec)) {
        json_object_update(json_object_get(record, kind), json_array_get(spec, 1));
        json_object_update(record, json_array_get(spec, 2));
    }
    json_t *made = expand(record, k);
    json_decref(record);
    return made;
}

static void add_line(const char *row, const struct rule *rule, enum role role, json_t *spec,
                     int step, const char *member, int64_t k)
{
    json_t *named = json_object_get(spec, "as");
    int who = member_number(row, named ? json_string_value(named) : member);
    int *size = &file_sizes[step][who];

    assert_true(line_count < LINES_MAX && step < STEPS_MAX);
    assert_true(*size < (int)ARRAY_LENGTH(files[0][0]));
    struct line *line = &lines[line_count];
    *line = (struct line){row, rule, role, NULL, "", ""};
    line->record = record_of(row, named ? json_object_get(spec, "record") : spec, k);
    files[step][who][(*size)++] = line_count++;
}

/* One variant of a row: its preparation step by step, then the record that matters, last of all. */
static void add_variant(const char *row, const struct rule *rule, json_t *spec, bool is_trip)
{
    int64_t k = FIRST_PERSON + 2 * row_number + is_trip;
    json_t *member = json_object_get(spec, "as"), *item;
    const char *who = member ? json_string_value(member) : members[0].code;
    char *name = malloc(64);
    int step = 0;
    size_t i;

    snprintf(name, 64, "%s %s (row %d)", row, is_trip ? "trip" : "pass", row_number);
    json_t *steps = json_array();
    json_array_extend(steps, json_object_get(spec, "setup"));
    json_array_extend(steps, json_object_get(spec, is_trip ? "tripSetup" : "passSetup"));
    json_array_foreach(steps, i, item)
    {
        if (json_is_string(item) && !strcmp(json_string_value(item), "then"))
            step++;
        else
            add_line(name, rule, PREPARE, item, step, who, k);
    }
    json_decref(steps);
    assert_true(step < STEPS_MAX - 1);
    item = json_object_get(spec, is_trip ? "trip" : "pass");
    if (!item)
        die(name, "no record");
    add_line(name, rule, is_trip ? TRIP : PASS, item, STEPS_MAX - 1, who, k);
}

/* "feature/report_test:a_freeze_blocks_who_may_ask": the file has a test of that name. */
static bool is_test(const char *where)
{
    char path[512], call[256], *text;
    const char *colon = strchr(where, ':');

    if (!colon)
        return false;
    snprintf(path, sizeof(path), CIX_SOURCE_DIR "/tests/%.*s.c", (int)(colon - where), where);
    snprintf(call, sizeof(call), "static void %s(void **state)", colon + 1);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    text = calloc(1, 1 << 17);
    text[fread(text, 1, (1 << 17) - 1, file)] = '\0';
    fclose(file);
    bool is_there = strstr(text, call) != NULL;
    free(text);
    return is_there;
}

static void add_row(json_t *spec, const char *file, int number)
{
    char where[128];
    const char *id = json_string_value(json_object_get(spec, "rule"));
    const char *how = json_string_value(json_object_get(spec, "how"));
    const struct rule *rule = id ? rule_find(id) : NULL;

    snprintf(where, sizeof(where), "%s:%d", file, number);
    if (!rule)
        die(where, "no such rule");
    if (how) {
        if (!is_test(how))
            fail_msg("%s: there is no test %s", where, how);
        shown[rule - rule_table] = true;
        return;
    }
    row_number++;
    assert_true(row_number < ROWS_MAX);
    add_variant(rule->id, rule, spec, true);
    add_variant(rule->id, rule, spec, false);
}

static void read_rows(const char *name)
{
    char path[512], text[TEXT_MAX];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int number = 1; fgets(text, sizeof(text), file); number++) {
        if (*text == '\n' || *text == '#')
            continue;
        json_t *row = json_loads(text, 0, &error);
        if (!row)
            fail_msg("%s:%d: %s", name, number, error.text);
        add_row(row, name, number);
        json_decref(row);
    }
    fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_rows(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return size > 6 && !strcmp(entry->d_name + size - 6, ".jsonl");
}

/* --- sending --- */

static void note_verdicts(int step, int who, const char *path)
{
    char rejects[600], *text = malloc(1 << 20);

    snprintf(rejects, sizeof(rejects), "%s.rejects.jsonl", path);
    FILE *file = fopen(rejects, "r");
    while (file && fgets(text, 1 << 20, file)) {
        json_t *whole = json_loads(text, 0, NULL), *why = json_object_get(whole, "cix");
        int at = (int)json_integer_value(json_object_get(why, "line")) - 1;
        assert_true(at >= 0 && at < file_sizes[step][who]);
        struct line *line = &lines[files[step][who][at]];
        snprintf(line->found, sizeof(line->found), "%s",
                 json_string_value(json_object_get(why, "rule")));
        snprintf(line->severities, sizeof(line->severities), "%s",
                 json_string_value(json_object_get(why, "severity")));
        json_decref(whole);
    }
    if (file)
        fclose(file);
    free(text);
}

static void submit(int step, int who)
{
    char path[512], words[700], output[4096];

    snprintf(path, sizeof(path), "%s/step-%d-%s.jsonl", exchange.folder, step, members[who].code);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < file_sizes[step][who]; i++) {
        json_dumpf(lines[files[step][who][i]].record, file, JSON_COMPACT);
        fputc('\n', file);
    }
    fclose(file);
    snprintf(words, sizeof(words), "submit --quiet --warnings --mode daily %s", path);
    int code = shell_cix_as(&exchange, members[who].code, words, output, sizeof(output));
    if (!strstr(output, "accepted"))
        fail_msg("cix %s ends with %d: %s", words, code, output);
    note_verdicts(step, who, path);
}

/* Whether a list "A; B" has the word, and at which place. */
static int place_in(const char *list, const char *word)
{
    size_t size = strlen(word);
    int place = 0;

    for (const char *at = list; at && *at; place++) {
        if (!strncmp(at, word, size) && (at[size] == ';' || at[size] == '\0'))
            return place;
        at = strstr(at, "; ");
        at = at ? at + 2 : NULL;
    }
    return -1;
}

static const char *const severity_words[] = {"", "FILE", "REJECT", "QUARANTINE", "WARNING"};

/* The word at a place of a list "A; B". */
static bool is_at(const char *list, int place, const char *word)
{
    for (; place > 0 && list; place--) {
        list = strstr(list, "; ");
        list = list ? list + 2 : NULL;
    }
    size_t size = strlen(word);
    return list && !strncmp(list, word, size) && (list[size] == ';' || list[size] == '\0');
}

static bool is_taken(const struct line *line)
{
    return !strstr(line->severities, "FILE") && !strstr(line->severities, "REJECT") &&
           !strstr(line->severities, "QUARANTINE");
}

/* Whether the line came out as it must; tells when not. */
static bool judge(const struct line *line)
{
    int place = place_in(line->found, line->rule->id);
    const char *wrong = NULL;

    if (line->role == TRIP && place < 0)
        wrong = "is not tripped";
    else if (line->role == TRIP &&
             !is_at(line->severities, place, severity_words[line->rule->severity]))
        wrong = "has another severity";
    else if (line->role == PASS && place >= 0)
        wrong = "is not passed";
    else if (line->role != TRIP && !is_taken(line))
        wrong = line->role == PASS ? "is passed, but the record is not taken"
                                   : "has a preparation that is not taken";
    if (!wrong)
        return true;
    char *text = json_dumps(line->record, JSON_COMPACT);
    print_message("%s %s: %s (%s) %s\n", line->row, wrong, line->found, line->severities, text);
    free(text);
    return false;
}

/* --- tests --- */

static int setup(void **state)
{
    json_error_t error;

    (void)state;
    today = clock_day_of(clock_now_us());
    base = json_load_file(FOLDER "/base.json", 0, &error);
    if (!base)
        fail_msg("base.json:%d: %s", error.line, error.text);
    exchange_start(&exchange, (const char *const[]){"--history_months=60", NULL});
    for (size_t i = 0; i < MEMBERS; i++) {
        struct member member = exchange_member_of(members[i].code, members[i].type);
        member.roles |= MEMBER_ROLE_CONTRIBUTOR;
        member.data_classes = strcmp(members[i].code, "narrow-one") ? (1u << 8) - 1 : 1;
        exchange_member_put(&exchange, &member);
    }
    exchange_settle();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    json_decref(base);
    return 0;
}

static void every_row_trips_and_passes_its_rule(void **state)
{
    struct dirent **names;
    int wrong = 0;
    int count = scandir(FOLDER, &names, is_rows, by_name);

    (void)state;
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        read_rows(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    for (int step = 0; step < STEPS_MAX; step++)
        for (int who = 0; who < (int)MEMBERS; who++)
            if (file_sizes[step][who] > 0)
                submit(step, who);
    for (int i = 0; i < line_count; i++) {
        bool is_good = judge(&lines[i]);
        wrong += !is_good;
        if (is_good && lines[i].role == TRIP)
            tripped[lines[i].rule - rule_table] = true;
        if (is_good && lines[i].role == PASS)
            passed[lines[i].rule - rule_table] = true;
    }
    assert_int_equal(wrong, 0);
}

/* Runs behind the rows. */
static void every_rule_has_its_rows(void **state)
{
    int missing = 0;

    (void)state;
    assert_true(rule_count <= ARRAY_LENGTH(tripped));
    for (size_t i = 0; i < rule_count; i++) {
        bool is_there = shown[i] || (tripped[i] && passed[i]);
        if (!is_there && rule_table[i].place != RULE_PLACE_OPEN)
            print_message("rule %s lacks %s\n", rule_table[i].id,
                          tripped[i] ? "a row that passes" : "a row that trips it");
        missing += !is_there && rule_table[i].place != RULE_PLACE_OPEN;
    }
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_trips_and_passes_its_rule),
        cmocka_unit_test(every_rule_has_its_rows),
    };

    return cmocka_run_group_tests_name("rule rows", tests, setup, teardown);
}
