/*
 * Records of the wire as the rules see them. Views into the message: it must live as long as the
 * record. Nothing is judged here but what has no place in the structs: an empty record, and lists
 * longer than the structs hold.
 */
#pragma once

#include "cix/v1/record.pb-c.h"
#include "domain/record.h"
#include "domain/rule.h"

/*
 * Converts one record. False: the record cannot be looked at, and finding says why (E004 without a
 * kind, E005 for a list that is too long).
 */
MUST_USE bool record_from_proto(const Cix__V1__Record *proto, struct record *record,
                                struct finding *finding);

/* Converts one consent; the identifier may be absent (a consent that comes with an inquiry). */
MUST_USE bool record_consent_from_proto(const Cix__V1__Consent *proto,
                                        struct consent_record *consent, struct finding *finding);
