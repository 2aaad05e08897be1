# SPDX-License-Identifier: GPL-2.0-only OR MIT
# For the example drivers and object types: each has a source as it would be in
# a kernel tree, a program of explored tests, and diffs with mistakes that the
# tests find.

function(iommufd_model_driver_options target)
	target_include_directories(${target} PRIVATE
		${CMAKE_CURRENT_SOURCE_DIR})
	target_link_libraries(${target} PRIVATE iommufd-model-static
		iommufd-model-kernel-names iommufd-model-build
		PkgConfig::CHECK)
	# A kernel is built without this warning as well, and as GNU C.
	target_compile_options(${target} PRIVATE -Wno-unused-parameter)
	set_target_properties(${target} PROPERTIES C_EXTENSIONS ON)
endfunction()

# The tests are compiled once, for the source and for each mistake.
function(iommufd_model_driver_test program name source)
	add_executable(${program} $<TARGET_OBJECTS:${name}-tests> ${source})
	iommufd_model_driver_options(${program})
endfunction()

# iommufd_model_driver(NAME SOURCE): SOURCE with its tests, test_NAME.c.
function(iommufd_model_driver name source)
	add_library(${name}-tests OBJECT test_${name}.c)
	iommufd_model_driver_options(${name}-tests)
	iommufd_model_driver_test(test_${name} ${name} ${source})
	add_test(NAME example.${name} COMMAND test_${name})
	# The file that moves into a kernel tree uses no name of the model.
	add_test(NAME example.${name}.names COMMAND sh -c
		"test -s $0 && ! grep -n iommufd_model $0"
		${CMAKE_CURRENT_SOURCE_DIR}/${source})
	set_tests_properties(example.${name} example.${name}.names PROPERTIES
		LABELS "example;interleave")
endfunction()

# iommufd_model_mistake(NAME SOURCE MISTAKE CASE MESSAGE): with
# mistakes/MISTAKE.diff the test CASE fails, and its output matches MESSAGE.
find_program(PATCH patch)
set(iommufd_model_apply ${PROJECT_SOURCE_DIR}/tests/zoo/apply.sh)
function(iommufd_model_mistake name source mistake case message)
	if(NOT EXISTS ${iommufd_model_apply} OR NOT PATCH)
		message(STATUS "${mistake} is left out: it needs the whole "
			"tree, and patch")
		return()
	endif()
	file(RELATIVE_PATH file ${PROJECT_SOURCE_DIR}
		${CMAKE_CURRENT_SOURCE_DIR}/${source})
	set(diff ${CMAKE_CURRENT_SOURCE_DIR}/mistakes/${mistake}.diff)
	set(dir ${CMAKE_CURRENT_BINARY_DIR}/${mistake})
	add_custom_command(OUTPUT ${dir}/${file}
		COMMAND ${iommufd_model_apply} ${PROJECT_SOURCE_DIR} ${diff}
			${dir} ${file}
		DEPENDS ${iommufd_model_apply} ${diff}
			${PROJECT_SOURCE_DIR}/${file}
		VERBATIM)
	iommufd_model_driver_test(${name}-${mistake} ${name} ${dir}/${file})
	add_test(NAME example.${name}.${mistake} COMMAND
		${PROJECT_SOURCE_DIR}/examples/new_object_type/mistake.sh
		$<TARGET_FILE:${name}-${mistake}> ${case} ${message})
	set_tests_properties(example.${name}.${mistake} PROPERTIES
		LABELS "example;interleave")
endfunction()
