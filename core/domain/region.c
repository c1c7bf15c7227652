#include "domain/region.h"

#include <string.h>

#include "base/check.h"
#include "domain/dated_list.h"

enum { REGION_DIGITS = 6, DIVISION_SIZE = 3, CLASS_SIZE = 5 };

/* GB/T 2260, province level. */
static const struct {
    char digits[3];
    const char *name;
} provinces[] = {
    {"11", "Beijing"},        {"12", "Tianjin"},   {"13", "Hebei"},     {"14", "Shanxi"},
    {"15", "Inner Mongolia"}, {"21", "Liaoning"},  {"22", "Jilin"},     {"23", "Heilongjiang"},
    {"31", "Shanghai"},       {"32", "Jiangsu"},   {"33", "Zhejiang"},  {"34", "Anhui"},
    {"35", "Fujian"},         {"36", "Jiangxi"},   {"37", "Shandong"},  {"41", "Henan"},
    {"42", "Hubei"},          {"43", "Hunan"},     {"44", "Guangdong"}, {"45", "Guangxi"},
    {"46", "Hainan"},         {"50", "Chongqing"}, {"51", "Sichuan"},   {"52", "Guizhou"},
    {"53", "Yunnan"},         {"54", "Tibet"},     {"61", "Shaanxi"},   {"62", "Gansu"},
    {"63", "Qinghai"},        {"64", "Ningxia"},   {"65", "Xinjiang"},  {"71", "Taiwan"},
    {"81", "Hong Kong"},      {"82", "Macao"},
};

/* ISO 3166-1, two letters. Each code is followed by one space. */
static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN "
    "BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
    "DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL "
    "GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM "
    "JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
    "MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
    "NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD "
    "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Two characters, neither of them a space, in a list of codes that a space follows. */
static bool is_listed(const char *list, const char *two)
{
    const char entry[] = {two[0], two[1], ' ', '\0'};

    return strstr(list, entry) != NULL;
}

/* The name of the province that the first two characters are, or NULL. */
static const char *province_of(const char *digits)
{
    for (size_t i = 0; i < ARRAY_LENGTH(provinces); i++)
        if (strncmp(digits, provinces[i].digits, 2) == 0)
            return provinces[i].name;
    return NULL;
}

size_t region_province_count(void)
{
    return ARRAY_LENGTH(provinces);
}

const char *region_province(size_t index, char digits[3])
{
    memcpy(digits, provinces[index].digits, 3);
    return provinces[index].name;
}

const char *region_label(const char *region)
{
    const char *name = province_of(region);

    return name ? name : "";
}

/* Codes of which the list has the province alone. */
static bool has_no_districts(const char *digits)
{
    return !strncmp(digits, "71", 2) || !strncmp(digits, "81", 2) || !strncmp(digits, "82", 2);
}

bool region_was_in_force(const char *digits, int first_year, int last_year)
{
    char code[DATED_CODE_MAX] = {0};

    if (strspn(digits, "0123456789") < REGION_DIGITS)
        return false;
    memcpy(code, digits, REGION_DIGITS);
    return has_no_districts(code) || dated_list_has(&dated_regions, code, first_year, last_year);
}

static bool is_iso_3166_2(const char *region)
{
    size_t size = strlen(region);

    if (size < 4 || size > 6 || region[2] != '-')
        return false;
    if (!is_letter(region[0]) || !is_letter(region[1]) || !is_listed(countries, region))
        return false;
    for (size_t i = 3; i < size; i++)
        if (!is_digit(region[i]) && !is_letter(region[i]))
            return false;
    return true;
}

static bool is_known_in(const char *region, int first_year, int last_year)
{
    return (strlen(region) == REGION_DIGITS &&
            region_was_in_force(region, first_year, last_year)) ||
           is_iso_3166_2(region);
}

bool region_is_known(const char *region)
{
    return is_known_in(region, 0, DATED_YEAR_MAX);
}

bool region_is_known_on(const char *region, struct day day)
{
    int year = day_year(day);

    return is_known_in(region, year, year);
}

bool region_is_code(const char *region)
{
    size_t size = strlen(region);

    if (size >= 2 && size <= 6 && strspn(region, "0123456789") == size)
        return true;
    if (size < 2 || size > 6 || !is_letter(region[0]) || !is_letter(region[1]))
        return false;
    for (size_t i = 3; i < size; i++)
        if (!is_digit(region[i]) && !is_letter(region[i]))
            return false;
    return size == 2 || (size > 3 && region[2] == '-');
}

bool industry_is_code(const char *industry)
{
    size_t size = strlen(industry);
    size_t letters = is_letter(industry[0]);

    return size >= 1 && size <= letters + 4 &&
           strspn(industry + letters, "0123456789") == size - letters;
}

bool industry_is_known(const char *industry)
{
    return strlen(industry) >= DIVISION_SIZE &&
           dated_list_has(&dated_industries, industry, 0, DATED_YEAR_MAX);
}

/* A known section and division, and digits. */
static bool has_known_division(const char *industry)
{
    char division[DIVISION_SIZE + 1] = {0};
    size_t size = strlen(industry);

    if (size < DIVISION_SIZE || size > CLASS_SIZE || strspn(industry + 1, "0123456789") != size - 1)
        return false;
    memcpy(division, industry, DIVISION_SIZE);
    return industry_is_known(division);
}

bool industry_is_known_on(const char *industry, struct day day)
{
    bool is_listed_then = day.number >= day_of_civil(2017, 10, 1).number;

    return is_listed_then ? industry_is_known(industry) : has_known_division(industry);
}
