#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# watch_flags.sh SOURCE INCLUDE LIBRARY COMPILER FLAGS LINK: compile the source,
# optimised in every way, with the flags of watched code, and run it.
set -eu
source=$1 include=$2 library=$3 compiler=$4 flags=$5 link=$6

command -v "$compiler" >/dev/null || {
	echo "skipped: there is no $compiler"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
levels="-O0 -O1 -O2 -Os -D_FORTIFY_SOURCE=2:-O2"
# At -O3 clang moves loads from a watched function into its callers, which does
# harm only if these are not watched; there is no flag that prevents it.
test "$compiler" = clang || levels="$levels -O3"
for level in $levels; do
	# shellcheck disable=SC2086,SC2046 # lists of words
	"$compiler" -std=gnu11 $(echo "$level" | tr : ' ') $flags -I"$include" -c "$source" \
		-o "$dir/flags.o"
	# shellcheck disable=SC2086
	"$compiler" "$dir/flags.o" "$library" $link -o "$dir/flags"
	"$dir/flags" || { echo "$compiler $level"; bad=1; }
done
exit $bad
