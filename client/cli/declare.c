#include "cli/declare.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/text.h"

enum { SCHEMA_VERSION = 1 };

void declared_add(struct declared *declared, const Cix__V1__Record *record)
{
    int kind = (int)record->record_case;

    declared->is_mixed = declared->is_mixed || (declared->kind && declared->kind != kind);
    declared->kind = kind;
    control_add(&declared->control, record);
}

void declared_finish(struct declared *declared, const char *digest)
{
    const struct control *control = &declared->control;
    Cix__V1__Declaration *message = &declared->message;

    cix__v1__declaration__init(message);
    message->records = control->records;
    message->schema_version = SCHEMA_VERSION;
    message->kind = declared->is_mixed ? 0 : declared->kind;
    if (digest) {
        bool is_hex = text_from_hex(digest, declared->hash, DECLARED_HASH_SIZE);
        CHECK(is_hex);
        message->file_hash.data = declared->hash;
        message->file_hash.len = DECLARED_HASH_SIZE;
    }
    for (int i = 0; i < control->count; i++) {
        cix__v1__control_total__init(&declared->totals[i]);
        declared->totals[i].currency = (char *)control->items[i].currency;
        declared->totals[i].amount = control->items[i].amount;
        declared->list[i] = &declared->totals[i];
    }
    message->control_totals = declared->list;
    message->n_control_totals = (size_t)control->count;
}

void declared_print(const struct declared *declared)
{
    char amount[40];

    printf("declared    %lld record%s\n", (long long)declared->control.records,
           declared->control.records == 1 ? "" : "s");
    for (int i = 0; i < declared->control.count; i++) {
        const struct control_item *item = &declared->control.items[i];
        bool has_currency = strcmp(item->currency, CONTROL_NO_CURRENCY) != 0;
        money_format(item->amount, item->currency, amount);
        printf("  total     %s %s\n", amount, has_currency ? item->currency : "(minor units)");
    }
}
