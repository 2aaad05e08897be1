#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# graph.sh PROGRAM - `iommufd-model graph`, and what run draws.  Run where the
# .script files are.
# shellcheck disable=SC2016 # $name is the language's
set -u

program=$1
. ./shell.sh

input 'open\nioas_alloc -> $i\ncreate_access $i 1 -> $a # a comment\ndestroy $i\nclose\n'

# The moment that is shown
run 0 "the last moment" graph -
err
out_has 'after line 5: close => ret='
run 0 "a moment" graph --at 4 -
err
out_has 'after line 4: destroy $i => ret=-EBUSY'
out_has 'ioas 1'
out_has 'id table, access 2'
run 0 "without the comment" graph --at 3 -
out_has 'after line 3: create_access $i 1 -> $a => ret=0'
input 'open\nioas_alloc -> $i\nclose\n'
run 0 "nothing is left" graph -
err "iommufd-model graph: no object is left; --at LINE shows an earlier moment$nl"
run 2 "an empty file" graph /dev/null
err_has '/dev/null: there is no operation in it'
run 0 "nothing was there yet" graph --at 1 -
err
input 'open\nioas_alloc -> $i\ncreate_access $i 1 -> $a # a comment\ndestroy $i\nclose\n'
run 0 "threads run one after the other" graph threads.script
err

# Formats
run 0 "dot" graph --at 4 --format dot -
out_has 'digraph'
if command -v dot >/dev/null; then
	dot -Tsvg "$dir/out" >/dev/null 2>"$dir/err" || fail "dot" "$dir/err"
	err
fi
run 0 "mermaid" graph --at 4 --format mermaid -
out_has 'flowchart'
run 0 "svg" graph --at 4 --format svg -
out_has '</svg>'
run 0 "json" graph --at 4 --format json -
out_has '"name":"access 2"'
IOMMUFD_MODEL_LAYOUT=rows
export IOMMUFD_MODEL_LAYOUT
run 0 "svg in rows" graph --at 4 --format svg -
out_has '</svg>'
unset IOMMUFD_MODEL_LAYOUT

# Bad usage and input
run 2 "two pages" run --html "$dir/a" --html "$dir/b" -
err_has '--html given twice'
run 0 "--help" graph --help
out_has 'usage: iommufd-model graph'
run 2 "no file" graph
err_has 'expected one FILE'
run 2 "two files" graph - -
err_has 'expected one FILE'
run 2 "unknown format" graph --format png -
err_has 'unknown format "png"'
for line in 0 x 4x -1 99999999999999999999; do
	run 2 "line $line" graph "--at=$line" -
	err_has "bad line \"$line\""
done
run 2 "no such line" graph --at 9 -
out
err_has '<stdin>:9: no operation on this line'
run 2 "a text with an error" graph bad-keys.script
out
run 2 "unknown option" graph --bogus -
err_has 'bogus'
run 1 "a result that is not as expected" graph --at 1 bad-result.script
err_has 'bad-result.script:2:'

# The drawings that run makes
run 0 "--html" run --html "$dir/page.html" -
out_has '4 destroy ret=-EBUSY'
grep -q '"title":"<stdin>"\|"title":"\\u003cstdin' "$dir/page.html" ||
	fail "no title in the page"
grep -q '"x":"destroy $i","r":"ret=-EBUSY"' "$dir/page.html" ||
	fail "no line in the page"
run 0 "--trace, --columns" run --trace "$dir/trace" --columns "$dir/columns" -
grep -q '"ph":"C"' "$dir/trace" || fail "no counter in the trace"
grep -q 'ioas 1: users 3, busy\|ioas 1: users is 2, busy' "$dir/columns" ||
	fail "not busy" "$dir/columns"
run 2 "a file that cannot be written" run --html "$dir/no/page.html" -
err_has 'cannot write'
if test -e /dev/full; then
	run 2 "a full disk" run --html /dev/full -
	err_has 'cannot write /dev/full'
fi
run 2 "two files" run --html "$dir/page.html" threads.script threads.script
err_has 'take one FILE'

# A record, and what page makes of it
run 0 "--record" run --record "$dir/run.record" --columns "$dir/columns" -
run 0 "a page of a record" page "$dir/run.record"
out "$dir/run.html$nl"
grep -q '"x":"destroy $i","r":"ret=-EBUSY"' "$dir/run.html" ||
	fail "no line in the page"
run 0 "columns of a record" page --columns "$dir/again" "$dir/run.record"
cmp -s "$dir/columns" "$dir/again" || fail "other columns" "$dir/again"
run 2 "no record" page "$dir/none.record"
err_has 'cannot read'
sed 's/"op":"alloc"/"op":"halloc"/' "$dir/run.record" >"$dir/bad.record"
run 2 "a record with an error" page "$dir/bad.record"
err_has 'bad.record:'
err_has ':2: "op": expected one of the words'
test ! -e "$dir/bad.html" || fail "a page all the same"
run 2 "a record from standard input" page -
err_has 'has no name'
run 2 "two records" page "$dir/run.record" "$dir/run.record"
err_has 'expected one FILE'
run 0 "page --help" page --help
out_has 'usage: iommufd-model page'

# A failure of a thread that the record does not have
cat >"$dir/in" <<-'END'
	open
	ioas_alloc -> $i
	thread one
	destroy $i
	expect 0
	thread two
	destroy $i
	expect 0
END
run 1 "a failure with --record" explore --record "$dir/two.record" -
sed 's/^\({"failure":"[^"]*","thread":\)[0-9]*/\142/' "$dir/two.record" \
	>"$dir/many.record"
grep -q '"thread":42,' "$dir/many.record" || fail "the thread is not set"
run 0 "a thread that the record does not have" page "$dir/many.record"
grep -q '"thread":-1' "$dir/many.html" || fail "a thread all the same"
input ''

# The drawings that explore and replay make
run 0 "nothing breaks" explore --html "$dir/none.html" threads.script
err_has 'no schedule fails'
test ! -s "$dir/none.html" || fail "a page all the same"
run 0 "a replay" replay --html "$dir/replay.html" threads.script ''
grep -q '"kind":"replay"' "$dir/replay.html" || fail "no replay in the page"

exit $bad
