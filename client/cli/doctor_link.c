/*
 * The steps of the doctor up to a connected socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "cli/doctor.h"

void doctor_check_host(struct doctor *doctor)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int count = 0;

    int error = getaddrinfo(doctor->host, doctor->port, &hints, &doctor->places);
    if (error) {
        doctor->places = NULL;
        doctor_tell(doctor, DOCTOR_HOST, DOCTOR_HOST_UNKNOWN, "%s: %s", doctor->host,
                    gai_strerror(error));
        return;
    }
    for (const struct addrinfo *place = doctor->places; place; place = place->ai_next)
        count++;
    doctor_tell(doctor, DOCTOR_HOST, DOCTOR_NONE, "%s has %d address%s", doctor->host, count,
                count == 1 ? "" : "es");
}

bool doctor_wait(const struct doctor *doctor, short events, int64_t until_us)
{
    struct pollfd waited = {.fd = doctor->fd, .events = events};
    int64_t left_us;

    while ((left_us = until_us - clock_monotonic_us()) > 0) {
        int count = poll(&waited, 1, (int)(left_us / 1000) + 1);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
    }
    return false;
}

static enum doctor_fault fault_of(int error)
{
    switch (error) {
    case 0:
        return DOCTOR_NONE;
    case ECONNREFUSED:
        return DOCTOR_PORT_REFUSED;
    case ETIMEDOUT:
        return DOCTOR_CONNECT_TIMEOUT;
    default:
        return DOCTOR_UNREACHABLE;
    }
}

/* Connects doctor->fd to one place; 0 or the error number. */
static int connect_to(struct doctor *doctor, const struct addrinfo *place)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)doctor->timeout_ms * 1000;
    int error = 0;
    socklen_t size = sizeof(error);

    doctor->fd = socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (doctor->fd < 0)
        return errno;
    if (connect(doctor->fd, place->ai_addr, place->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (!doctor_wait(doctor, POLLOUT, until_us))
        return ETIMEDOUT;
    if (getsockopt(doctor->fd, SOL_SOCKET, SO_ERROR, &error, &size))
        return errno;
    return error;
}

static const char *place_text(struct doctor *doctor, const struct addrinfo *place)
{
    char text[NI_MAXHOST], port[NI_MAXSERV];

    if (getnameinfo(place->ai_addr, place->ai_addrlen, text, sizeof(text), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV))
        return doctor->host;
    return arena_format(&doctor->arena, "%s port %s", text, port);
}

void doctor_check_port(struct doctor *doctor)
{
    int error = EHOSTUNREACH;
    const char *where = doctor->host;

    for (const struct addrinfo *place = doctor->places; place; place = place->ai_next) {
        where = place_text(doctor, place);
        error = connect_to(doctor, place);
        if (!error)
            break;
        if (doctor->fd >= 0)
            close(doctor->fd);
        doctor->fd = -1;
    }
    doctor_tell(doctor, DOCTOR_PORT, fault_of(error), "%s%s%s", where, error ? ": " : "",
                error ? strerror(error) : "");
}
