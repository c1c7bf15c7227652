/*
 * cixd subject show, marks, lift and status: what members said on a subject's behalf or of its
 * status, by ids and codes, and how the operator puts it right. An identifier comes by standard
 * input and goes no further than its digest.
 */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "domain/identifier.h"
#include "store/operator.h"
#include "vault/vault.h"

enum { PAGE = 500, LINE_MAX_BYTES = 512, WORD_MAX = 32 };

static bool is_all;
static const char *flag_reason = "";
static const char *flag_document = "";

const struct config_flag subject_marks_flags[] = {{"all", NULL, &is_all}, {NULL, NULL, NULL}};
const struct config_flag subject_remedy_flags[] = {
    {"reason", &flag_reason, NULL},
    {"document", &flag_document, NULL},
    {NULL, NULL, NULL},
};

/* By number: 0 none. */
static const char *const reason_words[] = {
    "", "subject-request", "order", "member-left", "fraud", "error", "", "", "", "other"};

/* ---- Reading the line ---- */

bool command_hash_document(struct ctx *ctx, const char *path, uint8_t hash[32])
{
    FILE *file = fopen(path, "re");
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t found[EVP_MAX_MD_SIZE];
    char buffer[16 * 1024];
    size_t size;
    bool is_read = file && digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);

    while (is_read && (size = fread(buffer, 1, sizeof(buffer), file)) > 0)
        is_read = EVP_DigestUpdate(digest, buffer, size);
    is_read = is_read && !ferror(file) && EVP_DigestFinal_ex(digest, found, NULL);
    EVP_MD_CTX_free(digest);
    if (file)
        fclose(file);
    if (!is_read)
        return fail(ctx, ERR_INVALID, "DOCUMENT", "--document %s: cannot be read", path);
    memcpy(hash, found, DIGEST_SIZE);
    return true;
}

static bool read_reason(struct ctx *ctx, struct operator_reason *reason)
{
    *reason = (struct operator_reason){.reason = 0};
    for (size_t i = 1; *flag_reason && i < ARRAY_LENGTH(reason_words); i++)
        if (!strcmp(flag_reason, reason_words[i]))
            reason->reason = (int16_t)i;
    if (!reason->reason)
        return fail(ctx, ERR_INVALID, "REASON",
                    "--reason: expected subject-request, order, member-left, fraud, error or "
                    "other");
    if (!*flag_document)
        return fail(ctx, ERR_INVALID, "DOCUMENT", "--document: expected what it rests on");
    return command_hash_document(ctx, flag_document, reason->document_hash.bytes);
}

static bool read_id(struct ctx *ctx, const char *what, const char *word, int64_t *id)
{
    return (text_to_int64(word, id) && *id > 0) ||
           fail(ctx, ERR_INVALID, "ID", "%s: expected a number as cixd subject marks prints it",
                what);
}

/* "PASSPORT E12345678", or a resident number alone. */
static bool read_identifier(struct ctx *ctx, char *line, struct identifier *identifier)
{
    enum identifier_type type = IDENTIFIER_TYPE_RESIDENT_ID;
    size_t size = strcspn(line, " ");
    const char *value = line;
    enum identifier_fault fault;

    if (line[size]) {
        line[size] = '\0';
        const struct code *code = code_find_name(&code_identifier_types, line);
        if (!code)
            return fail(ctx, ERR_INVALID, "IDENTIFIER",
                        "standard input: the type is none of cix codes identifier_type");
        type = (enum identifier_type)code->number;
        value = line + size + 1;
    }
    fault = identifier_read(ctx->arena, type, value, clock_day_of(clock_now_us()), identifier);
    return fault == IDENTIFIER_FAULT_NONE ||
           fail(ctx, ERR_INVALID, "IDENTIFIER", "standard input: %s", identifier_fault_text(fault));
}

static bool require_personal(struct ctx *ctx, const struct identifier *identifier)
{
    return identifier_is_personal(identifier->type) ||
           fail(ctx, ERR_INVALID, "IDENTIFIER", "standard input: expected a person's identifier");
}

bool command_read_lookup(struct ctx *ctx, const struct command_call *call, bool is_personal,
                         struct digest *lookup)
{
    struct identifier identifier;
    struct vault *vault = NULL;
    char line[LINE_MAX_BYTES];

    if (!fgets(line, sizeof(line), stdin))
        return fail(ctx, ERR_INVALID, "IDENTIFIER", "standard input: expected an identifier");
    line[strcspn(line, "\r\n")] = '\0';
    bool is_read = read_identifier(ctx, line, &identifier) &&
                   (!is_personal || require_personal(ctx, &identifier)) &&
                   vault_open(ctx, command_keys_folder(ctx, call->config), &vault);
    if (is_read)
        *lookup = vault_lookup(vault, (int)identifier.type, identifier.value);
    vault_free(vault);
    OPENSSL_cleanse(line, sizeof(line));
    return is_read;
}

/* The subject that a word of the line or standard input says. */
static bool find_subject(struct ctx *ctx, const struct command_call *call, struct db *db,
                         struct operator_subject *subject)
{
    const char *word = call->words[0];
    struct digest lookup;
    int64_t id = 0;

    if (!strcmp(word, "-"))
        return command_read_lookup(ctx, call, false, &lookup) &&
               operator_find(ctx, db, &lookup, 0, clock_now_us(), subject);
    return read_id(ctx, "SUBJECT", word, &id) &&
           operator_find(ctx, db, NULL, id, clock_now_us(), subject);
}

/* ---- Printing ---- */

static const char *day_text(struct ctx *ctx, struct day day)
{
    char text[11];

    day_format(day, text);
    return arena_string(ctx->arena, text);
}

static const char *at(struct ctx *ctx, int64_t us)
{
    return day_text(ctx, clock_day_of(us));
}

static const char *who(const char *code)
{
    return code ? code : "operator";
}

static void print_statuses(struct ctx *ctx, const struct operator_status *list, int count)
{
    for (int i = 0; i < count; i++) {
        char submission[37] = "-";
        if (list[i].has_submission)
            uuid_format(&list[i].submission_id, submission);
        printf("  %s by %s on %s, submission %s%s\n",
               code_name(&code_subject_statuses, list[i].status), who(list[i].member_code),
               at(ctx, list[i].recorded_at_us), submission,
               list[i].is_counted ? "" : ": set aside by the operator");
    }
}

static void print_mark(struct ctx *ctx, const struct operator_mark *mark)
{
    static const char *const kinds[] = {
        [OPERATOR_MARK_FRAUD_ALERT] = "fraud-alert",
        [OPERATOR_MARK_INQUIRY_BLOCK] = "inquiry-block",
        [OPERATOR_MARK_NEW_CREDIT_BLOCK] = "new-credit-block",
        [OPERATOR_MARK_DISPUTE] = "dispute",
        [OPERATOR_MARK_STATEMENT] = "statement",
    };
    static const char *const targets[] = {"",     "identity", "account", "month",
                                          "flag", "inquiry",  "fact"};

    printf("subject %lld mark %lld %s", (long long)mark->subject_id, (long long)mark->mark_id,
           kinds[mark->kind]);
    if (mark->code)
        printf(" %d", mark->code);
    if (mark->target)
        printf(" on %s%s%s", targets[mark->target], mark->on_code ? " of " : "",
               mark->on_code ? mark->on_code : "");
    printf(" by %s on %s", who(mark->by_code), at(ctx, mark->recorded_at_us));
    if (mark->until_on.is_present)
        printf(" until %s", day_text(ctx, mark->until_on.day));
    if (mark->ended_at_us)
        printf(", ended by %s on %s%s%s", who(mark->ended_code), at(ctx, mark->ended_at_us),
               mark->reason ? ": " : "", mark->reason ? reason_words[mark->reason] : "");
    printf("\n");
}

/* ---- Commands ---- */

static bool show(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    struct operator_subject subject;
    struct operator_status *list;
    int count;

    if (!find_subject(ctx, call, db, &subject) ||
        !operator_statuses(ctx, db, subject.subject_id, &list, &count))
        return false;
    printf("subject %lld %s %s", (long long)subject.subject_id,
           code_name(&code_subject_kinds, subject.kind),
           code_name(&code_subject_statuses, subject.status));
    if (subject.alias_id)
        printf(", alias %lld", (long long)subject.alias_id);
    printf("\n");
    print_statuses(ctx, list, count);
    return true;
}

static bool marks(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    struct operator_subject subject = {.subject_id = 0};
    struct operator_mark *list;
    int64_t after = 0;
    int count;

    if (call->word_count && !find_subject(ctx, call, db, &subject))
        return false;
    do {
        if (!operator_marks(ctx, db, subject.subject_id, is_all, after, PAGE, clock_now_us(), &list,
                            &count))
            return false;
        for (int i = 0; i < count; i++)
            print_mark(ctx, &list[i]);
        after = count ? list[count - 1].mark_id : after;
    } while (count == PAGE);
    return true;
}

static bool lift(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    struct operator_reason reason;
    int64_t subject_id, mark_id;

    if (!read_id(ctx, "SUBJECT", call->words[0], &subject_id) ||
        !read_id(ctx, "MARK", call->words[1], &mark_id) || !read_reason(ctx, &reason) ||
        !operator_mark_end(ctx, db, subject_id, mark_id, &reason, clock_now_us()))
        return false;
    printf("ended mark %lld of subject %lld\n", (long long)mark_id, (long long)subject_id);
    return true;
}

static bool read_status(struct ctx *ctx, const char *word, int16_t *status)
{
    char name[WORD_MAX] = "";
    const struct code *code;

    for (size_t i = 0; word[i] && i < WORD_MAX - 1; i++)
        name[i] = (char)toupper((unsigned char)word[i]);
    code = code_find_name(&code_subject_statuses, name);
    if (!code || code->number > SUBJECT_STATUS_REVOKED)
        return fail(ctx, ERR_INVALID, "STATUS",
                    "expected active, deceased, deregistered or revoked");
    *status = (int16_t)code->number;
    return true;
}

static bool set_status(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    struct operator_subject subject;
    struct operator_reason reason;
    int16_t status = 0;

    if (!read_status(ctx, call->words[1], &status) || !read_reason(ctx, &reason) ||
        !find_subject(ctx, call, db, &subject) ||
        !operator_status_set(ctx, db, subject.subject_id, status, &reason, clock_now_us()))
        return false;
    printf("subject %lld is %s\n", (long long)subject.subject_id,
           code_name(&code_subject_statuses, status));
    return true;
}

int command_subject_show(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count != 1)
        return command_usage(call, "subject show (SUBJECT | -)");
    return command_run(ctx, call, show);
}

int command_subject_marks(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count > 1)
        return command_usage(call, "subject marks [SUBJECT | -] [--all]");
    return command_run(ctx, call, marks);
}

int command_subject_lift(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count != 2)
        return command_usage(call, "subject lift SUBJECT MARK --reason WORD --document FILE");
    return command_run(ctx, call, lift);
}

int command_subject_status(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count != 2)
        return command_usage(call, "subject status (SUBJECT | -) STATUS --reason WORD "
                                   "--document FILE");
    return command_run(ctx, call, set_status);
}
