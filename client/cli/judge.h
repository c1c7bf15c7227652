/*
 * The verdict on records without the exchange: the rules that cixd applies, as far as a record, the
 * day and the files themselves decide them.
 *
 * A performance is also held against its account when the account came before it, in the same file
 * or an earlier one. A record whose key came before is remarked (REPEATED; not a rule). What needs
 * the state of the exchange or the member's permissions is not judged. Memory is bounded: beyond
 * JUDGE_MEMORY accounts and keys are no longer remembered, and judge_is_full says so.
 */
#pragma once

#include "base/day.h"
#include "cix/v1/record.pb-c.h"
#include "cli/keyset.h"
#include "domain/rule.h"

#define JUDGE_MEMORY (INT64_C(160) << 20)

/* One thing that is wrong with a record. */
struct judge_finding {
    const char *rule; /* id, or REPEATED */
    enum severity severity;
    const char *field; /* "performance.balance" */
    const char *reason;
};

enum { JUDGE_FINDING_MAX = FINDING_MAX + 1 };

struct judge {
    struct day today;
    int history_months; /* F002, as in struct rule_context */
    int64_t memory;     /* bytes left for the sets */
    struct keyset accounts, keys;
    bool is_full;
    int64_t accepted, rejected, quarantined, warned; /* warned: of the accepted */
    const struct rule *file_rule; /* of severity FILE, the first that was broken, or NULL */
};

/*
 * today: the day of judgement, as the exchange counts days (UTC). history_months: how far back it
 * takes a month (F002); 0: as far as it likes.
 */
void judge_init(struct judge *judge, struct day today, int history_months);
void judge_done(struct judge *judge);

/*
 * Judges one record and counts it. findings has room for JUDGE_FINDING_MAX, one a rule, by id;
 * texts are static or in the arena. Answers how many there are.
 */
int judge_record(struct judge *judge, struct arena *arena, const Cix__V1__Record *message,
                 struct judge_finding *findings);

/* Whether something could no longer be remembered. */
bool judge_is_full(const struct judge *judge);
