/*
 * The golden records of cix conformance: what a member has to be able to send, and what an exchange
 * has to say to it.
 *
 * cix sends the rows that a member may try, in their order, as the one chunk of one submission; the
 * test exchange knows the same rows and confirms that it saw them answered so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* A record, and its expected fate. */
struct golden_record {
    const char *name; /* "account.no-amount" */
    const char
        *json; /* of cix.v1.Record, with @PLACES@ that cix fills; a bureau's gets its origin */
    const char *rule;     /* that refuses it; NULL: it is taken (remarks are allowed) */
    uint32_t role;        /* enum member_role: that the member needs for it to be tried */
    uint32_t data_class;  /* enum data_class: the same; 0: none */
    bool is_about_others; /* it names another member: tried where there is one */
};

extern const struct golden_record golden_records[];
extern const size_t golden_record_count;

/* Whether a member with these roles and data classes tries the row. */
bool golden_may_try(const struct golden_record *row, uint32_t roles, uint32_t data_classes,
                    bool has_others);

/*
 * The roles of rows that were seen, as the exchange's statement says them, and back. Roles: bits of
 * enum member_role, of which rows have contributor and court. False: no such text.
 */
const char *golden_roles_text(uint32_t roles);
MUST_USE bool golden_roles_read(const char *text, uint32_t *roles);
