// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-EVQ-1 to R-EVQ-3, and the parts of R-EVQ-4 to R-EVQ-6 that do not need page
 * faults: FAULT and VEVENTQ, their files, and how both end.  Tests of events
 * are in veventq.c, and tests of page faults in fault.c.
 */
#include "guest.h"
#include "user_memory.h"

#define NOBODY 99
#define TYPE IOMMU_VEVENTQ_TYPE_SELFTEST

static int ctx_refs(struct guest *g)
{
	return (int)file_count(g->ictx->file);
}

/* The tests below create event queues (R-EVQ-1). */

START_TEST(fault_alloc_checks_flags)
{
	struct iommu_fault_alloc cmd = { .flags = 1 };
	struct guest g;

	guest_open(&g);
	ck_assert_int_eq(uapi(&g, IOMMU_FAULT_QUEUE_ALLOC, &cmd), -EOPNOTSUPP);
	guest_close(&g);
}
END_TEST

/*
 * R-EVQ-10, R-EVQ-1: each row fails at one check and would fail at all later
 * ones.
 */
START_TEST(veventq_alloc_checks_in_order)
{
	static const struct {
		u32 flags, reserved, type, depth, viommu;
		int error;
	} bad[] = {
		{ 1, 0, TYPE, 0, NOBODY, -EOPNOTSUPP },
		{ 0, 1, TYPE, 0, NOBODY, -EOPNOTSUPP },
		{ 0, 0, 0, 0, NOBODY, -EOPNOTSUPP },
		{ 0, 0, TYPE, 0, NOBODY, -EINVAL },
		{ 0, 0, TYPE, (1 << 19) + 1, NOBODY, -EINVAL },
		{ 0, 0, TYPE, 1, NOBODY, -ENOENT },
		{ 0, 0, TYPE, 1, 5, -ENOENT },
		{ 0, 0, TYPE, 1, 6, -EEXIST },
	};
	struct guest g;
	size_t i;
	int rc;

	guest_open_viommu(&g);
	made(try_veventq(&g, TYPE, 1));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iommu_veventq_alloc cmd = {
			.flags = bad[i].flags,
			.__reserved = bad[i].reserved,
			.type = bad[i].type,
			.veventq_depth = bad[i].depth,
			.viommu_id = bad[i].viommu,
		};

		rc = uapi(&g, IOMMU_VEVENTQ_ALLOC, &cmd);
		ck_assert_msg(rc == bad[i].error, "row %zu: %d", i, rc);
		ck_assert_held(&g, g.viommu, 2, 1);
		ck_assert_int_eq(ctx_refs(&g), 2);
	}
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

/*
 * R-EVQ-10: a vIOMMU has at most one VEVENTQ of each type.  When that VEVENTQ
 * was destroyed, another one of this type can be created.
 */
START_TEST(viommu_has_one_veventq_of_each_type)
{
	u32 depth = 1u << 19, id;
	struct guest g;

	guest_open_viommu(&g);
	id = made(try_veventq(&g, 1, depth));
	ck_assert_int_eq(close_event_fd(&g), 0);
	made(try_veventq(&g, ~0u, 1));
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_int_eq(try_veventq(&g, 1, depth), -EEXIST);
	ck_destroy(&g, id);
	made(try_veventq(&g, 1, depth));
	ck_assert_int_eq(close_event_fd(&g), 0);
	g.viommu = made(try_viommu(&g, NULL));
	made(try_veventq(&g, 1, 1));
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

static int make_veventq(struct guest *g)
{
	return try_veventq(g, TYPE, 2);
}

/* R-EVQ-1 steps 2 to 6 fail for lack of memory. */
static void check_no_memory(int (*make)(struct guest *g))
{
	struct guest g;
	u32 id;

	guest_open_viommu(&g);
	id = fails_without_trace(&g, make);
	ck_assert_held(&g, id, 2, 1);
	ck_assert_int_eq(ctx_refs(&g), 2);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}

START_TEST(alloc_without_memory_leaves_no_trace)
{
	check_no_memory(try_fault);
	check_no_memory(make_veventq);
}
END_TEST

/*
 * R-EVQ-1 step 6: the file exists already; it drops its references, exactly
 * once (Z-05, Z-07).
 */
static void check_no_descriptor(int (*make)(struct guest *g))
{
	char before[256], after[256];
	unsigned long leaks;
	struct guest g;

	guest_open_viommu(&g);
	guest_counters(&g, before, sizeof(before));
	leaks = nr_leaks();
	iommufd_model_set_first_fd(INT_MAX);
	ck_assert_int_eq(make(&g), -EMFILE);
	iommufd_model_set_first_fd(3);
	guest_counters(&g, after, sizeof(after));
	ck_assert_str_eq(after, before);
	ck_assert_uint_eq(nr_leaks(), leaks);
	ck_assert_int_eq(ctx_refs(&g), 1);
	guest_close(&g);
}

START_TEST(alloc_without_a_descriptor_is_undone)
{
	check_no_descriptor(try_fault);
	check_no_descriptor(make_veventq);
}
END_TEST

/*
 * R-EVQ-1: if the answer cannot be written, the descriptor is freed and not
 * installed.
 */
START_TEST(alloc_that_cannot_answer_gives_the_descriptor_back)
{
	struct iommu_fault_alloc fault = { .size = sizeof(fault) };
	struct iommu_veventq_alloc veventq = {
		.size = sizeof(veventq), .type = TYPE, .veventq_depth = 1,
	};
	struct guest g;
	int fd;

	guest_open_viommu(&g);
	veventq.viommu_id = g.viommu;
	made(try_fault(&g));
	fd = g.event_fd;
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_int_eq(iommufd_model_ioctl(
				 g.fd, IOMMU_FAULT_QUEUE_ALLOC,
				 read_only(&fault, sizeof(fault))), -EFAULT);
	ck_assert_int_eq(iommufd_model_ioctl(
				 g.fd, IOMMU_VEVENTQ_ALLOC,
				 read_only(&veventq, sizeof(veventq))),
			 -EFAULT);
	ck_assert_int_eq(iommufd_model_poll(fd), -EBADF);
	ck_assert_int_eq(ctx_refs(&g), 1);
	ck_assert_held(&g, g.viommu, 1, 1);
	made(make_veventq(&g));
	ck_assert_int_eq(g.event_fd, fd);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

static int watched_fd;

static void published_event(struct iommufd_model_hook *hook,
			    const struct iommufd_model_op *op)
{
	struct file *file;

	(void)hook;
	if (op->kind != IOMMUFD_MODEL_OP_NOTE ||
	    op->arg != IOMMUFD_MODEL_NOTE_FINALIZE)
		return;
	file = fget((unsigned int)watched_fd);
	say(file ? "descriptor first" : "object first");
	if (file)
		fput(file);
}

/* R-EVQ-1: the order in which descriptor and object are published. */
START_TEST(fault_has_its_descriptor_first_veventq_its_object)
{
	struct iommufd_model_hook hook = { .event = published_event };
	struct guest g;

	guest_open_viommu(&g);
	watched_fd = g.fd + 1;
	iommufd_model_hook_add(&hook);
	made(try_fault(&g));
	ck_assert_int_eq(g.event_fd, watched_fd);
	ck_assert_said("descriptor first");
	ck_assert_int_eq(close_event_fd(&g), 0);
	made(make_veventq(&g));
	ck_assert_int_eq(g.event_fd, watched_fd);
	ck_assert_said("object first");
	iommufd_model_hook_remove(&hook);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

/* The tests below are about the lifetime of an event queue (R-EVQ-2). */

/*
 * While the descriptor of the queue is open, IOMMU_DESTROY fails with EBUSY.
 * close() drops the last reference to the file, and the file then drops its
 * users reference.
 */
static void check_close(int (*make)(struct guest *g))
{
	struct guest g;
	u32 id;

	guest_open_viommu(&g);
	id = made(make(&g));
	ck_assert_int_eq(destroy(&g, id), -EBUSY);
	ck_assert_held(&g, id, 2, 1);
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_held(&g, id, 1, 1);
	ck_assert_int_eq(ctx_refs(&g), 1);
	ck_assert_int_eq(close_event_fd(&g), -EBADF);
	ck_destroy(&g, id);
	guest_close(&g);
}

START_TEST(queue_with_an_open_descriptor_is_busy)
{
	check_close(try_fault);
	check_close(make_veventq);
}
END_TEST

/* IOMMU_DESTROY of a FAULT that a HWPT uses. */
START_TEST(fault_of_a_hwpt_is_busy)
{
	struct guest g;
	u32 id, nested;

	guest_open_viommu(&g);
	id = made(try_fault(&g));
	nested = made(try_nested(&g, g.parent, id));
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_int_eq(destroy(&g, id), -EBUSY);
	ck_destroy(&g, nested);
	ck_destroy(&g, id);
	guest_close(&g);
}
END_TEST

/* IOMMU_DESTROY of a vIOMMU that has a VEVENTQ. */
START_TEST(viommu_with_a_veventq_is_busy)
{
	struct guest g;
	u32 id;

	guest_open_viommu(&g);
	id = made(make_veventq(&g));
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_destroy(&g, id);
	ck_destroy(&g, g.viommu);
	guest_close(&g);
}
END_TEST

/*
 * The release of the context waits until the descriptor of the queue is closed.
 */
static void check_postponed(int (*make)(struct guest *g))
{
	enum iommufd_model_fate fate;
	char why[256];
	struct guest g;

	guest_open_viommu(&g);
	made(make(&g));
	iommufd_model_check_close(g.ictx);
	fate = iommufd_model_fate(g.ictx, why, sizeof(why));
	ck_assert_int_eq(fate, IOMMUFD_MODEL_RELEASABLE);
	ck_assert_int_gt(iommufd_model_pinned(), 0);
	ck_assert_int_eq(iommufd_model_poll(g.event_fd) & EPOLLIN, 0);
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_no_leaks(g.ictx);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}

START_TEST(event_descriptor_puts_the_release_off)
{
	check_postponed(try_fault);
	check_postponed(make_veventq);
}
END_TEST

/*
 * Z-06: the object may be freed as soon as the file has dropped its reference.
 */
static void destroy_it(void *data)
{
	struct guest *g = data;

	say("%d", destroy(g, g->viommu + 1));
}

static void check_destroy_in_close(int (*make)(struct guest *g))
{
	struct iommufd_object *obj;
	struct guest g;

	guest_open_viommu(&g);
	obj = obj_of(&g, made(make(&g)));
	ck_assert_uint_eq(obj->id, g.viommu + 1);
	intrude_after(IOMMUFD_MODEL_OP_REFCOUNT_DEC, &obj->users, destroy_it,
		      &g);
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_said("0");
	ck_assert_int_eq(ctx_refs(&g), 1);
	guest_close(&g);
}

START_TEST(destroy_in_the_middle_of_close_may_free_the_queue)
{
	check_destroy_in_close(try_fault);
	check_destroy_in_close(make_veventq);
}
END_TEST

/* The tests below are about the operations of the file (R-EVQ-3 to R-EVQ-6). */

START_TEST(read_of_a_fault_file_gives_no_fault)
{
	char buf[80];
	struct guest g;

	guest_open(&g);
	made(try_fault(&g));
	ck_assert_int_eq(iommufd_model_read(g.event_fd, buf, 0), 0);
	ck_assert_int_eq(iommufd_model_read(g.event_fd, buf, 40), 0);
	ck_assert_int_eq(iommufd_model_read(g.event_fd, buf, 39), -ESPIPE);
	ck_assert_int_eq(iommufd_model_pread(g.event_fd, buf, 40, 40),
			 -ESPIPE);
	ck_assert_int_eq(iommufd_model_poll(g.event_fd), EPOLLOUT);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

/* R-EVQ-5: a response must have the cookie of a fault that waits for it. */
START_TEST(fault_response_to_an_unknown_cookie_is_einval)
{
	u32 response[2] = { 1, 0 };
	struct guest g;

	guest_open(&g);
	made(try_fault(&g));
	ck_assert_int_eq(iommufd_model_write(g.event_fd, response, 7),
			 -ESPIPE);
	ck_assert_int_eq(iommufd_model_write(g.event_fd, NULL, 8), -EFAULT);
	ck_assert_int_eq(iommufd_model_write(g.event_fd, response, 8),
			 -EINVAL);
	response[1] = 2;
	ck_assert_int_eq(iommufd_model_write(g.event_fd, response, 8),
			 -EINVAL);
	ck_assert_int_eq(iommufd_model_write(g.event_fd, response, 0), 0);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

static Suite *eventq_suite(void)
{
	Suite *suite = suite_create("eventq");
	TCase *tc = guest_tests(suite, "creation");

	tcase_add_test(tc, fault_alloc_checks_flags);
	tcase_add_test(tc, veventq_alloc_checks_in_order);
	tcase_add_test(tc, viommu_has_one_veventq_of_each_type);
	tcase_add_test(tc, alloc_without_memory_leaves_no_trace);
	tcase_add_test(tc, alloc_without_a_descriptor_is_undone);
	tcase_add_test(tc, alloc_that_cannot_answer_gives_the_descriptor_back);
	tcase_add_test(tc, fault_has_its_descriptor_first_veventq_its_object);

	tc = guest_tests(suite, "life");
	tcase_add_test(tc, queue_with_an_open_descriptor_is_busy);
	tcase_add_test(tc, fault_of_a_hwpt_is_busy);
	tcase_add_test(tc, viommu_with_a_veventq_is_busy);
	tcase_add_test(tc, event_descriptor_puts_the_release_off);
	tcase_add_test(tc, destroy_in_the_middle_of_close_may_free_the_queue);

	tc = guest_tests(suite, "file");
	tcase_add_test(tc, read_of_a_fault_file_gives_no_fault);
	tcase_add_test(tc, fault_response_to_an_unknown_cookie_is_einval);
	return suite;
}

int main(void)
{
	return run_suite(eventq_suite());
}
