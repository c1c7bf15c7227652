/*
 * ListCodes of the member service: the code tables of core/domain, page by page. Needs no database:
 * the tables are part of the release, so that rules, server and client never disagree.
 */
#pragma once

#include "batch/batch.h"

/* Serves ListCodes. Errors: LIST_UNKNOWN, DAY_INVALID, PAGE_SIZE, PAGE_TOKEN. */
bool member_list_codes(struct session *session, struct call **calls, int count);
