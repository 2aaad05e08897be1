#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# coverage.sh INCLUDE LIBRARY - check that code which runs in the explorer's
# children is counted as covered: in a program built with gcc's or clang's
# flags, also with those with which clang counts in a shared file, with two jobs,
# with a failure, and with a failure that ends the child by a signal.  The exit
# code is 77, for a skipped test, if there is neither compiler.
set -u

include=$1
library=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
cat >test.c <<'END'
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>
#include <string.h>

static refcount_t r;
static int *nowhere;
static const char *how;

static void setup(void *data)
{
	(void)data;
	refcount_set(&r, 2);
}

static void in_a_child(void *data)
{
	(void)data;
	if (refcount_dec_and_test(&r))
		refcount_set(&r, 5);
	if (!strcmp(how, "crash"))
		*(volatile int *)nowhere = 1;
	iommufd_model_assert(strcmp(how, "fail"));
}

static const struct iommufd_model_test test = {
	.name = "test", .setup = setup,
	.threads = { { "a", in_a_child }, { "b", in_a_child } },
};

int main(int argc, char **argv)
{
	struct iommufd_model_explore_options options = {
		.quiet = true, .jobs = argc > 2 ? 2 : 1,
	};

	how = argv[1];
	return iommufd_model_explore(&test, &options, NULL) != (*how != 'g');
}
END
bad=0
tried=

# covered HOW [jobs]: check whether the function counts as run.
covered_by_gcc()
{
	rm -f ./*.gcda
	./gcc "$@" || { echo "gcc, $*: exit code $?"; bad=1; }
	gcov -t ./*.gcda 2>/dev/null |
		grep -q '^ *[1-9][0-9]*\*\?: *[0-9]*:	if (refcount_dec_and' ||
		{ echo "gcc, $*: not covered"; bad=1; }
}

# A message of the runtime is one too many.
covered_by_clang()
{
	rm -f ./*.profraw
	LLVM_PROFILE_FILE="$dir/$file.profraw" ./$kind "$@" 2>err ||
		{ echo "$kind, $*: exit code $?"; bad=1; }
	if grep LLVM err; then
		echo "$kind, $*: it writes to standard error"
		bad=1
	fi
	llvm-profdata merge -o all ./*.profraw &&
		llvm-cov show ./$kind -instr-profile all |
		grep -q '| *[1-9][0-9.k]*|	if (refcount_dec_and' ||
		{ echo "$kind, $*: not covered"; bad=1; }
}

for kind in gcc clang shared; do
	compiler=clang
	tool=llvm-profdata
	file=%p
	flags="-fprofile-instr-generate -fcoverage-mapping"
	case $kind in
	gcc)
		flags=--coverage
		compiler=gcc
		tool=gcov
		;;
	shared)
		flags="$flags -Xclang -mllvm -Xclang -runtime-counter-relocation"
		file=%c%m
		;;
	esac
	command -v $compiler >/dev/null && command -v $tool >/dev/null ||
		continue
	# shellcheck disable=SC2086 # several flags
	$compiler $flags -I"$include" test.c "$library" -pthread -o $kind ||
		continue
	tried=1
	for how in good fail crash; do
		covered_by_$compiler $how
		covered_by_$compiler $how jobs
	done
done
test -n "$tried" || { echo "no compiler and tool for it"; exit 77; }
exit $bad
