/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * UUIDs.  The bytes of a uuid_t are in the order in which a UUID is written.
 * In a guid_t the first three numbers are little-endian.
 */
#ifndef IOMMUFD_MODEL_KERNEL_UUID_H
#define IOMMUFD_MODEL_KERNEL_UUID_H

#include <iommufd_model/kernel/types.h>
#include <string.h>

#define UUID_SIZE 16	/**< the number of bytes of a UUID */
#define UUID_STRING_LEN 36	/**< the length of a UUID as a string */

/** A UUID, big-endian. */
typedef struct {
	__u8 b[UUID_SIZE];	/**< its bytes */
} uuid_t;
/** A UUID whose first three numbers are little-endian. */
typedef struct {
	__u8 b[UUID_SIZE];	/**< its bytes */
} guid_t;

/** Initialises a uuid_t from numbers of 32, 16 and 16 bits and 8 bytes. */
#define UUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)		\
	{ { (u8)((a) >> 24), (u8)((a) >> 16), (u8)((a) >> 8), (u8)(a),	\
	    (u8)((b) >> 8), (u8)(b), (u8)((c) >> 8), (u8)(c),		\
	    d0, d1, d2, d3, d4, d5, d6, d7 } }
/** Initialises a guid_t from numbers of 32, 16 and 16 bits and 8 bytes. */
#define GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)		\
	{ { (u8)(a), (u8)((a) >> 8), (u8)((a) >> 16), (u8)((a) >> 24),	\
	    (u8)(b), (u8)((b) >> 8), (u8)(c), (u8)((c) >> 8),		\
	    d0, d1, d2, d3, d4, d5, d6, d7 } }

/**
 * Compares two UUIDs.
 * @param a  a UUID
 * @param b  the other
 * @return true if they are equal
 */
static inline bool uuid_equal(const uuid_t *a, const uuid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * Compares two UUIDs.
 * @param a  a UUID
 * @param b  the other
 * @return true if they are equal
 */
static inline bool guid_equal(const guid_t *a, const guid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * Copies a UUID.
 * @param dst  the destination
 * @param src  the source
 */
static inline void uuid_copy(uuid_t *dst, const uuid_t *src)
{
	*dst = *src;
}

/**
 * Copies a UUID.
 * @param dst  the destination
 * @param src  the source
 */
static inline void guid_copy(guid_t *dst, const guid_t *src)
{
	*dst = *src;
}

/**
 * Tells whether all bytes of a UUID are 0.
 * @param uuid  the UUID
 * @return true if they are
 */
static inline bool uuid_is_null(const uuid_t *uuid)
{
	static const uuid_t null = { { 0 } };

	return uuid_equal(uuid, &null);
}

/**
 * Tells whether all bytes of a UUID are 0.
 * @param guid  the UUID
 * @return true if they are
 */
static inline bool guid_is_null(const guid_t *guid)
{
	static const guid_t null = { { 0 } };

	return guid_equal(guid, &null);
}

#endif
