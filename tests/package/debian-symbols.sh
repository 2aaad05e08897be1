#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# debian-symbols.sh check|write LIBRARY FILE VERSION - FILE, the symbols file of the
# Debian package, lists what LIBRARY exports.  "write" brings it up to date: a
# symbol keeps the version that it has in FILE, and a new one gets VERSION.
set -eu
export LC_ALL=C

what=$1
library=$2
file=$3
version=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$READELF" -d "$library" >"$dir/dynamic"
soname=$(sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p' "$dir/dynamic")
package=$(echo "$soname" | sed 's/\.so\././; s/\.so\.//; s/model\.\([0-9]\)/model\1/')

# NAME@NODE; the node itself is an absolute symbol.  (nm of LLVM 14 prints no nodes.)
"$READELF" -W --dyn-syms "$library" >"$dir/symbols"
awk '$1 ~ /^[0-9]+:$/ && $7 != "UND" && NF > 7 {
	sub(/@@/, "@", $8)
	# GNU prints no node for the node itself, and LLVM does.
	if ($7 == "ABS")
		sub(/@.*/, "", $8)
	print $7 == "ABS" ? $8 "@" $8 : $8
}' "$dir/symbols" |
	sed 's/^\([^@]*\)@[^@]*@\1$/\1@\1/' | sort -u >"$dir/exported"
test -s "$dir/exported" || { echo "$library: no symbols found"; exit 1; }

{
	echo "# SPDX-License-Identifier: GPL-2.0-only OR MIT"
	echo "$soname $package #MINVER#"
	awk -v new="$version" '
	FILENAME == ARGV[1] { if (/^ /) since[$1] = $2; next }
	{ print " " $1 " " ($1 in since ? since[$1] : new) }' \
		"$file" "$dir/exported"
} >"$dir/symbols"

if test "$what" = write; then
	cp "$dir/symbols" "$file"
elif ! cmp -s "$file" "$dir/symbols"; then
	diff "$file" "$dir/symbols" || :
	echo "$file differs from what $soname exports; the target" \
		"debian-symbols brings it up to date.  If a line goes that is in" \
		"a release, the library needs another soname."
	exit 1
fi
