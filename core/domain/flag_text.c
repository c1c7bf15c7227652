#include "domain/flag_text.h"

#include <stddef.h>

#include "base/text.h"

const char *const flag_text_fields[FLAG_TEXT_FIELDS] = {"basis_no", "duty_text", "performed_part",
                                                        "unperformed_part"};

static const char **field_of(struct flag_record *flag, int field)
{
    const char **const fields[FLAG_TEXT_FIELDS] = {&flag->basis_no, &flag->duty_text,
                                                   &flag->performed_part, &flag->unperformed_part};

    return fields[field];
}

const char *flag_text(struct arena *arena, const struct flag_record *flag)
{
    struct builder lines = {.arena = arena};
    struct flag_record given = *flag;

    for (int i = 0; i < FLAG_TEXT_FIELDS; i++)
        if (**field_of(&given, i))
            builder_format(&lines, "%s=%s\n", flag_text_fields[i], *field_of(&given, i));
    return lines.data ? lines.data : "";
}

void flag_text_read(struct arena *arena, const char *lines, struct flag_record *flag)
{
    for (int i = 0; i < FLAG_TEXT_FIELDS; i++) {
        size_t size = 0;
        const char *value = text_line_value(lines, flag_text_fields[i], &size);
        *field_of(flag, i) = value ? arena_copy(arena, value, size) : "";
    }
}
