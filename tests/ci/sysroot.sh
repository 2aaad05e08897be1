#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# sysroot.sh NAME [JOBS] - the libraries of a preset for another machine or another C
# library, in build/sysroot/NAME, which is left alone if it is there.
#
# NAME is MACHINE-linux-gnu: Debian's packages are unpacked, not installed.  Or it is
# musl: Debian's sources of the two libraries are compiled.  The packages are those
# of the release that runs here, from the mirror that apt uses.
set -eu

cd "$(dirname "$0")/../.."
name=$1
jobs=${2:-2}
to=build/sysroot/$name
test ! -e "$to" || exit 0
mkdir -p build/sysroot
# Finished, or not there.
new=$PWD/build/sysroot/new-$name
rm -rf "$new"

# archives TYPE: a line of sources.list for each archive of Debian's own.
archives()
{
	apt-get indextargets --format "$1"' $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' 'Origin: Debian' \
		"Architecture: $(dpkg --print-architecture)"
}

test -n "$(archives deb)" || {
	echo "apt knows no archive of Debian (apt-get update)"
	exit 2
}

unpack()
{
	architecture=$(dpkg-architecture -t "$name" -q DEB_TARGET_ARCH)
	suite=$(archives deb | sed -n '1s/.* \([^ ]*\) [^ ]*$/\1/p')
	archives deb | mmdebstrap --variant=extract \
		--architectures="$architecture" \
		--include=libc6-dev,libjansson-dev,check \
		"$suite" "$new" -
}

# compile FOLDER OPTION...
compile()
{
	from=$1
	shift
	CFLAGS=-I$new/include cmake -S "$from" -B "$from/made" \
		-DCMAKE_C_COMPILER=musl-gcc \
		-DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$new" \
		-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POLICY_VERSION_MINIMUM=3.5 \
		"$@"
	cmake --build "$from/made" --parallel "$jobs"
	cmake --install "$from/made"
}

# The lists of the sources are kept apart from the system's.
compile_for_musl()
{
	mkdir -p "$new/apt/lists/partial" "$new/include"
	archives deb-src >"$new/apt/sources"
	set -- -o Dir::Etc::SourceList="$new/apt/sources" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$new/apt/lists" -o APT::Sandbox::User=
	apt-get "$@" update
	(cd "$new/apt" && apt-get "$@" source jansson check)
	# The kernel's own headers, which are the same for all C libraries.
	for folder in linux asm-generic; do
		ln -s "/usr/include/$folder" "$new/include/$folder"
	done
	ln -s "/usr/include/$(dpkg-architecture -q DEB_HOST_MULTIARCH)/asm" \
		"$new/include/asm"
	compile "$(echo "$new"/apt/jansson-*/)" -DJANSSON_BUILD_DOCS=OFF \
		-DJANSSON_WITHOUT_TESTS=ON
	compile "$(echo "$new"/apt/check-*/)" -DBUILD_TESTING=OFF \
		-DCHECK_ENABLE_TESTS=OFF -DHAVE_SUBUNIT=0
	# Its .pc file names the library as Debian does.
	ln -s libcheck.a "$new/lib/libcheck_pic.a"
	rm "$new"/lib/*.so*
	sed -i "s,$new,$PWD/$to,g" "$new"/lib/pkgconfig/*.pc
	rm -rf "$new/apt"
}

case $name in
musl) compile_for_musl ;;
*) unpack ;;
esac
mv "$new" "$to"
