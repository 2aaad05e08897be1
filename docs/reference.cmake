# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# cmake -DDOXYFILE=FILE -DREFERENCE_DIR=DIR [-DMAY_SKIP=ON] -P reference.cmake
#
# Makes the reference, from nothing, in DIR; any warning is an error.  MAY_SKIP:
# it is none if there is no Doxygen.
find_program(doxygen doxygen NO_CACHE)
if(NOT doxygen AND MAY_SKIP)
	message(STATUS "skipped: there is no doxygen")
	return()
elseif(NOT doxygen)
	message(FATAL_ERROR "The reference needs doxygen, which is not there.")
endif()

file(REMOVE_RECURSE ${REFERENCE_DIR})
file(MAKE_DIRECTORY ${REFERENCE_DIR})
execute_process(COMMAND ${doxygen} ${DOXYFILE}
	RESULT_VARIABLE result
	ERROR_VARIABLE warnings)
# Not all that it complains of is a warning to it.
if(result OR warnings)
	message(NOTICE "${warnings}")
	message(FATAL_ERROR "The reference: see above.")
endif()
