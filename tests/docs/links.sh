#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# links.sh SOURCE - check each link in a Markdown file to a file of this tree:
# the file exists, and it has a heading for the #anchor, by the rules of
# GitHub.  And docs/README.md links to each page beside it.
set -u
export LC_ALL=C

cd "$1" || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Print the text without blocks and spans of code, which may look like a heading
# or a link.
cat >"$dir/read.awk" <<'AWK'
/^ *(```|~~~)/ { in_code = !in_code; next }
in_code || /^(\t|    )[^ \t-]/ && blank { next }
{ blank = $0 == "" }
function anchor(text, n)
{
	text = tolower(text)
	gsub(/[^a-z0-9_ \200-\377-]/, "", text)
	gsub(/ /, "-", text)
	n = seen[text]++
	return n ? text "-" n : text
}
/^#+ / && what == "anchors" {
	sub(/^#+ +/, "")
	gsub(/\]\([^)]*\)/, "")
	print anchor($0)
}
what == "links" {
	gsub(/`[^`]*`/, "")
	while (match($0, /\]\([^)]*\)/)) {
		print FNR, substr($0, RSTART + 2, RLENGTH - 3)
		$0 = substr($0, RSTART + RLENGTH)
	}
}
AWK

# check FILE LINE TARGET
check()
{
	path=${3%%#*}
	anchor=${3#"$path"}
	case $3 in
	*://* | mailto:*)
		return
		;;
	esac
	if test -z "$path"; then
		path=$1
	else
		path=$(dirname "$1")/$path
	fi
	test -e "$path" || {
		echo "$1:$2: no such file: $3"
		return
	}
	test -z "$anchor" ||
		awk -v what=anchors -f "$dir/read.awk" "$path" |
			grep -qxF -e "${anchor#\#}" ||
		echo "$1:$2: no such heading: $3"
}

find ./*.md cmake docs examples include src tests -name '*.md' >"$dir/files"
while read -r file; do
	awk -v what=links -f "$dir/read.awk" "$file" >"$dir/links"
	while read -r line target; do
		check "$file" "$line" "$target"
		echo >>"$dir/checked"
	done <"$dir/links"
done <"$dir/files" >"$dir/wrong"
for page in docs/*.md; do
	test "$page" = docs/README.md ||
		grep -qF "](${page#docs/})" docs/README.md ||
		echo "docs/README.md: nothing leads to ${page#docs/}"
done >>"$dir/wrong"

cat "$dir/wrong"
test ! -s "$dir/wrong" || exit 1
n=$(wc -l <"$dir/checked")
echo "$n links in $(wc -l <"$dir/files") files"
test "$n" -gt 50	# a test that finds none would always pass
