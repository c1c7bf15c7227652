#include "support/standard.h"

#include <string.h>

#include "support/cmocka.h"

const char small_standard[] = "standard small 3\n"
                              "title \"Small\" \"小\"\n"
                              "outcome \"late in the next month\" \"下月逾期\"\n"
                              "horizon-months 1\n"
                              "fitted \"by hand\"\n"
                              "note \"for tests\"\n"
                              "subjects PERSON INDIVIDUAL_BUSINESS\n"
                              "accounts R2 R3\n"
                              "valid 2024-01-01 2025-12-31\n"
                              "rating-days 31\n"
                              "scale 300 900 600 20 40\n"
                              "currency TWD 1 100\n"
                              "currency CNY 4 100\n"
                              "\n"
                              "grade A 762 30\n"
                              "grade BB 628 300\n"
                              "grade B 554 1000\n"
                              "grade CCC 491 2500\n"
                              "grade C 300 10000\n"
                              "grade D - 10000\n"
                              "\n"
                              "reason R01 \"late\" \"逾期\"\n"
                              "reason R05 \"limit in use\" \"额度使用\"\n"
                              "reason R11 \"inquiries\" \"查询\"\n"
                              "reason R15 \"listed\" \"失信\"\n"
                              "reason R18 \"fraud\" \"欺诈\"\n"
                              "reason E01 \"no file\" \"无记录\"\n"
                              "reason E02 \"too thin\" \"记录不足\"\n"
                              "reason E08 \"stale\" \"陈旧\"\n"
                              "\n"
                              "exclude no-file E01\n"
                              "exclude thin 2 E02\n"
                              "exclude stale 24 E08\n"
                              "override flag-listed CCC R15\n"
                              "override fraud-perpetrator D R18\n"
                              "\n"
                              "attribute late0 R01 max late 0 0\n"
                              "attribute used R05 max balance 0 2 per limit\n"
                              "attribute paid R01 sum paid 0 1 per previous\n"
                              "attribute calm R01 run no-late1 0 5\n"
                              "attribute asked R11 inquiries 30\n"
                              "expect late0 falling\n"
                              "expect calm rising\n"
                              "\n"
                              "card late when late0 1 7\n"
                              "    fit 8 60 10 12\n"
                              "    base 480\n"
                              "    characteristic late0 falling\n"
                              "        below 2 20\n"
                              "        rest -40\n"
                              "        missing 0\n"
                              "\n"
                              "card clean\n"
                              "    base 600\n"
                              "    characteristic used falling\n"
                              "        below 1000 30\n"
                              "        below 5000 10\n"
                              "        rest -25\n"
                              "        missing -5\n"
                              "    characteristic calm rising\n"
                              "        below 3 -10\n"
                              "        rest 15\n"
                              "        missing 0\n"
                              "    characteristic asked free by paid\n"
                              "        columns 1000 10000\n"
                              "        below 1 0 5 10 0\n"
                              "        rest -20 -10 -5 -12\n"
                              "        missing 0 0 0 0\n";

void small_standard_read(struct arena *arena, struct standard *standard)
{
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (!standard_read(&ctx, small_standard, strlen(small_standard), false, standard))
        fail_msg("%s", ctx.error.message);
}

char *small_standard_with(struct arena *arena, const char *beginning, const char *line)
{
    const char *at = strstr(small_standard, beginning);

    assert_non_null(at);
    assert_true(at == small_standard || at[-1] == '\n');
    return arena_format(arena, "%.*s%s%s%s", (int)(at - small_standard), small_standard,
                        line ? line : "", line ? "\n" : "", strchr(at, '\n') + 1);
}
