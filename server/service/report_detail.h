/*
 * What a report tells of an account beyond its first line: the contract, and the latest month in
 * full.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/*
 * Fills shown from account, in the session's arena.
 *
 *   asker  who gets the report: dealer and provision are told only to the account's own member
 */
void report_detail(const struct session *session, const struct report_account *account,
                   int32_t asker, Cix__V1__ReportedAccount *shown);
