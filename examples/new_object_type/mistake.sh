#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# mistake.sh PROGRAM CASE MESSAGE - check that the tests in PROGRAM find the
# mistake that was built into it: CASE must fail, and the output must match
# MESSAGE, an extended regular expression.
set -eu

# The mistake may leak; the test is about its message.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
if out=$(CK_RUN_CASE=$2 CK_VERBOSITY=normal "$1" 2>&1); then
	echo "$out"
	echo "passes: $2"
	exit 1
fi
echo "$out"
echo "$out" | grep -F ":F:$2:" | grep -qE "$3" || {
	echo "does not say: $3"
	exit 1
}
