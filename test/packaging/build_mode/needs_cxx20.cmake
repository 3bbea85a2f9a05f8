# Each public header says that it needs C++20 before anything else fails:
# cmake -DROOT=<repository> -DCOMPILER=<program> -P needs_cxx20.cmake
file(GLOB headers RELATIVE ${ROOT}/include
  ${ROOT}/include/*.hpp ${ROOT}/include/toro/*.hpp)
foreach(header IN LISTS headers)
  execute_process(
    COMMAND ${COMPILER} -std=c++17 -fsyntax-only -Wfatal-errors
      -I${ROOT}/include -x c++ ${ROOT}/include/${header}
    OUTPUT_QUIET ERROR_VARIABLE errors RESULT_VARIABLE result)
  string(REGEX MATCH "error:[^\n]*" first "${errors}")
  if(result EQUAL 0 OR NOT first MATCHES "toro needs C\\+\\+20")
    message(SEND_ERROR "${header}: ${first}")
  endif()
endforeach()
