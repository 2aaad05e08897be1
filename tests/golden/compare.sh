#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# compare.sh PROGRAM SCRIPT RESULT - check that PROGRAM, running SCRIPT, prints
# RESULT byte for byte, and reports no error.
set -u

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

"$1" run "$2" >"$dir/result"
code=$?
if ! cmp -s "$dir/result" "$3"; then
	echo "$2: the result differs (-: expected, +: printed)"
	diff -u "$3" "$dir/result"
	exit 1
fi
if [ $code -ne 0 ]; then
	echo "$2: the exit code is $code"
	exit 1
fi
