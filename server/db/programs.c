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

static bool has_program(const char *bin, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", bin, name);
    return access(path, X_OK) == 0;
}

static bool has_programs(const char *bin)
{
    return has_program(bin, "initdb") && has_program(bin, "postgres");
}

/* Major version of a program, by asking it; 0 when it does not answer. */
static int major_of(struct arena *arena, const struct process_user *user, const char *bin,
                    const char *name)
{
    char path[512];
    char output[256] = "";
    snprintf(path, sizeof(path), "%s/%s", bin, name);
    const char *const argv[] = {path, "--version", NULL};
    struct process process = {.argv = argv, .user = user, .kept = -1};
    struct ctx trial;
    int major = 0;
    ctx_init(&trial, arena);
    if (!process_run(&trial, &process, output, sizeof(output)))
        return 0;
    const char *version = strstr(output, "(PostgreSQL) ");
    return version && sscanf(version, "(PostgreSQL) %d", &major) == 1 ? major : 0;
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
    int major = major_of(home->arena, &home->user, bin, "postgres");
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

const char *programs_client(struct ctx *ctx, const char *bin, const char *name)
{
    static const struct process_user ourselves = {.name = "ourselves"};
    const char *found = NULL;
    int newest = MAJOR_OLDEST - 1;
    glob_t folders = {.gl_pathc = 0};

    for (size_t i = 0; !bin && i < ARRAY_LENGTH(patterns); i++)
        glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &folders);
    for (size_t i = 0; i < (bin ? 1 : folders.gl_pathc); i++) {
        const char *folder = bin ? bin : folders.gl_pathv[i];
        if (!has_program(folder, name))
            continue;
        int major = major_of(ctx->arena, &ourselves, folder, name);
        if (major > newest) {
            newest = major;
            found = arena_format(ctx->arena, "%s/%s", folder, name);
        }
    }
    if (!bin)
        globfree(&folders);
    if (!found)
        fail(ctx, ERR_PRECONDITION, "CLUSTER_PROGRAM",
             "no %s of PostgreSQL %d or newer found%s%s: install the package postgresql-client",
             name, MAJOR_OLDEST, bin ? " in " : "", bin ? bin : "");
    return found;
}
