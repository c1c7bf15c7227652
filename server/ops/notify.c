#include "ops/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* The socket's address; a leading @ means the abstract namespace. */
static bool notify_address(struct sockaddr_un *address, socklen_t *size)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path == NULL ? 0 : strlen(path);
    if (length < 2 || length >= sizeof(address->sun_path) || (path[0] != '/' && path[0] != '@'))
        return false;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    if (path[0] == '@')
        address->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

static bool notify_send(const char *text)
{
    struct sockaddr_un address;
    socklen_t size;
    if (!notify_address(&address, &size))
        return false;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    /* A manager that does not read must not hold the server up. */
    ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&address, size);
    close(descriptor);
    return sent == (ssize_t)strlen(text);
}

bool notify_ready(void)
{
    return notify_send("READY=1");
}

bool notify_reloading(void)
{
    char text[64];
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_us());
    return notify_send(text);
}

bool notify_stopping(void)
{
    return notify_send("STOPPING=1");
}

bool notify_status(const char *text)
{
    char line[264];
    snprintf(line, sizeof(line), "STATUS=%.255s", text);
    for (char *c = line; *c != '\0'; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    return notify_send(line);
}

bool notify_watchdog(void)
{
    return notify_send("WATCHDOG=1");
}

int64_t notify_watchdog_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    int64_t us, pid;
    if (interval == NULL || !text_to_int64(interval, &us))
        return 0;
    if (process != NULL && (!text_to_int64(process, &pid) || pid != (int64_t)getpid()))
        return 0;
    return us;
}
