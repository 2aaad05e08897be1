/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Modules.  Everything that is linked into a program is one module, which is
 * loaded when the program starts.
 *
 * module_init() and module_exit() register functions.  A test calls
 * iommufd_model_modules_init() to run those of module_init(), and
 * iommufd_model_modules_exit() to run those of module_exit().
 */
#ifndef IOMMUFD_MODEL_KERNEL_MODULE_H
#define IOMMUFD_MODEL_KERNEL_MODULE_H

#include <iommufd_model/kernel/export.h>
#include <iommufd_model/kernel/init.h>
#include <iommufd_model/kernel/kconfig.h>
#include <iommufd_model/kernel/refcount.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A module. */
struct module {
	const char *name;	/**< its name */
	/** 1 plus the number of references that users hold */
	refcount_t refs;
};

/** The module of the whole program; only THIS_MODULE uses it. */
extern IOMMUFD_MODEL_API struct module iommufd_model_this_module;
/** The module that contains this code, which is the whole program. */
#define THIS_MODULE (&iommufd_model_this_module)
#ifndef KBUILD_MODNAME
/** The name of the module; a build may define another. */
#define KBUILD_MODNAME "iommufd_model"
#endif

/** Information about the module; without effect. */
#define MODULE_INFO(tag, info) IOMMUFD_MODEL_STATIC_ASSERT(sizeof(info), "")
/** The licence of the module; without effect. */
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
/** An author of the module; without effect. */
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
/** A description of the module; without effect. */
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
/** The version of the module; without effect. */
#define MODULE_VERSION(text) MODULE_INFO(version, text)
/** Another name of the module; without effect. */
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
/** A module that is to be loaded first; without effect. */
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
/** A firmware file that the module loads; without effect. */
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
/** A namespace whose symbols the module uses; without effect. */
#define MODULE_IMPORT_NS(ns) IOMMUFD_MODEL_STATIC_ASSERT(sizeof(#ns), "")
/** The table of devices that the module drives; without effect. */
#define MODULE_DEVICE_TABLE(type, name) \
	IOMMUFD_MODEL_STATIC_ASSERT(sizeof(name), "")
/** The description of a parameter; without effect. */
#define MODULE_PARM_DESC(name, text) MODULE_INFO(parm, text)
/** A parameter.  The variable keeps its value, because nobody can set it. */
#define module_param(name, type, perm) \
	IOMMUFD_MODEL_STATIC_ASSERT(sizeof(name) && (perm) >= 0, "")
/** A parameter whose variable has another name; see module_param(). */
#define module_param_named(name, value, type, perm) \
	module_param(value, type, perm)

/** Registers a function that iommufd_model_modules_init() calls. */
#define module_init(fn) IOMMUFD_MODEL_MODULE_PART(fn, fn, NULL, in)
/** Registers a function that iommufd_model_modules_exit() calls. */
#define module_exit(fn) IOMMUFD_MODEL_MODULE_PART(fn, NULL, fn, out)

/**
 * The functions of a module; module_init() and module_exit() define this
 * struct.
 */
struct iommufd_model_module_part {
	int (*init)(void);	/**< the function of module_init(), or NULL */
	void (*exit)(void);	/**< the function of module_exit(), or NULL */
	const char *file;	/**< the source file */
	/** used by the library */
	struct iommufd_model_module_part *next;
};

/** @cond INTERNAL */
#define IOMMUFD_MODEL_MODULE_PART(fn, init, exit, which)		\
	static struct iommufd_model_module_part				\
		iommufd_model_module_##which = {			\
			init, exit, __FILE__, NULL			\
		};							\
	__attribute__((__constructor__)) static void			\
	iommufd_model_module_add_##which(void)				\
	{								\
		iommufd_model_module_add(&iommufd_model_module_##which); \
	}								\
	IOMMUFD_MODEL_STATIC_ASSERT(sizeof(&fn) > 0, "")
/** @endcond */

/**
 * Registers functions of the module.  What module_init() and module_exit()
 * define calls it when the program starts.
 * @param part  the functions
 * @ownership The library uses @p part until the program ends.
 */
IOMMUFD_MODEL_API void
iommufd_model_module_add(struct iommufd_model_module_part *part);

/**
 * Calls the functions of all module_init(), in the order in which the program
 * was linked.  If one fails, no further one is called, and the functions of
 * module_exit() are called for the source files before it.
 * @return 0, or the negative errno of the one that failed
 * @errors -EEXIST: the functions were called already, and
 *   iommufd_model_modules_exit() was not called since.
 * @context May block.
 */
IOMMUFD_MODEL_API int iommufd_model_modules_init(void);

/**
 * Calls the functions of all module_exit(), in the opposite order.
 * @return 0, or a negative errno
 * @errors -EWOULDBLOCK: a user has a reference to the module; -ENOENT:
 *   iommufd_model_modules_init() was not called, or failed.
 * @context May block.
 */
IOMMUFD_MODEL_API int iommufd_model_modules_exit(void);

/**
 * Takes a reference to a module.
 * @param module  the module, or NULL for code that is part of the kernel
 * @return true if the reference was taken; false if the module is being unloaded
 * @context Does not block.
 */
#define try_module_get(module) \
	iommufd_model_try_module_get(module, IOMMUFD_MODEL_SITE(#module))
/** Takes one more reference to a module; the caller must already hold one. */
#define __module_get(module) \
	iommufd_model_module_get(module, IOMMUFD_MODEL_SITE(#module))
/** Drops a reference to a module. */
#define module_put(module) \
	iommufd_model_module_put(module, IOMMUFD_MODEL_SITE(#module))
/** Gives the number of references that users hold. */
#define module_refcount(module) \
	((int)refcount_read(&(module)->refs) - 1)

/** @cond INTERNAL */
static inline bool
iommufd_model_try_module_get(struct module *module,
			     const struct iommufd_model_site *site)
{
	return !module ||
	       iommufd_model_refcount_add_not_zero(&module->refs, 1,
						   site) != 0;
}

static inline void
iommufd_model_module_get(struct module *module,
			 const struct iommufd_model_site *site)
{
	if (module)
		iommufd_model_refcount_add(&module->refs, 1, site);
}

static inline void
iommufd_model_module_put(struct module *module,
			 const struct iommufd_model_site *site)
{
	if (module)
		iommufd_model_refcount_dec(&module->refs, site);
}
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
