// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The only module, with the functions of module_init() and module_exit().
 *
 * Constructors put these functions on a list before main().
 */
#include "ground.h"
#include <iommufd_model/kernel/module.h>
#include <string.h>

struct module iommufd_model_this_module = {
	.name = "iommufd_model",
	.refs = REFCOUNT_INIT(1),
};

static struct iommufd_model_module_part *parts, **last = &parts;
static bool initialised;

void iommufd_model_module_add(struct iommufd_model_module_part *part)
{
	part->next = NULL;
	*last = part;
	last = &part->next;
}

/* Calls the exit functions of the parts before @end, the last part first. */
static void exit_before(const struct iommufd_model_module_part *end)
{
	struct iommufd_model_module_part *part;

	while (end != parts) {
		for (part = parts; part->next != end;)
			part = part->next;
		if (part->exit)
			part->exit();
		end = part;
	}
}

/* Returns the first part of the source file that contains @failed. */
static const struct iommufd_model_module_part *
file_of(const struct iommufd_model_module_part *failed)
{
	struct iommufd_model_module_part *part;

	for (part = parts; part != failed; part = part->next)
		if (!strcmp(part->file, failed->file))
			break;
	return part;
}

int iommufd_model_modules_init(void)
{
	struct iommufd_model_module_part *part;
	int rc;

	if (initialised)
		return -EEXIST;
	for (part = parts; part; part = part->next) {
		rc = part->init ? part->init() : 0;
		if (rc) {
			exit_before(file_of(part));
			return rc;
		}
	}
	initialised = true;
	return 0;
}

int iommufd_model_modules_exit(void)
{
	struct module *module = THIS_MODULE;

	if (!initialised)
		return -ENOENT;
	if (!refcount_dec_if_one(&module->refs))
		return -EWOULDBLOCK;
	exit_before(NULL);
	initialised = false;
	refcount_set(&module->refs, 1);
	return 0;
}
