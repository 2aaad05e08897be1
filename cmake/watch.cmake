# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# iommufd_model_watch(TARGET): the explorer sees the plain accesses of TARGET's
# sources, as docs/explorer.md explains.  The compiler calls a function in front
# of each access, and the library that TARGET is linked with has these functions.
#
# Without the flags below that do not begin with -fsanitize, some accesses are
# not seen:
#
#	distinguish-volatile	a volatile access would be a plain one
#	no-builtin-mem...	gcc makes stores of a memset() without telling
#	loop-distribute		gcc makes a memset() of a loop without telling
#	ipa-sra			gcc moves an access out of a function, to where
#				it is not told of
#	read-before-write	clang leaves out the read of x++
#
# And without no-optimize-sibling-calls a memset() that a function ends with
# would be reported at the call of the function.
#
# A call of memcpy() and the like is renamed, as compilers do not tell of what
# the C library does.  The other flags only save time.
#
# clang 14 calls memcpy() and memset() for copies of structs, and for some loops,
# under these names and without telling.  So the linker wraps them, and the
# library finds out whether the caller is watched (src/watch/wrap.c).

# The flags for @compiler, gcc or clang.
function(iommufd_model_watch_flags compiler variable)
	set(gcc -fsanitize=thread
		"--param tsan-distinguish-volatile=1"
		"--param tsan-instrument-func-entry-exit=0"
		-fno-optimize-sibling-calls -fno-ipa-sra
		-fno-tree-loop-distribute-patterns
		-fno-builtin-memcpy -fno-builtin-memmove
		-fno-builtin-memset)
	set(clang -fsanitize=thread
		-fno-optimize-sibling-calls
		"-mllvm -tsan-distinguish-volatile=1"
		"-mllvm -tsan-instrument-read-before-write=1")
	set(${variable} ${${compiler}} PARENT_SCOPE)
endfunction()

# Definitions for C only: <cstring> of C++ has other uses of these names.
function(iommufd_model_watch_names variable)
	set(${variable}
		memcpy=iommufd_model_watch_memcpy
		memmove=iommufd_model_watch_memmove
		memset=iommufd_model_watch_memset PARENT_SCOPE)
endfunction()

function(iommufd_model_watch target)
	set(compiler gcc)
	if(CMAKE_C_COMPILER_ID MATCHES Clang)
		set(compiler clang)
		foreach(name memcpy memmove memset)
			target_link_options(${target} PUBLIC
				LINKER:--wrap=${name})
		endforeach()
	endif()
	iommufd_model_watch_flags(${compiler} flags)
	list(TRANSFORM flags PREPEND "SHELL:")
	target_compile_options(${target} PRIVATE ${flags})
	target_compile_definitions(${target} PRIVATE IOMMUFD_MODEL_WATCHED=1)
	iommufd_model_watch_names(names)
	foreach(name ${names})
		target_compile_definitions(${target} PRIVATE
			$<$<COMPILE_LANGUAGE:C>:${name}>)
	endforeach()
	get_target_property(type ${target} TYPE)
	if(NOT type STREQUAL OBJECT_LIBRARY)
		target_link_libraries(${target} PRIVATE
			iommufd-model::iommufd-model-watch)
	endif()
endfunction()

# For pkg-config: @variable becomes the flags for @compiler in C, as text.
function(iommufd_model_watch_cflags compiler variable)
	iommufd_model_watch_flags(${compiler} flags)
	iommufd_model_watch_names(names)
	foreach(name IOMMUFD_MODEL_WATCHED=1 ${names})
		list(APPEND flags -D${name})
	endforeach()
	list(JOIN flags " " flags)
	set(${variable} "${flags}" PARENT_SCOPE)
endfunction()
