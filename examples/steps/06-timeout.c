// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Step 6: a destroy waits for a reference that is not dropped.
 *
 * An ioctl keeps its references to the object until the driver has stopped
 * waiting.  Under the explorer time is virtual: the 60 seconds pass as soon as
 * no thread can go on.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>
#include <stdlib.h>

struct demo {
	struct iommufd_object obj;
};

static int demo_type;
static int fd;
static struct iommufd_ctx *ictx;
static struct demo *demo;
static wait_queue_head_t wait;
static int given_up;

static void demo_destroy(struct iommufd_object *obj)
{
	(void)obj;
	demo = NULL;
}

static const struct iommufd_object_ops demo_ops = { .destroy = demo_destroy };

static void setup(void *unused)
{
	(void)unused;
	init_waitqueue_head(&wait);
	given_up = 0;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_ctx_put(ictx);
	demo = iommufd_object_alloc(ictx, demo,
				    (enum iommufd_object_type)demo_type);
	iommufd_model_assert(!IS_ERR(demo));
	refcount_inc(&demo->obj.users);	/* the driver's reference */
	iommufd_object_finalize(ictx, &demo->obj);
}

static void ioctl_keeps_it(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj))
		return;
	wait_event(wait, READ_ONCE(given_up));
	iommufd_put_object(ictx, obj);
}

static void driver_destroys(void *unused)
{
	(void)unused;
	iommufd_object_destroy_user(ictx, &demo->obj);
	WRITE_ONCE(given_up, 1);
	wake_up_all(&wait);
}

/* Only the id table holds the object now, and the release destroys it. */
static void after(void *unused)
{
	(void)unused;
	if (demo) {
		iommufd_model_assert(refcount_read(&demo->obj.users) == 1);
		iommufd_model_assert(refcount_read(&demo->obj.wait_cnt) == 1);
	}
	iommufd_model_close(fd);
	iommufd_model_assert(!demo);
}

static const struct iommufd_model_test test = {
	.name = "a holder that stays",
	.setup = setup,
	.threads = { { "ioctl", ioctl_keeps_it },
		     { "driver", driver_destroys } },
	.after = after,
};

int main(void)
{
	struct iommufd_model_explore_options options = { .report = stdout };
	struct iommufd_model_explore_result result;
	bool good;
	char text[64];

	demo_type = iommufd_model_register_type("demo", &demo_ops,
						 IOMMUFD_OBJ_NONE);
	if (demo_type < 0)
		return EXIT_FAILURE;
	iommufd_model_explore(&test, &options, &result);
	good = result.failure == IOMMUFD_MODEL_FAIL_TIMEOUT;
	iommufd_model_explore_free(&result);

	options.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT |
			 1u << IOMMUFD_MODEL_FAIL_WARN;
	iommufd_model_explore(&test, &options, &result);
	printf("\nand after the timeout: %s\n",
	       iommufd_model_verdict_text(&result, text, sizeof(text)));
	good = good && result.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE;
	iommufd_model_explore_free(&result);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
