#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: %m in the name of the file to which clang's counters of coverage go.
#
# The guess: %m is the signature of the program, as LLVM's manual puts it, so each
# program has a file of its own, and runs of the same program are added up in it.
# Two programs have the same signature only if they are the same.
#
# The truth: the signature is made of the sizes of the sections with counters, and of
# the name of the first function in them.  Two test programs that begin with main()
# and have as many functions and counters, with names of the same length, share a
# file.  So do two that link the same objects in another order.  The first that runs
# has its counts there.  The others complain on standard error, in continuous mode
# with one line, otherwise with three, two of which end in "Success"; they count
# nothing, and end as usual with an exit status of their own.
#
# Why it matters: small test programs for the functions of one library are like that.
# A test framework shows no standard error of a test that passes, so what the test
# has reached looks as if nothing did, and its main() has the counts of another
# program's.  Which of the programs counts depends on which runs first.  A name of
# its own for each program is safe.
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

# Two different programs.
cat >map.c <<'C'
int check_map(int size);
int main(void) { return check_map(4096); }
int check_map(int size) { return size % 4096 ? 1 : 0; }
C
cat >pin.c <<'C'
int check_pin(int pages);
int main(void) { return check_pin(3) - 2; }
int check_pin(int pages) { return pages < 16 ? 2 : pages; }
C
# Two that have the same objects.
echo 'int first(int x) { return x + 1; }' >first.c
echo 'int second(int x) { return x * 2; }' >second.c
echo 'int third(int x) { return x - 2; }' >third.c
cat >alike.c <<'C'
int first(int), second(int), third(int);

int main(void)
{
	return first(second(third(0))) + 3;
}
C

# build FLAG...: all programs; alike.c itself has no counters
build()
{
	for name in map pin; do
		"$bin/clang" "$@" -fcoverage-mapping -o $name $name.c
	done
	"$bin/clang" "$@" -fcoverage-mapping -c first.c second.c third.c
	"$bin/clang" -c alike.c
	"$bin/clang" "$@" -o forwards alike.o first.o second.o third.o
	"$bin/clang" "$@" -o backwards alike.o first.o third.o second.o
}

# counts PROGRAM PROGRAM: runs both, once, and prints what was counted
counts()
{
	rm -f ./*.profraw
	for name; do
		code=0
		"./$name" 2>log || code=$?
		said=silent
		! grep -q 'Unable to merge profile data' log || said=complains
		echo "$name: status $code, $said"
	done
	set -- "$1" "$2" ./*.profraw
	echo "files: $(($# - 2))"
	"$bin/llvm-profdata" merge -o all ./*.profraw
	"$bin/llvm-cov" show "./$1" -object "./$2" -instr-profile=all |
		sed -n 's/^[^|]*| *\([0-9]*\)|int \([a-z_]*\)(.*}$/    \2 \1/p'
}

# expect KIND PROGRAM PROGRAM TEXT
expect()
{
	seen=$(counts "$2" "$3")
	echo "== clang 14.0.6-12, $1"
	echo "$seen"
	if [ "$seen" != "$4" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

# expect_all KIND FLAG...
expect_all()
{
	kind=$1
	shift
	build "$@"
	# llvm-cov gives the sources in alphabetical order.
	expect "$kind" map pin "map: status 0, silent
pin: status 0, complains
files: 1
    main 1
    check_map 1
    main 1
    check_pin 0"
	expect "$kind" pin map "pin: status 0, silent
map: status 0, complains
files: 1
    main 1
    check_map 0
    main 1
    check_pin 1"
	# Each of the two runs each function.
	expect "$kind" forwards backwards "forwards: status 0, silent
backwards: status 0, complains
files: 1
    first 1
    second 1
    third 1"
}

expect_all "written at exit" '-fprofile-instr-generate=%m.profraw'
expect_all "continuous mode" '-fprofile-instr-generate=%m%c.profraw' \
	-Xclang -mllvm -Xclang -runtime-counter-relocation
