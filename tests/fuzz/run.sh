#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# run.sh TARGET CORPUS FOUND OPTION...: run a fuzz target on its corpus.  Inputs
# that reach something new are kept in FOUND/new, those that break something as
# FOUND/crash-*.
set -eu
target=$1
corpus=$2
found=$3
shift 3
mkdir -p "$found/new"
cd "$found"
# A record's strings and call sites are never freed, so memory grows.  Leaks are
# looked for at the end: after each input it would take most of the time.
# A tenth of the time went to the stacks of allocations.  Give the input to the
# target by hand to see them in the report.
ASAN_OPTIONS=malloc_context_size=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
exec "$target" -max_len=65536 -rss_limit_mb=4096 -timeout=60 -detect_leaks=0 \
	-print_final_stats=1 -verbosity=1 "$@" new "$corpus"
