#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# states_file.sh PROGRAM: the states of an exploration in a file: its parts share
# them, a later run goes on with them, and no other file is touched.
set -eu
program=$1
setarch -R true 2>/dev/null || {
	echo "skipped: address randomization cannot be turned off here"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset IOMMUFD_MODEL_EXPLORE_STATES_FILE

# scenario FILE LINES: two threads with so many lines each, and a destroy
scenario()
{
	{
		printf 'open\nioas_alloc -> $i\n'
		for thread in a b; do
			echo "thread $thread"
			for n in $(seq "$2"); do
				echo "ioas_alloc -> \$$thread$n"
			done
			echo 'destroy $i'
		done
		echo join
	} >"$dir/$1"
}

fail()
{
	echo "$1" >&2
	exit 1
}

# sum OPTION... FILE: the executions of what is explored, in $total
sum()
{
	# shellcheck disable=SC2086
	$fixed "$program" explore --json "$@" >>"$dir/json"
}
fixed=

total()
{
	tr ',' '\n' <"$dir/json" |
		sed -n 's/^ *"\(executions\|redundant\)" *: *//p' |
		{
			sum=0
			while read -r n; do sum=$((sum + n)); done
			echo "$sum"
		}
	rm "$dir/json"
}

scenario four 4
scenario three 3

# --states is an option, and not --states-file in short.
sum "$dir/four"
with=$(total)
(cd "$dir" && "$program" explore --json --states 0 four >json)
without=$(total)
test "$with" -lt "$without" || fail "$without executions with --states 0"
test ! -e "$dir/0" || fail "--states 0 has made a file"

# Parts
sum "$dir/four"
alone=$(total)
for part in 1 2 3 4; do sum --shard $part/4 "$dir/four"; done
apart=$(total)
for part in 1 2 3 4; do
	sum --shard $part/4 --states-file "$dir/states" "$dir/four"
done
together=$(total)
echo "alone $alone, four parts $apart, with a file $together"
test "$together" -lt "$apart" || fail "parts share nothing"

# Going on: at the second time, at the latest, all is known.
for _ in 1 2 3; do
	rm -f "$dir/json"
	sum --states-file "$dir/more" "$dir/four"
done
again=$(total)
test $((again * 20)) -lt "$alone" || fail "$again executions again"

# A run that is stopped leaves what it knows, also if address randomization is turned
# off before the program begins.
for fixed in '' 'setarch -R'; do
	rm -f "$dir/some"
	sum --states-file "$dir/some" --executions $((alone / 2)) "$dir/four"
	mv "$dir/json" "$dir/stopped"
	sum --states-file "$dir/some" "$dir/four"
	cp "$dir/json" "$dir/rest"
	rest=$(total)
	test "$rest" -lt "$alone" || {
		cat "$dir/stopped" "$dir/rest" >&2
		fail "$fixed: $rest executions after a stop, of $alone"
	}
done

# refused TEXT OPTION...: the exit code is 2, with this text
refused()
{
	text=$1
	shift
	code=0
	"$program" explore "$@" >"$dir/out" 2>&1 || code=$?
	test $code = 2 || fail "$*: exit code $code"
	grep -q "$text" "$dir/out" || {
		cat "$dir/out"
		fail "$*: no \"$text\""
	}
}
refused 'of another program' --states-file "$dir/states" "$dir/three"
refused 'of another program' --states-file "$dir/states" --timeouts 1 \
	"$dir/four"
IOMMUFD_MODEL_EXPLORE_STATES=32 refused 'another size' \
	--states-file "$dir/states" "$dir/four"
echo hello >"$dir/letter"
refused 'not a file of states, left as it is' --states-file "$dir/letter" \
	"$dir/four"
test "$(cat "$dir/letter")" = hello || fail "another file was changed"
refused 'No such file' --states-file "$dir/none/states" "$dir/four"
refused 'of another program' --quiet --states-file "$dir/states" "$dir/three"
refused 'expected a number from 0 to 4096' --states many "$dir/four"
# An empty directory gets a file for each test.
mkdir "$dir/all"
IOMMUFD_MODEL_EXPLORE_STATES_FILE=$dir/all \
	"$program" explore "$dir/four" "$dir/three" >"$dir/out"
test "$(ls "$dir/all" | wc -l)" = 2 || fail "$(ls "$dir/all")"

# A command that explores nothing runs as it was called.
"$program" exec sh -c 'echo "${IOMMUFD_MODEL_PADDING-none}"' --states-file \
	>"$dir/out"
test "$(cat "$dir/out")" = none || fail "exec: $(head -c 80 "$dir/out")"
