#include "service/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cix/v1/member.pb-c.h"
#include "service/attestation.h"
#include "service/matrix.h"
#include "service/member_code.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000, PURPOSES = 128, CLASSES = 8 };

static const struct {
    uint32_t bit;
    Cix__V1__Role role;
} roles[] = {
    {MEMBER_ROLE_CONTRIBUTOR, CIX__V1__ROLE__ROLE_CONTRIBUTOR},
    {MEMBER_ROLE_LENDER, CIX__V1__ROLE__ROLE_LENDER},
    {MEMBER_ROLE_COURT, CIX__V1__ROLE__ROLE_COURT},
    {MEMBER_ROLE_REGULATOR, CIX__V1__ROLE__ROLE_REGULATOR},
    {MEMBER_ROLE_ASSOCIATION, CIX__V1__ROLE__ROLE_ASSOCIATION},
};

static void put_roles(struct arena *arena, const struct member *member,
                      Cix__V1__GetMemberResponse *response)
{
    response->roles = arena_array(arena, ARRAY_LENGTH(roles), sizeof(*response->roles));
    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        if (member_has_any_role(member, roles[i].bit))
            response->roles[response->n_roles++] = roles[i].role;
    }
}

static void put_permissions(struct arena *arena, const struct member *member,
                            Cix__V1__GetMemberResponse *response)
{
    response->data_classes = arena_array(arena, CLASSES, sizeof(*response->data_classes));
    for (int i = 0; i < CLASSES; i++) {
        if (member->data_classes >> i & 1)
            response->data_classes[response->n_data_classes++] = (Cix__V1__DataClass)(i + 1);
    }
    response->purposes = arena_array(arena, PURPOSES, sizeof(*response->purposes));
    for (int i = 0; i < PURPOSES; i++) {
        if (member->purposes[i / 64] >> (i % 64) & 1)
            response->purposes[response->n_purposes++] = (Cix__V1__Purpose)i;
    }
}

static void put_certificates(struct arena *arena, const struct call *call,
                             Cix__V1__GetMemberResponse *response)
{
    const struct registry_view *view = call->members;

    response->certificates =
        arena_array(arena, (size_t)view->certificate_count, sizeof(*response->certificates));
    for (int i = 0; i < view->certificate_count; i++) {
        const struct registry_certificate *known = &view->certificates[i];
        Cix__V1__MemberCertificate *certificate;
        if (known->member_id != call->caller->member_id)
            continue;
        certificate = arena_alloc(arena, sizeof(*certificate));
        cix__v1__member_certificate__init(certificate);
        certificate->fingerprint = arena_alloc(arena, 65);
        text_to_hex(known->fingerprint, sizeof(known->fingerprint), certificate->fingerprint);
        certificate->expires_at_us = known->expires_at_us;
        certificate->is_current =
            !memcmp(known->fingerprint, call->rpc->peer.fingerprint, sizeof(known->fingerprint));
        response->certificates[response->n_certificates++] = certificate;
    }
}

static Cix__V1__MemberAttribute *attribute_of(struct arena *arena,
                                              const struct registry_attribute *known)
{
    Cix__V1__MemberAttribute *attribute = arena_alloc(arena, sizeof(*attribute));

    cix__v1__member_attribute__init(attribute);
    attribute->kind = known->kind;
    attribute->from_on = day_to_wire(known->from_on);
    if (known->has_until) {
        attribute->until_on_presence_case = CIX__V1__MEMBER_ATTRIBUTE__UNTIL_ON_PRESENCE_UNTIL_ON;
        attribute->until_on = day_to_wire(known->until_on);
    }
    if (known->has_value) {
        attribute->value_presence_case = CIX__V1__MEMBER_ATTRIBUTE__VALUE_PRESENCE_VALUE;
        attribute->value = known->value;
    } else {
        attribute->document_hash.len = sizeof(known->document_hash);
        attribute->document_hash.data =
            arena_copy(arena, known->document_hash, sizeof(known->document_hash));
    }
    return attribute;
}

static void put_attributes(struct arena *arena, const struct call *call,
                           Cix__V1__GetMemberResponse *response)
{
    const struct registry_view *view = call->members;

    response->attributes =
        arena_array(arena, (size_t)view->attribute_count, sizeof(*response->attributes));
    for (int i = 0; i < view->attribute_count; i++)
        if (view->attributes[i].member_id == call->caller->member_id)
            response->attributes[response->n_attributes++] =
                attribute_of(arena, &view->attributes[i]);
}

/* Empty for a member that belongs to no other. */
static char *parent_of(struct arena *arena, const struct registry_view *view,
                       const struct member *member)
{
    const struct member *parent = registry_by_id(view, member->parent_id);

    return arena_string(arena, parent ? parent->code : "");
}

static Cix__V1__Reciprocity level_of(enum reciprocity level)
{
    return (Cix__V1__Reciprocity)((int)level + 1); /* 0 is none there, and not told here */
}

static bool get_member(struct session *session, struct call **calls, int count)
{
    (void)session;
    for (int i = 0; i < count; i++) {
        struct arena *arena = &calls[i]->rpc->arena;
        const struct member *caller = calls[i]->caller;
        Cix__V1__GetMemberResponse *response = arena_alloc(arena, sizeof(*response));
        cix__v1__get_member_response__init(response);
        response->code = arena_string(arena, caller->code);
        response->name = arena_string(arena, caller->name);
        response->type = (int32_t)caller->type;
        response->state = (Cix__V1__MemberState)caller->state;
        put_roles(arena, caller, response);
        put_permissions(arena, caller, response);
        response->uscc = arena_string(arena, caller->uscc);
        response->region = arena_string(arena, caller->region);
        response->code14 = arena_string(arena, caller->code14);
        response->reciprocity_consumer = level_of(caller->consumer);
        response->reciprocity_commercial = level_of(caller->commercial);
        response->parent_code = parent_of(arena, calls[i]->members, caller);
        response->quota_per_second = caller->quota.per_second;
        response->quota_burst = caller->quota.burst;
        put_certificates(arena, calls[i], response);
        put_attributes(arena, calls[i], response);
        response->server_version = arena_string(arena, CIX_VERSION);
        response->is_test_exchange = calls[i]->members->is_test;
        calls[i]->response = &response->base;
    }
    return true;
}

static int by_code(const void *a, const void *b)
{
    const struct member *const *left = a;
    const struct member *const *right = b;

    return strcmp((*left)->code, (*right)->code);
}

/* Members behind a code, sorted by code. The token of a page is the last code on it. */
static const struct member **members_after(struct arena *arena, const struct registry_view *view,
                                           const char *after, int *count)
{
    const struct member **members =
        arena_array(arena, (size_t)view->member_count, sizeof(*members));

    *count = 0;
    for (int i = 0; i < view->member_count; i++) {
        if (strcmp(view->members[i].code, after) > 0)
            members[(*count)++] = &view->members[i];
    }
    qsort(members, (size_t)*count, sizeof(*members), by_code);
    return members;
}

/* What a member agreed with the operator to give is told to itself and to regulators. */
static void put_levels(const struct member *caller, const struct member *member,
                       Cix__V1__MemberEntry *entry)
{
    if (!member_has_any_role(caller, MEMBER_ROLE_REGULATOR))
        return;
    entry->reciprocity_consumer = level_of(member->consumer);
    entry->reciprocity_commercial = level_of(member->commercial);
}

static Cix__V1__MemberEntry *entry_of(struct arena *arena, const struct call *call,
                                      const struct member *member)
{
    Cix__V1__MemberEntry *entry = arena_alloc(arena, sizeof(*entry));

    cix__v1__member_entry__init(entry);
    entry->code = arena_string(arena, member->code);
    entry->name = arena_string(arena, member->name);
    entry->type = (int32_t)member->type;
    entry->state = (Cix__V1__MemberState)member->state;
    entry->uscc = arena_string(arena, member->uscc);
    entry->region = arena_string(arena, member->region);
    entry->code14 = arena_string(arena, member->code14);
    put_levels(call->caller, member, entry);
    entry->parent_code = parent_of(arena, call->members, member);
    return entry;
}

static bool list_page(struct call *call, const Cix__V1__ListMembersRequest *request, int page)
{
    struct arena *arena = &call->rpc->arena;
    Cix__V1__ListMembersResponse *response = arena_alloc(arena, sizeof(*response));
    int count;
    const struct member **members =
        members_after(arena, call->members, request->page_token, &count);
    int shown = count < page ? count : page;

    cix__v1__list_members_response__init(response);
    response->members = arena_array(arena, (size_t)shown, sizeof(*response->members));
    for (int i = 0; i < shown; i++)
        response->members[response->n_members++] = entry_of(arena, call, members[i]);
    if (shown < count)
        response->next_page_token = arena_string(arena, members[shown - 1]->code);
    call->response = &response->base;
    return true;
}

static bool list_members(struct session *session, struct call **calls, int count)
{
    (void)session;
    for (int i = 0; i < count; i++) {
        const Cix__V1__ListMembersRequest *request = calls[i]->request;
        int page = request->page_size ? request->page_size : PAGE_DEFAULT;
        if (page < 1 || page > PAGE_MAX)
            (void)fail_field(calls[i]->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0",
                             PAGE_MAX);
        else
            (void)list_page(calls[i], request, page);
    }
    return true;
}

static const struct method methods[] = {
    {METHOD(GetMember), .batch_max = 1, .serve = get_member},
    {METHOD(ListMembers), .batch_max = 1, .serve = list_members},
    {METHOD(ListCodes), .batch_max = 1, .serve = member_list_codes},
    {METHOD(AttestConformance), .batch_max = 1, .serve = member_attest_conformance},
};

const struct service member_service = {&cix__v1__member_service__descriptor, methods,
                                       ARRAY_LENGTH(methods)};
