#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: the exit status of SPIN's verifier.
#
# The guess: pan, the program that SPIN generates, ends with a status other than 0 if
# it has found an error, like every checker that can be called from a build; so do
# "spin -run", which compiles and calls it, and the replay of a trail.
#
# The truth: all of them end with 0 after a failed assertion, a deadlock and an
# acceptance cycle, and only the text says "errors: 1".  A search that was cut off by
# its limit of depth ends with 0 too, and says "errors: 0": that the limit was
# reached is in another line.  What does end with 1 is the thing that proves least:
# a simulation of one run, "spin FILE", in which an assertion fails; after one that
# ends in a deadlock the status is 0.
#
# Why it matters: "spin -run model.pml" as a test of CTest, or "./pan && echo ok" in
# a script, passes for ever.  A check has to look for "errors: 0" and also for the
# absence of "max search depth too small".
#
# Needs: Debian 12 (amd64), apt-get, dpkg, gcc and a C library to link with.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download spin=6.5.2+dfsg-1 2>/dev/null
)
dpkg -x packages/*.deb unpacked
spin=$dir/unpacked/usr/bin/spin

cat >right.pml <<'P'
byte x;
active proctype counter()
{
	do
	:: x < 200 -> x++
	:: else -> break
	od;
	assert(x == 200)
}
P
sed 's/x == 200/x == 0/' right.pml >assertion.pml
cat >deadlock.pml <<'P'
chan meet = [0] of { byte };
active proctype lonely()
{
	meet ! 1
}
P
cat >cycle.pml <<'P'
byte x;
ltl three { <> (x == 3) }
active proctype toggle()
{
	do
	:: x = 1 - x
	od
}
P

# status COMMAND...: its exit status, and its output in a file
status()
{
	code=0
	"$@" >log 2>&1 || code=$?
	echo $code
}

# try MODEL OPTION...: the exit statuses, and what the verifier has said
try()
{
	model=$1.pml
	shift
	rm -f ./*.trail
	"$spin" -a "$model" >log 2>&1
	gcc -O1 -w -o pan pan.c
	printf '%s: pan %s' "${model%.pml} $*" "$(status ./pan "$@")"
	printf ', %s' "$(grep -o 'errors: [0-9]*' log)"
	grep -q 'max search depth too small' log && printf ', cut off'
	if [ -f "$model.trail" ]; then
		printf '; replay by pan %s' "$(status ./pan -r)"
		printf ', by spin %s' "$(status "$spin" -t "$model")"
	fi
	printf '; spin -run %s\n' "$(status "$spin" -run "$@" "$model")"
}

{
	try right
	try assertion
	try assertion -m20
	try deadlock
	try cycle -a
	echo "one run: right $(status "$spin" right.pml)," \
		"assertion $(status "$spin" assertion.pml)," \
		"deadlock $(status "$spin" deadlock.pml)"
} >seen
"$spin" -V
cat seen
cat >expected <<'T'
right : pan 0, errors: 0; spin -run 0
assertion : pan 0, errors: 1; replay by pan 0, by spin 0; spin -run 0
assertion -m20: pan 0, errors: 0, cut off; spin -run 0
deadlock : pan 0, errors: 1; replay by pan 0, by spin 0; spin -run 0
cycle -a: pan 0, errors: 1; replay by pan 0, by spin 0; spin -run 0
one run: right 0, assertion 1, deadlock 0
T
if ! diff expected seen >&2; then
	echo "this has changed" >&2
	exit 1
fi
