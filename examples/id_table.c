// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A table of ids, as the context has one for its objects.
 *
 * To learn: xarray gives out the lowest free index; the zero entry reserves one
 * for something that is not ready, or keeps it from ever being used again.
 * Whoever looks sees neither.
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

	/* ALLOC1: from 1 on. */
	xa_init_flags(&table, XA_FLAGS_ALLOC1);
	result("an id for an apple",
	       xa_alloc(&table, &id, a, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 1);
	result("an id for what is not ready",
	       xa_alloc(&table, &id, XA_ZERO_ENTRY, xa_limit_31b, GFP_KERNEL),
	       0);
	number("which is", id, 2);
	number("can anything be seen there?", xa_load(&table, 2) != NULL, 0);
	result("an id for a cherry",
	       xa_alloc(&table, &id, c, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 3);
	print(&table);

	/* The slot is there: this needs no memory. */
	result("the banana is ready",
	       xa_err(xa_store(&table, 2, b, GFP_KERNEL)), 0);
	xa_erase(&table, 1);
	print(&table);
	result("1 is free again, and given out",
	       xa_alloc(&table, &id, a, xa_limit_31b, GFP_KERNEL), 0);
	number("which is", id, 1);

	xa_erase(&table, 1);
	xa_erase(&table, 2);
	xa_erase(&table, 3);
	number("empty", xa_empty(&table), 1);
	xa_destroy(&table);
	return account_end();
}
