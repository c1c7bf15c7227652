/*
 * Goal: a fraud alert and a freeze of new credit stand on every answer that a lender acts by,
 * report, rating, flag check and platform exposure, for people and in CSV; the numbers to call only
 * where the subject consented; and all of it ends with the protection. Method: a whole exchange, a
 * subject put into its database, protections set over mTLS, the built cix.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/dossier.h"
#include "support/shell.h"
#include "support/standard.h"

#include "support/cmocka.h"

#define ALERT "FRAUD_ALERT since "
#define CALL  "; call 13800138000, 010-5550123\n"
#define BLOCK "NEW_CREDIT_BLOCK since "

static struct exchange exchange;
static struct dossier dossier;
static struct arena arena;
static struct cix_client *bank;
static struct person known;
static char consent[37];
static char output[64 * 1024];
static char ids[2][37] = {"b0000000-0000-4000-8000-000000000001",
                          "b0000000-0000-4000-8000-000000000002"};

static int setup(void **state)
{
    struct dossier_account card = {0};

    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    dossier_open(&dossier, &exchange);
    dossier_number(&dossier, "update cix.member set data_classes = 255");
    person_make(1, &known);
    card = (struct dossier_account){
        .subject_id = dossier_subject(&dossier, &known, "bank-one"),
        .member = "bank-one",
        .last_period = period_to_wire(period_add(period_of_day(clock_day_of(clock_now_us())), -1)),
        .statuses = "NNNNNN",
        .balance = 20000,
    };
    dossier_account(&dossier, &card);
    dossier_consent(&dossier, &known, "bank-one", consent);
    dossier_number(&dossier, "update cix.consent set data_classes = 255");
    exchange_standard(&exchange, 1,
                      small_standard_with(&arena, "valid ", "valid 2024-01-01 2039-12-31"));
    exchange_settle();
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static void protect(Cix__V1__ProtectionKind kind, char *id)
{
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__SetProtectionResponse *response;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    char *phones[] = {"13800138000", "010-5550123"};
    static uint8_t hash[32] = {7};
    struct cix_error error;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = known.number;
    request.protection_id = id;
    request.identifier = &identifier;
    request.name = known.name;
    request.kind = kind;
    request.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    request.phones = phones;
    request.n_phones = kind == CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT ? 2 : 0;
    if (!cix_set_protection(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

static void lift(char *id)
{
    Cix__V1__EndProtectionRequest request = CIX__V1__END_PROTECTION_REQUEST__INIT;
    Cix__V1__EndProtectionResponse *response;
    struct cix_error error;

    request.protection_id = id;
    if (!cix_end_protection(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

/* Runs a command about the subject, options behind; what it prints is in output. */
static void ask(const char *command, const char *options)
{
    const char *words = arena_format(&arena, "%s --id %s --name %s --operator teller-7 %s", command,
                                     known.number, known.name, options);

    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)) != 0)
        fail_msg("%s: %s", words, output);
}

/* The same of a file with the subject as its only row. */
static void ask_file(const char *command, const char *options)
{
    const char *path = arena_format(&arena, "%s/ask.csv", exchange.folder);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fprintf(file, "identifier_type,identifier_value,name\nRESIDENT_ID,%s,%s\n", known.number,
            known.name);
    fclose(file);
    const char *words =
        arena_format(&arena, "%s %s --operator teller-7 %s", command, path, options);
    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)) != 0)
        fail_msg("%s: %s", words, output);
}

static void is_shown(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void is_not_shown(const char *text)
{
    if (strstr(output, text))
        fail_msg("\"%s\" is in: %s", text, output);
}

static void no_answer_shows_any(void **state)
{
    static const char *const commands[] = {"report", "rating get", "supervision exposure"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        ask(commands[i], "--purpose loan-approval");
        is_not_shown(ALERT);
        is_not_shown(BLOCK);
    }
    ask("flag", "");
    is_not_shown(ALERT);
    is_not_shown(BLOCK);
    ask_file("flag --file", "");
    is_shown("\n2,false,0,,\n");
    ask_file("rating batch", "--purpose loan-approval");
    is_shown(",,,\n");
}

static void every_answer_that_is_acted_by_shows_them(void **state)
{
    static const char *const commands[] = {"report", "rating get", "supervision exposure"};

    (void)state;
    protect(CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT, ids[0]);
    protect(CIX__V1__PROTECTION_KIND__PROTECTION_KIND_NEW_CREDIT_BLOCK, ids[1]);
    for (int i = 0; i < 3; i++) {
        ask(commands[i], "--purpose loan-approval");
        is_shown(ALERT);
        is_shown(CALL);
        is_shown(BLOCK);
        ask(commands[i], "--purpose loan-approval --output json");
        is_shown("\"PROTECTION_KIND_FRAUD_ALERT\"");
        is_shown("\"PROTECTION_KIND_NEW_CREDIT_BLOCK\"");
    }
    ask_file("rating batch", "--purpose loan-approval");
    is_shown("reason,protections,phones\n");
    is_shown(",NEW_CREDIT_BLOCK;FRAUD_ALERT,13800138000;010-5550123\n");
}

/* Nobody consented to a flag check. */
static void a_flag_check_shows_them_without_the_numbers(void **state)
{
    (void)state;
    ask("flag", "");
    is_shown(ALERT);
    is_shown(BLOCK);
    is_shown("not listed");
    is_not_shown("13800138000");
    ask("flag", "--output json");
    is_shown("\"isNewCreditBlocked\": true");
    is_shown("\"PROTECTION_KIND_FRAUD_ALERT\"");
    is_not_shown("13800138000");
    ask_file("flag --file", "");
    is_shown("line,is_listed,listings,reason,protections\n");
    is_shown("\n2,false,0,,NEW_CREDIT_BLOCK;FRAUD_ALERT\n");
}

static void a_freeze_of_inquiries_is_shown_where_one_may_ask(void **state)
{
    static char id[] = "b0000000-0000-4000-8000-000000000003";

    (void)state;
    protect(CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK, id);
    ask("rating get", "--purpose post-loan");
    is_shown("INQUIRY_BLOCK since ");
    ask("supervision exposure", "--purpose post-loan");
    is_shown("INQUIRY_BLOCK since ");
    ask("flag", "");
    is_not_shown("INQUIRY_BLOCK"); /* anybody may check a flag */
    lift(id);
}

static void what_is_lifted_is_gone(void **state)
{
    lift(ids[0]);
    lift(ids[1]);
    no_answer_shows_any(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_shows_any),
        cmocka_unit_test(every_answer_that_is_acted_by_shows_them),
        cmocka_unit_test(a_flag_check_shows_them_without_the_numbers),
        cmocka_unit_test(a_freeze_of_inquiries_is_shown_where_one_may_ask),
        cmocka_unit_test(what_is_lifted_is_gone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
