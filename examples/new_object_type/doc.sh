#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# doc.sh BUILD PAGE [write] - fail if a fenced block of PAGE is out of date;
# with "write", update PAGE.  A line before a block says what the block shows:
#
#	<!-- source: FILE FIRST LAST -->	the lines of FILE from one that begins
#						with FIRST to one with LAST
#	<!-- diff: MISTAKE -->			the diff of a mistake
#	<!-- finds: MISTAKE CASE -->		the report of the test CASE, shortened
#
# A report is shortened to the operations on doorbells.  Numbers of steps and
# lines are left out, because they change with every change of the library.
set -eu
here=$(dirname "$0")
build=$1
page=$2
. "$here/../blocks.sh"

source_lines()
{
	awk -v first="$2" -v last="$3" '
		index($0, first) == 1 { on = 1 }
		on { print }
		on && index($0, last) == 1 { done = 1; exit }
		END { exit !done }' "$here/$1" || {
		echo "doc.sh: no such lines in $1: $2 ... $3" >&2
		exit 2
	}
}

diff_lines()
{
	sed '/^---/d; /^+++/d; s/^@@[^@]*@@/@@/' "$here/mistakes/$1.diff"
}

# Shorten a report of the explorer.
shorten_report()
{
	awk '
	function flush() {
		if (block == "")
			return
		if (block ~ /doorbell/) {
			printf "%s", block
			gap = 0
		} else if (!gap++) {
			print "     ..."
		}
		block = ""
	}
	/^At the end:/ { exit }
	/^The interleaving:/ { next }
	/^$/ { if (!columns && !gap++) print; next }
	/^step / { columns = 1; gap = 0; print "    " substr($0, 5); next }
	!columns { print; next }
	/^ *[0-9]+  / {
		flush()
		block = "   " substr($0, 4) "\n"
		next
	}
	/-- preempted --/ { flush(); print; next }
	/^  !!/ { flush(); told = 1 }
	told { print; next }
	{ block = block $0 "\n" }
	END { flush() }'
}

finds()
{
	CK_RUN_CASE=$2 CK_VERBOSITY=normal "$build/mistake-$1" \
		>"$said" 2>"$report" || true
	# A test without threads has no report: take libcheck's line.
	test -s "$report" || sed -n \
		's/^[^ ]*:F:[^:]*:\([^:]*\):[0-9]*: /\1:\n  /p' "$said" >"$report"
	shorten_report <"$report" |
		sed 's/\(\.[ch]\):[0-9]*/\1/g; s/, step [0-9]*//; s/ *$//'
}

block()
{
	case $1 in
	source:)
		shift
		source_lines "$@"
		;;
	diff:)
		diff_lines "$2"
		;;
	finds:)
		finds "$2" "$3"
		;;
	*)
		echo "doc.sh: $1?"
		;;
	esac
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
said=$dir/said
report=$dir/report

make_page "$page" "${3-}" prototype-doc
