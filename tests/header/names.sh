#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# names.sh INCLUDE COMPILER - check that each header with a kernel's own name
# compiles without a warning: alone, in strict C11 and C++17 with -Wpedantic; in
# the kernel's dialect of C before and after headers of the C library, some of
# which include such names themselves; and all headers together in each of these
# ways.  Also, each header of src/kernel has such a name.  With "quick" as a third
# argument, each header is only compiled alone.
set -u

include=$1
compiler=$2
quick=${3-}
names=$include/iommufd_model/kernel_names
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0 nr=0

libc="stdio fcntl sys/ioctl unistd errno stdint stdlib string limits sys/stat
	signal pthread poll sys/epoll sys/eventfd time"
for header in $libc; do
	echo "#include <$header.h>"
done >"$dir/libc"

# compile SOURCES... -- OPTION...
compile()
{
	"$compiler" -I"$names" -I"$include" -Wall -Wextra -Werror \
		-fsyntax-only "$@" >"$dir/log" 2>&1 && return
	cat "$dir/log"
	echo "$header: does not compile: $*"
	bad=1
}

# The headers of the C library, compiled once to lie in front of each header.
if test -z "$quick"; then
	cp "$dir/libc" "$dir/libc.h"
	"$compiler" -I"$names" -I"$include" -Wall -Wextra -Werror -std=gnu11 \
		-D_GNU_SOURCE -x c-header "$dir/libc.h" \
		-o "$dir/libc.h.gch" || bad=1
fi
find "$names" -name '*.h' | sort >"$dir/headers"
while read -r path; do
	header=${path#"$names"/}
	nr=$((nr + 1))
	echo "#include <$header>" >"$dir/line"
	use="extern int used; int used;"
	{ cat "$dir/line" "$dir/line"; echo "$use"; } >"$dir/alone.c"
	test -z "$quick" || {
		compile -std=gnu11 "$dir/alone.c"
		continue
	}
	{ cat "$dir/line" "$dir/libc"; echo "$use"; } >"$dir/before.c"
	compile -std=gnu11 -D_GNU_SOURCE "$dir/before.c"
	compile -std=c11 -Wpedantic "$dir/alone.c"
	compile -x c++ -std=c++17 -Wpedantic "$dir/alone.c"
	# The headers of the C library, which come first, are precompiled.
	echo "$use" | cat "$dir/line" - >"$dir/behind.c"
	compile -Winvalid-pch -include "$dir/libc.h" -std=gnu11 -D_GNU_SOURCE \
		"$dir/behind.c"
done <"$dir/headers"

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
sed "s|$names/||; s|.*|#include <&>|" "$dir/headers" >"$dir/all.c"
sort -r "$dir/all.c" >"$dir/reverse.c"
header=all
cat "$dir/all.c" "$dir/libc" >"$dir/before.c"
cat "$dir/libc" "$dir/reverse.c" >"$dir/behind.c"
compile -std=gnu11 -D_GNU_SOURCE "$dir/before.c" "$dir/behind.c"
compile -std=c11 -Wpedantic "$dir/before.c" "$dir/behind.c"
compile -x c++ -std=c++17 -Wpedantic "$dir/before.c" "$dir/behind.c"

test $nr -gt 50 || { echo "only $nr headers found"; bad=1; }
test $bad = 0 && echo "$nr headers"
exit $bad
