#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# watch_flags.sh SOURCE ROOT COMPILER MACHINE FLAGS LINK: compile the source,
# optimised in every way, with the flags of watched code, and run it.  The
# functions that it calls are compiled from the sources below ROOT, for MACHINE
# and without these flags.  A program for another machine runs in qemu.
set -eu
source=$1 root=$2 compiler=$3 machine=$4 flags=$5 link=$6

skip()
{
	echo "skipped: there is no $1"
	exit 77
}

run=
target=
command -v "$compiler" >/dev/null || skip "$compiler"
if test "$machine" != "$(uname -m)"; then
	command -v "$machine-linux-gnu-gcc" >/dev/null ||
		skip "$machine-linux-gnu-gcc"
	run=qemu-$machine
	command -v "$run" >/dev/null || run=qemu-$machine-static
	command -v "$run" >/dev/null || skip "qemu-$machine"
	echo '#include <errno.h>' |
		"$machine-linux-gnu-gcc" -E - >/dev/null 2>&1 ||
		skip "C library for $machine"
	case $compiler in
	gcc)	compiler=$machine-linux-gnu-gcc ;;
	*)	target=--target=$machine-linux-gnu ;;
	esac
	link="$link -static"
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
objects=
files="callbacks malloc string"
case $link in
*--wrap*) files="$files wrap" ;;
esac
for file in $files; do
	# shellcheck disable=SC2086
	"$compiler" $target -std=gnu11 -O2 -I"$root/include" \
		-c "$root/src/watch/$file.c" -o "$dir/$file.o"
	objects="$objects $dir/$file.o"
done
bad=0
levels="-O0 -O1 -O2 -Os -D_FORTIFY_SOURCE=2:-O2"
# At -O3 clang moves loads from a watched function into its callers, which does
# harm only if these are not watched; there is no flag that prevents it.
test "${compiler##*-}" = clang || levels="$levels -O3"
for level in $levels; do
	# shellcheck disable=SC2086,SC2046 # lists of words
	"$compiler" $target -std=gnu11 $(echo "$level" | tr : ' ') $flags \
		-I"$root/include" -c "$source" -o "$dir/flags.o"
	# shellcheck disable=SC2086
	"$compiler" $target "$dir/flags.o" $objects $link -o "$dir/flags"
	$run "$dir/flags" || { echo "$compiler $machine $level"; bad=1; }
done
exit $bad
