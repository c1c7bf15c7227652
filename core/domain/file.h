/*
 * Limits of whole files: what the rules F002, F005, F006 and F008 measure a submission by. They are
 * settings of an exchange. F002 is decided with the records (rule_check), the others where the
 * counts are (sql/api/submission.sql).
 */
#pragma once

#include <stdint.h>

struct file_limits {
    int32_t reject_bps;     /* F006: as many refused records, of all, do not hold a file */
    int32_t fall_bps;       /* F008: as many fewer than in the period before do not either */
    int32_t records_max;    /* F005: of one submission */
    int32_t open_max;       /* files of a member that may be open or held at once */
    int32_t history_months; /* F002: how far back a period may lie; 0: as far as it likes */
};
