/*
 * cix, the command-line client of the exchange. The commands are the rows of command.c.
 */
#include <locale.h>
#include <stdio.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    enum cli_exit code = cli_main(argc, argv);
    if (fflush(stdout) && code == CLI_OK)
        code = cli_complain(CLI_DATA, "standard output cannot be written");
    return (int)code;
}
