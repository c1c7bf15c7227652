/*
 * Goal: a member in state TESTING may submit and ask on a test exchange and nowhere else; cix
 * conformance runs its cases there and refuses to run elsewhere; the exchange attests only what it
 * saw; cixd makes a member active by a result that the exchange attested and by no other file.
 * Method: two exchanges that run, the built cix and cixd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/check.h"
#include "base/clock.h"
#include "store/member.h"
#include "support/exchange.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange trial, production;
static char output[OUTPUT_MAX];

static const char *build(void)
{
    const char *folder = getenv("CIX_BUILD");

    return folder ? folder : "build/dev";
}

static int run(const char *command)
{
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* cix with the certificate that the trial's authority gave the member. */
static int cix(const struct exchange *exchange, const char *member, const char *words)
{
    char command[2048];

    snprintf(command, sizeof(command),
             "CIX_ADDRESS=%s CIX_CA=%s/ca.pem CIX_CERT=%s/%s.pem CIX_KEY=%s/%s.key "
             "HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
             exchange->address, exchange->folder, exchange->folder, member, exchange->folder,
             member, build(), words);
    return run(command);
}

static int cixd(const struct exchange *exchange, const char *uri, const char *words)
{
    char command[2048];

    snprintf(command, sizeof(command), "%s/cixd %s --data %s --database '%s' 2>&1", build(), words,
             exchange->folder, uri);
    return run(command);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

/* Of what was printed the lines with the word: a failure's text has no room for all. */
static void fail_lines(const char *word)
{
    char lines[900] = "";

    for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, word) && strlen(lines) + strlen(line) + 2 < sizeof(lines))
            strcat(strcat(lines, line), "\n");
    fail_msg("%s", lines);
}

static void add_testing(struct exchange *exchange, const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.state = MEMBER_STATE_TESTING;
    member.data_classes = 255; /* every kind of record */
    exchange_member_put(exchange, &member);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&trial, NULL);
    exchange_start(&production, NULL);
    add_testing(&trial, "bank-new", MEMBER_TYPE_BANK);
    add_testing(&trial, "court-new", MEMBER_TYPE_COURT);
    add_testing(&trial, "bureau-new", MEMBER_TYPE_CREDIT_BUREAU);
    exchange_member(&trial, "regulator-new", MEMBER_TYPE_REGULATOR_ADMIN);
    exchange_member(&trial, "platform-one", MEMBER_TYPE_P2P);
    add_testing(&production, "bank-new", MEMBER_TYPE_BANK);
    struct member plain = exchange_member_of("court-none", MEMBER_TYPE_REGULATOR_ADMIN);
    exchange_member_put(&production, &plain);
    exchange_settle();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&trial);
    exchange_stop(&production);
    return 0;
}

static void production_refuses_a_testing_member(void **state)
{
    char path[512], words[700];
    FILE *file;

    (void)state;
    assert_int_equal(cixd(&production, production.database.uri, "exchange"), 0);
    assert_printed("a production exchange");
    snprintf(path, sizeof(path), "%s/one.jsonl", production.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs("{\"subject\":{\"kind\":\"PERSON\",\"name\":\"Nobody\",\"identifiers\":[{\"type\":"
          "\"PASSPORT\",\"value\":\"E00000000\"}]}}\n",
          file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit %s --quiet", path);
    assert_int_equal(cix(&production, "bank-new", words), 3);
    assert_printed("MEMBER_NOT_PERMITTED");
    assert_printed("one in state TESTING does so on a test exchange, where cix conformance");
    assert_int_equal(cix(&production, "bank-new",
                         "flag --id-type passport --id E00000000 --name Nobody --operator o"),
                     3);
    assert_int_equal(cix(&production, "bank-new",
                         "report --id-type passport --id E00000000 --name Nobody --operator o "
                         "--purpose loan-approval"),
                     3);
    assert_int_equal(cix(&production, "bank-new", "conformance"), 3);
    assert_printed("not a test exchange: nothing was sent");
    assert_int_equal(cix(&production, "bank-new", "member"), 0);
}

static void only_the_owner_declares_a_test_exchange(void **state)
{
    (void)state;
    assert_int_equal(cix(&trial, "bank-new", "conformance"), 3);
    assert_int_not_equal(cixd(&trial, trial.database.uri, "exchange test"), 0);
    assert_int_equal(cixd(&trial, trial.database.owner_uri, "exchange test"), 0);
    assert_printed("a test exchange: members in state TESTING may submit and ask");
    assert_int_equal(cixd(&trial, trial.database.owner_uri, "exchange production"), 2);
    exchange_settle();
}

static void every_case_passes(void **state)
{
    char words[700];

    (void)state;
    snprintf(words, sizeof(words), "conformance --result %s/result", trial.folder);
    if (cix(&trial, "bank-new", words))
        fail_lines(strstr(output, "FAIL") ? "FAIL" : "cix:");
    assert_null(strstr(output, "FAIL"));
    assert_printed("account.no-amount");
    static const char *const kinds[] = {"event.put-right",  "party.taken",     "fraud.taken",
                                        "behaviour.taken",  "statement.taken", "funds.taken",
                                        "collection.taken", "grade.taken",     "map.taken",
                                        "event.taken-back", "month.taken-back"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        assert_printed(kinds[i]);
    assert_printed("PASS: ");
    assert_printed("member bank-new, exchange " CIX_VERSION);
}

static void a_court_has_cases_of_its_own(void **state)
{
    char words[700];

    (void)state;
    snprintf(words, sizeof(words), "conformance --result %s/court.result", trial.folder);
    if (cix(&trial, "court-new", words))
        fail_lines(strstr(output, "FAIL") ? "FAIL" : "cix:");
    assert_printed("document.taken");
    assert_printed("flag.taken");
    assert_null(strstr(output, "account.loan-taken"));
}

static void a_bureau_names_its_institution_and_passes(void **state)
{
    char words[700];

    (void)state;
    snprintf(words, sizeof(words), "conformance --result %s/bureau.result", trial.folder);
    if (cix(&trial, "bureau-new", words))
        fail_lines(strstr(output, "FAIL") ? "FAIL" : "cix:");
    assert_printed("subject.wrong-origin");
    assert_printed("month.put-right");
    assert_printed("grade.taken");
}

static void a_regulator_needs_none(void **state)
{
    (void)state;
    assert_int_equal(cix(&trial, "regulator-new", "conformance"), 0);
    assert_printed("member regulator-new needs no conformance");
    assert_int_equal(cix(&trial, "regulator-new", "conformance --output json"), 0);
    assert_printed("\"passed\": 0");
}

/* The exchange's word on a submission that the client names; what the refusal's reason must be. */
static void attest(const struct exchange *exchange, const char *code, const char *submission_id,
                   const char *reason)
{
    Cix__V1__AttestConformanceRequest request = CIX__V1__ATTEST_CONFORMANCE_REQUEST__INIT;
    struct cix_client *client = exchange_client(exchange, code);
    Cix__V1__AttestConformanceResponse *response;
    struct cix_error error;
    uint8_t hash[32] = {1};

    request.submission_id = (char *)submission_id;
    request.result_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (cix_attest_conformance(client, &request, &response, &error))
        fail_msg("attested");
    assert_string_equal(error.reason, reason);
    cix_close(client);
}

/* A good record alone, an unknown id, another's run, no id although cases are due. */
static void what_the_exchange_did_not_see_is_not_attested(void **state)
{
    static const char one[] = "0189cccc-0000-7000-8000-00000000cccc";
    char path[512], words[700], id[64];
    FILE *file;

    (void)state;
    snprintf(path, sizeof(path), "%s/good.jsonl", trial.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs("{\"subject\":{\"kind\":\"PERSON\",\"name\":\"Nobody\",\"identifiers\":[{\"type\":"
          "\"PASSPORT\",\"value\":\"E00000000\"}]}}\n",
          file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit %s --id %s --quiet", path, one);
    assert_int_equal(cix(&trial, "bank-new", words), 0);
    attest(&trial, "bank-new", one, "CASES_UNSEEN");
    attest(&trial, "bank-new", "0189cccc-0000-7000-8000-00000000dddd", "SUBMISSION_UNKNOWN");
    attest(&trial, "bank-new", "", "FIELD_INVALID");
    snprintf(words, sizeof(words), "sed -n 's/^submission: //p' %s/result", trial.folder);
    assert_int_equal(run(words), 0);
    snprintf(id, sizeof(id), "%.36s", output);
    attest(&trial, "court-new", id, "SUBMISSION_UNKNOWN");
    attest(&production, "court-none", "", "NOT_A_TEST_EXCHANGE");
}

/* Again, with other made persons: no case depends on an exchange that is empty. */
static void the_cases_run_again_and_speak_json(void **state)
{
    (void)state;
    if (cix(&trial, "bank-new", "conformance --output json"))
        fail_lines("\"isPassed\": false");
    assert_printed("\"isPassed\": true");
    assert_printed("{\"case\": \"chunk.replay\", \"isPassed\": true");
}

static void a_member_without_rights_does_not_pass(void **state)
{
    struct member member = exchange_member_of("bank-mute", MEMBER_TYPE_BANK);

    (void)state;
    member.state = MEMBER_STATE_TESTING;
    memset(member.purposes, 0, sizeof(member.purposes));
    exchange_member_put(&trial, &member);
    exchange_settle();
    assert_int_equal(cix(&trial, "bank-mute", "conformance"), 1);
    assert_printed("FAIL: ");
    assert_printed("refused 7 INQUIRY_REFUSED I001");
}

static void an_exchange_with_data_is_not_declared(void **state)
{
    (void)state;
    assert_int_equal(cixd(&production, production.database.owner_uri, "exchange"), 0);
    exchange_member(&production, "bank-old", MEMBER_TYPE_BANK);
    assert_int_equal(cix(&production, "bank-old",
                         "flag --id-type passport --id E00000000 --name Nobody --operator o"),
                     0);
    assert_int_equal(cixd(&production, production.database.owner_uri, "exchange test"), 1);
    assert_printed("EXCHANGE_USED");
}

/* By a file of the trial's folder, and the certificate that an exchange shows there. */
static int activate_by(const char *file, const struct exchange *exchange, const char *certificate)
{
    char words[1400];

    snprintf(words, sizeof(words),
             "member activate bank-new --conformance %s/%s --exchange-certificate %s/%s.pem",
             trial.folder, file, exchange->folder, certificate);
    return cixd(&production, production.database.uri, words);
}

static int activate(const char *file)
{
    return activate_by(file, &trial, "server");
}

static void only_a_whole_result_makes_active(void **state)
{
    static const char *const changes[][2] = {
        {"s/^result: pass \\([0-9]*\\) of.*/result: pass \\1 of 99/", "CONFORMANCE_FILE"},
        {"s/^member: .*/member: bank-old/", "CONFORMANCE_FILE"},
        {"s/^case: account.no-amount pass/case: account.no-amount fail/", "CONFORMANCE_FILE"},
        {"s/^case: chunk.gap pass/case: chunk.gap pass\\ncase: more pass/", "CONFORMANCE_FILE"},
        {"$a case: more pass", "CONFORMANCE_FILE"},
        {"/^signature/d", "CONFORMANCE_FILE"},
        {"1d", "CONFORMANCE_FILE"},
    };
    char command[1200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        snprintf(command, sizeof(command), "sed '%s' %s/result > %s/changed", changes[i][0],
                 trial.folder, trial.folder);
        assert_int_equal(run(command), 0);
        assert_int_equal(activate("changed"), 1);
        assert_printed(changes[i][1]);
    }
    assert_int_equal(activate("nothing"), 1);
    /* Signed with a certificate that production does not know yet. */
    assert_int_equal(activate("result"), 1);
    assert_printed("CERTIFICATE_FOREIGN");
}

/* Edited by sed, then signed again with the member's own key, as only the member can. */
static void edit_and_sign(const char *change)
{
    char command[2400];

    snprintf(command, sizeof(command),
             "cd %s && sed '%s' result | sed '/^signature: /d' > edited && "
             "openssl dgst -sha256 -sign bank-new.key edited | base64 -w0 > edited.sig && "
             "{ printf 'signature: '; cat edited.sig; echo; } >> edited",
             trial.folder, change);
    if (run(command))
        fail_msg("%s", output);
}

/* The member signs what it likes: only the exchange's word counts, and only this exchange's. */
static void a_result_that_the_exchange_did_not_attest_is_refused(void **state)
{
    static const char *const changes[] = {
        "/^case: chunk.gap/d; s/^result: pass .*/result: pass 1 of 1/",
        "s/^made-at-us: .*/made-at-us: 1/",
        "s/^submission: ..../submission: 0000/",
        "s/^exchange-version: .*/exchange-version: 9.9/",
        "/^attestation: /d",
        "/^attestation-signature: /d",
        "s/^attestation: .*/attestation: Q0lYIEFUVEVTVEFUSU9OIDEK/",
    };
    char command[1200];

    (void)state;
    edit_and_sign("");
    assert_int_equal(activate("edited"), 1);
    assert_printed("CERTIFICATE_FOREIGN"); /* good so far: production does not know the key yet */
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        edit_and_sign(changes[i]);
        assert_int_equal(activate("edited"), 1);
        assert_printed("CONFORMANCE_FILE");
    }
    /* The attestation of another run in its place. */
    snprintf(command, sizeof(command),
             "cd %s && cp result kept && grep -v '^attestation' result > bare && "
             "{ sed -n '1,/^result: /p' bare; grep '^attestation' court.result; "
             "sed '1,/^result: /d' bare; } > result",
             trial.folder);
    assert_int_equal(run(command), 0);
    edit_and_sign("");
    snprintf(command, sizeof(command), "cd %s && mv kept result", trial.folder);
    assert_int_equal(run(command), 0);
    assert_int_equal(activate("edited"), 1);
    assert_printed("of another result");
    assert_int_equal(activate_by("result", &production, "server"), 1);
    assert_printed("no certificate in --exchange-certificate attested it");
    assert_int_equal(activate_by("result", &trial, "bank-new"), 1);
    assert_printed("no certificate in --exchange-certificate attested it");
    assert_int_equal(activate_by("result", &trial, "nothing"), 1);
    assert_printed("EXCHANGE_CERTIFICATE");
    snprintf(command, sizeof(command), "member activate bank-new --conformance %s/result",
             trial.folder);
    assert_int_equal(cixd(&production, production.database.uri, command), 1);
    assert_printed("EXCHANGE_CERTIFICATE");
}

/* By no other way: neither a plain word, nor a detour over another state, nor a change. */
static void a_contributor_is_not_active_unshown(void **state)
{
    static const char *const ways[] = {
        "member activate bank-new",
        "member state bank-new restricted --reason other",
    };

    (void)state;
    assert_int_equal(cixd(&production, production.database.uri, "member suspend bank-new"), 0);
    assert_int_equal(cixd(&production, production.database.uri, ways[0]), 1);
    assert_printed("CONFORMANCE_NEEDED");
    assert_int_equal(
        cixd(&production, production.database.uri, "member state bank-new testing --reason other"),
        0);
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        assert_int_equal(cixd(&production, production.database.uri, ways[i]), 1);
        assert_printed("CONFORMANCE_NEEDED");
    }
    assert_int_equal(cixd(&production, production.database.uri,
                          "member activate bank-new --without-conformance nothing"),
                     1);
    assert_printed("REASON");
}

/* The roles that it is to have count, not those that it had: who only asks does not have to show.
 */
static void a_member_that_is_to_contribute_is_not_active_unshown(void **state)
{
    struct member asking = exchange_member_of("asks-only", MEMBER_TYPE_BANK);
    struct arena arena;
    struct ctx ctx;
    bool is_new;

    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    asking.roles = MEMBER_ROLE_LENDER;
    asking.state = MEMBER_STATE_TESTING;
    assert_true(member_put(&ctx, production.admin, &asking, clock_now_us(), &is_new));
    asking.roles = MEMBER_ROLE_LENDER | MEMBER_ROLE_CONTRIBUTOR;
    asking.state = MEMBER_STATE_ACTIVE;
    assert_false(member_put(&ctx, production.admin, &asking, clock_now_us(), &is_new));
    assert_string_equal(ctx.error.reason, "CONFORMANCE_NEEDED");
    asking.roles = MEMBER_ROLE_LENDER;
    ctx_clear(&ctx);
    assert_true(member_put(&ctx, production.admin, &asking, clock_now_us(), &is_new));
    arena_done(&arena);
}

/* A role that contributes is given to whom has shown it, on whatever way; one that asks is free. */
static void who_only_asks_shows_what_it_does_before_it_contributes(void **state)
{
    static const char asks[] = "member add late-one --name L --type bank --roles lender";
    static const char gives[] = "member add late-one --name L --type bank";
    static const char judges[] = "member add bank-old --name O --type bank --roles "
                                 "contributor,lender,court";

    (void)state;
    assert_int_equal(cixd(&production, production.database.uri, asks), 0);
    assert_int_equal(cixd(&production, production.database.uri, gives), 1);
    assert_printed("CONFORMANCE_NEEDED");
    assert_int_equal(cixd(&production, production.database.uri, asks), 0);
    assert_int_equal(cixd(&production, production.database.uri, "member suspend late-one"), 0);
    assert_int_equal(cixd(&production, production.database.uri, gives), 0);
    assert_int_equal(cixd(&production, production.database.uri, "member activate late-one"), 1);
    assert_printed("CONFORMANCE_NEEDED");
    assert_int_equal(cixd(&production, production.database.uri, asks), 0);
    assert_int_equal(cixd(&production, production.database.uri,
                          "member activate late-one --without-conformance tested-elsewhere"),
                     0);
    assert_int_equal(cixd(&production, production.database.uri, gives), 0);
    assert_int_equal(
        cixd(&production, production.database.uri, "member add bank-old --name O --type bank"), 0);
    assert_int_equal(cixd(&production, production.database.uri, judges), 1);
    assert_printed("CONFORMANCE_NEEDED");
}

/* It need not stop asking: the result is of the test exchange, where it is another's member. */
static void a_result_is_recorded_of_who_is_active_and_only_asks(void **state)
{
    struct member asking = exchange_member_of("late-two", MEMBER_TYPE_BANK);
    struct member_conformance result = {.made_at_us = clock_now_us(),
                                        .exchange_version = CIX_VERSION,
                                        .client_version = CIX_VERSION,
                                        .case_count = 24,
                                        .roles = MEMBER_ROLE_CONTRIBUTOR};
    const uint32_t all_roles = asking.roles;
    struct arena arena;
    struct ctx ctx;
    bool is_new;

    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    asking.roles = MEMBER_ROLE_LENDER;
    exchange_member_put(&production, &asking);
    pki_fingerprint(production.pki, asking.code, result.fingerprint);
    asking.roles = all_roles;
    assert_false(member_put(&ctx, production.admin, &asking, clock_now_us(), &is_new));
    assert_string_equal(ctx.error.reason, "CONFORMANCE_NEEDED");
    ctx_clear(&ctx);
    assert_true(
        member_conformance_put(&ctx, production.admin, asking.code, &result, clock_now_us()));
    assert_true(member_put(&ctx, production.admin, &asking, clock_now_us(), &is_new));
    assert_false(
        member_conformance_put(&ctx, production.admin, asking.code, &result, clock_now_us()));
    assert_string_equal(ctx.error.reason, "NOT_TESTING");
    arena_done(&arena);
}

struct trying {
    struct arena arena;
    struct ctx ctx;
    struct member member;
    struct member_conformance result;
};

static void try_begin(struct trying *trying, const char *code, enum member_state state,
                      uint32_t roles)
{
    arena_init(&trying->arena, 0);
    ctx_init(&trying->ctx, &trying->arena);
    trying->member = exchange_member_of(code, MEMBER_TYPE_BANK);
    trying->member.state = state;
    trying->member.roles = roles;
    trying->result = (struct member_conformance){.made_at_us = clock_now_us(),
                                                 .exchange_version = CIX_VERSION,
                                                 .client_version = CIX_VERSION,
                                                 .case_count = 24};
    exchange_member_put(&production, &trying->member);
    pki_fingerprint(production.pki, code, trying->result.fingerprint);
}

/* What came of it: "" or the reason. Each result is another file. */
static const char *bring(struct trying *trying, uint32_t roles)
{
    ctx_clear(&trying->ctx);
    trying->result.roles = roles;
    trying->result.file_hash[0]++;
    bool is_taken = member_conformance_put(&trying->ctx, production.admin, trying->member.code,
                                           &trying->result, clock_now_us());
    return is_taken ? "" : trying->ctx.error.reason;
}

static const char *get_roles(struct trying *trying, uint32_t roles)
{
    bool is_new;

    ctx_clear(&trying->ctx);
    trying->member.roles = roles;
    trying->member.state = MEMBER_STATE_NONE;
    bool is_given =
        member_put(&trying->ctx, production.admin, &trying->member, clock_now_us(), &is_new);
    return is_given ? "" : trying->ctx.error.reason;
}

/* A lender becomes active by the result of its own cases, which show nothing of what others do. */
static void a_result_gives_the_roles_that_it_shows(void **state)
{
    const uint32_t lender = MEMBER_ROLE_LENDER, giver = MEMBER_ROLE_CONTRIBUTOR,
                   court = MEMBER_ROLE_COURT;
    struct trying trying;

    (void)state;
    try_begin(&trying, "late-three", MEMBER_STATE_TESTING, lender);
    assert_string_equal(bring(&trying, 0), "");
    assert_string_equal(get_roles(&trying, lender | giver), "CONFORMANCE_NEEDED");
    assert_string_equal(get_roles(&trying, lender | court), "CONFORMANCE_NEEDED");
    assert_string_equal(bring(&trying, giver), "");
    assert_string_equal(get_roles(&trying, lender | giver | court), "CONFORMANCE_NEEDED");
    assert_string_equal(get_roles(&trying, lender | giver), "");
    assert_string_equal(get_roles(&trying, lender | giver | court), "CONFORMANCE_NEEDED");
    assert_string_equal(bring(&trying, giver), "NOT_TESTING");
    assert_string_equal(bring(&trying, court), "");
    assert_string_equal(get_roles(&trying, lender | giver | court), "");
    arena_done(&trying.arena);
}

static void a_result_of_other_roles_makes_no_contributor_active(void **state)
{
    const uint32_t giver = MEMBER_ROLE_CONTRIBUTOR, court = MEMBER_ROLE_COURT;
    struct trying trying;

    (void)state;
    try_begin(&trying, "late-four", MEMBER_STATE_TESTING, giver | MEMBER_ROLE_LENDER);
    assert_string_equal(bring(&trying, 0), "CONFORMANCE_ROLES");
    assert_string_equal(bring(&trying, court), "CONFORMANCE_ROLES");
    assert_string_equal(bring(&trying, giver | court), "");
    arena_done(&trying.arena);
}

/* Given for a contributor, a reason says nothing of a court. */
static void a_reason_stands_for_the_roles_of_its_time(void **state)
{
    const uint32_t giver = MEMBER_ROLE_CONTRIBUTOR;
    struct trying trying;

    (void)state;
    try_begin(&trying, "late-five", MEMBER_STATE_TESTING, giver);
    assert_int_equal(cixd(&production, production.database.uri,
                          "member activate late-five --without-conformance tested-elsewhere"),
                     0);
    assert_string_equal(get_roles(&trying, giver | MEMBER_ROLE_COURT), "CONFORMANCE_NEEDED");
    assert_string_equal(get_roles(&trying, MEMBER_ROLE_LENDER), "");
    assert_string_equal(get_roles(&trying, giver | MEMBER_ROLE_LENDER), "");
    arena_done(&trying.arena);
}

/* Who contributes nothing needs neither; who does needs a reason, which is kept and audited. */
static void a_reason_stands_for_a_result(void **state)
{
    char words[700];

    (void)state;
    assert_int_equal(cixd(&production, production.database.uri,
                          "member add regulator-x --name R --type regulator --state testing"),
                     0);
    assert_int_equal(cixd(&production, production.database.uri, "member activate regulator-x"), 0);
    assert_int_equal(cixd(&production, production.database.uri,
                          "member add bank-known --name K --type bank --state testing"),
                     0);
    assert_int_equal(cixd(&production, production.database.uri,
                          "member activate bank-known --without-conformance tested-elsewhere"),
                     0);
    assert_int_equal(cixd(&production, production.database.uri, "member suspend bank-known"), 0);
    assert_int_equal(cixd(&production, production.database.uri, "member activate bank-known"), 0);
    snprintf(words, sizeof(words),
             "psql -Atq '%s' -c \"select string_agg(a.before || '>' || a.after || ':' || a.reason,"
             " ' ' order by a.act_id), count(u.audit_id) from cix.member_act a join cix.member m"
             " using (member_id) left join cix.audit u on u.audit_id = a.act_id and u.method = 207"
             " where m.code = 'bank-known'\"",
             production.database.owner_uri);
    assert_int_equal(run(words), 0);
    assert_string_equal(output, "3>4:6 4>6:0 6>4:0|3\n");
}

static void a_result_makes_active_and_is_recorded(void **state)
{
    char words[700];
    (void)state;
    snprintf(words, sizeof(words), "member cert add bank-new --certificate %s/bank-new.pem",
             trial.folder);
    assert_int_equal(cixd(&production, production.database.uri, words), 0);
    if (activate("result"))
        fail_msg("%s", output);
    assert_printed("activated bank-new");
    assert_int_equal(activate("result"), 1);
    assert_printed("NOT_TESTING");
    assert_int_equal(cixd(&production, production.database.uri, "member list"), 0);
    assert_printed(" ACTIVE ");
    snprintf(words, sizeof(words),
             "psql -Atq '%s' -c \"select exchange_version, case_count > 20, c.roles from "
             "cix.conformance c"
             " join cix.member using (member_id) where code = 'bank-new'\"",
             production.database.owner_uri);
    assert_int_equal(run(words), 0);
    assert_string_equal(output, CIX_VERSION "|t|1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(production_refuses_a_testing_member),
        cmocka_unit_test(only_the_owner_declares_a_test_exchange),
        cmocka_unit_test(every_case_passes),
        cmocka_unit_test(a_court_has_cases_of_its_own),
        cmocka_unit_test(a_bureau_names_its_institution_and_passes),
        cmocka_unit_test(a_regulator_needs_none),
        cmocka_unit_test(what_the_exchange_did_not_see_is_not_attested),
        cmocka_unit_test(the_cases_run_again_and_speak_json),
        cmocka_unit_test(a_member_without_rights_does_not_pass),
        cmocka_unit_test(an_exchange_with_data_is_not_declared),
        cmocka_unit_test(only_a_whole_result_makes_active),
        cmocka_unit_test(a_result_that_the_exchange_did_not_attest_is_refused),
        cmocka_unit_test(a_contributor_is_not_active_unshown),
        cmocka_unit_test(a_member_that_is_to_contribute_is_not_active_unshown),
        cmocka_unit_test(who_only_asks_shows_what_it_does_before_it_contributes),
        cmocka_unit_test(a_result_is_recorded_of_who_is_active_and_only_asks),
        cmocka_unit_test(a_result_gives_the_roles_that_it_shows),
        cmocka_unit_test(a_result_of_other_roles_makes_no_contributor_active),
        cmocka_unit_test(a_reason_stands_for_the_roles_of_its_time),
        cmocka_unit_test(a_reason_stands_for_a_result),
        cmocka_unit_test(a_result_makes_active_and_is_recorded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
