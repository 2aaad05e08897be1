#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# limits.sh CASE SOURCE BUILD - check that no test has a limit of its own, and
# that libcheck's default of four seconds is not used.  CASE takes 0.2 s.
set -u

case=$1
source=$2
build=$3
bad=0
unset CK_DEFAULT_TIMEOUT

# With limits that are a hundred times shorter: 40 ms of four seconds.
CK_TIMEOUT_MULTIPLIER=0.01 "$case" || {
	echo "a program that is run by hand has a tight limit"
	bad=1
}
! CK_DEFAULT_TIMEOUT=4 CK_TIMEOUT_MULTIPLIER=0.01 "$case" >/dev/null || {
	echo "this test cannot find a tight limit"
	bad=1
}
grep -q '^TimeOut: [1-9][0-9][0-9][0-9]*$' "$build/DartConfiguration.tcl" || {
	echo "ctest is told no limit"
	bad=1
}

# Find limits that are written elsewhere.
if grep -rnE 'TIMEOUT [0-9]|TIMEOUT=[0-9]|\<timeout [0-9]|set_timeout\(.*[1-9]\)' \
	--include=CMakeLists.txt --include='*.cmake' --include='*.sh' \
	--include='*.[ch]' --include=CMakePresets.json "$source/tests" \
	"$source/examples" "$source/CMakeLists.txt" "$source/CMakePresets.json" |
	grep -v '/limits/\|set_destroy_timeout'; then
	echo "a limit that is not in cmake/limits.cmake"
	bad=1
fi
exit $bad
