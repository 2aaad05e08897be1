#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# debian/build.sh FOLDER - build the packages, and the source package, in FOLDER.
# It works on a copy, because dpkg-buildpackage writes into its tree and next to it.
set -eu

cd "$(dirname "$0")/.."
name=$(dpkg-parsechangelog -S Source)
version=$(dpkg-parsechangelog -S Version)
mkdir -p "$1"
into=$(readlink -f "$1")
source=$into/$name-$version

# Files of an earlier build could be taken for this one's.
rm -rf "$source" "$into/${name}_"* "$into/"*.deb
mkdir "$source"
# A file that git knows may have been removed.
{
	git ls-files --cached --others --exclude-standard 2>/dev/null ||
		find . \( -path "./build*" -o -path ./.git \) -prune \
			-o ! -type d -printf "%P\n"
} | while IFS= read -r file; do
	test ! -e "$file" || printf '%s\n' "$file"
done | tar -cf - -T - | tar -xf - -C "$source"

cd "$source"
exec dpkg-buildpackage --no-sign
