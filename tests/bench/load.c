#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value && *value ? value : fallback;
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: cix-load MODE [--subjects N] [--accounts N] [--months N] [--outstanding N]\n"
        "                [--rate N] [--seconds S] [--seed N] [--prefix TEXT] [--period YYYYMM]\n"
        "MODE: fill, month, report, flag, echo. The exchange: CIX_ADDRESS CIX_CA CIX_CERT "
        "CIX_KEY.\n");
    return 2;
}

static bool read_options(int argc, char **argv, struct load *load)
{
    static const struct option options[] = {
        {"subjects", required_argument, NULL, 'n'}, {"accounts", required_argument, NULL, 'a'},
        {"months", required_argument, NULL, 'm'},   {"outstanding", required_argument, NULL, 'o'},
        {"rate", required_argument, NULL, 'r'},     {"seconds", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'e'},     {"prefix", required_argument, NULL, 'p'},
        {"period", required_argument, NULL, 'd'},   {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        long number = optarg ? strtol(optarg, NULL, 10) : 0;
        switch (option) {
        case 'n':
            load->subjects = number;
            break;
        case 'a':
            load->accounts = (int)number;
            break;
        case 'm':
            load->months = (int)number;
            break;
        case 'o':
            load->outstanding = (int)number;
            break;
        case 'r':
            load->rate = (int)number;
            break;
        case 's':
            load->seconds = strtod(optarg, NULL);
            break;
        case 'e':
            load->seed = (unsigned)number;
            break;
        case 'p':
            load->prefix = optarg;
            break;
        case 'd':
            load->period = (int)number;
            break;
        default:
            return false;
        }
    }
    if (optind + 1 != argc)
        return false;
    load->mode = argv[optind];
    return load->subjects > 0 && load->outstanding > 0;
}

int main(int argc, char **argv)
{
    struct load load = {.subjects = 1000,
                        .accounts = 6,
                        .months = 1,
                        .outstanding = 1,
                        .seconds = 1,
                        .seed = 1,
                        .prefix = "",
                        .period = 202610};
    struct cix_options options = {.address = env_or("CIX_ADDRESS", "127.0.0.1:7443"),
                                  .ca = env_or("CIX_CA", "ca.pem"),
                                  .cert = env_or("CIX_CERT", "member.pem"),
                                  .key = env_or("CIX_KEY", "member.key")};
    struct cix_error error;
    int code;

    if (!read_options(argc, argv, &load))
        return usage();
    if (!cix_open(&options, &load.client, &error)) {
        fprintf(stderr, "cix-load: %s\n", error.message);
        return 1;
    }
    bool is_fill = !strcmp(load.mode, "fill") || !strcmp(load.mode, "month");
    code = is_fill ? load_fill(&load) : load_ask(&load);
    cix_close(load.client);
    return code;
}
