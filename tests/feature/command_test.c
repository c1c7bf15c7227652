/*
 * Goal: the commands of cixd as an operator meets them: help, exit codes, and that a slip is told
 * rather than stored.
 * Method: the built cixd as a process, beside a whole exchange.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "domain/member.h"
#include "support/dossier.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange exchange;
static char output[OUTPUT_MAX];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

static FILE *cixd_begin(const char *words)
{
    const char *build = getenv("CIX_BUILD");
    char command[2048];

    snprintf(command, sizeof(command), "%s/cixd %s 2>&1", build ? build : "build/dev", words);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    return pipe;
}

static int cixd_end(FILE *pipe)
{
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs cixd; what it prints is in output. Answers the exit code. */
static int cixd(const char *words)
{
    return cixd_end(cixd_begin(words));
}

/* A command on the database of the exchange. */
static FILE *cixd_beside_begin(const char *words)
{
    char line[1536];

    snprintf(line, sizeof(line), "%s --database '%s' --data %s", words, exchange.database.uri,
             exchange.folder);
    return cixd_begin(line);
}

static int cixd_beside(const char *words)
{
    return cixd_end(cixd_beside_begin(words));
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void every_command_has_help(void **state)
{
    (void)state;
    assert_int_equal(cixd("member add --help"), 0);
    assert_printed("usage: cixd member add CODE --name NAME --type TYPE");
    assert_printed("credit-bureau");
    assert_int_equal(cixd("serve -h"), 0);
    assert_printed("usage: cixd serve");
    assert_int_equal(cixd("member --help"), 0);
    assert_printed("member cert revoke");
}

static void a_wrong_line_ends_with_usage(void **state)
{
    (void)state;
    assert_int_equal(cixd("mebmer"), 2);
    assert_int_equal(cixd("member"), 2);
    assert_printed("member suspend");
    assert_int_equal(cixd("serve extra"), 2);
    assert_int_equal(cixd("serve --listne 127.0.0.1:0"), 2);
    assert_printed("did you mean listen");
    assert_int_equal(cixd_beside("member list extra"), 2);
}

static void serve_makes_no_database_where_no_exchange_is(void **state)
{
    char folder[] = "/tmp/cix-command-test-XXXXXX";
    char words[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(words, sizeof(words), "serve --data %s", folder);
    assert_int_equal(cixd(words), 1);
    assert_printed("cixd init");
    assert_int_equal(rmdir(folder), 0); /* it is still empty */
}

static void a_certificate_of_another_name_is_not_taken(void **state)
{
    char words[512];

    (void)state;
    assert_int_equal(cixd_beside("member add bank-two --name Two --type bank"), 0);
    snprintf(words, sizeof(words), "member cert add bank-two --certificate %s/bank-one.pem",
             exchange.folder);
    assert_int_equal(cixd_beside(words), 1);
    assert_printed("CERTIFICATE_NAME");
    snprintf(words, sizeof(words), "member cert add bank-one --certificate %s/bank-one.pem",
             exchange.folder);
    assert_int_equal(cixd_beside(words), 0);
}

/* What the table of members holds. */
struct command_member {
    int state;
    int profile;
    int64_t per_day;
    int per_second;
};

static struct command_member stored_member(const char *code)
{
    static const struct statement select = {
        "stored_member",
        "select state::int, profile, quota_per_day, quota_per_second from cix.member"
        " where code = $1"};
    struct db *owner = exchange_owner(&exchange);
    struct params params;
    struct rows rows = {0};
    struct command_member member;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    params_text(&params, code);
    assert_true(db_run(&ctx, owner, &select, &params, &rows));
    assert_true(rows_next(&rows));
    member = (struct command_member){rows_int4(&rows, 0), rows_int4(&rows, 1), rows_int8(&rows, 2),
                                     rows_int4(&rows, 3)};
    rows_done(&rows);
    arena_done(&arena);
    db_close(owner);
    return member;
}

static void members_are_listed_in_words(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add bank-three --name Three --type bank"), 0);
    assert_int_equal(cixd_beside("member suspend bank-three"), 0);
    assert_int_equal(cixd_beside("member list"), 0);
    assert_printed("contributor,lender");
    assert_printed("SUSPENDED");
}

static void a_member_is_put_in_any_state_with_a_reason(void **state)
{
    static const char *const words[] = {"applied",   "examined",  "testing", "restricted",
                                        "suspended", "withdrawn", "revoked", "absconded"};
    char line[100];

    (void)state;
    assert_int_equal(cixd_beside("member add bank-five --name Five --type bank --state active"), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        snprintf(line, sizeof(line), "member state bank-five %s --reason order", words[i]);
        assert_int_equal(cixd_beside(line), 0);
        enum member_state kept = (enum member_state)stored_member("bank-five").state;
        assert_int_equal(kept, i < 3 ? i + 1 : i + 2); /* between them is ACTIVE */
    }
    assert_int_equal(cixd_beside("member state bank-five withdrawn"), 1);
    assert_printed("REASON");
    assert_int_equal(cixd_beside("member state bank-five active --reason order"), 1);
    assert_printed("member activate");
    assert_int_equal(cixd_beside("member state bank-none revoked --reason order"), 1);
    assert_printed("MEMBER_UNKNOWN");
    assert_int_equal(cixd_beside("member activate bank-five"), 0);
    assert_int_equal(stored_member("bank-five").state, MEMBER_STATE_ACTIVE);
}

static void a_member_says_which_organisation_it_is(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add group-one --name Group --type bank"), 0);
    assert_int_equal(cixd_beside("member add branch-one --name Branch --type bank"), 0);
    assert_int_equal(cixd_beside("member set branch-one --uscc 91350100M000100Y43 --region 350100"
                                 " --parent group-one"),
                     0);
    assert_int_equal(cixd_beside("member set branch-one --region US-CA"), 0);
    assert_int_equal(cixd_beside("member set group-one --parent branch-one"), 1);
    assert_printed("PARENT_BELOW");
    assert_int_equal(cixd_beside("member set branch-one --parent branch-one"), 1);
    assert_printed("PARENT_BELOW");
    assert_int_equal(cixd_beside("member set branch-one --parent nobody"), 1);
    assert_printed("PARENT_UNKNOWN");
    assert_int_equal(cixd_beside("member set branch-one --uscc 91350100M000100Y44"), 1);
    assert_printed("USCC");
    assert_int_equal(cixd_beside("member set branch-one --region nowhere"), 1);
    assert_int_equal(cixd_beside("member set branch-one --region 990100"), 1);
    assert_printed("REGION");
    assert_int_equal(cixd_beside("member set branch-one --region 350199"), 0); /* not listed yet */
    assert_int_equal(cixd_beside("member set branch-one --code14 C1010211000012"), 0);
    assert_int_equal(cixd_beside("member set branch-one --code14 C1010211000012"), 0);
    assert_int_equal(cixd_beside("member set group-one --code14 C1010211000012"), 1);
    assert_printed("CODE14_TAKEN");
    assert_int_equal(cixd_beside("member set group-one --code14 c1010311000014"), 1);
    assert_printed("CODE14");
    assert_int_equal(cixd_beside("member add group-one --name Group --type bank"
                                 " --code14 C1010211000012"),
                     1);
    assert_printed("CODE14_TAKEN");
    assert_int_equal(cixd_beside("member add group-one --name Group --type bank"
                                 " --code14 C1010311000014"),
                     0);
    assert_int_equal(cixd_beside("member add group-one --name Group --type bank"), 0);
    assert_int_equal(cixd_beside("member list"), 0);
    assert_printed("C1010311000014");
    assert_int_equal(cixd_beside("member set branch-one --code14 ''"), 0);
    assert_int_equal(cixd_beside("member list"), 0);
    assert_null(strstr(output, "C1010211000012"));
    assert_int_equal(cixd_beside("member set branch-one"), 2);
    assert_int_equal(cixd_beside("member set branch-one --parent ''"), 0);
    assert_int_equal(cixd_beside("member set group-one --parent branch-one"), 0);
}

static void a_member_has_a_level_of_reciprocity_of_each_kind(void **state)
{
    const char *levels = "select (reciprocity_consumer * 10 + reciprocity_commercial)::bigint"
                         " from cix.member where code = 'bank-level'";
    /* persons first, for a breach; then organisations, by order; each with its audit row */
    const char *kept =
        "select count(*) from cix.reciprocity_act a join cix.member m using (member_id)"
        " join cix.audit u on u.audit_id = a.act_id and u.method = 211 where m.code = 'bank-level'"
        " and (consumer_before, commercial_before, consumer_after, commercial_after, reason)"
        " in ((2, 2, 1, 2, 3), (1, 2, 1, 0, 2))";
    struct dossier dossier;

    (void)state;
    dossier_open(&dossier, &exchange);
    assert_int_equal(cixd_beside("member add bank-level --name Level --type bank"), 0);
    assert_int_equal(dossier_number(&dossier, levels), 22);
    assert_int_equal(
        cixd_beside("member set bank-level --reciprocity-consumer default --reason breach"), 0);
    assert_int_equal(
        cixd_beside("member set bank-level --reciprocity-commercial none --reason order"), 0);
    assert_int_equal(dossier_number(&dossier, levels), 10);
    assert_int_equal(cixd_beside("member add bank-level --name Level --type bank"), 0);
    assert_int_equal(dossier_number(&dossier, levels), 10); /* another name lifts nothing */
    assert_int_equal(cixd_beside("member set bank-level --reciprocity-consumer some"), 1);
    assert_printed("RECIPROCITY");
    assert_int_equal(cixd_beside("member set bank-none --reciprocity-consumer full --reason other"),
                     1);
    assert_printed("MEMBER_UNKNOWN");
    assert_int_equal(dossier_number(&dossier, levels), 10);
    assert_int_equal(cixd_beside("member set bank-level --reciprocity-consumer full"), 1);
    assert_printed("REASON");
    assert_int_equal(dossier_number(&dossier, levels), 10);
    assert_int_equal(dossier_number(&dossier, kept), 2);
    dossier_close(&dossier);
}

static void a_member_has_any_type_of_the_list(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add bureau-one --name B --type credit-bureau"), 0);
    assert_int_equal(cixd_beside("member add insurer-one --name I --type insurance"), 0);
    assert_int_equal(cixd_beside("member list"), 0);
    assert_printed("credit-bureau");
    assert_printed("insurance");
    assert_int_equal(cixd_beside("member add bureau-one --name B --type bureau"), 1);
    assert_printed("TYPE");
}

static void a_member_has_a_quota_a_day(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add bank-few --name Few --type bank --daily 500"), 0);
    assert_int_equal(stored_member("bank-few").per_day, 500);
    assert_int_equal(cixd_beside("member add bank-few --name Few --type bank --daily many"), 1);
    assert_printed("QUOTA");
    assert_int_equal(cixd_beside("member add bank-few --name Less --type bank"), 0);
    assert_int_equal(stored_member("bank-few").per_day, 500); /* another name lifts no bound */
    assert_int_equal(cixd_beside("member add bank-few --name Few --type bank --daily 0"), 0);
    assert_int_equal(stored_member("bank-few").per_day, 0);
}

/* While one operator changes the quota a day, another gives the one a second. */
static void of_two_changes_at_once_each_keeps_what_it_does_not_give(void **state)
{
    const char *blocked = "select count(*) from pg_locks where not granted"
                          " and pg_backend_pid() = any (pg_blocking_pids(pid))";
    struct dossier dossier;

    (void)state;
    assert_int_equal(cixd_beside("member add bank-both --name Both --type bank"), 0);
    assert_int_equal(stored_member("bank-both").per_second, 1000);
    dossier_open(&dossier, &exchange);
    assert_true(db_script(&dossier.ctx, dossier.db,
                          "begin; update cix.registry set version = version + 1;"
                          " update cix.member set quota_per_day = 500 where code = 'bank-both'"));
    FILE *other = cixd_beside_begin("member add bank-both --name Both --type bank --quota 7");
    assert_int_equal(dossier_number_when(&dossier, blocked, 1), 1);
    assert_true(db_script(&dossier.ctx, dossier.db, "commit"));
    assert_int_equal(cixd_end(other), 0);
    dossier_close(&dossier);
    assert_int_equal(stored_member("bank-both").per_day, 500);
    assert_int_equal(stored_member("bank-both").per_second, 7);
}

/* Who contributes shows first that its side works, unless the operator says otherwise. */
static void a_new_member_that_contributes_is_testing(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add bank-new --name New --type bank"), 0);
    assert_int_equal(stored_member("bank-new").state, MEMBER_STATE_TESTING);
    assert_int_equal(cixd_beside("member add bank-asks --name Asks --type bank --roles lender"), 0);
    assert_int_equal(stored_member("bank-asks").state, MEMBER_STATE_ACTIVE);
    assert_int_equal(cixd_beside("member add bank-said --name Said --type bank --state active"), 0);
    assert_int_equal(stored_member("bank-said").state, MEMBER_STATE_ACTIVE);
}

/* Only a change of its state, which keeps why, ends a suspension. */
static void a_changed_member_keeps_its_state(void **state)
{
    struct command_member member;

    (void)state;
    assert_int_equal(cixd_beside("member add bank-four --name Four --type bank --state active"), 0);
    member = stored_member("bank-four");
    assert_int_equal(member.state, MEMBER_STATE_ACTIVE);
    assert_int_equal(member.profile, 0);
    assert_int_equal(cixd_beside("member suspend bank-four"), 0);
    assert_int_equal(cixd_beside("member add bank-four --name Vier --type bank --jumps remark"), 0);
    member = stored_member("bank-four");
    assert_int_equal(member.state, MEMBER_STATE_SUSPENDED);
    assert_int_equal(member.profile, MEMBER_PROFILE_JUMPS_REMARKED);
    assert_int_equal(cixd_beside("member add bank-four --name Vier --type bank --jumps x"), 1);
    assert_printed("JUMPS");
    assert_int_equal(cixd_beside("member add bank-four --name Vier --type bank --state active"), 1);
    assert_printed("cixd member state");
    assert_int_equal(stored_member("bank-four").state, MEMBER_STATE_SUSPENDED);
}

/* As the member sees it, once the servers have polled the registry. */
static const Cix__V1__MemberAttribute *attribute_of(Cix__V1__GetMemberResponse *member, int kind)
{
    for (size_t i = 0; i < member->n_attributes; i++)
        if (member->attributes[i]->kind == kind)
            return member->attributes[i];
    return NULL;
}

static void a_member_sees_what_it_attested_and_its_limits(void **state)
{
    struct cix_client *bank = exchange_client(&exchange, "bank-one");
    Cix__V1__GetMemberResponse *member;
    struct cix_error error;
    char words[512];

    (void)state;
    snprintf(words, sizeof(words),
             "member attest bank-one risk-committee --document %s/bank-one.pem --until 2999-12-31",
             exchange.folder);
    assert_int_equal(cixd_beside(words), 0);
    assert_int_equal(cixd_beside("member limit bank-one non-performing --value 500"), 0);
    assert_int_equal(cixd_beside("member limit bank-one limit-non-performing --value 350"), 0);
    for (int tries = 0;; tries++) {
        if (!cix_get_member(bank, &member, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        const Cix__V1__MemberAttribute *limit =
            attribute_of(member, MEMBER_ATTRIBUTE_LIMIT_NON_PERFORMING);
        if ((limit && limit->value == 350) || tries == 100)
            break;
        cix_free(member);
        usleep(100 * 1000);
    }
    const Cix__V1__MemberAttribute *attested =
        attribute_of(member, MEMBER_ATTRIBUTE_RISK_COMMITTEE);
    assert_int_equal(member->n_attributes, 2);
    assert_non_null(attested);
    assert_int_equal(attested->document_hash.len, 32);
    assert_int_equal(attested->until_on, 29991231);
    assert_int_equal(attribute_of(member, MEMBER_ATTRIBUTE_LIMIT_NON_PERFORMING)->value, 350);
    cix_free(member);
    cix_close(bank);
}

static void wrong_attributes_are_not_recorded(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member limit bank-one risk-committee --value 5"), 1);
    assert_printed("LIMIT_NON_PERFORMING");
    assert_int_equal(cixd_beside("member limit bank-one region --value 10001"), 1);
    assert_printed("basis points");
    assert_int_equal(cixd_beside("member limit nobody region --value 1"), 1);
    assert_printed("MEMBER_UNKNOWN");
    assert_int_equal(cixd_beside("member attest bank-one internal-audit --document /nowhere"), 1);
    assert_printed("DOCUMENT");
    assert_int_equal(cixd_beside("member limit bank-one region --value 1 --until 2001-01-01"), 1);
    assert_printed("--until");
    assert_int_equal(cixd_beside("member limit bank-one region"), 2);
}

/* What the operator publishes counts; a wrong file ends the loading where it stands. */
static void the_operator_loads_publishes_and_retires_standards(void **state)
{
    const char *files = "standard load deploy/standard/card-next-month.standard README.md";

    (void)state;
    assert_int_equal(cixd_beside(files), 1);
    assert_printed("loaded card-next-month 2");
    assert_printed("README.md: line 3");
    assert_int_equal(cixd_beside("standard load /nowhere"), 1);
    assert_printed("/nowhere");
    assert_int_equal(cixd_beside("standard publish card-next-month 3"), 1);
    assert_printed("STANDARD_UNKNOWN");
    assert_int_equal(cixd_beside("standard publish card-next-month one"), 1);
    assert_printed("VERSION");
    assert_int_equal(cixd_beside("standard publish card-next-month 2"), 0);
    assert_printed("published card-next-month 2");
    assert_int_equal(cixd_beside("standard publish card-next-month 2"), 0);
    assert_printed("in force already");
    assert_int_equal(cixd_beside("standard list"), 0);
    assert_printed(" published 2026-01-01 2028-12-31 ");
    assert_int_equal(cixd_beside("standard retire card-next-month 2"), 2);
    assert_int_equal(
        cixd_beside("standard retire card-next-month 2 --reason \"$(printf 'a\\nb')\""), 1);
    assert_printed("--reason");
    assert_int_equal(cixd_beside("standard retire card-next-month 2 --reason 'a test'"), 0);
    assert_printed("retired card-next-month 2");
    assert_int_equal(cixd_beside("standard publish card-next-month 2"), 1);
    assert_printed("STANDARD_RETIRED");
    assert_int_equal(cixd_beside("standard load"), 2);
    assert_int_equal(cixd_beside("standard list extra"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(a_wrong_line_ends_with_usage),
        cmocka_unit_test(serve_makes_no_database_where_no_exchange_is),
        cmocka_unit_test(a_certificate_of_another_name_is_not_taken),
        cmocka_unit_test(members_are_listed_in_words),
        cmocka_unit_test(a_member_is_put_in_any_state_with_a_reason),
        cmocka_unit_test(a_member_says_which_organisation_it_is),
        cmocka_unit_test(a_member_has_a_level_of_reciprocity_of_each_kind),
        cmocka_unit_test(a_member_has_any_type_of_the_list),
        cmocka_unit_test(a_member_has_a_quota_a_day),
        cmocka_unit_test(of_two_changes_at_once_each_keeps_what_it_does_not_give),
        cmocka_unit_test(a_new_member_that_contributes_is_testing),
        cmocka_unit_test(a_changed_member_keeps_its_state),
        cmocka_unit_test(a_member_sees_what_it_attested_and_its_limits),
        cmocka_unit_test(wrong_attributes_are_not_recorded),
        cmocka_unit_test(the_operator_loads_publishes_and_retires_standards),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
