#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tree.sh FOLDER TREE [PATCH...]: put the sources of the kernel tree TREE, as far
# as they are needed here, into FOLDER/NAME/source, and print FOLDER/NAME.
#
# TREE is a folder, or debian:VERSION for Debian's package linux-source-X with a
# version that is VERSION or begins with it (the newest of them).  Packages come
# from the mirror that this system uses, by the system's package manager, with
# lists and a cache of their own in FOLDER/apt; no setting of the system changes.
# A folder is copied, so that patches change nothing of it.
#
# Exit code 2, and one sentence, if that is not possible; then nothing is left of
# NAME.
set -eu

folder=$1
tree=$2
shift 2

say()
{
	echo "model: $*" >&2
}

die()
{
	say "$*"
	exit 2
}

# What is taken from a tree.
parts='drivers/iommu include/linux include/uapi/linux lib
tools/testing/selftests/iommu tools/testing/selftests/kselftest_harness.h
tools/testing/selftests/kselftest.h Makefile'

# private COMMAND ARGS...: the package manager, with lists and a cache of our own
private()
{
	command=$1
	shift
	"$command" -q -o Dir::Etc::sourcelist="$folder/apt/sources.list" \
		-o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$folder/apt/lists" \
		-o Dir::Cache="$folder/apt/cache" \
		-o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

# mirror: the address from which this system takes its own release
mirror()
{
	from=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		sed -n 's/^Debian Debian //p' | head -n 1)
	test -n "$from" || from=$(apt-get indextargets \
		--format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		grep '/debian/*$' | head -n 1)
	echo "$from"
}

# suites NAME...: write the list of these suites
suites()
{
	from=$(mirror)
	test -n "$from" ||
		die "this system has no mirror of Debian to take $tree from"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	options=
	test ! -e "$keys" || options="[signed-by=$keys] "
	for suite in "$@"; do
		echo "deb $options$from $suite main"
	done >"$folder/apt/sources.list"
	private apt-get update >"$folder/apt/log" 2>&1 || true
}

# All releases from the last one on, by their names as well: a mirror may have
# the backports under one of the two only, or older ones under one.
known='oldstable stable testing unstable experimental
oldstable-backports stable-backports'
all_suites()
{
	# shellcheck disable=SC2086
	suites $known
	names=$(private apt-get indextargets --format '$(CODENAME)' \
		'Created-By: Packages' 2>/dev/null | sed 's/-backports$//' |
		sort -u)
	# shellcheck disable=SC2046,SC2086
	suites $known $(for name in $names; do
		echo "$name-backports"
	done)
}

# newest VERSION: "PACKAGE VERSION" of the newest package that matches
newest()
{
	private apt-cache madison "$(echo "$1" |
		sed 's/^\([0-9]*\.[0-9]*\).*/linux-source-\1/')" 2>/dev/null |
	sed 's/ *| */ /g; s/^ *//' | while read -r package version _; do
		case $version in
		"$1"|"$1"[.~+-]*)
			echo "$package $version" ;;
		esac
	done | sort -u | {
		best=
		while read -r package version; do
			if test -z "$best" ||
				dpkg --compare-versions "$version" gt "$best"
			then
				best=$version
				name=$package
			fi
		done
		test -z "$best" || echo "$name $best"
	}
}

# unpack ARCHIVE TO: take the parts that are needed; a tree need not have all
unpack()
{
	mkdir -p "$2"
	patterns=
	for part in $parts; do
		patterns="$patterns */$part"
	done
	set -f	# the patterns are for tar
	# shellcheck disable=SC2086
	tar -xf "$1" -C "$2" --strip-components=1 --wildcards $patterns \
		2>/dev/null || true
	set +f
}

# copy FROM TO: the same from a folder
copy()
{
	mkdir -p "$2"
	for part in $parts; do
		test ! -e "$1/$part" || {
			mkdir -p "$2/$(dirname "$part")"
			cp -rL "$1/$part" "$2/$part"
		}
	done
}

is_tree()
{
	test -e "$1/drivers/iommu/iommufd/main.c" && test -e "$1/Makefile"
}

# mend FOLDER: the kernel whose answers were recorded had one line more in its
# mock: a command queue remembers its own index, under which the mock's vIOMMU
# forgets it.  Without it the mock, and only the mock, forgets the first queue.
mend()
{
	mock=$1/drivers/iommu/iommufd/selftest.c
	if grep -q 'mock_hw_queue->index' "$mock" &&
		! grep -q 'mock_hw_queue->index = ' "$mock"; then
		sed -i 's/^\([[:space:]]*\)\(mock_hw_queue->\)prev = .*/&\
\1\2index = index;/' "$mock"
	fi
}

# version FOLDER: the version that a tree's Makefile has
version()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\|EXTRAVERSION\) *= *//p' \
		"$1/Makefile" | head -n 4 |
		{ read -r a; read -r b; read -r c; read -r d || d=
		  echo "$a.$b.$c$d"; }
}

case $tree in
debian:*)
	wanted=${tree#debian:}
	case $wanted in
	[0-9]*.[0-9]*) ;;
	*) die "$tree: a version has the form debian:7.3 or debian:7.3~rc7" ;;
	esac
	mkdir -p "$folder/apt/lists/partial" \
		"$folder/apt/cache/archives/partial"
	cached=$(find "$folder" -maxdepth 1 -name 'debian-*' ! -name '*.new' \
		! -name '*+patched-*' | sed 's,.*/debian-,,' |
		grep "^$(echo "$wanted" | sed 's/[.+]/\\&/g')\([.~+-].*\)*$" |
		sort -V | tail -n 1)
	if test -n "$cached" && is_tree "$folder/debian-$cached/source" &&
		test $# -eq 0; then
		echo "$folder/debian-$cached"
		exit 0
	fi
	say "looking for linux-source $wanted in Debian's packages"
	all_suites
	found=$(newest "$wanted")
	test -n "$found" ||
		die "$tree: no package with that version can be reached" \
			"(the log is $folder/apt/log)"
	package=${found% *}
	full=${found#* }
	name=debian-$full
	;;
*)
	test -d "$tree" || die "$tree: no such folder, and not debian:VERSION"
	is_tree "$tree" || die "$tree: no kernel tree with" \
		"drivers/iommu/iommufd in it"
	name=$(basename "$(cd "$tree" && pwd)")-$(version "$tree")
	;;
esac

for patch in "$@"; do
	test -r "$patch" || die "$patch: cannot be read"
done
if test $# -gt 0; then
	name=$name+patched-$(cat "$@" | cksum | cut -d ' ' -f 1)
fi
work=$folder/$name
trap 'rm -rf "$work.new"' EXIT
rm -rf "$work.new"
case $tree in
debian:*)
	if ! is_tree "$work/source"; then
		say "downloading $package $full"
		(cd "$folder/apt/cache" &&
			private apt-get download "$package=$full" \
				>"$folder/apt/log" 2>&1) ||
			die "$tree: the download of $package failed (the log" \
				"is $folder/apt/log)"
		say "unpacking it"
		dpkg-deb --fsys-tarfile "$folder"/apt/cache/"$package"_*.deb |
			tar -xO --wildcards '*/linux-source-*.tar.*' \
			>"$folder/apt/cache/source.tar.xz"
		unpack "$folder/apt/cache/source.tar.xz" "$work.new/source"
		rm -f "$folder/apt/cache/source.tar.xz" \
			"$folder"/apt/cache/"$package"_*.deb
	fi
	;;
*)
	# Always anew: the folder may have changed.
	copy "$tree" "$work.new/source"
	;;
esac
if test -d "$work.new"; then
	is_tree "$work.new/source" || die "$tree: the sources are not complete"
	mend "$work.new/source"
	for patch in "$@"; do
		case $patch in
		/*) ;;
		*) patch=$PWD/$patch ;;
		esac
		(cd "$work.new/source" && patch -s -f -p1 <"$patch") >&2 ||
			die "$patch does not apply to $tree"
	done
	mkdir -p "$work"
	# Files that are the same keep their time, so that little is built.
	if test -d "$work/source" && command -v rsync >/dev/null; then
		rsync -a --checksum --delete "$work.new/source/" "$work/source/"
	else
		rm -rf "$work/source"
		mv "$work.new/source" "$work/source"
	fi
fi
echo "$work"
