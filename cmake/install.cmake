# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# What `cmake --install` installs and where: the libraries, their headers, the
# program, a CMake package and a pkg-config file.  This file is included last,
# when all targets exist.

option(IOMMUFD_MODEL_INSTALL "Make the install rules" ${PROJECT_IS_TOP_LEVEL})

# The newest node of the symbol map carries the project's version.
set(map ${PROJECT_SOURCE_DIR}/src/libiommufd-model.map)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
set(wanted IOMMUFD_MODEL_${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
file(STRINGS ${map} nodes REGEX "^IOMMUFD_MODEL_[0-9.]+ *{")
list(POP_BACK nodes newest)
string(REGEX REPLACE " *{.*" "" newest "${newest}")
if(NOT newest STREQUAL wanted)
	message(FATAL_ERROR "The project's version is ${PROJECT_VERSION}, "
		"but the newest node of ${map} is \"${newest}\", "
		"not \"${wanted}\".")
endif()

if(NOT IOMMUFD_MODEL_INSTALL)
	return()
endif()

# Man pages and completion are made by running the program.
if(TARGET iommufd-model-cli AND NOT CMAKE_CROSSCOMPILING)
	set(man ${PROJECT_BINARY_DIR}/man)
	add_custom_command(OUTPUT ${man}/iommufd-model.1
		COMMAND ${CMAKE_COMMAND} -E rm -rf ${man}
		COMMAND ${CMAKE_COMMAND} -E make_directory ${man}
		COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:iommufd-model-cli>
			-DVERSION=${PROJECT_VERSION}
			-DDATADIR=${CMAKE_INSTALL_FULL_DATADIR} -DTO=${man}
			-P ${CMAKE_CURRENT_LIST_DIR}/man.cmake
		DEPENDS iommufd-model-cli ${CMAKE_CURRENT_LIST_DIR}/man.cmake
		VERBATIM)
	add_custom_target(iommufd-model-man ALL
		DEPENDS ${man}/iommufd-model.1)
	install(DIRECTORY ${man}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
		FILES_MATCHING PATTERN "*.1")
	install(FILES ${man}/iommufd-model.bash RENAME iommufd-model
		DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
	install(FILES ${man}/_iommufd-model
		DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()

# "./model run" builds only the program.
set(installed iommufd-model)
foreach(part static cli watch watched preload man)
	if(TARGET iommufd-model-${part})
		list(APPEND installed iommufd-model-${part})
	endif()
endforeach()
list(JOIN installed " " installed)
install(CODE "execute_process(
	COMMAND \"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\"
		--config \"\${CMAKE_INSTALL_CONFIG_NAME}\" --target ${installed}
	OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)")

install(TARGETS iommufd-model iommufd-model-static iommufd-model-kernel-names
	EXPORT iommufd-model
	FILE_SET HEADERS)

foreach(library watch watched)
	if(TARGET iommufd-model-${library})
		install(TARGETS iommufd-model-${library} EXPORT iommufd-model)
	endif()
endforeach()

if(TARGET iommufd-model-cli)	# linked with the static library
	install(TARGETS iommufd-model-cli)
endif()

if(TARGET iommufd-model-preload)
	install(TARGETS iommufd-model-preload
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/iommufd-model)
endif()

# find_package(iommufd-model)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/iommufd-model)
set(package_build_dir ${PROJECT_BINARY_DIR}/cmake)
configure_package_config_file(
	${CMAKE_CURRENT_LIST_DIR}/iommufd-model-config.cmake.in
	${package_build_dir}/iommufd-model-config.cmake
	INSTALL_DESTINATION ${package_dir}
	NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
	${package_build_dir}/iommufd-model-config-version.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES
	${package_build_dir}/iommufd-model-config.cmake
	${package_build_dir}/iommufd-model-config-version.cmake
	${CMAKE_CURRENT_LIST_DIR}/watch.cmake
	DESTINATION ${package_dir})
install(EXPORT iommufd-model
	FILE iommufd-model-targets.cmake
	NAMESPACE iommufd-model::
	DESTINATION ${package_dir})

# pkg-config.  The file finds the prefix from its own place, so that the tree
# can be moved, unless libdir lies outside the prefix and says nothing about it.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(pc_libdir ${CMAKE_INSTALL_LIBDIR})
set(pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
cmake_path(SET prefix NORMALIZE ${CMAKE_INSTALL_PREFIX})
foreach(dir IN ITEMS pc_libdir pc_includedir)
	cmake_path(IS_PREFIX prefix ${${dir}} NORMALIZE inside)
	if(inside)
		cmake_path(RELATIVE_PATH ${dir} BASE_DIRECTORY ${prefix})
	endif()
	cmake_path(IS_ABSOLUTE ${dir} ${dir}_outside)
	if(NOT ${dir}_outside)
		string(PREPEND ${dir} "\${prefix}/")
	endif()
endforeach()
if(pc_libdir_outside)
	set(pc_prefix ${prefix})
else()
	cmake_path(ABSOLUTE_PATH pc_dir BASE_DIRECTORY ${prefix}
		OUTPUT_VARIABLE pc_full_dir)
	cmake_path(RELATIVE_PATH prefix BASE_DIRECTORY ${pc_full_dir}
		OUTPUT_VARIABLE pc_prefix)
	string(PREPEND pc_prefix "\${pcfiledir}/")
endif()
iommufd_model_watch_cflags(gcc pc_watch_gcc)
iommufd_model_watch_cflags(clang pc_watch_clang)
configure_file(${CMAKE_CURRENT_LIST_DIR}/iommufd-model.pc.in
	${package_build_dir}/iommufd-model.pc @ONLY)
install(FILES ${package_build_dir}/iommufd-model.pc DESTINATION ${pc_dir})
