/*
 * cix.v1.FlagService: dishonest-person flags checked by lenders and ended by their court.
 */
#pragma once

#include "batch/batch.h"

extern const struct service flag_service;
