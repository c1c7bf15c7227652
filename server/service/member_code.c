#include "service/member_code.h"

#include <stdlib.h>
#include <string.h>

#include "cix/v1/member.pb-c.h"
#include "domain/code_list.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

/* What a page is made of. A token is the place of its first code among all codes of all lists. */
struct page {
    struct arena *arena;
    const struct code_list *only; /* NULL: all lists */
    int32_t valid_on;             /* 0: any day */
    size_t first;
    size_t room;
};

static bool read_token(struct ctx *ctx, const char *token, size_t *first)
{
    char *end;
    unsigned long place = strtoul(token, &end, 10);

    if (*token && (strspn(token, "0123456789") != strlen(token) || place > INT32_MAX))
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "not a token of this call");
    *first = place;
    return true;
}

static bool read_request(struct call *call, struct page *page)
{
    const Cix__V1__ListCodesRequest *request = call->request;
    int size = request->page_size ? request->page_size : PAGE_DEFAULT;
    struct day day;

    *page = (struct page){.arena = &call->rpc->arena, .valid_on = request->valid_on};
    if (size < 1 || size > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    page->room = (size_t)size;
    if (request->valid_on && !day_from_wire(request->valid_on, &day))
        return fail_field(call->ctx, "DAY_INVALID", "valid_on", "expected a day, YYYYMMDD, or 0");
    if (*request->list && !(page->only = code_list_find(request->list)))
        return fail(call->ctx, ERR_NOT_FOUND, "LIST_UNKNOWN", "no list of codes has this name");
    return read_token(call->ctx, request->page_token, &page->first);
}

static Cix__V1__Code *code_of(const struct page *page, const struct code_list *list,
                              const struct code_word *word)
{
    Cix__V1__Code *code = arena_alloc(page->arena, sizeof(*code));

    cix__v1__code__init(code);
    code->list = arena_string(page->arena, list->name);
    code->code = arena_string(page->arena, word->code);
    code->name = arena_string(page->arena, word->name);
    code->label = arena_string(page->arena, word->label);
    code->valid_from_on = word->valid_from;
    code->valid_until_on = word->valid_until;
    return code;
}

static Cix__V1__CodeList *list_of(const struct page *page, const struct code_list *list)
{
    Cix__V1__CodeList *answer = arena_alloc(page->arena, sizeof(*answer));

    cix__v1__code_list__init(answer);
    answer->name = arena_string(page->arena, list->name);
    answer->source = arena_string(page->arena, list->source);
    answer->version = list->version;
    return answer;
}

/* Adds the codes of one list that belong on the page. place: of its first code. False: it is full.
 */
static bool add_list(const struct page *page, const struct code_list *list, size_t *place,
                     Cix__V1__ListCodesResponse *response)
{
    size_t size = code_list_size(list), before = response->n_codes;
    struct code_word word;

    for (size_t i = 0; i < size; i++, ++*place) {
        if (*place < page->first)
            continue;
        code_list_word(list, i, &word);
        if (page->valid_on && !code_word_is_in_force(&word, page->valid_on))
            continue;
        if (response->n_codes == page->room)
            return false;
        if (response->n_codes == before)
            response->lists[response->n_lists++] = list_of(page, list);
        response->codes[response->n_codes++] = code_of(page, list, &word);
    }
    return true;
}

static void list_page(struct call *call, const struct page *page)
{
    Cix__V1__ListCodesResponse *response = arena_alloc(page->arena, sizeof(*response));
    size_t place = 0;

    cix__v1__list_codes_response__init(response);
    response->codes = arena_array(page->arena, page->room, sizeof(*response->codes));
    response->lists = arena_array(page->arena, code_list_count, sizeof(*response->lists));
    for (size_t i = 0; i < code_list_count; i++) {
        if (page->only && page->only != &code_lists[i])
            place += code_list_size(&code_lists[i]);
        else if (!add_list(page, &code_lists[i], &place, response)) {
            response->next_page_token = arena_format(page->arena, "%zu", place);
            break;
        }
    }
    call->response = &response->base;
}

bool member_list_codes(struct session *session, struct call **calls, int count)
{
    struct page page;

    (void)session;
    for (int i = 0; i < count; i++)
        if (read_request(calls[i], &page))
            list_page(calls[i], &page);
    return true;
}
