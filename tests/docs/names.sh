#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# names.sh LIBRARY INCLUDE XML - check that the reference, as Doxygen's XML, has
# a text for each symbol that the library exports, for each function and each
# macro with parameters of the headers, and for each member of each struct and
# enum.
#
# What a header hides between @cond INTERNAL and @endcond need not be there,
# unless it is exported.
set -eu
export LC_ALL=C

library=$1
include=$2
xml=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

if ! command -v doxygen >/dev/null; then
	echo "skipped: there is no doxygen"
	exit 0
fi

. "$(dirname "$0")/../lines.sh"

# "NAME yes" or "NAME no": has it a text?  A member as STRUCT.MEMBER.
cat >"$dir/xml.awk" <<'EOF'
function between(line)
{
	sub(/^[^>]*>/, "", line)
	sub(/<.*/, "", line)
	return line
}
# What Doxygen calls "@1" has no name that could be looked up.
function tell(name, text)
{
	if (name !~ /@[0-9]+$/)
		print name, text ? "yes" : "no"
}
/<compounddef / {
	compound = ""
	compound_text = 0
	is_struct = /kind="(struct|union)"/
	is_file = /kind="file"/ && /id="[a-z_]*_8h"/
}
/<compoundname>/ { compound = between($0) }
/<memberdef / { member = ""; member_text = 0; in_member = 1 }
/<enumvalue / { value = ""; value_text = 0; in_value = 1 }
/<name>/ {
	if (in_value)
		value = between($0)
	else if (in_member && member == "")
		member = between($0)
}
/<(brief|detailed)description>/ { in_text = 1 }
/<\/(brief|detailed)description>/ { in_text = 0 }
in_text && /<para>/ {
	if (in_value)
		value_text = 1
	else if (in_member)
		member_text = 1
	else
		compound_text = 1
}
/<\/enumvalue>/ { tell(value, value_text); in_value = 0 }
/<\/memberdef>/ {
	if (is_struct)
		tell(compound "." member, member_text)
	else
		tell(member, member_text)
	in_member = 0
}
/<\/compounddef>/ { if (is_struct || is_file) tell(compound, compound_text) }
EOF

# The names of functions and of macros with parameters.
cat >"$dir/header.awk" <<'EOF'
function name_of(text)
{
	gsub(/__attribute__ *\(\([^()]*(\([^()]*\))?[^()]*\)\)/, " ", text)
	gsub(/IOMMUFD_MODEL_(API|COLD|BEGIN_DECLS|END_DECLS)/, " ", text)
	if (text ~ /^[ \t]*typedef/ || !match(text, /[A-Za-z_0-9]+ *\(/))
		return
	text = substr(text, RSTART, RLENGTH)
	sub(/ *\(/, "", text)
	print text
}
/@cond INTERNAL/ { hidden = 1 }
hidden { if (/@endcond/) hidden = 0; next }
in_comment { if (!sub(/^.*\*\//, "")) next; in_comment = 0 }
{
	gsub(/\/\*([^*]|\*[^\/])*\*\//, " ")
	if (sub(/\/\*.*/, " "))
		in_comment = 1
}
in_macro { in_macro = /\\$/; next }
/^#/ {
	if (match($0, /^# *define +[A-Za-z_0-9]+\(/)) {
		text = substr($0, RSTART, RLENGTH - 1)
		sub(/^# *define +/, "", text)
		print text
	}
	in_macro = /\\$/
	next
}
{
	for (i = 1; i <= length($0); i++) {
		c = substr($0, i, 1)
		if (c == "{" && !depth++)
			name_of(text)
		else if (c == ";" && !depth)
			name_of(text)
		if (c == "}")
			depth--
		if (c == "{" || c == "}" || (c == ";" && !depth))
			text = ""
		else if (!depth)
			text = text c
	}
	text = text " "
}
EOF

some_xml=$(find "$xml" -name '*.xml' ! -name index.xml | sort)
# shellcheck disable=SC2086 # names that Doxygen chose, without blanks
awk -f "$dir/xml.awk" $some_xml | sort -u >"$dir/names"
sed -n 's/ yes$//p' "$dir/names" | sort -u >"$dir/there"
some there "$xml: no names found"
sed -n 's/ no$//p' "$dir/names" | sort -u >"$dir/without"
# A declaration in one place may have its text in another; a member may not.
comm -23 "$dir/without" "$dir/there" >"$dir/wrong"
comm -12 "$dir/without" "$dir/there" | grep -F . >>"$dir/wrong" || :
none "in the reference, without a text:"

find "$include" -name '*.h' | sort >"$dir/files"
: >"$dir/all"
while read -r file; do
	awk -f "$dir/header.awk" "$file" >>"$dir/all"
done <"$dir/files"
sort -u "$dir/all" >"$dir/public"
some public "$include: no names found"
comm -23 "$dir/public" "$dir/there" >"$dir/wrong"
none "in the headers, not in the reference:"

# #define fget iommufd_model_fget: the reference has it as fget.
while read -r file; do
	sed -n 's/^#define \([a-z_]*\) \(iommufd_model_[a-z_]*\)$/\2 \1/p' \
		"$file"
done <"$dir/files" | sort -u >"$dir/aliases"
some aliases "$include: no other names found"
"${NM:-nm}" -D --defined-only "$library" >"$dir/nm"
awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' "$dir/nm" |
	sort -u >"$dir/exported"
some exported "$library: no names found"
awk 'FILENAME == ARGV[1] { alias[$1] = $2; next }
	{ print $1 in alias ? alias[$1] : $1 }' "$dir/aliases" \
	"$dir/exported" | sort -u >"$dir/wanted"
comm -23 "$dir/wanted" "$dir/there" >"$dir/wrong"
none "exported, not in the reference:"

test $bad = 0 && echo "$(wc -l <"$dir/exported") symbols," \
	"$(wc -l <"$dir/public") functions and macros," \
	"$(wc -l <"$dir/there") texts"
exit $bad
