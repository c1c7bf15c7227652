/*
 * A question that needs a purpose and mostly a consent, from the options of a command.
 */
#pragma once

#include "cli/online.h"
#include "cli/subject.h"

/* The options of such a question, beside SUBJECT_OPTIONS. */
#define INQUIRY_OPTIONS                                                                            \
    {"purpose", "PURPOSE", "why: loan-approval, post-loan, ... or the code 01-33; needed"},        \
        {"consent", "ID|FILE",                                                                     \
         "UUID of a consent, or a file with it as JSON (default: any in force)"},                  \
    {                                                                                              \
        "operator", "ID", "who asks inside the member (CIX_OPERATOR, operator)"                    \
    }

/*
 * Fills the inquiry from the arguments; key is what it points into. Errors: of subject_from_args,
 * VALUE (purpose), FILE and those of JSON (consent).
 */
MUST_USE bool inquiry_from_args(struct online *online, Cix__V1__ReportInquiry *inquiry,
                                struct subject_key *key);
