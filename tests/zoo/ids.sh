#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# ids.sh PROGRAM - a bug of the zoo is found by its name, by the part of the name
# before the first dash, and by its id, which does not care about case.
set -u

program=$1
bad=0

# shown GIVEN FIRST-WORDS: "zoo show GIVEN" begins with FIRST-WORDS.
shown()
{
	said=$("$program" zoo show "$1" | head -n 1)
	case $said in
	"$2: "*) return ;;
	esac
	echo "zoo show $1: "$said", not "$2: ...""
	bad=1
}

# unknown GIVEN
unknown()
{
	"$program" zoo show "$1" >/dev/null 2>&1
	test $? -eq 2 || {
		echo "zoo show $1: is taken for an entry"
		bad=1
	}
}

for given in z06-read-after-put z06 Z-06 z-06; do
	shown $given "Z-06, z06-read-after-put"
done
for given in z08b Z-08b Z-08B; do
	shown $given "Z-08b, z08b-put-inside-the-mutex"
done
for given in d1 Z-D1 z-d1; do
	shown $given "Z-D1, d1-w-before-u"
done
shown Z-D10 "Z-D10, d10-depend-plain"
for given in '' Z- Z-D Z-x D1 06; do
	unknown "$given"
done
for end in 6 1 0 99 06-read-after-put; do
	unknown "Z-$end"
done
exit $bad
