#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# map.sh SOURCE LIBRARY [NM] - check docs/map.md, ground.md and deviations.md:
# all functions that others can call are in the map, what the map names exists,
# each header of src/kernel is in the table of facilities, and each deviation
# has a test.
# shellcheck disable=SC2016 # the quotes are Markdown's
set -u

cd "$1" || exit 1
library=$2
nm=${3:-nm}
map=docs/map.md
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

wrong()
{
	echo "$*" >>"$bad"
}

# Lines "FILE NAME": the first cell of each row below a heading with a file.
rows()
{
	awk '/^## / { file = "" }
	/^## `.*`$/ { file = $2; gsub("`", "", file) }
	/^[|] `/ && file { name = $2; gsub("`", "", name); print file, name }
	' $map
}

# Functions with a body, "FILE NAME": their name is the first that stands before a
# parenthesis, at the left edge or behind the type.
defined()
{
	awk '
	FNR == 1 { name = "" }
	/^[a-z_][^;]*[(]/ && match($0, /[a-z_0-9]+[(]/) {
		name = substr($0, RSTART, RLENGTH - 1)
	}
	name && /;/ { name = "" }
	name && /^{/ { print FILENAME, name; name = "" }
	' src/iommufd/*.c include/iommufd_model/iommufd_private.h
}

# but LIST TEXT: the lines of standard input that are not in LIST, behind TEXT.
but()
{
	list=$1 text=$2 awk '
	BEGIN { n = split(ENVIRON["list"], lines, "\n")
		for (i = 1; i <= n; i++) there[lines[i]] = 1 }
	!($0 in there) { print ENVIRON["text"] ": " $0 }' >>"$bad"
}

# Functions with a kernel name that another file can call: "FILE NAME".
callable()
{
	"$nm" -A -g --defined-only "$library" 2>/dev/null |
		sed -n 's/.*[:(]\([a-z_]*\.c\)\.o[:)].* T \(.*\)/\1 \2/p' |
		grep -E ' (_*iommufd|iopt)_' | grep -v ' iommufd_model_'
}

rows=$(rows)
found=$(callable)
test "$(echo "$found" | wc -l)" -gt 100 || wrong "nm finds no functions"
defined=$(defined)
echo "$found" | sed 's|^|src/iommufd/|' | but "$rows" "not in the map"
echo "$rows" | but "$defined" "in the map, but not defined"

# Handlers: "| `NAME` | `HANDLER` | `FILE` |".
sed -n 's/^| `[A-Z_]*` | `\([a-z_]*\)` | `\([a-z_]*\.c\)` |.*/\2 \1/p' $map |
	sed 's|^|src/iommufd/|' | but "$defined" "in the map, but not defined"
requests=$(sed -n 's/^| `\([A-Z_]*\)` |.*/\1/p' $map)
sed -n 's/^	IOCTL_OP(IOMMUFD_CMD_\([A-Z_]*\),.*/IOMMU_\1/p' src/iommufd/main.c |
	sed 's/^IOMMU_TEST$/IOMMU_TEST_CMD/' |
	but "$requests" "not in the map"
sed -n 's/^	IOMMU_TEST_OP_\([A-Z_]*\).*/\1/p' \
	include/iommufd_model/iommufd_test.h |
	but "$requests" "not in the map"

# unit_source NAME: set $file to the source of the test unit.NAME; "" if there is
# none.  It is in the folder of what it tests, whose name may be a part of the
# test's.
unit_source()
{
	for file in tests/unit/*/"$1.c" tests/unit/"${1%%_*}/${1#*_}.c" \
		tests/unit/"$1.c"; do
		test ! -f "$file" || return 0
	done
	file=
}

# Tests: the last cell.
sed -n 's/^| `\([^`]*\)`.*| \(.*\) |$/\1 \2/p' $map | tr -d '`,' |
	while read -r name tests; do
	test -n "$tests" || wrong "no test: $name"
	for test in $tests; do
		case $test in
		unit/*)			unit_source "${test#unit/}" ;;
		explore/* | preload/*)	file=tests/$test.c ;;
		golden/*)		file=tests/$test.script ;;
		*)			file= ;;
		esac
		test -f "$file" || wrong "no test $test: $name"
	done
done

# Deviations: "`test_NAME`, ..." in the last cell.
sed -n '5,$s/^|.*| \(.*\) |$/\1/p' docs/deviations.md | sed 1,2d | tr -d '`,' |
	while read -r tests; do
		for test in $tests; do
			unit_source "${test#test_}"
			test -n "$file" ||
				wrong "docs/deviations.md: no test $test"
		done
	done

(cd include/iommufd_model/kernel && printf '%s\n' *.h) |
	but "$(grep -o '`[a-z_0-9]*\.h`' docs/ground.md | tr -d '`')" \
		"not in docs/ground.md"

test ! -s "$bad" || {
	cat "$bad"
	exit 1
}
