// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of atomic variables, atomic bit operations and exchanges, and of the
 * classic programs that use them: a ticket lock, spinlocks that consist of one
 * word, a lock-free stack.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

struct node {
	struct node *next;
	int value;
};

struct item {
	atomic_t users;
	int dead;
	struct item *self;
};

static atomic_t count, other;
static refcount_t closed;
static atomic64_t wide;
static atomic_long_t length;
static unsigned long flags;
static struct item *item;
static int plain, in_section, lock, data_word;
static bool byte_lock;
static u16 half;
static struct node nodes[2], *top;
static u64 tagged_top;
static volatile int seen;
static bool item_gone;

static void setup(void *data)
{
	(void)data;
	atomic_set(&count, 1);
	atomic_set(&other, 0);
	refcount_set(&closed, 1);
	atomic64_set(&wide, 1ll << 40);
	atomic_long_set(&length, 0);
	flags = 0;
	plain = in_section = lock = data_word = 0;
	byte_lock = false;
	half = 0;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	atomic_set(&item->users, 2);
	item->self = item;
	item_gone = false;
}

static void after(void *data)
{
	(void)data;
	kfree(item);
}

static void freed(void *data)
{
	(void)data;
}

/* The functions below do operations of which some commute. */

static void inc(void *data)
{
	(void)data;
	atomic_inc(&count);
}

static void add_5(void *data)
{
	(void)data;
	atomic_add(5, &count);
}

static void look(void *data)
{
	(void)data;
	seen = atomic_read(&count);
}

static void inc_return(void *data)
{
	(void)data;
	seen = atomic_inc_return(&count);
}

static void get(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_inc_not_zero(&count));
}

static void try_to_get(void *data)
{
	(void)data;
	seen = atomic_inc_not_zero(&count);
}

static void dec(void *data)
{
	(void)data;
	atomic_dec(&count);
}

static void add_unless_1(void *data)
{
	(void)data;
	seen = atomic_add_unless(&count, 1, 1);
}

static void get_and_put(void *data)
{
	(void)data;
	atomic_inc(&count);
	iommufd_model_assert(!atomic_dec_and_test(&count));
}

static void fail_to_set(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_cmpxchg(&count, 7, 8) == 1);
}

static void set_itself(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_xchg(&count, 1) == 1);
}

static void add_wide(void *data)
{
	(void)data;
	atomic64_add(3, &wide);
}

static void add_wide_much(void *data)
{
	(void)data;
	atomic64_add(1ll << 35, &wide);
}

static void set_bit_1(void *data)
{
	(void)data;
	set_bit(1, &flags);
}

static void set_bit_40(void *data)
{
	(void)data;
	iommufd_model_assert(!test_and_set_bit(40, &flags));
}

static void test_bit_2(void *data)
{
	(void)data;
	iommufd_model_assert(!test_bit(2, &flags));
}

static void clear_bit_1(void *data)
{
	(void)data;
	clear_bit(1, &flags);
}

static void read_flags(void *data)
{
	(void)data;
	seen = READ_ONCE(flags) != 0;
}

static void inc_if_not_negative(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_inc_unless_negative(&count));
}

static void take_one(void *data)
{
	(void)data;
	atomic_dec_if_positive(&count);
}

static void setup_two(void *data)
{
	setup(data);
	atomic_set(&count, 2);
}

static void put(void *data)
{
	(void)data;
	seen = atomic_dec_and_test(&count);
}

#define COMMUTE(nr, name, ...) RIGHT(nr, name, setup, after, __VA_ARGS__)

static const struct verdict commuting[] = {
	COMMUTE(1, "two additions", T(inc), T(add_5)),
	COMMUTE(1, "three additions", T(inc), T(add_5), T(inc)),
	COMMUTE(2, "an addition and a read", T(inc), T(look)),
	COMMUTE(1, "two reads", T(look), T(look)),
	COMMUTE(2, "two results", T(inc_return), T(inc_return)),
	COMMUTE(1, "inc_not_zero of what stays", T(get), T(get), T(inc)),
	COMMUTE(1, "dec_and_test that cannot reach zero", T(get_and_put),
		T(get_and_put)),
	COMMUTE(2, "inc_not_zero, and a dec that comes to 0", T(try_to_get),
		T(dec)),
	COMMUTE(3, "add_unless, and a dec_and_test to that value",
		T(add_unless_1), T(get_and_put)),
	COMMUTE(1, "two cmpxchg that fail", T(fail_to_set), T(fail_to_set)),
	COMMUTE(1, "a failed cmpxchg and a read", T(fail_to_set), T(look)),
	COMMUTE(1, "an exchange that changes nothing", T(set_itself),
		T(set_itself)),
	COMMUTE(1, "64 bits", T(add_wide), T(add_wide)),
	COMMUTE(2, "64 bits, too large to be sure", T(add_wide),
		T(add_wide_much)),
	COMMUTE(1, "different bits", T(set_bit_1), T(set_bit_40),
		T(test_bit_2)),
	COMMUTE(2, "one bit", T(set_bit_1), T(clear_bit_1)),
	COMMUTE(4, "bits and the whole word", T(set_bit_1), T(set_bit_40),
		T(read_flags)),
	COMMUTE(1, "inc_unless_negative", T(inc_if_not_negative),
		T(inc_if_not_negative)),
	COMMUTE(2, "dec_if_positive", T(take_one), T(take_one)),
	/*
	 * The two that take have an order, as they come to 0 if both are before
	 * the addition: that is so in two executions, and not in the others.
	 */
	RIGHT(4, "an addition and two dec_and_test", setup_two, after, T(inc),
	      T(put), T(put)),
	RIGHT(4, "a dec, an addition and a dec_and_test", setup_two, after,
	      T(dec), T(inc), T(put)),
};

START_TEST(operations_commute_by_value)
{
	check_verdict(&commuting[_i]);
}
END_TEST

/* The tests below and their functions are about references. */

static void put_item(void *data)
{
	(void)data;
	if (atomic_dec_and_test(&item->users))
		kfree(item);
}

static void put_in_two_steps(void *data)
{
	(void)data;
	atomic_dec(&item->users);
	if (!atomic_read(&item->users))
		kfree(item);
}

static void put_and_look(void *data)
{
	(void)data;
	if (atomic_dec_and_test(&item->users))
		kfree(item);
	else
		seen = item->self->dead;
}

static void put_and_look_on_the_way(void *data)
{
	put_and_look(data);
	WRITE_ONCE(plain, 1);
}

static void put_by_sub(void *data)
{
	(void)data;
	if (!atomic_sub_return(1, &item->users))
		kfree(item);
}

static void setup_static(void *data)
{
	setup(data);
	atomic_set(&count, 1);
}

/*
 * The put that is last of @count puts frees the item; no get may come after it.
 */
static void last_put(void *data)
{
	(void)data;
	if (atomic_dec_and_test(&count))
		kfree(item);
}

static void try_get(void *data)
{
	(void)data;
	if (!atomic_inc_not_zero(&count))
		return;
	WRITE_ONCE(item->dead, 1);
	last_put(NULL);
}

static void get_if_read(void *data)
{
	(void)data;
	if (!atomic_read(&count))
		return;
	atomic_inc(&count);
	WRITE_ONCE(item->dead, 1);
	last_put(NULL);
}

/* The functions below implement locks that consist of one word. */

static void section(void)
{
	iommufd_model_assert(!in_section++);
	WRITE_ONCE(plain, READ_ONCE(plain) + 1);
	in_section--;
}

static void ticket_lock(void *data)
{
	int mine = atomic_fetch_inc(&other);

	(void)data;
	while (atomic_read(&count) != mine + 1)
		cpu_relax();
	section();
	atomic_inc(&count);
}

static void ticket_in_two_steps(void *data)
{
	int mine = atomic_read(&other);

	(void)data;
	atomic_set(&other, mine + 1);
	while (atomic_read(&count) != mine + 1)
		cpu_relax();
	section();
	atomic_inc(&count);
}

static void ticket_wait(void *data)
{
	int mine = atomic_fetch_inc(&other);

	(void)data;
	smp_cond_load_acquire(&count.counter, VAL == mine + 1);
	section();
	atomic_inc(&count);
}

#define WORD_LOCK(fn, take, give)					\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		while (take)						\
			cpu_relax();					\
		section();						\
		give;							\
	}

WORD_LOCK(by_cmpxchg, cmpxchg(&lock, 0, 1), smp_store_release(&lock, 0))
WORD_LOCK(by_xchg, xchg(&byte_lock, true), smp_store_release(&byte_lock, false))
WORD_LOCK(by_half, cmpxchg_acquire(&half, 0, 1), xchg_release(&half, 0))
WORD_LOCK(by_bit, test_and_set_bit_lock(3, &flags), clear_bit_unlock(3, &flags))
WORD_LOCK(by_atomic, atomic_cmpxchg(&other, 0, 1), atomic_set_release(&other, 0))
WORD_LOCK(by_test_and_set, test_bit(3, &flags) || (set_bit(3, &flags), false),
	  clear_bit_unlock(3, &flags))
WORD_LOCK(never_given, test_and_set_bit(3, &flags), set_bit(4, &flags))

static void by_try(void *data)
{
	int old = 0;

	(void)data;
	while (!try_cmpxchg(&lock, &old, 1)) {
		old = 0;
		cpu_relax();
	}
	section();
	smp_store_release(&lock, 0);
}

/* Adds to a sum by a compare-and-exchange in a loop. */
static void add_by_loop(void *data)
{
	long old = atomic_long_read(&length);

	(void)data;
	while (!atomic_long_try_cmpxchg(&length, &old, old + 10))
		;
}

static void after_loops(void *data)
{
	iommufd_model_assert(atomic_long_read(&length) == 20);
	after(data);
}

static void add_by_set(void *data)
{
	(void)data;
	atomic_long_set(&length, atomic_long_read(&length) + 10);
}

static void add_by_once(void *data)
{
	(void)data;
	WRITE_ONCE(plain, READ_ONCE(plain) + 10);
}

static void after_once(void *data)
{
	iommufd_model_assert(READ_ONCE(plain) == 20);
	after(data);
}

/* The functions below publish an object. */

static void publish(void *data)
{
	(void)data;
	WRITE_ONCE(data_word, 7);
	smp_store_release(&lock, 1);
}

static void publish_too_early(void *data)
{
	(void)data;
	smp_store_release(&lock, 1);
	WRITE_ONCE(data_word, 7);
}

static void consume(void *data)
{
	(void)data;
	if (smp_load_acquire(&lock))
		iommufd_model_assert(READ_ONCE(data_word) == 7);
}

static void wait_and_consume(void *data)
{
	(void)data;
	smp_cond_load_relaxed(&lock, VAL);
	iommufd_model_assert(READ_ONCE(data_word) == 7);
}

static void publish_and_use(void *data)
{
	(void)data;
	smp_store_release(&lock, 1);
	seen = item->self->dead;
}

static void free_if_published(void *data)
{
	(void)data;
	if (!smp_load_acquire(&lock))
		return;
	item_gone = true;
	kfree(item);
}

static void free_after(void *data)
{
	(void)data;
	if (!item_gone)
		kfree(item);
}

/*
 * A lock-free stack of nodes, linked by pointers.  Another thread pops node 0
 * and pushes it again while this thread is between its two steps; the stack
 * then loses the nodes that were pushed in between.
 */
static void setup_stack(void *data)
{
	setup(data);
	nodes[0].next = &nodes[1];
	nodes[1].next = NULL;
	nodes[0].value = nodes[1].value = 0;
	top = &nodes[0];
	tagged_top = 1;
}

static struct node *pop(void)
{
	struct node *first;

	do {
		first = READ_ONCE(top);
		if (!first)
			return NULL;
	} while (cmpxchg(&top, first, READ_ONCE(first->next)) != first);
	return first;
}

static void push(struct node *node)
{
	struct node *first;

	do {
		first = READ_ONCE(top);
		WRITE_ONCE(node->next, first);
	} while (cmpxchg(&top, first, node) != first);
}

static void own(struct node *node)
{
	if (node)
		iommufd_model_assert(!node->value++);
}

static void pop_one(void *data)
{
	(void)data;
	own(pop());
}

static void pop_two_push_one(void *data)
{
	struct node *a = pop(), *b = pop();

	(void)data;
	own(b);
	if (a)
		push(a);
}

/* The nodes that are left on the stack have no owner. */
static void after_stack(void *data)
{
	own(pop());
	own(pop());
	after(data);
}

/*
 * The same stack, but its head is a number that contains the index of the top
 * node plus 1 and a count that each operation changes.
 */
#define INDEX(word) ((unsigned int)(word))
#define WORD(index, old) ((((old) >> 32) + 1) << 32 | (index))

static unsigned int next_index(unsigned int index)
{
	struct node *next = READ_ONCE(nodes[index - 1].next);

	return next ? (unsigned int)(next - nodes) + 1 : 0;
}

static struct node *pop_tagged(void)
{
	u64 old = READ_ONCE(tagged_top);

	do {
		if (!INDEX(old))
			return NULL;
	} while (!try_cmpxchg64(&tagged_top, &old,
				WORD(next_index(INDEX(old)), old)));
	return &nodes[INDEX(old) - 1];
}

static void push_tagged(struct node *node)
{
	u64 old = READ_ONCE(tagged_top);

	do {
		WRITE_ONCE(node->next,
			   INDEX(old) ? &nodes[INDEX(old) - 1] : NULL);
	} while (!try_cmpxchg64(&tagged_top, &old,
				WORD((unsigned int)(node - nodes) + 1, old)));
}

static void pop_one_tagged(void *data)
{
	(void)data;
	own(pop_tagged());
}

static void pop_two_push_one_tagged(void *data)
{
	struct node *a = pop_tagged(), *b = pop_tagged();

	(void)data;
	own(b);
	if (a)
		push_tagged(a);
}

static void after_tagged(void *data)
{
	own(pop_tagged());
	own(pop_tagged());
	after(data);
}

/* The functions below take from a counter that no single one takes to 0. */

static void setup_three(void *data)
{
	setup(data);
	atomic_set(&count, 3);
}

static void take_after_opening(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&closed);
	atomic_dec(&count);
}

static void take_not_the_last(void *data)
{
	(void)data;
	iommufd_model_assert(!atomic_dec_and_test(&count));
}

static void take_and_open(void *data)
{
	(void)data;
	atomic_dec(&count);
	(void)refcount_dec_and_test(&closed);
}

/* The functions below let two threads operate on one item. */

static void claim(void *data)
{
	(void)data;
	if (!test_and_set_bit(0, &flags))
		WRITE_ONCE(plain, READ_ONCE(plain) + 1);
}

static void claim_badly(void *data)
{
	(void)data;
	if (test_bit(0, &flags))
		return;
	set_bit(0, &flags);
	WRITE_ONCE(plain, READ_ONCE(plain) + 1);
}

static void after_claims(void *data)
{
	iommufd_model_assert(READ_ONCE(plain) == 1);
	after(data);
}

static void crash(void *data)
{
	atomic_t *volatile bad = (atomic_t *)8;

	(void)data;
	atomic_inc(bad);
}

/* AddressSanitizer reports the bad address before the explorer can. */
#ifdef __SANITIZE_ADDRESS__
#define BAD_ADDRESS(...) WRONG(SANITIZER, __VA_ARGS__)
#else
#define BAD_ADDRESS(...) WRONG(CRASH, __VA_ARGS__)
#endif

static const struct verdict programs[] = {
	RIGHT(0, "puts", setup, freed, T(put_item), T(put_item)),
	WRONG(USE_AFTER_FREE, "put_in_two_steps", "atomics.c", "a put in two steps",
	      setup, freed, T(put_in_two_steps), T(put_in_two_steps)),
	RIGHT(0, "puts by sub_return", setup, freed, T(put_by_sub),
	      T(put_by_sub)),
	WRONG(USE_AFTER_FREE, "put_and_look", "put_item", "a look after a put",
	      setup, freed, T(put_and_look), T(put_item)),
	WRONG(USE_AFTER_FREE, "put_and_look", "put_item",
	      "a look between a put and another operation", setup, freed,
	      T(put_and_look_on_the_way), T(put_item)),
	RIGHT(0, "inc_not_zero", setup_static, freed, T(last_put), T(try_get)),
	WRONG(DOUBLE_FREE, "get_if_read", "last_put", "a get after a read",
	      setup_static, freed, T(last_put), T(get_if_read)),

	RIGHT(0, "ticket lock", setup, after, T(ticket_lock), T(ticket_lock),
	      T(ticket_lock)),
	/* Two threads may get one ticket, and the second waits for ever. */
	WRONG(LIVELOCK, "waits in a loop for &count", NULL, "a ticket in two steps", setup,
	      after, T(ticket_in_two_steps), T(ticket_in_two_steps)),
	RIGHT(0, "ticket lock by smp_cond_load_acquire", setup, after,
	      T(ticket_wait), T(ticket_wait)),
	RIGHT(0, "lock by cmpxchg", setup, after, T(by_cmpxchg), T(by_cmpxchg),
	      T(by_cmpxchg)),
	RIGHT(0, "lock by xchg of a byte", setup, after, T(by_xchg),
	      T(by_xchg)),
	RIGHT(0, "lock by cmpxchg of 16 bits", setup, after, T(by_half),
	      T(by_half)),
	RIGHT(0, "lock by test_and_set_bit", setup, after, T(by_bit),
	      T(by_bit), T(by_bit)),
	RIGHT(0, "lock by atomic_cmpxchg", setup, after, T(by_atomic),
	      T(by_atomic)),
	RIGHT(0, "lock by try_cmpxchg", setup, after, T(by_try), T(by_try)),
	WRONG(ASSERTION, "in_section", "set_bit 3 of flags 0 -> 1",
	      "a lock by test and set", setup, after, T(by_test_and_set),
	      T(by_test_and_set)),
	WRONG(LIVELOCK, "waits in a loop for &flags", NULL,
	      "a lock that is not given back", setup, after, T(never_given),
	      T(never_given)),

	RIGHT(0, "a sum by try_cmpxchg", setup, after_loops, T(add_by_loop),
	      T(add_by_loop)),
	WRONG(ASSERTION, "atomic_set length 0 -> 10", NULL, "a sum by set",
	      setup, after_loops, T(add_by_set), T(add_by_set)),

	WRONG(ASSERTION, "READ_ONCE plain", "WRITE_ONCE plain",
	      "a sum by WRITE_ONCE", setup, after_once, T(add_by_once),
	      T(add_by_once)),

	RIGHT(0, "publication", setup, after, T(publish), T(consume)),
	WRONG(ASSERTION, "data_word", "smp_store_release lock",
	      "published too early", setup, after, T(publish_too_early),
	      T(consume)),
	RIGHT(0, "wait for a publication", setup, after, T(publish),
	      T(wait_and_consume)),
	WRONG(USE_AFTER_FREE, "publish_and_use", "free_if_published",
	      "used after it was given away", setup, free_after,
	      T(publish_and_use), T(free_if_published)),

	WRONG(ASSERTION, "node->value", "cmpxchg top",
	      "a stack with the ABA problem", setup_stack, after_stack, T(pop_one),
	      T(pop_two_push_one)),
	RIGHT(0, "a stack with a tag", setup_stack, after_tagged, T(pop_one_tagged),
	      T(pop_two_push_one_tagged)),

	/*
	 * The first execution tests before the others take, and those take it to
	 * 0 only together.
	 */
	WRONG(ASSERTION, "take_not_the_last", NULL, "the last of three",
	      setup_three, after, T(take_after_opening), T(take_not_the_last),
	      T(take_and_open)),

	RIGHT(0, "test_and_set_bit claims", setup, after_claims, T(claim),
	      T(claim)),
	WRONG(ASSERTION, "after_claims", NULL, "test and set claims twice",
	      setup, after_claims, T(claim_badly), T(claim_badly)),
	BAD_ADDRESS("atomics.c", NULL, "a bad address", setup, after, T(crash)),
};

START_TEST(programs_have_their_verdict)
{
	check_verdict(&programs[_i]);
}
END_TEST

/* The functions below behave differently in each execution. */

static int turns;

static void set_turns(void *data)
{
	(void)data;
	atomic_set(&count, ++turns);
}

static void add_turns(void *data)
{
	(void)data;
	atomic_add(++turns, &count);
}

static void exchange_turns(void *data)
{
	(void)data;
	iommufd_model_assert(xchg(&lock, ++turns) >= 0);
}

static void look_at_lock(void *data)
{
	(void)data;
	seen = READ_ONCE(lock);
}

static void find_turns(void *data)
{
	(void)data;
	lock = ++turns;
	iommufd_model_assert(cmpxchg(&lock, -1, 0) > 0);
}

static const struct verdict differing[] = {
	WRONG(NONDETERMINISM, "had the argument", "atomic_set of &count", "set", setup,
	      after, T(look), T(set_turns)),
	WRONG(NONDETERMINISM, "had the argument", "atomic_add of &count",
	      "argument", setup, after, T(look), T(add_turns)),
	WRONG(NONDETERMINISM, "had the argument", "xchg of &lock", "exchange", setup,
	      after, T(exchange_turns), T(look_at_lock)),
	WRONG(NONDETERMINISM, "found", "cmpxchg of &lock", "found", setup,
	      after, T(find_turns), T(look_at_lock)),
};

START_TEST(what_differs_between_executions_is_found)
{
	struct iommufd_model_explore_options options = { .jobs = 1 };

	turns = 0;
	check_verdict_once(&differing[_i], options);
}
END_TEST

/*
 * The address of a thread's stack, and an address stored in an item, may
 * differ.
 */
static struct item *slot;

static void exchange_addresses(void *data)
{
	struct item mine;

	(void)data;
	WRITE_ONCE(slot, NULL);
	iommufd_model_assert(cmpxchg(&slot, NULL, &mine) != item);
	iommufd_model_assert(xchg(&slot, item) != NULL);
}

static void look_at_slot(void *data)
{
	(void)data;
	seen = smp_load_acquire(&slot) == item;
}

START_TEST(an_address_may_differ)
{
	const struct verdict v = RIGHT(0, "addresses", setup, after,
				       T(exchange_addresses), T(look_at_slot));

	check_verdict(&v);
}
END_TEST

/* As in a kernel, the macros evaluate an argument only once. */

static int evaluations;

static int *count_evaluation(int *place)
{
	evaluations++;
	return place;
}

static void evaluates_once(void *data)
{
	(void)data;
	evaluations = 0;
	WRITE_ONCE(*count_evaluation(&plain), 7);
	iommufd_model_assert(evaluations == 1);
	iommufd_model_assert(READ_ONCE(*count_evaluation(&plain)) == 7);
	iommufd_model_assert(evaluations == 2);
	smp_store_release(count_evaluation(&plain), 8);
	iommufd_model_assert(smp_load_acquire(count_evaluation(&plain)) == 8);
	iommufd_model_assert(evaluations == 4);
}

static struct item **item_place(void)
{
	evaluations++;
	return &item;
}

static void evaluates_rcu_once(void *data)
{
	struct item *found;

	(void)data;
	evaluations = 0;
	rcu_read_lock();
	found = rcu_dereference(*item_place());
	rcu_read_unlock();
	iommufd_model_assert(evaluations == 1);
	rcu_assign_pointer(*item_place(), found);
	iommufd_model_assert(evaluations == 2);
}

START_TEST(an_argument_is_evaluated_once)
{
	const struct verdict once[] = {
		RIGHT(1, "plain variables", setup, after, T(evaluates_once)),
		RIGHT(1, "RCU", setup, after, T(evaluates_rcu_once)),
	};

	setup(NULL);
	evaluates_once(NULL);
	evaluates_rcu_once(NULL);
	after(NULL);
	check_verdict(&once[0]);
	check_verdict(&once[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("atomics");
	TCase *tc = tcase_create("atomics");

	tcase_add_loop_test(tc, operations_commute_by_value, 0,
			    ARRAY_SIZE(commuting));
	tcase_add_loop_test(tc, programs_have_their_verdict, 0,
			    ARRAY_SIZE(programs));
	tcase_add_loop_test(tc, what_differs_between_executions_is_found, 0,
			    ARRAY_SIZE(differing));
	tcase_add_test(tc, an_address_may_differ);
	tcase_add_test(tc, an_argument_is_evaluated_once);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
