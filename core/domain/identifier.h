/*
 * Identifiers of subjects: one canonical form, and the check of every type.
 *
 * identifier_read folds a value (outer spaces, full-width forms, letter case), converts what is
 * old, and says the first fault, or none and possible doubts. A fault refuses; a doubt is a remark.
 * It never says that a person exists. Source: domain.md section 3, which names the standards; every
 * vector there is a unit test.
 */
#pragma once

#include <stdbool.h>

#include "base/ctx.h"
#include "base/day.h"
#include "domain/code.h"

enum { IDENTIFIER_VALUE_MAX = 40 }; /* characters */

enum identifier_fault {
    IDENTIFIER_FAULT_NONE,
    IDENTIFIER_FAULT_TYPE,      /* no such type */
    IDENTIFIER_FAULT_LENGTH,    /* empty, too long, or not the length of the type */
    IDENTIFIER_FAULT_CHARACTER, /* a character that the type does not have, or an inner space */
    IDENTIFIER_FAULT_CHECK,     /* the check digit or check sum is another */
    IDENTIFIER_FAULT_DATE,      /* the birth date inside is no date, before 1900 or after today */
};

enum identifier_doubt {
    IDENTIFIER_DOUBT_CONVERTED = 1 << 0,   /* was a 15-digit resident number (S018) */
    IDENTIFIER_DOUBT_REGION = 1 << 1,      /* region not in force in its years (S006, S011) */
    IDENTIFIER_DOUBT_INNER_CHECK = 1 << 2, /* organisation code inside a USCC (S010) */
    IDENTIFIER_DOUBT_CHECK = 1 << 3,       /* check of a loan card (S014) */
};

struct identifier {
    enum identifier_type type;
    const char *value;  /* canonical; this is what is indexed, sealed and masked */
    unsigned doubts;    /* bits of enum identifier_doubt */
    bool has_birth;     /* the number carries a birth date and a sex */
    struct day born_on; /* when has_birth */
    int sex;            /* 1 male, 2 female, when has_birth; else 9 */
};

/*
 * Folds and checks one value.
 *
 *   text        UTF-8 as given; the canonical form is put into the arena
 *   today       a birth date must not lie after it
 *   identifier  written only when the result is IDENTIFIER_FAULT_NONE
 */
MUST_USE enum identifier_fault identifier_read(struct arena *arena, enum identifier_type type,
                                               const char *text, struct day today,
                                               struct identifier *identifier);

/*
 * The same for a request: fails with ERR_INVALID / IDENTIFIER_INVALID for the field. The
 * description tells the kind of fault, never the value.
 */
MUST_USE bool identifier_require(struct ctx *ctx, const char *field, enum identifier_type type,
                                 const char *text, struct day today, struct identifier *identifier);

/* What a fault means, for people: "the check digit does not fit". */
const char *identifier_fault_text(enum identifier_fault fault);

/* Whether the type alone can name a subject of this kind (rule S001). */
bool identifier_is_primary(enum identifier_type type, enum subject_kind kind);

/* Whether the type belongs to persons (10..18) rather than organisations (20..25). */
bool identifier_is_personal(enum identifier_type type);

/*
 * The first six and last four characters with stars between. Values shorter than 14 characters
 * show a quarter at each end, so that at least half always stays hidden.
 */
char *identifier_mask(struct arena *arena, const char *value);

/*
 * Whether a value is one of the type of which a run of four stars or more hides a part, as
 * published lists show it: such a value is nobody's. At least four characters are shown.
 */
bool identifier_is_masked(struct arena *arena, enum identifier_type type, const char *text);

/* Digits of a bank card, 13 to 19, with the Luhn check (ISO/IEC 7812). */
bool identifier_is_bank_card(const char *digits);

/* A mobile number of the mainland: 1, then 3 to 9, then nine digits (rule S023). */
bool identifier_is_mobile(const char *digits);

/*
 * An enforcement case number such as "(2019)皖1122执1194号" (rule P001). Full-width brackets are
 * made half-width in the canonical form. False when the pattern does not fit or the year lies after
 * today's.
 */
MUST_USE bool identifier_read_case_no(struct arena *arena, const char *text, struct day today,
                                      const char **canonical);

/*
 * The number of any case of a court such as "(2019)皖1122民初1194号" (rule P001), otherwise as
 * identifier_read_case_no.
 */
MUST_USE bool identifier_read_judgment_no(struct arena *arena, const char *text, struct day today,
                                          const char **canonical);
