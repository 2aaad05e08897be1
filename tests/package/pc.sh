#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The pkg-config file finds its tree from its own place, however deep libdir
# is, and names directories outside the prefix as they are.
set -eu
unset DESTDIR PKG_CONFIG_SYSROOT_DIR || true

dir=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$dir"' EXIT
bad=0

# is VARIABLE WANTED: of the .pc file in $pcdir; what exists has many names.
is()
{
	value=$(PKG_CONFIG_LIBDIR=$pcdir "$PKG_CONFIG" --variable="$1" \
		iommufd-model)
	test "$value" = "$2" && return
	test "$(cd "$value" 2>/dev/null && pwd -P)" = "$2" && return
	echo "$what: $1 is $value, not $2"
	bad=1
}

# layout LIBDIR INCLUDEDIR WHERE: configure so with prefix /prefix, and put the
# .pc file into WHERE/pkgconfig.
layout()
{
	what="libdir $1, includedir $2"
	pcdir=$3/pkgconfig
	rm -rf "$dir/build"
	"$CMAKE" -S "$SOURCE" -B "$dir/build" -G "$GENERATOR" \
		-DIOMMUFD_MODEL_TESTS=OFF -DIOMMUFD_MODEL_BENCH=OFF \
		-DCMAKE_INSTALL_PREFIX=/prefix -DCMAKE_INSTALL_LIBDIR="$1" \
		-DCMAKE_INSTALL_INCLUDEDIR="$2" >"$dir/log" 2>&1 ||
		{ cat "$dir/log"; exit 1; }
	mkdir -p "$pcdir"
	cp "$dir/build/cmake/iommufd-model.pc" "$pcdir"
}

mkdir -p "$dir/a/include" "$dir/b/a/b" "$dir/d"

layout lib/x86_64-linux-gnu include "$dir/a/lib/x86_64-linux-gnu"
is prefix "$dir/a"
is libdir "$dir/a/lib/x86_64-linux-gnu"
is includedir "$dir/a/include"

layout /prefix/lib64 /prefix/a/b "$dir/b/lib64"
is prefix "$dir/b"
is libdir "$dir/b/lib64"
is includedir "$dir/b/a/b"

layout /elsewhere/lib include "$dir/c/lib"
is prefix /prefix
is libdir /elsewhere/lib
is includedir /prefix/include

layout lib /elsewhere/include "$dir/d/lib"
is prefix "$dir/d"
is libdir "$dir/d/lib"
is includedir /elsewhere/include

exit $bad
