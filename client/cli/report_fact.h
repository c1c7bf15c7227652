/*
 * Facts of a report, for a terminal: one table a kind, each fact in words.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/* Prints the facts; nothing when the report has none. */
void report_fact_print(struct arena *arena, const Cix__V1__Report *report);

/* What a fact of the report is called: "party of bank-one, 2026-03-01"; "other record": not shown.
 */
const char *report_fact_name(struct arena *arena, const Cix__V1__Report *report, int64_t fact_id);
