// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program iommufd-model, in which the second call of the model raises the
 * signal that CRASH names.  The output of the program before that must not be
 * lost.
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
