#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# doc.sh PROGRAM BUILD PAGE [write] - fail if a fenced block of PAGE is out of
# date; with "write", update PAGE.  PROGRAM is iommufd-model, BUILD the
# directory with the programs of the examples.  A line before a block says what
# it shows:
#
#	<!-- scenario: FILE -->		the scenario
#	<!-- story: FILE FROM TO -->	the story of the lines FROM to TO
#	<!-- graph: FILE LINE -->	who holds whom after LINE
#	<!-- mermaid: FILE LINE -->	the same as a drawing
#	<!-- passes: FILE SED -->	what each pass of the release destroys,
#					after the script SED has changed FILE
#	<!-- verdict: FILE -->		the verdict of the explorer
#	<!-- order: FILE SED -->	the failing order, after SED has changed
#					FILE; only operations on counters
#	<!-- program: NAME [ARG] -->	the output of an example; a report in it is
#					shortened as for "order"
#
# Numbers of steps, of source lines and of executions are left out, because they
# change with every change of the library.
set -eu
cd "$(dirname "$0")/../.."
program=$1
build=$2
page=$3
steps=examples/steps
. examples/blocks.sh

die()
{
	echo "doc.sh: $*" >&2
	exit 2
}

# must COMMAND...: print its output; it is an error if it fails.
must()
{
	"$@" >"$out" 2>"$err" || {
		cat "$out" "$err" >&2
		die "failed: $*"
	}
	cat "$out"
}

# must_find COMMAND...: the same, but the command has to find a failure.
must_find()
{
	"$@" >"$out" 2>"$err" && die "no failure was found: $*"
	cat "$out"
}

story()
{
	must "$program" run --story "$steps/$1" |
		sed 's/  \[\([^],]*\), [^]]*\]$/  [\1]/' |
		awk -v from="$2" -v to="$3" '
		/^ *[0-9]+  / { on = $1 + 0 >= from && $1 + 0 <= to }
		/^      at the end / { on = 0 }
		on && /^$/ { gap = 1; next }
		on { if (gap && some) print ""; gap = 0; some = 1; print }'
}

passes()
{
	sed "$2" "$steps/$1" | must "$program" run --story - | awk '
		/ pass [0-9]+$/ { print "pass " $NF }
		/ is left for | left for a later pass$/ { next }
		/ out of the table; / { sub(/ is out of .*/, ""); sub(/^      /, "");
			print }'
}

# Shorten a report to the operations on counters and locks.
counters()
{
	awk '
	function flush() {
		if (block ~ / (users|wait_cnt|destroy_wait|objects|mutex_)/ &&
		    block !~ /refcount_read/)
			printf "%s", block
		block = ""
	}
	/^At the end:/ { flush(); skip = "To run it again:"; next }
	skip == "command" { skip = columns = told = 0; next }
	skip && index($0, skip) == 1 { skip = "command" }
	skip { next }
	/^The interleaving:/ { next }
	/^step / { columns = 1; print "  " substr($0, 5); next }
	!columns { print; next }
	/^ *[0-9]+  / { flush(); block = " " substr($0, 4) "\n"; next }
	/-- preempted --/ { flush(); print substr($0, 3); next }
	/^ +!! / { flush(); told = 1 }
	told { print substr($0, 3); next }
	/^$/ { next }
	{ block = block substr($0, 3) "\n" }
	END { flush() }' |
		sed 's/\(\.[ch]\):[0-9]*/\1/g; s/^\(.*: FAILED: [^:]*\): .*/\1/' |
		uniq | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# The programs in examples/steps print reports.
example()
{
	name=$1
	shift
	if test -e "$steps/$name.c"; then
		must "$build/steps/$name" "$@" | counters
	else
		must "$build/$name" "$@"
	fi
}

block()
{
	case $1 in
	scenario:)	cat "$steps/$2" ;;
	story:)		story "$2" "$3" "$4" ;;
	graph:)		must "$program" graph --at "$3" "$steps/$2" ;;
	mermaid:)	must "$program" graph --format mermaid --at "$3" \
				"$steps/$2" ;;
	passes:)	passes "$2" "$3" ;;
	verdict:)	must "$program" explore "$steps/$2" |
				sed 's/: complete: .*/: complete/' ;;
	order:)		sed "$3" "$steps/$2" |
				must_find "$program" explore - | counters ;;
	program:)	shift; example "$@" ;;
	*)		die "$1?" ;;
	esac
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
out=$dir/out
err=$dir/err

for file in "$steps"/*.script; do
	grep -qF "<!-- scenario: ${file##*/} -->" "$page" ||
		die "the page does not show $file"
done

make_page "$page" "${4-}" steps-doc
