/*
 * A question about a made person (support/person.h), as an inquiry of the contract: right number,
 * right name, an operator; without a consent.
 */
#pragma once

#include "cix.h"
#include "support/person.h"

/* Not to be copied: the inquiry points into it. */
struct question {
    struct person person;
    Cix__V1__Identifier identifier;
    Cix__V1__ReportInquiry inquiry;
};

void question_about(struct question *question, int64_t k, Cix__V1__Purpose purpose);

/* Asks for the report of person k. response is freed with cix_free. */
bool question_report(struct cix_client *client, int64_t k, Cix__V1__Purpose purpose,
                     Cix__V1__GetReportResponse **response, struct cix_error *error);
