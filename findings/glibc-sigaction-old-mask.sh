#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: what sigaction() writes to the mask of the old action.
#
# The guess: sigaction(SIGSEGV, &new, &old) gives the old action as it was set, so a
# program that was started twice in the same way finds the same bytes in "old": the
# handler, the flags, and a mask without signals, which is zeros.
#
# The truth: a sigset_t has 128 bytes, and the kernel knows 64 signals.  glibc copies
# all 128 bytes from a variable on its stack of which the kernel has set eight.  The
# rest is what earlier calls have left there: pointers, and the canary of the stack
# protector, which is another number in each process.  Whether there is any depends on
# what ran before, and so on the length of the environment, for example.  musl leaves
# the rest of the caller's variable as it was.
#
# Why it matters: a static "struct sigaction" that keeps the old action, as every
# handler that chains has one, cannot be compared, hashed or stored as memory.  A
# search that compares states by their bytes finds no state again in another process,
# and only in some environments.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, gcc and a C library to link with.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

glibc=2.36-9+deb12u14
musl=1.2.3-1
mkdir packages unpacked
(
	cd packages
	apt-get -qq download "libc6=$glibc" "musl=$musl" "musl-dev=$musl" \
		2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done

cat >mask.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Leaves bytes of 0xa5 on the stack. */
static void __attribute__((noinline)) use_stack(void)
{
	volatile unsigned char bytes[2048];
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xa5;
}

int main(void)
{
	unsigned int i, left = 0, kept = 0;
	struct sigaction old;
	unsigned char mask[sizeof(old.sa_mask)];

	memset(&old, 0x11, sizeof(old));
	use_stack();
	if (sigaction(SIGUSR1, NULL, &old))
		return 1;
	memcpy(mask, &old.sa_mask, sizeof(mask));
	for (i = 8; i < sizeof(mask); i++) {
		left += mask[i] == 0xa5;
		kept += mask[i] == 0x11;
	}
	printf("%s\n", left ? "left by earlier calls" :
		       kept ? "as the caller had it" : "something else");
	return 0;
}
C

# expect NAME SEEN TEXT
expect() {
	echo "$1: the rest of the mask is $2"
	if [ "$2" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

gcc -O1 -o mask mask.c
lib=$dir/unpacked/lib/x86_64-linux-gnu
expect "glibc $glibc" \
	"$("$lib/ld-linux-x86-64.so.2" --library-path "$lib" ./mask)" \
	"left by earlier calls"

inside=$dir/unpacked/usr
gcc -O1 -nostdinc -isystem "$inside/include/x86_64-linux-musl" -c -o mask.o mask.c
gcc -static -nostdlib -o mask-musl "$inside/lib/x86_64-linux-musl/crt1.o" mask.o \
	"$inside/lib/x86_64-linux-musl/libc.a"
expect "musl $musl" "$(./mask-musl)" "as the caller had it"
