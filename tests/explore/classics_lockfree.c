// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The classic data structures that have no lock, or a lock in each node, in
 * their right form and in wrong forms that textbooks warn of.  A stack with the
 * ABA problem is in atomics.c.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

struct node {
	struct node *next;
	int value, marked, taken;
	struct mutex lock;
};

/* Treiber's stack, whose nodes are freed. */

static struct node *top, *hazards[2];

static void setup_stack(void *data)
{
	struct node *node;
	int i;

	(void)data;
	top = NULL;
	for (i = 0; i < 2; i++) {
		node = kzalloc(sizeof(*node), GFP_KERNEL);
		node->next = top;
		top = node;
		hazards[i] = NULL;
	}
}

static void free_stack(void *data)
{
	struct node *node;

	(void)data;
	while ((node = top)) {
		top = node->next;
		kfree(node);
	}
}

/*
 * Returns the top node.  It is not freed as long as hazards[me] points to it.
 */
static struct node *protect_top(int me, bool looks_again)
{
	struct node *first;

	do {
		first = READ_ONCE(top);
		WRITE_ONCE(hazards[me], first);
	} while (looks_again && READ_ONCE(top) != first);
	return first;
}

static struct node *pop_protected(int me, bool looks_again)
{
	struct node *first;

	do {
		first = protect_top(me, looks_again);
	} while (first &&
		 cmpxchg(&top, first, READ_ONCE(first->next)) != first);
	WRITE_ONCE(hazards[me], NULL);
	return first;
}

/* Frees a node that is off the stack, once the other thread does not use it. */
static void retire(int me, struct node *node)
{
	while (node && READ_ONCE(hazards[!me]) == node)
		cpu_relax();
	kfree(node);
}

static void pops_with_hazard(int me)
{
	retire(me, pop_protected(me, true));
}

static void pops_without_second_look(int me)
{
	retire(me, pop_protected(me, false));
}

static void pops_and_frees(int me)
{
	struct node *first;

	(void)me;
	do {
		first = READ_ONCE(top);
	} while (first &&
		 cmpxchg(&top, first, READ_ONCE(first->next)) != first);
	kfree(first);
}

static void pushes(void *data)
{
	struct node *node = kzalloc(sizeof(*node), GFP_KERNEL), *first;

	(void)data;
	do {
		first = READ_ONCE(top);
		WRITE_ONCE(node->next, first);
	} while (cmpxchg(&top, first, node) != first);
}

static void pushes_in_two_steps(void *data)
{
	struct node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	(void)data;
	node->next = READ_ONCE(top);
	WRITE_ONCE(top, node);
}

static void four_are_left(void *data)
{
	struct node *node;
	int n = 0;

	for (node = top; node; node = node->next)
		n++;
	iommufd_model_assert(n == 4);
	free_stack(data);
}

THREADS_2(pops_with_hazard)
THREADS_2(pops_without_second_look)
THREADS_2(pops_and_frees)

/* The queue of Michael and Scott, which always contains a dummy node. */

static struct node nodes[4], *head, *tail;

static void setup_queue(void *data)
{
	(void)data;
	memset(nodes, 0, sizeof(nodes));
	head = tail = &nodes[3];
}

static void enqueue(struct node *node)
{
	struct node *last, *next;

	for (;;) {
		last = READ_ONCE(tail);
		next = cmpxchg(&last->next, NULL, node);
		/*
		 * The tail may lag behind: any thread that sees this moves it
		 * on.
		 */
		cmpxchg(&tail, last, next ? next : node);
		if (!next)
			return;
	}
}

/* Writes the link in two steps, so that a concurrent enqueue can be lost. */
static void enqueue_by_write(struct node *node)
{
	struct node *last, *next;

	for (;;) {
		last = READ_ONCE(tail);
		next = READ_ONCE(last->next);
		if (!next)
			WRITE_ONCE(last->next, node);
		cmpxchg(&tail, last, next ? next : node);
		if (!next)
			return;
	}
}

static struct node *dequeue(void)
{
	struct node *first, *last, *next;

	for (;;) {
		first = READ_ONCE(head);
		last = READ_ONCE(tail);
		next = READ_ONCE(first->next);
		if (!next)
			return NULL;
		if (first == last)
			cmpxchg(&tail, last, next);
		else if (cmpxchg(&head, first, next) == first)
			return next;
	}
}

/* Moves the head without checking whether another thread has moved it. */
static struct node *dequeue_by_write(void)
{
	struct node *next = READ_ONCE(READ_ONCE(head)->next);

	if (next)
		WRITE_ONCE(head, next);
	return next;
}

static void take(struct node *node)
{
	if (!node)
		return;
	iommufd_model_assert(!READ_ONCE(node->taken));
	WRITE_ONCE(node->taken, 1);
}

static void enqueues(int me)
{
	enqueue(&nodes[me]);
}

static void enqueues_by_write(int me)
{
	enqueue_by_write(&nodes[me]);
}

static void dequeues(void *data)
{
	(void)data;
	take(dequeue());
}

static void enqueues_and_dequeues(int me)
{
	enqueue(&nodes[me]);
	take(dequeue());
}

static void setup_filled_queue(void *data)
{
	setup_queue(data);
	enqueue(&nodes[0]);
	enqueue(&nodes[1]);
}

static void dequeues_by_write(void *data)
{
	(void)data;
	take(dequeue_by_write());
}

/*
 * Checks that each of the two elements was taken, or is still there, exactly
 * once.
 */
static void queue_has_two(void *data)
{
	struct node *node;

	(void)data;
	while ((node = dequeue()))
		take(node);
	iommufd_model_assert(nodes[0].taken && nodes[1].taken);
}

THREADS_2(enqueues)
THREADS_2(enqueues_by_write)
THREADS_2(enqueues_and_dequeues)

/* A lazy list with the elements 0, 1, 3 and 9. */

static struct node elements[4], added;

static void setup_list(void *data)
{
	static const int values[] = { 0, 1, 3, 9 };
	int i;

	(void)data;
	memset(elements, 0, sizeof(elements));
	memset(&added, 0, sizeof(added));
	for (i = 0; i < 4; i++) {
		elements[i].value = values[i];
		elements[i].next = i < 3 ? &elements[i + 1] : NULL;
		mutex_init(&elements[i].lock);
	}
	added.value = 2;
	mutex_init(&added.lock);
}

static struct node *find_before(int value)
{
	struct node *prev = &elements[0], *node = READ_ONCE(prev->next);

	while (node->value < value) {
		prev = node;
		node = READ_ONCE(node->next);
	}
	return prev;
}

static void lock_both(struct node *prev, struct node *node)
{
	mutex_lock(&prev->lock);
	mutex_lock_nested(&node->lock, SINGLE_DEPTH_NESTING);
}

static void unlock_both(struct node *prev, struct node *node)
{
	mutex_unlock(&node->lock);
	mutex_unlock(&prev->lock);
}

static bool still_neighbours(struct node *prev, struct node *node)
{
	return !READ_ONCE(prev->marked) && !READ_ONCE(node->marked) &&
	       READ_ONCE(prev->next) == node;
}

static void insert(struct node *new, bool validates)
{
	struct node *prev, *node;
	bool good;

	do {
		prev = find_before(new->value);
		node = READ_ONCE(prev->next);
		lock_both(prev, node);
		good = !validates || still_neighbours(prev, node);
		if (good) {
			WRITE_ONCE(new->next, node);
			WRITE_ONCE(prev->next, new);
		}
		unlock_both(prev, node);
	} while (!good);
}

static void delete(int value, bool validates)
{
	struct node *prev, *node;
	bool good;

	do {
		prev = find_before(value);
		node = READ_ONCE(prev->next);
		lock_both(prev, node);
		good = !validates || still_neighbours(prev, node);
		if (good) {
			WRITE_ONCE(node->marked, 1);
			WRITE_ONCE(prev->next, READ_ONCE(node->next));
		}
		unlock_both(prev, node);
	} while (!good);
}

static void inserts(void *data)
{
	(void)data;
	insert(&added, true);
}

static void deletes_1(void *data)
{
	(void)data;
	delete(1, true);
}

static void deletes_3(void *data)
{
	(void)data;
	delete(3, true);
}

static void inserts_without_look(void *data)
{
	(void)data;
	insert(&added, false);
}

static void deletes_1_without_look(void *data)
{
	(void)data;
	delete(1, false);
}

static void deletes_3_without_look(void *data)
{
	(void)data;
	delete(3, false);
}

static void list_is(const int *values)
{
	struct node *node;

	for (node = &elements[0]; node; node = node->next)
		iommufd_model_assert(node->value == *values++);
}

static void has_0_2_3_9(void *data)
{
	(void)data;
	list_is((const int[]){ 0, 2, 3, 9 });
}

static void has_0_9(void *data)
{
	(void)data;
	list_is((const int[]){ 0, 9 });
}

/*
 * A deque from which thieves steal at the top; the owner works at the bottom.
 */

static int deque[2], deque_top, deque_bottom, jobs_done[2];

static void setup_deque(void *data)
{
	(void)data;
	deque[0] = 0;
	deque[1] = 1;
	deque_top = 0;
	deque_bottom = 2;
	jobs_done[0] = jobs_done[1] = 0;
}

static void do_job(int job)
{
	iommufd_model_assert(!READ_ONCE(jobs_done[job]));
	WRITE_ONCE(jobs_done[job], 1);
}

static void pop_bottom(bool contends)
{
	int bottom = READ_ONCE(deque_bottom) - 1, first;

	WRITE_ONCE(deque_bottom, bottom);
	first = READ_ONCE(deque_top);
	if (first < bottom) {
		do_job(READ_ONCE(deque[bottom]));
		return;
	}
	/* This is the last element, which a thief may have taken already. */
	if (first == bottom &&
	    (!contends || cmpxchg(&deque_top, first, first + 1) == first))
		do_job(READ_ONCE(deque[bottom]));
	WRITE_ONCE(deque_bottom, bottom + 1);
}

static void owner(void *data)
{
	(void)data;
	pop_bottom(true);
	pop_bottom(true);
}

static void owner_takes_the_last(void *data)
{
	(void)data;
	pop_bottom(false);
	pop_bottom(false);
}

static void thief(void *data)
{
	int first = READ_ONCE(deque_top), job;

	(void)data;
	if (first >= READ_ONCE(deque_bottom))
		return;
	job = READ_ONCE(deque[first]);
	if (cmpxchg(&deque_top, first, first + 1) == first)
		do_job(job);
}

static void thief_without_cmpxchg(void *data)
{
	int first = READ_ONCE(deque_top);

	(void)data;
	if (first >= READ_ONCE(deque_bottom))
		return;
	WRITE_ONCE(deque_top, first + 1);
	do_job(READ_ONCE(deque[first]));
}

static void all_jobs_done(void *data)
{
	(void)data;
	iommufd_model_assert(jobs_done[0] && jobs_done[1]);
}

/* A ring buffer with one producer and one consumer. */

static int ring[2], produced, consumed;

static void setup_ring(void *data)
{
	(void)data;
	ring[0] = ring[1] = produced = consumed = 0;
}

static void fills(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		while (i - smp_load_acquire(&consumed) == 2)
			cpu_relax();
		WRITE_ONCE(ring[i % 2], i + 1);
		smp_store_release(&produced, i + 1);
	}
}

static void fills_index_first(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		while (i - smp_load_acquire(&consumed) == 2)
			cpu_relax();
		smp_store_release(&produced, i + 1);
		WRITE_ONCE(ring[i % 2], i + 1);
	}
}

static void fills_when_full(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		WRITE_ONCE(ring[i % 2], i + 1);
		smp_store_release(&produced, i + 1);
	}
}

static void empties(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		while (smp_load_acquire(&produced) == i)
			cpu_relax();
		iommufd_model_assert(READ_ONCE(ring[i % 2]) == i + 1);
		smp_store_release(&consumed, i + 1);
	}
}

/*
 * A queue with many producers: a push moves the tail first and then writes the
 * link.
 */

static void mpsc_push(struct node *node)
{
	WRITE_ONCE(xchg(&tail, node)->next, node);
}

static struct node *mpsc_pop(bool waits)
{
	struct node *next = READ_ONCE(head->next);

	if (!next && READ_ONCE(tail) == head)
		return NULL;
	/* A producer has moved the tail but has not written the link yet. */
	while (waits && !next)
		next = READ_ONCE(head->next);
	if (next)
		head = next;
	return next;
}

static void pushes_and_tells(int me)
{
	mpsc_push(&nodes[me]);
	WRITE_ONCE(nodes[me].marked, 1);
}

/* After a push has returned, the queue must not appear to be empty. */
static void pop_if_pushed(bool waits)
{
	int pushed = READ_ONCE(nodes[0].marked);
	struct node *node = mpsc_pop(waits);

	iommufd_model_assert(node || !pushed);
	take(node);
}

static void pops_and_waits(void *data)
{
	(void)data;
	pop_if_pushed(true);
}

static void pops_or_gives_up(void *data)
{
	(void)data;
	pop_if_pushed(false);
}

static void mpsc_has_two(void *data)
{
	struct node *node;

	(void)data;
	while ((node = mpsc_pop(true)))
		take(node);
	iommufd_model_assert(nodes[0].taken && nodes[1].taken);
}

THREADS_2(pushes_and_tells)

/*
 * Agreement: each thread proposes a value, and both must decide for the same
 * one.
 */

static int agreed, decided[2];

static void setup_agreement(void *data)
{
	(void)data;
	agreed = decided[0] = decided[1] = 0;
}

static void decides(int me)
{
	int first = cmpxchg(&agreed, 0, me + 1);

	decided[me] = first ? first : me + 1;
}

static void decides_by_read_and_write(int me)
{
	if (!READ_ONCE(agreed))
		WRITE_ONCE(agreed, me + 1);
	decided[me] = READ_ONCE(agreed);
}

static void same_decision(void *data)
{
	(void)data;
	iommufd_model_assert(decided[0] && decided[0] == decided[1]);
}

THREADS_2(decides)
THREADS_2(decides_by_read_and_write)

/*
 * A snapshot of two counters; the first one must never be less than the second.
 */

static int ahead, behind;

static void setup_counters(void *data)
{
	(void)data;
	ahead = behind = 0;
}

static void counts_twice(void *data)
{
	int i;

	(void)data;
	for (i = 1; i <= 2; i++) {
		WRITE_ONCE(ahead, i);
		WRITE_ONCE(behind, i);
	}
}

static void collects_twice(void *data)
{
	int x, y, x_again, y_again;

	(void)data;
	x = READ_ONCE(ahead);
	y = READ_ONCE(behind);
	for (;;) {
		x_again = READ_ONCE(ahead);
		y_again = READ_ONCE(behind);
		if (x == x_again && y == y_again)
			break;
		x = x_again;
		y = y_again;
	}
	iommufd_model_assert(x == y || x == y + 1);
}

static void collects_once(void *data)
{
	int x, y;

	(void)data;
	x = READ_ONCE(ahead);
	y = READ_ONCE(behind);
	iommufd_model_assert(x == y || x == y + 1);
}

static const struct verdict programs[] = {
	RIGHT(0, "stack with hazard pointers", setup_stack, free_stack,
	      T2(pops_with_hazard)),
	RIGHT(0, "stack with hazard pointers, and a push", setup_stack,
	      free_stack, T2(pops_with_hazard), T(pushes)),
	WRONG(USE_AFTER_FREE, "READ_ONCE", "pops_and_frees",
	      "stack that frees at once", setup_stack, free_stack,
	      T2(pops_and_frees)),
	WRONG(USE_AFTER_FREE, "hazards", "pops_without_second_look",
	      "hazard pointer without a second look", setup_stack, free_stack,
	      T2(pops_without_second_look)),
	RIGHT(0, "pushes", setup_stack, four_are_left, T(pushes), T(pushes)),
	WRONG(ASSERTION, "n == 4", "pushes_in_two_steps",
	      "a push in two steps", setup_stack, four_are_left, T(pushes),
	      T(pushes_in_two_steps)),
	RIGHT(0, "queue of Michael and Scott", setup_queue, queue_has_two,
	      T2(enqueues), T(dequeues)),
	RIGHT(0, "the same, both at both ends", setup_queue, queue_has_two,
	      T2(enqueues_and_dequeues)),
	WRONG(ASSERTION, "queue_has_two", "enqueue_by_write",
	      "enqueue in two steps", setup_queue, queue_has_two,
	      T2(enqueues_by_write)),
	WRONG(ASSERTION, "node->taken", "dequeue_by_write",
	      "dequeue in two steps", setup_filled_queue, queue_has_two,
	      T(dequeues_by_write), T(dequeues_by_write)),
	RIGHT(0, "queue of many producers", setup_queue, mpsc_has_two,
	      T2(pushes_and_tells), T(pops_and_waits)),
	WRONG(ASSERTION, "node || !pushed", "mpsc_push",
	      "queue of many producers, taken to be empty", setup_queue,
	      mpsc_has_two, T2(pushes_and_tells), T(pops_or_gives_up)),
	RIGHT(0, "agreement by cmpxchg", setup_agreement, same_decision,
	      T2(decides)),
	WRONG(ASSERTION, "same_decision", "decides_by_read_and_write",
	      "agreement by read and write", setup_agreement, same_decision,
	      T2(decides_by_read_and_write)),
	RIGHT(0, "snapshot of two counters", setup_counters, NULL,
	      T(counts_twice), T(collects_twice)),
	WRONG(ASSERTION, "collects_once", "WRITE_ONCE behind",
	      "snapshot, collected once", setup_counters, NULL,
	      T(counts_twice), T(collects_once)),
	RIGHT(0, "lazy list", setup_list, has_0_2_3_9, T(inserts),
	      T(deletes_1)),
	RIGHT(0, "lazy list, two deletions", setup_list, has_0_9, T(deletes_1),
	      T(deletes_3)),
	WRONG(ASSERTION, "list_is", "inserts_without_look",
	      "lazy list, an insertion that is lost", setup_list, has_0_2_3_9,
	      T(inserts_without_look), T(deletes_1)),
	WRONG(ASSERTION, "list_is", "deletes_3_without_look",
	      "lazy list, a deletion that is lost", setup_list, has_0_9,
	      T(deletes_1_without_look), T(deletes_3_without_look)),
	RIGHT(0, "deque and thieves", setup_deque, all_jobs_done, T(owner),
	      T(thief), T(thief)),
	WRONG(ASSERTION, "jobs_done", "owner_takes_the_last",
	      "deque, the last one without a contest", setup_deque,
	      all_jobs_done, T(owner_takes_the_last), T(thief)),
	WRONG(ASSERTION, "jobs_done", "thief_without_cmpxchg",
	      "deque, two thieves", setup_deque, all_jobs_done, T(owner),
	      T(thief_without_cmpxchg), T(thief_without_cmpxchg)),
	RIGHT(0, "ring of one producer and one consumer", setup_ring, NULL,
	      T(fills), T(empties)),
	WRONG(ASSERTION, "ring[i % 2]", "fills_index_first",
	      "ring, the index first", setup_ring, NULL, T(fills_index_first),
	      T(empties)),
	WRONG(ASSERTION, "ring[i % 2]", "fills_when_full",
	      "ring that overflows", setup_ring, NULL, T(fills_when_full),
	      T(empties)),
};

START_TEST(structures_without_a_lock)
{
	check_verdict(&programs[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("classics_lockfree");
	TCase *tc = tcase_create("classics_lockfree");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, structures_without_a_lock, 0,
			    ARRAY_SIZE(programs));
	return run_suite(suite);
}
