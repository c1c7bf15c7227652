#include "service/history_change.h"

#include <string.h>

#include "base/text.h"
#include "domain/fact.h"
#include "domain/flag_text.h"
#include "vault/place.h"

/* The seals of the fields that are sealed by themselves; those of a fact, and of a
 * listing's document, are one text each. */
static const struct {
    const char *field;
    enum place place;
} places[] = {
    {"birth_on", PLACE_BIRTH},
    {"mobiles", PLACE_MOBILES},
    {"address", PLACE_ADDRESS},
    {"case_no", PLACE_CASE_NO},
    {"duty", PLACE_FLAG_TEXT},
    {"*", PLACE_FACT_TEXT},
    {"identifiers", PLACE_IDENTIFIER_TEXT},
};

/* The changes of one version while they are shown. */
struct showing {
    const struct session *session;
    struct call *call;
    Cix__V1__HistoryVersion *shown;
};

/* Once a field: of identifiers, what is sealed may have changed beside what is not. */
static void add(struct showing *showing, const char *field, const char *before, const char *after)
{
    for (size_t i = 0; i < showing->shown->n_changes; i++)
        if (!strcmp(showing->shown->changes[i]->field, field))
            return;
    Cix__V1__HistoryChange *item = arena_alloc(showing->session->arena, sizeof(*item));

    cix__v1__history_change__init(item);
    item->field = (char *)field;
    item->before = (char *)before;
    item->after = (char *)after;
    showing->shown->changes[showing->shown->n_changes++] = item;
}

/* "" for a text that is not there. */
static bool open_text(struct showing *showing, enum place place, int64_t id, struct bytes sealed,
                      const char **text)
{
    const struct vault_place where = place_of(place, id);
    struct bytes plain;

    *text = "";
    if (!sealed.data)
        return true;
    if (!vault_open_sealed(showing->call->ctx, showing->session->vault, &where, sealed, &plain))
        return false;
    *text = (const char *)plain.data;
    return true;
}

/* The value in the line "name=value" of lines as fact_text makes them; NULL data when none is. */
static struct bytes value_of(const char *lines, const char *name)
{
    size_t size = 0;
    const char *value = text_line_value(lines, name, &size);

    return (struct bytes){(const uint8_t *)value, size};
}

static bool same_bytes(struct bytes a, struct bytes b)
{
    return !a.data == !b.data && a.size == b.size && (!a.data || !memcmp(a.data, b.data, a.size));
}

static void add_fact_fields(struct showing *showing, const char *before, const char *after)
{
    const Cix__V1__GetHistoryRequest *request = showing->call->request;
    const struct fact_kind *kind = fact_kind_find((enum record_kind)request->kind);

    for (size_t i = 0; kind && i < kind->field_count; i++) {
        const char *name = kind->fields[i].name;
        if (kind->fields[i].marks & FACT_SEALED && !(kind->fields[i].marks & FACT_KEY) &&
            !same_bytes(value_of(before, name), value_of(after, name)))
            add(showing, name, "", "");
    }
}

static void add_duty_fields(struct showing *showing, const char *before, const char *after)
{
    for (int i = 0; i < FLAG_TEXT_FIELDS; i++)
        if (!same_bytes(value_of(before, flag_text_fields[i]),
                        value_of(after, flag_text_fields[i])))
            add(showing, flag_text_fields[i], "", "");
}

static bool show_sealed(struct showing *showing, const struct history_change *change)
{
    const char *before, *after;
    size_t i = 0;

    while (i < ARRAY_LENGTH(places) && strcmp(places[i].field, change->field) != 0)
        i++;
    CHECK(i < ARRAY_LENGTH(places));
    enum place place = places[i].place;
    bool is_lines = place == PLACE_FACT_TEXT || place == PLACE_FLAG_TEXT;
    if (!is_lines && (!change->sealed_before.data || !change->sealed_after.data)) {
        add(showing, change->field, "", ""); /* one of them is not there */
        return true;
    }
    if (!open_text(showing, place, change->before_id, change->sealed_before, &before) ||
        !open_text(showing, place, change->after_id, change->sealed_after, &after))
        return false;
    if (place == PLACE_FACT_TEXT)
        add_fact_fields(showing, before, after);
    else if (place == PLACE_FLAG_TEXT)
        add_duty_fields(showing, before, after);
    else if (strcmp(before, after) != 0)
        add(showing, change->field, "", "");
    return true;
}

bool history_change_show(const struct session *session, struct call *call,
                         const struct history_version *version, Cix__V1__HistoryVersion *shown)
{
    struct showing showing = {session, call, shown};
    const Cix__V1__GetHistoryRequest *request = call->request;
    const struct fact_kind *kind = fact_kind_find((enum record_kind)request->kind);
    size_t room = (size_t)version->change_count + FLAG_TEXT_FIELDS + (kind ? kind->field_count : 0);

    shown->changes = arena_array(session->arena, room, sizeof(*shown->changes));
    for (int i = 0; i < version->change_count; i++) {
        const struct history_change *change = &version->changes[i];
        if (!change->sealed_before.data && !change->sealed_after.data)
            add(&showing, change->field, change->before, change->after);
        else if (!show_sealed(&showing, change))
            return false;
    }
    return true;
}
