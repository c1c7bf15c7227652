/*
 * The accounts of a credit report in full: contract and latest month, for people.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/* Prints what the report tells of each account beyond the table of accounts; nothing without any.
 */
void report_detail_print(struct arena *arena, const Cix__V1__Report *report);
