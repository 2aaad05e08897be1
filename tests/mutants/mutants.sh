#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# mutants.sh PYTHON WORK - in the project in tiny/, ./model mutants finds what its
# tests notice and what they do not, takes old results, and refuses wrong usage.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
python=$1
"$python" -c 'import clang.cindex as c; c.Index.create()' 2>/dev/null || {
	echo "skipped: there is no libclang for $python (python3-clang)"
	exit 77
}
mkdir -p "$2" && cd "$2" || exit 1
rm -rf tiny work
cp -R "$here/tiny" tiny || exit 1
bad=0

complain()
{
	echo "$*"
	bad=1
}

# run CODE OPTION...: run the tool, and expect the exit code.
run()
{
	expected=$1
	shift
	"$python" -B "$here/mutants.py" --source tiny --work work \
		--tests "^tiny" --reasons tiny/survivors "$@" >out 2>err
	code=$?
	test $code -eq "$expected" || {
		cat out err
		complain "$*: exit code $code, expected $expected"
	}
}

# survives PATTERN, dies PATTERN: of the last run
survives()
{
	grep -qE "$1" out || { cat out; complain "does not survive: $1"; }
}

dies()
{
	! grep -E "$1" out || complain "survives: $1"
}

verdict()
{
	grep -E "\"edit\": \"$1" work/results.jsonl | tail -n 1 |
		grep -q "\"verdict\": \"$2\"" || {
		cat work/results.jsonl
		complain "$1: not \"$2\""
	}
}

run 2 no-such-file.c
run 2 --sample 0 counter.c
run 2 --no-such-option
run 0 --list counter.c
grep -q 'counter_add: errno: - -ENOSPC  + -EINVAL' out || complain "no errno"
# A static initialiser has to be constant, and a macro is no part of the text.
! grep -E '0 \+ LIMIT|CHECKED: |\? 1' out || complain "an edit that cannot be"

grep -q 'counter_named: drop-call' out || complain "no call left out"
! grep -q 'counter_named: swap' out || complain "a swap that does nothing"

run 1 counter.c
survives 'counter_add: operator: - value \+ n > limit  \+ value \+ n >= limit'
survives 'counter_add: drop-call: - note_refused\(\);'
survives 'counter_add: errno: - -ENOSPC'
survives 'counter_unused: drop-assign'
survives 'no test reaches it'
survives 'ran: tiny.counter'
dies 'note_refused: '
dies 'counter_value'
# What only a child reaches counts.
dies 'counter_reset'
verdict '[^"]*counter_reset: drop-assign' killed
verdict '[^"]*counter_add: drop-assign' killed
verdict '[^"]*counter_clamp: operator: - n < 0' 'same object'

# Nothing is tried again.
lines=$(wc -l <work/results.jsonl)
run 1 counter.c
test "$(wc -l <work/results.jsonl)" -eq "$lines" || complain "tried again"

# A better test notices more, and only survivors are tried again.
sed 's/counter_add(40) >= 0/counter_add(6) || counter_add(1) != -28/
s/counter_value() != 4)$/counter_value() < 4)/' tiny/test.c >t
sed 's/return 0;/return counter_refused() != 1;/' t >tiny/test.c
run 1 counter.c
dies 'counter_add'
survives 'counter_unused'
test "$(tail -n "+$((lines + 1))" work/results.jsonl |
	grep -c 'counter_value')" -eq 0 || complain "a killed one tried again"

# With reasons for the rest there is nothing to tell.
echo 'counter.c | counter_unused | * | nobody calls it' >>tiny/survivors
run 0 counter.c
grep -q ' survived with a reason, 0 without' out || complain "no summary"
# The better test has made one of them needless.
test "$(grep -c 'a reason without a survivor: .*note_refused' out)" -eq 1 &&
	test "$(grep -c 'a reason without' out)" -eq 1 ||
	complain "not the one reason that is needless"
{
	cat tiny/survivors
	echo 'counter.c | counter_gone | * | there is no such function'
	echo 'counter.c | counter_value | * | a test notices'
	echo 'other.c | anything | * | not asked for'
} >tiny/stale
run 0 --reasons tiny/stale counter.c
grep -q 'a reason without an edit: .*counter_gone' out ||
	complain "no word of a reason without an edit"
grep -q 'a reason without a survivor: .*counter_value' out ||
	complain "no word of a reason without a survivor"
test "$(grep -c 'a reason without' out)" -eq 3 || complain "not three reasons"

echo 'counter.c | counter_unused' >tiny/reasons
run 2 --reasons tiny/reasons counter.c

# A sample is the same each time, and another with another seed.
run 0 --list --sample 5 --seed 1 counter.c
cp out one
run 0 --list --sample 5 --seed 1 counter.c
cmp -s one out || complain "another sample with the same seed"
test "$(wc -l <out)" -eq 5 || complain "not 5 edits"
run 0 --list --sample 5 --seed 2 counter.c
! cmp -s one out || complain "the same sample with another seed"
exit $bad
