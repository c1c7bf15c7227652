/* Field boundaries of HPACK blocks: what is counted, what is refused, at every cut. */
#include "guard/hpack.h"

#include "base/check.h"
#include "support/cmocka.h"
#include "support/wire.h"

enum { FIELDS = 64, STRING = 16384 };

/* One verdict for the block whole and cut in two at every place. */
static void assert_verdict(const struct wire *block, enum guard_reason expected)
{
    for (size_t cut = 0; cut <= block->size; cut++) {
        struct hpack_walk walk;

        hpack_begin(&walk, FIELDS, STRING);
        enum guard_reason reason = hpack_bytes(&walk, block->data, cut);
        if (reason == GUARD_OK)
            reason = hpack_bytes(&walk, block->data + cut, block->size - cut);
        if (reason == GUARD_OK)
            reason = hpack_end(&walk);
        assert_string_equal(guard_reason_word(reason), guard_reason_word(expected));
    }
}

static void a_call_of_grpc_passes(void **state)
{
    struct wire block = {.size = 0};

    (void)state;
    wire_call_fields(&block, "/cix.v1.ReportService/GetReport");
    assert_verdict(&block, GUARD_OK);
    block.size = 0;
    assert_verdict(&block, GUARD_OK); /* an empty block is a block */
}

static void sixty_four_fields_and_no_more(void **state)
{
    struct wire block = {.size = 0};

    (void)state;
    for (int i = 0; i < 64; i++)
        wire_integer(&block, 7, 0x80, 62); /* one byte each: the bomb's reference */
    assert_verdict(&block, GUARD_OK);
    wire_integer(&block, 7, 0x80, 62);
    assert_verdict(&block, GUARD_HEADER_FIELDS);
}

static void fields_of_literals_are_counted_too(void **state)
{
    struct wire block = {.size = 0};

    (void)state;
    for (int i = 0; i < 65; i++)
        wire_field(&block, "a", "");
    assert_verdict(&block, GUARD_HEADER_FIELDS);
}

static void integers_may_not_be_padded(void **state)
{
    static const uint8_t padded[] = {0xff, 0x80, 0x80, 0x80, 0x80, 0x00};
    static const uint8_t length[] = {0x01, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x80};
    static const uint8_t update[] = {0x3f, 0xe1, 0x80, 0x80, 0x00};
    struct wire block = {.size = 0};

    (void)state;
    wire_bytes(&block, padded, sizeof(padded));
    assert_verdict(&block, GUARD_HPACK_INTEGER);
    block.size = 0;
    wire_bytes(&block, length, sizeof(length));
    assert_verdict(&block, GUARD_HPACK_INTEGER);
    block.size = 0;
    wire_bytes(&block, update, sizeof(update));
    assert_verdict(&block, GUARD_OK);
}

static void malformed_blocks_are_refused(void **state)
{
    static const struct {
        uint8_t bytes[8];
        size_t size;
        enum guard_reason expected;
    } blocks[] = {
        {{0x80}, 1, GUARD_HPACK_MALFORMED},             /* index 0 */
        {{0xff, 0xff, 0x7f}, 3, GUARD_HPACK_MALFORMED}, /* index 16,510 */
        {{0x7f, 0xff, 0x7f}, 3, GUARD_HPACK_MALFORMED}, /* name index beyond */
        {{0x82, 0x20}, 2, GUARD_HPACK_MALFORMED},       /* table size after a field */
        {{0x20, 0x20, 0x20}, 3, GUARD_HPACK_MALFORMED}, /* three table sizes */
        {{0x01}, 1, GUARD_HPACK_MALFORMED},             /* ends before the value */
        {{0x01, 0x05, 'a'}, 3, GUARD_HPACK_MALFORMED},  /* ends inside it */
        {{0x01, 0x7f, 0x80}, 3, GUARD_HPACK_MALFORMED}, /* ends inside its length */
        {{0x01, 0x7f, 0xff, 0xff, 0x7f}, 5, GUARD_HEADER_BLOCK_TOO_LONG},
        {{0x20, 0x20, 0x82}, 3, GUARD_OK},       /* two table sizes, one field */
        {{0x10, 0x01, 'a', 0x00}, 4, GUARD_OK},  /* never indexed, empty value */
        {{0x01, 0x82, 0x1f, 0xff}, 4, GUARD_OK}, /* Huffman bytes are skipped */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(blocks); i++) {
        struct wire block = {.size = 0};

        wire_bytes(&block, blocks[i].bytes, blocks[i].size);
        assert_verdict(&block, blocks[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_of_grpc_passes),
        cmocka_unit_test(sixty_four_fields_and_no_more),
        cmocka_unit_test(fields_of_literals_are_counted_too),
        cmocka_unit_test(integers_may_not_be_padded),
        cmocka_unit_test(malformed_blocks_are_refused),
    };

    return cmocka_run_group_tests_name("hpack", tests, NULL, NULL);
}
