# Each public header says that it needs C++20 before anything else fails: what it
# includes first, or what that includes first, is the header that says so.
# cmake -DROOT=<repository> -DCOMPILER=<program> -P needs_cxx20.cmake
set(configuration toro/detail/config.hpp)

file(GLOB headers RELATIVE ${ROOT}/include
  ${ROOT}/include/*.hpp ${ROOT}/include/toro/*.hpp)
foreach(header IN LISTS headers)
  set(included ${header})
  while(included MATCHES "^toro" AND NOT included STREQUAL configuration)
    file(STRINGS ${ROOT}/include/${included} includes REGEX "^#include")
    list(GET includes 0 first)
    string(REGEX REPLACE "#include [<\"](.*)[>\"]" "\\1" included "${first}")
  endwhile()
  if(NOT included STREQUAL configuration)
    message(SEND_ERROR "${header}: ${included} comes before ${configuration}")
  endif()
endforeach()

execute_process(
  COMMAND ${COMPILER} -std=c++17 -fsyntax-only -Wfatal-errors
    -I${ROOT}/include -x c++ ${ROOT}/include/toro.hpp
  OUTPUT_QUIET ERROR_VARIABLE errors RESULT_VARIABLE result)
string(REGEX MATCH "error:[^\n]*" first "${errors}")
if(result EQUAL 0 OR NOT first MATCHES "toro needs C\\+\\+20")
  message(SEND_ERROR "toro.hpp: ${first}")
endif()
