/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Empty: no page is watched (iommu-priv.h has what is then called). */
