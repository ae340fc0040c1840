# Toolchain of the static binary for arm64: the compiler and the libraries that sysroot.sh put into build/static-arm64. Programs of the
# build itself (catalog_embed, libcurl's checks) are of arm64, too, and run under the emulator that the tests need anyway: one
# configuration, and what is compiled in was read by the code that reads it later.
get_filename_component(FOLDER ${CMAKE_CURRENT_LIST_DIR}/../../build/static-arm64 ABSOLUTE)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER ${FOLDER}/tools/aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER ${FOLDER}/tools/aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

set(CMAKE_FIND_ROOT_PATH ${FOLDER}/prefix ${FOLDER}/sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${FOLDER}/sysroot)
set(ENV{PKG_CONFIG_LIBDIR} ${FOLDER}/sysroot/usr/lib/aarch64-linux-gnu/pkgconfig)
