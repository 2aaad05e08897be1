// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory that a scenario can name, which has fixed addresses.
 *
 *	HUGE	0x100000000	4 MiB
 *	PLAIN	0x200000000	1 MiB
 *	RO	0x300000000	64 KiB, cannot be written
 *
 * An area is mapped, and filled with zeroes, when a scenario that names it
 * starts to run.  Each half of HUGE is physically contiguous, as were the two
 * huge pages of the recorded runs.  No other two pages are.
 *
 * AddressSanitizer uses these addresses itself.  With it all areas are higher,
 * by the same amount.
 */
#include "internal.h"
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define HIGHER 0x200000000000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HIGHER 0x200000000000
#endif
#endif
#ifndef HIGHER
#define HIGHER 0
#endif

#ifndef MAP_FIXED_NOREPLACE
/* without it the address is a hint, and the result is checked */
#define MAP_FIXED_NOREPLACE 0
#endif

static const struct area {
	const char *name;
	u64 base;
	size_t size;
	int prot;
} areas[] = {
	{ "HUGE", HIGHER + 0x100000000, 4 << 20, PROT_READ | PROT_WRITE },
	{ "PLAIN", HIGHER + 0x200000000, 1 << 20, PROT_READ | PROT_WRITE },
	{ "RO", HIGHER + 0x300000000, 64 << 10, PROT_READ },
};

u64 area_base(const struct token *name, unsigned int *used)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		if (!token_is(name, areas[i].name))
			continue;
		*used |= 1u << i;
		return areas[i].base;
	}
	return 0;
}

static const struct area *area_of(u64 addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++)
		if (addr - areas[i].base < areas[i].size)
			return &areas[i];
	return NULL;
}

void area_note(u64 addr, unsigned int *used)
{
	const struct area *area = area_of(addr);

	if (area)
		*used |= 1u << (area - areas);
}

static void *area_addr(const struct area *area)
{
	return (void *)(uintptr_t)area->base;
}

static bool area_map(const struct area *area)
{
	void *addr = mmap(area_addr(area), area->size, area->prot,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			  -1, 0);

	if (addr == area_addr(area))
		return true;
	if (addr != MAP_FAILED)
		munmap(addr, area->size);
	return false;
}

const char *areas_map(unsigned int used, u64 *base)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		if (!(used & 1u << i) || area_map(&areas[i]))
			continue;
		areas_unmap(used & ((1u << i) - 1));
		*base = areas[i].base;
		return areas[i].name;
	}
	return NULL;
}

void areas_unmap(unsigned int used)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++)
		if (used & 1u << i)
			munmap(area_addr(&areas[i]), areas[i].size);
}

void areas_reset(unsigned int used)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++)
		if (used & 1u << i)
			madvise(area_addr(&areas[i]), areas[i].size,
				MADV_DONTNEED);
}

/*
 * The page number of the first half, which is above those of all other pages.
 */
#define HALVES_PFN ((u64)1 << 38)

u64 area_pfn(u64 virtual_pfn, void *data)
{
	const struct area *huge = &areas[0];
	u64 page = virtual_pfn - huge->base / PAGE_SIZE;
	u64 half = huge->size / PAGE_SIZE / 2;

	(void)data;
	if (page >= 2 * half)
		return 2 * virtual_pfn + 1;
	/* A gap as large as a half separates the two halves. */
	return HALVES_PFN + page + page / half * half;
}

/*
 * Return the bytes at the line's ADDR and LEN; NULL if one area does not
 * contain them all.
 */
static u8 *bytes_of(const struct run *run, const struct line *line, int prot)
{
	u64 addr = line_arg(run, line, 0, 0), len = line_arg(run, line, 1, 0);
	const struct area *area = area_of(addr);

	if (!area || len > area->base + area->size - addr ||
	    (area->prot & prot) != prot ||
	    !(run->scenario->areas & 1u << (area - areas)))
		return NULL;
	return (u8 *)(uintptr_t)addr;
}

/*
 * Pass the access through the gate, as the model's accesses do.  The explorer
 * does not notice that two accesses overlap if they begin at different bytes.
 */
static void pass_gate(enum iommufd_model_op_kind kind, const u8 *bytes,
		      size_t len, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_access_begin(kind, bytes, len, site);
}

int op_fill(struct run *run, const struct line *line)
{
	u8 *bytes = bytes_of(run, line, PROT_WRITE);

	if (!bytes)
		return -EFAULT;
	pass_gate(IOMMUFD_MODEL_OP_WRITE_ONCE, bytes,
		  line_arg(run, line, 1, 0), IOMMUFD_MODEL_SITE("fill"));
	memset(bytes, (u8)line_arg(run, line, 2, 0),
	       line_arg(run, line, 1, 0));
	return 0;
}

int op_sum(struct run *run, const struct line *line)
{
	u64 i, len = line_arg(run, line, 1, 0), sum = 0;
	const u8 *bytes = bytes_of(run, line, PROT_READ);

	if (!bytes)
		return -EFAULT;
	pass_gate(IOMMUFD_MODEL_OP_READ_ONCE, bytes, len,
		  IOMMUFD_MODEL_SITE("sum"));
	for (i = 0; i < len; i++)
		sum += bytes[i];
	field_print(run, " sum=%llu", sum);
	return 0;
}
