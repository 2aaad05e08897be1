// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Descriptors: close() while ioctls run on the file, DESTROY of an event queue
 * while its file is open, and the order in which a release destroys objects.
 *
 * A call that has looked up the file holds a reference to it.  The drop of the
 * last reference, by close() or by the call, releases the context.  The context
 * is released once, and no call is running on it then.
 */
#include "objects.h"

enum { CALLER, USER, CLOSER };

static u32 eventq;

static void open_veventq(void *unused)
{
	open_viommu(unused);
	eventq = made(try_veventq());
}

static void open_fault(void *unused)
{
	(void)unused;
	open_world();
	eventq = made(try_fault());
}

/* Opens a VEVENTQ that receives the device's events. */
static void open_events(void *unused)
{
	struct iommu_hwpt_selftest iotlb = {
		.iotlb = IOMMU_TEST_IOTLB_DEFAULT,
	};
	struct iommu_hwpt_alloc nested = {
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(iotlb),
		.data_uptr = (uintptr_t)&iotlb,
	};
	struct iommu_test_cmd replace = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	};

	open_viommu(unused);
	made(try_vdevice(0x99));
	nested.dev_id = w.idev;
	nested.pt_id = w.viommu;
	must(!ioctl_sized(w.fd, IOMMU_HWPT_ALLOC, &nested));
	replace.id = w.stdev;
	replace.mock_domain_replace.pt_id = nested.out_hwpt_id;
	must(!ioctl_sized(w.fd, IOMMU_TEST_CMD, &replace));
	eventq = made(try_veventq());
}

/* The functions below are threads. */

static void allocates(void *unused)
{
	(void)unused;
	my_got = try_ioas();
}

static void destroys_ioas(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(w.ioas);
}

static void closer(void *unused)
{
	(void)unused;
	w.got[CLOSER] = iommufd_model_close(w.fd);
}

static void closes(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(w.fd);
}

static void closes_and_opens(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(w.fd);
	w.event_fd = iommufd_model_open();
	must(w.event_fd >= 3);
}

static void closes_events(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(w.event_fd);
}

static void destroys_eventq(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(eventq);
}

static void reads_events(void *unused)
{
	char buf[256];

	(void)unused;
	my_got = (int)iommufd_model_read(w.event_fd, buf, sizeof(buf));
}

static void triggers(void *unused)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = w.idev,
	};

	(void)unused;
	w.got[USER] = ioctl_sized(w.fd, IOMMU_TEST_CMD, &cmd);
}

static void makes_fault(void *unused)
{
	(void)unused;
	my_got = try_fault();
}

static void makes_veventq(void *unused)
{
	(void)unused;
	my_got = try_veventq();
}

/* The functions below check the results. */

static void closed(void *unused)
{
	(void)unused;
	must(w.got[CLOSER] == 0);
	must(w.got[CALLER] > 0 || w.got[CALLER] == -EBADF);
	must(w.got[USER] == 0 || w.got[USER] == -EBADF || w.got[USER] == 1);
	must(iommufd_model_close(w.fd) == -EBADF);
	must(!iommufd_model_pinned());
}

static void closed_once(void *unused)
{
	(void)unused;
	must(how_many(0, 1, 0) == 1 && how_many(0, 1, -EBADF) == 1);
}

/* The number of the descriptor is reused: the call uses either file. */
static void closed_and_reused(void *unused)
{
	(void)unused;
	must(w.got[0] == 0 && w.event_fd == w.fd);
	must(w.got[1] == 1 || w.got[1] == 2 || w.got[1] == -EBADF);
	close_world(unused);
}

/* DESTROY fails with -EBUSY only while the file holds its users reference. */
static void destroyed_if_closed(void *unused)
{
	must(w.got[CALLER] == 0);
	must(w.got[USER] == 0 || w.got[USER] == -EBUSY);
	must(is_there(eventq) == !!w.got[USER]);
	if (w.got[USER])
		must(has_counters(eventq, 1, 1));
	close_world(unused);
}

static void all_closed(void *unused)
{
	(void)unused;
	must(w.got[CALLER] == 0 && w.got[CLOSER] == 0);
	must(w.got[USER] == 0 || w.got[USER] == -EBUSY ||
	     w.got[USER] == -EBADF);
	must(!iommufd_model_pinned());
}

static void read_or_not_there_yet(void *unused)
{
	char buf[256];

	must(w.got[USER] == 0 && w.got[CALLER] >= 0);
	/* The event can be read exactly once. */
	must((iommufd_model_read(w.event_fd, buf, sizeof(buf)) > 0) ==
	     !w.got[CALLER]);
	must(!iommufd_model_close(w.event_fd));
	close_world(unused);
}

static void event_for_nobody(void *unused)
{
	must(w.got[0] == 0 && w.got[1] == 0);
	close_world(unused);
}


static void closed_but_for_the_file(void *unused)
{
	(void)unused;
	must(w.got[CLOSER] == 0);
	must(w.got[CALLER] > 0 || w.got[CALLER] == -EBADF);
	/* The file of the queue holds a reference to the context. */
	if (w.got[CALLER] > 0)
		must(!iommufd_model_close(w.event_fd));
}

/*
 * The driver's callbacks record the order of release: queue 1 is destroyed
 * before queue 0, on which it depends, and both before the vIOMMU.  When a
 * queue is destroyed, its access is still attached and its memory is pinned.
 */

struct queue {
	struct iommufd_hw_queue core;
	struct queue *prev;
	u32 index;
};

static struct {
	struct mutex lock;
	struct queue *slot[2];
} queues;

static void queue_stops(struct iommufd_hw_queue *core)
{
	struct queue *queue = (struct queue *)core;
	struct iommufd_access *access = core->access;

	must(iommufd_access_is_internal(access) && access->ioas);
	must(refcount_read(&access->obj.users) == 2);
	must(refcount_read(&core->viommu->obj.users) >= 2);
	mutex_lock(&queues.lock);
	must(queue->index || !queues.slot[1] ||
	     queues.slot[1]->prev != queue);
	queues.slot[queue->index] = NULL;
	if (queue->prev)
		iommufd_hw_queue_undepend(core, &queue->prev->core);
	mutex_unlock(&queues.lock);
}

static void viommu_stops(struct iommufd_viommu *viommu)
{
	must(!queues.slot[0] && !queues.slot[1]);
	must(refcount_read(&viommu->hwpt->common.obj.users) >= 2);
	must(refcount_read(&viommu->hwpt->ioas->obj.users) >= 2);
}

static size_t queue_size(struct iommufd_viommu *viommu, unsigned int type)
{
	(void)viommu;
	(void)type;
	return sizeof(struct queue);
}

static int queue_starts(struct iommufd_hw_queue *core, u32 index,
			phys_addr_t base)
{
	struct queue *queue = (struct queue *)core;
	int rc = 0;

	(void)base;
	mutex_lock(&queues.lock);
	if (index && queues.slot[0]) {
		rc = iommufd_hw_queue_depend(core, &queues.slot[0]->core);
		if (!rc)
			queue->prev = queues.slot[0];
	}
	if (!rc) {
		queue->index = index;
		core->destroy = queue_stops;
		queues.slot[index] = queue;
	}
	mutex_unlock(&queues.lock);
	return rc;
}

static const struct iommufd_viommu_ops queue_ops = {
	.destroy = viommu_stops,
	.get_hw_queue_size = queue_size,
	.hw_queue_init_phys = queue_starts,
};

static void open_queues(void *unused)
{
	open_viommu(unused);
	memset(&queues, 0, sizeof(queues));
	mutex_init(&queues.lock);
	container_of(find_object(w.viommu), struct iommufd_viommu, obj)->ops =
		&queue_ops;
}

static void open_queue0(void *unused)
{
	open_queues(unused);
	made(try_queue(0));
}

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

static void destroys_queue0(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(w.viommu + 1);
}

static void released_in_order(void *unused)
{
	(void)unused;
	must(w.got[CLOSER] == 0);
	must(w.got[CALLER] > 0 || w.got[CALLER] == -EBADF ||
	     w.got[CALLER] == -ENOENT);
	must(!queues.slot[0] && !queues.slot[1]);
	must(!iommufd_model_pinned());
}

static void both_made_and_released(void *unused)
{
	must(w.got[0] > 0 && w.got[1] > 0);
	close_world(unused);
	must(!queues.slot[0] && !queues.slot[1]);
}

/* The functions below have a deliberate mistake. */

/* Uses the file of a descriptor without a reference to the file. */
static void uses_ctx_without_a_reference(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, w.ioas, IOMMUFD_OBJ_ANY);
	if (!IS_ERR(obj))
		iommufd_put_object(w.ictx, obj);
	my_got = 1;
}

/*
 * Z-03: an object that only the release destroys holds a reference to the ctx.
 */
static void put_ctx(struct iommufd_object *obj)
{
	(void)obj;
	iommufd_ctx_put(w.ictx);
}

static const struct iommufd_object_ops counting_ops = { .destroy = put_ctx };

static void makes_object_that_counts_its_ctx(void *unused)
{
	struct iommufd_object *obj;
	struct iommufd_ctx *ictx;
	int type;

	(void)unused;
	type = iommufd_model_register_type("counting", &counting_ops,
					   IOMMUFD_OBJ_NONE);
	ictx = iommufd_ctx_from_fd(w.fd);
	if (IS_ERR(ictx))
		return;
	obj = _iommufd_object_alloc(ictx, sizeof(*obj),
				    (enum iommufd_object_type)type);
	must(!IS_ERR(obj));
	iommufd_ctx_get(ictx);
	iommufd_object_finalize(ictx, obj);
	iommufd_ctx_put(ictx);
}

/* Z-07: the reference that the file owns is dropped twice. */
static void drops_the_files_reference(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, eventq, IOMMUFD_OBJ_ANY);
	my_got = 0;
	if (IS_ERR(obj))
		return;
	refcount_dec(&obj->users);
	iommufd_put_object(w.ictx, obj);
	my_got = iommufd_model_close(w.event_fd);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "IOAS_ALLOC against close",
			.setup = open_ioas,
			.threads = { { "caller", allocates },
				     { "closer", closer } },
			.after = closed,
		},
	}, {
		.test = {
			.name = "IOAS_ALLOC, DESTROY and close",
			.setup = open_ioas,
			.threads = { { "caller", allocates },
				     { "user", destroys_ioas },
				     { "closer", closer } },
			.after = closed,
		},
	}, {
		.test = {
			.name = "close against close",
			.setup = open_ioas,
			.threads = { { "first", closes },
				     { "second", closes } },
			.after = closed_once,
		},
	}, {
		.test = {
			.name = "close and open against IOAS_ALLOC",
			.setup = open_ioas,
			.threads = { { "reopener", closes_and_opens },
				     { "caller", allocates } },
			.after = closed_and_reused,
		},
	}, {
		.test = {
			.name = "close of a veventq's file against DESTROY",
			.setup = open_veventq,
			.threads = { { "closer", closes_events },
				     { "user", destroys_eventq } },
			.after = destroyed_if_closed,
		},
	}, {
		.test = {
			.name = "close of a fault's file against DESTROY",
			.setup = open_fault,
			.threads = { { "closer", closes_events },
				     { "user", destroys_eventq } },
			.after = destroyed_if_closed,
		},
	}, {
		.test = {
			.name = "close of a veventq's file, DESTROY and close",
			.setup = open_veventq,
			.threads = { { "file's closer", closes_events },
				     { "user", destroys_eventq },
				     { "closer", closer } },
			.after = all_closed,
		},
	}, {
		.test = {
			.name = "read of a veventq against an event",
			.setup = open_events,
			.threads = { { "reader", reads_events },
				     { "device", triggers } },
			.after = read_or_not_there_yet,
		},
	}, {
		.test = {
			.name = "close of a veventq's file against an event",
			.setup = open_events,
			.threads = { { "closer", closes_events },
				     { "device", triggers } },
			.after = event_for_nobody,
		},
	}, {
		.test = {
			.name = "close of a fault's file, DESTROY and close",
			.setup = open_fault,
			.threads = { { "file's closer", closes_events },
				     { "user", destroys_eventq },
				     { "closer", closer } },
			.after = all_closed,
		},
	}, {
		.test = {
			.name = "FAULT_QUEUE_ALLOC against close",
			.setup = open_ioas,
			.threads = { { "maker", makes_fault },
				     { "closer", closer } },
			.after = closed_but_for_the_file,
		},
	}, {
		.test = {
			.name = "VEVENTQ_ALLOC against close",
			.setup = open_viommu,
			.threads = { { "maker", makes_veventq },
				     { "closer", closer } },
			.after = closed_but_for_the_file,
		},
	}, {
		.test = {
			.name = "release order after two HW_QUEUE_ALLOCs",
			.setup = open_queues,
			.threads = { { "queue 0", makes_queue0 },
				     { "queue 1", makes_queue1 } },
			.after = both_made_and_released,
		},
	}, {
		.test = {
			.name = "release order after HW_QUEUE_ALLOC and close",
			.setup = open_queue0,
			.threads = { { "queue 1", makes_queue1 },
				     { "closer", closer } },
			.after = released_in_order,
		},
	}, {
		.test = {
			.name = "release order after HW_QUEUE_ALLOC, DESTROY "
				"of the queue before it and close",
			.setup = open_queue0,
			.threads = { { "queue 1", makes_queue1 },
				     { "user", destroys_queue0 },
				     { "closer", closer } },
			.after = released_in_order,
		},
	}, {
		.test = {
			.name = "spoilt: ctx used without a reference",
			.setup = open_ioas,
			.threads = { { "caller",
				       uses_ctx_without_a_reference },
				     { "closer", closer } },
			.after = closed,
		},
		.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	}, {
		.test = {
			.name = "spoilt: an object counts its ctx",
			.setup = open_ioas,
			.threads = { { "caller",
				       makes_object_that_counts_its_ctx },
				     { "closer", closer } },
		},
		.fails = IOMMUFD_MODEL_FAIL_NEVER_RELEASED,
	}, {
		.test = {
			.name = "spoilt: the file's reference is dropped twice",
			.setup = open_fault,
			.threads = { { "closer", drops_the_files_reference },
				     { "user", destroys_eventq } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	},
};

STORIES(files);
