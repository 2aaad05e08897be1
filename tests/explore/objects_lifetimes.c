// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The same stories for each type of object: one is created, used and destroyed,
 * its file is read and closed if it has one, and the context is closed, two or
 * three of these at the same time.
 *
 * What the calls return is not compared, because it is different for each type.
 * The explorer checks that no memory is used after it is freed, that nothing
 * is left over, and so on, and at the end no page is pinned.
 */
#include "objects.h"

/*
 * struct kind - a type of object
 * @open: makes the context with one object: w.other is its id and w.event_fd its
 *	file, if it has one
 * @create: returns the id of another one, or an error; NULL: IOMMU_DESTROY and
 *	the others are enough
 * @use: does something with the object
 */
struct kind {
	void (*open)(void *unused);
	int (*create)(void);
	void (*use)(void);
};

/* Types of objects */

static void open_one_ioas(void *unused)
{
	open_mapped(unused);
	w.other = w.ioas;
}

static void maps_and_unmaps(void)
{
	map(w.other, IOVA + PAGE_SIZE, memory, PAGE_SIZE);
	unmap(w.other, IOVA, PAGE_SIZE);
}

static void open_one_device(void *unused)
{
	open_device(unused);
	w.other = w.stdev;
}

static int create_device(void)
{
	struct iommu_test_cmd cmd;

	return ioctl_mock_device(w.fd, w.ioas, &cmd);
}

static int create_hwpt(void)
{
	return ioctl_hwpt(w.fd, w.idev, w.ioas, 0);
}

static void uses_device(void)
{
	create_hwpt();
}

/* Guards the attachment of the device, as a driver's lock does. */
static struct mutex attachment;

static void open_one_hwpt(void *unused)
{
	open_device(unused);
	mutex_init(&attachment);
	w.other = made(create_hwpt());
}

/* Attaches the device to another page table. */
static int replace(u32 pt_id)
{
	struct iommu_test_cmd cmd = { .mock_domain_replace.pt_id = pt_id };
	int rc;

	mutex_lock(&attachment);
	rc = ioctl_test(w.fd, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, w.stdev, &cmd);
	mutex_unlock(&attachment);
	return rc;
}

static void attaches_it_and_back(void)
{
	replace(w.other);
	replace(w.ioas);
}

static int create_fault(void)
{
	int fd;

	return ioctl_fault(w.fd, &fd);
}

static void open_one_fault(void *unused)
{
	open_device(unused);
	w.other = made(try_fault());
}

/* A page table whose faults go to the queue. */
static int create_faulting(void)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = w.idev,
		.pt_id = w.ioas,
		.fault_id = w.other,
	};
	int rc = ioctl_sized(w.fd, IOMMU_HWPT_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hwpt_id;
}

static void takes_fault(void)
{
	create_faulting();
}

/* A fault queue wants room for a whole number of its structs. */
static void reads_file(void)
{
	char buf[240];

	iommufd_model_read(w.event_fd, buf, sizeof(buf));
}

static void polls_file(void)
{
	iommufd_model_poll(w.event_fd);
}

/* A response to the first page fault. */
static void writes_file(void)
{
	const u32 response[2] = { 1, 0 };

	iommufd_model_write(w.event_fd, response, sizeof(response));
}

#if !defined(TREE) || defined(TREE_HAS_HW_QUEUE)
/* Attaches the device to a page table whose faults go to the queue. */
static void open_faulting(void *unused)
{
	open_one_fault(unused);
	mutex_init(&attachment);
	w.hwpt = made(create_faulting());
	must(!replace(w.hwpt));
}

/* A page fault of the device; the struct of the command has no name for it. */
static void faults(void)
{
	union {
		struct iommu_test_cmd cmd;
		u32 words[16];
	} fault = { .words = { 0 } };

	fault.words[4] = w.idev;
	fault.words[5] = 0;		/* no PASID */
	fault.words[6] = 1;		/* group */
	fault.words[7] = 1;		/* for reading */
	fault.words[8] = 0xdeadbee0;
	ioctl_test(w.fd, IOMMU_TEST_OP_TRIGGER_IOPF, 0, &fault.cmd);
}

static int create_viommu(void)
{
	return ioctl_viommu(w.fd, w.idev, w.parent, NULL);
}

static void open_one_viommu(void *unused)
{
	open_viommu(unused);
	w.other = w.viommu;
}

static void makes_vdevice(void)
{
	try_vdevice(0x99);
}

static int create_vdevice(void)
{
	return try_vdevice(0x99);
}

static void open_one_vdevice(void *unused)
{
	open_viommu(unused);
	w.other = made(create_vdevice());
}

static void unbinds_device(void)
{
	destroy(w.stdev);
}

static int create_veventq(void)
{
	int fd;

	return ioctl_veventq(w.fd, w.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST, 2,
			     &fd);
}

static void open_one_veventq(void *unused)
{
	open_viommu(unused);
	made(try_vdevice(0x99));
	w.other = made(try_veventq());
}

static void triggers_event(void)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = w.idev,
	};

	ioctl_sized(w.fd, IOMMU_TEST_CMD, &cmd);
}

static int create_queue(void)
{
	return try_queue(0);
}

static void open_one_queue(void *unused)
{
	open_viommu(unused);
	w.other = made(create_queue());
}

static void unmaps_memory(void)
{
	unmap(w.ioas, IOVA, MEMORY_SIZE);
}
#endif

/* Threads: @data is the kind. */

static void opens(void *data)
{
	((const struct kind *)data)->open(NULL);
}

static void creates(void *data)
{
	my_got = ((const struct kind *)data)->create();
}

static void destroys(void *unused)
{
	(void)unused;
	my_got = destroy(w.other);
}

/* The id that the next object gets, which user space can predict. */
static void destroys_next(void *unused)
{
	(void)unused;
	my_got = destroy(w.other + 1);
}

static void uses(void *data)
{
	((const struct kind *)data)->use();
}

static void closes(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(w.fd);
}

static void closes_file(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(w.event_fd);
}

static void reads(void *unused)
{
	(void)unused;
	reads_file();
}

static void polls(void *unused)
{
	(void)unused;
	polls_file();
}

static void writes(void *unused)
{
	(void)unused;
	writes_file();
}

#if !defined(TREE) || defined(TREE_HAS_HW_QUEUE)
static void detaches(void *unused)
{
	(void)unused;
	replace(w.ioas);
}

static void unbinds(void *unused)
{
	(void)unused;
	my_got = destroy(w.stdev);
}
#endif

/* Close all descriptors of the execution, in the order of their numbers. */
static void close_all(void *unused)
{
	int fd;

	(void)unused;
	for (fd = 0; fd < 16; fd++)
		iommufd_model_close(fd);
	must(!iommufd_model_pinned());
}

/* The stories of a kind.  @name: of the type */
#define TWO(kind_, name_, a, b) {					\
	.test = {							\
		.name = "life of " name_ ": " #a " | " #b,		\
		.data = (void *)&kind_,					\
		.setup = opens,						\
		.threads = { { #a, a }, { #b, b } },			\
		.after = close_all,					\
	},								\
}
#define THREE(kind_, name_, a, b, c) {					\
	.test = {							\
		.name = "life of " name_ ": " #a " | " #b " | " #c,	\
		.data = (void *)&kind_,					\
		.setup = opens,						\
		.threads = { { #a, a }, { #b, b }, { #c, c } },		\
		.after = close_all,					\
	},								\
}
#define LIFE(kind_, name_)						\
	TWO(kind_, name_, creates, destroys_next),			\
	TWO(kind_, name_, creates, closes),				\
	TWO(kind_, name_, destroys, creates),				\
	TWO(kind_, name_, destroys, destroys),				\
	TWO(kind_, name_, destroys, uses),				\
	TWO(kind_, name_, destroys, closes),				\
	TWO(kind_, name_, uses, uses),					\
	TWO(kind_, name_, uses, closes)
#define FILE_LIFE(kind_, name_)						\
	TWO(kind_, name_, closes_file, closes_file),			\
	TWO(kind_, name_, closes_file, closes),				\
	TWO(kind_, name_, closes_file, uses),				\
	TWO(kind_, name_, closes_file, reads),				\
	TWO(kind_, name_, closes_file, polls),				\
	TWO(kind_, name_, closes_file, writes),				\
	TWO(kind_, name_, reads, reads),				\
	TWO(kind_, name_, reads, closes),				\
	THREE(kind_, name_, closes_file, destroys, reads),		\
	THREE(kind_, name_, closes_file, destroys, polls),		\
	THREE(kind_, name_, closes_file, destroys, writes),		\
	THREE(kind_, name_, closes_file, destroys, closes),		\
	THREE(kind_, name_, closes_file, destroys, uses)

static const struct kind ioas = { open_one_ioas, try_ioas, maps_and_unmaps };
static const struct kind device = {
	open_one_device, create_device, uses_device
};
static const struct kind hwpt = {
	open_one_hwpt, create_hwpt, attaches_it_and_back
};
static const struct kind fault = {
	open_one_fault, create_fault, takes_fault
};
#if !defined(TREE) || defined(TREE_HAS_HW_QUEUE)
static const struct kind faulting = {
	open_faulting, create_faulting, faults
};
static const struct kind viommu = {
	open_one_viommu, create_viommu, makes_vdevice
};
static const struct kind vdevice = {
	open_one_vdevice, create_vdevice, unbinds_device
};
static const struct kind veventq = {
	open_one_veventq, create_veventq, triggers_event
};
static const struct kind hw_queue = {
	open_one_queue, create_queue, unmaps_memory
};
#endif

static const struct story stories[] = {
	LIFE(ioas, "ioas"),
	TWO(ioas, "ioas", creates, creates),
	THREE(ioas, "ioas", destroys, uses, closes),
	LIFE(device, "device"),
	LIFE(hwpt, "hwpt"),
	TWO(hwpt, "hwpt", creates, creates),
	LIFE(fault, "fault"),
	TWO(fault, "fault", creates, creates),
	FILE_LIFE(fault, "fault"),
#if !defined(TREE) || defined(TREE_HAS_HW_QUEUE)
	FILE_LIFE(faulting, "fault in use"),
	TWO(faulting, "fault in use", uses, detaches),
	TWO(faulting, "fault in use", uses, unbinds),
	TWO(faulting, "fault in use", uses, reads),
	TWO(faulting, "fault in use", uses, polls),
	TWO(faulting, "fault in use", uses, closes),
	THREE(faulting, "fault in use", uses, reads, writes),
	THREE(faulting, "fault in use", uses, detaches, closes_file),
	LIFE(viommu, "viommu"),
	TWO(viommu, "viommu", creates, creates),
	LIFE(vdevice, "vdevice"),
	TWO(vdevice, "vdevice", creates, creates),
	LIFE(veventq, "veventq"),
	TWO(veventq, "veventq", creates, creates),
	FILE_LIFE(veventq, "veventq"),
	LIFE(hw_queue, "hw_queue"),
#endif
};

STORIES(lifetimes);
