#!/bin/sh
# embed_binary.sh NAME FILE: a C array NAME_data and NAME_size on standard output.
set -eu
echo "#include <stddef.h>"
echo "extern const unsigned char $1_data[];"
echo "extern const size_t $1_size;"
echo "const unsigned char $1_data[] = {"
od -An -v -tx1 "$2" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
echo "};"
echo "const size_t $1_size = sizeof($1_data);"
