/*
 * Fraud alerts and freezes of an answer, for people and as cells of CSV.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/* A line each. They come first: they tell what to do before anything else is read. */
void protection_print(struct arena *arena, Cix__V1__ReportedProtection *const *items, size_t count);

/* Writes the kinds to standard output as one cell: FRAUD_ALERT;NEW_CREDIT_BLOCK. */
void protection_write_kinds(Cix__V1__ReportedProtection *const *items, size_t count);

/* Writes the numbers to call as one cell, with ; between. */
void protection_write_phones(Cix__V1__ReportedProtection *const *items, size_t count);
