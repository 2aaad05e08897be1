#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# spin.sh BENCH_EXPLORE MODEL [RUNS] - compare the explorer with SPIN's verifier
# on the same protocol: medians of processor seconds of whole processes, in
# turns.  The verifier is compiled with -O2; its compilation is not counted.
#
# The code after a drop of a counter is a step for the explorer, as that code may use
# what another thread has freed; then there is more to explore.  The model for SPIN has
# that step with AFTER, and it is left out with PLAIN=1.  BENCH_EXPLORE_watched, if it
# is there, has the protocol as watched code, in which such uses are seen without it.
set -u

bench=$1
model=$2
runs=${3:-3}
if ! command -v spin >/dev/null; then
	echo "spin is not installed: skipped"
	exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# measure FILE COMMAND... - adds the processor seconds of one run to FILE
measure()
{
	to=$1
	shift
	# times(1) of a subshell counts its children.
	("$@" >"$dir/out" 2>&1 || echo "failed: $*" >&2; times) | tail -n 1 |
		sed 's/[ms]/ /g' | awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }' \
		>>"$to"
}

# verifier NAME OPTION...: makes the verifier NAME of the model
verifier()
{
	to=$1
	shift
	mkdir -p "$dir/$to"
	(cd "$dir/$to" && spin "$@" -a "$model" >/dev/null &&
		${CC:-cc} -O2 -DSAFETY -o "$dir/$to/pan" pan.c)
}

# verify NAME: adds a run of the verifier NAME to its times, and sets states
verify()
{
	measure "$dir/times-$1" "$dir/$1/pan" -m100000
	states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$dir/out")
	# A search that was cut off has no errors, either.
	if ! grep -q 'errors: 0' "$dir/out" ||
		grep -q 'max search depth too small' "$dir/out"; then
		cat "$dir/out"
		exit 1
	fi
}

row='%-6s %12s %8s %12s %12s %12s %8s %11s %15s\n'
# shellcheck disable=SC2059
printf "$row" '' 'states SPIN' 'SPIN s' 'PLAIN=1 s' 'watched s' 'with AFTER' 'SPIN s' \
	'default s' 'without states'
for size in '2 2' '2 3' '3 2'; do
	getters=${size% *}
	rounds=${size#* }
	name=G${getters}R$rounds
	verifier same "-DGETTERS=$getters" "-DROUNDS=$rounds" &&
		verifier after -DAFTER "-DGETTERS=$getters" \
			"-DROUNDS=$rounds" || exit 1
	rm -f "$dir"/times-* "$dir"/plain "$dir"/watched "$dir"/with \
		"$dir"/without
	i=0
	while [ $i -lt "$runs" ]; do
		verify same
		states_same=$states
		measure "$dir/plain" env IOMMUFD_MODEL_EXPLORE_PLAIN=1 \
			"$bench" --size "$getters" "$rounds"
		if [ -x "${bench}_watched" ]; then
			measure "$dir/watched" "${bench}_watched" \
				--size "$getters" "$rounds"
		else
			echo - >>"$dir/watched"
		fi
		verify after
		measure "$dir/with" "$bench" --size "$getters" "$rounds"
		measure "$dir/without" env IOMMUFD_MODEL_EXPLORE_STATES=0 \
			"$bench" --size "$getters" "$rounds"
		i=$((i + 1))
	done
	# shellcheck disable=SC2059
	printf "$row" "$name" "$states_same" "$(median <"$dir/times-same")" \
		"$(median <"$dir/plain")" "$(median <"$dir/watched")" \
		"$states" "$(median <"$dir/times-after")" "$(median <"$dir/with")" \
		"$(median <"$dir/without")"
done
