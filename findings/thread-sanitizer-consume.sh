#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: which memory order the runtime of -fsanitize=thread is told for a load with
# memory_order_consume, the order that rcu_dereference() would need.
#
# The guess: no compiler tracks dependencies, and all of them make an acquire of a
# consume.  So the runtime, which has a value for each of the six orders, never sees
# the one for consume.
#
# The truth: clang 14 makes an acquire of it before it announces the load.  gcc 12
# makes one of it later, when it emits the instruction, and announces what the source
# has: the runtime gets __ATOMIC_CONSUME.  A barrier with consume is announced as one
# with consume, too, although gcc emits an acquire for it.
#
# Why it matters: a runtime of one's own that takes consume as the head of a dependency,
# and orders only what is reached through the pointer, works for programs from gcc,
# and is silently a weaker check for those from clang: there such a load orders all
# that follows.  A header that wants it with both has to announce the load itself.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
void *pointer;

void *relaxed(void)
{
	return __atomic_load_n(&pointer, __ATOMIC_RELAXED);
}

void *consume(void)
{
	return __atomic_load_n(&pointer, __ATOMIC_CONSUME);
}

void *acquire(void)
{
	return __atomic_load_n(&pointer, __ATOMIC_ACQUIRE);
}

void barrier(void)
{
	__atomic_thread_fence(__ATOMIC_CONSUME);
}
C

mkdir packages unpacked
(
	cd packages
	apt-get -qq download cpp-12=12.2.0-14+deb12u1 libisl23=0.25-1.1 \
		libmpc3=1.3.1-1 libmpfr6=4.2.0-1 libgmp10=2:6.2.1+dfsg1-1.1 \
		clang-14=1:14.0.6-12 libclang-cpp14=1:14.0.6-12 \
		libllvm14=1:14.0.6-12 libclang-common-14-dev=1:14.0.6-12 \
		2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
lib=$dir/unpacked/usr/lib
LD_LIBRARY_PATH=$lib/llvm-14/lib:$lib/x86_64-linux-gnu
export LD_LIBRARY_PATH

dpkg-deb -W --showformat='${Package} ${Version}\n' packages/cpp-12_*.deb
dpkg-deb -W --showformat='${Package} ${Version}\n' packages/clang-14_*.deb
"$lib/gcc/x86_64-linux-gnu/12/cc1" -quiet -fsanitize=thread -Wno-tsan \
	-O1 -o gcc.s probe.c
"$lib/llvm-14/bin/clang" -fsanitize=thread -O1 -S -o clang.s probe.c

# For each function of the probe, the last number that is moved to the register of
# the order before the announcement: the second argument, or the first of a barrier.
orders()
{
	awk '/^[a-z]+:/ { name = substr($1, 1, length($1) - 1); order = "" }
		/xorl[ \t]+%e[sd]i, %e[sd]i/ { order = 0 }
		/movl[ \t]+\$[0-9]+, %e[sd]i/ {
			order = $2
			gsub(/[$,]/, "", order)
		}
		/(call|jmp)q?[ \t]+__tsan_atomic/ { print name, order }' "$1.s"
}

for compiler in gcc clang; do
	seen=$(orders "$compiler")
	echo "$compiler, orders announced (0 relaxed, 1 consume, 2 acquire):"
	echo "$seen" | sed 's/^/    /'
	case $compiler in
	gcc) expected='relaxed 0
consume 1
acquire 2
barrier 1' ;;
	clang) expected='relaxed 0
consume 2
acquire 2
barrier 2' ;;
	esac
	if [ "$seen" != "$expected" ]; then
		echo "this has changed; it was:"
		echo "$expected"
		exit 1
	fi
done
