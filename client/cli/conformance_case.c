#include "base/check.h"
#include "cli/conformance.h"

#define CONTRIBUTOR CIX__V1__ROLE__ROLE_CONTRIBUTOR
#define COURT       CIX__V1__ROLE__ROLE_COURT
#define ANY_DATA    CIX__V1__DATA_CLASS__DATA_CLASS_UNSPECIFIED
#define BASIC       CIX__V1__DATA_CLASS__DATA_CLASS_BASIC
#define CREDIT      CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT
#define DISHONEST   CIX__V1__DATA_CLASS__DATA_CLASS_DISHONEST

#define PERSON_0 "\"identifier\":{\"type\":\"RESIDENT_ID\",\"value\":\"@ID0@\"}"
#define CONSENT                                                                                    \
    "\"purposes\":[\"LOAN_APPROVAL\"],\"dataClasses\":[\"BASIC\",\"CREDIT\"],\"form\":\"E_"        \
    "SIGNATURE\","
#define HASH "\"documentHash\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\""
#define SUBJECT(name, number)                                                                      \
    "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"" name                                           \
    "\",\"identifiers\":[{\"type\":\"RESIDENT_ID\",\"value\":\"" number "\"}]}}"
#define ACCOUNT(no, more)                                                                          \
    "{\"account\":{\"accountNo\":\"@RUN@-" no "\"," PERSON_0                                       \
    ",\"type\":\"D1\",\"businessType\":\"91\",\"repayFrequency\":3,\"security\":4," more "}}"
#define MONTH(no, more)                                                                            \
    "{\"performance\":{\"accountNo\":\"@RUN@-" no                                                  \
    "\",\"period\":@PERIOD@,\"accountStatus\":1,\"reportedOn\":@TODAY@," more "}}"

/*
 * Sent in this order in one chunk, so that a refused record is seen not to keep out the others.
 * Rules: core/domain/RULES.md.
 */
/* clang-format off */
const struct golden_record golden_records[] = {
    {"consent.taken", "{\"consent\":{\"consentId\":\"@CONSENT@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", NULL, CONTRIBUTOR, ANY_DATA},
    {"consent.ends-before-it-begins", "{\"consent\":{\"consentId\":\"@UUID@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@LASTYEAR@}}", "C001", CONTRIBUTOR, ANY_DATA},
    {"consent.short-hash", "{\"consent\":{\"consentId\":\"@UUID@\"," PERSON_0 "," CONSENT "\"documentHash\":\"AQEB\",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", "C002", CONTRIBUTOR, ANY_DATA},
    {"consent.no-uuid", "{\"consent\":{\"consentId\":\"consent-1\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", "E006", CONTRIBUTOR, ANY_DATA},

    {"subject.taken", SUBJECT("@NAME0@", "@ID0@"), NULL, CONTRIBUTOR, BASIC},
    {"subject.without-consent-taken", SUBJECT("@NAME1@", "@ID1@"), NULL, CONTRIBUTOR, BASIC},
    {"subject.wrong-check-digit", SUBJECT("@NAME0@", "@BADID@"), "S002", CONTRIBUTOR, BASIC},
    {"subject.born-tomorrow", SUBJECT("@NAME0@", "@UNBORN@"), "S003", CONTRIBUTOR, BASIC},
    {"subject.name-of-digits", SUBJECT("12345", "@ID0@"), "S015", CONTRIBUTOR, BASIC},
    {"subject.no-identifier", "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"@NAME0@\"}}", "S001", CONTRIBUTOR, BASIC},

    {"account.loan-taken", ACCOUNT("1", "\"currency\":\"CNY\",\"originalAmount\":\"10000000\",\"openedOn\":@LASTYEAR@"), NULL, CONTRIBUTOR, CREDIT},
    {"account.no-amount", ACCOUNT("2", "\"currency\":\"CNY\",\"openedOn\":@LASTYEAR@"), "A004", CONTRIBUTOR, CREDIT},
    {"account.unknown-currency", ACCOUNT("3", "\"currency\":\"ZZZ\",\"originalAmount\":\"100\",\"openedOn\":@LASTYEAR@"), "A003", CONTRIBUTOR, CREDIT},
    {"account.opened-tomorrow", ACCOUNT("4", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":@TOMORROW@"), "A005", CONTRIBUTOR, CREDIT},
    {"account.matures-before-it-opens", ACCOUNT("5", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":@YESTERDAY@,\"maturesOn\":@LASTYEAR@"), "A006", CONTRIBUTOR, CREDIT},
    {"account.no-such-day", ACCOUNT("6", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":20240231"), "E002", CONTRIBUTOR, CREDIT},

    {"month.normal-taken", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"9000000\""), NULL, CONTRIBUTOR, CREDIT},
    {"month.negative-balance", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"-1\""), "M003", CONTRIBUTOR, CREDIT},
    {"month.overdue-above-balance", MONTH("1", "\"repayStatus\":\"1\",\"balance\":\"100\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M004", CONTRIBUTOR, CREDIT},
    {"month.status-and-days-differ", MONTH("1", "\"repayStatus\":\"3\",\"balance\":\"9000000\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M008", CONTRIBUTOR, CREDIT},
    {"month.normal-but-overdue", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"9000000\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M009", CONTRIBUTOR, CREDIT},
    {"month.unknown-account", MONTH("9", "\"repayStatus\":\"N\",\"balance\":\"100\""), "M001", CONTRIBUTOR, CREDIT},
    {"month.no-status", "{\"performance\":{\"accountNo\":\"@RUN@-1\",\"period\":@PERIOD@,\"accountStatus\":1}}", "E004", CONTRIBUTOR, CREDIT},

    {"flag.published-before-filed", "{\"flag\":{\"flagId\":\"@UUID@\"," PERSON_0 ",\"name\":\"@NAME0@\",\"caseNo\":\"(2024)皖9901执1号\",\"court\":\"Made Court\",\"filedOn\":@YESTERDAY@,\"publishedOn\":@LASTYEAR@,\"ground\":1,\"performance\":1,\"status\":\"LISTED\"}}", "D002", COURT, DISHONEST},
};
/* clang-format on */

const size_t golden_record_count = ARRAY_LENGTH(golden_records);
