/*
 * Goal: SHA-256 by its published vectors, whole and in parts, and random bytes that differ.
 */
#include "base/digest.h"
#include "base/text.h"
#include "support/cmocka.h"

#include <string.h>

static void assert_digest(struct digest digest, const char *expected)
{
    char text[2 * DIGEST_SIZE + 1];

    text_to_hex(digest.bytes, DIGEST_SIZE, text);
    assert_string_equal(text, expected);
}

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char none[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void published_vectors(void **state)
{
    (void)state;
    assert_digest(digest_of("abc", 3), abc);
    assert_digest(digest_of(NULL, 0), none);
}

static void parts_equal_the_whole(void **state)
{
    const struct bytes parts[] = {{(const uint8_t *)"a", 1}, {NULL, 0}, {(const uint8_t *)"bc", 2}};

    (void)state;
    assert_digest(digest_of_parts(parts, 3), abc);
    assert_digest(digest_of_parts(NULL, 0), none);
}

static void random_bytes_differ(void **state)
{
    uint8_t a[200000] = {0}, b[200000] = {0};
    size_t equal = 0;

    (void)state;
    digest_random(a, sizeof(a));
    digest_random(b, sizeof(b));
    for (size_t i = 0; i < sizeof(a); i++)
        equal += a[i] == b[i];
    assert_in_range(equal, 500, 1100); /* 781 expected; beyond ten standard deviations */
    assert_memory_not_equal(a + sizeof(a) - 32, b + sizeof(b) - 32, 32);
    digest_random(a, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(parts_equal_the_whole),
        cmocka_unit_test(random_bytes_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
