#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: the paths that CMake gives for the objects of a target depend on the
# generator.
#
# The guess: $<TARGET_OBJECTS:one> names the objects of a/f.c in the same way
# with each generator that has one configuration, DIR/one.dir/a/f.c.o, so an
# expression such as $<FILTER:$<TARGET_OBJECTS:one>,EXCLUDE,one.dir/a/> leaves
# out the same objects.
#
# The truth: with the Ninja generator the path is DIR/one.dir/./a/f.c.o, with a
# "./" in the middle, though the command that builds the object and the build
# directory have DIR/one.dir/a/f.c.o.  The filter matches nothing and there is no
# message.
#
# Why it matters: a static library that is made of another one's objects but for
# some, which are compiled anew with a sanitizer's callbacks, silently has both.
# The linker takes either, so a part of a program is not instrumented, and a race
# detector finds nothing there.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download cmake=3.25.1-1 cmake-data=3.25.1-1 \
		ninja-build=1.11.1-2~deb12u1 make=4.3-4.1 \
		libarchive13 libbrotli1 libcurl4 libjsoncpp25 libldap-2.5-0 \
		libnghttp2-14 libpsl5 librhash0 librtmp1 libsasl2-2 libssh2-1 \
		libuv1 libxml2 libicu72 2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
LD_LIBRARY_PATH=$dir/unpacked/usr/lib/x86_64-linux-gnu
PATH=$dir/unpacked/usr/bin:$PATH
export LD_LIBRARY_PATH PATH

# Nothing is compiled, so there need be no compiler.
mkdir project project/a project/b
echo 'int f(void);' >project/a/f.c
echo 'int g(void);' >project/b/g.c
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
set(CMAKE_C_COMPILER /bin/true)
set(CMAKE_C_COMPILER_FORCED TRUE)
project(probe C)
add_library(one STATIC a/f.c b/g.c)
file(GENERATE OUTPUT list CONTENT "all: $<TARGET_OBJECTS:one>
left: $<FILTER:$<TARGET_OBJECTS:one>,EXCLUDE,one.dir/a/>
")
END

# objects GENERATOR FOLDER
objects()
{
	"$dir/unpacked/usr/bin/cmake" -G "$1" -S project -B "$2" >log 2>&1 || {
		cat log >&2
		exit 1
	}
	sed "s|[^ ;]*/CMakeFiles/||g; s/;/ /g" "$2/list"
}

# expect GENERATOR FOLDER TEXT
expect()
{
	seen=$(objects "$1" "$2")
	echo "CMake 3.25.1-1, $1:"
	echo "$seen" | sed 's/^/    /'
	if [ "$seen" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

expect "Unix Makefiles" make 'all: one.dir/a/f.c.o one.dir/b/g.c.o
left: one.dir/b/g.c.o'
expect Ninja ninja 'all: one.dir/./a/f.c.o one.dir/./b/g.c.o
left: one.dir/./a/f.c.o one.dir/./b/g.c.o'
