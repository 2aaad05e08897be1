#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# rules.sh SOURCE - check that each rule, bug and deviation that is cited by its
# id exists, that each rule of docs/rules.md is cited or marked as background,
# and that nothing is cited in a way that a reader of this tree cannot follow.
set -eu
export LC_ALL=C

cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

. tests/lines.sh

# The ids that exist.
sed -n 's/^[*][*]\(R-[A-Z]*-[0-9]*\)[.][*][*] .*/\1/p' docs/rules.md >"$dir/rules"
sed -n 's/^| \(DEV-[0-9]*\) |.*/\1/p' docs/deviations.md >"$dir/deviations"
for diff in tests/zoo/*.diff; do
	name=${diff##*/}
	echo "${name%%-*}"
done | sed 's/^z/Z-/; s/^d/Z-D/' | sort -u >"$dir/bugs"
some rules "docs/rules.md: there are no rules"
some deviations "docs/deviations.md: there are no deviations"
some bugs "tests/zoo: there are no bugs"
cat "$dir/rules" "$dir/deviations" "$dir/bugs" >"$dir/ids"
sort "$dir/ids" | uniq -d >"$dir/wrong"
none "ids that are given twice:"

# The files that can cite a rule: "FILE".
find README.md CONTRIBUTING.md CHANGELOG.md CMakeLists.txt cmake docs examples \
	include src tests -type f ! -name rules.sh ! -name '*.pyc' >"$dir/files"

# Lines "ID FILE".  A citation may go on in the next line of a comment; "R-A-2 to
# R-A-4" cites R-A-3 as well.
cat >"$dir/cited.awk" <<'AWK'
function cite(id)
{
	print id, file
}
function flush(last, area, from, i)
{
	last = ""
	while (match(text, /(R-[A-Z]+|DEV)-[0-9]+|Z-D?[0-9]+[a-g]?/)) {
		id = substr(text, RSTART, RLENGTH)
		before = substr(text, 1, RSTART - 1)
		text = substr(text, RSTART + RLENGTH)
		whole = before !~ /[A-Za-z0-9_-]$/ && text !~ /^[A-Za-z0-9_]/
		if (!whole)
			continue
		cite(id)
		area = id
		sub(/[0-9]+$/, "", area)
		if (before == " to " && area == last_area)
			for (i = last_nr + 1; i < substr(id, length(area) + 1); i++)
				cite(area i)
		last_area = area
		last_nr = substr(id, length(area) + 1) + 0
	}
	text = last_area = ""
}
FNR == 1 { flush(); file = FILENAME }
{
	sub(/^[ \t]*([*#]|\/\/)?[ \t]*/, "")
	text = text (text ~ / $/ ? "" : " ") $0
}
length(text) > 4000 || /^$/ { flush() }
END { flush() }
AWK
xargs awk -f "$dir/cited.awk" <"$dir/files" | sort -u >"$dir/cited"
some cited "nothing is cited"
awk 'NR == FNR { there[$1] = 1; next } !($1 in there)' \
	"$dir/ids" "$dir/cited" >"$dir/wrong"
none "cited, but there is no such rule, bug or deviation:"

grep -v ' docs/rules.md$' "$dir/cited" | sed 's/ .*//' | sort -u >"$dir/used"
sed -n 's/^[*][*]\(R-[A-Z]*-[0-9]*\)[.][*][*] [*](background)[*].*/\1/p' \
	docs/rules.md >>"$dir/used"
awk 'NR == FNR { used[$1] = 1; next } !($1 in used)' \
	"$dir/used" "$dir/rules" >"$dir/wrong"
none "rules that nothing cites, and that are not marked (background):"

# What check.h has for tests cites the rules that it is about.
awk '
/^\/[*]/ { text = "" }
{ text = text $0 }
/^ [*]\/$/ { ended = 1; next }
ended && /[(]/ {
	if (text ~ /^\/[*][*]/ && text !~ /@rule R-/)
		print FILENAME ":" FNR ": " $0
	ended = 0
}
/^#define|^[a-z_].*[(]|^}/ { ended = 0 }
' include/iommufd_model/check.h >"$dir/wrong"
none "helpers of check.h without a @rule:"

# Documents that are not in this tree, and numbers that mean nothing without
# them.
xargs grep -nE 'spec/[0-9]|(^|[^0-9])0[1-7] §[0-9]' <"$dir/files" \
	>"$dir/wrong" || :
xargs grep -nE '^[[:space:]]*(/[*]|[*]) ([0-9]+[.][0-9]+|[Ss]ection [0-9]+)([ ,;:]|$)' \
	<"$dir/files" | grep -E '^[^:]*[.][ch]:' >>"$dir/wrong" || :
xargs grep -nE '(/[*]|^[[:space:]]*[*]).*[^A-Za-z0-9_."-](C[1-4]|I[1-8]|D[1-5]|R[1-4]|G[1-9]|G1[01])([,:;)]|[.]?$)' \
	<"$dir/files" | grep -E '^[^:]*[.][ch]:' >>"$dir/wrong" || :
none "citations that lead nowhere; docs/rules.md has the ids:"

test $bad = 0 || exit 1
echo "$(wc -l <"$dir/rules") rules, $(wc -l <"$dir/deviations") deviations," \
	"$(wc -l <"$dir/bugs") bugs; $(wc -l <"$dir/cited") pairs of id and file"
