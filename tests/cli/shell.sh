# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Functions for the tests of the program.  The caller sets $program.
# shellcheck disable=SC2034,SC2154

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

fail()
{
	echo "FAIL: $title: $1"
	shift
	test $# -eq 0 || sed 's/^/	/' "$@"
	bad=1
}

# run CODE TITLE [ARGUMENT ...]: run the program; the exit code must be CODE.
run()
{
	code=$1
	title=$2
	shift 2
	"$program" "$@" >"$dir/out" 2>"$dir/err" <"$dir/in"
	got=$?
	test $got -eq "$code" ||
		fail "exit code $got, not $code" "$dir/out" "$dir/err"
}

# out, err [TEXT]: check that standard output or error was exactly TEXT.
out() { printf '%s' "${1-}" | cmp -s - "$dir/out" || fail stdout "$dir/out"; }
err() { printf '%s' "${1-}" | cmp -s - "$dir/err" || fail stderr "$dir/err"; }
# out_has, err_has TEXT: check that it contained TEXT.
out_has() { grep -qF -e "$1" "$dir/out" || fail "no \"$1\"" "$dir/out"; }
err_has() { grep -qF -e "$1" "$dir/err" || fail "no \"$1\"" "$dir/err"; }

# input FORMAT: set the standard input of the next runs.
# shellcheck disable=SC2059
input() { printf "$1" >"$dir/in"; }
input ''
nl='
'
