#include "domain/field.h"

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
