#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# words.sh SOURCE - words that the project has given up do not come back, as
# names or in prose: CONTRIBUTING.md says which ones are used for what they
# meant.  Ordinary English is left alone ("one thing at a time", "an object
# whose owner", "a unit test").
#
# A rule is a pattern, what to write, an example that it has to find, and one
# that it has to leave alone, with ":" between them.
set -u
export LC_ALL=C

cd "$1" || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

cat >"$dir/rules" <<'EOR'
[Ff]ilm|FILM:record or timeline:load_film(path):a filter
(^|[^A-Za-z])[Bb]ooks?([^a-z]|$):ledger or snapshot:what the books say:bookkeeping
(struct|enum|union) (things?|units?|whose|place|frame)([^a-z_]|$):the table of CONTRIBUTING.md:struct unit *u:struct united
(^|[^a-z_])(things?|whose)(_|->|\():object or attribution:whose_of(op):viommu_whose_init_fails(void)
(^|[^a-z_])whose\.[ch]([^a-z]|$):attribution:src/observe/whose.c:a vIOMMU whose.
(^|[^A-Za-z./_]|[^l]_)[Uu]nits?([^a-z ./()_"$-]|[ -][^t]|_[^st]|-?$):reference:a unit of the counter:a unit test
schedule strings?([^a-z]|$):schedule:prints a schedule string:schedule, string
(string|schedule)_forced|forced_(string|schedule)|given_string:schedule:s->forced_string:forced
(graph|render|film)_words|(^|[^a-z_])words\.[ch]([^a-z]|$):wording:#include "graph_words.h":events_in_words
(^|[^a-z_])ops? (at|of|through) the gate|gate's ops?([^a-z_]|$):operation:an op at the gate:the ops of an object
EOR

# The files: all text that people write, without this one.
find src include tests docs examples ./*.md -type f \
	\( -name '*.[ch]' -o -name '*.md' -o -name '*.sh' -o -name '*.py' \
	-o -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.awk' \
	-o -name '*.cmake' -o -name '*.txt' -o -name '*.diff' \
	-o -name '*.script' \) ! -path tests/docs/words.sh | sort >"$dir/files"

while IFS=: read -r pattern instead found left; do
	if ! echo "$found" | grep -qE "$pattern"; then
		echo "the rule \"$pattern\" does not find \"$found\""
		bad=1
	fi
	if echo "$left" | grep -qE "$pattern"; then
		echo "the rule \"$pattern\" finds \"$left\""
		bad=1
	fi
	# A name of a file is a name, too.
	{
		tr '\n' '\0' <"$dir/files" | xargs -0 grep -nE "$pattern"
		grep -E "$pattern" "$dir/files"
	} >"$dir/hits"
	if [ -s "$dir/hits" ]; then
		bad=1
		echo "instead of a word that is given up write $instead:"
		sed 's/^/	/' "$dir/hits"
	fi
done <"$dir/rules"

[ -s "$dir/files" ] || { echo "no files found"; exit 1; }
[ $bad = 0 ] && echo "$(wc -l <"$dir/rules") rules," \
	"$(wc -l <"$dir/files") files"
exit $bad
