#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# doc.sh PROGRAM BUILD PAGE [write] - what the page shows is what the runs give
# now; or make it so.  A line before a fenced block says where it comes from
# (PROGRAM is iommufd-model, BUILD has the programs of the examples):
#
#	<!-- scenario: FILE -->			the scenario
#	<!-- story: FILE FROM TO -->		its story, from and to these lines
#	<!-- graph: FILE LINE -->		who holds whom after a line
#	<!-- mermaid: FILE LINE -->		the same as a drawing
#	<!-- passes: FILE SED -->		what each pass of the release does,
#						the file having been changed
#	<!-- verdict: FILE -->			what all orders of the threads give
#	<!-- order: FILE SED -->		the order that breaks, of the counters
#	<!-- program: NAME [ARG] -->		what an example prints; a report as
#						of "order"
#
# Numbers of steps, of source lines and of executions are left out: they change
# with every change of the library.
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

# must COMMAND...: what it prints, if it is well.
must()
{
	"$@" >"$out" 2>"$err" || {
		cat "$out" "$err" >&2
		die "failed: $*"
	}
	cat "$out"
}

# Found, as it should be: exit code 1.
must_find()
{
	"$@" >"$out" 2>"$err" && die "found nothing: $*"
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

# Of a report: what happens to the counters, and in which order.
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

# Those of the steps print reports.
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
		die "not in the page: $file"
done

make_page "$page" "${4-}" steps-doc
