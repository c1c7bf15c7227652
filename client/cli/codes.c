#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"
#include "domain/code_list.h"

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

static bool list_pages(struct online *online, Cix__V1__ListCodesRequest *request,
                       struct table *table, bool is_json)
{
    do {
        Cix__V1__ListCodesResponse *page;
        if (!cix_list_codes(online->client, request, &page, &online->error))
            return false;
        compare_versions(page);
        if (is_json)
            online_print_json(&page->base);
        else
            add_codes(online, table, page);
        request->page_token = arena_string(&online->arena, page->next_page_token);
        cix_free(page);
    } while (*request->page_token);
    return true;
}

static enum cli_exit show_codes(struct online *online, const struct cli_args *args)
{
    Cix__V1__ListCodesRequest request = CIX__V1__LIST_CODES_REQUEST__INIT;
    const char *on = cli_value(args, "on");
    struct day day;
    bool is_json;

    if (!online_wants_json(online, &is_json))
        return online_complain(online);
    if (on && !day_parse(on, &day)) {
        (void)fail_field(&online->ctx, "DAY_INVALID", "--on", "expected a day, YYYY-MM-DD");
        return online_complain(online);
    }
    request.page_size = PAGE_SIZE;
    request.valid_on = on ? day_to_wire(day) : 0;
    if (args->operand_count)
        request.list = args->operands[0];
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    if (!list_pages(online, &request, table, is_json)) {
        table_free(table);
        return online_fail(online);
    }
    table_print(table);
    return CLI_OK;
}

static enum cli_exit run(const struct cli_args *args)
{
    struct online online;
    enum cli_exit code = online_open(&online, args);

    if (code == CLI_OK)
        code = show_codes(&online, args);
    online_close(&online);
    return code;
}

static const struct cli_option options[] = {
    {"on", "YYYY-MM-DD", "only codes in force on this day"},
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
