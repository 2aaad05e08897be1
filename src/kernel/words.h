/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * An operation in words, for those who draw runs.
 */
#ifndef WORDS_H
#define WORDS_H

#include <iommufd_model/kernel/gate.h>

/* What is done: "inc_not_zero", "mutex_lock".  Static. */
const char *iommufd_model_op_verb(const struct iommufd_model_op *op);

/* Did it not do what it is there for?  Of one that was done. */
bool iommufd_model_op_failed(const struct iommufd_model_op *op);

/* "users" of "obj->users", or all of it if it does not end so. */
const char *iommufd_model_member(const char *expr);

#endif
