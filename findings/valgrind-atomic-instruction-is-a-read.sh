#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: atomic operations of C, as valgrind's two detectors of data races see
# them.
#
# The guess: helgrind and DRD see instructions, and no memory orders.  So either they
# know no atomic operations, and report every unordered pair in which one writes,
# or they know an atomic instruction when they see one: helgrind's manual says that
# it handles in part what the lock prefix means.
#
# The truth: on x86-64, both take an instruction that is atomic by itself, one with a
# lock prefix or an xchg, for a read and nothing else.  __atomic_fetch_add() and a
# plain read are a data race, and there is no report; with a plain write there is.
# A store with __ATOMIC_RELEASE is an ordinary mov, and is reported with an atomic
# load although there is no race.  A store with __ATOMIC_SEQ_CST is an xchg, so it
# is a read, and not even a plain read beside it is reported.  None of them orders
# anything: what such a store publishes is still reported.
#
# Why it matters: a reference counter that is changed by atomic operations and read
# by a plain "if (x->count == 0)" somewhere is not reported.  If the report of a flag
# goes away when its store is made sequentially consistent, that looks like the fix
# of a memory order, but the tools have only stopped to see a write there.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, readelf, a C compiler that links.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download valgrind=1:3.19.0-1 libc6=2.36-9+deb12u14 \
		libc6-dbg=2.36-9+deb12u14 2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
lib=$dir/unpacked/lib/x86_64-linux-gnu
# Valgrind needs the symbols of the C library, and looks for them beside it.
for file in ld-linux-x86-64.so.2 libc.so.6; do
	id=$(readelf -n "$lib/$file" | sed -n 's/.*Build ID: //p')
	name=${id#??}.debug
	mv "unpacked/usr/lib/debug/.build-id/${id%"${id#??}"}/$name" "$lib/"
done
VALGRIND_LIB=$dir/unpacked/usr/libexec/valgrind
export VALGRIND_LIB

# The new thread does FIRST, and the one that started it SECOND, in either order.
cat >probe.c <<'C'
#include <pthread.h>
#include <sched.h>

static volatile int x, plain, seen;

static void *new_thread(void *unused)
{
	FIRST;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, new_thread, NULL);
	SECOND;
	return pthread_join(thread, NULL);
}
C

# expect FIRST SECOND ANSWER: whether each of the two reports a race of these
expect()
{
	cc -O1 "-DFIRST=$1" "-DSECOND=$2" -o probe probe.c -pthread \
		-Wl,--dynamic-linker="$lib/ld-linux-x86-64.so.2" \
		-Wl,-rpath="$lib"
	for tool in helgrind drd; do
		answer=race
		code=0
		unpacked/usr/bin/valgrind.bin --tool=$tool --error-exitcode=9 \
			./probe >log 2>&1 || code=$?
		case $code in
		0) answer=silent ;;
		9) grep -q 'Possible data race\|Conflicting' log ;;
		*) cat log >&2 && exit 1 ;;
		esac
		echo "    $tool: $answer"
		if [ "$answer" != "$3" ]; then
			echo "this has changed: $1, $2" >&2
			exit 1
		fi
	done
}

add='__atomic_fetch_add(&x, 1, __ATOMIC_SEQ_CST)'
release='__atomic_store_n(&x, 1, __ATOMIC_RELEASE)'
seq_cst='__atomic_store_n(&x, 1, __ATOMIC_SEQ_CST)'
acquire='__atomic_load_n(&x, __ATOMIC_ACQUIRE)'

echo "valgrind 3.19.0-1, libc6 2.36-9+deb12u14"
echo "a plain write and a plain read, which race:"
expect 'x = 1' 'seen = x' race
echo "an atomic addition and a plain read, which race:"
expect "$add" 'seen = x' silent
echo "an atomic addition and a plain write, which race:"
expect "$add" 'x = 2' race
echo "a release store and an acquire load, which do not race:"
expect "$release" "seen = $acquire" race
echo "a release store and an atomic addition, which do not race:"
expect "$release" "$add" race
echo "a sequentially consistent store and an acquire load, which do not race:"
expect "$seq_cst" "seen = $acquire" silent
echo "a sequentially consistent store and a plain read, which race:"
expect "$seq_cst" 'seen = x' silent
echo "a write that such a store publishes, and a read after it, which do not race:"
expect "plain = 1; $seq_cst" "while (!$acquire) sched_yield(); seen = plain" race
