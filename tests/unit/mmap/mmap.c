// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-MMAP-3 and R-MMAP-4: mmap, and mappings that keep their owner alive.
 */
#include "cookie.h"
#include "../../../src/kernel/ground.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The tests below create mappings. */

static void drop_own_cookie(struct probe *owner)
{
	drop(owner, PAGES(1));
}

/*
 * Publishes an owner of the first cookie, whose destroy op destroys the cookie.
 */
static struct probe *owner_of(struct iommufd_ctx *ictx, size_t length)
{
	struct probe *owner = publish(ictx, plain_type());

	ck_assert_uint_eq(cookie(owner, length), PAGES(1));
	owner->at_destroy = drop_own_cookie;
	return owner;
}

static void *map(struct iommufd_ctx *ictx, u64 offset, size_t length)
{
	return iommufd_model_mmap(iommufd_model_check_fd(ictx), length,
				  PROT_READ | PROT_WRITE, MAP_SHARED, offset);
}

static void unmap(void *addr, size_t length)
{
	ck_assert_int_eq(iommufd_model_munmap(addr, length), 0);
}

/*
 * R-MMAP-3, R-OBJ-14: the users reference is taken with the cookie lock held.
 * R-CTX-2: the mapping holds the file too.
 */
START_TEST(mmap_counts_users_of_the_owner_and_the_file)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(2));
	void *addr;

	watch(ictx, &owner->obj);
	addr = map(ictx, PAGES(1), PAGES(2));
	ck_assert_ptr_eq(addr, (void *)MMIO);
	ck_assert_said("U2c");
	ck_assert_uint_eq(file_count(ictx->file), 2);
	unmap(addr, PAGES(2));
	ck_assert_said("U1");
	ck_assert_uint_eq(file_count(ictx->file), 1);
	unwatch();
	close_clean(ictx);
}
END_TEST

/* R-MMAP-3: each row fails at one check and would fail at all later ones. */
START_TEST(mmap_checks_length_then_sharing_then_exec_then_cookie)
{
	static const struct {
		size_t length;
		int flags, prot;
		u64 offset;
		int error;
	} bad[] = {
		{ 3 * 4096 + 1, MAP_PRIVATE, PROT_EXEC, 0x9000, -EINVAL },
		{ 3 * 4096 + 1, MAP_SHARED, PROT_EXEC, 0x9000, -EINVAL },
		{ 3 * 4096 + 1, MAP_SHARED, PROT_READ, 0x1000, -EINVAL },
		{ 2 * 4096, MAP_PRIVATE, PROT_EXEC, 0x9000, -EINVAL },
		{ 3 * 4096, MAP_PRIVATE, PROT_READ, 0x1000, -EINVAL },
		{ 2 * 4096, MAP_SHARED, PROT_EXEC, 0x9000, -EPERM },
		{ 3 * 4096, MAP_SHARED, PROT_EXEC, 0x1000, -EPERM },
		{ 3 * 4096, MAP_SHARED, PROT_READ, 0x9000, -ENXIO },
		{ 3 * 4096, MAP_SHARED, PROT_READ, 0, -ENXIO },
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(3));
	void *addr;
	size_t i;

	watch(ictx, &owner->obj);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		addr = iommufd_model_mmap(iommufd_model_check_fd(ictx),
					  bad[i].length, bad[i].prot,
					  bad[i].flags, bad[i].offset);
		ck_assert_msg(PTR_ERR(addr) == bad[i].error, "row %zu: %ld", i,
			      PTR_ERR(addr));
	}
	ck_assert_said("");
	unwatch();
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
}
END_TEST

/* R-MMAP-3 step 5: the range must be exactly that of the cookie. */
START_TEST(mmap_of_a_part_or_more_gives_users_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(3));

	watch(ictx, &owner->obj);
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(2), PAGES(2))), -ENXIO);
	ck_assert_said("U2c U1");
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(2), PAGES(3))), -ENXIO);
	ck_assert_said("U2c U1");
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(2))), -ENXIO);
	ck_assert_said("U2c U1");
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(4))), -ENXIO);
	ck_assert_said("U2c U1");
	unwatch();
	close_clean(ictx);
}
END_TEST

/* R-MMAP-3 step 4: a cookie whose owner has no users cannot be mapped. */
START_TEST(mmap_of_an_owner_without_users_is_enxio)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));

	ck_assert(refcount_dec_if_one(&owner->obj.users));
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(1))), -ENXIO);
	ck_assert_users(&owner->obj, 0);
	refcount_set(&owner->obj.users, 1);
	close_clean(ictx);
}
END_TEST

static void map_then_drop(struct probe *owner)
{
	say("%ld", PTR_ERR(map(owner->ictx, PAGES(1), PAGES(1))));
	drop_own_cookie(owner);
}

/* R-MMAP-3: the cookie still exists, but its owner has left the table. */
START_TEST(mmap_while_the_owner_is_destroyed_is_enxio)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));
	char want[64];

	owner->at_destroy = map_then_drop;
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	snprintf(want, sizeof(want), "destroy(1) %d", -ENXIO);
	ck_assert_said(want);
	close_clean(ictx);
}
END_TEST

static void destroy_in_between(void *data)
{
	say("%d", user_destroy(data, 1));
}

/* R-MMAP-3: once the cookie is found, the owner cannot be destroyed. */
START_TEST(destroy_in_the_middle_of_mmap_is_ebusy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));
	char want[64];
	void *addr;

	intrude_after(IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,
		      &owner->obj.users, destroy_in_between, ictx);
	addr = map(ictx, PAGES(1), PAGES(1));
	ck_assert_ptr_eq(addr, (void *)MMIO);
	snprintf(want, sizeof(want), "%d", -EBUSY);
	ck_assert_said(want);
	unmap(addr, PAGES(1));
	close_clean(ictx);
}
END_TEST

/* Z-D11: a cookie cannot be mapped before its owner is published. */
START_TEST(mmap_of_a_reserved_owner_is_enxio_until_it_is_published)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = reserve(ictx, plain_type());
	void *addr;

	owner->at_destroy = drop_own_cookie;
	cookie(owner, PAGES(1));
	watch(ictx, &owner->obj);
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(1))), -ENXIO);
	ck_assert_said("");
	unwatch();
	iommufd_object_finalize(ictx, &owner->obj);
	addr = map(ictx, PAGES(1), PAGES(1));
	ck_assert_ptr_eq(addr, (void *)MMIO);
	unmap(addr, PAGES(1));
	close_clean(ictx);
}
END_TEST

/*
 * DEV-3: no mapping exists when a creation is undone, so that the undo does not
 * warn.
 */
START_TEST(a_guessed_offset_does_not_disturb_the_undo)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = reserve(ictx, plain_type());

	owner->at_destroy = drop_own_cookie;
	cookie(owner, PAGES(1));
	map(ictx, PAGES(1), PAGES(1));
	iommufd_object_abort_and_destroy(ictx, &owner->obj);
	ck_assert(list_empty(&ictx->mmaps));
	close_clean(ictx);
}
END_TEST

/*
 * R-MMAP-3 step 6: the first allocation is the VMA, the second its page tables.
 */
START_TEST(mmap_that_cannot_be_mapped_gives_users_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));

	watch(ictx, &owner->obj);
	iommufd_model_fail_nth(2);
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(1))), -ENOMEM);
	ck_assert_said("U2c U1");
	unwatch();
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
}
END_TEST

/*
 * R-MMAP-3 step 6: the mapping refers to the cookie, and its offset becomes 0.
 */
START_TEST(the_vma_remembers_the_cookie_and_starts_at_page_0)
{
	struct vm_area_struct vma = {
		.vm_end = PAGES(2),
		.vm_flags = VM_READ | VM_SHARED,
		.vm_pgoff = 1,
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(2));
	struct iommufd_mmap *immap;

	ck_assert_int_eq(ictx->file->f_op->mmap(ictx->file, &vma), 0);
	ck_assert_uint_eq(vma.vm_pgoff, 0);
	immap = vma.vm_private_data;
	ck_assert_ptr_eq(immap->owner, &owner->obj);
	ck_assert_uint_eq(immap->mmio_addr, MMIO);
	vma.vm_ops->close(&vma);
	kfree(vma.vm_tables);
	close_clean(ictx);
}
END_TEST

/* The tests below are about the life of a mapping. */

/* R-MMAP-4: each mapping holds a reference to the owner and one to the file. */
START_TEST(a_fork_counts_once_more)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));
	void *addr = map(ictx, PAGES(1), PAGES(1));

	watch(ictx, &owner->obj);
	ck_assert_int_eq(iommufd_model_mdup(addr, PAGES(1)), 0);
	ck_assert_said("U3");
	ck_assert_uint_eq(file_count(ictx->file), 3);
	unmap(addr, PAGES(1));
	unmap(addr, PAGES(1));
	ck_assert_said("U2 U1");
	ck_assert_uint_eq(file_count(ictx->file), 1);
	unwatch();
	close_clean(ictx);
}
END_TEST

/*
 * R-MMAP-4, R-MMAP-2: a mapped owner cannot be destroyed, so its destroy op,
 * which drops the cookie, finds no mapping.
 */
START_TEST(a_mapped_owner_cannot_be_destroyed)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	void *addr;

	owner_of(ictx, PAGES(1));
	addr = map(ictx, PAGES(1), PAGES(1));
	ck_assert_int_eq(iommufd_model_mdup(addr, PAGES(1)), 0);
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);
	unmap(addr, PAGES(1));
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);
	unmap(addr, PAGES(1));
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	ck_assert(list_empty(&ictx->mmaps));
	close_clean(ictx);
}
END_TEST

/*
 * R-MMAP-4, R-CTX-2: a mapping holds a reference to the file, and so to the
 * context.
 */
START_TEST(a_mapping_keeps_the_context)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	void *addr;

	owner_of(ictx, PAGES(1));
	addr = map(ictx, PAGES(1), PAGES(1));
	iommufd_model_check_close(ictx);
	ck_assert_said("");
	ck_assert_uint_eq(iommufd_model_released(ictx), 0);
	unmap(addr, PAGES(1));
	ck_assert_said("destroy(1)");
	ck_assert_no_leaks(ictx);
}
END_TEST

/* R-OBJ-14: the close does a plain decrement, which here reaches zero. */
START_TEST(the_close_of_an_uncounted_vma_warns)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = owner_of(ictx, PAGES(1));
	void *addr = map(ictx, PAGES(1), PAGES(1));

	refcount_dec(&owner->obj.users);
	expect_warning("users from 1");
	unmap(addr, PAGES(1));
	drop_own_cookie(owner);
	close_leaking(ictx, owner);
}
END_TEST

/* The tests below map pages, which have a new address in each mapping. */

static char *pages;

static void drop_pages(struct probe *owner)
{
	drop(owner, PAGES(1));
	free_pages_exact(pages, PAGES(4));
}

/*
 * Publishes an owner of four pages, the first of which is filled with @first.
 */
static struct probe *page_owner(struct iommufd_ctx *ictx, char first)
{
	struct probe *owner = publish(ictx, plain_type());
	unsigned long offset;

	pages = alloc_pages_exact(PAGES(4), GFP_KERNEL | __GFP_ZERO);
	ck_assert_ptr_nonnull(pages);
	pages[0] = first;
	ck_assert_int_eq(_iommufd_alloc_mmap(ictx, &owner->obj,
					     (uintptr_t)pages, PAGES(4),
					     &offset), 0);
	ck_assert_uint_eq(offset, PAGES(1));
	owner->at_destroy = drop_pages;
	return owner;
}

static char *map_pages(struct iommufd_ctx *ictx)
{
	char *p = map(ictx, PAGES(1), PAGES(4));

	ck_assert(!IS_ERR(p));
	return p;
}

/*
 * R-MMAP-4: a cookie can be mapped twice, and each mapping holds its own
 * references.
 */
START_TEST(two_mappings_of_a_cookie_are_two)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *a = map_pages(ictx), *b = map_pages(ictx);

	ck_assert_ptr_ne(a, b);
	ck_assert_int_eq(a[0], 'x');
	b[PAGES(3)] = 'y';
	ck_assert_int_eq(a[PAGES(3)], 'y');
	ck_assert_int_eq(pages[PAGES(3)], 'y');
	unmap(a, PAGES(4));
	ck_assert_int_eq(iommufd_model_munmap(a, PAGES(4)), -EINVAL);
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 2);
	ck_assert_int_eq(b[0], 'x');
	unmap(b, PAGES(4));
	close_clean(ictx);
}
END_TEST

/*
 * R-MMAP-4: a split of a mapping takes one more users reference to the owner;
 * each part that is unmapped drops one.
 */
START_TEST(munmap_of_a_part_splits_the_mapping)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *a = map_pages(ictx);

	watch(ictx, &owner->obj);
	unmap(a + PAGES(1), PAGES(1));
	ck_assert_said("U3 U4 U3");
	ck_assert_uint_eq(file_count(ictx->file), 3);
	ck_assert_int_eq(iommufd_model_munmap(a + PAGES(1), 1), -EINVAL);
	unmap(a + PAGES(3), 1);
	ck_assert_said("U4 U3");
	unmap(a, PAGES(4));
	ck_assert_said("U2 U1");
	ck_assert_uint_eq(file_count(ictx->file), 1);
	unwatch();
	close_clean(ictx);
}
END_TEST

START_TEST(munmap_takes_all_that_is_in_its_range)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *a = map_pages(ictx), *b = map_pages(ictx);
	char *low = a < b ? a : b, *high = a < b ? b : a;

	map_pages(ictx);
	unmap(low + PAGES(2), (size_t)(high - low));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 4);
	unmap(low, (size_t)(high - low) + PAGES(100));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 1);
	close_clean(ictx);
}
END_TEST

START_TEST(munmap_takes_the_newest_mapping_after_a_fork)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *a = map_pages(ictx);

	ck_assert_int_eq(iommufd_model_mdup(a, PAGES(4)), 0);
	unmap(a + PAGES(2), PAGES(2));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 3);
	ck_assert_int_eq(a[PAGES(2)], 0);
	unmap(a, PAGES(4));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 2);
	unmap(a, PAGES(4));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 1);
	close_clean(ictx);
}
END_TEST

/* Two mappings are split; each split allocates a VMA and its page tables. */
START_TEST(munmap_that_cannot_split_removes_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *a = map_pages(ictx);
	unsigned long n;

	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(iommufd_model_munmap(a + PAGES(1), PAGES(1)),
				 -ENOMEM);
		iommufd_model_fail_nth(0);
		ck_assert_uint_eq(refcount_read(&owner->obj.users), 2);
	}
	iommufd_model_fail_nth(3);
	ck_assert_int_eq(iommufd_model_munmap(a + PAGES(1), PAGES(1)),
			 -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(a[PAGES(1)], 0);
	unmap(a, PAGES(4));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 1);
	close_clean(ictx);
}
END_TEST

/*
 * The addresses are used in turn.  After the last one they begin again, and
 * those of the mapping that stays are left out.
 */
START_TEST(addresses_that_are_in_use_are_left_out)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = page_owner(ictx, 'x');
	char *stays = map_pages(ictx), *a, *before = stays;
	bool again = false;
	int i;

	stays[0] = 's';
	for (i = 0; i < 20000 && !again; i++) {
		a = map_pages(ictx);
		ck_assert(a + PAGES(4) <= stays || a >= stays + PAGES(4));
		again = a < before;
		before = a;
		unmap(a, PAGES(4));
	}
	ck_assert(again);
	ck_assert_int_eq(stays[0], 's');
	unmap(stays, PAGES(4));
	ck_assert_uint_eq(refcount_read(&owner->obj.users), 1);
	close_clean(ictx);
}
END_TEST

static struct {
	unsigned long start, size;
} told[4];
static unsigned int nr_told;

static void note_mapping(unsigned long start, unsigned long size, void *data)
{
	ck_assert_ptr_eq(data, told);
	ck_assert_uint_lt(nr_told, ARRAY_SIZE(told));
	told[nr_told].start = start;
	told[nr_told++].size = size;
}

START_TEST(each_mapping_is_told_the_newest_first)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *a, *b;

	page_owner(ictx, 'x');
	a = map_pages(ictx);
	b = map_pages(ictx);
	unmap(a + PAGES(3), PAGES(1));
	iommufd_model_each_mapping(note_mapping, told);
	ck_assert_uint_eq(nr_told, 2);
	ck_assert_uint_eq(told[0].start, (unsigned long)b);
	ck_assert_uint_eq(told[0].size, PAGES(4));
	ck_assert_uint_eq(told[1].start, (unsigned long)a);
	ck_assert_uint_eq(told[1].size, PAGES(3));
	unmap(a, PAGES(3));
	unmap(b, PAGES(4));
	close_clean(ictx);
}
END_TEST

START_TEST(munmap_of_no_page_is_einval)
{
	static const size_t lengths[] = { 0, SIZE_MAX };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *a;
	size_t i;

	page_owner(ictx, 'x');
	a = map_pages(ictx);
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		ck_assert_int_eq(iommufd_model_munmap(a, lengths[i]), -EINVAL);
	ck_assert_int_eq(iommufd_model_munmap(a + 1, PAGES(4)), -EINVAL);
	unmap(a, PAGES(4) - 1);
	close_clean(ictx);
}
END_TEST

static unsigned long io_at;

static void drop_io(struct probe *owner)
{
	drop(owner, PAGES(5));
}

/* Publishes an owner of two pages of other memory, with the second cookie. */
static void owner_of_io(struct iommufd_ctx *ictx)
{
	struct probe *owner = publish(ictx, plain_type());
	unsigned long offset;

	ck_assert_int_eq(_iommufd_alloc_mmap(ictx, &owner->obj, io_at, PAGES(2),
					     &offset), 0);
	ck_assert_uint_eq(offset, PAGES(5));
	owner->at_destroy = drop_io;
}

/* R-MAP-3: pages that a cookie maps cannot be pinned through any address. */
START_TEST(device_memory_cannot_be_pinned)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct page *page;
	char *a, *io;

	page_owner(ictx, 'x');
	a = map_pages(ictx);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)a, 1, 0, &page),
			 -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)pages, 1, 0, &page),
			 -EFAULT);
	unmap(a, PAGES(4));
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)a, 1, 0, &page),
			 -EFAULT);
	/* Memory that is mapped at its own address cannot be pinned either. */
	io = mmap(NULL, PAGES(2), PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)io, 1, 0, &page),
			 1);
	unpin_user_page(page);
	io_at = (uintptr_t)io;
	owner_of_io(ictx);
	ck_assert_ptr_eq(map(ictx, PAGES(5), PAGES(2)), io);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)io, 1, 0, &page),
			 -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)io + PAGES(1), 1, 0,
					     &page), -EFAULT);
	unmap(io, PAGES(1));
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)io, 1, 0, &page),
			 1);
	unpin_user_page(page);
	unmap(io, PAGES(2));
	close_clean(ictx);
	munmap(io, PAGES(2));
}
END_TEST

/* The kernel's addresses of the pages are not mapped in user space. */
START_TEST(the_kernels_addresses_are_bad_ones)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char buf[8] = "buffer";

	page_owner(ictx, 'x');
	ck_assert_uint_eq(copy_from_user(buf, pages, 8), 8);
	ck_assert_uint_eq(copy_to_user(pages, buf, 8), 8);
	ck_assert_uint_eq(copy_to_user(pages - 4, buf, 8), 8);
	ck_assert_int_eq(pages[0], 'x');
	close_clean(ictx);
}
END_TEST

static void child(char *a, char *b)
{
	bool good = a[0] == 'x' && pages[0] == 'x';

	a[0] = 'c';
	_exit(good && b[0] == 'c' && pages[0] == 'c' ? 0 : 1);
}

/* What a child process writes to the pages does not change the parent's. */
START_TEST(a_child_process_has_pages_of_its_own)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *a, *b;
	int status;
	pid_t pid;

	page_owner(ictx, 'x');
	a = map_pages(ictx);
	b = map_pages(ictx);
	pid = fork();
	if (!pid)
		child(a, b);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(a[0], 'x');
	unmap(a, PAGES(4));
	unmap(b, PAGES(4));
	close_clean(ictx);
}
END_TEST

START_TEST(pages_are_allocations_like_others)
{
	unsigned long before = iommufd_model_allocations();
	char *p;

	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(alloc_pages_exact(1, GFP_KERNEL));
	iommufd_model_fail_nth(0);
	ck_assert_ptr_null(alloc_pages_exact(0, GFP_KERNEL));
	ck_assert_ptr_null(alloc_pages_exact(PAGES(1ul << 30), GFP_KERNEL));
	p = alloc_pages_exact(1, GFP_KERNEL);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq((uintptr_t)p % PAGE_SIZE, 0);
	ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 1);
	p[PAGES(1) - 1] = 1;
	free_pages_exact(p, 1);
	ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 0);
	expect_warning("not allocated pages");
	free_pages_exact(p, 1);
	expect_warning("not allocated pages");
	free_pages_exact(&before, 1);
	free_pages_exact(NULL, 1);
	p = alloc_pages_exact(1, GFP_KERNEL | __GFP_ZERO);
	ck_assert_int_eq(p[0] | p[PAGES(1) - 1], 0);
	free_pages_exact(p, 1);
}
END_TEST

static Suite *mmap_suite(void)
{
	Suite *suite = suite_create("mmap");
	TCase *tc;

	tc = probe_tests(suite, "mmap");
	tcase_add_test(tc, mmap_counts_users_of_the_owner_and_the_file);
	tcase_add_test(tc,
		       mmap_checks_length_then_sharing_then_exec_then_cookie);
	tcase_add_test(tc, mmap_of_a_part_or_more_gives_users_back);
	tcase_add_test(tc, mmap_of_an_owner_without_users_is_enxio);
	tcase_add_test(tc, mmap_while_the_owner_is_destroyed_is_enxio);
	tcase_add_test(tc, destroy_in_the_middle_of_mmap_is_ebusy);
	tcase_add_test(
		tc, mmap_of_a_reserved_owner_is_enxio_until_it_is_published);
	tcase_add_test(tc, a_guessed_offset_does_not_disturb_the_undo);
	tcase_add_test(tc, mmap_that_cannot_be_mapped_gives_users_back);
	tcase_add_test(tc, the_vma_remembers_the_cookie_and_starts_at_page_0);

	tc = probe_tests(suite, "mappings");
	tcase_add_test(tc, a_fork_counts_once_more);
	tcase_add_test(tc, a_mapped_owner_cannot_be_destroyed);
	tcase_add_test(tc, a_mapping_keeps_the_context);
	tcase_add_test(tc, the_close_of_an_uncounted_vma_warns);

	tc = probe_tests(suite, "pages");
	tcase_add_test(tc, two_mappings_of_a_cookie_are_two);
	tcase_add_test(tc, munmap_of_a_part_splits_the_mapping);
	tcase_add_test(tc, munmap_takes_all_that_is_in_its_range);
	tcase_add_test(tc, munmap_takes_the_newest_mapping_after_a_fork);
	tcase_add_test(tc, munmap_that_cannot_split_removes_nothing);
	tcase_add_test(tc, addresses_that_are_in_use_are_left_out);
	tcase_add_test(tc, each_mapping_is_told_the_newest_first);
	tcase_add_test(tc, munmap_of_no_page_is_einval);
	tcase_add_test(tc, device_memory_cannot_be_pinned);
	tcase_add_test(tc, the_kernels_addresses_are_bad_ones);
	tcase_add_test(tc, a_child_process_has_pages_of_its_own);
	tcase_add_test(tc, pages_are_allocations_like_others);
	return suite;
}

int main(void)
{
	return run_suite(mmap_suite());
}
