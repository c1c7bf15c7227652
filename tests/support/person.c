#include "support/person.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/digest.h"
#include "base/id.h"
#include "domain/check_digit.h"

enum { DAYS = 14600, SEQUENCES = 999 }; /* birth dates over forty years, from 1960 */

/* GB 11643 check character (domain.md 3.1). */
static char check_of(const char *digits)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (digits[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

void person_make(int64_t k, struct person *person)
{
    struct day birth = day_add(day_of_civil(1960, 1, 1), (int32_t)(k % DAYS));
    int sequence = (int)(k / DAYS % SEQUENCES) + 1;

    snprintf(person->number, sizeof(person->number), "990001%08d%03d", day_to_wire(birth),
             sequence);
    person->number[17] = check_of(person->number);
    person->number[18] = '\0';
    snprintf(person->name, sizeof(person->name), "测试人甲%lld号", (long long)k);
}

void person_account(int64_t k, int i, char text[32])
{
    snprintf(text, 32, "A%lld-%d", (long long)k, i);
}

void person_uuid(const char *salt, int64_t k, char text[37])
{
    struct bytes parts[2] = {{(const uint8_t *)salt, strlen(salt)},
                             {(const uint8_t *)&k, sizeof(k)}};
    struct digest digest = digest_of_parts(parts, 2);
    struct uuid uuid;

    memcpy(uuid.bytes, digest.bytes, sizeof(uuid.bytes));
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x40);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    uuid_format(&uuid, text);
}

void person_uscc(int64_t k, char code[19])
{
    char body[16];

    snprintf(body, sizeof(body), "T9%06u", (unsigned)k % 1000000u);
    snprintf(code, 19, "91440300%.8s%c", body, check_digit_gb_11714(body));
    code[17] = check_digit_mod_31(code);
    code[18] = '\0';
}
