// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Volatile accesses of watched code, and those of data_race(): list_empty() without
 * a lock, for example; and all accesses in sections of sequence counters.
 *
 * They do not race with each other, nor with READ_ONCE() and the like, so both
 * orders of two of them can matter.  But most of them are made under locks, and
 * would be steps to no purpose.  So at first they are no steps.  When an execution
 * has two of them that nothing orders, or one of them and an operation such as
 * READ_ONCE(), and one of the two is a write, the search begins again, and all of
 * them are steps: a read is a READ_ONCE(), and a write is a WRITE_ONCE().
 *
 * The step comes before the access, and nothing tells when the access is done.  So
 * there is no step after it (ending.c).
 *
 * The call sites of these steps are found from the address of the code.  They are
 * in memory that the processes of an exploration share, because a record refers to
 * them, and is read when the process that wrote it has ended.
 */
#include "internal.h"
#include "../kernel/no_state.h"
#include "exploration.h"
#include <stdio.h>
#include <string.h>

#define MAX_SITES 512u
/* A loop with this many accesses and no step is taken not to end by itself. */
#define LONG_LOOP 1000000u

/*
 * struct code_site - a call site
 * @pc: the address of the code behind the access; 0: not used
 * @named: its names are known
 */
struct code_site {
	uintptr_t pc;
	bool named;
	struct iommufd_model_site site;
	char func[128], file[256], what[72];
};

/* What is said of a call site with no name of its own. */
static const char is_volatile[] = "(volatile)", in_section[] = "(in a section)";

static struct code_site *sites;
NO_CHECKPOINT(sites);
/* A call site whose names are not known, or for which there is no room. */
static const struct iommufd_model_site unknown = { "?", "?", 0, is_volatile };

/* How many accesses there were at depth @since_depth while they are no steps. */
static unsigned int since;
static int since_depth;
NO_CHECKPOINT(since);
NO_CHECKPOINT(since_depth);

bool explore_marked_prepare(void)
{
	unsigned int i;

	if (sites || !iommufd_model_watched_files)
		return true;
	sites = explore_shared(MAX_SITES * sizeof(*sites));
	for (i = 0; sites && i < MAX_SITES; i++)
		sites[i].site = unknown;
	return sites;
}

/* Find the names of a call site. */
static void name(struct code_site *code)
{
	struct watch_symbol symbol;

	iommufd_model_watch_symbol(code->pc, &symbol);
	memcpy(code->func, symbol.func, sizeof(code->func));
	memcpy(code->file, symbol.file, sizeof(code->file));
	snprintf(code->what, sizeof(code->what), "of %s()", symbol.inlined);
	code->site.func = code->func;
	code->site.file = code->file;
	code->site.line = symbol.line;
	if (*symbol.inlined)
		code->site.what = code->what;
	code->named = true;
}

const char *explore_marked_what(const struct node *node, char *buf, size_t size)
{
	const char *what = node->site->what;
	char variable[64];

	if ((what != is_volatile && what != in_section) ||
	    !iommufd_model_watch_variable(node->addr, variable,
					  sizeof(variable)))
		return what;
	snprintf(buf, size, "%s %s", variable, what);
	return buf;
}

/* True if the entry is that of @pc, or was free. */
static bool takes(struct code_site *code, uintptr_t pc)
{
	uintptr_t old = 0;

	return __atomic_compare_exchange_n(&code->pc, &old, pc, false,
					   __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED) ||
	       old == pc;
}

/* Names take long, and only the replay of a failure needs them. */
static const struct iommufd_model_site *
site_of(const struct search *search, uintptr_t pc, unsigned int how)
{
	u32 i = (u32)(pc * 0x9e3779b97f4a7c15ull >> 32) % MAX_SITES, n;

	for (n = 0; n < MAX_SITES && !takes(&sites[i], pc); n++)
		i = (i + 1) % MAX_SITES;
	if (n == MAX_SITES)
		return &unknown;
	if (!sites[i].named)
		sites[i].site.what = how & WATCH_MARKED ||
						     iommufd_model_watch.me->hidden ?
					     is_volatile :
					     in_section;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY && !sites[i].named)
		name(&sites[i]);
	return &sites[i].site;
}

/*
 * Do for the step of @op what is done when an operation is done: the access itself
 * comes later, and calls nothing then.
 */
static void take(struct execution *exec, struct iommufd_model_op *op)
{
	if (op->kind == IOMMUFD_MODEL_OP_READ_ONCE)
		memcpy(&op->after, op->addr,
		       (size_t)op->arg < sizeof(op->after) ? (size_t)op->arg :
							     sizeof(op->after));
	exec->search->nodes[exec->search->depth - 1].result = (int)op->after;
	explore_order(exec, op);
	if (exec->record && op->kind == IOMMUFD_MODEL_OP_READ_ONCE)
		record_done(exec->record,
			    (unsigned int)explore_thread_running(exec) + 1, op);
}

/* Have the search begin again with these steps.  A replay is told about them. */
static void learn(struct search *search)
{
	if (search->marked_learnt || search->target ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY)
		return;
	search->marked_learnt = true;
	search->retry = true;
	/* As for the loops of spin_learn.c. */
	search->late |= explore_search_is_dealt(search);
}

/*
 * A loop that looks at a volatile variable never passes the gate.  If it has gone on
 * for long, leave the execution, and begin again with steps for these accesses.
 */
static void look_at_loop(struct execution *exec)
{
	if (exec->search->depth != since_depth) {
		since_depth = exec->search->depth;
		since = 0;
	}
	if (++since < LONG_LOOP)
		return;
	since = 0;
	learn(exec->search);
	if (exec->search->retry)
		explore_execution_leave(exec);
}

static bool step(uintptr_t addr, size_t size, unsigned int how, uintptr_t pc)
{
	struct execution *exec = explore_execution_current();
	struct iommufd_model_op op = {
		.kind = how & WATCH_WRITE ? IOMMUFD_MODEL_OP_WRITE_ONCE :
					    IOMMUFD_MODEL_OP_READ_ONCE,
		.addr = (const void *)addr,
		.arg = (long)size,
	};

	if (!exec->search->marked) {
		look_at_loop(exec);
		return false;
	}
	op.site = site_of(exec->search, pc, how);
	iommufd_model_access_begin(op.kind, op.addr, size, op.site);
	if (exec->phase == PHASE_THREADS)
		take(exec, &op);
	return true;
}

static void untried(void)
{
	learn(explore_execution_current()->search);
}

void explore_marked_reset(void)
{
	since_depth = -1;
	iommufd_model_watch.step = step;
	iommufd_model_watch.untried = untried;
}
