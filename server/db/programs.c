#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/home.h"

/* Where Debian and its kind put them, one folder a major version; then a build from source. */
static const char *const patterns[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
                                       "/usr/local/pgsql/bin"};

enum { MAJOR_OLDEST = 15, MAJOR_NEWEST = 99 };

static bool has_programs(const char *bin)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/initdb", bin);
    if (access(path, X_OK) != 0)
        return false;
    snprintf(path, sizeof(path), "%s/postgres", bin);
    return access(path, X_OK) == 0;
}

/* Major version of the programs, by asking them; 0 when they do not answer. */
static int major_of_programs(const struct home *home, const char *bin)
{
    char path[512];
    char output[256] = "";
    snprintf(path, sizeof(path), "%s/postgres", bin);
    const char *const argv[] = {path, "--version", NULL};
    struct process process = {.argv = argv, .user = &home->user, .kept = -1};
    struct ctx trial;
    int major = 0;
    ctx_init(&trial, home->arena);
    if (!process_run(&trial, &process, output, sizeof(output)))
        return 0;
    return sscanf(output, "postgres (PostgreSQL) %d", &major) == 1 ? major : 0;
}

/* Major version that made the cluster; 0 when there is none yet. */
static int major_of_cluster(const struct home *home)
{
    char path[512];
    int major = 0;
    snprintf(path, sizeof(path), "%s/PG_VERSION", home->cluster);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%d", &major) != 1)
        major = 0;
    if (file)
        fclose(file);
    return major;
}

struct choice {
    const char *bin;
    int major;
};

/* wanted: the one major that fits, or 0 for the newest. */
static void consider(const struct home *home, const char *bin, int wanted, struct choice *best)
{
    if (!has_programs(bin))
        return;
    int major = major_of_programs(home, bin);
    bool is_usable = major >= MAJOR_OLDEST && major <= MAJOR_NEWEST;
    bool is_better = wanted ? best->major != wanted && (major == wanted || major > best->major)
                            : major > best->major;
    if (is_usable && is_better)
        *best = (struct choice){arena_string(home->arena, bin), major};
}

static void consider_all(const struct home *home, int wanted, struct choice *best)
{
    for (size_t i = 0; i < ARRAY_LENGTH(patterns); i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++)
            consider(home, found.gl_pathv[j], wanted, best);
        globfree(&found);
    }
}

bool programs_find(struct ctx *ctx, struct home *home)
{
    int wanted = major_of_cluster(home);
    struct choice best = {0};
    if (home->bin)
        consider(home, home->bin, wanted, &best);
    else
        consider_all(home, wanted, &best);
    if (!best.bin)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_PROGRAM",
                    "no PostgreSQL %d or newer found%s%s: install the package postgresql, or use "
                    "--database",
                    MAJOR_OLDEST, home->bin ? " in " : "", home->bin ? home->bin : "");
    if (wanted && wanted != best.major)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_VERSION",
                    "the cluster was made by PostgreSQL %d but only %d is installed: install "
                    "postgresql-%d, or move the data with pg_upgrade",
                    wanted, best.major, wanted);
    home->bin = best.bin;
    return true;
}
