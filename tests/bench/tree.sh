#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tree.sh SOURCES MODEL TREE STORIES STORIES_TREE SCALE SCALE_TREE: what a kernel tree
# costs.
# SOURCES are its unpacked sources; MODEL and TREE are the program on the model and
# on the tree, and so are STORIES and STORIES_TREE for the explored tests in C, and
# SCALE and SCALE_TREE for very many objects.
#
# It prints how long the tree takes to build from nothing and without a cache,
# how long all golden scenarios take, and how many executions per second the
# explorer does of each scenario with threads and of some stories, on both.
# Machines are shared and noisy: the two programs run in turns, each figure is
# the median of five, and executions are counted per second of processor time.
set -eu
sources=$1
model=$2
tree=$3
stories=$4
stories_tree=$5
scale=$6
scale_tree=$7
top=$(dirname "$0")/../..
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

now()
{
	date +%s.%N
}

# children: set $used to the seconds of processor time that this shell's finished
# children have used.  Not in a subshell, which has no such children.
children()
{
	times >"$work/times"
	used=$(sed -n '2s/[ms]/ /gp' "$work/times" |
		awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }')
}

# median NUMBER...
median()
{
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# build TARGET TEXT
build()
{
	began=$(now)
	children
	before=$used
	cmake --build "$work/build" --parallel "$jobs" --target "$1" \
		>"$work/log" 2>&1 || { tail "$work/log" >&2; exit 2; }
	children
	awk -v text="$2" -v from="$began" -v to="$(now)" -v used="$used" \
		-v before="$before" -v jobs="$jobs" 'BEGIN {
		printf "%-34s %.1f s; %.1f s on %d processors with nothing else" \
			" to do\n", text, to - from, (used - before) / jobs, jobs
	}'
}

# goldens PROGRAM: the seconds that all golden scenarios take
goldens()
{
	began=$(now)
	for script in "$top"/tests/golden/*.script; do
		"$1" run "$script" >/dev/null 2>&1 || :
	done
	echo "$began $(now)" | awk '{ print $2 - $1 }'
}

# ioas PROGRAM: the milliseconds of processor time for a million IOAS
ioas()
{
	"$1" --ioas | sed -n 's/^open.*: \([0-9]*\) ms$/\1/p'
}

# rate PROGRAM SCENARIO: executions per second of processor time, and steps
rate()
{
	"$1" explore --mode random --executions 10000 --ignore timeout --json \
		"$2" >"$work/out" 2>/dev/null
	children
	sed 's/[,{]/\n/g' "$work/out" | awk -F : -v seconds="$used" '
	$1 == "\"executions\"" && !executions { executions = $2 }
	$1 == "\"depth\"" && !depth { depth = $2 }
	END { print executions / seconds, depth }'
}

# story PROGRAM NAME: print the same for a story, explored without states, with which
# most executions are cut off
story()
{
	IOMMUFD_MODEL_EXPLORE_STATES=0 "$1" --seconds 2 "$2" >"$work/out" 2>/dev/null
	children
	sed -n 's/.*[:,] \([0-9]*\) executions, \([0-9]*\) steps.*/\1 \2/p' \
		"$work/out" |
		awk -v seconds="$used" '{ print $1 / seconds, $2; exit }'
}

# compare TEXT FORMAT UNIT COMMAND...: the medians of COMMAND MODEL and COMMAND TREE
compare()
{
	text=$1
	format=$2
	better=$3
	shift 3
	ours=
	theirs=
	for _ in 1 2 3 4 5; do
		ours="$ours $("$1" "$model" "${2-}" | cut -d ' ' -f 1)"
		theirs="$theirs $("$1" "$tree" "${2-}" | cut -d ' ' -f 1)"
	done
	# shellcheck disable=SC2086
	awk -v text="$text" -v format="$format" -v better="$better" \
		-v a="$(median $ours)" -v b="$(median $theirs)" 'BEGIN {
		ratio = better == "more" ? b / a : a / b
		printf "%-34s " format format "   %.2f\n", text, a, b, ratio
	}'
}

cmake -S "$top" -B "$work/build" -DIOMMUFD_MODEL_TREE="$sources" \
	-DIOMMUFD_MODEL_TESTS=OFF -DIOMMUFD_MODEL_BENCH=OFF \
	-DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER_LAUNCHER= \
	-DCMAKE_CXX_COMPILER_LAUNCHER= >"$work/log" 2>&1 ||
	{ tail "$work/log" >&2; exit 2; }
build iommufd-tree "build of the tree's files"
build iommufd-model-cli "build of the rest of the program"
echo
printf '%-34s %10s%10s   %s\n' "" model tree "tree's speed"
scripts=$(echo "$top"/tests/golden/*.script | wc -w)
compare "$scripts golden scenarios, s" "%10.2f" less goldens
for script in "$top"/tests/bench/*.script "$top"/examples/scenarios/*.script \
	"$top"/tests/golden/threads/*.script; do
	grep -q '^thread' "$script" || continue
	steps=$(rate "$tree" "$script" | cut -d ' ' -f 2)
	compare "executions/s, $(basename "$script" .script | cut -c 1-14), $steps" \
		"%10.0f" more rate "$script"
done

model=$stories
tree=$stories_tree
for name in "two internal accesses and UNMAP" \
	"internal access's life, UNMAP, external unpin" \
	"external pin, UNMAP, UNMAP"; do
	steps=$(story "$tree" "$name" | cut -d ' ' -f 2)
	compare "$(echo "$name" | cut -c 1-29), $steps" "%10.0f" more story \
		"$name"
done

model=$scale
tree=$scale_tree
compare "open, a million IOAS, close, ms" "%10.0f" less ioas

# They are slow on purpose, and say so with their exit code.
for program in "$scale" "$scale_tree" "$scale" "$scale_tree"; do
	echo
	on=model
	test "$program" = "$scale" || on=tree
	echo "on the $on, milliseconds of processor time"
	"$program" || :
done
