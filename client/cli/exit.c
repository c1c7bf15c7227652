#include "cli/exit.h"

#include "base/check.h"

const struct cli_exit_row cli_exits[] = {
    {CLI_OK, "ok", "done; every record was taken"},
    {CLI_REJECTED, "rejected", "done, but some records or questions were not taken"},
    {CLI_USAGE, "usage", "the command line or the configuration is wrong; nothing was sent"},
    {CLI_REFUSED, "refused", "the exchange refused: permission, precondition or a wrong request"},
    {CLI_UNAVAILABLE, "unavailable", "the exchange was not reached or is overloaded; try again"},
    {CLI_DATA, "data", "a file cannot be read or written, or is damaged; nothing more was sent"},
    {CLI_NO_FILE, "no-file", "the exchange knows no such subject"},
    {CLI_FAULT, "fault", "the exchange or cix failed in a way that trying again may not mend"},
};

const size_t cli_exit_count = ARRAY_LENGTH(cli_exits);

/* By number of the gRPC status. */
static const enum cli_exit by_status[] = {
    [0] = CLI_OK,           /* OK */
    [1] = CLI_UNAVAILABLE,  /* CANCELLED */
    [2] = CLI_FAULT,        /* UNKNOWN */
    [3] = CLI_REFUSED,      /* INVALID_ARGUMENT */
    [4] = CLI_UNAVAILABLE,  /* DEADLINE_EXCEEDED */
    [5] = CLI_REFUSED,      /* NOT_FOUND */
    [6] = CLI_REFUSED,      /* ALREADY_EXISTS */
    [7] = CLI_REFUSED,      /* PERMISSION_DENIED */
    [8] = CLI_UNAVAILABLE,  /* RESOURCE_EXHAUSTED */
    [9] = CLI_REFUSED,      /* FAILED_PRECONDITION */
    [10] = CLI_UNAVAILABLE, /* ABORTED */
    [11] = CLI_REFUSED,     /* OUT_OF_RANGE */
    [12] = CLI_FAULT,       /* UNIMPLEMENTED */
    [13] = CLI_FAULT,       /* INTERNAL */
    [14] = CLI_UNAVAILABLE, /* UNAVAILABLE */
    [15] = CLI_FAULT,       /* DATA_LOSS */
    [16] = CLI_REFUSED,     /* UNAUTHENTICATED */
};

enum cli_exit cli_exit_of_status(int status)
{
    if (status < 0 || (size_t)status >= ARRAY_LENGTH(by_status))
        return CLI_FAULT;
    return by_status[status];
}
