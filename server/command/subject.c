/*
 * cixd subject: identities in doubt, and subjects found to be one; by ids and distances, never a
 * name.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "store/subject.h"

enum { PAGE = 500, OPEN = 1, INSTANT_SIZE = 24 };

static bool is_all;

const struct config_flag subject_conflicts_flags[] = {{"all", NULL, &is_all}, {NULL, NULL, NULL}};
const struct config_flag subject_aliases_flags[] = {{"all", NULL, &is_all}, {NULL, NULL, NULL}};

static const char *flag_reason = "";

const struct config_flag subject_merge_flags[] = {{"reason", &flag_reason, NULL},
                                                  {NULL, NULL, NULL}};

/* Why two subjects are one, or nobody is in doubt; numbers as in cix.subject_alias and, the last,
 * in cix.conflict. No free text: it might say who. */
static const char *const reasons[] = {"",        "document", "register", "member",
                                      "subject", "order",    "other",    "mistake"};
enum { MERGE_REASONS = ARRAY_LENGTH(reasons) - 1 }; /* two subjects are no mistake */

const char *command_subject_reasons(struct arena *arena, bool is_merge)
{
    size_t count = is_merge ? MERGE_REASONS : ARRAY_LENGTH(reasons);
    struct builder words = {.arena = arena};

    for (size_t i = 1; i < count; i++)
        builder_format(&words, "%s%s", words.size ? " " : "", reasons[i]);
    return words.data;
}

static void print_conflict(const struct doubt *conflict)
{
    static const char *const states[] = {"",          "open",     "one subject", "two subjects",
                                         "dismissed", "accepted", "mistake"};
    const struct code *type = code_find(&code_identifier_types, conflict->identifier_type);
    char submission[37];

    uuid_format(&conflict->submission_id, submission);
    printf("%s subject %lld", conflict->kind == 2 ? "S017" : "S016",
           (long long)conflict->subject_id);
    if (conflict->other_subject_id)
        printf(" and %lld", (long long)conflict->other_subject_id);
    else if (conflict->kind == 3)
        printf(" listing or document");
    else
        printf(" distance %d of 1000", conflict->distance);
    printf(" %s from %s, record %s/%d/%d, conflict %lld: %s\n", type ? type->name : "-",
           conflict->member_code, submission, conflict->chunk, conflict->line,
           (long long)conflict->record_id,
           conflict->state >= 1 && conflict->state < (int)ARRAY_LENGTH(states)
               ? states[conflict->state]
               : "?");
}

static bool print_all(struct ctx *ctx, struct db *db)
{
    const struct doubt *last = NULL;
    struct doubt *list;
    int count;

    do {
        if (!doubt_list(ctx, db, is_all ? 0 : OPEN, last, PAGE, &list, &count))
            return false;
        for (int i = 0; i < count; i++)
            print_conflict(&list[i]);
        last = count > 0 ? &list[count - 1] : NULL;
    } while (count == PAGE);
    return true;
}

int command_subject_conflicts(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;

    if (call->word_count)
        return command_usage(call, "subject conflicts");
    bool is_done = command_open(ctx, call->config, &cluster, &db) && print_all(ctx, db);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}

static bool read_subject(struct ctx *ctx, const char *word, int64_t *id)
{
    if (text_to_int64(word, id) && *id > 0)
        return true;
    return fail(ctx, ERR_INVALID, "SUBJECT_ID", "expected an id as subject conflicts says");
}

/* One of the first count reasons. */
static bool read_reason(struct ctx *ctx, size_t count, int16_t *reason)
{
    for (size_t i = 1; i < count; i++)
        if (!strcmp(flag_reason, reasons[i])) {
            *reason = (int16_t)i;
            return true;
        }
    return fail(ctx, ERR_INVALID, "MERGE_REASON",
                "--reason: expected document, register, member, subject, order%s",
                count > MERGE_REASONS ? ", other or mistake" : " or other");
}

int command_subject_merge(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    int64_t alias = 0;
    int64_t survivor = 0;
    int16_t reason = 0;
    bool is_new = false;
    bool is_done;

    if (call->word_count != 2)
        return command_usage(call, "subject merge SUBJECT INTO --reason REASON");
    if (!read_reason(ctx, MERGE_REASONS, &reason))
        return *flag_reason ? 1 : 2;
    is_done = read_subject(ctx, call->words[0], &alias) &&
              read_subject(ctx, call->words[1], &survivor) &&
              command_open(ctx, call->config, &cluster, &db) &&
              subject_merge(ctx, db, alias, survivor, reason, clock_now_us(), &is_new);
    command_close(cluster, db);
    if (is_done)
        printf("%s %lld into %lld\n", is_new ? "merged" : "merged before:", (long long)alias,
               (long long)survivor);
    return is_done ? 0 : 1;
}

int command_subject_split(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    int64_t alias = 0;
    bool is_new = false;
    bool is_done;

    if (call->word_count != 1)
        return command_usage(call, "subject split SUBJECT");
    is_done = read_subject(ctx, call->words[0], &alias) &&
              command_open(ctx, call->config, &cluster, &db) &&
              subject_split(ctx, db, alias, clock_now_us(), &is_new);
    command_close(cluster, db);
    if (is_done)
        printf("%s %lld\n", is_new ? "split" : "split before:", (long long)alias);
    return is_done ? 0 : 1;
}

int command_subject_dismiss(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    int64_t conflict = 0;
    int16_t reason = 0;
    bool is_new = false;
    bool is_done;

    if (call->word_count != 1)
        return command_usage(call, "subject dismiss CONFLICT --reason REASON");
    if (!read_reason(ctx, ARRAY_LENGTH(reasons), &reason))
        return *flag_reason ? 1 : 2;
    is_done = read_subject(ctx, call->words[0], &conflict) &&
              command_open(ctx, call->config, &cluster, &db) &&
              doubt_dismiss(ctx, db, conflict, reason, clock_now_us(), &is_new);
    command_close(cluster, db);
    if (is_done)
        printf("%s conflict %lld\n",
               is_new ? "dismissed" : "dismissed before:", (long long)conflict);
    return is_done ? 0 : 1;
}

/* UTC, to the second. */
static const char *instant_text(int64_t at_us, char text[INSTANT_SIZE])
{
    time_t at = (time_t)(at_us / 1000000);
    struct tm parts;

    gmtime_r(&at, &parts);
    strftime(text, INSTANT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

static void print_alias(const struct subject_alias *alias)
{
    char text[INSTANT_SIZE];

    printf("%lld into %lld since %s by %s", (long long)alias->alias_id,
           (long long)alias->subject_id, instant_text(alias->merged_at_us, text),
           alias->reason >= 1 && alias->reason < (int)ARRAY_LENGTH(reasons) ? reasons[alias->reason]
                                                                            : "?");
    if (alias->ended_at_us)
        printf(", split %s", instant_text(alias->ended_at_us, text));
    printf("\n");
}

static bool print_aliases(struct ctx *ctx, struct db *db)
{
    struct subject_alias *list;
    int64_t behind = 0;
    int count;

    do {
        if (!subject_alias_list(ctx, db, is_all, behind, PAGE, &list, &count))
            return false;
        for (int i = 0; i < count; i++)
            print_alias(&list[i]);
        behind = count > 0 ? list[count - 1].merge_id : behind;
    } while (count == PAGE);
    return true;
}

int command_subject_aliases(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;

    if (call->word_count)
        return command_usage(call, "subject aliases [--all]");
    bool is_done = command_open(ctx, call->config, &cluster, &db) && print_aliases(ctx, db);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}
