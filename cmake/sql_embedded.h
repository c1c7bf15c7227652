/*
 * The SQL files of the tree, carried in the binary. Made by cmake/embed_sql.sh.
 */
#pragma once

#include <stddef.h>

struct sql_file {
    const char *path; /* below sql/, e.g. "schema/0001_member.sql" */
    const char *text;
};

/* Sorted by path: api/..., then schema/..., then the files beside them. */
extern const struct sql_file sql_files[];
extern const size_t sql_file_count;
