#include "service/report_fact.h"

#include "domain/record.h"
#include "vault/place.h"
#include "wire/fact.h"

/* The kinds that reports show. The messages of the lists have source and content as fields 1, 2. */
static const struct section {
    enum record_kind kind;
    const char *list;
} sections[] = {
    {RECORD_KIND_ACCOUNT_EVENT, "account_events"}, {RECORD_KIND_PARTY, "parties"},
    {RECORD_KIND_PUBLIC_RECORD, "public_records"}, {RECORD_KIND_FRAUD_CASE, "fraud_cases"},
    {RECORD_KIND_BEHAVIOUR, "behaviours"},         {RECORD_KIND_STATEMENT, "statements"},
    {RECORD_KIND_COLLECTION, "collections"},       {RECORD_KIND_MEMBER_GRADE, "grades"},
};

static const ProtobufCFieldDescriptor *list_of(enum record_kind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++)
        if (sections[i].kind == kind)
            return protobuf_c_message_descriptor_get_field_by_name(&cix__v1__report__descriptor,
                                                                   sections[i].list);
    return NULL;
}

static Cix__V1__FactSource *source_of(const struct session *session, const struct report_fact *fact)
{
    Cix__V1__FactSource *source = arena_alloc(session->arena, sizeof(*source));
    const struct member *member = registry_by_id(session->members, fact->member_id);

    cix__v1__fact_source__init(source);
    source->fact_id = fact->fact_id;
    source->record_id = fact->record_id;
    source->member_code = member ? (char *)member->code : (char *)"";
    source->recorded_at_us = fact->recorded_at_us;
    source->account_id = fact->account_id;
    source->origin = (char *)fact->origin;
    return source;
}

/* Plain fields and, when there are any, the sealed ones. */
static bool read_content(const struct session *session, struct ctx *ctx,
                         const struct report_fact *fact, union fact *content)
{
    const struct fact_kind *kind = fact_kind_find((enum record_kind)fact->kind);
    const struct vault_place place = place_of(PLACE_FACT_TEXT, fact->record_id);
    struct bytes plain = {(const uint8_t *)"", 0};

    if (fact->sealed.data && !vault_open_sealed(ctx, session->vault, &place, fact->sealed, &plain))
        return false;
    const char *lines =
        arena_format(session->arena, "%s\n%s", fact->content, (const char *)plain.data);
    return fact_read(session->arena, kind, lines, content) ||
           fail(ctx, ERR_INTERNAL, "FACT_BROKEN", "a stored fact cannot be read");
}

/* Rule X002: what is told of somebody who is to be protected. */
static bool protect(union fact *content)
{
    struct fraud_case_record told = {.case_ref = "",
                                     .identifier = {.given = ""},
                                     .role = content->fraud_case.role,
                                     .dealer_code = "",
                                     .region = "",
                                     .business_type = "",
                                     .currency = "",
                                     .detected_on = content->fraud_case.detected_on,
                                     .filed_on = content->fraud_case.filed_on,
                                     .status = content->fraud_case.status,
                                     .expires_on = content->fraud_case.expires_on,
                                     .lesson = ""};

    if (told.role != FRAUD_ROLE_VICTIM && told.role != FRAUD_ROLE_INNOCENT)
        return false;
    content->fraud_case = told;
    return true;
}

/* Appends the message of one fact to its list, which has room. */
static bool put_fact(const struct session *session, struct ctx *ctx, const struct report_fact *fact,
                     const ProtobufCFieldDescriptor *list, Cix__V1__Report *report)
{
    const struct fact_kind *kind = fact_kind_find((enum record_kind)fact->kind);
    size_t *count = (size_t *)(void *)((char *)report + list->quantifier_offset);
    ProtobufCMessage **items = *(ProtobufCMessage ***)(void *)((char *)report + list->offset);
    const ProtobufCMessageDescriptor *shown = list->descriptor;
    ProtobufCMessage *item = arena_alloc(session->arena, shown->sizeof_message);
    union fact content;

    if (!read_content(session, ctx, fact, &content))
        return false;
    protobuf_c_message_init(shown, item);
    if (kind->kind == RECORD_KIND_FRAUD_CASE)
        ((Cix__V1__ReportedFraudCase *)item)->is_protected = protect(&content);
    *(void **)((char *)item + shown->fields[0].offset) = source_of(session, fact);
    *(void **)((char *)item + shown->fields[1].offset) =
        fact_to_proto(session->arena, kind, &content);
    items[(*count)++] = item;
    return true;
}

static bool put_facts(const struct session *session, struct ctx *ctx,
                      const struct report_answer *answer, Cix__V1__Report *report)
{
    const struct report_subject *subject = answer->subject;

    for (int i = 0; i < subject->fact_count; i++) {
        const struct report_fact *fact = &subject->facts[i];
        const ProtobufCFieldDescriptor *list = list_of((enum record_kind)fact->kind);
        uint32_t needed = record_data_class((enum record_kind)fact->kind);
        if (!list || (answer->fact_classes & needed) != needed)
            continue;
        void **items = (void **)(void *)((char *)report + list->offset);
        if (!*items)
            *items = arena_array(session->arena, (size_t)subject->fact_count,
                                 sizeof(ProtobufCMessage *));
        if (!put_fact(session, ctx, fact, list, report))
            return false;
    }
    return true;
}

static void put_month(const struct report_account *account, Cix__V1__ReportedLiability *shown)
{
    shown->last_period = period_to_wire(account->last_period);
    shown->days_overdue = account->days_overdue;
    shown->five_category = account->five_category;
    if (account->balance.is_present) {
        shown->balance_presence_case = CIX__V1__REPORTED_LIABILITY__BALANCE_PRESENCE_BALANCE;
        shown->balance = account->balance.minor;
    }
    if (account->overdue_amount.is_present) {
        shown->overdue_amount_presence_case =
            CIX__V1__REPORTED_LIABILITY__OVERDUE_AMOUNT_PRESENCE_OVERDUE_AMOUNT;
        shown->overdue_amount = account->overdue_amount.minor;
    }
}

/* The borrower's account is not named: its id would join two subjects' reports. */
static bool put_liability(const struct session *session, struct ctx *ctx,
                          const struct report_liability *liability,
                          Cix__V1__ReportedLiability *shown)
{
    const struct fact_kind *kind = fact_kind_find(RECORD_KIND_PARTY);
    union fact content;

    if (!read_content(session, ctx, &liability->fact, &content))
        return false;
    cix__v1__reported_liability__init(shown);
    shown->source = source_of(session, &liability->fact);
    shown->source->account_id = 0;
    shown->party = (Cix__V1__Party *)fact_to_proto(session->arena, kind, &content);
    shown->type = (Cix__V1__AccountType)liability->account.type;
    shown->business_type = (char *)liability->account.business_type;
    shown->currency = (char *)liability->account.currency;
    if (liability->account.has_period)
        put_month(&liability->account, shown);
    return true;
}

static bool put_liabilities(const struct session *session, struct ctx *ctx,
                            const struct report_subject *subject, Cix__V1__Report *report)
{
    size_t count = (size_t)subject->liability_count;
    Cix__V1__ReportedLiability *shown = arena_array(session->arena, count, sizeof(*shown));

    report->liabilities = arena_array(session->arena, count, sizeof(*report->liabilities));
    for (size_t i = 0; i < count; i++) {
        if (!put_liability(session, ctx, &subject->liabilities[i], &shown[i]))
            return false;
        report->liabilities[report->n_liabilities++] = &shown[i];
    }
    return true;
}

bool report_fact(const struct session *session, struct ctx *ctx, const struct report_answer *answer,
                 Cix__V1__Report *report)
{
    if (!put_facts(session, ctx, answer, report))
        return false;
    return !(answer->fact_classes & DATA_CLASS_CREDIT) ||
           put_liabilities(session, ctx, answer->subject, report);
}
