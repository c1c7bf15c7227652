/*
 * The members that this server knows, as one immutable picture that is replaced whole.
 *
 * A job polls the database by version and installs a new picture; calls hold the one they arrived
 * under, so a member never changes under a running call. Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"
#include "domain/member.h"

enum { REGISTRY_FINGERPRINT_SIZE = 32 };

/* A certificate that may speak for a member. Revoked ones are not in the picture. */
struct registry_certificate {
    uint8_t fingerprint[REGISTRY_FINGERPRINT_SIZE];
    int32_t member_id;
    int64_t expires_at_us;
};

/* An attestation or a limit of a member, of each kind the one that counts. */
struct registry_attribute {
    int32_t member_id;
    int16_t kind; /* enum member_attribute */
    bool has_until;
    bool has_value;
    struct day from_on;
    struct day until_on;       /* when has_until */
    int64_t value;             /* when has_value: a limit */
    uint8_t document_hash[32]; /* of an attestation; else zero */
};

/* One picture. Members sorted by member_id, certificates by fingerprint. */
struct registry_view {
    int64_t version;
    bool is_test; /* a test exchange */
    const struct member *members;
    int member_count;
    const struct registry_certificate *certificates;
    int certificate_count;
    const struct registry_attribute *attributes; /* in the order given */
    int attribute_count;
    int holders; /* private to registry.c */
};

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *registry);

/* Installs a picture; its arrays are copied, members and certificates sorted. */
void registry_install(struct registry *registry, const struct registry_view *picture);

/* The picture of now, held until registry_drop. Never NULL; empty before the first install. */
const struct registry_view *registry_hold(struct registry *registry);
void registry_drop(struct registry *registry, const struct registry_view *view);

/* Version of the picture of now; 0 before the first. */
int64_t registry_version(struct registry *registry);

/* The member behind a certificate, or NULL. */
const struct member *registry_by_fingerprint(const struct registry_view *view,
                                             const uint8_t *fingerprint);
/* The member with this id, or NULL. */
const struct member *registry_by_id(const struct registry_view *view, int32_t member_id);
/* The member with this code, or NULL. */
const struct member *registry_by_code(const struct registry_view *view, const char *code);
