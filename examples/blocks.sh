# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Pages with fenced blocks that are made: what the doc.sh of a page shares with
# others.  A line "<!-- KIND: ARGUMENT... -->" before a block says what it is of.
# Who reads this file has
#
#	block KIND: ARGUMENT...		a function that prints it, or exits
#	$dir				a directory of its own
# shellcheck disable=SC2154

# make_page PAGE WRITE TARGET: is PAGE what its blocks make it?  If WRITE is
# "write" it is made so.  TARGET is what to build for that.
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
			echo "the page is an old one: build the target $3"
			exit 1
		}
	fi
}
