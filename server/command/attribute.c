/*
 * cixd member set, attest and limit: which organisation a member is, governance attestations and
 * limits of risk.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "domain/identifier.h"
#include "domain/region.h"
#include "store/member.h"

enum { FIRST_LIMIT = 20, BPS_MAX = 10000, WORD_MAX = 48 };

static const char *flag_document = "";
static const char *flag_value = "";
static const char *flag_until = "";
static const char *flag_uscc; /* NULL: not given */
static const char *flag_region;
static const char *flag_parent;
static const char *flag_code14;
static const char *flag_person; /* "-": standard input */
static const char *flag_consumer = "";
static const char *flag_commercial = "";
static const char *flag_reason = "";

const struct config_flag member_attest_flags[] = {
    {"document", &flag_document, NULL},
    {"until", &flag_until, NULL},
    {NULL, NULL, NULL},
};

const struct config_flag member_set_flags[] = {
    {"uscc", &flag_uscc, NULL},
    {"region", &flag_region, NULL},
    {"parent", &flag_parent, NULL},
    {"code14", &flag_code14, NULL},
    {"responsible-person", &flag_person, NULL},
    {"reciprocity-consumer", &flag_consumer, NULL},
    {"reciprocity-commercial", &flag_commercial, NULL},
    {"reason", &flag_reason, NULL},
    {NULL, NULL, NULL},
};

const struct config_flag member_limit_flags[] = {
    {"value", &flag_value, NULL},
    {"until", &flag_until, NULL},
    {NULL, NULL, NULL},
};

/* "risk-committee" or "RISK_COMMITTEE"; of limits the words behind LIMIT_ will do. */
static const struct code *find_kind(const char *word, bool is_limit)
{
    char name[WORD_MAX];
    const struct code *kind;

    if (strlen(word) + sizeof("LIMIT_") > sizeof(name))
        return NULL;
    snprintf(name, sizeof(name), "%s%s", is_limit ? "LIMIT_" : "", word);
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    kind = code_find_name(&code_member_attributes, name);
    if (!kind && is_limit)
        kind = code_find_name(&code_member_attributes, name + strlen("LIMIT_"));
    return kind && (kind->number >= FIRST_LIMIT) == is_limit ? kind : NULL;
}

static bool read_kind(struct ctx *ctx, const char *word, bool is_limit,
                      struct member_attribute_row *attribute)
{
    const struct code *kind = find_kind(word, is_limit);
    struct builder known = {.arena = ctx->arena};

    if (kind) {
        attribute->kind = (int16_t)kind->number;
        return true;
    }
    for (size_t i = 0; i < code_member_attributes.count; i++)
        if ((code_member_attributes.codes[i].number >= FIRST_LIMIT) == is_limit)
            builder_format(&known, "%s%s", known.size ? ", " : "",
                           code_member_attributes.codes[i].name);
    return fail(ctx, ERR_INVALID, "KIND", "'%.40s' is not one of %s", word, known.data);
}

static bool read_days(struct ctx *ctx, struct member_attribute_row *attribute)
{
    struct day until;

    attribute->from_on = clock_day_of(clock_now_us());
    if (!*flag_until)
        return true;
    if (!day_parse(flag_until, &until) || until.number < attribute->from_on.number)
        return fail(ctx, ERR_INVALID, "DAY", "--until: expected a day from today on, YYYY-MM-DD");
    attribute->until_on = (struct day_field){true, true, until};
    return true;
}

static bool read_value(struct ctx *ctx, struct member_attribute_row *attribute)
{
    bool is_amount = attribute->kind == MEMBER_ATTRIBUTE_LIMIT_OUTSTANDING;
    int64_t value;

    if (!text_to_int64(flag_value, &value) || value < 0 || (!is_amount && value > BPS_MAX))
        return fail(ctx, ERR_INVALID, "VALUE",
                    is_amount ? "--value: expected minor units of CNY"
                              : "--value: expected basis points, 0 to 10000");
    attribute->value = (struct money_field){true, value};
    return true;
}

static int put(struct ctx *ctx, const struct command_call *call,
               const struct member_attribute_row *attribute)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_done = command_open(ctx, call->config, &cluster, &db) &&
                   member_attribute_put(ctx, db, call->words[0], attribute, clock_now_us());

    command_close(cluster, db);
    if (is_done)
        printf("recorded %s of %s\n", code_name(&code_member_attributes, attribute->kind),
               call->words[0]);
    return is_done ? 0 : 1;
}

int command_member_attest(struct ctx *ctx, const struct command_call *call)
{
    struct member_attribute_row attribute = {.kind = 0};

    if (call->word_count != 2 || !*flag_document)
        return command_usage(call, "member attest CODE KIND --document FILE [--until DAY]");
    if (!read_kind(ctx, call->words[1], false, &attribute) || !read_days(ctx, &attribute) ||
        !command_hash_document(ctx, flag_document, attribute.document_hash))
        return 1;
    return put(ctx, call, &attribute);
}

int command_member_limit(struct ctx *ctx, const struct command_call *call)
{
    struct member_attribute_row attribute = {.kind = 0};

    if (call->word_count != 2 || !*flag_value)
        return command_usage(call, "member limit CODE KIND --value NUMBER [--until DAY]");
    if (!read_kind(ctx, call->words[1], true, &attribute) || !read_days(ctx, &attribute) ||
        !read_value(ctx, &attribute))
        return 1;
    return put(ctx, call, &attribute);
}

/* A code may be younger than the list of regions: of six digits those of the province are enough.
 */
static bool is_place(const char *region)
{
    return region_is_known(region) ||
           (strlen(region) == 6 && region_is_code(region) && *region_label(region));
}

bool command_member_code14(struct ctx *ctx, const char *code14)
{
    return member_code14_is_valid(code14) ||
           fail(ctx, ERR_INVALID, "CODE14", "--code14: expected a capital letter and 13 digits");
}

/* The flags as a place; an empty one takes away what stands. */
static bool read_place(struct ctx *ctx, struct member_place *place)
{
    struct day today = clock_day_of(clock_now_us());
    struct identifier identifier;

    *place = (struct member_place){flag_uscc, flag_region, flag_parent, flag_code14};
    if (flag_uscc && *flag_uscc) {
        enum identifier_fault fault =
            identifier_read(ctx->arena, IDENTIFIER_TYPE_USCC, flag_uscc, today, &identifier);
        if (fault != IDENTIFIER_FAULT_NONE)
            return fail(ctx, ERR_INVALID, "USCC", "--uscc: %s", identifier_fault_text(fault));
        place->uscc = identifier.value;
    }
    if (flag_code14 && *flag_code14 && !command_member_code14(ctx, flag_code14))
        return false;
    return !flag_region || !*flag_region || is_place(flag_region) ||
           fail(ctx, ERR_INVALID, "REGION", "--region: expected GB/T 2260 or ISO 3166-2");
}

static bool read_level(struct ctx *ctx, const char *flag, const char *word, enum reciprocity *level)
{
    static const char *const words[] = {[RECIPROCITY_NONE] = "none",
                                        [RECIPROCITY_DEFAULT] = "default",
                                        [RECIPROCITY_FULL] = "full"};

    *level = RECIPROCITY_AS_IS;
    for (size_t i = 0; *word && i < ARRAY_LENGTH(words); i++)
        if (!strcmp(word, words[i]))
            *level = (enum reciprocity)i;
    return !*word || *level != RECIPROCITY_AS_IS ||
           fail(ctx, ERR_INVALID, "RECIPROCITY", "--reciprocity-%s: expected none, default or full",
                flag);
}

static bool has_level(void)
{
    return *flag_consumer || *flag_commercial;
}

/* What a member sees of others is not changed without a reason. */
static bool read_levels(struct ctx *ctx, struct member_levels *levels, int16_t *reason)
{
    return read_level(ctx, "consumer", flag_consumer, &levels->consumer) &&
           read_level(ctx, "commercial", flag_commercial, &levels->commercial) &&
           (!has_level() || command_member_reason(ctx, "reason", flag_reason, reason));
}

/* lookup: stays NULL where nobody is to be noted any more. */
static bool read_person(struct ctx *ctx, const struct command_call *call, struct digest *room,
                        const struct digest **lookup)
{
    if (!flag_person || !*flag_person)
        return true;
    if (strcmp(flag_person, "-") != 0)
        return fail(ctx, ERR_INVALID, "RESPONSIBLE_PERSON",
                    "--responsible-person: expected -, and the identifier on standard input, where "
                    "no other user of the host may read it");
    *lookup = room;
    return command_read_lookup(ctx, call, true, room);
}

/* What the flags say of the member, all of it checked before. */
static bool set(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    struct member_levels levels;
    int16_t reason = 0;
    const struct digest *person = NULL;
    struct member_place place;
    struct digest room;
    bool has_place = flag_uscc || flag_region || flag_parent || flag_code14;

    return read_place(ctx, &place) && read_levels(ctx, &levels, &reason) &&
           read_person(ctx, call, &room, &person) &&
           (!has_place || member_place_set(ctx, db, call->words[0], &place, clock_now_us())) &&
           (!has_level() ||
            member_reciprocity_set(ctx, db, call->words[0], &levels, reason, clock_now_us())) &&
           (!flag_person || member_person_set(ctx, db, call->words[0], person, clock_now_us()));
}

int command_member_set(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count != 1 || (!flag_uscc && !flag_region && !flag_parent && !flag_code14 &&
                                  !flag_person && !has_level()))
        return command_usage(call, "member set CODE [--uscc CODE] [--region CODE] [--parent CODE] "
                                   "[--code14 CODE] [--responsible-person -] "
                                   "[--reciprocity-consumer LEVEL] "
                                   "[--reciprocity-commercial LEVEL] [--reason REASON]");
    if (command_run(ctx, call, set) != 0)
        return 1;
    printf("changed %s\n", call->words[0]);
    return 0;
}
