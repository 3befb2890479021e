#!/bin/sh
# Counts the instructions that one element takes, in either way. Needs valgrind.
set -eu
cd "$(dirname "$0")"
swift build -c release
# Without debug information, which valgrind may not be able to read.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -g .build/release/element-encoding -o "$program"
chmod +x "$program"

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

for way in attributes libnftnl; do
    few=$(instructions 2 "$way")
    many=$(instructions 12 "$way")
    echo "$way $(((many - few) / 10 / 40000)) instructions an element"
done
