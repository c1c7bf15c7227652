#include "base/day.h"

#include <string.h>

enum {
    YEAR_MIN = 1600,
    YEAR_MAX = 9999,
    DAYS_OF_400_YEARS = 146097,
    EPOCH_FROM_MARCH_0 = 719468, /* days from 0000-03-01 to 1970-01-01 */
};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Years are counted from March, so that the leap day is the last of its year. */
struct day day_of_civil(int year, int month, int dayofmonth)
{
    CHECK(month >= 1 && month <= 12);
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayofmonth - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (struct day){era * DAYS_OF_400_YEARS + day_of_era - EPOCH_FROM_MARCH_0};
}

void day_to_civil(struct day day, int *year, int *month, int *dayofmonth)
{
    int z = day.number + EPOCH_FROM_MARCH_0;
    int era = (z >= 0 ? z : z - (DAYS_OF_400_YEARS - 1)) / DAYS_OF_400_YEARS;
    int day_of_era = z - era * DAYS_OF_400_YEARS;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;

    *dayofmonth = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

bool day_from_wire(int32_t yyyymmdd, struct day *day)
{
    int year = yyyymmdd / 10000;
    int month = yyyymmdd / 100 % 100;
    int dayofmonth = yyyymmdd % 100;

    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12)
        return false;
    if (dayofmonth < 1 || dayofmonth > days_of_month(year, month))
        return false;
    *day = day_of_civil(year, month, dayofmonth);
    return true;
}

int32_t day_to_wire(struct day day)
{
    int year, month, dayofmonth;

    day_to_civil(day, &year, &month, &dayofmonth);
    return year * 10000 + month * 100 + dayofmonth;
}

/* Reads exactly the digits of text, skipping dashes where the pattern ("dddd-dd-dd") has one. */
static bool read_pattern(const char *text, const char *pattern, int32_t *number)
{
    int32_t value = 0;

    if (strlen(text) != strlen(pattern))
        return false;
    for (size_t i = 0; pattern[i]; i++) {
        if (pattern[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
        if (pattern[i] != '-')
            value = value * 10 + (text[i] - '0');
    }
    *number = value;
    return true;
}

bool day_parse(const char *text, struct day *day)
{
    int32_t number;

    return (read_pattern(text, "dddd-dd-dd", &number) || read_pattern(text, "dddddddd", &number)) &&
           day_from_wire(number, day);
}

/* Writes number with so many digits; beyond them the highest are cut. */
static void write_digits(char *text, int number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

void day_format(struct day day, char text[11])
{
    int year, month, dayofmonth;

    day_to_civil(day, &year, &month, &dayofmonth);
    CHECK(year >= 0 && year <= YEAR_MAX);
    memcpy(text, "0000-00-00", 11);
    write_digits(text, year, 4);
    write_digits(text + 5, month, 2);
    write_digits(text + 8, dayofmonth, 2);
}

struct day day_add(struct day day, int32_t days)
{
    return (struct day){day.number + days};
}

struct day day_add_months(struct day day, int32_t months)
{
    struct period to = period_add(period_of_day(day), months);
    int year, month, dayofmonth;

    day_to_civil(day, &year, &month, &dayofmonth);
    struct day last = period_last_day(to);
    struct day same = day_add(period_first_day(to), dayofmonth - 1);
    return same.number < last.number ? same : last;
}

int day_year(struct day day)
{
    return day_to_wire(day) / 10000;
}

int day_years_between(struct day birth, struct day on)
{
    int years = on.number >= birth.number ? 0 : -1;
    int from = day_to_wire(birth);
    int to = day_to_wire(on);

    if (years == 0)
        years = (to - from) / 10000;
    return years;
}

bool period_from_wire(int32_t yyyymm, struct period *period)
{
    int year = yyyymm / 100;
    int month = yyyymm % 100;

    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12)
        return false;
    period->number = year * 12 + month - 1;
    return true;
}

int32_t period_to_wire(struct period period)
{
    return period.number / 12 * 100 + period.number % 12 + 1;
}

bool period_parse(const char *text, struct period *period)
{
    int32_t number;

    return (read_pattern(text, "dddd-dd", &number) || read_pattern(text, "dddddd", &number)) &&
           period_from_wire(number, period);
}

void period_format(struct period period, char text[8])
{
    CHECK(period.number >= 0 && period.number / 12 <= YEAR_MAX);
    memcpy(text, "0000-00", 8);
    write_digits(text, period.number / 12, 4);
    write_digits(text + 5, period.number % 12 + 1, 2);
}

struct period period_of_day(struct day day)
{
    int year, month, dayofmonth;

    day_to_civil(day, &year, &month, &dayofmonth);
    return (struct period){year * 12 + month - 1};
}

struct day period_first_day(struct period period)
{
    return day_of_civil(period.number / 12, period.number % 12 + 1, 1);
}

struct day period_last_day(struct period period)
{
    return day_add(period_first_day(period_add(period, 1)), -1);
}

struct period period_add(struct period period, int32_t months)
{
    return (struct period){period.number + months};
}
