/*
 * How many subjects the rating engine rates in a second, on one core, with the standard that is
 * shipped.
 *
 *     bench_rating [SECONDS]
 *
 * Made subjects, all different: a card with six months, and three cards with 24 months each. Prints
 * a line a kind: `RATING <kind> <subjects a second> <mean score>`. Every rating is whole:
 * attributes, points, reasons.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/standard_file.h"
#include "domain/rating.h"

enum { SUBJECTS = 512, ACCOUNTS_MAX = 3 };

struct subject {
    struct rating_account accounts[ACCOUNTS_MAX];
    struct ring_status statuses[ACCOUNTS_MAX][RING_MONTHS];
    struct ring_month months[ACCOUNTS_MAX][RING_MONTHS];
};

static struct subject subjects[SUBJECTS];
static uint64_t seed = 5;

static int random_below(int limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)limit);
}

static void make_account(struct subject *subject, int at, int months, struct period last)
{
    int64_t limit = (1 + random_below(50)) * INT64_C(1000000);

    subject->accounts[at] = (struct rating_account){
        .type = ACCOUNT_TYPE_R2,
        .currency = "TWD",
        .limit = {true, limit},
        .opened_on = day_of_civil(2020, 1, 1),
        .member_id = at,
        .last_period = last,
        .statuses = subject->statuses[at],
        .status_count = months,
        .months = subject->months[at],
        .month_count = months,
    };
    for (int i = 0; i < months; i++) {
        struct period period = period_add(last, -i);

        subject->statuses[at][i] = (struct ring_status){period, "NNNNNN*12"[random_below(9)]};
        subject->months[at][i] = (struct ring_month){
            .period = period,
            .balance = {true, limit / 100 * random_below(110)},
            .paid = {true, random_below(4) ? limit / 1000 * random_below(100) : 0},
        };
    }
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const struct standard *standard, const char *kind, int accounts, int months,
                    double seconds)
{
    struct period last = period_of_day(day_of_civil(2024, 5, 31));
    struct rating rating;
    long count = 0, points = 0;

    for (int i = 0; i < SUBJECTS; i++) {
        for (int j = 0; j < accounts; j++)
            make_account(&subjects[i], j, months, last);
    }
    double begun = seconds_now(), spent = 0;

    for (; spent < seconds; spent = seconds_now() - begun) {
        for (int i = 0; i < SUBJECTS; i++) {
            const struct rating_input input = {
                .as_of = day_of_civil(2024, 6, 15),
                .kind = SUBJECT_KIND_PERSON,
                .facts = {.is_known = true},
                .accounts = subjects[i].accounts,
                .account_count = accounts,
            };

            rating_of(standard, &input, &rating);
            CHECK(rating.is_rated);
            points += rating.score;
        }
        count += SUBJECTS;
    }
    printf("RATING %s %.0f %.1f\n", kind, (double)count / spent, (double)points / (double)count);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
    struct arena arena = {0};
    struct standard *standard;
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    if (!standard_file_read(&ctx, CIX_SOURCE_DIR "/deploy/standard/card-next-month.standard", false,
                            &standard)) {
        fprintf(stderr, "%s\n", ctx.error.message);
        return 1;
    }
    measure(standard, "one-card-6-months", 1, 6, seconds);
    measure(standard, "three-cards-24-months", 3, 24, seconds);
    arena_done(&arena);
    return 0;
}
