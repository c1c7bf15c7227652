/*
 * The codes of who a subject is. Source: domain.md 2.1 and 5.1, as in the monthly collection of the
 * national credit database.
 */
#include <string.h>

#include "base/check.h"
#include "domain/code.h"

#define TABLE(name, ...)                                                                           \
    static const struct code name##_rows[] = {__VA_ARGS__};                                        \
    const struct code_table code_##name = {name##_rows, ARRAY_LENGTH(name##_rows)}

/* clang-format off */
TABLE(sexes,
    {1, "MALE", "male"},
    {2, "FEMALE", "female"},
    {9, "NOT_STATED", "not stated"});

TABLE(marital_statuses,
    {10, "SINGLE", "single"},
    {20, "MARRIED", "married"},
    {30, "WIDOWED", "widowed"},
    {40, "DIVORCED", "divorced"},
    {91, "COHABITING", "cohabiting"},
    {99, "OTHER", "other"});

TABLE(educations,
    {10, "POSTGRADUATE", "postgraduate"},
    {20, "UNDERGRADUATE", "undergraduate"},
    {30, "COLLEGE", "college"},
    {40, "TECHNICAL_SCHOOL", "technical school"},
    {50, "TECHNICAL_WORKER", "school for technical workers"},
    {60, "SENIOR_HIGH", "senior high school"},
    {70, "JUNIOR_HIGH", "junior high school"},
    {80, "PRIMARY", "primary school"},
    {90, "OTHER", "other"},
    {99, "UNKNOWN", "not known"});

TABLE(enterprise_sizes,
    {1, "LARGE", "large"},
    {2, "MEDIUM", "medium"},
    {3, "SMALL", "small"},
    {4, "MICRO", "micro"});

TABLE(identifier_verifications,
    {1, "DOCUMENT_SEEN", "document seen"},
    {2, "ISSUER_CHECKED", "checked with the issuer"});
/* clang-format on */

const char code_occupations[] = "013456XYZ";

/* In the order of code_occupations: GB/T 6565, first level. */
static const char *const occupation_labels[] = {
    "head of an authority, body or enterprise",
    "professional or technician",
    "clerk",
    "worker in commerce or services",
    "worker in farming, forestry, animal husbandry, fishing or water",
    "operator of production or transport",
    "soldier",
    "other worker",
    "not known",
};

bool code_occupation_is_known(char occupation)
{
    return occupation && strchr(code_occupations, occupation);
}

const char *code_occupation_label(char occupation)
{
    if (!code_occupation_is_known(occupation))
        return "unknown";
    return occupation_labels[strchr(code_occupations, occupation) - code_occupations];
}
