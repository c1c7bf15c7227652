#include "domain/ring.h"

#include <string.h>

enum {
    HAS_REPORT = 1 << 0,
    HAS_BALANCE = 1 << 1,
    HAS_DUE = 1 << 2,
    HAS_PAID = 1 << 3,
    HAS_OVERDUE = 1 << 4,
    HAS_DAYS_OVERDUE = 1 << 5,
    IS_QUARANTINED = 1 << 6,
};

static void put_big_endian(uint8_t *at, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
}

static uint64_t get_big_endian(const uint8_t *at, int size)
{
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

/* Writes an amount and gives its bit, or nothing for an absent one. */
static unsigned put_money(uint8_t *at, struct money_field field, unsigned bit)
{
    put_big_endian(at, field.is_present ? (uint64_t)field.minor : 0, 8);
    return field.is_present ? bit : 0;
}

static struct money_field get_money(const uint8_t *slot, int at, unsigned bit)
{
    struct money_field field = {.is_present = (slot[0] & bit) != 0};

    if (field.is_present)
        field.minor = (int64_t)get_big_endian(slot + at, 8);
    return field;
}

void ring_month_encode(const struct ring_month *month, uint8_t slot[RING_SLOT_SIZE])
{
    int32_t days = month->days_overdue.is_present ? month->days_overdue.value : 0;
    unsigned bits = HAS_REPORT;

    if (month->days_overdue.is_present)
        bits |= HAS_DAYS_OVERDUE;
    if (month->is_quarantined)
        bits |= IS_QUARANTINED;
    if (days > INT16_MAX)
        days = INT16_MAX;
    slot[1] = (uint8_t)month->five_category;
    put_big_endian(slot + 2, (uint64_t)days, 2);
    put_big_endian(slot + 4, (uint64_t)month->recorded_at_s, 4);
    bits |= put_money(slot + 8, month->balance, HAS_BALANCE);
    bits |= put_money(slot + 16, month->due, HAS_DUE);
    bits |= put_money(slot + 24, month->paid, HAS_PAID);
    bits |= put_money(slot + 32, month->overdue, HAS_OVERDUE);
    slot[0] = (uint8_t)bits;
}

bool ring_month_decode(const uint8_t slot[RING_SLOT_SIZE], struct period period,
                       struct ring_month *month)
{
    if (!(slot[0] & HAS_REPORT))
        return false;
    *month = (struct ring_month){
        .period = period,
        .five_category = slot[1],
        .is_quarantined = (slot[0] & IS_QUARANTINED) != 0,
        .recorded_at_s = (int64_t)get_big_endian(slot + 4, 4),
        .balance = get_money(slot, 8, HAS_BALANCE),
        .due = get_money(slot, 16, HAS_DUE),
        .paid = get_money(slot, 24, HAS_PAID),
        .overdue = get_money(slot, 32, HAS_OVERDUE),
    };
    if (slot[0] & HAS_DAYS_OVERDUE)
        month->days_overdue = (struct count_field){true, (int16_t)get_big_endian(slot + 2, 2)};
    return true;
}

/* Periods before year 0 do not occur, but a damaged row must not read outside the ring. */
static size_t slot_of(struct period period, int32_t length)
{
    return (size_t)((period.number % length + length) % length);
}

size_t ring_month_offset(struct period period)
{
    return slot_of(period, RING_MONTHS) * RING_SLOT_SIZE;
}

size_t ring_status_offset(struct period period)
{
    return slot_of(period, RING_STATUS_SIZE);
}

int ring_status_list(const uint8_t *ring, size_t size, struct period last_period,
                     struct ring_status list[RING_STATUS_SIZE])
{
    int count = 0;

    if (size != RING_STATUS_SIZE)
        return 0;
    for (int32_t back = 0; back < RING_STATUS_SIZE; back++) {
        struct period period = period_add(last_period, -back);
        char status = (char)ring[ring_status_offset(period)];

        if (status)
            list[count++] = (struct ring_status){period, status};
    }
    return count;
}

int ring_month_list(const uint8_t *ring, size_t size, struct period last_period,
                    struct ring_month list[RING_MONTHS])
{
    int count = 0;

    if (size != RING_MONTH_SIZE)
        return 0;
    for (int32_t back = 0; back < RING_MONTHS; back++) {
        struct period period = period_add(last_period, -back);

        if (ring_month_decode(ring + ring_month_offset(period), period, &list[count]))
            count++;
    }
    return count;
}

/* How many slots lie after last, at most the whole ring. */
static int32_t skipped(struct period last, struct period to, int32_t length)
{
    int32_t months = to.number - last.number;

    return months < 0 ? 0 : months > length ? length : months;
}

void ring_status_advance(uint8_t ring[RING_STATUS_SIZE], struct period last, struct period to)
{
    for (int32_t i = skipped(last, to, RING_STATUS_SIZE); i > 0; i--)
        ring[ring_status_offset(period_add(to, 1 - i))] = 0;
}

void ring_month_advance(uint8_t ring[RING_MONTH_SIZE], struct period last, struct period to)
{
    for (int32_t i = skipped(last, to, RING_MONTHS); i > 0; i--)
        memset(ring + ring_month_offset(period_add(to, 1 - i)), 0, RING_SLOT_SIZE);
}
