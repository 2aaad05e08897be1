#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# cluster.sh PROGRAM PAGE SCENARIO WHICH - run the lines of PAGE that are marked
# "tested: WHICH", unchanged, with SCENARIO as race.script.  The result must be
# what PROGRAM finds alone.  Exit code 77: the tools are not installed.  For
# slurm, a script that replaces sbatch runs the tasks one after the other; for
# slurm-node, a real Slurm does.
set -eu
. "$(dirname "$0")/slurm.sh"

program=$1
page=$2
scenario=$3
which=$4

case $which in
slurm)	;;
slurm-node)
	have_slurm || exit 77
	;;
*)	command -v "$which" >/dev/null || {
		echo "$which is not installed: its lines of $page are not tested"
		exit 77
	}
	;;
esac

dir=$(mktemp -d)
trap 'stop_slurm; rm -rf "$dir"' EXIT
mkdir "$dir/bin"
ln -s "$program" "$dir/bin/iommufd-model"
PATH=$dir/bin:$PATH
cp "$scenario" "$dir/race.script"

# block NAME: print the lines of the block that follows the mark.
block()
{
	awk -v mark="<!-- tested: $1 -->" '
		$0 == mark { wanted = 1; next }
		/^```/ && inside { exit }
		inside { print; next }
		/^```/ && wanted { inside = 1 }
	' "$page"
}

# Do what Slurm would do with the array, one task after the other.
fake_sbatch()
{
	cat >"$dir/bin/sbatch" <<'END'
#!/bin/sh
test "$*" = "--wait explore.sbatch" || exit 2
last=$(sed -n 's/^#SBATCH --array=1-//p' explore.sbatch)
output=$(sed -n 's/^#SBATCH --output=//p' explore.sbatch)
for task in $(seq "$last"); do
	SLURM_ARRAY_TASK_ID=$task sh explore.sbatch \
		>"$(echo "$output" | sed "s/%a/$task/")"
done
END
	chmod +x "$dir/bin/sbatch"
}

lines=$which
case $which in
slurm*)
	block slurm >"$dir/explore.sbatch"
	lines=sbatch
	;;
esac
case $which in
slurm)
	fake_sbatch
	;;
slurm-node)
	start_slurm
	;;
esac
cd "$dir"
block "$lines" >lines.sh
test -s lines.sh || { echo "no lines of $which in $page"; exit 1; }
HOME=$dir sh -e lines.sh >merged </dev/null
cat merged
iommufd-model explore race.script >alone
cat alone
# NAME: verdict: N executions
for file in merged alone; do
	sed '/^Submitted batch job/d; s/^\([^,]*\),.*/\1/' $file >$file.short
done
cmp merged.short alone.short
grep -q 'complete: [1-9]' merged
