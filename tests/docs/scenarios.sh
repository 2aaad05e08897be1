#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# scenarios.sh PROGRAM PAGE - check that the two scenarios on docs/scenarios.md
# do what the page says, and that each operation that it names exists.
# shellcheck disable=SC2016 # the quotes are Markdown's
set -u

program=$1
page=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

fail()
{
	echo "$*"
	bad=1
}

sed -n "/<<'END'\$/,/^END\$/p" "$page" | sed '1d; $d' >"$dir/first"
sed -n '/^## Threads/,$p' "$page" | sed -n '/^```/,/^```/p' |
	sed '1d; $d' >"$dir/threads"
grep -qx 'expect -EBUSY' "$dir/first" || fail "no scenario with END"
grep -qx 'thread second' "$dir/threads" || fail "no scenario with threads"
"$program" run "$dir/first" >"$dir/out" 2>&1 ||
	fail "the first scenario: $(cat "$dir/out")"
"$program" explore --quiet "$dir/threads" >"$dir/out" 2>&1 ||
	fail "the one with threads: $(cat "$dir/out")"
grep -q ': complete:' "$dir/out" || fail "not complete: $(cat "$dir/out")"

# Before the first bar of a row of the table, and nowhere else.
"$program" run --help >"$dir/help"
sed -n '/^## The operations/,/^## /s/^| `\([^|]*\) | .*/\1/p' "$page" |
	tr -c 'a-z_*\n' ' ' | tr ' ' '\n' | grep '...' |
	grep -vx 'and\|the\|keys\|null\|ptr\|size\|edge\|cmd' >"$dir/names"
test "$(wc -l <"$dir/names")" -gt 10 || fail "no operations named"
while read -r name; do
	grep -q "^  ${name%\*}" "$dir/help" || fail "no operation $name"
done <"$dir/names"
exit $bad
