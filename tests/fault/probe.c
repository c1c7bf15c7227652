/*
 * An honest member at work: one call after the other for some seconds. Prints how many were
 * answered and how fast, as one line of key=value; beside an attack it shows what other members
 * feel.
 *
 *   fault_probe --port PORT --ca FILE --certificate FILE --key FILE [--address A]
 *               [--path /package.Service/Method] [--body FILE] SECONDS
 *
 * Without --path it asks grpc.health.v1. --body: the request's protobuf bytes.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "support/caller.h"

enum { SAMPLES_MAX = 1 << 20, SECONDS_MAX = 120, CALL_TIMEOUT_MS = 5000, PAUSE_US = 20000 };

struct probe {
    struct tls_client_options target;
    const char *path;
    uint8_t body[65535];
    size_t body_size;
    uint32_t samples_us[SAMPLES_MAX];
    size_t sample_count;
    uint64_t refused_count; /* answered by a status only */
    uint64_t lost_count;    /* calls and connects without an answer */
};

static bool body_read(struct probe *probe, const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return false;
    probe->body_size = fread(probe->body, 1, sizeof(probe->body), file);
    fclose(file);
    return true;
}

static bool option_take(struct probe *probe, int option)
{
    switch (option) {
    case 'a':
        probe->target.address = optarg;
        return true;
    case 'p':
        probe->target.port = (int)strtol(optarg, NULL, 10);
        return true;
    case 'c':
        probe->target.ca_file = optarg;
        return true;
    case 'e':
        probe->target.certificate_file = optarg;
        return true;
    case 'k':
        probe->target.key_file = optarg;
        return true;
    case 'm':
        probe->path = optarg;
        return true;
    case 'b':
        return body_read(probe, optarg);
    default:
        return false;
    }
}

static bool options_read(int argc, char **argv, struct probe *probe)
{
    static const struct option names[] = {
        {"address", required_argument, NULL, 'a'}, {"port", required_argument, NULL, 'p'},
        {"ca", required_argument, NULL, 'c'},      {"certificate", required_argument, NULL, 'e'},
        {"key", required_argument, NULL, 'k'},     {"path", required_argument, NULL, 'm'},
        {"body", required_argument, NULL, 'b'},    {0}};

    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
        if (!option_take(probe, option))
            return false;
    return probe->target.port > 0 && probe->target.certificate_file && probe->target.key_file;
}

/* Calls until the time is over or the connection ends. */
static void work(struct probe *probe, struct caller *caller, int64_t end_us)
{
    while (clock_monotonic_us() < end_us && probe->sample_count < SAMPLES_MAX) {
        int64_t begun_us = clock_monotonic_us();
        enum caller_outcome outcome =
            caller_call(caller, probe->path, probe->body, probe->body_size);

        if (outcome == CALLER_LOST) {
            probe->lost_count++;
            return;
        }
        probe->refused_count += outcome == CALLER_REFUSED;
        probe->samples_us[probe->sample_count++] = (uint32_t)(clock_monotonic_us() - begun_us);
    }
}

static int compare(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static unsigned int quantile_us(const struct probe *probe, size_t percent)
{
    if (probe->sample_count == 0)
        return 0;
    return probe->samples_us[(probe->sample_count - 1) * percent / 100];
}

int main(int argc, char **argv)
{
    static struct probe probe = {.target = {.timeout_ms = CALL_TIMEOUT_MS},
                                 .path = "/grpc.health.v1.Health/Check"};
    static struct caller caller;

    if (!options_read(argc, argv, &probe) || argc - optind != 1) {
        fputs("usage: fault_probe --port PORT --ca FILE --certificate FILE --key FILE"
              " [--address A] [--path METHOD] [--body FILE] SECONDS\n",
              stderr);
        return 2;
    }
    double seconds = strtod(argv[optind], NULL);
    if (!(seconds > 0 && seconds <= SECONDS_MAX))
        return 2;
    signal(SIGPIPE, SIG_IGN);
    int64_t end_us = clock_monotonic_us() + (int64_t)(seconds * 1e6);
    while (clock_monotonic_us() < end_us) {
        if (caller_open(&caller, &probe.target)) {
            work(&probe, &caller, end_us);
        } else {
            probe.lost_count++;
            usleep(PAUSE_US);
        }
        caller_close(&caller);
    }
    qsort(probe.samples_us, probe.sample_count, sizeof(probe.samples_us[0]), compare);
    printf("answered=%zu refused=%llu lost=%llu p50_us=%u p99_us=%u max_us=%u\n",
           probe.sample_count - (size_t)probe.refused_count,
           (unsigned long long)probe.refused_count, (unsigned long long)probe.lost_count,
           quantile_us(&probe, 50), quantile_us(&probe, 99), quantile_us(&probe, 100));
    return 0;
}
