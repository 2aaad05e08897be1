// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Lookups against both ways to destroy an object, and against release. */
#include "threads.h"

struct shared {
	int fd;
	struct iommufd_ctx *ictx;
	enum iommufd_object_type type;
	unsigned int rounds;
	/* how many workers count rounds, and how many of them have finished */
	int makers, finished;
	unsigned long destroyed;
	unsigned long nr_allocated;
};

static struct shared shared;

static void open_ctx(void)
{
	shared = (struct shared){ .fd = iommufd_model_open() };
	ck_assert_int_ge(shared.fd, 3);
	shared.ictx = iommufd_ctx_from_fd(shared.fd);
	iommufd_ctx_put(shared.ictx);
}

static bool all_finished(void)
{
	return __atomic_load_n(&shared.finished, __ATOMIC_ACQUIRE) ==
	       shared.makers;
}

static void finish(void)
{
	__atomic_fetch_add(&shared.finished, 1, __ATOMIC_ACQ_REL);
}

/* Looks up id 1 until the others are done; a found object stays valid. */
static void look_up(struct worker *worker)
{
	struct iommufd_object *obj;

	while (!all_finished()) {
		obj = iommufd_get_object(shared.ictx, 1, shared.type);
		if (IS_ERR(obj)) {
			expect(worker, PTR_ERR(obj) == -ENOENT);
			worker->refused++;
			sched_yield();
			continue;
		}
		expect(worker, obj->id == 1 && obj->type == shared.type);
		expect(worker, refcount_read(&obj->users) >= 2);
		expect(worker, refcount_read(&obj->wait_cnt) >= 1);
		/* Keep the object for a while, and let other threads run. */
		if (++worker->done % 4 == 0)
			sched_yield();
		iommufd_put_object(shared.ictx, obj);
		if (worker->done % 8 == 0)
			sched_yield();
	}
}

/* R-DESTROY-1: -EBUSY means that a lookup held a reference. */
static void destroy_and_alloc(struct worker *worker)
{
	unsigned int i;
	int rc;
	u32 id;

	for (i = 0; i < shared.rounds; i++) {
		rc = ioctl_destroy(shared.fd, 1);
		expect(worker, !rc || rc == -EBUSY || rc == -ENOENT);
		if (rc) {
			worker->refused++;
			sched_yield();
			continue;
		}
		worker->done++;
		expect(worker, worker_alloc(shared.fd, &id) == 0);
		expect(worker, id == 1);
	}
	finish();
}

START_TEST(lookups_race_safely_with_destroy_of_a_reused_id)
{
	struct iommufd_object *obj;
	u32 id;

	open_ctx();
	shared.rounds = 10000;
	shared.makers = 2;
	shared.type = IOMMUFD_OBJ_IOAS;
	ck_assert_int_eq(worker_alloc(shared.fd, &id), 0);
	add_workers(2, look_up, NULL);
	add_workers(2, destroy_and_alloc, NULL);
	run_workers();
	obj = iommufd_get_object(shared.ictx, 1, IOMMUFD_OBJ_ANY);
	ck_assert(!IS_ERR(obj));
	iommufd_put_object(shared.ictx, obj);
	ck_assert_users(obj, 1);
	ck_assert_shortterm(obj, 1);
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

/*
 * An object that kernel code makes and destroys: the destroy waits, and
 * succeeds.
 */
static void owned_destroy(struct iommufd_object *obj)
{
	(void)obj;
	__atomic_fetch_add(&shared.destroyed, 1, __ATOMIC_RELAXED);
}

static const struct iommufd_object_ops owned_ops = { .destroy = owned_destroy };

struct owned {
	struct iommufd_object obj;
	unsigned long payload;
};

static void make_and_destroy(struct worker *worker)
{
	struct iommufd_object *obj;
	unsigned int i;

	for (i = 0; i < shared.rounds; i++) {
		obj = _iommufd_object_alloc(shared.ictx, sizeof(struct owned),
					    shared.type);
		expect(worker, !IS_ERR(obj));
		refcount_inc(&obj->users);
		container_of(obj, struct owned, obj)->payload = i;
		iommufd_object_finalize(shared.ictx, obj);
		if (i % 2)
			sched_yield();
		iommufd_object_destroy_user(shared.ictx, obj);
		worker->done++;
	}
	finish();
}

/* R-DESTROY-2: the reference of the maker makes every IOMMU_DESTROY fail. */
static void destroy_in_vain(struct worker *worker)
{
	int rc;

	while (!all_finished()) {
		rc = ioctl_destroy(shared.fd, 1);
		expect(worker, rc == -EBUSY || rc == -ENOENT);
		worker->refused++;
		sched_yield();
	}
}

START_TEST(lookups_and_user_space_race_safely_with_a_waiting_destroy)
{
	int type = iommufd_model_register_type("owned", &owned_ops,
					       IOMMUFD_OBJ_NONE);

	open_ctx();
	shared.type = (enum iommufd_object_type)type;
	shared.rounds = 10000;
	shared.makers = 1;
	add_workers(2, look_up, NULL);
	add_workers(1, destroy_in_vain, NULL);
	add_workers(1, make_and_destroy, NULL);
	run_workers();
	ck_assert_uint_eq(shared.destroyed, shared.rounds);
	ck_assert(xa_empty(&shared.ictx->objects));
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

/* Allocate until the descriptor is closed; destroy an object now and then. */
static void alloc_till_closed(struct worker *worker)
{
	u32 id;
	int rc;

	while (worker->done < shared.rounds) {
		rc = worker_alloc(shared.fd, &id);
		if (rc) {
			expect(worker, rc == -EBADF);
			worker->refused++;
			return;
		}
		worker->done++;
		__atomic_fetch_add(&shared.nr_allocated, 1, __ATOMIC_RELAXED);
		if (worker->done % 3)
			continue;
		rc = ioctl_destroy(shared.fd, id);
		expect(worker, !rc || rc == -EBADF);
	}
}

START_TEST(allocation_races_safely_with_close_and_release)
{
	unsigned int round;

	for (round = 0; round < 150; round++) {
		open_ctx();
		shared.rounds = 100;
		add_workers(3, alloc_till_closed, NULL);
		start_workers();
		while (__atomic_load_n(&shared.nr_allocated,
				       __ATOMIC_RELAXED) < round % 50)
			sched_yield();
		ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
		join_workers();
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	}
}
END_TEST

/* Every thread has a context of its own; they share what is global. */
static void own_context(struct worker *worker)
{
	unsigned int i, n;
	u32 id;
	int fd;

	for (i = 0; i < shared.rounds; i++) {
		fd = iommufd_model_open();
		expect(worker, fd >= 3);
		for (n = 1; n <= 5; n++) {
			expect(worker, worker_alloc(fd, &id) == 0);
			expect(worker, id == n);
		}
		expect(worker, ioctl_destroy(fd, 3) == 0);
		expect(worker, ioctl_destroy(fd, 3) == -ENOENT);
		expect(worker, iommufd_model_close(fd) == 0);
	}
}

START_TEST(contexts_side_by_side_do_not_disturb_each_other)
{
	shared = (struct shared){ .rounds = 300 };
	add_workers(4, own_context, NULL);
	run_workers();
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, lookups_race_safely_with_destroy_of_a_reused_id);
	tcase_add_test(
		tc, lookups_and_user_space_race_safely_with_a_waiting_destroy);
	tcase_add_test(tc, allocation_races_safely_with_close_and_release);
	tcase_add_test(tc, contexts_side_by_side_do_not_disturb_each_other);
}

int main(void)
{
	return run_races("object_races", add_tests);
}
