#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/table.h"
#include "domain/rule.h"

enum { KIND_WORDS_MAX = 512 };

/* How the rules are printed. */
struct form {
    const char *name;
    void (*print)(const struct rule *const *rules, size_t count);
};

/* The columns of the table and of CSV, and the keys of JSON. */
static const char *const headings[] = {"id",    "severity", "decided_by", "records",
                                       "field", "sentence", "source"};

static const char *severity_word(enum severity severity)
{
    switch (severity) {
    case SEVERITY_FILE:
        return "FILE";
    case SEVERITY_REJECT:
        return "REJECT";
    case SEVERITY_QUARANTINE:
        return "QUARANTINE";
    case SEVERITY_WARNING:
        return "WARNING";
    case SEVERITY_NONE:
        break;
    }
    return "";
}

static const char *place_word(enum rule_place place)
{
    switch (place) {
    case RULE_PLACE_RECORD:
        return "record";
    case RULE_PLACE_ACCOUNT:
        return "account";
    case RULE_PLACE_STORE:
        return "store";
    case RULE_PLACE_ACT:
        return "act";
    case RULE_PLACE_OPEN:
        return "not decided yet";
    }
    return "";
}

/* "consent, subject" for the bits of a rule. */
static const char *kind_words(unsigned kinds, char words[KIND_WORDS_MAX])
{
    size_t size = 0;

    *words = '\0';
    for (size_t i = 0; i < code_record_kinds.count; i++) {
        const struct code *kind = &code_record_kinds.codes[i];
        if (!(kinds & 1u << kind->number))
            continue;
        size += (size_t)snprintf(words + size, KIND_WORDS_MAX - size, "%s%s", size ? ", " : "",
                                 kind->name);
        CHECK(size < KIND_WORDS_MAX);
    }
    for (char *at = words; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return words;
}

/* The texts of a rule, in the order of the headings. */
static void cells_of(const struct rule *rule, char words[KIND_WORDS_MAX], const char **cells)
{
    cells[0] = rule->id;
    cells[1] = severity_word(rule->severity);
    cells[2] = place_word(rule->place);
    cells[3] = kind_words(rule->kinds, words);
    cells[4] = rule->field;
    cells[5] = rule->sentence;
    cells[6] = rule->source;
}

static void print_table(const struct rule *const *rules, size_t count)
{
    static const char *const titles[] = {"ID",    "SEVERITY",       "DECIDED BY", "RECORDS",
                                         "FIELD", "WHAT MUST HOLD", "SOURCE"};
    struct table *table = table_new(titles, ARRAY_LENGTH(titles));
    const char *cells[ARRAY_LENGTH(headings)];
    char words[KIND_WORDS_MAX];

    for (size_t i = 0; i < count; i++) {
        cells_of(rules[i], words, cells);
        table_add(table, cells);
    }
    table_print(table);
}

/* One rule has room for its sentence. */
static void print_page(const struct rule *rule)
{
    const char *cells[ARRAY_LENGTH(headings)];
    char words[KIND_WORDS_MAX];

    cells_of(rule, words, cells);
    printf("%s: %s\n\nseverity    %s\ndecided by  %s\nrecords     %s\nfield       %s\n"
           "source      %s\n",
           cells[0], cells[5], cells[1], cells[2], cells[3], cells[4], cells[6]);
}

static void print_text(const struct rule *const *rules, size_t count)
{
    if (count == 1)
        print_page(rules[0]);
    else
        print_table(rules, count);
}

static void print_csv(const struct rule *const *rules, size_t count)
{
    const char *cells[ARRAY_LENGTH(headings)];
    char words[KIND_WORDS_MAX];

    for (size_t i = 0; i < ARRAY_LENGTH(headings); i++)
        printf("%s%s", i ? "," : "", headings[i]);
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        cells_of(rules[i], words, cells);
        for (size_t j = 0; j < ARRAY_LENGTH(headings); j++) {
            if (j)
                putchar(',');
            csv_write_cell(stdout, cells[j]);
        }
        putchar('\n');
    }
}

static void print_json(const struct rule *const *rules, size_t count)
{
    json_t *list = json_array();
    const char *cells[ARRAY_LENGTH(headings)];
    char words[KIND_WORDS_MAX];

    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        cells_of(rules[i], words, cells);
        for (size_t j = 0; j < ARRAY_LENGTH(headings); j++)
            json_object_set_new(object, headings[j], json_string(cells[j]));
        json_array_append_new(list, object);
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(list);
}

static const struct form forms[] = {
    {"table", print_text},
    {"json", print_json},
    {"csv", print_csv},
};

static const struct form *find_form(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++)
        if (!name || !strcmp(forms[i].name, name))
            return &forms[i];
    return NULL;
}

/* The bit of a kind of record, all bits when none was asked for, 0 when there is no such kind. */
static unsigned find_kinds(const char *name)
{
    char upper[CLI_OPTION_MAX];
    size_t i;

    if (!name)
        return ~0u;
    for (i = 0; name[i] && i + 1 < sizeof(upper); i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    upper[i] = '\0';
    const struct code *kind = code_find_name(&code_record_kinds, upper);
    return kind ? 1u << kind->number : 0;
}

/* Lower case is forgiven. */
static bool is_named(const struct rule *rule, const struct cli_args *args)
{
    for (int i = 0; i < args->operand_count; i++)
        if (!strcasecmp(rule->id, args->operands[i]))
            return true;
    return !args->operand_count;
}

static const char *unknown_rule(const struct cli_args *args)
{
    for (int i = 0; i < args->operand_count; i++) {
        size_t j = 0;
        while (j < rule_count && strcasecmp(rule_table[j].id, args->operands[i]) != 0)
            j++;
        if (j == rule_count)
            return args->operands[i];
    }
    return NULL;
}

static enum cli_exit run(const struct cli_args *args)
{
    const struct form *form = find_form(cli_value(args, "output"));
    unsigned kinds = find_kinds(cli_value(args, "kind"));
    const char *unknown = unknown_rule(args);
    size_t count = 0;

    if (!form)
        return cli_complain(CLI_USAGE, "--output: expected table, json or csv");
    if (!kinds)
        return cli_complain(CLI_USAGE, "--kind: there is no such kind of record");
    if (unknown)
        return cli_complain(CLI_USAGE, "no rule %s; cix rules lists them", unknown);
    const struct rule **rules = calloc(rule_count, sizeof(struct rule *));
    CHECK(rules);
    for (size_t i = 0; i < rule_count; i++)
        if ((kinds == ~0u || rule_table[i].kinds & kinds) && is_named(&rule_table[i], args))
            rules[count++] = &rule_table[i];
    form->print(rules, count);
    free(rules);
    return CLI_OK;
}

static const struct cli_option options[] = {
    {"kind", "KIND", "only rules about this kind of record"},
    {"output", "table|json|csv", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_rules_command = {
    "rules",
    "[ID...]",
    "Show the validation rules, or those of these ids",
    "Severity FILE refuses the record and in file mode the file, REJECT the record; QUARANTINE\n"
    "keeps it aside; WARNING takes it with a remark. Decided by: the record alone, the account of\n"
    "the month, or the state of the exchange (store). Nothing is asked of the exchange.",
    0,
    64,
    false,
    options,
    NULL,
    run,
};
