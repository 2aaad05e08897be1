#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: which lock sparse means by its context.
#
# The guess: the annotation __acquires(x), which is __attribute__((context(x, 0, 1))),
# names a lock.  So sparse, which the kernel's "make C=1" runs for this, notices that
# a function takes one lock and drops another, that it takes the same lock twice, and
# that it drops a lock first and takes it later without an annotation that says so.
#
# The truth: the expression is parsed and not used.  sparse keeps one number for all
# locks, and compares it where branches meet and where a function returns.  "Take a,
# drop b", "take a twice, drop it twice", which deadlocks, and "drop a, use what it
# protects, take a" are all silent, as the sum is right.  Where there are warnings,
# the exit status is 0.
#
# Why it matters: no warning about context says nothing about which lock protects
# what, nor about the order of locks.  Only a run says that: lockdep in a kernel, or
# a model of the locks.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download sparse=0.6.4-3 2>/dev/null
)
dpkg -x packages/*.deb unpacked
sparse=$dir/unpacked/usr/bin/sparse

cat >locks.c <<'C'
struct lock {
	int word;
};

void take(struct lock *l) __attribute__((context(l, 0, 1)));
void drop(struct lock *l) __attribute__((context(l, 1, 0)));

static struct lock a, b;
static int n;

static void another(void)
{
	take(&a);
	n++;
	drop(&b);
}

static void twice(void)
{
	take(&a);
	take(&a);
	n++;
	drop(&a);
	drop(&a);
}

static void dropped_first(void)
{
	drop(&a);
	n++;
	take(&a);
}

static void not_dropped(int early)
{
	take(&a);
	if (early)
		return;
	drop(&a);
}

static void (*const all[])(void) = { another, twice, dropped_first };

static void call(int i)
{
	all[i]();
	not_dropped(i);
}

static void (*volatile caller)(int) = call;
C

echo "sparse $("$sparse" --version):"
"$sparse" -Wcontext locks.c >seen 2>&1 && status=0 || status=$?
sed 's/^/    /' seen
echo "exit status $status"
for name in another twice dropped_first; do
	if grep -q "'$name'" seen; then
		echo "this has changed: $name is reported" >&2
		exit 1
	fi
done
if ! grep -q "context imbalance in 'not_dropped'" seen || [ "$status" != 0 ]; then
	echo "this has changed" >&2
	exit 1
fi
