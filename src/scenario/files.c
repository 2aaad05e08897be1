// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Operations on descriptors: open, close, use, close_fd; and objmap.
 *
 * A slot holds a descriptor of /dev/iommu.  Ioctls go to the slot that was
 * opened or used last; closing it does not select another one.  If a slot is
 * opened again, its old descriptor stays open until the end.
 */
#include <iommufd_model/iommufd.h>
#include "internal.h"
#include <string.h>

int op_open(struct run *run, const struct line *line)
{
	int fd = iommufd_model_open();

	run->slot = (unsigned int)line_arg(run, line, 0, run->slot);
	run->slots[run->slot] = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

int op_close(struct run *run, const struct line *line)
{
	u64 slot = line_arg(run, line, 0, run->slot);
	int fd = run->slots[slot];

	run->slots[slot] = -1;
	return iommufd_model_close(fd);
}

int op_use(struct run *run, const struct line *line)
{
	run->slot = (unsigned int)line_arg(run, line, 0, 0);
	return 0;
}

int op_close_fd(struct run *run, const struct line *line)
{
	int ret = iommufd_model_close((int)line_arg(run, line, 0, 0));
	unsigned int name =
		value_name(run->scenario, &line_settings(run, line)->value);

	/*
	 * The number of the descriptor may be reused, and the name must not
	 * mean the new file.
	 */
	if (name != NO_NAME)
		run->names[name] = NO_FD;
	return ret;
}

/*
 * Close all descriptors in ascending order, as the end of a process does.  A
 * line opens at most one descriptor, and the lowest free number is taken, so
 * that all descriptors are below FIRST_FD + nr_lines.
 */
void close_all(const struct scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_lines; i++)
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

int op_objmap(struct run *run, const struct line *line)
{
	u64 id, n = line_arg(run, line, 0, 16);
	int type = iommufd_model_object_type(run->slots[run->slot], 1);

	if (type < 0)
		return type;
	field_print(run, " map=");
	for (id = 1; id <= n; id++) {
		type = iommufd_model_object_type(run->slots[run->slot],
						 (u32)id);
		field_print(run, "%c", letter_of(type));
	}
	return 0;
}
