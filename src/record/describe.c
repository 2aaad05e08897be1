// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Texts that describe operations.  See describe.h.
 *
 * An operand in memory that has a label is named by its member and the label:
 * "users (ioas 3)".  Any other operand is named by its expression in the
 * source, never by an address.
 */
#include "describe.h"
#include <iommufd_model/kernel.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define LONGEST_EXPR 60		/* longer expressions are cut */

void describe_add(struct text *t, const char *fmt, ...)
{
	size_t room = sizeof(t->s) - t->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->s + t->len, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* Counter verbs need no amount: the values before and after show it. */
const char *describe_verb(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		return op->arg == 1 ? "inc" : "add";
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		return op->arg == 1 ? "inc_not_zero" : "add_not_zero";
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
		return "dec";
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		return op->arg == 1 ? "dec_and_test" : "sub_and_test";
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		return "dec_not_one";
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return "dec_if_one";
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:
		return op->arg == 1  ? "atomic_inc" :
		       op->arg == -1 ? "atomic_dec" :
				       "atomic_add";
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN:
		return op->arg == 1  ? "atomic_inc_return" :
		       op->arg == -1 ? "atomic_dec_return" :
				       "atomic_add_return";
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
		return op->arg == 1  ? "atomic_inc_and_test" :
		       op->arg == -1 ? "atomic_dec_and_test" :
				       "atomic_sub_and_test";
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return "wait_event";
	case IOMMUFD_MODEL_OP_COMPLETE:
		return op->arg == TASK_NORMAL ? "complete_all" : "complete";
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
		return op->arg == TASK_INTERRUPTIBLE ? "wake_up_interruptible" :
						       "wake_up";
	default:
		return iommufd_model_op_name(op->kind);
	}
}

bool describe_failed(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS:
	case IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS:
	case IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE:
	case IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE:
	case IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE:
		return op->before == op->after;
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:
		return op->before != op->arg;
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
	case IOMMUFD_MODEL_OP_ALLOC:
	case IOMMUFD_MODEL_OP_FD_READ:
		return !op->after;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
	case IOMMUFD_MODEL_OP_PIN_PAGE:
		return op->after;
	default:
		return false;
	}
}

bool describe_is_counter(unsigned int kind)
{
	return kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
}

/*
 * True if values of @op are shown.  Values that are addresses are never shown.
 */
static bool has_values(const struct record_op *op)
{
	return describe_is_counter(op->kind) ||
	       (iommufd_model_op_is_atomic(
			(enum iommufd_model_op_kind)op->kind) &&
		(int)op->before == op->before && (int)op->after == op->after);
}

const char *describe_last_word(const char *expr, size_t *len)
{
	const char *end = expr + strlen(expr), *s = end;

	while (s > expr && (isalnum((unsigned char)s[-1]) || s[-1] == '_'))
		s--;
	*len = (size_t)(end - s);
	return s;
}

/*
 * Return the member at the end of @expr, such as "users" of "obj->users", or
 * all of @expr if there is none.
 */
static const char *member(const char *expr)
{
	size_t len;
	const char *s = describe_last_word(expr, &len);

	return s > expr && len && strchr(".>", s[-1]) ? s : expr;
}

const char *describe_label(const char *label, unsigned int id,
			   char buf[RECORD_NAME])
{
	if (label && id)
		snprintf(buf, RECORD_NAME, "%.36s %u", label, id);
	else
		snprintf(buf, RECORD_NAME, "%.47s", label ? label : "");
	return buf;
}

const char *describe_file(const struct iommufd_model_site *site)
{
	const char *slash;

	if (!site || !site->file)
		return "?";
	slash = strrchr(site->file, '/');
	return slash ? slash + 1 : site->file;
}

/* Functions of the ground with this prefix are called without it in sources. */
#define PREFIX "iommufd_model_"

static const char *describe_func(const struct iommufd_model_site *site)
{
	if (!site || !site->func)
		return "?";
	return strncmp(site->func, PREFIX, strlen(PREFIX)) ?
		       site->func :
		       site->func + strlen(PREFIX);
}

void describe_site(struct text *t, const struct iommufd_model_site *site)
{
	describe_add(t, "%s %s:%d", describe_func(site), describe_file(site),
		     site ? site->line : 0);
}

/* Add a label such as " (ioas 3)". */
static void add_label(struct text *t, const char *label, unsigned int id)
{
	char name[RECORD_NAME];
	size_t i = t->len + 1;

	if (!label)
		return;
	describe_add(t, " (%s)", describe_label(label, id, name));
	for (; i < t->len; i++)
		if (t->s[i] == ' ')
			t->s[i] = '\t';
}

void describe_operand(struct text *t, const struct iommufd_model_site *site,
		      const char *label, unsigned int id)
{
	const char *what = site && site->what ? site->what : "?";

	if (label)
		what = member(what);
	what += *what == '&';
	describe_add(t, strlen(what) > LONGEST_EXPR ? "%.*s..." : "%.*s",
		 LONGEST_EXPR, what);
	add_label(t, label, id);
}

const char *describe_thread(const struct iommufd_model_record *record,
			    int thread)
{
	static char buf[RECORD_NAME];

	if (thread < 0 || thread >= RECORD_THREADS)
		return "another thread";
	if (record->explored && thread && !record->threads[thread].name[0])
		snprintf(buf, sizeof(buf), "thread %c", 'a' + thread - 1);
	else
		record_thread_name(record, (unsigned int)thread, buf);
	return buf;
}

void describe_op(struct text *t, const struct iommufd_model_record *record,
		 const struct record_op *op)
{
	const struct iommufd_model_op at_gate = record_gate_op(op);
	const char *verb = describe_verb(&at_gate), *label = op->label;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
		describe_operand(t, op->site, NULL, 0);
		describe_add(t, "\t%ld\tbytes", op->arg);
		add_label(t, label, op->id);
		break;
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
		describe_add(t, "%s", verb);
		if (op->arg >= 0)
			describe_add(t, "\t%ld", op->arg);
		break;
	case IOMMUFD_MODEL_OP_BIT_TEST:
	case IOMMUFD_MODEL_OP_BIT_SET:
	case IOMMUFD_MODEL_OP_BIT_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_CHANGE:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_SET:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE:
		describe_add(t, "%s\t%ld\tof ", verb, op->arg);
		describe_operand(t, op->site, label, op->id);
		break;
	case IOMMUFD_MODEL_OP_JOIN:
		describe_add(t, "join %s",
			 describe_thread(record, (int)op->arg + 1));
		break;
	case IOMMUFD_MODEL_OP_AFTER:
	case IOMMUFD_MODEL_OP_IRQS_OFF:
	case IOMMUFD_MODEL_OP_IRQS_ON:
	case IOMMUFD_MODEL_OP_IRQ_ENTER:
	case IOMMUFD_MODEL_OP_IRQ_LEAVE:
		describe_add(t, "%s", verb);
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		label = NULL;	/* it names the queue, not the condition */
		/* fallthrough */
	default:
		describe_add(t, "%s ", verb);
		describe_operand(t, op->site, label, op->id);
	}
}

void describe_result(struct text *t, const struct record_op *op)
{
	const struct iommufd_model_op at_gate = record_gate_op(op);
	bool failed = describe_failed(&at_gate);

	if (op->timeout)
		describe_add(t, ": timed\tout");
	else if (op->spurious)
		describe_add(t, ": woken\tfor\tno\treason");
	else if (op->queued)
		describe_add(t, ": must\twait");
	else if (!op->done)
		return;
	else if (op->kind == IOMMUFD_MODEL_OP_CHOOSE)
		describe_add(t, ":\t%ld\tof\t%ld", op->after, op->arg);
	else if (has_values(op) && op->before != op->after)
		describe_add(t, " %ld\t->\t%ld", op->before, op->after);
	else if (has_values(op))
		describe_add(t, failed ? ":\t%ld,\tfailed" : ":\t%ld",
			 op->before);
	else if (failed)
		describe_add(t, ": failed");
}
