#!/bin/sh
# embed_codes.sh NAME FILE: struct dated_list NAME of a list "code,first year,last year,label", on standard output.
set -eu
grep -v '^#' "$2" | LC_ALL=C awk -F, -v name="$1" '
    {
        label = substr($0, length($1 $2 $3) + 4)
        gsub(/[\\"]/, "\\\\&", label)
        if (!(label in at)) { # a label that many codes have is kept once
            at[label] = size
            size += length(label) + 1
            labels = labels "    \"" label "\\0\"\n"
        }
        rows = rows sprintf("    {\"%s\", %d, %d, %d},\n", $1, $2, $3, at[label])
    }
    END {
        print "#include \"domain/dated_list.h\""
        print "static const struct dated_code codes[] = {\n" rows "};"
        print "static const char labels[] =\n" labels "    ;"
        print "const struct dated_list " name " = {codes, " NR ", labels};"
    }'
