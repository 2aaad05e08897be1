#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
# Run the benchmark with the gate and without, in turns, and give the medians of
# get + put as the price of the gate.
set -eu
with=$1
without=$2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for _ in 1 2 3 4 5; do
	"$with" | tee "$log.last" | sed -n 's/^get + put *\([0-9.]*\) .*/with \1/p' >>"$log"
	"$without" | sed -n 's/^get + put *\([0-9.]*\) .*/without \1/p' >>"$log"
done
cat "$log.last"
rm -f "$log.last"
with_ns=$(sed -n 's/^with //p' "$log" | sort -n | sed -n 3p)
without_ns=$(sed -n 's/^without //p' "$log" | sort -n | sed -n 3p)
awk -v a="$with_ns" -v b="$without_ns" 'BEGIN {
	printf "gate in get + put: %.2f ns with, %.2f ns without: %+.1f %%\n",
		a, b, (a / b - 1) * 100
}'
