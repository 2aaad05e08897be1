#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: what an assertion of libcheck costs that holds.
#
# The guess: ck_assert() is a comparison and a branch, as assert() is, and only a
# failure tells the parent of the test's process something.
#
# The truth: each assertion that holds tells the parent where it was, so that it can
# name the last one if the test is killed.  That is a write() to a temporary file,
# at once, of the name of the source file as the compiler was given it, and twelve
# more bytes.  Nobody reads them before the test has ended, so the file grows: a
# million assertions in a file with a path of 60 characters write 72 MB into /tmp.
# It is the same with CK_FORK=no, where nobody is left who could tell.
#
# Why it matters: a test of threads or of a model that asserts at each step of a
# million spends its time in the kernel, and the system call orders and delays what
# the test is about: threads that would have met no longer do.  Such a test counts
# what is wrong, and asserts once.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, a C compiler that links.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download check=0.15.2-2+b1 libsubunit-dev=1.4.0-3 \
		libsubunit0=1.4.0-3 strace=6.1-0.1 libunwind8=1.6.2-3 2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
libs=$dir/unpacked/usr/lib/x86_64-linux-gnu
strace=$dir/unpacked/usr/bin/strace

cat >probe.c <<'C'
#include <check.h>

START_TEST(holds)
{
	int i;

	for (i = 0; i < TIMES; i++)
		ck_assert(i >= 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probe");
	TCase *tcase = tcase_create("probe");
	SRunner *runner;

	tcase_add_test(tcase, holds);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	return srunner_ntests_failed(runner);
}
C

# writes FILE TIMES FORK: how many write() to its temporary file a test does, and the
# sum of their bytes
writes()
{
	cc -I unpacked/usr/include -DTIMES="$2" -o probe "$1" \
		"$libs/libcheck.a" -L "$libs" -lsubunit -lm -lrt -pthread
	CK_FORK=$3 LD_LIBRARY_PATH=$libs "$strace" -f -e trace=write -o log ./probe
	sed -n 's/.*write([0-9]*, .* = \([0-9]*\)$/\1/p' log |
		awk '{ bytes += $1 } END { print NR, bytes }'
}

# for_each FILE FORK: the same for one more assertion
for_each()
{
	few=$(writes "$1" 1000 "$2")
	many=$(writes "$1" 3000 "$2")
	echo "$((${many% *} / 2000 - ${few% *} / 2000))" \
		"$(((${many#* } - ${few#* }) / 2000))"
}

mkdir folder
cp probe.c folder/
echo "check 0.15.2-2+b1"
{
	echo "probe.c: $(for_each probe.c yes)"
	echo "folder/probe.c: $(for_each folder/probe.c yes)"
	echo "probe.c, CK_FORK=no: $(for_each probe.c no)"
} >seen
echo "write() and bytes for one more assertion that holds:"
cat seen
cat >expected <<'T'
probe.c: 1 19
folder/probe.c: 1 26
probe.c, CK_FORK=no: 1 19
T
if ! diff expected seen >&2; then
	echo "this has changed" >&2
	exit 1
fi
