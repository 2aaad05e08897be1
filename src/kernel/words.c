// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Operations in words.  See words.h.
 */
#include "words.h"
#include <iommufd_model/kernel.h>
#include <ctype.h>
#include <string.h>

/* Of a counter the values say how much. */
const char *iommufd_model_op_verb(const struct iommufd_model_op *op)
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
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return "dec_if_one";
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return "wait_event";
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
		return op->arg == TASK_INTERRUPTIBLE ? "wake_up_interruptible" :
						       "wake_up";
	default:
		return iommufd_model_op_name(op->kind);
	}
}

bool iommufd_model_op_failed(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return op->before == op->after;
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
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

const char *iommufd_model_member(const char *expr)
{
	const char *s = expr + strlen(expr);

	while (s > expr && (isalnum((unsigned char)s[-1]) || s[-1] == '_'))
		s--;
	return s > expr && *s && strchr(".>", s[-1]) ? s : expr;
}
