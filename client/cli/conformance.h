/*
 * cix conformance: golden cases that a member's side has to pass on a test exchange.
 *
 * The kit makes its data itself, anew for each run: persons whose numbers begin with a region code
 * that was never assigned, so that none is real. Records are rows of a table (domain/golden.h):
 * JSON with places for the run's own values, and what the exchange has to say. What takes several
 * messages is a step (conformance_step.c). A further kind of record adds rows.
 */
#pragma once

#include "cli/online.h"
#include "domain/golden.h"
#include "domain/member.h"

enum { CONFORMANCE_PERSONS = 2, CONFORMANCE_CASE_MAX = 256, CONFORMANCE_UUID_ROOM = 37 };

/* One case that was tried. */
struct conformance_result {
    const char *name;
    bool is_passed;
    const char *expected, *found;
};

struct conformance_person {
    char number[19]; /* resident number */
    char name[48];
};

/* One run. */
struct conformance {
    struct online *online;
    Cix__V1__GetMemberResponse *member;
    struct conformance_person persons[CONFORMANCE_PERSONS]; /* the first gave its consent */
    char other_code[MEMBER_CODE_MAX + 1]; /* of another member; empty: there is none */
    char consent_id[CONFORMANCE_UUID_ROOM];
    char submission_id[CONFORMANCE_UUID_ROOM];
    int record_count; /* golden records that were sent under submission_id */
    int64_t made_at_us;
    struct conformance_result results[CONFORMANCE_CASE_MAX];
    int count, passed;
};

/* A step: tries its cases and adds their results. */
struct conformance_step {
    const char *name;
    Cix__V1__Role role; /* 0: every member */
    void (*run)(struct conformance *run);
};

extern const struct conformance_step conformance_steps[];
extern const size_t conformance_step_count;

/* Makes the persons and ids of a run. */
void conformance_make(struct conformance *run);

/* The row's JSON with the values of this run, in the arena. */
const char *conformance_fill(struct conformance *run, const char *json);

/* The row's record, in the arena; a row that cannot be read is a bug and aborts. */
Cix__V1__Record *conformance_record(struct conformance *run, const char *json);

/* Adds the result of a case: passed when found is what was expected. */
void conformance_tell(struct conformance *run, const char *name, const char *expected,
                      const char *found);

/* True when the member has the role (0: always). */
bool conformance_has_role(const struct conformance *run, Cix__V1__Role role);

/*
 * Writes the result for `cixd member activate --conformance`: the exchange attests what it saw, and
 * the member signs all. False after a line on stderr.
 */
MUST_USE bool conformance_write(struct conformance *run, const char *path);
