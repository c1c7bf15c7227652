/*
 * Identities that no real person or firm can have: their numbers carry valid check characters and
 * a region code that was never assigned (99xxxx), their names are put together from syllables.
 * Everything follows from a block and a row by SHA-256, so that the same row is the same party.
 */
#pragma once

#include <stdint.h>

#include "base/day.h"

/* One block of regions a file, so that two files never make the same number. */
enum { REGION_CARD = 990000, REGION_LOAN = 991000, REGION_FIRM = 992000 };

/* Who an identity is. Persons have a resident number, firms a unified social credit code. */
struct party {
    char number[19];
    char name[64];
    struct day born;
    int sex; /* 0: a firm */
};

/* A fixed number below limit for a purpose and a row. */
int made_below(const char *purpose, int row, int limit);

/* A UUID (version 8) that depends on its two texts only. */
void made_uuid(const char *first, const char *second, char text[37]);

/*
 * Number and name of a person whose born and sex (1, 2) are set. Region, birth date, sequence (odd:
 * male) and check character; one number a row of a block. row: 1..49000.
 */
void make_person(int block, int row, struct party *party);

/* A firm with a unified social credit code. trade: the word in its name. */
void make_firm(int row, const char *trade, struct party *party);
