#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# build.sh CMAKE DIRECTORY TARGET [FOLDER] - build with as many jobs as the
# environment says, and remove FOLDER, where tests have put what they compiled.
rm -rf ${4+"$4"}
# With large pages the linker takes a quarter less time.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
exec "$1" --build "$2" --target "$3" \
	--parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-2}"
