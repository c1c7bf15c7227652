#include "support/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/cmocka.h"

static int run(const char *environment, const char *words, char *output, size_t room)
{
    const char *build = getenv("CIX_BUILD");
    char command[8192];

    int size =
        snprintf(command, sizeof(command), "%s HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
                 environment, build ? build : "build/dev", words);
    assert_true(size > 0 && (size_t)size < sizeof(command));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, room - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int shell_cix(const char *words, char *output, size_t room)
{
    return run("", words, output, room);
}

int shell_cix_as(const struct exchange *exchange, const char *member, const char *words,
                 char *output, size_t room)
{
    char environment[2048];

    snprintf(environment, sizeof(environment),
             "CIX_ADDRESS=%s CIX_CA=%s/ca.pem CIX_CERT=%s/%s.pem CIX_KEY=%s/%s.key",
             exchange->address, exchange->folder, exchange->folder, member, exchange->folder,
             member);
    return run(environment, words, output, room);
}

int shell_submit(const struct exchange *exchange, const char *member, const char *id,
                 const char *record, char *output, size_t room)
{
    char path[1024], words[2048];

    snprintf(path, sizeof(path), "%s/%s.jsonl", exchange->folder, id);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (const char *at = record; *at; at++)
        fputc(*at == '\'' ? '"' : *at, file);
    fputc('\n', file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit --quiet --id %s %s", id, path);
    return shell_cix_as(exchange, member, words, output, room);
}
