#include "service/report_mark.h"

#include <string.h>

#include "service/protection.h"
#include "vault/place.h"

/* A list of annotations under one record, which grows one by one. */
struct list {
    size_t *count;
    Cix__V1__ReportedAnnotation ***items;
};

static void list_add(struct arena *arena, struct list list, Cix__V1__ReportedAnnotation *item)
{
    Cix__V1__ReportedAnnotation **items =
        arena_array(arena, *list.count + 1, sizeof(Cix__V1__ReportedAnnotation *));

    if (*list.count > 0)
        memcpy(items, *list.items, *list.count * sizeof(*items));
    items[(*list.count)++] = item;
    *list.items = items;
}

#define LIST(record)                                                                               \
    (struct list)                                                                                  \
    {                                                                                              \
        &(record)->n_annotations, &(record)->annotations                                           \
    }

static bool find_account(Cix__V1__Report *report, int64_t id, struct list *list)
{
    for (size_t i = 0; i < report->n_accounts; i++) {
        if (report->accounts[i]->account_id == id) {
            *list = LIST(report->accounts[i]);
            return true;
        }
    }
    return false;
}

/* Reported flags stand in the order of the subject's. */
static bool find_flag(const struct report_subject *subject, Cix__V1__Report *report, int64_t id,
                      struct list *list)
{
    for (size_t i = 0; i < report->n_flags; i++) {
        if (subject->flags[i].id == id) {
            *list = LIST(report->flags[i]);
            return true;
        }
    }
    return false;
}

static bool find_inquiry(Cix__V1__Report *report, int64_t id, struct list *list)
{
    for (size_t i = 0; i < report->n_inquiries; i++) {
        if (report->inquiries[i]->inquiry_id == id) {
            *list = LIST(report->inquiries[i]);
            return true;
        }
    }
    return false;
}

/* A party by which the subject answers for another's account; any other fact has no list of its
 * own. */
static struct list find_fact(Cix__V1__Report *report, int64_t id)
{
    for (size_t i = 0; i < report->n_liabilities; i++) {
        if (report->liabilities[i]->source->fact_id == id)
            return LIST(report->liabilities[i]);
    }
    return LIST(report);
}

/* Where an annotation belongs; false when the report does not show its record. */
static bool find_list(const struct report_subject *subject, Cix__V1__Report *report,
                      const struct report_annotation *annotation, struct list *list)
{
    switch ((int)annotation->target) {
    case CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY:
        *list = LIST(report->identity);
        return true;
    case CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT:
    case CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH:
        return find_account(report, annotation->target_id, list);
    case CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FLAG:
        return find_flag(subject, report, annotation->target_id, list);
    case CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_INQUIRY:
        return find_inquiry(report, annotation->target_id, list);
    default:
        *list = find_fact(report, annotation->target_id);
        return true;
    }
}

static bool unseal(const struct session *session, struct ctx *ctx, enum place where, int64_t id,
                   struct bytes sealed, char **text)
{
    struct vault_place place = place_of(where, id);
    struct bytes plain;

    if (!vault_open_sealed(ctx, session->vault, &place, sealed, &plain))
        return false;
    *text = (char *)plain.data;
    return true;
}

static bool put_annotation(const struct session *session, struct ctx *ctx,
                           const struct report_subject *subject,
                           const struct report_annotation *annotation, Cix__V1__Report *report)
{
    Cix__V1__ReportedAnnotation *shown;
    struct list list;

    if (!find_list(subject, report, annotation, &list))
        return true;
    shown = arena_alloc(session->arena, sizeof(*shown));
    cix__v1__reported_annotation__init(shown);
    shown->kind = (Cix__V1__AnnotationKind)annotation->kind;
    shown->code = annotation->code;
    shown->recorded_at_us = annotation->recorded_at_us;
    shown->target = (Cix__V1__AnnotationTargetKind)annotation->target;
    shown->target_id = annotation->target_id;
    if (annotation->period)
        shown->period = period_to_wire((struct period){annotation->period});
    if (annotation->due_on.is_present) {
        shown->due_on = day_to_wire(annotation->due_on.day);
        shown->is_unverified = annotation->due_on.day.number < session->today.number;
        if (shown->is_unverified)
            shown->escalated_on = day_to_wire(day_add(annotation->due_on.day, 1));
        report->summary->open_disputes++;
    }
    list_add(session->arena, list, shown);
    return !annotation->text.data ||
           unseal(session, ctx, PLACE_ANNOTATION, annotation->annotation_id, annotation->text,
                  &shown->text);
}

bool report_mark(const struct session *session, struct ctx *ctx, const struct report_answer *answer,
                 Cix__V1__Report *report)
{
    const struct report_subject *subject = answer->subject;

    for (int i = 0; i < subject->annotation_count; i++)
        if (!put_annotation(session, ctx, subject, &subject->annotations[i], report))
            return false;
    return protection_show(session, ctx, subject->protections, &report->protections,
                           &report->n_protections);
}
