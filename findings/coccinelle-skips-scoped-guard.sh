#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: what Coccinelle does with functions that use the kernel's scoped locks.
#
# The guess: spatch looks at every function of a source, or says which it could not
# parse.  A semantic patch that lists each kfree() lists them all.
#
# The truth: a function with "scoped_guard(mutex, &lock) { ... }" or with a variable
# declared as "struct obj *o __free(kfree) = ..." is left out as a whole, without a
# word, and the exit status is 0.  "guard(mutex)(&lock);" and "CLASS(fd, f)(3);" parse,
# because they look like calls.  "--parse-c" is the way to see what is left out.  A
# file of macros that calls scoped_guard an iterator, and __free an annotation, mends
# both, but only in place of the built-in macros: with --macro-file, __free is not
# replaced.
#
# Why it matters: these two came into the kernel's sources when locks and references
# began to be dropped at the end of a scope.  That is just the code which rules about
# locks, puts and use after free are for; a clean report of such a rule does not
# cover it.
#
# Needs: Debian 12 (amd64), apt-get, dpkg and a C library.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

version=1.1.1.deb-2+b1
mkdir packages unpacked
(
	cd packages
	apt-get -qq download "coccinelle=$version" 2>/dev/null
)
dpkg -x packages/*.deb unpacked
COCCINELLE_HOME=$dir/unpacked/usr/lib/coccinelle
export COCCINELLE_HOME

cat >rule.cocci <<'C'
@@
expression E;
@@
- kfree(E);
C

cat >code.c <<'C'
int by_hand(struct obj *o)
{
	mutex_lock(&o->lock);
	kfree(o->by_hand);
	mutex_unlock(&o->lock);
	return 0;
}

int with_guard(struct obj *o)
{
	guard(mutex)(&o->lock);
	kfree(o->with_guard);
	return 0;
}

int with_class(struct obj *o)
{
	CLASS(fd, f)(3);
	kfree(o->with_class);
	return 0;
}

int with_scoped_guard(struct obj *o)
{
	scoped_guard(mutex, &o->lock) {
		kfree(o->with_scoped_guard);
	}
	return 0;
}

int with_free(void)
{
	struct obj *o __free(kfree) = make_obj();

	kfree(o->with_free);
	return 0;
}
C

cat >macros.h <<'C'
#define __free(x) MACROANNOTATION
#define scoped_guard YACFE_ITERATOR
C

# found OPTION...: the calls that the rule finds
found() {
	"$dir/unpacked/usr/bin/spatch" "$@" --sp-file rule.cocci \
		code.c 2>errors | sed -n 's/^-.*kfree(o->\(.*\));/\1/p' |
		tr '\n' ' '
}

# expect TITLE SEEN TEXT
expect() {
	echo "$1: $2"
	if [ "$2" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

echo "coccinelle $version"
expect "found" "$(found)" "by_hand with_guard with_class "
expect "said of parsing" "$(grep -i -e pars -e scoped -e free errors || :)" ""
expect "exit status" "$("$dir/unpacked/usr/bin/spatch" --sp-file rule.cocci code.c \
	>ignored 2>&1 && echo 0 || echo "not 0")" "0"
expect "found with --macro-file" "$(found --macro-file macros.h)" \
	"by_hand with_guard with_class with_scoped_guard "
expect "found with --macro-file-builtins" \
	"$(found --macro-file-builtins macros.h)" \
	"by_hand with_guard with_class with_scoped_guard with_free "
