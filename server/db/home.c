#include "db/home.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

/* "/.s.PGSQL.5432" and the NUL behind the folder have to fit into sun_path. */
enum { SOCKET_NAME_SIZE = 15 };
enum { SOCKET_FOLDER_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - SOCKET_NAME_SIZE };

static bool fail_folder(struct ctx *ctx, const char *what, const char *path)
{
    return fail(ctx, ERR_PRECONDITION, "CLUSTER_FOLDER", "cannot %s %s: %s", what, path,
                strerror(errno));
}

const char *home_path(const struct home *home, const char *name)
{
    return arena_format(home->arena, "%s/%s", home->folder, name);
}

/* As root the folder is ours and the cluster is PostgreSQL's, who must be able to pass through. */
static bool open_for_passage(struct ctx *ctx, const struct home *home)
{
    struct stat status;
    if (stat(home->folder, &status) != 0)
        return fail_folder(ctx, "examine", home->folder);
    if (!home->user.is_other || (status.st_mode & S_IXOTH))
        return true;
    if (chmod(home->folder, (status.st_mode & 07777) | S_IXOTH) != 0)
        return fail_folder(ctx, "open", home->folder);
    return true;
}

static bool make_folder(struct ctx *ctx, const struct home *home, const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail_folder(ctx, "make", path);
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_FOLDER", "%s is no folder", path);
    if (status.st_uid == home->user.uid && (status.st_mode & 077) == 0)
        return true;
    if (lchown(path, home->user.uid, home->user.gid) != 0 || chmod(path, 0700) != 0)
        return fail_folder(ctx, "take", path);
    return true;
}

static bool is_in_group(const struct process_user *user, gid_t group)
{
    bool is_in = group == user->gid;
    for (int i = 0; i < user->group_count; i++)
        is_in = is_in || user->groups[i] == group;
    return is_in;
}

static bool may_pass(const struct process_user *user, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    if (status.st_uid == user->uid)
        return status.st_mode & S_IXUSR;
    if (is_in_group(user, status.st_gid))
        return status.st_mode & S_IXGRP;
    return status.st_mode & S_IXOTH;
}

/* A folder below /root or another closed one is the usual slip; initdb would say it less plainly.
 */
static bool require_passage(struct ctx *ctx, const struct home *home)
{
    char *path = arena_string(home->arena, home->folder);
    for (char *slash = strchr(path + 1, '/'); slash && home->user.is_other;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!may_pass(&home->user, path))
            return fail(ctx, ERR_PRECONDITION, "CLUSTER_FOLDER",
                        "user %s, who runs PostgreSQL, may not pass through %s: choose a folder "
                        "such as /var/lib/cix, or run chmod o+x %s",
                        home->user.name, path, path);
        *slash = '/';
    }
    return true;
}

/* A command by root would else take the folders of a server that runs as a user of its own. */
static bool require_owner(struct ctx *ctx, const struct home *home)
{
    struct stat status;

    if (stat(home->cluster, &status) != 0 || status.st_uid == home->user.uid)
        return true;
    const struct passwd *owner = getpwuid(status.st_uid);
    return fail(ctx, ERR_PRECONDITION, "CLUSTER_USER",
                "%.100s is user %.40s's, not %.40s's: run cixd as that user, as with sudo -u",
                home->cluster, owner ? owner->pw_name : "another", home->user.name);
}

bool home_open(struct ctx *ctx, struct home *home)
{
    if (mkdir(home->folder, home->user.is_other ? 0711 : 0700) != 0 && errno != EEXIST)
        return fail_folder(ctx, "make", home->folder);
    char *absolute = realpath(home->folder, NULL);
    if (!absolute)
        return fail_folder(ctx, "find", home->folder);
    home->folder = arena_string(home->arena, absolute);
    free(absolute);
    home->cluster = home_path(home, "postgres");
    return programs_find(ctx, home) && require_owner(ctx, home) && open_for_passage(ctx, home) &&
           require_passage(ctx, home);
}

bool home_has_cluster(const struct home *home)
{
    const char *path = arena_format(home->arena, "%s/PG_VERSION", home->cluster);
    return access(path, F_OK) == 0;
}

bool home_write(struct ctx *ctx, const struct home *home, const char *path, const char *text)
{
    /* The folder may be PostgreSQL's while we are root: follow nothing that stands there. */
    const char *draft = arena_format(home->arena, "%s.new", path);
    unlink(draft);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_folder(ctx, "write", path);
    size_t size = strlen(text);
    bool is_good = write(fd, text, size) == (ssize_t)size &&
                   fchown(fd, home->user.uid, home->user.gid) == 0 && fsync(fd) == 0;
    is_good = close(fd) == 0 && is_good;
    if (!is_good || rename(draft, path) != 0)
        return fail_folder(ctx, "write", path);
    return true;
}

static bool run_program(struct ctx *ctx, const struct process_user *user, const char *const *argv)
{
    char output[4096];
    struct process process = {.argv = argv, .user = user, .kept = -1};
    return process_run(ctx, &process, output, sizeof(output));
}

/* Only the two includes; initdb's own lines would say the same twice. */
static bool write_main_file(struct ctx *ctx, const struct home *home, const char *cluster)
{
    return home_write(ctx, home, arena_format(home->arena, "%s/postgresql.conf", cluster),
                      "include 'cix.conf'\ninclude_if_exists 'operator.conf'\n");
}

/* What a killed initdb left. As ourselves: the folder around it is not PostgreSQL's. */
bool home_discard(struct ctx *ctx, const char *draft)
{
    static const struct process_user ourselves = {.name = "ourselves"};
    const char *const argv[] = {"/bin/rm", "-rf", "--", draft, NULL};
    return access(draft, F_OK) != 0 || run_program(ctx, &ourselves, argv);
}

bool home_make_cluster(struct ctx *ctx, struct home *home)
{
    const char *draft = home_path(home, "postgres.new");
    const char *initdb = arena_format(home->arena, "%s/initdb", home->bin);
    const char *const argv[] = {initdb,
                                "-D",
                                draft,
                                "--username=postgres",
                                "--encoding=UTF8",
                                "--locale=C.UTF-8",
                                "--data-checksums",
                                "--auth=reject",
                                home->is_ephemeral ? "--no-sync" : NULL,
                                NULL};
    if (!home_discard(ctx, draft) || !make_folder(ctx, home, draft) ||
        !run_program(ctx, &home->user, argv) || !write_main_file(ctx, home, draft))
        return false;
    if (rename(draft, home->cluster) != 0)
        return fail_folder(ctx, "make", home->cluster);
    return true;
}

/* A comma would split the host list of libpq; a long path does not fit into a socket's address. */
static bool is_socket_folder(const char *path)
{
    return strlen(path) <= SOCKET_FOLDER_MAX && !strchr(path, ',');
}

bool home_read_socket(struct ctx *ctx, struct home *home)
{
    char text[256] = "";
    const char *path = home_path(home, "socket");
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return fail(ctx, ERR_NOT_FOUND, "CLUSTER_FOLDER", "%s holds no started cluster",
                    home->folder);
    text[strcspn(text, "\n")] = '\0';
    home->socket = arena_string(home->arena, text);
    return true;
}

/* The short folder of an earlier start, if it is still there and still PostgreSQL's alone. */
static bool reuse_short_socket(struct home *home)
{
    struct ctx trial;
    struct stat status;
    ctx_init(&trial, home->arena);
    return home_read_socket(&trial, home) && is_socket_folder(home->socket) &&
           lstat(home->socket, &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == home->user.uid && (status.st_mode & 077) == 0;
}

static bool make_short_socket(struct ctx *ctx, struct home *home)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (home->user.is_other || !runtime || strlen(runtime) > SOCKET_FOLDER_MAX / 2)
        runtime = "/tmp";
    char *path = arena_format(home->arena, "%s/cix-XXXXXX", runtime);
    if (!mkdtemp(path))
        return fail_folder(ctx, "make", path);
    home->socket = path;
    return make_folder(ctx, home, path);
}

static bool make_socket(struct ctx *ctx, struct home *home)
{
    const char *usual = home_path(home, "run");
    if (is_socket_folder(usual)) {
        home->socket = usual;
        if (!make_folder(ctx, home, usual))
            return false;
    } else if (!reuse_short_socket(home) && !make_short_socket(ctx, home)) {
        return false;
    }
    return home_write(ctx, home, home_path(home, "socket"),
                      arena_format(home->arena, "%s\n", home->socket));
}

static const char *const server_roles[] = {"cix_submit", "cix_inquire", "cix_regulate",
                                           "cix_admin"};

/* Which operating-system user may log in as whom. As root, root asks and PostgreSQL's user may. */
static const char *ident_text(const struct home *home)
{
    const char *const users[] = {home->user.name, home->user.is_other ? "root" : NULL};
    struct builder out = {.arena = home->arena};
    for (size_t i = 0; i < ARRAY_LENGTH(users) && users[i]; i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(server_roles); j++)
            builder_format(&out, "serve \"%s\" %s\n", users[i], server_roles[j]);
        builder_format(&out, "migrate \"%s\" postgres\n", users[i]);
    }
    return out.data;
}

static const char *const hba_text =
    "local all cix_submit,cix_inquire,cix_regulate,cix_admin peer map=serve\n"
    "local all postgres peer map=migrate\n";

bool home_configure(struct ctx *ctx, struct home *home)
{
    if (!make_socket(ctx, home))
        return false;
    const struct {
        const char *name;
        const char *text;
    } files[] = {{"cix.conf", settings_text(home)},
                 {"pg_hba.conf", hba_text},
                 {"pg_ident.conf", ident_text(home)}};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        const char *path = arena_format(home->arena, "%s/%s", home->cluster, files[i].name);
        if (!home_write(ctx, home, path, files[i].text))
            return false;
    }
    return true;
}
