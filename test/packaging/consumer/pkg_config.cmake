# Builds and runs a program with what pkg-config says of the library that lies
# under PREFIX, and without any build system:
# cmake -DTOOLCHAIN=<file> -DSOURCE=<file> -DBINARY=<dir> -DPREFIX=<dir>
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

# ask(<output> <option>...)
function(ask output)
  run(answer ${PKG_CONFIG} ${static} ${ARGN} toro)
  separate_arguments(answer UNIX_COMMAND "${answer}")
  set(${output} ${answer} PARENT_SCOPE)
endfunction()

ask(compile --cflags)
ask(link --libs)
ask(libdir --variable=libdir)

separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
set(compiler ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} ${flags})
file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY})
run(ignored ${compiler} -std=c++20 -Wall -Wextra -Wconversion -Wshadow
  ${compile} -c ${SOURCE} -o ${BINARY}/main.o)
run(ignored ${compiler} ${BINARY}/main.o -o ${BINARY}/program ${link})

if(NOT static)
  set(ENV{LD_LIBRARY_PATH} ${libdir})
endif()
run_program(${BINARY}/program)
