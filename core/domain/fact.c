#include "domain/fact.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/id.h"
#include "base/text.h"

const struct fact_kind *fact_kind_find(enum record_kind kind)
{
    for (size_t i = 0; i < fact_kind_count; i++)
        if (fact_kinds[i].kind == kind)
            return &fact_kinds[i];
    return NULL;
}

const struct fact_field *fact_field_of(const struct fact_kind *kind, enum fact_type type)
{
    for (size_t i = 0; i < kind->field_count; i++)
        if (kind->fields[i].type == type)
            return &kind->fields[i];
    return NULL;
}

void *fact_at(union fact *fact, const struct fact_field *field)
{
    return (char *)fact + field->offset;
}

const void *fact_const_at(const union fact *fact, const struct fact_field *field)
{
    return (const char *)fact + field->offset;
}

static const char *day_text(struct arena *arena, struct day day)
{
    char *text = arena_alloc(arena, 11);

    day_format(day, text);
    return text;
}

static const char *identifier_text(struct arena *arena, const struct identifier_field *field)
{
    if (!field->is_read)
        return NULL;
    return arena_format(arena, "%d:%s", (int)field->identifier.type, field->identifier.value);
}

/* A canonical form stands behind what was given. */
static const char *text_of(const struct fact_kind *kind, const union fact *fact,
                           const struct fact_field *field)
{
    if (kind->kind == RECORD_KIND_PUBLIC_RECORD && field->type == FACT_NAME)
        return fact->public_record.name_folded;
    if (kind->kind == RECORD_KIND_PUBLIC_RECORD && strcmp(field->name, "case_no") == 0)
        return fact->public_record.case_no_folded;
    return *(const char *const *)fact_const_at(fact, field);
}

static const char *period_text(struct arena *arena, int32_t yyyymm)
{
    struct period period;

    return period_from_wire(yyyymm, &period) ? arena_format(arena, "%" PRId32, period.number)
                                             : NULL;
}

/* The value of a field, NULL when it is absent. Texts are views. */
static const char *value_of(struct arena *arena, const struct fact_kind *kind,
                            const union fact *fact, const struct fact_field *field)
{
    const void *at = fact_const_at(fact, field);
    const struct money_field *money = at;
    const struct count_field *count = at;
    const struct day_field *day = at;

    switch (field->type) {
    case FACT_IDENTIFIER:
        return identifier_text(arena, at);
    case FACT_CODE:
    case FACT_NUMBER:
        return arena_format(arena, "%d", *(const int *)at);
    case FACT_COUNT:
        return count->is_present ? arena_format(arena, "%" PRId32, count->value) : NULL;
    case FACT_MONEY:
        return money->is_present ? arena_format(arena, "%" PRId64, money->minor) : NULL;
    case FACT_DAY:
        return day->is_present && day->is_real ? day_text(arena, day->day) : NULL;
    case FACT_PERIOD:
        return period_text(arena, *(const int32_t *)at);
    case FACT_BOOL:
        return *(const bool *)at ? "true" : "false";
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_NAME:
    case FACT_ACCOUNT_NO:
    case FACT_CURRENCY:
    case FACT_REGION:
    case FACT_PRODUCT:
    case FACT_MEMBER:
        return text_of(kind, fact, field);
    case FACT_UUID:
        break;
    }
    const char *uuid = *(const char *const *)at;
    return *uuid ? uuid : NULL;
}

static bool is_in(enum fact_part part, const struct fact_field *field, const char *value)
{
    switch (part) {
    case FACT_PART_KEY:
        return field->marks & FACT_KEY;
    case FACT_PART_SEALED:
        return field->marks & FACT_SEALED && *value;
    case FACT_PART_ALL:
        break;
    }
    return true;
}

const char *fact_text(struct arena *arena, const struct fact_kind *kind, const union fact *fact,
                      enum fact_part part)
{
    struct builder lines = {.arena = arena};

    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        const char *value = value_of(arena, kind, fact, field);
        if (value && is_in(part, field, value))
            builder_format(&lines, "%s=%s\n", field->name, value);
    }
    return lines.data ? lines.data : "";
}

/* What the kind's table holds: the account, the subject and its names stand elsewhere. */
static bool is_column(const struct fact_field *field)
{
    return field->type != FACT_ACCOUNT_NO && field->type != FACT_IDENTIFIER &&
           field->type != FACT_NAME && !(field->marks & FACT_SEALED);
}

const char *fact_column(const struct fact_field *field)
{
    if (!is_column(field))
        return NULL;
    return field->column ? field->column : field->name;
}

const char *fact_json(struct arena *arena, const struct fact_kind *kind, const union fact *fact,
                      fact_member_id find_member, const void *members)
{
    struct builder json = {.arena = arena};

    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        const char *column = fact_column(field);
        const char *value = column ? value_of(arena, kind, fact, field) : NULL;
        if (!value)
            continue;
        if (field->type == FACT_MEMBER)
            value = arena_format(arena, "%" PRId32, find_member(members, value));
        builder_text(&json, json.size ? "," : "{");
        builder_json(&json, column);
        builder_text(&json, ":");
        builder_json(&json, value);
    }
    builder_text(&json, json.size ? "}" : "{}");
    return json.data;
}

/* "YYYY-MM-DD" */
static bool read_day(const char *value, struct day_field *day)
{
    int32_t wire = 0;
    int digits = 0;

    for (; *value; value++) {
        if (*value == '-')
            continue;
        if (*value < '0' || *value > '9' || digits++ == 8)
            return false;
        wire = wire * 10 + (*value - '0');
    }
    *day = day_field_of(true, wire);
    return day->is_real;
}

static bool read_integer(const char *value, int64_t *number)
{
    bool is_negative = *value == '-';

    if (!text_to_int64(value + is_negative, number))
        return false;
    *number = is_negative ? -*number : *number;
    return true;
}

static bool read_number(const struct fact_field *field, const char *value, void *at)
{
    int64_t number;

    if (!read_integer(value, &number))
        return false;
    if (field->type == FACT_MONEY)
        *(struct money_field *)at = (struct money_field){true, number};
    else if (field->type == FACT_COUNT)
        *(struct count_field *)at = (struct count_field){true, (int32_t)number};
    else if (field->type == FACT_PERIOD)
        *(int32_t *)at = period_to_wire((struct period){(int32_t)number});
    else
        *(int *)at = (int)number;
    return true;
}

static bool read_value(struct arena *arena, const struct fact_field *field, const char *value,
                       void *at)
{
    switch (field->type) {
    case FACT_CODE:
    case FACT_NUMBER:
    case FACT_COUNT:
    case FACT_MONEY:
    case FACT_PERIOD:
        return read_number(field, value, at);
    case FACT_DAY:
        return read_day(value, at);
    case FACT_BOOL:
        *(bool *)at = strcmp(value, "true") == 0;
        return true;
    case FACT_IDENTIFIER:
        return true;
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_NAME:
    case FACT_ACCOUNT_NO:
    case FACT_CURRENCY:
    case FACT_REGION:
    case FACT_PRODUCT:
    case FACT_MEMBER:
    case FACT_UUID:
        *(const char **)at = arena_string(arena, value);
        return true;
    }
    return false;
}

/* Texts are never NULL, also of a fact that is read. */
static void empty_texts(const struct fact_kind *kind, union fact *fact)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        if (field->type == FACT_IDENTIFIER)
            ((struct identifier_field *)fact_at(fact, field))->given = "";
        else if (fact_is_text(field->type))
            *(const char **)fact_at(fact, field) = "";
    }
}

bool fact_read(struct arena *arena, const struct fact_kind *kind, const char *lines,
               union fact *fact)
{
    union fact made;
    char *text = arena_string(arena, lines);

    memset(&made, 0, sizeof(made));
    empty_texts(kind, &made);
    for (char *line = text, *next; *line; line = next) {
        size_t size = strcspn(line, "\n");
        next = line + size + (line[size] == '\n');
        line[size] = '\0';
        char *equals = strchr(line, '=');
        if (!equals)
            return false;
        *equals = '\0';
        for (size_t i = 0; i < kind->field_count; i++) {
            const struct fact_field *field = &kind->fields[i];
            if (!strcmp(field->name, line) &&
                !read_value(arena, field, equals + 1, fact_at(&made, field)))
                return false;
        }
    }
    *fact = made;
    return true;
}

bool fact_is_text(enum fact_type type)
{
    switch (type) {
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_NAME:
    case FACT_ACCOUNT_NO:
    case FACT_CURRENCY:
    case FACT_REGION:
    case FACT_PRODUCT:
    case FACT_MEMBER:
    case FACT_UUID:
        return true;
    case FACT_IDENTIFIER:
    case FACT_CODE:
    case FACT_NUMBER:
    case FACT_COUNT:
    case FACT_MONEY:
    case FACT_DAY:
    case FACT_PERIOD:
    case FACT_BOOL:
        return false;
    }
    return false;
}
