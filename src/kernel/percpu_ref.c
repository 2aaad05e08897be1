// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * struct percpu_ref, as one count.
 *
 * A kill subtracts DEAD from the count.  A killed count is negative as long as
 * there are fewer than DEAD references, so the operation that takes a reference
 * also finds out whether the count was killed.
 */
#include "ground.h"
#include <iommufd_model/kernel/percpu_ref.h>

#define DEAD (1l << 24)
#define NO_REFERENCES (-DEAD)	/* a count without references, after a kill */

/*
 * struct percpu_ref_data
 * @count: the references, minus DEAD if the counter was killed
 * @tells: the release function is also called if the count is 0 before the kill
 */
struct percpu_ref_data {
	atomic_long_t count;
	percpu_ref_func_t *release;
	bool tells;
};

static long operate(enum iommufd_model_op_kind kind, struct percpu_ref *ref,
		    long a, long b, const struct iommufd_model_site *site)
{
	return (long)iommufd_model_atomic64_op(kind, &ref->data->count, 0, a, b,
					       site);
}

static void misuse(const struct percpu_ref *ref, const char *what,
		   const struct iommufd_model_site *site)
{
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_REFCOUNT, site, ref,
			     "percpu_ref: %s of %s", what, site->what);
}

int iommufd_model_percpu_ref_init(struct percpu_ref *ref,
				  percpu_ref_func_t *release,
				  unsigned int flags, gfp_t gfp,
				  const struct iommufd_model_site *site)
{
	struct percpu_ref_data *data =
		iommufd_model_alloc(1, sizeof(*data), gfp, false, site);

	ref->data = data;
	if (!data)
		return -ENOMEM;
	data->count.counter = flags & PERCPU_REF_INIT_DEAD ? NO_REFERENCES : 1;
	data->release = release;
	data->tells = flags & PERCPU_REF_INIT_ATOMIC;
	return 0;
}

void iommufd_model_percpu_ref_exit(struct percpu_ref *ref,
				   const struct iommufd_model_site *site)
{
	struct percpu_ref_data *data = ref->data;

	ref->data = NULL;
	iommufd_model_free(data, false, site);
}

void iommufd_model_percpu_ref_get(struct percpu_ref *ref, unsigned long nr,
				  const struct iommufd_model_site *site)
{
	long old = operate(IOMMUFD_MODEL_OP_ATOMIC_ADD, ref, (long)nr, 0, site);

	if (old == NO_REFERENCES)
		misuse(ref, "a get without a reference", site);
}

bool iommufd_model_percpu_ref_tryget(struct percpu_ref *ref, unsigned long nr,
				     const struct iommufd_model_site *site)
{
	return operate(IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS, ref, (long)nr,
		       NO_REFERENCES, site) != NO_REFERENCES;
}

bool iommufd_model_percpu_ref_tryget_live(struct percpu_ref *ref,
					  const struct iommufd_model_site *site)
{
	return operate(IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE, ref, 1, 0,
		       site) >= 0;
}

/*
 * Unless this put drops the last reference, the counter may be freed after the
 * operation.  So the data that are needed afterwards are read before it.
 */
void iommufd_model_percpu_ref_put(struct percpu_ref *ref, unsigned long nr,
				  const struct iommufd_model_site *site)
{
	percpu_ref_func_t *release = ref->data->release;
	bool tells = ref->data->tells;
	long new = operate(IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST, ref,
			   -(long)nr, NO_REFERENCES, site) - (long)nr;

	if (new == NO_REFERENCES || (!new && tells))
		release(ref);
	else if (new < NO_REFERENCES ||
		 (new <= 0 && new + (long)nr > 0 && !tells))
		misuse(ref, "a put without a reference", site);
}

void iommufd_model_percpu_ref_kill(struct percpu_ref *ref,
				   percpu_ref_func_t *confirm,
				   const struct iommufd_model_site *site)
{
	long old = operate(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, ref, -DEAD, 0,
			   site);

	if (old < 0) {
		operate(IOMMUFD_MODEL_OP_ATOMIC_ADD, ref, DEAD, 0, site);
		misuse(ref, "a second kill", site);
		return;
	}
	if (confirm)
		confirm(ref);
	iommufd_model_percpu_ref_put(ref, 1, site);
}

/*
 * Undoes a kill.  If @zero, the counter must have no references; otherwise it
 * must have some.
 */
static void revive(struct percpu_ref *ref, long add, bool zero,
		   const struct iommufd_model_site *site)
{
	long old = operate(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, ref, add, 0,
			   site);

	if (old >= 0)
		misuse(ref, "a revival before the kill", site);
	else if (zero != (old == NO_REFERENCES))
		misuse(ref, zero ? "a reinit with references" :
				   "a resurrection without references",
		       site);
}

void iommufd_model_percpu_ref_reinit(struct percpu_ref *ref,
				     const struct iommufd_model_site *site)
{
	revive(ref, DEAD + 1, true, site);
}

void iommufd_model_percpu_ref_resurrect(struct percpu_ref *ref,
					const struct iommufd_model_site *site)
{
	revive(ref, DEAD + 1, false, site);
}

bool iommufd_model_percpu_ref_is_zero(struct percpu_ref *ref,
				      const struct iommufd_model_site *site)
{
	return operate(IOMMUFD_MODEL_OP_ATOMIC_READ, ref, 0, 0, site) ==
	       NO_REFERENCES;
}

bool iommufd_model_percpu_ref_is_dying(struct percpu_ref *ref,
				       const struct iommufd_model_site *site)
{
	return operate(IOMMUFD_MODEL_OP_ATOMIC_READ, ref, 0, 0, site) < 0;
}
