// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Structs from and to user memory, which may be anything.
 *
 * To learn: a bad address is -EFAULT and no crash; a struct that is shorter
 * than ours is completed with zeros, a longer one is welcome if its excess is
 * zero.  So programs older and newer than the kernel work.
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
	void __user *nowhere = (void __user *)16;
	struct {
		struct request request;
		u32 more;
	} user = { { .size = sizeof(struct request), .value = 7 }, 0 };
	struct request request;
	u32 word = 0;

	number("bytes of a struct not copied",
	       (long)copy_from_user(&request, &user, sizeof(request)), 0);
	number("from nowhere",
	       (long)copy_from_user(&request, nowhere, sizeof(request)),
	       sizeof(request));
	result("one word", get_user(word, &user.request.size), 0);
	number("which is", word, sizeof(struct request));
	result("one word to nowhere", put_user(word, (u32 *)nowhere), -EFAULT);
	result("to what cannot be written", put_user(word, (u32 *)&constant),
	       -EFAULT);

	memset(&request, 0xff, sizeof(request));
	result("an old program's struct",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     offsetof(struct request, value)), 0);
	number("the value that it does not know", (long)request.value, 0);
	result("a new program's struct",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     sizeof(user)), 0);
	number("the value", (long)request.value, 7);
	user.more = 1;
	result("that wants something new",
	       copy_struct_from_user(&request, sizeof(request), &user,
				     sizeof(user)), -E2BIG);
	return account_end();
}
