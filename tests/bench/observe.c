// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the observer costs: nothing when it is off, and so much for each event
 * when it is on.
 *
 * "Off" is measured before the first observer was ever started and again after
 * the last one has stopped.  The number of events of a get and a put is taken
 * from a record of them.
 */
#include "bench.h"
#include <iommufd_model/observe.h>
#include <stdio.h>
#include <string.h>

static int fd;
static struct iommufd_ctx *ictx;
static struct iommufd_model_record *record;

static void loop_get_put(unsigned long n)
{
	while (n--)
		iommufd_put_object(ictx,
				   iommufd_get_object(ictx, 1,
						      IOMMUFD_OBJ_IOAS));
}

static void loop_alloc_destroy(unsigned long n)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	while (n--) {
		iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc);
		destroy.id = alloc.out_ioas_id;
		iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy);
	}
}

/*
 * This number of objects takes long; a quick run, to see that the benchmark
 * works, uses fewer.
 */
static int crowd = 10000;
static u32 first_id, last_id;

/* Get and put one object of many. */
static void loop_crowd(unsigned long n)
{
	u32 id = (first_id + last_id) / 2;

	while (n--)
		iommufd_put_object(ictx,
				   iommufd_get_object(ictx, id,
						      IOMMUFD_OBJ_IOAS));
}

/* Get and put another object each time. */
static void loop_all(unsigned long n)
{
	static u32 next;

	while (n--) {
		iommufd_put_object(ictx, iommufd_get_object(
			ictx, first_id + next, IOMMUFD_OBJ_IOAS));
		next = (next + 7) % (last_id - first_id);
	}
}

/* Return the number of events of one call of @loop, from a record of it. */
static unsigned long count(void (*loop)(unsigned long n))
{
	unsigned long before;

	before = iommufd_model_record_length(record);
	loop(1);
	return iommufd_model_record_length(record) - before;
}

static void nothing_heard(const struct iommufd_model_event *event, void *data)
{
	(void)event;
	(void)data;
}

enum { OFF, ON, CALLBACK, RECORD };

/* Observe in this way from now on; the context is opened again. */
static int prepare(int way)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	if (way != OFF &&
	    iommufd_model_observe_start(way == CALLBACK ? nothing_heard : NULL,
					NULL))
		return -1;
	if (way == RECORD && iommufd_model_record_start(record))
		return -1;
	fd = iommufd_model_open();
	if (fd < 0 || iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd))
		return -1;
	ictx = iommufd_ctx_from_fd(fd);
	return 0;
}

static bool fill_crowd(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int i;

	for (i = 0; i < crowd; i++) {
		if (iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd))
			return false;
		first_id = i ? first_id : cmd.out_ioas_id;
		last_id = cmd.out_ioas_id;
	}
	return true;
}

static void finish(void)
{
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	iommufd_model_observe_stop();
}

static int measure(int way, const char *name, unsigned int rounds,
		   const unsigned long *events)
{
	static struct bench benches[2];
	int i;

	memset(benches, 0, sizeof(benches));
	printf("\nobserver %s\n", name);
	benches[0].name = "get + put";
	benches[0].loop = loop_get_put;
	benches[0].n = way == OFF ? 100000 : 5000;
	benches[1].name = "IOAS_ALLOC + DESTROY";
	benches[1].loop = loop_alloc_destroy;
	benches[1].n = way == OFF ? 10000 : 500;
	if (prepare(way))
		return -1;
	bench_run(benches, 2, rounds);
	finish();
	for (i = 0; i < 2 && way != OFF; i++)
		printf("  %-28s %6.0f ns an event, of %lu\n", benches[i].name,
		       bench_median(benches[i].ns, rounds) /
			       (double)events[i], events[i]);
	return 0;
}

/* Measure with many objects, and with a record that is full. */
static int measure_crowd(unsigned int rounds)
{
	static struct bench benches[3];
	unsigned long events[3];
	int i;

	memset(benches, 0, sizeof(benches));
	printf("\nobserver on, with a full record and %d objects\n", crowd);
	if (prepare(RECORD) || !fill_crowd())
		return -1;
	benches[0].name = "get + put";
	benches[0].loop = loop_crowd;
	benches[1].name = "get + put, each";
	benches[1].loop = loop_all;
	benches[2].name = "IOAS_ALLOC + DESTROY";
	benches[2].loop = loop_alloc_destroy;
	for (i = 0; i < 3; i++) {
		benches[i].n = i < 2 ? 5000 : 500;
		events[i] = count(benches[i].loop);
	}
	loop_crowd(3 * (unsigned long)crowd);
	bench_run(benches, 3, rounds);
	finish();
	for (i = 0; i < 3; i++)
		printf("  %-28s %6.0f ns an event, of %lu\n", benches[i].name,
		       bench_median(benches[i].ns, rounds) /
			       (double)events[i], events[i]);
	return 0;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	unsigned int rounds = quick ? 3 : ROUNDS;
	unsigned long events[2];

	crowd = quick ? 500 : crowd;
	record = iommufd_model_record_create(0);
	if (!record || measure(OFF, "off, before any", rounds, NULL))
		return 1;
	if (prepare(RECORD))
		return 1;
	events[0] = count(loop_get_put);
	events[1] = count(loop_alloc_destroy);
	finish();
	if (measure(ON, "on", rounds, events) ||
	    measure(CALLBACK, "on, with a callback", rounds, events) ||
	    measure(RECORD, "on, with a record", rounds, events) ||
	    measure_crowd(rounds) ||
	    measure(OFF, "off again", rounds, NULL))
		return 1;
	iommufd_model_record_free(record);
	return 0;
}
