/*
 * Accounts that were taken over by another member: one continued history, counted once.
 */
#pragma once

#include "base/arena.h"
#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/* The account that one was taken over from, and the one that goes on with it; NULL: none known. */
const struct report_account *report_seller(const struct report_subject *subject,
                                           const struct report_account *account);
const struct report_account *report_buyer(const struct report_subject *subject,
                                          const struct report_account *account);

/*
 * Names buyers and sellers on the accounts of a report, which stand in the order of the subject's,
 * and puts the months of a seller that are older than the buyer's own behind those, marked; the
 * worst status of the buyer counts them. Chains of any length; a ring of accounts ends where it
 * began.
 */
void report_transfer(struct arena *arena, const struct report_subject *subject,
                     Cix__V1__Report *report);

/* report_view.c: worst status of the latest 24 months shown. */
char *report_worst_status(const Cix__V1__ReportedAccount *shown);
