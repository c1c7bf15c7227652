#include "service/protection.h"

#include <string.h>

#include "vault/place.h"

/* The numbers of an alert lie sealed as one text, a line each. */
static bool put_phones(const struct session *session, struct ctx *ctx,
                       const struct protection *protection, Cix__V1__ReportedProtection *shown)
{
    struct vault_place place = place_of(PLACE_PHONES, protection->protection_id);
    struct bytes plain;
    char *line, *rest = NULL;

    if (!vault_open_sealed(ctx, session->vault, &place, protection->phones, &plain))
        return false;
    shown->phones =
        arena_array(session->arena, strlen((char *)plain.data) + 1, sizeof(*shown->phones));
    for (line = strtok_r((char *)plain.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        shown->phones[shown->n_phones++] = line;
    return true;
}

static bool put(const struct session *session, struct ctx *ctx, const struct protection *protection,
                Cix__V1__ReportedProtection *shown)
{
    cix__v1__reported_protection__init(shown);
    shown->kind = (Cix__V1__ProtectionKind)protection->kind;
    shown->from_on = day_to_wire(protection->from_on);
    if (protection->has_end) {
        shown->until_on_presence_case = CIX__V1__REPORTED_PROTECTION__UNTIL_ON_PRESENCE_UNTIL_ON;
        shown->until_on = day_to_wire(protection->until_on);
    }
    shown->recorded_at_us = protection->recorded_at_us;
    return !protection->phones.data || put_phones(session, ctx, protection, shown);
}

bool protection_show(const struct session *session, struct ctx *ctx, const struct protection *list,
                     Cix__V1__ReportedProtection ***shown, size_t *count)
{
    Cix__V1__ReportedProtection *items;
    size_t most = 0;

    for (const struct protection *one = list; one; one = one->next)
        most++;
    items = arena_array(session->arena, most, sizeof(*items));
    *shown = arena_array(session->arena, most, sizeof(**shown));
    *count = 0;
    for (const struct protection *one = list; one; one = one->next) {
        if (!put(session, ctx, one, &items[*count]))
            return false;
        (*shown)[*count] = &items[*count];
        ++*count;
    }
    return true;
}
