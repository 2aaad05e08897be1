// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap and munmap of /dev/iommu.
 *
 * The mappings are the model's.  What is kept here is where they were made, so
 * that the end of the scenario, like that of a process, unmaps what is left.
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

/* Room is kept, so that runs of the same steps need it once. */
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

/* The kernel maps whole pages, whatever it is asked for. */
static u64 in_pages(u64 len)
{
	return (len + PAGE_SIZE - 1) & PAGE_MASK;
}

/* OFF LEN [prot=] [share=]; the first word of what is there. */
int op_mmap(struct run *run, const struct step *step)
{
	u64 len = in_pages(step_arg(run, step, 1, 0));
	int prot = (int)step_key(run, step, 0, PROT_READ | PROT_WRITE);
	int flags = step_key(run, step, 1, 1) ? MAP_SHARED : MAP_PRIVATE;
	void *addr = iommufd_model_mmap(run->slots[run->slot], len, prot,
					flags, step_arg(run, step, 0, 0));
	const struct mapping mapping = {
		.addr = (uintptr_t)addr, .len = len,
	};
	u32 word;

	if (!IS_ERR(addr) && !add_mapping(run, &mapping)) {
		iommufd_model_munmap(addr, len);
		addr = ERR_PTR(-ENOMEM);
	}
	step_bind(run, step, 0, IS_ERR(addr) ? 0 : (uintptr_t)addr);
	if (IS_ERR(addr))
		return (int)PTR_ERR(addr);
	if (prot & PROT_READ) {
		memcpy(&word, addr, sizeof(word));
		step_print(run, " val=0x%x", word);
	}
	return 0;
}

/* Like munmap(), does not mind if nothing is there. */
int op_munmap(struct run *run, const struct step *step)
{
	u64 addr = step_arg(run, step, 0, 0), len = step_arg(run, step, 1, 0);
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

bool mappings_copy(struct run *run, const struct run *of)
{
	unsigned int i;

	run->nr_mappings = 0;
	for (i = 0; i < of->nr_mappings; i++)
		if (!add_mapping(run, &of->mappings[i]))
			return false;
	return true;
}

bool mappings_merge(struct run *run, const struct run *of, unsigned int common)
{
	unsigned int i;

	for (i = common; i < of->nr_mappings; i++)
		if (!add_mapping(run, &of->mappings[i]))
			return false;
	return true;
}
