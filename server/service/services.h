/*
 * The list of services, one line each. A new feature adds its line in services.c.
 */
#pragma once

#include "batch/batch.h"

extern const struct service *const services[];
extern const int service_count;
