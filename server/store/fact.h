/*
 * Facts as rows: the typed call of sql/api/fact.sql. See store/record.h for how a chunk is put.
 */
#pragma once

#include "base/digest.h"
#include "db/db.h"
#include "domain/fact.h"

/* What a public record brings along to make its subject; zeroed for every other kind. */
struct fact_maker {
    int64_t subject_id; /* if the identifier is new */
    int16_t subject_kind;
    struct count_field birth_year;
    int16_t type;
    int64_t identifier_id;
    struct bytes identifier; /* sealed */
    struct bytes name_index;
    int64_t name_id;
    struct bytes name; /* sealed */
};

struct record_fact {
    int32_t line;
    int16_t kind; /* enum record_kind */
    struct digest key_index;
    struct digest content_index;
    int64_t fact_id; /* if the key is new */
    int64_t record_id;
    struct bytes lookup;        /* of its identifier; data NULL: none */
    struct bytes account_index; /* of its account; data NULL: none */
    int32_t member_id;          /* the member that it is about, when it has no person; or 0 */
    const char *content;        /* JSON: what the kind's table holds */
    struct bytes sealed_text;   /* data NULL: none */
    const char *origin;
    int16_t action; /* enum correction_action */
    int16_t reason;
    struct bytes sealed_note; /* data NULL: none */
    struct fact_maker maker;
};

/* The statement and its parameters behind those that every put function has. */
extern const struct statement fact_put;
void fact_params(struct params *params, struct day today, const struct record_fact *facts,
                 int count);
