# Compiles discarded.cpp and compares the lines that the compiler warns of with
# those whose comments say so:
# cmake -DCOMPILER=<program> -DNAME=<GNU|Clang> -DFLAGS=<flags>
#   -DINCLUDES=<a,b,...> -P discarded.cmake
set(source ${CMAKE_CURRENT_LIST_DIR}/discarded.cpp)
include(${CMAKE_CURRENT_LIST_DIR}/compiler_arguments.cmake)
execute_process(
  COMMAND ${COMPILER} ${flags} -std=c++20 -fsyntax-only -Wall -Wextra
    ${includes} ${source}
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${COMPILER}: ${result}\n${output}")
endif()

string(REGEX MATCHALL
  "discarded\\.cpp:[0-9]+:[0-9]+: warning: [^\n]*-Wunused-result\\]"
  warnings "${output}")
list(TRANSFORM warnings REPLACE "^discarded\\.cpp:([0-9]+):.*" "\\1"
  OUTPUT_VARIABLE seen)
list(REMOVE_DUPLICATES seen)

set(mark "// warns$")
if(NAME STREQUAL "Clang")
  set(mark "// (Clang )?warns$")
endif()
file(STRINGS ${source} lines)
set(expected "")
set(number 0)
foreach(line IN LISTS lines)
  math(EXPR number "${number} + 1")
  if(line MATCHES "${mark}")
    list(APPEND expected ${number})
  endif()
endforeach()
if(NOT expected)
  message(FATAL_ERROR "${source} expects no warnings")
endif()

set(missing ${expected})
list(REMOVE_ITEM missing ${seen})
list(REMOVE_ITEM seen ${expected})
if(missing OR seen)
  message(FATAL_ERROR
    "no warning in line: ${missing}\nwarning in line: ${seen}\n${output}")
endif()
list(LENGTH expected count)
message(STATUS "${count} warnings, as expected")
