// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap and munmap against the destroy of the owner, and against release.
 *
 * A window is an object with one page of device memory and a cookie for it.
 */
#include "threads.h"
#include <sys/mman.h>

#define MMIO 0x40000

struct window {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	unsigned long offset;
};

struct shared {
	int fd;
	struct iommufd_ctx *ictx;
	enum iommufd_object_type type;
	unsigned int rounds;
	int finished;
	unsigned long mapped;
};

static struct shared shared;

static void window_destroy(struct iommufd_object *obj)
{
	struct window *window = container_of(obj, struct window, obj);

	_iommufd_destroy_mmap(window->ictx, obj, window->offset);
}

static const struct iommufd_object_ops window_ops = {
	.destroy = window_destroy,
};

/*
 * Make a window and return its id.  If there is no other, its cookie is at the
 * first page.
 */
static u32 make_window(void)
{
	struct iommufd_object *obj;
	struct window *window;
	u32 id;

	obj = _iommufd_object_alloc(shared.ictx, sizeof(*window), shared.type);
	if (IS_ERR(obj))
		return 0;
	window = container_of(obj, struct window, obj);
	window->ictx = shared.ictx;
	if (_iommufd_alloc_mmap(shared.ictx, obj, MMIO, PAGE_SIZE,
				&window->offset)) {
		iommufd_object_abort(shared.ictx, obj);
		return 0;
	}
	id = obj->id;
	iommufd_object_finalize(shared.ictx, obj);
	return id;
}

static void open_ctx(unsigned int rounds)
{
	int type = iommufd_model_register_type("window", &window_ops,
					       IOMMUFD_OBJ_NONE);

	shared = (struct shared){
		.fd = iommufd_model_open(), .rounds = rounds,
		.type = (enum iommufd_object_type)type,
	};
	ck_assert_int_ge(shared.fd, 3);
	shared.ictx = iommufd_ctx_from_fd(shared.fd);
	iommufd_ctx_put(shared.ictx);
	ck_assert_uint_eq(make_window(), 1);
}

/* Map, sometimes twice, and unmap.  Returns 0, or the error of the mmap(). */
static int map_once(struct worker *worker, bool twice)
{
	void *p = iommufd_model_mmap(shared.fd, PAGE_SIZE, PROT_READ,
				     MAP_SHARED, PAGE_SIZE);

	if (IS_ERR(p)) {
		worker->refused++;
		return (int)PTR_ERR(p);
	}
	__atomic_fetch_add(&shared.mapped, 1, __ATOMIC_RELAXED);
	expect(worker, p == (void *)MMIO);
	if (twice) {
		expect(worker, !iommufd_model_mdup(p, PAGE_SIZE));
		expect(worker, !iommufd_model_munmap(p, PAGE_SIZE));
	}
	sched_yield();
	expect(worker, !iommufd_model_munmap(p, PAGE_SIZE));
	worker->done++;
	return 0;
}

static void map_and_unmap(struct worker *worker)
{
	unsigned int i;
	int rc;

	for (i = 0; i < shared.rounds; i++) {
		rc = map_once(worker, i % 4 == 0);
		expect(worker, !rc || rc == -ENXIO);
	}
	__atomic_fetch_add(&shared.finished, 1, __ATOMIC_RELEASE);
}

static void destroy_and_make(struct worker *worker)
{
	int rc;

	while (flag_is_up(&shared.finished) < 2) {
		rc = ioctl_destroy(shared.fd, 1);
		expect(worker, !rc || rc == -EBUSY);
		if (rc) {
			worker->refused++;
			sched_yield();
			continue;
		}
		worker->done++;
		expect(worker, make_window() == 1);
	}
}

START_TEST(mappings_race_safely_with_destroy_of_their_owner)
{
	open_ctx(12000);
	add_workers(2, map_and_unmap, NULL);
	add_workers(1, destroy_and_make, NULL);
	run_workers();
	/* No mapping holds the object any more. */
	ck_assert_int_eq(ioctl_destroy(shared.fd, 1), 0);
	ck_assert(list_empty(&shared.ictx->mmaps));
	ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
}
END_TEST

static void map_till_closed(struct worker *worker)
{
	int rc = 0;

	while (!rc && worker->done < shared.rounds)
		rc = map_once(worker, false);
	expect(worker, !rc || rc == -EBADF);
}

/* The last munmap() may release the context. */
START_TEST(mappings_race_safely_with_close_and_release)
{
	unsigned int round;

	for (round = 0; round < 150; round++) {
		open_ctx(50);
		add_workers(3, map_till_closed, NULL);
		start_workers();
		while (__atomic_load_n(&shared.mapped, __ATOMIC_RELAXED) <
		       round % 30)
			sched_yield();
		ck_assert_int_eq(iommufd_model_close(shared.fd), 0);
		join_workers();
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	}
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, mappings_race_safely_with_destroy_of_their_owner);
	tcase_add_test(tc, mappings_race_safely_with_close_and_release);
}

int main(void)
{
	return run_races("mmap_races", add_tests);
}
