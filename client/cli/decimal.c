#include "cli/decimal.h"

#include <ctype.h>
#include <string.h>

#include "base/day.h"

enum { DIGITS_MAX = 18 };

/* Digits of a number, without mark and groups. */
struct digits {
    char text[DIGITS_MAX];
    int count;
    bool is_long;
};

static void put_digit(struct digits *digits, char digit)
{
    if (!digits->count && digit == '0')
        return; /* leading zeros */
    if (digits->count == DIGITS_MAX)
        digits->is_long = true;
    else
        digits->text[digits->count++] = digit;
}

static int run_of_digits(const char *text)
{
    int count = 0;

    while (isdigit((unsigned char)text[count]))
        count++;
    return count;
}

/* "1234567" or "1,234,567"; NULL when it is neither. Answers what follows. */
static const char *read_units(const char *text, char group, struct digits *digits)
{
    int run = run_of_digits(text);
    bool is_grouped = text[run] == group;

    if (!run || (is_grouped && run > 3))
        return NULL;
    for (;;) {
        for (int i = 0; i < run; i++)
            put_digit(digits, *text++);
        if (!is_grouped || *text != group)
            return text;
        run = run_of_digits(++text);
        if (run != 3)
            return NULL;
    }
}

enum decimal_result decimal_read(const char *text, char mark, int shift, int64_t *value)
{
    struct digits digits = {.count = 0};
    bool is_negative = *text == '-';
    int decimals = 0;

    text = read_units(text + (*text == '-' || *text == '+'), mark == '.' ? ',' : '.', &digits);
    if (!text)
        return DECIMAL_WRONG;
    if (*text == mark) {
        decimals = run_of_digits(++text);
        if (!decimals)
            return DECIMAL_WRONG;
    }
    if (text[decimals])
        return DECIMAL_WRONG;
    while (decimals && text[decimals - 1] == '0')
        decimals--;
    if (decimals > shift)
        return DECIMAL_PRECISE;
    for (int i = 0; i < shift; i++)
        put_digit(&digits, i < decimals ? text[i] : '0');
    if (digits.is_long)
        return DECIMAL_LARGE;
    int64_t number = 0;
    for (int i = 0; i < digits.count; i++)
        number = number * 10 + (digits.text[i] - '0');
    *value = is_negative ? -number : number;
    return DECIMAL_GOOD;
}

/* One piece of a pattern: 'Y', 'M', 'D', '*' or 0 for a byte that stands for itself. */
struct piece {
    char what;
    int size;      /* bytes in the pattern */
    int low, high; /* digits in the text */
};

static const struct {
    const char *spelling;
    struct piece piece;
} pieces[] = {
    {"YYYY", {'Y', 4, 4, 4}}, {"MM", {'M', 2, 2, 2}}, {"M", {'M', 1, 1, 2}},
    {"DD", {'D', 2, 2, 2}},   {"D", {'D', 1, 1, 2}},
};

static struct piece next_piece(const char *pattern)
{
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++)
        if (!strncmp(pattern, pieces[i].spelling, (size_t)pieces[i].piece.size))
            return pieces[i].piece;
    if (*pattern == '*' && !pattern[1])
        return (struct piece){.what = '*', .size = 1};
    return (struct piece){.what = 0, .size = 1};
}

/* Marks the part as found; false when it was before. */
static bool note(bool *has)
{
    bool is_first = !*has;

    *has = true;
    return is_first;
}

bool pattern_check(const char *pattern, struct pattern *found)
{
    *found = (struct pattern){.has_year = false};
    while (*pattern) {
        struct piece piece = next_piece(pattern);
        bool is_good = piece.what == 'Y'   ? note(&found->has_year)
                       : piece.what == 'M' ? note(&found->has_month)
                       : piece.what == 'D' ? note(&found->has_day)
                                           : piece.what == '*' || !isalnum((unsigned char)*pattern);
        if (!is_good)
            return false;
        pattern += piece.size;
    }
    return true;
}

/* Between low and high digits; NULL when there are fewer. Answers what follows. */
static const char *take_number(const char *text, const struct piece *piece, int32_t *number)
{
    int count = 0;

    *number = 0;
    for (; count < piece->high && isdigit((unsigned char)*text); count++)
        *number = *number * 10 + (*text++ - '0');
    return count < piece->low ? NULL : text;
}

bool pattern_read(const char *pattern, const char *text, int32_t *value)
{
    int32_t year = 0, month = 0, day = 0;
    bool has_day = false;
    struct day real;
    struct period period;

    for (; *pattern; pattern += next_piece(pattern).size) {
        struct piece piece = next_piece(pattern);
        if (piece.what == '*') {
            text += strlen(text);
            continue;
        }
        if (!piece.what) {
            if (*text++ != *pattern)
                return false;
            continue;
        }
        has_day |= piece.what == 'D';
        text = take_number(text, &piece,
                           piece.what == 'Y'   ? &year
                           : piece.what == 'M' ? &month
                                               : &day);
        if (!text)
            return false;
    }
    *value = has_day ? (year * 100 + month) * 100 + day : year * 100 + month;
    return !*text && (has_day ? day_from_wire(*value, &real) : period_from_wire(*value, &period));
}
