#include "domain/identifier.h"

#include <string.h>

#include "base/text.h"
#include "domain/check_digit.h"
#include "domain/dated_list.h"
#include "domain/region.h"

enum {
    RESIDENT_SIZE = 18,
    RESIDENT_OLD_SIZE = 15,
    RESIDENT_FIRST_YEAR = 1984, /* in which the first numbers were given */
    USCC_SIZE = 18,
    ORG_CODE_SIZE = 9,
};

/* What a type without a rule of its own may look like. */
struct shape {
    enum identifier_type type;
    size_t size_min, size_max; /* characters */
    const char *charset;       /* NULL: any printable character */
};

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct shape shapes[] = {
    {IDENTIFIER_TYPE_HKM_PERMIT, 9, 11, DIGITS "HM"},
    {IDENTIFIER_TYPE_TW_PERMIT, 8, 11, DIGITS LETTERS},
    {IDENTIFIER_TYPE_PASSPORT, 5, 20, DIGITS LETTERS},
    {IDENTIFIER_TYPE_OFFICER_CARD, 4, IDENTIFIER_VALUE_MAX, NULL},
    {IDENTIFIER_TYPE_SOLDIER_CARD, 4, IDENTIFIER_VALUE_MAX, NULL},
    {IDENTIFIER_TYPE_HOUSEHOLD_BOOK, 4, IDENTIFIER_VALUE_MAX, DIGITS LETTERS "-"},
    {IDENTIFIER_TYPE_TAX_NO, 8, 20, DIGITS LETTERS},
    {IDENTIFIER_TYPE_BUSINESS_REG_NO, 6, 30, DIGITS LETTERS "-"},
};

static bool is_all(const char *text, const char *charset)
{
    return text[strspn(text, charset)] == '\0';
}

/* Reads the birth date at digits 7 to 14 and the sex at digit 17. */
static enum identifier_fault read_birth(struct identifier *identifier, struct day today)
{
    char date[9] = {0};

    memcpy(date, identifier->value + 6, 8);
    if (!day_parse(date, &identifier->born_on))
        return IDENTIFIER_FAULT_DATE;
    if (identifier->born_on.number < day_of_civil(1900, 1, 1).number ||
        identifier->born_on.number > today.number)
        return IDENTIFIER_FAULT_DATE;
    identifier->has_birth = true;
    identifier->sex = (identifier->value[16] - '0') % 2 == 1 ? 1 : 2;
    return IDENTIFIER_FAULT_NONE;
}

/* The 18 characters of GB 11643, which permits and foreigners' cards share. */
static enum identifier_fault read_eighteen(struct identifier *identifier, struct day today)
{
    const char *value = identifier->value;

    if (strlen(value) != RESIDENT_SIZE)
        return IDENTIFIER_FAULT_LENGTH;
    if (strspn(value, DIGITS) < 17 || !strchr(DIGITS "X", value[17]))
        return IDENTIFIER_FAULT_CHARACTER;
    if (value[17] != check_digit_mod_11_2(value))
        return IDENTIFIER_FAULT_CHECK;
    return read_birth(identifier, today);
}

/* Numbers of before 1999 lack the century and the check digit; all of them are of the 1900s. */
static char *convert_fifteen(struct arena *arena, const char *old)
{
    char *value = arena_format(arena, "%.6s19%s0", old, old + 6);

    value[17] = check_digit_mod_11_2(value);
    return value;
}

/* Rule S006: a number begins with the region in which it was given, at birth or later. */
static bool may_begin_so(const struct identifier *identifier, struct day today)
{
    int born = day_year(identifier->born_on);

    return region_was_in_force(identifier->value,
                               born > RESIDENT_FIRST_YEAR ? born : RESIDENT_FIRST_YEAR,
                               day_year(today));
}

static enum identifier_fault read_resident(struct arena *arena, struct identifier *identifier,
                                           struct day today)
{
    if (strlen(identifier->value) == RESIDENT_OLD_SIZE) {
        if (!is_all(identifier->value, DIGITS))
            return IDENTIFIER_FAULT_CHARACTER;
        identifier->value = convert_fifteen(arena, identifier->value);
        identifier->doubts |= IDENTIFIER_DOUBT_CONVERTED;
    }
    enum identifier_fault fault = read_eighteen(identifier, today);
    if (fault == IDENTIFIER_FAULT_NONE && !may_begin_so(identifier, today))
        identifier->doubts |= IDENTIFIER_DOUBT_REGION;
    return fault;
}

static enum identifier_fault read_hmt_residence(struct identifier *identifier, struct day today)
{
    static const char *const prefixes[] = {"810000", "820000", "830000"};
    bool is_known = false;

    for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++)
        is_known = is_known || strncmp(identifier->value, prefixes[i], 6) == 0;
    if (!is_known)
        identifier->doubts |= IDENTIFIER_DOUBT_REGION;
    return read_eighteen(identifier, today);
}

/* Cards of before 2023: three letters and twelve digits, without a check. */
static enum identifier_fault read_foreign_pr(struct identifier *identifier, struct day today)
{
    const char *value = identifier->value;

    if (strlen(value) == 15)
        return strspn(value, LETTERS) == 3 && is_all(value + 3, DIGITS)
                   ? IDENTIFIER_FAULT_NONE
                   : IDENTIFIER_FAULT_CHARACTER;
    if (strlen(value) == RESIDENT_SIZE && value[0] != '9')
        return IDENTIFIER_FAULT_CHARACTER;
    return read_eighteen(identifier, today);
}

static enum identifier_fault read_uscc(struct identifier *identifier)
{
    const char *value = identifier->value;

    if (strlen(value) != USCC_SIZE)
        return IDENTIFIER_FAULT_LENGTH;
    for (int i = 0; i < USCC_SIZE; i++)
        if (check_digit_uscc_value(value[i]) < 0)
            return IDENTIFIER_FAULT_CHARACTER;
    if (strspn(value + 2, DIGITS) < 6)
        return IDENTIFIER_FAULT_CHARACTER;
    if (value[17] != check_digit_mod_31(value))
        return IDENTIFIER_FAULT_CHECK;
    /* 100000 stands for the state's own registry. */
    if (!region_was_in_force(value + 2, 0, DATED_YEAR_MAX) && strncmp(value + 2, "100000", 6) != 0)
        identifier->doubts |= IDENTIFIER_DOUBT_REGION;
    if (value[16] != check_digit_gb_11714(value + 8))
        identifier->doubts |= IDENTIFIER_DOUBT_INNER_CHECK;
    return IDENTIFIER_FAULT_NONE;
}

static enum identifier_fault read_org_code(struct arena *arena, struct identifier *identifier)
{
    const char *value = identifier->value;

    if (strlen(value) == ORG_CODE_SIZE + 1 && value[ORG_CODE_SIZE - 1] == '-')
        value = identifier->value = arena_format(arena, "%.8s%c", value, value[ORG_CODE_SIZE]);
    if (strlen(value) != ORG_CODE_SIZE)
        return IDENTIFIER_FAULT_LENGTH;
    if (!is_all(value, DIGITS LETTERS))
        return IDENTIFIER_FAULT_CHARACTER;
    return value[8] == check_digit_gb_11714(value) ? IDENTIFIER_FAULT_NONE : IDENTIFIER_FAULT_CHECK;
}

static enum identifier_fault read_loan_card(struct identifier *identifier)
{
    if (strlen(identifier->value) != 16)
        return IDENTIFIER_FAULT_LENGTH;
    if (strspn(identifier->value, DIGITS LETTERS) < 3 || !is_all(identifier->value + 3, DIGITS))
        return IDENTIFIER_FAULT_CHARACTER;
    if (!check_digit_is_loan_card(identifier->value))
        identifier->doubts |= IDENTIFIER_DOUBT_CHECK;
    return IDENTIFIER_FAULT_NONE;
}

static enum identifier_fault read_lei(struct identifier *identifier)
{
    if (strlen(identifier->value) != 20)
        return IDENTIFIER_FAULT_LENGTH;
    if (!is_all(identifier->value, DIGITS LETTERS) || !is_all(identifier->value + 18, DIGITS))
        return IDENTIFIER_FAULT_CHARACTER;
    return check_digit_is_mod_97_10(identifier->value) ? IDENTIFIER_FAULT_NONE
                                                       : IDENTIFIER_FAULT_CHECK;
}

static enum identifier_fault read_shape(const struct identifier *identifier)
{
    const char *value = identifier->value;
    size_t size = text_length(value, strlen(value));

    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (shapes[i].type != identifier->type)
            continue;
        if (size < shapes[i].size_min || size > shapes[i].size_max)
            return IDENTIFIER_FAULT_LENGTH;
        return !shapes[i].charset || is_all(value, shapes[i].charset) ? IDENTIFIER_FAULT_NONE
                                                                      : IDENTIFIER_FAULT_CHARACTER;
    }
    return IDENTIFIER_FAULT_TYPE;
}

static enum identifier_fault read_permit(const struct identifier *identifier)
{
    const char *value = identifier->value;
    size_t size = strlen(value);
    bool is_hkm = identifier->type == IDENTIFIER_TYPE_HKM_PERMIT;

    if (is_hkm && size != 9 && size != 11)
        return IDENTIFIER_FAULT_LENGTH;
    if (is_hkm && (!strchr("HM", value[0]) || !is_all(value + 1, DIGITS)))
        return IDENTIFIER_FAULT_CHARACTER;
    if (!is_hkm && strspn(value, DIGITS) < 8)
        return IDENTIFIER_FAULT_CHARACTER;
    return read_shape(identifier);
}

static enum identifier_fault read_by_type(struct arena *arena, struct identifier *identifier,
                                          struct day today)
{
    switch (identifier->type) {
    case IDENTIFIER_TYPE_RESIDENT_ID:
        return read_resident(arena, identifier, today);
    case IDENTIFIER_TYPE_HMT_RESIDENCE:
        return read_hmt_residence(identifier, today);
    case IDENTIFIER_TYPE_FOREIGN_PR:
        return read_foreign_pr(identifier, today);
    case IDENTIFIER_TYPE_USCC:
        return read_uscc(identifier);
    case IDENTIFIER_TYPE_ORG_CODE:
        return read_org_code(arena, identifier);
    case IDENTIFIER_TYPE_LOAN_CARD:
        return read_loan_card(identifier);
    case IDENTIFIER_TYPE_LEI:
        return read_lei(identifier);
    case IDENTIFIER_TYPE_HKM_PERMIT:
    case IDENTIFIER_TYPE_TW_PERMIT:
        return read_permit(identifier);
    case IDENTIFIER_TYPE_PASSPORT:
    case IDENTIFIER_TYPE_OFFICER_CARD:
    case IDENTIFIER_TYPE_SOLDIER_CARD:
    case IDENTIFIER_TYPE_HOUSEHOLD_BOOK:
    case IDENTIFIER_TYPE_TAX_NO:
    case IDENTIFIER_TYPE_BUSINESS_REG_NO:
        return read_shape(identifier);
    case IDENTIFIER_TYPE_NONE:
    default: /* the number comes from a peer */
        return IDENTIFIER_FAULT_TYPE;
    }
}

enum identifier_fault identifier_read(struct arena *arena, enum identifier_type type,
                                      const char *text, struct day today,
                                      struct identifier *identifier)
{
    struct identifier result = {.type = type, .sex = 9};

    if (!code_find(&code_identifier_types, (int)type))
        return IDENTIFIER_FAULT_TYPE;
    if (strlen(text) > 8 * IDENTIFIER_VALUE_MAX)
        return IDENTIFIER_FAULT_LENGTH;
    if (!text_is_utf8(text, strlen(text)) || text_has_control(text))
        return IDENTIFIER_FAULT_CHARACTER;
    result.value = text_fold_identifier(arena, text);
    size_t length = text_length(result.value, strlen(result.value));
    if (length == 0 || length > IDENTIFIER_VALUE_MAX)
        return IDENTIFIER_FAULT_LENGTH;
    if (strchr(result.value, ' '))
        return IDENTIFIER_FAULT_CHARACTER;
    enum identifier_fault fault = read_by_type(arena, &result, today);
    if (fault == IDENTIFIER_FAULT_NONE)
        *identifier = result;
    return fault;
}

bool identifier_require(struct ctx *ctx, const char *field, enum identifier_type type,
                        const char *text, struct day today, struct identifier *identifier)
{
    enum identifier_fault fault = identifier_read(ctx->arena, type, text, today, identifier);

    if (fault != IDENTIFIER_FAULT_NONE)
        return fail_field(ctx, "IDENTIFIER_INVALID", field, "%s", identifier_fault_text(fault));
    return true;
}

const char *identifier_fault_text(enum identifier_fault fault)
{
    switch (fault) {
    case IDENTIFIER_FAULT_NONE:
        return "no fault";
    case IDENTIFIER_FAULT_TYPE:
        return "the identifier type is not known";
    case IDENTIFIER_FAULT_LENGTH:
        return "the length does not fit the identifier type";
    case IDENTIFIER_FAULT_CHARACTER:
        return "a character does not fit the identifier type";
    case IDENTIFIER_FAULT_CHECK:
        return "the check digit does not fit";
    case IDENTIFIER_FAULT_DATE:
        return "the birth date inside is not a date from 1900 to today";
    }
    return "unknown fault";
}

bool identifier_is_personal(enum identifier_type type)
{
    return type >= IDENTIFIER_TYPE_RESIDENT_ID && type <= IDENTIFIER_TYPE_HOUSEHOLD_BOOK;
}

/* A household book names a family and a tax number may be shared: neither is enough. */
bool identifier_is_primary(enum identifier_type type, enum subject_kind kind)
{
    if (kind == SUBJECT_KIND_PERSON)
        return identifier_is_personal(type) && type != IDENTIFIER_TYPE_HOUSEHOLD_BOOK;
    return type >= IDENTIFIER_TYPE_USCC && type <= IDENTIFIER_TYPE_BUSINESS_REG_NO &&
           type != IDENTIFIER_TYPE_TAX_NO;
}

/* Bytes of the first count characters. */
static size_t prefix_size(const char *text, size_t count)
{
    size_t size = 0;

    for (; text[size]; size++) {
        bool is_start = ((unsigned char)text[size] & 0xc0) != 0x80;

        if (is_start && count-- == 0)
            break;
    }
    return size;
}

/* The shape of a type; wide for those that have more than a shape. */
static const struct shape *shape_of(enum identifier_type type)
{
    static const struct shape resident = {IDENTIFIER_TYPE_RESIDENT_ID, RESIDENT_OLD_SIZE,
                                          RESIDENT_SIZE, DIGITS "X"};
    static const struct shape code = {IDENTIFIER_TYPE_NONE, ORG_CODE_SIZE, 20, DIGITS LETTERS "-"};

    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return type == IDENTIFIER_TYPE_RESIDENT_ID ? &resident : &code;
}

bool identifier_is_masked(struct arena *arena, enum identifier_type type, const char *text)
{
    enum { STARS_MIN = 4, SHOWN_MIN = 4, BYTES_MAX = 4 * IDENTIFIER_VALUE_MAX };
    const struct shape *shape = shape_of(type);

    if (!code_find(&code_identifier_types, (int)type) || strlen(text) > BYTES_MAX ||
        !text_is_utf8(text, strlen(text)))
        return false;
    char *value = text_fold_identifier(arena, text);
    size_t size = strlen(value), head = strcspn(value, "*"), stars = strspn(value + head, "*");
    if (stars < STARS_MIN || size - stars < SHOWN_MIN || size < shape->size_min ||
        size > shape->size_max ||
        (type == IDENTIFIER_TYPE_RESIDENT_ID && size > RESIDENT_OLD_SIZE && size < RESIDENT_SIZE))
        return false;
    memset(value + head, '0', stars);
    return is_all(value, shape->charset ? shape->charset : DIGITS LETTERS "-");
}

char *identifier_mask(struct arena *arena, const char *value)
{
    size_t length = text_length(value, strlen(value));
    size_t head = length >= 14 ? 6 : length / 4;
    size_t tail = length >= 14 ? 4 : length / 4;
    struct builder out = {.arena = arena};

    builder_put(&out, value, prefix_size(value, head));
    for (size_t i = head; i < length - tail; i++)
        builder_put(&out, "*", 1);
    builder_text(&out, value + prefix_size(value, length - tail));
    return out.data;
}

bool identifier_is_bank_card(const char *digits)
{
    size_t size = strlen(digits);

    return size >= 13 && size <= 19 && is_all(digits, DIGITS) && check_digit_is_luhn(digits);
}

bool identifier_is_mobile(const char *digits)
{
    return strlen(digits) == 11 && is_all(digits, DIGITS) && digits[0] == '1' && digits[1] >= '3';
}
