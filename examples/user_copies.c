// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Structs are copied from and to user memory, at any address.
 *
 * The example shows that a bad address gives -EFAULT and does not crash.  A
 * struct that is shorter than the kernel's is filled up with zeros.  A longer
 * one is accepted if the rest of it is zero.  So programs that are older or
 * newer than the kernel work.
 */
#include "account.h"
#include <iommufd_model/kernel.h>

struct request {
	u32 size;
	u32 flags;
	u64 value;
};

static const u32 constant = 1;

int main(void)
{
	void __user *bad = (void __user *)16;
	struct {
		struct request request;
		u32 more;
	} user = { { .size = sizeof(struct request), .value = 7 }, 0 };
	struct request request;
	u32 word = 0;

	number("bytes of a struct not copied",
	       (long)copy_from_user(&request, &user, sizeof(request)), 0);
	number("the same from a bad address",
	       (long)copy_from_user(&request, bad, sizeof(request)),
	       sizeof(request));
	result("one word", get_user(word, &user.request.size), 0);
	number("which is", word, sizeof(struct request));
	result("one word to a bad address", put_user(word, (u32 *)bad),
	       -EFAULT);
	result("one word to read-only memory", put_user(word, (u32 *)&constant),
	       -EFAULT);

	memset(&request, 0xff, sizeof(request));
	result("an old program's struct",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     offsetof(struct request, value)), 0);
	number("the member that it does not have", (long)request.value, 0);
	result("a new program's struct",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     sizeof(user)), 0);
	number("the member", (long)request.value, 7);
	user.more = 1;
	result("a new program's struct with more data",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     sizeof(user)), -E2BIG);
	return account_end();
}
