/*
 * Who is at the other end of a connection. guard/ fills it from the certificate, rpc/ copies it
 * into each call.
 */
#pragma once

#include <stdint.h>

struct guard_peer {
    char member_code[33];    /* from the URI SAN spiffe://<trust-domain>/member/<code> */
    uint8_t fingerprint[32]; /* SHA-256 of the DER leaf */
    uint64_t generation;     /* differs for every connection */
    int64_t not_after_us;    /* end of the certificate */
    char address[46];        /* remote address, for the log */
};
