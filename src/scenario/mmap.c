// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap and munmap of /dev/iommu.
 *
 * The model makes the mappings.  Their addresses are kept here, so that the end
 * of the scenario unmaps what is left, as the end of a process does.
 */
#include "internal.h"
#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/mm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct mapping {
	u64 addr;
	u64 len;
};

/* The array is never shrunk, so that later runs need no allocation. */
static bool add_mapping(struct run *run, const struct mapping *mapping)
{
	if (run->nr_mappings == run->room_mappings) {
		unsigned int room = 2 * run->room_mappings + 8;
		struct mapping *mappings;

		mappings = realloc(run->mappings, room * sizeof(*mappings));
		if (!mappings)
			return false;
		run->mappings = mappings;
		run->room_mappings = room;
	}
	run->mappings[run->nr_mappings++] = *mapping;
	return true;
}

/* Round up to whole pages, because the kernel maps only whole pages. */
static u64 in_pages(u64 len)
{
	return (len + PAGE_SIZE - 1) & PAGE_MASK;
}

/*
 * Executes "mmap OFF LEN [prot=] [share=]"; shows the first four bytes of the
 * mapping.
 */
int op_mmap(struct run *run, const struct line *line)
{
	u64 len = in_pages(line_arg(run, line, 1, 0));
	int prot = (int)line_key(run, line, 0, PROT_READ | PROT_WRITE);
	int flags = line_key(run, line, 1, 1) ? MAP_SHARED : MAP_PRIVATE;
	void *addr = iommufd_model_mmap(run->slots[run->slot], len, prot,
					flags, line_arg(run, line, 0, 0));
	const struct mapping mapping = {
		.addr = (uintptr_t)addr, .len = len,
	};
	u32 value;

	if (!IS_ERR(addr) && !add_mapping(run, &mapping)) {
		iommufd_model_munmap(addr, len);
		addr = ERR_PTR(-ENOMEM);
	}
	line_bind(run, line, 0, IS_ERR(addr) ? 0 : (uintptr_t)addr);
	if (IS_ERR(addr))
		return (int)PTR_ERR(addr);
	if (prot & PROT_READ) {
		memcpy(&value, addr, sizeof(value));
		field_print(run, " val=0x%x", value);
	}
	return 0;
}

/* As for munmap(), a range without a mapping is not an error. */
int op_munmap(struct run *run, const struct line *line)
{
	u64 addr = line_arg(run, line, 0, 0), len = line_arg(run, line, 1, 0);
	int rc;

	if (addr % PAGE_SIZE || !len || len > ~addr)
		return -EINVAL;
	rc = iommufd_model_munmap((void *)(uintptr_t)addr, len);
	return rc == -EINVAL ? 0 : rc;
}

void munmap_all(struct run *run)
{
	struct mapping *mapping = run->mappings;
	unsigned int i;

	for (i = 0; i < run->nr_mappings; i++, mapping++)
		iommufd_model_munmap((void *)(uintptr_t)mapping->addr,
				     mapping->len);
	run->nr_mappings = 0;
}

bool mappings_merge(struct run *run, const struct run *of, unsigned int common)
{
	unsigned int i;

	for (i = common; i < of->nr_mappings; i++)
		if (!add_mapping(run, &of->mappings[i]))
			return false;
	return true;
}
