/*
 * A rating as the message that a member gets: the engine's numbers in the words of their standard.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/score.pb-c.h"
#include "store/rating.h"

/* The ratings of one subject, as a repeated field wants them. */
struct rating_views {
    size_t count;
    Cix__V1__Rating **items;
};

/*
 * Rates a subject, as of known->input.as_of, by the standards in force on that day, in the order of
 * their names.
 *
 *   known    of a standard that reads transactions the answer is withheld unless its classes have
 *            BEHAVIOUR: its points tell what they were
 *   id       of the one standard that is wanted; "": all those that are for the subject's kind; of
 *            an unknown subject, or when none is for it, all
 *
 * Messages live in the session's arena.
 */
void rating_view(const struct session *session, const struct rating_known *known, const char *id,
                 struct rating_views *views);

enum rating_offer { RATING_OFFERED, RATING_NOT_IN_FORCE, RATING_NOT_PERMITTED };

/*
 * Whether a standard of this name ("": any) is in force today, and has one of them something to
 * tell a member of these data classes.
 */
enum rating_offer rating_offer(const struct session *session, const struct member *member,
                               const char *id);
