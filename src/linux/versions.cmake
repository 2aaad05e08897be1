# SPDX-License-Identifier: GPL-2.0-only OR MIT
# What differs between the versions of a kernel.
#
# Each difference is decided by what the tree has, and not by its number: a
# tree with backports, or a patch that moves a function, is then built right.
# In C a difference is a macro TREE_HAS_...

# tree_has(NAME FILE PATTERN): define TREE_HAS_NAME if a line of the tree's FILE
# matches PATTERN, for CMake and for the sources.
function(tree_has name file pattern)
	set(found)
	if(EXISTS ${tree}/${file})
		file(STRINGS ${tree}/${file} found LIMIT_COUNT 1 REGEX ${pattern})
	endif()
	if(found)
		set(TREE_HAS_${name} ON PARENT_SCOPE)
		set_property(GLOBAL APPEND PROPERTY tree_definitions
			TREE_HAS_${name})
	endif()
endfunction()

# Since 6.16 page tables have a descriptor of their own.  Before that, their
# functions are inline functions of the tree, and nothing here calls them.
tree_has(IOPTDESC drivers/iommu/iommu-pages.h "^struct ioptdesc")

# In some versions from 6.13 on, this function has the domain as an argument.
tree_has(DMA_OPS_DOMAIN drivers/iommu/dma-iommu.h
	"iommu_setup_dma_ops.*struct iommu_domain")

# The wait references have had this name since 6.17; stories use it.
tree_has(WAIT_CNT include/linux/iommufd.h "refcount_t wait_cnt;")

# Since 6.17 this flag has this name, and this function exists.
tree_has(REMOVE_WAIT drivers/iommu/iommufd/iommufd_private.h
	"REMOVE_WAIT[ \t]*=")
tree_has(TRY_INC_USERS drivers/iommu/iommufd/iommufd_private.h
	"iommufd_try_inc_users")

# Stories of hardware queues, vIOMMUs, mmap() and internal accesses need these.
tree_has(HW_QUEUE include/linux/iommufd.h "^struct iommufd_hw_queue {")

# list_lacking(FILE): write a line "PATTERN NAME" for each operation of the scenario
# language that this tree does not have: a line of a scenario that matches PATTERN
# needs NAME of the tree's uAPI, or of the mock's.  A struct of the mock that has
# fewer members is another one, which the tree refuses by its length.  The numbers
# of ioctls, for the operation "raw", are those of the model's uAPI.
function(list_lacking file)
	file(READ ${PROJECT_SOURCE_DIR}/src/scenario/ops.c table)
	file(READ ${tree}/include/uapi/linux/iommufd.h uapi)
	file(READ ${tree}/drivers/iommu/iommufd/iommufd_test.h mock)
	string(APPEND uapi "${mock}")
	file(READ ${PROJECT_SOURCE_DIR}/include/iommufd_model/uapi.h numbers)
	string(REGEX REPLACE "[][;]" "" table "${table}")
	string(REGEX REPLACE "[^A-Z](UAPI|TEST)\\(\"" ";" table "${table}")
	list(POP_FRONT table)
	set(text)
	foreach(entry IN LISTS table)
		if(NOT entry MATCHES "^([a-z_]+)\",[ \t\n]*(IOMMU_[A-Z_]+)")
			continue()
		endif()
		set(operation ${CMAKE_MATCH_1})
		set(name ${CMAKE_MATCH_2})
		if(NOT "${uapi}" MATCHES "[^A-Z_]${name}[^A-Z_]")
			string(APPEND text "${operation}\\> ${name}\n")
			string(REGEX REPLACE ^IOMMU_ IOMMUFD_CMD_ number
				${name})
			if("${numbers}" MATCHES "${number} = (0x[0-9a-f]+)")
				string(APPEND text
					"raw.${CMAKE_MATCH_1}\\> ${name}\n")
			endif()
			continue()
		endif()
		string(REGEX MATCHALL "DATA\\([a-z_]+,[ \t\n]*[a-z_]+" members
			"${entry}")
		foreach(member IN LISTS members)
			string(REGEX MATCH "([a-z_]+),[ \t\n]*([a-z_]+)" member
				"${member}")
			set(type ${CMAKE_MATCH_1})
			set(member ${CMAKE_MATCH_2})
			if(NOT "${uapi}" MATCHES
			   "struct ${type} {[^}]*[^a-z_]${member}[^a-z_]")
				string(APPEND text
					"${operation}.*type= ${type}.${member}\n")
			endif()
		endforeach()
	endforeach()
	file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
endfunction()
