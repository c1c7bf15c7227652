#include "domain/standard.h"

#include <string.h>

#include "base/money.h"
#include "domain/code.h"
#include "domain/rating.h"
#include "domain/standard_reading.h"

enum { DAYS_OF_RATING_MAX = 366, HORIZON_MAX = 60, STALE_MAX = 60, PD_WHOLE = 10000 };

bool reading_fail(struct reading *reading, const char *reason, const char *message)
{
    return fail(reading->ctx, ERR_INVALID, reason, "line %d: %s", reading->line, message);
}

bool reading_number(struct reading *reading, int at, const int64_t bounds[2], int64_t *number)
{
    const char *text = reading->words[at];
    bool is_negative = *text == '-';
    int64_t value;

    if (reading->is_quoted[at] || !text_to_int64(text + is_negative, &value))
        return reading_fail(reading, "STANDARD_SYNTAX", "a whole number was expected");
    value = is_negative ? -value : value;
    if (value < bounds[0] || value > bounds[1])
        return reading_fail(reading, "STANDARD_RANGE", "a number is outside its range");
    *number = value;
    return true;
}

bool reading_int(struct reading *reading, int at, int lowest, int highest, int *number)
{
    int64_t value;

    if (!reading_number(reading, at, (const int64_t[]){lowest, highest}, &value))
        return false;
    *number = (int)value;
    return true;
}

bool reading_name(struct reading *reading, int at, char name[STANDARD_NAME_MAX + 1])
{
    const char *word = reading->words[at];
    size_t size = strlen(word);

    if (reading->is_quoted[at] || size == 0 || size > STANDARD_NAME_MAX ||
        strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_") != size)
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "a name has 1 to 40 lower-case letters, digits, '-' and '_'");
    memcpy(name, word, size + 1);
    return true;
}

bool reading_reason(struct reading *reading, int at, int *reason)
{
    for (int i = 0; i < reading->standard->reason_count; i++) {
        if (strcmp(reading->standard->reasons[i].code, reading->words[at]) == 0) {
            *reason = i;
            return true;
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "no such reason is defined above");
}

bool reading_attribute(struct reading *reading, int at, int *attribute)
{
    int found = standard_attribute_find(reading->standard, reading->words[at]);

    if (found < 0)
        return reading_fail(reading, "STANDARD_WORD", "no such attribute is defined above");
    *attribute = found;
    return true;
}

/* A short code: upper-case letters and digits, at most 7. */
static bool read_code(struct reading *reading, int at, char code[8])
{
    const char *word = reading->words[at];
    size_t size = strlen(word);

    if (reading->is_quoted[at] || size == 0 || size > 7 ||
        strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-") != size)
        return reading_fail(reading, "STANDARD_SYNTAX",
                            "a code has 1 to 7 upper-case letters, digits, '+' and '-'");
    memcpy(code, word, size + 1);
    return true;
}

/* A quoted sentence, kept in the arena. */
static bool read_sentence(struct reading *reading, int at, const char **sentence)
{
    if (!reading->is_quoted[at] || reading->words[at][0] == '\0')
        return reading_fail(reading, "STANDARD_SYNTAX", "a text in double quotes was expected");
    if (strlen(reading->words[at]) > STANDARD_SENTENCE_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "a text is longer than 400 bytes");
    *sentence = arena_string(reading->ctx->arena, reading->words[at]);
    return true;
}

/* ---- Lines of the head ---- */

static bool read_standard(struct reading *reading)
{
    return reading_name(reading, 1, reading->standard->id) &&
           reading_int(reading, 2, 1, 1000000, &reading->standard->version);
}

static bool read_title(struct reading *reading)
{
    return read_sentence(reading, 1, &reading->standard->title[0]) &&
           read_sentence(reading, 2, &reading->standard->title[1]);
}

static bool read_outcome(struct reading *reading)
{
    return read_sentence(reading, 1, &reading->standard->outcome[0]) &&
           read_sentence(reading, 2, &reading->standard->outcome[1]);
}

static bool read_horizon(struct reading *reading)
{
    return reading_int(reading, 1, 1, HORIZON_MAX, &reading->standard->horizon_months);
}

static bool read_fitted(struct reading *reading)
{
    return read_sentence(reading, 1, &reading->standard->fitted);
}

static bool read_note(struct reading *reading)
{
    struct standard *standard = reading->standard;

    if (standard->note_count == STANDARD_NOTES_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 16 notes");
    return read_sentence(reading, 1, &standard->notes[standard->note_count++]);
}

static bool read_bits(struct reading *reading, const struct code_table *table, uint32_t *bits)
{
    for (int i = 1; i < reading->count; i++) {
        const struct code *code = code_find_name(table, reading->words[i]);

        if (!code || code->number == 0)
            return reading_fail(reading, "STANDARD_WORD", "not a word of the published codes");
        *bits |= 1U << code->number;
    }
    return true;
}

static bool read_subjects(struct reading *reading)
{
    return read_bits(reading, &code_subject_kinds, &reading->standard->subjects);
}

static bool read_accounts(struct reading *reading)
{
    return read_bits(reading, &code_account_types, &reading->standard->accounts);
}

static bool read_behaviours(struct reading *reading)
{
    return read_bits(reading, &code_behaviour_roles, &reading->standard->behaviours);
}

/* Only those of an organisation: no standard reads what a person owns or earns. */
static bool read_statements(struct reading *reading)
{
    uint32_t own = 1U << STATEMENT_ANNUAL_ACCOUNTS | 1U << STATEMENT_INTERIM_ACCOUNTS;

    return read_bits(reading, &code_statement_types, &reading->standard->statements) &&
           (!(reading->standard->statements & ~own) ||
            reading_fail(reading, "STANDARD_WORD", "a statement of a person is never read"));
}

/* Kept in order, so that one meaning has one text. */
static bool add_product(struct reading *reading, const char *product)
{
    struct standard *standard = reading->standard;
    int at = standard->product_count;

    for (; at > 0 && strcmp(standard->products[at - 1], product) >= 0; at--) {
        if (strcmp(standard->products[at - 1], product) == 0)
            return reading_fail(reading, "STANDARD_DUPLICATE",
                                "the business type was given before");
        memcpy(standard->products[at], standard->products[at - 1], sizeof(standard->products[0]));
    }
    memcpy(standard->products[at], product, strlen(product) + 1);
    standard->product_count++;
    return true;
}

static bool read_products(struct reading *reading)
{
    for (int i = 1; i < reading->count; i++) {
        const char *word = reading->words[i];

        if (!code_product_is_known(word) || strlen(word) > STANDARD_PRODUCT_MAX)
            return reading_fail(reading, "STANDARD_WORD", "not a business type");
        if (!add_product(reading, word))
            return false;
    }
    return true;
}

static bool read_valid(struct reading *reading)
{
    struct standard *standard = reading->standard;

    if (!day_parse(reading->words[1], &standard->valid_from) ||
        !day_parse(reading->words[2], &standard->valid_to))
        return reading_fail(reading, "STANDARD_SYNTAX", "two days as YYYY-MM-DD were expected");
    return standard->valid_from.number <= standard->valid_to.number ||
           reading_fail(reading, "STANDARD_RANGE", "the validity ends before it begins");
}

static bool read_rating_days(struct reading *reading)
{
    return reading_int(reading, 1, 1, DAYS_OF_RATING_MAX, &reading->standard->rating_days);
}

static bool read_scale(struct reading *reading)
{
    static const int scale[] = {STANDARD_SCORE_MIN, STANDARD_SCORE_MAX, STANDARD_SCORE_BASE,
                                STANDARD_ODDS_BASE, STANDARD_DOUBLE_POINTS};
    int given;

    for (int i = 0; i < 5; i++) {
        if (!reading_int(reading, i + 1, 0, STANDARD_SCORE_MAX, &given))
            return false;
        if (given != scale[i])
            return reading_fail(reading, "STANDARD_RANGE", "the scale is 300 900 600 20 40");
    }
    return true;
}

static bool read_shift(struct reading *reading)
{
    return reading_int(reading, 1, -600, 600, &reading->standard->shift);
}

static bool read_currency(struct reading *reading)
{
    static const int64_t bounds[2] = {1, 1000000};
    struct standard *standard = reading->standard;
    struct standard_currency *currency = &standard->currencies[standard->currency_count];

    if (standard->currency_count == STANDARD_CURRENCIES_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 32 currencies");
    if (strlen(reading->words[1]) != 3 || money_minor_digits(reading->words[1]) < 0)
        return reading_fail(reading, "STANDARD_WORD", "not a currency of ISO 4217");
    for (int i = 0; i < standard->currency_count; i++) {
        if (strcmp(standard->currencies[i].code, reading->words[1]) == 0)
            return reading_fail(reading, "STANDARD_DUPLICATE", "the currency was given before");
    }
    memcpy(currency->code, reading->words[1], sizeof(currency->code));
    standard->currency_count++;
    return reading_number(reading, 2, bounds, &currency->numerator) &&
           reading_number(reading, 3, bounds, &currency->denominator);
}

/* The bound and the probability that the scale gives the lowest score agree to one part in 20. */
static bool grade_fits_scale(const struct standard_grade *grade)
{
    int bound_ppm = grade->pd_bps * 100;
    int difference = rating_pd_ppm(grade->lower) - bound_ppm;

    return grade->lower <= STANDARD_SCORE_MIN ||
           (difference <= bound_ppm / 20 && -difference <= bound_ppm / 20);
}

static bool read_grade(struct reading *reading)
{
    struct standard *standard = reading->standard;
    struct standard_grade *grade = &standard->grades[standard->grade_count];
    const struct standard_grade *better = standard->grade_count ? grade - 1 : NULL;
    bool is_scored = strcmp(reading->words[2], "-") != 0;

    if (standard->grade_count == STANDARD_GRADES_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 16 grades");
    grade->lower = -1;
    if (!read_code(reading, 1, grade->name) ||
        (is_scored &&
         !reading_int(reading, 2, STANDARD_SCORE_MIN, STANDARD_SCORE_MAX, &grade->lower)) ||
        !reading_int(reading, 3, 1, PD_WHOLE, &grade->pd_bps))
        return false;
    if (strcmp(grade->name, STANDARD_GRADE_EXCLUDED) == 0)
        return reading_fail(reading, "STANDARD_WORD", "NR is the grade of who is not rated");
    if (better && (grade->lower >= better->lower && better->lower >= 0))
        return reading_fail(reading, "STANDARD_RANGE", "grades fall from the best to the worst");
    if (better && (grade->pd_bps < better->pd_bps || (better->lower < 0 && is_scored)))
        return reading_fail(reading, "STANDARD_RANGE", "a worse grade has a lower bound");
    if (is_scored && !grade_fits_scale(grade))
        return reading_fail(reading, "STANDARD_RANGE",
                            "score and probability of the grade are not of the scale");
    for (int i = 0; i < standard->grade_count; i++) {
        if (strcmp(standard->grades[i].name, grade->name) == 0)
            return reading_fail(reading, "STANDARD_DUPLICATE", "the grade was given before");
    }
    standard->grade_count++;
    return true;
}

static bool read_reason(struct reading *reading)
{
    struct standard *standard = reading->standard;
    struct standard_reason *reason = &standard->reasons[standard->reason_count];

    if (standard->reason_count == STANDARD_REASONS_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 64 reasons");
    if (!read_code(reading, 1, reason->code) || !read_sentence(reading, 2, &reason->english) ||
        !read_sentence(reading, 3, &reason->chinese))
        return false;
    for (int i = 0; i < standard->reason_count; i++) {
        if (strcmp(standard->reasons[i].code, reason->code) == 0)
            return reading_fail(reading, "STANDARD_DUPLICATE", "the reason was given before");
    }
    standard->reason_count++;
    return true;
}

/* ---- Exclusions and overrides ---- */

static bool read_fact(struct reading *reading, enum standard_fact *fact)
{
    for (int i = 0; i < STANDARD_FACT_COUNT; i++) {
        if (strcmp(standard_fact_word((enum standard_fact)i), reading->words[1]) == 0) {
            *fact = (enum standard_fact)i;
            return true;
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "not a fact that a standard can use");
}

static bool next_clause(struct reading *reading, struct standard_clause **clause)
{
    struct standard *standard = reading->standard;

    if (standard->clause_count == STANDARD_CLAUSES_MAX)
        return reading_fail(reading, "STANDARD_RANGE", "more than 32 exclusions and overrides");
    *clause = &standard->clauses[standard->clause_count];
    if (!read_fact(reading, &(*clause)->fact))
        return false;
    for (int i = 0; i < standard->clause_count; i++) {
        if (standard->clauses[i].fact == (*clause)->fact)
            return reading_fail(reading, "STANDARD_DUPLICATE", "the fact was used before");
    }
    standard->clause_count++;
    return true;
}

/* Months of accounts and transactions are counted as far back as attributes may look. */
static int most_months(enum standard_fact fact)
{
    return fact == STANDARD_FACT_HAS_ACCOUNTS || fact == STANDARD_FACT_THIN_BEHAVIOUR
               ? STANDARD_MONTHS_MAX
               : STALE_MAX;
}

void reading_look_back(struct reading *reading, int months)
{
    if (reading->standard->months < months)
        reading->standard->months = months;
}

static bool read_exclude(struct reading *reading)
{
    struct standard_clause *clause;

    if (!next_clause(reading, &clause))
        return false;
    bool has_number = standard_fact_has_number(clause->fact);

    clause->grade = -1;
    if (reading->count != (has_number ? 4 : 3))
        return reading_fail(
            reading, "STANDARD_SYNTAX",
            "exclude FACT CODE; thin, stale and their like have a number of months");
    if (has_number && !reading_int(reading, 2, 1, most_months(clause->fact), &clause->number))
        return false;
    if (clause->fact == STANDARD_FACT_HAS_ACCOUNTS)
        reading_look_back(reading, clause->number - 1);
    return reading_reason(reading, reading->count - 1, &clause->reason);
}

static bool read_override(struct reading *reading)
{
    struct standard *standard = reading->standard;
    struct standard_clause *clause;

    if (!next_clause(reading, &clause))
        return false;
    if (clause->fact < STANDARD_FACT_BAD_DEBT)
        return reading_fail(reading, "STANDARD_WORD", "this fact can only exclude");
    for (int i = 0; i < standard->grade_count; i++) {
        if (strcmp(standard->grades[i].name, reading->words[2]) == 0) {
            clause->grade = i;
            return reading_reason(reading, 3, &clause->reason);
        }
    }
    return reading_fail(reading, "STANDARD_WORD", "no such grade is defined above");
}

/* ---- Lines into words ---- */

static const struct reading_keyword keywords[] = {
    {"standard", 2, 2, true, read_standard},
    {"title", 2, 2, true, read_title},
    {"outcome", 2, 2, true, read_outcome},
    {"horizon-months", 1, 1, true, read_horizon},
    {"fitted", 1, 1, true, read_fitted},
    {"subjects", 1, 5, true, read_subjects},
    {"valid", 2, 2, true, read_valid},
    {"rating-days", 1, 1, true, read_rating_days},
    {"scale", 5, 5, true, read_scale},
    {"grade", 3, 3, false, read_grade},
    {"reason", 3, 3, false, read_reason},
    {"attribute", 3, 8, false, reading_define},
    {"card", 1, 17, false, reading_card},
    {"accounts", 1, 6, true, read_accounts},
    {"products", 1, STANDARD_PRODUCTS_MAX, true, read_products},
    {"behaviours", 1, 2, true, read_behaviours},
    {"statements", 1, 2, true, read_statements},
    {"shift", 1, 1, true, read_shift},
    {"note", 1, 1, false, read_note},
    {"expect", 2, 2, false, reading_expect},
    {"currency", 3, 3, false, read_currency},
    {"exclude", 2, 3, false, read_exclude},
    {"override", 3, 3, false, read_override},
    {"fit", 4, 4, false, reading_fit},
    {"base", 1, 1, false, reading_base},
    {"characteristic", 2, 4, false, reading_characteristic},
    {"columns", 1, STANDARD_COLUMNS_MAX - 2, false, reading_columns},
    {"below", 2, STANDARD_COLUMNS_MAX + 1, false, reading_below},
    {"rest", 1, STANDARD_COLUMNS_MAX, false, reading_rest},
    {"missing", 1, STANDARD_COLUMNS_MAX, false, reading_missing},
};
enum { KEYWORDS_NEEDED = 13 }; /* the first of them: without one a standard is incomplete */

/* Cuts one word off; *at moves behind it. Quoted text has no escape: a quote cannot be in it. */
static bool cut_word(struct reading *reading, char **at)
{
    bool is_quoted = **at == '"';
    char *word = *at + is_quoted;
    char *end = word + strcspn(word, is_quoted ? "\"" : " \"");

    if (is_quoted ? *end != '"' || (end[1] != ' ' && end[1] != '\0') : *end == '"')
        return reading_fail(reading, "STANDARD_SYNTAX", "a quote opens or ends inside a word");
    if (reading->count == READING_WORDS_MAX)
        return reading_fail(reading, "STANDARD_SYNTAX", "more words than any line has");
    *at = *end ? end + 1 : end;
    *end = '\0';
    reading->is_quoted[reading->count] = is_quoted;
    reading->words[reading->count++] = word;
    return true;
}

static bool understand(struct reading *reading)
{
    for (size_t i = 0; i < ARRAY_LENGTH(keywords); i++) {
        const struct reading_keyword *keyword = &keywords[i];

        if (reading->is_quoted[0] || strcmp(keyword->word, reading->words[0]) != 0)
            continue;
        if (reading->count - 1 < keyword->count_min || reading->count - 1 > keyword->count_max)
            return reading_fail(reading, "STANDARD_SYNTAX", "too few or too many words");
        if (keyword->is_single && (reading->seen & 1U << i))
            return reading_fail(reading, "STANDARD_DUPLICATE", "this line was given before");
        reading->seen |= 1U << i;
        return keyword->read(reading);
    }
    return reading_fail(reading, "STANDARD_WORD", "no line begins with this word");
}

static const char *control_words(const char *line)
{
    return strchr(line, '\t')   ? "a tab: words are divided by spaces"
           : strchr(line, '\r') ? "a carriage return: a line ends with a line feed alone"
                                : "a control character";
}

static bool read_line(struct reading *reading, char *line)
{
    char *at = line + strspn(line, " ");

    reading->line++;
    reading->count = 0;
    if (text_has_control(line))
        return reading_fail(reading, "STANDARD_TEXT", control_words(line));
    if (*at == '#')
        return true;
    for (; *at; at += strspn(at, " ")) {
        if (!cut_word(reading, &at))
            return false;
    }
    return reading->count == 0 || understand(reading);
}

/* ---- The whole ---- */

static bool check_head(struct reading *reading)
{
    const struct standard *standard = reading->standard;
    int scored = 0;

    for (int i = 0; i < KEYWORDS_NEEDED; i++) {
        if (!(reading->seen & 1U << i))
            return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE", "no line \"%s\"",
                        keywords[i].word);
    }
    while (scored < standard->grade_count && standard->grades[scored].lower >= 0)
        scored++;
    return (scored > 0 && standard->grades[scored - 1].lower == STANDARD_SCORE_MIN) ||
           fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                "the worst grade with a score begins at 300");
}

static bool check_cards(struct reading *reading)
{
    const struct standard *standard = reading->standard;

    for (int i = 0; i < standard->card_count; i++) {
        bool is_last = i + 1 == standard->card_count;

        if ((standard->cards[i].condition_count == 0) != is_last)
            return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                        "the last card, and no other, is without a condition");
        if (!reading->is_draft && standard->cards[i].characteristic_count == 0)
            return fail(reading->ctx, ERR_INVALID, "STANDARD_INCOMPLETE",
                        "card %s has no points, as if the text were a draft",
                        standard->cards[i].name);
    }
    return true;
}

/* Short lines have longer ones in the canonical text, which is what is kept. */
static bool check_canonical(struct reading *reading)
{
    struct arena arena = {0};
    struct builder canonical = {.arena = &arena};

    standard_write(reading->standard, &canonical);
    arena_done(&arena);
    return canonical.size <= STANDARD_TEXT_MAX ||
           reading_fail(reading, "STANDARD_TEXT", "the canonical text is longer than 262144 bytes");
}

MUST_USE bool standard_read(struct ctx *ctx, const char *text, size_t size, bool is_draft,
                            struct standard *standard)
{
    struct reading reading = {.ctx = ctx, .standard = standard, .is_draft = is_draft};

    memset(standard, 0, sizeof(*standard));
    if (size > STANDARD_TEXT_MAX)
        return fail(ctx, ERR_INVALID, "STANDARD_TEXT", "more than 262144 bytes");
    if (!text_is_utf8(text, size))
        return fail(ctx, ERR_INVALID, "STANDARD_TEXT", "not UTF-8, or a NUL in it");
    char *line = arena_copy(ctx->arena, text, size);

    while (line) {
        char *next = strchr(line, '\n');

        if (next)
            *next++ = '\0';
        if (!read_line(&reading, line))
            return false;
        line = next;
    }
    return reading_end_characteristic(&reading) && check_head(&reading) &&
           reading_check_sources(&reading) && check_cards(&reading) && check_canonical(&reading);
}
