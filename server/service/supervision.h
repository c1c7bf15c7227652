/*
 * cix.v1.SupervisionService: what borrowers owe on lending platforms, beside the caps of the law.
 */
#pragma once

#include "batch/batch.h"

extern const struct service supervision_service;
