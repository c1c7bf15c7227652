#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "db/home.h"

static const int64_t MIB = 1024 * 1024;

/* Memory of the machine or of our control group, whichever is less. */
static int64_t memory_mib(void)
{
    int64_t total = sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024) / 1024;
    int64_t limit = 0;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (file && fscanf(file, "%" SCNd64, &limit) == 1 && limit / MIB < total)
        total = limit / MIB;
    if (file)
        fclose(file);
    return total;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Every line for both kinds. What PostgreSQL logs may hold no value of a row, hence "terse". */
static const char *const common = "listen_addresses = ''\n"
                                  "unix_socket_permissions = 0700\n"
                                  "max_connections = 100\n"
                                  "superuser_reserved_connections = 3\n"
                                  "work_mem = '16MB'\n"
                                  "jit = off\n"
                                  "synchronous_commit = on\n"
                                  "wal_level = replica\n"
                                  "max_wal_senders = 4\n"
                                  "checkpoint_timeout = '15min'\n"
                                  "checkpoint_completion_target = 0.9\n"
                                  "random_page_cost = 1.1\n"
                                  "effective_io_concurrency = 64\n"
                                  "autovacuum_naptime = '20s'\n"
                                  "autovacuum_vacuum_cost_limit = 1000\n"
                                  "autovacuum_vacuum_scale_factor = 0.05\n"
                                  "autovacuum_analyze_scale_factor = 0.05\n"
                                  "autovacuum_vacuum_insert_scale_factor = 0.1\n"
                                  "timezone = 'UTC'\n"
                                  "log_timezone = 'UTC'\n"
                                  "lc_messages = 'C'\n"
                                  "log_error_verbosity = terse\n"
                                  "log_min_error_statement = panic\n"
                                  "log_parameter_max_length = 0\n"
                                  "log_parameter_max_length_on_error = 0\n"
                                  "log_statement = 'none'\n";

static void put_durable(struct builder *out)
{
    int64_t memory = memory_mib();
    builder_format(out, "shared_buffers = '%" PRId64 "MB'\n", clamp(memory / 8, 64, 8192));
    builder_format(out, "effective_cache_size = '%" PRId64 "MB'\n", clamp(memory / 2, 128, 65536));
    builder_format(out, "maintenance_work_mem = '%" PRId64 "MB'\n", clamp(memory / 32, 32, 1024));
    builder_text(out, "fsync = on\n"
                      "full_page_writes = on\n"
                      "max_wal_size = '4GB'\n"
                      "min_wal_size = '256MB'\n"
                      "logging_collector = on\n"
                      "log_directory = 'log'\n"
                      "log_filename = 'postgresql-%a.log'\n"
                      "log_truncate_on_rotation = on\n"
                      "log_rotation_age = '1d'\n"
                      "log_rotation_size = 0\n");
}

static void put_ephemeral(struct builder *out)
{
    builder_text(out, "shared_buffers = '64MB'\n"
                      "fsync = off\n"
                      "full_page_writes = off\n"
                      "max_wal_size = '1GB'\n"
                      "logging_collector = off\n");
}

/* A quoted setting: quotes are doubled. */
static void put_path(struct builder *out, const char *name, const char *path)
{
    builder_format(out, "%s = '", name);
    for (const char *next = path; *next; next++)
        builder_put(out, *next == '\'' ? "''" : next, *next == '\'' ? 2 : 1);
    builder_text(out, "'\n");
}

const char *settings_text(const struct home *home)
{
    struct builder out = {.arena = home->arena};
    builder_text(&out,
                 "# Written by cixd at each start. Your own settings go to operator.conf, which "
                 "is read after this.\n");
    builder_text(&out, common);
    put_path(&out, "unix_socket_directories", home->socket);
    if (home->is_ephemeral)
        put_ephemeral(&out);
    else
        put_durable(&out);
    return out.data;
}
