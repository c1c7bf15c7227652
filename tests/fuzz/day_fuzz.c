/*
 * Days, months and amounts from any text: what is read is shown again as the same.
 */
#include "base/day.h"
#include "base/id.h"
#include "base/money.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_day(const char *text)
{
    struct day day, again;
    char shown[11];

    if (!day_parse(text, &day))
        return;
    day_format(day, shown);
    CHECK(day_parse(shown, &again) && again.number == day.number);
    CHECK(day_from_wire(day_to_wire(day), &again) && again.number == day.number);
    CHECK(day_add_months(day, 1).number > day.number);
}

static void check_period(const char *text)
{
    struct period period, again;
    char shown[8];

    if (!period_parse(text, &period))
        return;
    period_format(period, shown);
    CHECK(period_parse(shown, &again) && again.number == period.number);
    CHECK(period_of_day(period_last_day(period)).number == period.number);
}

static void check_money(const char *text)
{
    char shown[40], plain[40];
    int64_t amount, again;
    size_t size = 0;

    if (!money_parse(text, "KWD", &amount))
        return;
    CHECK(amount >= -MONEY_MAX && amount <= MONEY_MAX);
    money_format(amount, "KWD", shown);
    for (const char *at = shown; *at; at++)
        if (*at != ',')
            plain[size++] = *at;
    plain[size] = '\0';
    CHECK(money_parse(plain, "KWD", &again) && again == amount);
}

static void check_uuid(const char *text)
{
    struct uuid uuid, again;
    char shown[37];

    if (!uuid_parse(text, &uuid))
        return;
    uuid_format(&uuid, shown);
    CHECK(uuid_parse(shown, &again) && uuid_equal(&uuid, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;

    arena_init(&arena, 0);
    char *text = arena_copy(&arena, data, size);
    check_day(text);
    check_period(text);
    check_money(text);
    check_uuid(text);
    arena_done(&arena);
    return 0;
}
