/* The doctor's table: complete, worded, and the same as in the manual. */
#include "cli/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"

static void every_fault_has_words_and_advice(void **state)
{
    (void)state;
    for (int i = 1; i < DOCTOR_FAULT_COUNT; i++) {
        const struct doctor_fault_row *row = &doctor_faults[i];
        assert_non_null(row->word);
        assert_true(strlen(row->meaning) > 10 && row->meaning[strlen(row->meaning) - 1] != '.');
        assert_true(strlen(row->advice) > 10 && row->advice[strlen(row->advice) - 1] != '.');
        assert_int_equal(row->is_remark, row->exit == CLI_OK);
        for (int other = 0; other < i; other++)
            assert_string_not_equal(row->word, doctor_faults[other].word);
    }
}

static void manual_lists_every_fault(void **state)
{
    FILE *file = fopen(CIX_SOURCE_DIR "/client/cli/README.md", "r");
    char line[512];
    int found = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char expected[512];
        if (strncmp(line, "| `", 3) != 0 || line[3] < 'A' || line[3] > 'Z')
            continue;
        assert_true(++found < DOCTOR_FAULT_COUNT);
        snprintf(expected, sizeof(expected), "| `%s` | %d | %s |\n", doctor_faults[found].word,
                 (int)doctor_faults[found].exit, doctor_faults[found].meaning);
        assert_string_equal(line, expected);
    }
    fclose(file);
    assert_int_equal(found, DOCTOR_FAULT_COUNT - 1);
}

static void steps_without_their_needs_are_not_tried(void **state)
{
    struct settings settings = {.address = "nowhere"};
    struct doctor doctor;
    enum doctor_step step = DOCTOR_CALL;

    (void)state;
    doctor_init(&doctor, &settings);
    doctor_run(&doctor, DOCTOR_CALL);
    assert_int_equal(doctor_verdict(&doctor, &step), DOCTOR_SETTING_MISSING);
    assert_int_equal(step, DOCTOR_SETTINGS);
    for (int i = DOCTOR_FILES; i < DOCTOR_STEP_COUNT; i++)
        assert_false(doctor.results[i].is_tried);
    doctor_done(&doctor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_words_and_advice),
        cmocka_unit_test(manual_lists_every_fault),
        cmocka_unit_test(steps_without_their_needs_are_not_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
