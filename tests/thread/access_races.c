// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Accesses: changes of IOAS against destroy, close and release; notify_unmap
 * against all of them.
 */
#include "threads.h"

struct shared {
	int fd;
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *ioas[2];
	unsigned int rounds;
	int finished;
	unsigned long changes;
	enum iommufd_object_type queue_type;
};

static struct shared shared;

static void open_ctx(unsigned int rounds)
{
	struct iommufd_object *obj;
	u32 id;
	int i;

	shared = (struct shared){
		.fd = iommufd_model_open(), .rounds = rounds,
	};
	ck_assert_int_ge(shared.fd, 3);
	shared.ictx = iommufd_ctx_from_fd(shared.fd);
	iommufd_ctx_put(shared.ictx);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(worker_alloc(shared.fd, &id), 0);
		obj = iommufd_get_object(shared.ictx, id, IOMMUFD_OBJ_IOAS);
		iommufd_put_object(shared.ictx, obj);
		shared.ioas[i] = container_of(obj, struct iommufd_ioas, obj);
	}
}

static void check_ioas_are_free(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_users(&shared.ioas[i]->obj, 1);
		ck_assert_shortterm(&shared.ioas[i]->obj, 1);
		ck_assert(xa_empty(&shared.ioas[i]->iopt.access_list));
		ck_assert_uint_eq(shared.ioas[i]->iopt.iova_alignment, 1);
	}
}

/* The data of the driver, which it frees when the destroy has returned. */
struct driver {
	struct iommufd_access *access;
	unsigned long calls;
};

static void driver_unmap(void *data, unsigned long iova, unsigned long length)
{
	struct driver *driver = data;

	(void)iova;
	__atomic_fetch_add(&driver->calls, 1, __ATOMIC_RELAXED);
	if (length != ULONG_MAX)
		sched_yield();
	__atomic_fetch_add(&driver->calls, 1, __ATOMIC_RELAXED);
}

static const struct iommufd_access_ops driver_ops[2] = {
	{ .unmap = driver_unmap },
	{ .unmap = driver_unmap, .needs_pin_pages = 1 },
};

static struct driver *driver_create(unsigned int nr)
{
	struct driver *driver = calloc(1, sizeof(*driver));
	u32 id;

	driver->access = iommufd_access_create(shared.ictx,
					       &driver_ops[nr % 2], driver,
					       &id);
	return driver;
}

static void driver_destroy(struct driver *driver)
{
	iommufd_access_destroy(driver->access);
	driver->access = NULL;
	free(driver);
}

/* Attach, replace and detach once; the IOASes may be destroyed meanwhile. */
static void change_once(struct worker *worker, struct driver *driver,
			unsigned int n)
{
	u32 first = 1 + n % 2, second = 2 - n % 2;
	int rc;

	rc = iommufd_access_attach(driver->access, first);
	expect(worker, !rc || rc == -ENOENT);
	if (rc) {
		worker->refused++;
		return;
	}
	rc = iommufd_access_replace(driver->access, second);
	expect(worker, !rc || rc == -ENOENT);
	iommufd_access_detach(driver->access);
	worker->done++;
	__atomic_fetch_add(&shared.changes, 1, __ATOMIC_RELAXED);
}

/* The drivers are made first, so that the IOASes keep the two lowest ids. */
static struct driver *given[3];

static void give_drivers(int n)
{
	int i;

	for (i = 0; i < n; i++)
		given[i] = driver_create((unsigned int)i);
}

static void change_often(struct worker *worker)
{
	unsigned int i;

	for (i = 0; i < shared.rounds; i++)
		change_once(worker, given[worker->nr], i + worker->nr);
	driver_destroy(given[worker->nr]);
	__atomic_fetch_add(&shared.finished, 1, __ATOMIC_RELEASE);
}

/* Destroy either IOAS and make it again. */
static void destroy_ioas(struct worker *worker)
{
	unsigned int i;
	u32 id;
	int rc;

	for (i = 0; flag_is_up(&shared.finished) < 2; i++) {
		rc = ioctl_destroy(shared.fd, 1 + i % 2);
		expect(worker, !rc || rc == -EBUSY);
		if (rc) {
			worker->refused++;
			sched_yield();
			continue;
		}
		worker->done++;
		expect(worker, worker_alloc(shared.fd, &id) == 0);
		expect(worker, id == 1 + i % 2);
	}
}

START_TEST(changes_race_safely_with_destroy_of_the_ioas)
{
	open_ctx(6000);
	give_drivers(2);
	add_workers(2, change_often, NULL);
	add_workers(1, destroy_ioas, NULL);
	run_workers();
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

/* The accesses hold the context; the destroy of the last one releases it. */
static void change_and_destroy(struct worker *worker)
{
	unsigned int i;

	for (i = 0; i < shared.rounds; i++)
		change_once(worker, given[worker->nr], i + worker->nr);
	if (worker->nr == 2)
		expect(worker,
		       !iommufd_access_attach(given[worker->nr]->access, 1));
	driver_destroy(given[worker->nr]);
}

START_TEST(changes_race_safely_with_close_and_release)
{
	unsigned int round;

	for (round = 0; round < 100; round++) {
		open_ctx(10);
		give_drivers(3);
		add_workers(3, change_and_destroy, NULL);
		start_workers();
		while (__atomic_load_n(&shared.changes, __ATOMIC_RELAXED) <
		       round % 20)
			sched_yield();
		ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
		join_workers();
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	}
}
END_TEST

/* Create and destroy accesses; some are destroyed while they are attached. */
static void come_and_go(struct worker *worker)
{
	struct driver *driver;
	unsigned int i;

	for (i = 0; i < shared.rounds; i++) {
		driver = driver_create(i);
		change_once(worker, driver, i);
		expect(worker, !iommufd_access_attach(driver->access,
						      1 + i % 2));
		if (i % 3)
			iommufd_access_detach(driver->access);
		driver_destroy(driver);
	}
	__atomic_fetch_add(&shared.finished, 1, __ATOMIC_RELEASE);
}

static void notify_both(struct worker *worker)
{
	while (flag_is_up(&shared.finished) < 2) {
		iommufd_access_notify_unmap(&shared.ioas[worker->nr % 2]->iopt,
					    0, PAGE_SIZE);
		worker->done++;
		/* Yield, because the spinlock of the list is not fair. */
		sched_yield();
	}
}

START_TEST(notify_races_safely_with_destroy_of_the_accesses)
{
	open_ctx(800);
	add_workers(2, come_and_go, NULL);
	add_workers(2, notify_both, NULL);
	run_workers();
	check_ioas_are_free();
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

/* A queue owns an internal access; user space destroys it. */
struct queue {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
};

static void queue_destroy(struct iommufd_object *obj)
{
	struct queue *queue = container_of(obj, struct queue, obj);

	iommufd_access_destroy_internal(queue->ictx, queue->access);
}

static const struct iommufd_object_ops queue_ops = { .destroy = queue_destroy };

static u32 make_queue(struct worker *worker, unsigned int n)
{
	struct iommufd_object *obj;
	struct queue *queue;
	u32 id;

	obj = _iommufd_object_alloc(shared.ictx, sizeof(*queue),
				    shared.queue_type);
	queue = container_of(obj, struct queue, obj);
	id = obj->id;
	queue->ictx = shared.ictx;
	queue->access = iommufd_access_create_internal(shared.ictx);
	expect(worker, !IS_ERR(queue->access));
	expect(worker, !iommufd_access_attach_internal(queue->access,
						       shared.ioas[n % 2]));
	iommufd_object_finalize(shared.ictx, obj);
	return id;
}

static void queues_come_and_go(struct worker *worker)
{
	unsigned int i;
	u32 id = 0;

	for (i = 0; i < shared.rounds; i++) {
		id = make_queue(worker, i);
		/* Every fifth queue is left for the release. */
		if (i % 5)
			expect(worker, !ioctl_destroy(shared.fd, id));
	}
	__atomic_fetch_add(&shared.finished, 1, __ATOMIC_RELEASE);
}

START_TEST(notify_races_safely_with_internal_accesses_of_queues)
{
	int type = iommufd_model_register_type("queue", &queue_ops,
					       IOMMUFD_OBJ_NONE);

	open_ctx(500);
	shared.queue_type = (enum iommufd_object_type)type;
	add_workers(1, queues_come_and_go, NULL);
	add_workers(1, come_and_go, NULL);
	add_workers(2, notify_both, NULL);
	run_workers();
	ck_assert_users(&shared.ioas[0]->obj, 51);
	ck_assert_users(&shared.ioas[1]->obj, 51);
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, changes_race_safely_with_destroy_of_the_ioas);
	tcase_add_test(tc, changes_race_safely_with_close_and_release);
	tcase_add_test(tc, notify_races_safely_with_destroy_of_the_accesses);
	tcase_add_test(tc,
		       notify_races_safely_with_internal_accesses_of_queues);
}

int main(void)
{
	return run_races("access_races", add_tests);
}
