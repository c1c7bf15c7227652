#!/bin/sh
# embed_sql.sh DIRECTORY: sql_files[] of every .sql file below it, on standard output.
set -eu
cd "$1"
echo '#include "sql_embedded.h"'
echo 'const struct sql_file sql_files[] = {'
find . -name '*.sql' | sed 's|^\./||' | LC_ALL=C sort | while read -r path; do
    printf '{"%s",\n' "$path"
    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$path"
    echo '},'
done
echo '};'
echo 'const size_t sql_file_count = sizeof(sql_files) / sizeof(sql_files[0]);'
