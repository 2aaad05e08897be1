/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Trace points do nothing: operations are recorded at the gate. */
#ifndef TREE_TRACE_EVENTS_IOMMU_H
#define TREE_TRACE_EVENTS_IOMMU_H

#define trace_add_device_to_group(...) ((void)0)
#define trace_remove_device_from_group(...) ((void)0)
#define trace_attach_device_to_domain(...) ((void)0)
#define trace_map(...) ((void)0)
#define trace_unmap(...) ((void)0)
#define trace_io_page_fault(...) ((void)0)

#endif
