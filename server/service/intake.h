/*
 * Intake: one chunk's records checked by the rules, and what passes indexed and sealed into the
 * rows that the store puts. No database here.
 */
#pragma once

#include "batch/registry.h"
#include "cix/v1/submission.pb-c.h"
#include "store/submission.h"

struct vault;

enum { CHUNK_RECORDS_MAX = 1000 };

/* A rule that keeps one record of the chunk aside no more: its member found the record right. */
struct intake_waiver {
    int32_t line;
    const char *rule;
};

struct intake {
    struct arena *arena; /* the chunk's */
    const struct vault *vault;
    const struct member *member; /* the contributor */
    const struct registry_view *members;
    struct day today;   /* rules are judged on this day */
    int history_months; /* F002, as in struct file_limits */
    const struct intake_waiver *waivers;
    int waiver_count;
};

/*
 * Checks every record. chunk gets verdicts, rows of the records that were taken, sealed copies of
 * those kept aside, and what the member needs to be permitted; number, hash and the whole message
 * are the caller's.
 */
void intake_chunk(const struct intake *intake, const Cix__V1__Chunk *message,
                  struct submission_chunk *chunk);

/*
 * Rule S016: keeps aside the subjects of a chunk that intake_chunk read, whose identifiers others
 * know under names that lie far apart. Asks the database, mostly in vain; unsealed names do not
 * outlive the arena of ctx.
 */
MUST_USE bool intake_conflicts(struct ctx *ctx, struct db *db, const struct intake *intake,
                               const struct submission_act *act, const Cix__V1__Chunk *message,
                               struct submission_chunk *chunk);
