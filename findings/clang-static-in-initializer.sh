#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: a static variable inside a statement expression, where that
# expression stands in an initializer.
#
# The guess: "({ static const struct site s = { __func__, __LINE__ }; &s; })"
# gives the address of a filled-in struct wherever C allows an expression.  This
# is the usual way to give a lock, a warning or a trace point a static record
# of its call site.
#
# The truth: clang 14 (Debian's default compiler of its kind in release 12)
# emits that struct as zeros if every other member of the initializer is a
# constant.  No warning, at -O0 and -O2 alike.  The same expression in an
# assignment, or in an initializer with one member that is not constant, is
# right; so is clang 15, and gcc 12.
#
# Why it matters: call sites become null pointers in one compiler and in some
# functions only, so a report crashes or is empty there and nowhere else.
# Assign such a pointer instead of initializing with it.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, a C library to link with.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
#include <stdio.h>

struct site {
	const char *func;
	int line;
};

struct operation {
	int kind;
	const void *address;
	const struct site *site;
};

#define SITE() __extension__({						\
	static const struct site site = { __func__, __LINE__ };		\
	&site;								\
})

static void show(const char *name, const struct operation *operation)
{
	printf("%s: %s\n", name,
	       operation->site->func ? operation->site->func : "(null)");
}

int main(void)
{
	int local;
	struct operation initialized = { .kind = 1, .site = SITE() };
	struct operation mixed = { 1, &local, SITE() };
	struct operation assigned = { .kind = 1 };

	assigned.site = SITE();
	show("initialized", &initialized);
	show("mixed", &mixed);
	show("assigned", &assigned);
	return 0;
}
C

# fetch MAJOR VERSION: unpacks that clang into a folder of its own
fetch() {
	mkdir "$1" "$1/packages"
	(
		cd "$1/packages"
		apt-get -qq download "clang-$1=$2" "libclang-cpp$1=$2" \
			"libllvm$1=$2" "libclang-common-$1-dev=$2" 2>/dev/null
	)
	for package in "$1"/packages/*.deb; do
		dpkg -x "$package" "$1/unpacked"
	done
}

# try MAJOR FLAG: what the program says that this clang makes
try() {
	root=$dir/$1/unpacked/usr/lib
	LD_LIBRARY_PATH=$root/llvm-$1/lib:$root/x86_64-linux-gnu \
		"$root/llvm-$1/bin/clang" "$2" -Wall -Wextra -o probe probe.c
	./probe
}

wrong='initialized: (null)
mixed: main
assigned: main'
right='initialized: main
mixed: main
assigned: main'

# expect MAJOR TEXT
expect() {
	for flag in -O0 -O2; do
		seen=$(try "$1" "$flag")
		echo "clang $1 $flag:"
		echo "$seen" | sed 's/^/    /'
		if [ "$seen" != "$2" ]; then
			echo "this has changed" >&2
			exit 1
		fi
	done
}

fetch 14 1:14.0.6-12
fetch 15 1:15.0.6-4+b1
expect 14 "$wrong"
expect 15 "$right"
