/*
 * Completeness of optional fields: how many of the fields that may be absent, and that reports and
 * statistics use, a record gives. Counted on the wire's messages; nothing is judged here.
 */
#pragma once

#include "cix/v1/record.pb-c.h"

struct completeness {
    int32_t due;
    int32_t given;
};

/* Adds the fields of one record. */
void completeness_add(struct completeness *completeness, const Cix__V1__Record *record);
