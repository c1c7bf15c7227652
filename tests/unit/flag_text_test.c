/*
 * Goal: what a listing's document says comes back as it was given, whatever of it was.
 * Method: write and read again; lines that are none of ours are passed over.
 */
#include "domain/flag_text.h"

#include "support/cmocka.h"

static struct arena arena;

static struct flag_record listing(void)
{
    return (struct flag_record){
        .basis_no = "", .duty_text = "", .performed_part = "", .unperformed_part = ""};
}

static void a_document_comes_back(void **state)
{
    struct flag_record flag = listing(), again;

    (void)state;
    assert_string_equal(flag_text(&arena, &flag), "");
    flag.duty_text = "a=b, 偿还";
    flag.unperformed_part = "all";
    const char *text = flag_text(&arena, &flag);
    assert_string_equal(text, "duty_text=a=b, 偿还\nunperformed_part=all\n");
    flag_text_read(&arena, text, &again);
    assert_string_equal(again.basis_no, "");
    assert_string_equal(again.duty_text, flag.duty_text);
    assert_string_equal(again.performed_part, "");
    assert_string_equal(again.unperformed_part, "all");
}

static void other_lines_are_passed_over(void **state)
{
    struct flag_record flag;

    (void)state;
    flag_text_read(&arena,
                   "basis_no\n=x\nlater_field=7\nbasis=1\nbasis_no_2=1\nduty_text=\nbasis_no=5",
                   &flag);
    assert_string_equal(flag.basis_no, "5");
    assert_string_equal(flag.duty_text, "");
    flag_text_read(&arena, "", &flag);
    assert_string_equal(flag.basis_no, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_comes_back),
        cmocka_unit_test(other_lines_are_passed_over),
    };

    arena_init(&arena, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
