#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# explore.sh PROGRAM SCENARIOS - test explore, replay and merge as a user sees
# them.  Run it where busy.script is; SCENARIOS is the directory of the
# examples.
# shellcheck disable=SC2016,SC2119 # $name is the language's
set -u

program=$1
scenarios=$2
. ./shell.sh

race=$scenarios/destroy-against-get.script
# shellcheck disable=SC2046 # several words
unset $(env | sed -n 's/^\(IOMMUFD_MODEL_EXPLORE_[A-Z_]*\)=.*/\1/p')

# Usage
run 0 "explore --help" explore --help
err
out_has 'usage: iommufd-model explore [OPTION ...] FILE...'
out_has 'use-after-free'
run 0 "replay --help" replay --help
run 0 "merge --help" merge --help
out_has 'usage: iommufd-model merge'
run 2 "no file" explore
out
err_has 'iommufd-model explore: no FILE given'
run 2 "no schedule" replay busy.script
out
err_has 'iommufd-model replay: expected FILE and SCHEDULE'
run 2 "no report" merge --json
out
err_has 'iommufd-model merge: no REPORT given'
run 2 "two files to replay" explore --replay a busy.script "$race"
out
err_has 'take one FILE'

# bad OPTION VALUE EXPECTED
bad()
{
	run 2 "$1 $2" explore "$1" "$2" busy.script
	out
	err_has "iommufd-model explore: bad $1 \"$2\"; expected $3"
}
bad --mode replay 'exhaustive, bounded or random'
bad --preemptions x 'a number from -1 to 32000'
bad --preemptions -2 'a number from -1 to 32000'
bad --timeouts x 'a number from 0 to 32000'
bad --spurious x 'a number from 0 to 32000'
bad --alloc-failures -1 'a number from 0 to 32000'
bad --short-copies 1x 'a number from 0 to 32000'
bad --depth x 'a number from 1 to 1000'
bad --executions 0 'a number from 1 to'
bad --executions 1x 'a number from 1 to'
bad --executions 99999999999999999999 'a number from 1 to'
bad --steps -1 'a number from 1 to 32000'
bad --seconds 0 'a number above 0'
bad --seconds nan 'a number above 0'
bad --seed ' 1' 'a number from 0 to'
bad --jobs '' 'a number from 1 to 256'
bad --jobs 257 'a number from 1 to 256'
bad --fail-nth 1x 'a number from 0 to'
for shard in 0/2 3/2 1/ /2 1 1/2/3 x/2 -1/2; do
	bad --shard $shard 'K/N, K from 1 to N'
done
bad --ignore leek 'names of failures'
err_has 'use-after-free'
run 2 "--ignore ''" explore --ignore leak, busy.script
bad --expect-failure none 'one of'
# A value that an option refuses is refused in its variable, too.
for setting in SHARD=3/2 DEPTH=0 SEED=' 1' EXECUTIONS=1x IGNORE=leak, \
	SECONDS=nan MODE=replay PREEMPTIONS=-2 JOBS=257; do
	export "IOMMUFD_MODEL_EXPLORE_$setting"
	run 2 "bad variable $setting" explore busy.script
	out
	err_has "IOMMUFD_MODEL_EXPLORE_$setting: expected "
	unset "IOMMUFD_MODEL_EXPLORE_${setting%%=*}"
done
export IOMMUFD_MODEL_EXPLORE_SED=3
run 2 "a variable for no option" explore busy.script
out
err_has "IOMMUFD_MODEL_EXPLORE_SED: there is no such option"
unset IOMMUFD_MODEL_EXPLORE_SED
run 2 "threads that are not there" explore --symmetric getter,gutter busy.script
out
err "iommufd-model explore: busy.script: --symmetric: no thread \"gutter\"$nl"
run 2 "threads that differ" explore --symmetric getter,destroyer busy.script
out
err "\
iommufd-model explore: busy.script: --symmetric: threads \"getter\" and \
\"destroyer\" are not the same: line 5, line 7
"
run 2 "a schedule that cannot be" replay busy.script a3z
out
err_has 'schedule "a3z"'

# Files
run 2 "no threads" explore threads.script /dev/null
err_has 'iommufd-model explore: /dev/null: there is no "thread" line in it'
run 2 "one bad file of two" explore bad-expects.script "$race"
out
err_has 'bad-expects.script:2:1: error: unexpected "expect"'

# Properties by which threads can differ
same()
{
	title=$1
	input "$2"
	run "${3:-0}" "$title" explore --symmetric a,b -
}
same "the same names" \
	'open\nthread a\nioas_alloc -> $x\ndestroy $x\nexpect 0 mod=$x\nexpect
thread b\nioas_alloc -> $y\ndestroy $y\nexpect 0 mod=$y\n' 2
same "own names" \
	'open\nthread a\nioas_alloc -> $x\ndestroy $x\nexpect 0 mod=0
thread b\nioas_alloc -> $y\ndestroy $y\nexpect 0 mod=0\n'
same "own names, crossed" \
	'open\nioas_alloc -> $x\nthread a\nioas_alloc -> $x\ndestroy $x
thread b\nioas_alloc -> $y\ndestroy $x\n' 2
err_has 'not the same: line 5, line 8'
same "another expectation" \
	'open\nthread a\ndestroy 1\nexpect -ENOENT\nthread b\ndestroy 1\n' 2
err_has 'not the same: line 3, line 6'
same "more in one" 'open\nthread a\nthread b\ndestroy 1\n' 2
err_has 'not the same: line 2, line 4'
same "told apart later" \
	'open\nthread a\nioas_alloc -> $x\nthread b\nioas_alloc -> $y
join\ndestroy $y\n' 2
err_has 'line 7 tells thread "a" from thread "b"'
same "slots" 'open\nthread a\nopen 1\nthread b\nopen 1\n' 2
input ''

# Exploring
run 0 "a good one" explore "$race"
err
grep -q '^[^ ]*destroy-against-get.script: complete: [0-9]* executions, ' \
	"$dir/out" || fail "line" "$dir/out"
test "$(wc -l <"$dir/out")" -eq 1 || fail "not one line" "$dir/out"
sed 's/^[^:]*: //; s/, [0-9.]* s$//' "$dir/out" >"$dir/alone"
run 0 "the same again" explore --jobs 1 "$race" "$race"
sed 's/^[^:]*: //; s/, [0-9.]* s$//' "$dir/out" | sort -u |
	cmp -s - "$dir/alone" || fail "not the same" "$dir/out" "$dir/alone"
run 0 "threads that are the same" explore --symmetric first,second "$race"
out_has ': complete: '
run 0 "jobs" explore --jobs 2 "$race"
out_has ': complete: '
run 0 "bounded" explore --mode bounded --preemptions 1 "$race"
out_has ': complete up to 1 preemption'
run 0 "bounded" explore --mode bounded --preemptions 0 "$race"
out_has ': complete up to 0 preemptions'
run 0 "random" explore --mode random --executions 50 --seed 7 "$race"
out_has ': no failure in 50 executions, seed 7: '
run 0 "stopped" explore --executions 2 "$race"
out_has ': stopped at 2 executions, '
IOMMUFD_MODEL_EXPLORE_EXECUTIONS=3 run 0 "variable" explore --executions 2 \
	"$race"
out_has ': stopped at 3 executions, '
run 0 "a failing allocation" explore --fail-nth 1 "$race"
out_has ': complete: '
input 'open
ioas_alloc -> $i
thread maps
	map $i 0x1000000 p:0 4K rw
thread copies
	map $i 0x2000000 p:1 4K rw'
run 0 "failing allocations" explore --alloc-failures 1 -
out_has ': complete, with 1 failed allocation: '
run 0 "failing allocations" explore --json --alloc-failures 1 -
out_has '"allocs_bounded":true'
run 0 "short copies" explore --short-copies 1 -
out_has ': complete, with 1 short copy: '
# All state that golden tests depend on is reset between executions.
input 'open
ioas_alloc -> $i
map $i 0x1000000 p:0 4K rw
create_access $i -> $a
sum p:0 4K
expect 0 sum=0
ioas_allow_iovas $i 0x1000000-0x1ffffff
ioas_allow_iovas $i num=2
expect -EINVAL
thread a
ioas_allow_iovas $i 0x1000000-0x1ffffff 0x3000000-0x3ffffff
access_rw $a 0x1000000 4K 1 fill=2
expect 0
thread b
destroy $i
expect -EBUSY
fill p:0 1 9
join
sum p:0 4K
expect 0 sum=8192|8199
'
run 0 "memory begins anew" explore -
out_has '<stdin>: complete: '
input ''

# A failure, and its replay
run 1 "a bad one" explore busy.script
err
head -n 1 "$dir/out" | grep -q '^busy.script: FAILED: failed assertion: ' ||
	fail "line" "$dir/out"
out_has 'busy.script:8: destroy of line 7: got ret=-EBUSY, expected 0'
out_has "replay busy.script "
# Above the steps of a line of the scenario is the line.
for line in '5: ioas_iova_ranges $ioas' '7: destroy $ioas'; do
	test "$(grep -c "^ *busy.script:$line\$" "$dir/out")" -eq 1 ||
		fail "not one line $line" "$dir/out"
done
schedule=$(sed -n 's/.* replay busy.script //p' "$dir/out")
run 1 "replay" replay busy.script "$schedule"
out_has 'busy.script:8: destroy of line 7: got ret=-EBUSY, expected 0'
run 1 "explore --replay" explore --own-stacks --replay "$schedule" busy.script
out_has 'FAILED: failed assertion'
echo "$schedule" >"$dir/schedule"
run 1 "schedule in a file" replay --quiet busy.script "$dir/schedule"
test "$(wc -l <"$dir/out")" -eq 1 || fail "not one line" "$dir/out"
run 0 "another schedule" replay busy.script -
out_has ': replayed, no failure'
run 0 "ignored" explore --ignore leak,failed-assertion busy.script
out_has ': complete: '
run 0 "wanted" explore --quiet --expect-failure failed-assertion busy.script
test "$(wc -l <"$dir/out")" -eq 1 || fail "not one line" "$dir/out"
run 1 "another one wanted" explore --expect-failure leak busy.script
err_has 'expected "leak", which was not found'
run 1 "wanted and not there" explore --expect-failure deadlock "$race"
err_has 'expected "deadlock", which was not found'
run 1 "worst of two" explore --quiet "$race" busy.script "$race"
test "$(wc -l <"$dir/out")" -eq 3 || fail "not three lines" "$dir/out"

# JSON
run 1 "--json" explore --json busy.script "$race"
err
test "$(wc -l <"$dir/out")" -eq 2 || fail "not two lines" "$dir/out"
for key in '"tool":"iommufd-model explore"' '"name":"busy.script"' \
	'"verdict":"failed"' '"failure":"failed assertion"' \
	"\"schedule\":\"$schedule\"" '"verdict":"complete"' '"failure":null' \
	'"shard":{"index":1,"count":1}' '"seed":1'; do
	out_has "$key"
done
# All of the model is watched, except in a build for a sanitizer or a tree.
grep -q '"watched":0,' "$dir/out" || out_has ',"unwatched":0,'

# parts FILE TEST OPTION...: the four parts of TEST, one per line.
parts()
{
	file=$1
	test=$2
	shift 2
	for k in 1 2 3 4; do
		"$program" explore --json --shard $k/4 "$@" "$test"
	done >"$file"
}

parts "$dir/good" "$race"
run 0 "merge" merge "$dir/good"
err
sed 's/^[^:]*: //; s/, [0-9]* redundant, /, 0 redundant, /; s/, 4 shards.*//' \
	"$dir/out" | cmp -s - "$dir/alone" ||
	fail "not what one process found" "$dir/out" "$dir/alone"
run 0 "merge --json" merge --json "$dir/good"
err
for key in '"tool":"iommufd-model merge"' '"verdict":"complete"' \
	'"shards":4' '"failures":[]'; do
	out_has "$key"
done
for k in 4 2 1 3; do
	sed -n ${k}p "$dir/good" >"$dir/part$k"
done
cp "$dir/part3" "$dir/in"
run 0 "merge of files" merge "$dir/part2" "$dir/part4" - "$dir/part1"
out_has ', 4 shards, '
input ''

run 2 "a part is missing" merge "$dir/part2" "$dir/part4"
out
err "\
iommufd-model merge: $race: shard 1 of 4 missing
iommufd-model merge: $race: shard 3 of 4 missing
"
run 2 "parts at the end are missing" merge "$dir/part1" "$dir/part2"
err "iommufd-model merge: $race: shards 3 to 4 of 4 missing$nl"
run 2 "a part is there twice" merge "$dir/good" "$dir/part2"
out
err "\
iommufd-model merge: $race: shard 2 is given twice, in $dir/good and in \
$dir/part2
"
"$program" explore --json --shard 4/4 --plain "$race" >"$dir/other"
run 2 "other options" merge "$dir/part1" "$dir/part2" "$dir/part3" "$dir/other"
out
err_has 'do not belong together, because they differ in plain'
"$program" explore --json --shard 4/5 "$race" >"$dir/other"
run 2 "another number" merge "$dir/part1" "$dir/part2" "$dir/part3" "$dir/other"
err_has 'do not belong together, because they differ in shards'
sed 's/fnv1a64:./fnv1a64:z/' "$dir/part4" >"$dir/other"
run 2 "another scenario" merge "$dir/part1" "$dir/part2" "$dir/part3" \
	"$dir/other"
err_has 'do not belong together, because they differ in checksum'

parts "$dir/bad" busy.script
run 1 "merge with a failure" merge "$dir/bad" "$dir/good"
out_has 'busy.script: FAILED: failed assertion: '
out_has 'failed assertion: busy.script:8: destroy of line 7: got ret=-EBUSY'
out_has '    schedule '
out_has 'complete: '
grep '"verdict":"failed"' "$dir/bad" | head -n 1 >"$dir/other"
run 1 "a failure, and parts are missing" merge "$dir/other"
err_has 'missing'
out_has 'FAILED'
parts "$dir/stopped" "$race" --executions 2
run 0 "merge of what was stopped" merge "$dir/stopped"
out_has 'not complete, shard 1 of 4 stopped at 2 executions'
parts "$dir/bounded" "$race" --mode bounded --preemptions 1
run 0 "merge of what was bounded" merge "$dir/bounded"
out_has ': complete up to 1 preemption: '
parts "$dir/random" "$race" --mode random --executions 40 --seed 3
run 0 "merge of random" merge "$dir/random"
out_has ': no failure in '
out_has ', seed 3: '

# Files that are no reports
refuse()
{
	title="merge of $1"
	printf '%s' "$1" >"$dir/in"
	run 2 "$title" merge -
	out
	err_has "iommufd-model merge: <stdin>: $2"
}
refuse '' 'the file is empty; expected a report'
refuse '  
' 'the file is empty; expected a report'
refuse '{"a":1' 'object 1, line 1'
refuse '[]' 'object 1 is not a report of'
refuse '{"name":"x"}' 'object 1 is not a report of'
refuse '{"name":"x","name":"y"}' 'object 1, line 1'
refuse 'x' 'object 1, line 1'
sed 's/"count":4/"count":0/' "$dir/part1" >"$dir/in"
run 2 "a count that cannot be" merge -
err_has 'object 1: bad shard'
sed 's/"index":1/"index":"1"/' "$dir/part1" >"$dir/in"
run 2 "a number that is none" merge -
err_has 'object 1 is not a report of'
sed 's/"complete-shard"/"splendid"/' "$dir/part1" >"$dir/in"
run 2 "a verdict that is none" merge -
err_has 'object 1: unknown verdict'
head -c 100000 "$program" >"$dir/in"
run 2 "a program for input" merge -
err_has 'object 1, line 1'
run 2 "missing file" merge "$dir/missing"
err_has "cannot read $dir/missing: No such file or directory"

exit $bad
