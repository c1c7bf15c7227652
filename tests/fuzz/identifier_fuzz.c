/*
 * Identifiers and case numbers of any bytes: no read past the end, and a canonical form that is its
 * own canonical form. The first byte is the type, the rest the value.
 */
#include "domain/identifier.h"

#include <string.h>

#include "base/check.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_identifier(struct arena *arena, enum identifier_type type, const char *text,
                             struct day today)
{
    struct identifier first, second;

    if (identifier_read(arena, type, text, today, &first) != IDENTIFIER_FAULT_NONE)
        return;
    CHECK(identifier_read(arena, type, first.value, today, &second) == IDENTIFIER_FAULT_NONE);
    CHECK(strcmp(first.value, second.value) == 0);
    CHECK(first.has_birth == second.has_birth && first.sex == second.sex);
    char *mask = identifier_mask(arena, first.value);
    size_t length = text_length(first.value, strlen(first.value));
    CHECK(text_length(mask, strlen(mask)) == length);
    CHECK(strcmp(mask, first.value) != 0 || strchr(first.value, '*'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct day today = day_of_civil(2026, 11, 22);
    const char *canonical, *again;
    struct arena arena;

    if (size == 0)
        return 0;
    arena_init(&arena, 0);
    char *text = arena_copy(&arena, data + 1, size - 1);
    check_identifier(&arena, (enum identifier_type)data[0], text, today);
    identifier_is_bank_card(text);
    identifier_is_mobile(text);
    if (identifier_read_case_no(&arena, text, today, &canonical)) {
        CHECK(identifier_read_case_no(&arena, canonical, today, &again));
        CHECK(strcmp(canonical, again) == 0);
    }
    arena_done(&arena);
    return 0;
}
