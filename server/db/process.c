#include "db/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_RUN = 127 };

bool process_user_find(struct ctx *ctx, const char *name_if_root, struct process_user *user)
{
    bool is_root = geteuid() == 0;
    const struct passwd *entry = is_root ? getpwnam(name_if_root) : getpwuid(geteuid());
    if (!entry)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_USER",
                    "PostgreSQL does not run as root and there is no user %s: install the package "
                    "postgresql, or name another user",
                    is_root ? name_if_root : "of this process");
    struct process_user found = {.is_other = is_root, .uid = entry->pw_uid, .gid = entry->pw_gid};
    if (found.uid == 0)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_USER", "PostgreSQL does not run as root");
    snprintf(found.name, sizeof(found.name), "%s", entry->pw_name);
    /* Looked up before fork: the child of a threaded process may not call such functions. */
    found.group_count = PROCESS_GROUPS_MAX;
    if (getgrouplist(found.name, found.gid, found.groups, &found.group_count) < 0)
        found.group_count = PROCESS_GROUPS_MAX;
    *user = found;
    return true;
}

static bool child_become(const struct process_user *user)
{
    if (!user->is_other)
        return true;
    return setgroups((size_t)user->group_count, user->groups) == 0 &&
           setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

static bool child_arrange_descriptors(const struct process *process)
{
    int null = open("/dev/null", O_RDWR);
    /* Moved up first, so that no dup2 below overwrites one that is still needed. */
    int output = fcntl(process->output, F_DUPFD, 10);
    int kept = process->kept < 0 ? -1 : fcntl(process->kept, F_DUPFD, 10);
    if (null < 0 || output < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        return false;
    if (kept >= 0 && dup2(kept, 3) < 0)
        return false;
    return close_range(kept >= 0 ? 4 : 3, ~0U, 0) == 0;
}

static void child_reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only calls that are safe between fork and exec of a threaded process. */
__attribute__((noreturn)) static void child_run(const struct process *process, pid_t parent)
{
    extern char **environ;
    child_reset_signals();
    /* A session of its own: Ctrl-C on our terminal is for us, and we stop the child in order. */
    setsid();
    umask(077);
    bool is_ready = child_become(process->user) && child_arrange_descriptors(process) &&
                    chdir(process->folder ? process->folder : "/") == 0;
    /* A change of user clears it, hence after; a parent gone before it was set is seen by getppid.
     */
    if (process->dies_with_us && (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent))
        is_ready = false;
    if (is_ready)
        execve(process->argv[0], (char *const *)(uintptr_t)process->argv, environ);
    _exit(NOT_RUN);
}

bool process_start(struct ctx *ctx, const struct process *process, pid_t *pid)
{
    pid_t parent = getpid();
    CHECK(!process->dies_with_us || gettid() == parent);
    pid_t child = fork();
    if (child < 0)
        return fail(ctx, ERR_UNAVAILABLE, "CLUSTER_PROGRAM", "cannot start %s: %s",
                    process->argv[0], strerror(errno));
    if (child == 0)
        child_run(process, parent);
    *pid = child;
    return true;
}

/* Keeps the last size - 1 bytes: the reason of a failure is said last. */
static void read_tail(int fd, char *output, size_t size)
{
    size_t used = 0;
    char chunk[512];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR)) {
        size_t more = got > 0 ? (size_t)got : 0;
        size_t surplus = used + more > size - 1 ? used + more - (size - 1) : 0;
        surplus = surplus > used ? used : surplus;
        memmove(output, output + surplus, used - surplus);
        used -= surplus;
        more = more > size - 1 - used ? size - 1 - used : more;
        memcpy(output + used, chunk, more);
        used += more;
    }
    output[used] = '\0';
}

static const char *last_line(char *output)
{
    size_t size = strlen(output);
    while (size > 0 && output[size - 1] == '\n')
        output[--size] = '\0';
    const char *line = strrchr(output, '\n');
    return line ? line + 1 : output;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

bool process_run(struct ctx *ctx, const struct process *process, char *output, size_t size)
{
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(ctx, ERR_UNAVAILABLE, "CLUSTER_PROGRAM", "no pipe: %s", strerror(errno));
    struct process piped = *process;
    piped.output = ends[1];
    bool is_started = process_start(ctx, &piped, &pid);
    close(ends[1]);
    if (is_started)
        read_tail(ends[0], output, size);
    close(ends[0]);
    if (!is_started)
        return false;
    int status = wait_for(pid);
    if (status == 0)
        return true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_RUN)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_PROGRAM",
                    "cannot run %s as %s: program missing, or a folder closed to that user",
                    process->argv[0], process->user->name);
    return fail(ctx, ERR_INTERNAL, "CLUSTER_PROGRAM", "%s failed: %s", process->argv[0],
                last_line(output));
}
