// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A hook of the gate prints every operation of an ioctl.
 *
 * The example shows that each operation that another thread could observe
 * passes the gate, which calls hooks before and after it.  The explorer and the
 * observer are such hooks.  This one prints what IOMMU_DESTROY does.
 */
#include "account.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

struct listener {
	struct iommufd_model_hook hook;	/* first member: event() casts it */
	int operations, to_zero;
};

static void event(struct iommufd_model_hook *hook,
		  const struct iommufd_model_op *op)
{
	struct listener *listener = (struct listener *)hook;
	char object[32];

	/* A note is a message to the observer and not an operation. */
	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		return;
	listener->operations++;
	iommufd_model_describe(op->addr, object, sizeof(object));
	printf("\t%s %s %s", iommufd_model_op_name(op->kind), op->site->what,
	       object);
	if (op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE) {
		printf(" %ld -> %ld", op->before, op->after);
		listener->to_zero += op->before == 1 && op->after == 0;
	}
	printf("\n");
}

int main(void)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };
	struct listener listener = { .hook = { .event = event } };
	int fd = iommufd_model_open();
	int rc;

	if (fd < 0)
		return EXIT_FAILURE;
	rc = iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc);
	result("make an IOAS", rc, 0);
	destroy.id = alloc.out_ioas_id;

	printf("destroy it:\n");
	iommufd_model_hook_add(&listener.hook);
	rc = iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy);
	iommufd_model_hook_remove(&listener.hook);
	result("destroyed", rc, 0);
	number("counters that went to zero: users, then wait_cnt",
	       listener.to_zero, 2);
	number("operations were seen, and the gate has no hook now",
	       listener.operations > 5 && !iommufd_model_gate, 1);
	iommufd_model_close(fd);
	return account_end();
}
