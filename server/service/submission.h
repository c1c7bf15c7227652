/*
 * cix.v1.SubmissionService: records in, a verdict per record out.
 */
#pragma once

#include "batch/batch.h"

extern const struct service submission_service;
