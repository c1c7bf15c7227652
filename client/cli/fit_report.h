/*
 * What fitting and measuring print: as text for people, or as one JSON object.
 */
#pragma once

#include "cli/fit.h"
#include "cli/fit_measure.h"

/* One measuring: a name such as "fitted" or "cross-validated". */
struct fit_result {
    const char *name;
    const struct fit_measures *measures;
    double stability; /* against the first result; NAN when there is none */
};

struct fit_report {
    const struct standard *standard;
    const struct fit_card_told *told; /* one a card, or NULL */
    struct fit_result results[2];
    int result_count;
};

/* Prints to standard output. */
void fit_report_text(const struct fit_report *report);
void fit_report_json(const struct fit_report *report);
