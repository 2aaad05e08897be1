#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: headers, and sources whose path has a letter that a shell would take for its
# own, built by CMake with the Ninja generator.
#
# The guess: CMake quotes such a path in commands, as a shell reads these, and the
# rest of the build file needs no quotes.  So an object of such a source is built again
# when a header has changed, like any other.
#
# The truth: CMake 3.25 writes the name of the file with the object's headers into the
# build file once, with the quotes for the shell, and uses it in the command and for
# ninja as well.  The compiler writes the file without quotes.  Ninja 1.11 looks for a
# file whose name begins and ends with a quote, finds none, takes that for an object
# without headers, and says nothing.  Letters that have this effect are "~" and "(";
# "+", "=", "," and "@" have not.
#
# Why it matters: the versions of Debian's packages of kernel sources have "~", as in
# backports and release candidates, and a folder is easily named after one.  The first
# build is right.  After a change of a header the objects of those sources are linked as
# they are, to others that have been compiled with the new header.
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
		ninja-build=1.11.1-2~deb12u1 \
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

# In place of a compiler, which need not be there: it makes the object, and the file
# with its headers as gcc does for -MD -MT TARGET -MF FILE.
cat >compiler <<'END'
#!/bin/sh
while test $# -gt 0; do
	case $1 in
	-MT) target=$2 ;;
	-MF) list=$2 ;;
	-o) object=$2 ;;
	esac
	source=$1
	shift
done
echo "$target: $source HEADER" | sed "s,HEADER,$(dirname "$0")/project/h.h," >"$list"
echo >"$object"
END
chmod +x compiler

mkdir project
cat >project/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
set(CMAKE_C_COMPILER $dir/compiler)
set(CMAKE_C_COMPILER_FORCED TRUE)
set(CMAKE_DEPFILE_FLAGS_C "-MD -MT <DEP_TARGET> -MF <DEP_FILE>")
set(CMAKE_C_DEPFILE_FORMAT gcc)
project(probe C)
END
touch project/h.h
for folder in 'a' 'a+b' 'a=b' 'a,b' 'a@b' 'a~b' 'a(b'; do
	mkdir "project/$folder"
	touch "project/$folder/f.c"
	echo "\"$folder/f.c\""
done >sources
{
	echo 'add_library(one OBJECT'
	cat sources
	echo ')'
} >>project/CMakeLists.txt

cmake -G Ninja -S project -B build >log 2>&1 || { cat log >&2; exit 1; }
ninja -C build >log || { cat log >&2; exit 1; }
sleep 1
touch project/h.h
seen=$(ninja -C build -n -v | sed -n 's,.* -c .*/project/\(.*\)/f\.c.*,\1,p' | sort)
echo "cmake $(cmake --version | sed -n 's/.*version //p'), ninja $(ninja --version)," \
	"folders that are compiled again after a change of their header:"
echo "$seen" | sed 's/^/    /'
expected=$(printf '%s\n' 'a' 'a+b' 'a=b' 'a,b' 'a@b' | sort)
if [ "$seen" != "$expected" ]; then
	echo "this has changed; it was:"
	echo "$expected"
	exit 1
fi
