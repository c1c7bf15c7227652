/*
 * Goal: counts of refusals are written once, each with an audit row that vouches for it.
 * Method: the store on a database of its own, the same counts written again.
 */
#include "store/refusal.h"

#include "base/clock.h"
#include "base/id.h"
#include "support/cluster.h"
#include "support/cmocka.h"

static struct test_database database;
static struct db *owner, *admin;
static struct arena arena;
static struct ctx ctx;

static int set_up_all(void **state)
{
    (void)state;
    ctx_init(&ctx, &arena);
    test_database_open(&database);
    owner = test_database_connect(&database, DB_ROLE_OWNER);
    admin = test_database_connect(&database, DB_ROLE_ADMIN);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    db_close(owner);
    db_close(admin);
    arena_done(&arena);
    return 0;
}

static int64_t number(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct params none = {0};
    struct rows rows = {0};
    int64_t value;

    assert_true(db_run(&ctx, owner, &statement, &none, &rows));
    assert_true(rows_next(&rows));
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    return value;
}

static void counts_of_several_methods_are_written_once(void **state)
{
    int64_t id = id_new_many(3);
    const struct refusal_count counts[] = {
        {id, 7, 10, "ROLE_REQUIRED", 5, {1}},
        {id + 1, 7, 40, "QUOTA_EXCEEDED", 60000, {2}},
        {id + 2, 0, 10, "CERTIFICATE_UNKNOWN", 1, {3}},
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(refusal_put(&ctx, admin, counts, ARRAY_LENGTH(counts), clock_now_us()));
        assert_int_equal(number("refusals", "select count(*) from cix.refusal"), 3);
        assert_int_equal(number("refused", "select sum(count)::bigint from cix.refusal"), 60006);
        assert_int_equal(number("audits", "select count(*) from cix.audit"), 3);
    }
    assert_int_equal(number("vouched",
                            "select count(*) from cix.refusal r join cix.audit a"
                            " on a.audit_id = r.refusal_id and a.member_id = r.member_id"
                            " and a.method = r.method and a.at = r.at and a.outcome = 100"
                            " and a.records_hash"
                            " = sha256(convert_to(r.reason || ':' || r.count, 'UTF8'))"),
                     3);
}

static void a_changed_count_no_longer_fits_its_audit_row(void **state)
{
    (void)state;
    assert_true(db_script(&ctx, owner, "update cix.refusal set count = 1 where count = 5"));
    assert_int_equal(number("changed",
                            "select count(*) from cix.refusal r join cix.audit a"
                            " on a.audit_id = r.refusal_id where a.records_hash"
                            " <> sha256(convert_to(r.reason || ':' || r.count, 'UTF8'))"),
                     1);
}

static void no_other_role_may_write_them(void **state)
{
    static const enum db_role roles[] = {DB_ROLE_SUBMIT, DB_ROLE_INQUIRE, DB_ROLE_REGULATE};
    const struct refusal_count count = {id_new(), 7, 10, "ROLE_REQUIRED", 5, {1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        struct db *db = test_database_connect(&database, roles[i]);

        assert_false(refusal_put(&ctx, db, &count, 1, clock_now_us()));
        assert_string_equal(db_sqlstate(db), "42501");
        ctx_clear(&ctx);
        db_close(db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_several_methods_are_written_once),
        cmocka_unit_test(a_changed_count_no_longer_fits_its_audit_row),
        cmocka_unit_test(no_other_role_may_write_them),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
