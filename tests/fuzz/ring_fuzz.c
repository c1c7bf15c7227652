/*
 * Rings of any bytes and any last period: every month listed lies in the ring, newest first, and is
 * written back as it was read.
 */
#include "domain/ring.h"

#include <string.h>

#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_months(const uint8_t *ring, size_t size, struct period last)
{
    struct ring_month list[RING_MONTHS];
    int count = ring_month_list(ring, size, last, list);

    for (int i = 0; i < count; i++) {
        uint8_t slot[RING_SLOT_SIZE];
        struct ring_month again;

        CHECK(list[i].period.number <= last.number);
        CHECK(list[i].period.number > last.number - RING_MONTHS);
        CHECK(i == 0 || list[i].period.number < list[i - 1].period.number);
        ring_month_encode(&list[i], slot);
        CHECK(ring_month_decode(slot, list[i].period, &again));
        CHECK(again.balance.minor == list[i].balance.minor);
        CHECK(again.days_overdue.value == list[i].days_overdue.value);
        CHECK(again.recorded_at_s == list[i].recorded_at_s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ring_status statuses[RING_STATUS_SIZE];
    struct period last;

    if (size < 2)
        return 0;
    last.number = (int32_t)(data[0] << 8 | data[1]) - 1000;
    data += 2;
    size -= 2;
    check_months(data, size, last);
    int count = ring_status_list(data, size, last, statuses);
    for (int i = 0; i < count; i++)
        CHECK(statuses[i].status && statuses[i].period.number <= last.number);
    return 0;
}
