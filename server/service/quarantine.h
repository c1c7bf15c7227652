/*
 * QuarantineService: what rules kept aside, listed and reviewed by the member that sent it.
 */
#pragma once

#include "batch/batch.h"

extern const struct service quarantine_service;
