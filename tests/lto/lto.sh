#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# lto.sh SOURCE COMPILER... - check that the code in assembly language can be
# linked with link time optimisation, however the code is divided, in a program
# and in a library, with each COMPILER that is installed.
# shellcheck disable=SC2086 # a COMPILER may be several words
set -u

source=$1
shift
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
tried=0
had=
fiber=$source/src/explore/fiber.c

# quiet COMMAND...: run it, and show its output only if it fails.
quiet()
{
	"$@" >"$dir/log" 2>&1 && return
	cat "$dir/log"
	echo "failed: $*"
	bad=1
	return 1
}

# links OPTION...: as an archive, and as a library with its symbols hidden but for
# those that main.c calls.
links()
{
	rm -f "$dir"/*.o "$dir"/*.a "$dir"/*.so "$dir/main" "$dir/shared"
	quiet $compiler "$@" -O2 -fPIC -std=c11 -fvisibility=hidden \
		-c "$fiber" -o "$dir/fiber.o" &&
		quiet $compiler "$@" -O2 -std=c11 -c "$here/main.c" \
			-o "$dir/main.o" &&
		quiet $compiler "$@" -O2 -pthread "$dir/main.o" \
			"$dir/fiber.o" -o "$dir/main" &&
		quiet "$dir/main"
	quiet $compiler "$@" -O2 -fPIC -std=c11 -pthread -shared "$fiber" \
		-Wl,-Bsymbolic-functions -o "$dir/libfiber.so" &&
		quiet $compiler "$@" -O2 -std=c11 -pthread "$here/main.c" \
			-L"$dir" -lfiber -Wl,-rpath,"$dir" -o "$dir/shared" &&
		quiet "$dir/shared"
}

# works OPTION...: check that the compiler can link at all with these options.
works()
{
	echo 'int main(void) { return 0; }' >"$dir/any.c"
	$compiler "$@" "$dir/any.c" -o "$dir/any" >"$dir/log" 2>&1
}

for compiler; do
	# "cc" is one of the others.
	version=$($compiler --version 2>/dev/null | head -n 1 | sed 's/^[^ ]* //')
	case $had in
	*"|$version|"*)	continue ;;
	esac
	had="$had|$version|"
	for options in -flto "-flto -flto-partition=max" "-flto=thin"; do
		works $options || continue
		tried=$((tried + 1))
		echo "$compiler $options"
		links $options
	done
done
test $tried -gt 0 || {
	echo "skipped: no compiler here has link time optimisation"
	exit 77
}
exit $bad
