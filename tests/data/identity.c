#include "data/identity.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/id.h"
#include "domain/check_digit.h"

/* A fixed number for a purpose and a row: the first eight bytes of a SHA-256. */
static uint64_t made(const char *purpose, int row)
{
    char text[64];
    int size = snprintf(text, sizeof(text), "cix-made:%s:%d", purpose, row);
    struct digest digest = digest_of(text, (size_t)size);
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | digest.bytes[i];
    return number;
}

int made_below(const char *purpose, int row, int limit)
{
    return (int)(made(purpose, row) % (uint64_t)limit);
}

void made_uuid(const char *first, const char *second, char text[37])
{
    const struct bytes parts[] = {{(const uint8_t *)first, strlen(first)},
                                  {(const uint8_t *)"/", 1},
                                  {(const uint8_t *)second, strlen(second)}};
    struct digest digest = digest_of_parts(parts, ARRAY_LENGTH(parts));
    struct uuid uuid;
    memcpy(uuid.bytes, digest.bytes, sizeof(uuid.bytes));
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x80);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    uuid_format(&uuid, text);
}

static const char *const surnames[] = {"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈",
                                       "褚", "卫", "蒋", "沈", "韩", "杨", "朱", "秦", "尤", "许",
                                       "何", "吕", "施", "张", "孔", "曹", "严", "华", "金", "魏"};
static const char *const syllables[] = {"安", "柏", "晨", "川", "岱", "恩", "帆", "谷", "禾", "嘉",
                                        "岚", "霖", "明", "宁", "平", "青", "然", "书", "棠", "望",
                                        "溪", "雅", "言", "逸", "雨", "远", "泽", "舟", "竹", "梓"};

void make_person(int block, int row, struct party *party)
{
    char digits[64];
    int year, month, day;
    day_to_civil(party->born, &year, &month, &day);
    snprintf(digits, sizeof(digits), "%06d%04d%02d%02d%03d", block + 1 + row % 999, year, month,
             day, row / 999 * 2 + party->sex % 2);
    memcpy(party->number, digits, 17);
    party->number[17] = check_digit_mod_11_2(digits);
    party->number[18] = '\0';
    snprintf(party->name, sizeof(party->name), "%s%s%s",
             surnames[made_below("surname", block + row, ARRAY_LENGTH(surnames))],
             syllables[made_below("given", block + row, ARRAY_LENGTH(syllables))],
             syllables[made_below("second", block + row, ARRAY_LENGTH(syllables))]);
}

void make_firm(int row, const char *trade, struct party *party)
{
    char code[64];
    snprintf(code, sizeof(code), "91%06d%08d", REGION_FIRM + 1 + row % 999, 10000000 + row);
    code[16] = check_digit_gb_11714(code + 8);
    code[17] = '\0';
    memcpy(party->number, code, 17);
    party->number[17] = check_digit_mod_31(code);
    party->number[18] = '\0';
    party->sex = 0;
    snprintf(party->name, sizeof(party->name), "%s%s%d号%s有限公司",
             syllables[made_below("firm", row, ARRAY_LENGTH(syllables))],
             syllables[made_below("firm-second", row, ARRAY_LENGTH(syllables))], row, trade);
}
