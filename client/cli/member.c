#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"
#include "domain/code.h"
#include "message.h"

enum { PAGE_SIZE = 500 };

/* "LENDER, CONTRIBUTOR" for a list of enum values. */
static const char *words(struct arena *arena, const ProtobufCEnumDescriptor *descriptor,
                         const void *values, size_t count)
{
    struct builder text = {.arena = arena};

    for (size_t i = 0; i < count; i++)
        builder_format(&text, "%s%s", i ? ", " : "",
                       cix_message_enum_name(descriptor, ((const int *)values)[i]));
    return text.size ? text.data : "";
}

static void print_attributes(struct arena *arena, const Cix__V1__GetMemberResponse *member)
{
    static const char *const headings[] = {"ATTRIBUTE", "VALUE", "FROM", "UNTIL"};
    struct table *table = table_new(headings, 4);

    for (size_t i = 0; i < member->n_attributes; i++) {
        const Cix__V1__MemberAttribute *attribute = member->attributes[i];
        const struct code *kind = code_find(&code_member_attributes, attribute->kind);
        bool is_limit = attribute->value_presence_case != 0;
        table_add(table,
                  (const char *[]){kind ? kind->label : arena_format(arena, "%d", attribute->kind),
                                   is_limit ? arena_format(arena, "%" PRId64, attribute->value)
                                            : "attested",
                                   online_day(arena, attribute->from_on),
                                   online_day(arena, attribute->until_on)});
    }
    table_print(table);
}

static void print_member(struct arena *arena, const Cix__V1__GetMemberResponse *member)
{
    static const char *const headings[] = {"CERTIFICATE", "ENDS", "IN USE"};
    struct table *table = table_new(headings, 3);

    printf("%s  %s\n", member->code, member->name);
    printf("type          %s\n", code_name(&code_member_types, member->type));
    printf("state         %s\n",
           cix_message_enum_name(&cix__v1__member_state__descriptor, (int)member->state));
    if (*member->uscc)
        printf("uscc          %s\n", member->uscc);
    if (*member->code14)
        printf("code14        %s\n", member->code14);
    if (*member->region)
        printf("region        %s\n", member->region);
    if (*member->parent_code)
        printf("belongs to    %s\n", member->parent_code);
    printf("roles         %s\n",
           words(arena, &cix__v1__role__descriptor, member->roles, member->n_roles));
    printf("data classes  %s\n", words(arena, &cix__v1__data_class__descriptor,
                                       member->data_classes, member->n_data_classes));
    printf("purposes      %s\n",
           words(arena, &cix__v1__purpose__descriptor, member->purposes, member->n_purposes));
    printf(
        "reciprocity   persons %s, organisations %s\n",
        cix_message_enum_name(&cix__v1__reciprocity__descriptor, (int)member->reciprocity_consumer),
        cix_message_enum_name(&cix__v1__reciprocity__descriptor,
                              (int)member->reciprocity_commercial));
    if (member->quota_per_second)
        printf("quota         %d calls a second, bursts of %d\n", member->quota_per_second,
               member->quota_burst);
    else
        puts("quota         no bound");
    printf("server        %s\n\n", member->server_version);
    for (size_t i = 0; i < member->n_certificates; i++) {
        const Cix__V1__MemberCertificate *certificate = member->certificates[i];
        table_add(table, (const char *[]){certificate->fingerprint,
                                          online_instant(arena, certificate->expires_at_us),
                                          certificate->is_current ? "yes" : ""});
    }
    table_print(table);
    if (member->n_attributes > 0)
        putchar('\n');
    print_attributes(arena, member);
}

static enum cli_exit show_member(struct online *online)
{
    Cix__V1__GetMemberResponse *member;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (!cix_get_member(online->client, &member, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&member->base);
    else
        print_member(&online->arena, member);
    cix_free(member);
    return CLI_OK;
}

static void add_members(struct table *table, const Cix__V1__ListMembersResponse *page)
{
    for (size_t i = 0; i < page->n_members; i++) {
        const Cix__V1__MemberEntry *member = page->members[i];
        table_add(table, (const char *[]){member->code, member->name,
                                          code_name(&code_member_types, member->type),
                                          cix_message_enum_name(&cix__v1__member_state__descriptor,
                                                                (int)member->state)});
    }
}

/* Page after page; a page of JSON is printed by itself. */
static bool list_pages(struct online *online, struct table *table, bool is_json)
{
    char *token = "";

    do {
        Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;
        Cix__V1__ListMembersResponse *page;
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        if (!cix_list_members(online->client, &request, &page, &online->error))
            return false;
        if (is_json)
            online_print_json(&page->base);
        else
            add_members(table, page);
        token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
    } while (*token);
    return true;
}

static enum cli_exit list_members(struct online *online)
{
    static const char *const headings[] = {"CODE", "NAME", "TYPE", "STATE"};
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    struct table *table = table_new(headings, 4);
    if (!list_pages(online, table, is_json)) {
        table_free(table);
        return online_fail(online);
    }
    table_print(table);
    return CLI_OK;
}

static enum cli_exit run_member(const struct cli_args *args)
{
    return online_run(args, show_member);
}

static enum cli_exit run_list(const struct cli_args *args)
{
    return online_run(args, list_members);
}

static const struct cli_option options[] = {
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command list_command = {
    "list", "", "List all members, by code and name", NULL, 0, 0, true, options, NULL, run_list};

static const struct cli_command *const children[] = {&list_command, NULL};

const struct cli_command cli_member_command = {
    "member",   "",      "Show how the exchange knows the caller, or list all members",
    NULL,       0,       0,
    true,       options, children,
    run_member,
};
