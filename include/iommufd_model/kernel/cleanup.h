/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Clean-up when a variable goes out of scope: __free(), CLASS() and guards.
 *
 * The header of each facility defines its own classes: the headers of the locks
 * define guard(mutex), guard(spinlock_irqsave) and the like, slab.h defines
 * __free(kfree), and fs.h defines __free(fput).  The operations of such a guard
 * have the call site of the line with the guard and its argument.  The
 * operations of a class that a driver defines have the line with
 * DEFINE_GUARD().
 */
#ifndef IOMMUFD_MODEL_KERNEL_CLEANUP_H
#define IOMMUFD_MODEL_KERNEL_CLEANUP_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_INLINE \
	static inline __attribute__((always_inline, unused))
#define __IOMMUFD_MODEL_PASTE_(a, b) a##b
#define __IOMMUFD_MODEL_PASTE(a, b) __IOMMUFD_MODEL_PASTE_(a, b)
/*
 * Gives its fourth argument, which chooses a macro by the number of arguments
 * before it.
 */
#define __IOMMUFD_MODEL_4TH(a, b, c, d, ...) d
/** @endcond */

/**
 * Calls a function with the address of a variable when it goes out of scope.
 */
#ifndef __cleanup
#define __cleanup(func) __attribute__((cleanup(func)))
#endif

/**
 * Defines what __free(name) does.
 * @param name  the name
 * @param type  the type of the variables
 * @param ...   the statement, in which _T is the value of the variable
 */
#define DEFINE_FREE(name, type, ...)					\
	__IOMMUFD_MODEL_INLINE void __free_##name(void *p)		\
	{								\
		type _T = *(type *)p;					\
		__VA_ARGS__;						\
	}
/** Frees a variable, as DEFINE_FREE(name) says, when it goes out of scope. */
#define __free(name) __cleanup(__free_##name)

/**
 * Gives the value of a variable and sets the variable to zero, so that __free()
 * does not free the value.
 * @param p  the variable
 * @return its value
 */
#define no_free_ptr(p) __extension__({					\
	__typeof__(p) *__ptr = &(p);					\
	__typeof__(p) __val = *__ptr;					\
	*__ptr = (__typeof__(p))0;					\
	__val;								\
})
/** Returns from the function with no_free_ptr(p). */
#define return_ptr(p) return no_free_ptr(p)
/** Sets a variable to zero, because something else owns its value now. */
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

/**
 * Defines a class: a type whose variables are cleaned up when they go out of
 * scope.
 * @param name  the name of the class
 * @param type  the type of the variables
 * @param exit  the statement that cleans up, in which _T is the variable's
 *   value
 * @param init  the expression that gives the initial value, from the arguments
 * @param ...   the parameters, as in a function
 */
#define DEFINE_CLASS(name, type, exit, init, ...)			\
	typedef type class_##name##_t;					\
	__IOMMUFD_MODEL_INLINE void class_##name##_destructor(type *p)	\
	{								\
		type _T = *p;						\
		exit;							\
	}								\
	__IOMMUFD_MODEL_INLINE type					\
	class_##name##_constructor(__VA_ARGS__)				\
	{								\
		type t = init;						\
		return t;						\
	}
/**
 * Defines a class that is initialised in another way than an existing class.
 * @param name  the name of the existing class
 * @param ext   is appended to the name
 * @param init  the expression that gives the initial value, from the arguments
 * @param ...   the parameters, as in a function
 */
#define EXTEND_CLASS(name, ext, init, ...)				\
	typedef class_##name##_t class_##name##ext##_t;			\
	__IOMMUFD_MODEL_INLINE void					\
	class_##name##ext##_destructor(class_##name##_t *p)		\
	{								\
		class_##name##_destructor(p);				\
	}								\
	__IOMMUFD_MODEL_INLINE class_##name##_t				\
	class_##name##ext##_constructor(__VA_ARGS__)			\
	{								\
		class_##name##_t t = init;				\
		return t;						\
	}

/**
 * Defines a variable of a class.  The arguments follow: CLASS(name, var)(...);
 * @param name  the name of the class
 * @param var   the name of the variable
 */
#define CLASS(name, var)						\
	class_##name##_t var __cleanup(class_##name##_destructor)	\
		__attribute__((unused)) = class_##name##_constructor

/** @cond INTERNAL */
#define __guard_ptr(name) class_##name##_lock_ptr
#define __guard_err(name) class_##name##_lock_err
#define __is_cond_ptr(name) class_##name##_is_conditional

#define __IOMMUFD_MODEL_GUARD_PTR(name, is_cond, type, expr)		\
	__IOMMUFD_MODEL_INLINE void *class_##name##_lock_ptr(type *_T)	\
	{								\
		void *_ptr = (void *)(uintptr_t)(expr);			\
		return IS_ERR(_ptr) ? NULL : _ptr;			\
	}								\
	__IOMMUFD_MODEL_INLINE int class_##name##_lock_err(type *_T)	\
	{								\
		void *_ptr = (void *)(uintptr_t)(expr);			\
		return IS_ERR(_ptr) ? (int)PTR_ERR(_ptr) :		\
		       _ptr	    ? 0 :				\
				      -EBUSY;				\
	}								\
	enum { class_##name##_is_conditional = is_cond };
/** @endcond */

/**
 * Defines a guard, a class that locks and unlocks.
 * @param name    the name
 * @param type    the type of the argument, a pointer
 * @param lock    the statement that locks, in which _T is the argument
 * @param unlock  the statement that unlocks
 */
#define DEFINE_GUARD(name, type, lock, unlock)				\
	DEFINE_CLASS(name, type, if (!IS_ERR_OR_NULL((void *)_T)) { unlock; }, \
		     __extension__({ lock; _T; }), type _T)		\
	__IOMMUFD_MODEL_GUARD_PTR(name, 0, class_##name##_t, *_T)

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_GUARD_COND_3(name, ext, condlock) \
	__IOMMUFD_MODEL_GUARD_COND_4(name, ext, condlock, _RET)
#define __IOMMUFD_MODEL_GUARD_COND_4(name, ext, condlock, cond)		\
	EXTEND_CLASS(name, ext, __extension__({				\
		if (_T) {						\
			int _RET = (condlock);				\
			if (!(cond))					\
				_T = (class_##name##_t)ERR_PTR(		\
					_RET < 0 ? _RET : -EBUSY);	\
		}							\
		_T; }), class_##name##_t _T)				\
	__IOMMUFD_MODEL_GUARD_PTR(name##ext, 1, class_##name##_t, *_T)
/** @endcond */

/**
 * Defines a variant of a guard, which may fail to lock.  With three arguments,
 * in DEFINE_GUARD_COND(name, ext, condlock), it succeeds if @p condlock is not
 * 0.  A fourth argument is a condition for success, in which _RET is the value
 * of @p condlock.
 * @param name  the name of the guard
 * @param ext   is appended to the name
 * @param ...   the expression that locks, in which _T is the argument; and the
 *   condition
 */
#define DEFINE_GUARD_COND(name, ext, ...)				\
	__IOMMUFD_MODEL_4TH(__VA_ARGS__, __IOMMUFD_MODEL_GUARD_COND_4,	\
			    __IOMMUFD_MODEL_GUARD_COND_4,		\
			    __IOMMUFD_MODEL_GUARD_COND_3, 0)		\
		(name, ext, __VA_ARGS__)

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_LOCK_GUARD(name, type, unlock, ...)		\
	typedef struct {						\
		type *lock;						\
		__VA_ARGS__;						\
	} class_##name##_t;						\
	__IOMMUFD_MODEL_INLINE void					\
	class_##name##_destructor(class_##name##_t *_T)			\
	{								\
		if (!IS_ERR_OR_NULL((void *)_T->lock)) {		\
			unlock;						\
		}							\
	}								\
	__IOMMUFD_MODEL_GUARD_PTR(name, 0, class_##name##_t, _T->lock)
/** @endcond */

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_LOCK_GUARD_1(name, type, lock_, unlock, ...)	\
	__IOMMUFD_MODEL_LOCK_GUARD(name, type, unlock, __VA_ARGS__)	\
	__IOMMUFD_MODEL_INLINE class_##name##_t				\
	class_##name##_constructor(type *l)				\
	{								\
		class_##name##_t _t, *_T = &_t;				\
		__builtin_memset(_T, 0, sizeof(_t));			\
		_T->lock = l;						\
		lock_;							\
		return _t;						\
	}
#define __IOMMUFD_MODEL_LOCK_GUARD_1_ALONE(name, type, lock_, unlock) \
	__IOMMUFD_MODEL_LOCK_GUARD_1(name, type, lock_, unlock, char _none)
#define __IOMMUFD_MODEL_LOCK_GUARD_0(name, lock_, unlock, ...)		\
	__IOMMUFD_MODEL_LOCK_GUARD(name, void, unlock, __VA_ARGS__)	\
	__IOMMUFD_MODEL_INLINE class_##name##_t				\
	class_##name##_constructor(void)				\
	{								\
		class_##name##_t _t, *_T = &_t;				\
		__builtin_memset(_T, 0, sizeof(_t));			\
		_T->lock = (void *)1;					\
		lock_;							\
		return _t;						\
	}
#define __IOMMUFD_MODEL_LOCK_GUARD_0_ALONE(name, lock_, unlock) \
	__IOMMUFD_MODEL_LOCK_GUARD_0(name, lock_, unlock, char _none)
/** @endcond */

/**
 * Defines a guard that has members for what its unlock must remember.
 * @param name   the name of the guard
 * @param type   the type that the argument points to
 * @param lock_  the statement that locks, in which _T->lock is the argument and
 *   _T->member is a member
 * @param ...    the statement that unlocks, and the members if there are any
 */
#define DEFINE_LOCK_GUARD_1(name, type, lock_, ...)			\
	__IOMMUFD_MODEL_4TH(__VA_ARGS__, __IOMMUFD_MODEL_LOCK_GUARD_1,	\
			    __IOMMUFD_MODEL_LOCK_GUARD_1,		\
			    __IOMMUFD_MODEL_LOCK_GUARD_1_ALONE, 0)	\
		(name, type, lock_, __VA_ARGS__)
/**
 * Defines a guard without an argument.
 * @param name   the name
 * @param lock_  the statement that locks
 * @param ...    the statement that unlocks, and the members if there are any
 */
#define DEFINE_LOCK_GUARD_0(name, lock_, ...)				\
	__IOMMUFD_MODEL_4TH(__VA_ARGS__, __IOMMUFD_MODEL_LOCK_GUARD_0,	\
			    __IOMMUFD_MODEL_LOCK_GUARD_0,		\
			    __IOMMUFD_MODEL_LOCK_GUARD_0_ALONE, 0)	\
		(name, lock_, __VA_ARGS__)

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_LOCK_COND_3(name, ext, condlock) \
	__IOMMUFD_MODEL_LOCK_COND_4(name, ext, condlock, _RET)
#define __IOMMUFD_MODEL_LOCK_COND_4(name, ext, condlock, cond)		\
	EXTEND_CLASS(name, ext, __extension__({				\
		class_##name##_t _t, *_T = &_t;				\
		__builtin_memset(_T, 0, sizeof(_t));			\
		_T->lock = l;						\
		if (_T->lock) {						\
			int _RET = (condlock);				\
			if (!(cond))					\
				_T->lock = (__typeof__(_T->lock))ERR_PTR( \
					_RET < 0 ? _RET : -EBUSY);	\
		}							\
		_t; }), __typeof__(((class_##name##_t *)0)->lock) l)	\
	__IOMMUFD_MODEL_GUARD_PTR(name##ext, 1, class_##name##_t, _T->lock)
/** @endcond */

/**
 * Does the same as DEFINE_GUARD_COND(), for a guard of DEFINE_LOCK_GUARD_1().
 * @param name  the name of the guard
 * @param ext   is appended to the name
 * @param ...   as for DEFINE_GUARD_COND()
 */
#define DEFINE_LOCK_GUARD_1_COND(name, ext, ...)			\
	__IOMMUFD_MODEL_4TH(__VA_ARGS__, __IOMMUFD_MODEL_LOCK_COND_4,	\
			    __IOMMUFD_MODEL_LOCK_COND_4,		\
			    __IOMMUFD_MODEL_LOCK_COND_3, 0)		\
		(name, ext, __VA_ARGS__)

/**
 * Locks until the end of the block.  The argument follows: guard(mutex)(&lock);
 * @param name  the name of the guard
 */
#define guard(name) \
	CLASS(name, __IOMMUFD_MODEL_PASTE(__guard_, __COUNTER__))
/** @cond INTERNAL */
#define __IOMMUFD_MODEL_SCOPED_ALONE(name)				\
	for (CLASS(name, __scope)(), *__done = NULL; !__done;		\
	     __done = &__scope)
#define __IOMMUFD_MODEL_SCOPED(name, ...)				\
	for (CLASS(name, __scope)(__VA_ARGS__), *__done = NULL;		\
	     (__guard_ptr(name)(&__scope) || !__is_cond_ptr(name)) &&	\
	     !__done;							\
	     __done = &__scope)
/** @endcond */
/**
 * Holds a lock during the statement that follows: scoped_guard(name, argument).
 * If the guard fails to lock, the statement is skipped.
 * @param ...  the name of the guard, and the argument if it has one
 */
#define scoped_guard(...)						\
	__IOMMUFD_MODEL_4TH(__VA_ARGS__, __IOMMUFD_MODEL_SCOPED,	\
			    __IOMMUFD_MODEL_SCOPED,			\
			    __IOMMUFD_MODEL_SCOPED_ALONE, 0)(__VA_ARGS__)
/**
 * Holds a lock during the statement that follows.  If the guard fails to lock,
 * it executes the statement @p fail instead.
 * @param name  the name of the guard, which may fail to lock
 * @param fail  the statement for a failure, such as a return
 * @param ...   the argument
 */
#define scoped_cond_guard(name, fail, ...)				\
	for (CLASS(name, __scope)(__VA_ARGS__), *__done = NULL; !__done; \
	     __done = &__scope)						\
		if (!__guard_ptr(name)(&__scope)) {			\
			fail;						\
		} else
/**
 * Tries to lock until the end of the block.  ACQUIRE_ERR() tells whether that
 * succeeded.
 * @param name  the name of the guard, which may fail to lock
 * @param var   the name of the variable
 */
#define ACQUIRE(name, var) CLASS(name, var)
/**
 * Tells whether ACQUIRE() has taken the lock.
 * @param name  the name of the guard
 * @param var   the address of the variable
 * @return 0 if the lock was taken, or a negative errno
 */
#define ACQUIRE_ERR(name, var) __guard_err(name)(var)

/** @cond INTERNAL */
/*
 * Defines a guard whose lock operation has the call site of the guard.  It must
 * be followed by #define class_NAME_constructor(lock)
 * iommufd_model_class_NAME(lock, IOMMUFD_MODEL_SITE(#lock)).
 */
#define __IOMMUFD_MODEL_SITE_GUARD(name, type, lock_, unlock)		\
	__IOMMUFD_MODEL_LOCK_GUARD(name, type, unlock,			\
				   const struct iommufd_model_site *site; \
				   unsigned long flags)			\
	__IOMMUFD_MODEL_INLINE class_##name##_t				\
	iommufd_model_class_##name(type *l,				\
				   const struct iommufd_model_site *site) \
	{								\
		class_##name##_t _t = { l, site, 0 }, *_T = &_t;	\
									\
		if (_T->lock) {						\
			lock_;						\
		}							\
		return _t;						\
	}
/* @condlock: 0 or less if the lock was not taken and this is the errno. */
#define __IOMMUFD_MODEL_SITE_GUARD_COND(name, ext, condlock, cond)	\
	typedef class_##name##_t class_##name##ext##_t;			\
	__IOMMUFD_MODEL_INLINE void					\
	class_##name##ext##_destructor(class_##name##_t *p)		\
	{								\
		class_##name##_destructor(p);				\
	}								\
	__IOMMUFD_MODEL_INLINE class_##name##_t				\
	iommufd_model_class_##name##ext(				\
		__typeof__(((class_##name##_t *)0)->lock) l,		\
		const struct iommufd_model_site *site)			\
	{								\
		class_##name##_t _t = { l, site, 0 }, *_T = &_t;	\
		int _RET;						\
									\
		if (!_T->lock)						\
			return _t;					\
		_RET = (condlock);					\
		if (!(cond))						\
			_T->lock = (__typeof__(_T->lock))ERR_PTR(	\
				_RET < 0 ? _RET : -EBUSY);		\
		return _t;						\
	}								\
	__IOMMUFD_MODEL_GUARD_PTR(name##ext, 1, class_##name##_t, _T->lock)
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
