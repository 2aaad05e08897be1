// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Step 4: why users comes before wait_cnt, both when references are taken and
 * when they are dropped.
 *
 *	04-order [put|get]	explore the right order and then the wrong one,
 *				of put or of get; without an argument both
 *
 * A demo object is found by its id, or by a pointer that its destroy op clears
 * under a mutex.  One thread takes and drops references to the object, and
 * another thread destroys it.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>
#include <stdlib.h>
#include <string.h>

struct demo {
	struct iommufd_object obj;
};

static int demo_type;
static int fd;
static struct iommufd_ctx *ictx;
static struct mutex lock;	/* guards the pointer @found */
static struct demo *found;
static struct demo *driver_has;
static bool reversed;

static void demo_destroy(struct iommufd_object *obj)
{
	(void)obj;
	mutex_lock(&lock);
	found = NULL;
	mutex_unlock(&lock);
}

static const struct iommufd_object_ops demo_ops = { .destroy = demo_destroy };

static void setup(void *unused)
{
	struct demo *demo;

	(void)unused;
	mutex_init(&lock);
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_ctx_put(ictx);
	demo = iommufd_object_alloc(ictx, demo,
				    (enum iommufd_object_type)demo_type);
	iommufd_model_assert(!IS_ERR(demo));
	found = demo;
	driver_has = demo;
	iommufd_object_finalize(ictx, &demo->obj);
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

/* The right and the wrong order of dropping both references. */

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

/* Waits for the short references; after that the destroy must succeed. */
static void driver_destroys(void *unused)
{
	(void)unused;
	iommufd_object_destroy_user(ictx, &driver_has->obj);
}

/* The right and the wrong order of taking both references. */

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

/* While the mutex is held, found is not freed, but its users may be 0. */
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
	if (!rc && result.verdict != IOMMUFD_MODEL_VERDICT_COMPLETE)
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

	demo_type = iommufd_model_register_type("demo", &demo_ops,
						 IOMMUFD_OBJ_NONE);
	if (demo_type < 0)
		return EXIT_FAILURE;
	if (strcmp(only, "get"))
		good = both(&put_test, IOMMUFD_MODEL_FAIL_WARN) && good;
	if (strcmp(only, "put"))
		good = both(&get_test, IOMMUFD_MODEL_FAIL_REFCOUNT) && good;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
