# Proves that the variants of a file do not compile, each chosen by a
# definition, and that the compiler says why. The file compiles with
# TORO_TEST_ACCEPTED: the variants must not fail for another reason.
# cmake -DSOURCE=<file> -DREASON=<regular expression> -DVARIANTS=<a,b,...>
#   -DCOMPILER=<program> -DFLAGS=<flags> -DINCLUDES=<a,b,...> -P refused.cmake
include(${CMAKE_CURRENT_LIST_DIR}/compiler_arguments.cmake)
string(REPLACE "," ";" variants "${VARIANTS}")
foreach(definition IN ITEMS TORO_TEST_ACCEPTED LISTS variants)
  execute_process(
    COMMAND ${COMPILER} ${flags} -std=c++20 -fsyntax-only -Wfatal-errors
      -D${definition} ${includes} ${SOURCE}
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
