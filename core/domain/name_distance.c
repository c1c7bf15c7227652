#include "domain/name_distance.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

enum { WORDS = 16, SCRIPT_LATIN = 1, SCRIPT_OTHER = 2 };

/* A name as it is compared: its letters, and where its words begin. */
struct letters {
    uint32_t code[NAME_DISTANCE_LETTERS];
    size_t count;
    size_t word[WORDS + 1]; /* word[words] is the end of the last */
    size_t words;
    int scripts; /* bits */
};

/* Latin letters with marks, in runs that share the letter without: vowels of pinyin with their
 * tones, and what the languages of Europe and Central Asia add. Lower case stands before upper
 * where both are listed; text_fold_name raised ASCII only. Unicode blocks Latin-1 Supplement, Latin
 * Extended-A and -B. */
static const struct {
    uint16_t first;
    uint16_t last;
    char letter;
} latin[] = {
    {0x00c0, 0x00c5, 'A'}, {0x00c7, 0x00c7, 'C'}, {0x00c8, 0x00cb, 'E'}, {0x00cc, 0x00cf, 'I'},
    {0x00d1, 0x00d1, 'N'}, {0x00d2, 0x00d6, 'O'}, {0x00d8, 0x00d8, 'O'}, {0x00d9, 0x00dc, 'U'},
    {0x00dd, 0x00dd, 'Y'}, {0x00e0, 0x00e5, 'A'}, {0x00e7, 0x00e7, 'C'}, {0x00e8, 0x00eb, 'E'},
    {0x00ec, 0x00ef, 'I'}, {0x00f1, 0x00f1, 'N'}, {0x00f2, 0x00f6, 'O'}, {0x00f8, 0x00f8, 'O'},
    {0x00f9, 0x00fc, 'U'}, {0x00fd, 0x00fd, 'Y'}, {0x00ff, 0x00ff, 'Y'}, {0x0100, 0x0105, 'A'},
    {0x0106, 0x010d, 'C'}, {0x010e, 0x0111, 'D'}, {0x0112, 0x011b, 'E'}, {0x011c, 0x0123, 'G'},
    {0x0124, 0x0127, 'H'}, {0x0128, 0x0131, 'I'}, {0x0134, 0x0135, 'J'}, {0x0136, 0x0137, 'K'},
    {0x0139, 0x0142, 'L'}, {0x0143, 0x0148, 'N'}, {0x014c, 0x0151, 'O'}, {0x0154, 0x0159, 'R'},
    {0x015a, 0x0161, 'S'}, {0x0162, 0x0167, 'T'}, {0x0168, 0x0173, 'U'}, {0x0174, 0x0175, 'W'},
    {0x0176, 0x0178, 'Y'}, {0x0179, 0x017e, 'Z'}, {0x01cd, 0x01ce, 'A'}, {0x01cf, 0x01d0, 'I'},
    {0x01d1, 0x01d2, 'O'}, {0x01d3, 0x01dc, 'U'}, {0x01f8, 0x01f9, 'N'},
};

static uint32_t without_mark(uint32_t code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(latin); i++)
        if (code >= latin[i].first && code <= latin[i].last)
            return (uint32_t)latin[i].letter;
    return code;
}

static bool is_mark(uint32_t code)
{
    return code >= 0x300 && code <= 0x36f;
}

/* What stands between words. */
static bool is_gap(uint32_t code)
{
    return code == ' ' || code == ',' || code == 0xb7 || code == 0x3001;
}

/* What is written in a word or left out of it: hyphens, dots, apostrophes, brackets. */
static bool is_noise(uint32_t code)
{
    return (code < 0x80 && code != 0 && strchr("-.'`()[]_/\"", (int)code) != NULL) ||
           (code >= 0x200b && code <= 0x201f) || code == 0x3002;
}

/* Passports write the vowel of the syllables LU and NU with two dots as YU or V; V is no letter of
 * pinyin besides. One form for the three: U. */
static void put_letter(struct letters *name, uint32_t code)
{
    size_t start = name->word[name->words];
    uint32_t last = name->count > start ? name->code[name->count - 1] : 0;
    uint32_t before = name->count > start + 1 ? name->code[name->count - 2] : 0;

    if (code == 'V' && (last == 'L' || last == 'N'))
        code = 'U';
    if (code == 'U' && last == 'Y' && (before == 'L' || before == 'N'))
        name->count--;
    name->code[name->count++] = code;
    name->scripts |= code >= 'A' && code <= 'Z' ? SCRIPT_LATIN : code >= 0x80 ? SCRIPT_OTHER : 0;
}

static void end_word(struct letters *name)
{
    if (name->words < WORDS - 1 && name->count > name->word[name->words])
        name->word[++name->words] = name->count;
}

static void read_letters(struct arena *arena, const char *text, struct letters *name)
{
    const char *folded = text_fold_name(arena, text);
    size_t size = strlen(folded);

    memset(name, 0, sizeof(*name));
    for (size_t i = 0; i < size && name->count < NAME_DISTANCE_LETTERS;) {
        uint32_t code;

        i += text_next(folded + i, size - i, &code);
        if (is_gap(code))
            end_word(name);
        else if (!is_noise(code) && !is_mark(code))
            put_letter(name, without_mark(code));
    }
    if (name->count > name->word[name->words])
        name->word[++name->words] = name->count;
}

/* The words of a name in another order. order: words indexes. */
static void reorder(const struct letters *from, const size_t *order, struct letters *to)
{
    memset(to, 0, sizeof(*to));
    for (size_t i = 0; i < from->words; i++) {
        size_t start = from->word[order[i]];
        size_t count = from->word[order[i] + 1] - start;

        memcpy(to->code + to->count, from->code + start, count * sizeof(*to->code));
        to->count += count;
    }
}

static int compare_words(const struct letters *name, size_t a, size_t b)
{
    size_t i = name->word[a];
    size_t j = name->word[b];

    for (; i < name->word[a + 1] && j < name->word[b + 1]; i++, j++)
        if (name->code[i] != name->code[j])
            return name->code[i] < name->code[j] ? -1 : 1;
    return (i < name->word[a + 1]) - (j < name->word[b + 1]);
}

static void sort_words(const struct letters *from, struct letters *to)
{
    size_t order[WORDS];

    for (size_t i = 0; i < from->words; i++) {
        size_t at = i;

        for (; at > 0 && compare_words(from, order[at - 1], i) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    reorder(from, order, to);
}

/* The last word first: SAN ZHANG becomes ZHANG SAN, XIAO MING LI becomes LI XIAO MING. */
static void turn_words(const struct letters *from, struct letters *to)
{
    size_t order[WORDS];

    for (size_t i = 0; i < from->words; i++)
        order[i] = (i + from->words - 1) % from->words;
    reorder(from, order, to);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance by one row of the table. */
static size_t edits(const struct letters *a, const struct letters *b)
{
    size_t row[NAME_DISTANCE_LETTERS + 1];

    for (size_t j = 0; j <= b->count; j++)
        row[j] = j;
    for (size_t i = 1; i <= a->count; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b->count; j++) {
            size_t replaced = diagonal + (a->code[i - 1] != b->code[j - 1]);

            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b->count];
}

/* The fewest edits over the orders of words that people write. */
static size_t fewest_edits(const struct letters *a, const struct letters *b)
{
    struct letters other_a;
    struct letters other_b;
    size_t best = edits(a, b);

    sort_words(a, &other_a);
    sort_words(b, &other_b);
    best = smaller(best, edits(&other_a, &other_b));
    turn_words(a, &other_a);
    turn_words(b, &other_b);
    return smaller(best, smaller(edits(&other_a, b), edits(a, &other_b)));
}

static int distance(const struct letters *a, const struct letters *b)
{
    size_t longer = a->count > b->count ? a->count : b->count;

    if (longer == 0)
        return 0;
    return (int)((fewest_edits(a, b) * NAME_DISTANCE_FULL + longer - 1) / longer);
}

int name_distance(struct arena *arena, const char *a, const char *b)
{
    struct letters first;
    struct letters second;

    read_letters(arena, a, &first);
    read_letters(arena, b, &second);
    return distance(&first, &second);
}

bool name_is_conflict(struct arena *arena, const char *a, const char *b)
{
    struct letters first;
    struct letters second;

    read_letters(arena, a, &first);
    read_letters(arena, b, &second);
    return (first.scripts & second.scripts) != 0 &&
           distance(&first, &second) > NAME_DISTANCE_CONFLICT;
}
