/*
 * What a report and a flag check ask, in the form that both of their SQL functions take.
 *
 * A question carries everything that the two halves need; its outcome comes back from the first.
 * Arrays of questions become arrays of columns, bound once and sent twice (ask, then read).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/digest.h"
#include "base/id.h"
#include "db/db.h"

enum { INQUIRY_SALT_SIZE = 16, INQUIRY_FINGERPRINT_SIZE = 32 };

/* Outcomes of cix.inquiry_decide and cix.report_ask. Stored in audit rows: permanent. */
enum inquiry_outcome {
    INQUIRY_GRANTED = 0,
    INQUIRY_MEMBER = 1,           /* not active, no lender, or lacks the data classes */
    INQUIRY_PURPOSE = 2,          /* I001 */
    INQUIRY_CONSENT = 3,          /* I002 */
    INQUIRY_ACCOUNT = 4,          /* I003 */
    INQUIRY_FROZEN = 5,           /* I006 */
    INQUIRY_CONSENT_CONFLICT = 6, /* C004 */
    INQUIRY_RECIPROCITY = 7,      /* the member's level, for this kind of subject and product */
};

/* A consent that comes with its question. Checked before (C001 to C003). */
struct inquiry_consent {
    int64_t record_id;
    int64_t purposes;     /* bits 1 << purpose */
    int32_t data_classes; /* bits of enum data_class */
    int16_t form;
    struct day signed_on;
    struct day effective_on;
    struct day expires_on;
    struct bytes document_hash; /* 32 bytes */
    struct bytes scope_index;   /* digest of the account that it is for; absent: of none */
};

/* One question. Ids and digests are made by whoever asks the store. */
struct inquiry {
    int64_t inquiry_id;
    struct digest lookup;
    struct digest name_index;
    struct digest operator_index;
    int32_t member_id;
    int16_t purpose;
    bool is_person;      /* the identifier is a person's */
    bool has_consent_id; /* this very consent; else any that covers */
    struct uuid consent_id;
    const struct inquiry_consent *consent; /* stored under consent_id; NULL: none */
    uint8_t certificate[INQUIRY_FINGERPRINT_SIZE];
    uint8_t salt[INQUIRY_SALT_SIZE];
    enum inquiry_outcome outcome; /* written by the ask half */
    bool is_served;               /* written by the read half */
};

/* What is asked for, as the database counts it. */
enum inquiry_product {
    INQUIRY_REPORT = 1,
    INQUIRY_FLAG = 2,
    INQUIRY_EXPOSURE = 3,
    INQUIRY_RATING = 4,
};

/* A batch of questions. */
struct inquiry_request {
    struct inquiry *inquiries;
    int count;
    int16_t method;   /* audit code for the audit rows */
    struct day today; /* business date of permissions and listings */
};

/* The columns that questions have in common, as parameters want them. Lives in an arena. */
struct inquiry_columns {
    int count;
    struct bytes *lookups;
    struct bytes *name_indexes;
    struct bytes *operators;
    struct bytes *certificates;
    struct bytes *salts;
    int32_t *members;
    int16_t *purposes;
    bool *persons;
    int64_t *ids;
    struct uuid *consent_ids;
    bool *has_consent_id;
};

/* Turns questions into columns; digests are viewed, so the questions must stay. */
void inquiry_columns_of(struct arena *arena, const struct inquiry *inquiries, int count,
                        struct inquiry_columns *columns);

/* The parameters by which a read half finds its trace: six arrays, and behind them the business
 * date. */
void inquiry_put_keys(struct params *params, const struct inquiry_columns *columns);
void inquiry_put_read(struct params *params, const struct inquiry_request *request,
                      const struct inquiry_columns *columns);

/* Reads rows (element, outcome) of an ask function into the questions. */
void inquiry_outcomes_read(struct rows *rows, struct inquiry *inquiries, int count);
