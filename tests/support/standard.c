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

const char trade_standard[] = "standard trade 1\n"
                              "title \"Thin files\" \"薄档\"\n"
                              "outcome \"default within twelve months\" \"十二个月内违约\"\n"
                              "horizon-months 12\n"
                              "fitted \"by hand\"\n"
                              "subjects PERSON ENTERPRISE INDIVIDUAL_BUSINESS\n"
                              "accounts D1 R2\n"
                              "products 81 91\n"
                              "behaviours MERCHANT PAYER\n"
                              "valid 2024-01-01 2025-12-31\n"
                              "rating-days 31\n"
                              "scale 300 900 600 20 40\n"
                              "currency CNY 1 100\n"
                              "\n"
                              "grade A 762 30\n"
                              "grade BB 628 300\n"
                              "grade B 554 1000\n"
                              "grade CCC 491 2500\n"
                              "grade C 300 10000\n"
                              "\n"
                              "reason R19 \"continuity\" \"连续性\"\n"
                              "reason R20 \"refunds\" \"退款\"\n"
                              "reason R21 \"concentration\" \"集中度\"\n"
                              "reason R22 \"trend\" \"趋势\"\n"
                              "reason E20 \"has accounts\" \"有信贷账户\"\n"
                              "reason E21 \"no transactions\" \"无交易数据\"\n"
                              "reason E22 \"few months\" \"月份不足\"\n"
                              "reason E23 \"old\" \"陈旧\"\n"
                              "\n"
                              "exclude has-accounts 3 E20\n"
                              "exclude no-behaviour E21\n"
                              "exclude thin-behaviour 2 E22\n"
                              "exclude stale-behaviour 3 E23\n"
                              "\n"
                              "attribute steady R19 run merchant-active 0 11\n"
                              "attribute refunds R20 sum merchant-refunded 0 5 per amount\n"
                              "attribute largest R21 max merchant-top1 0 2\n"
                              "attribute trend R22 sum merchant-amount 0 2 per before\n"
                              "expect steady rising\n"
                              "expect refunds falling\n"
                              "expect largest falling\n"
                              "expect trend rising\n"
                              "\n"
                              "card all\n"
                              "    base 560\n"
                              "    characteristic steady rising\n"
                              "        below 3 0\n"
                              "        below 6 20\n"
                              "        rest 40\n"
                              "        missing 0\n"
                              "    characteristic refunds falling\n"
                              "        below 200 20\n"
                              "        below 1000 5\n"
                              "        rest -30\n"
                              "        missing 0\n"
                              "    characteristic largest falling\n"
                              "        below 3000 15\n"
                              "        rest -10\n"
                              "        missing 0\n"
                              "    characteristic trend rising\n"
                              "        below 8000 -15\n"
                              "        below 11000 5\n"
                              "        rest 10\n"
                              "        missing 0\n";

const char firm_standard[] = "standard firm 1\n"
                             "title \"Firms\" \"企业\"\n"
                             "outcome \"bankrupt within twelve months\" \"十二个月内破产\"\n"
                             "horizon-months 12\n"
                             "fitted \"by hand\"\n"
                             "subjects ENTERPRISE\n"
                             "statements ANNUAL_ACCOUNTS INTERIM_ACCOUNTS\n"
                             "valid 2024-01-01 2025-12-31\n"
                             "rating-days 90\n"
                             "scale 300 900 600 20 40\n"
                             "currency CNY 1 100\n"
                             "\n"
                             "grade A 762 30\n"
                             "grade BB 628 300\n"
                             "grade B 554 1000\n"
                             "grade CCC 491 2500\n"
                             "grade C 300 10000\n"
                             "\n"
                             "reason R30 \"debt\" \"负债\"\n"
                             "reason R31 \"profit\" \"盈利\"\n"
                             "reason R32 \"sales\" \"销售\"\n"
                             "reason E30 \"no statement\" \"无报表\"\n"
                             "reason E31 \"old statement\" \"报表陈旧\"\n"
                             "\n"
                             "exclude no-statement E30\n"
                             "exclude stale-statement 18 E31\n"
                             "\n"
                             "attribute debt R30 figure total-liabilities per total-assets\n"
                             "attribute working R30 figure working-capital per total-assets\n"
                             "attribute profit R31 figure net-profit per total-assets\n"
                             "attribute profit-before R31 earlier net-profit per total-assets\n"
                             "attribute sales R32 growth revenue\n"
                             "attribute size R32 figure total-assets\n"
                             "expect debt falling\n"
                             "expect profit rising\n"
                             "\n"
                             "card all\n"
                             "    base 580\n"
                             "    characteristic debt falling\n"
                             "        below 4000 30\n"
                             "        below 8000 0\n"
                             "        rest -40\n"
                             "        missing -10\n"
                             "    characteristic working rising\n"
                             "        below 0 -20\n"
                             "        rest 10\n"
                             "        missing 0\n"
                             "    characteristic profit rising\n"
                             "        below 0 -25\n"
                             "        below 500 5\n"
                             "        rest 20\n"
                             "        missing -5\n"
                             "    characteristic sales free\n"
                             "        below -2000 -15\n"
                             "        below 5000 10\n"
                             "        rest 0\n"
                             "        missing 0\n";

void standard_text_read(struct arena *arena, const char *text, struct standard *standard)
{
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (!standard_read(&ctx, text, strlen(text), false, standard))
        fail_msg("%s", ctx.error.message);
}

void small_standard_read(struct arena *arena, struct standard *standard)
{
    standard_text_read(arena, small_standard, standard);
}

char *standard_text_with(struct arena *arena, const char *text, const char *beginning,
                         const char *line)
{
    const char *at = strstr(text, beginning);

    assert_non_null(at);
    assert_true(at == text || at[-1] == '\n');
    return arena_format(arena, "%.*s%s%s%s", (int)(at - text), text, line ? line : "",
                        line ? "\n" : "", strchr(at, '\n') + 1);
}

char *small_standard_with(struct arena *arena, const char *beginning, const char *line)
{
    return standard_text_with(arena, small_standard, beginning, line);
}

void standard_value_is(const char *words, struct rating_value value, int64_t expected)
{
    if (!value.is_present || value.number != expected)
        fail_msg("%s is %lld, not %lld", words, value.is_present ? (long long)value.number : -999,
                 (long long)expected);
}

void standard_value_is_missing(const char *words, struct rating_value value)
{
    if (value.is_present)
        fail_msg("%s is not missing", words);
}
