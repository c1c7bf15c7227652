#include "domain/record.h"

struct day_field day_field_of(bool is_present, int32_t yyyymmdd)
{
    struct day_field field = {.is_present = is_present};

    field.is_real = is_present && day_from_wire(yyyymmdd, &field.day);
    return field;
}

struct day_field day_field_of_plain(int32_t yyyymmdd)
{
    return day_field_of(yyyymmdd != 0, yyyymmdd);
}

uint32_t record_data_class(enum record_kind kind)
{
    switch (kind) {
    case RECORD_KIND_SUBJECT:
        return DATA_CLASS_BASIC;
    case RECORD_KIND_ACCOUNT:
    case RECORD_KIND_PERFORMANCE:
        return DATA_CLASS_CREDIT;
    case RECORD_KIND_FLAG:
        return DATA_CLASS_DISHONEST;
    case RECORD_KIND_CONSENT:
    case RECORD_KIND_NONE:
        return 0;
    }
    return 0;
}
