#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: which <linux/...> headers a C library's own headers pull in.
#
# The guess: a program that compiles kernel sources in user space may put
# headers of its own called linux/errno.h, linux/types.h and so on in front of
# the system's, since the C library's headers are above the kernel's and only
# <sys/ioctl.h> and its kind look there.
#
# The truth, for glibc 2.36: <errno.h> and <limits.h> take their constants from
# <linux/errno.h> and <linux/limits.h>; with _GNU_SOURCE also <fcntl.h>,
# <unistd.h>, <signal.h> and <sys/stat.h> include headers of that folder, and
# <sys/ioctl.h> takes <linux/ioctl.h>.  musl 1.2.3 includes none at all.
#
# Why it matters: with such a folder on the include path, EINVAL is gone in
# files that include <errno.h>, in glibc only, and what passes on musl fails
# there.  A header of such a name has to go on to the next one of its name.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, and a gcc for the preprocessor.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

apt-get -qq download libc6-dev=2.36-9+deb12u14 linux-libc-dev=6.1.192-3 \
	musl-dev=1.2.3-1 2>/dev/null
for package in *.deb; do
	echo "$package" | sed 's/_amd64.deb//; s/%3a/:/'
	dpkg -x "$package" root
done

# uses LIBRARY HEADER: the <linux/...> headers that HEADER includes
uses() {
	case $1 in
	glibc)
		set -- "$2" -isystem root/usr/include/x86_64-linux-gnu \
			-isystem root/usr/include ;;
	musl)
		set -- "$2" -isystem root/usr/include/x86_64-linux-musl \
			-isystem root/usr/include/x86_64-linux-gnu \
			-isystem root/usr/include ;;
	esac
	header=$1
	shift
	# The compiler's own headers stay in front, as always.
	own=$(gcc -print-file-name=include)
	echo "#include <$header>" |
		gcc -nostdinc -isystem "$own" "$@" -D_GNU_SOURCE -M -x c - |
		tr ' ' '\n' | sed -n 's,^.*/include/\(linux/.*\)$,\1,p' |
		sort | tr '\n' ' '
}

for library in glibc musl; do
	for header in errno.h limits.h fcntl.h unistd.h signal.h sys/stat.h \
		sys/ioctl.h stdio.h stdlib.h string.h pthread.h poll.h; do
		echo "$library $header: $(uses $library $header)" |
			sed 's/ *$//'
	done
done >seen
cat seen

cat >expected <<'T'
glibc errno.h: linux/errno.h
glibc limits.h: linux/limits.h
glibc fcntl.h: linux/falloc.h
glibc unistd.h: linux/close_range.h
glibc signal.h: linux/close_range.h
glibc sys/stat.h: linux/posix_types.h linux/stat.h linux/stddef.h linux/types.h
glibc sys/ioctl.h: linux/ioctl.h
glibc stdio.h:
glibc stdlib.h:
glibc string.h:
glibc pthread.h:
glibc poll.h:
musl errno.h:
musl limits.h:
musl fcntl.h:
musl unistd.h:
musl signal.h:
musl sys/stat.h:
musl sys/ioctl.h:
musl stdio.h:
musl stdlib.h:
musl string.h:
musl pthread.h:
musl poll.h:
T
if ! diff expected seen >&2; then
	echo "this has changed" >&2
	exit 1
fi
