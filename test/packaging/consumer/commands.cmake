# For the scripts beside this one, which include it.

# run(<output> <command>...) accepts neither a failure nor a warning.
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

# run_program(<command>...) runs what was made of main.cpp or kit.cpp.
function(run_program)
  run(said ${ARGN})
  if(NOT said STREQUAL "ok\n")
    message(FATAL_ERROR "the program should print ok")
  endif()
endfunction()
