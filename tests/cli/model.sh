#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# model.sh SOURCE - test what ./model test and ./model ci print around the builds
# and the tests: sizes before packages, lines that say that it is still running,
# and only the failed tests.  Scripts stand for CMake, CTest and apt-get.  A second
# lasts a twentieth of a second here, and a slow step, $SLOW, lasts until such a
# line has been printed.
set -u

source=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
title=

fail()
{
	echo "FAIL: $title: $1"
	sed 's/^/	/' "$dir/out" "$dir/err"
	bad=1
}

# play NAME: make a program NAME from standard input.
play()
{
	{
		echo '#!/bin/sh'
		cat
	} >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

mkdir "$dir/bin" "$dir/tree"
for tool in sh awk cat cut date dirname env flock grep ls mkdir nproc readlink rm \
		sed sort tail tr uname; do
	path=$(command -v "$tool") || {
		echo "skipped: no $tool here"
		exit 77
	}
	ln -s "$path" "$dir/bin/$tool"
done
nap=$(command -v sleep)
cp "$source/model" "$dir/tree/model"
for tool in cc c++ ninja pkg-config valgrind patch; do
	play $tool <<'END'
END
done
play id <<'END'
echo 0
END
play setarch <<'END'
exit 1
END
play sleep <<END
exec $nap 0.05
END
play apt-get <<'END'
echo "$*" >>"$CALLS"
case $* in
*--assume-no*)
	echo '0 upgraded, 214 newly installed, 0 to remove and 3 not upgraded.'
	echo 'Need to get 287 MB of archives.'
	echo 'After this operation, 1,024 MB of additional disk space will be used.'
	exit 1 ;;
esac
END
play cmake <<END
case \$* in
--version)	echo "cmake version 3.25.1"; exit ;;
esac
echo "cmake \$* level \$CMAKE_BUILD_PARALLEL_LEVEL" >>"\$CALLS"
echo "[ 45%] Building C object some/file.o"
case \$* in
"--preset \${REFUSED:-nothing}")
	echo "iommufd-model needs a compiler for 64 bits, and cc makes programs"
	echo "with pointers of 32 bits."
	exit 1 ;;
*"--build --preset \${SLOW:-nothing}"*)
	until grep -q "^model: \$SLOW-build: " "$dir/err"; do $nap 0.05; done ;;
esac
END
play ctest <<END
echo "ctest \$*" >>"\$CALLS"
printf '  7/900 Test   #7: before ....   Passed    0.01 sec\n'
case \$* in
*"--preset \${SLOW:-nothing}"*)
	until grep -q "^model: \$SLOW-test: " "$dir/err"; do $nap 0.05; done ;;
esac
end="100% tests passed, 0 tests failed out of 900"
case \$* in
*"\${FAILS:-nothing}"*)
	t=build/\$FAILS/Testing/Temporary
	mkdir -p \$t
	echo 2:the.one >\$t/LastTestsFailed.log
	{
		for name in before the.one behind; do
			echo "1/3 Testing: \$name"
			echo "1/3 Test: \$name"
			echo "Output:"
			echo "what \$name says"
			echo "Test time =   0.00 sec"
		done
	} >\$t/LastTest.log
	end="99% tests passed, 1 tests failed out of 900" ;;
esac
awk 'BEGIN { while (i++ < 900) print "a line that nobody wants to read" }'
echo
echo "\$end"
test "\${end#100}" != "\$end"
END

# Leave what a build leaves that was interrupted; HALF=program: behind the program.
half_a_build()
{
	mkdir -p "$dir/tree/build/dev/src/cli" "$dir/tree/build/dev/tests/zoo"
	: >"$dir/tree/build/dev/cmake_install.cmake"
	: >"$dir/tree/build/dev/tests/zoo/zoo-z01"
	echo "CMAKE_HOME_DIRECTORY:INTERNAL=$dir/tree" \
		>"$dir/tree/build/dev/CMakeCache.txt"
	test "$HALF" != program || (
		cd "$dir/tree/build/dev/src/cli" || exit
		echo '#!/bin/sh' >iommufd-model
		chmod +x iommufd-model
	)
}

# run CODE TITLE [ARGUMENT ...]: ./model, in a fresh tree.
run()
{
	code=$1
	title=$2
	shift 2
	rm -rf "$dir/tree/build"
	test -z "${INSTEAD-}" || : >"$dir/tree/build"
	test -z "${HALF-}" || half_a_build
	: >"$dir/calls"
	env -u CC -u CXX PATH="$dir/bin" CALLS="$dir/calls" sh \
		"$dir/tree/model" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	test $got -eq "$code" || fail "exit code $got, not $code"
}

says() { grep -q -e "$1" "$dir/err" || fail "does not say \"$1\""; }
prints() { grep -q -e "$1" "$dir/out" || fail "does not print \"$1\""; }
calls() { grep -q -e "$1" "$dir/calls" || fail "does not call \"$1\""; }

SLOW=asan run 0 "test" test
test "$(grep -c 'tests passed' "$dir/out")" -eq 3 || fail "not three summaries"
! grep -q 'nobody wants' "$dir/out" "$dir/err" || fail "too much output"
! grep -q '^[^c]' "$dir/calls" || fail "apt-get is called"
says 'model test --all'
says 'asan-build: .* s, \[ 45%\] Building C object'
says 'asan-test: .* s, 7/900 Test #7: before Passed'

MODEL_JOBS=1 run 0 "one job" test
calls 'cmake --build .* --parallel 1 level 1$'
! grep 'build\|ctest' "$dir/calls" | grep -v -- '--parallel 1' ||
	fail "more than one job"

run 0 "test --all" test --all
says 'Need to get 287 MB'
says 'After this operation, 1,024 MB'
says '214 newly installed'
awk '/--assume-no/ { asked = 1 } /-qy.* install/ { exit !asked }' "$dir/calls" ||
	fail "installs before it has asked for the sizes"
! grep -e '--assume-no' "$dir/calls" | grep -q -e '-[a-z]*y' ||
	fail "asks with -y"

run 0 "test --long" test --long
says 'Need to get 287 MB'
calls 'IOMMUFD_MODEL_LONG_TESTS=ON'

FAILS=asan run 1 "one fails" test
prints '^== failed: the.one$'
prints '^what the.one says$'
prints '99% tests passed'
! grep -q 'what before\|what behind\|nobody wants' "$dir/out" ||
	fail "prints more than the test that failed"
test "$(wc -l <"$dir/out")" -lt 30 || fail "too many lines"
says 'failed: asan$'

run 0 "ci, of what is here" ci asan tsan
prints '^asan  *passed  .* s  *0 tests failed out of 900$'
prints '^tsan  *passed'
FAILS=asan run 1 "ci, one fails" ci asan tsan
prints '^asan  *FAILED .*1 tests failed out of 900$'
prints '^tsan  *passed'
run 2 "ci, one that cannot run" ci musl
prints '^musl  *cannot run .*needs musl-tools'
! grep -q preset "$dir/calls" || fail "builds"
# The stand-in for the compiler takes -m32, and that for CMake refuses nothing.
run 1 "ci, all of them" ci
prints '^s390x  *cannot run .*needs gcc-s390x-linux-gnu qemu-user'
prints '^32bit  *FAILED .*not refused'
REFUSED=32bit run 0 "ci, 32 bits are refused" ci 32bit
prints '^32bit  *passed .*refused'
run 2 "ci --all" ci --all clang
says 'still missing:'
says 'clang: the compiler'

run 0 "ci --list" ci --list
sort "$dir/out" >"$dir/names"
tr -d '\n' <"$source/CMakePresets.json" |
	sed 's/"buildPresets".*//; s/{/\n{/g' | grep -v '"hidden": true' |
	sed -n 's/^{[[:space:]]*"name": "\([^"]*\)".*/\1/p' |
	grep -vx -e dev -e release -e coverage | sort >"$dir/presets"
cmp -s "$dir/names" "$dir/presets" || fail "CMakePresets.json has others"
sed -n 's/^ *preset: \[\(.*\)\]$/\1/p' "$source/CONTRIBUTING.md" |
	tr -d ' ' | tr ',' '\n' | sort >"$dir/documented"
cmp -s "$dir/names" "$dir/documented" || fail "CONTRIBUTING.md has others"

# As in a folder that is only for reading, which root cannot be kept out of.
for arguments in "run x" test "zoo list" "tree --list"; do
	# shellcheck disable=SC2086 # several words
	INSTEAD=file run 2 "a build folder that cannot be made" $arguments
	says 'cannot write to .*/build, .*(File exists); copy the project'
	test "$(wc -l <"$dir/err")" -eq 1 || fail "more than a line"
done
INSTEAD=file run 0 "help where nothing can be built" help
cp "$dir/out" "$dir/help"

# Each command that is not the program's own prints its part of the help, and all
# of these parts are in it.
for command in tree test mutants fuzz coverage reference package ci; do
	for option in --help -h; do
		INSTEAD=file run 0 "$command $option" $command $option
		test ! -s "$dir/calls" || fail "does something"
		test ! -s "$dir/err" || fail "says something"
		grep -c "^\./model $command\>" "$dir/help" >"$dir/expected"
		grep -c "^\./model $command\>" "$dir/out" |
			cmp -s - "$dir/expected" || fail "not each of its lines"
		! grep '^\./model' "$dir/out" |
			grep -v "^\./model $command\>" || fail "other lines"
		test "$(grep -c . "$dir/out")" -gt 1 || fail "not what it does"
		! grep -q '^Missing Debian' "$dir/out" || fail "more than its part"
		grep -vxFf "$dir/help" "$dir/out" && fail "what is not in the help"
	done
done

# A build that was interrupted: it says so before it goes on.
HALF=library SLOW=dev run 127 "run after half a build" run x
says '^model: going on with a build that did not finish'
HALF=program run 0 "run after a whole build" run x
test ! -s "$dir/err" || fail "says something"
HALF=program run 0 "zoo after half a build" zoo list
says '^model: building the zoo'

# Tools are missing
rm "$dir/bin/ninja"
run 2 "a tool that does not come" run
says 'Need to get 287 MB'
says 'still missing'

for arguments in "test --bogus" "test --all --all" "test --long --all" bogus tree "tree x" \
	"tree x bogus" "tree x test --bogus" "tree x test --coverage more" \
	"tree x --patch" "tree x --patch nowhere run" "ci bogus" \
	"ci asan bogus" "ci --bogus" "ci --list asan" "package --bogus"; do
	# shellcheck disable=SC2086 # several words
	run 2 "$arguments" $arguments
	test ! -s "$dir/calls" || fail "does something"
done

title="the command of the README is that of CI"
: >"$dir/out"
command=$(sed -n 's/.* exec //p' "$source/.ci/run")
case $command in
"./model test"*)	;;
*)			fail "CI calls \"$command\"" ;;
esac
sed 's/ *#.*//' "$source/README.md" | grep -qxF "$command" ||
	fail "README.md does not show \"$command\""

exit $bad
