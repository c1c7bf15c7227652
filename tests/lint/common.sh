# Shared by the lints: run from the root of the tree, count what is wrong, say it as file:line.
# shellcheck shell=bash
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
LC_ALL=C.UTF-8
export LC_ALL
wrong=0

# complain PLACE TEXT
complain() {
    printf '%s: %s\n' "$1" "$2"
    wrong=$((wrong + 1))
}

# Our own C files: those that git knows or could know, without what is built.
c_files() {
    git ls-files --cached --others --exclude-standard -- '*.c' '*.h' | while read -r file; do
        [ -e "$file" ] && echo "$file"
    done
}

finish() {
    if [ "$wrong" -ne 0 ]; then
        echo "$(basename "$0"): $wrong wrong"
        exit 1
    fi
    exit 0
}
