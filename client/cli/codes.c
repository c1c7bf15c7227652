#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"
#include "wire/code_page.h"

enum { PAGE_SIZE = 1000 };

static const char *const headings[] = {"LIST", "CODE", "NAME", "LABEL", "FROM", "UNTIL"};

static void add_codes(struct online *online, struct table *table,
                      const Cix__V1__ListCodesResponse *page)
{
    for (size_t i = 0; i < page->n_codes; i++) {
        const Cix__V1__Code *code = page->codes[i];
        table_add(table, (const char *[]){code->list, code->code, code->name, code->label,
                                          online_day(&online->arena, code->valid_from_on),
                                          online_day(&online->arena, code->valid_until_on)});
    }
}

/* table NULL: as JSON. */
static void show_page(struct online *online, const Cix__V1__ListCodesResponse *page,
                      struct table *table)
{
    if (table)
        add_codes(online, table, page);
    else
        online_print_json(&page->base);
}

/* A list of which this cix knows another version than the exchange: one of the two is older. */
static void compare_versions(const Cix__V1__ListCodesResponse *page)
{
    for (size_t i = 0; i < page->n_lists; i++) {
        const struct code_list *own = code_list_find(page->lists[i]->name);
        if (!own || own->version != page->lists[i]->version)
            fprintf(stderr, "cix: list %s: the exchange has version %d, this cix %d\n",
                    page->lists[i]->name, page->lists[i]->version, own ? own->version : 0);
    }
}

/* The lists of the exchange, page after page. */
static bool list_pages(struct online *online, const struct code_page *wanted, struct table *table)
{
    Cix__V1__ListCodesRequest request = CIX__V1__LIST_CODES_REQUEST__INIT;

    request.page_size = PAGE_SIZE;
    request.valid_on = wanted->valid_on;
    if (online->args->operand_count)
        request.list = online->args->operands[0];
    do {
        Cix__V1__ListCodesResponse *page;
        if (!cix_list_codes(online->client, &request, &page, &online->error))
            return false;
        compare_versions(page);
        show_page(online, page, table);
        request.page_token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
    } while (*request.page_token);
    return true;
}

/* The lists that this cix carries, as one page. */
static bool list_own(struct online *online, struct code_page *wanted, struct table *table)
{
    const char *name = online->args->operand_count ? online->args->operands[0] : NULL;

    if (name && !(wanted->only = code_list_find(name)))
        return fail(&online->ctx, ERR_NOT_FOUND, "LIST_UNKNOWN", "no list of codes has this name");
    for (size_t i = 0; i < code_list_count; i++)
        wanted->room += code_list_size(&code_lists[i]);
    show_page(online, code_page(&online->arena, wanted), table);
    return true;
}

static enum cli_exit show_codes(struct online *online)
{
    const char *on = cli_value(online->args, "on");
    struct code_page wanted = {.valid_on = 0};
    struct table *table = NULL;
    struct day day;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (on && !day_parse(on, &day)) {
        (void)fail_field(&online->ctx, "DAY_INVALID", "--on", "expected a day, YYYY-MM-DD");
        return online_complain(online);
    }
    wanted.valid_on = on ? day_to_wire(day) : 0;
    if (!is_json)
        table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    bool is_listed =
        online->client ? list_pages(online, &wanted, table) : list_own(online, &wanted, table);
    if (is_listed && table)
        table_print(table);
    else if (table)
        table_free(table);
    if (is_listed)
        return CLI_OK;
    return online->client ? online_fail(online) : online_complain(online);
}

static enum cli_exit run(const struct cli_args *args)
{
    struct online online;
    enum cli_exit code =
        cli_value(args, "offline") ? online_without(&online, args) : online_open(&online, args);

    if (code == CLI_OK)
        code = show_codes(&online);
    online_close(&online);
    return code;
}

static const struct cli_option options[] = {
    {"on", "YYYY-MM-DD", "only codes in force on this day"},
    {"offline", NULL,
     "the lists that this cix carries and --dry-run judges by; no exchange is asked"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_codes_command = {
    "codes",
    "[LIST]",
    "Show the code tables of the exchange, with the days they are in force",
    "Every list when none is named. A warning says when this cix was made with another version of "
    "a\n"
    "list than the exchange serves.",
    0,
    1,
    true,
    options,
    NULL,
    run,
};
