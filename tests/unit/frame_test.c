/* The guard's walk over frames and header blocks: every rule, every cut. */
#include "guard/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "support/wire.h"

static struct wire wire;

static int setup(void **state)
{
    (void)state;
    wire.size = 0;
    return 0;
}

static enum guard_reason verdict_at(const struct wire *bytes, int64_t now_us)
{
    struct frame_walk walk;

    frame_walk_init(&walk, NULL, now_us);
    return frame_check(&walk, bytes->data, bytes->size, now_us);
}

static enum guard_reason verdict(const struct wire *bytes)
{
    return verdict_at(bytes, 1000000);
}

/* One verdict for the bytes whole, byte by byte, and cut in two at every place. */
static void assert_verdict(enum guard_reason expected)
{
    struct frame_walk walk;
    enum guard_reason reason = verdict(&wire);

    assert_string_equal(guard_reason_word(reason), guard_reason_word(expected));
    frame_walk_init(&walk, NULL, 1000000);
    reason = GUARD_OK;
    for (size_t i = 0; i < wire.size && reason == GUARD_OK; i++)
        reason = frame_check(&walk, wire.data + i, 1, 1000000);
    assert_int_equal(reason, expected);
    for (size_t cut = 1; cut < wire.size && cut < 4096; cut++) {
        frame_walk_init(&walk, NULL, 1000000);
        reason = frame_check(&walk, wire.data, cut, 1000000);
        if (reason == GUARD_OK)
            reason = frame_check(&walk, wire.data + cut, wire.size - cut, 1000000);
        assert_int_equal(reason, expected);
    }
}

static void put_headers(uint32_t stream, int flags)
{
    struct wire block = {.size = 0};

    wire_call_fields(&block, "/cix.v1.ReportService/GetReport");
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS | flags, stream, &block);
}

static void a_whole_conversation_passes_at_every_cut(void **state)
{
    struct wire block = {.size = 0}, rest = {.size = 0};

    (void)state;
    wire_preface(&wire);
    wire_zeros(&wire, 18, WIRE_SETTINGS, 0, 0);
    wire_header(&wire, 0, WIRE_SETTINGS, WIRE_ACK, 0);
    wire_number(&wire, WIRE_WINDOW_UPDATE, 0, 65535);
    put_headers(1, 0);
    wire_zeros(&wire, 300, WIRE_DATA, WIRE_END_STREAM, 1);
    wire_zeros(&wire, 8, WIRE_PING, 0, 0);
    wire_zeros(&wire, 8, WIRE_PING, WIRE_ACK, 0);
    wire_zeros(&block, 5, 0, 0, 0); /* reused below as five bytes of priority */
    memmove(block.data, block.data + 9, 5);
    block.size = 5;
    wire_call_fields(&block, "/cix.v1.FlagService/CheckFlag");
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS | WIRE_PRIORITY_FIELDS, 3, &block);
    wire_header(&wire, 0, WIRE_DATA, WIRE_END_STREAM, 3);
    wire_number(&wire, WIRE_WINDOW_UPDATE, 3, 1);
    wire_number(&wire, WIRE_RST_STREAM, 3, 8);
    block.size = 0;
    wire_call_fields(&block, "/cix.v1.SubmissionService/Submit");
    wire_bytes(&rest, block.data + 20, block.size - 20);
    block.size = 20;
    wire_frame(&wire, WIRE_HEADERS, 0, 5, &block);
    wire_frame(&wire, WIRE_CONTINUATION, WIRE_END_HEADERS, 5, &rest);
    wire_zeros(&wire, 5, WIRE_PRIORITY, 0, 7);
    wire_zeros(&wire, 4, 0x42, 0, 0);
    wire_zeros(&wire, 8, WIRE_GOAWAY, 0, 0);
    assert_verdict(GUARD_OK);
}

static void the_preface_must_be_exact(void **state)
{
    (void)state;
    wire_bytes(&wire, "PRI * HTTP/2.0\r\n\r\nSM\r\n\rx", 24);
    assert_verdict(GUARD_PREFACE_WRONG);
    wire.size = 0;
    wire_bytes(&wire, "GET / HTTP/1.1\r\n", 16);
    assert_verdict(GUARD_PREFACE_WRONG);
}

static void settings_come_first(void **state)
{
    (void)state;
    wire_preface(&wire);
    wire_zeros(&wire, 8, WIRE_PING, 0, 0);
    assert_verdict(GUARD_SETTINGS_NOT_FIRST);
    wire.size = 0;
    wire_preface(&wire);
    wire_header(&wire, 0, WIRE_SETTINGS, WIRE_ACK, 0);
    assert_verdict(GUARD_SETTINGS_NOT_FIRST);
}

struct single {
    const char *name;
    uint32_t length;
    int type;
    int flags;
    uint32_t stream;
    enum guard_reason expected;
};

/* One frame after preface, SETTINGS and an open stream 3. */
static const struct single singles[] = {
    {"data of the limit", (1 << 20) + 16, WIRE_DATA, 0, 3, GUARD_OK},
    {"data beyond it", (1 << 20) + 17, WIRE_DATA, 0, 3, GUARD_FRAME_TOO_LONG},
    {"unknown type, long", 16385, 0x77, 0, 0, GUARD_FRAME_TOO_LONG},
    {"padded data", 3, WIRE_DATA, WIRE_PADDED, 3, GUARD_PADDING},
    {"padded headers", 30, WIRE_HEADERS, WIRE_PADDED, 5, GUARD_PADDING},
    {"data with a strange flag", 3, WIRE_DATA, 0x40, 3, GUARD_FRAME_FLAGS_WRONG},
    {"data on the connection", 3, WIRE_DATA, 0, 0, GUARD_STREAM_ID_WRONG},
    {"data on an idle stream", 3, WIRE_DATA, 0, 5, GUARD_STREAM_ID_WRONG},
    {"data on a server stream", 3, WIRE_DATA, 0, 2, GUARD_STREAM_ID_WRONG},
    {"headers on an even stream", 1, WIRE_HEADERS, 0, 4, GUARD_STREAM_ID_WRONG},
    {"headers on the same stream", 1, WIRE_HEADERS, 0, 3, GUARD_STREAM_ID_WRONG},
    {"headers on a lower stream", 1, WIRE_HEADERS, 0, 1, GUARD_STREAM_ID_WRONG},
    {"headers too short for priority", 4, WIRE_HEADERS, 0x20, 5, GUARD_FRAME_LENGTH_WRONG},
    {"headers beyond the block", 16385, WIRE_HEADERS, 0, 5, GUARD_HEADER_BLOCK_TOO_LONG},
    {"priority of 4", 4, WIRE_PRIORITY, 0, 3, GUARD_FRAME_LENGTH_WRONG},
    {"priority on the connection", 5, WIRE_PRIORITY, 0, 0, GUARD_STREAM_ID_WRONG},
    {"reset of 3", 3, WIRE_RST_STREAM, 0, 3, GUARD_FRAME_LENGTH_WRONG},
    {"reset of the connection", 4, WIRE_RST_STREAM, 0, 0, GUARD_STREAM_ID_WRONG},
    {"reset of an idle stream", 4, WIRE_RST_STREAM, 0, 5, GUARD_STREAM_ID_WRONG},
    {"settings of 7", 7, WIRE_SETTINGS, 0, 0, GUARD_FRAME_LENGTH_WRONG},
    {"settings of 33 entries", 198, WIRE_SETTINGS, 0, 0, GUARD_FRAME_LENGTH_WRONG},
    {"settings ack with entries", 6, WIRE_SETTINGS, WIRE_ACK, 0, GUARD_FRAME_LENGTH_WRONG},
    {"settings of a stream", 0, WIRE_SETTINGS, 0, 3, GUARD_STREAM_ID_WRONG},
    {"push promise", 8, WIRE_PUSH_PROMISE, 0, 3, GUARD_PUSH_PROMISE},
    {"ping of 7", 7, WIRE_PING, 0, 0, GUARD_FRAME_LENGTH_WRONG},
    {"ping of a stream", 8, WIRE_PING, 0, 3, GUARD_STREAM_ID_WRONG},
    {"goaway of 7", 7, WIRE_GOAWAY, 0, 0, GUARD_FRAME_LENGTH_WRONG},
    {"goaway of 2 KiB", 2048, WIRE_GOAWAY, 0, 0, GUARD_FRAME_LENGTH_WRONG},
    {"window update of 5", 5, WIRE_WINDOW_UPDATE, 0, 3, GUARD_FRAME_LENGTH_WRONG},
    {"window update of nothing", 4, WIRE_WINDOW_UPDATE, 0, 3, GUARD_WINDOW_INCREMENT_ZERO},
    {"window update, idle stream", 4, WIRE_WINDOW_UPDATE, 0, 5, GUARD_STREAM_ID_WRONG},
    {"continuation outside a block", 1, WIRE_CONTINUATION, 0, 3, GUARD_CONTINUATION_STRAY},
};

static void each_frame_has_its_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(singles); i++) {
        const struct single *s = &singles[i];

        wire.size = 0;
        wire_open(&wire);
        put_headers(3, 0);
        if (s->length <= 4096)
            wire_zeros(&wire, s->length, s->type, s->flags, s->stream);
        else
            wire_header(&wire, s->length, s->type, s->flags, s->stream);
        if (verdict(&wire) != s->expected)
            fail_msg("%s: %s", s->name, guard_reason_word(verdict(&wire)));
        assert_verdict(s->expected);
    }
}

static void nothing_interleaves_a_header_block(void **state)
{
    static const int types[] = {WIRE_DATA, WIRE_HEADERS,       WIRE_PRIORITY, WIRE_RST_STREAM,
                                WIRE_PING, WIRE_WINDOW_UPDATE, WIRE_SETTINGS, 0x99};
    struct wire block = {.size = 0};

    (void)state;
    wire_call_fields(&block, "/a/b");
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        wire.size = 0;
        wire_open(&wire);
        wire_frame(&wire, WIRE_HEADERS, 0, 1, &block);
        wire_zeros(&wire, 8, types[i], 0, 3);
        assert_verdict(GUARD_BLOCK_INTERLEAVED);
    }
    wire.size = 0;
    wire_open(&wire);
    wire_frame(&wire, WIRE_HEADERS, 0, 1, &block);
    wire_frame(&wire, WIRE_CONTINUATION, WIRE_END_HEADERS, 3, &block);
    assert_verdict(GUARD_BLOCK_INTERLEAVED);
}

static void four_continuations_and_no_more(void **state)
{
    struct wire field = {.size = 0};

    (void)state;
    wire_integer(&field, 7, 0x80, 3);
    wire_open(&wire);
    wire_frame(&wire, WIRE_HEADERS, 0, 1, &field);
    for (int i = 0; i < 3; i++)
        wire_frame(&wire, WIRE_CONTINUATION, 0, 1, &field);
    size_t before = wire.size;
    wire_frame(&wire, WIRE_CONTINUATION, WIRE_END_HEADERS, 1, &field);
    assert_verdict(GUARD_OK);
    wire.size = before;
    wire_frame(&wire, WIRE_CONTINUATION, 0, 1, &field);
    wire_frame(&wire, WIRE_CONTINUATION, WIRE_END_HEADERS, 1, &field);
    assert_verdict(GUARD_CONTINUATION_FLOOD);
}

static void a_block_is_bounded_over_all_its_frames(void **state)
{
    struct wire part = {.size = 0};

    (void)state;
    wire_integer(&part, 4, 0, 1);
    wire_integer(&part, 7, 0, 16000);
    wire_open(&wire);
    wire_frame(&wire, WIRE_HEADERS, 0, 1, &part);
    wire_zeros(&wire, 8000, WIRE_CONTINUATION, 0, 1);
    size_t before = wire.size;
    wire_zeros(&wire, 8000, WIRE_CONTINUATION, WIRE_END_HEADERS, 1);
    assert_int_equal(verdict(&wire), GUARD_OK);
    wire.size = before;
    wire_zeros(&wire, 8381, WIRE_CONTINUATION, WIRE_END_HEADERS, 1);
    assert_int_equal(verdict(&wire), GUARD_HEADER_BLOCK_TOO_LONG);
}

static void a_block_is_walked_on_its_way(void **state)
{
    struct wire block = {.size = 0};

    (void)state;
    for (int i = 0; i < 65; i++)
        wire_integer(&block, 7, 0x80, 62); /* one byte each: the bomb's reference */
    wire_open(&wire);
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, 1, &block);
    assert_verdict(GUARD_HEADER_FIELDS);
    wire.size = block.size = 0;
    wire_bytes(&block, "\x01\x05x", 3); /* ends inside a string */
    wire_open(&wire);
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, 1, &block);
    assert_verdict(GUARD_HPACK_MALFORMED);
}

struct flood {
    enum budget_rule rule;
    uint32_t length;
    int type;
    int flags;
    uint32_t stream;
    uint32_t already; /* tokens that opening the connection has spent */
};

/* stream 1 is open; payloads hold a 1 at the end so that a window update means something */
static const struct flood floods[] = {
    {BUDGET_RAPID_RESET, 4, WIRE_RST_STREAM, 0, 1, 0},
    {BUDGET_SETTINGS, 0, WIRE_SETTINGS, 0, 0, 1},
    {BUDGET_PING, 8, WIRE_PING, 0, 0, 0},
    {BUDGET_ACK, 8, WIRE_PING, WIRE_ACK, 0, 0},
    {BUDGET_EMPTY_DATA, 0, WIRE_DATA, 0, 1, 0},
    {BUDGET_STREAM_END, 0, WIRE_DATA, WIRE_END_STREAM, 1, 0},
    {BUDGET_WINDOW_UPDATE, 4, WIRE_WINDOW_UPDATE, 0, 0, 0},
    {BUDGET_PRIORITY, 5, WIRE_PRIORITY, 0, 1, 0},
    {BUDGET_GOAWAY, 8, WIRE_GOAWAY, 0, 0, 0},
    {BUDGET_UNKNOWN, 0, 0x55, 0, 0, 0},
};

static enum guard_reason flood_once(struct frame_walk *walk, const struct flood *flood,
                                    int64_t now_us)
{
    static const uint8_t payload[8] = {0, 0, 0, 1};

    wire.size = 0;
    wire_header(&wire, flood->length, flood->type, flood->flags, flood->stream);
    wire_bytes(&wire, payload, flood->length);
    return frame_check(walk, wire.data, wire.size, now_us);
}

static void walk_open(struct frame_walk *walk, int64_t now_us)
{
    wire.size = 0;
    wire_open(&wire);
    put_headers(1, 0);
    frame_walk_init(walk, NULL, now_us);
    assert_int_equal(frame_check(walk, wire.data, wire.size, now_us), GUARD_OK);
}

static void each_flood_ends_at_its_budget(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(floods); i++) {
        const struct budget_row *budget = budget_row_of(floods[i].rule);
        uint32_t burst = budget->burst - floods[i].already;
        struct frame_walk walk;
        int64_t now_us = 5000000;

        walk_open(&walk, now_us);
        for (uint32_t n = 0; n < burst; n++)
            assert_int_equal(flood_once(&walk, &floods[i], now_us), GUARD_OK);
        now_us += 10000000; /* ten seconds later: what time has filled, and no more */
        for (uint32_t n = 0; n < budget->per_second * 10 && n < budget->burst; n++)
            assert_int_equal(flood_once(&walk, &floods[i], now_us), GUARD_OK);
        assert_int_equal(flood_once(&walk, &floods[i], now_us), budget->reason);
    }
}

static void a_bucket_never_holds_more_than_its_burst(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(floods); i++) {
        const struct budget_row *budget = budget_row_of(floods[i].rule);
        struct frame_walk walk;
        int64_t now_us = INT64_C(86400000000); /* a day */

        walk_open(&walk, 0);
        uint32_t burst = budget->burst - (budget->per_second ? 0 : floods[i].already);
        for (uint32_t n = 0; n < burst; n++)
            assert_int_equal(flood_once(&walk, &floods[i], now_us), GUARD_OK);
        assert_int_equal(flood_once(&walk, &floods[i], now_us), budget->reason);
    }
}

static void time_that_steps_back_gives_nothing(void **state)
{
    struct frame_walk walk;

    (void)state;
    walk_open(&walk, 5000000);
    for (int n = 0; n < 300; n++)
        assert_int_equal(flood_once(&walk, &floods[0], 5000000), GUARD_OK);
    assert_int_equal(flood_once(&walk, &floods[0], 1000000), GUARD_RAPID_RESET);
}

static void opened_streams_and_answers_fill_the_window_budget(void **state)
{
    const struct flood *flood = &floods[6];
    static uint8_t answer[65536 + 9]; /* one DATA frame of 64 KiB */
    struct frame_walk walk;

    (void)state;
    answer[0] = 1;
    walk_open(&walk, 0);
    for (int n = 0; n < 4000; n++)
        assert_int_equal(flood_once(&walk, flood, 0), GUARD_OK);
    wire.size = 0;
    put_headers(3, 0);
    assert_int_equal(frame_check(&walk, wire.data, wire.size, 0), GUARD_OK);
    for (int n = 0; n < 4; n++)
        assert_int_equal(flood_once(&walk, flood, 0), GUARD_OK);
    assert_int_equal(frame_check_answer(&walk, answer, sizeof(answer), 0), GUARD_OK);
    for (int n = 0; n < 128; n++)
        assert_int_equal(flood_once(&walk, flood, 0), GUARD_OK);
    assert_int_equal(flood_once(&walk, flood, 0), GUARD_WINDOW_UPDATE_FLOOD);
}

static void put_resets(uint32_t first, int count)
{
    for (int call = 0; call < count; call++)
        wire_number(&wire, WIRE_RST_STREAM, first + 2 * (uint32_t)call, 8);
}

/* Opens 128 streams, resets them after a while, at once begins anew; how many rounds are allowed.
 */
static int rounds_of_resets(int64_t lived_us, int rounds)
{
    struct frame_walk walk;
    uint32_t stream = 3;
    int64_t now_us = 1000000;

    walk_open(&walk, now_us);
    for (int round = 0; round < rounds; round++) {
        wire.size = 0;
        for (uint32_t call = 0; call < 128; call++)
            put_headers(stream + 2 * call, 0);
        assert_int_equal(frame_check(&walk, wire.data, wire.size, now_us), GUARD_OK);
        now_us += lived_us;
        wire.size = 0;
        put_resets(stream, 128);
        if (frame_check(&walk, wire.data, wire.size, now_us) != GUARD_OK)
            return round;
        stream += 256;
    }
    return rounds;
}

static void a_deadline_storm_is_not_a_rapid_reset(void **state)
{
    (void)state;
    assert_int_equal(rounds_of_resets(1000000, 100), 100);
    assert_int_equal(rounds_of_resets(100000, 200), 200);
    assert_int_equal(rounds_of_resets(30000, 200), 200);
    assert_int_equal(rounds_of_resets(10000, 200), 2); /* 300 and a little */
    assert_int_equal(rounds_of_resets(0, 200), 2);
}

/* Streams are opened one by one, each reset when it has lived, so that marks fill all the time. */
static void each_stream_is_young_for_a_moment_of_its_own(void **state)
{
    struct frame_walk walk;
    uint32_t opened = 1, reset = 1;

    (void)state;
    walk_open(&walk, 0);
    for (int64_t now_us = 0; now_us < 5000000; now_us += 250) { /* 4,000 calls a second */
        wire.size = 0;
        put_headers(opened += 2, 0);
        if (now_us >= 30000)
            wire_number(&wire, WIRE_RST_STREAM, reset += 2, 8);
        assert_int_equal(frame_check(&walk, wire.data, wire.size, now_us), GUARD_OK);
    }
}

static void one_stream_is_not_reset_again_and_again(void **state)
{
    struct frame_walk walk;

    (void)state;
    walk_open(&walk, 0);
    wire.size = 0;
    put_resets(1, 1);
    for (int n = 0; n < 300; n++)
        assert_int_equal(frame_check(&walk, wire.data, wire.size, 50000), GUARD_OK);
    for (int n = 0; n < 3; n++) /* 50 ms filled 2.5 */
        if (frame_check(&walk, wire.data, wire.size, 50000) == GUARD_RAPID_RESET)
            return;
    fail_msg("a flood of late resets passed");
}

static void streams_made_to_fail_are_counted(void **state)
{
    static const uint32_t harmless[] = {0, 2, 7, 8, 0xb};
    struct frame_walk walk;

    (void)state;
    walk_open(&walk, 0);
    wire.size = 0;
    for (int n = 0; n < 100; n++)
        wire_number(&wire, WIRE_RST_STREAM, 1, harmless[n % 5]);
    assert_int_equal(frame_check_answer(&walk, wire.data, wire.size, 0), GUARD_OK);
    wire.size = 0;
    for (int n = 0; n < 10; n++)
        wire_number(&wire, WIRE_RST_STREAM, 1, 1);
    for (size_t i = 0; i < wire.size; i++) /* byte by byte: cuts change nothing */
        assert_int_equal(frame_check_answer(&walk, wire.data + i, 1, 0), GUARD_OK);
    wire.size = 0;
    wire_number(&wire, WIRE_RST_STREAM, 1, 3);
    assert_int_equal(frame_check_answer(&walk, wire.data, wire.size, 0), GUARD_STREAM_ERROR_FLOOD);
}

static void a_goaway_fits_only_between_answers(void **state)
{
    static const uint8_t part[] = {0, 0, 4, WIRE_SETTINGS, 0};
    struct frame_walk walk;
    uint8_t goaway[FRAME_GOAWAY_MAX];

    (void)state;
    walk_open(&walk, 0);
    assert_true(frame_is_answer_at_boundary(&walk));
    assert_int_equal(frame_check_answer(&walk, part, sizeof(part), 0), GUARD_OK);
    assert_false(frame_is_answer_at_boundary(&walk));
    for (int reason = 0; reason < GUARD_REASON_COUNT; reason++) {
        size_t size = frame_goaway(&walk, (enum guard_reason)reason, goaway);

        assert_true(size <= FRAME_GOAWAY_MAX);
        assert_int_equal(goaway[2] + 9, size);
        assert_int_equal(goaway[3], WIRE_GOAWAY);
        assert_int_equal(goaway[12], 1); /* the last stream */
    }
}

static void is_open_after_the_first_settings(void **state)
{
    struct frame_walk walk;

    (void)state;
    wire_open(&wire);
    frame_walk_init(&walk, NULL, 0);
    assert_int_equal(frame_check(&walk, wire.data, wire.size - 1, 0), GUARD_OK);
    assert_false(frame_is_open(&walk));
    assert_int_equal(frame_check(&walk, wire.data + wire.size - 1, 1, 0), GUARD_OK);
    assert_true(frame_is_open(&walk));
}

static void every_reason_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < GUARD_REASON_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(guard_reason_word((enum guard_reason)a),
                                    guard_reason_word((enum guard_reason)b));
    assert_true(guard_reason_is_violation(GUARD_RAPID_RESET));
    assert_false(guard_reason_is_violation(GUARD_NOT_ADMITTED));
    assert_false(guard_reason_is_violation(GUARD_PREFACE_TIMEOUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_conversation_passes_at_every_cut, setup),
        cmocka_unit_test_setup(the_preface_must_be_exact, setup),
        cmocka_unit_test_setup(settings_come_first, setup),
        cmocka_unit_test_setup(each_frame_has_its_shape, setup),
        cmocka_unit_test_setup(nothing_interleaves_a_header_block, setup),
        cmocka_unit_test_setup(four_continuations_and_no_more, setup),
        cmocka_unit_test_setup(a_block_is_bounded_over_all_its_frames, setup),
        cmocka_unit_test_setup(a_block_is_walked_on_its_way, setup),
        cmocka_unit_test_setup(each_flood_ends_at_its_budget, setup),
        cmocka_unit_test_setup(a_bucket_never_holds_more_than_its_burst, setup),
        cmocka_unit_test_setup(time_that_steps_back_gives_nothing, setup),
        cmocka_unit_test_setup(opened_streams_and_answers_fill_the_window_budget, setup),
        cmocka_unit_test_setup(a_deadline_storm_is_not_a_rapid_reset, setup),
        cmocka_unit_test_setup(each_stream_is_young_for_a_moment_of_its_own, setup),
        cmocka_unit_test_setup(one_stream_is_not_reset_again_and_again, setup),
        cmocka_unit_test_setup(streams_made_to_fail_are_counted, setup),
        cmocka_unit_test_setup(a_goaway_fits_only_between_answers, setup),
        cmocka_unit_test_setup(is_open_after_the_first_settings, setup),
        cmocka_unit_test_setup(every_reason_has_a_word_of_its_own, setup),
    };

    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
