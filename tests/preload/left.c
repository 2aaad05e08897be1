// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What is reported as left over at the end, in each way that a process ends.
 *	left [exit|_exit|quick|return|group|vfork|exec]
 */
#include "program.h"
#include <sys/syscall.h>

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	struct machine machine;

	if (!strcmp(how, "again"))	/* exec ran this program */
		return new_ioas(3) != 0;
	make_machine(&machine);
	mmap(NULL, machine.mmap_length, PROT_READ, MAP_SHARED, machine.fd,
	     (off_t)machine.mmap_offset);
	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "_exit"))
		_exit(3);
	if (!strcmp(how, "quick"))
		quick_exit(3);
	if (!strcmp(how, "group"))
		syscall(SYS_exit_group, 3);
	/*
	 * The end of a child that shares this memory is not the end of the
	 * process.
	 */
	if (!strcmp(how, "vfork") && !vfork())
		_exit(0);
	if (!strcmp(how, "exec"))
		execl("/proc/self/exe", argv[0], "again", NULL);
	return 3;
}
