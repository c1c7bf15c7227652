/*
 * cixd member: the registry by hand. Every change is in force on all servers within a second.
 */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "store/member.h"

enum { WORD_MAX = 64 };

static const char *flag_name = "";
static const char *flag_type = "";
static const char *flag_roles = "";
static const char *flag_classes = "";
static const char *flag_purposes = "";
static const char *flag_quota = "";
static const char *flag_daily = "";
static const char *flag_state = "";
static const char *flag_jumps = "";
static const char *flag_code14 = "";
static const char *flag_certificate = "";
static const char *flag_fingerprint = "";

const struct config_flag member_add_flags[] = {
    {"name", &flag_name, NULL},
    {"type", &flag_type, NULL},
    {"roles", &flag_roles, NULL},
    {"classes", &flag_classes, NULL},
    {"purposes", &flag_purposes, NULL},
    {"quota", &flag_quota, NULL},
    {"daily", &flag_daily, NULL},
    {"state", &flag_state, NULL},
    {"jumps", &flag_jumps, NULL},
    {"code14", &flag_code14, NULL},
    {NULL, NULL, NULL},
};

const struct config_flag member_certificate_flags[] = {
    {"certificate", &flag_certificate, NULL},
    {"fingerprint", &flag_fingerprint, NULL},
    {NULL, NULL, NULL},
};

struct word {
    const char *name;
    uint32_t value;
};

static const struct word role_words[] = {
    {"contributor", MEMBER_ROLE_CONTRIBUTOR},
    {"lender", MEMBER_ROLE_LENDER},
    {"court", MEMBER_ROLE_COURT},
    {"regulator", MEMBER_ROLE_REGULATOR},
    {"association", MEMBER_ROLE_ASSOCIATION},
    {NULL, 0},
};

static const struct word class_words[] = {
    {"basic", DATA_CLASS_BASIC},
    {"credit", DATA_CLASS_CREDIT},
    {"public", DATA_CLASS_PUBLIC},
    {"dishonest", DATA_CLASS_DISHONEST},
    {"fraud", DATA_CLASS_FRAUD},
    {"behaviour", DATA_CLASS_BEHAVIOUR},
    {"rating", DATA_CLASS_RATING},
    {"fund", DATA_CLASS_FUND},
    {NULL, 0},
};

/* What a type may do unless the flags say otherwise. */
struct type_default {
    const char *name;
    enum member_type type;
    const char *roles;
    const char *classes;
    const char *purposes;
};

#define LENDER          "contributor,lender"
#define LENDER_CLASSES  "basic,credit,dishonest,rating"
#define LENDER_PURPOSES "1,2,3,8,20,21,22,23,24,25,26,31,32,33"

/* clang-format off */
static const struct type_default types[] = {
    {"bank",                MEMBER_TYPE_BANK,                  LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"village-bank",        MEMBER_TYPE_VILLAGE_BANK,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"housing-savings",     MEMBER_TYPE_HOUSING_SAVINGS,       LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"foreign-bank",        MEMBER_TYPE_FOREIGN_BANK,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"finance-company",     MEMBER_TYPE_FINANCE_COMPANY,       LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"trust",               MEMBER_TYPE_TRUST,                 LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"leasing",             MEMBER_TYPE_LEASING,               LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"auto-finance",        MEMBER_TYPE_AUTO_FINANCE,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"consumer-finance",    MEMBER_TYPE_CONSUMER_FINANCE,      LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"loan-company",        MEMBER_TYPE_LOAN_COMPANY,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"asset-management",    MEMBER_TYPE_ASSET_MANAGEMENT,      LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"securities",          MEMBER_TYPE_SECURITIES,            LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"insurance",           MEMBER_TYPE_INSURANCE,             LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"micro-loan",          MEMBER_TYPE_MICRO_LOAN,            LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"housing-fund",        MEMBER_TYPE_HOUSING_FUND,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"guarantee",           MEMBER_TYPE_GUARANTEE,             LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"factoring",           MEMBER_TYPE_FACTORING,             LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"p2p",                 MEMBER_TYPE_P2P,                   LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"crowdfunding",        MEMBER_TYPE_CROWDFUNDING,          LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"payment",             MEMBER_TYPE_THIRD_PARTY_PAYMENT,   LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"ecommerce-microloan", MEMBER_TYPE_ECOMMERCE_MICROLOAN,   LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"card-issuer",         MEMBER_TYPE_CARD_ISSUER,           LENDER, LENDER_CLASSES, LENDER_PURPOSES},
    {"credit-bureau",       MEMBER_TYPE_CREDIT_BUREAU,         "contributor", "basic,credit,dishonest", ""},
    {"rating-agency",       MEMBER_TYPE_RATING_AGENCY,         "contributor", "basic,rating", ""},
    {"court",               MEMBER_TYPE_COURT,                 "court", "basic,dishonest", "32"},
    {"regulator",           MEMBER_TYPE_REGULATOR_ADMIN,       "regulator", "", ""},
    {"association",         MEMBER_TYPE_SELF_REGULATORY_ASSOC, "association", "", ""},
    {"other",               MEMBER_TYPE_OTHER,                 "contributor", "basic", ""},
};
/* clang-format on */

/* Takes one item of a comma-separated list off its front. False at the end. */
static bool next_item(const char **list, char item[WORD_MAX])
{
    size_t size = strcspn(*list, ",");

    if (!**list)
        return false;
    snprintf(item, WORD_MAX, "%.*s", (int)size, *list);
    *list += size + ((*list)[size] == ',');
    return true;
}

static bool read_words(struct ctx *ctx, const char *what, const struct word *words,
                       const char *list, uint32_t *bits)
{
    char item[WORD_MAX];

    *bits = 0;
    while (next_item(&list, item)) {
        const struct word *word = words;
        while (word->name && strcmp(word->name, item))
            word++;
        if (!word->name)
            return fail(ctx, ERR_INVALID, "WORD_UNKNOWN", "--%s: '%s' is not known", what, item);
        *bits |= word->value;
    }
    return true;
}

static bool read_purposes(struct ctx *ctx, const char *list, struct member *member)
{
    char item[WORD_MAX];
    int64_t purpose;

    while (next_item(&list, item)) {
        if (!text_to_int64(item, &purpose) || purpose < 1 || purpose > 127)
            return fail(ctx, ERR_INVALID, "PURPOSE", "--purposes: '%s' is not an inquiry reason",
                        item);
        member_grant_purpose(member, (enum purpose)purpose);
    }
    return true;
}

static bool read_type(struct ctx *ctx, const struct type_default **type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        if (!strcmp(types[i].name, flag_type)) {
            *type = &types[i];
            return true;
        }
    }
    return fail(ctx, ERR_INVALID, "TYPE", "--type: '%s' is not known; see cixd member add --help",
                flag_type);
}

static bool read_quota(struct ctx *ctx, struct member *member)
{
    int64_t quota = MEMBER_QUOTA_AS_IS, daily = MEMBER_QUOTA_AS_IS;

    if (*flag_quota && (!text_to_int64(flag_quota, &quota) || quota > 1000000))
        return fail(ctx, ERR_INVALID, "QUOTA", "--quota: expected calls a second, 0 for no bound");
    if (*flag_daily && (!text_to_int64(flag_daily, &daily) || daily > INT32_MAX))
        return fail(ctx, ERR_INVALID, "QUOTA", "--daily: expected calls a day, 0 for no bound");
    member->quota.per_day = (int32_t)daily;
    member->quota.per_second = (int32_t)quota;
    member->quota.burst = *flag_quota ? (int32_t)(2 * quota) : MEMBER_QUOTA_AS_IS;
    return true;
}

static bool read_jumps(struct ctx *ctx, struct member *member)
{
    bool is_remarked = !strcmp(flag_jumps, "remark");

    if (*flag_jumps && !is_remarked && strcmp(flag_jumps, "keep") != 0)
        return fail(ctx, ERR_INVALID, "JUMPS", "--jumps: expected keep or remark");
    member->profile = is_remarked ? MEMBER_PROFILE_JUMPS_REMARKED : 0;
    return true;
}

static bool read_state(struct ctx *ctx, struct member *member)
{
    bool is_testing = !strcmp(flag_state, "testing");

    if (*flag_state && !is_testing && strcmp(flag_state, "active") != 0)
        return fail(ctx, ERR_INVALID, "STATE", "--state: expected testing or active");
    member->state = is_testing    ? MEMBER_STATE_TESTING
                    : *flag_state ? MEMBER_STATE_ACTIVE
                                  : MEMBER_STATE_NONE;
    return true;
}

static bool read_member(struct ctx *ctx, const char *code, struct member *member)
{
    const struct type_default *type = NULL;

    *member = (struct member){.state = MEMBER_STATE_NONE};
    if (!member_code_is_valid(code))
        return fail(ctx, ERR_INVALID, "CODE", "a code has 3 to 32 of a-z, 0-9 and -");
    if (!*flag_name || text_length(flag_name, strlen(flag_name)) > MEMBER_NAME_MAX)
        return fail(ctx, ERR_INVALID, "NAME", "--name: expected 1 to %d characters",
                    MEMBER_NAME_MAX);
    if (!read_type(ctx, &type))
        return false;
    snprintf(member->code, sizeof(member->code), "%s", code);
    snprintf(member->name, sizeof(member->name), "%s", flag_name);
    member->type = type->type;
    if (*flag_code14 && !command_member_code14(ctx, flag_code14))
        return false;
    snprintf(member->code14, sizeof(member->code14), "%s", flag_code14);
    return read_state(ctx, member) &&
           read_words(ctx, "roles", role_words, *flag_roles ? flag_roles : type->roles,
                      &member->roles) &&
           read_words(ctx, "classes", class_words, *flag_classes ? flag_classes : type->classes,
                      &member->data_classes) &&
           read_purposes(ctx, *flag_purposes ? flag_purposes : type->purposes, member) &&
           read_quota(ctx, member) && read_jumps(ctx, member);
}

/* The state of a member that is there is another command's. */
static bool check_state(struct ctx *ctx, struct db *db, const struct member *member)
{
    struct member_list list;

    if (!*flag_state)
        return true;
    if (!member_list_load(ctx, db, &list))
        return false;
    for (int i = 0; i < list.member_count; i++) {
        if (!strcmp(list.members[i].code, member->code))
            return fail(ctx, ERR_PRECONDITION, "STATE_OF_KNOWN",
                        "--state is for a new member, and %s is there: cixd member state and "
                        "activate change its state and keep why",
                        member->code);
    }
    return true;
}

int command_member_add(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct member member;
    bool is_new;
    bool is_done;

    if (call->word_count != 1)
        return command_usage(call, "member add CODE --name NAME --type TYPE");
    is_done = read_member(ctx, call->words[0], &member) &&
              command_open(ctx, call->config, &cluster, &db) && check_state(ctx, db, &member) &&
              member_put(ctx, db, &member, clock_now_us(), &is_new);
    command_close(cluster, db);
    if (is_done)
        printf("%s %s, number %d\n", is_new ? "added" : "changed", member.code, member.member_id);
    return is_done ? 0 : 1;
}

static bool not_after_us(const X509 *certificate, int64_t *us)
{
    struct tm tm;

    if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm))
        return false;
    *us = (int64_t)timegm(&tm) * 1000000;
    return true;
}

/* Whether a name of the certificate ends with /member/CODE: the listener admits no other. */
static bool names_member(X509 *certificate, const char *code)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    char end[WORD_MAX];
    size_t end_size = (size_t)snprintf(end, sizeof(end), "/member/%s", code);
    bool is_named = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI || end_size >= sizeof(end))
            continue;
        const char *uri = (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
        size_t size = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
        is_named |= size > end_size && !memcmp(uri + size - end_size, end, end_size);
    }
    GENERAL_NAMES_free(names);
    return is_named;
}

/* code: whom the certificate has to name; NULL for anybody. */
static bool read_certificate(struct ctx *ctx, const char *path, const char *code,
                             struct member_certificate *result)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    unsigned size = 0;
    bool is_read = certificate &&
                   X509_digest(certificate, EVP_sha256(), result->fingerprint, &size) &&
                   not_after_us(certificate, &result->expires_at_us);
    bool is_named = is_read && (!code || names_member(certificate, code));

    X509_free(certificate);
    if (file)
        fclose(file);
    if (is_read && !is_named)
        return fail(ctx, ERR_INVALID, "CERTIFICATE_NAME",
                    "%s: has no name spiffe://<trust_domain>/member/%.40s", path, code);
    return is_read ||
           fail(ctx, ERR_INVALID, "CERTIFICATE_FILE", "%s: no readable PEM certificate", path);
}

int command_member_certificate_add(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct member_certificate certificate = {.member_id = 0};
    char hex[65];
    bool is_done;

    if (call->word_count != 1 || !*flag_certificate)
        return command_usage(call, "member cert add CODE --certificate FILE");
    is_done = read_certificate(ctx, flag_certificate, call->words[0], &certificate) &&
              command_open(ctx, call->config, &cluster, &db) &&
              member_certificate_put(ctx, db, call->words[0], &certificate, clock_now_us());
    command_close(cluster, db);
    if (!is_done)
        return 1;
    text_to_hex(certificate.fingerprint, sizeof(certificate.fingerprint), hex);
    printf("%s may use certificate %s\n", call->words[0], hex);
    return 0;
}

int command_member_certificate_revoke(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct member_certificate certificate = {.member_id = 0};
    bool is_named;
    bool is_done;

    if (call->word_count != 0 || !*flag_certificate == !*flag_fingerprint)
        return command_usage(call, "member cert revoke (--certificate FILE | --fingerprint HEX)");
    is_named = *flag_certificate
                   ? read_certificate(ctx, flag_certificate, NULL, &certificate)
                   : text_from_hex(flag_fingerprint, certificate.fingerprint,
                                   sizeof(certificate.fingerprint)) ||
                         fail(ctx, ERR_INVALID, "FINGERPRINT", "expected 64 hexadecimal digits");
    is_done = is_named && command_open(ctx, call->config, &cluster, &db) &&
              member_certificate_revoke(ctx, db, certificate.fingerprint, clock_now_us());
    command_close(cluster, db);
    if (is_done)
        printf("revoked\n");
    return is_done ? 0 : 1;
}

/* "lender,court" into text, which has room for all words of a table. */
static const char *join_words(const struct word *words, uint32_t bits, char text[WORD_MAX])
{
    size_t size = 0;

    text[0] = '\0';
    for (const struct word *word = words; word->name && size < WORD_MAX; word++) {
        if (bits & word->value)
            size +=
                (size_t)snprintf(text + size, WORD_MAX - size, "%s%s", size ? "," : "", word->name);
    }
    return text;
}

static const char *type_name(int type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        if ((int)types[i].type == type)
            return types[i].name;
    }
    return code_name(&code_member_types, type);
}

static void print_list(const struct member_list *list)
{
    char roles[WORD_MAX];

    printf("%-6s %-24s %-14s %-20s %-12s %-19s %s\n", "NUMBER", "CODE", "CODE14", "TYPE", "STATE",
           "ROLES", "CERTIFICATES");
    for (int i = 0; i < list->member_count; i++) {
        const struct member *member = &list->members[i];
        int certificates = 0;
        for (int j = 0; j < list->certificate_count; j++)
            certificates += list->certificates[j].member_id == member->member_id;
        printf("%-6d %-24s %-14s %-20s %-12s %-19s %d\n", member->member_id, member->code,
               *member->code14 ? member->code14 : "-", type_name((int)member->type),
               code_name(&code_member_states, (int)member->state),
               join_words(role_words, member->roles, roles), certificates);
    }
}

int command_member_list(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    struct member_list list;
    bool is_done;

    if (call->word_count)
        return command_usage(call, "member list");
    is_done = command_open(ctx, call->config, &cluster, &db) && member_list_load(ctx, db, &list);

    command_close(cluster, db);
    if (is_done)
        print_list(&list);
    return is_done ? 0 : 1;
}
