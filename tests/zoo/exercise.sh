#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# exercise.sh make NAME FOLDER - make a folder in which a student finds and
# mends the bug NAME.
#
# exercise.sh check NAME FOLDER [OPTION...] - check whether the exercise in it
# is solved.  The folder's own ./check calls this; options are in usage() below.
#
# The file "exercise" in the build starts this script and sets the paths:
# ZOO_SOURCE, ZOO_BUILT, ZOO_PROGRAM, ZOO_CC, ZOO_TIMEOUT.  ZOO_ONCE, of the tests
# of this script, are words in front of the compiler (compile_once.sh).
#
# The folder has the source with the bug, which the student changes; the test,
# to be read; and hints.  The test in the folder is not run.  Instead, the
# student's source is compiled and linked with the objects that the build made
# of the test, in place of the library's source.  The files that a student may
# not change are made again and compared.
#
# Exit: 0 solved (or made), 1 not solved, 2 it does not compile, or bad usage.
#
# Names of files and tests have no blanks, and lists of them are not quoted.
# shellcheck disable=SC2086,SC2046,SC2013
set -u

zoo=$ZOO_SOURCE/tests/zoo
files=$ZOO_BUILT/exercise-files

usage()
{
	cat <<'END'
./check                    build, explore the test, say what came of it
./check --quick            the same without the other tests of your source
./check --replay SCHEDULE  run one order of the steps again
./check --gdb [SCHEDULE]   the same in gdb (without: the last that failed)
./check --hint             the next hint
./check --solution         what was wrong and what is right
./check --restore          put back what was given, but for your source
END
}

say()
{
	echo "check: $*" >&2
}

die()
{
	say "$*"
	exit 2
}

# Check that all files exist with which the student's source is linked.
look_at_build()
{
	# The shell would read the list byte by byte.  xargs knows the quotes.
	cat "$files/iommufd-model-cli" "$files"/control-* "$files"/test_* \
		"$files"/explore_* | xargs ls -d >/dev/null 2>&1 ||
		die "the library is not completely built: build the target" \
			"zoo-exercise, as ./model zoo exercise does"
}

# Set $sources, those that contain the bug, as paths in the tree, and $own_files, the
# student's.
look_at_diff()
{
	sources=$(sed -n 's|^+++ b/\([^ 	]*\).*|\1|p' "$zoo/$name.diff")
	own_files=
	for source in $sources; do
		own_files="$own_files ${source##*/}"
	done
}

# The versions of the files from which the exercise was made, in a form that
# gives nothing away.
made_of()
{
	(cd "$ZOO_SOURCE" && cat "tests/zoo/$name.diff" "tests/zoo/$name.c" \
		$sources) | cksum
}

# without_story FILE: print it without its head comment and without the answer.
without_story()
{
	awk '
	/^\/\*/ && !head { head = comment = 1; print "/*\n * " subject "\n */" }
	comment { if (/\*\//) comment = 0; next }
	/^\t\.(title|lesson|wrong|right|rule|also) =/ { story = 1 }
	story { if (/",$/) story = 0; next }
	/^\t\.lesson_number =/ { next }
	{ print }
	' subject="$2" "$1"
}

# headers FILE: those of tests/zoo and tests/support that it includes, and that
# they include, each once.
headers()
{
	awk '
	function look(file, line, words, path, i) {
		while ((getline line <file) > 0) {
			if (line !~ /^#include "/)
				continue
			split(line, words, "\"")
			for (i = 1; i <= nr; i++) {
				path = places[i] "/" words[2]
				if (path in seen || (getline line <path) < 0)
					continue
				close(path)
				seen[path] = 1
				print path
				look(path)
			}
		}
		close(file)
	}
	BEGIN {
		nr = 2
		places[1] = ARGV[2]
		places[2] = ARGV[3]
		look(ARGV[1])
	}' "$1" "$zoo" "$ZOO_SOURCE/tests/support"
}

# give FOLDER: write the files that the student gets and may not change.
give()
{
	mkdir -p "$1/test"
	without_story "$zoo/$name.c" "The explored test of the exercise." \
		>"$1/test/test.c"
	cp $(headers "$zoo/$name.c") "$1/test/"
	cat >"$1/check" <<END
#!/bin/sh
# ./check --help says what it does.
cd "\$(dirname "\$0")" || exit 2
zoo=\${IOMMUFD_MODEL_ZOO:-\$(cat .zoo)}
test -x "\$zoo/exercise" || {
	echo "check: no library built in \$zoo; where its source is say" >&2
	echo "./model zoo exercise, or name build/dev/tests/zoo there in" >&2
	echo "IOMMUFD_MODEL_ZOO" >&2
	exit 2
}
exec "\$zoo/exercise" check $name . "\$@"
END
	chmod +x "$1/check"
}

give_hints()
{
	"$ZOO_BUILT/zoo-$name" --hints | sed G | fold -s -w 78 |
		sed 's/ *$//'
}

readme()
{
	own=
	for file in $own_files; do
		own="$own${own:+ and }\`$file\`"
	done
	cat <<END
# Exercise $name

There is a bug in $own: something lives too long, or not long enough,
or two wait for each other. The test in \`test/test.c\` shows it. Find it, and
mend it there.

1. Run \`./check\`. It builds your source into the library and has the explorer
   run the test in every order of its threads' steps. The order that breaks is
   drawn, a column for each thread, and under "To run it again" there is its
   schedule.
2. Read the drawing upwards from the \`!!\`: which object is it about, who gave
   it up, who still uses it or waits for it? A number is a step, \`users 2 -> 1\`
   a counter before and after it. Then read the source.
3. Change $own and run \`./check\` again, until it says SOLVED.

The test has to pass as it is: the exploration complete, no failure. So have
other tests that use the same source; they come when this one passes.
END
	! grep -q 'faults = true' "$zoo/$name.c" || cat <<END

Here an allocation fails too: the test is explored again with the first one
failing, with the second and so on. A schedule that ends in \`+fail4\` has the
fourth one fail.
END
	! also=$("$ZOO_BUILT/zoo-$name" --also) || {
		echo
		echo "$also" | fold -s -w 78 | sed 's/ *$//'
	}
	cat <<END

    $(usage | sed '2,$s/^/    /')

\`./check\` exits with 0 for solved, 1 for not, 2 if it does not compile. In gdb
the program stops where the failure is noticed: \`info threads\` names the test's
threads, \`thread apply all bt\` shows where each one stands, \`break\` and \`run\`
go through the same order again.

The library's headers, and all that is not in this folder, stay as they are. To
understand, read on in the library's source: \`docs/model.md\` tells what the two
counters are, \`docs/explorer.md\` what the failures are, \`docs/map.md\` which
function is where, with the numbers of the rules that the hints cite.
END
}

make()
{
	look_at_build
	if test -e "$folder" && ! test -d "$folder"; then
		die "$folder is there and is no folder"
	elif test -n "$(ls -A "$folder" 2>/dev/null)"; then
		die "$folder is not empty; name another folder"
	fi
	mkdir -p "$folder" && give "$folder" || exit 2
	for source in $sources; do
		file=$folder/${source##*/}
		case $source in
		tests/*)
			without_story "$ZOO_BUILT/$name/$source" \
				"An object type with a bug." >"$file" ;;
		*)
			cp "$ZOO_BUILT/$name/$source" "$file" ;;
		esac || exit 2
	done
	give_hints >"$folder/hints.txt"
	readme >"$folder/README.md"
	made_of >"$folder/.made-of"
	echo "$ZOO_BUILT" >"$folder/.zoo"
	printf '/.zoo\n/.build/\n' >"$folder/.gitignore"
	echo "$folder: read README.md there, and run ./check"
}

# compiler ARGS...: run it, and also store its messages.  With large pages the linker
# takes a quarter less time.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
compiler()
{
	$ZOO_CC "$@" >>.build/compiler 2>&1
}

# link PROGRAM TO [OPTION]: link PROGRAM with the student's objects in place of
# others.  The library's objects are then not taken from its archive, and the
# zoo's objects of these sources are left out.
link()
{
	: >.build/compiler
	objects=$files/$1
	own_objects=
	for source in $sources; do
		own_objects="$own_objects .build/${source##*/}.o"
		case $source in
		tests/*)
			sed "/\/${source##*/}\.o\"$/d" "$objects" >.build/rest
			mv .build/rest .build/objects
			objects=.build/objects ;;
		esac
	done
	compiler @"$objects" $own_objects \
		@"$files/libraries" ${3-} -o ".build/$2" || {
		mv .build/compiler .build/report
		return 1
	}
}

build()
{
	: >.build/compiler
	rm -f .build/*.o .build/test
	for file in $own_files; do
		test -e "$file" || die "$file is not there"
		compiler @"$files/compile" -c "$file" -o ".build/$file.o" || {
			cat .build/compiler
			die "DOES NOT COMPILE: $file"
		}
	done
	cat .build/compiler		# warnings
	link "control-$name" test || {
		cat .build/report
		die "DOES NOT LINK: is a function missing that others call?"
	}
}

# True if the files that may not be changed are unchanged; others may be there.
given_are_same()
{
	cmp -s .build/given/check check &&
		! LC_ALL=C diff -rq .build/given/test test 2>&1 |
			grep -qv '^Only in test'
}

# Check that they are, or tell which are not.
look_at_given()
{
	made=
	test ! -e .made-of || read -r made <.made-of
	test "$made" = "$(made_of)" || die \
		"made for another exercise, or of another version of the" \
		"library: make it again in another folder and carry your" \
		"change over"
	rm -rf .build/given
	give .build/given
	! given_are_same || return 0
	changed=$(cd .build/given && find . -type f |
		while read -r file; do
			cmp -s "$file" "../../$file" || echo "${file#./}"
		done)
	test -z "$changed" || {
		echo "NOT SOLVED: changed or missing, and not yours to change:" \
			$changed
		echo "(The test is run as it was given.  ./check --restore puts" \
			"it back.)"
		exit 1
	}
}

# explore PROGRAM: its report is stored in .build/report.
explore()
{
	".build/$1" --exercise >.build/report 2>&1
}

# broken WHAT: say that another test fails; its output is in .build/report.
broken()
{
	echo "NOT SOLVED: the test passes, but something else breaks: $1"
	sed -n '1,90p; 91s/.*/.../p' .build/report
	test "$(wc -l <.build/report)" -le 91 || tail -n 1 .build/report
	exit 1
}

# broken_program WHAT PROGRAM: the same, for gdb with its symbols.
broken_program()
{
	echo "The program is .build/other; in gdb: CK_FORK=no gdb .build/other" \
		>>.build/report
	cp .build/report .build/why
	! link "$2" other || cp .build/why .build/report
	broken "$1"
}

other_entries()
{
	for file in $sources; do
		grep -l "^+++ b/$file\$" "$zoo"/*.diff
	done | sed 's|.*/||; s|\.diff$||' | sort -u | grep -vxF "$name"
}

other_tests()
{
	for file in $own_files; do
		test ! -e "$files/tests-$file" || cat "$files/tests-$file"
	done | sort -u
}

# Print each line after the name of its scenario, which is on an earlier line.
named()
{
	awk '/^# .*[.]script$/ { name = $2; sub(".*/", "", name); next }
	{ print name ": " $0 }' "$@"
}

# Run all scenarios of the golden tests.  A hang is a failure, too.
scenarios()
{
	link iommufd-model-cli program -Wl,-S || broken "the program"
	golden=$ZOO_SOURCE/tests/golden
	timeout "$ZOO_TIMEOUT" .build/program run "$golden"/*.script \
		"$golden"/own/*.script >.build/printed 2>.build/problems
	code=$?
	named .build/printed >.build/scenarios
	awk 'FNR == 1 { name = FILENAME; sub("result$", "script", name)
		print "# " name }
	{ print }' "$golden"/*.result "$golden"/own/*.result |
		named >.build/expected
	if ! diff -U 1 .build/expected .build/scenarios >.build/report ||
		test $code -ne 0; then
		cat .build/problems >>.build/report
		broken "scenarios (-: expected, +: printed)"
	fi
	count=$(grep -c '^# .*[.]script$' .build/printed)
}

# Run other tests that use the source, and print what was run.
look_at_others()
{
	entries=$(other_entries)
	for other in $entries; do
		if ! link "control-$other" other -Wl,-S || ! explore other; then
			broken_program "the test of $other" "control-$other"
		fi
	done
	tests=$(other_tests)
	for test in $tests; do
		if ! link "$test" other -Wl,-S ||
			! CK_DEFAULT_TIMEOUT=$ZOO_TIMEOUT .build/other \
				>.build/report 2>&1; then
			broken_program "$test" "$test"
		fi
	done
	test -z "$tests" || scenarios
	echo "Run with your source, too, and fine:" \
		$entries $tests ${count-no} scenarios
}

check()
{
	look_at_given
	build
	rm -f .build/schedule
	explore test
	code=$?
	if test $code -ne 0; then
		echo "NOT SOLVED: $(head -n 1 .build/report)"
		echo
		sed 1d .build/report
		sed -n 's/^  \.\/check --replay //p' .build/report >.build/schedule
		test $code -eq 2 || code=1
		exit $code
	fi
	verdict=$(cat .build/report)
	case $verdict in
	complete*)	;;
	*)		echo "NOT SOLVED: the test did not end: $verdict"
			exit 1 ;;
	esac
	test "${1-}" != --quick || {
		echo "The test passes: $verdict. Other tests were not run."
		exit 0
	}
	others=$(look_at_others) || {
		echo "$others"
		exit 1
	}
	echo "SOLVED: $verdict"
	echo "$others" | fold -s -w 78 | sed 's/ *$//'
}

hint()
{
	seen=$(cat .build/hints 2>/dev/null || echo 0)
	seen=$((seen + 1))
	text=$(awk -v RS= "NR == $seen" hints.txt)
	test -n "$text" || {
		echo "No more hints; hints.txt has them all. What is left is" \
			"./check --solution."
		return
	}
	echo "$text"
	echo $seen >.build/hints
}

debug()
{
	schedule=${1-$(cat .build/schedule 2>/dev/null)}
	test -n "$schedule" || die "no SCHEDULE, and the last check has left none"
	exec gdb -q -ex 'set debuginfod enabled off' \
		-ex 'set breakpoint pending on' -ex 'break explore_fail' \
		-ex run --args .build/test --exercise --replay "$schedule"
}

name=${2-}
folder=${3-}
case ${1-}:$name:$folder in
make:*?:*?)
	look_at_diff
	make
	exit ;;
check:*?:*?)
	cd "$folder" || exit 2 ;;
*)
	die "expected make or check, NAME and FOLDER" ;;
esac
shift 3
mkdir -p .build
look_at_diff
look_at_build
case ${1-} in
'' | --quick)	check "$@" ;;
--replay)	test $# -eq 2 || { usage >&2; exit 2; }
		test -x .build/test || build
		exec .build/test --exercise --replay "$2" ;;
--gdb)		shift
		test -x .build/test || build
		debug "$@" ;;
--hint)		hint ;;
--solution)	exec "$ZOO_PROGRAM" zoo show "$name" ;;
--restore)	give . ;;
--help)		usage ;;
*)		usage >&2
		exit 2 ;;
esac
