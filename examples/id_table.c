// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An id table, like the one in which a context has its objects.
 *
 * The example shows that an xarray allocates the lowest free index.  The zero
 * entry reserves an index for an entry that is not ready, or keeps it from ever
 * being used again.  A lookup finds nothing at such an index.
 */
#include "account.h"
#include <iommufd_model/kernel.h>

static void print(struct xarray *table)
{
	unsigned long id;
	const char *value;

	xa_for_each(table, id, value)
		printf("\t%lu: %s\n", id, value);
}

int main(void)
{
	static char a[] = "apple", b[] = "banana", c[] = "cherry";
	struct xarray table;
	u32 id = 0;

	/* XA_FLAGS_ALLOC1: the lowest index is 1. */
	xa_init_flags(&table, XA_FLAGS_ALLOC1);
	result("an id for an apple",
	       xa_alloc(&table, &id, a, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 1);
	result("an id for an entry that is not ready",
	       xa_alloc(&table, &id, XA_ZERO_ENTRY, xa_limit_31b, GFP_KERNEL),
	       0);
	number("which is", id, 2);
	number("does a lookup find an entry there?",
	       xa_load(&table, 2) != NULL, 0);
	result("an id for a cherry",
	       xa_alloc(&table, &id, c, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 3);
	print(&table);

	/* The slot was reserved, so this store allocates no memory. */
	result("the banana is ready",
	       xa_err(xa_store(&table, 2, b, GFP_KERNEL)), 0);
	xa_erase(&table, 1);
	print(&table);
	result("1 is free again, and is allocated",
	       xa_alloc(&table, &id, a, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 1);

	xa_erase(&table, 1);
	xa_erase(&table, 2);
	xa_erase(&table, 3);
	number("empty", xa_empty(&table), 1);
	xa_destroy(&table);
	return account_end();
}
