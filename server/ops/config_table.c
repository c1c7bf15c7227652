#include "ops/config_table.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* New keys go where struct config has their field; deploy/cixd.conf is made from this table. */
/* clang-format off */
#define ROW(key, type) #key, type, offsetof(struct config, key)
const struct config_row config_rows[] = {
    {ROW(listen, CONFIG_ADDRESS), "127.0.0.1:7443", 0, 0, CONFIG_ON_RESTART, false, "address:port for members (gRPC over mutual TLS)"},
    {ROW(admin_listen, CONFIG_ADDRESS), "127.0.0.1:7480", 0, 0, CONFIG_ON_RESTART, false, "loopback address:port for /metrics, /live and /ready"},

    {ROW(data, CONFIG_TEXT), "/var/lib/cix", 1, 1024, CONFIG_ON_RESTART, false, "folder of the private database, keys and certificates"},
    {ROW(database, CONFIG_TEXT), "", 0, 2048, CONFIG_ON_RESTART, true, "libpq URI of a managed PostgreSQL; empty: a private one under the data folder"},
    {ROW(keys, CONFIG_TEXT), "{data}/keys", 1, 1024, CONFIG_ON_RESTART, false, "folder of the key files, each of mode 0600"},
    {ROW(postgres_bin, CONFIG_TEXT), "", 0, 1024, CONFIG_ON_RESTART, false, "folder of initdb and postgres; empty: found"},
    {ROW(os_user, CONFIG_TEXT), "postgres", 1, 32, CONFIG_ON_RESTART, false, "who runs the private database when cixd is started as root"},

    {ROW(tls_certificate, CONFIG_TEXT), "{data}/tls/server.crt", 1, 1024, CONFIG_ON_BOTH, false, "certificate chain of the server, PEM"},
    {ROW(tls_key, CONFIG_TEXT), "{data}/tls/server.key", 1, 1024, CONFIG_ON_BOTH, false, "private key of the server, PEM, mode 0600"},
    {ROW(tls_ca, CONFIG_TEXT), "{data}/tls/ca.crt", 1, 1024, CONFIG_ON_BOTH, false, "authorities that members' certificates come from, PEM"},
    {ROW(tls_crl, CONFIG_TEXT), "", 0, 1024, CONFIG_ON_BOTH, false, "revocation lists of these authorities, PEM; empty: none"},
    {ROW(trust_domain, CONFIG_TEXT), "cix.example", 1, 253, CONFIG_ON_RESTART, false, "trust domain of spiffe://<domain>/member/<code>"},

    {ROW(node, CONFIG_INT), "0", 0, 1023, CONFIG_ON_RESTART, false, "node number in new ids; two servers on one database must differ"},
    {ROW(log_level, CONFIG_LEVEL), "info", 0, 0, CONFIG_ON_RELOAD, false, "least level that is logged"},
    {ROW(drain_seconds, CONFIG_INT), "20", 0, 600, CONFIG_ON_RELOAD, false, "seconds that running calls get after SIGTERM"},

    {ROW(completion_threads, CONFIG_INT), "1", 1, 64, CONFIG_ON_RESTART, false, "completion queue threads; one for two cores"},
    {ROW(workers_inquire, CONFIG_INT), "2", 1, 64, CONFIG_ON_RESTART, false, "database workers for reports and flag checks"},
    {ROW(workers_submit, CONFIG_INT), "2", 1, 64, CONFIG_ON_RESTART, false, "database workers for submissions"},
    {ROW(workers_regulate, CONFIG_INT), "1", 1, 64, CONFIG_ON_RESTART, false, "database workers for statistics"},
    {ROW(stream_workers, CONFIG_INT), "16", 1, 1024, CONFIG_ON_RESTART, false, "threads that serve streams"},
    {ROW(streams_per_member, CONFIG_INT), "0", 0, 1024, CONFIG_ON_RELOAD, false, "streams of one member, served and waiting; 0: half of stream_workers"},
    {ROW(batch_max, CONFIG_INT), "64", 1, 256, CONFIG_ON_RELOAD, false, "most calls in one batch"},
    {ROW(queue_max, CONFIG_INT), "512", 1, 65536, CONFIG_ON_RELOAD, false, "calls that may wait for one method; more are refused"},

    {ROW(file_records_max, CONFIG_INT), "20000000", 1, 1000000000, CONFIG_ON_RELOAD, false, "records of one submission (F005)"},
    {ROW(file_reject_bps, CONFIG_INT), "500", 0, 10000, CONFIG_ON_RELOAD, false, "basis points of refused records beyond which a file is held (F006)"},
    {ROW(file_fall_bps, CONFIG_INT), "2000", 0, 10000, CONFIG_ON_RELOAD, false, "basis points by which a file may be smaller than that of the period before (F008)"},
    {ROW(files_open, CONFIG_INT), "64", 1, 10000, CONFIG_ON_RELOAD, false, "files of one member that may be open or held at once"},
    {ROW(staged_days, CONFIG_INT), "30", 1, 3650, CONFIG_ON_RELOAD, false, "days after which a file that was never committed expires"},
    {ROW(quarantine_days, CONFIG_INT), "90", 1, 3650, CONFIG_ON_RELOAD, false, "days after which a record that nobody reviews is discarded"},
    {ROW(history_months, CONFIG_INT), "60", 0, 1200, CONFIG_ON_RELOAD, false, "months before the present one that a new month may lie back (F002); 0: any number"},
    {ROW(purge_hours, CONFIG_INT), "24", 1, 720, CONFIG_ON_RELOAD, false, "hours from one purge of what is over (Z001) to the next"},

    {ROW(connections_max, CONFIG_INT), "1024", 1, 12000, CONFIG_ON_RELOAD, false, "open connections"},
    {ROW(connections_per_member, CONFIG_INT), "16", 1, 4096, CONFIG_ON_RELOAD, false, "open connections of one member"},
    {ROW(preauth_max, CONFIG_INT), "64", 1, 64, CONFIG_ON_RELOAD, false, "connections that are not yet authenticated"},
    {ROW(handshake_seconds, CONFIG_INT), "5", 1, 120, CONFIG_ON_RELOAD, false, "seconds for a TLS handshake"},

    {ROW(registry_poll_ms, CONFIG_INT), "500", 50, 1000, CONFIG_ON_RESTART, false, "interval of looks at the member registry"},
    {ROW(merge_ms, CONFIG_INT), "1000", 10, 60000, CONFIG_ON_RESTART, false, "interval of the roll-up merge"},
};
#undef ROW
/* clang-format on */
const int config_row_count = (int)ARRAY_LENGTH(config_rows);

_Static_assert(ARRAY_LENGTH(config_rows) <= CONFIG_KEY_MAX, "struct config.origin is too short");

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Keys are compared with - and _ as one. */
static bool same_key(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
            return false;
    }
    return *a == *b;
}

int config_find(const char *key)
{
    for (int row = 0; row < config_row_count; row++) {
        if (same_key(config_rows[row].key, key))
            return row;
    }
    return -1;
}

static int find_name(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(names[i], text) == 0)
            return (int)i;
    }
    return -1;
}

static bool set_int(const struct config_row *row, int *field, const char *text)
{
    int64_t value;
    if (!text_to_int64(text, &value) || value < row->minimum || value > row->maximum)
        return false;
    *field = (int)value;
    return true;
}

static bool set_level(int *field, const char *text)
{
    int level = find_name(level_names, ARRAY_LENGTH(level_names), text);
    if (level < 0)
        return false;
    *field = level;
    return true;
}

static bool set_text(struct config *config, const struct config_row *row, const char **field,
                     const char *text)
{
    size_t size = strlen(text);
    if (size < (size_t)row->minimum || size > (size_t)row->maximum || text_has_control(text))
        return false;
    *field = arena_string(&config->arena, text);
    return true;
}

bool config_set(struct config *config, int number, const char *text)
{
    const struct config_row *row = &config_rows[number];
    void *field = (char *)config + row->offset;
    struct config_address address;
    switch (row->type) {
    case CONFIG_INT:
        return set_int(row, field, text);
    case CONFIG_LEVEL:
        return set_level(field, text);
    case CONFIG_TEXT:
        return set_text(config, row, field, text);
    case CONFIG_ADDRESS:
        if (!config_address_parse(text, &address))
            return false;
        *(const char **)field = arena_string(&config->arena, text);
        return true;
    }
    return false;
}

const char *config_value(const struct config *config, int number, struct arena *arena)
{
    const struct config_row *row = &config_rows[number];
    const void *field = (const char *)config + row->offset;
    const char *text;
    switch (row->type) {
    case CONFIG_INT:
        return arena_format(arena, "%d", *(const int *)field);
    case CONFIG_LEVEL:
        return level_names[*(const int *)field];
    case CONFIG_TEXT:
    case CONFIG_ADDRESS:
        text = *(const char *const *)field;
        return row->is_secret && *text != '\0' ? "(set)" : text;
    }
    return "";
}

void config_type_text(int number, char text[40])
{
    const struct config_row *row = &config_rows[number];
    switch (row->type) {
    case CONFIG_INT:
        snprintf(text, 40, "%d..%d", row->minimum, row->maximum);
        return;
    case CONFIG_LEVEL:
        snprintf(text, 40, "debug, info, warn or error");
        return;
    case CONFIG_TEXT:
        snprintf(text, 40, "text");
        return;
    case CONFIG_ADDRESS:
        snprintf(text, 40, "address:port");
        return;
    }
}

bool config_setting(int number, struct config_setting *setting)
{
    if (number >= config_row_count)
        return false;
    const struct config_row *row = &config_rows[number];
    *setting = (struct config_setting){row->key, "TEXT", row->help};
    if (row->type == CONFIG_LEVEL)
        setting->takes = "debug|info|warn|error";
    else if (row->type == CONFIG_ADDRESS)
        setting->takes = "ADDRESS:PORT";
    else if (row->type == CONFIG_INT)
        setting->takes = "N";
    else if (!strncmp(row->help, "folder ", strlen("folder ")))
        setting->takes = "DIR";
    else if (strstr(row->help, "PEM"))
        setting->takes = "FILE";
    return true;
}

bool config_address_parse(const char *text, struct config_address *address)
{
    const char *colon = strrchr(text, ':');
    bool is_v6 = text[0] == '[';
    int64_t port;
    if (colon == NULL || !text_to_int64(colon + 1, &port) || port > 65535)
        return false;
    if (is_v6 && (colon == text || colon[-1] != ']'))
        return false;
    const char *host = text + (is_v6 ? 1 : 0);
    size_t size = (size_t)(colon - host) - (is_v6 ? 1 : 0);
    if (size == 0 || size >= sizeof(address->host))
        return false;
    struct config_address parsed = {.port = (int)port};
    memcpy(parsed.host, host, size);
    unsigned char network[16];
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, parsed.host, network) != 1)
        return false;
    *address = parsed;
    return true;
}

bool config_address_is_loopback(const struct config_address *address)
{
    return strncmp(address->host, "127.", 4) == 0 || strcmp(address->host, "::1") == 0;
}
