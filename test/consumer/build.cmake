# Configures, builds, and then installs or runs a project, and accepts no
# warning on the way:
# cmake -DTOOLCHAIN=<file> -DSOURCE=<dir> -DBINARY=<dir>
#       (-DINSTALL_TO=<dir> | -DRUN=<program>) -P build.cmake -- <option>...

function(run output)
  execute_process(COMMAND ${ARGN}
    OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE result)
  message(STATUS "${ARGN}\n${text}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "this command failed: ${result}")
  endif()
  if(text MATCHES "[Ww]arning")
    message(FATAL_ERROR "this command warned")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

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

# What an earlier run left would hide a missing rule.
file(REMOVE_RECURSE ${BINARY})
run(ignored ${CMAKE_COMMAND} -C ${TOOLCHAIN} -S ${SOURCE} -B ${BINARY} ${options})
run(ignored ${CMAKE_COMMAND} --build ${BINARY})
if(INSTALL_TO)
  file(REMOVE_RECURSE ${INSTALL_TO})
  run(ignored ${CMAKE_COMMAND} --install ${BINARY} --prefix ${INSTALL_TO})
else()
  run(said ${BINARY}/${RUN})
  if(NOT said STREQUAL "ok\n")
    message(FATAL_ERROR "the program should print ok")
  endif()
endif()
