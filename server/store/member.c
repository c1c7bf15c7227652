#include "store/member.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/id.h"

static const struct statement registry_version = {
    "registry_version", "select version from cix.registry_version() version"};
static const struct statement registry_members = {
    "registry_members",
    "select member_id, code, name, type, state, roles, data_classes, purposes, quota_per_second,"
    " quota_burst, quota_per_day, coalesce(uscc, '') as uscc, coalesce(region, '') as region,"
    " coalesce(parent_id, 0) as parent_id, coalesce(code14, '') as code14,"
    " reciprocity_consumer, reciprocity_commercial from "
    "cix.registry_members()"};
static const struct statement registry_certificates = {
    "registry_certificates",
    "select fingerprint, member_id, expires_at from cix.registry_certificates()"};
static const struct statement registry_attributes = {
    "registry_attributes", "select member_id, kind, from_on, until_on, value, document_hash"
                           " from cix.registry_attributes()"};
static const struct statement registry_is_test = {
    "registry_is_test", "select is_test from cix.registry_is_test() is_test"};
static const struct statement declare_test = {
    "registry_declare_test", "select outcome from cix.registry_declare_test() outcome"};
static const struct statement conformance_put = {
    "conformance_put",
    "select outcome from cix.conformance_put($1, $2, $3, $4, $5, $6, $7, $8, $9) outcome"};
static const struct statement attribute_put = {
    "member_attribute_put",
    "select outcome from cix.member_attribute_put($1, $2, $3, $4, $5, $6, $7) outcome"};
static const struct statement put = {
    "member_put", "select outcome, member_id from cix.member_put($1, $2, $3, $4, $5, $6, $7,"
                  " nullif($8::int, -1), nullif($9::int, -1), nullif($10::bigint, -1), $11, "
                  "nullif($12, ''), $13)"};
static const struct statement place_set = {
    "member_place_set", "select outcome from cix.member_place_set($1, $2, $3, $4, $5, $6) outcome"};
static const struct statement reciprocity_set = {
    "member_reciprocity_set",
    "select outcome from cix.member_reciprocity_set($1, nullif($2::smallint, -1::smallint),"
    " nullif($3::smallint, -1::smallint), $4, $5, $6, $7) outcome"};
static const struct statement person_set = {
    "member_person_set", "select outcome from cix.member_person_set($1, $2, $3, $4, $5) outcome"};
static const struct statement state_set = {
    "member_state_set", "select outcome from cix.member_state_set($1, $2, $3, $4, $5, $6) outcome"};
static const struct statement certificate_put = {
    "certificate_put", "select outcome from cix.certificate_put($1, $2, $3, $4) outcome"};
static const struct statement certificate_revoke = {
    "certificate_revoke", "select outcome from cix.certificate_revoke($1, $2) outcome"};

static const struct params no_params;

static int64_t only_int8(struct rows *rows, const char *column)
{
    bool has_row = rows_next(rows);
    int64_t value;

    CHECK(has_row);
    value = rows_int8(rows, rows_column(rows, column));
    rows_done(rows);
    return value;
}

static bool only_bool(struct rows *rows, const char *column)
{
    bool has_row = rows_next(rows);
    bool value;

    CHECK(has_row);
    value = rows_bool(rows, rows_column(rows, column));
    rows_done(rows);
    return value;
}

bool member_version(struct ctx *ctx, struct db *db, int64_t *version)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, &registry_version, &no_params, &rows))
        return false;
    *version = only_int8(&rows, "version");
    return true;
}

static void read_purposes(const struct rows *rows, int column, struct arena *arena,
                          struct member *member)
{
    int count;
    const int16_t *purposes = rows_int2s(rows, column, arena, &count);

    for (int i = 0; i < count; i++)
        member_grant_purpose(member, (enum purpose)purposes[i]);
}

static void read_member(const struct rows *rows, struct arena *arena, struct member *member)
{
    int64_t per_day = rows_int8(rows, rows_column(rows, "quota_per_day"));

    *member = (struct member){
        .member_id = rows_int4(rows, rows_column(rows, "member_id")),
        .type = (enum member_type)rows_int2(rows, rows_column(rows, "type")),
        .state = (enum member_state)rows_int2(rows, rows_column(rows, "state")),
        .roles = (uint32_t)rows_int4(rows, rows_column(rows, "roles")),
        .data_classes = (uint32_t)rows_int4(rows, rows_column(rows, "data_classes")),
        .parent_id = rows_int4(rows, rows_column(rows, "parent_id")),
        .consumer = (enum reciprocity)rows_int2(rows, rows_column(rows, "reciprocity_consumer")),
        .commercial =
            (enum reciprocity)rows_int2(rows, rows_column(rows, "reciprocity_commercial")),
        .quota = {.per_second = rows_int4(rows, rows_column(rows, "quota_per_second")),
                  .burst = rows_int4(rows, rows_column(rows, "quota_burst")),
                  .per_day = per_day > INT32_MAX ? INT32_MAX : (int32_t)per_day},
    };
    snprintf(member->code, sizeof(member->code), "%s", rows_text(rows, rows_column(rows, "code")));
    snprintf(member->name, sizeof(member->name), "%s", rows_text(rows, rows_column(rows, "name")));
    snprintf(member->uscc, sizeof(member->uscc), "%s", rows_text(rows, rows_column(rows, "uscc")));
    snprintf(member->region, sizeof(member->region), "%s",
             rows_text(rows, rows_column(rows, "region")));
    snprintf(member->code14, sizeof(member->code14), "%s",
             rows_text(rows, rows_column(rows, "code14")));
    read_purposes(rows, rows_column(rows, "purposes"), arena, member);
}

static void read_members(struct rows *rows, struct arena *arena, struct member_list *list)
{
    list->members = arena_array(arena, (size_t)rows->count, sizeof(*list->members));
    list->member_count = 0;
    while (rows_next(rows))
        read_member(rows, arena, &list->members[list->member_count++]);
    rows_done(rows);
}

static void read_certificates(struct rows *rows, struct arena *arena, struct member_list *list)
{
    list->certificates = arena_array(arena, (size_t)rows->count, sizeof(*list->certificates));
    list->certificate_count = 0;
    while (rows_next(rows)) {
        struct member_certificate *certificate = &list->certificates[list->certificate_count++];
        struct bytes fingerprint = rows_bytes(rows, rows_column(rows, "fingerprint"));
        CHECK(fingerprint.size == sizeof(certificate->fingerprint));
        memcpy(certificate->fingerprint, fingerprint.data, fingerprint.size);
        certificate->member_id = rows_int4(rows, rows_column(rows, "member_id"));
        certificate->expires_at_us = rows_instant_us(rows, rows_column(rows, "expires_at"));
    }
    rows_done(rows);
}

static void read_attribute(const struct rows *rows, struct member_attribute_row *attribute)
{
    int until = rows_column(rows, "until_on"), value = rows_column(rows, "value");
    int hash = rows_column(rows, "document_hash");

    *attribute = (struct member_attribute_row){
        .member_id = rows_int4(rows, rows_column(rows, "member_id")),
        .kind = rows_int2(rows, rows_column(rows, "kind")),
        .from_on = rows_day(rows, rows_column(rows, "from_on")),
    };
    if (!rows_is_null(rows, until))
        attribute->until_on = (struct day_field){true, true, rows_day(rows, until)};
    if (!rows_is_null(rows, value))
        attribute->value = (struct money_field){true, rows_int8(rows, value)};
    if (!rows_is_null(rows, hash)) {
        struct bytes bytes = rows_bytes(rows, hash);
        CHECK(bytes.size == sizeof(attribute->document_hash));
        memcpy(attribute->document_hash, bytes.data, bytes.size);
    }
}

static void read_attributes(struct rows *rows, struct arena *arena, struct member_list *list)
{
    list->attributes = arena_array(arena, (size_t)rows->count, sizeof(*list->attributes));
    list->attribute_count = 0;
    while (rows_next(rows))
        read_attribute(rows, &list->attributes[list->attribute_count++]);
    rows_done(rows);
}

bool member_list_load(struct ctx *ctx, struct db *db, struct member_list *list)
{
    struct rows version = {0};
    struct rows members = {0};
    struct rows certificates = {0};
    struct rows attributes = {0};
    struct rows is_test = {0};
    /* The version is read first: a change in between shows as a newer version at the next poll. */
    const struct db_step steps[] = {
        {&registry_version, &no_params, &version, false},
        {&registry_members, &no_params, &members, false},
        {&registry_certificates, &no_params, &certificates, false},
        {&registry_attributes, &no_params, &attributes, false},
        {&registry_is_test, &no_params, &is_test, true},
    };

    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    list->version = only_int8(&version, "version");
    read_members(&members, ctx->arena, list);
    read_certificates(&certificates, ctx->arena, list);
    read_attributes(&attributes, ctx->arena, list);
    list->is_test = only_bool(&is_test, "is_test");
    return true;
}

static void param_purposes(struct params *params, struct arena *arena, const struct member *member)
{
    int16_t *purposes = arena_array(arena, 128, sizeof(*purposes));
    int count = 0;

    for (int16_t purpose = 0; purpose < 128; purpose++) {
        if (member->purposes[purpose / 64] >> (purpose % 64) & 1)
            purposes[count++] = purpose;
    }
    params_int2s(params, purposes, NULL, count);
}

static bool fail_unshown(struct ctx *ctx)
{
    return fail(ctx, ERR_PRECONDITION, "CONFORMANCE_NEEDED",
                "a contributor becomes active by a result of cix conformance: member activate "
                "--conformance FILE, or --without-conformance REASON");
}

static bool fail_code14(struct ctx *ctx)
{
    return fail(ctx, ERR_EXISTS, "CODE14_TAKEN", "the institution's code is another member's");
}

static bool fail_unshown_role(struct ctx *ctx)
{
    return fail(ctx, ERR_PRECONDITION, "CONFORMANCE_NEEDED",
                "an active member is newly to contribute, which takes a result of cix conformance "
                "first: member activate --conformance FILE, or --without-conformance REASON; or "
                "member state testing, where the role can be given");
}

bool member_put(struct ctx *ctx, struct db *db, struct member *member, int64_t now_us, bool *is_new)
{
    struct params params;
    struct rows rows = {0};
    bool has_row;

    params_init(&params, ctx->arena);
    params_text(&params, member->code);
    params_text(&params, member->name);
    params_int2(&params, (int16_t)member->type);
    params_int2(&params, (int16_t)member->state);
    params_int4(&params, (int32_t)member->roles);
    params_int4(&params, (int32_t)member->data_classes);
    param_purposes(&params, ctx->arena, member);
    params_int4(&params, member->quota.per_second);
    params_int4(&params, member->quota.burst);
    params_int8(&params, member->quota.per_day);
    params_int4(&params, member->profile);
    params_text(&params, member->code14);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &put, &params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, rows_column(&rows, "outcome"));
    *is_new = outcome == 1;
    member->member_id = rows_int4(&rows, rows_column(&rows, "member_id"));
    rows_done(&rows);
    if (outcome == 4)
        return fail_code14(ctx);
    return outcome != 3 || fail_unshown_role(ctx);
}

/* Runs a statement that answers one outcome. */
static bool run_outcome(struct ctx *ctx, struct db *db, const struct statement *statement,
                        const struct params *params, int *outcome)
{
    struct rows rows = {0};
    bool has_row;

    if (!db_run(ctx, db, statement, params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *outcome = rows_int2(&rows, rows_column(&rows, "outcome"));
    rows_done(&rows);
    return true;
}

static bool fail_unknown(struct ctx *ctx)
{
    return fail(ctx, ERR_NOT_FOUND, "MEMBER_UNKNOWN", "no member has this code");
}

bool member_person_set(struct ctx *ctx, struct db *db, const char *code,
                       const struct digest *lookup, int64_t now_us)
{
    enum { SALT_SIZE = 16 };
    struct params params;
    uint8_t salt[SALT_SIZE];
    int outcome;

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_bytes(&params, lookup ? lookup->bytes : NULL, DIGEST_SIZE);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    return run_outcome(ctx, db, &person_set, &params, &outcome) &&
           (outcome == 1 || fail_unknown(ctx));
}

bool member_state_set(struct ctx *ctx, struct db *db, const char *code, enum member_state state,
                      int16_t reason, int64_t now_us)
{
    enum { SALT_SIZE = 16 };
    struct params params;
    uint8_t salt[SALT_SIZE];
    int outcome;

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_int2(&params, (int16_t)state);
    params_int2(&params, reason);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    if (!run_outcome(ctx, db, &state_set, &params, &outcome))
        return false;
    return outcome == 1 || (outcome == 3 ? fail_unshown(ctx) : fail_unknown(ctx));
}

bool member_place_set(struct ctx *ctx, struct db *db, const char *code,
                      const struct member_place *place, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_text(&params, place->uscc);
    params_text(&params, place->region);
    params_text(&params, place->parent_code);
    params_text(&params, place->code14);
    params_instant(&params, now_us);
    if (!run_outcome(ctx, db, &place_set, &params, &outcome))
        return false;
    if (outcome == 3)
        return fail(ctx, ERR_NOT_FOUND, "PARENT_UNKNOWN", "no member has the code of the parent");
    if (outcome == 4)
        return fail(ctx, ERR_INVALID, "PARENT_BELOW", "the parent is the member or belongs to it");
    if (outcome == 5)
        return fail_code14(ctx);
    return outcome == 1 || fail_unknown(ctx);
}

bool member_reciprocity_set(struct ctx *ctx, struct db *db, const char *code,
                            const struct member_levels *levels, int16_t reason, int64_t now_us)
{
    enum { SALT_SIZE = 16 };
    struct params params;
    uint8_t salt[SALT_SIZE];
    int outcome;

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_int2(&params, (int16_t)levels->consumer);
    params_int2(&params, (int16_t)levels->commercial);
    params_int2(&params, reason);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    return run_outcome(ctx, db, &reciprocity_set, &params, &outcome) &&
           (outcome == 1 || fail_unknown(ctx));
}

bool member_is_test(struct ctx *ctx, struct db *db, bool *is_test)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, &registry_is_test, &no_params, &rows))
        return false;
    *is_test = only_bool(&rows, "is_test");
    return true;
}

bool member_declare_test(struct ctx *ctx, struct db *db)
{
    int outcome;

    if (!run_outcome(ctx, db, &declare_test, &no_params, &outcome))
        return false;
    return outcome == 1 ||
           fail_precondition(ctx, "EXCHANGE_USED", "exchange",
                             "members have submitted or asked already: a test exchange is declared "
                             "before");
}

bool member_conformance_put(struct ctx *ctx, struct db *db, const char *code,
                            const struct member_conformance *conformance, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_bytes(&params, conformance->fingerprint, sizeof(conformance->fingerprint));
    params_bytes(&params, conformance->file_hash, sizeof(conformance->file_hash));
    params_instant(&params, conformance->made_at_us);
    params_text(&params, conformance->exchange_version);
    params_text(&params, conformance->client_version);
    params_int4(&params, conformance->case_count);
    params_int4(&params, (int32_t)conformance->roles);
    params_instant(&params, now_us);
    if (!run_outcome(ctx, db, &conformance_put, &params, &outcome))
        return false;
    switch (outcome) {
    case 1:
        return true;
    case 3:
        return fail(
            ctx, ERR_INVALID, "CERTIFICATE_FOREIGN",
            "the result is signed with a certificate that is not registered for the member");
    case 4:
        return fail_precondition(ctx, "NOT_TESTING", code,
                                 "the member is not in state TESTING, nor active without the roles "
                                 "that the result shows");
    case 5:
        return fail_precondition(ctx, "CONFORMANCE_ROLES", code,
                                 "the member is to contribute what the result does not show: it is "
                                 "of other roles");
    default:
        return fail_unknown(ctx);
    }
}

bool member_attribute_put(struct ctx *ctx, struct db *db, const char *code,
                          const struct member_attribute_row *attribute, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_int2(&params, attribute->kind);
    params_day(&params, attribute->from_on);
    params_day_or_null(&params, attribute->until_on.is_present, attribute->until_on.day);
    params_int8_or_null(&params, attribute->value.is_present, attribute->value.minor);
    params_bytes(&params, attribute->value.is_present ? NULL : attribute->document_hash,
                 sizeof(attribute->document_hash));
    params_instant(&params, now_us);
    return run_outcome(ctx, db, &attribute_put, &params, &outcome) &&
           (outcome == 1 || fail_unknown(ctx));
}

bool member_certificate_put(struct ctx *ctx, struct db *db, const char *code,
                            const struct member_certificate *certificate, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_bytes(&params, certificate->fingerprint, sizeof(certificate->fingerprint));
    params_instant(&params, certificate->expires_at_us);
    params_instant(&params, now_us);
    if (!run_outcome(ctx, db, &certificate_put, &params, &outcome))
        return false;
    switch (outcome) {
    case 2:
        return fail_unknown(ctx);
    case 4:
        return fail(ctx, ERR_EXISTS, "CERTIFICATE_TAKEN", "the certificate is another member's");
    case 5:
        return fail_precondition(ctx, "CERTIFICATE_REVOKED", code,
                                 "the certificate was revoked and stays so");
    default:
        return true;
    }
}

bool member_certificate_revoke(struct ctx *ctx, struct db *db, const uint8_t *fingerprint,
                               int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_bytes(&params, fingerprint, 32);
    params_instant(&params, now_us);
    return run_outcome(ctx, db, &certificate_revoke, &params, &outcome) &&
           (outcome != 2 ||
            fail(ctx, ERR_NOT_FOUND, "CERTIFICATE_UNKNOWN", "no member has this certificate"));
}
