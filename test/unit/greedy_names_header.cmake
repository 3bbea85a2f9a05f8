# The names that a user's namespace has in unit/greedy_names.cpp: all that the
# headers use, but those that Asio, Boost or the standard library look up by
# their arguments themselves.
set(toro_adl_names intrusive_ptr_add_ref intrusive_ptr_release execute query
  require prefer submit connect swap async_initiate)
list(JOIN toro_adl_names "," toro_adl_names)
set(toro_greedy_names ${CMAKE_CURRENT_BINARY_DIR}/greedy_names/greedy_names.hpp)
set(toro_greedy_names_from ${toro_headers})
list(TRANSFORM toro_greedy_names_from PREPEND ${PROJECT_SOURCE_DIR}/)
add_custom_command(OUTPUT ${toro_greedy_names}
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
    -DOUTPUT=${toro_greedy_names} -DEXCEPT=${toro_adl_names}
    -P ${CMAKE_CURRENT_LIST_DIR}/greedy_names.cmake
  DEPENDS ${toro_greedy_names_from} ${CMAKE_CURRENT_LIST_DIR}/greedy_names.cmake
  VERBATIM)
target_sources(toro_test_greedy_names PRIVATE ${toro_greedy_names})
target_include_directories(toro_test_greedy_names
  PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/greedy_names)
