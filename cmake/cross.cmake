# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The toolchain file of the presets for another machine, which they name in
# IOMMUFD_MODEL_CROSS as Debian's compilers do: s390x-linux-gnu.  Its libraries
# are in build/sysroot/NAME, where `./model ci` unpacks Debian's packages, and its
# programs run under qemu-user.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IOMMUFD_MODEL_CROSS)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH top)
set(CMAKE_SYSROOT ${top}/build/sysroot/${IOMMUFD_MODEL_CROSS})
string(REGEX REPLACE "-.*" "" processor ${IOMMUFD_MODEL_CROSS})

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_C_COMPILER ${IOMMUFD_MODEL_CROSS}-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE ${IOMMUFD_MODEL_CROSS})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${processor};-L;${CMAKE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
	${CMAKE_SYSROOT}/usr/lib/${IOMMUFD_MODEL_CROSS}/pkgconfig)
