/*
 * Every sealed column of the schema, once: who seals, who opens and who seals anew under another
 * key agree here on where a value stands.
 *
 * The numbers are those of cix.seal_list and cix.seal_put (sql/api/key.sql). A feature test holds
 * this list against the catalogue: a column sealed_... that is missing here cannot be rotated.
 */
#pragma once

#include "vault/vault.h"

enum place {
    PLACE_NAME = 1,
    PLACE_IDENTIFIER = 2,
    PLACE_BIRTH = 3,
    PLACE_MOBILES = 4,
    PLACE_ADDRESS = 5,
    PLACE_ACCOUNT_NO = 6,
    PLACE_CASE_NO = 7,
    PLACE_CHUNK = 8,
    PLACE_QUARANTINE = 9,
    PLACE_ANNOTATION = 10,
    PLACE_ANSWER = 11,
    PLACE_PHONES = 12,
    PLACE_EXPLANATION = 13,
    PLACE_ORIGINAL_CREDITOR = 14,
    PLACE_FACT_TEXT = 15,
    PLACE_FACT_NOTE = 16,
    PLACE_REMOVED_NO = 17,
    PLACE_NOTE = 18,
    PLACE_REPLACED_CASE_NO = 19,
    PLACE_REMOVED_NAME = 20,
    PLACE_REMOVED_IDENTIFIER = 21,
    PLACE_FLAG_TEXT = 22,
    PLACE_IDENTIFIER_TEXT = 23,
    PLACE_FIRST = PLACE_NAME,
    PLACE_LAST = PLACE_IDENTIFIER_TEXT
};

/* The place of one row's value; record_id is the row's own. */
struct vault_place place_of(enum place place, int64_t record_id);

/*
 * The table that a place lies in. A value that was moved as it is stays bound to the table that it
 * came from, which is what place_of says.
 */
const char *place_table(enum place place);
