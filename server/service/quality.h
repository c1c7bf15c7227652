/*
 * QualityService: the data-quality index by member and month.
 */
#pragma once

#include "batch/batch.h"

extern const struct service quality_service;
