// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The xarray, as a radix tree of nodes with 64 slots.
 *
 * The root covers the indices from 0 up to a limit that its shift gives.  For a
 * larger index, a new root is put above the old one.  Each node has a bit for
 * each slot in @used and in @full.  A slot is used if it is not NULL; a node
 * without a used slot is freed.  A slot of a leaf is full if it is used, and a
 * slot of a higher node is full if all slots of its child are.  So the next
 * pointer and the lowest free index can each be found in one descent.  A slot of
 * a leaf has the marks of its entry, and a slot of a higher node those that any
 * slot of its child has.
 *
 * All functions work with xa_lock held.  Readers take it unless the thread
 * already holds it.
 */
#include "ground.h"
#include <iommufd_model/watch.h>

#define CHUNK_SHIFT 6
#define CHUNK (1u << CHUNK_SHIFT)

struct node {
	/* the highest index of the tree if this is the root */
	unsigned long last;
	struct node *parent;
	unsigned char shift;
	unsigned char offset;		/* the slot in @parent */
	u64 used;
	u64 full;
	u64 marks[XA_NR_MARKS];
	void *slots[CHUNK];
};

static unsigned int slot_of(const struct node *node, unsigned long index)
{
	return (index >> node->shift) & (CHUNK - 1);
}

/* Returns the last index of a tree whose root has this @shift. */
static unsigned long last_index(unsigned int shift)
{
	shift += CHUNK_SHIFT;
	return shift >= sizeof(long) * CHAR_BIT ? ULONG_MAX :
						  (1UL << shift) - 1;
}

static bool lock_held(struct xarray *xa)
{
	return __atomic_load_n(&xa->xa_lock.owner, __ATOMIC_RELAXED) ==
	       (uintptr_t)current_task();
}

/*
 * Returns the leaf of @index below @root, or NULL if there is none.  The shift
 * is counted and not read from each node, because the descent would wait for it.
 */
static inline struct node *descend(struct node *root, unsigned long index)
{
	struct node *node = root;
	unsigned int shift;

	for (shift = root->shift; shift && node; shift -= CHUNK_SHIFT)
		node = node->slots[(index >> shift) & (CHUNK - 1)];
	return node;
}

/* Returns the leaf of @index, or NULL if there is none. */
static inline struct node *find_leaf(struct xarray *xa, unsigned long index)
{
	struct node *root = xa->xa_head;

	return root && index <= root->last ? descend(root, index) : NULL;
}

static void *raw_load(struct xarray *xa, unsigned long index)
{
	struct node *leaf = find_leaf(xa, index);

	return leaf ? leaf->slots[index & (CHUNK - 1)] : NULL;
}

static struct node *new_node(struct node *parent, unsigned int shift,
			     unsigned int offset)
{
	/*
	 * The lock is held, so the allocation must not sleep.  A kernel would
	 * drop the lock.
	 */
	struct node *node = kzalloc(sizeof(*node), GFP_NOWAIT);

	if (!node)
		return NULL;
	node->parent = parent;
	node->shift = (unsigned char)shift;
	node->last = last_index(shift);
	node->offset = (unsigned char)offset;
	return node;
}

/* Frees @node and then its ancestors, as long as they have no used slot. */
static void prune(struct xarray *xa, struct node *node)
{
	struct node *parent;

	while (node && !node->used) {
		parent = node->parent;
		if (parent) {
			parent->slots[node->offset] = NULL;
			parent->used &= ~(1ull << node->offset);
		} else {
			xa->xa_head = NULL;
		}
		kfree(node);
		node = parent;
	}
}

/* Puts new roots above the tree until it covers @index. */
static int grow(struct xarray *xa, unsigned long index)
{
	struct node *root = xa->xa_head, *above;
	unsigned int shift = 0, mark;

	if (!root) {
		while (shift + CHUNK_SHIFT < sizeof(long) * CHAR_BIT &&
		       index >> (shift + CHUNK_SHIFT))
			shift += CHUNK_SHIFT;
		root = new_node(NULL, shift, 0);
		if (!root)
			return -ENOMEM;
		xa->xa_head = root;
		return 0;
	}
	while (index > root->last) {
		above = new_node(NULL, root->shift + CHUNK_SHIFT, 0);
		if (!above)
			return -ENOMEM;
		above->slots[0] = root;
		above->used = 1;
		above->full = root->full == ~0ull;
		for (mark = 0; mark < XA_NR_MARKS; mark++)
			above->marks[mark] = root->marks[mark] != 0;
		root->parent = above;
		xa->xa_head = above;
		root = above;
	}
	return 0;
}

/*
 * Returns the leaf of @index, and creates it if there is none.  Returns NULL if
 * an allocation failed, in which case no entry has changed.
 */
static struct node *make_leaf(struct xarray *xa, unsigned long index)
{
	struct node *node, *child;

	if (grow(xa, index))
		return NULL;
	for (node = xa->xa_head; node->shift; node = child) {
		child = node->slots[slot_of(node, index)];
		if (child)
			continue;
		child = new_node(node, node->shift - CHUNK_SHIFT,
				 slot_of(node, index));
		if (!child) {
			prune(xa, node);
			return NULL;
		}
		node->slots[child->offset] = child;
		node->used |= 1ull << child->offset;
	}
	return node;
}

static void mark_full(struct node *node, unsigned int slot)
{
	for (; node; slot = node->offset, node = node->parent) {
		node->full |= 1ull << slot;
		if (node->full != ~0ull)
			break;
	}
}

static void mark_free(struct node *node, unsigned int slot)
{
	bool was_full;

	for (; node; slot = node->offset, node = node->parent) {
		was_full = node->full == ~0ull;
		node->full &= ~(1ull << slot);
		if (!was_full)
			break;
	}
}

static void set_mark(struct node *node, unsigned int slot, unsigned int mark)
{
	for (; node; slot = node->offset, node = node->parent)
		node->marks[mark] |= 1ull << slot;
}

static void clear_mark(struct node *node, unsigned int slot, unsigned int mark)
{
	for (; node && node->marks[mark] >> slot & 1;
	     slot = node->offset, node = node->parent) {
		node->marks[mark] &= ~(1ull << slot);
		if (node->marks[mark])
			break;
	}
}

static void clear_marks(struct node *node, unsigned int slot)
{
	unsigned int mark;

	for (mark = 0; mark < XA_NR_MARKS; mark++)
		clear_mark(node, slot, mark);
}

/* Stores @entry, as raw_store() does, in the slot of @index, which is in @leaf. */
static inline void *store_in(struct xarray *xa, struct node *leaf,
			     unsigned long index, void *entry)
{
	unsigned int slot = index & (CHUNK - 1);
	void *old = leaf->slots[slot];

	leaf->slots[slot] = entry;
	if (entry && !old) {
		leaf->used |= 1ull << slot;
		/* Index 0 is never allocated, so it need not be looked at. */
		if (index < CHUNK && xa->xa_flags == XA_FLAGS_ALLOC1)
			leaf->full |= 1;
		mark_full(leaf, slot);
	} else if (old && !entry) {
		leaf->used &= ~(1ull << slot);
		mark_free(leaf, slot);
		clear_marks(leaf, slot);
		prune(xa, leaf);
	}
	return old;
}

/*
 * Stores @entry, which may be the zero entry or NULL, in the slot of @index.
 * Returns the old content of the slot, or an error pointer.
 */
static void *raw_store(struct xarray *xa, unsigned long index, void *entry)
{
	struct node *leaf = find_leaf(xa, index);

	if (!leaf && entry) {
		leaf = make_leaf(xa, index);
		if (!leaf)
			return ERR_PTR(-ENOMEM);
	}
	return leaf ? store_in(xa, leaf, index, entry) : NULL;
}

/* Finds the lowest free index >= @min below @node; @base is its first index. */
static bool find_free(const struct node *node, unsigned long base,
		      unsigned long min, unsigned long *index)
{
	unsigned int slot = min > base ? slot_of(node, min) : 0;
	unsigned long first;
	u64 candidates;

	candidates = ~node->full & (~0ull << slot);
	while (candidates) {
		slot = (unsigned int)__builtin_ctzll(candidates);
		candidates &= candidates - 1;
		first = base + ((unsigned long)slot << node->shift);
		if (!node->shift || !node->slots[slot]) {
			*index = first > min ? first : min;
			return true;
		}
		if (find_free(node->slots[slot], first, min, index))
			return true;
	}
	return false;
}

/*
 * Does the same for the whole tree, without going back to a node above, which is
 * needed only if all that is free on the way to @min is below @min.  *@leaf is
 * the leaf of the index, or NULL if it has none.
 */
static inline bool find_free_from(struct node *root, unsigned long min,
				  unsigned long *index, struct node **leaf)
{
	unsigned int slot, shift = root->shift;
	unsigned long base = 0;
	struct node *node;
	u64 candidates;

	for (node = root; node; node = node->slots[slot]) {
		slot = min > base ? (min >> shift) & (CHUNK - 1) : 0;
		candidates = ~node->full & (~0ull << slot);
		if (__builtin_expect(!candidates, 0)) {
			*leaf = NULL;
			return find_free(root, 0, min, index);
		}
		slot = (unsigned int)__builtin_ctzll(candidates);
		base += (unsigned long)slot << shift;
		if (!shift)
			break;
		shift -= CHUNK_SHIFT;
	}
	*leaf = node;
	*index = base > min ? base : min;
	return true;
}

/*
 * Returns the first pointer below @node whose index is not below @min, or NULL.
 * @filter is XA_PRESENT, or a mark that the pointer must have.
 */
static void *find_next(const struct node *node, unsigned long base,
		       unsigned long min, xa_mark_t filter,
		       unsigned long *index)
{
	unsigned int slot = min > base ? slot_of(node, min) : 0;
	u64 candidates = (filter < XA_NR_MARKS ? node->marks[filter] :
						 node->used) &
			 (~0ull << slot);
	unsigned long first;
	void *entry;

	for (; candidates; candidates &= candidates - 1) {
		slot = (unsigned int)__builtin_ctzll(candidates);
		first = base + ((unsigned long)slot << node->shift);
		if (node->shift) {
			entry = find_next(node->slots[slot], first, min, filter,
					  index);
			if (entry)
				return entry;
		} else if (!xa_is_zero(node->slots[slot])) {
			*index = first;
			return node->slots[slot];
		}
	}
	return NULL;
}

/*
 * Does the same for the whole tree.  Mostly the next pointer is in the leaf of
 * @min.
 */
static inline void *find_next_from(struct node *root, unsigned long min,
				   xa_mark_t filter, unsigned long *index)
{
	const struct node *node = descend(root, min);
	unsigned int slot;
	u64 candidates;

	if (node) {
		candidates = (filter < XA_NR_MARKS ? node->marks[filter] :
						     node->used) &
			     (~0ull << (min & (CHUNK - 1)));
		slot = candidates ? (unsigned int)__builtin_ctzll(candidates) :
				    0;
		if (candidates && !xa_is_zero(node->slots[slot])) {
			*index = (min & ~(unsigned long)(CHUNK - 1)) + slot;
			return node->slots[slot];
		}
	}
	return find_next(root, 0, min, filter, index);
}

static void *visible(void *entry)
{
	return xa_is_zero(entry) ? NULL : entry;
}

void iommufd_model_xa_init(struct xarray *xa, unsigned flags,
			   struct lock_class_key *key)
{
	iommufd_model_spin_lock_init(&xa->xa_lock, key);
	xa->xa_flags = flags;
	xa->xa_head = NULL;
}

void iommufd_model_xa_init_at(struct xarray *xa, unsigned flags,
			      struct lock_class_key *key,
			      const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_init(&xa->xa_lock.dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, xa, sizeof(*xa), site,
		      (iommufd_model_xa_init(xa, flags, key), 0));
	else
		iommufd_model_xa_init(xa, flags, key);
}

bool xa_empty(const struct xarray *xa)
{
	struct xarray *array = (struct xarray *)(uintptr_t)xa;
	bool held = lock_held(array), empty;

	if (!held)
		xa_lock(array);
	empty = !array->xa_head;
	if (!held)
		xa_unlock(array);
	return empty;
}

static noinline void *load_locking(struct xarray *xa,
						   unsigned long index)
{
	void *entry;

	xa_lock(xa);
	entry = visible(raw_load(xa, index));
	xa_unlock(xa);
	return entry;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	if (lock_held(xa))
		return visible(raw_load(xa, index));
	return load_locking(xa, index);
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	return visible(raw_store(xa, index, NULL));
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	void *old;

	xa_lock(xa);
	old = __xa_erase(xa, index);
	xa_unlock(xa);
	return old;
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	(void)gfp;
	if (!entry && (xa->xa_flags & XA_FLAGS_ALLOC))
		entry = XA_ZERO_ENTRY;
	return visible(raw_store(xa, index, entry));
}

void *iommufd_model_xa_store(struct xarray *xa, unsigned long index,
			     void *entry, gfp_t gfp)
{
	void *old;

	xa_lock(xa);
	old = __xa_store(xa, index, entry, gfp);
	xa_unlock(xa);
	return old;
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	(void)gfp;
	if (raw_load(xa, index))
		return -EBUSY;
	return xa_err(raw_store(xa, index, entry ? entry : XA_ZERO_ENTRY));
}

int iommufd_model_xa_insert(struct xarray *xa, unsigned long index,
			    void *entry, gfp_t gfp)
{
	int rc;

	xa_lock(xa);
	rc = __xa_insert(xa, index, entry, gfp);
	xa_unlock(xa);
	return rc;
}

void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp)
{
	void *found = raw_load(xa, index);

	(void)gfp;
	if (found == old) {
		if (!entry && old && (xa->xa_flags & XA_FLAGS_ALLOC))
			entry = XA_ZERO_ENTRY;
		found = raw_store(xa, index, entry);
	}
	return visible(found);
}

void *iommufd_model_xa_cmpxchg(struct xarray *xa, unsigned long index,
			       void *old, void *entry, gfp_t gfp)
{
	void *found;

	xa_lock(xa);
	found = __xa_cmpxchg(xa, index, old, entry, gfp);
	xa_unlock(xa);
	return found;
}

int iommufd_model_xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	return xa_err(iommufd_model_xa_cmpxchg(xa, index, NULL, XA_ZERO_ENTRY,
					       gfp));
}

void xa_release(struct xarray *xa, unsigned long index)
{
	xa_lock(xa);
	if (xa_is_zero(raw_load(xa, index)))
		raw_store(xa, index, NULL);
	xa_unlock(xa);
}

/*
 * The functions below access variables of their caller, and tell the watch so;
 * @pc is the address of the code that called the first of them.
 */

#define HERE __builtin_return_address(0)

static int alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
		 const void *pc)
{
	unsigned long min = limit.min, index;
	struct node *root = xa->xa_head, *leaf = NULL;
	void *old;

	if (xa->xa_flags == XA_FLAGS_ALLOC1 && !min)
		min = 1;
	if (!root || min > root->last)
		index = min;
	else if (find_free_from(root, min, &index, &leaf))
		;
	else if (root->last < limit.max)
		index = root->last + 1;
	else
		return -EBUSY;
	if (index > limit.max)
		return -EBUSY;
	if (!entry)
		entry = XA_ZERO_ENTRY;
	/* Who finds the entry may read the index. */
	iommufd_model_watch_access(id, sizeof(*id), IOMMUFD_MODEL_WATCH_WRITE,
				   pc);
	old = leaf ? store_in(xa, leaf, index, entry) :
		     raw_store(xa, index, entry);
	if (IS_ERR(old))
		return (int)PTR_ERR(old);
	*id = (u32)index;
	return 0;
}

int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	       gfp_t gfp)
{
	(void)gfp;
	return alloc(xa, id, entry, limit, HERE);
}

int iommufd_model_xa_alloc(struct xarray *xa, u32 *id, void *entry,
			   struct xa_limit limit, gfp_t gfp)
{
	int rc;

	(void)gfp;
	xa_lock(xa);
	rc = alloc(xa, id, entry, limit, HERE);
	xa_unlock(xa);
	return rc;
}

static int alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
			struct xa_limit limit, u32 *next, const void *pc)
{
	u32 min = limit.min;
	int rc;

	iommufd_model_watch_access(next, sizeof(*next), 0, pc);
	if (*next > limit.min)
		limit.min = *next;
	rc = alloc(xa, id, entry, limit, pc);
	if (rc == -EBUSY && limit.min > min) {
		limit.min = min;
		rc = alloc(xa, id, entry, limit, pc);
		if (!rc)
			rc = 1;
	}
	if (rc >= 0) {
		iommufd_model_watch_access(next, sizeof(*next),
					   IOMMUFD_MODEL_WATCH_WRITE, pc);
		*next = *id + 1;
	}
	return rc;
}

int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
		      struct xa_limit limit, u32 *next, gfp_t gfp)
{
	(void)gfp;
	return alloc_cyclic(xa, id, entry, limit, next, HERE);
}

int iommufd_model_xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				  struct xa_limit limit, u32 *next, gfp_t gfp)
{
	int rc;

	(void)gfp;
	xa_lock(xa);
	rc = alloc_cyclic(xa, id, entry, limit, next, HERE);
	xa_unlock(xa);
	return rc;
}

/* Finds the first entry from *@index on. */
static void *find(struct xarray *xa, unsigned long *index, unsigned long max,
		  xa_mark_t filter)
{
	bool locked = !lock_held(xa);
	unsigned long found = 0;
	void *entry = NULL;
	struct node *root;

	if (locked)
		xa_lock(xa);
	root = xa->xa_head;
	if (root && *index <= root->last)
		entry = find_next_from(root, *index, filter, &found);
	if (entry && found > max)
		entry = NULL;
	if (entry)
		*index = found;
	if (locked)
		xa_unlock(xa);
	return entry;
}

static void *find_for(struct xarray *xa, unsigned long *indexp,
		      unsigned long max, xa_mark_t filter, bool behind,
		      const void *pc)
{
	unsigned long index;
	void *entry;

	iommufd_model_watch_access(indexp, sizeof(*indexp), 0, pc);
	index = *indexp + behind;
	if (behind && !index)
		return NULL;
	entry = find(xa, &index, max, filter);
	if (entry) {
		iommufd_model_watch_access(indexp, sizeof(*indexp),
					   IOMMUFD_MODEL_WATCH_WRITE, pc);
		*indexp = index;
	}
	return entry;
}

void *iommufd_model_xa_find(struct xarray *xa, unsigned long *indexp,
			    unsigned long max)
{
	return find_for(xa, indexp, max, XA_PRESENT, false, HERE);
}

void *iommufd_model_xa_find_marked(struct xarray *xa, unsigned long *indexp,
				   unsigned long max, xa_mark_t filter)
{
	return find_for(xa, indexp, max, filter, false, HERE);
}

void *iommufd_model_xa_find_after(struct xarray *xa, unsigned long *indexp,
				  unsigned long max)
{
	return find_for(xa, indexp, max, XA_PRESENT, true, HERE);
}

void *iommufd_model_xa_find_after_marked(struct xarray *xa,
					 unsigned long *indexp,
					 unsigned long max, xa_mark_t filter)
{
	return find_for(xa, indexp, max, filter, true, HERE);
}

static bool next_used(const struct node *node, unsigned long base,
		      unsigned long min, unsigned long *index)
{
	unsigned int slot = min > base ? slot_of(node, min) : 0;
	u64 candidates = node->used & (~0ull << slot);
	unsigned long first;

	for (; candidates; candidates &= candidates - 1) {
		slot = (unsigned int)__builtin_ctzll(candidates);
		first = base + ((unsigned long)slot << node->shift);
		if (!node->shift) {
			*index = first;
			return true;
		}
		if (next_used(node->slots[slot], first, min, index))
			return true;
	}
	return false;
}

bool iommufd_model_xa_next_used(struct xarray *xa, unsigned long *index)
{
	const struct node *root = xa->xa_head;

	return root && *index <= root->last &&
	       next_used(root, 0, *index, index);
}

/* The functions below read and change marks. */

bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	struct xarray *array = (struct xarray *)(uintptr_t)xa;
	bool locked = !lock_held(array), marked;
	const struct node *root;

	if (locked)
		xa_lock(array);
	root = xa->xa_head;
	marked = root && mark < XA_NR_MARKS && root->marks[mark];
	if (locked)
		xa_unlock(array);
	return marked;
}

bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	bool locked = !lock_held(xa), marked;
	struct node *leaf;

	if (locked)
		xa_lock(xa);
	leaf = find_leaf(xa, index);
	marked = leaf && mark < XA_NR_MARKS &&
		 leaf->marks[mark] >> slot_of(leaf, index) & 1;
	if (locked)
		xa_unlock(xa);
	return marked;
}

void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct node *leaf = find_leaf(xa, index);

	if (leaf && mark < XA_NR_MARKS && leaf->slots[slot_of(leaf, index)])
		set_mark(leaf, slot_of(leaf, index), mark);
}

void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct node *leaf = find_leaf(xa, index);

	if (leaf && mark < XA_NR_MARKS)
		clear_mark(leaf, slot_of(leaf, index), mark);
}

void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_set_mark(xa, index, mark);
	xa_unlock(xa);
}

void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_clear_mark(xa, index, mark);
	xa_unlock(xa);
}

static void free_nodes(struct node *node)
{
	unsigned int slot;

	if (node->shift)
		for (slot = 0; slot < CHUNK; slot++)
			if (node->slots[slot])
				free_nodes(node->slots[slot]);
	kfree(node);
}

void xa_destroy(struct xarray *xa)
{
	struct node *root;

	xa_lock(xa);
	root = xa->xa_head;
	xa->xa_head = NULL;
	xa_unlock(xa);
	if (root)
		free_nodes(root);
}

void *xas_load(struct xa_state *xas)
{
	lockdep_assert_held(&xas->xa->xa_lock);
	return raw_load(xas->xa, xas->xa_index);
}

void *xas_store(struct xa_state *xas, void *entry)
{
	lockdep_assert_held(&xas->xa->xa_lock);
	return raw_store(xas->xa, xas->xa_index, entry);
}
