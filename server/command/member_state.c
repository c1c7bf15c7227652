/*
 * cixd member state and suspend: what a member may do from now on, and why. In force on all servers
 * within a second; its records stay whatever its state.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "store/member.h"

enum { WORD_MAX = 32 };

static const char *flag_reason = "";

const struct config_flag member_state_flags[] = {
    {"reason", &flag_reason, NULL},
    {NULL, NULL, NULL},
};

/* By number, as in the table member_act; 0 none. */
static const char *const reason_words[] = {
    "",        "own-request",      "order", "breach", "security",
    "licence", "tested-elsewhere", "",      "",       "other"};

bool command_member_reason(struct ctx *ctx, const char *flag, const char *word, int16_t *reason)
{
    for (size_t i = 1; *word && i < ARRAY_LENGTH(reason_words); i++) {
        if (!strcmp(word, reason_words[i])) {
            *reason = (int16_t)i;
            return true;
        }
    }
    return fail(ctx, ERR_INVALID, "REASON",
                "--%s: expected own-request, order, breach, security, licence, tested-elsewhere or "
                "other",
                flag);
}

/* "restricted" or "RESTRICTED". ACTIVE is what member activate makes. */
static bool read_state(struct ctx *ctx, const char *word, enum member_state *state)
{
    char name[WORD_MAX];
    const struct code *code;

    snprintf(name, sizeof(name), "%s", word);
    for (char *c = name; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    code = code_find_name(&code_member_states, name);
    if (!code || code->number == MEMBER_STATE_ACTIVE)
        return fail(ctx, ERR_INVALID, "STATE",
                    "STATE: expected applied, examined, testing, restricted, suspended, withdrawn, "
                    "revoked or absconded; cixd member activate makes active");
    *state = (enum member_state)code->number;
    return true;
}

static int set_state(struct ctx *ctx, const struct command_call *call, enum member_state state,
                     int16_t reason)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_done = command_open(ctx, call->config, &cluster, &db) &&
                   member_state_set(ctx, db, call->words[0], state, reason, clock_now_us());

    command_close(cluster, db);
    return is_done ? 0 : 1;
}

int command_member_state(struct ctx *ctx, const struct command_call *call)
{
    enum member_state state = MEMBER_STATE_NONE;
    int16_t reason = 0;

    if (call->word_count != 2)
        return command_usage(call, "member state CODE STATE --reason REASON");
    if (!read_state(ctx, call->words[1], &state) ||
        !command_member_reason(ctx, "reason", flag_reason, &reason) ||
        set_state(ctx, call, state, reason) != 0)
        return 1;
    printf("%s is %s\n", call->words[0], code_name(&code_member_states, (int)state));
    return 0;
}

int command_member_suspend(struct ctx *ctx, const struct command_call *call)
{
    int16_t reason = 0;

    if (call->word_count != 1)
        return command_usage(call, "member suspend CODE [--reason REASON]");
    if ((*flag_reason && !command_member_reason(ctx, "reason", flag_reason, &reason)) ||
        set_state(ctx, call, MEMBER_STATE_SUSPENDED, reason) != 0)
        return 1;
    printf("suspended %s\n", call->words[0]);
    return 0;
}
