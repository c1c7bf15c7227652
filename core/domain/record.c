#include "domain/record.h"

#include "base/check.h"

enum correction_action record_action(const struct record *record)
{
    return record->correction.is_present ? record->correction.action : CORRECTION_ACTION_NONE;
}

uint32_t record_data_class(enum record_kind kind)
{
    static const uint32_t classes[] = {
        [RECORD_KIND_SUBJECT] = DATA_CLASS_BASIC,
        [RECORD_KIND_ACCOUNT] = DATA_CLASS_CREDIT,
        [RECORD_KIND_PERFORMANCE] = DATA_CLASS_CREDIT,
        [RECORD_KIND_FLAG] = DATA_CLASS_DISHONEST,
    };
    const struct fact_kind *fact = fact_kind_find(kind);

    if (fact)
        return fact->data_class;
    return (size_t)kind < ARRAY_LENGTH(classes) ? classes[kind] : 0;
}
