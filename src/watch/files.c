// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Counts the source files of code under test that are not watched.
 *
 * Each source file that includes a header of this library has a byte in the
 * section iommufd_model_files (see <iommufd_model/kernel/types.h>).  The linker
 * joins these bytes for the program and for each shared library, and this file
 * finds them by the section headers in the files that were loaded.  A program
 * without section headers, or one whose files cannot be read, counts as one
 * without such files.
 */
#define _GNU_SOURCE
#include "watch.h"
#include <string.h>

#ifdef __ELF__
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTION "iommufd_model_files"

/* True if @section has the bytes.  @names is the section with the names. */
static bool is_ours(const char *image, size_t size, const ElfW(Shdr) * section,
		    const ElfW(Shdr) * names)
{
	size_t at = names->sh_offset + section->sh_name;

	return section->sh_type == SHT_PROGBITS && at < size &&
	       size - at >= sizeof(SECTION) &&
	       !memcmp(image + at, SECTION, sizeof(SECTION)) &&
	       section->sh_offset <= size &&
	       section->sh_size <= size - section->sh_offset;
}

static unsigned int count_in_image(const char *image, size_t size)
{
	const ElfW(Ehdr) *head = (const void *)image;
	const ElfW(Shdr) * section;
	unsigned int nr = 0;
	size_t i, k;

	if (size < sizeof(*head) || memcmp(image, ELFMAG, SELFMAG) ||
	    head->e_ident[EI_CLASS] !=
		    (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    head->e_shoff > size ||
	    head->e_shnum > (size - head->e_shoff) / sizeof(*section) ||
	    head->e_shstrndx >= head->e_shnum)
		return 0;
	section = (const void *)(image + head->e_shoff);
	for (i = 0; i < head->e_shnum; i++)
		for (k = 0; is_ours(image, size, &section[i],
				    &section[head->e_shstrndx]) &&
			    k < section[i].sh_size;
		     k++)
			nr += !image[section[i].sh_offset + k];
	return nr;
}

static unsigned int count_in_file(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	unsigned int nr = 0;
	struct stat st;
	void *image;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && st.st_size > 0) {
		image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			     fd, 0);
		if (image != MAP_FAILED) {
			nr = count_in_image(image, (size_t)st.st_size);
			munmap(image, (size_t)st.st_size);
		}
	}
	close(fd);
	return nr;
}

static int count_in_object(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(unsigned int *)data += count_in_file(
		info->dlpi_name && *info->dlpi_name ? info->dlpi_name :
						      "/proc/self/exe");
	return 0;
}

unsigned int iommufd_model_unwatched_files(void)
{
	unsigned int nr = 0;

	dl_iterate_phdr(count_in_object, &nr);
	return nr;
}
#else
unsigned int iommufd_model_unwatched_files(void)
{
	return 0;
}
#endif
