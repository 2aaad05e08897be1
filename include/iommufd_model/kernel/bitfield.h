/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Fields in registers and descriptors.  A mask of neighbouring bits describes a
 * field.
 *
 * The macros in capital letters check every mask and value that is a constant:
 * the build stops if the mask is 0 or has a gap, or if the value does not fit.
 *
 * If TYPE is u8, u16, u32, u64, le16, le32, le64, be16, be32 or be64, there are
 * also the functions TYPE_encode_bits(value, field), TYPE_get_bits(value,
 * field), TYPE_replace_bits(old, value, field) and TYPEp_replace_bits(pointer,
 * value, field).  Their field is a mask in the byte order of the CPU.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BITFIELD_H
#define IOMMUFD_MODEL_KERNEL_BITFIELD_H

#include <iommufd_model/kernel/bits.h>
#include <iommufd_model/kernel/byteorder.h>

/** Gives the number of the lowest bit of a mask. */
#define __bf_shf(mask) (__builtin_ffsll((long long)(mask)) - 1)

/** Gives the largest value that fits into a field. */
#define FIELD_MAX(mask) __extension__({					\
	IOMMUFD_MODEL_FIELD_CHECK(mask, 0);				\
	(__typeof__(mask))((mask) >> __bf_shf(mask));			\
})
/** Tells whether a value fits into a field. */
#define FIELD_FIT(mask, value) __extension__({				\
	IOMMUFD_MODEL_FIELD_CHECK(mask, 0);				\
	!((u64)(value) & ~(((u64)(mask)) >> __bf_shf(mask)));		\
})
/** Gives a number with @p value in the field, and 0 in the other bits. */
#define FIELD_PREP(mask, value) __extension__({				\
	IOMMUFD_MODEL_FIELD_CHECK(mask, value);				\
	(__typeof__(mask))(((__typeof__(mask))(value) <<		\
			    __bf_shf(mask)) & (mask));			\
})
/** Does what FIELD_PREP() does with two constants, and gives a constant. */
#define FIELD_PREP_CONST(mask, value)					\
	((((__typeof__(mask))(value) << __bf_shf(mask)) & (mask)) +	\
	 (__typeof__(mask))BUILD_BUG_ON_ZERO(				\
		 IOMMUFD_MODEL_BAD_MASK(mask) ||			\
		 IOMMUFD_MODEL_BAD_VALUE(mask, value)))
/** Gives the value in a field of @p reg. */
#define FIELD_GET(mask, reg) __extension__({				\
	IOMMUFD_MODEL_FIELD_CHECK(mask, 0);				\
	(__typeof__(mask))(((reg) & (mask)) >> __bf_shf(mask));		\
})
/** Stores @p value in a field of @p *reg and keeps the other bits. */
#define FIELD_MODIFY(mask, reg, value) __extension__({			\
	IOMMUFD_MODEL_FIELD_CHECK(mask, value);				\
	*(reg) = (__typeof__(*(reg)))((*(reg) & ~(mask)) |		\
		 (((__typeof__(mask))(value) << __bf_shf(mask)) & (mask))); \
})

/** Does what FIELD_PREP() does, for a mask that need not be a constant. */
#define field_prep(mask, value) \
	((__typeof__(mask))iommufd_model_field_prep((u64)(mask), (u64)(value)))
/** Does what FIELD_GET() does, for a mask that need not be a constant. */
#define field_get(mask, reg) \
	((__typeof__(mask))iommufd_model_field_get((u64)(mask), (u64)(reg)))

/** @cond INTERNAL */
static inline u64 iommufd_model_field_prep(u64 mask, u64 value)
{
	return (value << __bf_shf(mask)) & mask;
}

static inline u64 iommufd_model_field_get(u64 mask, u64 reg)
{
	return (reg & mask) >> __bf_shf(mask);
}

/* Is true if the mask is a constant that is 0 or has a gap. */
#define IOMMUFD_MODEL_BAD_MASK(mask)					\
	IOMMUFD_MODEL_IF_CONST(!(mask) ||				\
			       ((u64)(mask) &				\
				((u64)(mask) + ((u64)(mask) &		\
						(~(u64)(mask) + 1)))))
/*
 * Is true if the mask and the value are constants, the mask is good, and the
 * value does not fit.
 */
#define IOMMUFD_MODEL_BAD_VALUE(mask, value)				\
	(IOMMUFD_MODEL_IF_CONST((u64)(mask)) != 0 &&			\
	 (IOMMUFD_MODEL_IF_CONST((u64)(value)) &			\
	  ~(IOMMUFD_MODEL_IF_CONST((u64)(mask)) /			\
	    ((IOMMUFD_MODEL_IF_CONST((u64)(mask)) &			\
	      (~IOMMUFD_MODEL_IF_CONST((u64)(mask)) + 1)) |		\
	     !IOMMUFD_MODEL_IF_CONST((u64)(mask))))) != 0)
#define IOMMUFD_MODEL_FIELD_CHECK(mask, value)				\
	IOMMUFD_MODEL_STATIC_ASSERT(!IOMMUFD_MODEL_BAD_MASK(mask),	\
				    "the mask is 0 or has a gap");	\
	IOMMUFD_MODEL_STATIC_ASSERT(!IOMMUFD_MODEL_BAD_VALUE(mask, value), \
				    "the value does not fit")

#define IOMMUFD_MODEL_FIELD_FUNCTIONS(name, type, base, to, from)	\
static inline type name##_encode_bits(base value, base field)		\
{									\
	return to((base)((base)(value << __bf_shf(field)) & field));	\
}									\
static inline type name##_replace_bits(type old, base value, base field) \
{									\
	return (type)((old & (type)~to(field)) |			\
		      name##_encode_bits(value, field));		\
}									\
static inline void name##p_replace_bits(type *p, base value, base field) \
{									\
	*p = name##_replace_bits(*p, value, field);			\
}									\
static inline base name##_get_bits(type value, base field)		\
{									\
	return (base)((base)(from(value) & field) >> __bf_shf(field));	\
}
#define IOMMUFD_MODEL_SAME(x) (x)
IOMMUFD_MODEL_FIELD_FUNCTIONS(u8, u8, u8, IOMMUFD_MODEL_SAME,
			      IOMMUFD_MODEL_SAME)
IOMMUFD_MODEL_FIELD_FUNCTIONS(u16, u16, u16, IOMMUFD_MODEL_SAME,
			      IOMMUFD_MODEL_SAME)
IOMMUFD_MODEL_FIELD_FUNCTIONS(u32, u32, u32, IOMMUFD_MODEL_SAME,
			      IOMMUFD_MODEL_SAME)
IOMMUFD_MODEL_FIELD_FUNCTIONS(u64, u64, u64, IOMMUFD_MODEL_SAME,
			      IOMMUFD_MODEL_SAME)
IOMMUFD_MODEL_FIELD_FUNCTIONS(le16, __le16, u16, cpu_to_le16, le16_to_cpu)
IOMMUFD_MODEL_FIELD_FUNCTIONS(le32, __le32, u32, cpu_to_le32, le32_to_cpu)
IOMMUFD_MODEL_FIELD_FUNCTIONS(le64, __le64, u64, cpu_to_le64, le64_to_cpu)
IOMMUFD_MODEL_FIELD_FUNCTIONS(be16, __be16, u16, cpu_to_be16, be16_to_cpu)
IOMMUFD_MODEL_FIELD_FUNCTIONS(be32, __be32, u32, cpu_to_be32, be32_to_cpu)
IOMMUFD_MODEL_FIELD_FUNCTIONS(be64, __be64, u64, cpu_to_be64, be64_to_cpu)
#undef IOMMUFD_MODEL_FIELD_FUNCTIONS
#undef IOMMUFD_MODEL_SAME
/** @endcond */

#endif
