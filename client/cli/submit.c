#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "cli/chunker.h"
#include "cli/command.h"
#include "cli/declare.h"
#include "cli/dry_run.h"
#include "cli/input.h"
#include "cli/journal.h"
#include "cli/online.h"
#include "cli/progress.h"
#include "cli/records.h"
#include "cli/rejects.h"

/* One run of `cix submit`. */
struct submit {
    struct online *online;
    struct ctx *ctx;
    struct records_input input;
    struct journal journal;
    bool is_quiet;
    bool is_refused;   /* the whole file, by a rule of severity FILE */
    int64_t good, bad; /* records that can and cannot be read */
    int64_t answered;  /* records that the exchange has answered */
    struct declared declared;
    struct cix_submission *submission;
    struct progress progress;
    Cix__V1__SubmissionCommitted *totals;
};

static bool find_period(struct submit *submit, const char *text)
{
    struct period period;

    if (!text)
        return true;
    if (!period_parse(text, &period))
        return fail(submit->ctx, ERR_INVALID, "USAGE", "--period: expected YYYY-MM");
    submit->journal.period = period_to_wire(period);
    return true;
}

static bool find_mode(struct submit *submit, const char *text)
{
    int mode;

    if (!online_enum(submit->ctx, &cix__v1__submission_mode__descriptor, "mode",
                     text ? text : "DAILY", &mode))
        return false;
    submit->journal.mode = mode;
    return true;
}

static bool find_id(struct submit *submit, const char *text)
{
    struct uuid id = uuid_new();

    if (text && !uuid_parse(text, &id))
        return fail(submit->ctx, ERR_INVALID, "USAGE", "--id: expected a UUID");
    uuid_format(&id, submit->journal.id);
    return true;
}

/* What holds for every file of the command line. */
static bool read_options(struct submit *submit, const struct cli_args *args)
{
    static const int64_t bounds[] = {1, CHUNK_RECORDS_MAX};

    submit->is_quiet = cli_has(args, "quiet");
    submit->journal.chunk = CHUNK_RECORDS_MAX;
    if (!cli_integer(args, "chunk", bounds, &submit->journal.chunk))
        return fail(submit->ctx, ERR_INVALID, "TOLD", "--chunk is out of range");
    if (cli_has(args, "id") && args->operand_count > 1)
        return fail(submit->ctx, ERR_INVALID, "USAGE", "--id is for one file");
    return find_period(submit, cli_value(args, "period")) &&
           find_mode(submit, cli_value(args, "mode")) && find_id(submit, cli_value(args, "id"));
}

/* Reads the whole file once, so that a damaged one is found before anything is sent. */
static bool check_file(struct submit *submit)
{
    struct records records;
    struct chunker chunker;
    enum records_result result = RECORDS_GOOD;

    if (!records_open(submit->ctx, &submit->input, &records)) {
        records_close(&records);
        return false;
    }
    chunker_init(&chunker, &records, (int)submit->journal.chunk);
    while (result == RECORDS_GOOD || result == RECORDS_BAD) {
        result = chunker_read(&chunker);
        if (result == RECORDS_GOOD)
            declared_add(&submit->declared, chunker.items[chunker.count - 1]);
    }
    submit->good = chunker.good;
    submit->bad = chunker.bad;
    if (result == RECORDS_BROKEN)
        fail(submit->ctx, ERR_INVALID, "FILE", "%s", chunker.ctx.error.message);
    chunker_done(&chunker);
    records_close(&records);
    return result == RECORDS_END &&
           records_digest(submit->ctx, &submit->input, submit->journal.digest);
}

/* Goes on with the submission of the journal, or stores a new one before anything is sent. */
static bool settle_journal(struct submit *submit)
{
    struct journal found;
    bool is_found;

    if (!journal_read(submit->ctx, submit->input.path, &found, &is_found))
        return false;
    if (!is_found)
        return journal_write(submit->ctx, submit->input.path, &submit->journal);
    if (strcmp(found.digest, submit->journal.digest) != 0)
        return fail(submit->ctx, ERR_INVALID, "JOURNAL",
                    "%s has changed since its submission %s began; finish that one with the old "
                    "file, or remove %s.cix-journal to submit anew",
                    submit->input.path, found.id, submit->input.path);
    bool is_same = found.mode == submit->journal.mode && found.period == submit->journal.period;
    if (!is_same || (cli_has(submit->online->args, "id") && strcmp(found.id, submit->journal.id)))
        return fail(submit->ctx, ERR_INVALID, "JOURNAL",
                    "submission %s of this file began with another mode, period or id", found.id);
    submit->journal = found; /* its chunk size too */
    if (!submit->is_quiet)
        fprintf(stderr, "going on with submission %s\n", found.id);
    return true;
}

static void take_result(void *user, const Cix__V1__ChunkResult *result)
{
    struct submit *submit = user;

    submit->answered += result->accepted + result->rejected + result->quarantined;
    progress_show(&submit->progress, submit->answered);
}

/* Mode file: how far the exchange is with applying what it has. */
static void take_progress(void *user, const Cix__V1__SubmissionProgress *progress)
{
    struct submit *submit = user;

    submit->progress.what = "records applied";
    progress_show(&submit->progress, progress->applied);
}

/* Sends the chunk that the chunker holds; chunks that the exchange has already are passed over. */
static bool send_chunk(struct submit *submit, struct chunker *chunker)
{
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;

    if (chunker->number < cix_submission_next(submit->submission)) {
        submit->answered += chunker->count;
        return true;
    }
    chunk.number = chunker->number;
    chunk.n_records = (size_t)chunker->count;
    chunk.records = chunker->items;
    return cix_submission_send(submit->submission, &chunk, &submit->online->error);
}

static bool send_records(struct submit *submit, struct chunker *chunker)
{
    enum records_result result;

    do {
        result = chunker_read(chunker);
        bool is_last = result == RECORDS_END && chunker->count > 0 && !chunker_is_full(chunker);
        bool is_due = (result == RECORDS_GOOD && chunker_is_full(chunker)) || is_last;
        if (is_due && !send_chunk(submit, chunker))
            return false;
    } while (result == RECORDS_GOOD || result == RECORDS_BAD);
    return result == RECORDS_END;
}

static bool send_file(struct submit *submit)
{
    struct records records;
    struct chunker chunker;
    bool is_sent = false;

    chunker_init(&chunker, &records, (int)submit->journal.chunk);
    if (records_open(submit->ctx, &submit->input, &records))
        is_sent = send_records(submit, &chunker);
    chunker_done(&chunker);
    records_close(&records);
    return is_sent;
}

static const char *explanation_of(const struct cli_args *args)
{
    const char *accept = cli_value(args, "accept");

    return accept ? accept : cli_value(args, "explain");
}

static bool send_all(struct submit *submit)
{
    struct cix_submission_options options = {
        .submission_id = submit->journal.id,
        .mode = (Cix__V1__SubmissionMode)submit->journal.mode,
        .period = (int32_t)submit->journal.period,
        .answered = take_result,
        .declaration = &submit->declared.message,
        .explanation = explanation_of(submit->online->args),
        .accepts_held = cli_has(submit->online->args, "accept"),
        .progressed = take_progress,
        .user = submit,
    };

    declared_finish(&submit->declared,
                    cli_has(submit->online->args, "again") ? NULL : submit->journal.digest);
    progress_init(&submit->progress, "records", submit->good, submit->is_quiet);
    if (!cix_submission_open(submit->online->client, &options, &submit->submission,
                             &submit->online->error))
        return false;
    bool is_done =
        (cix_submission_is_committed(submit->submission) || send_file(submit)) &&
        cix_submission_commit(submit->submission, &submit->totals, &submit->online->error);
    if (is_done)
        progress_done(&submit->progress, submit->good);
    cix_submission_close(submit->submission);
    return is_done;
}

static void print_totals(const struct submit *submit)
{
    const Cix__V1__SubmissionCommitted *totals = submit->totals;

    declared_print(&submit->declared);
    if (*totals->earlier_submission_id)
        printf(
            "This file was committed before; nothing was written. --again submits it once more.\n"
            "earlier     %s\n",
            totals->earlier_submission_id);
    printf(
        "submission  %s\naccepted    %lld\nrejected    %lld\nquarantined %lld\nwith remark %lld\n",
        submit->journal.id, (long long)totals->accepted,
        (long long)(totals->rejected + submit->bad), (long long)totals->quarantined,
        (long long)totals->warned);
}

static int64_t not_taken(const struct submit *submit)
{
    int64_t count = submit->bad;

    if (submit->totals)
        count += submit->totals->rejected + submit->totals->quarantined;
    return count;
}

/* The submission whose verdicts are this file's, or NULL. */
static const char *verdicts_of(const struct submit *submit)
{
    if (submit->totals && *submit->totals->earlier_submission_id)
        return submit->totals->earlier_submission_id;
    return submit->totals || submit->is_refused ? submit->journal.id : NULL;
}

static bool write_rejects(struct submit *submit)
{
    struct rejects_source source = {.input = submit->input,
                                    .submission_id = verdicts_of(submit),
                                    .chunk_max = (int)submit->journal.chunk,
                                    .has_warnings = cli_has(submit->online->args, "warnings")};
    bool has_warnings = source.has_warnings && submit->totals && submit->totals->warned;
    struct rejects rejects;

    if (!submit->is_refused && !not_taken(submit) && !has_warnings)
        return true;
    if (!rejects_write(submit->ctx, submit->online->client, &source, &rejects,
                       &submit->online->error))
        return false;
    if (rejects.count)
        printf("%lld record%s, each with its reason, in %s\n", (long long)rejects.count,
               rejects.count == 1 ? "" : "s", rejects.path);
    return true;
}

/* The exit code of whatever failed: a file, or a call. */
static enum cli_exit tell_failure(const struct submit *submit)
{
    if (submit->ctx->error.code == ERR_NONE)
        return online_fail(submit->online);
    if (!strcmp(submit->ctx->error.reason, "TOLD"))
        return CLI_USAGE;
    const char *reason = submit->ctx->error.reason;
    bool is_usage = !strcmp(reason, "USAGE") || !strcmp(reason, "KIND") || !strcmp(reason, "MAP");
    return cli_complain(is_usage ? CLI_USAGE : CLI_DATA, "%s", submit->ctx->error.message);
}

/* --check: only reads. */
static enum cli_exit tell_check(struct submit *submit)
{
    printf("readable    %lld\nunreadable  %lld\n", (long long)submit->good, (long long)submit->bad);
    if (!write_rejects(submit))
        return tell_failure(submit);
    return submit->bad ? CLI_REJECTED : CLI_OK;
}

/* The exchange has ended the submission: the mended file gets a new one. */
static enum cli_exit tell_refused_file(struct submit *submit)
{
    enum cli_exit code = tell_failure(submit);

    submit->is_refused = true;
    if (!write_rejects(submit))
        return tell_failure(submit);
    journal_remove(submit->input.path);
    return code;
}

static bool is_refused_as(const struct submit *submit, const char *reason)
{
    return submit->ctx->error.code == ERR_NONE && !strcmp(submit->online->error.reason, reason);
}

/* What is to be done about a held file: one that is too small (F008) is explained. */
static void tell_held(const struct submit *submit)
{
    const char *rule = cix_error_fact(&submit->online->error, "rule");
    const char *option = rule && !strcmp(rule, "F008") ? "explain" : "accept";

    fprintf(stderr,
            "The exchange holds the file as submission %s. Mend it and submit it anew, or have "
            "it\ncommitted as it is: cix submit %s --id %s --%s \"WHY\", with the options of "
            "now.\n",
            submit->journal.id, submit->input.path, submit->journal.id, option);
}

/* A run that broke off left its journal. */
static enum cli_exit tell_broken_off(const struct submit *submit)
{
    enum cli_exit code = tell_failure(submit);

    if (code == CLI_UNAVAILABLE || code == CLI_FAULT)
        fprintf(stderr, "The same command goes on with submission %s.\n", submit->journal.id);
    return code;
}

/* The refused and the held file come back with their reasons, anything else with its error. */
static enum cli_exit tell_unsent(struct submit *submit)
{
    if (!is_refused_as(submit, "FILE_REFUSED") && !is_refused_as(submit, "FILE_HELD"))
        return tell_broken_off(submit);
    if (is_refused_as(submit, "FILE_HELD"))
        tell_held(submit);
    return tell_refused_file(submit);
}

/* Sends one file that was checked. */
static enum cli_exit submit_file(struct submit *submit)
{
    if (!settle_journal(submit))
        return tell_failure(submit);
    if (!send_all(submit))
        return tell_unsent(submit);
    print_totals(submit);
    bool is_written = write_rejects(submit);
    enum cli_exit code =
        is_written ? (not_taken(submit) ? CLI_REJECTED : CLI_OK) : tell_failure(submit);
    if (is_written)
        journal_remove(submit->input.path);
    cix_free(submit->totals);
    return code;
}

/* The worse of two codes when nothing went wrong but records. */
static enum cli_exit join_codes(enum cli_exit a, enum cli_exit b)
{
    return a == CLI_OK ? b : a;
}

static bool goes_on(enum cli_exit code)
{
    return code == CLI_OK || code == CLI_REJECTED;
}

/* One file after the other; a file that is not sent leaves those behind it, which may refer to it.
 */
static enum cli_exit each_file(struct submit *files, int count,
                               enum cli_exit (*act)(struct submit *file))
{
    enum cli_exit code = CLI_OK;
    int done = 0;

    while (done < count && goes_on(code)) {
        if (count > 1)
            printf("file        %s\n", files[done].input.path);
        code = join_codes(act(&files[done++]), code);
    }
    if (done < count)
        fprintf(stderr, "cix: %d more file%s not sent\n", count - done,
                count - done == 1 ? " was" : "s were");
    return code;
}

static enum cli_exit submit_files(struct submit *files, int count)
{
    struct online *online = files[0].online;

    for (int i = 0; i < count; i++)
        if (!check_file(&files[i]))
            return tell_failure(&files[i]);
    if (cli_has(online->args, "check"))
        return each_file(files, count, tell_check);
    enum cli_exit code = online_open(online, online->args);
    return code == CLI_OK ? each_file(files, count, submit_file) : code;
}

static enum cli_exit run_dry(const struct submit *submit, const struct records_input *inputs,
                             int count)
{
    static const int64_t bounds[] = {0, 1200};
    const struct cli_args *args = submit->online->args;
    int64_t history_months = RULE_HISTORY_MONTHS;

    if (!cli_integer(args, "history-months", bounds, &history_months))
        return CLI_USAGE;
    const struct dry_run run = {.inputs = inputs,
                                .count = count,
                                .chunk_max = (int)submit->journal.chunk,
                                .history_months = (int)history_months,
                                .has_warnings = cli_has(args, "warnings"),
                                .is_whole = submit->journal.mode ==
                                            CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE};
    enum cli_exit code;

    return dry_run(submit->ctx, &run, &code) ? code : tell_failure(submit);
}

static enum cli_exit run_all(struct submit *submit, const struct cli_args *args)
{
    struct records_input inputs[INPUT_MAX];
    int count;

    if (!read_options(submit, args) || !input_find(submit->ctx, args, inputs, &count))
        return tell_failure(submit);
    if (cli_has(args, "dry-run"))
        return run_dry(submit, inputs, count);
    struct submit *files = arena_array(submit->ctx->arena, (size_t)count, sizeof(*files));
    for (int i = 0; i < count; i++) {
        files[i] = *submit;
        files[i].input = inputs[i];
        if (count > 1 && !find_id(&files[i], NULL))
            return tell_failure(submit);
    }
    return submit_files(files, count);
}

static enum cli_exit run(const struct cli_args *args)
{
    struct online online = {.args = args};
    struct arena arena;
    struct ctx ctx;
    struct submit submit = {.online = &online, .ctx = &ctx};

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    enum cli_exit code = run_all(&submit, args);
    online_close(&online);
    arena_done(&arena);
    return code;
}

static const struct cli_option options[] = {
    {"kind", "KIND", "CSV: the kind of its records (default: by the file's name or map)"},
    {"map", "FILE", "CSV: how columns become fields; or a folder with KIND.map; see cix map"},
    {"format", "csv|jsonl", "of the file (default: by its name)"},
    {"encoding", "utf-8|gb18030",
     "of the file (default utf-8); a byte order mark decides by itself"},
    {"mode", "daily|file", "daily: each chunk counts when answered; file: all count at the end"},
    {"period", "YYYY-MM", "month that performance records speak of"},
    {"id", "UUID", "of the submission (default: a new one, kept in FILE.cix-journal)"},
    {"chunk", "N", "records a chunk, 1 to 1,000 (default 1,000)"},
    {"explain", "TEXT", "why the file is so much smaller than that of the month before"},
    {"accept", "TEXT", "commit a held file in spite of its refused records, and why"},
    {"again", NULL, "submit a file once more that was committed before"},
    {"warnings", NULL, "also write records that were taken with a remark to the reject file"},
    {"dry-run", NULL, "judge the records here, by the rules of cix rules; send nothing"},
    {"history-months", "N",
     "with --dry-run: months that the exchange lets a new month lie back (F002; default 60); 0: "
     "any"},
    {"check", NULL, "only read the file and write what cannot be read; send nothing"},
    {"quiet", NULL, "show no progress"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_submit_command = {
    "submit",
    "FILE...",
    "Submit files of records: CSV of one kind each, or JSON lines",
    "All files are read before anything is sent; they go in the order in which their records may\n"
    "refer to one another, each as a submission of its own. A run that was broken off is gone on\n"
    "with by the same command. What was not taken is written to FILE.rejects.csv or .jsonl with "
    "line,\n"
    "column, rule, severity and reason; mended, that file can be submitted as it is. Number of\n"
    "records and control totals are declared to the exchange, which compares them; a file that it\n"
    "has already is answered by the answer of then.",
    1,
    INPUT_MAX,
    true,
    options,
    NULL,
    run,
};
