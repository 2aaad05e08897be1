// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Step 4: why users before wait_cnt, when taking and when giving back.
 *
 *	04-order [put|get]	with both in the right order, then one in the
 *				other order; without an argument both
 *
 * A thing is found by its id, or by a pointer that its destroy op clears under
 * a mutex.  Two threads: one has the thing for a moment, one destroys it.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>
#include <stdlib.h>
#include <string.h>

struct thing {
	struct iommufd_object obj;
};

static int thing_type;
static int fd;
static struct iommufd_ctx *ictx;
static struct mutex lock;	/* of found */
static struct thing *found;
static struct thing *driver_has;
static bool reversed;

static void thing_destroy(struct iommufd_object *obj)
{
	(void)obj;
	mutex_lock(&lock);
	found = NULL;
	mutex_unlock(&lock);
}

static const struct iommufd_object_ops thing_ops = { .destroy = thing_destroy };

static void setup(void *unused)
{
	struct thing *thing;

	(void)unused;
	mutex_init(&lock);
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_ctx_put(ictx);
	thing = iommufd_object_alloc(ictx, thing,
				     (enum iommufd_object_type)thing_type);
	iommufd_model_assert(!IS_ERR(thing));
	found = thing;
	driver_has = thing;
	iommufd_object_finalize(ictx, &thing->obj);
}

static void setup_driver(void *unused)
{
	setup(unused);
	refcount_inc(&driver_has->obj.users);
}

static void after(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

/* Giving back. */

static void put_wait_cnt_first(struct iommufd_object *obj)
{
	if (refcount_dec_and_test(&obj->wait_cnt))
		wake_up_all(&ictx->destroy_wait);
	refcount_dec(&obj->users);
}

static void get_and_put(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj))
		return;
	if (reversed)
		put_wait_cnt_first(obj);
	else
		iommufd_put_object(ictx, obj);
}

/* Waits until nobody has the thing for a moment; then it must go. */
static void driver_destroys(void *unused)
{
	(void)unused;
	iommufd_object_destroy_user(ictx, &driver_has->obj);
}

/* Taking. */

static bool lock_wait_cnt_first(struct iommufd_object *obj)
{
	if (!refcount_inc_not_zero(&obj->wait_cnt))
		return false;
	if (!refcount_inc_not_zero(&obj->users)) {
		refcount_dec(&obj->wait_cnt);
		return false;
	}
	return true;
}

/* The mutex says that the memory is there, and no more. */
static void find_and_put(void *unused)
{
	struct iommufd_object *obj = NULL;

	(void)unused;
	mutex_lock(&lock);
	if (found && (reversed ? lock_wait_cnt_first(&found->obj) :
				 iommufd_lock_obj(&found->obj)))
		obj = &found->obj;
	mutex_unlock(&lock);
	if (obj)
		iommufd_put_object(ictx, obj);
}

static void user_destroys(void *unused)
{
	int rc = iommufd_object_remove(ictx, NULL, 1, 0);

	(void)unused;
	iommufd_model_assert(!rc || rc == -EBUSY);
}

static const struct iommufd_model_test put_test = {
	.name = "put against the destroy that waits",
	.setup = setup_driver,
	.threads = { { "ioctl", get_and_put }, { "driver", driver_destroys } },
	.after = after,
};

static const struct iommufd_model_test get_test = {
	.name = "get by a pointer against IOMMU_DESTROY",
	.setup = setup,
	.threads = { { "finder", find_and_put }, { "user", user_destroys } },
	.after = after,
};

static bool explore(const struct iommufd_model_test *test, const char *order,
		    enum iommufd_model_failure expected)
{
	const struct iommufd_model_explore_options options = {
		.quiet = expected == IOMMUFD_MODEL_NO_FAILURE,
		.report = stdout,
	};
	struct iommufd_model_explore_result result;
	enum iommufd_model_failure failure;
	char text[64];
	int rc;

	rc = iommufd_model_explore(test, &options, &result);
	failure = result.failure;
	if (!rc)
		printf("%s, %s: %s\n", test->name, order,
		       iommufd_model_verdict_text(&result, text, sizeof(text)));
	if (!rc && result.verdict != IOMMUFD_MODEL_COMPLETE)
		rc = -EPROTO;
	iommufd_model_explore_free(&result);
	return rc >= 0 && failure == expected;
}

static bool both(const struct iommufd_model_test *test,
		 enum iommufd_model_failure expected)
{
	bool good;

	reversed = false;
	good = explore(test, "users first", IOMMUFD_MODEL_NO_FAILURE);
	reversed = true;
	printf("\nwait_cnt first:\n");
	return explore(test, "wait_cnt first", expected) && good;
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	bool good = true;

	thing_type = iommufd_model_register_type("thing", &thing_ops,
						 IOMMUFD_OBJ_NONE);
	if (thing_type < 0)
		return EXIT_FAILURE;
	if (strcmp(only, "get"))
		good = both(&put_test, IOMMUFD_MODEL_FAIL_WARN) && good;
	if (strcmp(only, "put"))
		good = both(&get_test, IOMMUFD_MODEL_FAIL_REFCOUNT) && good;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
