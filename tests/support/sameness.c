#include "support/sameness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The texts in order, joined and freed. */
char *same_order(char **texts, size_t count)
{
    size_t size = 1;
    char *all;

    qsort(texts, count, sizeof(*texts), by_text);
    for (size_t i = 0; i < count; i++)
        size += strlen(texts[i]) + 1;
    all = calloc(1, size);
    assert_non_null(all);
    for (size_t i = 0; i < count; i++) {
        strcat(strcat(all, texts[i]), "\n");
        free(texts[i]);
    }
    return all;
}

/* Accounts and names come in the order of their ids, which depend on who was first. */
static char *account_texts(Cix__V1__Report *report)
{
    char *texts[256];

    assert_true(report->n_accounts <= 256);
    for (size_t i = 0; i < report->n_accounts; i++) {
        Cix__V1__ReportedAccount *account = report->accounts[i];
        account->account_id = 0;
        account->recorded_at_us = 0;
        for (size_t m = 0; m < account->n_months; m++)
            account->months[m]->recorded_at_us = 0;
        texts[i] = cix_to_json(account);
    }
    return same_order(texts, report->n_accounts);
}

static char *name_texts(Cix__V1__ReportedIdentity *identity)
{
    char *texts[64];
    size_t count = identity ? identity->n_names : 0;

    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++) {
        identity->names[i]->recorded_at_us = 0;
        texts[i] = cix_to_json(identity->names[i]);
    }
    return same_order(texts, count);
}

static char *rest_text(Cix__V1__Report *report)
{
    Cix__V1__Report rest = *report;

    for (size_t i = 0; i < rest.n_flags; i++)
        rest.flags[i]->recorded_at_us = 0;
    rest.inquiry_id = 0;
    rest.made_at_us = 0;
    rest.n_inquiries = 0;
    rest.n_accounts = 0;
    if (rest.identity)
        rest.identity->n_names = 0;
    if (rest.summary)
        rest.summary->inquiries_1m = rest.summary->inquiries_6m = rest.summary->inquiries_24m =
            rest.summary->inquiring_members_1m = 0;
    return cix_to_json(&rest);
}

static char *report_text(Cix__V1__Report *report)
{
    size_t names = report->identity ? report->identity->n_names : 0;
    char *parts[3] = {account_texts(report), name_texts(report->identity), rest_text(report)};
    char *text;

    if (report->identity)
        report->identity->n_names = names; /* all of it is freed */
    assert_true(asprintf(&text, "%s%s%s", parts[2], parts[1], parts[0]) > 0);
    for (int i = 0; i < 3; i++)
        free(parts[i]);
    return text;
}

static char *flag_text(Cix__V1__CheckFlagResponse *response)
{
    for (size_t i = 0; i < response->answer->n_listings; i++)
        response->answer->listings[i]->recorded_at_us = 0;
    response->answer->inquiry_id = 0;
    return cix_to_json(response);
}

char *same_answer(const struct cix_answer *answer, enum cix_method method)
{
    struct cix_error error;
    char *text;

    if (answer->status != CIX_OK) {
        cix_answer_error(answer, &error);
        assert_true(asprintf(&text, "%d %s %s", error.status, error.reason, error.message) > 0);
    } else if (method == CIX_GET_REPORT) {
        Cix__V1__GetReportResponse *response =
            cix__v1__get_report_response__unpack(NULL, answer->size, answer->data);
        text = report_text(response->report);
        cix__v1__get_report_response__free_unpacked(response, NULL);
    } else {
        Cix__V1__CheckFlagResponse *response =
            cix__v1__check_flag_response__unpack(NULL, answer->size, answer->data);
        text = flag_text(response);
        cix__v1__check_flag_response__free_unpacked(response, NULL);
    }
    return text;
}

/* The line that both have no longer in common, cut. */
char *same_difference(const char *a, const char *b)
{
    size_t start = 0;
    char *text;

    if (!strcmp(a, b))
        return NULL;
    for (size_t i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '\n')
            start = i + 1;
    assert_true(asprintf(&text, "'%.*s' is '%.*s'", (int)strcspn(a + start, "\n"), a + start,
                         (int)strcspn(b + start, "\n"), b + start) > 0);
    return text;
}
