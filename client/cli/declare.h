/*
 * What `cix submit` declares of a file: number of records, control totals, digest and kind, found
 * while the file is read for the first time (rules F003, F004, F008, F009).
 */
#pragma once

#include "cix.h"
#include "wire/control.h"

enum { DECLARED_HASH_SIZE = 32 };

/* Zero-initialise. */
struct declared {
    struct control control;
    int kind;      /* of the first record */
    bool is_mixed; /* another kind came behind it */
    uint8_t hash[DECLARED_HASH_SIZE];
    Cix__V1__ControlTotal totals[CONTROL_MAX], *list[CONTROL_MAX];
    Cix__V1__Declaration message;
};

/* Takes one record that will be sent. */
void declared_add(struct declared *declared, const Cix__V1__Record *record);

/* Fills message; digest: SHA-256 of the file, 64 hex digits, or NULL to have it taken again. */
void declared_finish(struct declared *declared, const char *digest);

/* Prints what is declared: records and totals. */
void declared_print(const struct declared *declared);
