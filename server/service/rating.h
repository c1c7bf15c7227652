/*
 * cix.v1.RatingService: what the standards in force say of a subject, one or many, each behind its
 * committed inquiry.
 */
#pragma once

#include "batch/batch.h"

extern const struct service rating_service;
