# SPDX-License-Identifier: GPL-2.0-only OR MIT
# Which files of the tree are compiled, and which of its headers they find.

# Headers of the tree that are taken as they are, although this project has some
# of that name: what iommufd defines itself, and pure algorithms.
set(own_headers linux/args.h linux/generic_pt/common.h linux/generic_pt/iommu.h
	linux/interval_tree.h linux/interval_tree_generic.h linux/iommu.h
	linux/iommufd.h linux/iova_bitmap.h linux/maple_tree.h linux/rbtree.h
	linux/rbtree_augmented.h linux/rbtree_types.h uapi/linux/iommufd.h
	uapi/linux/vfio.h)

# iommufd_sources(RESULT CONFIGS): the sources that the Makefile of the tree's
# iommufd names, and the options of the configuration that it uses.  So a file
# that a patch adds to the Makefile is compiled without a change here.
function(iommufd_sources result configs)
	set(folder ${tree}/drivers/iommu/iommufd)
	file(READ ${folder}/Makefile text)
	string(REGEX REPLACE "#[^\n]*" "" text "${text}")
	string(REGEX MATCHALL "[A-Za-z0-9_-]+\\.o" objects "${text}")
	set(sources)
	foreach(object IN LISTS objects)
		string(REGEX REPLACE "\\.o$" ".c" source ${object})
		if(EXISTS ${folder}/${source})
			list(APPEND sources ${folder}/${source})
		endif()
	endforeach()
	list(REMOVE_DUPLICATES sources)
	string(REGEX MATCHALL "CONFIG_[A-Z0-9_]+" options "${text}")
	list(REMOVE_DUPLICATES options)
	list(TRANSFORM options APPEND =1)
	set(${result} ${sources} PARENT_SCOPE)
	set(${configs} ${options} PARENT_SCOPE)
endfunction()

# link_header(NAME): let the sources find the tree's own header
function(link_header name)
	set(from ${tree}/include/${name})
	if(NOT EXISTS ${from})
		set(from ${tree}/include/uapi/${name})
	endif()
	if(EXISTS ${from} AND NOT EXISTS ${include}/${name})
		get_filename_component(folder ${include}/${name} DIRECTORY)
		file(MAKE_DIRECTORY ${folder})
		file(CREATE_LINK ${from} ${include}/${name} SYMBOLIC)
	endif()
endfunction()

# included(RESULT FILE...): the headers that these files include by <NAME>, and
# the files that they include by "NAME"
function(included result)
	set(names)
	foreach(file IN LISTS ARGN)
		get_filename_component(folder ${file} DIRECTORY)
		file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
		foreach(line IN LISTS lines)
			if(line MATCHES "<([^>]+)>")
				list(APPEND names ${CMAKE_MATCH_1})
			elseif(line MATCHES "\"([^\"]+)\"")
				get_filename_component(name
					${folder}/${CMAKE_MATCH_1} ABSOLUTE)
				list(APPEND names ${name})
			endif()
		endforeach()
	endforeach()
	list(REMOVE_DUPLICATES names)
	set(${result} ${names} PARENT_SCOPE)
endfunction()

# link_headers(SOURCE...): link the tree's headers that were named above, and each
# header that the sources include and this project lacks.  So a new header of a
# pure algorithm is found; if a header needs more than this project offers, the
# compiler says what is missing.
function(link_headers)
	file(REMOVE_RECURSE ${include})
	foreach(name IN LISTS own_headers)
		link_header(${name})
	endforeach()
	set(seen)
	set(files ${ARGN})
	while(files)
		included(names ${files})
		set(files)
		foreach(name IN LISTS names)
			if(name IN_LIST seen)
				continue()
			endif()
			list(APPEND seen ${name})
			if(IS_ABSOLUTE ${name})
				set(file ${name})
			elseif(EXISTS ${ours}/${name} OR
			       EXISTS ${ground}/${name})
				set(file ${include}/${name})
			else()
				link_header(${name})
				set(file ${include}/${name})
			endif()
			if(EXISTS ${file})
				list(APPEND files ${file})
			endif()
		endforeach()
	endwhile()
endfunction()

# enumerators(RESULT PATTERN FILE...): the names that match PATTERN and stand at the
# beginning of a line with a comma behind them, in this order
function(enumerators result pattern)
	set(names)
	foreach(file IN LISTS ARGN)
		file(STRINGS ${file} lines
			REGEX "^[ \t]+${pattern}([ \t]*=[ \t]*[0-9]+)?,")
		foreach(line IN LISTS lines)
			string(REGEX MATCH "${pattern}" name "${line}")
			list(APPEND names ${name})
		endforeach()
	endforeach()
	list(REMOVE_DUPLICATES names)
	set(${result} ${names} PARENT_SCOPE)
endfunction()

# list_object_types(FILE): write a line TREE_TYPE(ENUMERATOR, "name", NUMBER) for
# each type of object that the tree has.  NUMBER is that of the model, or one
# that the model does not have.
function(list_object_types file)
	set(pattern "IOMMUFD_OBJ_[A-Z0-9_]+")
	enumerators(numbered ${pattern}
		${PROJECT_SOURCE_DIR}/include/iommufd_model/iommufd.h)
	enumerators(types ${pattern} ${tree}/include/linux/iommufd.h
		${tree}/drivers/iommu/iommufd/iommufd_private.h)
	list(APPEND numbered ${types})
	list(REMOVE_DUPLICATES numbered)
	set(text)
	foreach(type IN LISTS types)
		if(NOT type MATCHES "_(NONE|ANY|MAX)$")
			list(FIND numbered ${type} number)
			string(REPLACE IOMMUFD_OBJ_ "" name ${type})
			string(TOLOWER ${name} name)
			string(APPEND text
				"TREE_TYPE(${type}, \"${name}\", ${number})\n")
		endif()
	endforeach()
	file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
endfunction()
