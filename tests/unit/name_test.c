/* The member's code in a certificate's URI name. */
#include "guard/name.h"

#include <string.h>

#include "base/check.h"
#include "support/cmocka.h"

static const struct {
    const char *uri;
    enum guard_reason expected;
    const char *code;
} names[] = {
    {"spiffe://cix.test/member/bank-a", GUARD_OK, "bank-a"},
    {"spiffe://cix.test/member/a-1", GUARD_OK, "a-1"},
    {"spiffe://cix.test/member/01234567890123456789012345678901", GUARD_OK,
     "01234567890123456789012345678901"},
    {"spiffe://cix.test/member/012345678901234567890123456789012", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/ab", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/Bank", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/bank_a", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/bank/a", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/bank a", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/member/bank?x", GUARD_NAME_MALFORMED, ""},
    {"spiffe://cix.test/members/bank-a", GUARD_NAME_FOREIGN, ""},
    {"spiffe://cix.test.evil/member/bank-a", GUARD_NAME_FOREIGN, ""},
    {"spiffe://evil/cix.test/member/bank-a", GUARD_NAME_FOREIGN, ""},
    {"spiffe://CIX.test/member/bank-a", GUARD_NAME_FOREIGN, ""},
    {"https://cix.test/member/bank-a", GUARD_NAME_FOREIGN, ""},
    {"spiffe:", GUARD_NAME_FOREIGN, ""},
    {"", GUARD_NAME_FOREIGN, ""},
};

static void each_name_gives_its_code_or_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char code[33] = "";
        enum guard_reason reason =
            name_member_code(names[i].uri, strlen(names[i].uri), "cix.test", code);

        assert_string_equal(guard_reason_word(reason), guard_reason_word(names[i].expected));
        assert_string_equal(code, names[i].code);
    }
}

static void a_nul_does_not_end_a_name(void **state)
{
    static const char uri[] = "spiffe://cix.test/member/bank-a\0.evil";
    char code[33] = "";

    (void)state;
    assert_int_equal(name_member_code(uri, sizeof(uri) - 1, "cix.test", code),
                     GUARD_NAME_MALFORMED);
    assert_string_equal(code, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_gives_its_code_or_its_reason),
        cmocka_unit_test(a_nul_does_not_end_a_name),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
