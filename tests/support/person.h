/*
 * Made persons for tests and benches: number k always gives the same one. None can be real: their
 * resident numbers begin with a region code (9900xx) that was never assigned.
 */
#pragma once

#include <stdint.h>

struct person {
    char number[19]; /* valid resident number */
    char name[64];   /* UTF-8 */
};

/* k: 0 .. 9,999,999. */
void person_make(int64_t k, struct person *person);

/* An account number of the person: "A<k>-<i>". text has 32 bytes. */
void person_account(int64_t k, int i, char text[32]);

/* A UUID that depends on (salt, k) alone; 37 bytes. */
void person_uuid(const char *salt, int64_t k, char text[37]);

/* An enterprise of a real region and a number that nobody has: its body begins with T9. */
void person_uscc(int64_t k, char code[19]);
