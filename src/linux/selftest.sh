#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# selftest.sh TREE PROGRAM [ARGUMENT...]: compile the iommufd selftest of the
# kernel tree in TREE/source, unmodified, and run it under "PROGRAM exec".  An
# ARGUMENT, for example -t NAME, is passed to the test.
#
# Prints what the tests print and, after it, a line for each fixture.  Exit code:
# 0 no test fails, 1 one does, 2 it cannot be compiled.
set -eu

tree=$1
program=$2
shift 2
from=$tree/source/tools/testing/selftests
to=$tree/selftest

say()
{
	echo "model: $*" >&2
}

# headers: what "make headers_install" would do to the few that are newer than
# those of the system
headers()
{
	mkdir -p "$to/include/linux"
	for header in iommufd vfio stddef; do
		sed -e 's/[[:space:]]__user\([[:space:]*]\)/\1/g' \
			-e '/include <linux\/compiler.*>/d' \
			"$tree/source/include/uapi/linux/$header.h" \
			>"$to/include/linux/$header.h"
	done
}

# compile NAME: as the tests' own Makefile does
compile()
{
	${CC:-cc} -D_GNU_SOURCE= -Wall -O2 -Wno-unused-function \
		-isystem "$to/include" -I"$from" -o "$to/$1" \
		"$from/iommu/$1.c" -lcap >"$to/$1.log" 2>&1 || {
		say "the selftest does not compile:"
		grep -E 'error|cannot find' "$to/$1.log" | head -n 5 >&2
		say "all of the output is in $to/$1.log"
		exit 2
	}
}

# table FILE: passed, failed and skipped tests by fixture
table()
{
	awk '
	/^(not )?ok / {
		bad = $1 == "not"
		name = bad ? $4 : $3
		sub(/\.[^.]*$/, "", name)	# the test
		sub(/\..*/, "", name)		# the variant
		if (!(name in all))
			order[++n] = name
		all[name]++
		if (/# SKIP/)
			skipped[name]++
		else if (bad)
			failed[name]++
		else
			passed[name]++
	}
	END {
		printf "%-28s %7s %7s %7s\n", "fixture", "pass", "fail", "skip"
		for (i = 1; i <= n; i++) {
			name = order[i]
			printf "%-28s %7d %7d %7d\n", name, passed[name],
				failed[name], skipped[name]
			p += passed[name]
			f += failed[name]
			s += skipped[name]
		}
		printf "%-28s %7d %7d %7d\n", "all", p, f, s
	}' "$1"
}

test -e "$from/iommu/iommufd.c" || {
	say "this tree has no tools/testing/selftests/iommu"
	exit 2
}
headers
code=0
for name in iommufd iommufd_fail_nth; do
	test -e "$from/iommu/$name.c" || continue
	compile $name
	"$program" exec "$to/$name" "$@" >"$to/$name.out" 2>&1 || code=1
	cat "$to/$name.out"
	table "$to/$name.out" >"$to/$name.table"
done
for name in iommufd iommufd_fail_nth; do
	test ! -e "$to/$name.table" || {
		echo
		cat "$to/$name.table"
	}
done
exit $code
