/*
 * An exchange on the database that a released build left behind (feature/kept/): a script of its
 * schema with made persons, and its key ring.
 */
#pragma once

#include "base/arena.h"
#include "support/exchange.h"

/* Who of the kept members asks about whom; views into an arena. */
struct kept_ask {
    const char *member;
    const char *identifier;
    const char *name;
};

/*
 * Makes an exchange whose database is the kept one of that version, e.g. "0009", as it was left:
 * not migrated, cixd not started. Then kept_migrate, kept_serve. Aborts on failure.
 */
void kept_start(struct exchange *exchange, const char *version, struct arena *arena,
                struct kept_ask *ask);

/* Runs the built cixd with a command's words on that database as its owner; output in the arena.
 * The exit code. */
int kept_command(const struct exchange *exchange, struct arena *arena, const char *words,
                 const char **output);

/* The same with the words alone, as the shell reads them: redirections are good. */
int kept_cixd(struct arena *arena, const char *words, const char **output);

/* Starts cixd, and gives the kept members named (ended by NULL) certificates of this exchange. */
void kept_serve(struct exchange *exchange, const char *const *members);

/* The report of the built cix as the member, JSON text in the arena. purpose: as --purpose. */
const char *kept_report(const struct exchange *exchange, struct arena *arena,
                        const struct kept_ask *ask, const char *purpose);

/*
 * Asserts that a report says all that another one said: every value of expected stands in given,
 * but for the inquiry's own id and time. is_subset: the list of inquiries may differ, too, and
 * further fields are welcome; else there are none.
 */
void kept_assert_same(const char *given, const char *expected, bool is_subset);
