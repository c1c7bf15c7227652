/*
 * StandardService: rating standards, shown to every member, changed by the regulator.
 */
#pragma once

#include "batch/batch.h"

extern const struct service standard_service;
