// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* struct file, descriptors, and the moment at which a file is released. */
#include "ground_suite.h"
#include "recorder.h"
#include "../../../src/kernel/file_call.h"

/* A file that records its release, and may hold a reference to another file. */
struct note {
	unsigned int released;
	struct file *other;
	int fd;
	unsigned int cmd;
	void *arg;
	unsigned int released_in_ioctl;
};

static int note_release(struct inode *inode, struct file *filp)
{
	struct note *note = filp->private_data;

	(void)inode;
	note->released++;
	if (note->other)
		fput(note->other);
	return 0;
}

/* Closes the file's own descriptor while the ioctl runs. */
static long note_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct note *note = filp->private_data;

	note->cmd = cmd;
	note->arg = (void *)arg;
	ck_assert_int_eq(close_fd((unsigned int)note->fd), 0);
	note->released_in_ioctl = note->released;
	return 17;
}

static const struct file_operations note_fops = {
	.release = note_release,
	.unlocked_ioctl = note_ioctl,
};

static long unknown_ioctl(struct file *filp, unsigned int cmd,
			  unsigned long arg)
{
	(void)filp;
	(void)arg;
	return cmd == 1 ? -ENOIOCTLCMD : -EXDEV;
}

static const struct file_operations unknown_fops = {
	.release = note_release,
	.unlocked_ioctl = unknown_ioctl,
};
static const struct file_operations mute_fops = { .release = note_release };

static struct file *make_file(struct note *note)
{
	struct file *file;

	memset(note, 0, sizeof(*note));
	file = anon_inode_getfile("note", &note_fops, note, 5);
	ck_assert(!IS_ERR(file));
	return file;
}

static int install(struct file *file)
{
	int fd = get_unused_fd_flags(0);

	ck_assert_int_ge(fd, 3);
	fd_install((unsigned int)fd, file);
	return fd;
}

START_TEST(new_file_has_one_reference)
{
	struct note note;
	struct file *file = make_file(&note);

	ck_assert_uint_eq(file_count(file), 1);
	ck_assert_str_eq(file->f_name, "note");
	ck_assert_ptr_eq(file->private_data, &note);
	ck_assert_ptr_eq(file->f_op, &note_fops);
	ck_assert_uint_eq(file->f_flags, 5);
	ck_assert_ptr_eq(get_file(file), file);
	ck_assert_uint_eq(file_count(file), 2);
	fput(file);
	ck_assert_uint_eq(note.released, 0);
	fput(file);
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

static unsigned int told;

static void tell(struct file *file, enum iommufd_model_file_event event,
		 long arg)
{
	(void)file;
	(void)arg;
	told |= 1u << event;
}

static void ignore(struct iommufd_model_hook *hook,
		   const struct iommufd_model_op *op)
{
	(void)hook;
	(void)op;
}

/* A kernel tree asks for these calls. */
START_TEST(what_happens_to_a_file_is_told_if_asked_for)
{
	static struct iommufd_model_hook hook = { .event = ignore };
	struct note note;

	iommufd_model_file_call = tell;
	fput(make_file(&note));
	ck_assert_uint_eq(told, 0);
	iommufd_model_hook_add(&hook);
	fput(make_file(&note));
	iommufd_model_hook_remove(&hook);
	iommufd_model_file_call = NULL;
	ck_assert_uint_eq(told, 1u << IOMMUFD_MODEL_FILE_MADE |
				1u << IOMMUFD_MODEL_FILE_RELEASE |
				1u << IOMMUFD_MODEL_FILE_RELEASED);
}
END_TEST

START_TEST(file_without_memory_is_enomem)
{
	struct file *file;

	iommufd_model_fail_nth(1);
	file = anon_inode_getfile("note", &note_fops, NULL, 0);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(PTR_ERR(file), -ENOMEM);
}
END_TEST

START_TEST(descriptors_are_the_lowest_free_from_three)
{
	ck_assert_int_eq(get_unused_fd_flags(0), 3);
	ck_assert_int_eq(get_unused_fd_flags(0), 4);
	ck_assert_int_eq(get_unused_fd_flags(0), 5);
	put_unused_fd(4);
	ck_assert_int_eq(get_unused_fd_flags(0), 4);
	put_unused_fd(3);
	put_unused_fd(4);
	put_unused_fd(5);
	ck_assert_int_eq(get_unused_fd_flags(0), 3);
	put_unused_fd(3);
}
END_TEST

START_TEST(descriptor_without_memory_is_enomem)
{
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(get_unused_fd_flags(0), -ENOMEM);
	iommufd_model_fail_nth(0);
}
END_TEST

START_TEST(reserved_descriptor_is_seen_by_nobody)
{
	int fd = get_unused_fd_flags(0);

	ck_assert_ptr_null(fget((unsigned int)fd));
	ck_assert_int_eq(close_fd((unsigned int)fd), -EBADF);
	ck_assert_int_eq(iommufd_model_close(fd), -EBADF);
	ck_assert_int_eq(iommufd_model_ioctl(fd, 0, NULL), -EBADF);
	ck_assert_int_eq(get_unused_fd_flags(0), fd + 1);
	put_unused_fd((unsigned int)fd + 1);
	put_unused_fd((unsigned int)fd);
}
END_TEST

START_TEST(installing_hands_the_reference_to_the_table)
{
	struct note note;
	struct file *file = make_file(&note);
	int fd = install(file);

	ck_assert_uint_eq(file_count(file), 1);
	ck_assert_ptr_eq(fget((unsigned int)fd), file);
	ck_assert_uint_eq(file_count(file), 2);
	ck_assert_int_eq(close_fd((unsigned int)fd), 0);
	ck_assert_uint_eq(file_count(file), 1);
	ck_assert_int_eq(close_fd((unsigned int)fd), -EBADF);
	ck_assert_ptr_null(fget((unsigned int)fd));
	ck_assert_int_eq(get_unused_fd_flags(0), fd);
	put_unused_fd((unsigned int)fd);
	fput(file);
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(unknown_descriptors_are_ebadf)
{
	static const int fds[] = { -1, 0, 2, 3, 1 << 20, INT_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		ck_assert_int_eq(iommufd_model_close(fds[i]), -EBADF);
		ck_assert_int_eq(iommufd_model_ioctl(fds[i], 0, NULL), -EBADF);
		ck_assert_ptr_null(fget((unsigned int)fds[i]));
	}
}
END_TEST

START_TEST(put_unused_of_an_installed_descriptor_warns)
{
	struct note note;
	struct file *file = make_file(&note);
	int fd = install(file);

	ck_assert_warns("xa_erase", put_unused_fd((unsigned int)fd));
	fput(file);
}
END_TEST

/*
 * R-CTX-2: a release by the last put in a system call happens at the end of the
 * call.
 */
START_TEST(last_put_waits_for_the_end_of_the_system_call)
{
	struct note note;
	struct file *file = make_file(&note);

	iommufd_model_enter();
	iommufd_model_enter();
	fput(file);
	ck_assert_uint_eq(note.released, 0);
	ck_assert_uint_eq(file_count(file), 0);
	iommufd_model_leave();
	ck_assert_uint_eq(note.released, 0);
	iommufd_model_leave();
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(last_put_outside_of_a_system_call_releases_at_once)
{
	struct note note;

	fput(make_file(&note));
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(synchronous_put_releases_at_once_everywhere)
{
	struct note note;
	struct file *file = make_file(&note);

	iommufd_model_enter();
	get_file(file);
	__fput_sync(file);
	ck_assert_uint_eq(note.released, 0);
	__fput_sync(file);
	ck_assert_uint_eq(note.released, 1);
	iommufd_model_leave();
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(release_that_puts_another_file_releases_that_too)
{
	struct note first, second, third;
	struct file *file = make_file(&first);

	first.other = make_file(&second);
	second.other = make_file(&third);
	iommufd_model_enter();
	fput(file);
	iommufd_model_leave();
	ck_assert_uint_eq(first.released, 1);
	ck_assert_uint_eq(second.released, 1);
	ck_assert_uint_eq(third.released, 1);
}
END_TEST

static void *enter_and_leave(void *data)
{
	(void)data;
	iommufd_model_enter();
	iommufd_model_leave();
	return NULL;
}

START_TEST(deferred_put_belongs_to_its_thread)
{
	struct note note;
	struct file *file = make_file(&note);

	iommufd_model_enter();
	fput(file);
	on_another_thread(enter_and_leave, NULL);
	ck_assert_uint_eq(note.released, 0);
	iommufd_model_leave();
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(running_ioctl_holds_its_file)
{
	struct note note;
	struct file *file = make_file(&note);

	note.fd = install(file);
	ck_assert_int_eq(iommufd_model_ioctl(note.fd, 0x1234, &note), 17);
	ck_assert_uint_eq(note.cmd, 0x1234);
	ck_assert_ptr_eq(note.arg, &note);
	ck_assert_uint_eq(note.released_in_ioctl, 0);
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

START_TEST(an_ioctl_that_a_file_does_not_know_is_enotty_for_user_space)
{
	struct note note = { .released = 0 };
	int fd = install(anon_inode_getfile("unknown", &unknown_fops, &note,
					    O_RDWR));

	ck_assert_int_eq(iommufd_model_ioctl(fd, 1, NULL), -ENOTTY);
	ck_assert_int_eq(iommufd_model_ioctl(fd, 2, NULL), -EXDEV);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

START_TEST(an_operation_that_a_file_lacks_is_an_error)
{
	struct note note = { .released = 0 };
	struct file *file = anon_inode_getfile("mute", &mute_fops, &note,
					       O_RDWR);
	int fd = install(file);

	ck_assert_int_eq(iommufd_model_ioctl(fd, 1, NULL), -ENOTTY);
	ck_assert_int_eq(PTR_ERR(iommufd_model_mmap(fd, PAGE_SIZE, 0, 0, 0)),
			 -ENODEV);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_fd(fd)), -EBADFD);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_file(file)), -EBADFD);
	ck_assert_uint_eq(file_count(file), 1);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	ck_assert_uint_eq(note.released, 1);
}
END_TEST

static struct recorder rec;

/*
 * Checks that operation @i at the gate has @kind, @arg and @after, and returns
 * it.
 */
static const struct iommufd_model_op *
saw(unsigned int i, enum iommufd_model_op_kind kind, long arg, long after)
{
	ck_assert_uint_lt(i, rec.nr);
	ck_assert_str_eq(iommufd_model_op_name(rec.ops[i].kind),
			 iommufd_model_op_name(kind));
	ck_assert_int_eq(rec.ops[i].arg, arg);
	ck_assert_int_eq(rec.ops[i].after, after);
	ck_assert_ptr_null(iommufd_model_op_object(&rec.ops[i]));
	return &rec.ops[i];
}

START_TEST(each_operation_on_a_descriptor_is_one_at_the_gate)
{
	const struct iommufd_model_op *change, *other;
	struct note note;
	struct file *file = make_file(&note);

	recorder_start(&rec);
	ck_assert_int_eq(get_unused_fd_flags(0), 3);
	fd_install(3, file);
	ck_assert_ptr_null(fget(4));
	ck_assert_int_eq(get_unused_fd_flags(0), 4);
	put_unused_fd(4);
	ck_assert_int_eq(close_fd(4), -EBADF);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr_steps, 6);
	ck_assert_uint_eq(rec.nr, 6);
	/*
	 * The search for a free descriptor concerns the table, other operations
	 * one slot.
	 */
	change = saw(0, IOMMUFD_MODEL_OP_FD_WRITE, -1, 3);
	other = saw(3, IOMMUFD_MODEL_OP_FD_WRITE, -1, 4);
	ck_assert_ptr_eq(change->addr, other->addr);
	change = saw(1, IOMMUFD_MODEL_OP_FD_WRITE, 3, 0);
	other = saw(2, IOMMUFD_MODEL_OP_FD_READ, 4, 0);
	ck_assert_ptr_ne(change->addr, other->addr);
	change = saw(4, IOMMUFD_MODEL_OP_FD_WRITE, 4, 0);
	ck_assert_ptr_eq(change->addr, other->addr);
	change = saw(5, IOMMUFD_MODEL_OP_FD_WRITE, 4, 0);
	ck_assert_ptr_eq(change->addr, other->addr);
	ck_assert_int_eq(close_fd(3), 0);
}
END_TEST

START_TEST(look_up_and_its_reference_are_one_step)
{
	const struct iommufd_model_op *count = &rec.ops[1];
	struct note note;
	struct file *file = make_file(&note);
	int fd = install(file);

	recorder_start(&rec);
	ck_assert_ptr_eq(fget((unsigned int)fd), file);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr_steps, 1);
	ck_assert_uint_eq(rec.nr, 2);
	saw(0, IOMMUFD_MODEL_OP_FD_READ, fd, (long)(uintptr_t)file);
	ck_assert_int_eq(count->kind, IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO);
	ck_assert_ptr_eq(count->addr, &file->f_count);
	ck_assert_int_eq(count->before, 1);
	ck_assert_int_eq(count->after, 2);
	fput(file);
	close_fd((unsigned int)fd);
}
END_TEST

START_TEST(close_changes_the_table_and_then_puts)
{
	struct note note;
	struct file *file = make_file(&note);
	int fd = install(file);

	get_file(file);
	recorder_start(&rec);
	ck_assert_int_eq(close_fd((unsigned int)fd), 0);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr_steps, 2);
	ck_assert_int_eq(rec.steps[0], IOMMUFD_MODEL_OP_FD_WRITE);
	ck_assert_int_eq(rec.steps[1], IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST);
	fput(file);
}
END_TEST

START_TEST(numbers_beyond_the_table_share_one_slot)
{
	recorder_start(&rec);
	ck_assert_ptr_null(fget(1 << 20));
	ck_assert_ptr_null(fget((unsigned int)-1));
	ck_assert_ptr_null(fget((1 << 20) - 1));
	recorder_stop(&rec);
	ck_assert_ptr_eq(rec.ops[0].addr, rec.ops[1].addr);
	ck_assert_ptr_ne(rec.ops[0].addr, rec.ops[2].addr);
}
END_TEST

/* The gate does not see this allocation, but it can be made to fail. */
START_TEST(hidden_memory_of_the_table_can_fail)
{
	recorder_start(&rec);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(get_unused_fd_flags(0), -ENOMEM);
	iommufd_model_fail_nth(0);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr, 1);
	saw(0, IOMMUFD_MODEL_OP_FD_WRITE, -1, -ENOMEM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_file");
	TCase *tc = ground_case(suite, "files");

	tcase_add_test(tc, new_file_has_one_reference);
	tcase_add_test(tc, what_happens_to_a_file_is_told_if_asked_for);
	tcase_add_test(tc, file_without_memory_is_enomem);
	tcase_add_test(tc, descriptors_are_the_lowest_free_from_three);
	tcase_add_test(tc, descriptor_without_memory_is_enomem);
	tcase_add_test(tc, reserved_descriptor_is_seen_by_nobody);
	tcase_add_test(tc, installing_hands_the_reference_to_the_table);
	tcase_add_test(tc, unknown_descriptors_are_ebadf);
	tcase_add_test(tc, put_unused_of_an_installed_descriptor_warns);
	tcase_add_test(tc, last_put_waits_for_the_end_of_the_system_call);
	tcase_add_test(tc, last_put_outside_of_a_system_call_releases_at_once);
	tcase_add_test(tc, synchronous_put_releases_at_once_everywhere);
	tcase_add_test(tc, release_that_puts_another_file_releases_that_too);
	tcase_add_test(tc, deferred_put_belongs_to_its_thread);
	tcase_add_test(tc, running_ioctl_holds_its_file);
	tcase_add_test(tc, an_ioctl_that_a_file_does_not_know_is_enotty_for_user_space);
	tcase_add_test(tc, an_operation_that_a_file_lacks_is_an_error);
	tcase_add_test(tc, each_operation_on_a_descriptor_is_one_at_the_gate);
	tcase_add_test(tc, look_up_and_its_reference_are_one_step);
	tcase_add_test(tc, close_changes_the_table_and_then_puts);
	tcase_add_test(tc, numbers_beyond_the_table_share_one_slot);
	tcase_add_test(tc, hidden_memory_of_the_table_can_fail);
	return run_suite(suite);
}
