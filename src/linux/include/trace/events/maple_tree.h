/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_TRACE_EVENTS_MAPLE_TREE_H
#define TREE_TRACE_EVENTS_MAPLE_TREE_H

#define trace_ma_op(...) ((void)0)
#define trace_ma_read(...) ((void)0)
#define trace_ma_write(...) ((void)0)

#endif
