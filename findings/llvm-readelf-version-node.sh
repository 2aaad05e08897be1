#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: the symbol of a version node, as the two readelf programs print it.
#
# The guess: LLVM's readelf and nm print what GNU's do.  LLVM documents the style
# as GNU's, and CMake takes its tools for CMAKE_READELF and CMAKE_NM, instead of
# GNU's, when the compiler is clang and LLVM's tools are installed.  So a script
# that lists what a library exports, with versions, works with both.
#
# The truth: a library that is linked with a version script has, beside its
# functions, an absolute symbol with the name of the version node.  All of these
# tools print a function as "first@@LIB_1".  For the node, GNU's readelf and nm
# print "LIB_1", and LLVM's print "LIB_1@@LIB_1".  LLVM 14's nm prints versions
# without being asked, and refuses the option by which GNU's is asked for them.
#
# Why it matters: a Debian package's symbols file has a line for the node, so a
# check of that file, or a comparison of the exports of two builds, passes with gcc
# and fails with clang although the libraries export the same.  It may be that
# nobody sees it until LLVM's tools are installed beside the compiler.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, a C compiler that links.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir packages unpacked
(
	cd packages
	apt-get -qq download binutils-x86-64-linux-gnu=2.40-2 \
		libbinutils=2.40-2 libctf-nobfd0=2.40-2 libctf0=2.40-2 \
		libjansson4=2.14-2 llvm-14=1:14.0.6-12 libllvm14=1:14.0.6-12 \
		2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
lib=$dir/unpacked/usr/lib
export LD_LIBRARY_PATH="$lib/x86_64-linux-gnu:$lib/llvm-14/lib"
gnu=$dir/unpacked/usr/bin/x86_64-linux-gnu-
llvm=$lib/llvm-14/bin/llvm-

echo 'int first(void) { return 1; }' >library.c
echo 'LIB_1 { global: first; local: *; };' >map
env -u LD_LIBRARY_PATH cc -shared -fPIC -Wl,--version-script=map -o library.so \
	library.c

# With --dyn-syms the name is the eighth word, and "ABS" the seventh.
readelf_of() { "$1readelf" -W --dyn-syms library.so | awk '$8 ~ /LIB_1/ { print $8 }'; }
{
	echo "readelf of GNU: $(readelf_of "$gnu" | sort | paste -sd ' ')"
	echo "readelf of LLVM: $(readelf_of "$llvm" | sort | paste -sd ' ')"
	echo "nm of GNU: $("${gnu}nm" -D --with-symbol-versions library.so |
		awk '/LIB_1/ { print $3 }' | sort | paste -sd ' ')"
	echo "nm of LLVM: $("${llvm}nm" -D library.so |
		awk '/LIB_1/ { print $3 }' | sort | paste -sd ' ')"
	if "${llvm}nm" -D --with-symbol-versions library.so >/dev/null 2>&1; then
		echo "nm of LLVM takes --with-symbol-versions"
	else
		echo "nm of LLVM refuses --with-symbol-versions"
	fi
} >seen
"${gnu}readelf" --version | head -n 1
"${llvm}readelf" --version | grep -o 'LLVM version.*'
cat seen
cat >expected <<'E'
readelf of GNU: LIB_1 first@@LIB_1
readelf of LLVM: LIB_1@@LIB_1 first@@LIB_1
nm of GNU: LIB_1 first@@LIB_1
nm of LLVM: LIB_1@@LIB_1 first@@LIB_1
nm of LLVM refuses --with-symbol-versions
E
if ! cmp -s expected seen; then
	echo "this has changed" >&2
	exit 1
fi
