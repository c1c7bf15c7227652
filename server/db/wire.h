/*
 * PostgreSQL's binary forms: type numbers, epochs, the head of an array.
 *
 * Type numbers are those of pg_type.dat, the same in every release. Integers travel in network
 * order; date counts days and timestamptz microseconds since 2000-01-01.
 */
#pragma once

#include <stdint.h>

enum oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_DATE = 1082,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_BOOL_ARRAY = 1000,
    OID_BYTEA_ARRAY = 1001,
    OID_INT2_ARRAY = 1005,
    OID_INT4_ARRAY = 1007,
    OID_TEXT_ARRAY = 1009,
    OID_INT8_ARRAY = 1016,
    OID_DATE_ARRAY = 1182,
    OID_TIMESTAMPTZ_ARRAY = 1185,
    OID_UUID_ARRAY = 2951,
};

/* 1970-01-01 to 2000-01-01. */
enum { DAYS_TO_2000 = 10957 };
static const int64_t US_TO_2000 = (int64_t)DAYS_TO_2000 * 86400 * 1000000;

/* Dimensions, has-null, item type; then length and lower bound of the one dimension. */
enum { ARRAY_EMPTY_SIZE = 12, ARRAY_HEADER_SIZE = 20 };
