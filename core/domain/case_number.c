/*
 * Case numbers of courts, declared in identifier.h: (year) court kind number 号, where the kind of
 * an enforcement is 执.
 */
#include "domain/identifier.h"

#include <string.h>

#include "base/text.h"

#define DIGITS      "0123456789"
#define ENFORCEMENT "\xe6\x89\xa7" /* 执 */
#define NUMBER      "\xe5\x8f\xb7" /* 号 */

enum { COURT_CHARACTERS_MAX = 4, COURT_DIGITS_MAX = 4, CASE_NO_BYTES_MAX = 120 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_character(const char *text)
{
    for (text++; ((unsigned char)*text & 0xc0) == 0x80;)
        text++;
    return text;
}

/* After the brackets: one to four characters and up to four digits name the court, then 执. */
static const char *skip_court(const char *text)
{
    for (int i = 0; i < COURT_CHARACTERS_MAX && *text && !is_digit(*text); i++) {
        text = skip_character(text);
        size_t digits = strspn(text, DIGITS);
        if (digits <= COURT_DIGITS_MAX &&
            strncmp(text + digits, ENFORCEMENT, strlen(ENFORCEMENT)) == 0)
            return text + digits + strlen(ENFORCEMENT);
    }
    return NULL;
}

/* Of any case: a character names the court. */
static const char *skip_any_court(const char *text)
{
    return *text && !is_digit(*text) ? skip_character(text) : NULL;
}

static bool read_number(struct arena *arena, const char *text, struct day today,
                        const char *(*skip)(const char *), const char **canonical)
{
    if (strlen(text) > CASE_NO_BYTES_MAX || !text_is_utf8(text, strlen(text)) ||
        text_has_control(text))
        return false;
    char *folded = text_fold_identifier(arena, text);
    size_t size = strlen(folded);
    if (folded[0] != '(' || strspn(folded + 1, DIGITS) != 4 || folded[5] != ')')
        return false;
    const char *number = skip(folded + 6);
    /* What follows ends in a digit and 号, and has no space. */
    if (!number || folded + size - number < 1 + (ptrdiff_t)strlen(NUMBER) || strchr(folded, ' '))
        return false;
    if (strcmp(folded + size - strlen(NUMBER), NUMBER) != 0 ||
        !is_digit(folded[size - strlen(NUMBER) - 1]))
        return false;
    int year = (folded[1] - '0') * 1000 + (folded[2] - '0') * 100 + (folded[3] - '0') * 10 +
               folded[4] - '0';
    if (year > day_to_wire(today) / 10000)
        return false;
    *canonical = folded;
    return true;
}

bool identifier_read_case_no(struct arena *arena, const char *text, struct day today,
                             const char **canonical)
{
    return read_number(arena, text, today, skip_court, canonical);
}

bool identifier_read_judgment_no(struct arena *arena, const char *text, struct day today,
                                 const char **canonical)
{
    return read_number(arena, text, today, skip_any_court, canonical);
}
