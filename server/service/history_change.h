/*
 * What a version of a record changed, for GetHistory. Of texts that are stored sealed it is told
 * that they differ, never what they say; only those are opened whose bytes differ.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/correction.pb-c.h"
#include "store/take_back.h"

/* Fills shown->changes. False: a seal does not open; call->ctx says so. */
MUST_USE bool history_change_show(const struct session *session, struct call *call,
                                  const struct history_version *version,
                                  Cix__V1__HistoryVersion *shown);
