#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# preload.sh PROGRAM FOLDER - run the programs in FOLDER, which are those of
# this directory, under exec.  PROGRAM is iommufd-model.
set -u

program=$1
folder=$2
. ../cli/shell.sh
title=preload
# The programs expect the first free number to be 3.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

# runs NAME ARGS...: exit code 0, "NAME: good", nothing on standard error
runs()
{
	name=$1
	shift
	"$program" exec "$folder/preload-$name" "$@" >"$dir/out" 2>"$dir/all" ||
		fail "$name: exit code $?: $(cat "$dir/all")"
	set -- "$name"
	# A child process tries this.
	grep -v 'has memory at .* that the process with the model does not' \
		"$dir/all" >"$dir/err"
	grep -q "^${1%-*}: good" "$dir/out" || fail "$1: $(cat "$dir/out")"
	test ! -s "$dir/err" || fail "$1 says $(cat "$dir/err")"
}

for name in calls events memory faults threads child; do
	runs $name
done
runs threads 2 4
for name in events-asan threads-asan events-tsan threads-tsan; do
	test ! -e "$folder/preload-$name" || runs $name
done

# io_uring is refused, and a line says so where the system has one.
"$program" exec "$folder/preload-ring" >"$dir/out" 2>"$dir/err" ||
	fail "ring: exit code $?: $(cat "$dir/err")"
grep -q '^ring: good' "$dir/out" || fail "ring: $(cat "$dir/out")"
grep -qx 'iommufd-model: io_uring does not reach the model: what is submitted for descriptor 3 fails' \
	"$dir/err" || fail "ring: $(cat "$dir/err")"

ls /tmp/iommufd-model-debugfs-* >/dev/null 2>&1 &&
	fail "a folder of debugfs is left"

# What is left over is reported, however the process ends.
for how in return exit _exit quick group vfork; do
	"$program" exec "$folder/preload-left" $how 2>"$dir/err"
	test $? -eq 3 || fail "left $how: not exit code 3"
	grep -q 'left over: descriptor 3, /dev/iommu: ioas 1, selftest 2, device 3,.*viommu 6' \
		"$dir/err" || fail "left $how: $(cat "$dir/err")"
	grep -q 'left over: a mapping of 8192 bytes' "$dir/err" ||
		fail "left $how: no mapping in $(cat "$dir/err")"
	! grep -q 'never released' "$dir/err" ||
		fail "left $how: $(cat "$dir/err")"
done

# A descriptor that an earlier program in the process has left is refused, and a
# line says so.
"$program" exec "$folder/preload-left" exec 2>"$dir/err"
test $? -eq 1 || fail "left exec: not exit code 1"
grep -q 'uses descriptor 3, which belongs to the model of another process' \
	"$dir/err" || fail "left exec: $(cat "$dir/err")"

# Scripts, and programs that are found in PATH, run as well.
out=$("$program" exec sh -c 'test -c /dev/iommu && exec 3<>/dev/iommu && echo open') ||
	fail "a shell: exit code $?"
test "$out" = open || fail "a shell prints $out"
printf '#!/bin/sh\nexec 3<>/dev/iommu && echo script "$@"\n' >"$dir/script"
chmod +x "$dir/script"
out=$("$program" exec "$dir/script" a 'b c' 2>"$dir/err") || fail "a script"
test "$out" = 'script a b c' || fail "a script prints $out"
grep -q 'left over: descriptor 3, /dev/iommu$' "$dir/err" ||
	fail "a script: $(cat "$dir/err")"

# A record, from which a page is made.
"$program" exec --record "$dir/a.record" "$folder/preload-left" 2>/dev/null
"$program" page --columns "$dir/columns" "$dir/a.record" ||
	fail "the record cannot be read"
grep -q ioas "$dir/columns" || fail "the record has no ioas"
"$program" exec --record "$dir/a.record" "$folder/preload-left" 2>"$dir/err"
grep -q record "$dir/err" && fail "a second record: $(cat "$dir/err")"
test ! -e "$dir"/a.record.* || fail "the second record has another name"
cp "$dir/a.record" "$dir/a.copy"
"$program" exec --record "$dir/a.record" true 2>"$dir/err"
cmp -s "$dir/a.record" "$dir/a.copy" ||
	fail "a program without the device removes the record"
"$program" exec --record "$dir/a.record" \
	sh -c '"$0"; "$0"; :' "$folder/preload-left" 2>"$dir/err"
test "$(find "$dir" -name 'a.record.*' | wc -l)" -eq 1 ||
	fail "two processes do not make two records"
rm "$dir"/a.record.*

# The n-th allocation fails.
"$program" exec --fail-nth 1 "$folder/preload-left" 2>"$dir/err"
test $? -eq 1 || fail "--fail-nth: not exit code 1"
grep -q 'fd >= 0: not true (errno Cannot allocate memory)' "$dir/err" ||
	fail "--fail-nth: $(cat "$dir/err")"

# refused TEXT ARGS...: exit code 2, TEXT on standard error
refused()
{
	text=$1
	shift
	"$program" exec "$@" >"$dir/out" 2>"$dir/err"
	test $? -eq 2 || fail "$*: not exit code 2"
	grep -qF "$text" "$dir/err" || fail "$*: $(cat "$dir/err")"
	test ! -s "$dir/out" || fail "$*: prints $(cat "$dir/out")"
}

refused 'no PROGRAM given'
refused 'no such program' no-such-program-here
refused 'cannot be run: No such file' "$dir/nothing"
refused 'cannot be run: Is a directory' "$dir"
refused 'needs a number' --fail-nth 0 true
refused 'needs a number' --fail-nth 1x true
refused 'has no libiommufd-model-preload.so' --tree "$dir" true
refused 'did not write' --record "$dir/script" true
printf 'abc' >"$dir/short"
chmod +x "$dir/short"
refused 'is no program' "$dir/short"
cp "$folder/preload-left" "$dir/setuid"
chmod u+s "$dir/setuid"
refused 'set-uid' "$dir/setuid"
printf '#!%s/setuid\n' "$dir" >"$dir/indirect"
chmod +x "$dir/indirect"
refused 'set-uid' "$dir/indirect"
test ! -e "$folder/preload-static" ||
	refused 'is linked statically' "$folder/preload-static"

exit $bad
