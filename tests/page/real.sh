#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# real.sh PROGRAM DIRECTORY SCENARIO... - let the program write pages to
# DIRECTORY, which test_page.py then tests: of the SCENARIO with the largest
# page, of a replay, and of two bugs of the zoo, one of which takes three
# threads.  No page may be larger than 2 MB.
set -eu

program=$1
dir=$2
shift 2
rm -rf "$dir"
mkdir -p "$dir"

size()
{
	wc -c <"$1"
}

largest=0
for scenario; do
	IOMMUFD_MODEL_LAYOUT=rows "$program" run --html "$dir/next" \
		"$scenario" >"$dir/out"
	test "$(size "$dir/next")" -gt "$largest" || continue
	largest=$(size "$dir/next")
	of=$scenario
done
"$program" run --html "$dir/largest.html" "$of" >"$dir/out"
rm "$dir/next" "$dir/out"
for bug in z01c z06; do
	"$program" zoo show $bug --html "$dir/$bug.html" >/dev/null
done

for page in "$dir"/*.html; do
	echo "$(size "$page") bytes: ${page##*/}"
	test "$(size "$page")" -le 2000000 || {
		echo "too large"
		exit 1
	}
done
test -n "$(sed -n 's/"threads":\["main",\(.*,.*,\)/\1/p' "$dir/z01c.html")" || {
	echo "z01c no longer takes three threads"
	exit 1
}
echo "the largest is of $of"
