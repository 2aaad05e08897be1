#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# stories.sh PROGRAM - test what tests/explore/stories.c prints, and its exit
# codes.  PROGRAM has the stories of the model; ./model tree builds the same
# program on a kernel tree.
set -u

program=$1
. ./shell.sh
title=stories
cd "$dir" || exit 1

# gives CODE ARGS...: check the exit code; the outputs go to the files out and
# err
gives()
{
	code=$1
	shift
	"$program" "$@" >out 2>err
	is=$?
	test $is -eq "$code" || fail "$*: exit code $is, not $code: $(cat err)"
}

# says FILE TEXT
says()
{
	grep -qF -- "$2" "$1" || fail "no \"$2\" in: $(cat "$1")"
}

good='MAP against UNMAP'
spoilt='spoilt: last put without wake-up'

gives 0 --list
says out "$good"
test "$(sort out | uniq -d)" = '' || fail "two stories have one name"

gives 0 "$good"
says out "$good: as told"
says out 'stories: 1 ended as expected, 0 failed, 0 stopped at a limit, 0 not'

gives 0 --quiet "$spoilt"
says out '1 ended as expected'

gives 0 --executions 2 "$good"
says out '1 stopped at a limit'
says out "  $good: stopped at 2 executions"

# A story that does not end as it should: what it expects is ignored.
IOMMUFD_MODEL_EXPLORE_IGNORE=timeout gives 1 --command 'again with' "$spoilt"
says out '1 failed'
says out 'but expected was: timeout'

# A failure has the command that replays it, and the schedule can be replayed.
gives 0 --command 'again with' "$spoilt"
says out "  again with '$spoilt' "
schedule=$(sed -n "s/^  again with '$spoilt' //p" out)
gives 1 "$spoilt" "$schedule"
says err "$spoilt: FAILED: timeout"
gives 2 "$good" "$schedule"

for wrong in '--list extra' '--executions many' '--nothing' 'a b c' nobody; do
	# shellcheck disable=SC2086
	gives 2 $wrong
	test -s err || fail "$wrong: no message"
	test ! -s out || fail "$wrong: prints $(cat out)"
done
exit $bad
