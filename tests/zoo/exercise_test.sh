#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# exercise_test.sh PROGRAM SOURCE FOLDER NAME [--quick|--given] - check that the
# exercise NAME, made in FOLDER, does not tell the answer, is unsolved at first,
# and is solved by the files of the tree SOURCE.  With --quick the other tests
# of the same source are left out.  With --given only the files that a student is
# given are checked.
set -u

program=$1
source=$2
folder=$3
name=$4

fail()
{
	echo "$name: $*"
	test ! -e "$folder/out" || cat "$folder/out"
	exit 1
}

# check CODE PATTERN [OPTION]: run ./check with OPTION: it must end with CODE, and
# its first line begin with PATTERN.
check()
{
	"$folder/check" ${3:+"$3"} >"$folder/out" 2>&1
	code=$?
	test $code -eq "$1" || fail "exit code $code, not $1"
	head -n 1 "$folder/out" | grep -q "^$2" || fail "expected \"$2\""
}

# Print the text in one line, without the quotes between strings of C.
flat()
{
	awk '
	{
		gsub(/\t/, " ")
		all = all $0 " "
	}
	END {
		gsub(/" *"/, "", all)
		gsub(/  +/, " ", all)
		gsub(/^ | $/, "", all)
		print all
	}' "$@"
}

rm -rf "$folder"
"$program" zoo exercise "$name" "$folder" >/dev/null || fail "not made"

right=$("$program" zoo show "$name" | sed '1,/^What is right:/d' | flat)
test ${#right} -gt 5 || fail "\"zoo show\" does not say what is right"
! flat "$folder"/*.* "$folder"/test/* | grep -oF "$right" ||
	fail "a file tells what is right"
! grep -lF "$source" "$folder"/*.* "$folder"/test/* ||
	fail "has a path of this machine"
test "$(grep -c '^$' "$folder/hints.txt")" -eq 3 || fail "not three hints"

test "${5-}" != --given || exit 0

check 1 "NOT SOLVED: .*, [1-9][0-9]* execution"
grep -q '^step ' "$folder/out" || fail "nothing is drawn"
schedule=$(sed -n 's|^  \./check --replay ||p' "$folder/out")
"$folder/check" --replay "$schedule" >"$folder/out" 2>&1
test $? -eq 1 || fail "does not replay"

sed -n 's|^+++ b/\([^ 	]*\).*|\1|p' "$source/tests/zoo/$name.diff" |
	while read -r file; do
		! cmp -s "$source/$file" "$folder/${file##*/}" &&
			cp "$source/$file" "$folder/" || exit 1
	done || fail "the source is right from the start"
if test "${5-}" = --quick; then
	check 0 "The test passes: complete, " --quick
else
	check 0 "SOLVED: complete, "
fi
