#include <stdio.h>

#include "command/commands.h"

int command_config(struct ctx *ctx, const struct command_call *call)
{
    (void)ctx;
    if (call->word_count > 0)
        return command_usage(call, "config");
    config_print(call->config, true, stdout);
    return 0;
}
