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
# A folder is copied, so that patches change nothing of it.  Of a patch, only what
# it changes in the copied files is applied.
#
# Exit code 2, and a sentence, if that is not possible.  Everything is made in
# FOLDER/NAME.new, of which nothing is left then, nor after an interrupt.
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

# private COMMAND ARGS...: the package manager, with lists and a cache of our own,
# which systems in containers do not keep.
private()
{
	command=$1
	shift
	"$command" -q -o Dir::Etc::sourcelist="$apt/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
		-o Dir::Cache="$apt/cache" \
		-o Dir::Cache::pkgcache=packages.bin \
		-o Dir::Cache::srcpkgcache= \
		-o Acquire::Retries=0 -o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

# mirror: the address from which this system takes its own release
mirror()
{
	# shellcheck disable=SC2016
	from=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		sed -n 's/^Debian Debian //p' | head -n 1)
	# shellcheck disable=SC2016
	test -n "$from" || from=$(apt-get indextargets \
		--format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		grep '/debian/*$' | head -n 1)
	echo "$from"
}

# suites NAME...: write the list of these suites
suites()
{
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	options=
	test ! -e "$keys" || options="[signed-by=$keys] "
	for suite in "$@"; do
		echo "deb $options$from $suite main"
	done >"$apt/sources.list"
}

# fetch NAME...: fetch the lists of these suites; those of others stay
fetch()
{
	suites "$@"
	# Not yet its cache: there may be another list.
	private apt-get -o pkgCacheFile::Generate=false \
		-o APT::Get::List-Cleanup=false update >>"$apt/log" 2>&1 || true
}

# All releases from the last one on, by their names as well: a mirror may have
# the backports under one of the two only, or older ones under one.
known='oldstable stable testing unstable experimental
oldstable-backports stable-backports'
all_suites()
{
	from=$(mirror)
	test -n "$from" || die "$tree: this system has no mirror of Debian to" \
		"take a package from; give a folder with a kernel's sources"
	: >"$apt/log"
	# shellcheck disable=SC2086
	fetch $known
	# shellcheck disable=SC2016
	names=$(private apt-get indextargets --format '$(CODENAME)' \
		'Created-By: Packages' 2>/dev/null | sed 's/-backports$//' |
		sort -u)
	names=$(for name in $names; do
		echo "$name-backports"
	done)
	# shellcheck disable=SC2086
	fetch $names
	# shellcheck disable=SC2086
	suites $known $names
}

# packages: the versions in the names of the packages
packages()
{
	private apt-cache pkgnames linux-source- 2>/dev/null |
		sed -n 's/^linux-source-\([0-9][0-9.]*\)$/\1/p' | sort -V
}

# newest VERSION: "PACKAGE VERSION SUITE" of the newest package that matches
newest()
{
	# shellcheck disable=SC2046
	private apt-cache madison $(packages | sed 's/^/linux-source-/') \
		2>/dev/null |
	sed 's/ *| */ /g; s/^ *//' | while read -r package version _ suite _; do
		case $version in
		"$1"|"$1"[.~+-]*)
			echo "$package $version ${suite%/main}" ;;
		esac
	done | sort -u | {
		best=
		while read -r package version suite; do
			if test -z "$best" ||
				dpkg --compare-versions "$version" gt "$best"
			then
				best=$version
				name=$package
				in=$suite
			fi
		done
		test -z "$best" || echo "$name $best $in"
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
	tar -xf "$1" -C "$2" --strip-components=1 --wildcards \
		--no-wildcards-match-slash $patterns \
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

# What a tree must have.
needed='Makefile drivers/iommu/iommufd/Makefile drivers/iommu/iommufd/main.c
drivers/iommu/iommufd/selftest.c drivers/iommu/iommufd/iommufd_test.h
include/linux/iommufd.h include/uapi/linux/iommufd.h'

# missing FOLDER: print the first file that a tree must have and this has not
missing()
{
	for file in $needed; do
		test -e "$1/$file" || {
			echo "$file"
			return
		}
	done
}

is_tree()
{
	test -z "$(missing "$1")"
}

# check FOLDER: it is a tree, or say what it is
check()
{
	file=$(missing "$1")
	test -n "$file" || return 0
	test -e "$1/Makefile" || die "$tree: no kernel tree: it has no Makefile"
	test -d "$1/drivers/iommu" ||
		die "$tree: no kernel tree: it has no drivers/iommu"
	test -d "$1/drivers/iommu/iommufd" ||
		die "$tree: this is Linux $(version "$1"), which has no" \
			"drivers/iommu/iommufd; it came with 6.2"
	die "$tree: this tree of Linux $(version "$1") has no $file, which is" \
		"compiled here"
}

# apply PATCH FOLDER: what PATCH changes in the parts that are there
apply()
{
	: >"$work.new/left"
	awk -v parts="$parts" -v left="$work.new/left" -f "$here/patch.awk" \
		"$1" >"$work.new/patch"
	test ! -s "$work.new/left" ||
		say "$1: left out, not compiled here:" \
			"$(sort -u "$work.new/left" | tr '\n' ' ')"
	test -s "$work.new/patch" ||
		die "$1 changes nothing that is compiled here"
	patch -d "$2" -s -f -p1 <"$work.new/patch" >"$work.new/log" 2>&1 || {
		grep -i 'fail\|find\|reversed\|malformed' "$work.new/log" |
			head -n 5 | sed 's/^\(.*\) -- saving rejects to file \(.*\)\.rej$/\2: \1/
				s/^/	/' >&2
		die "$1 does not apply to $tree"
	}
}

# update FROM TO: make the folder TO equal to FROM; files that are equal keep
# their time, so that only others are compiled again
update()
{
	LC_ALL=C diff -rq "$1" "$2" | while read -r line; do
		case $line in
		"Only in $1"*)
			file=${line#"Only in $1"}
			file=${file%%: *}/${file#*: }
			cp -r "$1$file" "$2$file" ;;
		"Only in $2"*)
			file=${line#"Only in $2"}
			rm -rf "${2:?}${file%%: *}/${file#*: }" ;;
		"Files "*)
			file=${line#"Files $1"}
			file=${file%" and $2"*}
			cp "$1$file" "$2$file" ;;
		esac
	done
}

# unreachable: whether the log says that the mirror did not answer
unreachable()
{
	grep -qiE "could not (resolve|connect)|connection (failed|refused|timed)|\
network is unreachable|temporary failure|cannot initiate|no route" \
		"$apt/log"
}

# mend FOLDER: add a line to the tree's mock, which the kernel whose answers the
# tests compare had as well.  With it a command queue stores its own index, at
# which the destroy of the queue clears the mock's table of queues.  Without it
# the destroy of any queue clears the entry of the first one.  Only the mock has
# this bug.
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

here=$(dirname "$0")
work=
# Also when it is interrupted, which a shell does not count as an exit.
clean()
{
	test -z "$work" || rm -rf "$work.new"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

for patch in "$@"; do
	test -f "$patch" || die "$patch: no such file"
	test -r "$patch" || die "$patch: cannot be read"
done

case $tree in
debian:*)
	wanted=${tree#debian:}
	case $wanted in
	"" | [!0-9]* | *[!0-9A-Za-z.~+-]*)
		die "$tree: a version has the form debian:7.3 or" \
			"debian:7.3~rc7" ;;
	esac
	# A folder has "_" for "~": in front of a path with that letter, CMake has
	# quotes which ninja takes for a part of it, and then it knows no header.
	cached=$(find "$folder" -maxdepth 1 -name 'debian-*' ! -name '*.new' \
		! -name '*+patched' 2>/dev/null |
		sed 's,.*/debian-,,; s/_/~/g' |
		grep "^$(echo "$wanted" | sed 's/[.+]/\\&/g')\([.~+-].*\)*$" |
		sort -V | tail -n 1)
	name=debian-$(echo "$cached" | tr '~' _)
	if test -z "$cached" || ! is_tree "$folder/$name/source"; then
		mkdir -p "$folder/apt/lists/partial" \
			"$folder/apt/cache/archives/partial"
		apt=$(cd "$folder/apt" && pwd)	# apt-get wants full names
		say "looking for linux-source $wanted in Debian's packages"
		all_suites
		found=$(newest "$wanted")
		test -n "$found" || ! unreachable ||
			die "$tree: Debian's mirror cannot be reached; is" \
				"there a network? (the log is $apt/log)"
		test -n "$found" || die "$tree: Debian's mirror has no package" \
			"with that version, but these:" \
			"$(packages | tr '\n' ' ')"
		package=${found%% *}
		suite=${found##* }
		full=${found#* }
		full=${full% *}
		name=debian-$(echo "$full" | tr '~' _)
	fi
	;;
*)
	test -d "$tree" || die "$tree: no such folder, and not debian:VERSION"
	check "$tree"
	# A name for CMake and for make, which do not like all letters.
	name=$(basename "$(cd "$tree" && pwd)" | LC_ALL=C tr -c \
		'A-Za-z0-9._+\n-' _)-$(version "$tree")
	;;
esac

original=$name
if test $# -gt 0; then
	# One copy for all patches, so that only what differs is compiled again.
	name=$name+patched
fi
patches=$(cat /dev/null "$@" | cksum)
work=$folder/$name
rm -rf "$work.new"
case $tree in
debian:*)
	if is_tree "$work/source" && { test $# -eq 0 ||
		test "$(cat "$work/patches" 2>/dev/null)" = "$patches"; }; then
		:	# the same version and the same patches
	elif is_tree "$folder/$original/source"; then
		copy "$folder/$original/source" "$work.new/source"
	else
		say "downloading $package $full"
		mkdir -p "$work.new"
		# A cache of all suites would take seconds.
		suites "$suite"
		(cd "$work.new" &&
			private apt-get download "$package=$full" \
				>"$apt/log" 2>&1) ||
			die "$tree: the download of $package failed; is there" \
				"a network? (the log is $apt/log)"
		rm -f "$apt/cache/packages.bin"		# large
		say "unpacking it"
		dpkg-deb --fsys-tarfile "$work.new/$package"_*.deb |
			tar -xO --wildcards '*/linux-source-*.tar.*' \
			>"$work.new/source.tar.xz"
		unpack "$work.new/source.tar.xz" "$work.new/source"
		check "$work.new/source"
	fi
	;;
*)
	# Always anew: the folder may have changed.
	copy "$tree" "$work.new/source"
	;;
esac
if test -d "$work.new"; then
	mend "$work.new/source"
	for patch in "$@"; do
		apply "$patch" "$work.new/source"
	done
	if test -d "$work/source"; then
		rm -f "$work/patches"
		update "$work.new/source" "$work/source"
	else
		rm -rf "$work"
		mkdir "$work.new/tree"
		mv "$work.new/source" "$work.new/tree"
		mv "$work.new/tree" "$work"
	fi
	echo "$patches" >"$work/patches"
fi
echo "$work"
