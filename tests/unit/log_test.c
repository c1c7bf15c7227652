/* The log: every line is one JSON object, whatever it is given; floods are held back. */
#include "ops/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"

static char captured[256 * 1024];

/* Lines go to a file in memory, so that no reader is needed beside the writer. */
static int begin_capture(void)
{
    int descriptor = memfd_create("log", MFD_CLOEXEC);
    assert_true(descriptor >= 0);
    log_output_set(descriptor);
    return descriptor;
}

static char *end_capture(int descriptor)
{
    ssize_t size = pread(descriptor, captured, sizeof(captured) - 1, 0);
    assert_true(size >= 0);
    captured[size] = '\0';
    close(descriptor);
    log_output_set(STDERR_FILENO);
    return captured;
}

static json_t *only_line(int descriptor)
{
    char *text = end_capture(descriptor);
    char *end = strchr(text, '\n');
    assert_non_null(end);
    assert_int_equal(end[1], '\0');
    json_t *object = json_loads(text, 0, NULL);
    assert_non_null(object);
    return object;
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void a_line_has_time_level_event_and_fields(void **state)
{
    (void)state;
    int descriptor = begin_capture();
    log_line(LOG_LEVEL_WARN, "line_shape", log_text("member", "bank-a"), log_int("calls", -3),
             log_bool("again", true), log_text("nothing", NULL));
    json_t *line = only_line(descriptor);
    assert_string_equal(member(line, "level"), "warn");
    assert_string_equal(member(line, "event"), "line_shape");
    assert_string_equal(member(line, "member"), "bank-a");
    assert_int_equal(json_integer_value(json_object_get(line, "calls")), -3);
    assert_true(json_is_true(json_object_get(line, "again")));
    assert_true(json_is_null(json_object_get(line, "nothing")));
    int year, month, day, hour, minute, second, micro;
    char zone;
    assert_int_equal(sscanf(member(line, "time"), "%4d-%2d-%2dT%2d:%2d:%2d.%6d%c", &year, &month,
                            &day, &hour, &minute, &second, &micro, &zone),
                     8);
    assert_int_equal(zone, 'Z');
    json_decref(line);
}

static void hostile_text_stays_inside_its_string(void **state)
{
    (void)state;
    int descriptor = begin_capture();
    log_line(LOG_LEVEL_INFO, "hostile", log_text("text", "a\"b\\c\nd\x01\x7f 中文\xff\xe4\xb8"));
    json_t *line = only_line(descriptor);
    assert_string_equal(member(line, "text"),
                        "a\"b\\c\nd\x01\x7f 中文\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    json_decref(line);
}

static void a_long_line_is_cut_and_says_so(void **state)
{
    static const char *const characters[] = {"a", "\"", "中", "\x01"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(characters); i++) {
        char text[5000] = "";
        size_t size = strlen(characters[i]);
        for (size_t at = 0; at + size < sizeof(text); at += size)
            memcpy(text + at, characters[i], size + 1);
        int descriptor = begin_capture();
        log_line(LOG_LEVEL_INFO, "long_line", log_text("text", text), log_int("after", 1));
        json_t *line = only_line(descriptor);
        assert_true(strlen(captured) <= LOG_LINE_MAX);
        assert_true(json_is_true(json_object_get(line, "cut")));
        assert_null(json_object_get(line, "after"));
        json_decref(line);
    }
}

static void every_length_near_the_end_stays_json(void **state)
{
    (void)state;
    char text[LOG_LINE_MAX];
    for (size_t size = LOG_LINE_MAX - 400; size < LOG_LINE_MAX; size++) {
        char event[32];
        snprintf(event, sizeof(event), "length_%zu", size);
        memset(text, 'x', size);
        text[size] = '\0';
        int descriptor = begin_capture();
        log_line(LOG_LEVEL_INFO, event, log_text("text", text), log_text("name", "value"),
                 log_int("number", INT64_MIN));
        json_decref(only_line(descriptor));
    }
}

static void lower_levels_are_not_written(void **state)
{
    (void)state;
    int descriptor = begin_capture();
    log_line(LOG_LEVEL_DEBUG, "too_low");
    log_level_set(LOG_LEVEL_DEBUG);
    log_line(LOG_LEVEL_DEBUG, "low_enough");
    log_level_set(LOG_LEVEL_INFO);
    json_t *line = only_line(descriptor);
    assert_string_equal(member(line, "event"), "low_enough");
    json_decref(line);
}

static int count_lines(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

static void a_flood_of_one_event_is_held_back_and_counted(void **state)
{
    enum { FLOOD = 500 };
    (void)state;
    int descriptor = begin_capture();
    for (int i = 0; i < FLOOD; i++)
        log_line(LOG_LEVEL_INFO, "flood");
    log_line(LOG_LEVEL_INFO, "other_event");
    /* The next second's first line tells how many were dropped. */
    usleep(1100 * 1000);
    log_line(LOG_LEVEL_INFO, "flood");
    char *text = end_capture(descriptor);
    int written = count_lines(text, "\"event\":\"flood\"");
    char last[64];
    assert_true(written < FLOOD);
    assert_int_equal(count_lines(text, "other_event"), 1);
    int64_t suppressed = 0;
    for (char *at = strstr(text, "\"suppressed\":"); at != NULL;
         at = strstr(at + 1, "\"suppressed\":")) {
        snprintf(last, sizeof(last), "%s", at + strlen("\"suppressed\":"));
        suppressed += strtoll(last, NULL, 10);
    }
    assert_int_equal(written + suppressed, FLOOD + 1);
}

static void *write_many(void *event)
{
    for (int i = 0; i < 15; i++)
        log_line(LOG_LEVEL_INFO, event, log_text("text", "some text"), log_int("i", i));
    return NULL;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    enum { THREADS = 4 };
    static const char *const events[THREADS] = {"thread_a", "thread_b", "thread_c", "thread_d"};
    pthread_t threads[THREADS];
    (void)state;
    int descriptor = memfd_create("log", MFD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_APPEND);
    log_output_set(descriptor);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, write_many, (void *)(uintptr_t)events[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    char *text = end_capture(descriptor);
    int count = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *object = json_loads(line, 0, NULL);
        assert_non_null(object);
        json_decref(object);
        count++;
    }
    assert_int_equal(count, THREADS * 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_event_and_fields),
        cmocka_unit_test(hostile_text_stays_inside_its_string),
        cmocka_unit_test(a_long_line_is_cut_and_says_so),
        cmocka_unit_test(every_length_near_the_end_stays_json),
        cmocka_unit_test(lower_levels_are_not_written),
        cmocka_unit_test(a_flood_of_one_event_is_held_back_and_counted),
        cmocka_unit_test(lines_of_several_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
