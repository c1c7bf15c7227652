/*
 * A credit report for people, on standard output.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/*
 * Prints a report.
 *
 *   own_code  code of the member whose records alone are shown beside the totals, or NULL
 *   is_full   with contract and latest month of each account
 */
void report_view_print(struct arena *arena, const Cix__V1__Report *report, const char *own_code,
                       bool is_full);
