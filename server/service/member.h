/*
 * cix.v1.MemberService: what a member may know of itself and of the others. Answered from the
 * registry's picture, without the database; but for what a test exchange attests.
 */
#pragma once

#include "batch/batch.h"

extern const struct service member_service;
