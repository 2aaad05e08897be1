# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# iommufd_model_watch(TARGET): the explorer sees the plain accesses of TARGET's
# sources, as docs/explorer.md explains.  The compiler calls a function in front
# of each access, and the library that TARGET is linked with has these functions.
#
# The other flags make sure that every access is reported, and reported
# correctly (tests/explore/watch_flags.sh tries each of them):
#
#	distinguish-volatile	otherwise a volatile access is a plain one
#	read-before-write	otherwise clang leaves out the read of x++
#	no-ipa-sra		otherwise gcc moves an access out of a function,
#				to where it is not told of
#	-D of memcpy, free ...	the C library's functions do not tell; the watch
#				library has some that do
#	-U_FORTIFY_SOURCE	otherwise they are inline functions that do not
#	no-optimize-...		otherwise a memset() at the end of a function
#				seems to be in the caller
#	func-entry-exit		this one only saves time
#	frame-pointer		otherwise calls of watched code are not recognised
#				on machines other than x86-64 (src/watch/wrap.c)
#
# clang 14 calls memcpy() and memset() for copies of structs, and for some
# loops, under these names and without a report.  So the linker wraps them, and
# the library finds out whether the caller is watched (src/watch/wrap.c).

# The flags for @compiler, gcc or clang.
function(iommufd_model_watch_flags compiler variable)
	set(gcc -fsanitize=thread
		"--param tsan-distinguish-volatile=1"
		"--param tsan-instrument-func-entry-exit=0"
		-fno-optimize-sibling-calls -fno-ipa-sra -U_FORTIFY_SOURCE)
	set(clang -fsanitize=thread -fno-omit-frame-pointer
		-fno-optimize-sibling-calls -U_FORTIFY_SOURCE
		"-mllvm -tsan-distinguish-volatile=1"
		"-mllvm -tsan-instrument-read-before-write=1")
	set(${variable} ${${compiler}} PARENT_SCOPE)
endfunction()

# Definitions for C only: <cstring> of C++ has other uses of these names.
function(iommufd_model_watch_names variable)
	set(${variable}
		malloc=iommufd_model_watch_malloc
		calloc=iommufd_model_watch_calloc
		realloc=iommufd_model_watch_realloc
		free=iommufd_model_watch_free
		memcpy=iommufd_model_watch_memcpy
		memmove=iommufd_model_watch_memmove
		memset=iommufd_model_watch_memset
		memcmp=iommufd_model_watch_memcmp
		memchr=iommufd_model_watch_memchr
		strlen=iommufd_model_watch_strlen
		strnlen=iommufd_model_watch_strnlen
		strcmp=iommufd_model_watch_strcmp
		strncmp=iommufd_model_watch_strncmp
		strchr=iommufd_model_watch_strchr
		strrchr=iommufd_model_watch_strrchr
		strcpy=iommufd_model_watch_strcpy
		strncpy=iommufd_model_watch_strncpy
		strcat=iommufd_model_watch_strcat
		sprintf=iommufd_model_watch_sprintf
		snprintf=iommufd_model_watch_snprintf
		vsnprintf=iommufd_model_watch_vsnprintf PARENT_SCOPE)
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
	# Counters in a shared mapping look like the program's memory.
	if(CMAKE_C_FLAGS MATCHES runtime-counter-relocation)
		target_compile_options(${target} PRIVATE
			-fno-profile-instr-generate -fno-coverage-mapping)
	endif()
	target_compile_definitions(${target} PRIVATE IOMMUFD_MODEL_WATCHED=1)
	iommufd_model_watch_names(names)
	foreach(name ${names})
		target_compile_definitions(${target} PRIVATE
			$<$<COMPILE_LANGUAGE:C>:${name}>)
	endforeach()
	get_target_property(type ${target} TYPE)
	# A property, as target_link_libraries() cannot be used with a keyword and
	# without one for the same target.
	set(library iommufd-model::iommufd-model-watch)
	if(NOT type STREQUAL OBJECT_LIBRARY)
		set_property(TARGET ${target} APPEND PROPERTY
			LINK_LIBRARIES ${library})
	endif()
	if(type STREQUAL STATIC_LIBRARY)
		set_property(TARGET ${target} APPEND PROPERTY
			INTERFACE_LINK_LIBRARIES $<LINK_ONLY:${library}>)
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
