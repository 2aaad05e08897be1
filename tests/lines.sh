# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# For tests that put names into files of the directory $dir, a line each, and
# end with "exit $bad".
# shellcheck disable=SC2034,SC2154

# none TEXT: fail with TEXT if there is a line in $dir/wrong.
none()
{
	test -s "$dir/wrong" || return 0
	echo "$1"
	sed 's/^/	/' "$dir/wrong"
	bad=1
}

# some FILE TEXT: fail if FILE is empty, because the test would then check
# nothing.
some()
{
	test -s "$dir/$1" && return
	echo "$2"
	exit 1
}
