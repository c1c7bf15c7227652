/*
 * Days and months as types of their own, so that no bare integer carries one.
 *
 * struct day counts days since 1970-01-01 (proleptic Gregorian, UTC business date); struct period
 * is a month, counted as year * 12 + month - 1. On the wire a day is YYYYMMDD and a period YYYYMM,
 * both int32. No clock here: today comes in by argument.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

struct day {
    int32_t number; /* days since 1970-01-01 */
};

struct period {
    int32_t number; /* year * 12 + month - 1 */
};

/* 16000101..99991231 as YYYYMMDD (births lie before 1970); false when no such date exists. */
MUST_USE bool day_from_wire(int32_t yyyymmdd, struct day *day);
int32_t day_to_wire(struct day day);
/* "YYYY-MM-DD" or "YYYYMMDD", exactly. */
MUST_USE bool day_parse(const char *text, struct day *day);
/* Writes "YYYY-MM-DD" and a NUL: 11 bytes. */
void day_format(struct day day, char text[11]);
struct day day_of_civil(int year, int month, int dayofmonth);
void day_to_civil(struct day day, int *year, int *month, int *dayofmonth);
int day_year(struct day day);
struct day day_add(struct day day, int32_t days);
/* The same day of the month, months later; the last day of the month where it does not exist. */
struct day day_add_months(struct day day, int32_t months);
/* Whole years between two days, as ages are counted; -1 when on lies before birth. */
int day_years_between(struct day birth, struct day on);

/* 160001..999912 as YYYYMM; false when no such month exists. */
MUST_USE bool period_from_wire(int32_t yyyymm, struct period *period);
int32_t period_to_wire(struct period period);
/* "YYYY-MM" or "YYYYMM". */
MUST_USE bool period_parse(const char *text, struct period *period);
/* Writes "YYYY-MM" and a NUL: 8 bytes. */
void period_format(struct period period, char text[8]);
struct period period_of_day(struct day day);
struct day period_first_day(struct period period);
struct day period_last_day(struct period period);
struct period period_add(struct period period, int32_t months);
