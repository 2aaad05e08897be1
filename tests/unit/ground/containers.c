// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Lists, bitmaps, red-black trees and interval trees: random changes.  After
 * each change the whole container is compared with an array that was changed in
 * the same way.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>

#define NR 40

static u32 seed;

static unsigned int any(unsigned int below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct item {
	struct list_head link;
	struct hlist_node node;
	struct rb_node rb;
	struct interval_tree_node range;
	int n;
	bool in;
};

static struct item items[NR];

static void setup(void)
{
	int i;

	ground_setup();
	seed = 1;
	memset(items, 0, sizeof(items));
	for (i = 0; i < NR; i++)
		items[i].n = i;
}

/*
 * Checks that the list has exactly the elements with these numbers, which -1
 * ends.
 */
static void check_list(struct list_head *list, const int *wanted)
{
	struct list_head *pos;
	struct item *item;
	const int *w = wanted;

	list_for_each_entry(item, list, link)
		ck_assert_int_eq(item->n, *w++);
	ck_assert_int_eq(*w, -1);
	ck_assert_uint_eq(list_count_nodes(list), (size_t)(w - wanted));
	list_for_each_entry_reverse(item, list, link)
		ck_assert_int_eq(item->n, *--w);
	ck_assert(w == wanted);
	list_for_each(pos, list)
		ck_assert(pos->next->prev == pos && pos->prev->next == pos);
}

#define ck_list(list, ...) check_list(list, (const int []){ __VA_ARGS__, -1 })

START_TEST(test_list)
{
	LIST_HEAD(a);
	LIST_HEAD(b);
	struct item *item, *n;
	int i;

	ck_list(&a, -1);
	ck_assert(!list_is_singular(&a) && list_empty_careful(&a));
	ck_assert_ptr_null(list_first_entry_or_null(&a, struct item, link));
	ck_assert_ptr_null(list_last_entry_or_null(&a, struct item, link));
	list_splice_init(&a, &b);
	list_rotate_left(&a);
	for (i = 0; i < 6; i++)
		list_add_tail(&items[i].link, &a);
	ck_list(&a, 0, 1, 2, 3, 4, 5);
	list_move(&items[3].link, &a);
	list_move_tail(&items[0].link, &a);
	ck_list(&a, 3, 1, 2, 4, 5, 0);
	list_rotate_left(&a);
	ck_list(&a, 1, 2, 4, 5, 0, 3);
	list_replace_init(&items[4].link, &items[6].link);
	ck_assert(list_empty(&items[4].link));
	ck_list(&a, 1, 2, 6, 5, 0, 3);
	list_swap(&items[1].link, &items[3].link);
	ck_list(&a, 3, 2, 6, 5, 0, 1);
	list_swap(&items[2].link, &items[6].link);
	ck_list(&a, 3, 6, 2, 5, 0, 1);
	list_swap(&items[2].link, &items[6].link);
	ck_list(&a, 3, 2, 6, 5, 0, 1);
	ck_assert(list_is_first(&items[3].link, &a));
	ck_assert(list_is_last(&items[1].link, &a) && list_is_head(&a, &a));
	ck_assert(list_next_entry_circular(&items[1], &a, link) == &items[3]);
	ck_assert(list_prev_entry_circular(&items[3], &a, link) == &items[1]);
	list_cut_position(&b, &a, &items[6].link);
	ck_list(&b, 3, 2, 6);
	ck_list(&a, 5, 0, 1);
	list_splice_tail_init(&b, &a);
	ck_list(&a, 5, 0, 1, 3, 2, 6);
	ck_list(&b, -1);
	list_bulk_move_tail(&b, &items[0].link, &items[3].link);
	ck_list(&a, 5, 2, 6);
	ck_list(&b, 0, 1, 3);
	list_splice(&b, &a);
	ck_list(&a, 0, 1, 3, 5, 2, 6);
	item = &items[3];
	list_for_each_entry_continue(item, &a, link)
		ck_assert(item->n == 5 || item->n == 2 || item->n == 6);
	list_for_each_entry_safe_reverse(item, n, &a, link)
		list_del_init(&item->link);
	ck_list(&a, -1);
	list_add(&items[0].link, &a);
	ck_assert(list_is_singular(&a));
}
END_TEST

START_TEST(test_hlist)
{
	static const int wanted[] = { 3, 2, 5, 1, 4, 0 };
	HLIST_HEAD(head);
	struct hlist_node *n;
	struct item *item;
	int i = 0;

	ck_assert(hlist_empty(&head) && hlist_unhashed(&items[0].node));
	for (i = 0; i < 4; i++)
		hlist_add_head(&items[i].node, &head);
	hlist_add_behind(&items[4].node, &items[1].node);
	hlist_add_before(&items[5].node, &items[1].node);
	i = 0;
	hlist_for_each_entry(item, &head, node)
		ck_assert_int_eq(item->n, wanted[i++]);
	ck_assert_int_eq(i, 6);
	hlist_del_init(&items[3].node);
	hlist_del_init(&items[3].node);
	hlist_del(&items[0].node);
	i = 1;
	hlist_for_each_entry_safe(item, n, &head, node) {
		ck_assert_int_eq(item->n, wanted[i++]);
		hlist_del(&item->node);
	}
	ck_assert_int_eq(i, 5);
	ck_assert(hlist_empty(&head));
}
END_TEST

/* Compares the answers about a bitmap of @size bits with those of @wanted. */
static void check_bitmap(const unsigned long *map, const bool *wanted,
			 unsigned int size)
{
	unsigned int i, bit, set = 0, first = size, zero = size, last = size;
	unsigned int seen_bits = 0;

	for (i = size; i--;) {
		first = wanted[i] ? i : first;
		zero = wanted[i] ? zero : i;
		last = wanted[i] && last == size ? i : last;
		set += wanted[i];
		ck_assert_uint_eq(find_next_bit(map, size, i), first);
		ck_assert_uint_eq(find_next_zero_bit(map, size, i), zero);
	}
	ck_assert_uint_eq(find_first_bit(map, size), first);
	ck_assert_uint_eq(find_first_zero_bit(map, size), zero);
	ck_assert_uint_eq(find_last_bit(map, size), last);
	ck_assert_uint_eq(find_next_bit(map, size, size), size);
	ck_assert_uint_eq(bitmap_weight(map, size), set);
	ck_assert_int_eq(bitmap_empty(map, size), !set);
	ck_assert_int_eq(bitmap_full(map, size), set == size);
	for_each_set_bit(bit, map, size) {
		ck_assert(wanted[bit]);
		ck_assert_uint_eq(find_nth_bit(map, size, seen_bits), bit);
		seen_bits++;
	}
	ck_assert_uint_eq(seen_bits, set);
	for_each_clear_bit(bit, map, size)
		ck_assert(!wanted[bit]);
}

static void check_area(const unsigned long *map, const bool *wanted,
		       unsigned int size)
{
	unsigned int start = any(size), nr = 1 + any(9), at, i;
	unsigned long mask = any(2) ? 7 : 0, found;

	found = bitmap_find_next_zero_area(map, size, start, nr, mask);
	for (at = start; at + nr <= size; at++) {
		if (at & mask)
			continue;
		for (i = 0; i < nr && !wanted[at + i];)
			i++;
		if (i == nr)
			break;
	}
	if (at + nr > size)
		ck_assert(found + nr > size);
	else
		ck_assert_uint_eq(found, at);
}

START_TEST(test_bitmap)
{
	static const unsigned int sizes[] = { 1, 63, 64, 65, 128, 200 };
	unsigned int size = sizes[_i], round, start, nr, i;
	unsigned long *map = bitmap_zalloc(size, GFP_KERNEL);
	unsigned long *copy = bitmap_alloc(size, GFP_KERNEL);
	bool wanted[200] = { false }, on;

	if (size % 64)	/* bits beyond the last one do not count */
		map[size / 64] = ~0ul << size % 64;
	for (round = 0; round < 300; round++) {
		start = any(size);
		nr = any(size - start + 1);
		on = any(2);
		if (on)
			bitmap_set(map, start, nr);
		else
			bitmap_clear(map, start, nr);
		for (i = start; i < start + nr; i++)
			wanted[i] = on;
		check_bitmap(map, wanted, size);
		check_area(map, wanted, size);
	}
	bitmap_fill(copy, size);
	ck_assert(bitmap_full(copy, size) && bitmap_subset(map, copy, size));
	bitmap_xor(copy, copy, map, size);
	ck_assert(!bitmap_intersects(map, copy, size));
	ck_assert(!bitmap_and(copy, copy, map, size));
	bitmap_or(copy, copy, map, size);
	ck_assert(bitmap_equal(copy, map, size));
	ck_assert(!bitmap_andnot(copy, copy, map, size));
	bitmap_copy(copy, map, size);
	ck_assert(bitmap_equal(copy, map, size));
	bitmap_zero(copy, size);
	ck_assert(bitmap_empty(copy, size));
	bitmap_free(map);
	bitmap_free(copy);
}
END_TEST

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, rb)->n < rb_entry(b, struct item, rb)->n;
}

static int compare(const void *key, const struct rb_node *b)
{
	return *(const int *)key - rb_entry(b, struct item, rb)->n;
}

/* Returns the number of black nodes on each path down from @node. */
static int check_colours(const struct rb_node *node, bool red_above)
{
	bool red = node && !(node->__rb_parent_color & 1);
	int left, right;

	if (!node)
		return 0;
	ck_assert_msg(!red || !red_above, "a red node has a red child");
	left = check_colours(node->rb_left, red);
	right = check_colours(node->rb_right, red);
	ck_assert_int_eq(left, right);
	return left + !red;
}

static void check_tree(struct rb_root_cached *root)
{
	struct rb_node *node = rb_first(&root->rb_root), *back = NULL;
	int i;

	check_colours(root->rb_root.rb_node, true);
	ck_assert(rb_first_cached(root) == node);
	for (i = 0; i < NR; i++) {
		ck_assert((rb_find(&i, &root->rb_root, compare) != NULL) ==
			  items[i].in);
		if (!items[i].in)
			continue;
		ck_assert(node == &items[i].rb && rb_prev(node) == back);
		back = node;
		node = rb_next(node);
	}
	ck_assert(!node && rb_last(&root->rb_root) == back);
}

START_TEST(test_rbtree)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item *item, *n;
	int round, left = 0;

	ck_assert(RB_EMPTY_ROOT(&root.rb_root));
	for (round = 0; round < 3000; round++) {
		item = &items[any(NR)];
		if (item->in)
			rb_erase_cached(&item->rb, &root);
		else
			rb_add_cached(&item->rb, &root, less);
		item->in = !item->in;
		check_tree(&root);
	}
	rbtree_postorder_for_each_entry_safe(item, n, &root.rb_root, rb) {
		ck_assert(item->in);
		memset(&item->rb, 0xff, sizeof(item->rb));
		left++;
	}
	for (item = items; item < items + NR; item++)
		left -= item->in;
	ck_assert_int_eq(left, 0);
	RB_CLEAR_NODE(&items[0].rb);
	ck_assert(RB_EMPTY_NODE(&items[0].rb) && !rb_next(&items[0].rb));
}
END_TEST

static bool overlaps(const struct item *item, unsigned long start,
		     unsigned long last)
{
	return item->in && item->range.start <= last &&
	       item->range.last >= start;
}

/* Goes through the intervals of the tree that overlap with a range. */
static void check_intervals(struct rb_root_cached *root, unsigned long start,
			    unsigned long last)
{
	struct interval_tree_node *node;
	unsigned long before = 0;
	int n = 0, i;

	for (node = interval_tree_iter_first(root, start, last); node;
	     node = interval_tree_iter_next(node, start, last)) {
		ck_assert(overlaps(container_of(node, struct item, range),
				   start, last));
		ck_assert(node->start >= before);
		before = node->start;
		n++;
	}
	for (i = 0; i < NR; i++)
		n -= overlaps(&items[i], start, last);
	ck_assert_int_eq(n, 0);
}

START_TEST(test_interval_tree)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item *item;
	int round;

	for (round = 0; round < 5000; round++) {
		unsigned long start = any(1000);

		item = &items[any(NR)];
		if (item->in) {
			interval_tree_remove(&item->range, &root);
		} else {
			item->range.start = any(1000);
			item->range.last = item->range.start + any(60);
			if (!any(20))
				item->range.last = ULONG_MAX;
			interval_tree_insert(&item->range, &root);
		}
		item->in = !item->in;
		check_colours(root.rb_root.rb_node, true);
		check_intervals(&root, start, start + any(100));
	}
	check_intervals(&root, 0, ULONG_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("containers");
	TCase *tc = case_with(suite, "containers", setup, ground_teardown);

	tcase_add_test(tc, test_list);
	tcase_add_test(tc, test_hlist);
	tcase_add_loop_test(tc, test_bitmap, 0, 6);
	tcase_add_test(tc, test_rbtree);
	tcase_add_test(tc, test_interval_tree);
	return run_suite(suite);
}
