#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# changed.sh SOURCE - tests/changed.py on a small project: which tests a file
# reaches, which of them are run, and in which order.
set -u

source=$1
for tool in cmake ctest ninja nm python3 cc; do
	command -v $tool >/dev/null || {
		echo "skipped: no $tool here"
		exit 77
	}
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

fail()
{
	echo "FAIL: $title: $1"
	sed 's/^/	/' "$dir/out"
	bad=1
}

# changed CODE TITLE ARGUMENT...
changed()
{
	code=$1
	title=$2
	shift 2
	(cd "$dir" && python3 -B "$source/tests/changed.py" build "$@") \
		>"$dir/out" 2>&1
	got=$?
	test $got -eq "$code" || fail "exit code $got, not $code"
}

# lists NAME HOW...: --list prints these tests, in this order.
lists()
{
	sed 's/	[0-9.]*$//' "$dir/out" >"$dir/listed"
	printf '%s\t%s\n' "$@" | diff - "$dir/listed" >"$dir/diff" || {
		cat "$dir/diff" >>"$dir/out"
		fail "other tests"
	}
}

has() { grep -q -e "$1" "$dir/out" || fail "does not print \"$1\""; }

cat >"$dir/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES C)
enable_testing()
add_library(small STATIC blue.c green.c)
foreach(name blue other alone)
	add_executable(test_${name} ${name}_test.c)
	add_test(NAME unit.${name} COMMAND test_${name})
endforeach()
target_link_libraries(test_blue small)
target_link_libraries(test_other small)
add_executable(test_calls calls_test.c)
target_link_libraries(test_calls small)
add_test(NAME calls COMMAND test_calls)
add_test(NAME text COMMAND grep -q . ${CMAKE_SOURCE_DIR}/text/page)
add_test(NAME folder COMMAND test -d ${CMAKE_SOURCE_DIR}/text)
add_test(NAME slow COMMAND sleep 60)
add_test(NAME zoo COMMAND test_blue)
set_tests_properties(zoo PROPERTIES FIXTURES_REQUIRED zoo)
add_test(NAME zoo.build COMMAND false)
set_tests_properties(zoo.build PROPERTIES FIXTURES_SETUP zoo)
END
mkdir "$dir/text"
echo page >"$dir/text/page"
echo 'int green_light(void);' >"$dir/green.h"
echo 'int blue_light(void); int blue_light(void) { return 0; }' >"$dir/blue.c"
printf '#include "green.h"\nint green_light(void) { return 0; }\n' >"$dir/green.c"
echo 'int main(void) { return 0; }' |
	tee "$dir/blue_test.c" "$dir/other_test.c" >"$dir/alone_test.c"
printf '#include "green.h"\nint main(void) { return green_light(); }\n' \
	>"$dir/calls_test.c"
(cd "$dir" && cmake -G Ninja -S . -B build && cmake --build build) \
	>"$dir/out" 2>&1 || { title=build; fail "does not build"; exit 1; }

self="changed itself" about="about what was changed"
other="reached in another way"
changed 0 "a source" --list blue.c
lists unit.blue "$about" unit.other "$other" calls "$other" zoo "$other"
changed 0 "a source whose function is called" --list green.c
lists calls "$about" unit.blue "$other" unit.other "$other" zoo "$other"
changed 0 "a header" --list green.h
lists calls "$self" unit.blue "$other" unit.other "$other" zoo "$other"
changed 0 "a test" --list alone_test.c
lists unit.alone "$self"
changed 0 "a file that a test reads" --list text/page
lists text "$self" folder "$other"
changed 0 "what nothing is made of" --list nothing.txt
test ! -s "$dir/out" || fail "lists a test"
changed 0 "what configures" --list CMakeLists.txt
test "$(wc -l <"$dir/out")" -eq 8 || fail "does not list all tests"

changed 0 "run" blue.c
has '^4 of 8 tests are reached, of which 1 are near$'
has '^left out: zoo (reached in another way; needs the whole zoo)$'
has '^3 tests passed in .* s, 1 were left out$'
changed 0 "no time" --seconds 0.01 blue.c
has '^0 tests passed in .* s, 4 were left out$'
echo 'int green_light(void) { return 1; }' >"$dir/green.c"
changed 1 "a test that fails" green.c
has 'calls .*Failed'
has '^failed, after '
echo 'this is no C' >"$dir/green.c"
changed 2 "what does not compile" green.c
has 'green.c:1'
exit $bad
