/*
 * cix.v1.StatisticService: aggregates for regulators, suppressed by the role of who asks.
 */
#pragma once

#include "batch/batch.h"

extern const struct service statistic_service;
