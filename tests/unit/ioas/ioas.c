// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-IOAS-2: the life of an IOAS.  R-UAPI-13, R-IOAS-9, R-IOAS-10: the options
 * of IOMMU_OPTION and the order of its checks.
 */
#include "access_suite.h"
#include <sys/mman.h>
#include <unistd.h>

static void no_capability_teardown(void)
{
	iommufd_model_set_capable(true);
	iommufd_model_check_teardown();
}

static int alloc_ioctl(struct iommufd_ctx *ictx, void *arg)
{
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx),
				   IOMMU_IOAS_ALLOC, arg);
}

/* Returns two pages of memory, for a struct that crosses their boundary. */
static char *two_pages(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p + page;
}

/* Makes the first page, or both, read-only. */
static void protect(char *boundary, size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	ck_assert_int_eq(mprotect(boundary - page, pages * page, PROT_READ),
			 0);
}

static void unmap_pages(char *boundary)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	munmap(boundary - page, 2 * page);
}

/* The tests below are about the life of an IOAS. */

START_TEST(fresh_ioas_is_empty_aligned_to_bytes_with_large_pages)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);

	ck_assert_int_eq(ioas->obj.type, IOMMUFD_OBJ_IOAS);
	ck_assert_users(&ioas->obj, 1);
	ck_assert_shortterm(&ioas->obj, 1);
	ck_assert_uint_eq(ioas->iopt.iova_alignment, 1);
	ck_assert_uint_eq(ioas->iopt.disable_large_pages, 0);
	ck_assert(xa_empty(&ioas->iopt.access_list));
	ck_assert_int_eq(user_destroy(ictx, ioas->obj.id), 0);
	ck_assert(xa_empty(&ictx->objects));
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

START_TEST(alloc_with_flags_is_eopnotsupp_and_uses_no_id)
{
	struct iommu_ioas_alloc cmd = {
		.size = sizeof(cmd), .flags = 1, .out_ioas_id = 77,
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_int_eq(alloc_ioctl(ictx, &cmd), -EOPNOTSUPP);
	ck_assert_uint_eq(cmd.out_ioas_id, 77);
	ck_assert(xa_empty(&ictx->objects));
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(alloc_without_memory_is_enomem_and_leaves_no_trace)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned long before = iommufd_model_allocations();
	int n;

	/*
	 * The allocations are the object and the node of the table for its id.
	 */
	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth((unsigned long)n);
		ck_assert_int_eq(alloc_ioctl(ictx, &cmd), -ENOMEM);
		ck_assert_uint_eq(iommufd_model_failed(), 1);
		iommufd_model_fail_nth(0);
		ck_assert(xa_empty(&ictx->objects));
		ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 0);
	}
	ck_assert_uint_eq(make_ioas(ictx), 1);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

/* The id cannot be written to user space, so the IOAS is never published. */
START_TEST(alloc_with_unwritable_struct_is_efault_and_leaves_no_trace)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned long before = iommufd_model_allocations();
	char *pages = two_pages();

	memcpy(pages, &cmd, sizeof(cmd));
	protect(pages, 2);
	ck_assert_int_eq(alloc_ioctl(ictx, pages), -EFAULT);
	ck_assert(xa_empty(&ictx->objects));
	ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 0);
	ck_assert_uint_eq(make_ioas(ictx), 1);
	unmap_pages(pages);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

/* The state that a hook finds when the IOAS is published. */
struct at_finalize {
	struct iommufd_model_hook hook;
	struct iommufd_ctx *ictx;
	const u32 *out_id;
	unsigned int times;
	bool creation_locked;
	u32 reported;
};

static void look_at_ioas(struct iommufd_model_hook *hook,
			 const struct iommufd_model_op *op)
{
	struct at_finalize *at = container_of(hook, struct at_finalize, hook);

	if (op->kind != IOMMUFD_MODEL_OP_NOTE ||
	    op->arg != IOMMUFD_MODEL_NOTE_FINALIZE)
		return;
	at->times++;
	at->creation_locked = at->ictx->ioas_creation_lock.count == 1;
	at->reported = *at->out_id;
}

/*
 * R-ID-4, R-IOAS-2: the id is written with the read side of ioas_creation_lock
 * held.
 */
START_TEST(id_is_reported_before_the_ioas_is_published)
{
	struct iommu_ioas_alloc cmd = {
		.size = sizeof(cmd), .out_ioas_id = 77,
	};
	struct at_finalize at = { .hook = { .event = look_at_ioas } };

	at.ictx = iommufd_model_check_open();
	at.out_id = &cmd.out_ioas_id;
	iommufd_model_hook_add(&at.hook);
	ck_assert_int_eq(alloc_ioctl(at.ictx, &cmd), 0);
	iommufd_model_hook_remove(&at.hook);
	ck_assert_uint_eq(at.times, 1);
	ck_assert_uint_eq(at.reported, 1);
	ck_assert(at.creation_locked);
	ck_assert(!rwsem_is_locked(&at.ictx->ioas_creation_lock));
	iommufd_model_check_close(at.ictx);
	ck_assert_no_leaks(at.ictx);
}
END_TEST

START_TEST(each_attached_access_is_a_user_and_forbids_destroy)
{
	struct queue *queue;
	struct lab lab;
	u32 id;

	lab_open(&lab, &byte_ops);
	id = lab.a->obj.id;
	driver_attach(&lab.driver, lab.a);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_users(&lab.a->obj, 3);
	ck_assert_int_eq(user_destroy(lab.ictx, id), -EBUSY);
	iommufd_access_detach(lab.driver.access);
	ck_assert_users(&lab.a->obj, 2);
	ck_assert_int_eq(user_destroy(lab.ictx, id), -EBUSY);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, id), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, id), -ENOENT);
	lab.a = new_ioas(lab.ictx);
	ck_assert_uint_eq(lab.a->obj.id, id);
	lab_close(&lab);
}
END_TEST

/* Removes the forged entry before the memory is freed. */
static void clean_list(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct iommufd_ioas *ioas = (struct iommufd_ioas *)(uintptr_t)op->addr;

	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE &&
	    op->arg == IOMMUFD_MODEL_NOTE_DESTROYED)
		xa_erase(&ioas->iopt.access_list, 0);
}

START_TEST(destroy_of_an_ioas_with_accesses_left_warns)
{
	struct iommufd_model_hook hook = { .event = clean_list };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);

	xa_store(&ioas->iopt.access_list, 0, ictx, GFP_KERNEL);
	iommufd_model_expect_warning("access_list");
	iommufd_model_hook_add(&hook);
	ck_assert_int_eq(user_destroy(ictx, ioas->obj.id), 0);
	iommufd_model_hook_remove(&hook);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

/* The tests below are about options. */

static struct iommu_option option(u32 option_id, u16 op, u32 object_id,
				  u64 val64)
{
	return (struct iommu_option){
		.size = sizeof(struct iommu_option),
		.option_id = option_id, .op = op, .object_id = object_id,
		.val64 = val64,
	};
}

static int do_option(struct iommufd_ctx *ictx, struct iommu_option *cmd)
{
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), IOMMU_OPTION,
				   cmd);
}

static int set(struct iommufd_ctx *ictx, u32 option_id, u32 object_id,
	       u64 val64)
{
	struct iommu_option cmd = option(option_id, IOMMU_OPTION_OP_SET,
					 object_id, val64);

	return do_option(ictx, &cmd);
}

static u64 get(struct iommufd_ctx *ictx, u32 option_id, u32 object_id)
{
	struct iommu_option cmd = option(option_id, IOMMU_OPTION_OP_GET,
					 object_id, 77);

	ck_assert_int_eq(do_option(ictx, &cmd), 0);
	return cmd.val64;
}

#define RLIMIT IOMMU_OPTION_RLIMIT_MODE
#define HUGE_PAGES IOMMU_OPTION_HUGE_PAGES
#define BAD_OP 9

/*
 * A context has one IOAS, with id 1, so that a SET of RLIMIT_MODE fails with
 * EBUSY.
 */
START_TEST(errors_of_option_come_in_their_order)
{
	static const struct {
		u32 option_id;
		u16 op, reserved;
		u32 object_id;
		u64 val64;
		bool capable;
		int error;
	} rows[] = {
		/* __reserved is checked before the option */
		{ 999, BAD_OP, 1, 999, 9, false, -EOPNOTSUPP },
		{ RLIMIT, IOMMU_OPTION_OP_GET, 1, 0, 0, true, -EOPNOTSUPP },
		{ HUGE_PAGES, IOMMU_OPTION_OP_GET, 1, 1, 0, true,
		  -EOPNOTSUPP },
		{ 999, IOMMU_OPTION_OP_GET, 0, 0, 0, true, -EOPNOTSUPP },
		/* the order is object, op, capability, table, value */
		{ RLIMIT, IOMMU_OPTION_OP_GET, 0, 1, 0, true, -EOPNOTSUPP },
		{ RLIMIT, IOMMU_OPTION_OP_SET, 0, 1, 9, false, -EOPNOTSUPP },
		{ RLIMIT, BAD_OP, 0, 0, 9, false, -EOPNOTSUPP },
		{ RLIMIT, IOMMU_OPTION_OP_SET, 0, 0, 9, false, -EPERM },
		{ RLIMIT, IOMMU_OPTION_OP_SET, 0, 0, 9, true, -EBUSY },
		{ RLIMIT, IOMMU_OPTION_OP_SET, 0, 0, 1, true, -EBUSY },
		/* the order is id, op, value; no capability is needed */
		{ HUGE_PAGES, IOMMU_OPTION_OP_SET, 0, 0, 9, true, -ENOENT },
		{ HUGE_PAGES, BAD_OP, 0, 999, 9, true, -ENOENT },
		{ HUGE_PAGES, BAD_OP, 0, 1, 9, true, -EOPNOTSUPP },
		{ HUGE_PAGES, IOMMU_OPTION_OP_SET, 0, 1, 2, true, -EINVAL },
		{ HUGE_PAGES, IOMMU_OPTION_OP_SET, 0, 1, ULLONG_MAX, true,
		  -EINVAL },
		{ HUGE_PAGES, IOMMU_OPTION_OP_SET, 0, 1, 1, false, 0 },
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommu_option cmd;
	size_t i;
	int rc;

	ck_assert_uint_eq(ioas->obj.id, 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		cmd = option(rows[i].option_id, rows[i].op, rows[i].object_id,
			     rows[i].val64);
		cmd.__reserved = rows[i].reserved;
		iommufd_model_set_capable(rows[i].capable);
		rc = do_option(ictx, &cmd);
		ck_assert_msg(rc == rows[i].error, "row %zu: %d, not %d", i,
			      rc, rows[i].error);
		ck_assert_uint_eq(cmd.val64, rows[i].val64);
		ck_assert_users(&ioas->obj, 1);
		ck_assert_shortterm(&ioas->obj, 1);
	}
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

START_TEST(rlimit_mode_is_set_on_an_empty_table)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 0);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 2), -EINVAL);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 1), 0);
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_MM);
	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 1);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 0), 0);
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_USER);
	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 0);
	iommufd_model_set_capable(false);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 1), -EPERM);
	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 0);
	iommufd_model_check_close(ictx);
}
END_TEST

/* R-ID-7: a reserved id and a tombstone count as well as an object. */
START_TEST(rlimit_mode_is_ebusy_until_every_slot_is_free)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct queue *queue;

	ck_assert_int_eq(user_destroy(ictx, make_ioas(ictx)), 0);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 1), 0);
	queue = queue_alloc(ictx);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 0), -EBUSY);
	iommufd_object_abort(ictx, &queue->obj);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 0), 0);
	queue = queue_alloc(ictx);
	refcount_inc(&queue->obj.users);
	iommufd_object_finalize(ictx, &queue->obj);
	iommufd_object_tombstone_user(ictx, &queue->obj);
	ck_assert_int_eq(set(ictx, RLIMIT, 0, 1), -EBUSY);
	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 0);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

START_TEST(huge_pages_off_asks_for_whole_pages)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	u32 id = ioas->obj.id;
	int i;

	ck_assert_uint_eq(get(ictx, HUGE_PAGES, id), 1);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(set(ictx, HUGE_PAGES, id, 0), 0);
		ck_assert_uint_eq(get(ictx, HUGE_PAGES, id), 0);
		ck_assert_uint_eq(ioas->iopt.iova_alignment, PAGE_SIZE);
	}
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(set(ictx, HUGE_PAGES, id, 1), 0);
		ck_assert_uint_eq(get(ictx, HUGE_PAGES, id), 1);
		ck_assert_uint_eq(ioas->iopt.iova_alignment, 1);
	}
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

/*
 * R-IOAS-8: the alignment is the largest that the option or an access requires.
 */
START_TEST(huge_pages_and_accesses_ask_for_alignment_together)
{
	struct lab lab;
	u32 id;

	lab_open(&lab, &page_ops);
	id = lab.a->obj.id;
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(set(lab.ictx, HUGE_PAGES, id, 0), 0);
	iommufd_access_detach(lab.driver.access);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, PAGE_SIZE);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(set(lab.ictx, HUGE_PAGES, id, 1), 0);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, PAGE_SIZE);
	iommufd_access_detach(lab.driver.access);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	lab_close(&lab);
}
END_TEST

/*
 * R-UAPI-8: only val64 is written back, also by a SET, after everything else is
 * done.
 */
START_TEST(option_writes_val64_and_nothing_else_back)
{
	struct iommu_option cmd = option(RLIMIT, IOMMU_OPTION_OP_GET, 0, 77);
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *pages = two_pages();
	struct iommu_option *split = (struct iommu_option *)(void *)
		(pages - offsetof(struct iommu_option, val64));

	memcpy(split, &cmd, sizeof(cmd));
	protect(pages, 1);
	ck_assert_int_eq(do_option(ictx, split), 0);
	ck_assert_uint_eq(split->val64, 0);
	unmap_pages(pages);

	pages = two_pages();
	cmd = option(RLIMIT, IOMMU_OPTION_OP_SET, 0, 1);
	memcpy(pages, &cmd, sizeof(cmd));
	protect(pages, 2);
	ck_assert_int_eq(do_option(ictx, (struct iommu_option *)(void *)pages),
			 -EFAULT);
	ck_assert_uint_eq(get(ictx, RLIMIT, 0), 1);
	unmap_pages(pages);
	iommufd_model_check_close(ictx);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ioas");
	TCase *tc = checked_case(suite, "life");

	tcase_add_test(tc,
		       fresh_ioas_is_empty_aligned_to_bytes_with_large_pages);
	tcase_add_test(tc, alloc_with_flags_is_eopnotsupp_and_uses_no_id);
	tcase_add_test(tc, alloc_without_memory_is_enomem_and_leaves_no_trace);
	tcase_add_test(
		tc, alloc_with_unwritable_struct_is_efault_and_leaves_no_trace);
	tcase_add_test(tc, id_is_reported_before_the_ioas_is_published);
	tcase_add_test(tc, each_attached_access_is_a_user_and_forbids_destroy);
	tcase_add_test(tc, destroy_of_an_ioas_with_accesses_left_warns);

	tc = tcase_create("option");
	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  no_capability_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, errors_of_option_come_in_their_order);
	tcase_add_test(tc, rlimit_mode_is_set_on_an_empty_table);
	tcase_add_test(tc, rlimit_mode_is_ebusy_until_every_slot_is_free);
	tcase_add_test(tc, huge_pages_off_asks_for_whole_pages);
	tcase_add_test(tc, huge_pages_and_accesses_ask_for_alignment_together);
	tcase_add_test(tc, option_writes_val64_and_nothing_else_back);
	return run_suite(suite);
}
