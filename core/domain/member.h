/*
 * A member as the registry knows it, and what it may do. Pure: state comes in, an answer goes out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/code.h"

enum { MEMBER_CODE_MAX = 32, MEMBER_CODE_MIN = 3, MEMBER_NAME_MAX = 120 };
enum { MEMBER_USCC_SIZE = 18, MEMBER_REGION_MAX = 6, MEMBER_CODE14_SIZE = 14 };
enum { MEMBER_QUOTA_AS_IS = -1 }; /* given to the registry: what stands there, or the default */

struct member_quota {
    int32_t per_second; /* 0: no limit */
    int32_t burst;      /* calls that may come at once; at least per_second */
    int32_t per_day;    /* of a business date; 0: no limit */
};

/* What a member with a daily quota spent of it on one day. */
struct member_spending {
    int32_t member_id;
    int64_t here;      /* at this server */
    int64_t elsewhere; /* at others of the exchange */
};

/* What a member sees of credit data, for what it gives. */
enum reciprocity {
    RECIPROCITY_NONE = 0,
    RECIPROCITY_DEFAULT = 1, /* defaults, public records and flags alone, and its own */
    RECIPROCITY_FULL = 2,    /* all that its data classes allow */
    RECIPROCITY_AS_IS = -1,  /* given to the registry: what stands there */
};

/* What rules hold of a member in another way than of others. */
enum member_profile {
    MEMBER_PROFILE_JUMPS_REMARKED = 1, /* M016 to M018 are remarks, as for R2 and R3 */
};

struct member {
    int32_t member_id;
    char code[MEMBER_CODE_MAX + 1];     /* [a-z0-9-]{3,32}, as in the certificate's URI */
    char name[MEMBER_NAME_MAX * 4 + 1]; /* UTF-8 */
    enum member_type type;
    enum member_state state;
    uint32_t roles;        /* bits of enum member_role */
    uint32_t data_classes; /* bits of enum data_class */
    uint64_t purposes[2];  /* bit n: purpose n, 0..127 */
    struct member_quota quota;
    char uscc[MEMBER_USCC_SIZE + 1];       /* empty: not noted */
    char region[MEMBER_REGION_MAX + 1];    /* empty: not noted */
    char code14[MEMBER_CODE14_SIZE + 1];   /* empty: not noted */
    int32_t parent_id;                     /* the member that it belongs to; 0: none */
    enum reciprocity consumer, commercial; /* about persons; about organisations */
    int32_t profile; /* bits of enum member_profile; written by the registry, not read back */
};

/* Three to 32 of a-z, 0-9 and '-'; neither first nor last is '-'. */
bool member_code_is_valid(const char *code);

/* A financial institution code: a capital letter and 13 digits. Its check digit is nobody's rule.
 */
bool member_code14_is_valid(const char *code14);

/* The member's state lets it connect and read its own: ACTIVE, RESTRICTED or TESTING. */
bool member_is_admitted(const struct member *member);

/* The member may change data or ask about subjects: ACTIVE only; RESTRICTED may only contribute. */
bool member_may_contribute(const struct member *member);
bool member_may_inquire(const struct member *member);

/* Has every one of these roles, or any of them. */
bool member_has_roles(const struct member *member, uint32_t roles);
bool member_has_any_role(const struct member *member, uint32_t roles);

/* May submit or see every one of these data classes. */
bool member_has_data_classes(const struct member *member, uint32_t data_classes);

/* Rule I001: the purpose is known and granted to this member. */
bool member_may_purpose(const struct member *member, enum purpose purpose);

void member_grant_purpose(struct member *member, enum purpose purpose);

/* Whether a purpose about a person needs a consent in force (rule I002). */
bool purpose_needs_consent(enum purpose purpose);

/* Whether a purpose needs an account of the asking member with the subject (rule I003). */
bool purpose_needs_account(enum purpose purpose);
