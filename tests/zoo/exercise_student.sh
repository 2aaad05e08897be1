#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# exercise_student.sh PROGRAM SOURCE FOLDER - test what students may do with
# exercise z06, and what they are told.
set -u

program=$1
source=$2
folder=$3

fail()
{
	echo "$*"
	cat "$folder.out"
	exit 1
}

# run CODE WHAT COMMAND...: check its exit code; its output is stored in a file.
run()
{
	expected=$1
	what=$2
	shift 2
	"$@" >"$folder.out" 2>&1
	code=$?
	test $code -eq "$expected" || fail "$what: exit code $code"
}

says()
{
	grep -q -e "$1" "$folder.out" || fail "$what: does not say \"$1\""
}

quiet_about()
{
	! grep -q -e "$1" "$folder.out" || fail "$what: says \"$1\""
}

solve()
{
	cp "$source/src/iommufd/eventq.c" "$folder/"
}

# edit SCRIPT: change the source by a script of sed, which must change
# something.
edit()
{
	sed "$1" "$folder/eventq.c" >"$folder.edited"
	! cmp -s "$folder.edited" "$folder/eventq.c" || fail "no edit: $1"
	cp "$folder.edited" "$folder/eventq.c"
}

rm -rf "$folder"
mkdir -p "$folder"

# The folder of the exercise
run 0 "into an empty folder" "$program" zoo exercise z06 "$folder"
run 2 "into one that is not" "$program" zoo exercise z06 "$folder"
says 'is not empty; name another folder'
run 2 "over a file" "$program" zoo exercise z06 "$folder/check"
says 'is no folder'
run 2 "an unknown one" "$program" zoo exercise z99
says 'no entry "z99"'
run 2 "too much" "$program" zoo exercise z06 a b
says 'expected exercise NAME'
run 2 "--check without a folder" "$program" zoo exercise --check z06
says 'exercise --check NAME FOLDER'
run 2 "a zoo without source" env IOMMUFD_MODEL_ZOO="$folder.zoo" \
	"$program" zoo exercise z06
mkdir -p "$folder.zoo"
: >"$folder.zoo/zoo-z06-read-after-put"
run 2 "a zoo without source" env IOMMUFD_MODEL_ZOO="$folder.zoo" \
	"$program" zoo exercise z06 "$folder.none"
says 'needs the source tree'
run 2 "a check without library" env IOMMUFD_MODEL_ZOO="$folder.zoo" \
	"$folder/check"
says 'no library built in'
rm -rf "$folder.zoo"

# Hints are given one after the other
run 0 "first hint" "$folder/check" --hint
says 'The lesson is: '
quiet_about 'The rule'
run 0 "second hint" "$folder/check" --hint
says 'The rule that is broken is: '
quiet_about 'The lesson'
run 0 "third hint" "$folder/check" --hint
says 'What is wrong: '
run 0 "no more hints" "$folder/check" --hint
says '--solution'
run 0 "solution" "$folder/check" --solution
says 'What is right:'
run 2 "unknown option" "$folder/check" --bogus
says './check --replay SCHEDULE'

# A source that does not compile or link
edit 's/refcount_dec(&obj->users);/refcount_dec(\&obj->users;/'
run 2 "does not compile" "$folder/check"
says 'eventq.c:[0-9]*:.*error'
says 'DOES NOT COMPILE: eventq.c'
solve
edit 's/\<iommufd_veventq_alloc\>/another_name/'
run 2 "does not link" "$folder/check"
says 'DOES NOT LINK'
rm "$folder/eventq.c"
run 2 "no source" "$folder/check"
says 'eventq.c is not there'

# A test that was changed so that it passes
solve
run 0 "solved" "$folder/check"
says '^SOLVED: complete'
says 'explore_objects_files'
says 'z07-double-put'
says '[1-9][0-9]* *scenarios'
run 0 "solved, quickly" "$folder/check" --quick
says '^The test passes: complete.*Other tests were not run'
quiet_about SOLVED
run 0 "solved, as the teacher looks" \
	"$program" zoo exercise --check z06 "$folder"
says '^SOLVED: complete'
sed -i 's/{ "destroy", destroy }//' "$folder/test/test.c"
run 1 "changed test" "$folder/check"
says '^NOT SOLVED: changed or missing.*: test/test.c$'
rm "$folder/test/test.c"
run 1 "removed test" "$folder/check"
says '^NOT SOLVED: changed or missing.*: test/test.c$'
run 0 "restore" "$folder/check" --restore
run 0 "restored" "$folder/check" --quick
says '^The test passes: complete'
printf '#!/bin/sh\necho SOLVED\n' >"$folder/check"
run 1 "changed check, as the teacher looks" \
	"$program" zoo exercise --check z06 "$folder"
says '^NOT SOLVED: changed or missing.*: check$'
"$program" zoo exercise z07 "$folder.z07" >/dev/null
run 2 "another exercise's folder" \
	"$program" zoo exercise --check z06 "$folder.z07"
says 'made for another exercise, or'
rm -rf "$folder.z07"

# The context is dropped before the users reference: the failure that the test
# looks for is gone, but a close of the context finds the object in use.
rm -rf "$folder"
"$program" zoo exercise z06 "$folder" >/dev/null
edit '/^	refcount_dec(&obj->users);$/d
	s/^	iommufd_ctx_put(eventq->ictx);$/&\
	refcount_dec(\&obj->users);/'
run 1 "wrong way to mend it" "$folder/check"
says '^NOT SOLVED: the test passes, but something else breaks: explore_objects'
says '^step '
says 'no progress'
