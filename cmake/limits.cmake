# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# How long a test may take.  All limits are in this file.  A limit is there to
# end a test that hangs.  A test that is only slow must pass in the slowest
# build, with a sanitizer, on a machine that is busy with other work.

# One test of CTest, and one case of a libcheck program, in seconds.
set(IOMMUFD_MODEL_TEST_TIMEOUT 3600 CACHE STRING
	"Seconds after which CTest ends a test")
set(IOMMUFD_MODEL_CASE_TIMEOUT 1800 CACHE STRING
	"Seconds after which libcheck ends a case of a test program")
# The source of a student may hang, and the student should not wait half an
# hour.
set(IOMMUFD_MODEL_EXERCISE_TIMEOUT 300 CACHE STRING
	"Seconds after which an exercise of the zoo is given up")

# Tests that search or try at random are short by default, and shorter with a
# sanitizer, which makes them slow.
option(IOMMUFD_MODEL_LONG_TESTS
	"Run the tests that search or try at random at their full length" OFF)

# iommufd_model_length(VARIABLE SHORT SANITIZED LONG): set VARIABLE to the one of the
# three lengths that is for this build.
function(iommufd_model_length variable short sanitized long)
	set(length ${short})
	if(IOMMUFD_MODEL_LONG_TESTS)
		set(length ${long})
	elseif(IOMMUFD_MODEL_SANITIZE)
		set(length ${sanitized})
	endif()
	set(${variable} ${length} PARENT_SCOPE)
endfunction()

# iommufd_model_slow(TEST...): these take many seconds, so they begin before others,
# and the run does not end with one of them alone.  CTest itself knows which tests
# are slow only when it has run them before.
function(iommufd_model_slow)
	set_tests_properties(${ARGN} PROPERTIES COST 100)
endfunction()

# iommufd_model_long(TEST...): these get the label "long", and are left out, unless
# long tests are asked for.  Most of what they find is found by other tests, too.
function(iommufd_model_long)
	if(NOT IOMMUFD_MODEL_LONG_TESTS)
		set_property(TEST ${ARGN} APPEND PROPERTY LABELS long)
	endif()
endfunction()

# iommufd_model_long_sanitized(TEST...): the same, but only with AddressSanitizer.
# These run many programs or processes, mostly of the kinds that other tests run there
# as well.  What only they reach is sanitized in the long tests only.
function(iommufd_model_long_sanitized)
	if(IOMMUFD_MODEL_SANITIZE MATCHES address)
		iommufd_model_long(${ARGN})
	endif()
endfunction()

# CTest reads its default from here.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/DartConfiguration.tcl
	CONTENT "TimeOut: ${IOMMUFD_MODEL_TEST_TIMEOUT}\n")

# The limit of libcheck for each case; its own default is four seconds.  The
# limit is linked into the programs, so that it also holds if they are run by
# hand.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
add_library(iommufd-model-limits OBJECT ${CMAKE_CURRENT_LIST_DIR}/limits.c)
target_link_libraries(iommufd-model-limits PRIVATE iommufd-model-build)
target_compile_definitions(iommufd-model-limits PRIVATE
	IOMMUFD_MODEL_CASE_TIMEOUT="${IOMMUFD_MODEL_CASE_TIMEOUT}")
add_library(iommufd-model-check INTERFACE)
target_link_libraries(iommufd-model-check INTERFACE PkgConfig::CHECK
	$<TARGET_OBJECTS:iommufd-model-limits>)
# Make builds a target of a program only after the targets that it depends on.
add_dependencies(iommufd-model-check iommufd-model-limits)
