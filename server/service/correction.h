/*
 * cix.v1.CorrectionService: what members do on a subject's behalf (disputes, statements, fraud
 * alerts, freezes).
 */
#pragma once

#include "batch/batch.h"

extern const struct service correction_service;
