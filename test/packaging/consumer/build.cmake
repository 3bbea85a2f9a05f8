# Configures and builds a project, and then installs or runs what was built:
# cmake -DTOOLCHAIN=<file> -DSOURCE=<dir> -DBINARY=<dir>
#       [-DTARGET=<target>] [-DINSTALL_TO=<dir> | -DRUN=<program>]
#       -P build.cmake -- <option>...
include(${CMAKE_CURRENT_LIST_DIR}/commands.cmake)

set(options)
set(collect OFF)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(collect)
    list(APPEND options ${CMAKE_ARGV${i}})
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(collect ON)
  endif()
endforeach()
if(NOT TARGET)
  set(TARGET all)
endif()

# What an earlier run left would hide a missing rule.
file(REMOVE_RECURSE ${BINARY})
run(ignored ${CMAKE_COMMAND} -C ${TOOLCHAIN} -S ${SOURCE} -B ${BINARY} ${options})
run(ignored ${CMAKE_COMMAND} --build ${BINARY} --target ${TARGET})
if(INSTALL_TO)
  file(REMOVE_RECURSE ${INSTALL_TO})
  run(ignored ${CMAKE_COMMAND} --install ${BINARY} --prefix ${INSTALL_TO})
elseif(RUN)
  run_program(${BINARY}/${RUN})
endif()
