#!/bin/sh
# map.sh HEADER: the version script of libcix, on standard output: the functions that the header declares,
# and the messages of the protocol.
set -eu
echo 'CIX_0 {'
echo 'global:'
sed -n '/^typedef/!s/^[a-z][a-z0-9_ ]*[ *]\(cix_[a-z0-9_]*\)(.*/    \1;/p' "$1" | LC_ALL=C sort
echo '    cix__v1__*;'
echo 'local:'
echo '    *;'
echo '};'
