/*
 * Money: int64 minor units of an ISO 4217 currency. No floating point, no silent overflow.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* Largest amount a record may carry, in minor units (rule M003). */
#define MONEY_MAX INT64_C(1000000000000000)

/*
 * Decimal digits of the minor unit (0, 2, 3 or 4), or -1 when ISO 4217 has no such currency or
 * gives it no minor unit (gold, testing codes). Currencies that ended since 1990 but may stand in
 * an old record are known. Source: ISO 4217 lists one and three.
 */
int money_minor_digits(const char *currency);

/* The currencies that the exchange knows, those that ended included, by their place from 0. */
size_t money_currency_count(void);
void money_currency(size_t index, char code[4]);

/* a + b; false on overflow. */
MUST_USE bool money_add(int64_t a, int64_t b, int64_t *sum);

/* part / whole in basis points, rounded half up, at most INT32_MAX; -1 when whole <= 0 or part < 0.
 */
int32_t money_ratio_bps(int64_t part, int64_t whole);

/* "-1,234.56" for a currency with two digits; an unknown currency shows bare minor units. */
void money_format(int64_t amount_minor, const char *currency, char text[40]);

/*
 * "1234.56" or "-1234.56" to minor units; fewer decimals than the currency has are fine. False on
 * other characters, too many decimals, an unknown currency or beyond MONEY_MAX either way.
 */
MUST_USE bool money_parse(const char *text, const char *currency, int64_t *amount_minor);
