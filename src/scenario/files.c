// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Descriptors: open, close, use, close_fd; and objmap.
 *
 * A slot holds a descriptor of /dev/iommu.  The one opened or used last is the
 * one that ioctls go to; closing it does not choose another.  Opening a slot
 * that is open forgets its descriptor, which stays open until the end.
 */
#include <iommufd_model/iommufd.h>
#include "internal.h"
#include <string.h>

int op_open(struct run *run, const struct step *step)
{
	int fd = iommufd_model_open();

	run->slot = (unsigned int)step_arg(run, step, 0, run->slot);
	run->slots[run->slot] = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

int op_close(struct run *run, const struct step *step)
{
	u64 slot = step_arg(run, step, 0, run->slot);
	int fd = run->slots[slot];

	run->slots[slot] = -1;
	return iommufd_model_close(fd);
}

int op_use(struct run *run, const struct step *step)
{
	run->slot = (unsigned int)step_arg(run, step, 0, 0);
	return 0;
}

int op_close_fd(struct run *run, const struct step *step)
{
	int ret = iommufd_model_close((int)step_arg(run, step, 0, 0));
	unsigned int name = value_name(run->scenario,
				       &step_settings(run, step)->value);

	/* The number may be given out again; the name shall not follow it. */
	if (name != NO_NAME)
		run->names[name] = NO_FD;
	return ret;
}

/*
 * As the end of a process does it, in ascending order.  A step opens one
 * descriptor at most and the lowest free number is taken, so that there can be
 * none above these.
 */
void close_all(const struct scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_steps; i++)
		iommufd_model_close((int)(FIRST_FD + i));
}

static char letter_of(int type)
{
	switch (type) {
	case IOMMUFD_OBJ_NONE:
		return '.';
	case IOMMUFD_OBJ_IOAS:
		return 'I';
	case IOMMUFD_OBJ_HWPT_PAGING:
		return 'H';
	case IOMMUFD_OBJ_HWPT_NESTED:
		return 'N';
	case IOMMUFD_OBJ_DEVICE:
		return 'D';
	case IOMMUFD_OBJ_SELFTEST:
		return 'T';
	case IOMMUFD_OBJ_VIOMMU:
		return 'V';
	default:
		return 'O';
	}
}

int op_objmap(struct run *run, const struct step *step)
{
	u64 id, n = step_arg(run, step, 0, 16);
	int type = iommufd_model_object_type(run->slots[run->slot], 1);

	if (type < 0)
		return type;
	step_print(run, " map=");
	for (id = 1; id <= n; id++) {
		type = iommufd_model_object_type(run->slots[run->slot],
						 (u32)id);
		step_print(run, "%c", letter_of(type));
	}
	return 0;
}
