/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Groups of members of a struct, and flexible arrays in positions where the
 * language does not allow them.
 */
#ifndef IOMMUFD_MODEL_KERNEL_STDDEF_H
#define IOMMUFD_MODEL_KERNEL_STDDEF_H

#include <iommufd_model/kernel/compiler.h>

/** Declares members that are also members of a struct @p name. */
#define struct_group(name, ...)						\
	__extension__ union {						\
		struct { __VA_ARGS__ };					\
		struct { __VA_ARGS__ } name;				\
	}
/** Does struct_group() for a struct with attributes. */
#define struct_group_attr(name, attrs, ...)				\
	__extension__ union {						\
		struct { __VA_ARGS__ } attrs;				\
		struct { __VA_ARGS__ } attrs name;			\
	}
/** Declares a flexible array that is the only member, or is in a union. */
#ifdef __cplusplus
#define DECLARE_FLEX_ARRAY(type, name) __extension__ type name[0]
#else
#define DECLARE_FLEX_ARRAY(type, name)					\
	__extension__ struct {						\
		struct { } __empty_##name;				\
		type name[];						\
	}
#endif

#endif
