#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# apply.sh SOURCE DIFF TARGET FILE... - copy the files of the tree SOURCE into
# TARGET and apply DIFF there.  A diff that does not apply as it is, without fuzz
# and with each hunk where it says, stops the build.
set -eu

source=$1
diff=$2
target=$3
shift 3

rm -rf "$target"
for file; do
	mkdir -p "$target/$(dirname "$file")"
	cp "$source/$file" "$target/$file"
done
if ! patch -s -p1 -F0 -d "$target" <"$diff" >"$target/patch.log" 2>&1; then
	echo "zoo: $diff no longer applies; the source has changed:" >&2
	cat "$target/patch.log" >&2
	rm -rf "$target"
	exit 1
fi
# A file is unchanged if the diff changes nothing in it, or if patch has
# tolerated an offset.
for file; do
	! cmp -s "$source/$file" "$target/$file" || {
		echo "zoo: $diff changes nothing in $file" >&2
		exit 1
	}
done
