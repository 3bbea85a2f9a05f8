# What rethrows a null exception does not compile, and the compiler says why:
# cmake -DCOMPILER=<program> -DFLAGS=<flags> -DINCLUDES=<a,b,...>
#   -P yield_exception.cmake
set(source ${CMAKE_CURRENT_LIST_DIR}/yield_exception.cpp)
string(REPLACE "," ";" includes "${INCLUDES}")
list(REMOVE_DUPLICATES includes)
# Why not /usr/include: g++ then does not find the headers of C.
list(REMOVE_ITEM includes "" /usr/include)
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
list(TRANSFORM includes PREPEND "-isystem")
# Why the accepted one: what fails must not fail for another reason.
foreach(definition IN ITEMS TORO_TEST_ACCEPTED TORO_TEST_JOIN
    TORO_TEST_DEADLINE TORO_TEST_FOR_EACH)
  execute_process(
    COMMAND ${COMPILER} ${flags} -std=c++20 -fsyntax-only -D${definition}
      ${includes} ${source}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(definition STREQUAL "TORO_TEST_ACCEPTED")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${COMPILER}: ${result}\n${output}")
    endif()
  elseif(result EQUAL 0)
    message(SEND_ERROR "${definition} compiles")
  elseif(NOT output MATCHES "use as_tuple.yield")
    message(SEND_ERROR "${definition} fails otherwise:\n${output}")
  endif()
endforeach()
