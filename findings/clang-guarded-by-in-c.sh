#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: a member of a C struct that is guarded by a lock in the same struct.
#
# The guess: clang's -Wthread-safety works in C as in C++.  A member is declared with
# guarded_by(lock), where "lock" is another member; then an access without the lock
# of the same object is reported, and one with it is not.
#
# The truth: clang 14 does not compile it, "lock" is undeclared there.  clang 19 does,
# and no access is right for it: it asks for "lock" itself, which belongs to no object,
# so it also warns where the lock of the same object is held.  guarded_by(&lock) makes
# those warnings go away, and the ones that are wanted, too: the lock of any object of
# the type will do.  As C++, the same source gets the warnings that were guessed.  The
# option -fexperimental-late-parse-attributes changes nothing of this.
#
# Why it matters: the lock in the object that it protects is what almost all C code
# has, kernels above all.  With clang 19 such annotations are noise or a check that
# does not see the wrong object's lock; what was tried in C++ says nothing about C.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >lock.c <<'C'
struct __attribute__((capability("mutex"))) lock {
	int word;
};

void take(struct lock *l) __attribute__((acquire_capability(l)));
void drop(struct lock *l) __attribute__((release_capability(l)));

struct obj {
	struct lock lock;
	int n __attribute__((guarded_by(BY)));
};

void right(struct obj *o)
{
	take(&o->lock);
	o->n++;
	drop(&o->lock);
}

void without(struct obj *o)
{
	o->n++;
}

void of_another(struct obj *o, struct obj *p)
{
	take(&p->lock);
	o->n++;
	drop(&p->lock);
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

# reported MAJOR LANGUAGE LOCK OPTION...: the functions with a warning, or "error"
reported() {
	root=$dir/$1/unpacked/usr/lib
	compiler=$root/llvm-$1/bin/clang
	path=$root/llvm-$1/lib:$root/x86_64-linux-gnu
	language=$2
	by=$3
	shift 3
	if ! LD_LIBRARY_PATH=$path "$compiler" -fsyntax-only -Wthread-safety "$@" \
		"-DBY=$by" -x "$language" lock.c 2>messages; then
		echo error
		return
	fi
	sed -n 's/^lock\.c:\([0-9]*\):.* warning: .*/\1/p' messages |
		while read -r line; do
			sed -n "1,${line}s/^void \([a-z_]*\)(struct obj.*/\1/p" \
				lock.c | tail -n 1
		done | tr '\n' ' '
}

# expect MAJOR LANGUAGE LOCK TEXT OPTION...
expect() {
	major=$1
	language=$2
	by=$3
	text=$4
	shift 4
	seen=$(reported "$major" "$language" "$by" "$@")
	echo "clang $major, $language, guarded_by($by) $*: $seen"
	if [ "$seen" != "$text" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

late=-fexperimental-late-parse-attributes
fetch 14 1:14.0.6-12
fetch 19 1:19.1.7-3~deb12u1
expect 14 c lock error
expect 14 c '&lock' error
expect 14 c++ lock "without of_another "
expect 19 c lock "right without of_another "
expect 19 c '&lock' "without "
expect 19 c lock "right without of_another " "$late"
expect 19 c '&lock' "without " "$late"
expect 19 c++ lock "without of_another "
