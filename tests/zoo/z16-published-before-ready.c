// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-16: a vDEVICE is found by its virt_id before its driver has initialised it.
 *
 * The driver is the mock's, with a part of its own in each vDEVICE.
 */
#include "vdevice.h"

struct own_vdevice {
	struct iommufd_vdevice core;
	u32 stream;
};

static struct iommufd_viommu_ops own_ops;
static struct iommufd_viommu *owner;

static int own_vdevice_init(struct iommufd_vdevice *vdev)
{
	struct own_vdevice *own = container_of(vdev, struct own_vdevice, core);

	own->stream = 1;
	return 0;
}

static void open_own(void *unused)
{
	struct iommufd_object *obj;
	struct iommufd_ctx *ictx;

	open_viommu(unused);
	ictx = iommufd_ctx_from_fd(fd);
	obj = iommufd_get_object(ictx, viommu, IOMMUFD_OBJ_VIOMMU);
	iommufd_model_assert(!IS_ERR(obj));
	owner = container_of(obj, struct iommufd_viommu, obj);
	own_ops = *owner->ops;
	own_ops.vdevice_size = sizeof(struct own_vdevice);
	own_ops.vdevice_init = own_vdevice_init;
	owner->ops = &own_ops;
	iommufd_put_object(ictx, obj);
	iommufd_ctx_put(ictx);
}

/* An event of the hardware names the vDEVICE by its virt_id. */
static void handles_event(void *unused)
{
	struct own_vdevice *own;

	(void)unused;
	xa_lock(&owner->vdevs);
	own = xa_load(&owner->vdevs, VIRT_ID);
	iommufd_model_assert_msg(!own || own->stream,
				 "the vDEVICE that was found is half-built");
	xa_unlock(&owner->vdevs);
}

static void unbind_and_close(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z16-published-before-ready",
	.title = "published before ready",
	.when = "6.17",
	.family = "creation",
	.lesson = "publish last",
	.wrong = "VDEVICE_ALLOC stores the vDEVICE under its virt_id, and "
		 "then calls the driver to initialise its part. In between, "
		 "an event of the hardware finds the vDEVICE and uses a part "
		 "that is not initialised.",
	.right = "First reserve the slot, which can fail; then initialise; "
		 "then store the pointer, which cannot fail.",
	.rule = "R-VDEVICE-1: reserve, init, publish",
	.fails = IOMMUFD_MODEL_FAIL_DATA_RACE,
	.says = "a plain write in own_vdevice_init",
	.test = {
		.name = "published before ready",
		.setup = open_own,
		.threads = { { "maker", makes_vdevice },
			     { "interrupt", handles_event } },
		.after = unbind_and_close,
	},
};
