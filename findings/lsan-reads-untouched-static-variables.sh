#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: what LeakSanitizer does at the end of a process with static variables
# that the process has never touched.
#
# The guess: the search for leaks costs as much as the process has allocated and
# written.  64 MiB of zeroes in .bss that nobody has touched have no page, hold no
# pointer, and cost nothing.
#
# The truth: it reads every byte of .data and .bss.  Each page that was never
# touched is a page fault then, at which the kernel maps its page of zeroes: 16,384
# for 64 MiB, in each process that ends, so also in each child of a test framework
# that forks.  The same 64 MiB from mmap() are not read, and cost none.
#
# Why it matters: a library with large static tables makes every process that is
# linked to it, and ends normally under AddressSanitizer or LeakSanitizer, slow;
# most so in a virtual machine, where a page fault is dear.  This project's tests
# spent more than half of their time there.  A table that is mapped when it is
# first used costs nothing.
#
# A process that allocates nothing is not looked through.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, a C compiler.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download liblsan0=12.2.0-14+deb12u1 2>/dev/null
)
dpkg -x packages/*.deb unpacked

cat >table.c <<'C'
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#define SIZE (64ul << 20)

#ifdef STATIC
static volatile char table[SIZE];
#endif

int main(void)
{
#ifndef STATIC
	volatile char *table = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
	free(malloc(16));
	return table[0];
}
C
# Prints how many page faults a command had, with what is preloaded in it.
cat >faults.c <<'C'
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (!fork()) {
		if (argc > 2)
			setenv("LD_PRELOAD", argv[2], 1);
		execl(argv[1], argv[1], (char *)NULL);
		_exit(127);
	}
	if (wait4(-1, &status, 0, &usage) < 0 || status)
		return 1;
	printf("%ld\n", usage.ru_minflt);
	return 0;
}
C
cc -O0 -DSTATIC -o static table.c
cc -O0 -o mapped table.c
cc -O1 -o faults faults.c

lsan=$(find "$dir/unpacked" -name 'liblsan.so.0' | head -n 1)
echo "liblsan0 12.2.0-14+deb12u1"
static_alone=$(./faults ./static)
mapped_alone=$(./faults ./mapped)
static_lsan=$(./faults ./static "$lsan")
mapped_lsan=$(./faults ./mapped "$lsan")
echo "page faults, 64 MiB static: $static_alone, with LeakSanitizer $static_lsan"
echo "page faults, 64 MiB mapped: $mapped_alone, with LeakSanitizer $mapped_lsan"

# 16,384 pages of 4 KiB; the rest is for the programs themselves.
test "$static_alone" -lt 1000
test "$mapped_alone" -lt 1000
test $((static_lsan - mapped_lsan)) -gt 16000
test $((static_lsan - mapped_lsan)) -lt 17500
echo "as it was found"
