/*
 * Goal: the sealing key is rotated while an exchange serves.
 * Method: `cixd key` beside a running cixd; reports before, meanwhile and after, and what is
 * submitted behind the rotation.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/key.h"
#include "support/person.h"
#include "support/scene.h"

#include "support/cmocka.h"

enum { PERSONS = 50, LATER = 1000 };

static struct exchange exchange;
static struct arena arena;
static struct cix_error error;
static struct speaker *bank;

static void submit_person(int64_t k)
{
    const char *records[] = {scene_consent(&arena, k, "LOAN_APPROVAL"), scene_subject(&arena, k),
                             scene_account(&arena, k, 0), scene_month(&arena, k, 0)};

    assert_int_equal(scene_submit(bank, &arena, records, 4)->accepted, 4);
}

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    bank = speaker_open(&exchange, "bank-one");
    for (int64_t k = 0; k < PERSONS; k++)
        submit_person(k);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    speaker_close(bank);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static pid_t key_start(const char *word)
{
    const char *build = getenv("CIX_BUILD");
    const char *program =
        arena_format(&arena, "%s/cixd", build ? build : CIX_SOURCE_DIR "/build/dev");
    const char *data = arena_format(&arena, "--data=%s", exchange.folder);
    const char *keys = arena_format(&arena, "--keys=%s/keys", exchange.folder);
    const char *uri = arena_format(&arena, "--database=%s", exchange.database.owner_uri);
    const char *output = arena_format(&arena, "%s/key.output", exchange.folder);
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        dup2(file, 1);
        execl(program, "cixd", "key", word, data, keys, uri, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void assert_report(int64_t k)
{
    const Cix__V1__GetReportResponse *response =
        speaker_ask(bank, CIX_GET_REPORT, scene_report(&arena, k, NULL, "LOAN_APPROVAL"), &error);
    struct person person;

    person_make(k, &person);
    if (!response)
        fail_msg("report: %d %s (%s)", error.status, error.reason, error.message);
    assert_string_equal(response->report->identity->names[0]->name, person.name);
    assert_int_equal(response->report->n_accounts, 1);
}

/* Values of all places under a key. */
static int64_t under(uint32_t id)
{
    struct db *owner = exchange_owner(&exchange);
    struct key_use *uses;
    struct ctx ctx;
    int64_t sum = 0;
    int count;

    ctx_init(&ctx, &arena);
    assert_true(key_count(&ctx, owner, &uses, &count));
    db_close(owner);
    for (int i = 0; i < count; i++)
        sum += uses[i].key_id == id ? uses[i].count : 0;
    return sum;
}

static void reports_go_on_through_a_rotation(void **state)
{
    int status = 0;
    int64_t asked = 0;
    pid_t pid;

    (void)state;
    assert_true(under(1) >= PERSONS * 3);
    pid = key_start("rotate");
    while (waitpid(pid, &status, WNOHANG) == 0)
        assert_report(asked++ % PERSONS);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    print_message("%lld reports during the rotation\n", (long long)asked);
    assert_int_equal(under(1), 0);
    for (int64_t k = 0; k < PERSONS; k++)
        assert_report(k);
}

static void what_comes_later_is_sealed_under_the_new_key(void **state)
{
    int64_t before = under(2);

    (void)state;
    submit_person(LATER);
    assert_int_equal(under(1), 0);
    assert_true(under(2) >= before + 3);
    assert_report(LATER);
}

static void a_restarted_server_reads_on(void **state)
{
    (void)state;
    speaker_close(bank);
    exchange_end(&exchange);
    exchange_serve(&exchange);
    bank = speaker_open(&exchange, "bank-one");
    assert_report(0);
    assert_report(LATER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_go_on_through_a_rotation),
        cmocka_unit_test(what_comes_later_is_sealed_under_the_new_key),
        cmocka_unit_test(a_restarted_server_reads_on),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
