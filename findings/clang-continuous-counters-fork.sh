#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: with clang's continuous mode of coverage, what only a child does after
# fork() is shown as never reached.
#
# The guess: in continuous mode (%c in the name of the file) the counters are a
# shared mapping of the file, so a child counts into the same counters as its
# parent, and the report has the lines of both.
#
# The truth: the lines that only the child executes have the count 0.  A count is
# the difference of two counters where that saves one: the way past an if is
# counted as the way to it less the way into it.  The way to it is counted once,
# before fork(), though it goes on twice.  Without continuous mode the child has a
# copy of that count and adds it to the file when it ends, and the same lines have
# the count 1.
#
# Why it matters: continuous mode is what counts processes that are killed, so it
# is chosen for test programs that start children.  Of such a program all that the
# children do in the same function is missing, with no message; code that is tested
# looks as if it were not.  A child that calls a function is counted there.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, gcc and a C library to link with.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	version=1:14.0.6-12
	apt-get -qq download clang-14=$version libclang-cpp14=$version \
		libllvm14=$version libclang-common-14-dev=$version \
		libclang-rt-14-dev=$version llvm-14=$version 2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
root=$dir/unpacked/usr/lib
LD_LIBRARY_PATH=$root/llvm-14/lib:$root/x86_64-linux-gnu
export LD_LIBRARY_PATH
bin=$root/llvm-14/bin

cat >probe.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status = 0;
	pid_t child = fork();

	if (child) {
		waitpid(child, &status, 0);
		printf("the child's exit code is %d\n", WEXITSTATUS(status));
		return 0;
	}
	status = 7;
	exit(status);
}
C

# count NAME FLAG...: the counts of the parent's line and of the child's
count()
{
	name=$1
	shift
	rm -f ./*.profraw
	"$bin/clang" -fprofile-instr-generate="$name" -fcoverage-mapping "$@" \
		-o probe probe.c
	./probe
	"$bin/llvm-profdata" merge -o counts ./*.profraw
	"$bin/llvm-cov" show ./probe -instr-profile=counts |
		sed -n 's/^ *[0-9]*| *\([0-9]*\)|.*\(waitpid\|status = 7\).*/\2 \1/p'
}

# expect WHAT SEEN TEXT
expect()
{
	echo "clang 14.0.6-12, $1:"
	echo "$2" | sed 's/^/    /'
	if [ "$2" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

expect "continuous mode" \
	"$(count '%m%c.profraw' -mllvm -runtime-counter-relocation)" \
	"the child's exit code is 7
waitpid 1
status = 7 0"
expect "one file for all, written at exit" "$(count '%m.profraw')" \
	"the child's exit code is 7
waitpid 1
status = 7 1"
