// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as it is handed out: the way to its writers, and its end.
 */
#include "write.h"
#include <errno.h>
#include <stdlib.h>

int iommufd_model_graph_write(const struct iommufd_model_graph *graph,
			      enum iommufd_model_graph_format format, FILE *to)
{
	int rc = 0;

	switch (format) {
	case IOMMUFD_MODEL_GRAPH_TEXT:
		observe_graph_text(graph, to);
		break;
	case IOMMUFD_MODEL_GRAPH_DOT:
		observe_graph_dot(graph, to);
		break;
	case IOMMUFD_MODEL_GRAPH_MERMAID:
		observe_graph_mermaid(graph, to);
		break;
	case IOMMUFD_MODEL_GRAPH_SVG:
		rc = observe_graph_svg(graph, to);
		break;
	case IOMMUFD_MODEL_GRAPH_JSON:
		observe_graph_json(graph, to);
		break;
	}
	if (fflush(to) || ferror(to))
		return -EIO;
	return rc;
}

void iommufd_model_graph_free(struct iommufd_model_graph *graph)
{
	if (!graph)
		return;
	free(graph->nodes);
	free(graph->edges);
	free(graph->locks);
	free(graph);
}
