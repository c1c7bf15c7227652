#include "service/report_narrow.h"

#include "domain/code.h"
#include "domain/delinquency.h"
#include "domain/ring.h"
#include "service/report_summary.h"

enum { FIRST_BAD_CLASS = 3, LAST_BAD_CLASS = 5, DEFAULT_DAYS = 90, FIRST_HIDDEN_TARGET = 5 };

/* By the latest month that is shown; as cix.month_is_default. */
static bool is_default_now(const struct report_account *account)
{
    return account->has_period && (account->days_overdue >= DEFAULT_DAYS ||
                                   (account->five_category >= FIRST_BAD_CLASS &&
                                    account->five_category <= LAST_BAD_CLASS) ||
                                   code_account_status_is_bad_debt((enum account_type)account->type,
                                                                   account->account_status));
}

/* Ended by the guarantor, by assets or against the agreement. */
static bool is_bad_end(char status)
{
    return status == 'D' || status == 'G' || status == 'Z';
}

/* Was or is in default, in the months that are shown; as cix.account_was_default. */
static bool was_default(const struct report_account *account)
{
    struct ring_status statuses[RING_STATUS_SIZE];

    if (!account->has_period)
        return false;
    int count = ring_status_list(account->status_ring.data, account->status_ring.size,
                                 account->last_period, statuses);
    for (int i = 0; i < count; i++)
        if (is_bad_end(statuses[i].status))
            return true;
    return is_default_now(account) || report_account_was_90_days(account);
}

static void narrow_accounts(struct arena *arena, int32_t asker, struct report_subject *subject)
{
    struct report_account *shown =
        arena_array(arena, (size_t)subject->account_count, sizeof(*shown));
    int count = 0;

    for (int i = 0; i < subject->account_count; i++)
        if (subject->accounts[i].member_id == asker || was_default(&subject->accounts[i]))
            shown[count++] = subject->accounts[i];
    subject->accounts = shown;
    subject->account_count = count;
}

static void narrow_facts(struct arena *arena, int32_t asker, struct report_subject *subject)
{
    struct report_fact *shown = arena_array(arena, (size_t)subject->fact_count, sizeof(*shown));
    int count = 0;

    for (int i = 0; i < subject->fact_count; i++)
        if (subject->facts[i].member_id == asker ||
            subject->facts[i].kind == RECORD_KIND_PUBLIC_RECORD)
            shown[count++] = subject->facts[i];
    subject->facts = shown;
    subject->fact_count = count;
}

static void narrow_liabilities(struct arena *arena, int32_t asker, struct report_subject *subject)
{
    struct report_liability *shown =
        arena_array(arena, (size_t)subject->liability_count, sizeof(*shown));
    int count = 0;

    for (int i = 0; i < subject->liability_count; i++)
        if (subject->liabilities[i].fact.member_id == asker ||
            is_default_now(&subject->liabilities[i].account))
            shown[count++] = subject->liabilities[i];
    subject->liabilities = shown;
    subject->liability_count = count;
}

/*
 * Who else knows the subject, since when, and how it made sure is what a hidden account would tell;
 * names and identifiers themselves say who is meant.
 */
static void narrow_identity(struct arena *arena, int32_t asker, struct report_subject *subject)
{
    const struct report_sealed *names = subject->names, *identifiers = subject->identifiers;

    subject->names = arena_array(arena, (size_t)subject->name_count, sizeof(*subject->names));
    for (int i = 0; i < subject->name_count; i++) {
        subject->names[i] = names[i];
        if (names[i].member_id == asker)
            continue;
        subject->names[i].member_id = 0;
        subject->names[i].recorded_at_us = 0;
    }
    subject->identifiers =
        arena_array(arena, (size_t)subject->identifier_count, sizeof(*subject->identifiers));
    for (int i = 0; i < subject->identifier_count; i++)
        subject->identifiers[i] = (struct report_sealed){.type = identifiers[i].type,
                                                         .record_id = identifiers[i].record_id,
                                                         .sealed = identifiers[i].sealed};
}

/* What stands on inquiries and facts goes; on accounts and flags, with those that are not shown. */
static void narrow_annotations(struct arena *arena, struct report_subject *subject)
{
    struct report_annotation *shown =
        arena_array(arena, (size_t)subject->annotation_count, sizeof(*shown));
    int count = 0;

    for (int i = 0; i < subject->annotation_count; i++)
        if (subject->annotations[i].target < FIRST_HIDDEN_TARGET)
            shown[count++] = subject->annotations[i];
    subject->annotations = shown;
    subject->annotation_count = count;
}

const struct report_answer *report_narrow(struct arena *arena, const struct report_answer *answer)
{
    if (!answer->subject || !answer->is_narrow)
        return answer;
    struct report_answer *narrow = arena_alloc(arena, sizeof(*narrow));
    struct report_subject *subject = arena_alloc(arena, sizeof(*subject));
    *subject = *answer->subject;
    narrow_identity(arena, answer->member_id, subject);
    narrow_accounts(arena, answer->member_id, subject);
    narrow_facts(arena, answer->member_id, subject);
    narrow_liabilities(arena, answer->member_id, subject);
    narrow_annotations(arena, subject);
    *narrow = *answer;
    narrow->subject = subject;
    narrow->has_rating = false;
    narrow->inquiry_count = 0;
    return narrow;
}
