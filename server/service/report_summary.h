/*
 * The counts and totals of a report. Pure: from the stored answer to the message.
 */
#pragma once

#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/* Neither closed by a date nor by the status of its latest month. */
bool report_account_is_open(const struct report_account *account);

/* The latest month is overdue, by amount, days or status. */
bool report_account_is_overdue(const struct report_account *account);

/* Some month that is held was 90 or more days overdue, or bad debt. */
bool report_account_was_90_days(const struct report_account *account);

/*
 * Totals go by currency, in the order in which the accounts bring them up. today: the end of the
 * months in which inquiries are counted.
 */
Cix__V1__ReportSummary *report_summary(struct arena *arena, const struct report_answer *answer,
                                       struct day today);
