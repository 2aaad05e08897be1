#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# interrupt.sh PROGRAM - test signals during an exploration, processes that
# would be left over, and schedules of another test.
set -u

program=$1
. ./shell.sh
# shellcheck disable=SC2046 # several words
unset $(env | sed -n 's/^\(IOMMUFD_MODEL_EXPLORE_[A-Z_]*\)=.*/\1/p')

# Three threads, whose exploration would take very long.
script=$dir/long.script
{
	echo open
	for thread in a b c; do
		echo "thread $thread"
		for i in 1 2 3 4; do
			echo "ioas_alloc -> \$$thread$i"
			echo "destroy \$$thread$i"
		done
	done
} >"$script"

# The processes that explore it; they are found by the name of the file.
left()
{
	pgrep -f "explore.*$script" || true
}

# none_left TITLE: wait until these processes have ended.
none_left()
{
	for seconds in .1 .2 .5 1 2 4 8; do
		test -n "$(left)" || return
		sleep $seconds
	done
	title=$1
	fail "processes are left over: $(left)"
}

# interrupted SIGNAL ARGUMENT...: explore, and send SIGNAL after half a second.  If
# nothing was printed, the machine may be so loaded that the program had not begun:
# then it is given more time.
interrupted()
{
	signal=$1
	shift
	for seconds in .5 2 10 30; do
		timeout --preserve-status -s "$signal" $seconds "$program" \
			explore "$@" >"$dir/out"
		code=$?
		test ! -s "$dir/out" || break
	done
	return $code
}

if command -v timeout >/dev/null && command -v pgrep >/dev/null; then
	for jobs in 1 2; do
		for expected in INT:130 TERM:143; do
			title="SIG${expected%:*}, $jobs jobs"
			interrupted "${expected%:*}" --jobs $jobs "$script"
			test $? -eq "${expected#*:}" || fail "exit code"
			out_has ": stopped at SIG${expected%:*}, about "
			grep -qE ': [0-9]+ executions?, ' "$dir/out" ||
				fail "no executions" "$dir/out"
			none_left "$title"
		done
		title="SIGKILL, $jobs jobs"
		timeout --foreground -s KILL .5 "$program" explore --jobs $jobs \
			"$script" >"$dir/out"
		none_left "$title"
	done
	title="a report of what was done"
	interrupted INT --json "$script"
	out_has '"verdict":"stopped"'
	out_has '"limit":"SIGINT"'
	title="a shard"
	interrupted INT --shard 2/3 "$script"
	out_has ': stopped at SIGINT, '
	none_left "$title"
fi

# Schedules of another test
run 1 "a bad one" explore busy.script
schedule=$(sed -n 's/.* replay busy.script //p' "$dir/out")
case $schedule in
*@????????????.*)	;;
*)	fail "no fingerprint in $schedule" ;;
esac
run 1 "its own schedule" replay busy.script "$schedule"
cp busy.script "$dir/busy.script"
run 1 "in another directory" replay "$dir/busy.script" "$schedule"
sed 's/getter/taker/' busy.script >"$dir/other.script"
run 2 "of another test" replay "$dir/other.script" "$schedule"
out
err_has 'the schedule is of another test, or of one that has been changed'
err_has '(--force or IOMMUFD_MODEL_EXPLORE_FORCE=1 runs it)'
run 1 "forced" replay --force "$dir/other.script" "$schedule"
out_has 'FAILED: failed assertion'
IOMMUFD_MODEL_EXPLORE_FORCE=1 run 1 "forced by a variable" \
	replay "$dir/other.script" "$schedule"
run 1 "made up by hand" replay busy.script "${schedule%%@*}"
out_has " replay busy.script $schedule"
for print in @ @12 "@0123456789ab" "@0123456789ab." "@0123456789ag.1" \
	"@0123456789ab.99999" "@0123456789ab.1x"; do
	run 2 "fingerprint $print" replay busy.script "a$print"
	out
	err_has 'schedule "a@'
done

# A name that no test has
IOMMUFD_MODEL_EXPLORE_REPLAY=nobody:ab run 2 "a name that is nobody's" \
	explore --quiet busy.script
err_has 'no test of the name "nobody" was explored, and nothing was replayed'
IOMMUFD_MODEL_EXPLORE_REPLAY=busy.script:$schedule run 1 "a name" \
	explore --quiet busy.script
err
IOMMUFD_MODEL_EXPLORE_REPLAY=nobody:ab run 0 "nothing explored" --help
err

exit $bad
