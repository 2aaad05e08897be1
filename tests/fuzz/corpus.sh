#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# corpus.sh SOURCE FOLDER PROGRAM SEQUENCES: make a corpus for each fuzz target
# from the scenarios, tests and examples of this tree, in FOLDER/TARGET.
# PROGRAM is iommufd-model, and SEQUENCES tests/random.
set -eu
source=$1
folder=$2
program=$3
sequences=$4

rm -rf "$folder"
for target in scenario schedule options record merge syscalls threads; do
	mkdir -p "$folder/$target"
	test ! -d "$source/tests/fuzz/seeds/$target" ||
		cp "$source/tests/fuzz/seeds/$target"/* "$folder/$target"
done

# A blank before the text: the first byte is not part of it.
for script in "$source"/tests/golden/*.script \
	"$source"/tests/golden/threads/*.script \
	"$source"/tests/cli/*.script "$source"/examples/scenarios/*.script; do
	(printf ' '; cat "$script") \
		>"$folder/scenario/$(basename "$script" .script)"
done

# Records of runs, of replays and of failures: the ends of small ones, of a few
# threads each.
# record NAME COMMAND...
record()
{
	name=$1
	shift
	"$program" "$@" --record "$folder/long" --overwrite \
		>/dev/null 2>&1 || test -s "$folder/long"
	awk -v operations=12 -f "$source/tests/fuzz/shorten.awk" \
		"$folder/long" >"$folder/record/$name"
	rm "$folder/long"
}

script=$folder/small.script
printf 'open\nioas_alloc -> $i\ndestroy $i\n' >"$script"
record run run "$script"
printf 'create_access $i 1 -> $a\nmap $i 0x1000000 0 8K rw\n' >"$folder/more"
sed '/ioas_alloc/r '"$folder/more" "$script" >"$folder/access.script"
record access run "$folder/access.script"
cat >"$script" <<-'END'
	open
	ioas_alloc -> $i
	thread one
	destroy $i
	expect 0
	thread two
	create_access $i 1 -> $a
	destroy $i
	expect 0 -EBUSY
END
record failure explore "$script"
record replay replay "$script" b3a5

# The reports of shards, and the schedules in them.
for script in "$script" "$source"/examples/scenarios/*.script; do
	name=$(basename "$script" .script)
	grep -q '^thread' "$script" || continue
	for shard in 1/2 2/2; do
		"$program" explore --quiet --json --shard $shard \
			--executions 20 "$script" 2>/dev/null || :
	done >"$folder/merge/$name"
	sed -n 's/.*"schedule": *"\([^"]*\)".*/\1/p' "$folder/merge/$name" \
		>"$folder/schedule/$name"
	test -s "$folder/schedule/$name" || rm "$folder/schedule/$name"
done
rm "$folder"/*.script "$folder/more"

"$sequences" --count 60 --draws "$folder/syscalls" >/dev/null
for file in "$folder"/syscalls/*; do
	# Half of the choices for the setup, a quarter for each thread.
	(printf '\001\001\200\200'; tail -c +4 "$file") \
		>"$folder/threads/$(basename "$file")"
done
