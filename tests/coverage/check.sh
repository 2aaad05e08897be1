#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh PYTHON SOURCE: what coverage.py --check says of a small program that is
# compiled with the flags of the preset: lines that are not reached, exceptions
# for them and for lines that are not there, branches that are not taken, and
# what a child counts that is killed.  77: there is no clang, or no llvm-cov.
set -eu
python=$1
source=$2
for tool in clang llvm-cov llvm-profdata; do
	command -v $tool >/dev/null || {
		echo "skipped: clang, llvm-cov and llvm-profdata are needed"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p src build/src
cat >src/a.c <<'END'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#define CHECK(bad) ((bad) ? 1 : 0)

static int in_child(int n)
{
	if (n > 5)
		return raise(SIGKILL);
	return 0;
}

int main(int argc, char **argv)
{
	in_child(6 * !fork());
	wait(0);
	if (CHECK(argc > 1))
		return argv[1][0];
	if (argc > 2 && argc > 3)
		return 1;
	return in_child(argc);
}
END
flags=$(sed -n 's/.*"CMAKE_C_FLAGS": "\(-fprofile[^"]*\)".*/\1/p' \
	"$source/CMakePresets.json" | sed "s,\${sourceDir},$work,; s,/coverage/,/,")
test -n "$flags"
# shellcheck disable=SC2086 # several flags
clang $flags -o a "$work/src/a.c"
./a
./a
# What llvm-cov reads the lines from.
cp a build/src/libiommufd-model.so

# expect CODE TEXT: run the check with the exceptions, and compare.
expect()
{
	code=0
	$python "$source/tests/coverage/coverage.py" . build report \
		--exceptions exceptions --check src >out 2>&1 || code=$?
	if test $code -ne "$1" || ! grep -qF -- "$2" out report/missed.txt \
		report/branches.txt report/exceptions.txt
	then
		echo "exit code $code, expected $1 and: $2"
		cat out report/missed.txt report/branches.txt
		exit 1
	fi
}

: >exceptions
expect 1 "src/a.c:18: main: if (CHECK(argc > 1)) return argv[1][0];"
expect 1 "src/a.c:20: main: if (argc > 2 && argc > 3) return 1;"
# The condition in the macro, that of the if, and one that was never evaluated.
expect 1 "src/a.c:17: main: 2 of 4: if (CHECK(argc > 1))"
expect 1 "src/a.c:19: main: 3 of 4: if (argc > 2 && argc > 3)"
expect 1 "0 are exceptions, and 2 are not"
# Only the child that was killed has reached this.
grep -q 'a.c:9' report/missed.txt && { echo "a child is lost"; exit 1; }
find report/html -name a.c.html | grep -q . || { echo "no HTML"; exit 1; }

rest='src/a.c:main | argc > 2 | the tests give no argument'
# Each of these covers the line and the branch before it.
for where in 'src/a.c | CHECK(argc' 'src/a.c:main | CHECK' 'src/* | CHECK('; do
	printf '%s\n' "$rest" "$where | the tests give no argument" >exceptions
	expect 0 "2 are exceptions, and 0 are not"
done
expect 0 "1 lines     2 branches: src/* | CHECK("
echo 'src/a.c:main | * | the tests give no argument' >exceptions
expect 0 "2 are exceptions, and 0 are not"
# A rule is about conditions that were evaluated, and this has one that was not.
echo 'src/* | argc > | the tests give no argument' >exceptions
expect 1 "src/a.c:19: main: 2 of 4: if (argc > 2 && argc > 3)"
# The statement of a line has no such text.
printf '%s\n' "$rest" 'src/a.c:main | return 0 | nothing' >exceptions
expect 1 "1 are exceptions, and 1 are not"
expect 1 "no such line: src/a.c:main | return 0"
echo 'src/a.c:other | return argv | the tests give no argument' >exceptions
expect 1 "no such line: src/a.c:other | return argv"
# What is reached needs no exception, unless it is so only sometimes.
printf '%s\n' 'src/a.c:main | * | the tests give no argument' \
	'src/a.c:in_child | n > 5 | cannot be' >exceptions
expect 1 "is reached: src/a.c:in_child | n > 5 | cannot be"
printf '%s\n' 'src/a.c:main | * | the tests give no argument' \
	'src/a.c:in_child | n > 5 | sometimes: it can be' >exceptions
expect 0 "2 are exceptions, and 0 are not"
echo 'src/a.c | return argv' >exceptions
expect 1 "expected WHERE | TEXT | REASON"
