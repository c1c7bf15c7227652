/*
 * cix.v1.Consent as the rules and the store see it.
 */
#pragma once

#include "base/ctx.h"
#include "cix/v1/record.pb-c.h"
#include "domain/record.h"
#include "store/inquiry.h"

/*
 * The record of a message; texts are viewed. Purposes and data classes beyond what a record holds
 * are dropped. The identifier is left empty when the message has none.
 */
void consent_from_proto(const Cix__V1__Consent *message, struct consent_record *record);

/* Bits 1 << number of the record's purposes, and bits of enum data_class. */
int64_t consent_purpose_bits(const struct consent_record *record);
int32_t consent_data_class_bits(const struct consent_record *record);
