#include "support/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/cmocka.h"

int shell_cix(const char *words, char *output, size_t room)
{
    const char *build = getenv("CIX_BUILD");
    char command[4096];

    int size = snprintf(command, sizeof(command), "HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
                        build ? build : "build/dev", words);
    assert_true(size > 0 && (size_t)size < sizeof(command));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, room - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}
