#include "cli/standard_run.h"

#include <string.h>

#include "cli/standard_file.h"

bool standard_begin(struct standard_run *run, const struct cli_args *args, bool is_draft)
{
    *run = (struct standard_run){.args = args};
    ctx_init(&run->ctx, &run->arena);
    return standard_file_read(&run->ctx, args->operands[0], is_draft, &run->standard);
}

enum cli_exit standard_end(struct standard_run *run, bool is_done)
{
    enum cli_exit code = CLI_OK;

    if (!is_done)
        code = cli_complain(strcmp(run->ctx.error.reason, "USAGE") == 0 ? CLI_USAGE : CLI_DATA,
                            "%s", run->ctx.error.message);
    arena_done(&run->arena);
    return code;
}
