// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Operations on atomic variables through the gate, and barriers.  The
 * arithmetic is in atomic.h.
 */
#include "ground.h"
#include <iommufd_model/watch.h>

/* Does the operation and returns the old value, with its sign. */
static long operate(enum iommufd_model_op_kind kind, volatile void *addr,
		    unsigned int how, long a, long b)
{
	switch (how & IOMMUFD_MODEL_ATOMIC_SIZE) {
	case 1:
		return iommufd_model_raw_atomic8(kind, addr, how, a, b);
	case 2:
		return iommufd_model_raw_atomic16(kind, addr, how, a, b);
	case 4:
		return iommufd_model_raw_atomic32(kind, addr, how, a, b);
	default:
		return iommufd_model_raw_atomic64(kind, addr, how, a, b);
	}
}

/*
 * Fills in the old and the new value.  For an operation on a bit these are
 * values of the bit, 0 or 1.
 */
static void set_values(struct iommufd_model_atomic_op *op, long old)
{
	long new = iommufd_model_atomic_result(op->op.kind, old, op->op.arg,
					       op->arg2);
	unsigned long bit;

	if (iommufd_model_op_is_bit(op->op.kind)) {
		bit = __IOMMUFD_MODEL_BIT(op->op.arg);
		op->op.before = !!((unsigned long)old & bit);
		op->op.after = !!((unsigned long)new & bit);
		return;
	}
	op->op.before = old;
	op->op.after = iommufd_model_atomic_signed(op->size, new);
}

long iommufd_model_atomic_gated(enum iommufd_model_op_kind kind,
				volatile void *addr, unsigned int how, long a,
				long b, const struct iommufd_model_site *site)
{
	unsigned int size = how & IOMMUFD_MODEL_ATOMIC_SIZE;
	struct iommufd_model_atomic_op op = {
		.op = {
			.kind = kind,
			.addr = iommufd_model_device_location(
				(const void *)(uintptr_t)addr),
			.arg = iommufd_model_atomic_signed(size, a),
		},
		.arg2 = iommufd_model_atomic_signed(size, b),
		.variable = addr,
		.size = size,
		.relaxed = how & IOMMUFD_MODEL_ATOMIC_RELAXED,
	};
	long old;

	if (iommufd_model_op_is_bit(kind))
		op.op.arg = a;
	op.op.site = site;
	iommufd_model_gate_step(&op.op);
	old = operate(kind, addr, how, op.op.arg, op.arg2);
	set_values(&op, old);
	iommufd_model_gate_event(&op.op);
	return old;
}

#if TSAN_BUILD
/*
 * ThreadSanitizer ignores memory barriers, so each barrier changes this
 * variable, which it does see.
 */
static int barriers;
#endif

void iommufd_model_barrier(void)
{
	iommufd_model_watch_barrier(__ATOMIC_SEQ_CST);
#if TSAN_BUILD
	__atomic_fetch_add(&barriers, 1, __ATOMIC_ACQ_REL);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}
