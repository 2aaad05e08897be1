#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# names.sh INCLUDE COMPILER - check that each header with a kernel's own name
# compiles without a warning: alone, in strict C11 and C++17 with -Wpedantic; in
# the kernel's dialect of C before and after headers of the C library, some of
# which include such names themselves; and all headers together in each of these
# ways.  Also, each header of src/kernel has such a name.  With "quick" as a third
# argument, each header is only compiled alone, in strict C11.
set -u

include=$1
compiler=$2
quick=${3-}
names=$include/iommufd_model/kernel_names
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

libc="stdio fcntl sys/ioctl unistd errno stdint stdlib string limits sys/stat
	signal pthread poll sys/epoll sys/eventfd time"
for header in $libc; do
	echo "#include <$header.h>"
done >"$dir/libc"

# compile SOURCE... -- OPTION...: clang spends most of a run on its own start, so
# its compiler proper is given all sources at once; clang prints the command, in
# which the first source is the last word.
compile()
{
	sources=
	while test "$1" != --; do
		sources="$sources $1"
		shift
	done
	shift
	set -- -I"$names" -I"$include" -Wall -Wextra -Werror -fsyntax-only "$@"
	first=${sources# }
	first=${first%% *}
	proper=$("$compiler" -### "$@" "$first" 2>&1 | grep '^ *"[^"]*" "-cc1" ')
	if test -n "$proper"; then
		eval "set -- $(echo "$proper" | sed 's/ "[^"]*"$//')"
	else
		set -- "$compiler" "$@"
	fi
	# shellcheck disable=SC2086 # without blanks
	"$@" $sources >"$dir/log" 2>&1 && return
	cat "$dir/log"
	echo "does not compile: $*"
	bad=1
}

# Each source is named after its header.
cd "$dir" || exit 1
mkdir alone before behind
find "$names" -name '*.h' | sort >headers
nr=$(wc -l <headers)
while read -r path; do
	header=${path#"$names"/}
	file=$(echo "$header" | tr / -).c
	line="#include <$header>"
	use="extern int used; int used;"
	printf '%s\n' "$line" "$line" "$use" >"alone/$file"
	test -z "$quick" || continue
	{ echo "$line"; cat libc; echo "$use"; } >"before/$file"
	printf '%s\n' "$line" "$use" >"behind/$file"
done <headers

compile alone/* -- -std=c11 -Wpedantic
if test -z "$quick"; then
	compile alone/* -- -x c++ -std=c++17 -Wpedantic
	compile before/* -- -std=gnu11 -D_GNU_SOURCE
	# gcc has the headers of the C library, which come first, compiled once.
	cp libc libc.h
	"$compiler" --version | grep -q clang ||
		"$compiler" -I"$names" -I"$include" -Wall -Wextra -Werror \
			-std=gnu11 -D_GNU_SOURCE -x c-header libc.h \
			-o libc.h.gch || bad=1
	compile behind/* -- -include "$dir/libc.h" -std=gnu11 -D_GNU_SOURCE \
		-Winvalid-pch
fi

# Not all headers have one: some belong to this library only, or are parts of
# others.
for path in "$include"/iommufd_model/kernel/*.h; do
	header=${path##*/}
	case $header in range_tree.h | deferred.h | alone.h) continue ;; esac
	grep -rqs "<iommufd_model/kernel/$header>" "$names" || {
		echo "no kernel's name leads to $header"
		bad=1
	}
done

# All together, in either order.
sed "s|$names/||; s|.*|#include <&>|" headers >all.c
sort -r all.c >reverse.c
cat all.c libc >before.c
cat libc reverse.c >behind.c
compile before.c behind.c -- -std=gnu11 -D_GNU_SOURCE
compile before.c behind.c -- -std=c11 -Wpedantic
compile before.c behind.c -- -x c++ -std=c++17 -Wpedantic

test "$nr" -gt 50 || { echo "only $nr headers found"; bad=1; }
test $bad = 0 && echo "$nr headers"
exit $bad
