/*
 * Accounts that were taken over by another member: one continued history, counted once.
 */
#pragma once

#include "base/arena.h"
#include "cix/v1/report.pb-c.h"
#include "domain/transfer.h"
#include "store/report.h"

/* For each account of the subject the number of the one that it was taken over from, or
 * TRANSFER_NONE (domain/transfer.h). */
const int *report_sellers(struct arena *arena, const struct report_subject *subject);

/*
 * Names buyers and sellers on the accounts of a report, which stand in the order of the subject's,
 * and puts the months of a seller that are older than the buyer's own behind those, marked; the
 * worst status of the buyer counts them. Chains of any length.
 */
void report_transfer(struct arena *arena, const struct report_subject *subject,
                     Cix__V1__Report *report);

/* report_view.c: worst status of the latest 24 months shown. */
char *report_worst_status(const Cix__V1__ReportedAccount *shown);
