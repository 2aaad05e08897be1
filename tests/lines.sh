# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# For tests that put names into files of the directory $dir, a line each, and
# end with "exit $bad".
# shellcheck disable=SC2034,SC2154

# none TEXT: there should be no line in $dir/wrong.
none()
{
	test -s "$dir/wrong" || return 0
	echo "$1"
	sed 's/^/	/' "$dir/wrong"
	bad=1
}

# some FILE TEXT: a test that looks at nothing would always pass.
some()
{
	test -s "$dir/$1" && return
	echo "$2"
	exit 1
}
