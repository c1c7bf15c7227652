/*
 * A client of the crash test: a process of its own that may be killed at any moment. It works
 * through its plans, one after the other, and when it comes back it goes on with the one that its
 * journal does not show as done.
 */
#pragma once

#include "cix.h"
#include "fault/crash/journal.h"

struct worker_options {
    int client;
    unsigned seed;
    const char *folder; /* of certificates and journals */
    const char *address;
};

/* Path of a client's journal. */
const char *worker_journal(const char *folder, int client, char path[512]);

/* Works until SIGTERM, and then to the end of the plan, the sixth at least. The exit code of the
 * process. */
int worker_run(const struct worker_options *options);

/*
 * Says chunks of a plan in any order, again, and with other bytes, on streams of their own. Every
 * answer must be the one that the contract gives; any other is journaled as refused. declaration
 * may be NULL.
 */
void disorder(const struct plan *plan, const struct plan_declaration *declaration,
              struct cix_client *client, struct journal *journal);
