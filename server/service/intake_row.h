/*
 * From a checked record to the row that the store puts: ids made, identifiers, names and account
 * numbers indexed by the vault, what names a person sealed. Private to intake.
 */
#pragma once

#include "service/intake.h"
#include "vault/place.h"

enum { ACCOUNT_SLOTS = 4096 }; /* a power of two, more than twice CHUNK_RECORDS_MAX */
enum { REKEYS_A_RECORD = 3 };  /* an account names itself, its parent and the one it was */

/* Which account a record means. origin: at a credit bureau the institution, else empty. */
struct account_name {
    int32_t member_id;
    const char *origin;
    const char *account_no;
};

/* Rows of one chunk while they are added. */
struct intake_rows {
    struct record_rows rows;
    int32_t *account_slots; /* positions in rows.account_indexes by digest, 0: free */
};

/*
 * Keeps a record aside for a rule of quarantine that was found later than the others: verdict and
 * sealed copy. Answers the id of the copy.
 */
int64_t intake_hold(const struct intake *intake, int32_t line, const Cix__V1__Record *message,
                    const char *rule_id, struct submission_chunk *chunk);

/* Makes room for every record of the message. */
void intake_rows_init(struct intake_rows *rows, struct arena *arena, const Cix__V1__Chunk *message);

/*
 * Adds the row of a record that rule_check has read without a refusing finding. is_quarantined: a
 * month that is kept for review; it counts and is shown with a mark.
 */
void intake_row_add(const struct intake *intake, struct intake_rows *rows, int32_t line,
                    const struct record *record, bool is_quarantined);

/* Notes that a listing came which no rule refuses, taken or kept aside, if that says something. */
void intake_receipt_add(struct intake_rows *rows, int32_t line, const struct flag_record *record);

/* Seals a text; an empty one stays absent. */
struct bytes intake_seal(const struct intake *intake, enum place where, int64_t record_id,
                         const char *text);

/* The lookup of an identifier that rule_check has read. */
struct digest intake_lookup(const struct intake *intake, const struct identifier_field *field);

/* The digest under which an account is kept; one of an institution behind a bureau gets its rekey.
 */
struct digest intake_account_index(const struct intake *intake, struct record_rows *rows,
                                   const struct account_name *name);

/*
 * What a record says of its identifiers: of the row its details, each by the head of its lookup
 * (cix.lookup_head), and sealed_details. Nothing when it says nothing. Private to
 * intake_identifier.c and intake_row.c.
 */
void intake_identifiers_tell(const struct intake *intake, const struct subject_record *record,
                             struct record_subject *row);

/* Adds the row of a fact; private to intake_fact.c and intake_row.c. */
void intake_fact_add(const struct intake *intake, struct record_rows *rows, int32_t line,
                     const struct record *record);

/* The digest of a fact's key, whose fields rule_check has read. */
struct digest intake_fact_key(const struct intake *intake, const struct record *record);
