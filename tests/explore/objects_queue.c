// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * HW_QUEUE_ALLOC runs while other threads remove what it needs: the mapping of
 * its memory, its vIOMMU, the queue that it depends on, or the descriptor.
 *
 * The request either gets what it needs or fails with the errno of what was
 * missing.  Queue 1 of the mock depends on queue 0, as in a driver whose second
 * queue continues where the first one ends.
 */
#include "objects.h"

enum { MAKER, UNMAPPER, USER };

static u32 queue0;

static void open_queue0(void *unused)
{
	open_viommu(unused);
	queue0 = made(try_queue(0));
}

/* The functions below are threads. */

static void makes_queue0(void *unused)
{
	(void)unused;
	my_got = try_queue(0);
}

static void makes_queue1(void *unused)
{
	(void)unused;
	my_got = try_queue(1);
}

static void unmapper(void *unused)
{
	(void)unused;
	w.got[UNMAPPER] = unmap(w.ioas, IOVA, MEMORY_SIZE);
}

static void destroys_viommu(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(w.viommu);
}

static void destroys_queue0(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(queue0);
}

/* Destroys the queue by its id, which user space can predict. */
static void destroys_new_queue(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(w.viommu + 1);
}

static void closer(void *unused)
{
	(void)unused;
	w.got[USER] = iommufd_model_close(w.fd);
}

/* The functions below check the results. */

/*
 * If the queue exists, its memory must be mapped; if not, UNMAP may have
 * succeeded.
 */
static bool memory_is_consistent(void)
{
	int queue = w.got[MAKER], unmapped = w.got[UNMAPPER];

	if (queue > 0)
		return unmapped == -EBUSY;
	/* -EBUSY: the creation failed after it had pinned the memory. */
	return unmapped == 0 || unmapped == -EBUSY;
}

static void queue_or_unmap(void *unused)
{
	int queue = w.got[MAKER];

	must(queue > 0 || queue == -ENOENT);
	must(w.got[UNMAPPER] == (queue > 0 ? -EBUSY : 0));
	if (queue > 0) {
		must(has_counters((u32)queue, 1, 1));
		must(has_counters((u32)queue + 1, 2, 1));
		must(has_counters(w.viommu, 2, 1));
	} else {
		must(has_counters(w.viommu, 1, 1));
	}
	close_world(unused);
}

static void queue_or_no_viommu(void *unused)
{
	int queue = w.got[MAKER], destroyed = w.got[USER];

	/*
	 * R-DESTROY-1: a queue that is being created also makes the vIOMMU
	 * busy, and its creation then succeeds.
	 */
	if (queue > 0)
		must(destroyed == -EBUSY && has_counters(w.viommu, 2, 1));
	else
		must(queue == -ENOENT && destroyed == 0);
	close_world(unused);
}

static void queue_unmap_and_viommu(void *unused)
{
	int queue = w.got[MAKER], destroyed = w.got[USER];

	must(queue > 0 || queue == -ENOENT);
	must(memory_is_consistent());
	must(destroyed == 0 || destroyed == -EBUSY);
	if (queue > 0)
		must(destroyed == -EBUSY);
	must(is_there(w.viommu) == (destroyed == -EBUSY));
	close_world(unused);
}

/*
 * Z-D10: queue 1 holds a reference to a queue 0 that exists, or its creation
 * fails.
 */
static bool dependence_is_consistent(void)
{
	int queue = w.got[MAKER], destroyed = w.got[USER];

	if (queue > 0)
		return destroyed == -EBUSY && has_counters(queue0, 2, 1);
	if (destroyed)
		return destroyed == -EBUSY && has_counters(queue0, 1, 1);
	return !is_there(queue0);
}

static void queue1_or_no_queue0(void *unused)
{
	int queue = w.got[MAKER];

	must(dependence_is_consistent());
	/*
	 * The slot of queue 0 is empty (-EIO), or queue 0 is being destroyed
	 * (-ENOENT).
	 */
	if (queue < 0)
		must((queue == -EIO || queue == -ENOENT) && !w.got[USER]);
	close_world(unused);
}

static void queue1_queue0_and_unmap(void *unused)
{
	int queue = w.got[MAKER], unmapped = w.got[UNMAPPER];

	must(dependence_is_consistent());
	must(queue > 0 || queue == -EIO || queue == -ENOENT);
	must(unmapped == 0 || unmapped == -EBUSY);
	if (unmapped == 0)
		must(w.got[USER] == 0 && queue < 0);
	close_world(unused);
}

static void two_makers(void *unused)
{
	/* Queue 1 can be created only if queue 0 exists. */
	must(w.got[0] > 0);
	must(w.got[1] > 0 || w.got[1] == -EIO);
	close_world(unused);
}

static void one_of_two_makers(void *unused)
{
	must((w.got[0] > 0) != (w.got[1] > 0));
	must(how_many(0, 1, -EEXIST) == 1);
	close_world(unused);
}

static void made_and_perhaps_destroyed(void *unused)
{
	int queue = w.got[MAKER];

	must(queue == (int)w.viommu + 1);
	must(w.got[USER] == 0 || w.got[USER] == -ENOENT);
	must(is_there((u32)queue) == !!w.got[USER]);
	must(has_counters(w.viommu, w.got[USER] ? 2 : 1, 1));
	close_world(unused);
}

/*
 * The running ioctl keeps the context alive, and the release of the context
 * destroys what the ioctl created.
 */
static void closed(void *unused)
{
	(void)unused;
	must(w.got[USER] == 0);
	must(w.got[MAKER] > 0 || w.got[MAKER] == -EBADF);
	must(!iommufd_model_pinned());
}

static void closed_without_memory(void *unused)
{
	int unmapped = w.got[UNMAPPER];

	(void)unused;
	must(w.got[USER] == 0);
	must(w.got[MAKER] > 0 || w.got[MAKER] == -EBADF ||
	     w.got[MAKER] == -ENOENT);
	must(unmapped == 0 || unmapped == -EBUSY || unmapped == -EBADF);
	if (w.got[MAKER] > 0)
		must(unmapped == -EBUSY || unmapped == -EBADF);
	must(!iommufd_model_pinned());
}

/* A driver of queues with deliberate mistakes, on the mock's vIOMMU. */

struct spoilt_queue {
	struct iommufd_hw_queue core;
	/* the queue on which this one depends, or NULL */
	struct spoilt_queue *prev;
};

/* @first is queue 0, on which queue 1 depends; guarded by @lock. */
static struct {
	struct mutex lock;
	struct spoilt_queue *first;
} slots;

static void release_prev(struct spoilt_queue *queue)
{
	if (queue->prev)
		iommufd_hw_queue_undepend(&queue->core, &queue->prev->core);
}

static void leaves_its_slot(struct iommufd_hw_queue *core)
{
	struct spoilt_queue *queue = (struct spoilt_queue *)core;

	mutex_lock(&slots.lock);
	if (slots.first == queue)
		slots.first = NULL;
	mutex_unlock(&slots.lock);
	release_prev(queue);
}

static void stays_in_its_slot(struct iommufd_hw_queue *core)
{
	release_prev((struct spoilt_queue *)core);
}

static size_t spoilt_size(struct iommufd_viommu *viommu, unsigned int type)
{
	(void)viommu;
	(void)type;
	return sizeof(struct spoilt_queue);
}

/* Z-D10: users of the queue may be 0 while its destroy waits for the lock. */
static int depends_by_plain_increment(struct iommufd_hw_queue *core, u32 index,
				      phys_addr_t base)
{
	struct spoilt_queue *queue = (struct spoilt_queue *)core;

	(void)base;
	mutex_lock(&slots.lock);
	if (!index)
		slots.first = queue;
	else if (slots.first)
		refcount_inc(&slots.first->core.obj.users);
	if (index)
		queue->prev = slots.first;
	core->destroy = leaves_its_slot;
	mutex_unlock(&slots.lock);
	return 0;
}

/* Z-24: the slot still points to a queue that has been destroyed. */
static int forgets_to_leave(struct iommufd_hw_queue *core, u32 index,
			    phys_addr_t base)
{
	struct spoilt_queue *queue = (struct spoilt_queue *)core;
	int rc = 0;

	(void)base;
	mutex_lock(&slots.lock);
	if (!index)
		slots.first = queue;
	else
		rc = iommufd_hw_queue_depend(core, &slots.first->core);
	if (index && !rc)
		queue->prev = slots.first;
	core->destroy = stays_in_its_slot;
	mutex_unlock(&slots.lock);
	return rc;
}

/* Z-10: the init op fails after the depend call and does not undo it. */
static int fails_after_depend(struct iommufd_hw_queue *core, u32 index,
			      phys_addr_t base)
{
	int rc = 0;

	(void)base;
	mutex_lock(&slots.lock);
	if (!index) {
		slots.first = (struct spoilt_queue *)core;
		core->destroy = leaves_its_slot;
	} else {
		if (slots.first)
			iommufd_hw_queue_depend(core, &slots.first->core);
		rc = -EIO;
	}
	mutex_unlock(&slots.lock);
	return rc;
}

static struct iommufd_viommu_ops spoilt_ops = {
	.get_hw_queue_size = spoilt_size,
};

static void open_spoilt(int (*init)(struct iommufd_hw_queue *queue, u32 index,
				    phys_addr_t base))
{
	struct iommufd_viommu *viommu;

	open_viommu(NULL);
	memset(&slots, 0, sizeof(slots));
	mutex_init(&slots.lock);
	viommu = container_of(find_object(w.viommu), struct iommufd_viommu,
			      obj);
	spoilt_ops.hw_queue_init_phys = init;
	viommu->ops = &spoilt_ops;
	queue0 = made(try_queue(0));
}

static void open_plain_increment(void *unused)
{
	(void)unused;
	open_spoilt(depends_by_plain_increment);
}

static void open_left_behind(void *unused)
{
	(void)unused;
	open_spoilt(forgets_to_leave);
}

static void open_failing(void *unused)
{
	(void)unused;
	open_spoilt(fails_after_depend);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "HW_QUEUE_ALLOC against UNMAP",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "unmapper", unmapper } },
			.after = queue_or_unmap,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC against DESTROY of its vIOMMU",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "user", destroys_viommu } },
			.after = queue_or_no_viommu,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC, UNMAP, DESTROY of its vIOMMU",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "unmapper", unmapper },
				     { "user", destroys_viommu } },
			.after = queue_unmap_and_viommu,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC against DESTROY of the queue "
				"it depends on",
			.setup = open_queue0,
			.threads = { { "maker", makes_queue1 },
				     { "user", destroys_queue0 } },
			.after = queue1_or_no_queue0,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC, UNMAP, DESTROY of the queue "
				"it depends on",
			.setup = open_queue0,
			.threads = { { "maker", makes_queue1 },
				     { "unmapper", unmapper },
				     { "user", destroys_queue0 } },
			.after = queue1_queue0_and_unmap,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC of a queue and the next",
			.setup = open_viommu,
			.threads = { { "first", makes_queue0 },
				     { "next", makes_queue1 } },
			.after = two_makers,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC of a queue twice",
			.setup = open_viommu,
			.threads = { { "first", makes_queue0 },
				     { "second", makes_queue0 } },
			.after = one_of_two_makers,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC against DESTROY of it",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "user", destroys_new_queue } },
			.after = made_and_perhaps_destroyed,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC against close",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "closer", closer } },
			.after = closed,
		},
	}, {
		.test = {
			.name = "HW_QUEUE_ALLOC, UNMAP, close",
			.setup = open_viommu,
			.threads = { { "maker", makes_queue0 },
				     { "unmapper", unmapper },
				     { "closer", closer } },
			.after = closed_without_memory,
		},
	}, {
		.test = {
			.name = "spoilt: depends by a plain increment",
			.setup = open_plain_increment,
			.threads = { { "maker", makes_queue1 },
				     { "user", destroys_queue0 } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	}, {
		.test = {
			.name = "spoilt: queue destroyed and left in its slot",
			.setup = open_left_behind,
			.threads = { { "maker", makes_queue1 },
				     { "user", destroys_queue0 } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	}, {
		.test = {
			.name = "spoilt: failed init does not undepend",
			.setup = open_failing,
			.threads = { { "maker", makes_queue1 },
				     { "user", destroys_queue0 } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	},
};

STORIES(queue);
