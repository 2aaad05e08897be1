#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tools.sh valgrind|gdb|stacks EXAMPLE HEADERS PROGRAM SCENARIO - a tool can
# follow a replay of the example's failure: it sees the test's threads and the
# freed memory.  HEADERS are those of valgrind with which the library was built,
# or nothing.  With "stacks", explorations run under valgrind: right code gives
# no error, and wrong code gives one; PROGRAM explores SCENARIO, which is
# right.  The exit code is 77, for a skipped test, if the tool is missing.
set -eu

tool=$1
example=$2
test "$1" != stacks || tool=valgrind
command -v "$tool" >/dev/null || { echo "no $tool here"; exit 77; }

out=$(mktemp)
trap 'rm -f "$out"' EXIT
export IOMMUFD_MODEL_EXPLORE_REPLAY='release against destroy:ab'

# expect PATTERN: check that it is in the output.
expect()
{
	grep -q -e "$1" "$out" && return
	cat "$out"
	echo "not there: $1"
	exit 1
}

case $1 in
stacks)
	unset IOMMUFD_MODEL_EXPLORE_REPLAY
	code=0
	valgrind --error-exitcode=9 "$4" explore "$5" >"$out" 2>&1 || code=$?
	if grep -q 'debuginfo reader' "$out"; then
		echo "this valgrind cannot read this compiler's programs"
		exit 77
	fi
	test -n "$3" || { echo "built without its headers"; exit 77; }
	expect ': complete: '
	# Of each process.
	expect 'ERROR SUMMARY: 0 errors'
	if test $code -ne 0 || grep 'ERROR SUMMARY: [1-9]' "$out"; then
		cat "$out"
		exit 1
	fi
	valgrind "$example" >"$out" 2>&1 || true
	expect 'FAILED: use after free'
	expect 'Invalid read of size'
	expect 'release (explored.c:'
	;;
valgrind)
	code=0
	valgrind --error-exitcode=9 "$example" >"$out" 2>&1 || code=$?
	# Older versions cannot read the debug information of newer compilers.
	if grep -q 'debuginfo reader' "$out"; then
		echo "this valgrind cannot read this compiler's programs"
		exit 77
	fi
	test $code -eq 9
	expect 'FAILED: use after free'
	test -n "$3" || { echo "built without its headers"; exit 77; }
	expect 'Invalid read of size'
	expect 'release (explored.c:'
	;;
gdb)
	gdb -q -batch -ex 'set debuginfod enabled off' \
		-ex 'break explore_fail' -ex run -ex 'info threads' \
		-ex 'thread apply all bt' "$example" >"$out" 2>&1
	if grep -q -i -e 'ptrace: operation not permitted' "$out"; then
		echo "no debugging here"
		exit 77
	fi
	expect '"release"'
	expect '"destroy"'
	expect 'in release (data='
	;;
esac
