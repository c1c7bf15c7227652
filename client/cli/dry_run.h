/*
 * `cix submit --dry-run`: the verdict on files without the exchange.
 */
#pragma once

#include "cli/exit.h"
#include "cli/records.h"

/* How a dry run is told. */
struct dry_run {
    const struct records_input *inputs; /* in the order of input.h */
    int count;
    int chunk_max;
    int history_months; /* F002, as the exchange is set; 0: as far back as it likes */
    bool has_warnings;  /* also write what would be taken with a remark */
    bool is_whole;      /* mode FILE: a rule of severity FILE refuses the file */
};

/*
 * Judges every record of the files, writes the reject files and prints the totals. Nothing is sent
 * and no setting of a connection is read. code: the exit code that the submission would have, as
 * far as the files decide it. Errors: those of records_open, and FILE.
 */
MUST_USE bool dry_run(struct ctx *ctx, const struct dry_run *run, enum cli_exit *code);
