#!/bin/sh
# archive.sh MAP ARCHIVE OBJECT...: an archive of one object that shows only the names of a version script.
set -eu
map=$1 archive=$2
shift 2
rm -f "$archive" "$archive.o" "$archive.names"
sed -n '/global:/,/local:/s/^ *\([a-z0-9_*]*\);.*/\1/p' "$map" >"$archive.names"
ld -r -o "$archive.o" "$@"
objcopy --wildcard --keep-global-symbols="$archive.names" "$archive.o"
ar rcs "$archive" "$archive.o"
rm -f "$archive.o" "$archive.names"
