#include "job/standards_poll.h"

bool standards_poll_run(struct ctx *ctx, struct db *db, void *standards_poll, bool *has_more)
{
    struct standards_poll *poll = standards_poll;
    struct standard_versions versions;
    uint64_t revision;

    (void)has_more;
    if (!standard_revision(ctx, db, &revision))
        return false;
    if (poll->is_begun && revision == poll->revision)
        return true;
    if (!standard_in_force(ctx, db, &revision, &versions))
        return false;
    poll->install(poll->user, revision, &versions);
    poll->revision = revision;
    poll->is_begun = true;
    return true;
}
