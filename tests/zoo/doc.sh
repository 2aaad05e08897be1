#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# doc.sh PROGRAM PAGE [write] - check that the page is what the zoo prints now;
# with "write", update the page.
set -eu
if test "${3-}" = write; then
	exec "$1" zoo doc >"$2"
fi
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$1" zoo doc >"$out"
diff -u "$2" "$out" || {
	echo "the page is out of date: build the target zoo-doc"
	exit 1
}
