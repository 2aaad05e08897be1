// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Two ways to destroy an object run at the same time, or one of them and a
 * lookup of the object.
 *
 * A dummy is an object whose destroy op counts its calls.  Either the kernel
 * side owns it (users is 2) and destroys it with iommufd_object_destroy_user(),
 * or it belongs to user space (users is 1).  A user of the dummy reads its
 * payload between get and put: a use after free if the reference does not
 * protect it.
 */
#include "objects.h"

#define TIMEOUT_MS 60000u

/* struct dummy - @payload is read by every thread that holds a reference */
struct dummy {
	struct iommufd_object obj;
	int payload;
};

/*
 * The data about the dummy that the threads share.
 * @dummy: a back pointer to it; guarded by @lock, which its destroy op takes
 * @waited: the milliseconds that the destroy took
 */
static struct {
	enum iommufd_object_type type;
	struct mutex lock;
	struct dummy *dummy;
	u32 id;
	int destroyed;
	wait_queue_head_t queue;
	unsigned long waited;
} know;

static void dummy_destroy(struct iommufd_object *obj)
{
	WRITE_ONCE(container_of(obj, struct dummy, obj)->payload, 0);
	know.destroyed++;
}

static void dummy_forget(struct iommufd_object *obj)
{
	mutex_lock(&know.lock);
	know.dummy = NULL;
	mutex_unlock(&know.lock);
	dummy_destroy(obj);
}

static const struct iommufd_object_ops dummy_ops = { .destroy = dummy_destroy };
static const struct iommufd_object_ops known_ops = { .destroy = dummy_forget };

static void open_dummy(const struct iommufd_object_ops *ops, const char *name,
		       bool owned)
{
	struct dummy *dummy;
	int type;

	open_world();
	memset(&know, 0, sizeof(know));
	mutex_init(&know.lock);
	init_waitqueue_head(&know.queue);
	type = iommufd_model_register_type(name, ops, IOMMUFD_OBJ_NONE);
	must(type >= IOMMUFD_OBJ_MAX);
	know.type = (enum iommufd_object_type)type;
	dummy = iommufd_object_alloc(w.ictx, dummy, know.type);
	must(!IS_ERR(dummy));
	dummy->payload = 4711;
	if (owned)
		refcount_inc(&dummy->obj.users);
	know.dummy = dummy;
	know.id = dummy->obj.id;
	iommufd_object_finalize(w.ictx, &dummy->obj);
}

static void open_owned(void *unused)
{
	(void)unused;
	open_dummy(&dummy_ops, "owned dummy", true);
}

static void open_free(void *unused)
{
	(void)unused;
	open_dummy(&dummy_ops, "owned dummy", false);
}

static void open_known(void *unused)
{
	(void)unused;
	open_dummy(&known_ops, "known dummy", false);
}

/* The functions below are threads. */

static void user_destroys(void *unused)
{
	(void)unused;
	my_got = destroy(know.id ? know.id : w.ioas);
}

static void owner_destroys(void *unused)
{
	(void)unused;
	iommufd_object_destroy_user(w.ictx, &know.dummy->obj);
}

/* Destroys the dummy unless others hold it, as for an automatic HWPT. */
static void owner_tries_to_destroy(void *unused)
{
	(void)unused;
	iommufd_object_put_and_try_destroy(w.ictx, &know.dummy->obj);
}

static void use(const struct iommufd_object *obj)
{
	must(READ_ONCE(container_of(obj, struct dummy, obj)->payload) == 4711);
}

static void getter(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, know.id, know.type);
	my_got = (int)PTR_ERR_OR_ZERO(obj);
	if (IS_ERR(obj))
		return;
	use(obj);
	iommufd_put_object(w.ictx, obj);
}

/*
 * Finds the dummy through the back pointer.  The lock keeps the memory from
 * being freed meanwhile.
 */
static void finder(void *unused)
{
	struct dummy *dummy;
	int rc = -ENOENT;

	(void)unused;
	mutex_lock(&know.lock);
	dummy = know.dummy;
	if (dummy)
		rc = iommufd_try_inc_users(w.ictx, &dummy->obj);
	mutex_unlock(&know.lock);
	my_got = rc;
	if (rc)
		return;
	use(&dummy->obj);
	refcount_dec(&dummy->obj.users);
}

static void destroys_and_allocs(void *unused)
{
	(void)unused;
	my_got = destroy(w.ioas);
	must(made(try_ioas()) <= 2);
}

/* The functions below check the results. */

static bool got_is(int thread, int a, int b)
{
	return w.got[thread] == a || w.got[thread] == b;
}

static void one_destroy_of_two_won(void *unused)
{
	must(how_many(0, 1, 0) == 1);
	must(how_many(0, 1, -ENOENT) == 1);
	must(!is_there(w.ioas));
	close_world(unused);
}

static void one_destroy_of_three_won(void *unused)
{
	must(how_many(0, 2, 0) == 1);
	must(how_many(0, 2, -ENOENT) == 2);
	close_world(unused);
}

/* Thread 1 destroyed the old IOAS or the new one, or found no IOAS. */
static void ids_are_consistent(void *unused)
{
	must(got_is(0, 0, -ENOENT) && got_is(1, 0, -ENOENT));
	must(how_many(0, 1, 0) >= 1);
	if (how_many(0, 1, 0) == 2)
		must(!is_there(1) && !is_there(2));
	else
		must(is_there(1));
	close_world(unused);
}

static void owner_destroyed_it(void *unused)
{
	must(know.destroyed == 1);
	must(got_is(1, 0, -ENOENT));
	must(!is_there(know.id));
	close_world(unused);
}

static void owner_destroyed_it_from_two(void *unused)
{
	must(got_is(2, 0, -ENOENT));
	owner_destroyed_it(unused);
}

/*
 * R-DESTROY-2: IOMMU_DESTROY by user space fails with -EBUSY while the object
 * exists and with -ENOENT afterwards; it never destroys the object.
 */
static void user_space_never_got_it(void *unused)
{
	must(got_is(2, -EBUSY, -ENOENT));
	owner_destroyed_it(unused);
}

/* R-DESTROY-1: -EBUSY means that another thread then held a reference. */
static void user_destroyed_it_or_busy(void *unused)
{
	bool found = w.got[1] == 0 || w.got[2] == 0;

	must(got_is(0, 0, -EBUSY));
	must(got_is(1, 0, -ENOENT) || got_is(1, -EBUSY, 1));
	if (w.got[0] == -EBUSY) {
		must(found && !know.destroyed);
		must(has_counters(know.id, 1, 1));
		must(!destroy(know.id));
	}
	must(know.destroyed == 1);
	close_world(unused);
}

/*
 * The lookup through the back pointer succeeds, finds no pointer (-ENOENT), or
 * finds an object that is no longer in the table (-EBUSY).
 */
static void finder_had_it_or_not(void *unused)
{
	must(got_is(1, 0, -ENOENT) || w.got[1] == -EBUSY);
	if (w.got[0] == -EBUSY) {
		must(w.got[1] == 0);
		must(has_counters(know.id, 1, 1));
		must(!destroy(know.id));
	}
	must(know.destroyed == 1);
	close_world(unused);
}

static void nobody_has_it(void *unused)
{
	if (!know.destroyed) {
		/*
		 * The getter held a reference, so the dummy was not destroyed;
		 * now it can be destroyed like any object.
		 */
		must(w.got[1] == 0);
		must(has_counters(know.id, 1, 1));
		must(!destroy(know.id));
	}
	must(know.destroyed == 1);
	close_world(unused);
}

/*
 * These threads test the timeout of a destroy that waits.  The holder keeps its
 * reference until the destroyer, thread 1, has given up, or for @data
 * milliseconds.  The time is virtual: it advances when no thread can run.
 */

static void holder_outlasts(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, know.id, know.type);
	my_got = (int)PTR_ERR_OR_ZERO(obj);
	if (IS_ERR(obj))
		return;
	iommufd_model_join(1);
	use(obj);
	iommufd_put_object(w.ictx, obj);
}

static void holder_sleeps(void *data)
{
	unsigned int ms = *(const unsigned int *)data;
	struct iommufd_object *obj;

	obj = iommufd_get_object(w.ictx, know.id, know.type);
	my_got = (int)PTR_ERR_OR_ZERO(obj);
	if (IS_ERR(obj))
		return;
	wait_event_timeout(know.queue, false, msecs_to_jiffies(ms));
	use(obj);
	iommufd_put_object(w.ictx, obj);
}

static void destroyer_looks_at_the_clock(void *unused)
{
	unsigned long start = jiffies;

	(void)unused;
	my_got = iommufd_object_remove(w.ictx, &know.dummy->obj, know.id,
				       REMOVE_WAIT);
	know.waited = jiffies - start;
}

/*
 * Destroys the dummy as a driver does: a failure is a WARN, and the reference
 * of the driver is dropped in any case (R-DESTROY-4).
 */
static void owner_looks_at_the_clock(void *unused)
{
	unsigned long start = jiffies;

	owner_destroys(unused);
	know.waited = jiffies - start;
	my_got = know.destroyed ? 0 : -EBUSY;
}

/*
 * R-DESTROY-5: after a destroy has timed out the caller holds no reference, and
 * the object can be destroyed like any other.
 */
static void dummy_is_ordinary_again(void)
{
	must(!know.destroyed);
	must(has_counters(know.id, 1, 1));
	must(!destroy(know.id));
	must(know.destroyed == 1);
}

static void gave_up_after_60_s(void *unused)
{
	if (w.got[0] == 0) {
		must(w.got[1] == -EBUSY);
		must(know.waited == TIMEOUT_MS);
		dummy_is_ordinary_again();
	} else {
		/* The destroy was over before the lookup. */
		must(w.got[0] == -ENOENT && w.got[1] == 0);
		must(know.waited == 0 && know.destroyed == 1);
	}
	close_world(unused);
}

static void waited_till_it_was_put(void *data)
{
	must(w.got[1] == 0 && know.destroyed == 1);
	if (w.got[0] == 0)
		must(know.waited == *(const unsigned int *)data ||
		     know.waited == 0 ||
		     (!put_wakes_destroy && know.waited == TIMEOUT_MS));
	else
		must(know.waited == 0);
	close_world(NULL);
}

/*
 * The reference is dropped exactly when the destroy times out.  The destroy may
 * succeed or fail, and the state of the object must agree with its result.
 */
static void gave_up_or_not(void *data)
{
	must(know.waited <= *(const unsigned int *)data);
	if (w.got[1]) {
		must(w.got[1] == -EBUSY && know.waited == TIMEOUT_MS);
		dummy_is_ordinary_again();
	}
	must(know.destroyed == 1);
	close_world(NULL);
}

static unsigned int just_in_time = TIMEOUT_MS - 1, at_once = TIMEOUT_MS;

/* The functions below have a deliberate mistake. */

/*
 * Violates R-COUNT-4: it drops wait_cnt before users, so the destroyer may
 * still find the users reference of a thread for which it has waited.
 */
static void puts_in_the_wrong_order(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, know.id, know.type);
	my_got = (int)PTR_ERR_OR_ZERO(obj);
	if (IS_ERR(obj))
		return;
	if (refcount_dec_and_test(&obj->wait_cnt))
		wake_up_all(&w.ictx->destroy_wait);
	refcount_dec(&obj->users);
}

/* Looks up the dummy by a pointer to memory that may have been freed. */
static void gets_without_the_table_lock(void *unused)
{
	struct dummy *dummy = know.dummy;

	(void)unused;
	my_got = -ENOENT;
	if (!iommufd_lock_obj(&dummy->obj))
		return;
	my_got = 0;
	iommufd_put_object(w.ictx, &dummy->obj);
}

/*
 * Z-D9: drops the last wait reference without a wake-up, so the destroyer
 * sleeps until its timeout.
 */
static void puts_without_waking(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, know.id, know.type);
	my_got = (int)PTR_ERR_OR_ZERO(obj);
	if (IS_ERR(obj))
		return;
	refcount_dec(&obj->users);
	(void)!refcount_dec_and_test(&obj->wait_cnt);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "DESTROY against DESTROY",
			.setup = open_ioas,
			.threads = { { "first", user_destroys },
				     { "second", user_destroys } },
			.after = one_destroy_of_two_won,
		},
	}, {
		.test = {
			.name = "three DESTROYs",
			.setup = open_ioas,
			.threads = { { "first", user_destroys },
				     { "second", user_destroys },
				     { "third", user_destroys } },
			.after = one_destroy_of_three_won,
		},
	}, {
		.test = {
			.name = "DESTROY against DESTROY and reuse of the id",
			.setup = open_ioas,
			.threads = { { "reuser", destroys_and_allocs },
				     { "destroyer", user_destroys } },
			.after = ids_are_consistent,
		},
	}, {
		.test = {
			.name = "get/put against destroy_user",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter", getter } },
			.after = owner_destroyed_it,
		},
	}, {
		.test = {
			.name = "two get/puts against destroy_user",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter a", getter },
				     { "getter b", getter } },
			.after = owner_destroyed_it_from_two,
		},
	}, {
		.test = {
			.name = "destroy_user, get/put and DESTROY",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter", getter },
				     { "user", user_destroys } },
			.after = user_space_never_got_it,
		},
	}, {
		.test = {
			.name = "destroy_user, two get/puts and DESTROY",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter a", getter },
				     { "user", user_destroys },
				     { "getter b", getter } },
			.after = user_space_never_got_it,
		},
	}, {
		.test = {
			.name = "DESTROY against get/put",
			.setup = open_free,
			.threads = { { "user", user_destroys },
				     { "getter", getter } },
			.after = user_destroyed_it_or_busy,
		},
	}, {
		.test = {
			.name = "DESTROY against two get/puts",
			.setup = open_free,
			.threads = { { "user", user_destroys },
				     { "getter a", getter },
				     { "getter b", getter } },
			.after = user_destroyed_it_or_busy,
		},
	}, {
		.test = {
			.name = "put_and_try_destroy against get/put",
			.setup = open_owned,
			.threads = { { "owner", owner_tries_to_destroy },
				     { "getter", getter } },
			.after = nobody_has_it,
		},
	}, {
		.test = {
			.name = "try_inc_users against DESTROY",
			.setup = open_known,
			.threads = { { "user", user_destroys },
				     { "finder", finder } },
			.after = finder_had_it_or_not,
		},
	}, {
		.test = {
			.name = "try_inc_users, DESTROY and get/put",
			.setup = open_known,
			.threads = { { "user", user_destroys },
				     { "finder", finder },
				     { "getter", getter } },
			.after = user_destroyed_it_or_busy,
		},
	}, {
		/* The wait is expected to reach its timeout and to WARN. */
		.test = {
			.name = "destroy_user gives up after 60 s",
			.setup = open_owned,
			.threads = { { "holder", holder_outlasts },
				     { "destroyer",
				       owner_looks_at_the_clock } },
			.after = gave_up_after_60_s,
		},
		.ignore = IGNORE(TIMEOUT) | IGNORE(WARN),
	}, {
		/*
		 * The wait of a remove reaches its timeout too, but there is no
		 * WARN.
		 */
		.test = {
			.name = "remove with REMOVE_WAIT gives up after 60 s",
			.setup = open_owned,
			.threads = { { "holder", holder_outlasts },
				     { "destroyer",
				       destroyer_looks_at_the_clock } },
			.after = gave_up_after_60_s,
		},
		.ignore = IGNORE(TIMEOUT),
	}, {
		/*
		 * The timeout that is expected here is that of the holder's
		 * sleep.
		 */
		.test = {
			.name = "destroy_user waits 59.999 s",
			.data = &just_in_time,
			.setup = open_owned,
			.threads = { { "holder", holder_sleeps },
				     { "destroyer",
				       destroyer_looks_at_the_clock } },
			.after = waited_till_it_was_put,
		},
		.ignore = IGNORE(TIMEOUT),
	}, {
		.test = {
			.name = "put in the moment of the timeout",
			.data = &at_once,
			.setup = open_owned,
			.threads = { { "holder", holder_sleeps },
				     { "destroyer",
				       destroyer_looks_at_the_clock } },
			.after = gave_up_or_not,
		},
		.ignore = IGNORE(TIMEOUT),
	}, {
		.test = {
			.name = "spoilt: put of wait_cnt before users",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter", puts_in_the_wrong_order } },
			.after = owner_destroyed_it,
		},
		.fails = IOMMUFD_MODEL_FAIL_WARN,
	}, {
		.test = {
			.name = "spoilt: get without the table lock",
			.setup = open_free,
			.threads = { { "user", user_destroys },
				     { "getter",
				       gets_without_the_table_lock } },
			.after = user_destroyed_it_or_busy,
		},
		.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	}, {
		.test = {
			.name = "spoilt: last put without wake-up",
			.setup = open_owned,
			.threads = { { "owner", owner_destroys },
				     { "getter", puts_without_waking } },
			.after = owner_destroyed_it,
		},
		.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	},
};

STORIES(destroy);
