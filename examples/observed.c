// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer tells what it knows while a driver's access holds an IOAS.
 *
 * The example shows who holds an object, in which counter, and who took the
 * reference; what changed between two moments; and in which order objects were
 * destroyed.  It writes a record of the run if it is given a file name:
 *
 *	./observed run.record && iommufd-model page run.record
 */
#include "account.h"
#include <iommufd_model/iommufd.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>

static void tell(const struct iommufd_model_event *event, void *data)
{
	int *by_access = data;

	printf("  %s of %s: %s, since %s()\n", event->counter, event->object,
	       event->holder, event->site->func);
	*by_access += !strncmp(event->holder, "access", 6);
}

/* Print what changed since *@then, set *@then to now, and count the lines. */
static unsigned int changed(struct iommufd_model_graph **then)
{
	struct iommufd_model_graph *now = iommufd_model_graph_now();
	unsigned int n;

	if (!now)
		return 0;
	n = iommufd_model_graph_diff(*then, now, stdout);
	iommufd_model_graph_free(*then);
	*then = now;
	return n;
}

static void work(struct iommufd_model_graph **graph)
{
	static const struct iommufd_access_ops ops = { .unmap = NULL };
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };
	int fd = iommufd_model_open(), by_access = 0;
	struct iommufd_access *access;
	struct iommufd_object *ioas;
	struct iommufd_ctx *ictx;
	u32 id;

	if (fd < 0)
		exit(EXIT_FAILURE);
	ictx = iommufd_ctx_from_fd(fd);
	result("make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	ioas = iommufd_get_object(ictx, alloc.out_ioas_id, IOMMUFD_OBJ_IOAS);
	access = iommufd_access_create(ictx, &ops, NULL, &id);
	if (IS_ERR(ioas) || IS_ERR(access))
		exit(EXIT_FAILURE);
	iommufd_put_object(ictx, ioas);
	iommufd_ctx_put(ictx);

	printf("\nwhat the attach changes\n");
	changed(graph);
	result("attach", iommufd_access_attach(access, alloc.out_ioas_id), 0);
	number("changes: a counter, and its holder", changed(graph), 2);

	printf("\nwho holds the IOAS\n");
	number("references", iommufd_model_holders(ioas, tell, &by_access), 3);
	number("of them the access's", by_access, 1);
	destroy.id = alloc.out_ioas_id;
	result("so DESTROY of it",
	       iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy), -EBUSY);
	iommufd_model_graph_print(*graph, stdout);

	printf("\nthe end\n");
	iommufd_access_destroy(access);
	iommufd_model_close(fd);
	number("the access went as number",
	       iommufd_model_released(access), 1);
	number("the IOAS went as number", iommufd_model_released(ioas), 2);
}

int main(int argc, char **argv)
{
	struct iommufd_model_record *record;
	struct iommufd_model_graph *graph;

	record = iommufd_model_record_create(0);
	if (!record || iommufd_model_observe_start(NULL, NULL) ||
	    iommufd_model_record_start(record))
		return EXIT_FAILURE;
	iommufd_model_record_title(record, "observed.c");
	graph = iommufd_model_graph_now();
	if (!graph)
		return EXIT_FAILURE;
	work(&graph);
	number("counters that do not add up", iommufd_model_unbalanced(), 0);
	iommufd_model_graph_free(graph);
	iommufd_model_observe_stop();
	if (argc > 1)
		result("write the record",
		       iommufd_model_record_save(record, argv[1]), 0);
	iommufd_model_record_free(record);
	return account_end();
}
