#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tree.sh SCRIPT - what SCRIPT (src/linux/tree.sh) does with a folder, with patches
# and with what it cannot use.  No tree of a kernel is needed: the folders here
# only look like one.
set -u

script=$1
. ./shell.sh
title=tree
cd "$dir" || exit 1

# A folder that looks like a tree.
mkdir -p linux/drivers/iommu/iommufd linux/include/linux linux/lib
printf 'VERSION = 9\nPATCHLEVEL = 1\nSUBLEVEL = 2\nEXTRAVERSION = -x\n' \
	>linux/Makefile
echo one >linux/drivers/iommu/iommufd/main.c
: >linux/drivers/iommu/iommufd/selftest.c
cat >good.patch <<'P'
--- a/drivers/iommu/iommufd/main.c
+++ b/drivers/iommu/iommufd/main.c
@@ -1 +1 @@
-one
+two
P
sed 's/one/three/' good.patch >bad.patch

# refused TEXT ARGS...: exit code 2, TEXT on standard error, and no tree made
refused()
{
	text=$1
	shift
	if sh "$script" trees "$@" >out 2>err; then
		fail "$*: not refused"
	elif test $? -ne 2; then
		fail "$*: not exit code 2"
	fi
	grep -qF "$text" err || fail "$*: no \"$text\" in: $(cat err)"
	test ! -s out || fail "$*: prints $(cat out)"
	if find trees -mindepth 1 -maxdepth 1 ! -name apt 2>/dev/null |
		grep -q .; then
		fail "$*: leaves something behind"
	fi
}

refused 'no such folder' nowhere
refused 'no kernel tree' .
refused 'has the form' debian:new
refused 'does not apply' linux bad.patch
refused 'cannot be read' linux none.patch

# A folder is copied, under its name and version.
work=$(sh "$script" trees linux) || fail "a folder is refused"
test "$work" = trees/linux-9.1.2-x || fail "the name is $work"
cmp -s linux/drivers/iommu/iommufd/main.c \
	"$work/source/drivers/iommu/iommufd/main.c" || fail "not copied"

# With a patch it is another tree, and the folder stays what it was.
patched=$(sh "$script" trees linux good.patch) || fail "a patch is refused"
test "$patched" != "$work" || fail "a patched tree has no name of its own"
test "$(cat "$patched/source/drivers/iommu/iommufd/main.c")" = two ||
	fail "the patch is not there"
test "$(cat linux/drivers/iommu/iommufd/main.c)" = one ||
	fail "the patch is in the folder too"

# A change of the folder is found.
echo four >linux/drivers/iommu/iommufd/main.c
sh "$script" trees linux >/dev/null || fail "a folder is refused again"
test "$(cat "$work/source/drivers/iommu/iommufd/main.c")" = four ||
	fail "the copy is old"
exit $bad
