// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * May an access hold the context?  Three designs are compared.
 *
 * User space creates a queue, whose memory must stay mapped.  So the queue owns
 * an access, from its creation to its destroy op.  User space may close
 * /dev/iommu without destroying the queue.  Then only the release of the
 * context destroys the queue, and the release begins when the last reference to
 * the context is dropped.
 *
 *   A  counted ictx	the access holds the context, like any other access
 *   B  ops == NULL	the access does not hold it; having no callbacks is the
 *			sign of such an access
 *   C  ictx == NULL	the access does not hold it; having no context is the
 *			sign of such an access
 *
 * In A the access waits for the queue, the queue for the release, and the
 * release for the access.  B and C break this cycle.  They differ if such an
 * access is later given callbacks.
 *
 *	ctx --release destroys--> queue --owns--> access --reference (A)--> ctx
 */
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>
#include <stdio.h>
#include <string.h>

/* How a queue makes and drops its access. */
struct design {
	const char *name;
	struct iommufd_access *(*create)(struct iommufd_ctx *ictx);
	int (*attach)(struct iommufd_access *access, struct iommufd_ioas *ioas);
	void (*destroy)(struct iommufd_ctx *ictx,
			struct iommufd_access *access);
	/* The expected results. */
	enum iommufd_model_fate fate_on_close;
	bool puts_null_ctx;
};

struct demo_queue {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	const struct design *design;
	struct iommufd_access *access;
};

static void no_unmap(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	(void)iova;
	(void)length;
}

static const struct iommufd_access_ops no_ops = {
	.needs_pin_pages = 1,
	.unmap = no_unmap,
};

/* Design A: an access like the one of a driver. */

static struct iommufd_access *create_counted(struct iommufd_ctx *ictx)
{
	u32 id;

	return iommufd_access_create(ictx, &no_ops, NULL, &id);
}

static int attach_counted(struct iommufd_access *access,
			  struct iommufd_ioas *ioas)
{
	return iommufd_access_attach(access, ioas->obj.id);
}

static void destroy_counted(struct iommufd_ctx *ictx,
			    struct iommufd_access *access)
{
	(void)ictx;
	iommufd_access_destroy(access);
}

/*
 * Design B is an object type of its own, whose destroy op was once proposed
 * for accesses.  Its ictx is NULL too, because the library's functions test it.
 */

static int access_v6_type;

static void access_v6_destroy(struct iommufd_object *obj)
{
	struct iommufd_access *access =
		container_of(obj, struct iommufd_access, obj);

	if (access->ioas)
		iommufd_access_detach_internal(access);
	if (access->ops)
		iommufd_ctx_put(access->ictx);
}

static const struct iommufd_object_ops access_v6_ops = {
	.destroy = access_v6_destroy,
};

static struct iommufd_access *create_v6(struct iommufd_ctx *ictx)
{
	struct iommufd_access *access;

	access = iommufd_object_alloc(ictx, access,
				      (enum iommufd_object_type)access_v6_type);
	if (IS_ERR(access))
		return access;
	refcount_inc(&access->obj.users);
	mutex_init(&access->ioas_lock);
	access->iova_alignment = PAGE_SIZE;
	iommufd_object_finalize(ictx, &access->obj);
	return access;
}

static const struct design designs[] = {
	{
		.name = "A  counted ictx",
		.create = create_counted,
		.attach = attach_counted,
		.destroy = destroy_counted,
		.fate_on_close = IOMMUFD_MODEL_NEVER_RELEASED,
	}, {
		.name = "B  ops == NULL is the flag",
		.create = create_v6,
		.attach = iommufd_access_attach_internal,
		.destroy = iommufd_access_destroy_internal,
		.fate_on_close = IOMMUFD_MODEL_RELEASED,
		.puts_null_ctx = true,
	}, {
		.name = "C  ictx == NULL is the flag",
		.create = iommufd_access_create_internal,
		.attach = iommufd_access_attach_internal,
		.destroy = iommufd_access_destroy_internal,
		.fate_on_close = IOMMUFD_MODEL_RELEASED,
	},
};

/* The queue.  It is finalized after all calls that can fail. */

static int demo_queue_type;

static void demo_queue_destroy(struct iommufd_object *obj)
{
	struct demo_queue *queue = container_of(obj, struct demo_queue, obj);

	/* The access is missing if the creation of the queue failed. */
	if (queue->access)
		queue->design->destroy(queue->ictx, queue->access);
}

static const struct iommufd_object_ops demo_queue_ops = {
	.destroy = demo_queue_destroy,
};

static struct demo_queue *demo_queue_create(struct iommufd_ctx *ictx,
					    const struct design *design,
					    struct iommufd_ioas *ioas)
{
	struct iommufd_access *access;
	struct demo_queue *queue;
	int rc;

	queue = iommufd_object_alloc(ictx, queue,
				     (enum iommufd_object_type)demo_queue_type);
	if (IS_ERR(queue))
		return queue;
	queue->ictx = ictx;
	queue->design = design;

	access = design->create(ictx);
	if (IS_ERR(access)) {
		rc = (int)PTR_ERR(access);
		goto out_abort;
	}
	queue->access = access;
	rc = design->attach(access, ioas);
	if (rc)
		goto out_abort;
	iommufd_object_finalize(ictx, &queue->obj);
	return queue;

out_abort:
	iommufd_object_abort_and_destroy(ictx, &queue->obj);
	return ERR_PTR(rc);
}

/* The line that print_destroyed() adds to. */
struct line {
	const char *start;
	bool begun;
};

/* One experiment: a fresh context with an IOAS and a queue on it. */

struct lab {
	int fd;
	struct iommufd_ctx *ictx;	/* a pointer without a reference */
	struct demo_queue *queue;
	u32 queue_id;
	struct line line;
};

static void print_destroyed(const struct iommufd_model_event *event, void *data)
{
	struct line *line = data;

	if (event->kind != IOMMUFD_MODEL_EVENT_NOTE ||
	    (event->note != IOMMUFD_MODEL_NOTE_DESTROYED &&
	     event->note != IOMMUFD_MODEL_NOTE_RELEASED))
		return;
	printf("%s %s", line->begun ? "," : line->start, event->object);
	line->begun = true;
}

static void end_line(struct line *line)
{
	if (line->begun)
		printf("\n");
	line->begun = false;
}

static int lab_fill(struct lab *lab, const struct design *design)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	struct demo_queue *queue;
	struct iommufd_ioas *ioas;
	int rc;

	rc = iommufd_model_ioctl(lab->fd, IOMMU_IOAS_ALLOC, &cmd);
	if (rc)
		return rc;
	ioas = iommufd_get_ioas(lab->ictx, cmd.out_ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	queue = demo_queue_create(lab->ictx, design, ioas);
	iommufd_put_object(lab->ictx, &ioas->obj);
	if (IS_ERR(queue))
		return (int)PTR_ERR(queue);
	lab->queue = queue;
	lab->queue_id = queue->obj.id;
	return 0;
}

static int lab_open(struct lab *lab, const struct design *design)
{
	int rc;

	lab->line.start = "\t  destroyed:";
	lab->line.begun = false;
	rc = iommufd_model_observe_start(print_destroyed, &lab->line);
	if (rc)
		return rc;
	lab->fd = iommufd_model_open();
	if (lab->fd < 0) {
		rc = lab->fd;
		goto out_observe;
	}
	lab->ictx = iommufd_ctx_from_fd(lab->fd);
	iommufd_ctx_put(lab->ictx);
	rc = lab_fill(lab, design);
	if (!rc)
		return 0;
	iommufd_model_close(lab->fd);
out_observe:
	iommufd_model_observe_stop();
	return rc;
}

/* Close, print what becomes of the context, and free what is left. */
static int lab_close(struct lab *lab, enum iommufd_model_fate expected)
{
	enum iommufd_model_fate fate;
	char text[128];

	iommufd_model_close(lab->fd);
	fate = iommufd_model_fate(lab->ictx, text, sizeof(text));
	end_line(&lab->line);
	if (fate == IOMMUFD_MODEL_NEVER_RELEASED) {
		printf("\t  can never be released: %s\n", text);
		/* User space cannot do this after closing its descriptor. */
		lab->line.start = "\t  (by force, to leave nothing behind:";
		iommufd_object_remove(lab->ictx, NULL, lab->queue_id, 0);
		printf(")");
		end_line(&lab->line);
	} else if (fate == IOMMUFD_MODEL_RELEASABLE) {
		printf("\t  not released yet: %s\n", text);
	}
	iommufd_model_observe_stop();
	return fate == expected ? 0 : -EPROTO;
}

static int close_with_live_queue(const struct design *design)
{
	struct lab lab;
	int rc;

	rc = lab_open(&lab, design);
	if (rc)
		return rc;
	printf("\tclose with a live queue\n");
	return lab_close(&lab, design->fate_on_close);
}

static int destroy_then_close(const struct design *design, bool give_ops)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd) };
	struct lab lab;
	int rc;

	rc = lab_open(&lab, design);
	if (rc)
		return rc;
	printf("\tdestroy the queue, then close%s\n",
	       give_ops ? ", the access having got callbacks" : "");
	if (give_ops)
		lab.queue->access->ops = &no_ops;
	cmd.id = lab.queue_id;
	rc = iommufd_model_ioctl(lab.fd, IOMMU_DESTROY, &cmd);
	if (rc) {
		lab_close(&lab, IOMMUFD_MODEL_RELEASED);
		return rc;
	}
	return lab_close(&lab, IOMMUFD_MODEL_RELEASED);
}

static int compare(const struct design *design)
{
	unsigned long warnings = iommufd_model_warnings();
	int rc;

	printf("%s\n", design->name);
	rc = close_with_live_queue(design);
	if (!rc)
		rc = destroy_then_close(design, false);
	if (!rc && iommufd_model_warnings() != warnings)
		rc = -EPROTO;
	if (rc)
		return rc;

	if (design->puts_null_ctx)
		iommufd_model_expect_warning("!ictx");
	rc = destroy_then_close(design, true);
	if (!rc && design->puts_null_ctx) {
		if (iommufd_model_missing_warnings())
			return -EPROTO;
		printf("\t  and its destroy put a NULL context: a crash in a "
		       "kernel\n");
	}
	return rc;
}

int main(void)
{
	size_t i;
	int rc;

	demo_queue_type = iommufd_model_register_type(
		"demo_queue", &demo_queue_ops, IOMMUFD_OBJ_NONE);
	access_v6_type = iommufd_model_register_type(
		"access_v6", &access_v6_ops, IOMMUFD_OBJ_NONE);
	if (demo_queue_type < 0 || access_v6_type < 0)
		return 1;
	for (i = 0; i < ARRAY_SIZE(designs); i++) {
		rc = compare(&designs[i]);
		if (rc) {
			fprintf(stderr, "design %s: %s\n", designs[i].name,
				rc == -EPROTO ? "not what was expected" :
						strerror(-rc));
			return 1;
		}
	}
	return 0;
}
