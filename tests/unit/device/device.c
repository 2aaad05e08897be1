// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-DEVICE-1 to R-DEVICE-5 and R-VDEVICE-4: bind, unbind, groups, and the race
 * between unbind and the vDEVICE.
 */
#include "own_driver.h"

/* The tests below bind a device. */

static int try_bind(struct iommufd_ctx *ictx, struct device *dev)
{
	struct iommufd_device *idev;
	u32 id;

	idev = iommufd_device_bind(ictx, dev, &id);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	return (int)id;
}

/* R-DEVICE-1 steps 4 to 6: the driver gets the id and a users reference. */
START_TEST(bind_gives_an_id_and_the_binders_reference)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	ck_assert_int_eq(og.idev->obj.type, IOMMUFD_OBJ_DEVICE);
	ck_assert_ptr_eq(iommufd_device_to_ictx(og.idev), og.g.ictx);
	ck_assert_uint_eq(iommufd_device_to_id(og.idev), 2);
	ck_assert_ptr_eq(og.pair.group.owner, og.g.ictx);
	own_guest_close(&og);
	ck_assert_ptr_null(og.pair.group.owner);
}
END_TEST

/*
 * R-DEVICE-1 step 2: each device fails at one check and would fail at all later
 * ones.
 */
START_TEST(bind_checks_coherency_then_group_then_owner)
{
	struct iommu_domain domain = { .ops = NULL };
	struct device lone = { .name = "lone", .iommu_dev = &own_iommu };
	struct device bare = { .name = "bare" };
	struct own_pair pair;
	struct guest g;

	guest_open_empty(&g);
	own_pair_init(&pair);
	ck_assert_int_eq(try_bind(g.ictx, &bare), -EINVAL);
	own.incoherent = true;
	ck_assert_int_eq(try_bind(g.ictx, &lone), -EINVAL);
	own.incoherent = false;
	ck_assert_int_eq(try_bind(g.ictx, &lone), -ENODEV);
	pair.group.domain = &domain;
	ck_assert_int_eq(try_bind(g.ictx, &pair.a), -EBUSY);
	pair.group.domain = NULL;
	pair.group.owner = &pair;
	pair.group.owner_cnt = 1;
	ck_assert_int_eq(try_bind(g.ictx, &pair.a), -EPERM);
	/* R-DEVICE-1 step 3: the failed calls have left no trace. */
	ck_assert(xa_empty(&g.ictx->groups));
	ck_assert_ptr_null(slot(g.ictx, g.ioas + 1));
	ck_assert_int_eq(file_count(g.ictx->file), 1);
	guest_close(&g);
}
END_TEST

/* R-DEVICE-1 step 2: both devices of a group must belong to one ctx. */
START_TEST(bind_in_a_second_ctx_is_eperm)
{
	struct iommufd_ctx *other;
	struct own_guest og;

	own_guest_open(&og);
	other = iommufd_model_check_open();
	ck_assert_int_eq(try_bind(other, &og.pair.b), -EPERM);
	ck_assert(xa_empty(&other->objects));
	iommufd_model_check_close(other);
	own_guest_close(&og);
}
END_TEST

static struct own_guest *bind_to;
static struct iommufd_device *bound;

static int bind_b(struct guest *g)
{
	u32 id;

	bound = iommufd_device_bind(g->ictx, &bind_to->pair.b, &id);
	return IS_ERR(bound) ? (int)PTR_ERR(bound) : (int)id;
}

/* R-DEVICE-1 step 3: each allocation of a bind fails in turn. */
START_TEST(bind_without_memory_leaves_no_trace)
{
	struct own_guest og;

	own_guest_open(&og);
	bind_to = &og;
	fails_without_trace(&og.g, bind_b);
	ck_assert_uint_eq(refcount_read(&og.idev->igroup->ref), 2);
	iommufd_device_unbind(bound);
	own_guest_close(&og);
}
END_TEST

/* R-DEVICE-5: a context knows the groups of its bound devices. */
START_TEST(ctx_has_the_groups_of_its_devices)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert(iommufd_ctx_has_group(og.g.ictx, &og.pair.group));
	iommufd_device_unbind(og.idev);
	ck_assert(!iommufd_ctx_has_group(og.g.ictx, &og.pair.group));
	guest_close(&og.g);
}
END_TEST

/* The tests below unbind a device. */

/*
 * R-DEVICE-4: unbind drops the ctx reference last, and here it is the only one
 * left.
 */
START_TEST(unbind_after_close_releases_the_ctx)
{
	struct own_guest og;

	own_guest_open(&og);
	iommufd_model_check_close(og.g.ictx);
	iommufd_device_unbind(og.idev);
	ck_assert_no_leaks(og.g.ictx);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}
END_TEST

/* R-DEVICE-2: the binder's reference is dropped although the device stays. */
START_TEST(unbind_of_an_attached_device_warns_and_it_stays)
{
	struct own_guest og;

	own_guest_open(&og);
	made(own_attach_to(og.idev, og.g.ioas));
	expect_warning("iommufd_object_remove");
	iommufd_device_unbind(og.idev);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	own_detach_from(og.idev);
	ck_assert_held(&og.g, og.g.idev, 1, 1);
	ck_destroy(&og.g, og.g.idev);
	guest_close(&og.g);
}
END_TEST

/* The tests below race an unbind with a vDEVICE (R-VDEVICE-4). */

static void *unbinder(void *data)
{
	iommufd_device_unbind(data);
	return NULL;
}

/* A vIOMMU of the test's driver, and a thread that will unbind the device. */
static struct {
	struct own_guest og;
	pthread_t thread;
	u32 vdev;
} race;

static void race_open(bool with_vdevice)
{
	own_guest_open(&race.og);
	guest_viommu(&race.og.g);
	race.vdev = 0;
	if (with_vdevice)
		race.vdev = made(try_vdevice(&race.og.g, race.og.g.viommu,
					     race.og.g.idev, VIRT_ID));
	forget_said();
}

/* Starts an unbind on another thread, and returns when that thread sleeps. */
static void unbind_until_it_sleeps(void *unused)
{
	(void)unused;
	pthread_create(&race.thread, NULL, unbinder, race.og.idev);
	wait_for_sleepers(1);
}

static void race_join(void)
{
	pthread_join(race.thread, NULL);
	ck_assert(is_gone(&race.og.g, race.og.g.idev));
}

static int alloc_vdevice(void)
{
	return try_vdevice(&race.og.g, race.og.g.viommu, race.og.g.idev,
			   VIRT_ID);
}

/*
 * R-VDEVICE-4 case 1: wait_cnt becomes 0 at once, pre_destroy is not called,
 * and the id is free.
 */
START_TEST(unbind_without_a_vdevice_does_not_wait)
{
	race_open(true);
	ck_destroy(&race.og.g, race.vdev);
	watch(race.og.g.ictx, &race.og.idev->obj);
	forget_said();
	iommufd_device_unbind(race.og.idev);
	ck_assert_said("W0 U1t U0t");
	ck_assert_ptr_null(slot(race.og.g.ictx, race.vdev));
	guest_close(&race.og.g);
}
END_TEST

/*
 * R-VDEVICE-4 case 2, Z-08c: the vDEVICE is destroyed first, and its id is
 * never allocated again.
 */
START_TEST(unbind_makes_a_tombstone_of_a_vdevice)
{
	struct guest *g = &race.og.g;
	struct iommufd_object *vdev;

	race_open(true);
	vdev = obj_of(g, race.vdev);
	iommufd_device_unbind(race.og.idev);
	ck_assert_said("vdevice stops, virt_id 99");
	ck_assert_released_before(vdev, &race.og.idev->obj);
	ck_assert_ptr_eq(slot(g->ictx, race.vdev), XA_ZERO_ENTRY);
	ck_assert_int_eq(destroy(g, race.vdev), -ENOENT);
	ck_assert_uint_ne(make_ioas(g->ictx), race.vdev);
	ck_assert_uint_ne(make_ioas(g->ictx), race.vdev);
	guest_close(g);
}
END_TEST

/*
 * R-VDEVICE-4 case 2: the unbind waits for short references of other threads.
 */
START_TEST(unbind_waits_for_short_refs_on_the_vdevice)
{
	struct guest *g = &race.og.g;
	struct iommufd_object *vdev;

	race_open(true);
	vdev = iommufd_get_object(g->ictx, race.vdev, IOMMUFD_OBJ_VDEVICE);
	unbind_until_it_sleeps(NULL);
	ck_assert_said("");
	iommufd_put_object(g->ictx, vdev);
	race_join();
	ck_assert_said("vdevice stops, virt_id 99");
	ck_assert_ptr_eq(slot(g->ictx, race.vdev), XA_ZERO_ENTRY);
	guest_close(g);
}
END_TEST

/*
 * R-VDEVICE-4 case 3: the vDEVICE has left the table but has not taken the
 * mutex; unbind waits for it.
 */
START_TEST(unbind_waits_for_a_vdevice_that_is_being_destroyed)
{
	struct guest *g = &race.og.g;

	race_open(true);
	intrude_before(IOMMUFD_MODEL_OP_MUTEX_LOCK,
		       &race.og.idev->igroup->lock, unbind_until_it_sleeps,
		       NULL);
	ck_destroy(g, race.vdev);
	race_join();
	ck_assert_ptr_null(slot(g->ictx, race.vdev));
	guest_close(g);
}
END_TEST

/*
 * R-VDEVICE-4 case 4, Z-08a: the allocation finds that the device is being
 * unbound, and drops its reference.
 */
START_TEST(vdevice_alloc_after_pre_destroy_is_enoent)
{
	struct guest *g = &race.og.g;

	race_open(false);
	intrude_before(IOMMUFD_MODEL_OP_MUTEX_LOCK,
		       &race.og.idev->igroup->lock, unbind_until_it_sleeps,
		       NULL);
	ck_assert_int_eq(alloc_vdevice(), -ENOENT);
	race_join();
	ck_assert_held(g, g->viommu, 1, 1);
	guest_close(g);
}
END_TEST

/*
 * Starts an unbind, and returns when it has dropped the table's wait reference.
 */
static void unbind_until_it_waits_for_the_mutex(void *unused)
{
	refcount_t *wait_cnt = &race.og.idev->obj.wait_cnt;
	unsigned int before = refcount_read(wait_cnt);

	(void)unused;
	pthread_create(&race.thread, NULL, unbinder, race.og.idev);
	while (refcount_read(wait_cnt) != before - 1)
		sched_yield();
}

/*
 * R-VDEVICE-4 case 5: the allocation completes, and the unbind then finds the
 * vDEVICE.
 */
START_TEST(vdevice_alloc_with_the_mutex_completes_and_is_evicted)
{
	struct guest *g = &race.og.g;

	race_open(false);
	intrude_after(IOMMUFD_MODEL_OP_MUTEX_LOCK,
		      &race.og.idev->igroup->lock,
		      unbind_until_it_waits_for_the_mutex, NULL);
	race.vdev = made(alloc_vdevice());
	race_join();
	ck_assert_said("vdevice stops, virt_id 99");
	ck_assert_ptr_eq(slot(g->ictx, race.vdev), XA_ZERO_ENTRY);
	guest_close(g);
}
END_TEST

/* R-VDEVICE-4 case 6 */
START_TEST(destroy_of_a_vdevice_that_is_being_evicted_is_ebusy)
{
	struct guest *g = &race.og.g;
	struct iommufd_object *vdev;

	race_open(true);
	vdev = iommufd_get_object(g->ictx, race.vdev, IOMMUFD_OBJ_VDEVICE);
	unbind_until_it_sleeps(NULL);
	ck_assert_int_eq(destroy(g, race.vdev), -EBUSY);
	iommufd_put_object(g->ictx, vdev);
	race_join();
	ck_assert_ptr_eq(slot(g->ictx, race.vdev), XA_ZERO_ENTRY);
	guest_close(g);
}
END_TEST

/* R-DEVICE-3: destroying stays true, even after an unbind that timed out. */
START_TEST(destroying_is_permanent)
{
	struct guest *g = &race.og.g;
	struct iommufd_object *held;

	race_open(false);
	held = iommufd_get_object(g->ictx, g->idev, IOMMUFD_OBJ_DEVICE);
	ck_assert(!race.og.idev->destroying);
	unbind_until_it_sleeps(NULL);
	ck_assert(race.og.idev->destroying);
	ck_assert_int_eq(alloc_vdevice(), -ENOENT);
	iommufd_put_object(g->ictx, held);
	race_join();
	guest_close(g);
}
END_TEST

static Suite *device_suite(void)
{
	Suite *suite = suite_create("device");
	TCase *tc = guest_tests(suite, "bind");

	tcase_add_test(tc, bind_gives_an_id_and_the_binders_reference);
	tcase_add_test(tc, bind_checks_coherency_then_group_then_owner);
	tcase_add_test(tc, bind_in_a_second_ctx_is_eperm);
	tcase_add_test(tc, bind_without_memory_leaves_no_trace);
	tcase_add_test(tc, ctx_has_the_groups_of_its_devices);

	tc = guest_tests(suite, "unbind");
	tcase_add_test(tc, unbind_after_close_releases_the_ctx);
	tcase_add_test(tc, unbind_of_an_attached_device_warns_and_it_stays);

	tc = guest_tests(suite, "race");
	tcase_add_test(tc, unbind_without_a_vdevice_does_not_wait);
	tcase_add_test(tc, unbind_makes_a_tombstone_of_a_vdevice);
	tcase_add_test(tc, unbind_waits_for_short_refs_on_the_vdevice);
	tcase_add_test(tc, unbind_waits_for_a_vdevice_that_is_being_destroyed);
	tcase_add_test(tc, vdevice_alloc_after_pre_destroy_is_enoent);
	tcase_add_test(tc,
		       vdevice_alloc_with_the_mutex_completes_and_is_evicted);
	tcase_add_test(tc, destroy_of_a_vdevice_that_is_being_evicted_is_ebusy);
	tcase_add_test(tc, destroying_is_permanent);
	return suite;
}

int main(void)
{
	return run_suite(device_suite());
}
