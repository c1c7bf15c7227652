/* Writing a standard as its canonical text. */
#include <inttypes.h>

#include "domain/code.h"
#include "domain/standard.h"

static void put_bits(struct builder *builder, const char *word, const struct code_table *table,
                     uint32_t bits)
{
    builder_text(builder, word);
    for (size_t i = 0; i < table->count; i++) {
        if (bits & 1U << table->codes[i].number)
            builder_format(builder, " %s", table->codes[i].name);
    }
    builder_text(builder, "\n");
}

static void put_sources(const struct standard *standard, struct builder *builder)
{
    if (standard->accounts)
        put_bits(builder, "accounts", &code_account_types, standard->accounts);
    if (standard->product_count)
        builder_text(builder, "products");
    for (int i = 0; i < standard->product_count; i++)
        builder_format(builder, " %s%s", standard->products[i],
                       i + 1 < standard->product_count ? "" : "\n");
    if (standard->behaviours)
        put_bits(builder, "behaviours", &code_behaviour_roles, standard->behaviours);
    if (standard->statements)
        put_bits(builder, "statements", &code_statement_types, standard->statements);
}

static void put_head(const struct standard *standard, struct builder *builder)
{
    char from[11], to[11];

    day_format(standard->valid_from, from);
    day_format(standard->valid_to, to);
    builder_format(builder, "standard %s %d\n", standard->id, standard->version);
    builder_format(builder, "title \"%s\" \"%s\"\n", standard->title[0], standard->title[1]);
    builder_format(builder, "outcome \"%s\" \"%s\"\n", standard->outcome[0], standard->outcome[1]);
    builder_format(builder, "horizon-months %d\n", standard->horizon_months);
    builder_format(builder, "fitted \"%s\"\n", standard->fitted);
    for (int i = 0; i < standard->note_count; i++)
        builder_format(builder, "note \"%s\"\n", standard->notes[i]);
    put_bits(builder, "subjects", &code_subject_kinds, standard->subjects);
    put_sources(standard, builder);
    builder_format(builder, "valid %s %s\n", from, to);
    builder_format(builder, "rating-days %d\n", standard->rating_days);
    builder_format(builder, "scale %d %d %d %d %d\n", STANDARD_SCORE_MIN, STANDARD_SCORE_MAX,
                   STANDARD_SCORE_BASE, STANDARD_ODDS_BASE, STANDARD_DOUBLE_POINTS);
    if (standard->shift)
        builder_format(builder, "shift %d\n", standard->shift);
    for (int i = 0; i < standard->currency_count; i++)
        builder_format(builder, "currency %s %" PRId64 " %" PRId64 "\n",
                       standard->currencies[i].code, standard->currencies[i].numerator,
                       standard->currencies[i].denominator);
}

static void put_grades(const struct standard *standard, struct builder *builder)
{
    builder_text(builder, "\n");
    for (int i = 0; i < standard->grade_count; i++) {
        const struct standard_grade *grade = &standard->grades[i];

        builder_format(builder, "grade %s ", grade->name);
        if (grade->lower < 0)
            builder_format(builder, "- %d\n", grade->pd_bps);
        else
            builder_format(builder, "%d %d\n", grade->lower, grade->pd_bps);
    }
    builder_text(builder, "\n");
    for (int i = 0; i < standard->reason_count; i++)
        builder_format(builder, "reason %s \"%s\" \"%s\"\n", standard->reasons[i].code,
                       standard->reasons[i].english, standard->reasons[i].chinese);
}

static void put_clauses(const struct standard *standard, struct builder *builder)
{
    builder_text(builder, "\n");
    for (int i = 0; i < standard->clause_count; i++) {
        const struct standard_clause *clause = &standard->clauses[i];

        builder_format(builder, "%s %s", clause->grade < 0 ? "exclude" : "override",
                       standard_fact_word(clause->fact));
        if (clause->number)
            builder_format(builder, " %d", clause->number);
        if (clause->grade >= 0)
            builder_format(builder, " %s", standard->grades[clause->grade].name);
        builder_format(builder, " %s\n", standard->reasons[clause->reason].code);
    }
}

void standard_write_definition(const struct standard_attribute *attribute, struct builder *builder)
{
    builder_text(builder, standard_measure_word(attribute->measure));
    if (attribute->measure >= STANDARD_MEASURE_FIGURE)
        builder_format(builder, " %s", standard_figure_word(attribute->figure));
    else if (attribute->measure < STANDARD_MEASURE_LIMIT)
        builder_format(builder, " %s%s %d %d", attribute->is_negated ? "no-" : "",
                       standard_series_word(attribute->series), attribute->from, attribute->to);
    else if (attribute->to)
        builder_format(builder, " %d", attribute->to);
    if (attribute->per)
        builder_format(builder, " per %s",
                       attribute->per == STANDARD_PER_FIGURE
                           ? standard_figure_word(attribute->per_figure)
                           : standard_per_word(attribute->per));
}

static void put_row(const struct standard *standard, const struct standard_characteristic *line,
                    int row, struct builder *builder)
{
    if (row < line->row_count - 1)
        builder_format(builder, "        below %" PRId64, line->edges[row]);
    else
        builder_text(builder, row < line->row_count ? "        rest" : "        missing");
    for (int column = 0; column < line->column_count; column++)
        builder_format(builder, " %d", standard_points(standard, line, row, column));
    builder_text(builder, "\n");
}

static void put_characteristic(const struct standard *standard,
                               const struct standard_characteristic *line, struct builder *builder)
{
    builder_format(builder, "    characteristic %s %s", standard->attributes[line->attribute].name,
                   standard_direction_word(line->direction));
    if (line->by >= 0)
        builder_format(builder, " by %s", standard->attributes[line->by].name);
    builder_text(builder, "\n");
    if (line->column_count > 1) {
        builder_text(builder, "        columns");
        for (int i = 0; i < line->column_count - 2; i++)
            builder_format(builder, " %" PRId64, line->column_edges[i]);
        builder_text(builder, "\n");
    }
    for (int row = 0; line->row_count && row <= line->row_count; row++)
        put_row(standard, line, row, builder);
}

static void put_card(const struct standard *standard, const struct standard_card *card,
                     struct builder *builder)
{
    builder_format(builder, "\ncard %s", card->name);
    for (int i = 0; i < card->condition_count; i++)
        builder_format(builder, " when %s %" PRId64 " %" PRId64,
                       standard->attributes[card->conditions[i].attribute].name,
                       card->conditions[i].low, card->conditions[i].high);
    builder_text(builder, "\n");
    if (card->fitting.is_given)
        builder_format(builder, "    fit %d %d %d %d\n", card->fitting.bins, card->fitting.prior,
                       card->fitting.ridge, card->fitting.keep);
    builder_format(builder, "    base %d\n", card->base);
    for (int i = 0; i < card->characteristic_count; i++)
        put_characteristic(standard, &card->characteristics[i], builder);
}

void standard_write(const struct standard *standard, struct builder *builder)
{
    put_head(standard, builder);
    put_grades(standard, builder);
    put_clauses(standard, builder);
    builder_text(builder, "\n");
    for (int i = 0; i < standard->attribute_count; i++) {
        const struct standard_attribute *attribute = &standard->attributes[i];

        builder_format(builder, "attribute %s %s ", attribute->name,
                       standard->reasons[attribute->reason].code);
        standard_write_definition(attribute, builder);
        builder_text(builder, "\n");
    }
    for (int i = 0; i < standard->attribute_count; i++) {
        if (standard->attributes[i].expected != STANDARD_FREE)
            builder_format(builder, "expect %s %s\n", standard->attributes[i].name,
                           standard_direction_word(standard->attributes[i].expected));
    }
    for (int i = 0; i < standard->card_count; i++)
        put_card(standard, &standard->cards[i], builder);
}
