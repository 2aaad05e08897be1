#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# real.sh PROGRAM DIRECTORY SCENARIO... - let the program write pages to
# DIRECTORY, which test_page.py then tests: of the SCENARIO with the largest
# page, of a destroy that is refused, and of two bugs of the zoo, one of which
# takes three threads.  No page may be larger than 2 MB.
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

mkdir "$dir/all"
for scenario; do
	IOMMUFD_MODEL_LAYOUT=rows "$program" run \
		--html "$dir/all/${scenario##*/}" "$scenario" >/dev/null
done
largest=$(ls -S "$dir/all" | sed -n 1p)
rm -r "$dir/all"
for scenario; do
	test "${scenario##*/}" != "$largest" || of=$scenario
done
"$program" run --html "$dir/largest.html" "$of" >/dev/null
for bug in z01c z06; do
	"$program" zoo show $bug --html "$dir/$bug.html" >/dev/null
done
"$program" run --html "$dir/busy.html" - >/dev/null <<'END'
open
ioas_alloc -> $ioas
create_access $ioas -> $a
create_access $ioas -> $b
destroy $ioas
expect -EBUSY
END

# has PAGE TEXT: the data in the page must have TEXT.
has()
{
	grep -qF -e "$2" "$dir/$1.html" || {
		echo "$1: no $2"
		exit 1
	}
}
has z06 '"about":"What was wrong: The release of an event file'
has z06 '\nThe rule: R-'
has z06 '["first","iommufd_eventq_release eventq.c:'
has z06 '["second","destroy_and_free main.c:'
has busy '"h":"dec_if_one, held by access 3, access 2"'
has busy '"b":'
has busy '"f":"\u003cstdin\u003e"'

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
