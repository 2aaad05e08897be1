#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# symbols.sh LIBRARY MAP STATIC - check that the shared library defines only
# what its map lists and names that begin with iommufd_model_, and that it needs
# only the C library.  Other names in the static library begin so that they do
# not collide with names of a program that is linked with it.
set -eu
export LC_ALL=C

library=$1
map=$2
static=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

. "$(dirname "$0")/../lines.sh"

# The names between "global:" and "local:", without comments and patterns.
sed -e 's,/\*.*\*/,,' -e '/global:/,/local:/!d' "$map" | tr -d ' \t' |
	sed -n 's/^\([A-Za-z0-9_]*\);$/\1/p' | sort -u >"$dir/listed"
some listed "$map: no names found"

# Names without their version; the version nodes themselves are absolute.
"$NM" -D --defined-only "$library" >"$dir/nm"
awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' "$dir/nm" |
	sort -u >"$dir/defined"
some defined "$library: no names found"

comm -23 "$dir/defined" "$dir/listed" |
	sed '/^iommufd_model_/d' >"$dir/wrong"
none "exported, but not listed in the map:"
comm -13 "$dir/defined" "$dir/listed" >"$dir/wrong"
none "listed in the map, but not defined:"

"$NM" -g --defined-only "$static" >"$dir/nm"
awk 'NF == 3 { print $3 }' "$dir/nm" | sort -u >"$dir/static"
some static "$static: no names found"
sed -e '/^_*iommufd_/d' -e '/^iopt_/d' -e '/^explore_/d' -e '/^observe_/d' \
	-e '/^record_/d' -e '/^describe_/d' "$dir/static" >"$dir/wrong"
none "in the static library, with a name that may be somebody else's:"

"$READELF" -d "$library" >"$dir/dynamic"
sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' "$dir/dynamic" >"$dir/needed"
some needed "$library: needs no library, not even libc"
sed -e '/^libc\.so/d' -e '/^libc\.musl-/d' -e '/^libpthread\.so/d' \
	-e '/^ld-linux/d' -e '/^ld64\.so/d' "$dir/needed" >"$dir/wrong"
none "needed, and not the C library:"

# Only glibc's names have a version, by which they are recognised.
if grep -q '^libc\.so\.6' "$dir/needed"; then
	"$NM" -D --undefined-only "$library" >"$dir/nm"
	some nm "$library: no undefined names found"
	awk '$1 == "U" && $2 !~ /@GLIBC_/ { print $2 }' "$dir/nm" \
		>"$dir/wrong"
	none "undefined, and not in the C library:"
fi

exit $bad
