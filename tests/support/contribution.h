/*
 * Records for tests, as a member would send them: one chunk under construction.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

enum { CONTRIBUTION_MAX = 1000 };

struct contribution {
    struct arena arena;
    Cix__V1__Record *records[CONTRIBUTION_MAX];
    size_t count;
};

void contribution_init(struct contribution *contribution);
void contribution_done(struct contribution *contribution);

/* Records of person k (support/person.h) that break no rule; the result may be changed. */
Cix__V1__Subject *contribution_subject(struct contribution *contribution, int64_t k);
/* A D1 loan of 100,000.00 CNY, opened 2024-01-15. */
Cix__V1__Account *contribution_account(struct contribution *contribution, int64_t k, int i);
/* Normal, balance given; reported in time. */
Cix__V1__Performance *contribution_month(struct contribution *contribution, int64_t k, int i,
                                         int32_t period, int64_t balance);
/* The same, three months late: behind a month that was not late at all, rule M016 keeps it. */
Cix__V1__Performance *contribution_late_month(struct contribution *contribution, int64_t k, int i,
                                              int32_t period, int64_t balance);
/* For loan and card approval, data classes basic and credit, in force from signed_on for a year. */
Cix__V1__Consent *contribution_consent(struct contribution *contribution, int64_t k,
                                       const char *consent_id, int32_t signed_on,
                                       int32_t expires_on);
/* Listed since 2025-03-01. */
Cix__V1__Flag *contribution_flag(struct contribution *contribution, int64_t k, const char *flag_id);

/*
 * A message of this type from its JSON, in which single quotes stand for double ones; fails the
 * test when it cannot be read. text: changed.
 */
ProtobufCMessage *contribution_message(struct arena *arena, const ProtobufCMessageDescriptor *type,
                                       char *text);

/* Adds a record from such JSON. */
void contribution_json(struct contribution *contribution, char *text);

/* Marks the latest record as one that replaces what the member sent before under its key. */
void contribution_correct(struct contribution *contribution);

/*
 * Sends everything as one submission of one chunk and commits it; the last chunk's answer, freed
 * with contribution_answer_free. Fails the test when the exchange refuses.
 */
Cix__V1__ChunkResult *contribution_send(struct contribution *contribution,
                                        struct cix_client *client, const char *submission_id,
                                        Cix__V1__SubmissionMode mode);

/* The same; false with the error when the exchange refuses. result may be NULL. */
bool contribution_try(struct contribution *contribution, struct cix_client *client,
                      const char *submission_id, Cix__V1__SubmissionMode mode,
                      Cix__V1__ChunkResult **result, struct cix_error *error);

void contribution_answer_free(Cix__V1__ChunkResult *result);

/* The verdict of a rule on a record, or NULL. */
const Cix__V1__Verdict *contribution_verdict(const Cix__V1__ChunkResult *result, int32_t index,
                                             const char *rule);
