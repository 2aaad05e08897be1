/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The commands of the program.
 *
 * A command gets its own arguments and returns the exit code.  argv[0] is the
 * name of the command for its messages.  Only main() exits.
 */
#ifndef CLI_H
#define CLI_H

enum exit_code {
	EXIT_FINE,
	EXIT_FOUND,	/* the command ran and found a failure */
	EXIT_UNUSABLE,	/* bad usage or input, output that cannot be written */
};

int run_command(int argc, char **argv);
int explore_command(int argc, char **argv);
int replay_command(int argc, char **argv);
int merge_command(int argc, char **argv);
int graph_command(int argc, char **argv);
int page_command(int argc, char **argv);
int exec_command(int argc, char **argv);
int zoo_command(int argc, char **argv);

/*
 * addresses.c: run the program again with the same arguments, so that each run has
 * the same addresses.  Returns if it has them, or cannot have them.
 */
void same_addresses(char *const *argv);

#endif
