#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# tree_debian.sh SOURCE - a kernel tree of Debian compiles, its answers are
# those that were recorded, and the stories and the scenarios with threads are
# explored on it.  Skipped if the package manager cannot provide the sources.
#
# The sources and the build are those of ./model tree, in build/tree, so that
# they can be used again.
set -u

source=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$source" || exit 1
mkdir -p build/tree

# fetch TREE: put its sources into build/tree
fetch()
{
	(
		! command -v flock >/dev/null || flock 9
		sh src/linux/tree.sh build/tree "$1"
	) >"$dir/work" 2>"$dir/err" 9>build/lock
}

# The versions for which all answers are known to be equal.
tree=debian:7.3
fetch $tree || {
	tree=debian:7.2
	fetch $tree
} || {
	echo "skipped: $(tail -n 1 "$dir/err")"
	exit 77
}
work=$(cat "$dir/work")

# Other tests run beside this one.  No story takes long, so most are complete,
# and the verdict names those that are not.
MODEL_JOBS=1 ./model tree $tree test --executions 300 || exit 1
bad=0

# The holders are known: for example those of the parent of a nested HWPT at the
# end.
"$work/build/src/cli/iommufd-model" graph tests/golden/e06-viommu-nested.script \
	>"$dir/out" 2>&1
grep -q '^hwpt_paging .*users .*id table, .*viommu' "$dir/out" || {
	cat "$dir/out"
	bad=1
}

for script in examples/scenarios/*.script tests/golden/threads/*.script; do
	grep -q '^thread' "$script" || continue
	"$work/build/src/cli/iommufd-model" explore --ignore timeout "$script" \
		>"$dir/out" 2>&1 || bad=1
	tail -n 1 "$dir/out"
	grep -q ': complete: ' "$dir/out" || {
		cat "$dir/out"
		bad=1
	}
done
exit $bad
