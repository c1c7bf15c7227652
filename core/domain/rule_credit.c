/*
 * Facts about accounts: events, parties, collection; the members' own grades, and their dealers.
 */
#include "domain/rule_check.h"

void rule_check_account_event(struct verdict *verdict, union fact *fact)
{
    verdict_not_future(verdict, &fact->account_event.happened_on, "happened_on");
}

void rule_check_party(struct verdict *verdict, union fact *fact)
{
    verdict_order(verdict, &fact->party.from_on, &fact->party.until_on, "E009", "until_on");
}

/* Rule A026. */
void rule_check_collection(struct verdict *verdict, union fact *fact)
{
    const struct collection_record *act = &fact->collection;

    verdict_not_future(verdict, &act->started_on, "started_on");
    verdict_not_future(verdict, &act->ended_on, "ended_on");
    verdict_order(verdict, &act->started_on, &act->ended_on, "E009", "ended_on");
    if (act->stage == COLLECTION_STAGE_OUTSOURCED)
        verdict_claim(verdict, *act->agency_code, "A026", NULL);
    if (act->demanded_amount.is_present && act->recovered_amount.is_present)
        verdict_claim(verdict, act->recovered_amount.minor <= act->demanded_amount.minor, "A026",
                      "recovered_amount");
}

void rule_check_member_grade(struct verdict *verdict, union fact *fact)
{
    verdict_not_future(verdict, &fact->member_grade.graded_on, "graded_on");
}

void rule_check_grade_map(struct verdict *verdict, union fact *fact)
{
    verdict_order(verdict, &fact->grade_map.from_on, &fact->grade_map.until_on, "E009", "until_on");
}

/* A dealer has a unified social credit code or none: a sole trader's own number is nobody's affair.
 */
void rule_check_dealer(struct verdict *verdict, union fact *fact)
{
    const struct dealer_record *dealer = &fact->dealer;

    if (dealer->identifier.type != IDENTIFIER_TYPE_NONE)
        verdict_claim(verdict, dealer->identifier.type == IDENTIFIER_TYPE_USCC, "E001",
                      "identifier.type");
    verdict_region(verdict, dealer->region, &dealer->from_on);
    verdict_order(verdict, &dealer->from_on, &dealer->until_on, "E009", "until_on");
}
