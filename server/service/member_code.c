#include "service/member_code.h"

#include <stdlib.h>
#include <string.h>

#include "wire/code_page.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

static bool read_token(struct ctx *ctx, const char *token, size_t *first)
{
    char *end;
    unsigned long place = strtoul(token, &end, 10);

    if (*token && (strspn(token, "0123456789") != strlen(token) || place > INT32_MAX))
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "not a token of this call");
    *first = place;
    return true;
}

static bool read_request(struct call *call, struct code_page *page)
{
    const Cix__V1__ListCodesRequest *request = call->request;
    int size = request->page_size ? request->page_size : PAGE_DEFAULT;
    struct day day;

    *page = (struct code_page){.valid_on = request->valid_on};
    if (size < 1 || size > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    page->room = (size_t)size;
    if (request->valid_on && !day_from_wire(request->valid_on, &day))
        return fail_field(call->ctx, "DAY_INVALID", "valid_on", "expected a day, YYYYMMDD, or 0");
    if (*request->list && !(page->only = code_list_find(request->list)))
        return fail(call->ctx, ERR_NOT_FOUND, "LIST_UNKNOWN", "no list of codes has this name");
    return read_token(call->ctx, request->page_token, &page->first);
}

bool member_list_codes(struct session *session, struct call **calls, int count)
{
    struct code_page page;

    (void)session;
    for (int i = 0; i < count; i++)
        if (read_request(calls[i], &page))
            calls[i]->response = &code_page(&calls[i]->rpc->arena, &page)->base;
    return true;
}
