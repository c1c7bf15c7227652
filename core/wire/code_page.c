#include "wire/code_page.h"

static Cix__V1__Code *code_of(struct arena *arena, const struct code_list *list,
                              const struct code_word *word)
{
    Cix__V1__Code *code = arena_alloc(arena, sizeof(*code));

    cix__v1__code__init(code);
    code->list = arena_string(arena, list->name);
    code->code = arena_string(arena, word->code);
    code->name = arena_string(arena, word->name);
    code->label = arena_string(arena, word->label);
    code->valid_from_on = word->valid_from;
    code->valid_until_on = word->valid_until;
    return code;
}

static Cix__V1__CodeList *list_of(struct arena *arena, const struct code_list *list)
{
    Cix__V1__CodeList *answer = arena_alloc(arena, sizeof(*answer));

    cix__v1__code_list__init(answer);
    answer->name = arena_string(arena, list->name);
    answer->source = arena_string(arena, list->source);
    answer->version = list->version;
    return answer;
}

/* Adds the codes of one list that belong on the page. place: of its first code. False: it is full.
 */
static bool add_list(struct arena *arena, const struct code_page *page,
                     const struct code_list *list, size_t *place,
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
            response->lists[response->n_lists++] = list_of(arena, list);
        response->codes[response->n_codes++] = code_of(arena, list, &word);
    }
    return true;
}

Cix__V1__ListCodesResponse *code_page(struct arena *arena, const struct code_page *page)
{
    Cix__V1__ListCodesResponse *response = arena_alloc(arena, sizeof(*response));
    size_t place = 0;

    cix__v1__list_codes_response__init(response);
    response->codes = arena_array(arena, page->room, sizeof(*response->codes));
    response->lists = arena_array(arena, code_list_count, sizeof(*response->lists));
    for (size_t i = 0; i < code_list_count; i++) {
        if (page->only && page->only != &code_lists[i])
            place += code_list_size(&code_lists[i]);
        else if (!add_list(arena, page, &code_lists[i], &place, response)) {
            response->next_page_token = arena_format(arena, "%zu", place);
            break;
        }
    }
    return response;
}
