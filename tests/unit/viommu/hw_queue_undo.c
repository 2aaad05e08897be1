// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-HWQ-2 and R-HWQ-3: the order in which a HW_QUEUE is destroyed, dependence
 * between queues, and the memory that a queue locks.
 */
#include "queue_suite.h"
#include "user_memory.h"
#include "../../../src/iommufd/io_pagetable.h"

/* The tests below are about R-HWQ-2. */

/* A hook that observes the thread which destroys a queue. */
static struct {
	struct iommufd_model_hook hook;
	struct iommufd_object *viommu;
	struct iommufd_ioas *ioas;
} order;

static unsigned int locks_now(void)
{
	return iopt_find_area(&order.ioas->iopt, GUEST_IOVA)->num_locks;
}

static void queue_stops(struct iommufd_hw_queue *queue)
{
	(void)queue;
	say("stop, %u locks;", locks_now());
}

static int queue_starts(struct iommufd_hw_queue *queue, u32 index,
			phys_addr_t base)
{
	(void)index;
	(void)base;
	if (own.queue_error)
		return own.queue_error;
	queue->destroy = queue_stops;
	return 0;
}

static void order_event(struct iommufd_model_hook *hook,
			const struct iommufd_model_op *op)
{
	const struct iommufd_object *obj = op->addr;

	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC &&
	    op->addr == &order.ioas->obj.users)
		say("detach, %u locks;", locks_now());
	else if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC &&
		 op->addr == &order.viommu->users)
		say("viommu;");
	else if (op->kind == IOMMUFD_MODEL_OP_NOTE &&
		 op->arg == IOMMUFD_MODEL_NOTE_DESTROYED &&
		 obj->type == IOMMUFD_OBJ_ACCESS)
		say("access;");
}

static void order_open(struct own_guest *og)
{
	own_guest_open(og);
	guest_viommu(&og->g);
	order.hook.event = order_event;
	order.viommu = obj_of(&og->g, og->g.viommu);
	order.ioas = container_of(obj_of(&og->g, og->g.ioas),
				  struct iommufd_ioas, obj);
	own_viommu_ops.hw_queue_init_phys = queue_starts;
}

/*
 * Z-11a, Z-11b: a destroy stops the queue, detaches and destroys its access,
 * and then drops the vIOMMU.
 */
START_TEST(destroy_stops_detaches_frees_the_access_then_the_viommu)
{
	struct own_guest og;
	u32 id;

	order_open(&og);
	id = made(try_queue(&og.g, 0));
	iommufd_model_hook_add(&order.hook);
	ck_destroy(&og.g, id);
	iommufd_model_hook_remove(&order.hook);
	ck_assert_said("stop, 1 locks; detach, 0 locks; access; viommu;");
	own_guest_close(&og);
}
END_TEST

/*
 * Z-11c: init fails, so the driver is not called; the rest has the same order.
 */
START_TEST(undo_of_a_queue_that_init_refused_skips_the_driver)
{
	struct own_guest og;

	order_open(&og);
	own.queue_error = -EXDEV;
	iommufd_model_hook_add(&order.hook);
	ck_assert_int_eq(try_queue(&og.g, 0), -EXDEV);
	iommufd_model_hook_remove(&order.hook);
	/*
	 * The first vIOMMU reference that is dropped is the short one of the
	 * ioctl.
	 */
	ck_assert_said("viommu; detach, 0 locks; access; viommu;");
	ck_assert_uint_eq(area_locks(&og.g), 0);
	ck_assert_held(&og.g, og.g.viommu, 1, 1);
	own_guest_close(&og);
}
END_TEST

static int cannot_answer(struct guest *g, u32 index)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = g->viommu,
		.type = SELFTEST,
		.index = index,
		.nesting_parent_iova = GUEST_IOVA + index * PAGE_SIZE,
		.length = PAGE_SIZE,
	};

	return iommufd_model_ioctl(g->fd, IOMMU_HW_QUEUE_ALLOC,
				   read_only(&cmd, sizeof(cmd)));
}

/*
 * R-HWQ-1 step 18: the answer cannot be written, so the driver's destroy is
 * called too.
 */
START_TEST(undo_of_a_queue_without_answer_includes_the_driver)
{
	struct own_guest og;

	order_open(&og);
	iommufd_model_hook_add(&order.hook);
	ck_assert_int_eq(cannot_answer(&og.g, 0), -EFAULT);
	iommufd_model_hook_remove(&order.hook);
	ck_assert_said("viommu; stop, 1 locks; detach, 0 locks; access; "
		       "viommu;");
	ck_assert_uint_eq(area_locks(&og.g), 0);
	own_guest_close(&og);
}
END_TEST

/* Z-10: the dependence is undone, and the queue's own slot is free again. */
START_TEST(undo_of_a_dependent_queue_undepends)
{
	struct guest g;
	u32 first;

	guest_open_viommu(&g);
	first = made(try_queue(&g, 0));
	ck_assert_int_eq(cannot_answer(&g, 1), -EFAULT);
	ck_assert_held(&g, first, 1, 1);
	made(try_queue(&g, 1));
	ck_assert_held(&g, first, 2, 1);
	guest_close(&g);
}
END_TEST

/* R-HWQ-3: the memory of a queue cannot be unmapped while the queue exists. */

START_TEST(memory_of_a_queue_cannot_be_unmapped)
{
	struct guest g;
	u32 first, second;

	guest_open_viommu(&g);
	first = made(try_queue_at(&g, 0, GUEST_IOVA, PAGE_SIZE));
	/* The same bounds give one record, but the area counts both queues. */
	second = made(try_queue_at(&g, 1, GUEST_IOVA, PAGE_SIZE));
	ck_assert_uint_eq(area_locks(&g), 2);
	ck_assert_int_eq(unmap_queue_memory(&g), -EBUSY);
	ck_destroy(&g, second);
	ck_assert_uint_eq(area_locks(&g), 1);
	ck_assert_int_eq(unmap_queue_memory(&g), -EBUSY);
	ck_destroy(&g, first);
	ck_assert_int_eq(unmap_queue_memory(&g), 0);
	guest_close(&g);
}
END_TEST

START_TEST(queue_holds_its_viommu_parent_and_ioas)
{
	struct guest g;

	guest_open_viommu(&g);
	ck_destroy(&g, g.stdev);
	made(try_queue(&g, 0));
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_assert_int_eq(destroy(&g, g.parent), -EBUSY);
	ck_assert_int_eq(destroy(&g, g.ioas), -EBUSY);
	guest_close(&g);
}
END_TEST

START_TEST(release_destroys_dependents_first)
{
	struct iommufd_object *first, *second, *viommu;
	struct guest g;

	guest_open_viommu(&g);
	first = obj_of(&g, made(try_queue(&g, 0)));
	second = obj_of(&g, made(try_queue(&g, 1)));
	viommu = obj_of(&g, g.viommu);
	guest_close(&g);
	ck_assert_released_before(second, first);
	ck_assert_released_before(first, viommu);
}
END_TEST

static bool queues_of_two_viommus(void)
{
	struct iommufd_hw_queue *a, *b;
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	guest_viommu(&og.g);
	a = container_of(obj_of(&og.g, made(try_queue(&og.g, 0))),
			 struct iommufd_hw_queue, obj);
	og.g.viommu = made(try_viommu(&og.g, NULL));
	b = container_of(obj_of(&og.g, made(try_queue(&og.g, 0))),
			 struct iommufd_hw_queue, obj);
	expect_warning("viommu");
	rc = iommufd_hw_queue_depend(a, b);
	ck_assert_users(&b->obj, 1);
	own_guest_close(&og);
	return rc == -EINVAL;
}

/* R-OBJ-13: queues of different vIOMMUs cannot depend on each other. */
START_TEST(queues_of_two_viommus_cannot_depend)
{
	ck_assert(in_a_fresh_process(queues_of_two_viommus));
}
END_TEST

static Suite *hw_queue_undo_suite(void)
{
	Suite *suite = suite_create("hw_queue_undo");
	TCase *tc = guest_tests(suite, "undo");
	tcase_add_test(
		tc, destroy_stops_detaches_frees_the_access_then_the_viommu);
	tcase_add_test(tc, undo_of_a_queue_that_init_refused_skips_the_driver);
	tcase_add_test(tc, undo_of_a_queue_without_answer_includes_the_driver);
	tcase_add_test(tc, undo_of_a_dependent_queue_undepends);

	tc = guest_tests(suite, "interaction");
	tcase_add_test(tc, memory_of_a_queue_cannot_be_unmapped);
	tcase_add_test(tc, queue_holds_its_viommu_parent_and_ioas);
	tcase_add_test(tc, release_destroys_dependents_first);
	tcase_add_test(tc, queues_of_two_viommus_cannot_depend);
	return suite;
}

int main(void)
{
	return run_suite(hw_queue_undo_suite());
}
