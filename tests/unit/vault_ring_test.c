/*
 * The wrapped key ring: what was wrapped comes back byte for byte under the same passphrase, and
 * under no other; a file with any byte changed, cut short or grown is refused; nothing is
 * overwritten.
 */
#include "vault/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cluster.h"
#include "support/cmocka.h"
#include "vault/vault.h"

enum { FILE_ROOM = 65536 };

static struct arena arena;
static struct ctx ctx;
static const char *place;
static struct vault_ring *ring;
static const struct bytes good = {(const uint8_t *)"correct horse battery", 21};
static const struct bytes wrong = {(const uint8_t *)"correct horse batterz", 21};

static const char *at(const char *name)
{
    return arena_format(&arena, "%s/%s", place, name);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    place = test_folder();
    assert_true(vault_create(&ctx, at("keys")) && vault_rotate(&ctx, at("keys")));
    assert_int_equal(rename(at("keys/seal-00000001.key"), at("keys/retired-00000001.key")), 0);
    assert_true(vault_ring_read(&ctx, at("keys"), &ring));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vault_ring_free(ring);
    arena_done(&arena);
    return 0;
}

static size_t read_file(const char *path, uint8_t *data)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, data, FILE_ROOM);

    assert_true(fd >= 0 && size >= 0);
    close(fd);
    return (size_t)size;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
}

static void assert_failed(bool is_done, const char *reason)
{
    assert_false(is_done);
    assert_string_equal(ctx.error.reason, reason);
    ctx_clear(&ctx);
}

static void assert_same_file(const char *name)
{
    uint8_t one[FILE_ROOM];
    uint8_t other[FILE_ROOM];
    size_t size = read_file(at(arena_format(&arena, "keys/%s", name)), one);

    assert_int_equal(read_file(at(arena_format(&arena, "again/%s", name)), other), size);
    assert_memory_equal(one, other, size);
}

static void what_was_wrapped_comes_back(void **state)
{
    static const char *const names[] = {
        "identifier.key",       "name.key", "account.key", "operator.key", "seal-00000002.key",
        "retired-00000001.key", "active"};
    struct vault_ring *opened;
    struct vault *vault;
    struct stat status;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("ring")));
    assert_int_equal(stat(at("ring"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(vault_ring_unwrap(&ctx, at("ring"), good, &opened));
    assert_true(vault_ring_write(&ctx, opened, at("again")));
    vault_ring_free(opened);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_same_file(names[i]);
    assert_int_equal(stat(at("again"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_true(vault_open(&ctx, at("again"), &vault));
    assert_int_equal(vault_active_key(vault), 2);
    vault_free(vault);
}

/* The file itself: no key stands in it, and two of the same ring have nothing in common. */
static void the_file_tells_nothing(void **state)
{
    uint8_t one[FILE_ROOM];
    uint8_t other[FILE_ROOM];
    uint8_t key[FILE_ROOM];
    size_t size;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("one")) &&
                vault_ring_wrap(&ctx, ring, good, at("other")));
    size = read_file(at("one"), one);
    assert_int_equal(read_file(at("other"), other), size);
    assert_true(memcmp(one + 12, other + 12, 28) != 0 && memcmp(one + 40, other + 40, 32) != 0);
    read_file(at("keys/name.key"), key);
    assert_null(memmem(one, size, key, 12));
    assert_null(memmem(one, size, "name.key", 8));
}

static void another_passphrase_does_not_open(void **state)
{
    struct vault_ring *opened = NULL;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("ring")));
    assert_failed(vault_ring_unwrap(&ctx, at("ring"), wrong, &opened), "RING_NOT_OPENED");
    assert_failed(vault_ring_unwrap(&ctx, at("ring"), (struct bytes){good.data, 20}, &opened),
                  "RING_NOT_OPENED");
    assert_null(opened);
}

/* A byte of each part: magic, version, cost, salt, nonce, ciphertext, tag. */
static void a_changed_file_is_refused(void **state)
{
    static const struct {
        int place; /* negative: from the end */
        const char *reason;
    } changes[] = {{0, "RING_FILE_BROKEN"},  {7, "RING_FILE_BROKEN"},  {8, "RING_NOT_OPENED"},
                   {9, "RING_NOT_OPENED"},   {10, "RING_NOT_OPENED"},  {11, "RING_NOT_OPENED"},
                   {12, "RING_NOT_OPENED"},  {30, "RING_NOT_OPENED"},  {40, "RING_NOT_OPENED"},
                   {200, "RING_NOT_OPENED"}, {-17, "RING_NOT_OPENED"}, {-1, "RING_NOT_OPENED"}};
    struct vault_ring *opened = NULL;
    uint8_t data[FILE_ROOM];
    size_t size;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("ring")));
    size = read_file(at("ring"), data);
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        uint8_t *byte =
            changes[i].place < 0 ? data + size + changes[i].place : data + changes[i].place;
        *byte ^= 0x40;
        write_file(at("changed"), data, size);
        *byte ^= 0x40;
        assert_failed(vault_ring_unwrap(&ctx, at("changed"), good, &opened), changes[i].reason);
    }
    write_file(at("changed"), data, size - 1);
    assert_failed(vault_ring_unwrap(&ctx, at("changed"), good, &opened), "RING_NOT_OPENED");
    write_file(at("changed"), data, size + 1);
    assert_failed(vault_ring_unwrap(&ctx, at("changed"), good, &opened), "RING_NOT_OPENED");
    write_file(at("changed"), data, 50);
    assert_failed(vault_ring_unwrap(&ctx, at("changed"), good, &opened), "RING_FILE_BROKEN");
    write_file(at("changed"), data, 0);
    assert_failed(vault_ring_unwrap(&ctx, at("changed"), good, &opened), "RING_FILE_BROKEN");
    assert_failed(vault_ring_unwrap(&ctx, at("absent"), good, &opened), "RING_FILE_MISSING");
}

/* A file that asks for a cost beyond ours is not paid for: no gigabytes, no hours. */
static void a_dear_file_is_refused_at_once(void **state)
{
    static const uint8_t costs[][4] = {{31, 8, 1, 0}, {24, 255, 1, 0}, {17, 8, 255, 0},
                                       {0, 8, 1, 0},  {17, 0, 1, 0},   {200, 8, 1, 0}};
    struct vault_ring *opened = NULL;
    uint8_t data[FILE_ROOM];
    size_t size;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("ring")));
    size = read_file(at("ring"), data);
    for (size_t i = 0; i < ARRAY_LENGTH(costs); i++) {
        memcpy(data + 8, costs[i], 4);
        write_file(at("dear"), data, size);
        assert_failed(vault_ring_unwrap(&ctx, at("dear"), good, &opened), "RING_NOT_OPENED");
    }
}

static void nothing_is_overwritten(void **state)
{
    uint8_t before[FILE_ROOM];
    uint8_t now[FILE_ROOM];
    size_t size;

    (void)state;
    assert_true(vault_ring_wrap(&ctx, ring, good, at("ring")));
    size = read_file(at("ring"), before);
    assert_failed(vault_ring_wrap(&ctx, ring, good, at("ring")), "RING_FILE_EXISTS");
    assert_int_equal(read_file(at("ring"), now), size);
    assert_memory_equal(before, now, size);
    assert_true(access(at("ring.partial"), F_OK) != 0);
    /* The same ring may lie there, another one or anything else may not. */
    assert_true(vault_ring_fits(&ctx, ring, at("keys")) &&
                vault_ring_write(&ctx, ring, at("keys")));
    assert_true(vault_rotate(&ctx, at("keys")));
    assert_failed(vault_ring_write(&ctx, ring, at("keys")), "KEY_FOLDER_TAKEN");
    assert_failed(vault_ring_fits(&ctx, ring, place), "KEY_FOLDER_TAKEN");
}

static void a_signature_is_of_one_ring_and_text(void **state)
{
    struct vault_ring *stranger = NULL;
    struct digest mine = vault_ring_sign(ring, (struct bytes){(const uint8_t *)"text", 4});
    struct digest again = vault_ring_sign(ring, (struct bytes){(const uint8_t *)"text", 4});
    struct digest other = vault_ring_sign(ring, (struct bytes){(const uint8_t *)"texu", 4});

    (void)state;
    assert_memory_equal(mine.bytes, again.bytes, DIGEST_SIZE);
    assert_memory_not_equal(mine.bytes, other.bytes, DIGEST_SIZE);
    assert_true(vault_create(&ctx, at("strange")) &&
                vault_ring_read(&ctx, at("strange"), &stranger));
    other = vault_ring_sign(stranger, (struct bytes){(const uint8_t *)"text", 4});
    assert_memory_not_equal(mine.bytes, other.bytes, DIGEST_SIZE);
    vault_ring_free(stranger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_wrapped_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_file_tells_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_passphrase_does_not_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dear_file_is_refused_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_overwritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signature_is_of_one_ring_and_text, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
