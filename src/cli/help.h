/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The texts of help.txt, which the commands print for --help. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

extern const char help_drawings[], help_run[], help_explore[], help_merge[],
	help_graph[], help_page[], help_exec[], help_zoo[];

#endif
