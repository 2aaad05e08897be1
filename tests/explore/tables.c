// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sequence counters, percpu_ref, and tables of ids: seqcount_t and seqlock_t,
 * struct percpu_ref, struct idr and struct ida, marks of an xarray, and how tables
 * are initialised and found empty.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

static seqcount_t seq;
static seqcount_spinlock_t seq_locked;
static seqlock_t sl;
static spinlock_t lock;
static int a, b;

static void setup_seq(void *data)
{
	(void)data;
	seqcount_init(&seq);
	seqlock_init(&sl);
	spin_lock_init(&lock);
	seqcount_spinlock_init(&seq_locked, &lock);
	a = b = 0;
}

static void done(void *data)
{
	(void)data;
}

/* Changes a and b, which are equal except during the change. */
static void change(void)
{
	WRITE_ONCE(a, READ_ONCE(a) + 1);
	WRITE_ONCE(b, READ_ONCE(b) + 1);
}

static void write_seq(void *data)
{
	(void)data;
	write_seqcount_begin(&seq);
	change();
	write_seqcount_end(&seq);
}

static void read_seq(void *data)
{
	unsigned int start;
	int x, y;

	(void)data;
	do {
		start = read_seqcount_begin(&seq);
		x = READ_ONCE(a);
		y = READ_ONCE(b);
	} while (read_seqcount_retry(&seq, start));
	iommufd_model_assert(x == y);
}

static void read_without_retry(void *data)
{
	int x, y;

	(void)data;
	read_seqcount_begin(&seq);
	x = READ_ONCE(a);
	y = READ_ONCE(b);
	iommufd_model_assert(x == y);
}

/* Does not wait while the sequence number is odd, that is, during a write. */
static void read_raw(void *data)
{
	unsigned int start;
	int x, y;

	(void)data;
	do {
		start = raw_read_seqcount(&seq);
		x = READ_ONCE(a);
		y = READ_ONCE(b);
	} while (read_seqcount_retry(&seq, start));
	iommufd_model_assert(x == y);
}

static void read_or_give_up(void *data)
{
	unsigned int start = raw_seqcount_begin(&seq);
	int x = READ_ONCE(a), y = READ_ONCE(b);

	(void)data;
	if (!read_seqcount_retry(&seq, start))
		iommufd_model_assert(x == y);
}

static void write_sl(void *data)
{
	(void)data;
	write_seqlock(&sl);
	change();
	write_sequnlock(&sl);
}

static void write_sl_irq(void *data)
{
	unsigned long flags;

	(void)data;
	write_seqlock_irqsave(&sl, flags);
	change();
	write_sequnlock_irqrestore(&sl, flags);
}

static void read_sl(void *data)
{
	unsigned int start;
	int x, y;

	(void)data;
	do {
		start = read_seqbegin(&sl);
		x = READ_ONCE(a);
		y = READ_ONCE(b);
	} while (read_seqretry(&sl, start));
	iommufd_model_assert(x == y);
}

static void read_or_lock(void *data)
{
	int start = 0, x, y;

	(void)data;
	for (;;) {
		read_seqbegin_or_lock(&sl, &start);
		x = READ_ONCE(a);
		y = READ_ONCE(b);
		if (!need_seqretry(&sl, start))
			break;
		start = 1;
	}
	done_seqretry(&sl, start);
	iommufd_model_assert(x == y);
}

static void write_seq_again(void *data)
{
	write_seq(data);
	write_seq(data);
}

static void write_locked(void *data)
{
	(void)data;
	spin_lock(&lock);
	write_seqcount_begin(&seq_locked);
	change();
	write_seqcount_end(&seq_locked);
	spin_unlock(&lock);
}

static void write_unlocked(void *data)
{
	(void)data;
	write_seqcount_begin(&seq_locked);
	change();
	write_seqcount_end(&seq_locked);
}

static void never_end(void *data)
{
	(void)data;
	write_seqcount_begin(&seq);
	change();
}

static void end_only(void *data)
{
	(void)data;
	write_seqcount_end(&seq);
}

static void end_twice(void *data)
{
	write_seq(data);
	write_seqcount_end(&seq);
}

static void end_that_of_another(void *data)
{
	(void)data;
	if (READ_ONCE(a))
		write_seqcount_end(&seq);
}

static void read_in_own_section(void *data)
{
	write_seqcount_begin(&seq);
	read_seq(data);
	write_seqcount_end(&seq);
}

/* The sections of two counters may overlap. */
static void write_both(void *data)
{
	(void)data;
	spin_lock(&lock);
	write_seqcount_begin(&seq);
	write_seqcount_begin_nested(&seq_locked, SINGLE_DEPTH_NESTING);
	change();
	write_seqcount_end(&seq);
	write_seqcount_invalidate(&seq_locked);
	write_seqcount_end(&seq_locked);
	spin_unlock(&lock);
}

static const struct verdict sequences[] = {
	RIGHT(0, "seqcount", setup_seq, done, T(write_seq), T(read_seq)),
	RIGHT(0, "seqcount, two readers", setup_seq, done, T(write_seq),
	      T(read_seq), T(read_seq)),
	RIGHT(0, "seqcount, two changes", setup_seq, done, T(write_seq_again),
	      T(read_seq)),
	WRONG(ASSERTION, "read_seqcount_begin seq", "x == y",
	      "a read without retry", setup_seq, done, T(write_seq),
	      T(read_without_retry)),
	WRONG(ASSERTION, "x == y", "read_seqcount seq: 1",
	      "a read of an odd count", setup_seq, done, T(write_seq),
	      T(read_raw)),
	RIGHT(0, "a read that gives up", setup_seq, done, T(write_seq),
	      T(read_or_give_up)),
	WRONG(ASSERTION, "x == y", "write_seqcount_begin seq 0 -> 1",
	      "writers that do not exclude each other", setup_seq, done,
	      T(write_seq), T(write_seq), T(read_seq)),
	RIGHT(0, "seqlock", setup_seq, done, T(write_sl), T(write_sl_irq),
	      T(read_sl)),
	RIGHT(0, "seqlock or lock", setup_seq, done, T(write_sl),
	      T(read_or_lock)),
	RIGHT(0, "a counter with its lock", setup_seq, done, T(write_locked),
	      T(write_locked)),
	WRONG(LOCK, "&seq_locked", "write_unlocked",
	      "a writer without the lock", setup_seq, done, T(write_unlocked)),
	RIGHT(0, "two counters", setup_seq, done, T(write_both), T(read_seq)),
	WRONG(LOCK,
	      "the thread ends in a write section of &seq, begun by never_end",
	      NULL, "a section without end", setup_seq, done, T(read_seq),
	      T(never_end)),
	WRONG(LOCK, "write_seqcount_end of &seq without its counterpart",
	      "end_only", "an end without a section", setup_seq, done,
	      T(end_only), T(read_seq)),
	WRONG(LOCK, "write_seqcount_end of &seq without its counterpart",
	      "end_twice", "two ends", setup_seq, done, T(end_twice),
	      T(read_seq)),
	WRONG(LOCK, "write_seqcount_end of &seq without its counterpart",
	      "end_that_of_another", "an end by another thread", setup_seq,
	      done, T(write_seq), T(end_that_of_another)),
	WRONG(DEADLOCK, "waits for &seq", "read_in_own_section",
	      "a read in a section of the same thread", setup_seq, done,
	      T(read_in_own_section), T(write_locked)),
};

START_TEST(sequences_have_their_verdict)
{
	check_verdict(&sequences[_i]);
}
END_TEST

/* The tests below and their functions are about percpu_ref. */

struct queue {
	struct percpu_ref ref;
	int value;
	bool released, confirmed;
};

static struct queue *queue;

static void release_queue(struct percpu_ref *ref)
{
	container_of(ref, struct queue, ref)->released = true;
}

static void confirm_kill(struct percpu_ref *ref)
{
	container_of(ref, struct queue, ref)->confirmed = true;
}

static void setup_queue(void *data)
{
	(void)data;
	queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	iommufd_model_assert(!percpu_ref_init(&queue->ref, release_queue, 0,
					      GFP_KERNEL));
}

static void free_queue(void *data)
{
	(void)data;
	percpu_ref_exit(&queue->ref);
	kfree(queue);
}

static void after_queue(void *data)
{
	iommufd_model_assert(queue->released);
	iommufd_model_assert(percpu_ref_is_zero(&queue->ref));
	free_queue(data);
}

static void kill_queue(void *data)
{
	(void)data;
	percpu_ref_kill_and_confirm(&queue->ref, confirm_kill);
	iommufd_model_assert(queue->confirmed);
	iommufd_model_assert(percpu_ref_is_dying(&queue->ref));
}

static void use_live(void *data)
{
	(void)data;
	if (!percpu_ref_tryget_live(&queue->ref))
		return;
	iommufd_model_assert(!queue->released);
	percpu_ref_put(&queue->ref);
}

static void use_any(void *data)
{
	(void)data;
	if (!percpu_ref_tryget(&queue->ref))
		return;
	percpu_ref_get(&queue->ref);
	iommufd_model_assert(!queue->released);
	percpu_ref_put_many(&queue->ref, 2);
}

static void use_by_get(void *data)
{
	(void)data;
	percpu_ref_get(&queue->ref);
	percpu_ref_put(&queue->ref);
}

static void put_too_much(void *data)
{
	(void)data;
	percpu_ref_put(&queue->ref);
}

static void kill_and_exit(void *data)
{
	(void)data;
	percpu_ref_kill(&queue->ref);
	percpu_ref_exit(&queue->ref);
}

static void put_slowly(void *data)
{
	(void)data;
	percpu_ref_put(&queue->ref);
}

static void setup_held_queue(void *data)
{
	setup_queue(data);
	percpu_ref_get(&queue->ref);
}

static void free_only(void *data)
{
	(void)data;
	kfree(queue);
}

static void kill_and_reinit(void *data)
{
	(void)data;
	percpu_ref_kill(&queue->ref);
	iommufd_model_assert(!percpu_ref_is_zero(&queue->ref));
	percpu_ref_resurrect(&queue->ref);
	percpu_ref_put(&queue->ref);
	iommufd_model_assert(percpu_ref_tryget_live(&queue->ref));
	percpu_ref_put(&queue->ref);
	iommufd_model_assert(!queue->released);
	percpu_ref_kill(&queue->ref);
	iommufd_model_assert(queue->released);
	queue->released = false;
	percpu_ref_reinit(&queue->ref);
	percpu_ref_kill(&queue->ref);
}

static void reinit_only(void *data)
{
	(void)data;
	percpu_ref_reinit(&queue->ref);
}

static void after_live(void *data)
{
	percpu_ref_kill(&queue->ref);
	after_queue(data);
}

static const struct verdict percpu_refs[] = {
	RIGHT(0, "tryget_live", setup_queue, after_queue, T(kill_queue),
	      T(use_live), T(use_live)),
	RIGHT(0, "tryget", setup_queue, after_queue, T(kill_queue), T(use_any)),
	RIGHT(1, "gets and puts commute while it lives", setup_queue,
	      after_live, T(use_by_get), T(use_by_get)),
	WRONG(REFCOUNT, "a get without a reference", "use_by_get",
	      "a get of what has been killed", setup_queue, free_queue,
	      T(kill_queue), T(use_by_get)),
	WRONG(REFCOUNT, "a second kill", "kill_queue", "two kills", setup_queue,
	      free_queue, T(kill_queue), T(kill_queue)),
	WRONG(REFCOUNT, "a put without a reference", "put_too_much",
	      "a put too much", setup_queue, free_queue, T(put_too_much)),
	WRONG(USE_AFTER_FREE, "put_slowly", "kill_and_exit",
	      "an exit before the release", setup_held_queue, free_only,
	      T(kill_and_exit), T(put_slowly)),
	WRONG(REFCOUNT, "a revival before the kill", "reinit_only",
	      "a reinit of what lives", setup_queue, free_queue,
	      T(reinit_only)),
	RIGHT(0, "resurrect and reinit", setup_held_queue, after_queue,
	      T(kill_and_reinit)),
	WRONG(LEAK, "setup_queue", NULL, "no exit", setup_queue, free_only,
	      T(kill_queue)),
};

START_TEST(percpu_refs_have_their_verdict)
{
	check_verdict(&percpu_refs[_i]);
}
END_TEST

/* The tests below and their functions are about idr and ida. */

struct item {
	struct kref kref;
	int id;
	int value;
};

static struct idr idr;
static struct ida ida;
static struct mutex mutex;
static int ids[2];

static void release_item(struct kref *kref)
{
	kfree(container_of(kref, struct item, kref));
}

static void setup_idr(void *data)
{
	(void)data;
	idr_init(&idr);
	ida_init(&ida);
	mutex_init(&mutex);
	ids[0] = ids[1] = -1;
}

static int put_item(int id, void *p, void *data)
{
	(void)id;
	(void)data;
	kref_put(&((struct item *)p)->kref, release_item);
	return 0;
}

static void after_idr(void *data)
{
	idr_for_each(&idr, put_item, data);
	idr_destroy(&idr);
	iommufd_model_assert(idr_is_empty(&idr));
	ida_destroy(&ida);
}

static void add_item_at(int *id, bool locked)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	kref_init(&item->kref);
	if (locked)
		mutex_lock(&mutex);
	item->id = *id = idr_alloc(&idr, item, 1, 0, GFP_KERNEL);
	if (locked)
		mutex_unlock(&mutex);
	iommufd_model_assert(*id > 0);
}

static void add_first(void *data)
{
	(void)data;
	add_item_at(&ids[0], true);
}

static void add_second(void *data)
{
	(void)data;
	add_item_at(&ids[1], true);
}

static void add_second_unlocked(void *data)
{
	(void)data;
	add_item_at(&ids[1], false);
}

static void after_adds(void *data)
{
	iommufd_model_assert(ids[0] + ids[1] == 3);
	after_idr(data);
}

static void remove_1(void *data)
{
	struct item *item;

	(void)data;
	mutex_lock(&mutex);
	item = idr_remove(&idr, 1);
	mutex_unlock(&mutex);
	if (item)
		kref_put(&item->kref, release_item);
}

static void find_1(void *data)
{
	struct item *item;

	(void)data;
	mutex_lock(&mutex);
	item = idr_find(&idr, 1);
	if (item)
		kref_get(&item->kref);
	mutex_unlock(&mutex);
	if (!item)
		return;
	WRITE_ONCE(item->value, 1);
	kref_put(&item->kref, release_item);
}

static void find_1_unlocked(void *data)
{
	struct item *item = idr_find(&idr, 1);

	(void)data;
	if (!item)
		return;
	kref_get(&item->kref);
	kref_put(&item->kref, release_item);
}

static void setup_idr_1(void *data)
{
	setup_idr(data);
	add_item_at(&ids[0], true);
}

static void take_id_0(void *data)
{
	(void)data;
	ids[0] = ida_alloc(&ida, GFP_KERNEL);
}

static void take_id_1(void *data)
{
	(void)data;
	ids[1] = ida_alloc(&ida, GFP_KERNEL);
}

static void after_ids(void *data)
{
	iommufd_model_assert(ids[0] + ids[1] == 1);
	ida_free(&ida, (unsigned int)ids[0]);
	ida_free(&ida, (unsigned int)ids[1]);
	iommufd_model_assert(ida_is_empty(&ida));
	after_idr(data);
}

static void take_and_give(void *data)
{
	int id = ida_alloc_min(&ida, 5, GFP_KERNEL);

	(void)data;
	iommufd_model_assert(id >= 5 && ida_exists(&ida, id));
	ida_free(&ida, (unsigned int)id);
}

static void give_5(void *data)
{
	(void)data;
	ida_free(&ida, 5);
}

static void alloc_under_spinlock(void *data)
{
	(void)data;
	spin_lock(&lock);
	idr_alloc(&idr, &ids, 0, 0, GFP_KERNEL);
	spin_unlock(&lock);
}

static void alloc_preloaded(void *data)
{
	(void)data;
	idr_preload(GFP_KERNEL);
	spin_lock(&lock);
	iommufd_model_assert(!idr_alloc(&idr, NULL, 0, 0, GFP_NOWAIT));
	spin_unlock(&lock);
	idr_preload_end();
}

static void setup_both(void *data)
{
	setup_seq(data);
	setup_idr(data);
}

static const struct verdict tables[] = {
	RIGHT(0, "idr", setup_idr, after_adds, T(add_first), T(add_second)),
	WRONG(LOCK, "is changed here and at the same time", "add_item_at",
	      "an idr without a lock", setup_idr, after_idr, T(add_first),
	      T(add_second_unlocked)),
	/* A free comes before the end of a thread, and not after it as well. */
	RIGHT(4, "find against remove", setup_idr_1, after_idr, T(find_1),
	      T(remove_1)),
	WRONG(REFCOUNT, "increment of &item->kref from 0", "find_1_unlocked",
	      "a lookup without a lock", setup_idr_1, after_idr,
	      T(find_1_unlocked), T(remove_1)),
	RIGHT(0, "ida", setup_idr, after_ids, T(take_id_0), T(take_id_1)),
	RIGHT(0, "ida, taken and given back", setup_idr, after_idr,
	      T(take_and_give), T(take_and_give)),
	WRONG(WARN, "ida: id 5 of &ida is free", "give_5",
	      "an id that is not taken", setup_idr, after_idr, T(give_5)),
	WRONG(ATOMIC, "idr_alloc may sleep", "alloc_under_spinlock",
	      "GFP_KERNEL under a spinlock", setup_both, after_idr,
	      T(alloc_under_spinlock)),
	RIGHT(0, "idr_preload", setup_both, after_idr, T(alloc_preloaded)),
};

START_TEST(tables_have_their_verdict)
{
	check_verdict(&tables[_i]);
}
END_TEST

/* Marks: one thread marks dirty entries, and the other cleans them. */

static struct xarray xa;
static int cleaned;

static void setup_marks(void *data)
{
	(void)data;
	xa_init(&xa);
	cleaned = 0;
	iommufd_model_assert(!xa_err(xa_store(&xa, 3, &a, GFP_KERNEL)));
	iommufd_model_assert(!xa_err(xa_store(&xa, 300, &b, GFP_KERNEL)));
}

static void after_marks(void *data)
{
	(void)data;
	iommufd_model_assert(cleaned + xa_marked(&xa, XA_MARK_1) == 1);
	xa_destroy(&xa);
}

static void make_dirty(void *data)
{
	(void)data;
	xa_set_mark(&xa, 300, XA_MARK_1);
}

static void clean(void *data)
{
	unsigned long index;
	void *entry;

	(void)data;
	xa_for_each_marked(&xa, index, entry, XA_MARK_1) {
		iommufd_model_assert(index == 300);
		xa_clear_mark(&xa, index, XA_MARK_1);
		cleaned++;
	}
}

/* A mark that is set between the test and the clear is lost. */
static void clean_badly(void *data)
{
	(void)data;
	if (xa_get_mark(&xa, 300, XA_MARK_1))
		cleaned++;
	xa_clear_mark(&xa, 300, XA_MARK_1);
}

static const struct verdict marks[] = {
	RIGHT(0, "marks", setup_marks, after_marks, T(make_dirty), T(clean)),
	WRONG(ASSERTION, "after_marks", NULL, "a mark that is lost",
	      setup_marks, after_marks, T(make_dirty), T(clean_badly)),
};

START_TEST(marks_have_their_verdict)
{
	check_verdict(&marks[_i]);
}
END_TEST

/* An array that is found empty, and tables that are initialised while they are used. */

struct tables {
	struct xarray xa;
	struct idr idr;
	struct ida ida;
};

static struct tables *t;

static void setup_empty(void *data)
{
	(void)data;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	xa_init(&t->xa);
	idr_init(&t->idr);
	ida_init(&t->ida);
}

static void setup_tables(void *data)
{
	setup_empty(data);
	iommufd_model_assert(!xa_err(xa_store(&t->xa, 1, &a, GFP_KERNEL)));
}

static void after_tables(void *data)
{
	(void)data;
	xa_destroy(&t->xa);
	idr_destroy(&t->idr);
	ida_destroy(&t->ida);
	kfree(t);
}

static void erase_1(void *data)
{
	(void)data;
	xa_erase(&t->xa, 1);
}

static void erase_1_locked(void *data)
{
	(void)data;
	xa_lock(&t->xa);
	iommufd_model_assert(!xa_empty(&t->xa));
	__xa_erase(&t->xa, 1);
	iommufd_model_assert(xa_empty(&t->xa));
	xa_unlock(&t->xa);
}

static void free_tables(void *data)
{
	erase_1(data);
	kfree(t);
}

static void look(void *data)
{
	(void)data;
	if (xa_empty(&t->xa))
		iommufd_model_assert(!xa_load(&t->xa, 1));
}

static void expect_full(void *data)
{
	(void)data;
	iommufd_model_assert(!xa_empty(&t->xa));
}

static const struct verdict empty[] = {
	RIGHT(2, "xa_empty", setup_tables, after_tables, T(look), T(erase_1)),
	RIGHT(2, "xa_empty under the lock", setup_tables, after_tables, T(look),
	      T(erase_1_locked)),
	WRONG(ASSERTION, "expect_full", "xa_empty xarray.c",
	      "an array that is taken to be full", setup_tables, after_tables,
	      T(expect_full), T(erase_1)),
	WRONG(USE_AFTER_FREE, "xa_empty", "free_tables",
	      "xa_empty of a freed array", setup_tables, done, T(look),
	      T(free_tables)),
};

START_TEST(xa_empty_is_an_operation)
{
	check_verdict(&empty[_i]);
}
END_TEST

/* Tables that are initialised while another thread uses or frees them. */

static void store_and_load(void *data)
{
	(void)data;
	xa_store(&t->xa, 2, &a, GFP_KERNEL);
	iommufd_model_assert(xa_load(&t->xa, 2));
	xa_erase(&t->xa, 2);
}

static void add_and_find(void *data)
{
	int id = idr_alloc(&t->idr, &a, 1, 0, GFP_KERNEL);

	(void)data;
	iommufd_model_assert(idr_find(&t->idr, (unsigned long)id));
}

static void take_two(void *data)
{
	int first = ida_alloc(&t->ida, GFP_KERNEL);

	(void)data;
	iommufd_model_assert(ida_alloc(&t->ida, GFP_KERNEL) != first);
}

static void init_xa(void *data)
{
	(void)data;
	xa_init(&t->xa);
}

static void init_idr(void *data)
{
	(void)data;
	idr_init(&t->idr);
}

static void init_ida(void *data)
{
	(void)data;
	ida_init(&t->ida);
}

static void init_held(void *data)
{
	(void)data;
	xa_lock(&t->xa);
	xa_init(&t->xa);
}

/* Nobody else knows the tables yet. */
static void init_own(void *data)
{
	struct tables *own = kzalloc(sizeof(*own), GFP_KERNEL);

	(void)data;
	xa_init(&own->xa);
	idr_init(&own->idr);
	ida_init(&own->ida);
	kfree(own);
}

static const struct verdict inits[] = {
	WRONG(LEAK, "store_and_load", "lock init t->xa", "a second xa_init",
	      setup_empty, after_tables, T(init_xa), T(store_and_load)),
	WRONG(LEAK, "add_and_find", "lock init t->idr", "a second idr_init",
	      setup_empty, after_tables, T(init_idr), T(add_and_find)),
	WRONG(LEAK, "take_two", "lock init t->ida", "a second ida_init",
	      setup_empty, after_tables, T(init_ida), T(take_two)),
	WRONG(USE_AFTER_FREE, "init_xa", "free_tables",
	      "xa_init of a freed array", setup_empty, done, T(init_xa),
	      T(free_tables)),
	WRONG(USE_AFTER_FREE, "init_idr", "free_tables",
	      "idr_init of a freed idr", setup_empty, done, T(init_idr),
	      T(free_tables)),
	WRONG(USE_AFTER_FREE, "init_ida", "free_tables",
	      "ida_init of a freed ida", setup_empty, done, T(init_ida),
	      T(free_tables)),
	WRONG(LOCK, "init of held lock", "init_held",
	      "xa_init of a locked array", setup_empty, done, T(init_held)),
	RIGHT(1, "tables of a thread", setup_empty, after_tables, T(init_own),
	      T(init_own)),
};

START_TEST(an_init_is_an_operation)
{
	check_verdict(&inits[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tables");
	TCase *tc = tcase_create("tables");

	tcase_add_loop_test(tc, sequences_have_their_verdict, 0,
			    ARRAY_SIZE(sequences));
	tcase_add_loop_test(tc, percpu_refs_have_their_verdict, 0,
			    ARRAY_SIZE(percpu_refs));
	tcase_add_loop_test(tc, tables_have_their_verdict, 0,
			    ARRAY_SIZE(tables));
	tcase_add_loop_test(tc, marks_have_their_verdict, 0, ARRAY_SIZE(marks));
	tcase_add_loop_test(tc, xa_empty_is_an_operation, 0, ARRAY_SIZE(empty));
	tcase_add_loop_test(tc, an_init_is_an_operation, 0, ARRAY_SIZE(inits));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
