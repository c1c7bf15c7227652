#include "domain/check_digit.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"

/* 0-9, then A=10 .. Z=35. */
static int base_36_value(char c)
{
    return c >= 'A' ? c - 'A' + 10 : c - '0';
}

char check_digit_mod_11_2(const char *digits17)
{
    int remainder = 0;

    for (int i = 0; i < 17; i++)
        remainder = (remainder + digits17[i] - '0') * 2 % 11;
    return "0123456789X"[(12 - remainder) % 11];
}

static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

int check_digit_uscc_value(char c)
{
    const char *at = c ? strchr(uscc_alphabet, c) : NULL;

    return at ? (int)(at - uscc_alphabet) : -1;
}

char check_digit_mod_31(const char *code17)
{
    int sum = 0;
    int weight = 1;

    for (int i = 0; i < 17; i++) {
        sum += check_digit_uscc_value(code17[i]) * weight;
        weight = weight * 3 % 31;
    }
    return uscc_alphabet[(31 - sum % 31) % 31]; /* the outer modulus: a sum of 0 gives '0' */
}

char check_digit_gb_11714(const char *code8)
{
    static const int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(weights); i++)
        sum += base_36_value(code8[i]) * weights[i];
    return "0123456789X"[(11 - sum % 11) % 11];
}

bool check_digit_is_loan_card(const char *code16)
{
    static const int weights[] = {1, 3, 5, 7, 11, 2, 13, 1, 1, 17, 19, 97, 23, 29};
    int sum = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(weights); i++)
        sum += base_36_value(code16[i]) * weights[i];
    return sum % 97 + 1 == (code16[14] - '0') * 10 + code16[15] - '0';
}

bool check_digit_is_mod_97_10(const char *code)
{
    int remainder = 0;

    for (; *code; code++) {
        int value = base_36_value(*code);

        remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
    }
    return remainder == 1;
}

bool check_digit_is_luhn(const char *digits)
{
    size_t size = strlen(digits);
    int sum = 0;

    for (size_t i = 0; i < size; i++) {
        int digit = digits[size - 1 - i] - '0';

        if (i % 2 == 1)
            digit = digit < 5 ? digit * 2 : digit * 2 - 9;
        sum += digit;
    }
    return sum % 10 == 0;
}
