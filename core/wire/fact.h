/*
 * Facts of the wire as the rules see them, and back for reports: field by field, by the tables of
 * domain/fact.h and the descriptors of cix/v1/fact.proto. A test holds the two together.
 */
#pragma once

#include "cix/v1/fact.pb-c.h"
#include "domain/fact.h"

/* An absent identifier has no type and an empty value: the rules name the field. */
struct identifier_field wire_identifier(const Cix__V1__Identifier *proto);

/* Reads a message of the kind. The fact holds views into it. */
void fact_from_proto(const struct fact_kind *kind, const ProtobufCMessage *proto, union fact *fact);

/*
 * Makes a message of the kind in the arena: every field but hidden ones and the identifiers, names
 * and accounts, which the receiver knows from around it. Texts are views into the fact.
 */
ProtobufCMessage *fact_to_proto(struct arena *arena, const struct fact_kind *kind,
                                const union fact *fact);
