#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: memset() and memcpy() in code that gcc compiles with
# -fsanitize=thread.
#
# The guess: every write of such code is announced, either by a __tsan_ function
# or by a call of memset() or memcpy(), which the runtime replaces.  At most
# small sizes may be missing, as those are single stores, which have a callback.
#
# The truth: gcc 12 expands memset() and memcpy() of a constant size of up to
# 8192 bytes to bare stores or a "rep" instruction: no callback and no call, at
# -O1 and above.  From 8193 bytes on there is a call.  The assignment of a struct
# is announced: of two lines that copy the same object, "*to = *from" is seen and
# "memcpy(to, from, sizeof(*to))" is not.  -fno-builtin-memset and
# -fno-builtin-memcpy bring the calls back.
#
# Why it matters: an object that is cleared by one thread while another uses it
# is the usual form of a data race, and it is reported or not by how the line
# that clears it is written.
#
# Needs: Debian 12 (amd64), apt-get, dpkg.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >probe.c <<'C'
void *memset(void *to, int byte, unsigned long size);
void *memcpy(void *to, const void *from, unsigned long size);

struct object {
	long member[8];
};

void clear_by_memset(struct object *o)
{
	memset(o, 0, sizeof(*o));
}

void clear_by_assignment(struct object *o, const struct object *zero)
{
	*o = *zero;
}

void copy_by_memcpy(struct object *to, const struct object *from)
{
	memcpy(to, from, sizeof(*to));
}

void clear_8192(void *to)
{
	memset(to, 0, 8192);
}

void clear_8193(void *to)
{
	memset(to, 0, 8193);
}
C

mkdir packages unpacked
(
	cd packages
	apt-get -qq download cpp-12=12.2.0-14+deb12u1 libisl23=0.25-1.1 \
		libmpc3=1.3.1-1 libmpfr6=4.2.0-1 libgmp10=2:6.2.1+dfsg1-1.1 \
		2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done

# calls FLAG...: for each function, which announcements and calls it has
calls() {
	LD_LIBRARY_PATH=$dir/unpacked/usr/lib/x86_64-linux-gnu \
		"$dir/unpacked/usr/lib/gcc/x86_64-linux-gnu/12/cc1" -quiet \
		-fsanitize=thread --param tsan-instrument-func-entry-exit=0 \
		"$@" -o probe.s probe.c
	awk '/^[a-z_0-9]+:/ { name = substr($1, 1, length($1) - 1) }
		/(call|jmp)[ \t]+(__tsan_[a-z]|mem)/ {
			sub(/@.*/, "", $2)
			seen[name] = seen[name] " " $2
		}
		/\.cfi_endproc/ && name != last { print name ":" seen[name]; last = name }' probe.s
}

expected='clear_by_memset:
clear_by_assignment: __tsan_write_range __tsan_read_range
copy_by_memcpy:
clear_8192:
clear_8193: memset'
brought_back='clear_by_memset: memset
clear_by_assignment: __tsan_write_range __tsan_read_range
copy_by_memcpy: memcpy
clear_8192: memset
clear_8193: memset'

# expect TEXT FLAG...
expect() {
	text=$1
	shift
	seen=$(calls "$@")
	echo "gcc 12.2.0-14+deb12u1 $*:"
	echo "$seen" | sed 's/^/    /'
	if [ "$seen" != "$text" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

for level in -O1 -O2; do
	expect "$expected" $level
	expect "$brought_back" $level -fno-builtin-memset -fno-builtin-memcpy
done
