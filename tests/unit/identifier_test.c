/*
 * Goal: every identifier standard accepts its published examples and refuses what differs by
 * little. Method: the vectors of the standards, and properties over made numbers: each wrong check
 * character and each swap of neighbours is found.
 */
#include "domain/identifier.h"
#include "domain/check_digit.h"
#include "support/cmocka.h"

#include <string.h>

static struct arena arena;
static struct day today;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    today = day_of_civil(2026, 11, 22);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

struct vector {
    enum identifier_type type;
    const char *text;
    enum identifier_fault fault;
    unsigned doubts;
};

#define RESIDENT IDENTIFIER_TYPE_RESIDENT_ID
#define OK       IDENTIFIER_FAULT_NONE
#define LENGTH   IDENTIFIER_FAULT_LENGTH
#define CHARS    IDENTIFIER_FAULT_CHARACTER
#define WRONG    IDENTIFIER_FAULT_CHECK
#define DATE     IDENTIFIER_FAULT_DATE

static const struct vector vectors[] = {
    /* GB 11643 */
    {RESIDENT, "11010519491231002X", OK, 0},
    {RESIDENT, "11010519491231002x", OK, 0},
    {RESIDENT, "　１１０１０５１９４９１２３１００２ｘ ", OK, 0},
    {RESIDENT, "440524188001010014", DATE, 0},
    {RESIDENT, "360426199101010071", OK, 0},
    {RESIDENT, "412723199010050012", OK, 0},
    {RESIDENT, "44011320141005001X", OK, 0},
    {RESIDENT, "110102199101010078", OK, 0},
    {RESIDENT, "120110199212010072", OK, 0},
    {RESIDENT, "110105194912310021", WRONG, 0},
    {RESIDENT, "11010519941231002X", WRONG, 0},
    {RESIDENT, "110105194913310020", WRONG, 0},
    {RESIDENT, "110105194913310021", DATE, 0},
    {RESIDENT, "360426199113010079", DATE, 0},
    {RESIDENT, "T60426199101010078", CHARS, 0},
    {RESIDENT, "990426199112010074", OK, IDENTIFIER_DOUBT_REGION},
    {RESIDENT, "110111198012010078", OK, 0}, /* the region is six years younger */
    {RESIDENT, "110201199312010077", OK, IDENTIFIER_DOUBT_REGION}, /* and this ended in 1982 */
    {RESIDENT, "110105491231002", OK, IDENTIFIER_DOUBT_CONVERTED},
    {RESIDENT, "11010549123100X", CHARS, 0},
    {RESIDENT, "11010519491231002", LENGTH, 0},
    {RESIDENT, "11010519491231002XX", LENGTH, 0},
    {RESIDENT, "110105 19491231002X", CHARS, 0},
    {RESIDENT, "11010519491231002X\n", CHARS, 0},
    {RESIDENT, "1101051949123100XX", CHARS, 0},
    {RESIDENT, "", LENGTH, 0},
    {RESIDENT, "   ", LENGTH, 0},
    {RESIDENT, "\xff\xfe", CHARS, 0},
    /* The three permits share the algorithm. */
    {IDENTIFIER_TYPE_HMT_RESIDENCE, "810000199012310017", OK, 0},
    {IDENTIFIER_TYPE_HMT_RESIDENCE, "820000197707070032", OK, 0},
    {IDENTIFIER_TYPE_HMT_RESIDENCE, "830000198501010022", OK, 0},
    {IDENTIFIER_TYPE_HMT_RESIDENCE, "830000198501010023", WRONG, 0},
    {IDENTIFIER_TYPE_HMT_RESIDENCE, "11010519491231002X", OK, IDENTIFIER_DOUBT_REGION},
    {IDENTIFIER_TYPE_FOREIGN_PR, "990426199112010074", OK, 0},
    {IDENTIFIER_TYPE_FOREIGN_PR, "11010519491231002X", CHARS, 0},
    {IDENTIFIER_TYPE_FOREIGN_PR, "FRA110080010101", OK, 0},
    {IDENTIFIER_TYPE_FOREIGN_PR, "FR1110080010101", CHARS, 0},
    {IDENTIFIER_TYPE_HKM_PERMIT, "H12345678", OK, 0},
    {IDENTIFIER_TYPE_HKM_PERMIT, "m1234567801", OK, 0},
    {IDENTIFIER_TYPE_HKM_PERMIT, "K12345678", CHARS, 0},
    {IDENTIFIER_TYPE_HKM_PERMIT, "H1234567", LENGTH, 0},
    {IDENTIFIER_TYPE_TW_PERMIT, "12345678", OK, 0},
    {IDENTIFIER_TYPE_TW_PERMIT, "1234567801B", OK, 0},
    {IDENTIFIER_TYPE_TW_PERMIT, "A2345678", CHARS, 0},
    {IDENTIFIER_TYPE_PASSPORT, "e12345678", OK, 0},
    {IDENTIFIER_TYPE_PASSPORT, "E1-2345", CHARS, 0},
    {IDENTIFIER_TYPE_PASSPORT, "E123", LENGTH, 0},
    {IDENTIFIER_TYPE_OFFICER_CARD, "军字第1234567号", OK, 0},
    {IDENTIFIER_TYPE_OFFICER_CARD, "军 字第1234567号", CHARS, 0},
    {IDENTIFIER_TYPE_HOUSEHOLD_BOOK, "0012-3456", OK, 0},
    /* GB 32100 */
    {IDENTIFIER_TYPE_USCC, "91350100M000100Y43", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91350100m000100y43", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91350100M000100Y4Z", CHARS, 0},
    {IDENTIFIER_TYPE_USCC, "91110000600037341L", OK, 0},
    {IDENTIFIER_TYPE_USCC, "92340603MA2PENAP06", OK, 0},
    {IDENTIFIER_TYPE_USCC, "121200004013590816", OK, 0},
    {IDENTIFIER_TYPE_USCC, "911522010783762860", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91310000132207927C", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91440300708461136T", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91330100799655058B", OK, 0},
    {IDENTIFIER_TYPE_USCC, "91440300MA5ABCDE1H", OK, IDENTIFIER_DOUBT_INNER_CHECK},
    {IDENTIFIER_TYPE_USCC, "91110000600037341M", WRONG, 0},
    {IDENTIFIER_TYPE_USCC, "9135O100M000100Y43", CHARS, 0},
    {IDENTIFIER_TYPE_USCC, "91A50100M000100Y43", CHARS, 0},
    {IDENTIFIER_TYPE_USCC, "91350100M000100Y4", LENGTH, 0},
    /* GB 11714 */
    {IDENTIFIER_TYPE_ORG_CODE, "D2143569X", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "D2143569-X", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "MA1FL0LY9", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "768225469", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "743719761", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "L18322123", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "123456788", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "876543210", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "M000100Y4", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "600037341", OK, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "D21435690", WRONG, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "D214-3569X", LENGTH, 0},
    {IDENTIFIER_TYPE_ORG_CODE, "D2143569-", CHARS, 0},
    /* Loan card: a wrong check is a remark. */
    {IDENTIFIER_TYPE_LOAN_CARD, "3306010000000186", OK, 0},
    {IDENTIFIER_TYPE_LOAN_CARD, "1101000000000141", OK, 0},
    {IDENTIFIER_TYPE_LOAN_CARD, "A010100000001211", OK, 0},
    {IDENTIFIER_TYPE_LOAN_CARD, "4403000001234539", OK, 0},
    {IDENTIFIER_TYPE_LOAN_CARD, "3306010000000187", OK, IDENTIFIER_DOUBT_CHECK},
    {IDENTIFIER_TYPE_LOAN_CARD, "330A010000000186", CHARS, 0},
    {IDENTIFIER_TYPE_LOAN_CARD, "330601000000018", LENGTH, 0},
    /* ISO 17442 */
    {IDENTIFIER_TYPE_LEI, "213800KUD8LAJWSQ9D15", OK, 0},
    {IDENTIFIER_TYPE_LEI, "5493008VZPPOQ8Y63J10", OK, 0},
    {IDENTIFIER_TYPE_LEI, "549300EF33KFNMISKX67", OK, 0},
    {IDENTIFIER_TYPE_LEI, "724500PVWFYKZIJQAN07", OK, 0},
    {IDENTIFIER_TYPE_LEI, "FIR47I6FEYKYNJBYW622", OK, 0},
    {IDENTIFIER_TYPE_LEI, "506700GE1G29325QX363", OK, 0},
    {IDENTIFIER_TYPE_LEI, "2138001234567890AB50", OK, 0},
    {IDENTIFIER_TYPE_LEI, "300300CN000000000123", OK, 0},
    {IDENTIFIER_TYPE_LEI, "213800KUD8LXJWSQ9D15", WRONG, 0},
    {IDENTIFIER_TYPE_LEI, "213800KUD8LAJWSQ9DAB", CHARS, 0},
    {IDENTIFIER_TYPE_LEI, "213800KUD8LAJWSQ9D1", LENGTH, 0},
    /* The rest */
    {IDENTIFIER_TYPE_TAX_NO, "91350100M000100Y43", OK, 0},
    {IDENTIFIER_TYPE_BUSINESS_REG_NO, "110000001234567", OK, 0},
    {IDENTIFIER_TYPE_NONE, "1", IDENTIFIER_FAULT_TYPE, 0},
    {(enum identifier_type)19, "1", IDENTIFIER_FAULT_TYPE, 0},
    {(enum identifier_type) - 1, "1", IDENTIFIER_FAULT_TYPE, 0},
};

static void vectors_of_the_standards(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
        struct identifier read = {.doubts = 0};
        enum identifier_fault fault =
            identifier_read(&arena, vectors[i].type, vectors[i].text, today, &read);

        if (fault != vectors[i].fault || read.doubts != vectors[i].doubts)
            print_message("vector %zu: %s\n", i, vectors[i].text);
        assert_int_equal(fault, vectors[i].fault);
        assert_int_equal(read.doubts, vectors[i].doubts);
    }
}

/* 110111 came in 1986: a number that begins so cannot be older. */
static void a_number_is_no_older_than_its_region(void **state)
{
    struct identifier read;

    (void)state;
    assert_int_equal(
        identifier_read(&arena, RESIDENT, "110111198012010078", day_of_civil(1985, 12, 31), &read),
        OK);
    assert_int_equal(read.doubts, IDENTIFIER_DOUBT_REGION);
    assert_int_equal(
        identifier_read(&arena, RESIDENT, "110111198012010078", day_of_civil(1986, 1, 1), &read),
        OK);
    assert_int_equal(read.doubts, 0);
}

static struct identifier read_good(enum identifier_type type, const char *text)
{
    struct identifier read;

    assert_int_equal(identifier_read(&arena, type, text, today, &read), IDENTIFIER_FAULT_NONE);
    return read;
}

static void one_identifier_has_one_form(void **state)
{
    (void)state;
    assert_string_equal(read_good(RESIDENT, "110105491231002").value, "11010519491231002X");
    assert_string_equal(read_good(RESIDENT, " １1010519491231002ｘ").value, "11010519491231002X");
    assert_string_equal(read_good(IDENTIFIER_TYPE_ORG_CODE, "d2143569-x").value, "D2143569X");
}

static void birth_and_sex_are_read(void **state)
{
    struct identifier read = read_good(RESIDENT, "11010519491231002X");

    (void)state;
    assert_true(read.has_birth);
    assert_int_equal(day_to_wire(read.born_on), 19491231);
    assert_int_equal(read.sex, 2);
    assert_int_equal(read_good(RESIDENT, "360426199101010071").sex, 1);
    assert_false(read_good(IDENTIFIER_TYPE_PASSPORT, "E12345678").has_birth);
    assert_int_equal(read_good(IDENTIFIER_TYPE_PASSPORT, "E12345678").sex, 9);
}

static void nobody_is_born_tomorrow(void **state)
{
    char text[19] = "990001202611220010";
    struct identifier read;

    (void)state;
    text[17] = check_digit_mod_11_2(text);
    assert_int_equal(identifier_read(&arena, RESIDENT, text, today, &read), OK);
    assert_int_equal(identifier_read(&arena, RESIDENT, text, day_add(today, -1), &read), DATE);
}

static void both_forms_of_mod_11_2_agree(void **state)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    uint64_t seed = 1;

    (void)state;
    for (int n = 0; n < 20000; n++) {
        char digits[18] = {0};
        int sum = 0;

        for (int i = 0; i < 17; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            digits[i] = (char)('0' + (seed >> 33) % 10);
            sum += (digits[i] - '0') * weights[i];
        }
        assert_int_equal(check_digit_mod_11_2(digits), "10X98765432"[sum % 11]);
    }
}

static bool is_letter(char c)
{
    return c >= 'A';
}

static bool is_good(enum identifier_type type, const char *value)
{
    struct identifier read;

    return identifier_read(&arena, type, value, today, &read) == OK;
}

/* Every other character of the same class in the place; a letter for a digit changes the width. */
static void assert_one_error_is_found(enum identifier_type type, const char *value, size_t at)
{
    for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"; *c; c++) {
        char *other = arena_string(&arena, value);

        if (is_letter(*c) != is_letter(value[at]))
            continue;
        other[at] = *c;
        assert_int_equal(is_good(type, other), *c == value[at]);
    }
}

/* A check digit is worth having when it finds one wrong character and one swap of neighbours. */
static void single_errors_and_swaps_are_found(void **state)
{
    static const struct {
        enum identifier_type type;
        const char *value;
    } rows[] = {
        {RESIDENT, "11010519491231002X"},
        {IDENTIFIER_TYPE_USCC, "91350100M000100Y43"},
        {IDENTIFIER_TYPE_LEI, "213800KUD8LAJWSQ9D15"},
    };

    (void)state;
    for (size_t row = 0; row < ARRAY_LENGTH(rows); row++) {
        const char *value = rows[row].value;

        for (size_t at = 0; value[at]; at++) {
            assert_one_error_is_found(rows[row].type, value, at);
            if (!value[at + 1] || value[at] == value[at + 1])
                continue;
            char *swapped = arena_string(&arena, value);
            swapped[at] = value[at + 1];
            swapped[at + 1] = value[at];
            assert_false(is_good(rows[row].type, swapped));
        }
    }
}

static void a_sum_of_zero_gives_check_zero(void **state)
{
    char code[18] = "00000000000000000";

    (void)state;
    assert_int_equal(check_digit_mod_31(code), '0');
}

static void requests_fail_with_the_field_and_without_the_value(void **state)
{
    struct ctx ctx;
    struct identifier read;

    (void)state;
    ctx_init(&ctx, &arena);
    assert_false(
        identifier_require(&ctx, "identifier.value", RESIDENT, "110105194912310021", today, &read));
    assert_int_equal(ctx.error.code, ERR_INVALID);
    assert_string_equal(ctx.error.reason, "IDENTIFIER_INVALID");
    assert_string_equal(ctx.error.fields[0].field, "identifier.value");
    assert_null(strstr(ctx.error.message, "1101"));
}

static void masks_hide_the_middle(void **state)
{
    static const char *const rows[][2] = {
        {"11010519491231002X", "110105********002X"},
        {"91350100M000100Y43", "913501********0Y43"},
        {"E12345678", "E1*****78"},
        {"12345678901234", "123456****1234"},
        {"1234567890123", "123*******123"},
        {"军字第1234567号", "军字*******7号"},
        {"123", "***"},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i + 1 < ARRAY_LENGTH(rows); i++)
        assert_string_equal(identifier_mask(&arena, rows[i][0]), rows[i][1]);
    assert_string_equal(identifier_mask(&arena, ""), "");
}

static void a_masked_value_shows_a_part(void **state)
{
    static const struct {
        enum identifier_type type;
        const char *text;
        bool is_masked;
    } rows[] = {
        {RESIDENT, "3423011964****3224", true},
        {RESIDENT, " 3423011964****322x ", true},
        {RESIDENT, "342301640****12", true},     /* of before 1999 */
        {RESIDENT, "34230119640***3224", false}, /* three stars */
        {RESIDENT, "3423011964****322", false},
        {RESIDENT, "3423011964****32Y4", false},
        {RESIDENT, "342301****64****24", false}, /* two runs */
        {RESIDENT, "342***************", false}, /* nearly nothing is shown */
        {RESIDENT, "******************", false},
        {RESIDENT, "11010519491231002X", false},
        {RESIDENT, "", false},
        {IDENTIFIER_TYPE_USCC, "913501****0100Y43X", true},
        {IDENTIFIER_TYPE_USCC, "9****1", false},
        {IDENTIFIER_TYPE_PASSPORT, "E12****8", true},
        {IDENTIFIER_TYPE_PASSPORT, "\xff****12345", false},
        {IDENTIFIER_TYPE_NONE, "3423011964****3224", false},
        {(enum identifier_type)77, "3423011964****3224", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (identifier_is_masked(&arena, rows[i].type, rows[i].text) != rows[i].is_masked)
            fail_msg("row %zu", i);
}

static void primary_identifiers_depend_on_the_kind(void **state)
{
    (void)state;
    assert_true(identifier_is_primary(RESIDENT, SUBJECT_KIND_PERSON));
    assert_false(identifier_is_primary(RESIDENT, SUBJECT_KIND_ENTERPRISE));
    assert_true(identifier_is_primary(IDENTIFIER_TYPE_USCC, SUBJECT_KIND_ENTERPRISE));
    assert_false(identifier_is_primary(IDENTIFIER_TYPE_USCC, SUBJECT_KIND_PERSON));
    assert_false(identifier_is_primary(IDENTIFIER_TYPE_HOUSEHOLD_BOOK, SUBJECT_KIND_PERSON));
    assert_false(identifier_is_primary(IDENTIFIER_TYPE_TAX_NO, SUBJECT_KIND_ENTERPRISE));
}

static void cards_and_mobiles(void **state)
{
    (void)state;
    assert_true(identifier_is_bank_card("4111111111111111"));
    assert_false(identifier_is_bank_card("4111111111111112"));
    assert_false(identifier_is_bank_card("411111111111111a"));
    assert_false(identifier_is_bank_card("0"));
    assert_true(identifier_is_mobile("13800138000"));
    assert_false(identifier_is_mobile("12800138000"));
    assert_false(identifier_is_mobile("1380013800"));
    assert_false(identifier_is_mobile("+8613800138000"));
    assert_false(identifier_is_mobile(""));
}

static void case_numbers(void **state)
{
    static const char *const good[] = {"(2019)皖1122执1194号", "（2019）皖1122执1194号",
                                       " (2020)京执5号",       "(2024)粤0304执恢12345号",
                                       "(2026)最高法执1号",    "(2021)沪01执异12之3号"};
    static const char *const bad[] = {
        "",
        "2019皖1122执1194号",
        "(2019)1122执1194号",
        "(2019)皖1122民1194号",
        "(2019)皖1122执号",
        "(2019)皖1122执1194",
        "(2019)皖11223执1194号",
        "(2019)皖省高级法1执1号",
        "(19)皖1122执1194号",
        "(2027)皖1122执1194号",
        "(2019)皖1122执 1194号",
        "(2019)皖1122执1194号x",
        "(2019)执1194号",
    };
    const char *canonical = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(identifier_read_case_no(&arena, good[i], today, &canonical));
    assert_true(identifier_read_case_no(&arena, good[1], today, &canonical));
    assert_string_equal(canonical, good[0]);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(identifier_read_case_no(&arena, bad[i], today, &canonical));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_standards),
        cmocka_unit_test(a_number_is_no_older_than_its_region),
        cmocka_unit_test(one_identifier_has_one_form),
        cmocka_unit_test(birth_and_sex_are_read),
        cmocka_unit_test(nobody_is_born_tomorrow),
        cmocka_unit_test(both_forms_of_mod_11_2_agree),
        cmocka_unit_test(single_errors_and_swaps_are_found),
        cmocka_unit_test(a_sum_of_zero_gives_check_zero),
        cmocka_unit_test(requests_fail_with_the_field_and_without_the_value),
        cmocka_unit_test(masks_hide_the_middle),
        cmocka_unit_test(a_masked_value_shows_a_part),
        cmocka_unit_test(primary_identifiers_depend_on_the_kind),
        cmocka_unit_test(cards_and_mobiles),
        cmocka_unit_test(case_numbers),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
