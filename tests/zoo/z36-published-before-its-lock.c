// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-36: an access can be found before its mutex is initialised.
 */
#include "access.h"

static struct iommufd_access *access;
static u32 ioas, id;

static void open_ioas(void *unused)
{
	(void)unused;
	open_ctx();
	ioas = make_ioas();
	/* It is the lowest free id, which user space can guess. */
	id = ioas + 1;
	memset(&driver, 0, sizeof(driver));
	mutex_init(&driver.lock);
}

static void creates(void *unused)
{
	u32 got;

	(void)unused;
	access = iommufd_access_create(ictx, &driver_ops, NULL, &got);
	iommufd_model_assert(!IS_ERR(access) && got == id);
}

/* A thread that finds the access by its id may use it. */
static void attaches(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ACCESS);
	if (IS_ERR(obj))
		return;
	iommufd_model_assert(!iommufd_access_attach(
		container_of(obj, struct iommufd_access, obj), ioas));
	iommufd_put_object(ictx, obj);
}

static void destroy_and_close(void *unused)
{
	iommufd_access_destroy(access);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z36-published-before-its-lock",
	.title = "published before its lock exists",
	.when = "up to 6.16",
	.family = "creation",
	.lesson = "publishing is the last step",
	.wrong = "An access is finalized, and its mutex is initialised after "
		 "that. Another thread finds the access by its id and takes "
		 "the mutex before it is initialised. The initialisation then "
		 "forgets who holds it.",
	.right = "Initialise everything, then finalize.",
	.rule = "R-ACC-2: the mutex is initialised before publication",
	.fails = IOMMUFD_MODEL_FAIL_LOCK,
	.says = "used before it was initialised",
	.test = {
		.name = "published before its lock exists",
		.setup = open_ioas,
		.threads = { { "creator", creates }, { "user", attaches } },
		.after = destroy_and_close,
	},
};
