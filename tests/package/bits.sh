#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# A compiler for 32 bits is refused when the build is configured, with the reason.
set -u

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# configure OPTION...: nothing is linked, so that no 32-bit library is needed.
configure()
{
	rm -rf "$dir/build"
	"$CMAKE" -S "$SOURCE" -B "$dir/build" -G "$GENERATOR" \
		-DCMAKE_C_COMPILER="$CC" -DIOMMUFD_MODEL_CLI=OFF \
		-DIOMMUFD_MODEL_TESTS=OFF -DIOMMUFD_MODEL_BENCH=OFF \
		-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
		"$@" >"$dir/log" 2>&1
}

echo 'int size[sizeof(void *) == 4 ? 1 : -1];' >"$dir/size.c"
"$CC" -m32 -c "$dir/size.c" -o "$dir/size.o" >/dev/null 2>&1 || {
	echo "skipped: the compiler has no -m32"
	exit 77
}
if configure -DCMAKE_C_FLAGS=-m32 || ! tr -s '\n ' ' ' <"$dir/log" |
		grep -q 'needs a compiler for 64 bits.* pointers of 32 bits'; then
	cat "$dir/log"
	echo "32 bits are not refused with that reason"
	exit 1
fi
configure || {
	cat "$dir/log"
	echo "64 bits are refused"
	exit 1
}
