#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tree.sh SCRIPT - test SCRIPT (src/linux/tree.sh) with a folder, with patches
# and with input that it cannot use.  No kernel tree is needed: the folders here
# only look like one.
set -u

script=$1
. ./shell.sh
title=tree
cd "$dir" || exit 1

# A folder that looks like a tree.
mkdir -p linux/drivers/iommu/iommufd linux/include/linux linux/lib \
	linux/include/uapi/linux linux/Documentation
printf 'VERSION = 9\nPATCHLEVEL = 1\nSUBLEVEL = 2\nEXTRAVERSION = -x\n' \
	>linux/Makefile
echo one >linux/drivers/iommu/iommufd/main.c
for file in drivers/iommu/iommufd/Makefile drivers/iommu/iommufd/selftest.c \
	drivers/iommu/iommufd/iommufd_test.h include/linux/iommufd.h \
	include/uapi/linux/iommufd.h; do
	: >linux/$file
done
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
	if find trees -mindepth 1 -maxdepth 1 ! -name apt ! -name 'debian-9*' \
		2>/dev/null | grep -q .; then
		fail "$*: leaves something behind"
	fi
}

refused 'no such folder' nowhere
refused 'no kernel tree' .
refused 'has the form' debian:new
refused 'has the form' debian:
refused 'has the form' 'debian:7.*'
refused 'does not apply' linux bad.patch
grep -q 'iommufd/main.c: 1 out of 1 hunk' err ||
	fail "not which file: $(cat err)"
refused 'bad.patch does not apply' linux good.patch bad.patch
echo 'no patch' >text.patch
refused 'changes nothing that is compiled' linux text.patch
refused 'no such file' linux .
refused 'no such file' linux none.patch

# A tree before iommufd, and one with another iommufd.
mkdir -p old/drivers/iommu
cp linux/Makefile old
refused 'this is Linux 9.1.2-x, which has no drivers/iommu/iommufd' old
cp -r linux other
rm other/include/uapi/linux/iommufd.h
refused 'has no include/uapi/linux/iommufd.h' other

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

# Other patches replace them.
sed 's/two/2/' good.patch >other.patch
again=$(sh "$script" trees linux other.patch) || fail "another is refused"
test "$(cat "$again/source/drivers/iommu/iommufd/main.c")" = 2 ||
	fail "the other patch is not there"

# The parts of a patch that are not in the copy are left out, and a line says
# so.
cat >series.patch <<'P'
From 0123 Mon Sep 17 00:00:00 2001
Subject: [PATCH 1/2] text before it

index of this text
---
 Documentation/iommufd.rst | 2 +-

diff --git a/Documentation/iommufd.rst b/Documentation/iommufd.rst
index 1..2 100644
--- a/Documentation/iommufd.rst
+++ b/Documentation/iommufd.rst
@@ -1 +1 @@
-old
+new
diff --git a/lib/three.c b/lib/three.c
new file mode 100644
index 0..2
--- /dev/null
+++ b/lib/three.c
@@ -0,0 +1,3 @@
+one
+++ b/two
+three
-- 
2.39.0

Subject: [PATCH 2/2] a line that looks like a header
---
--- a/lib/three.c
+++ b/lib/three.c
@@ -1,3 +1,2 @@
 one
-++ b/two
 three
--- a/net/core.c
+++ b/net/core.c
@@ -1 +1 @@
-old
+new
P
series=$(sh "$script" trees linux series.patch 2>err) ||
	fail "a series is refused: $(cat err)"
grep -q 'left out.*Documentation/iommufd.rst net/core.c' err ||
	fail "not which files are left out: $(cat err)"
test "$(cat "$series/source/lib/three.c")" = 'one
three' || fail "the series is not there"

# A change of the folder is found, and only what changed gets a new time.
same=$work/source/include/linux/iommufd.h
touch -d '2020-01-01' "$same"
echo four >linux/drivers/iommu/iommufd/main.c
echo new >linux/lib/new.c
mkdir -p "$work/source/lib/gone"
sh "$script" trees linux >/dev/null || fail "a folder is refused again"
test "$(cat "$work/source/drivers/iommu/iommufd/main.c")" = four ||
	fail "the copy is old"
test "$(cat "$work/source/lib/new.c")" = new || fail "a new file is missing"
test ! -e "$work/source/lib/gone" || fail "a removed folder is still there"
test "$(date -r "$same" +%Y)" = 2020 || fail "an equal file was copied again"

# A folder's name may have any letters.
cp -r linux 'my [linux]; $x'
work=$(sh "$script" trees 'my [linux]; $x') || fail "a name is refused"
test "$work" = 'trees/my__linux____x-9.1.2-x' || fail "the name is $work"

# A package that was unpacked is used without a network, with patches too.
mkdir -p trees/debian-9.1.2-1
cp -r linux trees/debian-9.1.2-1/source
sed 's/one/four/' good.patch >four.patch
for version in 9 9.1 9.1.2 9.1.2-1; do
	work=$(sh "$script" trees debian:$version) || fail "no debian:$version"
	test "$work" = trees/debian-9.1.2-1 || fail "debian:$version is $work"
done
# The folder of a version with "~" has none, and the version comes before its release.
mkdir -p trees/debian-9.1.2_rc3-1
cp -r linux trees/debian-9.1.2_rc3-1/source
for version in 9.1.2~rc3 9.1.2~rc3-1; do
	work=$(sh "$script" trees "debian:$version") || fail "no debian:$version"
	test "$work" = trees/debian-9.1.2_rc3-1 ||
		fail "debian:$version is $work"
done
work=$(sh "$script" trees debian:9.1.2) || fail "no debian:9.1.2"
test "$work" = trees/debian-9.1.2-1 || fail "the release is $work"
patched=$(sh "$script" trees debian:9.1 four.patch) || fail "no patch there"
test "$(cat "$patched/source/drivers/iommu/iommufd/main.c")" = two ||
	fail "a patch of a package is not there"
sed 's/two/2/' four.patch >five.patch
sh "$script" trees debian:9.1 five.patch >/dev/null
test "$(cat "$patched/source/drivers/iommu/iommufd/main.c")" = 2 ||
	fail "another patch of a package is not there"
rm -rf trees

# Without a network, or without a mirror, a sentence says so.  The package manager
# here is a script.
mkdir bin
cat >bin/apt-get <<'S'
#!/bin/sh
case "$*" in
*indextargets*) echo "Debian Debian http://mirror/debian/" ;;
*) echo "W: Failed to fetch http://mirror/  Could not resolve 'mirror'" ;;
esac
S
printf '#!/bin/sh\n' >bin/apt-cache
chmod +x bin/*
path=$PATH
PATH=$PWD/bin:$PATH
refused 'mirror cannot be reached; is there a network' debian:9.1
sed -i 's/ *Could not.*"/ 404"/' bin/apt-get
refused 'has no package with that version' debian:9.1
printf '#!/bin/sh\n' >bin/apt-get
refused 'no mirror of Debian' debian:9.1

# An interrupt in the middle leaves nothing behind.
cat >bin/patch <<'S'
#!/bin/sh
: >patching
sleep 2
S
chmod +x bin/patch
for signal in INT TERM; do
	rm -f patching
	env --default-signal=$signal sh "$script" trees linux four.patch \
		>out 2>err &
	while test ! -e patching; do sleep 0.1; done
	ls -d trees/*.new >/dev/null || fail "nothing is under way"
	kill -$signal $!
	wait $! && fail "SIG$signal is no failure"
	test -z "$(ls -d trees/linux* 2>/dev/null)" ||
		fail "SIG$signal leaves $(ls trees)"
	test ! -s out || fail "SIG$signal: prints $(cat out)"
done
PATH=$path

# Messages of a compiler and a linker are shortened to one line for each name.
explain=$(dirname "$script")/explain.sh
mkdir -p build/source/drivers
cd build/source/drivers || exit 1
echo '#include <linux/absent.h>' >header.c
cat >names.c <<'C'
struct device;
struct part { int here; };
int known(int a, int b);
int f1(int a) { return absent_call(a) + absent_call(1); }
int f2(struct part *p) { return p->absent_member; }
int f3(void) { return ABSENT; }
absent_t f4(void);
int f5(struct device *d) { return d->absent; }
int f6(void) { return known(1); }
char known(int a, int b);
C
echo 'int absent(void); int main(void) { return absent(); }' >link.c
for cc in cc gcc clang; do
	command -v $cc >/dev/null || continue
	for source in header names; do
		LC_ALL=C $cc -Werror=implicit-function-declaration \
			-c "$PWD/$source.c" -o /dev/null
	done >log 2>&1
	LC_ALL=C $cc -g "$PWD/link.c" -o link >>log 2>&1
	sh "$explain" <log >out
	sed -i 's/ a function has other/ known() has other/' out
	diff - out <<'T' || fail "that is what is told of $cc's messages"
drivers/header.c:1: there is no header <linux/absent.h>
drivers/names.c:4: there is no function or macro absent_call()
drivers/names.c:5: struct part has no member absent_member
drivers/names.c:6: there is no constant or variable ABSENT
drivers/names.c:7: there is no type absent_t
drivers/names.c:8: struct device has no members here
drivers/names.c:9: known() has other parameters here
drivers/names.c:10: known() is declared in another way here
drivers/link.c:1: there is no function or variable absent
T
done
test -s out || fail "no compiler was found"
seq 30 | sed 's,.*,/x/source/a.c:&:1: error: what & is,' | sh "$explain" >out
test "$(wc -l <out)" -eq 21 && grep -q 'and 10 more' out ||
	fail "not 20 lines: $(cat out)"

# The lines that were run are counted for each file and function, over all
# sources that include a header.
if command -v gcc gcov python3 >/dev/null; then
	mkdir -p "$dir/cover/drivers/iommu/iommufd"
	cd "$dir/cover" || exit 1
	cat >drivers/iommu/iommufd/half.h <<'C'
static inline int half(int a)
{
	return a > 1 ?
		a / 2 :
		0;
}
C
	cat >drivers/iommu/iommufd/one.c <<'C'
#include "half.h"
int one(int a) { return half(a); }
int missed(int a) { return half(a); }
C
	cat >drivers/iommu/iommufd/two.c <<'C'
#include "half.h"
int one(int a);
int main(void) { return half(0) + one(2) - 1; }
C
	echo 'int outside(void) { return 1; }' >outside.c
	gcc --coverage -O0 "$PWD"/drivers/iommu/iommufd/*.c "$PWD"/outside.c \
		-o reached && ./reached || fail "the program for coverage"
	python3 "$(dirname "$script")/coverage.py" . report >out ||
		fail "coverage.py"
	sed 's/  */ /g; s/ $//' out | diff - /dev/fd/3 3<<'T' ||
coverage: lines functions branches
half.h 2 of 2 100 % 1 of 1 100 % 2 of 2 100 %
one.c 1 of 2 50 % 1 of 2 50 % -
two.c 1 of 1 100 % 1 of 1 100 % -
all 4 of 5 80 % 3 of 4 75 % 2 of 2 100 %
functions that were not reached: 1
	one.c:3 missed
T
		fail "that is what coverage.py prints"
	grep -q '^one.c:3 missed  *0 of  *1 ' report/functions.txt ||
		fail "no line for a function: $(cat report/functions.txt)"
	mkdir empty
	python3 "$(dirname "$script")/coverage.py" empty report 2>/dev/null &&
		fail "no counters, and no failure"
fi
exit $bad
