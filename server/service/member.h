/*
 * cix.v1.MemberService: what a member may know of itself and of the others. Answered from the
 * registry's picture, without the database.
 */
#pragma once

#include "batch/batch.h"

extern const struct service member_service;
