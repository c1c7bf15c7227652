/*
 * Goal: a member learns how the exchange knows it; suspension and revocation are in force within a
 * second, on open connections too.
 * Method: a whole exchange, libcix over mTLS, the registry changed through its store.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/code_list.h"
#include "store/member.h"
#include "support/cmocka.h"
#include "support/exchange.h"
#include "support/shell.h"

static struct exchange exchange;
static struct cix_client *bank;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    exchange_stop(&exchange);
    return 0;
}

static void a_member_sees_its_own_entry(void **state)
{
    Cix__V1__GetMemberResponse *response;
    struct cix_error error;

    (void)state;
    if (!cix_get_member(bank, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_string_equal(response->code, "bank-one");
    assert_int_equal(response->type, MEMBER_TYPE_BANK);
    assert_int_equal(response->state, CIX__V1__MEMBER_STATE__MEMBER_STATE_ACTIVE);
    assert_int_equal(response->n_roles, 2);
    assert_int_equal(response->n_certificates, 1);
    assert_true(response->certificates[0]->is_current);
    cix_free(response);
}

static void members_are_listed_by_pages(void **state)
{
    Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;
    Cix__V1__ListMembersResponse *response;
    struct cix_error error;

    (void)state;
    request.page_size = 1;
    assert_true(cix_list_members(bank, &request, &response, &error));
    assert_int_equal(response->n_members, 1);
    assert_string_equal(response->members[0]->code, "bank-one");
    request.page_token = "bank-one";
    cix_free(response);
    assert_true(cix_list_members(bank, &request, &response, &error));
    assert_string_equal(response->members[0]->code, "court-one");
    assert_string_equal(response->next_page_token, "");
    cix_free(response);
    request.page_size = -1;
    assert_false(cix_list_members(bank, &request, &response, &error));
    assert_string_equal(error.reason, "PAGE_SIZE");
    assert_string_equal(error.fields[0].field, "page_size");
}

/* What a member agreed to give for what it sees is between it, the operator and regulators. */
static void levels_of_others_are_for_regulators(void **state)
{
    static const char *const callers[] = {"bank-one", "regulator-one"};
    Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;

    (void)state;
    exchange_member(&exchange, "regulator-one", MEMBER_TYPE_REGULATOR_ADMIN);
    for (size_t i = 0; i < ARRAY_LENGTH(callers); i++) {
        struct cix_client *client = exchange_client(&exchange, callers[i]);
        Cix__V1__Reciprocity expected = i == 0 ? CIX__V1__RECIPROCITY__RECIPROCITY_UNSPECIFIED
                                               : CIX__V1__RECIPROCITY__RECIPROCITY_FULL;
        Cix__V1__ListMembersResponse *response;
        struct cix_error error;
        assert_true(cix_list_members(client, &request, &response, &error));
        assert_int_equal(response->n_members, 3);
        for (size_t j = 0; j < response->n_members; j++) {
            assert_int_equal(response->members[j]->reciprocity_consumer, expected);
            assert_int_equal(response->members[j]->reciprocity_commercial, expected);
        }
        cix_free(response);
        cix_close(client);
    }
}

/* All codes of a request, page after page; the caller's counts of codes and ended codes. */
static size_t count_codes(Cix__V1__ListCodesRequest *request, size_t *ended)
{
    Cix__V1__ListCodesResponse *response;
    struct cix_error error;
    static char token[32];
    size_t count = 0;

    *ended = 0;
    request->page_token = token;
    for (*token = '\0';; cix_free(response)) {
        if (!cix_list_codes(bank, request, &response, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        for (size_t i = 0; i < response->n_codes; i++)
            *ended += response->codes[i]->valid_until_on != 0;
        count += response->n_codes;
        snprintf(token, sizeof(token), "%s", response->next_page_token);
        if (!*token)
            break;
    }
    cix_free(response);
    return count;
}

static void code_lists_are_served_with_their_validity(void **state)
{
    Cix__V1__ListCodesRequest request = CIX__V1__LIST_CODES_REQUEST__INIT;
    const struct code_list *currencies = code_list_find("currency");
    size_t all = 0, ended;

    (void)state;
    for (size_t i = 0; i < code_list_count; i++)
        all += code_list_size(&code_lists[i]);
    assert_true(all > 8000);
    request.page_size = 1000;
    assert_int_equal(count_codes(&request, &ended), all);
    assert_true(ended > 3000);
    request.list = "data_class";
    request.page_size = 7; /* of 8 */
    assert_int_equal(count_codes(&request, &ended), code_list_size(code_list_find("data_class")));
    request.list = "currency";
    request.page_size = 50;
    assert_int_equal(count_codes(&request, &ended), code_list_size(currencies));
    request.valid_on = 20261122;
    assert_int_equal(count_codes(&request, &ended),
                     code_list_size(currencies) - 5); /* ANG BGN CUC HRK SLL */
    assert_int_equal(ended, 0);
}

/* The command goes through all pages; a list of thousands is shown whole. */
static void cix_shows_a_long_list_and_a_day_of_it(void **state)
{
    static char all[1 << 21], then[1 << 21];
    size_t lines = 0;

    (void)state;
    assert_int_equal(
        shell_cix_as(&exchange, "bank-one", "codes region --output json", all, sizeof(all)), 0);
    for (const char *at = all; (at = strstr(at, "\"label\"")); at++)
        lines++;
    assert_int_equal(lines, code_list_size(code_list_find("region")));
    assert_non_null(strstr(all, "\"110103\""));
    assert_int_equal(
        shell_cix_as(&exchange, "bank-one", "codes region --on 2011-01-01", then, sizeof(then)), 0);
    assert_non_null(strstr(then, " 110101 "));
    assert_null(strstr(then, " 110103 "));
    assert_int_equal(shell_cix_as(&exchange, "bank-one", "codes dispute_code", then, sizeof(then)),
                     0);
    assert_non_null(strstr(then, "NEVER_CONSENTED"));
}

static void bad_questions_for_codes_are_refused(void **state)
{
    static const struct {
        const char *list;
        int32_t valid_on, page_size;
        const char *token, *reason;
    } cases[] = {
        {"no_such_list", 0, 0, "", "LIST_UNKNOWN"},
        {"", 20260230, 0, "", "DAY_INVALID"},
        {"", 0, 1001, "", "PAGE_SIZE"},
        {"", 0, -1, "", "PAGE_SIZE"},
        {"", 0, 0, "nonsense", "PAGE_TOKEN"},
        {"", 0, 0, "-1", "PAGE_TOKEN"},
        {"", 0, 0, "99999999999999", "PAGE_TOKEN"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        Cix__V1__ListCodesRequest request = CIX__V1__LIST_CODES_REQUEST__INIT;
        Cix__V1__ListCodesResponse *response;
        struct cix_error error;
        request.list = (char *)cases[i].list;
        request.valid_on = cases[i].valid_on;
        request.page_size = cases[i].page_size;
        request.page_token = (char *)cases[i].token;
        assert_false(cix_list_codes(bank, &request, &response, &error));
        assert_string_equal(error.reason, cases[i].reason);
    }
}

/* One call on a fresh connection: gRPC would wait longer and longer before it tries an old one. */
static bool is_served(const char *name)
{
    struct cix_client *client = exchange_client_as(&exchange, name);
    Cix__V1__GetMemberResponse *response = NULL;
    struct cix_error error;
    bool is_ok = cix_get_member(client, &response, &error);

    cix_free(response);
    cix_close(client);
    return is_ok;
}

/* Whether a certificate comes to be served, or refused, in time. */
static bool comes_to(const char *name, bool wanted)
{
    int64_t end_us = clock_monotonic_us() + 10000000;

    while (clock_monotonic_us() < end_us) {
        if (is_served(name) == wanted)
            return true;
    }
    return false;
}

/* The open connection is closed or refused; prints how long it took (the promise is one second). */
static bool open_connection_ends(void)
{
    int64_t started_us = clock_monotonic_us();
    Cix__V1__GetMemberResponse *response;
    struct cix_error error;

    while (cix_get_member(bank, &response, &error)) {
        cix_free(response);
        if (clock_monotonic_us() - started_us > 10000000)
            return false;
    }
    print_message("in force after %lld ms\n",
                  (long long)(clock_monotonic_us() - started_us) / 1000);
    return true;
}

static void set_state(enum member_state state)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    assert_true(member_state_set(&ctx, exchange.admin, "bank-one", state, 0, clock_now_us()));
    arena_done(&arena);
}

static void members_see_which_organisation_one_is(void **state)
{
    const struct member_place place = {"91350100M000100Y43", "350100", "court-one",
                                       "C1010211000012"};
    Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;
    Cix__V1__ListMembersResponse *list;
    Cix__V1__GetMemberResponse *own;
    struct cix_error error;
    struct arena arena;
    struct ctx ctx;

    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    assert_true(member_place_set(&ctx, exchange.admin, "bank-one", &place, clock_now_us()));
    arena_done(&arena);
    exchange_settle();
    assert_true(cix_get_member(bank, &own, &error));
    assert_string_equal(own->uscc, place.uscc);
    assert_string_equal(own->region, place.region);
    assert_string_equal(own->code14, place.code14);
    assert_string_equal(own->parent_code, place.parent_code);
    cix_free(own);
    assert_true(cix_list_members(bank, &request, &list, &error));
    assert_string_equal(list->members[0]->parent_code, place.parent_code);
    assert_string_equal(list->members[0]->code14, place.code14);
    assert_string_equal(list->members[1]->uscc, "");
    cix_free(list);
}

static void suspension_ends_open_connections(void **state)
{
    (void)state;
    assert_true(is_served("bank-one"));
    set_state(MEMBER_STATE_SUSPENDED);
    assert_true(open_connection_ends());
    assert_true(comes_to("bank-one", false));
    set_state(MEMBER_STATE_ACTIVE);
    assert_true(comes_to("bank-one", true));
}

static void a_revoked_certificate_is_refused(void **state)
{
    struct member_certificate certificate = {.expires_at_us = clock_now_us() + INT64_C(3600000000)};
    struct arena arena;
    struct ctx ctx;

    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    pki_member_as(exchange.pki, "bank-one", "bank-one-second");
    pki_fingerprint(exchange.pki, "bank-one-second", certificate.fingerprint);
    assert_false(is_served("bank-one-second"));
    assert_true(
        member_certificate_put(&ctx, exchange.admin, "bank-one", &certificate, clock_now_us()));
    assert_true(comes_to("bank-one-second", true));
    assert_true(
        member_certificate_revoke(&ctx, exchange.admin, certificate.fingerprint, clock_now_us()));
    assert_true(comes_to("bank-one-second", false));
    assert_true(comes_to("bank-one", true));
    assert_false(
        member_certificate_put(&ctx, exchange.admin, "bank-one", &certificate, clock_now_us()));
    assert_string_equal(ctx.error.reason, "CERTIFICATE_REVOKED");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_sees_its_own_entry),
        cmocka_unit_test(members_are_listed_by_pages),
        cmocka_unit_test(levels_of_others_are_for_regulators),
        cmocka_unit_test(code_lists_are_served_with_their_validity),
        cmocka_unit_test(cix_shows_a_long_list_and_a_day_of_it),
        cmocka_unit_test(bad_questions_for_codes_are_refused),
        cmocka_unit_test(members_see_which_organisation_one_is),
        cmocka_unit_test(suspension_ends_open_connections),
        cmocka_unit_test(a_revoked_certificate_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
