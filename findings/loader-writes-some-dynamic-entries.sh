#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Finding: the addresses in the dynamic section of a loaded object (DT_SYMTAB and the
# others), as a program finds them in its own memory.
#
# The guess: either they are as in the file, relative to the address at which the
# object was loaded, or the loader has made addresses of them.  One of the two
# holds for all entries, so a program that looks for its symbols or its table of
# imported functions reads one entry, sees which, and knows.
#
# The truth: glibc 2.36 makes addresses of DT_STRTAB, DT_SYMTAB, the hash tables,
# DT_PLTGOT, DT_JMPREL, DT_RELA and DT_VERSYM.  It leaves DT_VERDEF and DT_VERNEED,
# which belong to DT_VERSYM, and DT_INIT_ARRAY as they are.  In the vDSO of the same
# process, which dl_iterate_phdr() lists with the others, all entries are as in the
# file, as it cannot be written to.  musl 1.2.3 never changes one.
#
# Why it matters: tools that replace functions, read versions or leave out the tables
# of imported functions do this at run time.  The code that is right for one entry,
# one object or one C library is wrong for its neighbour, and no error is returned:
# it reads somewhere else.  Each value has to be compared with the address of the
# object.  In a program that is not position-independent both readings are the
# same, so a test of such a program shows nothing.
#
# Needs: Debian 12 (amd64), apt-get, dpkg, a C compiler that links.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir packages unpacked
(
	cd packages
	apt-get -qq download libc6=2.36-9+deb12u14 musl=1.2.3-1 \
		musl-dev=1.2.3-1 2>/dev/null
)
for package in packages/*.deb; do
	dpkg -x "$package" unpacked
done
glibc=$dir/unpacked/lib/x86_64-linux-gnu
musl=$dir/unpacked/usr/lib/x86_64-linux-musl
musl_loader=$dir/unpacked/lib/x86_64-linux-musl/libc.so

# Only the dynamic sections themselves are read.
cat >probe.c <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

static const struct {
	long tag;
	const char *name;
} entries[] = {
	{ DT_STRTAB, "STRTAB" },	{ DT_SYMTAB, "SYMTAB" },
	{ DT_GNU_HASH, "GNU_HASH" },	{ DT_PLTGOT, "PLTGOT" },
	{ DT_JMPREL, "JMPREL" },	{ DT_RELA, "RELA" },
	{ DT_VERSYM, "VERSYM" },	{ DT_VERDEF, "VERDEF" },
	{ DT_VERNEED, "VERNEED" },	{ DT_INIT_ARRAY, "INIT_ARRAY" },
};

/* The first @count of the entries above that are addresses, or are not */
static void show(const char *what, const ElfW(Dyn) *dynamic, ElfW(Addr) base,
		 int addresses, size_t count)
{
	printf("    %s:", what);
	for (size_t i = 0; i < count; i++) {
		for (const ElfW(Dyn) *d = dynamic; d->d_tag; d++) {
			if (d->d_tag == entries[i].tag &&
			    (d->d_un.d_ptr >= base) == addresses)
				printf(" %s", entries[i].name);
		}
	}
	printf("\n");
}

static int object(struct dl_phdr_info *info, size_t size, void *vdso)
{
	size_t count = sizeof(entries) / sizeof(entries[0]);
	const ElfW(Dyn) *dynamic = NULL;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		ElfW(Addr) at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)at;
	}
	if (info->dlpi_addr == *(ElfW(Addr) *)vdso) {
		/* What else it has depends on the kernel. */
		count = 2;
		printf("vDSO\n");
	} else if (strstr(info->dlpi_name, "/libc.so")) {
		printf("C library\n");
	} else {
		return 0;
	}
	show("addresses", dynamic, info->dlpi_addr, 1, count);
	show("as in the file", dynamic, info->dlpi_addr, 0, count);
	return 0;
}

int main(void)
{
	ElfW(Addr) vdso = getauxval(AT_SYSINFO_EHDR);

	dl_iterate_phdr(object, &vdso);
	return 0;
}
C

cc -O1 -fPIE -pie -o on_glibc probe.c \
	-Wl,--dynamic-linker="$glibc/ld-linux-x86-64.so.2" -Wl,-rpath="$glibc"
cc -O1 -fPIE -pie -nostdinc -isystem "$(cc -print-file-name=include)" \
	-isystem unpacked/usr/include/x86_64-linux-musl -nostdlib -o on_musl \
	"$musl/Scrt1.o" "$musl/crti.o" probe.c "$musl_loader" "$musl/crtn.o" \
	-Wl,--dynamic-linker="$musl_loader"

# expect PROGRAM NAME TEXT
expect()
{
	seen=$("./$1")
	echo "$2:"
	echo "$seen"
	if [ "$seen" != "$3" ]; then
		echo "this has changed" >&2
		exit 1
	fi
}

expect on_glibc "glibc 2.36-9+deb12u14" "vDSO
    addresses:
    as in the file: STRTAB SYMTAB
C library
    addresses: STRTAB SYMTAB GNU_HASH PLTGOT JMPREL RELA VERSYM
    as in the file: VERDEF VERNEED INIT_ARRAY"
expect on_musl "musl 1.2.3-1" "C library
    addresses:
    as in the file: STRTAB SYMTAB GNU_HASH PLTGOT JMPREL RELA
vDSO
    addresses:
    as in the file: STRTAB SYMTAB"
