#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# files.sh PROGRAM ZOO - the program never replaces a file that it reads, or
# that another program has written, unless an option says so.  If a file cannot
# be written completely, the old file stays as it was.  ZOO is the folder of the
# zoo's programs, which need not exist.
# shellcheck disable=SC2016,SC2094,SC2119 # $name is the language's
set -u

program=$1
zoo=$2
. ./shell.sh
unset IOMMUFD_MODEL_OVERWRITE IOMMUFD_MODEL_EXPLORE_HTML \
	IOMMUFD_MODEL_EXPLORE_TRACE || true

# kept COMMAND...: check for exit code 2, that nothing is run, and that no file
# has changed.
kept()
{
	before=$(sum)
	run 2 "$*" "$@"
	out
	test "$(sum)" = "$before" || fail "a file has changed"
	title="$*"
}

sum() { (cd "$dir" && find . ! -name err ! -name out -exec ls -id {} + \
	-type f -exec cksum {} +) | sort; }

# ours FILE: check that the file is complete and was written by the program.
ours()
{
	head -n 1 "$1" | grep -q 'iommufd-model' || fail "$1 is not ours"
	rm -f "$1"
}

own=$dir/own.script
other=$dir/other.script
write()
{
	printf 'open\nioas_alloc -> $i\ndestroy $i\n' >"$own"
	printf 'open\nthread a\nopen 1\nthread b\nopen 2\n' >"$other"
}
write
ln -s own.script "$dir/link"
ln "$own" "$dir/second-name"
mkdir "$dir/folder"
ln -s ../own.script "$dir/folder/far-link"

# Files that are read
for option in --html --trace --columns; do
	for name in "$own" "$dir/link" "$dir/second-name" "$dir/./own.script" \
			"$dir/folder/far-link"; do
		kept run $option "$name" "$own"
		err_has "would replace $own, which is the same file"
		kept run --overwrite $option "$name" "$own"
		err_has "would replace $own, which is the same file"
	done
done
for option in --html --trace; do
	kept explore $option "$other" "$other"
	err_has "would replace $other, which is the same file"
	kept replay --overwrite $option "$other" "$other" ''
	err_has "would replace $other, which is the same file"
done
title="standard input"
"$program" run --overwrite --html "$own" - <"$own" >"$dir/out" 2>"$dir/err"
test $? -eq 2 || fail "exit code"
err_has "would replace standard input"
printf '' >"$dir/schedule"
kept replay --overwrite --html "$dir/schedule" "$other" "$dir/schedule"
err_has "would replace $dir/schedule, which is the same file"

# The name of the output was forgotten; other files that the program has not
# written
for command in run explore; do
	kept $command --html "$other" "$own"
	err_has "$other: there is a file already that iommufd-model did not write"
	err_has '--overwrite replaces it'
done
kept run --columns "$dir/second-name" "$other"
kept run --trace "$dir/link" "$other"
kept replay --trace "$own" "$other" ''
kept run --html --trace "$own"
err_has 'got "--trace"'
kept run --html - "$own"
kept run --html
for text in '{"generator":"another","traceEvents":[]}' \
		'<!DOCTYPE html><p>iommufd-model</p>' '# iommufd-model' ' '; do
	printf '%s\n' "$text" >"$dir/text"
	for option in --html --trace --columns; do
		kept run $option "$dir/text" "$own"
	done
done
for variable in HTML TRACE; do
	export "IOMMUFD_MODEL_EXPLORE_$variable=$own"
	kept explore "$other"
	err_has "IOMMUFD_MODEL_EXPLORE_$variable: cannot write $own"
	kept explore "$own"
	unset "IOMMUFD_MODEL_EXPLORE_$variable"
done
kept run --html "$dir/both" --trace "$dir/folder/../both" "$own"
err_has 'would write the same file'
kept run --html "$dir/folder" "$own"
kept run --html "$dir/folder/" "$own"
kept run --html "$dir/none/page" "$own"
kept run --html "$own/page" "$own"
kept run --html '' "$own"

# Files that may be written: a new one, an empty one, one that the program has
# written, by any of its names
page=$dir/page
for option in --html --trace --columns; do
	run 0 "$option, new" run $option "$page" "$own"
	err
	for next in --html --trace --columns; do
		run 0 "$next over $option" run $next "$page" "$own"
		err
	done
	ours "$page"
	: >"$page"
	run 0 "$option, empty" run $option "$page" "$own"
	ours "$page"
	ln -s made-here "$dir/folder/dangling"
	run 0 "$option, a link to nothing" run $option "$dir/folder/dangling" "$own"
	test -h "$dir/folder/dangling" || fail "the link is gone"
	run 0 "$option, a link" run $option "$dir/folder/dangling" "$own"
	test -h "$dir/folder/dangling" || fail "the link is gone"
	ours "$dir/folder/made-here"
	rm "$dir/folder/dangling"
done
: >"$page"
chmod 640 "$page"
run 0 "permissions" run --html "$page" "$own"
case $(ls -l "$page") in
-rw-r-----*)	;;
*)		fail "$(ls -l "$page")" ;;
esac
run 0 "two" run --trace "$dir/trace" --columns "$dir/columns" "$own"
ours "$dir/trace"
ours "$dir/columns"
run 0 "a replay" replay --html "$page" --trace "$dir/trace" "$other" ''
ours "$page"
ours "$dir/trace"
run 0 "into a folder" replay --html "$dir/folder" "$dir/other.script" ''
find "$dir/folder" -name '*other.script.html' | grep -q . || fail "no page"

# With the option to overwrite
printf 'open\n' >"$dir/text"
run 0 "--overwrite" run --overwrite --html "$dir/text" "$own"
ours "$dir/text"
printf 'open\n' >"$dir/text"
run 0 "--overwrite" replay --overwrite --html "$dir/text" "$other" ''
ours "$dir/text"

# Devices, pipes and descriptors
run 0 "/dev/null" run --html /dev/null "$own"
err
test -c /dev/null || fail "no device any more"
run 0 "/dev/stdout" run --columns /dev/stdout "$own"
out_has '3 destroy ret=0'
out_has 'Columns written'
title="to a pipe"
"$program" run --trace /dev/stdout "$own" 2>"$dir/err" | cat >"$dir/out"
out_has '"traceEvents"'
"$program" run --trace /dev/fd/3 "$own" 3>"$dir/third" >"$dir/out" 2>"$dir/err"
grep -q '"traceEvents"' "$dir/third" || fail "nothing in descriptor 3"
mkfifo "$dir/fifo"
cat "$dir/fifo" >"$dir/text" &
run 0 "a named pipe" run --trace "$dir/fifo" "$own"
wait
test -p "$dir/fifo" || fail "no pipe any more"
grep -q '"traceEvents"' "$dir/text" || fail "nothing has come through"
title="standard output by its name"
"$program" run --html "$dir/both" "$own" >"$dir/both" 2>"$dir/err"
test $? -eq 2 || fail "exit code"
err_has 'standard output or standard error goes there'

# A disk that gets full, or is nearly full
run 0 "a page" run --html "$page" "$own"
cp "$page" "$dir/copy"
title="no room"
(
	trap '' XFSZ
	ulimit -f 16
	"$program" run --html "$page" "$own" >"$dir/out" 2>"$dir/err"
)
test $? -eq 2 || fail "exit code"
err_has "cannot write $page: File too large"
cmp -s "$page" "$dir/copy" || fail "the old page is lost"
(
	trap '' XFSZ
	ulimit -f 16
	"$program" replay --html "$page" "$other" '' >"$dir/out" 2>"$dir/err"
)
test $? -eq 2 || fail "exit code of replay"
cmp -s "$page" "$dir/copy" || fail "the old page is lost"

# The zoo
if test -x "$zoo/zoo-z06-read-after-put"; then
	export IOMMUFD_MODEL_ZOO="$zoo"
	mkdir "$dir/older"
	ln -s "$zoo/zoo-z06-read-after-put" "$dir/older/"
	ln -s "$zoo/zoo-z06-read-after-put" "$dir/older/zoo-z99-gone"
	printf 'z06-read-after-put\nz98-to-come\n' >"$dir/older/entries"
	IOMMUFD_MODEL_ZOO="$dir/older" run 0 "programs of an older tree" zoo list
	test "$(cut -d ' ' -f 1 "$dir/out")" = z06-read-after-put ||
		fail "not the one entry" "$dir/out"
	title="zoo list, of which one line is read"
	"$program" zoo list 2>"$dir/err" | head -n 1 >"$dir/out"
	test "$(wc -l <"$dir/out")" -eq 1 || fail "not one line" "$dir/out"
	err
	kept zoo show z06 --html "$own"
	err_has "did not write"
	kept zoo show z06 --trace "$dir/both" --html "$dir/both"
	kept zoo show z06 --html --trace
	rm "$page"
	run 0 "zoo show" zoo show z06 --html "$page" --trace "$dir/trace"
	ours "$page"
	ours "$dir/trace"
	run 0 "zoo show --overwrite" zoo show z06 --overwrite --html "$dir/text"
	ours "$dir/text"
	run 0 "zoo show /dev/stdout" zoo show z06 --html /dev/stdout
	grep -q 'Written by iommufd-model' "$dir/out" || fail "no page"
	grep -q '^What is right:' "$dir/out" || fail "no text"
fi

# No temporary file is left
find "$dir" -name '*.tmp' >"$dir/left"
title="left behind"
test ! -s "$dir/left" || fail "temporary files" "$dir/left"

exit $bad
