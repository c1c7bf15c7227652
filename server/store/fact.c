#include "store/fact.h"

#include "store/column.h"

const struct statement fact_put = {
    "fact_put", "select line, rule, severity, field, reason from cix.fact_put($1, $2, $3, $4, $5,"
                " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
                " $23, $24, $25, $26, $27, $28, $29)"};

#define FACT(type, member)                                                                         \
    {                                                                                              \
        COLUMN_##type, offsetof(struct record_fact, member)                                        \
    }

static const struct column fact_columns[] = {
    FACT(INT4, line),
    FACT(INT2, kind),
    FACT(DIGEST, key_index),
    FACT(DIGEST, content_index),
    FACT(INT8, fact_id),
    FACT(INT8, record_id),
    FACT(BYTES, lookup),
    FACT(BYTES, account_index),
    FACT(INT4_OR_0, member_id),
    FACT(TEXT, content),
    FACT(BYTES, sealed_text),
    FACT(TEXT, origin),
    FACT(INT2, action),
    FACT(INT2, reason),
    FACT(BYTES, sealed_note),
    FACT(INT8, maker.subject_id),
    FACT(INT2, maker.subject_kind),
    FACT(COUNT2, maker.birth_year),
    FACT(INT2, maker.type),
    FACT(INT8, maker.identifier_id),
    FACT(BYTES, maker.identifier),
    FACT(BYTES, maker.name_index),
    FACT(INT8, maker.name_id),
    FACT(BYTES, maker.name),
};

void fact_params(struct params *params, struct day today, const struct record_fact *facts,
                 int count)
{
    params_day(params, today);
    columns_put(params, fact_columns, ARRAY_LENGTH(fact_columns),
                &(struct column_rows){facts, sizeof(*facts), count});
}
