// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages.  Four levels of tables, like those of an MMU, lead from the number of
 * a page to its struct page.
 *
 * A table is allocated when it is first needed and kept until the process ends.
 * If several threads allocate it, one of them wins a compare-and-exchange.  The
 * tables are allocated with the C library's calloc(), because they stand for
 * the machine's memory map and a test must not make their allocation fail.
 */
#include "ground.h"
#include <iommufd_model/kernel/memfd.h>
#include <iommufd_model/kernel/page.h>
#include <stdlib.h>

#define LEVEL_SHIFT 9
#define LEVEL_SIZE (1u << LEVEL_SHIFT)
#define LEVELS 4
#define MAX_VPN ((1ul << (LEVELS * LEVEL_SHIFT)) - 1)

struct page {
	unsigned long vpn;
	unsigned int pins;
};

static void *root[LEVEL_SIZE];
/* A table that exists stays, and makes no difference. */
NO_CHECKPOINT(root);
/* The struct page of all addresses beyond the end of user space. */
static struct page nowhere;
static unsigned long nr_pinned;
/*
 * The sum of a hash of each pinned page, as often as it is pinned.  The tables
 * are not in memory that the explorer compares, and this is.
 */
static u64 pins_hash;
static u64 (*page_map)(u64 vpn, void *data);
static void *page_map_data;
unsigned long (*iommufd_model_translate_page)(unsigned long addr);
void (*iommufd_model_pins_changed)(unsigned int *pins, unsigned int by);

static void *out_of_memory(void)
{
	pr_crit("out of memory for the table of pages");
	abort();
}

/*
 * Returns the table to which *@slot points.  If there is none, allocates one of
 * @size bytes.
 */
static void *get_table(void **slot, size_t size)
{
	void *table = __atomic_load_n(slot, __ATOMIC_ACQUIRE), *made;

	if (__builtin_expect(!!table, 1))
		return table;
	made = calloc(1, size);
	if (!made)
		return out_of_memory();
	if (__atomic_compare_exchange_n(slot, &table, made, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return made;
	free(made);
	return table;
}

static unsigned long translate(unsigned long addr)
{
	if (__builtin_expect(!!iommufd_model_translate_page, 0))
		return iommufd_model_translate_page(addr);
	return addr;
}

struct page *iommufd_model_virt_to_page(unsigned long addr)
{
	struct page *pages;
	void **table = root;
	unsigned long vpn = translate(addr) >> PAGE_SHIFT;
	int level;

	if (vpn > MAX_VPN)
		return &nowhere;
	for (level = LEVELS - 1; level > 1; level--)
		table = get_table(&table[(vpn >> (level * LEVEL_SHIFT)) %
					 LEVEL_SIZE],
				  sizeof(root));
	pages = get_table(&table[(vpn >> LEVEL_SHIFT) % LEVEL_SIZE],
			  LEVEL_SIZE * sizeof(struct page));
	pages += vpn % LEVEL_SIZE;
	/*
	 * Several threads may store this, but all of them store the same value.
	 */
	__atomic_store_n(&pages->vpn, vpn, __ATOMIC_RELAXED);
	return pages;
}

void *iommufd_model_page_address(const struct page *page)
{
	return (void *)(__atomic_load_n(&page->vpn, __ATOMIC_RELAXED)
			<< PAGE_SHIFT);
}

static u64 pfn_of(unsigned long vpn)
{
	/*
	 * The numbers are odd, so that no two pages are contiguous and none has
	 * the number 0.
	 */
	return page_map ? page_map(vpn, page_map_data) : 2 * (u64)vpn + 1;
}

phys_addr_t iommufd_model_page_to_phys(const struct page *page)
{
	return pfn_of(__atomic_load_n(&page->vpn, __ATOMIC_RELAXED))
	       << PAGE_SHIFT;
}

phys_addr_t iommufd_model_virt_to_phys(unsigned long addr)
{
	return (pfn_of(translate(addr) >> PAGE_SHIFT) << PAGE_SHIFT) |
	       (addr & ~PAGE_MASK);
}

void iommufd_model_set_page_map(u64 (*pfn)(u64 virtual_pfn, void *data),
				void *data)
{
	page_map = pfn;
	page_map_data = data;
}

bool iommufd_model_can_pin(unsigned long addr, bool write)
{
	return !iommufd_model_is_special(addr) &&
	       !iommufd_model_is_device_memory(addr) &&
	       iommufd_model_touch_user(addr, write);
}

static void count_pin(struct page *page, u64 sign)
{
	unsigned long vpn = __atomic_load_n(&page->vpn, __ATOMIC_RELAXED);
	u64 hash = (vpn + 1) * 0x9e3779b97f4a7c15ull;

	hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9ull;
	__atomic_fetch_add(&nr_pinned, (unsigned long)sign, __ATOMIC_RELAXED);
	__atomic_fetch_add(&pins_hash, sign * (hash ^ hash >> 32),
			   __ATOMIC_RELAXED);
	if (__builtin_expect(!!iommufd_model_pins_changed, 0))
		iommufd_model_pins_changed(&page->pins, (unsigned int)sign);
}

static int pin_one(unsigned long addr, bool write, struct page **out)
{
	struct page *page;

	if (__builtin_expect(!!iommufd_model_remote, 0))
		addr = iommufd_model_remote->page(addr, write);
	if (!addr || !iommufd_model_can_pin(addr, write))
		return -EFAULT;
	page = iommufd_model_virt_to_page(addr);
	__atomic_fetch_add(&page->pins, 1, __ATOMIC_RELAXED);
	count_pin(page, 1);
	*out = page;
	return 0;
}

int iommufd_model_pin_user_pages(unsigned long start, int nr_pages,
				 unsigned int gup_flags, struct page **pages,
				 const struct iommufd_model_site *site)
{
	bool write = gup_flags & FOLL_WRITE;
	unsigned long addr = start & PAGE_MASK;
	int i, rc;

	iommufd_model_may_sleep("pin_user_pages_fast", site);
	for (i = 0; i < nr_pages; i++, addr += PAGE_SIZE) {
		if (IOMMUFD_MODEL_GATE_OPEN())
			rc = (int)GATED(IOMMUFD_MODEL_OP_PIN_PAGE,
					(void *)addr, write, site,
					pin_one(addr, write, &pages[i]));
		else
			rc = pin_one(addr, write, &pages[i]);
		if (rc)
			return i ? i : rc;
	}
	return nr_pages;
}

int iommufd_model_pin_file_pages(struct file *file, u64 start, int nr_pages,
				 struct page **pages,
				 const struct iommufd_model_site *site)
{
	int i, rc;

	for (i = 0; i < nr_pages; i++, start += PAGE_SIZE) {
		rc = -EINVAL;
		if (iommufd_model_file_has_page(file, start))
			rc = iommufd_model_pin_user_pages(
				iommufd_model_file_page(file, start), 1, 0,
				&pages[i], site);
		if (rc < 0)
			goto out_unpin;
	}
	return nr_pages;

out_unpin:
	while (i--)
		iommufd_model_unpin_user_page(pages[i], site);
	return rc;
}

static void unpin_one(struct page *page, const struct iommufd_model_site *site)
{
	unsigned int old = __atomic_fetch_sub(&page->pins, 1, __ATOMIC_RELAXED);

	if (__builtin_expect(old, 1)) {
		count_pin(page, (u64)-1);
		return;
	}
	__atomic_fetch_add(&page->pins, 1, __ATOMIC_RELAXED);
	iommufd_model_warn(site, NULL, "unpin of a page that is not pinned");
}

void iommufd_model_unpin_user_page(struct page *page,
				   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_UNPIN_PAGE, page_address(page), 0, site,
		      (unpin_one(page, site), 0));
	else
		unpin_one(page, site);
}

unsigned int iommufd_model_page_pins(const struct page *page)
{
	return __atomic_load_n(&page->pins, __ATOMIC_RELAXED);
}

unsigned long iommufd_model_pinned(void)
{
	return __atomic_load_n(&nr_pinned, __ATOMIC_RELAXED);
}
