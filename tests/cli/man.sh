#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# man.sh PROGRAM FOLDER - the man pages and the completion in FOLDER agree with
# the help of the program.
set -u

program=$1
folder=$2
failed=0

fail()
{
	echo "FAIL: $*"
	failed=1
}

# plain PAGE: print its text without the markup for troff
plain()
{
	sed 's/\\f[BP]//g; s/\\-/-/g; s/^\\&//; s/\\e/\\/g' "$1"
}

commands=$("$program" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
test -n "$commands" || fail "no commands"
for command in $commands; do
	page=$folder/iommufd-model-$command.1
	test -f "$page" || { fail "no page of $command"; continue; }
	"$program" help "$command" >"$folder/help.tmp"
	plain "$page" | sed -n '/^\.nf$/,/^\.fi$/p' | sed '1d;$d' |
		cmp -s - "$folder/help.tmp" || fail "the page of $command"
	grep -q "$command" "$folder/iommufd-model.bash" ||
		fail "no completion of $command"
done
rm -f "$folder/help.tmp"
if command -v groff >/dev/null; then
	groff -man -Tascii -ww "$folder"/*.1 2>&1 >/dev/null |
		grep . && fail "troff complains"
fi

# complete WORD...: print what bash offers after these words
complete_words()
{
	bash -c '
		. "$0"
		COMP_WORDS=(iommufd-model "$@")
		COMP_CWORD=$#
		_iommufd_model
		echo "${COMPREPLY[@]}"' "$folder/iommufd-model.bash" "$@"
}
if command -v bash >/dev/null; then
	test "$(complete_words ex)" = "explore exec" || fail "commands"
	test "$(complete_words explore --sym)" = "--symmetric" || fail "options"
fi
exit $failed
