# Proves that the variants of a file do not compile, each chosen by a
# definition, and that the compiler says why. The file compiles with
# TORO_TEST_ACCEPTED: the variants must not fail for another reason.
# cmake -DSOURCE=<file> -DREASON=<regular expression> -DVARIANTS=<a,b,...>
#   -DCOMPILER=<program> -DNAME=<GNU|Clang> -DFLAGS=<flags>
#   -DINCLUDES=<a,b,...> -P refused.cmake
include(${CMAKE_CURRENT_LIST_DIR}/compiler_arguments.cmake)
string(REPLACE "," ";" variants "${VARIANTS}")
list(APPEND flags -std=c++20 ${includes})

# Clang parses the headers once for all variants, unless these are definitions
# that the headers read.
set(precompiled "")
if(NAME STREQUAL "Clang" AND NOT VARIANTS MATCHES "BOOST_")
  cmake_path(GET SOURCE STEM stem)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/${stem}.hpp)
  file(STRINGS ${SOURCE} lines REGEX "^#include <")
  list(JOIN lines "\n" text)
  file(WRITE ${header} "${text}\n")
  execute_process(
    COMMAND ${COMPILER} ${flags} -x c++-header ${header} -o ${header}.pch
    COMMAND_ERROR_IS_FATAL ANY)
  set(precompiled -include-pch ${header}.pch)
endif()

foreach(definition IN ITEMS TORO_TEST_ACCEPTED LISTS variants)
  execute_process(
    COMMAND ${COMPILER} ${flags} -fsyntax-only -Wfatal-errors -D${definition}
      ${precompiled} ${SOURCE}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(definition STREQUAL "TORO_TEST_ACCEPTED")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${COMPILER}: ${result}\n${output}")
    endif()
  elseif(result EQUAL 0)
    message(SEND_ERROR "${definition} compiles")
  elseif(NOT output MATCHES "${REASON}")
    message(SEND_ERROR "${definition} fails otherwise:\n${output}")
  endif()
endforeach()
