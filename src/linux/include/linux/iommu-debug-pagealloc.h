/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * This header is empty, as no page is watched; iommu-priv.h has the functions
 * that are called then.
 */
