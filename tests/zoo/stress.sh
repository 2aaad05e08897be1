#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# stress.sh [SECONDS [NAME...]] - run five entries in a plain stress loop and
# under ThreadSanitizer, both the wrong and the right code, and print whether a
# failure was found, and after how long.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-20}
test $# -eq 0 || shift
test $# -gt 0 || set -- z01 z06 z08b d1 d9
quiet=
! setarch "$(uname -m)" -R true 2>/dev/null || quiet="setarch $(uname -m) -R"
export TSAN_OPTIONS="halt_on_error=1 atexit_sleep_ms=0 log_path=/dev/null"

for preset in dev tsan; do
	cmake --preset $preset >/dev/null
	for entry; do
		for kind in stress stress-control; do
			name=$(basename tests/zoo/"$entry"-*.diff .diff)
			cmake --build build/$preset --parallel 2 \
				--target "$kind-$name" >/dev/null
			printf '%-5s %-15s ' "$preset" "$kind"
			$quiet "build/$preset/tests/zoo/$kind-$name" "$seconds"
		done
	done
done
