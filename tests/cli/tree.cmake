# SPDX-License-Identifier: GPL-2.0-only OR MIT
# cmake -D SOURCE=DIR -D WORK=DIR -P tree.cmake
#
# Tests what is read from a tree before it is compiled (src/linux/sources.cmake
# and versions.cmake).  The tree here is made up, so no kernel is needed.
cmake_minimum_required(VERSION 3.25)
set(PROJECT_SOURCE_DIR ${SOURCE})
set(tree ${WORK}/tree)
set(ours ${WORK}/ours)
set(ground ${WORK}/ground)
set(include ${WORK}/include)
file(REMOVE_RECURSE ${WORK})
include(${SOURCE}/src/linux/versions.cmake)
include(${SOURCE}/src/linux/sources.cmake)

# expect(WHAT GOT WANTED): fail unless they are equal
function(expect what got wanted)
	if(NOT "${got}" STREQUAL "${wanted}")
		message(SEND_ERROR "${what}: \"${got}\", not \"${wanted}\"")
	endif()
endfunction()

set(iommufd ${tree}/drivers/iommu/iommufd)
file(WRITE ${iommufd}/Makefile "# old.o is gone\niommufd-y := \\\n\tmain.o \\\n"
	"\tnew-type.o\n\nobj-$(CONFIG_NEW) += iommufd.o # or not\n")
file(WRITE ${iommufd}/old.c "")
file(WRITE ${iommufd}/main.c
	"#include <linux/known.h>\n# include <linux/pure.h>\n"
	"#include \"private.h\"\n#include <linux/nowhere.h>\n")
file(WRITE ${iommufd}/private.h "#include <linux/pure_more.h>\n"
	"enum iommufd_object_type {\n\tIOMMUFD_OBJ_NONE,\n"
	"\tIOMMUFD_OBJ_ANY = IOMMUFD_OBJ_NONE,\n\tIOMMUFD_OBJ_IOAS,\n"
	"\tIOMMUFD_OBJ_DEVICE,\n\tIOMMUFD_OBJ_NEW_TYPE,\n\tIOMMUFD_OBJ_MAX,\n};\n")
file(COPY_FILE ${iommufd}/private.h ${iommufd}/iommufd_private.h)
file(WRITE ${iommufd}/new-type.c "")
file(WRITE ${tree}/include/linux/pure.h "#include <linux/uapi_only.h>\n")
file(WRITE ${tree}/include/linux/pure_more.h "")
file(WRITE ${tree}/include/linux/known.h "#include <linux/not_needed.h>\n")
file(WRITE ${tree}/include/linux/not_needed.h "")
file(WRITE ${tree}/include/linux/rbtree.h "")
file(WRITE ${tree}/include/linux/iommufd.h "")
file(WRITE ${tree}/include/uapi/linux/uapi_only.h "")
file(WRITE ${ours}/linux/known.h "")
file(WRITE ${ground}/linux/rbtree.h "")

# The files that the Makefile names are compiled, and their options are on.
iommufd_sources(sources configs)
expect(sources "${sources}" "${iommufd}/main.c;${iommufd}/new-type.c")
expect(configs "${configs}" "CONFIG_NEW=1")

# Headers of the tree are used if this project has none, or if they are listed.
link_headers(${sources})
file(GLOB_RECURSE headers RELATIVE ${include} ${include}/*)
list(SORT headers)
expect(headers "${headers}" "linux/iommufd.h;linux/pure.h;\
linux/pure_more.h;linux/rbtree.h;linux/uapi_only.h")

# Types that the model has get their numbers, and other types get other numbers.
list_object_types(${WORK}/types)
file(STRINGS ${WORK}/types types)
expect(types "${types}" "TREE_TYPE(IOMMUFD_OBJ_IOAS, \"ioas\", 4);\
TREE_TYPE(IOMMUFD_OBJ_DEVICE, \"device\", 1);\
TREE_TYPE(IOMMUFD_OBJ_NEW_TYPE, \"new_type\", 13)")

# Operations of the language that this tree lacks.
file(READ ${SOURCE}/include/iommufd_model/uapi.h uapi)
file(READ ${SOURCE}/include/iommufd_model/iommufd_test.h mock)
file(WRITE ${tree}/include/uapi/linux/iommufd.h "${uapi}")
file(WRITE ${iommufd}/iommufd_test.h "${mock}")
list_lacking(${WORK}/lacking)
file(READ ${WORK}/lacking lacking)
expect("nothing is lacking" "${lacking}" "")
string(REPLACE IOMMU_VDEVICE_ALLOC IOMMU_XDEVICE_ALLOC uapi "${uapi}")
string(REPLACE pagetable_type page_type mock "${mock}")
string(REPLACE IOMMU_TEST_OP_TRIGGER_VEVENT IOMMU_TEST_OP_X mock "${mock}")
file(WRITE ${tree}/include/uapi/linux/iommufd.h "${uapi}")
file(WRITE ${iommufd}/iommufd_test.h "${mock}")
list_lacking(${WORK}/lacking)
file(STRINGS ${WORK}/lacking lacking)
expect(lacking "${lacking}" "hwpt_alloc.*type= iommu_hwpt_selftest.pagetable_type;\
vdevice_alloc\\> IOMMU_VDEVICE_ALLOC;raw.0x91\\> IOMMU_VDEVICE_ALLOC;\
trigger_vevent\\> IOMMU_TEST_OP_TRIGGER_VEVENT")

# A line of a file decides about a difference.
file(WRITE ${tree}/some.h "int f(int a);\n")
tree_has(YES some.h "f\\(int")
tree_has(NO some.h "f\\(void")
tree_has(NOT_THERE other.h "f")
get_property(definitions GLOBAL PROPERTY tree_definitions)
list(FILTER definitions INCLUDE REGEX "YES|NO")
expect(definitions "${definitions}" "TREE_HAS_YES")
if(NOT TREE_HAS_YES OR TREE_HAS_NO OR TREE_HAS_NOT_THERE)
	message(SEND_ERROR "tree_has() is wrong")
endif()
