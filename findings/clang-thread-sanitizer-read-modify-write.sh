#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: a read that is followed by a write of the same variable, in code that
# clang compiles with -fsanitize=thread.
#
# The guess: "(*x)++" is announced as a read and a write, as gcc does, and two
# reads before the write are two reads.  A volatile read is announced in any
# case, because it is an access of its own.
#
# The truth: clang 14 announces the write alone, at -O1 and above.  It leaves out
# every read that is followed by a write of the same address in the same basic
# block, also if another variable is written in between, and volatile reads too.
# -mllvm -tsan-instrument-read-before-write=1 brings all of them back, and
# -mllvm -tsan-distinguish-volatile=1, which is meant to give volatile accesses
# other names, brings back the volatile ones.
#
# Why it matters: to a race detector the write covers the read.  To anything
# else that is built on these calls (a counter of accesses, a checker of values,
# a scheduler that stops at each volatile read) the read does not exist, and a
# lost update, which is a read and a write with something in between, looks like
# one access.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
void increment(int *x)
{
	(*x)++;
}

void volatile_increment(volatile int *x)
{
	*x = *x + 1;
}

int write_in_between(int *x, int *y)
{
	int was = *x;

	*y = 3;
	*x = was + 1;
	return was;
}

int only_read(int *x)
{
	return *x;
}
C

mkdir packages unpacked
(
	cd packages
	apt-get -qq download clang-14=1:14.0.6-12 libclang-cpp14=1:14.0.6-12 \
		libllvm14=1:14.0.6-12 libclang-common-14-dev=1:14.0.6-12 \
		2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done

# calls FLAG...: for each function, what it announces
calls() {
	root=$dir/unpacked/usr/lib
	LD_LIBRARY_PATH=$root/llvm-14/lib:$root/x86_64-linux-gnu \
		"$root/llvm-14/bin/clang" -fsanitize=thread \
		-mllvm -tsan-instrument-func-entry-exit=0 "$@" -S -o probe.s probe.c
	awk '/^[a-z_]+:/ { name = substr($1, 1, length($1) - 1) }
		/(call|jmp)q?[ \t]+__tsan_[a-z_]*(read|write)/ {
			sub(/@.*/, "", $2)
			seen[name] = seen[name] " " $2
		}
		/\.cfi_endproc/ && name != last {
			if (name !~ /tsan/)
				print name ":" seen[name]
			last = name
		}' probe.s
}

one='increment: __tsan_write4
volatile_increment: __tsan_write4
write_in_between: __tsan_write4 __tsan_write4
only_read: __tsan_read4'
volatile='increment: __tsan_write4
volatile_increment: __tsan_volatile_read4 __tsan_volatile_write4
write_in_between: __tsan_write4 __tsan_write4
only_read: __tsan_read4'
both='increment: __tsan_read4 __tsan_write4
volatile_increment: __tsan_read4 __tsan_write4
write_in_between: __tsan_read4 __tsan_write4 __tsan_write4
only_read: __tsan_read4'

# expect TEXT FLAG...
expect() {
	text=$1
	shift
	seen=$(calls "$@")
	echo "clang 14.0.6-12 $*:"
	echo "$seen" | sed 's/^/    /'
	if [ "$seen" != "$text" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

for level in -O1 -O2; do
	expect "$one" $level
	expect "$volatile" $level -mllvm -tsan-distinguish-volatile=1
	expect "$both" $level -mllvm -tsan-instrument-read-before-write=1
done
