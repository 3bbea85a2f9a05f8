# Builds and runs programs with what pkg-config says of the library and of its
# test kit, which lie under PREFIX, and without any build system:
# cmake -DTOOLCHAIN=<file> -DSOURCE=<dir> -DBINARY=<dir> -DPREFIX=<dir>
#       -DPKG_CONFIG=<program> -DKIND=(static|shared) -P pkg_config.cmake
include(${CMAKE_CURRENT_LIST_DIR}/commands.cmake)
include(${TOOLCHAIN})

file(GLOB_RECURSE toro_pc ${PREFIX}/*/toro.pc)
cmake_path(GET toro_pc PARENT_PATH directory)
set(ENV{PKG_CONFIG_PATH} ${directory})

set(static)
if(KIND STREQUAL "static")
  set(static --static)
endif()

# ask(<output> <module> <option>...)
function(ask output module)
  run(answer ${PKG_CONFIG} ${static} ${ARGN} ${module})
  separate_arguments(answer UNIX_COMMAND "${answer}")
  set(${output} ${answer} PARENT_SCOPE)
endfunction()

ask(libdir toro --variable=libdir)
if(NOT static)
  set(ENV{LD_LIBRARY_PATH} ${libdir})
endif()

separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
set(compiler ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} ${flags})
file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY})

# build_and_run(<program> <module>)
function(build_and_run program module)
  ask(compile ${module} --cflags)
  ask(link ${module} --libs)
  run(ignored ${compiler} -std=c++20 -Wall -Wextra -Wconversion -Wshadow
    ${compile} -c ${SOURCE}/${program}.cpp -o ${BINARY}/${program}.o)
  run(ignored ${compiler} ${BINARY}/${program}.o -o ${BINARY}/${program} ${link})
  run_program(${BINARY}/${program})
endfunction()

build_and_run(main toro)
build_and_run(kit toro-testing)
