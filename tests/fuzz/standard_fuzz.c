/*
 * Any bytes as a standard: what is taken is written as a text that reads the same, and rates what a
 * report may hold without leaving the scale.
 */
#include "domain/standard.h"

#include <string.h>

#include "domain/rating.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct standard standard, again;

enum { BEHAVIOURS = 20, STATEMENTS = 4 };

static struct behaviour_record behaviours[BEHAVIOURS];
static struct statement_record statements[STATEMENTS];

/* Two roles, of which one has gaps; amounts at the ends of 64 bits among them. */
static void make_behaviours(struct period last)
{
    for (int i = 0; i < BEHAVIOURS; i++)
        behaviours[i] = (struct behaviour_record){
            .period = period_to_wire(period_add(last, -i)),
            .role = 1 + i % 2,
            .currency = i % 7 ? "CNY" : "USD",
            .transaction_count = {true, i == 4 ? INT64_MAX : 10 - i},
            .transaction_amount = {i % 5 != 0, i == 6 ? INT64_MIN : 90000 - 4000 * i},
            .refund_amount = {i % 3 != 0, 100 * i},
            .chargeback_count = {i % 4 != 0, i},
            .top1_counterparty_bps = {i % 2 == 0, 500 * i},
            .counterparty_band = i % 6,
            .continuous_months = {true, BEHAVIOURS - i},
        };
}

static void make_statements(void)
{
    for (int i = 0; i < STATEMENTS; i++)
        statements[i] = (struct statement_record){
            .stated_on = {true, true, day_of_civil(2023 - i, 12, 31)},
            .type = 1 + i % 2,
            .currency = "CNY",
            .total_assets = {true, 100000 * (i + 1)},
            .current_assets = {true, i ? INT64_MIN : 50000},
            .current_liabilities = {true, i ? INT64_MAX : 60000},
            .equity = {true, -1000},
            .revenue = {i != 1, 200000},
        };
}

/* What the table of kept ratings holds (sql/schema/0033, 0034, 0040). */
static void check_keepable(const struct rating *rating)
{
    if (!rating->is_rated)
        return;
    CHECK(strcmp(standard.grades[rating->grade].name, STANDARD_GRADE_EXCLUDED) != 0);
    for (int i = 0; i < rating->reason_count; i++) {
        CHECK(rating->reasons[i].lost >= 0 && rating->reasons[i].lost <= STANDARD_LOST_MAX);
        for (int j = 0; j < i; j++)
            CHECK(rating->reasons[j].reason != rating->reasons[i].reason);
    }
}

/* An account, transactions and statements with a bit of everything. */
static void rate(void)
{
    struct period last = period_of_day(day_of_civil(2024, 5, 31));
    struct ring_status statuses[RING_STATUS_SIZE];
    struct ring_month months[RING_MONTHS];
    struct rating rating;

    for (int i = 0; i < RING_STATUS_SIZE; i++)
        statuses[i] = (struct ring_status){period_add(last, -i), "N*1234567BCDGZ#/AM"[i % 18]};
    for (int i = 0; i < RING_MONTHS; i++)
        months[i] = (struct ring_month){.period = period_add(last, -i),
                                        .balance = {i % 7 != 0, 1000 * i - 500},
                                        .paid = {i % 5 != 0, 300 * i},
                                        .due = {true, 100}};
    struct rating_account account = {
        .type = ACCOUNT_TYPE_R2,
        .currency = "CNY",
        .limit = {true, 20000},
        .opened_on = day_of_civil(2020, 1, 1),
        .is_bad_debt = true,
        .last_period = last,
        .statuses = statuses,
        .status_count = RING_STATUS_SIZE,
        .months = months,
        .month_count = RING_MONTHS,
    };
    struct rating_input input = {
        .as_of = day_of_civil(2024, 6, 15),
        .kind = SUBJECT_KIND_PERSON,
        .facts = {.is_known = true,
                  .is_listed = true,
                  .is_in_grace = true,
                  .is_suspended = true,
                  .is_perpetrator = true},
        .accounts = &account,
        .account_count = 1,
        .behaviours = behaviours,
        .behaviour_count = BEHAVIOURS,
        .statements = statements,
        .statement_count = STATEMENTS,
    };

    make_behaviours(last);
    make_statements();
    rating_of(&standard, &input, &rating);
    CHECK(!rating.is_rated ||
          (rating.score >= STANDARD_SCORE_MIN && rating.score <= STANDARD_SCORE_MAX));
    CHECK(!rating.is_rated || rating.grade < standard.grade_count);
    check_keepable(&rating);
}

static void check(struct arena *arena, const uint8_t *data, size_t size, bool is_draft)
{
    struct builder first = {arena, NULL, 0, 0}, second = {arena, NULL, 0, 0};
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (!standard_read(&ctx, (const char *)data, size, is_draft, &standard)) {
        CHECK(ctx.error.reason && ctx.error.message[0]);
        return;
    }
    standard_write(&standard, &first);
    CHECK(standard_read(&ctx, first.data, first.size, is_draft, &again));
    standard_write(&again, &second);
    CHECK(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    if (!is_draft)
        rate();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    check(&arena, data, size, false);
    check(&arena, data, size, true);
    arena_done(&arena);
    return 0;
}
