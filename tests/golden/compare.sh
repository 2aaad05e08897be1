#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# compare.sh SCRIPT RESULT PROGRAM... - check that PROGRAM, running SCRIPT, prints
# RESULT byte for byte, and reports no error.
set -u

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

script=$1
expected=$2
shift 2
"$@" run "$script" >"$dir/result"
code=$?
if ! cmp -s "$dir/result" "$expected"; then
	echo "$script: the result differs (-: expected, +: printed)"
	diff -u "$expected" "$dir/result"
	exit 1
fi
if [ $code -ne 0 ]; then
	echo "$script: the exit code is $code"
	exit 1
fi
