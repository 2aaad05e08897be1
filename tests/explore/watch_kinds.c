// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Small programs of many kinds under watch, each in a right and in a wrong form.
 * A wrong form must fail as stated, and a right form must be complete.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/llist.h>
#include <iommufd_model/kernel/kthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct pairs {
	int a, b;
	long more[4];
};

struct node {
	struct list_head list;
	struct rcu_head rcu;
	struct kref ref;
	long v;
	u32 id;
};

static struct {
	struct mutex m;
	spinlock_t spin;
	struct pairs p, q;
	struct {
		unsigned int lo : 4, hi : 4;
	} bf;
	char str[16], str2[16];
	long x, y;
	int flag;
	struct node *n, *gp;
	struct list_head head;
	seqlock_t sl;
	struct completion done;
	wait_queue_head_t wq;
	struct timer_list timer;
	long *shared;
	char *mem;
	unsigned long map[2];
	struct xarray xa, ids;
	struct idr idr;
	u32 id;
	unsigned long index;
} s;

static long global, percpu[2];

/* What is read is used, but not in memory that another thread accesses. */

#define USE(value)                                  \
	do {                                        \
		long used = (long)(value);          \
		__asm__ volatile("" : : "r"(used)); \
	} while (0)

static void timer_fn(struct timer_list *t)
{
	(void)t;
	s.x++;
}

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	spin_lock_init(&s.spin);
	INIT_LIST_HEAD(&s.head);
	seqlock_init(&s.sl);
	init_completion(&s.done);
	init_waitqueue_head(&s.wq);
	timer_setup(&s.timer, timer_fn, 0);
	xa_init(&s.xa);
	xa_init_flags(&s.ids, XA_FLAGS_ALLOC1);
	idr_init(&s.idr);
	strcpy(s.str, "abc");
}

static void setup_tables(void *data)
{
	static int entry;

	setup(data);
	xa_store(&s.ids, 3, &entry, GFP_KERNEL);
	iommufd_model_assert(!idr_alloc(&s.idr, &entry, 0, 9, GFP_KERNEL));
}

static void setup_node(void *data)
{
	setup(data);
	s.n = kzalloc(sizeof(*s.n), GFP_KERNEL);
	kref_init(&s.n->ref);
	kref_get(&s.n->ref);
	INIT_LIST_HEAD(&s.n->list);
}

static void after(void *data)
{
	(void)data;
	kfree(s.n);
	xa_destroy(&s.xa);
	xa_destroy(&s.ids);
	idr_destroy(&s.idr);
}

static void nothing(void *data)
{
	(void)data;
}

/* Copies of structs */

static void copy_out(void *data)
{
		struct pairs l = s.p;

	(void)data;
	USE(l.a + l.more[3]);
}

static void copy_in(void *data)
{
	struct pairs l = { .a = 1 };
	(void)data;
	s.p = l;
}

static void copy_in_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	copy_in(data);
	mutex_unlock(&s.m);
}

static void copy_out_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	copy_out(data);
	mutex_unlock(&s.m);
}

static void set_more3(void *data)
{
	(void)data;
	s.p.more[3] = 1;
}

/* Bitfields */

static void set_lo(void *data)
{
	(void)data;
	s.bf.lo = 3;
}

static void set_hi(void *data)
{
	(void)data;
	s.bf.hi = 3;
}

/* Strings, and what the ground copies */

static void scpy(void *data)
{
	(void)data;
	strcpy(s.str, "hello");
}

static void slen(void *data)
{
	(void)data;
	USE(strlen(s.str));
}

static void sncpy(void *data)
{
	(void)data;
	strncpy(s.str, s.str2, 8);
}

static void scmp(void *data)
{
	(void)data;
	USE(strcmp(s.str, s.str2));
}

static void sscpy(void *data)
{
	(void)data;
	strscpy(s.str, "xy", sizeof(s.str));
}

static void mcmp(void *data)
{
	(void)data;
	USE(memcmp(&s.p, &s.q, sizeof(s.p)));
}

static void sprn(void *data)
{
	(void)data;
	snprintf(s.str, sizeof(s.str), "%d", (int)s.flag);
}

static void mmove(void *data)
{
	(void)data;
	memmove(s.str + 1, s.str, 4);
}

static void dup_(void *data)
{
		char *p = kmemdup(&s.p, sizeof(s.p), GFP_KERNEL);

	(void)data;
	kfree(p);
}

static void sdup(void *data)
{
		char *p = kstrdup(s.str, GFP_KERNEL);

	(void)data;
	kfree(p);
}

/* Formats, and functions that read strings or the caller's variables */

static void print_str(void *data)
{
	char text[32];

	(void)data;
	snprintf(text, sizeof(text), "%s", s.str);
}

static void scn_str(void *data)
{
	char text[32];

	(void)data;
	scnprintf(text, sizeof(text), "<%s>", s.str);
}

static void kasp(void *data)
{
	(void)data;
	kfree(kasprintf(GFP_KERNEL, "%s", s.str));
}

/* The string is the last argument. */
static void print_all(void *data)
{
	const char *none = NULL;
	char text[256];

	(void)data;
	snprintf(text, sizeof(text),
		 "%d%hhd%hd%ld%lld%jd%zd%td%5u%-8.3lx%*d%.*d%c%lc%+5.1f%Lg%p"
		 "%%%#llo%ls%s%.2i%s",
		 1, 1, 1, 1l, 1ll, (intmax_t)1, (ssize_t)1, (ptrdiff_t)1, 1u,
		 1ul, 3, 1, -1, 1, 'c', (wint_t)'c', 1.0, 1.0L, (void *)&s,
		 1ull, L"w", none, 1, s.str);
}

/* set_str() writes the second byte. */
static void print_one(void *data)
{
	char text[32];

	(void)data;
	snprintf(text, sizeof(text), "%.1s%.*s", s.str, 1, s.str);
}

static void print_two(void *data)
{
	char text[32];

	(void)data;
	snprintf(text, sizeof(text), "%.*s", 2, s.str);
}

static void print_most(void *data)
{
	char text[32];

	(void)data;
	snprintf(text, sizeof(text), "%5.*s", -1, s.str);
}

static void tell_str(void *data)
{
	(void)data;
	pr_info("%s\n", s.str);
}

static void name_queue(void *data)
{
	(void)data;
	destroy_workqueue(alloc_workqueue("%s", 0, 0, s.str));
}

static int run_nothing(void *data)
{
	(void)data;
	return 0;
}

static void name_thread(void *data)
{
	struct task_struct *task =
		kthread_create(run_nothing, NULL, "%s", s.str);

	(void)data;
	USE(kthread_stop(task));
}

static void to_number(void *data)
{
	unsigned long res = 0;

	(void)data;
	USE(kstrtoul(s.str, 16, &res));
	USE(res);
}

static void to_signed(void *data)
{
	int res = 0;

	(void)data;
	USE(kstrtoint(s.str, 16, &res));
	USE(res);
}

/* "a" is no digit, so the second byte is not read. */
static void to_decimal(void *data)
{
	unsigned long res = 0;

	(void)data;
	USE(kstrtoul(s.str, 10, &res));
}

static void alloc_index(void *data)
{
	(void)data;
	USE(xa_alloc(&s.ids, &s.id, &s, xa_limit_31b, GFP_KERNEL));
}

static void alloc_next_index(void *data)
{
	u32 id;

	(void)data;
	USE(xa_alloc_cyclic(&s.ids, &id, &s, xa_limit_31b, &s.id, GFP_KERNEL));
}

static void find_index(void *data)
{
	(void)data;
	USE(xa_find(&s.ids, &s.index, 9, XA_PRESENT));
}

static void find_index_after(void *data)
{
	(void)data;
	USE(xa_find_after(&s.ids, &s.index, 9, XA_PRESENT));
}

static void alloc_number(void *data)
{
	(void)data;
	USE(idr_alloc_u32(&s.idr, &s, &s.id, 9, GFP_KERNEL));
}

static void next_number(void *data)
{
	(void)data;
	USE(idr_get_next_ul(&s.idr, &s.index));
}

static void read_id(void *data)
{
	(void)data;
	USE(s.id);
}

static void set_id(void *data)
{
	(void)data;
	s.id = 7;
}

static void set_index(void *data)
{
	(void)data;
	s.index = 7;
}

static void read_index(void *data)
{
	(void)data;
	USE(s.index);
}

/* Who finds an entry finds its number. */

static void publish_in_xarray(void *data)
{
	struct node *n = s.n;

	(void)data;
	USE(xa_alloc(&s.ids, &n->id, n, xa_limit_31b, GFP_KERNEL));
}

static void look_up_in_xarray(void *data)
{
	struct node *n = xa_load(&s.ids, 1);

	(void)data;
	if (n)
		USE(n->id);
}

static void publish_in_idr(void *data)
{
	struct node *n = s.n;

	(void)data;
	USE(idr_alloc_u32(&s.idr, n, &n->id, 9, GFP_KERNEL));
}

static void look_up_in_idr(void *data)
{
	struct node *n = idr_find(&s.idr, 0);

	(void)data;
	if (n)
		USE(n->id);
}

static void set_str(void *data)
{
	(void)data;
	s.str[1] = 'z';
}

static char ubuf[16];
static void cfu(void *data)
{
	(void)data;
	if (copy_from_user(s.str, ubuf, 8))
		USE(1);
}

static void ctu(void *data)
{
	(void)data;
	if (copy_to_user(ubuf, s.str, 8))
		USE(1);
}

/* Global variables */

static void g_inc(void *data)
{
	(void)data;
	global++;
}

static void g_read(void *data)
{
	(void)data;
	USE(global);
}

/* Variables on a stack */

static void owner(void *data)
{
		long local = 0;

	(void)data;
	WRITE_ONCE(s.shared, &local);
	smp_mb();
	complete(&s.done);
	local = 2;
	USE(local);
	wait_event(s.wq, READ_ONCE(s.flag));
}

static void borrower(void *data)
{
	(void)data;
	wait_for_completion(&s.done);
	*READ_ONCE(s.shared) = 1;
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.wq);
}

static void owner_ok(void *data)
{
		long local = 0;

	(void)data;
	s.shared = &local;
	complete(&s.done);
	wait_event(s.wq, READ_ONCE(s.flag));
	USE(local);
}

static void borrower_rel(void *data)
{
	(void)data;
	wait_for_completion(&s.done);
	*s.shared = 1;
	smp_store_release(&s.flag, 1);
	wake_up(&s.wq);
}

static void owner_acq(void *data)
{
		long local = 0;

	(void)data;
	s.shared = &local;
	complete(&s.done);
	wait_event(s.wq, smp_load_acquire(&s.flag));
	USE(local);
}

/* Memory of malloc() */

static void m_setup(void *data)
{
	setup(data);
	s.mem = malloc(24);
	memset(s.mem, 0, 24);
}

static void m_after(void *data)
{
	(void)data;
	free(s.mem);
}

static void m_w(void *data)
{
	(void)data;
	s.mem[3] = 1;
}

static void m_r(void *data)
{
	(void)data;
	USE(s.mem[3]);
}

static void m_free(void *data)
{
	(void)data;
	free(s.mem);
	s.mem = NULL;
}

static void m_realloc(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.mem = realloc(s.mem, 4000);
	mutex_unlock(&s.m);
}

static void m_old(void *data)
{
		char *p;

	(void)data;
	mutex_lock(&s.m);
	p = s.mem;
	mutex_unlock(&s.m);
	p[0] = 1;
}

static void m_in_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.mem[0] = 1;
	mutex_unlock(&s.m);
}

/* krealloc() */

static void k_setup(void *data)
{
	setup(data);
	s.mem = kzalloc(24, GFP_KERNEL);
}

static void k_after(void *data)
{
	(void)data;
	kfree(s.mem);
}

static void k_realloc(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.mem = krealloc(s.mem, 4000, GFP_KERNEL);
	mutex_unlock(&s.m);
}

/* Lists */

static void l_add(void *data)
{
	(void)data;
	list_add(&s.n->list, &s.head);
}

static void l_walk(void *data)
{
	struct node *n;
	(void)data;
	list_for_each_entry(n, &s.head, list)
		USE(n->v);
}

static void l_add_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	list_add(&s.n->list, &s.head);
	mutex_unlock(&s.m);
}

static void l_walk_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	l_walk(data);
	mutex_unlock(&s.m);
}

static void l_del_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	list_del_init(&s.n->list);
	mutex_unlock(&s.m);
}

static void l_empty(void *data)
{
	(void)data;
	USE(list_empty(&s.head));
}

/* An entry that is looked at without the lock. */

static void setup_listed(void *data)
{
	setup_node(data);
	list_add(&s.n->list, &s.head);
}

static void l_look(void *data)
{
	(void)data;
	USE(list_empty(&s.n->list));
}

static void l_look_careful(void *data)
{
	(void)data;
	if (list_empty_careful(&s.n->list))
		USE(s.n->v);
}

static void l_empty_careful(void *data)
{
	(void)data;
	USE(list_empty_careful(&s.head));
}

static void l_del_careful_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.n->v = 5;
	list_del_init_careful(&s.n->list);
	mutex_unlock(&s.m);
}

static void l_del_and_set_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	list_del_init(&s.n->list);
	s.n->v = 5;
	mutex_unlock(&s.m);
}

/* Trees: their functions in the library, which are not watched, report what they do. */

static struct {
	struct rb_root root;
	struct rb_node node[3], other;
	struct rb_root_cached ranges;
	struct interval_tree_node range[3];
	struct rb_node *single;
} trees;

static bool t_less(struct rb_node *a, const struct rb_node *b)
{
	return (uintptr_t)a < (uintptr_t)b;
}

static void t_setup_empty(void *data)
{
	setup(data);
	memset(&trees, 0, sizeof(trees));
}

static void t_setup(void *data)
{
	unsigned long i;

	t_setup_empty(data);
	for (i = 0; i < 3; i++) {
		rb_add(&trees.node[i], &trees.root, t_less);
		trees.range[i].start = i;
		trees.range[i].last = i;
		interval_tree_insert(&trees.range[i], &trees.ranges);
	}
}

/* The root of the tree is on the heap. */
static void t_setup_heap(void *data)
{
	t_setup(data);
	trees.single = kzalloc(sizeof(*trees.single), GFP_KERNEL);
	rb_replace_node(&trees.node[1], trees.single, &trees.root);
}

static void t_free(void *data)
{
	(void)data;
	kfree(trees.single);
}

static void t_free_l(void *data)
{
	mutex_lock(&s.m);
	rb_erase(trees.single, &trees.root);
	mutex_unlock(&s.m);
	t_free(data);
}

static void t_first(void *data)
{
	(void)data;
	USE(rb_first(&trees.root));
}

static void t_last(void *data)
{
	(void)data;
	USE(rb_last(&trees.root));
}

static void t_next(void *data)
{
	(void)data;
	USE(rb_next(&trees.node[0]));
}

static void t_prev(void *data)
{
	(void)data;
	USE(rb_prev(&trees.node[2]));
}

static void t_single_next(void *data)
{
	(void)data;
	USE(rb_next(trees.single));
}

static void t_postorder(void *data)
{
	struct rb_node *node;

	(void)data;
	for (node = rb_first_postorder(&trees.root); node;)
		node = rb_next_postorder(node);
}

static void t_erase_root(void *data)
{
	(void)data;
	rb_erase(&trees.node[1], &trees.root);
}

static void t_erase_first(void *data)
{
	(void)data;
	rb_erase(&trees.node[0], &trees.root);
}

static void t_erase_last(void *data)
{
	(void)data;
	rb_erase(&trees.node[2], &trees.root);
}

static void t_replace(void *data)
{
	(void)data;
	rb_replace_node(&trees.node[1], &trees.other, &trees.root);
}

static void t_link_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	rb_link_node(&trees.other, &trees.node[2], &trees.node[2].rb_right);
	mutex_unlock(&s.m);
	rb_insert_color(&trees.other, &trees.root);
}

static void t_prev_l(void *data)
{
	mutex_lock(&s.m);
	t_prev(data);
	mutex_unlock(&s.m);
}

static void t_first_l(void *data)
{
	mutex_lock(&s.m);
	t_first(data);
	mutex_unlock(&s.m);
}

static void t_change_l(void *data)
{
	mutex_lock(&s.m);
	t_erase_root(data);
	rb_add(&trees.node[1], &trees.root, t_less);
	t_replace(data);
	mutex_unlock(&s.m);
}

static void t_erase_all_l(void *data)
{
	mutex_lock(&s.m);
	t_erase_first(data);
	t_erase_root(data);
	t_erase_last(data);
	mutex_unlock(&s.m);
}

static void t_add_l(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	rb_add(&trees.other, &trees.root, t_less);
	mutex_unlock(&s.m);
}

/* Is allowed without the lock. */
static void t_empty(void *data)
{
	(void)data;
	USE(RB_EMPTY_ROOT(&trees.root));
}

static void t_range_first(void *data)
{
	(void)data;
	USE(interval_tree_iter_first(&trees.ranges, 1, 1));
}

static void t_range_next(void *data)
{
	(void)data;
	USE(interval_tree_iter_next(&trees.range[0], 1, 1));
}

static void t_range_remove(void *data)
{
	(void)data;
	interval_tree_remove(&trees.range[1], &trees.ranges);
}

static void t_range_remove_first(void *data)
{
	(void)data;
	interval_tree_remove(&trees.range[0], &trees.ranges);
}

static void t_range_insert(void *data)
{
	static struct interval_tree_node more;

	(void)data;
	more.start = 1;
	more.last = 3;
	interval_tree_insert(&more, &trees.ranges);
}

static void t_ranges_l(void *data)
{
	mutex_lock(&s.m);
	t_range_first(data);
	t_range_next(data);
	mutex_unlock(&s.m);
}

static void t_range_change_l(void *data)
{
	mutex_lock(&s.m);
	t_range_remove(data);
	interval_tree_insert(&trees.range[1], &trees.ranges);
	mutex_unlock(&s.m);
}

/* Double-checked locking */

static void dcl(void *data)
{
	(void)data;
	if (!s.n) {
		mutex_lock(&s.m);
		if (!s.n) {
			struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);
			if (n) {
				n->v = 3;
				s.n = n;
			}
		}
		mutex_unlock(&s.m);
	}
	if (s.n)
		USE(s.n->v);
}

static void dcl_ok(void *data)
{
		struct node *n = smp_load_acquire(&s.n);

	(void)data;
	if (!n) {
		mutex_lock(&s.m);
		n = s.n;
		if (!n) {
			n = kzalloc(sizeof(*n), GFP_KERNEL);
			if (n) {
				n->v = 3;
				smp_store_release(&s.n, n);
			}
		}
		mutex_unlock(&s.m);
	}
	if (n)
		USE(n->v);
}

static void dcl_once(void *data)
{
		struct node *n = READ_ONCE(s.n);

	(void)data;
	if (!n) {
		mutex_lock(&s.m);
		n = s.n;
		if (!n) {
			n = kzalloc(sizeof(*n), GFP_KERNEL);
			if (n) {
				n->v = 3;
				WRITE_ONCE(s.n, n);
			}
		}
		mutex_unlock(&s.m);
	}
	if (n)
		USE(n->v);
}

/* Marked and plain accesses */

static void ro(void *data)
{
	(void)data;
	USE(READ_ONCE(s.x));
}

static void wo(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
}

static void pr(void *data)
{
	(void)data;
	USE(s.x);
}

static void pw(void *data)
{
	(void)data;
	s.x = 2;
}

static void dr(void *data)
{
	(void)data;
	USE(data_race(s.x));
}

static void aew(void *data)
{
	(void)data;
	ASSERT_EXCLUSIVE_WRITER(s.x);
	WRITE_ONCE(s.x, 4);
}

static void aea(void *data)
{
	(void)data;
	ASSERT_EXCLUSIVE_ACCESS(s.x);
}

/* RCU */

static void r_pub(void *data)
{
		struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

	(void)data;
	n->v = 1;
	rcu_assign_pointer(s.gp, n);
}

static void r_plain(void *data)
{
		struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

	(void)data;
	n->v = 1;
	s.gp = n;
}

static void r_once(void *data)
{
		struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

	(void)data;
	n->v = 1;
	WRITE_ONCE(s.gp, n);
}

static void r_init(void *data)
{
		struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

	(void)data;
	rcu_assign_pointer(s.gp, n);
	n->v = 1;
}

static void r_read(void *data)
{
		struct node *n;

	(void)data;
	rcu_read_lock();
	n = rcu_dereference(s.gp);
	if (n)
		USE(n->v);
	rcu_read_unlock();
}

/* Not what was done before the pointer was published, but what is behind it. */
static void r_pub_x(void *data)
{
		struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

	(void)data;
	s.x = 1;
	rcu_assign_pointer(s.gp, n);
}

static void r_read_x(void *data)
{
	(void)data;
	rcu_read_lock();
	if (rcu_dereference(s.gp))
		USE(s.x);
	rcu_read_unlock();
}

/* It is not known where a static variable ends. */
static struct node r_static;

static void r_pub_static(void *data)
{
	(void)data;
	r_static.v = 1;
	rcu_assign_pointer(s.gp, &r_static);
}

/* Elements that are static variables. */
static struct llist_head ll_head;
static struct llist_node ll_nodes[2];

static void ll_setup(void *data)
{
	setup(data);
	init_llist_head(&ll_head);
	llist_add(&ll_nodes[0], &ll_head);
}

static void ll_add(void *data)
{
	(void)data;
	llist_add(&ll_nodes[1], &ll_head);
}

static void ll_take(void *data)
{
	(void)data;
	llist_del_first(&ll_head);
}

static void r_after(void *data)
{
	(void)data;
	kfree(s.gp);
}

static void r_setup(void *data)
{
	setup(data);
	s.gp = kzalloc(sizeof(struct node), GFP_KERNEL);
}

static void r_del_ok(void *data)
{
		struct node *n = s.gp;

	(void)data;
	rcu_assign_pointer(s.gp, NULL);
	synchronize_rcu();
	n->v = 9;
	kfree(n);
}

static void r_del_kfree_rcu(void *data)
{
		struct node *n = s.gp;

	(void)data;
	rcu_assign_pointer(s.gp, NULL);
	kfree_rcu(n, rcu);
}

static void r_del_bad(void *data)
{
		struct node *n = s.gp;

	(void)data;
	rcu_assign_pointer(s.gp, NULL);
	n->v = 9;
	synchronize_rcu();
	kfree(n);
}

static void r_del_free(void *data)
{
		struct node *n = s.gp;

	(void)data;
	rcu_assign_pointer(s.gp, NULL);
	kfree(n);
}

static void r_leak_out(void *data)
{
		struct node *n;

	(void)data;
	rcu_read_lock();
	n = rcu_dereference(s.gp);
	rcu_read_unlock();
	if (n)
		USE(n->v);
}

static struct rcu_head r_head;

static void r_called(struct rcu_head *head)
{
	(void)head;
	WRITE_ONCE(s.flag, 1);
}

static void r_call(void *data)
{
	(void)data;
	s.x = 1;
	call_rcu(&r_head, r_called);
}

static void r_call_early(void *data)
{
	(void)data;
	call_rcu(&r_head, r_called);
	s.x = 1;
}

/* What has seen the callback run began after call_rcu(). */
static void r_see_called(void *data)
{
	(void)data;
	rcu_read_lock();
	if (READ_ONCE(s.flag))
		USE(s.x);
	rcu_read_unlock();
}

/* Sequence counters */

static void sq_w(void *data)
{
	(void)data;
	write_seqlock(&s.sl);
	s.x++;
	s.y++;
	write_sequnlock(&s.sl);
}

static void sq_r(void *data)
{
		unsigned q;
	long a, b;

	(void)data;
	do {
		q = read_seqbegin(&s.sl);
		a = s.x;
		b = s.y;
	} while (read_seqretry(&s.sl, q));
	iommufd_model_assert(a == b);
}

static void sq_r_out(void *data)
{
		unsigned q;

	(void)data;
	do {
		q = read_seqbegin(&s.sl);
	} while (read_seqretry(&s.sl, q));
	USE(s.x);
}

/* A writer whom no lock keeps from another one. */
static void sq_w_alone(void *data)
{
	(void)data;
	write_seqcount_begin(&s.sl.seqcount);
	s.x++;
	write_seqcount_end(&s.sl.seqcount);
}

static void sq_w_once(void *data)
{
	(void)data;
	write_seqcount_begin(&s.sl.seqcount);
	WRITE_ONCE(s.x, 1);
	write_seqcount_end(&s.sl.seqcount);
}

/* The two values may be of two states. */
static void sq_r_once(void *data)
{
	long a, b;

	(void)data;
	read_seqbegin(&s.sl);
	a = s.x;
	b = s.y;
	iommufd_model_assert(a == b);
}

/* So they may be until the section is tried again, and they are used before that. */
static void sq_r_early(void *data)
{
	static const int small[1], large[2];
	const int *const of[] = { small, large };
	unsigned int q;
	long a, b;

	(void)data;
	do {
		q = read_seqbegin(&s.sl);
		a = s.x;
		b = s.y;
		iommufd_model_assert(b <= a && !of[a][b]);
	} while (read_seqretry(&s.sl, q));
}

static void sq_w_out(void *data)
{
	(void)data;
	s.x++;
	write_seqlock(&s.sl);
	s.y++;
	write_sequnlock(&s.sl);
}

/* Completions */

static void c_c(void *data)
{
	(void)data;
	s.x = 1;
	complete(&s.done);
}

static void c_c_bad(void *data)
{
	(void)data;
	complete(&s.done);
	s.x = 1;
}

static void c_w(void *data)
{
	(void)data;
	wait_for_completion(&s.done);
	USE(s.x);
}

static void c_try(void *data)
{
	(void)data;
	if (try_wait_for_completion(&s.done))
		USE(s.x);
}

static void c_done(void *data)
{
	(void)data;
	if (completion_done(&s.done))
		USE(s.x);
}

/* Wait queues */

static void w_wake(void *data)
{
	(void)data;
	s.x = 1;
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.wq);
}

static void w_wait(void *data)
{
	(void)data;
	wait_event(s.wq, READ_ONCE(s.flag));
	USE(s.x);
}

static void w_wait_acq(void *data)
{
	(void)data;
	wait_event(s.wq, smp_load_acquire(&s.flag));
	USE(s.x);
}

static void w_wake_rel(void *data)
{
	(void)data;
	s.x = 1;
	smp_store_release(&s.flag, 1);
	wake_up(&s.wq);
}

static void w_wake_plain(void *data)
{
	(void)data;
	s.flag = 1;
	wake_up(&s.wq);
}

static void w_wait_plain(void *data)
{
	(void)data;
	wait_event(s.wq, s.flag);
}

static void w_wake_lk(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x = 1;
	s.flag = 1;
	mutex_unlock(&s.m);
	wake_up(&s.wq);
}

static bool lk_flag(void)
{
	bool r;
	mutex_lock(&s.m);
	r = s.flag;
	mutex_unlock(&s.m);
	return r;
}

static void w_wait_lk(void *data)
{
	(void)data;
	wait_event(s.wq, lk_flag());
	USE(s.x);
}

/* Threads of the ground */

static int kfn(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		s.x++;
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void kt(void *data)
{
		struct task_struct *t = kthread_run(kfn, NULL, "k");

	(void)data;
	kthread_stop(t);
	USE(s.x);
}

static void kt_bad(void *data)
{
		struct task_struct *t = kthread_run(kfn, NULL, "k");

	(void)data;
	USE(s.x);
	kthread_stop(t);
}

/* Timers */

static void tm_ok(void *data)
{
	(void)data;
	s.x = 1;
	mod_timer(&s.timer, jiffies + 1);
	timer_delete_sync(&s.timer);
	s.x++;
}

static void tm_bad(void *data)
{
	(void)data;
	mod_timer(&s.timer, jiffies + 1);
	timer_delete(&s.timer);
	s.x++;
}

static void tm_late(void *data)
{
	(void)data;
	mod_timer(&s.timer, jiffies + 1);
	s.x++;
	timer_delete_sync(&s.timer);
}

/* Interrupts */

static void irq_handler(void *data)
{
	(void)data;
	s.x++;
}

static void irq_off(void *data)
{
		unsigned long f;

	(void)data;
	spin_lock_irqsave(&s.spin, f);
	s.x++;
	spin_unlock_irqrestore(&s.spin, f);
}

static void irq_locked(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	s.x++;
	spin_unlock(&s.spin);
}

static void irq_worker(void *data)
{
	(void)data;
	s.x++;
}

static void irq_publish(void *data)
{
	(void)data;
	s.x = 1;
	WRITE_ONCE(s.flag, 1);
}

static void irq_sees(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag))
		s.x++;
}

/* References */

static void rel(struct kref *k)
{
	struct node *n = container_of(k, struct node, ref);
	USE(n->v);
	kfree(n);
}

static void kp_w(void *data)
{
		struct node *n = s.n;

	(void)data;
	mutex_lock(&s.m);
	n->v++;
	mutex_unlock(&s.m);
	kref_put(&n->ref, rel);
}

static void kp_late(void *data)
{
		struct node *n = s.n;

	(void)data;
	kref_put(&n->ref, rel);
	USE(n->v);
}

static void kp_null(void *data)
{
		struct node *n = s.n;

	(void)data;
	s.n = NULL;
	kref_put(&n->ref, rel);
}

static void kp_wp(void *data)
{
		struct node *n = s.n;

	(void)data;
	n->v++;
	kref_put(&n->ref, rel);
}

/* Flags and bits */

static void f_pub(void *data)
{
	(void)data;
	s.x = 1;
	s.flag = 1;
}

static void f_use(void *data)
{
	(void)data;
	if (s.flag)
		USE(s.x);
}

static void f_once(void *data)
{
	(void)data;
	s.x = 1;
	WRITE_ONCE(s.flag, 1);
}

static void f_use_once(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag))
		USE(s.x);
}

static void f_bit(void *data)
{
	(void)data;
	s.x = 1;
	set_bit(0, s.map);
}

static void f_bit_use(void *data)
{
	(void)data;
	if (test_bit(0, s.map))
		USE(s.x);
}

static void f_bit_rel(void *data)
{
	(void)data;
	s.x = 1;
	smp_mb__before_atomic();
	set_bit(0, s.map);
}

/* An operation that returns a value orders all that is before and after it. */
static void f_full_rel(void *data)
{
	(void)data;
	s.x = 1;
	(void)test_and_set_bit(1, s.map);
	WRITE_ONCE(s.flag, 1);
}

static void f_full_acq(void *data)
{
	(void)data;
	if (!READ_ONCE(s.flag))
		return;
	(void)test_and_set_bit(2, s.map);
	USE(s.x);
}

static void f_bit_acq(void *data)
{
	(void)data;
	if (test_bit_acquire(0, s.map))
		USE(s.x);
}

static void f_tas(void *data)
{
	(void)data;
	if (test_and_set_bit(0, s.map))
		return;
	s.x++;
	clear_bit_unlock(0, s.map);
}

static void f_tas_bad(void *data)
{
	(void)data;
	if (test_and_set_bit(0, s.map))
		return;
	s.x++;
	clear_bit(0, s.map);
}

static void pbit0(void *data)
{
	(void)data;
	__set_bit(0, s.map);
}

static void pbit1(void *data)
{
	(void)data;
	__set_bit(1, s.map);
}

static void abit1(void *data)
{
	(void)data;
	set_bit(1, s.map);
}

/* A variable for each thread */

static void pc0(void *data)
{
	(void)data;
	percpu[0]++;
}

static void pc1(void *data)
{
	(void)data;
	percpu[1]++;
}

static void pcsum(void *data)
{
	(void)data;
	USE(percpu[0] + percpu[1]);
}

/* An xarray */

static void x_store(void *data)
{
	(void)data;
	s.n->v = 3;
	xa_store(&s.xa, 1, s.n, GFP_KERNEL);
}

static void x_load(void *data)
{
		struct node *n = xa_load(&s.xa, 1);

	(void)data;
	if (n)
		USE(n->v);
}

static void x_store_bad(void *data)
{
	(void)data;
	xa_store(&s.xa, 1, s.n, GFP_KERNEL);
	s.n->v = 3;
}

/* Loops */

static void arr(void *data)
{
		int i;

	(void)data;
	for (i = 0; i < 4; i++)
		s.p.more[i] = i;
}

static void arr2(void *data)
{
		int i;

	(void)data;
	for (i = 0; i < 4; i++)
		USE(s.p.more[i]);
}

/* Atomic operations of the compiler */

static void ca_rel(void *data)
{
	(void)data;
	s.x = 1;
	__atomic_store_n(&s.flag, 1, __ATOMIC_RELEASE);
}

static void ca_acq(void *data)
{
	(void)data;
	if (__atomic_load_n(&s.flag, __ATOMIC_ACQUIRE))
		USE(s.x);
}

/* Two locks */

static void spin_a(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	s.x++;
	spin_unlock(&s.spin);
}

static void mut_a(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x++;
	mutex_unlock(&s.m);
}

/* Memory that is not allocated */

static void oob(void *data)
{
		struct pairs *p = kzalloc(12, GFP_KERNEL);

	(void)data;
	p->more[0] = 1;
	kfree(p);
}

static void oobstr(void *data)
{
		char *p = kzalloc(3, GFP_KERNEL);

	(void)data;
	strcpy(p, "abc");
	kfree(p);
}

static void uaf(void *data)
{
		struct node *n = kzalloc(sizeof *n, GFP_KERNEL);

	(void)data;
	kfree(n);
	USE(n->v);
}

static void uafstr(void *data)
{
		char *p = kzalloc(8, GFP_KERNEL);

	(void)data;
	kfree(p);
	USE(strlen(p));
}

/* Ownership by exchange */

static void own(void *data)
{
		struct node *n = xchg(&s.n, NULL);

	(void)data;
	if (n) {
		n->v++;
		kfree(n);
	}
}

static void llist_like(void *data)
{
		struct node *n = kzalloc(sizeof *n, GFP_KERNEL), *o;

	(void)data;
	n->v = 1;
	o = READ_ONCE(s.n);
	if (cmpxchg(&s.n, o, n) != o)
		kfree(n);
}

static void llist_take(void *data)
{
		struct node *n = xchg(&s.n, NULL);

	(void)data;
	if (n) {
		USE(n->v);
		kfree(n);
	}
}

static const struct verdict rows[] = {
	WRONG(DATA_RACE, NULL, NULL, "struct copy", setup, after, T(copy_out),
	      T(copy_in)),
	WRONG(DATA_RACE, NULL, NULL, "struct copy member", setup, after,
	      T(copy_out), T(set_more3)),
	WRONG(DATA_RACE, NULL, NULL, "struct copy in member", setup, after,
	      T(copy_in), T(set_more3)),
	RIGHT(0, "struct copy locked", setup, after, T(copy_out_l),
	      T(copy_in_l)),
	WRONG(DATA_RACE, NULL, NULL, "one locked", setup, after, T(copy_out_l),
	      T(copy_in)),
	WRONG(DATA_RACE, NULL, NULL, "bitfields", setup, after, T(set_lo),
	      T(set_hi)),
	WRONG(DATA_RACE, NULL, NULL, "strcpy/strlen", setup, after, T(scpy),
	      T(slen)),
	WRONG(DATA_RACE, NULL, NULL, "strncpy/strcmp", setup, after, T(sncpy),
	      T(scmp)),
	WRONG(DATA_RACE, NULL, NULL, "strncpy/set", setup, after, T(sncpy),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "strscpy", setup, after, T(sscpy),
	      T(slen)),
	WRONG(DATA_RACE, NULL, NULL, "strscpy/set", setup, after, T(sscpy),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "strlen/set", setup, after, T(slen),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "memcmp", setup, after, T(mcmp),
	      T(set_more3)),
	WRONG(DATA_RACE, NULL, NULL, "snprintf", setup, after, T(sprn),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "memmove", setup, after, T(mmove),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "kmemdup", setup, after, T(dup_),
	      T(set_more3)),
	WRONG(DATA_RACE, NULL, NULL, "kstrdup", setup, after, T(sdup),
	      T(set_str)),
	WRONG(DATA_RACE, "print_str", NULL, "print_str/set_str", setup, after,
	      T(print_str), T(set_str)),
	WRONG(DATA_RACE, "scn_str", NULL, "scn_str/set_str", setup, after,
	      T(scn_str), T(set_str)),
	WRONG(DATA_RACE, "kasp", NULL, "kasp/set_str", setup, after, T(kasp),
	      T(set_str)),
	WRONG(DATA_RACE, "print_all", NULL, "print_all/set_str", setup, after,
	      T(print_all), T(set_str)),
	WRONG(DATA_RACE, "print_two", NULL, "print_two/set_str", setup, after,
	      T(print_two), T(set_str)),
	WRONG(DATA_RACE, "print_most", NULL, "print_most/set_str", setup, after,
	      T(print_most), T(set_str)),
	WRONG(DATA_RACE, "tell_str", NULL, "tell_str/set_str", setup, after,
	      T(tell_str), T(set_str)),
	WRONG(DATA_RACE, "name_queue", NULL, "name_queue/set_str", setup, after,
	      T(name_queue), T(set_str)),
	WRONG(DATA_RACE, "name_thread", NULL, "name_thread/set_str", setup,
	      after, T(name_thread), T(set_str)),
	WRONG(DATA_RACE, "to_number", NULL, "to_number/set_str", setup, after,
	      T(to_number), T(set_str)),
	WRONG(DATA_RACE, "to_signed", NULL, "to_signed/set_str", setup, after,
	      T(to_signed), T(set_str)),
	RIGHT(0, "print_one/set_str", setup, after, T(print_one), T(set_str)),
	RIGHT(0, "to_decimal/set_str", setup, after, T(to_decimal), T(set_str)),
	RIGHT(0, "print_str/kasp", setup, after, T(print_str), T(kasp)),
	RIGHT(0, "to_number/to_signed", setup, after, T(to_number),
	      T(to_signed)),
	WRONG(DATA_RACE, "alloc_index", NULL, "alloc_index/read_id",
	      setup_tables, after, T(alloc_index), T(read_id)),
	WRONG(DATA_RACE, "alloc_next_index", NULL, "alloc_next_index/read_id",
	      setup_tables, after, T(alloc_next_index), T(read_id)),
	WRONG(DATA_RACE, "alloc_number", NULL, "alloc_number/read_id",
	      setup_tables, after, T(alloc_number), T(read_id)),
	WRONG(DATA_RACE, "alloc_next_index", NULL, "alloc_next_index/set_id",
	      setup_tables, after, T(alloc_next_index), T(set_id)),
	WRONG(DATA_RACE, "find_index", NULL, "find_index/set_index",
	      setup_tables, after, T(find_index), T(set_index)),
	WRONG(DATA_RACE, "find_index", NULL, "find_index/read_index",
	      setup_tables, after, T(find_index), T(read_index)),
	WRONG(DATA_RACE, "find_index_after", NULL, "find_index_after/set_index",
	      setup_tables, after, T(find_index_after), T(set_index)),
	WRONG(DATA_RACE, "find_index_after", NULL,
	      "find_index_after/read_index", setup_tables, after,
	      T(find_index_after), T(read_index)),
	WRONG(DATA_RACE, "next_number", NULL, "next_number/set_index",
	      setup_tables, after, T(next_number), T(set_index)),
	WRONG(DATA_RACE, "next_number", NULL, "next_number/read_index",
	      setup_tables, after, T(next_number), T(read_index)),
	RIGHT(0, "publish_in_xarray/look_up_in_xarray", setup_node, after,
	      T(publish_in_xarray), T(look_up_in_xarray)),
	RIGHT(0, "publish_in_idr/look_up_in_idr", setup_node, after,
	      T(publish_in_idr), T(look_up_in_idr)),
	RIGHT(0, "str readers", setup, after, T(slen), T(scmp)),
	WRONG(DATA_RACE, NULL, NULL, "copy_from_user", setup, after, T(cfu),
	      T(set_str)),
	WRONG(DATA_RACE, NULL, NULL, "copy_to_user", setup, after, T(ctu),
	      T(set_str)),
	RIGHT(0, "copies of a string", setup, after, T(ctu), T(slen)),
	WRONG(DATA_RACE, NULL, NULL, "global", setup, after, T(g_inc),
	      T(g_read)),
	RIGHT(0, "global readers", setup, after, T(g_read), T(g_read)),
	WRONG(DATA_RACE, NULL, NULL, "stack", setup, after, T(owner),
	      T(borrower)),
	WRONG(DATA_RACE, NULL, NULL, "stack relaxed flag", setup, after,
	      T(owner_ok), T(borrower_rel)),
	RIGHT(0, "stack rel acq", setup, after, T(owner_acq), T(borrower_rel)),
	WRONG(DATA_RACE, NULL, NULL, "malloc rw", m_setup, m_after, T(m_w),
	      T(m_r)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "malloc free", m_setup, m_after,
	      T(m_r), T(m_free)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "realloc old", m_setup, m_after,
	      T(m_realloc), T(m_old)),
	RIGHT(0, "realloc locked", m_setup, m_after, T(m_realloc), T(m_in_l)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "krealloc old", k_setup, k_after,
	      T(k_realloc), T(m_old)),
	RIGHT(0, "krealloc locked", k_setup, k_after, T(k_realloc), T(m_in_l)),
	WRONG(DATA_RACE, NULL, NULL, "list", setup_node, after, T(l_add),
	      T(l_walk)),
	RIGHT(0, "list locked", setup_node, after, T(l_add_l), T(l_walk_l)),
	WRONG(DATA_RACE, NULL, NULL, "list half", setup_node, after, T(l_add_l),
	      T(l_walk)),
	RIGHT(0, "list_empty against list_add", setup_node, after, T(l_empty),
	      T(l_add_l)),
	RIGHT(0, "list_empty against list_del", setup_node, after, T(l_empty),
	      T(l_del_l)),
	RIGHT(0, "list_empty against list_del_init", setup_listed, after,
	      T(l_look), T(l_del_l)),
	RIGHT(0, "list_empty_careful", setup_listed, after, T(l_look_careful),
	      T(l_del_careful_l)),
	RIGHT(0, "list_empty_careful against list_add", setup_node, after,
	      T(l_empty_careful), T(l_add_l)),
	WRONG(DATA_RACE, NULL, NULL, "list_empty_careful, too early",
	      setup_listed, after, T(l_look_careful), T(l_del_and_set_l)),
	WRONG(DATA_RACE, "t_first", "t_erase_root", "rb_first", t_setup, after,
	      T(t_first), T(t_erase_root)),
	WRONG(DATA_RACE, "t_last", "t_erase_root", "rb_last", t_setup, after,
	      T(t_last), T(t_erase_root)),
	WRONG(DATA_RACE, "t_next", "t_erase_root", "rb_next", t_setup, after,
	      T(t_next), T(t_erase_root)),
	WRONG(DATA_RACE, "t_prev", "t_erase_root", "rb_prev", t_setup, after,
	      T(t_prev), T(t_erase_root)),
	WRONG(DATA_RACE, "t_postorder", "t_erase_last", "postorder", t_setup,
	      after, T(t_postorder), T(t_erase_last)),
	WRONG(DATA_RACE, "t_erase_first", "t_erase_last", "rb_erase", t_setup,
	      after, T(t_erase_first), T(t_erase_last)),
	WRONG(DATA_RACE, "t_replace", "t_first", "rb_replace_node", t_setup,
	      after, T(t_replace), T(t_first)),
	WRONG(DATA_RACE, "t_link_l", "t_prev", "rb_insert_color", t_setup,
	      after, T(t_link_l), T(t_prev_l)),
	WRONG(USE_AFTER_FREE, "t_single_next", "t_free", "rb_next, freed",
	      t_setup_heap, after, T(t_single_next), T(t_free)),
	WRONG(USE_AFTER_FREE, "t_first", "t_free", "rb_first, freed",
	      t_setup_heap, after, T(t_first_l), T(t_free)),
	RIGHT(0, "rb_first, not freed", t_setup_heap, after, T(t_first_l),
	      T(t_free_l)),
	RIGHT(0, "rb readers", t_setup, after, T(t_first), T(t_next),
	      T(t_postorder)),
	RIGHT(0, "rb locked", t_setup, after, T(t_first_l), T(t_change_l)),
	RIGHT(3, "RB_EMPTY_ROOT against rb_erase", t_setup, after, T(t_empty),
	      T(t_erase_all_l)),
	RIGHT(2, "RB_EMPTY_ROOT against rb_add", t_setup_empty, after,
	      T(t_empty), T(t_add_l)),
	WRONG(DATA_RACE, "t_range_first", "t_range_remove", "interval iter",
	      t_setup, after, T(t_range_first), T(t_range_remove)),
	WRONG(DATA_RACE, "t_range_next", "t_range_remove", "interval next",
	      t_setup, after, T(t_range_next), T(t_range_remove)),
	WRONG(DATA_RACE, "t_range_remove", "t_range_insert", "interval insert",
	      t_setup, after, T(t_range_remove_first), T(t_range_insert)),
	RIGHT(0, "interval readers", t_setup, after, T(t_range_first),
	      T(t_range_next)),
	RIGHT(0, "interval locked", t_setup, after, T(t_ranges_l),
	      T(t_range_change_l)),
	WRONG(DATA_RACE, NULL, NULL, "dcl", setup, after, T(dcl), T(dcl)),
	RIGHT(0, "dcl ok", setup, after, T(dcl_ok), T(dcl_ok)),
	WRONG(DATA_RACE, NULL, NULL, "dcl once", setup, after, T(dcl_once),
	      T(dcl_once)),
	RIGHT(0, "once", setup, after, T(ro), T(wo)),
	WRONG(DATA_RACE, NULL, NULL, "once/plain", setup, after, T(ro), T(pw)),
	WRONG(DATA_RACE, NULL, NULL, "plain/once", setup, after, T(pr), T(wo)),
	RIGHT(0, "reads", setup, after, T(pr), T(ro)),
	RIGHT(0, "data_race", setup, after, T(dr), T(wo)),
	RIGHT(0, "data_race2", setup, after, T(dr), T(pw)),
	RIGHT(0, "aew", setup, after, T(aew), T(ro)),
	WRONG(DATA_RACE, NULL, NULL, "aew2", setup, after, T(aew), T(wo)),
	WRONG(DATA_RACE, NULL, NULL, "aea", setup, after, T(aea), T(ro)),
	RIGHT(0, "rcu pub", setup, r_after, T(r_pub), T(r_read)),
	WRONG(DATA_RACE, "r_pub_x", "r_read_x", "rcu, other memory", setup,
	      r_after, T(r_pub_x), T(r_read_x)),
	RIGHT(0, "rcu static", setup, after, T(r_pub_static), T(r_read)),
	RIGHT(0, "llist static", ll_setup, after, T(ll_add), T(ll_take)),
	WRONG(DATA_RACE, NULL, NULL, "rcu plain", setup, r_after, T(r_plain),
	      T(r_read)),
	WRONG(DATA_RACE, NULL, NULL, "rcu once", setup, r_after, T(r_once),
	      T(r_read)),
	WRONG(DATA_RACE, NULL, NULL, "rcu init late", setup, r_after, T(r_init),
	      T(r_read)),
	RIGHT(0, "rcu del", r_setup, r_after, T(r_del_ok), T(r_read)),
	RIGHT(0, "kfree_rcu", r_setup, r_after, T(r_del_kfree_rcu), T(r_read)),
	WRONG(DATA_RACE, NULL, NULL, "rcu write early", r_setup, r_after,
	      T(r_del_bad), T(r_read)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "rcu free", r_setup, r_after,
	      T(r_del_free), T(r_read)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "rcu leak", r_setup, r_after,
	      T(r_del_ok), T(r_leak_out)),
	RIGHT(0, "call_rcu", setup, after, T(r_call), T(r_see_called)),
	WRONG(DATA_RACE, NULL, NULL, "call_rcu early", setup, after,
	      T(r_call_early), T(r_see_called)),
	RIGHT(0, "seq", setup, after, T(sq_w), T(sq_r)),
	WRONG(ASSERTION, "a == b", "READ_ONCE (in a section)", "seq, no retry",
	      setup, after, T(sq_w), T(sq_r_once)),
	WRONG(ASSERTION, "b <= a", NULL, "seq, used before the retry", setup,
	      after, T(sq_w), T(sq_r_early)),
	WRONG(DATA_RACE, NULL, NULL, "seq out", setup, after, T(sq_w),
	      T(sq_r_out)),
	WRONG(DATA_RACE, NULL, NULL, "seq w out", setup, after, T(sq_w_out),
	      T(sq_r)),
	RIGHT(0, "seq two", setup, after, T(sq_w), { "another", sq_w },
	      T(sq_r)),
	WRONG(DATA_RACE, "a plain read", "a plain write", "seq no lock", setup,
	      after, T(sq_w_alone), { "another", sq_w_alone }),
	RIGHT(0, "seq marked", setup, after, T(sq_w_once), T(sq_w_alone)),
	RIGHT(0, "compl", setup, after, T(c_c), T(c_w)),
	WRONG(DATA_RACE, NULL, NULL, "compl bad", setup, after, T(c_c_bad),
	      T(c_w)),
	RIGHT(0, "try", setup, after, T(c_c), T(c_try)),
	RIGHT(0, "done", setup, after, T(c_c), T(c_done)),
	WRONG(DATA_RACE, NULL, NULL, "wake relaxed", setup, after, T(w_wake),
	      T(w_wait)),
	RIGHT(0, "wake rel", setup, after, T(w_wake_rel), T(w_wait_acq)),
	WRONG(DATA_RACE, NULL, NULL, "wake plain", setup, after,
	      T(w_wake_plain), T(w_wait_plain)),
	RIGHT(0, "wake lk", setup, after, T(w_wake_lk), T(w_wait_lk)),
	RIGHT(0, "kthread", setup, after, T(kt), T(nothing)),
	WRONG(DATA_RACE, NULL, NULL, "kthread bad", setup, after, T(kt_bad),
	      T(nothing)),
	RIGHT(0, "timer", setup, after, T(tm_ok), T(nothing)),
	WRONG(DATA_RACE, NULL, NULL, "timer bad", setup, after, T(tm_bad),
	      T(nothing)),
	WRONG(DATA_RACE, NULL, NULL, "timer late", setup, after, T(tm_late),
	      T(nothing)),
	WRONG(DATA_RACE, NULL, NULL, "kref plain null", setup_node, after,
	      T(kp_null), T(kp_w)),
	RIGHT(0, "kref", setup_node, nothing, T(kp_w), T(kp_w)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "kref late", setup_node, nothing,
	      T(kp_late), T(kp_late)),
	WRONG(DATA_RACE, NULL, NULL, "kref unlocked", setup_node, nothing,
	      T(kp_wp), T(kp_wp)),
	WRONG(DATA_RACE, NULL, NULL, "flag plain", setup, after, T(f_pub),
	      T(f_use)),
	WRONG(DATA_RACE, NULL, NULL, "flag once", setup, after, T(f_once),
	      T(f_use_once)),
	WRONG(DATA_RACE, NULL, NULL, "bit", setup, after, T(f_bit),
	      T(f_bit_use)),
	RIGHT(0, "bit rel", setup, after, T(f_bit_rel), T(f_bit_acq)),
	RIGHT(0, "bit full", setup, after, T(f_full_rel), T(f_full_acq)),
	RIGHT(0, "bit lock", setup, after, T(f_tas), T(f_tas)),
	WRONG(DATA_RACE, NULL, NULL, "bit lock bad", setup, after, T(f_tas_bad),
	      T(f_tas_bad)),
	WRONG(DATA_RACE, NULL, NULL, "__set_bit", setup, after, T(pbit0),
	      T(pbit1)),
	WRONG(DATA_RACE, NULL, NULL, "__set_bit set_bit", setup, after,
	      T(pbit0), T(abit1)),
	RIGHT(0, "percpu", setup, after, T(pc0), T(pc1)),
	WRONG(DATA_RACE, NULL, NULL, "percpu sum", setup, after, T(pc0),
	      T(pcsum)),
	RIGHT(0, "xa", setup_node, after, T(x_store), T(x_load)),
	WRONG(DATA_RACE, NULL, NULL, "xa bad", setup_node, after,
	      T(x_store_bad), T(x_load)),
	WRONG(DATA_RACE, NULL, NULL, "array", setup, after, T(arr), T(arr2)),
	RIGHT(0, "compiler atomics", setup, after, T(ca_rel), T(ca_acq)),
	WRONG(DATA_RACE, NULL, NULL, "two locks", setup, after, T(spin_a),
	      T(mut_a)),
	WRONG(OUT_OF_BOUNDS, NULL, NULL, "oob", setup, after, T(oob),
	      T(nothing)),
	WRONG(OUT_OF_BOUNDS, NULL, NULL, "oob str", setup, after, T(oobstr),
	      T(nothing)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "uaf", setup, after, T(uaf),
	      T(nothing)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "uaf str", setup, after, T(uafstr),
	      T(nothing)),
	RIGHT(0, "xchg own", setup_node, nothing, T(own), T(own)),
	RIGHT(0, "llist", setup, after, T(llist_like), T(llist_take)),
};

/* The handler interrupts the worker on its processor. */

static const struct verdict interrupts[] = {
	{ .failure = IOMMUFD_MODEL_FAIL_DATA_RACE,
	  .told = { "irq_worker", "irq_handler" },
	  .test = { .name = "interrupts on",
		    .setup = setup,
		    .after = after,
		    .threads = { T(irq_worker), T(irq_handler) },
		    .interrupts = { [1] = IOMMUFD_MODEL_INTERRUPTS(0) } } },
	{ .test = { .name = "interrupts off",
		    .setup = setup,
		    .after = after,
		    .threads = { T(irq_off), T(irq_locked) },
		    .interrupts = { [1] = IOMMUFD_MODEL_INTERRUPTS(0) } } },
	{ .test = { .name = "before and after a step",
		    .setup = setup,
		    .after = after,
		    .threads = { T(irq_publish), T(irq_sees) },
		    .interrupts = { [1] = IOMMUFD_MODEL_INTERRUPTS(0) } } },
};

START_TEST(each_program_ends_as_it_should)
{
	check_verdict(&rows[_i]);
}
END_TEST

START_TEST(a_handler_may_begin_between_two_accesses)
{
	check_verdict(&interrupts[_i]);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch_kinds");
	TCase *tc = tcase_create("watch_kinds");

	tcase_add_loop_test(tc, each_program_ends_as_it_should, 0,
			    ARRAY_SIZE(rows));
	tcase_add_loop_test(tc, a_handler_may_begin_between_two_accesses, 0,
			    ARRAY_SIZE(interrupts));
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
