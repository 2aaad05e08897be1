#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh SCRIPT: what coverage.py --check says of a small program: a line that
# is not reached, exceptions for it, an exception for a line that is not there,
# and branches that are not taken.  77: there is no gcc or no gcov.
set -eu
script=$(readlink -f "$1")
command -v gcc >/dev/null && command -v gcov >/dev/null || {
	echo "skipped: gcc and gcov are needed"
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p src build/report
cat >src/a.c <<'END'
int main(int argc, char **argv)
{
	if (argc > 1)
		return argv[1][0];
	return 0;
}
END
(cd build && gcc --coverage -c -o a.o "$work/src/a.c" &&
	gcc --coverage -o a a.o && ./a)

# expect CODE TEXT: run the check with the exceptions, and compare.
expect()
{
	code=0
	python3 "$script" build build/report --source "$work" \
		--exceptions exceptions --check src >out 2>&1 || code=$?
	if test $code -ne "$1" || ! grep -qF -- "$2" out build/report/missed.txt
	then
		echo "exit code $code, expected $1 and: $2"
		cat out
		exit 1
	fi
}

: >exceptions
expect 1 "src/a.c:4: main: if (argc > 1) return argv[1][0];"
grep -q 'src/a.c  *3 of  *4' out || { cat out; exit 1; }
# Each of these covers the line and the branch before it.
for where in 'src/a.c | if (argc > 1)' 'src/a.c:main | *' 'src/* | argc > 1'; do
	echo "$where | the tests give no argument" >exceptions
	expect 0 "1 are exceptions, and 0 are not"
done
# The statement of this line has no such text.
echo 'src/a.c:main | return 0 | nothing' >exceptions
expect 1 "0 are exceptions, and 1 are not"
echo 'src/a.c:other | return argv | the tests give no argument' >exceptions
expect 1 "no such line: src/a.c:other | return argv"
# The line is one, but its condition's branch is not.
echo 'src/a.c | return argv[1] | the tests give no argument' >exceptions
expect 1 "1 are exceptions, and 0 are not"
expect 1 "src: 50.0 % of the branches, without 0 of exceptions"
echo 'src/a.c:main | * | the tests give no argument' >exceptions
echo 'src/a.c | return nothing | gone' >>exceptions
expect 1 "no such line: src/a.c | return nothing | gone"
echo 'src/a.c | return argv' >exceptions
expect 1 "expected WHERE | TEXT | REASON"
