/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef OPS_VIOMMU_H
#define OPS_VIOMMU_H

#include "world.h"

int op_mock_domain(struct world *w);
int op_mock_domain_replace(struct world *w);
int op_hwpt_alloc(struct world *w);
int op_nest_parent(struct world *w);
int op_nested(struct world *w);
int op_viommu_alloc(struct world *w);
int op_vdevice_alloc(struct world *w);
int op_veventq_alloc(struct world *w);
int op_fault_alloc(struct world *w);
int op_trigger_vevent(struct world *w);
int op_hw_queue_alloc(struct world *w);
int op_read(struct world *w);
int op_mmap(struct world *w);
int op_munmap(struct world *w);

#endif
