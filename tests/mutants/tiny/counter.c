// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* For each function mutants.sh knows what the result of its mutants must be. */
#include <errno.h>

#include "counter.h"

#define LIMIT 10
#define CHECKED(x) ((x) ? 1 : 0)

static int value;
static int refused;

static void note_refused(void)
{
	refused++;
}

/* test.c tries neither the limit itself nor the note. */
int counter_add(int n)
{
	static const int limit = 0 + LIMIT;

	if (value + n > limit) {
		note_refused();
		return -ENOSPC;
	}
	value += n;
	return 0;
}

int counter_value(void)
{
	return value;
}

int counter_refused(void)
{
	return CHECKED(refused);
}

/*
 * Only a child calls this, and it does not return from main().
 */
void counter_reset(void)
{
	value = 0;
}

/* A mutant with <= in place of < does the same. */
int counter_clamp(int n)
{
	if (n < 0)
		n = 0;
	return n;
}

int counter_unused(int n)
{
	while (n > 3)
		n -= 2;
	return n;
}

static void iommufd_model_label(const void *obj, const char *name)
{
	(void)obj;
	(void)name;
}

/* It makes no difference which of the two calls is the first. */
void counter_named(void)
{
	iommufd_model_label(&value, "value");
	note_refused();
}
