/*
 * The vault's arithmetic and its key files: indexes against values that another implementation of
 * HMAC-SHA-256 computed, seals that open nowhere else and not with one bit changed, and files that
 * are refused. Keys of known bytes stand in a folder of the test.
 */
#include "vault/vault.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "support/cluster.h"
#include "support/cmocka.h"

static struct arena arena;
static struct ctx ctx;
static const char *folder;
static struct vault *vault;

static const struct vault_place place = {"subject_name", "sealed_name", 42};
static const char text[] = "\xe5\xbc\xa0\xe4\xb8\x89";

static void put_file(const char *name, const char *content, mode_t mode)
{
    const char *path = arena_format(&arena, "%s/%s", folder, name);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void put_key(const char *name, const char *title, const char *digits)
{
    struct builder out = {.arena = &arena};
    builder_format(&out, "cix key %s\n", title);
    for (int i = 0; i < 32; i++)
        builder_text(&out, digits);
    builder_text(&out, "\n");
    put_file(name, out.data, 0600);
}

static int set_up(void **state)
{
    (void)state;
    ctx_init(&ctx, &arena);
    folder = arena_format(&arena, "%s/keys", test_folder());
    assert_int_equal(mkdir(folder, 0700), 0);
    put_key("identifier.key", "identifier", "11");
    put_key("name.key", "name", "22");
    put_key("account.key", "account", "33");
    put_key("operator.key", "operator", "44");
    put_key("seal-00000001.key", "seal 1", "55");
    put_file("active", "1\n", 0600);
    assert_true(vault_open(&ctx, folder, &vault));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vault_free(vault);
    vault = NULL;
    arena_done(&arena);
    return 0;
}

static void assert_failed(enum err code, const char *reason)
{
    assert_int_equal(ctx.error.code, code);
    assert_string_equal(ctx.error.reason, reason);
    ctx_clear(&ctx);
}

static void assert_digest(const struct digest digest, const char *expected)
{
    char hex[2 * DIGEST_SIZE + 1];
    text_to_hex(digest.bytes, DIGEST_SIZE, hex);
    assert_string_equal(hex, expected);
}

static void indexes_are_the_published_hmacs(void **state)
{
    (void)state;
    const struct digest lookup = vault_lookup(vault, 1, "99000119900307004X");
    assert_digest(lookup, "70865456715dd1ff022784cfbc6e9a296c0cd1c8b5f5e1d13cc8dc2f3fe2ecd7");
    assert_digest(vault_name_index(vault, &lookup, text),
                  "820eeb07e543eaeae802c0af78b51a4f1c0ad203dc6fa1d6f24fc88599fad373");
    assert_digest(vault_account_index(vault, 7, "ACC-1"),
                  "a84f3b732b568802b0ca6df5daa69947c705d3cf4151bd8bae9bbde0c2bed185");
    assert_digest(vault_operator_index(vault, 7, "op1"),
                  "81e5b28aaad7b783fdcb746844a10e03d67dc90df828957d147224a18e48ea32");
}

static bool is_same(struct digest a, struct digest b)
{
    return memcmp(a.bytes, b.bytes, DIGEST_SIZE) == 0;
}

static void an_index_belongs_to_its_kind_and_member(void **state)
{
    (void)state;
    assert_false(is_same(vault_lookup(vault, 1, "A"), vault_lookup(vault, 2, "A")));
    assert_false(is_same(vault_account_index(vault, 1, "A"), vault_account_index(vault, 2, "A")));
    assert_false(is_same(vault_account_index(vault, 1, "A"), vault_operator_index(vault, 1, "A")));
    assert_true(is_same(vault_account_index(vault, 1, "A"), vault_origin_index(vault, 1, "", "A")));
    assert_false(is_same(vault_origin_index(vault, 1, "b-1", "A"),
                         vault_origin_index(vault, 1, "b-2", "A")));
    assert_false(
        is_same(vault_origin_index(vault, 1, "b-1", "A"), vault_account_index(vault, 1, "b-1A")));
}

static struct bytes seal(const struct vault_place *where)
{
    return vault_seal(vault, &arena, where, text, strlen(text));
}

static void a_sealed_value_opens_in_its_place(void **state)
{
    struct bytes data;
    (void)state;
    const struct bytes sealed = seal(&place);
    assert_int_equal(sealed.size, strlen(text) + 33);
    assert_int_equal(vault_key_of(sealed), 1);
    assert_true(vault_open_sealed(&ctx, vault, &place, sealed, &data));
    assert_int_equal(data.size, strlen(text));
    assert_string_equal((const char *)data.data, text);
}

static void an_empty_value_is_sealed_too(void **state)
{
    struct bytes data;
    (void)state;
    const struct bytes sealed = vault_seal(vault, &arena, &place, NULL, 0);
    assert_int_equal(sealed.size, 33);
    assert_true(vault_open_sealed(&ctx, vault, &place, sealed, &data));
    assert_int_equal(data.size, 0);
}

static void the_same_text_is_never_sealed_the_same(void **state)
{
    (void)state;
    const struct bytes one = seal(&place);
    const struct bytes two = seal(&place);
    assert_memory_not_equal(one.data + 5, two.data + 5, 12);
    assert_memory_not_equal(one.data + 17, two.data + 17, strlen(text));
}

/* A child that inherits a stock of nonces must not use them: the parent will. */
static void a_child_process_draws_its_own_nonces(void **state)
{
    int ends[2];
    uint8_t childs[12];
    (void)state;
    seal(&place);
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(write(ends[1], seal(&place).data + 5, sizeof(childs)) != sizeof(childs));
    assert_int_equal(read(ends[0], childs, sizeof(childs)), sizeof(childs));
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_memory_not_equal(childs, seal(&place).data + 5, sizeof(childs));
    close(ends[0]);
    close(ends[1]);
}

static void a_moved_value_does_not_open(void **state)
{
    static const struct vault_place elsewhere[] = {
        {"subject_nam", "sealed_name", 42},
        {"subject_name", "sealed_value", 42},
        {"subject_name", "sealed_name", 43},
        {"subject_namesealed", "_name", 42},
    };
    struct bytes data = {0};
    (void)state;
    const struct bytes sealed = seal(&place);
    for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++) {
        assert_false(vault_open_sealed(&ctx, vault, &elsewhere[i], sealed, &data));
        assert_failed(ERR_INTERNAL, "SEAL_BROKEN");
    }
    assert_null(data.data);
}

static void no_changed_bit_goes_unseen(void **state)
{
    struct bytes data = {0};
    (void)state;
    const struct bytes sealed = seal(&place);
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        uint8_t *changed = arena_copy(&arena, sealed.data, sealed.size);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const struct bytes broken = {changed, sealed.size};
        assert_false(vault_open_sealed(&ctx, vault, &place, broken, &data));
        assert_int_equal(ctx.error.code, ERR_INTERNAL);
        ctx_clear(&ctx);
    }
    assert_null(data.data);
}

static void no_shortened_value_opens(void **state)
{
    struct bytes data;
    (void)state;
    const struct bytes sealed = seal(&place);
    for (size_t size = 0; size < sealed.size; size++) {
        const struct bytes part = {sealed.data, size};
        assert_false(vault_open_sealed(&ctx, vault, &place, part, &data));
        assert_failed(ERR_INTERNAL, "SEAL_BROKEN");
    }
}

static void an_unknown_key_is_told_apart(void **state)
{
    struct bytes data;
    (void)state;
    const struct bytes sealed = seal(&place);
    uint8_t *changed = arena_copy(&arena, sealed.data, sealed.size);
    changed[4] = 9;
    const struct bytes other = {changed, sealed.size};
    assert_false(vault_open_sealed(&ctx, vault, &place, other, &data));
    assert_failed(ERR_INTERNAL, "SEAL_KEY_UNKNOWN");
}

static void rotation_keeps_old_values_readable(void **state)
{
    struct bytes data;
    (void)state;
    const struct bytes old = seal(&place);
    const struct digest before = vault_lookup(vault, 1, "A");
    assert_true(vault_rotate(&ctx, folder));
    assert_int_equal(vault_active_key(vault), 1);
    assert_true(vault_refresh(&ctx, vault));
    assert_int_equal(vault_active_key(vault), 2);
    assert_int_equal(vault_key_of(seal(&place)), 2);
    assert_true(vault_open_sealed(&ctx, vault, &place, old, &data));
    assert_string_equal((const char *)data.data, text);
    assert_true(is_same(before, vault_lookup(vault, 1, "A")));
}

/* With several servers a key is on all of them before one seals under it. */
static void an_added_key_waits_until_it_is_made_active(void **state)
{
    struct vault *elsewhere = NULL;
    struct bytes data;
    uint32_t id = 0;
    (void)state;
    assert_true(vault_add(&ctx, folder, &id));
    assert_int_equal(id, 2);
    assert_true(vault_add(&ctx, folder, &id));
    assert_int_equal(id, 2);
    assert_true(vault_open(&ctx, folder, &elsewhere));
    assert_int_equal(vault_active_key(elsewhere), 1);
    assert_true(vault_rotate(&ctx, folder));
    assert_true(vault_refresh(&ctx, vault));
    assert_int_equal(vault_active_key(vault), 2);
    assert_true(vault_open_sealed(&ctx, elsewhere, &place, seal(&place), &data));
    vault_free(elsewhere);
}

/* A kill behind the key file and before `active` leaves a ring that works and rotates on. */
static void a_rotation_cut_short_does_no_harm(void **state)
{
    (void)state;
    assert_true(vault_rotate(&ctx, folder));
    put_file("active", "1\n", 0600);
    assert_true(vault_refresh(&ctx, vault));
    assert_int_equal(vault_active_key(vault), 1);
    assert_true(vault_rotate(&ctx, folder));
    assert_true(vault_refresh(&ctx, vault));
    assert_int_equal(vault_active_key(vault), 2);
}

static void an_index_key_may_not_change_under_the_server(void **state)
{
    (void)state;
    put_key("name.key", "name", "23");
    assert_false(vault_refresh(&ctx, vault));
    assert_failed(ERR_PRECONDITION, "KEY_FILE_CHANGED");
}

static bool opens(void)
{
    struct vault *other = NULL;
    bool is_open = vault_open(&ctx, folder, &other);
    vault_free(other);
    return is_open;
}

static void loose_files_are_refused(void **state)
{
    static const char *const names[] = {"identifier.key", "seal-00000001.key", "active"};
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *path = arena_format(&arena, "%s/%s", folder, names[i]);
        for (size_t j = 0; j < ARRAY_LENGTH(modes); j++) {
            assert_int_equal(chmod(path, modes[j]), 0);
            assert_false(opens());
            assert_failed(ERR_PRECONDITION, "KEY_FILE_LOOSE");
        }
        assert_int_equal(chmod(path, 0400), 0);
        assert_true(opens());
    }
    assert_int_equal(chmod(folder, 0755), 0);
    assert_false(opens());
    assert_failed(ERR_PRECONDITION, "KEY_FILE_LOOSE");
}

static void broken_files_are_refused(void **state)
{
    (void)state;
    put_key("name.key", "identifier", "22");
    assert_false(opens());
    assert_failed(ERR_INTERNAL, "KEY_FILE_BROKEN");
    put_file("name.key", "cix key name\n2222\n", 0600);
    assert_false(opens());
    assert_failed(ERR_INTERNAL, "KEY_FILE_BROKEN");
    put_key("name.key", "name", "2g");
    assert_false(opens());
    assert_failed(ERR_INTERNAL, "KEY_FILE_BROKEN");
    put_key("name.key", "name", "22");
    put_file("active", "2\n", 0600);
    assert_false(opens());
    assert_failed(ERR_INTERNAL, "KEY_FILE_BROKEN");
    put_file("active", "1\n", 0600);
    assert_true(opens());
}

static void a_link_is_not_followed(void **state)
{
    (void)state;
    const char *path = arena_format(&arena, "%s/name.key", folder);
    const char *kept = arena_format(&arena, "%s/kept", folder);
    assert_int_equal(rename(path, kept), 0);
    assert_int_equal(symlink(kept, path), 0);
    assert_false(opens());
    assert_failed(ERR_INTERNAL, "KEY_FILE_UNREADABLE");
}

static void a_new_ring_is_private_and_made_once(void **state)
{
    struct vault *fresh = NULL;
    struct stat status;
    (void)state;
    const char *other = arena_format(&arena, "%s/fresh", test_folder());
    assert_true(vault_create(&ctx, other));
    assert_int_equal(stat(other, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(arena_format(&arena, "%s/identifier.key", other), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(vault_open(&ctx, other, &fresh));
    assert_false(is_same(vault_lookup(fresh, 1, "A"), vault_lookup(vault, 1, "A")));
    vault_free(fresh);
    assert_false(vault_create(&ctx, other));
    assert_failed(ERR_EXISTS, "KEY_FILE_EXISTS");
}

enum { THREADS = 4, ROUNDS = 500 };

/* Seals and opens while the main thread rotates; every value must open. */
static void *work(void *argument)
{
    struct arena own = {0};
    struct ctx mine;
    intptr_t failures = 0;
    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        struct bytes data;
        ctx_init(&mine, &own);
        const struct bytes sealed = vault_seal(vault, &own, &place, text, strlen(text));
        failures += !vault_open_sealed(&mine, vault, &place, sealed, &data);
        failures += !is_same(vault_lookup(vault, 1, "A"), vault_lookup(vault, 1, "A"));
        arena_reset(&own);
    }
    arena_done(&own);
    return (void *)failures;
}

static void threads_share_a_vault_that_rotates(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_true(vault_rotate(&ctx, folder));
        assert_true(vault_refresh(&ctx, vault));
    }
    for (int i = 0; i < THREADS; i++) {
        void *failures = NULL;
        assert_int_equal(pthread_join(threads[i], &failures), 0);
        assert_null(failures);
    }
    assert_int_equal(vault_active_key(vault), 4);
}

#define VAULT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT_TEST(indexes_are_the_published_hmacs),
        VAULT_TEST(an_index_belongs_to_its_kind_and_member),
        VAULT_TEST(a_sealed_value_opens_in_its_place),
        VAULT_TEST(an_empty_value_is_sealed_too),
        VAULT_TEST(the_same_text_is_never_sealed_the_same),
        VAULT_TEST(a_child_process_draws_its_own_nonces),
        VAULT_TEST(a_moved_value_does_not_open),
        VAULT_TEST(no_changed_bit_goes_unseen),
        VAULT_TEST(no_shortened_value_opens),
        VAULT_TEST(an_unknown_key_is_told_apart),
        VAULT_TEST(rotation_keeps_old_values_readable),
        VAULT_TEST(an_added_key_waits_until_it_is_made_active),
        VAULT_TEST(a_rotation_cut_short_does_no_harm),
        VAULT_TEST(an_index_key_may_not_change_under_the_server),
        VAULT_TEST(loose_files_are_refused),
        VAULT_TEST(broken_files_are_refused),
        VAULT_TEST(a_link_is_not_followed),
        VAULT_TEST(a_new_ring_is_private_and_made_once),
        VAULT_TEST(threads_share_a_vault_that_rotates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
