/*
 * cix.v1.ReportService: credit reports, one or many, each behind its committed inquiry.
 */
#pragma once

#include "batch/batch.h"

extern const struct service report_service;
