#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Install the build into a staging tree, and build and run a program outside
# the project on it: with find_package and with pkg-config, before and after
# the tree is moved.  With the argument "inside": with add_subdirectory of the
# sources.  The settings come from CMakeLists.txt.
set -eu
unset DESTDIR MAKEFLAGS CMAKE_PREFIX_PATH CMAKE_GENERATOR LD_LIBRARY_PATH \
	PKG_CONFIG_SYSROOT_DIR || true

here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail()
{
	echo "$*"
	exit 1
}

# quiet COMMAND...: run it, and show its output only if it fails.
quiet()
{
	"$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "failed: $*"; }
}

# runs PROGRAM KIND: check that it works, and which KIND of library it has
# (shared or static).
runs()
{
	"$1" || fail "failed: $1"
	"$READELF" -d "$1" >"$dir/dynamic"
	needs=static
	! grep -q 'NEEDED.*libiommufd-model' "$dir/dynamic" || needs=shared
	test $needs = "$2" || fail "$1: the $needs library, not the $2 one"
}

# with_cmake WHERE OPTION...: all four programs of the consumer project.
with_cmake()
{
	tree=$dir/$1
	shift
	quiet "$CMAKE" -S "$here/consumer" -B "$tree" -G "$GENERATOR" \
		-DCMAKE_BUILD_TYPE="$CONFIG" -DVERSION="$VERSION" "$@"
	quiet "$CMAKE" --build "$tree" \
		--parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-2}"
	for language in c cxx; do
		runs "$tree/shared-$language" shared
		runs "$tree/static-$language" static
	done
	runs "$tree/driver" shared 2>/dev/null
	for kind in static shared; do
		runs "$tree/watched-$kind" $kind
	done
}

# flags OPTION...: what pkg-config says about the library in $stage.
flags()
{
	PKG_CONFIG_LIBDIR=$stage/$LIBDIR/pkgconfig "$PKG_CONFIG" "$@" \
		iommufd-model
}

# compile SOURCE COMPILER...: with the library in $stage.
# shellcheck disable=SC2046 # the flags are lists of words
compile()
{
	main=$here/consumer/$1
	shift
	quiet "$@" -Wall -Wextra -Werror -o "$dir/shared" "$main" \
		$(flags --cflags --libs) -Wl,-rpath,"$stage/$LIBDIR"
	runs "$dir/shared" shared
	quiet "$@" -Wall -Wextra -Werror -o "$dir/static" "$main" \
		$(flags --static --cflags) -Wl,-Bstatic \
		$(flags --static --libs) -Wl,-Bdynamic
	runs "$dir/static" static
}

# watched COMPILER...: with the flags of watched code, for this kind of compiler.
# shellcheck disable=SC2046 # lists of words
watched()
{
	kind=gcc
	! "$1" --version | grep -q clang || kind=clang
	quiet "$@" $(flags --cflags) \
		$(flags --variable=watch_cflags_$kind) \
		-c "$here/consumer/watched.c" -o "$dir/watched.o"
	quiet "$1" "$dir/watched.o" -o "$dir/watched" \
		$(flags --variable=watch_libs_$kind)
	runs "$dir/watched" static
}

# with_pkg_config STAGE
# shellcheck disable=SC2086 # so are these
with_pkg_config()
{
	stage=$1
	quiet flags --atleast-version="$VERSION"
	compile main.c "$CC" ${CFLAGS-} -std=c11
	compile main.cc "$CXX" ${CXXFLAGS-} -std=c++17
	compile driver.c "$CC" ${CFLAGS-} -std=gnu11 \
		-I"$(flags --variable=kernel_names)" 2>/dev/null
	watched "$CC" ${CFLAGS-} -std=c11
}

if test "${1-}" = inside; then
	# Everything is compiled once more, so compile time matters here.
	CONFIG=None
	with_cmake inside -DSOURCE="$SOURCE"
	# A build that lacks a library, as "./model run" makes it, is completed.
	find "$dir/inside" -name 'libiommufd-model.a' -exec rm {} +
	quiet "$CMAKE" --install "$dir/inside" --prefix "$dir/inside-stage"
	! test -e "$dir/inside-stage" ||
		fail "installs itself with its consumer"
	exit 0
fi

quiet "$CMAKE" --install "$BUILD" --config "$CONFIG" --prefix "$dir/stage"
! grep -rlF -e "$SOURCE" -e "$BUILD" -e "$dir" \
	"$dir/stage/$LIBDIR/cmake" "$dir/stage/$LIBDIR/pkgconfig" ||
	fail "names a directory of the build"
! grep -rl iommufd-model-build "$dir/stage/$LIBDIR/cmake" ||
	fail "exports how the library itself is built"

with_cmake found -Diommufd-model_ROOT="$dir/stage"
with_pkg_config "$dir/stage"

mkdir "$dir/elsewhere"
mv "$dir/stage" "$dir/elsewhere/moved"
with_cmake found-moved -Diommufd-model_ROOT="$dir/elsewhere/moved"
with_pkg_config "$dir/elsewhere/moved"
quiet "$dir/elsewhere/moved/$BINDIR/iommufd-model" --version

