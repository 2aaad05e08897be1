#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# cli.sh PROGRAM - test the program as a user sees it: what it prints to which
# stream, and its exit code, for good input and for bad.  Run it where the
# .script files are.
# shellcheck disable=SC2016 # $name is the language's
set -u

program=$1
. ./shell.sh

# Usage
run 0 "--help" --help
err
out_has 'usage: iommufd-model COMMAND'
out_has 'run scenario files'
run 0 "--version" --version
err
grep -qx 'iommufd-model [0-9]*\.[0-9]*\.[0-9]*' "$dir/out" ||
	fail "version" "$dir/out"
run 0 "run --help" run --help
err
out_has 'usage: iommufd-model run [--story] FILE...'
out_has '  create_access IOAS [FLAGS] [KEY=VALUE ...] [-> $fd]'
out_has '  thread NAME'
out_has '  expect RESULT ... [FIELD=VALUE[|VALUE...] ...]'
for command in run explore replay merge graph page zoo; do
	run 0 "help $command" help $command
	cp "$dir/out" "$dir/help"
	run 0 "$command --help" $command --help
	err
	cmp -s "$dir/out" "$dir/help" || fail "not the same as help $command"
	out_has "iommufd-model $command "
	! grep -q '.\{80\}' "$dir/out" || fail "a long line" "$dir/out"
done
run 0 "help" help
cp "$dir/out" "$dir/help"
run 0 "--help" --help
cmp -s "$dir/out" "$dir/help" || fail "not the same as help"
run 2 "help about an unknown command" help bogus
err_has 'unknown command "bogus"'
run 2 "help about two commands" help run graph
err_has 'help takes one COMMAND'
run 2 "no command"
out
err_has 'no command given'
run 2 "unknown command" bogus
out
err_has 'unknown command "bogus"'
run 2 "unknown option" --bogus
out
err_has 'bogus'
run 2 "unknown option of run" run --bogus bad-keys.script
out
err_has 'iommufd-model run: '
run 2 "no file" run
out
err_has 'no FILE given'

# Files that cannot be read
run 2 "missing file" run "$dir/missing"
out
err "iommufd-model run: cannot read $dir/missing: No such file or directory$nl"
run 2 "directory" run "$dir"
out
err "iommufd-model run: cannot read $dir: Is a directory$nl"
run 2 "endless file" run /dev/zero
out
err_has 'cannot read /dev/zero: File too large'

# Texts that cannot be parsed: none of their lines is run
for name in bad-operations bad-values bad-keys bad-ioctls bad-names \
		bad-threads bad-expects; do
	run 2 "$name" run $name.script
	out
	cmp -s $name.errors "$dir/err" || {
		fail "stderr"
		diff -u $name.errors "$dir/err"
	}
done

# A misspelt name, also in a scenario whose results are stored in a file
printf 'open\nioas_alloc -> $ioas\ndestroy $iosa\n' >"$dir/typo.script"
run 2 "a misspelt name" run "$dir/typo.script"
out
err_has ':3:9: error: name "$iosa" is not bound'
: >"$dir/typo.result"
run 0 "a recorded scenario" run "$dir/typo.script"
out_has '3 destroy ret=-ENOENT'

input 'open\r\nfill \001 1 1\r\nuse 1\rx\nd\303\251troy\nopen \000 1\nclose\177'
run 2 "bytes" run -
out
err "\
<stdin>:2:6: error: bad character 0x01; expected printable ASCII
<stdin>:3:6: error: bad character 0x0d; expected printable ASCII
<stdin>:4:2: error: bad character 0xc3; expected printable ASCII
<stdin>:5:6: error: bad character 0x00; expected printable ASCII
<stdin>:6:6: error: bad character 0x7f; expected printable ASCII
"

awk 'BEGIN { for (i = 1; i <= 21; i++) print "bogus" }' >"$dir/in"
run 2 "21 errors" run -
out
err_has '<stdin>:20:1: error: unknown operation "bogus"'
test "$(wc -l <"$dir/err")" -eq 21 || fail "not 21 lines" "$dir/err"
err_has '<stdin>: too many errors, the rest is not shown'

head -c 300000 "$program" >"$dir/in"
run 2 "a program for input" run -
out
err_has '<stdin>:1:1: error: bad character 0x7f'

awk 'BEGIN { while (i++ < 300000) printf "destroy " }' >"$dir/in"
run 2 "a long line" run -
out
err_has '<stdin>:1:17: error: unexpected "destroy"'

awk 'BEGIN { while (i++ < 300000) printf "x" }' >"$dir/in"
run 2 "a long word" run -
err_has "error: unknown operation \"$(printf %040d 0 | tr 0 x)...\""

awk 'BEGIN { printf "destroy 1"; while (i++ < 70) printf " u8@%d=0", i }' \
	>"$dir/in"
run 2 "many settings" run -
out
err_has 'too many arguments at "u8@64"; expected at most 64'

input 'open\nbogus\n'
run 2 "one bad file of two" run bad-keys.script -
out
err_has 'bad-keys.script:2:11: error: '
err_has '<stdin>:2:1: error: '

# Good input
input ''
run 0 "empty file" run /dev/null
out
err "iommufd-model run: /dev/null: there is no operation in it$nl"
input '# only this'
run 0 "comment" run -
out
err "iommufd-model run: <stdin>: there is no operation in it$nl"
input 'open\r\n\t ioas_alloc  -> $i#\303\251\r\n\n  # c\r\ndestroy\t$i'
run 0 "CR LF, blanks, no newline at the end" run -
out "\
1 open ret=0
2 ioas_alloc ret=0 id=1
5 destroy ret=0
"
err
printf 'open 1\nioas_alloc\n' >"$dir/file"
input 'objmap 1\n'
run 0 "two files" run "$dir/file" -
out "\
# $dir/file
1 open ret=0
2 ioas_alloc ret=0 id=1
# <stdin>
1 objmap ret=-EBADF
"
err
input 'open  # c\nobjmap 1\n'
run 0 "--story" run --story -
out_has 'open'
out_has '.'

# Threads one after the other, each with its own names and slots
run 0 "threads" run threads.script
cmp -s threads.result "$dir/out" || {
	fail "stdout"
	diff -u threads.result "$dir/out"
}
err
run 0 "threads with --story" run --story threads.script
out_has '  thread first'

# Results that are not as expected
cat >"$dir/in" <<'END'
open
expect 1			# no
ioas_alloc -> $i
expect 0 id=$i|7
expect -ENOMEM 0 id=2|3  	# no
objmap 2
expect 0 map=I.
expect map=.I|..
thread a
destroy 7
expect -ENOENT
destroy $i size=12 u32@8=1
expect -EBUSY mod=1
END
run 1 "expect" run -
out "\
1 open ret=0
3 ioas_alloc ret=0 id=1
6 objmap ret=0 map=I.
10 destroy ret=-ENOENT
12 destroy ret=-E2BIG
"
err "\
<stdin>:2: open of line 1: got ret=0, expected 1
<stdin>:5: ioas_alloc of line 3: got ret=0 id=1, expected -ENOMEM 0 id=2|3
<stdin>:8: objmap of line 6: got ret=0 map=I., expected map=.I|..
<stdin>:13: destroy of line 12: got ret=-E2BIG, expected -EBUSY mod=1
"

# A hundred thousand steps, and as many names
awk 'BEGIN {
	print "open"
	while (i++ < 100000)
		printf "ioas_alloc -> $i%d\ndestroy $i%d\n", i, i
	print "objmap 1"
}' >"$dir/in"
run 0 "a long file" run -
test "$(tail -n 1 "$dir/out")" = "200002 objmap ret=0 map=." ||
	fail "last line"

# An error if the output cannot be written
if test -w /dev/full; then
	title="full disk"
	input 'open\n'
	"$program" run - <"$dir/in" >/dev/full 2>"$dir/err"
	test $? -eq 2 || fail "exit code"
	err "\
iommufd-model: cannot write to standard output: No space left on device
"
	for option in --html --trace --columns --record; do
		run 2 "full disk, $option" run $option /dev/full threads.script
		err "\
iommufd-model run: cannot write /dev/full: No space left on device
"
	done
fi
# Programs that the program calls end at a closed pipe, as usual.
mkdir "$dir/zoo"
printf '#!/bin/sh\nyes | head -n 1\n' >"$dir/zoo/zoo-z99-yes"
chmod +x "$dir/zoo/zoo-z99-yes"
IOMMUFD_MODEL_ZOO=$dir/zoo run 0 "a pipe in a program" zoo replay z99 -
out "y$nl"
err
title="closed pipe"
# This is more than a pipe can hold.
awk 'BEGIN { while (i++ < 20000) print "objmap 1" }' >"$dir/in"
{
	"$program" run - <"$dir/in" 2>"$dir/err"
	echo $? >"$dir/code"
} | true
test "$(cat "$dir/code")" -eq 2 || fail "exit code"
err
title="closed output"
"$program" run - <"$dir/in" >&- 2>"$dir/err"
test $? -eq 2 || fail "exit code"

exit $bad
