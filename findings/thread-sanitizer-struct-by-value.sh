#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: a struct that is passed to a function, or returned by one, in code that
# is compiled with -fsanitize=thread.
#
# The guess: "take(*from)" reads *from and "*to = make()" writes *to, as
# "*to = *from" does, so these are announced like every other access, either in
# the caller or in the function that is called.
#
# The truth: gcc 12 looks at assignments, and neither an argument nor the result of
# a call is one.  "take(*from)" is no read, "*to = make()" is no write, and make()
# does not announce what it stores either, whether the struct travels in registers
# or in memory.  Only with a local variable in between is there an announcement.
# clang 14 announces results, and arguments that travel in registers.  A struct of
# more than 16 bytes is copied to the stack without one, at -O1 and above even if
# the source copies it to a local variable first.
#
# Why it matters: a snapshot of a shared struct, as in "print_state(*state)", is a
# read that may race like any other, and both compilers are silent, so trying the
# other one does not help.  With gcc, "*state = initial_state()" is missed as well.
# With a pointer as the argument, the function that is called announces what it reads.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
struct object {
	long member[4];
};

struct pair {
	long member[2];
};

void take(struct object by_value);
void take_pair(struct pair by_value);
struct pair make_pair(long value);

void pass(const struct object *from)
{
	take(*from);
}

void pass_copy(const struct object *from)
{
	struct object copy = *from;

	take(copy);
}

void pass_pair(const struct pair *from)
{
	take_pair(*from);
}

__attribute__((noinline)) struct object make(long value)
{
	struct object made = { { value, value, value, value } };

	return made;
}

void store(struct object *to)
{
	*to = make(1);
}

void store_copy(struct object *to)
{
	struct object copy = make(1);

	*to = copy;
}

void store_pair(struct pair *to)
{
	*to = make_pair(1);
}

void assign(struct object *to, const struct object *from)
{
	*to = *from;
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

# compile gcc|clang LEVEL: makes probe.s
compile()
{
	case $1 in
	gcc)
		"$lib/gcc/x86_64-linux-gnu/12/cc1" -quiet -fsanitize=thread \
			--param tsan-instrument-func-entry-exit=0 "$2" \
			-o probe.s probe.c ;;
	clang)
		"$lib/llvm-14/bin/clang" -fsanitize=thread \
			-mllvm -tsan-instrument-func-entry-exit=0 "$2" \
			-S -o probe.s probe.c ;;
	esac
}

# For each function, how many announcements it has: the runtime replaces memcpy(),
# so a call of it is one.
announced()
{
	awk '/^[a-z_]+:/ { name = substr($1, 1, length($1) - 1); count = 0 }
		/(call|jmp)q?[ \t]+(__tsan_[a-z_]*(read|write)|memcpy)/ { count++ }
		/\.cfi_endproc/ && name !~ /tsan/ {
			print name (count ? "" : ": nothing")
			name = "tsan"
		}' probe.s
}

# expect COMPILER LEVEL TEXT
expect()
{
	compile "$1" "$2"
	seen=$(announced)
	echo "$1 $2, functions that announce an access, or nothing:"
	echo "$seen" | sed 's/^/    /'
	if [ "$seen" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

of_gcc='pass: nothing
pass_copy
pass_pair: nothing
make: nothing
store: nothing
store_copy
store_pair: nothing
assign'
of_clang='pass: nothing
pass_copy: nothing
pass_pair
make
store
store_copy
store_pair
assign'

echo "gcc 12.2.0-14+deb12u1, clang 14.0.6-12"
for level in -O1 -O2; do
	expect gcc $level "$of_gcc"
	expect clang $level "$of_clang"
done
