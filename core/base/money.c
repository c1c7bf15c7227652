#include "base/money.h"

#include <stdio.h>
#include <string.h>

/* ISO 4217 list one, and HRK and SLL that ended, by digits of the minor unit. Each code is followed
 * by one space. */
static const struct {
    int minor_digits;
    const char *codes;
} currencies[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF "
        "XPF "},
    {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND "
        "BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU "
        "CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
        "GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS "
        "KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
        "MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN "
        "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
        "SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
        "USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
};

int money_minor_digits(const char *currency)
{
    char entry[5] = {0};

    if (strlen(currency) != 3)
        return -1;
    memcpy(entry, currency, 3);
    for (int i = 0; i < 3; i++)
        if (entry[i] < 'A' || entry[i] > 'Z')
            return -1;
    entry[3] = ' ';
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++)
        if (strstr(currencies[i].codes, entry))
            return currencies[i].minor_digits;
    return -1;
}

enum { CODE_WIDTH = 4 }; /* three letters and the space */

size_t money_currency_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++)
        count += strlen(currencies[i].codes) / CODE_WIDTH;
    return count;
}

void money_currency(size_t index, char code[4])
{
    size_t group = 0, place = index * CODE_WIDTH;

    for (; place >= strlen(currencies[group].codes); group++)
        place -= strlen(currencies[group].codes);
    memcpy(code, currencies[group].codes + place, 3);
    code[3] = '\0';
}

bool money_add(int64_t a, int64_t b, int64_t *sum)
{
    int64_t result;

    if (__builtin_add_overflow(a, b, &result))
        return false;
    *sum = result;
    return true;
}

int32_t money_ratio_bps(int64_t part, int64_t whole)
{
    if (whole <= 0 || part < 0)
        return -1;
    __int128 bps = ((__int128)part * 20000 + whole) / ((__int128)whole * 2);
    return bps > INT32_MAX ? INT32_MAX : (int32_t)bps;
}

/* Written from the right: decimals, point, digits in groups of three, sign. */
void money_format(int64_t amount_minor, const char *currency, char text[40])
{
    uint64_t rest = amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor;
    int decimals = money_minor_digits(currency);
    char reversed[40];
    int size = 0, digits = 0;

    for (int i = 0; i < decimals; i++, rest /= 10)
        reversed[size++] = (char)('0' + rest % 10);
    if (decimals > 0)
        reversed[size++] = '.';
    do {
        if (digits > 0 && digits % 3 == 0)
            reversed[size++] = ',';
        reversed[size++] = (char)('0' + rest % 10);
        digits++;
    } while (rest /= 10);
    if (amount_minor < 0)
        reversed[size++] = '-';
    for (int i = 0; i < size; i++)
        text[i] = reversed[size - 1 - i];
    text[size] = '\0';
}

/* Reads digits until the first other character; false beyond limit. */
static bool read_digits(const char **text, int64_t limit, int64_t *value, int *count)
{
    for (*count = 0; **text >= '0' && **text <= '9'; (*text)++, (*count)++) {
        *value = *value * 10 + (**text - '0');
        if (*value > limit)
            return false;
    }
    return *count > 0;
}

bool money_parse(const char *text, const char *currency, int64_t *amount_minor)
{
    int decimals = money_minor_digits(currency);
    bool is_negative = *text == '-';
    int64_t value = 0;
    int count, given = 0;

    if (decimals < 0)
        return false;
    text += is_negative;
    if (!read_digits(&text, MONEY_MAX, &value, &count))
        return false;
    if (*text == '.') {
        text++;
        if (!read_digits(&text, MONEY_MAX, &value, &given) || given > decimals)
            return false;
    }
    for (; given < decimals; given++)
        value *= 10;
    if (*text || value > MONEY_MAX)
        return false;
    *amount_minor = is_negative ? -value : value;
    return true;
}
