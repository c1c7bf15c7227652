/*
 * with_database [--empty] COMMAND [ARGUMENT...]
 *
 * Runs a command beside a freshly migrated database of its own: psql, pg_prove, a lint. PGHOST,
 * PGPORT, PGDATABASE and PGUSER lead libpq there as superuser; CIX_DATABASE is the string for the
 * server roles. Ends with the command's status; the database is dropped then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cluster.h"

enum { NOT_RUN = 127, USAGE = 2 };

static void export_to(const struct test_database *database)
{
    setenv("PGHOST", database->socket, 1);
    setenv("PGPORT", "5432", 1);
    setenv("PGDATABASE", database->name, 1);
    setenv("PGUSER", "postgres", 1);
    setenv("CIX_DATABASE", database->uri, 1);
}

static int run(char **command)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        fprintf(stderr, "with_database: %s: %s\n", command[0], strerror(errno));
        _exit(NOT_RUN);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    struct test_database database;
    bool is_empty = argc > 1 && strcmp(argv[1], "--empty") == 0;
    if (argc < 2 + is_empty) {
        fprintf(stderr, "usage: with_database [--empty] COMMAND [ARGUMENT...]\n");
        return USAGE;
    }
    if (is_empty)
        test_database_open_empty(&database);
    else
        test_database_open(&database);
    export_to(&database);
    return run(argv + 1 + is_empty);
}
