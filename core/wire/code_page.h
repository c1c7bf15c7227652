/*
 * The code lists (domain/code_list.h) as pages of ListCodes: what cixd answers and `cix codes
 * --offline` shows.
 */
#pragma once

#include "base/arena.h"
#include "cix/v1/member.pb-c.h"
#include "domain/code_list.h"

struct code_page {
    const struct code_list *only; /* NULL: all lists */
    int32_t valid_on;             /* only codes in force on this day, YYYYMMDD; 0: any */
    size_t first; /* place of the first code among all codes of all lists: a token */
    size_t room;  /* codes at most */
};

/* The page, in the arena; its token is empty when no more codes follow. */
Cix__V1__ListCodesResponse *code_page(struct arena *arena, const struct code_page *page);
