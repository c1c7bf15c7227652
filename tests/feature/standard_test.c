/*
 * Goal: rating standards are loaded, published and retired by those who may, and what is in force
 * is in force on a running server within a second. Method: a whole exchange over mTLS; its log says
 * which set the server works with.
 */
#include "store/standard.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "cli/exit.h"
#include "support/cmocka.h"
#include "support/exchange.h"
#include "support/shell.h"
#include "support/standard.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange exchange;
static struct cix_client *bank, *regulator;
static struct cix_error error;
static char output[OUTPUT_MAX];

static int set_up_all(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    exchange_member(&exchange, "association", MEMBER_TYPE_SELF_REGULATORY_ASSOC);
    bank = exchange_client(&exchange, "bank-one");
    regulator = exchange_client(&exchange, "regulator");
    return 0;
}

static struct arena files; /* of the files that cix reads, and its words */

static int tear_down_all(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(regulator);
    arena_done(&files);
    exchange_stop(&exchange);
    return 0;
}

/* The operator's act. */
static struct submission_act operator_act(int16_t method)
{
    static const uint8_t certificate[32];

    return (struct submission_act){.now_us = clock_now_us(),
                                   .audit_id = id_new(),
                                   .method = method,
                                   .certificate = {certificate, sizeof(certificate)}};
}

/* The small standard under another name and version, in force these days. */
static struct bytes small_text(struct arena *arena, const char *id, int version)
{
    const char *text = small_standard_with(arena, "valid ", "valid 2024-01-01 2099-12-31");
    const char *behind = strchr(text, '\n');

    text = arena_format(arena, "standard %s %d%s", id, version, behind);
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void put(struct ctx *ctx, const char *id, int version, struct standard_loaded *loaded)
{
    struct submission_act act = operator_act(72);

    if (!standard_put(ctx, exchange.admin, &act, small_text(ctx->arena, id, version), loaded))
        fail_msg("%s", ctx->error.message);
}

/* What the operator loads and publishes reaches the running server, which reads it. */
static void what_the_operator_publishes_is_in_force(void **state)
{
    struct arena arena = {0};
    struct standard_loaded loaded;
    struct standard_published published;
    struct standard_version found;
    struct submission_act act = operator_act(73);
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    put(&ctx, "small", 3, &loaded);
    assert_true(loaded.is_new);
    put(&ctx, "small", 3, &loaded);
    assert_false(loaded.is_new);
    assert_int_equal(loaded.state, STANDARD_STATE_LOADED);
    assert_true(standard_publish(&ctx, exchange.admin, &act, "small", 3, &published));
    assert_true(published.is_new);
    act = operator_act(71);
    assert_true(standard_get(&ctx, exchange.admin, &act, "small", 0, &found));
    assert_int_equal(found.number, published.number);
    assert_int_equal(found.state, STANDARD_STATE_PUBLISHED);
    assert_true(found.published.is_taken && !found.retired.is_taken);
    assert_memory_equal(found.digest.bytes, loaded.digest.bytes, DIGEST_SIZE);
    struct bytes text = small_text(&arena, "small", 3);
    assert_int_equal(found.text.size, text.size);
    assert_memory_equal(found.text.data, text.data, text.size);
    exchange_settle();
    assert_true(exchange_log_has(&exchange, "\"event\":\"standards\",\"revision\":1,\"count\":1"));
    assert_false(exchange_log_has(&exchange, "standard_unreadable"));
    arena_done(&arena);
}

/* ---- Calls ---- */

static bool load(struct cix_client *client, struct bytes text, bool *is_new)
{
    Cix__V1__LoadStandardRequest request = CIX__V1__LOAD_STANDARD_REQUEST__INIT;
    Cix__V1__LoadStandardResponse *response;

    request.text = (ProtobufCBinaryData){text.size, (uint8_t *)text.data};
    if (!cix_load_standard(client, &request, &response, &error))
        return false;
    *is_new = response->is_new;
    cix_free(response);
    return true;
}

/* Loads the small standard under this name and version. */
static void load_small(const char *id, int version)
{
    struct arena arena = {0};
    bool is_new;

    if (!load(regulator, small_text(&arena, id, version), &is_new))
        fail_msg("%s: %s", error.reason, error.message);
    assert_true(is_new);
    arena_done(&arena);
}

/* The reason of a refusal, "" for none; replaced may be NULL. */
static const char *publish(struct cix_client *client, const char *id, int version, int *replaced)
{
    Cix__V1__PublishStandardRequest request = CIX__V1__PUBLISH_STANDARD_REQUEST__INIT;
    Cix__V1__PublishStandardResponse *response;

    request.standard_id = (char *)id;
    request.version = version;
    if (!cix_publish_standard(client, &request, &response, &error))
        return error.reason;
    if (replaced)
        *replaced = response->replaced_version;
    cix_free(response);
    return "";
}

static const char *retire(struct cix_client *client, const char *id, int version, const char *why)
{
    Cix__V1__RetireStandardRequest request = CIX__V1__RETIRE_STANDARD_REQUEST__INIT;
    Cix__V1__RetireStandardResponse *response;

    request.standard_id = (char *)id;
    request.version = version;
    request.reason = (char *)why;
    if (!cix_retire_standard(client, &request, &response, &error))
        return error.reason;
    cix_free(response);
    return "";
}

/* One version, to be freed; NULL: refused. */
static Cix__V1__GetStandardResponse *get(struct cix_client *client, const char *id, int version)
{
    Cix__V1__GetStandardRequest request = CIX__V1__GET_STANDARD_REQUEST__INIT;
    Cix__V1__GetStandardResponse *response;

    request.standard_id = (char *)id;
    request.version = version;
    return cix_get_standard(client, &request, &response, &error) ? response : NULL;
}

/* How many versions of a name a member sees in a state; 0: in all. */
static size_t count_listed(struct cix_client *client, const char *id, int state)
{
    Cix__V1__ListStandardsRequest request = CIX__V1__LIST_STANDARDS_REQUEST__INIT;
    Cix__V1__ListStandardsResponse *response;

    request.standard_id = (char *)id;
    request.state = (Cix__V1__StandardState)state;
    if (!cix_list_standards(client, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    size_t count = response->n_standards;

    cix_free(response);
    return count;
}

/* ---- By RPC ---- */

static void every_member_reads_and_only_the_regulator_changes(void **state)
{
    static const char *const others[] = {"bank-one", "court-one", "association"};
    struct arena arena = {0};
    struct bytes text = small_text(&arena, "of-roles", 1);
    bool is_new;

    (void)state;
    load_small("of-roles", 1);
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        struct cix_client *client = exchange_client(&exchange, others[i]);
        Cix__V1__GetStandardResponse *response = get(client, "of-roles", 1);

        assert_non_null(response);
        assert_int_equal(response->text.len, text.size);
        assert_memory_equal(response->text.data, text.data, text.size);
        assert_string_equal(response->standard->loaded->member_code, "regulator");
        assert_null(response->standard->published);
        cix_free(response);
        assert_int_equal(count_listed(client, "of-roles", 0), 1);
        assert_false(load(client, text, &is_new));
        assert_string_equal(error.reason, "ROLE_REQUIRED");
        assert_string_equal(publish(client, "of-roles", 1, NULL), "ROLE_REQUIRED");
        assert_string_equal(retire(client, "of-roles", 1, "no"), "ROLE_REQUIRED");
        cix_close(client);
    }
    assert_int_equal(count_listed(bank, "of-roles", STANDARD_STATE_LOADED), 1);
    arena_done(&arena);
}

static void a_version_never_changes(void **state)
{
    struct arena arena = {0};
    struct bytes text = small_text(&arena, "of-texts", 1);
    const char *remarked = arena_format(&arena, "# a remark\n\n%.*s", (int)text.size, text.data);
    char *other = arena_format(&arena, "%.*s", (int)text.size, text.data);
    bool is_new = true;

    (void)state;
    load_small("of-texts", 1);
    assert_true(
        load(regulator, (struct bytes){(const uint8_t *)remarked, strlen(remarked)}, &is_new));
    assert_false(is_new);
    *strstr(other, "Small") = 'T';
    assert_false(load(regulator, (struct bytes){(const uint8_t *)other, strlen(other)}, &is_new));
    assert_string_equal(error.reason, "STANDARD_CONFLICT");
    assert_int_equal(error.status, CIX_ALREADY_EXISTS);
    arena_done(&arena);
}

static void assert_refused(const char *text, size_t size, const char *reason, const char *line)
{
    bool is_new;

    assert_false(load(regulator, (struct bytes){(const uint8_t *)text, size}, &is_new));
    assert_string_equal(error.reason, reason);
    if (line) {
        assert_string_equal(cix_error_fact(&error, "line"), line);
        assert_string_equal(error.fields[0].field, "text");
    }
}

static void a_wrong_text_is_refused_with_its_line(void **state)
{
    struct arena arena = {0};
    const char *text = small_standard_with(&arena, "horizon-months ", "horizon-months 0");
    const char *bytes = arena_alloc(&arena, STANDARD_TEXT_MAX + 2048);

    (void)state;
    assert_refused(text, strlen(text), "STANDARD_RANGE", "4");
    text = small_standard_with(&arena, "horizon-months ", "horizon 1");
    assert_refused(text, strlen(text), "STANDARD_WORD", "4");
    text = small_standard_with(&arena, "grade D ", "grade NR - 10000");
    assert_refused(text, strlen(text), "STANDARD_WORD", "20");
    text = "standard a-draft 1\n";
    assert_refused(text, strlen(text), "STANDARD_INCOMPLETE", NULL);
    assert_refused("\xff\xfe", 2, "STANDARD_TEXT", NULL);
    assert_refused("", 0, "FIELD_REQUIRED", NULL);
    assert_refused(bytes, STANDARD_TEXT_MAX + 1, "STANDARD_TEXT", NULL);
    assert_refused(bytes, STANDARD_TEXT_MAX + 2048, "MESSAGE_TOO_LARGE", NULL);
    assert_int_equal(count_listed(bank, "a-draft", 0), 0);
    arena_done(&arena);
}

/* The draft that the repository ships is a whole text but for its points. */
static void a_draft_is_refused(void **state)
{
    static char text[STANDARD_TEXT_MAX];
    FILE *file = fopen(CIX_SOURCE_DIR "/deploy/standard/card-next-month.draft", "re");

    (void)state;
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    assert_refused(text, size, "STANDARD_INCOMPLETE", NULL);
}

static void several_names_are_in_force_and_one_version_of_each(void **state)
{
    Cix__V1__GetStandardResponse *response;
    int replaced = -1;

    (void)state;
    load_small("of-persons", 1);
    load_small("of-persons", 2);
    load_small("of-firms", 7);
    assert_null(get(bank, "of-persons", 0));
    assert_string_equal(error.reason, "STANDARD_UNKNOWN");
    assert_string_equal(publish(regulator, "of-persons", 1, &replaced), "");
    assert_int_equal(replaced, 0);
    assert_string_equal(publish(regulator, "of-firms", 7, NULL), "");
    assert_string_equal(publish(regulator, "of-firms", 7, NULL), ""); /* changes nothing */
    assert_int_equal(count_listed(bank, "of-persons", STANDARD_STATE_PUBLISHED), 1);
    assert_int_equal(count_listed(bank, "of-firms", STANDARD_STATE_PUBLISHED), 1);
    assert_string_equal(publish(regulator, "of-persons", 2, &replaced), "");
    assert_int_equal(replaced, 1);
    response = get(bank, "of-persons", 0);
    assert_int_equal(response->standard->version, 2);
    assert_string_equal(response->standard->published->member_code, "regulator");
    assert_true(response->standard->published->at_us > 0);
    cix_free(response);
    response = get(bank, "of-persons", 1); /* stays readable */
    assert_int_equal(response->standard->state, STANDARD_STATE_RETIRED);
    assert_string_equal(response->standard->retire_reason, "version 2 was published");
    assert_string_equal(response->standard->retired->member_code, "regulator");
    struct digest digest = digest_of(response->text.data, response->text.len);
    assert_memory_equal(response->standard->sha256.data, digest.bytes, DIGEST_SIZE);
    cix_free(response);
    assert_int_equal(count_listed(bank, "of-persons", 0), 2);
}

static void what_may_not_be_published_is_told(void **state)
{
    struct arena arena = {0};
    const char *text = small_standard_with(&arena, "standard ", "standard of-the-past 1");
    struct bytes over = {(const uint8_t *)text, strlen(text)}; /* valid to the end of 2025 */
    bool is_new;

    (void)state;
    assert_true(load(regulator, over, &is_new));
    assert_string_equal(publish(regulator, "of-the-past", 1, NULL), "STANDARD_OVER");
    assert_int_equal(error.status, CIX_FAILED_PRECONDITION);
    assert_string_equal(publish(regulator, "of-the-past", 2, NULL), "STANDARD_UNKNOWN");
    text = small_standard_with(&arena, "standard ", "standard of-the-future 1");
    text = standard_text_with(&arena, text, "valid ", "valid 2090-01-01 2099-12-31");
    assert_true(load(regulator, (struct bytes){(const uint8_t *)text, strlen(text)}, &is_new));
    assert_string_equal(publish(regulator, "of-the-future", 1, NULL), "STANDARD_EARLY");
    load_small("of-order", 1);
    load_small("of-order", 2);
    assert_string_equal(publish(regulator, "of-order", 2, NULL), "");
    assert_string_equal(publish(regulator, "of-order", 1, NULL), "STANDARD_SUPERSEDED");
    assert_string_equal(retire(regulator, "of-order", 2, ""), "FIELD_REQUIRED");
    assert_string_equal(retire(regulator, "of-order", 2, "two\nlines"), "FIELD_INVALID");
    assert_string_equal(retire(regulator, "of-order", 9, "unknown"), "STANDARD_UNKNOWN");
    assert_string_equal(retire(regulator, "of-order", 2, "level of the book has moved"), "");
    assert_string_equal(retire(regulator, "of-order", 2, "another reason"), ""); /* no change */
    assert_string_equal(publish(regulator, "of-order", 2, NULL), "STANDARD_RETIRED");
    Cix__V1__GetStandardResponse *response = get(bank, "of-order", 2);
    assert_string_equal(response->standard->retire_reason, "level of the book has moved");
    cix_free(response);
    assert_string_equal(publish(regulator, "", 1, NULL), "FIELD_REQUIRED");
    assert_string_equal(publish(regulator, "of-order", 0, NULL), "FIELD_REQUIRED");
    assert_string_equal(publish(regulator, "of-order", -1, NULL), "FIELD_INVALID");
    arena_done(&arena);
}

/* One that this build cannot read is told and left out; the server goes on with the others. */
static void what_the_server_cannot_read_is_left_out(void **state)
{
    struct db *owner = exchange_owner(&exchange);
    struct arena arena = {0};
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, owner,
                   "insert into cix.standard (standard_no, standard_id, version, content, digest,"
                   " state, valid_from, valid_to, loaded_by, loaded_at, published_by, published_at)"
                   " values (9999, 'of-tomorrow', 1, 'standard of-tomorrow 1', "
                   "sha256('standard of-tomorrow 1'), 2, '2026-01-01', '2099-01-01', 0, now(), 0, "
                   "now())"))
        fail_msg("%s", ctx.error.message);
    db_close(owner);
    exchange_settle();
    assert_true(exchange_log_has(&exchange, "\"event\":\"standard_unreadable\",\"number\":9999"));
    assert_int_equal(count_listed(bank, "of-tomorrow", 0), 1);
    assert_string_equal(retire(regulator, "of-tomorrow", 1, "cannot be read"), "");
    arena_done(&arena);
}

/* ---- By the command line ---- */

static int cix(const char *member, const char *words)
{
    return shell_cix_as(&exchange, member, words, output, sizeof(output));
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

/* A file beside the exchange's. */
static const char *file_of(const char *name, const char *text)
{
    const char *path = arena_format(&files, "%s/%s", exchange.folder, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static int measure(const char *csv, const char *words)
{
    return cix("bank-one",
               arena_format(&files,
                            "standard measure deploy/standard/card-next-month.standard %s %s", csv,
                            words));
}

/* Scores without spread, rows without outcomes, and how far scores have moved. */
static void what_cannot_be_measured_is_told(void **state)
{
    struct builder rows = {.arena = &files};

    (void)state;
    builder_text(&rows, "key,outcome,score\n");
    for (int i = 0; i < 120; i++)
        builder_format(&rows, "k%d,%d,600\n", i, i % 9 == 0);
    const char *equal = file_of("equal.csv", rows.data);
    assert_int_equal(measure(equal, "--scores"), CLI_OK);
    assert_non_null(strstr(output, "SLOPE none INTERCEPT none N 120"));
    assert_int_equal(measure(equal, "--scores --output json"), CLI_OK);
    assert_non_null(strstr(output, "\"slope\": null"));
    const char *moved = file_of("moved.csv", "key,outcome,score\na,0,700\nb,1,600\n");
    assert_int_equal(
        measure(equal, arena_format(&files, "--scores --against %s --output json", moved)), CLI_OK);
    assert_non_null(strstr(output, "\"name\": \"against\""));
    assert_null(strstr(strstr(output, "\"name\": \"measured\""), "\"psi\": null"));
    assert_int_equal(measure(file_of("none.csv", "key,outcome,score\n"), "--scores"), CLI_DATA);
    assert_non_null(strstr(output, "holds no rows"));
    assert_int_equal(measure(file_of("good.csv", "key,outcome,score\na,0,700\n"), "--scores"),
                     CLI_DATA);
    assert_non_null(strstr(output, "both outcomes"));
}

static void the_shipped_standard_goes_through_cix(void **state)
{
    (void)state;
    assert_int_equal(cix("regulator", "standard load deploy/standard/card-next-month.standard"),
                     CLI_OK);
    assert_printed("loaded card-next-month 2");
    assert_int_equal(cix("regulator", "standard load deploy/standard/card-next-month.standard"),
                     CLI_OK);
    assert_printed("known already: card-next-month 2");
    assert_int_equal(cix("bank-one", "standard publish card-next-month 2"), CLI_REFUSED);
    assert_int_equal(cix("regulator", "standard publish card-next-month 2"), CLI_OK);
    assert_printed("published card-next-month 2");
    assert_int_equal(cix("bank-one", "standard list card-next-month --state published"), CLI_OK);
    assert_printed("card-next-month");
    assert_printed("regulator");
    assert_int_equal(cix("bank-one", "standard get card-next-month"), CLI_OK);
    assert_printed("standard card-next-month 2\n");
    assert_int_equal(cix("bank-one", "standard get card-next-month 3"), CLI_REFUSED);
    assert_printed("STANDARD_UNKNOWN");
    assert_int_equal(cix("regulator", "standard load README.md"), CLI_REFUSED);
    assert_printed("line = 3");
    assert_int_equal(cix("regulator", "standard load nowhere"), CLI_DATA);
    assert_int_equal(cix("regulator", "standard retire card-next-month 2"), CLI_USAGE);
    assert_int_equal(cix("regulator", "standard retire card-next-month x --reason r"), CLI_USAGE);
    assert_int_equal(cix("regulator", "standard retire card-next-month 2 --reason 'a test'"),
                     CLI_OK);
    assert_printed("retired card-next-month 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_operator_publishes_is_in_force),
        cmocka_unit_test(every_member_reads_and_only_the_regulator_changes),
        cmocka_unit_test(a_version_never_changes),
        cmocka_unit_test(a_wrong_text_is_refused_with_its_line),
        cmocka_unit_test(a_draft_is_refused),
        cmocka_unit_test(several_names_are_in_force_and_one_version_of_each),
        cmocka_unit_test(what_may_not_be_published_is_told),
        cmocka_unit_test(what_the_server_cannot_read_is_left_out),
        cmocka_unit_test(what_cannot_be_measured_is_told),
        cmocka_unit_test(the_shipped_standard_goes_through_cix),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
