#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Build the examples as an outside user would, a copy of their directory on an
# installed library, and run them; then the one that is a project of its own.
set -eu
unset DESTDIR MAKEFLAGS CMAKE_PREFIX_PATH CMAKE_GENERATOR LD_LIBRARY_PATH || true

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# quiet COMMAND...: run it, and show its output only if it fails.
quiet()
{
	"$@" >"$dir/log" 2>&1 || {
		cat "$dir/log"
		echo "failed: $*"
		exit 1
	}
}

# builds_and_runs PROJECT
builds_and_runs()
{
	quiet "$CMAKE" -S "$dir/$1" -B "$dir/build/$1" -G "$GENERATOR" \
		-DCMAKE_BUILD_TYPE="$CONFIG" -DCMAKE_C_FLAGS="-Wall -Werror" \
		-Diommufd-model_ROOT="$dir/stage"
	quiet "$CMAKE" --build "$dir/build/$1" \
		--parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-2}"
	quiet "$CTEST" --test-dir "$dir/build/$1" --no-tests=error \
		--output-on-failure
	sed -n '/tests passed/p' "$dir/log"
}

quiet "$CMAKE" --install "$BUILD" --config "$CONFIG" --prefix "$dir/stage"
cp -R "$SOURCE/examples" "$dir/examples"
cp -R "$SOURCE/examples/new_object_type" "$dir/gadget"
builds_and_runs examples
builds_and_runs gadget
