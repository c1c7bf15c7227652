#include <inttypes.h>
#include <stdio.h>

#include "base/day.h"
#include "cli/command.h"
#include "cli/online.h"
#include "cli/table.h"
#include "message.h"

static const char *const suppressed_texts[] = {
    [0] = "withheld",
    [CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS] =
        "withheld: fewer than 10 subjects",
    [CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_MEMBERS] =
        "withheld: fewer than 3 members",
    [CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_DOMINANCE] =
        "withheld: one or two members hold nearly all",
    [CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY] =
        "withheld: it would give another cell away",
};

static const char *const basis_texts[] = {
    [0] = "",
    [CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_CLASS] = "by class 3-5",
    [CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_DAYS_OVERDUE] = "by 90+ days",
    [CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_MIXED] = "by class or 90+ days",
};

static const char *pick(const char *const *texts, size_t count, int number)
{
    return number >= 0 && (size_t)number < count ? texts[number] : texts[0];
}

static const char *ratio(struct arena *arena, int32_t bps)
{
    return arena_format(arena, "%d.%02d %%", bps / 100, bps % 100);
}

static void add_cell(struct arena *arena, struct table *table, const char *currency,
                     const Cix__V1__StatisticCell *cell)
{
    const Cix__V1__StatisticFigures *figures = cell->figures;

    if (cell->content_case != CIX__V1__STATISTIC_CELL__CONTENT_FIGURES) {
        table_add(table,
                  (const char *[]){cell->value, cell->label, "-", "-", "-", "-", "-", "-", "-",
                                   pick(suppressed_texts, ARRAY_LENGTH(suppressed_texts),
                                        (int)cell->suppressed)});
        return;
    }
    table_add(table, (const char *[]){cell->value, cell->label,
                                      arena_format(arena, "%" PRId64, figures->subjects),
                                      arena_format(arena, "%" PRId64, figures->accounts),
                                      arena_format(arena, "%d", figures->members),
                                      online_money(arena, figures->outstanding, currency),
                                      online_money(arena, figures->overdue, currency),
                                      online_money(arena, figures->non_performing, currency),
                                      ratio(arena, figures->non_performing_ratio_bps),
                                      pick(basis_texts, ARRAY_LENGTH(basis_texts),
                                           (int)figures->non_performing_basis)});
}

static void print_statistic(struct arena *arena, const Cix__V1__GetStatisticResponse *statistic)
{
    static const char *const headings[] = {
        "VALUE",        "NAME",     ">SUBJECTS",       ">ACCOUNTS", ">MEMBERS",
        ">OUTSTANDING", ">OVERDUE", ">NON-PERFORMING", ">RATIO",    "REMARK"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    printf(
        "%s  %s  by %s, as of %s\n", online_period(arena, statistic->period), statistic->currency,
        cix_message_enum_name(&cix__v1__statistic_dimension__descriptor, (int)statistic->dimension),
        online_instant(arena, statistic->as_of_us));
    for (size_t i = 0; i < statistic->n_cells; i++)
        add_cell(arena, table, statistic->currency, statistic->cells[i]);
    if (statistic->total) {
        Cix__V1__StatisticCell total = *statistic->total;
        total.value = "all";
        add_cell(arena, table, statistic->currency, &total);
    }
    table_print(table);
    printf("%s\n", statistic->rule);
}

static bool make_request(struct online *online, Cix__V1__GetStatisticRequest *request)
{
    const char *period = cli_value(online->args, "period");
    const char *currency = cli_value(online->args, "currency");
    const char *dimension = cli_value(online->args, "by");
    struct period parsed;
    int number;

    if (!period || !currency)
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--period and --currency are needed");
    if (!period_parse(period, &parsed))
        return fail(&online->ctx, ERR_INVALID, "USAGE", "--period: expected YYYY-MM");
    if (!online_enum(&online->ctx, &cix__v1__statistic_dimension__descriptor, "by",
                     dimension ? dimension : "PRODUCT", &number))
        return false;
    request->period = period_to_wire(parsed);
    request->currency = arena_string(&online->arena, currency);
    request->dimension = (Cix__V1__StatisticDimension)number;
    return true;
}

static enum cli_exit show_statistic(struct online *online)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    bool is_json;

    if (!online_wants_json(online, &is_json) || !make_request(online, &request))
        return online_complain(online);
    if (!cix_get_statistic(online->client, &request, &response, &online->error))
        return online_fail(online);
    if (is_json)
        online_print_json(&response->base);
    else
        print_statistic(&online->arena, response);
    cix_free(response);
    return CLI_OK;
}

static enum cli_exit run(const struct cli_args *args)
{
    return online_run(args, show_statistic);
}

static const struct cli_option options[] = {
    {"period", "YYYY-MM", "month; needed"},
    {"currency", "CODE", "ISO 4217 currency; needed"},
    {"by", "DIMENSION", "product, region, age-band or member-type (default product)"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_statistic_command = {
    "statistic",
    "",
    "Show outstanding, overdue and non-performing amounts of a month (regulators)",
    "Cells that are too small show no figures, and the reason.",
    0,
    0,
    true,
    options,
    NULL,
    run,
};
