# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Code that the doc.sh of several pages share.  Such a page has fenced blocks
# that are generated: a line "<!-- KIND: ARGUMENT... -->" before a block says
# what the block shows.  A script that sources this file provides
#
#	block KIND: ARGUMENT...		a function that prints the block, or exits
#	$dir				a temporary directory
# shellcheck disable=SC2154

# make_page PAGE WRITE TARGET: fail if a block of PAGE is out of date.  If WRITE
# is "write", update PAGE instead.  TARGET is the build target that does so.
make_page()
{
	inside=
	marker=
	while IFS= read -r line; do
		case $line in
		'<!-- '[a-z]*': '*)
			marker=${line#<!-- }
			printf '%s\n' "$line" ;;
		'```'*)
			printf '%s\n' "$line"
			if test -n "$marker"; then
				eval "block ${marker% -->}" >"$dir/block" ||
					exit
				cat "$dir/block"
				test -s "$dir/block" || {
					echo "nothing to show: $marker" >&2
					exit 2
				}
				inside=yes
			else
				inside=
			fi
			marker= ;;
		*)
			test -n "$inside" || printf '%s\n' "$line"
		esac
	done <"$1" >"$dir/made"
	if test "$2" = write; then
		cp "$dir/made" "$1"
	else
		diff -u "$1" "$dir/made" || {
			echo "the page is out of date: build the target $3"
			exit 1
		}
	fi
}
