// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * spec/01 9.3 and 9.4: mmap, and mappings that keep their owner alive.
 */
#include "cookie.h"
#include <sys/mman.h>

/* mmap */

static void drop_own_cookie(struct thing *owner)
{
	drop(owner, PAGES(1));
}

/* An owner of the first cookie, which its destroy op drops. */
static struct thing *owner_of(struct iommufd_ctx *ictx, size_t length)
{
	struct thing *owner = publish(ictx, plain_type());

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

/* 9.3, section 12: under the cookie lock; 8.3: the file is held too. */
START_TEST(mmap_counts_users_of_the_owner_and_the_file)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(2));
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

/* 9.3: each row fails at its own check and at all that come later. */
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
	struct thing *owner = owner_of(ictx, PAGES(3));
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

/* 9.3, step 5 */
START_TEST(mmap_of_a_part_or_more_gives_users_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(3));

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

/* 9.3, step 4 */
START_TEST(mmap_of_an_owner_without_users_is_enxio)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));

	ck_assert(refcount_dec_if_one(&owner->obj.users));
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(1))), -ENXIO);
	ck_assert_users(&owner->obj, 0);
	refcount_set(&owner->obj.users, 1);
	close_clean(ictx);
}
END_TEST

static void map_then_drop(struct thing *owner)
{
	say("%ld", PTR_ERR(map(owner->ictx, PAGES(1), PAGES(1))));
	drop_own_cookie(owner);
}

/* 9.3: the cookie is still there, its owner has left the table. */
START_TEST(mmap_while_the_owner_is_destroyed_is_enxio)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));
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

/* 9.3: from the moment the cookie is found the owner stays. */
START_TEST(destroy_in_the_middle_of_mmap_is_ebusy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));
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

/* d11 */
START_TEST(mmap_of_a_reserved_owner_is_enxio_until_it_is_published)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = reserve(ictx, plain_type());
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

/* H2: so the undo of a creation does not meet a mapping, and does not warn. */
START_TEST(a_guessed_offset_does_not_disturb_the_undo)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = reserve(ictx, plain_type());

	owner->at_destroy = drop_own_cookie;
	cookie(owner, PAGES(1));
	map(ictx, PAGES(1), PAGES(1));
	iommufd_object_abort_and_destroy(ictx, &owner->obj);
	ck_assert(list_empty(&ictx->mmaps));
	close_clean(ictx);
}
END_TEST

/* 9.3, step 6: the first allocation is the VMA, the second its tables. */
START_TEST(mmap_that_cannot_be_mapped_gives_users_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));

	watch(ictx, &owner->obj);
	iommufd_model_fail_nth(2);
	ck_assert_int_eq(PTR_ERR(map(ictx, PAGES(1), PAGES(1))), -ENOMEM);
	ck_assert_said("U2c U1");
	unwatch();
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
}
END_TEST

/* 9.3, step 6 */
START_TEST(the_vma_remembers_the_cookie_and_starts_at_page_0)
{
	struct vm_area_struct vma = {
		.vm_end = PAGES(2),
		.vm_flags = VM_READ | VM_SHARED,
		.vm_pgoff = 1,
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(2));
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

/* The life of a mapping */

/* 9.4: each VMA has one unit, and the file once. */
START_TEST(a_fork_counts_once_more)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));
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

/* 9.4, 9.2: so the destroy op, which drops the cookie, meets no mapping. */
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

/* 9.4, 8.3 */
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

/* Section 12, last line. */
START_TEST(the_close_of_an_uncounted_vma_warns)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct thing *owner = owner_of(ictx, PAGES(1));
	void *addr = map(ictx, PAGES(1), PAGES(1));

	refcount_dec(&owner->obj.users);
	expect("users from 1");
	unmap(addr, PAGES(1));
	drop_own_cookie(owner);
	close_leaking(ictx, owner);
}
END_TEST

static Suite *mmap_suite(void)
{
	Suite *suite = suite_create("mmap");
	TCase *tc;

	tc = thing_tests(suite, "mmap");
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

	tc = thing_tests(suite, "mappings");
	tcase_add_test(tc, a_fork_counts_once_more);
	tcase_add_test(tc, a_mapped_owner_cannot_be_destroyed);
	tcase_add_test(tc, a_mapping_keeps_the_context);
	tcase_add_test(tc, the_close_of_an_uncounted_vma_warns);
	return suite;
}

int main(void)
{
	return run_suite(mmap_suite());
}
