# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# iommufd_model_own_counters(PROGRAM): in the preset coverage, this program counts
# in a file of its own, with its name.
#
# The preset names the files by %m, a number that the runtime computes from the
# sizes of the counted parts and from the name of the first function.  Programs
# whose own sources are watched, and so not counted, consist for the runtime of
# the same objects of the libraries, which the linker may have put in another
# order.  Then the numbers are equal and the counters are not, and all programs
# but the first count nothing and warn on standard error.
#
# The compiler puts the name of the file into each object that counts, and the
# linker takes that of the first.  Objects of a library come before those of the
# program's own sources.

function(iommufd_model_own_counters program)
	if(NOT CMAKE_C_FLAGS MATCHES
			"(-fprofile-instr-generate=[^ ]*%c%m)[.]profraw")
		return()
	endif()
	set(flag ${CMAKE_MATCH_1}-${program}.profraw)
	set(source ${CMAKE_CURRENT_BINARY_DIR}/own-counters.c)
	file(CONFIGURE OUTPUT ${source} CONTENT
		"void iommufd_model_own_counters(void);\nvoid iommufd_model_own_counters(void) {}\n")
	add_library(counters-${program} OBJECT EXCLUDE_FROM_ALL ${source})
	target_compile_options(counters-${program} PRIVATE ${flag})
	target_sources(${program} PRIVATE $<TARGET_OBJECTS:counters-${program}>)
endfunction()
