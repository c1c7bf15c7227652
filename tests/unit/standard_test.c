/*
 * Goal: a standard is read whole or refused with the line and a reason; what was read is written
 * back as the same text.
 * Method: one good text with one of everything, and one wrong line at a time.
 */
#include "domain/standard.h"
#include "support/standard.h"

#include <string.h>

#include "domain/rating.h"
#include "support/cmocka.h"

static struct standard standard;

/* Reads a text and tells the reason of its refusal, "" when it was taken. */
static const char *refusal(struct arena *arena, const char *text, char message[256])
{
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (standard_read(&ctx, text, strlen(text), false, &standard))
        return "";
    memcpy(message, ctx.error.message, sizeof(ctx.error.message));
    return ctx.error.reason;
}

static void what_is_read_is_written_again(void **state)
{
    struct arena arena = {0};
    struct builder builder = {&arena, NULL, 0, 0};

    (void)state;
    small_standard_read(&arena, &standard);
    assert_string_equal(standard.id, "small");
    assert_int_equal(standard.version, 3);
    assert_int_equal(standard.months, 6);
    assert_int_equal(standard.card_count, 2);
    standard_write(&standard, &builder);
    assert_string_equal(builder.data, small_standard);
    arena_done(&arena);
}

static void every_source_is_written_again(void **state)
{
    static const char *const texts[] = {trade_standard, firm_standard};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct arena arena = {0};
        struct builder builder = {&arena, NULL, 0, 0};

        standard_text_read(&arena, texts[i], &standard);
        standard_write(&standard, &builder);
        assert_string_equal(builder.data, texts[i]);
        arena_done(&arena);
    }
}

static void comments_spaces_and_the_last_line_end_mean_nothing(void **state)
{
    struct arena arena = {0};
    struct builder builder = {&arena, NULL, 0, 0};
    char message[256];
    char *text = small_standard_with(&arena, "rating-days",
                                     "# a remark\n  # indented\n  rating-days   31  ");

    (void)state;
    text[strlen(text) - 1] = '\0';
    assert_string_equal(refusal(&arena, text, message), "");
    standard_write(&standard, &builder);
    assert_string_equal(builder.data, small_standard);
    arena_done(&arena);
}

/* What an editor leaves behind is named. */
static void control_characters_are_named(void **state)
{
    struct arena arena = {0};
    char message[256];

    (void)state;
    assert_string_equal(
        refusal(&arena, small_standard_with(&arena, "rating-days", "rating-days\t31"), message),
        "STANDARD_TEXT");
    assert_non_null(strstr(message, "a tab"));
    assert_string_equal(
        refusal(&arena, small_standard_with(&arena, "rating-days", "rating-days 31\r"), message),
        "STANDARD_TEXT");
    assert_non_null(strstr(message, "a carriage return"));
    arena_done(&arena);
}

struct wrong {
    const char *beginning, *line, *reason;
};

static const struct wrong wrongs[] = {
    {"standard small", NULL, "STANDARD_INCOMPLETE"},
    {"standard small", "standard Small 3", "STANDARD_SYNTAX"},
    {"standard small", "standard small 0", "STANDARD_RANGE"},
    {"standard small", "standard small 3 4", "STANDARD_SYNTAX"},
    {"title", "title \"Small\"", "STANDARD_SYNTAX"},
    {"title", "title Small 小", "STANDARD_SYNTAX"},
    {"title", "title \"a\"\"b\" \"c\"", "STANDARD_SYNTAX"},
    {"title", "title \"a \"b", "STANDARD_SYNTAX"},
    {"title", "title \"\x01\" \"b\"", "STANDARD_TEXT"},
    {"title", "tittle \"a\" \"b\"", "STANDARD_WORD"},
    {"horizon", "horizon-months 61", "STANDARD_RANGE"},
    {"horizon", "horizon-months 1\nhorizon-months 1", "STANDARD_DUPLICATE"},
    {"horizon", "horizon-months one", "STANDARD_SYNTAX"},
    {"horizon", "horizon-months 99999999999999999999", "STANDARD_SYNTAX"},
    {"subjects", "subjects STRANGER", "STANDARD_WORD"},
    {"valid", "valid 2024-13-01 2025-01-01", "STANDARD_SYNTAX"},
    {"valid", "valid 2025-01-01 2024-01-01", "STANDARD_RANGE"},
    {"scale", "scale 300 850 600 20 40", "STANDARD_RANGE"},
    {"currency TWD", "currency XXX 1 1", "STANDARD_WORD"},
    {"currency TWD", "currency CNY 1 1", "STANDARD_DUPLICATE"},
    {"currency TWD", "currency TWD 1 0", "STANDARD_RANGE"},
    {"grade BB", "grade BB 628 400", "STANDARD_RANGE"},
    {"grade BB", "grade BB 763 300", "STANDARD_RANGE"},
    {"grade C 300", NULL, "STANDARD_INCOMPLETE"},
    {"grade D", "grade NR - 10000", "STANDARD_WORD"},
    {"grade A 762", "grade NR 762 30", "STANDARD_WORD"},
    {"grade D", "grade LONGNAME - 10000", "STANDARD_SYNTAX"},
    {"reason R05", "reason R0000005 \"a\" \"b\"", "STANDARD_SYNTAX"},
    {"reason R05", "reason R;5 \"a\" \"b\"", "STANDARD_SYNTAX"},
    {"reason R05", "reason R01 \"a\" \"b\"", "STANDARD_DUPLICATE"},
    {"reason R05", NULL, "STANDARD_WORD"},
    {"exclude no-file", "exclude victim E01", "STANDARD_WORD"},
    {"exclude no-file", "exclude stale E01", "STANDARD_SYNTAX"},
    {"exclude no-file", "exclude no-file 3 E01", "STANDARD_SYNTAX"},
    {"exclude no-file", "exclude thin 3 E01", "STANDARD_DUPLICATE"},
    {"override flag", "override flag-listed AAAA R15", "STANDARD_WORD"},
    {"override flag", "override deceased C R15", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max age 0 0", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 sex", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max late 0 24", "STANDARD_RANGE"},
    {"attribute late0", "attribute late0 R01 max late 2 1", "STANDARD_RANGE"},
    {"attribute late0", "attribute late0 R01 count late 0 1", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max full 0 1", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max no-late 0 1", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max late 0 1 per limit", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 max paid 0 1 per previous", "STANDARD_WORD"},
    {"attribute late0", "attribute late0 R01 inquiries", "STANDARD_SYNTAX"},
    {"attribute late0", "attribute late0 R01 limit 3", "STANDARD_SYNTAX"},
    {"attribute used", "attribute late0 R01 limit", "STANDARD_DUPLICATE"},
    {"expect late0", "expect late0 free", "STANDARD_WORD"},
    {"expect late0", "expect late9 rising", "STANDARD_WORD"},
    {"expect late0", "expect calm rising", "STANDARD_DUPLICATE"},
    {"expect late0", "expect late0 rising", "STANDARD_MONOTONE"},
    {"card late", "card late", "STANDARD_INCOMPLETE"},
    {"card late", "card late when late0 7 1", "STANDARD_RANGE"},
    {"card late", "card late when late9 1 7", "STANDARD_WORD"},
    {"card clean", "card clean when late0 0 0", "STANDARD_INCOMPLETE"},
    {"card late", "card bare when late0 7 7\ncard late when late0 1 7",
     "STANDARD_INCOMPLETE"}, /* a draft's */
    {"card clean", "card late", "STANDARD_DUPLICATE"},
    {"    characteristic late0", "    characteristic late0 auto", "STANDARD_WORD"},
    {"    characteristic late0", "    characteristic late0 rising", "STANDARD_MONOTONE"},
    {"    characteristic late0", NULL, "STANDARD_SYNTAX"},
    {"    characteristic asked", "    characteristic asked free", "STANDARD_SYNTAX"},
    {"    characteristic asked", "    characteristic asked rising by paid", "STANDARD_WORD"},
    {"        below 2 20", "        below 2 20 21", "STANDARD_SYNTAX"},
    {"        below 2 20", "        below 2 2001", "STANDARD_RANGE"},
    {"        below 5000", "        below 1000 10", "STANDARD_RANGE"},
    {"        missing -5", NULL, "STANDARD_INCOMPLETE"},
    {"        columns", "        columns 1000 1000", "STANDARD_RANGE"},
    {"        columns", NULL, "STANDARD_SYNTAX"},
};

/* Of the two that read transactions and statements. */
static const struct wrong trade_wrongs[] = {
    {"accounts", NULL, "STANDARD_INCOMPLETE"}, /* what is has-accounts of? */
    {"behaviours", NULL, "STANDARD_INCOMPLETE"},
    {"behaviours", "behaviours PAYER", "STANDARD_INCOMPLETE"},
    {"behaviours", "behaviours BUYER", "STANDARD_WORD"},
    {"behaviours", "behaviours PAYER MERCHANT PAYER", "STANDARD_SYNTAX"},
    {"products", "products 81 81", "STANDARD_DUPLICATE"},
    {"products", "products 80", "STANDARD_WORD"},
    {"exclude has", "exclude has-accounts E20", "STANDARD_SYNTAX"},
    {"exclude has", "exclude has-accounts 25 E20", "STANDARD_RANGE"},
    {"exclude thin", "exclude thin-behaviour 25 E20", "STANDARD_RANGE"},
    {"exclude no-behaviour", "override no-behaviour C E21", "STANDARD_WORD"},
    {"exclude no-behaviour", "exclude no-statement E21", "STANDARD_INCOMPLETE"},
    {"attribute steady", "attribute steady R19 run night-share 0 11", "STANDARD_WORD"},
    {"attribute steady", "attribute steady R19 run merchant-amount 0 11", "STANDARD_WORD"},
    {"attribute steady", "attribute steady R19 max merchant-active 0 11", "STANDARD_WORD"},
    {"attribute steady", "attribute steady R19 figure equity", "STANDARD_INCOMPLETE"},
    {"attribute refunds", "attribute refunds R20 max merchant-refunded 0 5 per amount",
     "STANDARD_WORD"},
    {"attribute refunds", "attribute refunds R20 sum merchant-count 0 5 per amount",
     "STANDARD_WORD"},
    {"attribute refunds", "attribute refunds R20 sum merchant-amount 0 5 per limit",
     "STANDARD_WORD"},
    {"attribute refunds", "attribute refunds R20 sum balance 0 5 per before", "STANDARD_WORD"},
    {"attribute trend", "attribute trend R22 sum merchant-amount 0 12 per before",
     "STANDARD_RANGE"},
};

static const struct wrong firm_wrongs[] = {
    {"statements", NULL, "STANDARD_INCOMPLETE"},
    {"statements", "statements INCOME_STATEMENT", "STANDARD_WORD"},
    {"statements", "statements ANNUAL_ACCOUNTS\nproducts 81", "STANDARD_INCOMPLETE"},
    {"exclude stale", "exclude stale 3 E31", "STANDARD_INCOMPLETE"},
    {"exclude stale", "exclude stale-statement E31", "STANDARD_SYNTAX"},
    {"attribute debt", "attribute debt R30 figure annual-income", "STANDARD_WORD"},
    {"attribute debt", "attribute debt R30 figure deposits per total-assets", "STANDARD_WORD"},
    {"attribute debt", "attribute debt R30 figure total-assets per limit", "STANDARD_WORD"},
    {"attribute debt", "attribute debt R30 figure total-assets of equity", "STANDARD_SYNTAX"},
    {"attribute debt", "attribute debt R30 growth revenue per equity", "STANDARD_SYNTAX"},
    {"attribute debt", "attribute debt R30 figure", "STANDARD_SYNTAX"},
    {"attribute debt", "attribute debt R30 months", "STANDARD_INCOMPLETE"},
    {"attribute debt", "attribute debt R30 max late 0 0", "STANDARD_INCOMPLETE"},
};

static void check_wrongs(const char *text, const struct wrong *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        char message[256] = "";
        char *wrong = standard_text_with(&arena, text, list[i].beginning, list[i].line);

        if (strcmp(refusal(&arena, wrong, message), list[i].reason) != 0)
            fail_msg("%s: %s instead of %s: %s", list[i].line, refusal(&arena, wrong, message),
                     list[i].reason, message);
        arena_done(&arena);
    }
}

static void wrong_lines_of_other_sources_are_told(void **state)
{
    (void)state;
    check_wrongs(trade_standard, trade_wrongs, ARRAY_LENGTH(trade_wrongs));
    check_wrongs(firm_standard, firm_wrongs, ARRAY_LENGTH(firm_wrongs));
}

/* What is left has other sources; and business types have one order. */
static void sources_may_be_left_out(void **state)
{
    struct arena arena = {0};
    struct builder builder = {&arena, NULL, 0, 0};
    char message[256] = "";
    char *text = standard_text_with(&arena, trade_standard, "products", "products 91 11 81");

    (void)state;
    assert_string_equal(refusal(&arena, text, message), "");
    standard_write(&standard, &builder);
    assert_non_null(strstr(builder.data, "\nproducts 11 81 91\n"));
    text = standard_text_with(&arena, trade_standard, "accounts", NULL);
    text = standard_text_with(&arena, text, "products", NULL);
    text = standard_text_with(&arena, text, "exclude has-accounts", NULL);
    assert_string_equal(refusal(&arena, text, message), "");
    arena_done(&arena);
}

static void every_wrong_line_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrongs); i++) {
        struct arena arena = {0};
        char message[256] = "";
        char *text = small_standard_with(&arena, wrongs[i].beginning, wrongs[i].line);

        if (strcmp(refusal(&arena, text, message), wrongs[i].reason) != 0)
            fail_msg("%s: %s instead of %s: %s", wrongs[i].line, refusal(&arena, text, message),
                     wrongs[i].reason, message);
        if (strcmp(wrongs[i].reason, "STANDARD_INCOMPLETE") != 0)
            assert_memory_equal(message, "line ", 5);
        arena_done(&arena);
    }
}

static void a_draft_may_lack_points(void **state)
{
    struct arena arena = {0};
    struct ctx ctx;
    char *text = small_standard_with(&arena, "card late",
                                     "card late when late0 1 7\n"
                                     "characteristic used auto");

    (void)state;
    ctx_init(&ctx, &arena);
    assert_true(standard_read(&ctx, text, strlen(text), true, &standard));
    assert_int_equal(standard.cards[0].characteristics[0].direction, STANDARD_AUTO);
    assert_int_equal(standard.cards[0].characteristics[0].row_count, 0);
    assert_false(standard_read(&ctx, text, strlen(text), false, &standard));
    arena_done(&arena);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    struct arena arena = {0};
    struct ctx ctx;
    char *large = arena_alloc(&arena, STANDARD_TEXT_MAX + 1);

    (void)state;
    memset(large, '\n', STANDARD_TEXT_MAX + 1);
    ctx_init(&ctx, &arena);
    assert_false(standard_read(&ctx, large, STANDARD_TEXT_MAX + 1, false, &standard));
    assert_string_equal(ctx.error.reason, "STANDARD_TEXT");
    ctx_clear(&ctx);
    assert_false(standard_read(&ctx, large, STANDARD_TEXT_MAX, false, &standard));
    assert_string_equal(ctx.error.reason, "STANDARD_INCOMPLETE");
    ctx_clear(&ctx);
    assert_false(standard_read(&ctx, "\xff", 1, false, &standard));
    assert_string_equal(ctx.error.reason, "STANDARD_TEXT");
    ctx_clear(&ctx);
    assert_false(standard_read(&ctx, "a\0b", 3, false, &standard));
    assert_string_equal(ctx.error.reason, "STANDARD_TEXT");
    arena_done(&arena);
}

/* Every list of the standard is full at its limit and refused beyond. */
static void every_list_has_a_limit(void **state)
{
    struct arena arena = {0};
    struct builder text = {&arena, NULL, 0, 0};
    char message[256];

    (void)state;
    for (int i = 0; i < STANDARD_NOTES_MAX; i++)
        builder_format(&text, "note \"%d\"\n", i);
    builder_text(&text, small_standard);
    assert_string_equal(refusal(&arena, text.data, message), "STANDARD_RANGE");
    text = (struct builder){&arena, NULL, 0, 0};
    for (int i = 0; i <= STANDARD_REASONS_MAX; i++)
        builder_format(&text, "reason X%d \"a\" \"b\"\n", i);
    assert_string_equal(refusal(&arena, text.data, message), "STANDARD_RANGE");
    text = (struct builder){&arena, NULL, 0, 0};
    builder_text(&text, "reason R \"a\" \"b\"\n");
    for (int i = 0; i <= STANDARD_ATTRIBUTES_MAX; i++)
        builder_format(&text, "attribute a%d R limit\n", i);
    assert_string_equal(refusal(&arena, text.data, message), "STANDARD_RANGE");
    assert_memory_equal(message, "line 130:", 9);
    arena_done(&arena);
}

/* Characteristics of one reason, of which each but the last can cost 4,000 points. */
static const char *with_lost(struct arena *arena, int count, int last)
{
    struct builder text = {arena, NULL, 0, 0};

    builder_text(&text, small_standard);
    for (int i = 0; i < count; i++)
        builder_format(&text, "characteristic used free\nbelow 1 %d\nrest 2000\nmissing 0\n",
                       i < count - 1 ? -2000 : 2000 - last);
    return text.data;
}

/* The card has 55 points of this reason and 45 of others already. */
static void a_reason_costs_no_more_than_is_kept(void **state)
{
    struct arena arena = {0};
    char message[256] = "";

    (void)state;
    assert_string_equal(refusal(&arena, with_lost(&arena, 25, 3944), message), "");
    assert_string_equal(refusal(&arena, with_lost(&arena, 25, 3945), message), "STANDARD_RANGE");
    assert_non_null(strstr(message, "99999"));
    assert_memory_equal(message, "line ", 5);
    arena_done(&arena);
}

/* Six more cards, full, in lines as short as can be: the canonical ones are longer. */
static const char *with_many_points(struct arena *arena)
{
    struct builder cards = {arena, NULL, 0, 0};

    for (int card = 0; card < 6; card++) {
        builder_format(&cards, "card c%d when late0 %d %d\n", card, card, card);
        for (int i = 0; i < STANDARD_CHARACTERISTICS_MAX; i++) {
            builder_text(&cards, "characteristic used free\n");
            for (int row = 0; row < STANDARD_ROWS_MAX - 1; row++)
                builder_format(&cards, "below %d 0\n", 10000000 + row);
            builder_text(&cards, "rest 10\nmissing 10\n");
        }
    }
    builder_text(&cards, "card late when late0 1 7");
    return small_standard_with(arena, "card late", cards.data);
}

/* The text with notes before it of so many bytes. */
static const char *with_notes(struct arena *arena, const char *text, size_t bytes)
{
    enum { AROUND = sizeof("note \"\"\n") - 1, MOST = AROUND + STANDARD_SENTENCE_MAX };
    struct builder notes = {arena, NULL, 0, 0};

    while (bytes > 0) {
        size_t now = bytes > 2 * MOST ? MOST : bytes > MOST ? bytes / 2 : bytes;
        builder_format(&notes, "note \"%0*d\"\n", (int)now - AROUND, 0);
        bytes -= now;
    }
    builder_text(&notes, text);
    return notes.data;
}

static void what_is_kept_is_no_longer_than_a_text(void **state)
{
    struct arena arena = {0};
    struct builder canonical = {&arena, NULL, 0, 0};
    const char *text = with_many_points(&arena);
    char message[256] = "";

    (void)state;
    assert_string_equal(refusal(&arena, text, message), "");
    standard_write(&standard, &canonical);
    size_t left = STANDARD_TEXT_MAX - canonical.size;
    assert_string_equal(refusal(&arena, with_notes(&arena, text, left), message), "");
    canonical = (struct builder){&arena, NULL, 0, 0};
    standard_write(&standard, &canonical);
    assert_int_equal(canonical.size, STANDARD_TEXT_MAX);
    text = with_notes(&arena, text, left + 1);
    assert_true(strlen(text) < STANDARD_TEXT_MAX);
    assert_string_equal(refusal(&arena, text, message), "STANDARD_TEXT");
    assert_memory_equal(message, "line ", 5);
    arena_done(&arena);
}

static void the_scale_gives_the_published_bounds(void **state)
{
    (void)state;
    assert_int_equal(rating_pd_ppm(600), 47619); /* 1 in 21 */
    assert_int_equal(rating_pd_ppm(640), 24390); /* 1 in 41 */
    assert_int_equal(rating_pd_ppm(560), 90909); /* 1 in 11 */
    assert_int_equal(rating_pd_ppm(300), 900507);
    assert_int_equal(rating_pd_ppm(900), 276);
    for (int score = 301; score <= 900; score++)
        assert_true(rating_pd_ppm(score) < rating_pd_ppm(score - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(comments_spaces_and_the_last_line_end_mean_nothing),
        cmocka_unit_test(control_characters_are_named),
        cmocka_unit_test(every_wrong_line_is_told),
        cmocka_unit_test(every_source_is_written_again),
        cmocka_unit_test(wrong_lines_of_other_sources_are_told),
        cmocka_unit_test(sources_may_be_left_out),
        cmocka_unit_test(a_draft_may_lack_points),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(every_list_has_a_limit),
        cmocka_unit_test(a_reason_costs_no_more_than_is_kept),
        cmocka_unit_test(what_is_kept_is_no_longer_than_a_text),
        cmocka_unit_test(the_scale_gives_the_published_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
