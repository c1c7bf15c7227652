/*
 * cix.v1.StatisticService: aggregates for regulators, under the limits of their role.
 */
#pragma once

#include "batch/batch.h"

extern const struct service statistic_service;
