/*
 * Records and questions about made persons as JSON of the contract, and a submission of them, for
 * tests that look at an exchange from outside.
 *
 * Person k is that of support/person.h. Days are counted from today, so that the texts are right in
 * any year. Texts live in the arena.
 */
#pragma once

#include "base/arena.h"
#include "support/exchange.h"
#include "support/speaker.h"

/* One record each: {"subject": ...} and so on. */
const char *scene_subject(struct arena *arena, int64_t k);
const char *scene_consent(struct arena *arena, int64_t k, const char *purpose);
const char *scene_account(struct arena *arena, int64_t k, int i);
const char *scene_month(struct arena *arena, int64_t k, int i); /* the latest whole month */
const char *scene_flag(struct arena *arena, int64_t k, const char *case_no);

/* A request of GetReport; consent_id and consent are left out. name NULL: the right one. */
const char *scene_report(struct arena *arena, int64_t k, const char *name, const char *purpose);
/* A request of CheckFlag. */
const char *scene_check(struct arena *arena, int64_t k, const char *name);

/* UUIDs: of the person's consent and flag, and of a submission. */
const char *scene_consent_id(struct arena *arena, int64_t k);
const char *scene_flag_id(struct arena *arena, int64_t k);
const char *scene_submission_id(struct arena *arena, int64_t n);

/* Steps of Submit. records: JSON texts of records, count of them. */
const char *scene_open(struct arena *arena, const char *submission_id, const char *mode);
const char *scene_chunk(struct arena *arena, int number, const char *const *records, int count);

/* Submits records as one chunk of a daily submission of its own, and commits: the chunk's result.
 */
const Cix__V1__ChunkResult *scene_submit(struct speaker *speaker, struct arena *arena,
                                         const char *const *records, int count);
