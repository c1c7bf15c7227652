#include "job/registry_poll.h"

bool registry_poll_run(struct ctx *ctx, struct db *db, void *registry_poll, bool *has_more)
{
    struct registry_poll *poll = registry_poll;
    struct member_list list;
    int64_t version;

    (void)has_more;
    if (!member_version(ctx, db, &version))
        return false;
    if (version == poll->version)
        return true;
    if (!member_list_load(ctx, db, &list))
        return false;
    poll->install(poll->user, &list);
    poll->version = list.version;
    return true;
}
