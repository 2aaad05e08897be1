#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: a local variable whose address another thread has, in code that clang
# compiles with -fsanitize=thread.
#
# The guess: accesses of a local variable are left out as long as nobody else has its
# address.  Once the address has been given away, all of the variable is memory like
# any other.
#
# The truth: clang asks this question of the member, and not of the variable.  After
# "share(&x)" an int x is announced.  After "share(&pair)" no access of pair.b is, as
# nobody was given &pair.b; after "share(&pair.b)" those of pair.b are.  The same
# holds for the elements of an array.  In clang 14 it holds for pair.a as well.  In
# clang 16 the first member has the address of the struct, and is announced in both
# cases, so it depends on the order of the members.  gcc 12 announces all of them.
#
# Why it matters: a struct on the stack of the function that starts a thread, or waits
# for one, is the usual way to pass arguments, a result or a completion.  A race
# takes two accesses.  Those of the other thread are announced, and those of this
# function are not, unless the variable is a single int, or static, or from malloc().
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
struct pair {
	int a, b;
};

void share(void *address);
void other_threads(void);

int single(void)
{
	int x;

	share(&x);
	x = 1;
	other_threads();
	return x;
}

int first_member(void)
{
	struct pair pair;

	share(&pair);
	pair.a = 1;
	other_threads();
	return pair.a;
}

int second_member(void)
{
	struct pair pair;

	share(&pair);
	pair.b = 1;
	other_threads();
	return pair.b;
}

int shared_member(void)
{
	struct pair pair;

	share(&pair.b);
	pair.b = 1;
	other_threads();
	return pair.b;
}

int neighbour_of_it(void)
{
	struct pair pair;

	share(&pair.b);
	pair.a = 1;
	other_threads();
	return pair.a;
}

int element(void)
{
	int array[4];

	share(array);
	array[2] = 1;
	other_threads();
	return array[2];
}

int static_member(void)
{
	static struct pair pair;

	share(&pair);
	pair.b = 1;
	other_threads();
	return pair.b;
}
C

# fetch FOLDER PACKAGE...: unpacks these packages into a folder of their own
fetch()
{
	folder=$1
	shift
	mkdir "$folder" "$folder/packages"
	(
		cd "$folder/packages"
		apt-get -qq download "$@" 2>/dev/null
	)
	for package in "$folder"/packages/*.deb; do
		dpkg -x "$package" "$folder/unpacked"
	done
}

# fetch_clang MAJOR VERSION
fetch_clang()
{
	fetch "clang-$1" "clang-$1=$2" "libclang-cpp$1=$2" "libllvm$1=$2" \
		"libclang-common-$1-dev=$2"
}

fetch gcc-12 cpp-12=12.2.0-14+deb12u1 libisl23=0.25-1.1 libmpc3=1.3.1-1 \
	libmpfr6=4.2.0-1 libgmp10=2:6.2.1+dfsg1-1.1
fetch_clang 14 1:14.0.6-12
fetch_clang 16 1:16.0.6-15~deb12u1

# compile COMPILER LEVEL: makes probe.s
compile()
{
	lib=$dir/$1/unpacked/usr/lib
	major=${1#*-}
	case $1 in
	gcc-*)
		LD_LIBRARY_PATH=$lib/x86_64-linux-gnu \
			"$lib/gcc/x86_64-linux-gnu/$major/cc1" -quiet \
			-fsanitize=thread -w "$2" -o probe.s probe.c ;;
	clang-*)
		LD_LIBRARY_PATH=$lib/llvm-$major/lib:$lib/x86_64-linux-gnu \
			"$lib/llvm-$major/bin/clang" -fsanitize=thread -w "$2" \
			-S -o probe.s probe.c ;;
	esac
}

# For each function, which accesses it announces
announced()
{
	awk '/^[a-z_]+:/ { name = substr($1, 1, length($1) - 1); seen = "" }
		/(call|jmp)q?[ \t]+__tsan_[a-z_]*(read|write)[0-9]/ {
			sub(/@.*/, "", $2)
			sub(/__tsan_/, "", $2)
			seen = seen " " $2
		}
		/\.cfi_endproc/ && name !~ /tsan/ {
			print name ":" (seen ? seen : " nothing")
			name = "tsan"
		}' probe.s
}

# expect COMPILER LEVEL TEXT
expect()
{
	compile "$1" "$2"
	seen=$(announced)
	echo "$1 $2:"
	echo "$seen" | sed 's/^/    /'
	if [ "$seen" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

all='single: write4 read4
first_member: write4 read4
second_member: write4 read4
shared_member: write4 read4
neighbour_of_it: write4 read4
element: write4 read4
static_member: write4 read4'
by_member='single: write4 read4
first_member: write4 read4
second_member: nothing
shared_member: write4 read4
neighbour_of_it: write4 read4
element: nothing
static_member: write4 read4'
by_member_14='single: write4 read4
first_member: nothing
second_member: nothing
shared_member: write4 read4
neighbour_of_it: nothing
element: nothing
static_member: write4 read4'

echo "gcc 12.2.0-14+deb12u1, clang 14.0.6-12, clang 16.0.6-15~deb12u1"
for level in -O1 -O2; do
	expect gcc-12 $level "$all"
	expect clang-14 $level "$by_member_14"
	expect clang-16 $level "$by_member"
done
