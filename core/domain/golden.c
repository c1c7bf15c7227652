#include "domain/golden.h"

#include <string.h>

#include "base/check.h"
#include "domain/code.h"

#define CONTRIBUTOR MEMBER_ROLE_CONTRIBUTOR
#define COURT       MEMBER_ROLE_COURT
#define ANY_DATA    0
#define BASIC       DATA_CLASS_BASIC
#define CREDIT      DATA_CLASS_CREDIT
#define DISHONEST   DATA_CLASS_DISHONEST
#define PUBLIC      DATA_CLASS_PUBLIC
#define FRAUD_DATA  DATA_CLASS_FRAUD
#define BEHAVIOUR   DATA_CLASS_BEHAVIOUR
#define RATING      DATA_CLASS_RATING
#define FUND        DATA_CLASS_FUND

/* clang-format off */
#define PERSON(number) "\"identifier\":{\"type\":\"RESIDENT_ID\",\"value\":\"" number "\"}"
#define PERSON_0       PERSON("@ID0@")
#define CONSENT        "\"purposes\":[\"LOAN_APPROVAL\"],\"dataClasses\":[\"BASIC\",\"CREDIT\",\"BEHAVIOUR\"],\"form\":\"E_SIGNATURE\","
#define HASH           "\"documentHash\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\""
#define CORRECTED(action, record) "{\"correction\":{\"action\":\"" action "\",\"reason\":\"OWN_ERROR\"}," record "}"
#define SUBJECT_OF(name, number) "\"subject\":{\"kind\":\"PERSON\",\"name\":\"" name "\",\"identifiers\":[{\"type\":\"RESIDENT_ID\",\"value\":\"" number "\"}]}"
#define SUBJECT(name, number) "{" SUBJECT_OF(name, number) "}"
#define ACCOUNT_OF(no, more) "\"account\":{\"accountNo\":\"@RUN@-" no "\"," PERSON_0 ",\"type\":\"D1\",\"businessType\":\"91\",\"repayFrequency\":3,\"security\":4," more "}"
#define ACCOUNT(no, more) "{" ACCOUNT_OF(no, more) "}"
#define MONTH_OF(no, period, more) "\"performance\":{\"accountNo\":\"@RUN@-" no "\",\"period\":" period ",\"accountStatus\":1,\"reportedOn\":@TODAY@," more "}"
#define MONTH(no, more) "{" MONTH_OF(no, "@PERIOD@", more) "}"
#define EVENT_OF(no, day, amount) "\"accountEvent\":{\"accountNo\":\"@RUN@-" no "\",\"type\":1,\"happenedOn\":" day ",\"amount\":" amount ",\"monthsExtended\":3}"
#define EVENT(no, day, amount) "{" EVENT_OF(no, day, amount) "}"
#define PARTY(from) "{\"party\":{\"accountNo\":\"@RUN@-1\"," PERSON("@ID1@") ",\"role\":3,\"liabilityAmount\":\"10000000\",\"fromOn\":" from "}}"
#define COLLECTION(agency) "{\"collection\":{\"accountNo\":\"@RUN@-1\",\"stage\":4,\"startedOn\":@YESTERDAY@,\"agencyCode\":" agency ",\"demandedAmount\":\"100\",\"recoveredAmount\":\"100\"}}"
#define STATEMENT(day, consent) "{\"statement\":{" PERSON_0 ",\"statedOn\":" day ",\"type\":3,\"source\":4,\"currency\":\"CNY\"," consent "\"totalAssets\":\"1000\",\"totalLiabilities\":\"400\",\"equity\":\"600\"}}"
#define FLAG(filed, published) "{\"flag\":{\"flagId\":\"@UUID@\"," PERSON("@ID1@") ",\"name\":\"@NAME1@\",\"caseNo\":\"(2024)皖9901执1号\",\"court\":\"Made Court\",\"filedOn\":" filed ",\"publishedOn\":" published ",\"ground\":1,\"performance\":1,\"status\":\"LISTED\"}}"
#define DOCUMENT(decided) "{\"publicRecord\":{\"recordNo\":\"@UUID@\"," PERSON_0 ",\"name\":\"@NAME0@\",\"type\":2,\"authority\":\"Made Court\",\"caseNo\":\"(2024)皖9901执1号\",\"decidedOn\":" decided ",\"status\":1}}"
#define FRAUD(number, evidence, loss) "{\"fraudCase\":{\"caseRef\":\"" number "\"," PERSON_0 ",\"role\":1,\"type\":2,\"currency\":\"CNY\",\"amountAtRisk\":\"1000\",\"lossAmount\":" loss ",\"recoveredAmount\":\"100\",\"detectedOn\":@LASTYEAR@,\"filedOn\":@YESTERDAY@,\"evidenceLevel\":" evidence ",\"status\":2,\"expiresOn\":@NEXTYEAR@}}"
#define BEHAVIOUR_OF(number, refund) "{\"behaviour\":{" PERSON(number) ",\"period\":@PERIOD@,\"role\":1,\"consentId\":\"@CONSENT@\",\"currency\":\"CNY\",\"transactionCount\":\"10\",\"transactionAmount\":\"10000\",\"activeDays\":5,\"refundAmount\":" refund "}}"
#define FUNDS(custodian) "{\"fundReport\":{\"platformCode\":\"@MEMBER@\",\"period\":@PERIOD@,\"side\":1,\"currency\":\"CNY\",\"custodianCode\":\"" custodian "\",\"custodyAccount\":\"1234\",\"ownFundsAccount\":\"9876\",\"segregation\":1,\"clientLiability\":\"1000\",\"custodyBalance\":\"1000\"}}"
#define MAP(from, grade) "{\"gradeMap\":{\"grade\":\"@GRADE@\",\"fromOn\":" from ",\"masterGrade\":\"" grade "\"}}"

#define DEALER(more) "{\"dealer\":{\"dealerCode\":\"@GRADE@\",\"name\":\"Made Dealer\"," more "}}"
#define BY_DEALER(no, code, opened) ACCOUNT(no, "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":" opened ",\"channel\":4,\"dealerCode\":\"" code "\"")

/*
 * Sent in this order in one chunk, so that a refused record is seen not to keep out the others.
 * Rules: core/domain/RULES.md.
 */
const struct golden_record golden_records[] = {
    {"consent.taken", "{\"consent\":{\"consentId\":\"@CONSENT@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", NULL, CONTRIBUTOR, ANY_DATA, false},
    {"consent.for-an-account-to-come-taken", "{\"consent\":{\"consentId\":\"@UUID@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@,\"scopeAccountNo\":\"@RUN@-1\"}}", NULL, CONTRIBUTOR, ANY_DATA, false},
    {"consent.ends-before-it-begins", "{\"consent\":{\"consentId\":\"@UUID@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@LASTYEAR@}}", "C001", CONTRIBUTOR, ANY_DATA, false},
    {"consent.short-hash", "{\"consent\":{\"consentId\":\"@UUID@\"," PERSON_0 "," CONSENT "\"documentHash\":\"AQEB\",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", "C002", CONTRIBUTOR, ANY_DATA, false},
    {"consent.no-uuid", "{\"consent\":{\"consentId\":\"consent-1\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}}", "E006", CONTRIBUTOR, ANY_DATA, false},

    {"subject.taken", SUBJECT("@NAME0@", "@ID0@"), NULL, CONTRIBUTOR, BASIC, false},
    {"subject.without-consent-taken", SUBJECT("@NAME1@", "@ID1@"), NULL, CONTRIBUTOR, BASIC, false},
    {"subject.wrong-check-digit", SUBJECT("@NAME0@", "@BADID@"), "S002", CONTRIBUTOR, BASIC, false},
    {"subject.born-tomorrow", SUBJECT("@NAME0@", "@UNBORN@"), "S003", CONTRIBUTOR, BASIC, false},
    {"subject.name-of-digits", SUBJECT("12345", "@ID0@"), "S015", CONTRIBUTOR, BASIC, false},
    {"subject.no-identifier", "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"@NAME0@\"}}", "S001", CONTRIBUTOR, BASIC, false},
    {"subject.identifier-ends-before-it-begins", "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"@NAME0@\",\"identifiers\":[{\"type\":\"RESIDENT_ID\",\"value\":\"@ID0@\",\"validFrom\":@NEXTYEAR@,\"validUntil\":@YESTERDAY@}]}}", "S028", CONTRIBUTOR, BASIC, false},
    {"subject.wrong-origin", "{\"origin\":\"@FOREIGN@\"," SUBJECT_OF("@NAME0@", "@ID0@") "}", "E008", CONTRIBUTOR, BASIC, false},

    {"account.loan-taken", ACCOUNT("1", "\"currency\":\"CNY\",\"originalAmount\":\"10000000\",\"openedOn\":@LASTYEAR@"), NULL, CONTRIBUTOR, CREDIT, false},
    {"account.no-amount", ACCOUNT("2", "\"currency\":\"CNY\",\"openedOn\":@LASTYEAR@"), "A004", CONTRIBUTOR, CREDIT, false},
    {"account.unknown-currency", ACCOUNT("3", "\"currency\":\"ZZZ\",\"originalAmount\":\"100\",\"openedOn\":@LASTYEAR@"), "A003", CONTRIBUTOR, CREDIT, false},
    {"account.opened-tomorrow", ACCOUNT("4", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":@TOMORROW@"), "A005", CONTRIBUTOR, CREDIT, false},
    {"account.matures-before-it-opens", ACCOUNT("5", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":@YESTERDAY@,\"maturesOn\":@LASTYEAR@"), "A006", CONTRIBUTOR, CREDIT, false},
    {"account.no-such-day", ACCOUNT("6", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":20240231"), "E002", CONTRIBUTOR, CREDIT, false},

    {"account.dealer-not-registered", BY_DEALER("10", "@GRADE@-X", "@YESTERDAY@"), "A016", CONTRIBUTOR, CREDIT, false},
    {"account.before-its-dealer", BY_DEALER("11", "@GRADE@", "@LASTYEAR@"), "A016", CONTRIBUTOR, CREDIT, false},
    {"account.by-dealer-taken", BY_DEALER("12", "@GRADE@", "@YESTERDAY@"), NULL, CONTRIBUTOR, CREDIT, false},
    {"account.by-dealer-taken-back", CORRECTED("DELETE", "\"account\":{\"accountNo\":\"@RUN@-12\"}"), NULL, CONTRIBUTOR, CREDIT, false},

    {"month.normal-taken", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"9000000\""), NULL, CONTRIBUTOR, CREDIT, false},
    {"month.negative-balance", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"-1\""), "M003", CONTRIBUTOR, CREDIT, false},
    {"month.overdue-above-balance", MONTH("1", "\"repayStatus\":\"1\",\"balance\":\"100\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M004", CONTRIBUTOR, CREDIT, false},
    {"month.status-and-days-differ", MONTH("1", "\"repayStatus\":\"3\",\"balance\":\"9000000\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M008", CONTRIBUTOR, CREDIT, false},
    {"month.normal-but-overdue", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"9000000\",\"daysOverdue\":10,\"overdueAmount\":\"1000\",\"overdueTerms\":1"), "M009", CONTRIBUTOR, CREDIT, false},
    {"month.unknown-account", MONTH("9", "\"repayStatus\":\"N\",\"balance\":\"100\""), "M001", CONTRIBUTOR, CREDIT, false},
    {"month.no-status", "{\"performance\":{\"accountNo\":\"@RUN@-1\",\"period\":@PERIOD@,\"accountStatus\":1}}", "E004", CONTRIBUTOR, CREDIT, false},

    {"flag.taken", FLAG("@LASTYEAR@", "@YESTERDAY@"), NULL, COURT, DISHONEST, false},
    {"flag.term-contradicts-its-last-day", FLAG("@LASTYEAR@", "@LASTYEAR@,\"expiresOn\":@YESTERDAY@,\"termMonths\":600"), "D012", COURT, DISHONEST, false},
    {"flag.published-before-filed", FLAG("@YESTERDAY@", "@LASTYEAR@"), "D002", COURT, DISHONEST, false},

    {"account.put-right", CORRECTED("REPLACE", ACCOUNT_OF("1", "\"currency\":\"CNY\",\"originalAmount\":\"10500000\",\"openedOn\":@LASTYEAR@")), NULL, CONTRIBUTOR, CREDIT, false},
    {"account.to-take-back-taken", ACCOUNT("7", "\"currency\":\"CNY\",\"originalAmount\":\"100\",\"openedOn\":@LASTYEAR@"), NULL, CONTRIBUTOR, CREDIT, false},
    {"account.taken-back", CORRECTED("DELETE", "\"account\":{\"accountNo\":\"@RUN@-7\"}"), NULL, CONTRIBUTOR, CREDIT, false},
    {"account.nothing-to-take-back", CORRECTED("DELETE", "\"account\":{\"accountNo\":\"@RUN@-8\"}"), "K001", CONTRIBUTOR, CREDIT, false},
    {"consent.cannot-be-put-right", CORRECTED("REPLACE", "\"consent\":{\"consentId\":\"@CONSENT@\"," PERSON_0 "," CONSENT HASH ",\"signedOn\":@YESTERDAY@,\"effectiveOn\":@YESTERDAY@,\"expiresOn\":@NEXTYEAR@}"), "K002", CONTRIBUTOR, ANY_DATA, false},

    {"month.other-content", MONTH("1", "\"repayStatus\":\"N\",\"balance\":\"8000000\""), "M002", CONTRIBUTOR, CREDIT, false},
    {"month.put-right", CORRECTED("REPLACE", MONTH_OF("1", "@PERIOD@", "\"repayStatus\":\"N\",\"balance\":\"8500000\"")), NULL, CONTRIBUTOR, CREDIT, false},
    {"month.nothing-to-put-right", CORRECTED("REPLACE", MONTH_OF("1", "@EARLIER@", "\"repayStatus\":\"N\",\"balance\":\"8500000\"")), "K001", CONTRIBUTOR, CREDIT, false},
    {"month.taken-back", CORRECTED("DELETE", "\"performance\":{\"accountNo\":\"@RUN@-1\",\"period\":@PERIOD@}"), NULL, CONTRIBUTOR, CREDIT, false},

    {"event.taken", EVENT("1", "@YESTERDAY@", "\"500\""), NULL, CONTRIBUTOR, CREDIT, false},
    {"event.the-same-again-taken", EVENT("1", "@YESTERDAY@", "\"500\""), NULL, CONTRIBUTOR, CREDIT, false},
    {"event.other-content", EVENT("1", "@YESTERDAY@", "\"501\""), "K003", CONTRIBUTOR, CREDIT, false},
    {"event.put-right", CORRECTED("REPLACE", EVENT_OF("1", "@YESTERDAY@", "\"502\"")), NULL, CONTRIBUTOR, CREDIT, false},
    {"event.taken-back", CORRECTED("DELETE", EVENT_OF("1", "@YESTERDAY@", "\"502\"")), NULL, CONTRIBUTOR, CREDIT, false},
    {"event.nothing-to-take-back", CORRECTED("DELETE", EVENT_OF("1", "@TODAY@", "\"500\"")), "K001", CONTRIBUTOR, CREDIT, false},
    {"event.unknown-account", EVENT("9", "@YESTERDAY@", "\"500\""), "M001", CONTRIBUTOR, CREDIT, false},

    {"dealer.taken", DEALER("\"fromOn\":@YESTERDAY@"), NULL, CONTRIBUTOR, CREDIT, false},
    {"dealer.other-content", DEALER("\"fromOn\":@LASTYEAR@"), "K003", CONTRIBUTOR, CREDIT, false},
    {"dealer.ends-before-it-begins", DEALER("\"fromOn\":@YESTERDAY@,\"untilOn\":@LASTYEAR@"), "E009", CONTRIBUTOR, CREDIT, false},

    {"party.taken", PARTY("@LASTYEAR@"), NULL, CONTRIBUTOR, CREDIT, false},
    {"party.ends-before-it-begins", PARTY("@YESTERDAY@,\"untilOn\":@LASTYEAR@"), "E009", CONTRIBUTOR, CREDIT, false},

    {"collection.taken", COLLECTION("\"AGENCY\""), NULL, CONTRIBUTOR, CREDIT, false},
    {"collection.no-agency", COLLECTION("\"\""), "A026", CONTRIBUTOR, CREDIT, false},

    {"statement.taken", STATEMENT("@YESTERDAY@", "\"consentId\":\"@CONSENT@\","), NULL, CONTRIBUTOR, CREDIT, false},
    {"statement.without-consent", STATEMENT("@LASTYEAR@", ""), "A024", CONTRIBUTOR, CREDIT, false},

    {"document.taken", DOCUMENT("@YESTERDAY@"), NULL, COURT, PUBLIC, false},
    {"document.effective-before-decided", DOCUMENT("@YESTERDAY@,\"effectiveOn\":@LASTYEAR@"), "P003", COURT, PUBLIC, false},

    {"fraud.taken", FRAUD("@RUN@-1", "3", "\"900\""), NULL, CONTRIBUTOR, FRAUD_DATA, false},
    {"fraud.confirmed-without-evidence", FRAUD("@RUN@-2", "2", "\"900\""), "X001", CONTRIBUTOR, FRAUD_DATA, false},
    {"fraud.lost-above-risk", FRAUD("@RUN@-3", "3", "\"1001\""), "X003", CONTRIBUTOR, FRAUD_DATA, false},
    {"fraud.taken-back", CORRECTED("DELETE", "\"fraudCase\":{\"caseRef\":\"@RUN@-1\"}"), NULL, CONTRIBUTOR, FRAUD_DATA, false},

    {"behaviour.taken", BEHAVIOUR_OF("@ID0@", "\"100\""), NULL, CONTRIBUTOR, BEHAVIOUR, false},
    {"behaviour.refunds-above-amount", BEHAVIOUR_OF("@ID0@", "\"10001\""), "B001", CONTRIBUTOR, BEHAVIOUR, false},
    {"behaviour.without-consent", BEHAVIOUR_OF("@ID1@", "\"100\""), "B002", CONTRIBUTOR, BEHAVIOUR, false},

    {"funds.taken", FUNDS("@OTHER@"), NULL, CONTRIBUTOR, FUND, true},
    {"funds.own-custodian", FUNDS("@MEMBER@"), "U007", CONTRIBUTOR, FUND, false},

    {"map.taken", MAP("@LASTYEAR@", "BBB"), NULL, CONTRIBUTOR, RATING, false},
    {"map.two-meanings-at-a-time", MAP("@YESTERDAY@", "AA"), "G005", CONTRIBUTOR, RATING, false},
    {"grade.taken", "{\"memberGrade\":{" PERSON_0 ",\"gradedOn\":@TODAY@,\"grade\":\"@GRADE@\"}}", NULL, CONTRIBUTOR, RATING, false},
    {"grade.of-tomorrow", "{\"memberGrade\":{" PERSON_0 ",\"gradedOn\":@TOMORROW@,\"grade\":\"@GRADE@\"}}", "E009", CONTRIBUTOR, RATING, false},
};
/* clang-format on */

const size_t golden_record_count = ARRAY_LENGTH(golden_records);

bool golden_may_try(const struct golden_record *row, uint32_t roles, uint32_t data_classes,
                    bool has_others)
{
    return (roles & row->role) == row->role &&
           (data_classes & row->data_class) == row->data_class &&
           (has_others || !row->is_about_others);
}

static const struct {
    uint32_t roles;
    const char *text;
} shown[] = {{0, "none"},
             {CONTRIBUTOR, "contributor"},
             {COURT, "court"},
             {CONTRIBUTOR | COURT, "contributor,court"}};

const char *golden_roles_text(uint32_t roles)
{
    for (size_t i = 0; i < ARRAY_LENGTH(shown); i++)
        if (shown[i].roles == roles)
            return shown[i].text;
    CHECK(false);
}

bool golden_roles_read(const char *text, uint32_t *roles)
{
    for (size_t i = 0; i < ARRAY_LENGTH(shown); i++) {
        if (!strcmp(shown[i].text, text)) {
            *roles = shown[i].roles;
            return true;
        }
    }
    return false;
}
