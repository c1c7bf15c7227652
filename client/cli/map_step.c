#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"
#include "cli/decimal.h"
#include "cli/map.h"

enum { NAME_COUNT_MAX = 16, POSITION_MAX = 4096 };

/* One kind of step. */
struct map_verb {
    const char *name;
    const char *usage;
    int word_min, word_max;
    bool (*prepare)(const struct map_text *text, const char *at, struct map_step *step);
    bool (*apply)(struct ctx *ctx, const struct map_step *step, const char *heading,
                  const char **value);
};

/* Units of amounts: powers of ten of the currency's own unit. */
static const struct {
    const char *name;
    int exponent;
    bool is_minor;
} units[] = {
    {"yuan", 0, false},         {"major", 0, false},    {"fen", 0, true},        {"minor", 0, true},
    {"1k-yuan", 3, false},      {"thousand", 3, false}, {"10k-yuan", 4, false},  {"10k", 4, false},
    {"million-yuan", 6, false}, {"million", 6, false},  {"100m-yuan", 8, false}, {"100m", 8, false},
};

/* Units of rates: decimal places from there to basis points. */
static const struct {
    const char *name;
    int shift;
} rates[] = {{"percent", 2}, {"permille", 1}, {"fraction", 4}, {"bps", 0}};

static bool refuse(struct ctx *ctx, const char *heading, const char *expected)
{
    return fail_field(ctx, "WRONG_VALUE", heading, "%s", expected);
}

static bool refuse_long(struct ctx *ctx, const char *heading)
{
    return fail_field(ctx, "WRONG_VALUE", heading, "the value has more than %d bytes",
                      MAP_VALUE_MAX);
}

/* Takes the last word when it is "decimal-comma". */
static void take_mark(struct map_step *step)
{
    step->mark = '.';
    if (!step->word_count || strcmp(step->words[step->word_count - 1], "decimal-comma") != 0)
        return;
    step->mark = ',';
    step->word_count--;
}

static bool prepare_month(const struct map_text *text, const char *at, struct map_step *step)
{
    struct pattern found;

    if (!pattern_check(step->words[0], &found) || !found.has_year || !found.has_month)
        return map_fail(text, at, "expected a pattern of YYYY, MM or M, and DD or D");
    step->count = found.has_day;
    return true;
}

static bool prepare_day(const struct map_text *text, const char *at, struct map_step *step)
{
    if (!prepare_month(text, at, step))
        return false;
    return step->count || map_fail(text, at, "the pattern of a day needs DD or D");
}

/* By a checked pattern; the number is a day when the pattern has one, else a month. */
static bool read_pattern(struct ctx *ctx, const struct map_step *step, const char *heading,
                         const char *value, int32_t *number)
{
    return pattern_read(step->words[0], value, number) ||
           fail_field(ctx, "WRONG_VALUE", heading, "expected a real %s as %s",
                      step->count ? "day" : "month", step->words[0]);
}

static bool apply_month(struct ctx *ctx, const struct map_step *step, const char *heading,
                        const char **value)
{
    int32_t number;

    if (!read_pattern(ctx, step, heading, *value, &number))
        return false;
    *value = arena_format(ctx->arena, "%" PRId32, step->count ? number / 100 : number);
    return true;
}

static bool apply_day(struct ctx *ctx, const struct map_step *step, const char *heading,
                      const char **value)
{
    int32_t number;

    if (!read_pattern(ctx, step, heading, *value, &number))
        return false;
    *value = arena_format(ctx->arena, "%" PRId32, number);
    return true;
}

static bool prepare_amount(const struct map_text *text, const char *at, struct map_step *step)
{
    take_mark(step);
    const char *unit = step->word_count ? step->words[0] : "";
    const char *currency = step->word_count > 1 ? step->words[1] : "CNY";
    int digits = money_minor_digits(currency);

    if (step->word_count > 2)
        return map_fail(text, at, "expected UNIT [CURRENCY] [decimal-comma]");
    if (digits < 0)
        return map_fail(text, at, "the currency is not one of ISO 4217 with a minor unit");
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (strcmp(units[i].name, unit) != 0)
            continue;
        step->shift = units[i].is_minor ? 0 : units[i].exponent + digits;
        return true;
    }
    return map_fail(text, at,
                    "expected a unit: yuan, fen, 1k-yuan, 10k-yuan, million-yuan or "
                    "100m-yuan; major, minor, thousand, 10k, million or 100m");
}

static bool prepare_rate(const struct map_text *text, const char *at, struct map_step *step)
{
    take_mark(step);
    for (size_t i = 0; step->word_count == 1 && i < ARRAY_LENGTH(rates); i++) {
        step->shift = rates[i].shift;
        if (!strcmp(rates[i].name, step->words[0]))
            return true;
    }
    return map_fail(text, at, "expected percent, permille, fraction or bps [decimal-comma]");
}

static bool prepare_number(const struct map_text *text, const char *at, struct map_step *step)
{
    take_mark(step);
    return !step->word_count || map_fail(text, at, "expected nothing or decimal-comma");
}

static bool apply_number(struct ctx *ctx, const struct map_step *step, const char *heading,
                         const char **value)
{
    int64_t number;

    switch (decimal_read(*value, step->mark, step->shift, &number)) {
    case DECIMAL_GOOD:
        *value = arena_format(ctx->arena, "%" PRId64, number);
        return true;
    case DECIMAL_PRECISE:
        return fail_field(ctx, "WRONG_VALUE", heading, "more than %d decimals", step->shift);
    case DECIMAL_LARGE:
        return refuse(ctx, heading, "the number is too large");
    case DECIMAL_WRONG:
        break;
    }
    return fail_field(ctx, "WRONG_VALUE", heading, "expected a number, decimals behind \"%c\"",
                      step->mark);
}

static int compare_own(const void *key, const void *code)
{
    return strcmp(key, ((const struct map_code *)code)->own);
}

static bool apply_code(struct ctx *ctx, const struct map_step *step, const char *heading,
                       const char **value)
{
    const struct map_table *table = step->table;
    const struct map_code *found =
        bsearch(*value, table->codes, (size_t)table->count, sizeof(*table->codes), compare_own);

    if (!found && !table->others)
        return fail_field(ctx, "WRONG_VALUE", heading, "expected a code of [code %s]", table->name);
    *value = found ? found->code : table->others;
    return true;
}

static bool apply_default(struct ctx *ctx, const struct map_step *step, const char *heading,
                          const char **value)
{
    (void)ctx;
    (void)heading;
    if (!**value)
        *value = step->words[0];
    return true;
}

static bool take_position(const struct map_text *text, const char *at, const char *word, int *value)
{
    int64_t number;

    if (!text_to_int64(word, &number) || number < 1 || number > POSITION_MAX)
        return map_fail(text, at, "expected a number from 1 to %d", POSITION_MAX);
    *value = (int)number;
    return true;
}

static bool prepare_slice(const struct map_text *text, const char *at, struct map_step *step)
{
    return take_position(text, at, step->words[0], &step->first) &&
           take_position(text, at, step->words[1], &step->count);
}

/* So many characters further, or the end. */
static const char *skip_characters(const char *text, int count)
{
    for (; count > 0 && *text; count--) {
        text++;
        while (((unsigned char)*text & 0xC0) == 0x80)
            text++;
    }
    return text;
}

static bool apply_slice(struct ctx *ctx, const struct map_step *step, const char *heading,
                        const char **value)
{
    const char *from = skip_characters(*value, step->first - 1);
    const char *to = skip_characters(from, step->count);

    (void)heading;
    *value = arena_copy(ctx->arena, from, (size_t)(to - from));
    return true;
}

static bool check_separator(const struct map_text *text, const char *at, struct map_step *step)
{
    return *step->words[0] ? true : map_fail(text, at, "the text to look for is empty");
}

static bool prepare_split(const struct map_text *text, const char *at, struct map_step *step)
{
    return check_separator(text, at, step) && take_position(text, at, step->words[1], &step->first);
}

/* The part of this number; nothing when there are fewer. */
static bool apply_split(struct ctx *ctx, const struct map_step *step, const char *heading,
                        const char **value)
{
    const char *separator = step->words[0], *from = *value;

    (void)heading;
    for (int i = 1; i < step->first && from; i++) {
        from = strstr(from, separator);
        from = from ? from + strlen(separator) : NULL;
    }
    const char *to = from ? strstr(from, separator) : NULL;
    *value = !from ? "" : to ? arena_copy(ctx->arena, from, (size_t)(to - from)) : from;
    return true;
}

static bool apply_replace(struct ctx *ctx, const struct map_step *step, const char *heading,
                          const char **value)
{
    struct builder out = {.arena = ctx->arena};
    const char *from = *value, *found;

    builder_text(&out, "");
    while ((found = strstr(from, step->words[0]))) {
        builder_put(&out, from, (size_t)(found - from));
        builder_text(&out, step->words[1]);
        from = found + strlen(step->words[0]);
        if (out.size > MAP_VALUE_MAX)
            return refuse_long(ctx, heading);
    }
    builder_text(&out, from);
    *value = out.data;
    return true;
}

/* The words are what the member writes for "nothing". */
static bool apply_empty(struct ctx *ctx, const struct map_step *step, const char *heading,
                        const char **value)
{
    (void)ctx;
    (void)heading;
    for (int i = 0; i < step->word_count; i++)
        if (!strcmp(*value, step->words[i]))
            *value = "";
    return true;
}

static bool apply_upper(struct ctx *ctx, const struct map_step *step, const char *heading,
                        const char **value)
{
    char *upper = arena_string(ctx->arena, *value);

    (void)step;
    (void)heading;
    for (char *at = upper; *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    *value = upper;
    return true;
}

static const struct map_verb verbs[] = {
    {"date", "PATTERN", 1, 1, prepare_day, apply_day},
    {"month", "PATTERN", 1, 1, prepare_month, apply_month},
    {"amount", "UNIT [CURRENCY] [decimal-comma]", 1, 3, prepare_amount, apply_number},
    {"rate", "UNIT [decimal-comma]", 1, 2, prepare_rate, apply_number},
    {"number", "[decimal-comma]", 0, 1, prepare_number, apply_number},
    {"code", "TABLE", 1, 1, NULL, apply_code},
    {"default", "TEXT", 1, 1, NULL, apply_default},
    {"slice", "FIRST COUNT", 2, 2, prepare_slice, apply_slice},
    {"split", "SEPARATOR NUMBER", 2, 2, prepare_split, apply_split},
    {"replace", "TEXT BY", 2, 2, check_separator, apply_replace},
    {"empty", "TEXT...", 1, MAP_WORD_MAX, NULL, apply_empty},
    {"upper", "", 0, 0, NULL, apply_upper},
};

static bool refuse_name(const struct map_text *text, const char *name)
{
    const char *names[NAME_COUNT_MAX];

    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        names[i] = verbs[i].name;
    const char *near = text_nearest(name, names, ARRAY_LENGTH(verbs));
    return map_fail(text, text->start, "no such step%s%s", near ? ", perhaps " : "",
                    near ? near : "");
}

static const struct map_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

bool map_step_prepare(const struct map_text *text, const char *name, const char *at,
                      struct map_step *step)
{
    const char *words = at;

    step->verb = find_verb(name);
    step->mark = '.';
    if (!step->verb)
        return refuse_name(text, name);
    while (*at && *at != '|') {
        const char *word;
        char quote;
        if (step->word_count == MAP_WORD_MAX)
            return map_fail(text, at, "at most %d words behind a step", MAP_WORD_MAX);
        if (!map_word(text, &at, "|", &word, &quote))
            return false;
        step->words[step->word_count++] = word;
    }
    if (step->word_count < step->verb->word_min || step->word_count > step->verb->word_max)
        return map_fail(text, words, "expected %s %s", name, step->verb->usage);
    return !step->verb->prepare || step->verb->prepare(text, words, step);
}

bool map_step_finish(struct ctx *ctx, const struct map *map, struct map_step *step)
{
    const struct map_text text = {.ctx = ctx, .path = map->path, .place = step->place, .start = ""};

    if (step->verb->apply != apply_code)
        return true;
    for (int i = 0; i < map->table_count && !step->table; i++)
        if (!strcmp(map->tables[i].name, step->words[0]))
            step->table = &map->tables[i];
    return step->table ||
           map_fail(&text, text.start, "there is no section [code %s]", step->words[0]);
}

bool map_step_apply(struct ctx *ctx, const struct map_step *step, const char *heading,
                    const char **value)
{
    if (!**value && !map_step_is_default(step))
        return true;
    if (!step->verb->apply(ctx, step, heading, value))
        return false;
    return strlen(*value) <= MAP_VALUE_MAX || refuse_long(ctx, heading);
}

bool map_step_is_default(const struct map_step *step)
{
    return step->verb->apply == apply_default;
}
