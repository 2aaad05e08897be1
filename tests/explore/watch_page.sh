#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# watch_page.sh PROGRAM TESTS - both of two accesses that race are rows of what
# PROGRAM draws of the record of a test in TESTS, each where it was made.  And
# addr2line, which takes long, is asked once for each address in an exploration
# that fails several times.
set -eu
program=$1 tests=$2

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CK_RUN_CASE=watch_report CK_FORK=no IOMMUFD_MODEL_EXPLORE_RECORD=$dir/r.record \
	IOMMUFD_MODEL_EXPLORE_REPLAY='rows:-' "$tests" >"$dir/out" 2>&1 || :
"$program" page --columns "$dir/columns" --html "$dir/page.html" "$dir/r.record"

# The rows in the order in which the accesses were made.
awk '/smp_store_release flag|smp_store_release s.flag/ { at = 1 }
	/the first of the two accesses/ && at == 1 { at = 2 }
	/smp_load_acquire/ && at == 2 { at = 3 }
	/the second of the two accesses/ && at == 3 { at = 4 }
	END { exit at != 4 }' "$dir/columns" || {
	echo "the rows are missing or in another order:"
	cat "$dir/columns"
	exit 1
}
for row in first second; do
	grep -q "\"the $row of the two accesses\"" "$dir/page.html" || {
		echo "no $row access in the page"
		exit 1
	}
done

# Without a replay: the failure is found, and searched for again.
asked=$dir/asked
: >"$asked"
real=$(command -v addr2line) || {
	echo "addr2line is not installed"
	exit 0
}
mkdir "$dir/bin"
printf '#!/bin/sh\necho "$*" >>"%s"\nexec "%s" "$@"\n' "$asked" "$real" \
	>"$dir/bin/addr2line"
chmod +x "$dir/bin/addr2line"
CK_RUN_CASE=watch_report CK_FORK=no PATH=$dir/bin:$PATH "$tests" \
	>"$dir/out" 2>&1 || {
	cat "$dir/out"
	exit 1
}
test -s "$asked" || {
	echo "addr2line was not asked"
	exit 1
}
again=$(sort "$asked" | uniq -d)
test -z "$again" || {
	echo "addr2line was asked several times:"
	echo "$again"
	exit 1
}
