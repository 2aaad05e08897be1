#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# refused.sh C|CXX COMPILER OPTION... - check statements that must not compile.
# Beside each is a statement that must, so that a typing error is noticed.
set -u

language=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
case $language in
C)	name=main.c standard=c11 ;;
CXX)	name=main.cc standard=c++17 ;;
esac
bad=0 cases=0

compiler="$*"
# compile STATEMENT: the statement may use some variables.
compile()
{
	cat >"$dir/$name" <<-END
	#include <iommufd_model/kernel.h>
	int i; unsigned int u; u64 reg; char a[4];
	int fn(void);
	int fn(void)
	{
		$1;
		return 0;
	}
	END
	# shellcheck disable=SC2086 # the compiler and its options are words
	$compiler -std=$standard -Wall -Wextra -Wpedantic -Werror \
		-c -o "$dir/main.o" "$dir/$name" >"$dir/log" 2>&1
}

# try RIGHT WRONG
try()
{
	cases=$((cases + 1))
	compile "$1" || {
		cat "$dir/log"
		echo "does not compile: $1"
		bad=1
	}
	! compile "$2" || {
		echo "is not refused: $2"
		bad=1
	}
}

try 'reg = GENMASK(7, 4)' 'reg = GENMASK(4, 7)'
try 'reg = GENMASK(63, 0)' 'reg = GENMASK(64, 0)'
try 'reg = BIT_U8(7)' 'reg = BIT_U8(8)'
try 'BUILD_BUG_ON(sizeof(a) != 4)' 'BUILD_BUG_ON(sizeof(a) == 4)'
try 'BUILD_BUG_ON_MSG(0, "text")' 'BUILD_BUG_ON_MSG(1, "text")'
try 'i = BUILD_BUG_ON_ZERO(0)' 'i = BUILD_BUG_ON_ZERO(1)'
try 'BUILD_BUG_ON_NOT_POWER_OF_2(4)' 'BUILD_BUG_ON_NOT_POWER_OF_2(6)'
try 'ASSERT_STRUCT_OFFSET(struct list_head, prev, 8)' \
	'ASSERT_STRUCT_OFFSET(struct list_head, prev, 4)'
try 'reg = FIELD_PREP(GENMASK(7, 4), 15)' 'reg = FIELD_PREP(GENMASK(7, 4), 16)'
try 'reg = FIELD_PREP(0xf0, i)' 'reg = FIELD_PREP(0, i)'
try 'reg = FIELD_GET(0xf0, reg)' 'reg = FIELD_GET(0x90, reg)'
try 'i = size_add(1, 2) > 1' 'size_add(1, 2)'
try 'EXPORT_SYMBOL_GPL(fn)' 'EXPORT_SYMBOL_GPL(not_declared)'
try 'pr_err("%d\n", i)' 'pr_err("%s\n", i)'
try 'pr_debug("%d\n", i)' 'pr_debug("%s\n", i)'
if test "$language" = C; then
	try 'i = min(i, 3)' 'i = min(i, u)'
	try 'i = max(u, 3)' 'i = max(u, -3)'
	try 'i = min(u, sizeof(a)) > 1' 'i = min(i, sizeof(a)) > 1'
	try 'i = clamp(i, 1, 2)' 'i = clamp(i, 2, 1)'
	try 'static_assert(sizeof(a) == 4)' 'static_assert(sizeof(a) == 5)'
	try 'static_assert(1, "text")' 'static_assert(0, "text")'
fi

test $bad = 0 && echo "$cases refused"
exit $bad
