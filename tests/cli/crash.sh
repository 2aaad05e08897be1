#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# crash.sh PROGRAM - if the program crashes, its earlier output must not be
# lost.  PROGRAM is killed in its second ioctl by signal number $CRASH.
# shellcheck disable=SC2016 # $name is the language's
set -u

program=$1
. ./shell.sh

printf 'open\nioas_alloc -> $i\nioas_alloc\n' >"$dir/own.script"
before="1 open ret=0
2 ioas_alloc ret=0 id=1
"
run 0 "no crash" run "$dir/own.script"
out "${before}3 ioas_alloc ret=0 id=2
"

# crash SIGNAL ARGUMENT...: run the program; the shell's message about the
# signal goes to a file.
crash()
{
	signal=$1
	shift
	(
		CRASH=$signal "$program" run "$@"
		echo $? >"$dir/code"
	) 2>"$dir/err"
}

died()
{
	test "$(cat "$dir/code")" -eq $((128 + signal)) ||
		fail "exit code $(cat "$dir/code")" "$dir/err"
}

# ABRT, FPE, KILL, SEGV, TERM: to a file, and to a pipe.
for signal in 6 8 9 11 15; do
	title="signal $signal"
	crash "$signal" "$dir/own.script" >"$dir/out"
	died
	out "$before"
	crash "$signal" "$dir/own.script" "$dir/own.script" | cat >"$dir/out"
	died
	out "# $dir/own.script
$before"
	crash "$signal" --story "$dir/own.script" | cat >"$dir/out"
	died
	out_has '=> ret=0 id=1'
done

exit $bad
