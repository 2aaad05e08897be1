// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program, but the second call of the model ends in the signal that CRASH
 * names: what the program did before must not be lost with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <iommufd_model/model.h>

int __real_iommufd_model_ioctl(int fd, unsigned int cmd, void *arg);
int __wrap_iommufd_model_ioctl(int fd, unsigned int cmd, void *arg);

int __wrap_iommufd_model_ioctl(int fd, unsigned int cmd, void *arg)
{
	const char *number = getenv("CRASH");
	static int calls;

	if (++calls == 2 && number) {
		signal(atoi(number), SIG_DFL);
		raise(atoi(number));
	}
	return __real_iommufd_model_ioctl(fd, cmd, arg);
}
