/*
 * The check sums of identifier standards, over canonical text whose length and characters have been
 * checked already. Private to identifier.c and its tests.
 */
#pragma once

#include <stdbool.h>

/* ISO 7064 MOD 11-2 check character of the first 17 digits: '0'..'9' or 'X'. GB 11643. */
char check_digit_mod_11_2(const char *digits17);

/* MOD 31 check character of the first 17 characters of a USCC. GB 32100. */
char check_digit_mod_31(const char *code17);

/* Check character of the first 8 characters of an organisation code. GB 11714. */
char check_digit_gb_11714(const char *code8);

/* Value of a character in the USCC alphabet (no I, O, S, V, Z), or -1. */
int check_digit_uscc_value(char c);

/* Whether the last two digits of a loan card number are its check (16 characters). */
bool check_digit_is_loan_card(const char *code16);

/* ISO 7064 MOD 97-10 over letters and digits. ISO 17442. */
bool check_digit_is_mod_97_10(const char *code);

/* Luhn sum over digits. ISO/IEC 7812. */
bool check_digit_is_luhn(const char *digits);
