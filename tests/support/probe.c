// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "probe.h"

struct probe *to_probe(struct iommufd_object *obj)
{
	return container_of(obj, struct probe, obj);
}

static void probe_pre_destroy(struct iommufd_object *obj)
{
	struct probe *probe = to_probe(obj);

	say("pre_destroy(%u)", obj->id);
	if (probe->at_pre_destroy)
		probe->at_pre_destroy(probe);
}

static void probe_destroy(struct iommufd_object *obj)
{
	struct probe *probe = to_probe(obj);

	say("destroy(%u)", obj->id);
	if (probe->at_destroy)
		probe->at_destroy(probe);
	if (probe->below)
		refcount_dec(&probe->below->obj.users);
}

static void probe_abort(struct iommufd_object *obj)
{
	struct probe *probe = to_probe(obj);

	say("abort(%u)", obj->id);
	if (probe->at_abort)
		probe->at_abort(probe);
}

const struct iommufd_object_ops plain_ops = {
	.file_offset = offsetof(struct probe, file),
	.destroy = probe_destroy,
};

static const struct iommufd_object_ops full_ops = {
	.file_offset = offsetof(struct probe, file),
	.pre_destroy = probe_pre_destroy,
	.destroy = probe_destroy,
	.abort = probe_abort,
};

enum iommufd_object_type plain_type(void)
{
	return (enum iommufd_object_type)iommufd_model_register_type(
		"probe", &plain_ops, IOMMUFD_OBJ_NONE);
}

enum iommufd_object_type full_type(void)
{
	return (enum iommufd_object_type)iommufd_model_register_type(
		"full probe", &full_ops, IOMMUFD_OBJ_NONE);
}

struct probe *reserve(struct iommufd_ctx *ictx, enum iommufd_object_type type)
{
	struct probe *probe = iommufd_object_alloc(ictx, probe, type);

	ck_assert_msg(!IS_ERR(probe), "alloc: %ld", PTR_ERR(probe));
	probe->ictx = ictx;
	return probe;
}

struct probe *publish(struct iommufd_ctx *ictx, enum iommufd_object_type type)
{
	struct probe *probe = reserve(ictx, type);

	iommufd_object_finalize(ictx, &probe->obj);
	return probe;
}

struct probe *publish_owned(struct iommufd_ctx *ictx,
			    enum iommufd_object_type type)
{
	struct probe *probe = reserve(ictx, type);

	refcount_inc(&probe->obj.users);
	iommufd_object_finalize(ictx, &probe->obj);
	return probe;
}

void rest_on(struct probe *probe, struct probe *below)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &probe->obj, 0);
	refcount_inc(&below->obj.users);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &probe->obj, 0);
	probe->below = below;
}

void *slot(struct iommufd_ctx *ictx, u32 id)
{
	XA_STATE(xas, &ictx->objects, id);
	void *entry;

	xa_lock(&ictx->objects);
	entry = xas_load(&xas);
	xa_unlock(&ictx->objects);
	return entry;
}

void say_state(struct probe *probe)
{
	int locks = iommufd_model_locks_held();
	void *entry = slot(probe->ictx, probe->obj.id);

	say("%s, %d locks",
	    !entry	      ? "free" :
	    xa_is_zero(entry) ? "zero entry" :
				"published",
	    locks);
}

int look_up(struct iommufd_ctx *ictx, u32 id, enum iommufd_object_type type)
{
	struct iommufd_object *obj = iommufd_get_object(ictx, id, type);

	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
	return PTR_ERR_OR_ZERO(obj);
}

void ck_assert_counters(struct probe *probe, unsigned int users,
			unsigned int wait_cnt)
{
	ck_assert_users(&probe->obj, users);
	ck_assert_shortterm(&probe->obj, wait_cnt);
}

void close_leaking(struct iommufd_ctx *ictx, struct probe *probe)
{
	expect_warning("no progress");
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(nr_leaks(), 1);
	kfree(probe);
	ck_assert_no_leaks(ictx);
}

void probe_setup(void)
{
	iommufd_model_check_setup();
	ck_assert_int_ge(plain_type(), IOMMUFD_OBJ_MAX);
	ck_assert_int_ge(full_type(), IOMMUFD_OBJ_MAX);
	forget_said();
	iommufd_model_clock_stop();
}

void probe_teardown(void)
{
	unwatch();
	no_intruder();
	iommufd_model_fail_nth(0);
	iommufd_model_set_destroy_timeout(60000);
	iommufd_model_set_capable(true);
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_clock_run();
	iommufd_model_check_teardown();
}

TCase *probe_tests(Suite *suite, const char *name)
{
	return case_with(suite, name, probe_setup, probe_teardown);
}
